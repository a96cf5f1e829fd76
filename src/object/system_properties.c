/*
 * The system properties that every class and instance has ([WmiSdk] "WMI System
 * Properties"), and the relative path that the keys of an instance make.
 */
#include "object/object_private.h"

#include <stdio.h>

enum system_property {
    SYSTEM_GENUS,
    SYSTEM_CLASS,
    SYSTEM_SUPERCLASS,
    SYSTEM_DYNASTY,
    SYSTEM_RELPATH,
    SYSTEM_PROPERTIES,
    SYSTEM_DERIVATION,
    SYSTEM_SERVER,
    SYSTEM_NAMESPACE,
    SYSTEM_PATH
};

const wchar_t *const system_property_names[SYSTEM_PROPERTY_COUNT] = {
    L"__GENUS",          L"__CLASS",      L"__SUPERCLASS", L"__DYNASTY",   L"__RELPATH",
    L"__PROPERTY_COUNT", L"__DERIVATION", L"__SERVER",     L"__NAMESPACE", L"__PATH"};

int system_property_find(const wchar_t *name)
{
    if (name[0] != '_' || name[1] != '_') {
        return -1;
    }
    for (unsigned i = 0; i < SYSTEM_PROPERTY_COUNT; i++) {
        if (name_equal(name, system_property_names[i])) {
            return (int)i;
        }
    }
    return -1;
}

CIMTYPE system_property_type(unsigned i)
{
    return i == SYSTEM_GENUS || i == SYSTEM_PROPERTIES ? CIM_SINT32
           : i == SYSTEM_DERIVATION                    ? CIM_STRING | CIM_FLAG_ARRAY
                                                       : CIM_STRING;
}

/* ---- names of the class, from whichever form is there --------------------------------- */

/* Borrowed until the class is changed. */
struct class_names {
    const wchar_t *name;
    wchar_t **ancestors;
    uint32_t ancestor_count, property_count;
};

static void class_names(struct object *o, struct class_names *ret)
{
    const struct draft *d = atomic_load_explicit(&o->draft, memory_order_acquire);
    if (d) {
        *ret = (struct class_names){d->name, d->ancestors, d->ancestor_count, d->property_count};
    } else {
        const struct schema *s = atomic_load_explicit(&o->schema, memory_order_acquire);
        *ret = (struct class_names){s->name, s->ancestors, s->ancestor_count, s->property_count};
    }
    if (ret->name && !ret->name[0]) {
        ret->name = NULL;
    }
}

const wchar_t *object_class_name(struct object *o)
{
    struct class_names n;
    class_names(o, &n);
    return n.name;
}

/* ---- paths ------------------------------------------------------------------------------- */

/* Text that grows; a failed allocation sticks. */
struct text {
    wchar_t *chars;
    size_t length, capacity;
    bool failed;
};

static void text_add(struct text *t, wchar_t c)
{
    if (t->length + 1 >= t->capacity && !t->failed) {
        size_t capacity = t->capacity * 2 + 64;
        wchar_t *chars = realloc(t->chars, capacity * sizeof *chars);
        t->failed = !chars;
        if (chars) {
            t->chars = chars;
            t->capacity = capacity;
        }
    }
    if (!t->failed) {
        t->chars[t->length++] = c;
        t->chars[t->length] = 0;
    }
}

static void text_adds(struct text *t, const wchar_t *s)
{
    while (*s) {
        text_add(t, *s++);
    }
}

/* [WmiSdk] "Describing an Instance Object Path": quotes and backslashes are escaped. */
static void text_add_quoted(struct text *t, const struct cim_string *s)
{
    text_add(t, '"');
    for (uint32_t at = 0; at < s->length;) {
        wchar_t c = (wchar_t)string_next(s, &at);
        if (c == '"' || c == '\\') {
            text_add(t, '\\');
        }
        text_add(t, c);
    }
    text_add(t, '"');
}

static void text_add_key(struct text *t, const struct cim_value *v)
{
    char digits[24];
    if (cim_is_string(v->type)) {
        text_add_quoted(t, &v->string);
        return;
    }
    if (v->type == CIM_BOOLEAN) {
        text_adds(t, v->sint ? L"TRUE" : L"FALSE");
        return;
    }
    if (cim_is_unsigned(v->type)) {
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)v->uint);
    } else {
        snprintf(digits, sizeof digits, "%lld", (long long)v->sint);
    }
    for (const char *d = digits; *d; d++) {
        text_add(t, *d);
    }
}

typedef void (*value_getter)(const void *from, uint32_t ordinal, struct cim_value *ret);

/* The keys in the order of their names, as the PropertyLookupTable has them. False when one is null
 * or there is none. */
