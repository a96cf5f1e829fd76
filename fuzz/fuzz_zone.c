/*
 * Rules of time zones: what is accepted has sensible numbers, and refusing
 * leaves the result alone.
 */
#include "fuzz.h"

#include "providers/linux/zone.h"

#include <string.h>

static void check_change(const struct zone_change *c)
{
    FUZZ_ASSERT(c->month <= 12 && c->week <= 5 && c->day_of_week <= 6);
    FUZZ_ASSERT((c->month == 0) == (c->week == 0));
    FUZZ_ASSERT(c->seconds > -200 * 3600 && c->seconds < 200 * 3600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *rule = malloc(size + 1);
    if (!rule) {
        return 0;
    }
    memcpy(rule, data, size);
    rule[size] = '\0';

    struct zone zone, untouched;
    memset(&zone, 0x5a, sizeof zone);
    zone.id[sizeof zone.id - 1] = '\0';
    untouched = zone;
    if (zone_parse(rule, &zone)) {
        FUZZ_ASSERT(strlen(zone.standard) >= 3);
        FUZZ_ASSERT(zone.has_daylight == (zone.daylight[0] != '\0'));
        if (zone.has_daylight) {
            check_change(&zone.to_daylight);
            check_change(&zone.to_standard);
        }
    } else {
        FUZZ_ASSERT(memcmp(&zone, &untouched, sizeof zone) == 0);
    }
    free(rule);
    return 0;
}
