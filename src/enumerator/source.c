/*
 * The simple sources: nothing, an array of objects, one source after another.
 */
#include "enumerator/enumerator_private.h"

#include <stdlib.h>

static BOOL always_prompt(struct source *s)
{
    return TRUE;
}

/* ---- an array ------------------------------------------------------------ */

struct array_source {
    struct source source;
    ULONG given, count;
    IWbemClassObject *objects[];
};

static HRESULT array_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct array_source *a = COM_CONTAINER(s, struct array_source, source);
    ULONG n = a->count - a->given < demand ? a->count - a->given : demand;
    IWbemClassObject **first = a->objects + a->given;
    a->given += n;
    HRESULT hr = result_set_put_many(out, first, n);
    if (FAILED(hr)) {
        return hr;
    }
    return a->given == a->count ? WBEM_S_FALSE : WBEM_S_NO_ERROR;
}

static void array_destroy(struct source *s)
{
    struct array_source *a = COM_CONTAINER(s, struct array_source, source);
    for (ULONG i = a->given; i < a->count; i++) {
        IWbemClassObject_Release(a->objects[i]);
    }
    free(a);
}

static const struct source_ops array_ops = {
    .pull = array_pull, .destroy = array_destroy, .is_prompt = always_prompt};

HRESULT source_from_objects(IWbemClassObject **objects, ULONG count, struct source **ret)
{
    struct array_source *a = malloc(sizeof(*a) + count * sizeof(*objects));
    if (!a) {
        for (ULONG i = 0; i < count; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    a->source.ops = &array_ops;
    a->given = 0;
    a->count = count;
    for (ULONG i = 0; i < count; i++) {
        a->objects[i] = objects[i];
    }
    *ret = &a->source;
    return WBEM_S_NO_ERROR;
}

HRESULT source_empty(struct source **ret)
{
    return source_from_objects(NULL, 0, ret);
}

/* ---- one after another ------------------------------------------------------ */

struct concat_source {
    struct source source;
    ULONG at, count;
    struct source *parts[]; /* all live as long as this: cancel may come at any time */
};

static HRESULT concat_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct concat_source *c = COM_CONTAINER(s, struct concat_source, source);
    if (c->at < c->count) {
        HRESULT hr = c->parts[c->at]->ops->pull(c->parts[c->at], demand, out);
        if (hr != WBEM_S_FALSE) {
            return hr;
        }
        c->at++;
    }
    /* How much the part has given is not known here, so the next has to be asked for. */
    return c->at == c->count ? WBEM_S_FALSE : WBEM_S_NO_ERROR;
}

static void concat_cancel(struct source *s)
{
    struct concat_source *c = COM_CONTAINER(s, struct concat_source, source);
    for (ULONG i = 0; i < c->count; i++) {
        if (c->parts[i]->ops->cancel) {
            c->parts[i]->ops->cancel(c->parts[i]);
        }
    }
}

static void concat_destroy(struct source *s)
{
    struct concat_source *c = COM_CONTAINER(s, struct concat_source, source);
    for (ULONG i = 0; i < c->count; i++) {
        source_destroy(c->parts[i]);
    }
    free(c);
}

static BOOL concat_is_prompt(struct source *s)
{
    struct concat_source *c = COM_CONTAINER(s, struct concat_source, source);
    for (ULONG i = 0; i < c->count; i++) {
        const struct source_ops *ops = c->parts[i]->ops;
        if (!ops->is_prompt || !ops->is_prompt(c->parts[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

static const struct source_ops concat_ops = {.pull = concat_pull,
                                             .cancel = concat_cancel,
                                             .destroy = concat_destroy,
                                             .is_prompt = concat_is_prompt};

HRESULT source_concat(struct source **sources, ULONG count, struct source **ret)
{
    struct concat_source *c = malloc(sizeof(*c) + count * sizeof(*sources));
    if (!c) {
        for (ULONG i = 0; i < count; i++) {
            source_destroy(sources[i]);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->source.ops = &concat_ops;
    c->at = 0;
    c->count = count;
    for (ULONG i = 0; i < count; i++) {
        c->parts[i] = sources[i];
    }
    *ret = &c->source;
    return WBEM_S_NO_ERROR;
}
