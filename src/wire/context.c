/*
 * IWbemContext on the wire: the IWbemContextBuffer of [MS-WMI] 2.2.13, one
 * identifier and the named values.
 *
 * A single value takes 8 bytes whatever its type (2.2.13.2), an array's elements
 * what their type takes (2.2.13.4). Strings are counted UTF-16.
 */
#include "wire/wire.h"

#include <sys/random.h>
#include <wchar.h>

#include "object/bytes.h"
#include "object/object.h"
#include "services/services.h"

#define VALUE_SIZE 8u
#define GUID_SIZE 16u
/* Of names, flags and types: what a property takes at least. */
#define PROPERTY_MINIMUM 10u
/* More than anybody has: a context is searched value by value, and strings and objects take far
 * more room than their bytes. Whoever may connect sends one. */
#define VALUES_MOST 1024u
#define ELEMENTS_MOST 65536u

/* ---- writing ---------------------------------------------------------------- */

static void write_string(struct buffer *out, const wchar_t *text, size_t length)
{
    uint32_t at = out->size, units = 0;
    buffer_u32(out, 0);
    for (size_t i = 0; i < length; i++) {
        uint32_t c = (uint32_t)text[i];
        if (c > 0xffff) {
            buffer_u16(out, (uint16_t)(0xd800 + ((c - 0x10000) >> 10)));
            buffer_u16(out, (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff)));
            units += 2;
        } else {
            buffer_u16(out, (uint16_t)c);
            units++;
        }
    }
    buffer_set_u32(out, at, units);
}

/* Bytes of a number in an array; 0: not a number. */
static uint32_t number_size(VARTYPE type)
{
    switch (type) {
    case VT_I1:
    case VT_UI1:
        return 1;
    case VT_I2:
    case VT_UI2:
    case VT_BOOL:
        return 2;
    case VT_I4:
    case VT_UI4:
        return 4;
    case VT_R4: /* 2.2.13.4: 4 of 8 bytes */
    case VT_R8:
        return 8;
    default:
        return 0;
    }
}

/* 2.2.13.2: "a buffer for the IWbemClassObject interface". */
static HRESULT write_object(struct buffer *out, IUnknown *unknown)
{
    IWbemClassObject *object = NULL;
    uint8_t *bytes;
    uint32_t size;
    if (!unknown ||
        FAILED(IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object))) {
        return WBEM_E_INVALID_CONTEXT;
    }
    HRESULT hr = wire_object_write(object, &bytes, &size);
    IWbemClassObject_Release(object);
    if (SUCCEEDED(hr)) {
        buffer_put(out, bytes, size);
        free(bytes);
    }
    return hr;
}

/* The element, or the single value padded to 8 bytes. Our numbers are little-endian as the host's
 * are: what a VARIANT or an array holds is copied as it stands. */
static HRESULT write_value(struct buffer *out, VARTYPE type, const void *value, uint32_t room)
{
    uint32_t size = type == VT_R4 ? 4 : number_size(type);
    uint8_t padded[VALUE_SIZE] = {0};
    if (type == VT_BSTR) {
        const BSTR *text = value;
        write_string(out, *text ? *text : L"", SysStringLen(*text));
        return WBEM_S_NO_ERROR;
    }
    if (type == VT_UNKNOWN) {
        return write_object(out, *(IUnknown *const *)value);
    }
    if (size == 0) {
        return WBEM_E_INVALID_CONTEXT;
    }
    memcpy(padded, value, size);
    buffer_put(out, padded, room);
    return WBEM_S_NO_ERROR;
}

static HRESULT write_array(struct buffer *out, VARTYPE type, SAFEARRAY *array)
{
    LONG first, last;
    void *data;
    if (!array || SafeArrayGetDim(array) != 1 || FAILED(SafeArrayGetLBound(array, 1, &first)) ||
        FAILED(SafeArrayGetUBound(array, 1, &last)) || FAILED(SafeArrayAccessData(array, &data))) {
        return WBEM_E_INVALID_CONTEXT;
    }
    uint32_t count = last < first ? 0 : (uint32_t)(last - first) + 1;
    uint32_t size = number_size(type), step = SafeArrayGetElemsize(array);
    HRESULT hr = WBEM_S_NO_ERROR;
    buffer_u32(out, count);
    buffer_u32(out, size ? size : (uint32_t)sizeof(uint64_t));
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = write_value(out, type, (const uint8_t *)data + (size_t)i * step, size);
    }
    SafeArrayUnaccessData(array);
    return hr;
}

