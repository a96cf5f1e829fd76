/*
 * Messages to frames and back; see wire.h. Reading checks every count against
 * the bytes that are left before anything is allocated for it.
 */
#include "hosting/wire.h"

#include <string.h>
#include <wbemidl.h>

#include "com/com.h"
#include "object/bytes.h"

#define HEADER_SIZE 12u
#define NULL_TEXT UINT32_MAX

/* How an object stands in a frame. */
enum form {
    FORM_NULL,
    FORM_BLOCK,    /* size, object block: a class, or an instance with its class */
    FORM_DEFINE,   /* place, size, object block: an instance; its class gets the place */
    FORM_INSTANCE, /* place, size, instance part */
};

void wire_message_done(struct wire_message *m)
{
    for (unsigned i = 0; i < WIRE_TEXTS; i++) {
        SysFreeString(m->text[i]);
    }
    (void)VariantClear(&m->value);
    com_release(m->context);
    for (uint32_t i = 0; i < m->object_count; i++) {
        com_release(m->objects[i]);
    }
    free(m->objects);
    *m = (struct wire_message){0};
}

void wire_classes_done(struct wire_classes *c)
{
    for (unsigned i = 0; i < WIRE_CLASSES; i++) {
        schema_unref(c->entry[i].schema);
        decoration_unref(c->entry[i].where);
    }
    *c = (struct wire_classes){0};
}

static void classes_set(struct wire_classes *c, unsigned place, struct schema *s,
                        struct decoration *where)
{
    schema_unref(c->entry[place].schema);
    decoration_unref(c->entry[place].where);
    c->entry[place].schema = schema_ref(s);
    c->entry[place].where = where ? decoration_ref(where) : NULL;
}

/* ---- writing ---------------------------------------------------------------------------- */

/* A frame being made. What new classes it defines counts only when the frame is complete. */
struct writer {
    struct buffer out;
    struct wire_classes *sent;
    unsigned first_defined, defined;
    HRESULT hr;
};

static void write_bytes(struct writer *w, const void *bytes, size_t size)
{
    if (size > WIRE_FRAME_MAX) {
        w->hr = WBEM_E_BUFFER_TOO_SMALL;
    } else {
        buffer_put(&w->out, bytes, (uint32_t)size);
    }
}

static void write_u32(struct writer *w, uint32_t v)
{
    uint8_t bytes[4];
    put_u32(bytes, v);
    buffer_put(&w->out, bytes, sizeof bytes);
}

static void write_text(struct writer *w, const wchar_t *text)
{
    size_t length = text ? SysStringLen((BSTR)text) : 0;
    if (length > WIRE_FRAME_MAX / sizeof(uint32_t)) {
        w->hr = WBEM_E_BUFFER_TOO_SMALL;
        return;
    }
    write_u32(w, text ? (uint32_t)length : NULL_TEXT);
    for (size_t i = 0; i < length; i++) {
        write_u32(w, (uint32_t)text[i]);
    }
}

/* The class's place, or WIRE_CLASSES when it has none yet. */
static unsigned classes_find(const struct wire_classes *c, const struct schema *s,
                             const struct decoration *where)
{
    unsigned at = c->last;
    for (unsigned i = 0; i < WIRE_CLASSES; i++, at = (at + 1) % WIRE_CLASSES) {
        if (c->entry[at].schema == s && c->entry[at].where == where) {
            return at;
        }
    }
    return WIRE_CLASSES;
}

static HRESULT write_instance(struct writer *w, IWbemClassObject *object, struct schema *s)
{
    struct decoration *where = object_decoration(object);
    unsigned place = classes_find(w->sent, s, where);
    const uint8_t *bytes;
    uint32_t size;
    bool known = place < WIRE_CLASSES;
    HRESULT hr = known ? object_instance_bytes(object, &bytes, &size)
                       : object_encoding(object, &bytes, &size);
    if (FAILED(hr)) {
        return hr;
    }
    if (!known) {
        place = w->sent->count % WIRE_CLASSES;
        w->sent->count++;
        w->defined++;
        classes_set(w->sent, place, s, where);
    }
    w->sent->last = place;
    const uint8_t form = known ? FORM_INSTANCE : FORM_DEFINE;
    write_bytes(w, &form, 1);
    write_u32(w, place);
    write_u32(w, size);
    write_bytes(w, bytes, size);
    return WBEM_S_NO_ERROR;
}

