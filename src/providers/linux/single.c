/*
 * The cursor of a class that has one instance.
 */
#include <stdlib.h>

#include "providers/linux/linux.h"

struct linux_single {
    const struct provider_request *request; /* NULL once taken */
};

HRESULT linux_single_open(const struct provider_request *q, void **ret_cursor)
{
    struct linux_single *s = malloc(sizeof *s);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->request = q;
    *ret_cursor = s;
    return WBEM_S_NO_ERROR;
}

void linux_single_close(void *cursor)
{
    free(cursor);
}

const struct provider_request *linux_single_take(void *cursor)
{
    struct linux_single *s = cursor;
    const struct provider_request *q = s->request;
    s->request = NULL;
    return q;
}