static HRESULT write_property(struct buffer *out, const wchar_t *name, VARIANT *v)
{
    write_string(out, name, wcslen(name));
    buffer_u32(out, 0); /* PropertyFlags */
    VARTYPE type = V_VT(v) == VT_EMPTY ? VT_NULL : V_VT(v);
    buffer_u16(out, type);
    if (type == VT_NULL) {
        return WBEM_S_NO_ERROR;
    }
    return type & VT_ARRAY ? write_array(out, type & (VARTYPE)~VT_ARRAY, V_ARRAY(v))
                           : write_value(out, type, &V_UI1(v), VALUE_SIZE);
}

static HRESULT write_properties(struct buffer *out, IWbemContext *context)
{
    uint32_t count = 0, at = out->size;
    buffer_u32(out, 0);
    HRESULT hr = IWbemContext_BeginEnumeration(context, 0);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        VARIANT value;
        VariantInit(&value);
        hr = IWbemContext_Next(context, 0, &name, &value);
        if (hr != WBEM_S_NO_ERROR) {
            break; /* WBEM_S_NO_MORE_DATA */
        }
        hr = write_property(out, name, &value);
        SysFreeString(name);
        VariantClear(&value);
        count++;
    }
    IWbemContext_EndEnumeration(context);
    buffer_set_u32(out, at, count);
    return SUCCEEDED(hr) ? WBEM_S_NO_ERROR : hr;
}

HRESULT wire_context_write(IWbemContext *context, uint8_t **ret, uint32_t *ret_size)
{
    struct buffer out = {0};
    IWbemContext *copy;
    uint8_t id[GUID_SIZE];
    if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id) {
        return WBEM_E_FAILED;
    }
    /* Of its own, since the caller may be walking through his. */
    HRESULT hr = IWbemContext_Clone(context, &copy);
    if (FAILED(hr)) {
        return hr;
    }
    buffer_u32(&out, 1); /* NumGuids */
    buffer_put(&out, id, sizeof id);
    hr = write_properties(&out, copy);
    IWbemContext_Release(copy);
    if (SUCCEEDED(hr) && out.failed) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        buffer_done(&out);
        return hr;
    }
    *ret = out.bytes;
    *ret_size = out.size;
    return WBEM_S_NO_ERROR;
}

/* ---- reading ---------------------------------------------------------------- */

struct cursor {
    const uint8_t *at;
    size_t left;
    uint32_t elements; /* of arrays of strings and objects, so far */
};

static const uint8_t *take(struct cursor *c, size_t size)
{
    if (size > c->left) {
        return NULL;
    }
    const uint8_t *p = c->at;
    c->at += size;
    c->left -= size;
    return p;
}

static bool take_u32(struct cursor *c, uint32_t *ret)
{
    const uint8_t *p = take(c, sizeof *ret);
    if (p) {
        *ret = get_u32(p);
    }
    return p != NULL;
}

static HRESULT read_string(struct cursor *c, BSTR *ret)
{
    uint32_t units;
    const uint8_t *p =
        take_u32(c, &units) && units <= c->left / 2 ? take(c, (size_t)units * 2) : NULL;
    if (!p) {
        return WBEM_E_INVALID_CONTEXT;
    }
    BSTR text = SysAllocStringLen(NULL, units);
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    UINT length = 0;
    for (uint32_t i = 0; i < units; i++) {
        uint32_t unit = get_u16(p + (size_t)i * 2), low = 0;
        if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < units) {
            low = get_u16(p + (size_t)(i + 1) * 2);
        }
        if (low >= 0xdc00 && low < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            i++;
        }
        text[length++] = (wchar_t)unit;
    }
    *ret = SysAllocStringLen(text, length);
    SysFreeString(text);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT read_object(struct cursor *c, IUnknown **ret)
{
    IWbemClassObject *object;
    uint32_t size;
    if (c->left < 8) {
        return WBEM_E_INVALID_CONTEXT;
    }
    size = get_u32(c->at + 4);
    if (size > c->left - 8) {
        return WBEM_E_INVALID_CONTEXT;
    }
    HRESULT hr = wire_object_read(c->at, (size_t)size + 8, &object);
    if (SUCCEEDED(hr)) {
        take(c, (size_t)size + 8);
        hr = IWbemClassObject_QueryInterface(object, &IID_IUnknown, (void **)ret);
        IWbemClassObject_Release(object);
    }
    return hr;
}