static HRESULT write_object(struct writer *w, IWbemClassObject *object)
{
    const uint8_t null = FORM_NULL, block = FORM_BLOCK;
    const uint8_t *bytes;
    uint32_t size;
    struct schema *s;
    bool cls;
    if (!object) {
        write_bytes(w, &null, 1);
        return WBEM_S_NO_ERROR;
    }
    if (!object_is_ours(object)) {
        return WBEM_E_INVALID_OBJECT;
    }
    HRESULT hr = object_is_class(object, &cls);
    if (SUCCEEDED(hr) && !cls) {
        hr = schema_of(object, &s);
        return SUCCEEDED(hr) ? write_instance(w, object, s) : hr;
    }
    if (SUCCEEDED(hr)) {
        hr = object_encoding(object, &bytes, &size);
    }
    if (SUCCEEDED(hr)) {
        write_bytes(w, &block, 1);
        write_u32(w, size);
        write_bytes(w, bytes, size);
    }
    return hr;
}

/* The size of the VARIANT types of CIM values that are plain numbers; 0 for others. */
static size_t number_size(VARTYPE type)
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
    case VT_R4:
        return 4;
    case VT_I8:
    case VT_UI8:
    case VT_R8:
    case VT_DATE:
        return 8;
    default:
        return 0;
    }
}

static HRESULT write_element(struct writer *w, VARTYPE type, const void *value)
{
    if (number_size(type)) {
        write_bytes(w, value, number_size(type));
        return WBEM_S_NO_ERROR;
    }
    if (type == VT_BSTR) {
        write_text(w, *(const BSTR *)value);
        return WBEM_S_NO_ERROR;
    }
    if (type != VT_UNKNOWN) {
        return WBEM_E_TYPE_MISMATCH;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    IUnknown *unknown = *(IUnknown *const *)value;
    HRESULT hr = unknown ? IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object)
                         : WBEM_S_NO_ERROR;
    return FAILED(hr) ? WBEM_E_TYPE_MISMATCH : write_object(w, object);
}

static HRESULT write_array(struct writer *w, VARTYPE type, SAFEARRAY *a)
{
    LONG first = 0, last = -1;
    const uint8_t *items = NULL;
    if (!a || SafeArrayGetDim(a) != 1 || FAILED(SafeArrayGetLBound(a, 1, &first)) ||
        FAILED(SafeArrayGetUBound(a, 1, &last)) ||
        FAILED(SafeArrayAccessData(a, (void **)&items))) {
        return WBEM_E_TYPE_MISMATCH;
    }
    uint32_t count = (uint32_t)(last - first + 1);
    size_t size = SafeArrayGetElemsize(a);
    HRESULT hr = WBEM_S_NO_ERROR;
    write_u32(w, count);
    for (uint32_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = write_element(w, type, items + i * size);
    }
    (void)SafeArrayUnaccessData(a);
    return hr;
}

static HRESULT write_variant(struct writer *w, const VARIANT *v)
{
    uint8_t type[2];
    put_u16(type, V_VT(v));
    write_bytes(w, type, sizeof type);
    if (V_VT(v) == VT_EMPTY || V_VT(v) == VT_NULL) {
        return WBEM_S_NO_ERROR;
    }
    if (V_VT(v) & VT_ARRAY) {
        return write_array(w, (VARTYPE)(V_VT(v) & VT_TYPEMASK), V_ARRAY(v));
    }
    return V_VT(v) & VT_BYREF ? WBEM_E_TYPE_MISMATCH : write_element(w, V_VT(v), &V_I1(v));
}

/* A clone, so that an enumeration that the owner has under way goes on. */
static HRESULT write_context(struct writer *w, IWbemContext *context)
{
    CLEANUP(com_cleanup_release) IWbemContext *copy = NULL;
    CLEANUP(com_cleanup_safearray) SAFEARRAY *names = NULL;
    LONG last = -1;
    HRESULT hr = IWbemContext_Clone(context, &copy);
    if (SUCCEEDED(hr)) {
        hr = IWbemContext_GetNames(copy, 0, &names);
    }
    if (SUCCEEDED(hr)) {
        (void)SafeArrayGetUBound(names, 1, &last);
        write_u32(w, (uint32_t)(last + 1));
        hr = IWbemContext_BeginEnumeration(copy, 0);
    }
    for (LONG i = 0; i <= last && SUCCEEDED(hr); i++) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        CLEANUP(com_cleanup_variant) VARIANT v = {0};
        hr = IWbemContext_Next(copy, 0, &name, &v);
        if (SUCCEEDED(hr)) {
            write_text(w, name);
            hr = write_variant(w, &v);
        }
    }
    return hr;
}

