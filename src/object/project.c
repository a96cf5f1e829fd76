/* What queries need of classes beyond their schema: ancestry, and reduced classes and instances. */
#include "object/object_private.h"

#include <stdlib.h>

const wchar_t *schema_ancestor(const struct schema *s, uint32_t i)
{
    return i < s->ancestor_count ? s->ancestors[i] : NULL;
}

HRESULT object_project_class(IWbemClassObject *cls, const bool *wanted, IWbemClassObject **ret)
{
    struct schema *whole;
    struct schema *reduced = NULL;
    struct object *o = NULL;
    HRESULT hr = schema_of(cls, &whole);
    if (SUCCEEDED(hr)) {
        hr = schema_project(whole, wanted, &reduced, NULL);
    }
    if (SUCCEEDED(hr)) {
        hr = object_class_from_schema(reduced, object_of(cls)->where, &o);
    }
    schema_unref(reduced);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = &o->iface;
    return WBEM_S_NO_ERROR;
}

HRESULT object_instance_bytes(IWbemClassObject *instance, const uint8_t **ret, uint32_t *ret_size)
{
    struct object *o = object_of(instance);
    if (o->is_class) {
        return WBEM_E_INVALID_OBJECT;
    }
    HRESULT hr = instance_flush(o);
    if (SUCCEEDED(hr)) {
        *ret = o->part;
        *ret_size = o->part_size;
    }
    return hr;
}