/* Into `to`, which has room for any value. */
static HRESULT read_value(struct cursor *c, VARTYPE type, uint32_t room, void *to)
{
    uint32_t size = type == VT_R4 ? 4 : number_size(type);
    if (type == VT_BSTR) {
        return read_string(c, to);
    }
    if (type == VT_UNKNOWN) {
        return read_object(c, to);
    }
    const uint8_t *p = size ? take(c, room) : NULL;
    if (!p) {
        return WBEM_E_INVALID_CONTEXT;
    }
    memcpy(to, p, size);
    return WBEM_S_NO_ERROR;
}

static HRESULT read_array(struct cursor *c, VARTYPE type, VARIANT *ret)
{
    uint32_t count, size, number = number_size(type);
    bool pointers = type == VT_BSTR || type == VT_UNKNOWN;
    if (!take_u32(c, &count) || !take_u32(c, &size) || (!pointers && size != number) ||
        (!pointers && number == 0) || count > c->left / (pointers ? 4 : size) ||
        (pointers && count > ELEMENTS_MOST - c->elements)) {
        return WBEM_E_INVALID_CONTEXT;
    }
    c->elements += pointers ? count : 0;
    SAFEARRAY *array = SafeArrayCreateVector(type, 0, count);
    uint8_t *data;
    if (!array || FAILED(SafeArrayAccessData(array, (void **)&data))) {
        SafeArrayDestroy(array);
        return WBEM_E_OUT_OF_MEMORY;
    }
    uint32_t step = SafeArrayGetElemsize(array);
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = read_value(c, type, number, data + (size_t)i * step);
    }
    SafeArrayUnaccessData(array);
    if (FAILED(hr)) {
        SafeArrayDestroy(array);
        return hr;
    }
    V_VT(ret) = type | VT_ARRAY;
    V_ARRAY(ret) = array;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_property(struct cursor *c, IWbemContext *context)
{
    BSTR name = NULL;
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = read_string(c, &name);
    if (FAILED(hr)) {
        return hr;
    }
    const uint8_t *p = take(c, 6);
    VARTYPE type = p ? get_u16(p + 4) : VT_EMPTY;
    if (!p) {
        hr = WBEM_E_INVALID_CONTEXT;
    } else if (type & VT_ARRAY) {
        hr = read_array(c, type & (VARTYPE)~VT_ARRAY, &value);
    } else if (type == VT_NULL) {
        V_VT(&value) = VT_NULL;
    } else {
        hr = read_value(c, type, VALUE_SIZE, &V_UI1(&value));
        V_VT(&value) = SUCCEEDED(hr) ? type : VT_EMPTY;
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemContext_SetValue(context, name, 0, &value);
    }
    VariantClear(&value);
    SysFreeString(name);
    return hr;
}

HRESULT wire_context_read(const uint8_t *bytes, size_t size, IWbemContext **ret)
{
    struct cursor c = {bytes, size, 0};
    IWbemContext *context;
    uint32_t ids, count;
    if (!take_u32(&c, &ids) || ids > c.left / GUID_SIZE || !take(&c, (size_t)ids * GUID_SIZE) ||
        !take_u32(&c, &count) || count > VALUES_MOST || count > c.left / PROPERTY_MINIMUM) {
        return WBEM_E_INVALID_CONTEXT;
    }
    HRESULT hr = context_create(NULL, &IID_IWbemContext, (void **)&context);
    if (FAILED(hr)) {
        return hr;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = read_property(&c, context);
    }
    if (FAILED(hr)) {
        IWbemContext_Release(context);
        return hr;
    }
    *ret = context;
    return WBEM_S_NO_ERROR;
}
