/*
 * __SystemSecurity: the security descriptor of the namespace it is in, read,
 * set and asked for the caller's rights ([WmiSdk] "__SystemSecurity class").
 */
#include <stdlib.h>

#include "com/com.h"
#include "object/bytes.h"
#include "providers/method.h"
#include "providers/provider.h"
#include "services/access.h"
#include "services/services_private.h"

static HRESULT require(struct provider_call *c, uint32_t right)
{
    return c->rights & right ? WBEM_S_NO_ERROR : access_refuse(c->name_space, right, "ExecMethod");
}

static HRESULT put_bytes(struct provider_call *c, const wchar_t *name, const uint8_t *bytes,
                         uint32_t size)
{
    uint32_t ordinal;
    CLEANUP(com_cleanup_free) uint64_t *values = calloc(size + 1, sizeof(*values));
    if (!values) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < size; i++) {
        values[i] = bytes[i];
    }
    HRESULT hr = schema_find(row_schema(c->out), name, &ordinal);
    return SUCCEEDED(hr) ? row_set_uint_array(c->out, ordinal, values, size) : hr;
}

static HRESULT get_sd(struct provider_call *c)
{
    struct descriptor d;
    uint32_t size;
    HRESULT hr = require(c, SECURITY_READ_CONTROL);
    if (SUCCEEDED(hr)) {
        hr = access_descriptor(c->name_space, &d);
    }
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    hr = descriptor_write(&d, &bytes, &size);
    descriptor_done(&d);
    if (SUCCEEDED(hr)) {
        hr = put_bytes(c, L"SD", bytes, size);
    }
    return SUCCEEDED(hr) ? method_return(c, WBEM_S_NO_ERROR) : hr;
}

static HRESULT set(struct provider_call *c, struct descriptor *d)
{
    HRESULT hr = access_set_descriptor(c->name_space, d);
    descriptor_done(d);
    return SUCCEEDED(hr) ? method_return(c, WBEM_S_NO_ERROR) : hr;
}

static HRESULT set_sd(struct provider_call *c)
{
    VARIANT v;
    struct descriptor d;
    void *bytes;
    VariantInit(&v);
    HRESULT hr = require(c, SECURITY_WRITE_DAC);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Get(c->in, L"SD", 0, &v, NULL, NULL);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (V_VT(&v) != (VT_UI1 | VT_ARRAY) || FAILED(SafeArrayAccessData(V_ARRAY(&v), &bytes))) {
        VariantClear(&v);
        return error_raise(WBEM_E_INVALID_METHOD_PARAMETERS, "ExecMethod", "SD",
                           "the parameter must not be null");
    }
    hr = descriptor_read(bytes, V_ARRAY(&v)->rgsabound[0].cElements, &d);
    SafeArrayUnaccessData(V_ARRAY(&v));
    VariantClear(&v);
    return SUCCEEDED(hr) ? set(c, &d) : hr;
}

static HRESULT get_security_descriptor(struct provider_call *c)
{
    struct descriptor d;
    uint32_t ordinal;
    struct cim_value value = {.type = CIM_OBJECT};
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    HRESULT hr = require(c, SECURITY_READ_CONTROL);
    if (SUCCEEDED(hr)) {
        hr = access_descriptor(c->name_space, &d);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = descriptor_to_object(c->name_space, &d, &object);
    descriptor_done(&d);
    if (SUCCEEDED(hr)) {
        hr = object_encoding(object, &value.object.bytes, &value.object.size);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_find(row_schema(c->out), L"Descriptor", &ordinal);
    }
    if (SUCCEEDED(hr)) {
        hr = row_set_value(c->out, ordinal, &value);
    }
    return SUCCEEDED(hr) ? method_return(c, WBEM_S_NO_ERROR) : hr;
}

static HRESULT set_security_descriptor(struct provider_call *c)
{
    struct descriptor d;
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    HRESULT hr = require(c, SECURITY_WRITE_DAC);
    if (SUCCEEDED(hr)) {
        hr = method_get_object(c->in, L"Descriptor", &object);
    }
    if (hr == WBEM_S_FALSE) {
        hr = error_raise(WBEM_E_INVALID_METHOD_PARAMETERS, "ExecMethod", "Descriptor",
                         "the parameter must not be null");
    }
    if (SUCCEEDED(hr)) {
        hr = descriptor_from_object(object, &d);
    }
    return SUCCEEDED(hr) ? set(c, &d) : hr;
}

static HRESULT get_caller_access_rights(struct provider_call *c)
{
    method_set_uint(c, L"Rights", c->rights);
    return method_return(c, WBEM_S_NO_ERROR);
}

static const struct provider_method methods[] = {
    {"GetCallerAccessRights", get_caller_access_rights}, {"GetSD", get_sd},
    {"GetSecurityDescriptor", get_security_descriptor},  {"SetSD", set_sd},
    {"SetSecurityDescriptor", set_security_descriptor},  {NULL, NULL},
};

/* ---- the one instance, which has no properties ------------------------------------ */

static HRESULT open_single(const struct provider_request *q, void **ret_cursor)
{
    bool *left = malloc(sizeof(*left));
    (void)q;
    if (!left) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *left = true;
    *ret_cursor = left;
    return WBEM_S_NO_ERROR;
}

static HRESULT next_single(void *cursor, struct provider_row *row)
{
    bool *left = cursor;
    (void)row;
    HRESULT hr = *left ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
    *left = false;
    return hr;
}

static const char *const columns[] = {NULL};

const struct provider_class system_security_class = {
    .name = "__SystemSecurity",
    .columns = columns,
    .open = open_single,
    .next = next_single,
    .close = free,
    .methods = methods,
};

const struct provider_class *services_find_class(const wchar_t *class_name)
{
    return provider_is_named(system_security_class.name, class_name) ? &system_security_class
                                                                     : NULL;
}
