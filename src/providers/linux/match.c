/*
 * Asking a request's condition before a row is made; see match.h.
 */
#include "providers/linux/match.h"

#include <stdlib.h>
#include <strings.h>

int64_t linux_point_count(const struct provider_request *q, unsigned column)
{
    const struct cim_value *values;
    uint32_t count;
    return provider_points(q, column, &values, &count) ? (int64_t)count : -1;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text > 0x7f) {
            return false;
        }
    }
    return true;
}

bool linux_may_be_string(const struct provider_request *q, unsigned column, const char *value)
{
    int64_t count = linux_point_count(q, column);
    /* Conditions fold the case of all of Unicode: we leave what is not ASCII to them. */
    bool may = count < 0 || !is_ascii(value);
    for (int64_t i = 0; i < count && !may; i++) {
        char *point = provider_point_string(q, column, (uint32_t)i);
        may = point && (!is_ascii(point) || strcasecmp(point, value) == 0);
        free(point);
    }
    return may;
}

bool linux_may_be_uint(const struct provider_request *q, unsigned column, uint64_t value)
{
    int64_t count = linux_point_count(q, column);
    bool may = count < 0;
    for (int64_t i = 0; i < count && !may; i++) {
        uint64_t point;
        may = provider_point_uint(q, column, (uint32_t)i, &point) && point == value;
    }
    return may;
}
