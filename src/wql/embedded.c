/*
 * Properties of embedded objects (TargetInstance.Name): which class the object
 * is of is known only when a row is there. Each embedded object is decoded at
 * most once for a row, when a test first comes to it.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/bind_constant.h"
#include "wql/wql_private.h"

/* Something that a value looked at points into, kept until the row has been decided. */
struct held {
    struct held *next;
    const uint8_t *bytes;     /* which embedded object this is the decoded form of */
    IWbemClassObject *object; /* NULL: the bytes are no object, or this is a text */
    uint8_t *storage;         /* of a text */
};

static struct held *hold(struct evaluation *e)
{
    struct held *h = calloc(1, sizeof(*h));
    if (h) {
        h->next = e->held;
        e->held = h;
    }
    return h;
}

void evaluation_done(struct evaluation *e)
{
    for (struct held *h = e->held, *next; h; h = next) {
        next = h->next;
        if (h->object) {
            IWbemClassObject_Release(h->object);
        }
        free(h->storage);
        free(h);
    }
    e->held = NULL;
}

/* Borrowed until evaluation_done(); NULL when it can't be decoded. */
static IWbemClassObject *decoded(const struct cim_value *v, struct evaluation *e)
{
    for (struct held *h = e->held; h; h = h->next) {
        if (h->bytes == v->object.bytes) {
            return h->object;
        }
    }
    struct held *h = hold(e);
    if (!h) {
        return NULL;
    }
    h->bytes = v->object.bytes;
    if (FAILED(object_decode(v->object.bytes, v->object.size, &h->object))) {
        h->object = NULL;
    }
    return h->object;
}

/* ---- types ------------------------------------------------------------------------------- */

static const CIMTYPE late_types[LATE_TYPE_COUNT] = {
    CIM_STRING, CIM_DATETIME, CIM_REFERENCE, CIM_BOOLEAN, CIM_SINT8,  CIM_SINT16, CIM_SINT32,
    CIM_SINT64, CIM_UINT8,    CIM_UINT16,    CIM_UINT32,  CIM_UINT64, CIM_REAL64, CIM_CHAR16,
};

int late_type_index(CIMTYPE type)
{
    type = type == CIM_REAL32 ? CIM_REAL64 : type;
    for (int i = 0; i < LATE_TYPE_COUNT; i++) {
        if (late_types[i] == type) {
            return i;
        }
    }
    return -1;
}

CIMTYPE late_type(int index)
{
    return late_types[index];
}

/* ---- names -------------------------------------------------------------------------------- */

HRESULT subject_set_inner(struct subject *s, const wchar_t *path)
{
    uint32_t count = 1;
    for (const wchar_t *c = path; *c; c++) {
        count += *c == L'.';
    }
    s->inner = calloc(count, sizeof(wchar_t *));
    if (!s->inner) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (; s->inner_count < count; s->inner_count++) {
        size_t length = wcscspn(path, L".");
        s->inner[s->inner_count] = com_wide_copy_n(path, length);
        if (!s->inner[s->inner_count]) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        path += length + 1;
    }
    return S_OK;
}

/* ---- values ------------------------------------------------------------------------------- */

static enum presence held_text(const wchar_t *text, struct evaluation *e, struct cim_value *ret)
{
    struct held *h = hold(e);
    return h && SUCCEEDED(constant_text(text, CIM_STRING, ret, &h->storage)) ? VALUE_PRESENT
                                                                             : VALUE_MISSING;
}

enum presence path_get(const struct subject *s, struct evaluation *e, struct cim_value *ret)
{
    CLEANUP(com_cleanup_free) wchar_t *relative = NULL;
    if (FAILED(schema_relpath(s->schema, e->get, e->from, &relative))) {
        return VALUE_MISSING;
    }
    if (!relative) {
        return VALUE_NULL;
    }
    size_t prefix = wcslen(s->prefix);
    size_t size = prefix + wcslen(relative) + 1;
    CLEANUP(com_cleanup_free) wchar_t *text = malloc(size * sizeof(*text));
    if (!text) {
        return VALUE_MISSING;
    }
    wmemcpy(text, s->prefix, prefix);
    wmemcpy(text + prefix, relative, size - prefix);
    return held_text(text, e, ret);
}

/* A system property of an embedded object, as IWbemClassObject::Get gives it. */
static enum presence get_system(IWbemClassObject *object, const wchar_t *name, struct evaluation *e,
                                struct cim_value *ret)
{
    VARIANT v;
    VariantInit(&v);
    if (FAILED(IWbemClassObject_Get(object, name, 0, &v, NULL, NULL))) {
        return VALUE_MISSING;
    }
    enum presence p = VALUE_MISSING; /* __DERIVATION, which is an array */
    if (V_VT(&v) == VT_NULL) {
        p = VALUE_NULL;
    } else if (V_VT(&v) == VT_I4) {
        *ret = (struct cim_value){.type = CIM_SINT32, .sint = V_I4(&v)};
        p = VALUE_PRESENT;
    } else if (V_VT(&v) == VT_BSTR) {
        p = held_text(V_BSTR(&v), e, ret);
    }
    VariantClear(&v);
    return p;
}

static enum presence get_inner(IWbemClassObject *object, const wchar_t *name, struct evaluation *e,
                               struct cim_value *ret)
{
    struct schema *s;
    uint32_t ordinal;
    if (name[0] == L'_' && name[1] == L'_') {
        return get_system(object, name, e, ret);
    }
    if (FAILED(schema_of(object, &s)) || FAILED(schema_find(s, name, &ordinal)) ||
        FAILED(object_get_value(object, ordinal, ret))) {
        return VALUE_MISSING;
    }
    return ret->null ? VALUE_NULL : VALUE_PRESENT;
}

enum presence embedded_get(const struct subject *s, struct evaluation *e, struct cim_value *value)
{
    for (uint32_t i = 0; i < s->inner_count; i++) {
        IWbemClassObject *object = value->type == CIM_OBJECT ? decoded(value, e) : NULL;
        enum presence p = object ? get_inner(object, s->inner[i], e, value) : VALUE_MISSING;
        if (p != VALUE_PRESENT) {
            return p == VALUE_NULL && i + 1 < s->inner_count ? VALUE_MISSING : p;
        }
    }
    return VALUE_PRESENT;
}

enum truth embedded_isa(const struct cim_value *value, const wchar_t *class_name,
                        struct evaluation *e)
{
    struct schema *s;
    IWbemClassObject *object = value->type == CIM_OBJECT ? decoded(value, e) : NULL;
    if (!object || FAILED(schema_of(object, &s))) {
        return UNKNOWN_TRUTH;
    }
    return schema_is_a(s, class_name) ? TRUE_TRUTH : FALSE_TRUTH;
}
