/*
 * IWbemObjectAccess (wbemcli nn-wbemcli-iwbemobjectaccess): properties by handle.
 * The methods of IWbemClassObject in it are handed on to the object's other face.
 *
 * A handle is the property's ordinal and its CIM type, so that one of another
 * class is mostly recognised. Lock and Unlock guard nothing else here than what
 * callers agree on; they are one recursive mutex for all objects, since programs
 * hold it for the length of a few reads.
 */
#include "object/object_private.h"

#include <pthread.h>

/* ---- handed on ---------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE pass_get_qualifier_set(IWbemObjectAccess *iface,
                                                        IWbemQualifierSet **a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetQualifierSet(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_get(IWbemObjectAccess *iface, LPCWSTR a, LONG b, VARIANT *c,
                                          CIMTYPE *d, LONG *e)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->Get(o, a, b, c, d, e);
}

static HRESULT STDMETHODCALLTYPE pass_put(IWbemObjectAccess *iface, LPCWSTR a, LONG b, VARIANT *c,
                                          CIMTYPE d)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->Put(o, a, b, c, d);
}

static HRESULT STDMETHODCALLTYPE pass_delete(IWbemObjectAccess *iface, LPCWSTR a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->Delete(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_get_names(IWbemObjectAccess *iface, LPCWSTR a, LONG b,
                                                VARIANT *c, SAFEARRAY **d)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetNames(o, a, b, c, d);
}

static HRESULT STDMETHODCALLTYPE pass_begin_enumeration(IWbemObjectAccess *iface, LONG a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->BeginEnumeration(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_next(IWbemObjectAccess *iface, LONG a, BSTR *b, VARIANT *c,
                                           CIMTYPE *d, LONG *e)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->Next(o, a, b, c, d, e);
}

static HRESULT STDMETHODCALLTYPE pass_end_enumeration(IWbemObjectAccess *iface)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->EndEnumeration(o);
}

static HRESULT STDMETHODCALLTYPE pass_get_property_qualifier_set(IWbemObjectAccess *iface,
                                                                 LPCWSTR a, IWbemQualifierSet **b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetPropertyQualifierSet(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_clone(IWbemObjectAccess *iface, IWbemClassObject **a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->Clone(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_get_object_text(IWbemObjectAccess *iface, LONG a, BSTR *b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetObjectText(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_spawn_derived_class(IWbemObjectAccess *iface, LONG a,
                                                          IWbemClassObject **b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->SpawnDerivedClass(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_spawn_instance(IWbemObjectAccess *iface, LONG a,
                                                     IWbemClassObject **b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->SpawnInstance(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_compare_to(IWbemObjectAccess *iface, LONG a,
                                                 IWbemClassObject *b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->CompareTo(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_get_property_origin(IWbemObjectAccess *iface, LPCWSTR a,
                                                          BSTR *b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetPropertyOrigin(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_inherits_from(IWbemObjectAccess *iface, LPCWSTR a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->InheritsFrom(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_get_method(IWbemObjectAccess *iface, LPCWSTR a, LONG b,
                                                 IWbemClassObject **c, IWbemClassObject **d)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetMethod(o, a, b, c, d);
}

static HRESULT STDMETHODCALLTYPE pass_put_method(IWbemObjectAccess *iface, LPCWSTR a, LONG b,
                                                 IWbemClassObject *c, IWbemClassObject *d)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->PutMethod(o, a, b, c, d);
}

static HRESULT STDMETHODCALLTYPE pass_delete_method(IWbemObjectAccess *iface, LPCWSTR a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->DeleteMethod(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_begin_method_enumeration(IWbemObjectAccess *iface, LONG a)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->BeginMethodEnumeration(o, a);
}

static HRESULT STDMETHODCALLTYPE pass_next_method(IWbemObjectAccess *iface, LONG a, BSTR *b,
                                                  IWbemClassObject **c, IWbemClassObject **d)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->NextMethod(o, a, b, c, d);
}

static HRESULT STDMETHODCALLTYPE pass_end_method_enumeration(IWbemObjectAccess *iface)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->EndMethodEnumeration(o);
}

static HRESULT STDMETHODCALLTYPE pass_get_method_qualifier_set(IWbemObjectAccess *iface, LPCWSTR a,
                                                               IWbemQualifierSet **b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetMethodQualifierSet(o, a, b);
}

static HRESULT STDMETHODCALLTYPE pass_get_method_origin(IWbemObjectAccess *iface, LPCWSTR a,
                                                        BSTR *b)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->GetMethodOrigin(o, a, b);
}

static HRESULT STDMETHODCALLTYPE query_interface(IWbemObjectAccess *iface, REFIID iid, void **ret)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->QueryInterface(o, iid, ret);
}

static ULONG STDMETHODCALLTYPE add_ref(IWbemObjectAccess *iface)
{
    IWbemClassObject *o = &object_of_access(iface)->iface;
    return o->lpVtbl->AddRef(o);
}

static ULONG STDMETHODCALLTYPE release(IWbemObjectAccess *iface)
{
    return object_release(object_of_access(iface));
}

/* ---- handles -------------------------------------------------------------------------- */

