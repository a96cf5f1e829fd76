/* Event objects: their time, their embedded objects, their size in a queue. */
#include <string.h>
#include <time.h>

#include "events/events_private.h"

/* From 1601-01-01 to 1970-01-01, in 100 ns. */
#define UNIX_EPOCH UINT64_C(116444736000000000)

static uint64_t real_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return UNIX_EPOCH + (uint64_t)t.tv_sec * 10000000 + (uint64_t)t.tv_nsec / 100;
}

uint64_t event_time_now(void)
{
    return real_time();
}

uint64_t event_time_of(int64_t monotonic)
{
    int64_t ago = reactor_now() - monotonic;
    return ago > 0 ? real_time() - (uint64_t)ago / 100 : real_time();
}

size_t event_size(IWbemClassObject *object)
{
    const uint8_t *bytes;
    uint32_t size;
    return SUCCEEDED(object_encoding(object, &bytes, &size)) ? size : 256;
}

HRESULT event_set_uint(struct row *r, const wchar_t *name, uint64_t v)
{
    uint32_t ordinal;
    return FAILED(schema_find(row_schema(r), name, &ordinal)) ? WBEM_S_NO_ERROR
                                                              : row_set_uint(r, ordinal, v);
}

HRESULT event_set_object(struct row *r, const wchar_t *name, IWbemClassObject *v)
{
    uint32_t ordinal;
    if (FAILED(schema_find(row_schema(r), name, &ordinal))) {
        return WBEM_S_NO_ERROR;
    }
    struct cim_value value = {.type = CIM_OBJECT};
    HRESULT hr = object_encoding(v, &value.object.bytes, &value.object.size);
    return FAILED(hr) ? hr : row_set_value(r, ordinal, &value);
}

HRESULT event_row(struct repository_namespace *n, const wchar_t *class_name, struct row **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *schema;
    struct row *r = NULL;
    HRESULT hr = repository_get_class(n, class_name, false, &cls);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &schema);
    }
    if (SUCCEEDED(hr)) {
        hr = row_create(schema, &r);
    }
    if (SUCCEEDED(hr)) {
        hr = event_set_uint(r, L"TIME_CREATED", event_time_now());
    }
    if (FAILED(hr)) {
        row_destroy(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

HRESULT event_encode(struct row *r, struct repository_namespace *n, IWbemClassObject **ret)
{
    return row_encode(r, row_schema(r), NULL, repository_namespace_decoration(n), ret);
}

HRESULT event_with_time(IWbemClassObject *event, IWbemClassObject **ret)
{
    struct schema *s;
    uint32_t ordinal;
    struct cim_value v;
    HRESULT hr = schema_of(event, &s);
    if (FAILED(hr)) {
        return hr;
    }
    if (FAILED(schema_find(s, L"TIME_CREATED", &ordinal)) ||
        FAILED(object_get_value(event, ordinal, &v)) || !v.null) {
        IWbemClassObject_AddRef(event);
        *ret = event;
        return WBEM_S_NO_ERROR;
    }
    struct row *r = NULL;
    hr = row_create(s, &r);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < schema_property_count(s); i++) {
        hr = object_get_value(event, i, &v);
        if (SUCCEEDED(hr)) {
            hr = row_set_value(r, i, &v);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = row_set_uint(r, ordinal, event_time_now());
    }
    if (SUCCEEDED(hr)) {
        hr = row_encode(r, s, NULL, NULL, ret);
    }
    row_destroy(r);
    return hr;
}
