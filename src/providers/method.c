/*
 * Methods of built-in classes: values from objects, answers into a row; see
 * method.h.
 */
#include "providers/method.h"

#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "providers/provider.h"

/* ---- reading -------------------------------------------------------------------- */

static bool find(IWbemClassObject *from, const wchar_t *name, struct cim_value *ret)
{
    return from && object_find_value(from, name, ret);
}

static bool is_signed(CIMTYPE type)
{
    return type == CIM_SINT8 || type == CIM_SINT16 || type == CIM_SINT32 || type == CIM_SINT64 ||
           type == CIM_CHAR16;
}

static bool is_unsigned(CIMTYPE type)
{
    return type == CIM_UINT8 || type == CIM_UINT16 || type == CIM_UINT32 || type == CIM_UINT64;
}

static bool is_text(CIMTYPE type)
{
    return type == CIM_STRING || type == CIM_DATETIME || type == CIM_REFERENCE;
}

bool method_get_uint(IWbemClassObject *from, const wchar_t *name, uint64_t *ret)
{
    struct cim_value v;
    if (!find(from, name, &v) || (is_signed(v.type) && v.sint < 0)) {
        return false;
    }
    *ret = is_signed(v.type) ? (uint64_t)v.sint : v.uint;
    return is_signed(v.type) || is_unsigned(v.type);
}

bool method_get_sint(IWbemClassObject *from, const wchar_t *name, int64_t *ret)
{
    struct cim_value v;
    if (!find(from, name, &v) || (is_unsigned(v.type) && v.uint > INT64_MAX)) {
        return false;
    }
    *ret = is_unsigned(v.type) ? (int64_t)v.uint : v.sint;
    return is_signed(v.type) || is_unsigned(v.type);
}

bool method_get_bool(IWbemClassObject *from, const wchar_t *name, bool *ret)
{
    struct cim_value v;
    if (!find(from, name, &v) || v.type != CIM_BOOLEAN) {
        return false;
    }
    *ret = v.sint != 0;
    return true;
}

char *method_get_string(IWbemClassObject *from, const wchar_t *name)
{
    struct cim_value v;
    return find(from, name, &v) && is_text(v.type) ? provider_utf8(&v.string) : NULL;
}

void method_strings_free(char **list)
{
    for (char **p = list; p && *p; p++) {
        free(*p);
    }
    free(list);
}

HRESULT method_get_strings(IWbemClassObject *from, const wchar_t *name, char ***ret)
{
    struct cim_value v;
    if (!find(from, name, &v) || v.type != (CIM_STRING | CIM_FLAG_ARRAY)) {
        return WBEM_S_FALSE;
    }
    char **list = calloc((size_t)v.array.count + 1, sizeof *list);
    HRESULT hr = list ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < v.array.count && SUCCEEDED(hr); i++) {
        struct cim_value item;
        hr = cim_array_get(&v, i, &item);
        if (SUCCEEDED(hr)) {
            list[i] = item.null ? strdup("") : provider_utf8(&item.string);
            hr = list[i] ? hr : WBEM_E_OUT_OF_MEMORY;
        }
    }
    if (FAILED(hr)) {
        method_strings_free(list);
        return hr;
    }
    *ret = list;
    return WBEM_S_NO_ERROR;
}

HRESULT method_get_object(IWbemClassObject *from, const wchar_t *name, IWbemClassObject **ret)
{
    struct cim_value v;
    if (!find(from, name, &v) || v.type != CIM_OBJECT) {
        return WBEM_S_FALSE;
    }
    return object_decode(v.object.bytes, v.object.size, ret);
}

/* ---- answering --------------------------------------------------------------------- */

static bool out_ordinal(struct provider_call *c, const wchar_t *name, uint32_t *ret)
{
    if (!c->out) {
        return false;
    }
    HRESULT hr = schema_find(row_schema(c->out), name, ret);
    if (FAILED(hr) && SUCCEEDED(c->failure)) {
        c->failure = hr;
    }
    return SUCCEEDED(hr);
}

#define SET(call)                                                                                  \
    do {                                                                                           \
        uint32_t at;                                                                               \
        HRESULT hr = out_ordinal(c, name, &at) ? (call) : WBEM_S_NO_ERROR;                         \
        if (FAILED(hr) && SUCCEEDED(c->failure)) {                                                 \
            c->failure = hr;                                                                       \
        }                                                                                          \
    } while (0)

void method_set_uint(struct provider_call *c, const wchar_t *name, uint64_t v)
{
    SET(row_set_uint(c->out, at, v));
}

void method_set_sint(struct provider_call *c, const wchar_t *name, int64_t v)
{
    SET(row_set_sint(c->out, at, v));
}

void method_set_bool(struct provider_call *c, const wchar_t *name, bool v)
{
    SET(row_set_bool(c->out, at, v));
}

void method_set_string(struct provider_call *c, const wchar_t *name, const char *utf8)
{
    SET(utf8 ? row_set_string(c->out, at, utf8) : row_set_null(c->out, at));
}

HRESULT method_return(struct provider_call *c, uint32_t code)
{
    method_set_uint(c, L"ReturnValue", code);
    return WBEM_S_NO_ERROR;
}

/* ---- running ------------------------------------------------------------------------ */

const struct provider_method *provider_find_method(const struct provider_class *p,
                                                   const wchar_t *name)
{
    for (const struct provider_method *m = p->methods; m && m->name; m++) {
        if (provider_is_named(m->name, name)) {
            return m;
        }
    }
    return NULL;
}

HRESULT provider_run_method(const struct provider_method *m, struct provider_call *c,
                            IWbemClassObject *out_class, struct decoration *where,
                            IWbemClassObject **ret_out)
{
    struct schema *s = NULL;
    HRESULT hr = out_class ? schema_of(out_class, &s) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr) && s) {
        hr = row_create(s, &c->out);
    }
    if (SUCCEEDED(hr)) {
        hr = m->run(c);
    }
    if (SUCCEEDED(hr) && FAILED(c->failure)) {
        hr = error_raise(c->failure, "ExecMethod", m->name,
                         "the method gave a value that its signature can't hold");
    }
    if (SUCCEEDED(hr) && c->out) {
        hr = row_encode(c->out, s, NULL, where, ret_out);
    }
    row_destroy(c->out);
    c->out = NULL;
    return hr;
}