static LONG handle_make(uint32_t ordinal, CIMTYPE type)
{
    return (LONG)(ordinal << 8 | ((uint32_t)type & 0xff));
}

/* The property behind a handle. */
static HRESULT handle_open(IWbemObjectAccess *iface, LONG handle, struct schema **ret,
                           uint32_t *ret_ordinal)
{
    HRESULT hr = object_schema(object_of_access(iface), ret);
    *ret_ordinal = (uint32_t)handle >> 8;
    if (SUCCEEDED(hr) &&
        (*ret_ordinal >= (*ret)->property_count ||
         handle_make(*ret_ordinal, (*ret)->properties[*ret_ordinal].type) != handle)) {
        hr = WBEM_E_INVALID_HANDLE_REQUEST;
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE get_property_handle(IWbemObjectAccess *iface, LPCWSTR name,
                                                     CIMTYPE *type, LONG *handle)
{
    struct schema *s;
    uint32_t ordinal;
    if (!name || !handle) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = object_schema(object_of_access(iface), &s);
    if (SUCCEEDED(hr)) {
        hr = schema_find(s, name, &ordinal);
    }
    if (FAILED(hr)) {
        return hr;
    }
    CIMTYPE found = s->properties[ordinal].type;
    if (cim_is_array(found) || found == CIM_OBJECT) {
        return WBEM_E_NOT_SUPPORTED;
    }
    if (type) {
        *type = found;
    }
    *handle = handle_make(ordinal, found);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE get_property_info(IWbemObjectAccess *iface, LONG handle,
                                                   BSTR *name, CIMTYPE *type)
{
    struct schema *s;
    uint32_t ordinal;
    HRESULT hr = handle_open(iface, handle, &s, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    if (name) {
        *name = SysAllocString(s->properties[ordinal].name);
        if (!*name) {
            return WBEM_E_OUT_OF_MEMORY;
        }
    }
    if (type) {
        *type = s->properties[ordinal].type;
    }
    return WBEM_S_NO_ERROR;
}

/* ---- reading ---------------------------------------------------------------------------- */

static HRESULT read_value(IWbemObjectAccess *iface, LONG handle, struct cim_value *ret)
{
    struct object *o = object_of_access(iface);
    struct schema *s;
    uint32_t ordinal;
    HRESULT hr = handle_open(iface, handle, &s, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    return o->is_class ? schema_default(s, ordinal, ret) : instance_get(o, ordinal, ret);
}

static HRESULT STDMETHODCALLTYPE read_property_value(IWbemObjectAccess *iface, LONG handle,
                                                     LONG size, LONG *used, BYTE *data)
{
    struct cim_value v;
    uint8_t slot[8];
    if (!used || size < 0 || (size > 0 && !data)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *used = 0;
    HRESULT hr = read_value(iface, handle, &v);
    if (FAILED(hr)) {
        return hr;
    }
    if (v.null) {
        return WBEM_S_FALSE;
    }
    bool text = cim_is_string(v.type);
    size_t needed =
        text ? ((size_t)string_wide_length(&v.string) + 1) * sizeof(WCHAR) : cim_size(v.type);
    *used = (LONG)needed;
    if (needed > (size_t)size) {
        return WBEM_E_BUFFER_TOO_SMALL;
    }
    if (text) {
        wchar_t *wide = string_wide_copy(&v.string); /* the caller's buffer may be unaligned */
        if (!wide) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        memcpy(data, wide, needed);
        free(wide);
    } else {
        value_write(&v, slot, NULL, NULL);
        memcpy(data, slot, needed);
    }
    return WBEM_S_NO_ERROR;
}

/* A number of exactly `size` bytes; or 32 bits of one of 64, its lower half: the documentation's
 * own sample ([WmiSdk] "Accessing Performance Data in C++") reads VirtualBytes, a uint64, so. */
static HRESULT read_number(IWbemObjectAccess *iface, LONG handle, uint32_t size, void *ret)
{
    struct cim_value v;
    uint8_t slot[8];
    HRESULT hr = read_value(iface, handle, &v);
    if (FAILED(hr)) {
        return hr;
    }
    bool is_half = size == 4 && (v.type == CIM_UINT64 || v.type == CIM_SINT64);
    if ((cim_size(v.type) != size && !is_half) || cim_is_string(v.type)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (v.null) {
        return WBEM_S_FALSE;
    }
    value_write(&v, slot, NULL, NULL);
    memcpy(ret, slot, size);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE read_dword(IWbemObjectAccess *iface, LONG handle, DWORD *ret)
{
    return ret ? read_number(iface, handle, 4, ret) : WBEM_E_INVALID_PARAMETER;
}

static HRESULT STDMETHODCALLTYPE read_qword(IWbemObjectAccess *iface, LONG handle, UINT64 *ret)
{
    return ret ? read_number(iface, handle, 8, ret) : WBEM_E_INVALID_PARAMETER;
}

/* ---- writing ---------------------------------------------------------------------------- */

static HRESULT write_value(IWbemObjectAccess *iface, uint32_t ordinal, const struct cim_value *v)
{
    struct object *o = object_of_access(iface);
    return o->is_class ? WBEM_E_INVALID_OPERATION : instance_put(o, ordinal, v);
}

static HRESULT write_text(IWbemObjectAccess *iface, uint32_t ordinal, CIMTYPE type, LONG size,
                          const BYTE *data)
{
    struct value text = {0}, converted = {0};
    wchar_t *wide = malloc((size_t)size + sizeof *wide);
    if (!wide) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    memcpy(wide, data, (size_t)size);
    HRESULT hr = value_from_wide(CIM_STRING, wide, (size_t)size / sizeof *wide, &text);
    free(wide);
    if (SUCCEEDED(hr)) {
        hr = value_convert(&text.v, type, &converted);
        value_done(&text);
    }
    if (SUCCEEDED(hr)) {
        hr = write_value(iface, ordinal, &converted.v);
        value_done(&converted);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE write_property_value(IWbemObjectAccess *iface, LONG handle,
                                                      LONG size, const BYTE *data)
{
    struct schema *s;
    struct cim_value v;
    uint8_t slot[8];
    uint32_t ordinal;
    if (size < 0 || !data) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = handle_open(iface, handle, &s, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    CIMTYPE type = s->properties[ordinal].type;
    if (cim_is_string(type)) {
        return (size_t)size % sizeof(WCHAR) == 0 ? write_text(iface, ordinal, type, size, data)
                                                 : WBEM_E_INVALID_PARAMETER;
    }
    if ((uint32_t)size != cim_size(type)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    memcpy(slot, data, (size_t)size);
    hr = value_at(type, slot, (struct heap){0}, &v);
    return SUCCEEDED(hr) ? write_value(iface, ordinal, &v) : hr;
}

static HRESULT write_number(IWbemObjectAccess *iface, LONG handle, LONG size, const void *number)
{
    struct schema *s;
    uint32_t ordinal;
    HRESULT hr = handle_open(iface, handle, &s, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    return cim_is_string(s->properties[ordinal].type)
               ? WBEM_E_INVALID_PARAMETER
               : write_property_value(iface, handle, size, number);
}

static HRESULT STDMETHODCALLTYPE write_dword(IWbemObjectAccess *iface, LONG handle, DWORD number)
{
    return write_number(iface, handle, sizeof number, &number);
}

static HRESULT STDMETHODCALLTYPE write_qword(IWbemObjectAccess *iface, LONG handle, UINT64 number)
{
    return write_number(iface, handle, sizeof number, &number);
}

/* ---- locking ---------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static HRESULT STDMETHODCALLTYPE access_lock(IWbemObjectAccess *iface, LONG flags)
{
    return pthread_mutex_lock(&lock) == 0 ? WBEM_S_NO_ERROR : WBEM_E_FAILED;
}

static HRESULT STDMETHODCALLTYPE access_unlock(IWbemObjectAccess *iface, LONG flags)
{
    return pthread_mutex_unlock(&lock) == 0 ? WBEM_S_NO_ERROR : WBEM_E_INVALID_OPERATION;
}

const IWbemObjectAccessVtbl object_access_vtable = {
    .QueryInterface = query_interface,
    .AddRef = add_ref,
    .Release = release,
    .GetQualifierSet = pass_get_qualifier_set,
    .Get = pass_get,
    .Put = pass_put,
    .Delete = pass_delete,
    .GetNames = pass_get_names,
    .BeginEnumeration = pass_begin_enumeration,
    .Next = pass_next,
    .EndEnumeration = pass_end_enumeration,
    .GetPropertyQualifierSet = pass_get_property_qualifier_set,
    .Clone = pass_clone,
    .GetObjectText = pass_get_object_text,
    .SpawnDerivedClass = pass_spawn_derived_class,
    .SpawnInstance = pass_spawn_instance,
    .CompareTo = pass_compare_to,
    .GetPropertyOrigin = pass_get_property_origin,
    .InheritsFrom = pass_inherits_from,
    .GetMethod = pass_get_method,
    .PutMethod = pass_put_method,
    .DeleteMethod = pass_delete_method,
    .BeginMethodEnumeration = pass_begin_method_enumeration,
    .NextMethod = pass_next_method,
    .EndMethodEnumeration = pass_end_method_enumeration,
    .GetMethodQualifierSet = pass_get_method_qualifier_set,
    .GetMethodOrigin = pass_get_method_origin,
    .GetPropertyHandle = get_property_handle,
    .WritePropertyValue = write_property_value,
    .ReadPropertyValue = read_property_value,
    .ReadDWORD = read_dword,
    .WriteDWORD = write_dword,
    .ReadQWORD = read_qword,
    .WriteQWORD = write_qword,
    .GetPropertyInfoByHandle = get_property_info,
    .Lock = access_lock,
    .Unlock = access_unlock,
};