static unsigned fields_of(const struct wire_message *m)
{
    unsigned has = 0;
    has |= m->target ? FIELD_TARGET : 0;
    has |= m->method ? FIELD_METHOD : 0;
    has |= m->flags ? FIELD_FLAGS : 0;
    has |= m->number ? FIELD_NUMBER : 0;
    has |= m->status ? FIELD_STATUS : 0;
    for (unsigned i = 0; i < WIRE_TEXTS; i++) {
        has |= m->text[i] ? (unsigned)FIELD_TEXT << i : 0;
    }
    has |= V_VT(&m->value) != VT_EMPTY ? FIELD_VALUE : 0;
    has |= m->context ? FIELD_CONTEXT : 0;
    has |= m->object_count ? FIELD_OBJECTS : 0;
    return has;
}

static HRESULT write_fields(struct writer *w, const struct wire_message *m, unsigned has)
{
    const uint32_t numbers[] = {m->target, m->method, (uint32_t)m->flags, m->number,
                                (uint32_t)m->status};
    for (unsigned i = 0; i < ARRAYSIZE(numbers); i++) {
        if (has & (1u << i)) {
            write_u32(w, numbers[i]);
        }
    }
    for (unsigned i = 0; i < WIRE_TEXTS; i++) {
        if (m->text[i]) {
            write_text(w, m->text[i]);
        }
    }
    HRESULT hr = has & FIELD_VALUE ? write_variant(w, &m->value) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr) && m->context) {
        hr = write_context(w, m->context);
    }
    if (SUCCEEDED(hr) && m->object_count) {
        write_u32(w, m->object_count);
    }
    for (uint32_t i = 0; i < m->object_count && SUCCEEDED(hr); i++) {
        hr = write_object(w, m->objects[i]);
    }
    return hr;
}

/* A frame that is not sent has defined nothing. What stood in these places before is not known to
 * be there any more, so they are left empty. */
static void forget_defined(struct writer *w)
{
    for (unsigned i = 0; i < w->defined; i++) {
        unsigned place = (w->first_defined + i) % WIRE_CLASSES;
        schema_unref(TAKE(w->sent->entry[place].schema));
        decoration_unref(TAKE(w->sent->entry[place].where));
    }
}

HRESULT wire_encode(const struct wire_message *m, struct wire_classes *sent, uint8_t **ret,
                    size_t *ret_size)
{
    struct writer w = {.sent = sent, .first_defined = sent->count % WIRE_CLASSES};
    unsigned has = fields_of(m);
    uint8_t header[HEADER_SIZE] = {0};
    header[4] = (uint8_t)m->type;
    header[5] = (uint8_t)has;
    header[6] = (uint8_t)(has >> 8);
    put_u32(header + 8, m->call);
    write_bytes(&w, header, sizeof header);
    HRESULT hr = write_fields(&w, m, has);
    if (SUCCEEDED(hr)) {
        hr = w.out.failed ? WBEM_E_OUT_OF_MEMORY : w.hr;
    }
    if (SUCCEEDED(hr) && w.out.size > WIRE_FRAME_MAX) {
        hr = WBEM_E_BUFFER_TOO_SMALL;
    }
    if (FAILED(hr)) {
        forget_defined(&w);
        buffer_done(&w.out);
        return hr;
    }
    put_u32(w.out.bytes, w.out.size - 4);
    *ret = w.out.bytes;
    *ret_size = w.out.size;
    return WBEM_S_NO_ERROR;
}

/* ---- reading ------------------------------------------------------------------------------ */

struct reading {
    const uint8_t *at, *end;
    struct wire_classes *received;
};

/* NULL: not so many bytes are left. */
static const uint8_t *read_bytes(struct reading *r, size_t size)
{
    const uint8_t *bytes = r->at;
    if ((size_t)(r->end - r->at) < size) {
        return NULL;
    }
    r->at += size;
    return bytes;
}

static HRESULT read_u32(struct reading *r, uint32_t *ret)
{
    const uint8_t *bytes = read_bytes(r, 4);
    if (!bytes) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret = get_u32(bytes);
    return WBEM_S_NO_ERROR;
}