static bool add_keys(const struct schema *s, value_getter get, const void *from, struct text *t)
{
    bool first = true;
    for (uint32_t i = 0; i < s->property_count; i++) {
        uint32_t ordinal = s->lookup[i];
        struct cim_value v;
        if (!s->properties[ordinal].key) {
            continue;
        }
        get(from, ordinal, &v);
        if (v.null) {
            return false;
        }
        text_add(t, first ? '.' : ',');
        text_adds(t, s->properties[ordinal].name);
        text_add(t, '=');
        text_add_key(t, &v);
        first = false;
    }
    return !first;
}

HRESULT schema_relpath(const struct schema *s, value_getter get, const void *from, wchar_t **ret)
{
    struct text t = {0};
    *ret = NULL;
    if (s->keys_missing || !s->name[0]) {
        return WBEM_S_NO_ERROR;
    }
    text_adds(&t, s->name);
    bool whole = true;
    if (s->singleton) {
        text_adds(&t, L"=@");
    } else {
        whole = add_keys(s, get, from, &t);
    }
    if (t.failed || !whole) {
        free(t.chars);
        return t.failed ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
    }
    *ret = t.chars;
    return WBEM_S_NO_ERROR;
}

static void get_from_instance(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    struct object *const *o = from;
    if (FAILED(instance_get(*o, ordinal, ret))) {
        *ret = (struct cim_value){.null = true};
    }
}

HRESULT object_relpath(struct object *o, wchar_t **ret)
{
    const wchar_t *name = object_class_name(o);
    *ret = NULL;
    if (!name) {
        return WBEM_S_NO_ERROR;
    }
    if (!o->is_class) {
        const struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
        return schema_relpath(s, get_from_instance, (const void *)&o, ret);
    }
    *ret = name_copy(name);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT full_path(struct object *o, const wchar_t *relpath, struct value *ret)
{
    struct text t = {0};
    text_adds(&t, L"\\\\");
    text_adds(&t, o->where->server[0] ? o->where->server : L".");
    text_add(&t, '\\');
    text_adds(&t, o->where->name_space);
    text_add(&t, ':');
    text_adds(&t, relpath);
    HRESULT hr =
        t.failed ? WBEM_E_OUT_OF_MEMORY : value_from_wide(CIM_STRING, t.chars, t.length, ret);
    free(t.chars);
    return hr;
}

/* ---- values --------------------------------------------------------------------------------- */

static HRESULT derivation(const struct class_names *n, struct value *ret)
{
    struct buffer b = {0};
    array_begin(&b, CIM_STRING, n->ancestor_count);
    for (uint32_t i = 0; i < n->ancestor_count; i++) {
        struct value item = {0};
        HRESULT hr = value_from_wide(CIM_STRING, n->ancestors[i], wcslen(n->ancestors[i]), &item);
        if (FAILED(hr)) {
            buffer_done(&b);
            return hr;
        }
        array_set(&b, CIM_STRING, i, &item.v);
        value_done(&item);
    }
    return array_end(&b, CIM_STRING, n->ancestor_count, ret);
}

static HRESULT text_value(const wchar_t *text, struct value *ret)
{
    if (!text) {
        ret->v = value_null(CIM_STRING);
        return WBEM_S_NO_ERROR;
    }
    return value_from_wide(CIM_STRING, text, wcslen(text), ret);
}

static HRESULT path_value(struct object *o, bool full, struct value *ret)
{
    wchar_t *relpath;
    HRESULT hr = object_relpath(o, &relpath);
    if (FAILED(hr)) {
        return hr;
    }
    if (full) {
        hr = relpath && o->where ? full_path(o, relpath, ret) : text_value(NULL, ret);
    } else {
        hr = text_value(relpath, ret);
    }
    free(relpath);
    return hr;
}

HRESULT system_property_get(struct object *o, unsigned i, struct value *ret)
{
    struct class_names n;
    class_names(o, &n);
    switch (i) {
    case SYSTEM_GENUS:
        ret->v = (struct cim_value){.type = CIM_SINT32,
                                    .sint = o->is_class ? WBEM_GENUS_CLASS : WBEM_GENUS_INSTANCE};
        return WBEM_S_NO_ERROR;
    case SYSTEM_CLASS:
        return text_value(n.name, ret);
    case SYSTEM_SUPERCLASS:
        return text_value(n.ancestor_count ? n.ancestors[0] : NULL, ret);
    case SYSTEM_DYNASTY:
        return text_value(n.ancestor_count ? n.ancestors[n.ancestor_count - 1] : n.name, ret);
    case SYSTEM_RELPATH:
        return path_value(o, false, ret);
    case SYSTEM_PROPERTIES:
        ret->v = (struct cim_value){.type = CIM_SINT32, .sint = n.property_count};
        return WBEM_S_NO_ERROR;
    case SYSTEM_DERIVATION:
        return derivation(&n, ret);
    case SYSTEM_SERVER:
        return text_value(o->where ? o->where->server : NULL, ret);
    case SYSTEM_NAMESPACE:
        return text_value(o->where ? o->where->name_space : NULL, ret);
    default:
        return path_value(o, true, ret);
    }
}