static HRESULT read_text(struct reading *r, BSTR *ret)
{
    uint32_t length;
    HRESULT hr = read_u32(r, &length);
    if (FAILED(hr) || length == NULL_TEXT) {
        return hr;
    }
    if (length > (size_t)(r->end - r->at) / 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    const uint8_t *bytes = read_bytes(r, (size_t)length * 4);
    BSTR text = SysAllocStringLen(NULL, length);
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < length; i++) {
        uint32_t c = get_u32(bytes + (size_t)i * 4);
        if (c > 0x10ffff) {
            SysFreeString(text);
            return WBEM_E_INVALID_OBJECT;
        }
        text[i] = (wchar_t)c;
    }
    *ret = text;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_instance(struct reading *r, unsigned place, const uint8_t *bytes, uint32_t size,
                             IWbemClassObject **ret)
{
    struct schema *s = r->received->entry[place].schema;
    return s ? object_decode_instance(s, r->received->entry[place].where, bytes, size, ret)
             : WBEM_E_INVALID_OBJECT;
}

static HRESULT read_definition(struct reading *r, unsigned place, const uint8_t *bytes,
                               uint32_t size, IWbemClassObject **ret)
{
    IWbemClassObject *object;
    struct schema *s;
    bool cls;
    HRESULT hr = object_decode(bytes, size, &object);
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_is_class(object, &cls);
    if (SUCCEEDED(hr) && !cls) {
        hr = schema_of(object, &s);
    }
    if (FAILED(hr) || cls) {
        com_release(object);
        return FAILED(hr) ? hr : WBEM_E_INVALID_OBJECT;
    }
    classes_set(r->received, place, s, object_decoration(object));
    *ret = object;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_object(struct reading *r, IWbemClassObject **ret)
{
    const uint8_t *form = read_bytes(r, 1);
    uint32_t place = 0, size = 0;
    if (!form || *form > FORM_INSTANCE) {
        return WBEM_E_INVALID_OBJECT;
    }
    if (*form == FORM_NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = *form != FORM_BLOCK ? read_u32(r, &place) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr)) {
        hr = read_u32(r, &size);
    }
    const uint8_t *bytes = SUCCEEDED(hr) ? read_bytes(r, size) : NULL;
    if (!bytes || place >= WIRE_CLASSES) {
        return WBEM_E_INVALID_OBJECT;
    }
    switch (*form) {
    case FORM_BLOCK:
        return object_decode(bytes, size, ret);
    case FORM_DEFINE:
        return read_definition(r, place, bytes, size, ret);
    default:
        return read_instance(r, place, bytes, size, ret);
    }
}

/* Into zeroed memory of the element's type. */
static HRESULT read_element(struct reading *r, VARTYPE type, void *value)
{
    size_t size = number_size(type);
    if (size) {
        const uint8_t *bytes = read_bytes(r, size);
        if (!bytes) {
            return WBEM_E_INVALID_OBJECT;
        }
        memcpy(value, bytes, size);
        return WBEM_S_NO_ERROR;
    }
    if (type == VT_BSTR) {
        return read_text(r, value);
    }
    return type == VT_UNKNOWN ? read_object(r, value) : WBEM_E_INVALID_OBJECT;
}

static HRESULT read_array(struct reading *r, VARTYPE type, VARIANT *ret)
{
    uint32_t count;
    size_t least = number_size(type) ? number_size(type) : type == VT_BSTR ? 4 : 1;
    HRESULT hr = read_u32(r, &count);
    if (FAILED(hr) || (!number_size(type) && type != VT_BSTR && type != VT_UNKNOWN) ||
        count > (size_t)(r->end - r->at) / least) {
        return WBEM_E_INVALID_OBJECT;
    }
    SAFEARRAY *a = SafeArrayCreateVector(type, 0, count);
    uint8_t *items = NULL;
    if (!a || FAILED(SafeArrayAccessData(a, (void **)&items))) {
        (void)SafeArrayDestroy(a);
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = read_element(r, type, items + (size_t)i * SafeArrayGetElemsize(a));
    }
    (void)SafeArrayUnaccessData(a);
    V_VT(ret) = (VARTYPE)(VT_ARRAY | type); /* cleared with it, also after a failure */
    V_ARRAY(ret) = a;
    return hr;
}

static HRESULT read_variant(struct reading *r, VARIANT *ret)
{
    const uint8_t *bytes = read_bytes(r, 2);
    if (!bytes) {
        return WBEM_E_INVALID_OBJECT;
    }
    VARTYPE type = get_u16(bytes);
    if (type == VT_EMPTY || type == VT_NULL) {
        V_VT(ret) = type;
        return WBEM_S_NO_ERROR;
    }
    if (type & VT_ARRAY) {
        return (type & ~VT_TYPEMASK) == VT_ARRAY ? read_array(r, type & VT_TYPEMASK, ret)
                                                 : WBEM_E_INVALID_OBJECT;
    }
    HRESULT hr = read_element(r, type, &V_I8(ret));
    if (SUCCEEDED(hr)) {
        V_VT(ret) = type;
    }
    return hr;
}

static HRESULT read_context(struct reading *r, IWbemContext **ret)
{
    CLEANUP(com_cleanup_release) IWbemContext *context = NULL;
    uint32_t count;
    HRESULT hr = CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemContext,
                                  (void **)&context);
    if (SUCCEEDED(hr)) {
        hr = read_u32(r, &count);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        CLEANUP(com_cleanup_variant) VARIANT v = {0};
        hr = read_text(r, &name);
        if (SUCCEEDED(hr)) {
            hr = name ? read_variant(r, &v) : WBEM_E_INVALID_OBJECT;
        }
        if (SUCCEEDED(hr)) {
            hr = IWbemContext_SetValue(context, name, 0, &v);
        }
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(context);
    }
    return hr;
}

static HRESULT read_objects(struct reading *r, struct wire_message *m)
{
    uint32_t count;
    HRESULT hr = read_u32(r, &count);
    if (FAILED(hr) || count > WIRE_OBJECTS_MAX || count > (size_t)(r->end - r->at)) {
        return WBEM_E_INVALID_OBJECT;
    }
    m->objects = calloc(count + 1, sizeof *m->objects);
    if (!m->objects) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    m->object_count = count;
    for (uint32_t i = 0; i < count && SUCCEEDED(hr); i++) {
        hr = read_object(r, &m->objects[i]);
    }
    return hr;
}

static HRESULT read_numbers(struct reading *r, unsigned has, struct wire_message *m)
{
    uint32_t numbers[5] = {0};
    for (unsigned i = 0; i < ARRAYSIZE(numbers); i++) {
        if ((has & (1u << i)) && FAILED(read_u32(r, &numbers[i]))) {
            return WBEM_E_INVALID_OBJECT;
        }
    }
    if (numbers[1] >= METHOD_END) {
        return WBEM_E_INVALID_OBJECT;
    }
    m->target = numbers[0];
    m->method = (enum wire_method)numbers[1];
    m->flags = (LONG)numbers[2];
    m->number = numbers[3];
    m->status = (HRESULT)numbers[4];
    return WBEM_S_NO_ERROR;
}

static HRESULT read_fields(struct reading *r, unsigned has, struct wire_message *m)
{
    HRESULT hr = read_numbers(r, has, m);
    for (unsigned i = 0; i < WIRE_TEXTS && SUCCEEDED(hr); i++) {
        if (has & ((unsigned)FIELD_TEXT << i)) {
            hr = read_text(r, &m->text[i]);
        }
    }
    if (SUCCEEDED(hr) && (has & FIELD_VALUE)) {
        hr = read_variant(r, &m->value);
    }
    if (SUCCEEDED(hr) && (has & FIELD_CONTEXT)) {
        hr = read_context(r, &m->context);
    }
    if (SUCCEEDED(hr) && (has & FIELD_OBJECTS)) {
        hr = read_objects(r, m);
    }
    return SUCCEEDED(hr) && r->at != r->end ? WBEM_E_INVALID_OBJECT : hr;
}

HRESULT wire_decode(const uint8_t *bytes, size_t size, struct wire_classes *received,
                    struct wire_message *ret)
{
    struct reading r = {.at = bytes, .end = bytes + size, .received = received};
    *ret = (struct wire_message){0};
    const uint8_t *header = read_bytes(&r, HEADER_SIZE - 4);
    if (!header || header[0] == 0 || header[0] >= WIRE_TYPE_END || header[3] != 0) {
        return WBEM_E_INVALID_OBJECT;
    }
    unsigned has = header[1] | (unsigned)header[2] << 8;
    ret->type = (enum wire_type)header[0];
    ret->call = get_u32(header + 4);
    HRESULT hr = has & ~(unsigned)FIELD_ALL ? WBEM_E_INVALID_OBJECT : read_fields(&r, has, ret);
    if (FAILED(hr)) {
        wire_message_done(ret);
    }
    return hr;
}
