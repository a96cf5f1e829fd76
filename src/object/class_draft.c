/*
 * A class as something to edit: names, values and qualifiers in memory of
 * their own. It is read from a schema once and encoded when somebody asks.
 */
#include "object/object_private.h"

/* ---- destruction -------------------------------------------------------------- */

static void property_done(struct draft_property *p)
{
    free(p->name);
    value_done(&p->value);
    qualifier_list_done(&p->qualifiers);
}

static void method_done(struct draft_method *m)
{
    free(m->name);
    qualifier_list_done(&m->qualifiers);
    free(m->in);
    free(m->out);
}

HRESULT draft_create(struct draft **ret)
{
    *ret = calloc(1, sizeof **ret);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

void draft_destroy(struct draft *d)
{
    if (!d) {
        return;
    }
    for (uint32_t i = 0; i < d->property_count; i++) {
        property_done(&d->properties[i]);
    }
    for (uint32_t i = 0; i < d->method_count; i++) {
        method_done(&d->methods[i]);
    }
    for (uint32_t i = 0; i < d->ancestor_count; i++) {
        free(d->ancestors[i]);
    }
    free(d->properties);
    free(d->methods);
    free(d->ancestors);
    free(d->name);
    qualifier_list_done(&d->qualifiers);
    schema_unref(d->parent);
    free(d);
}

/* ---- properties and methods -------------------------------------------------------- */

struct draft_property *draft_find(const struct draft *d, const wchar_t *name)
{
    uint32_t length, hash = name_hash(name, &length);
    for (uint32_t i = 0; i < d->property_count; i++) {
        if (d->properties[i].hash == hash && name_equal(d->properties[i].name, name)) {
            return &d->properties[i];
        }
    }
    return NULL;
}

/* Room for one more; false when out of memory. */
static bool grow(void **items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    uint32_t wanted = *capacity ? *capacity * 2 : 8;
    void *bigger = realloc(*items, wanted * size);
    if (!bigger) {
        return false;
    }
    *items = bigger;
    *capacity = wanted;
    return true;
}

HRESULT draft_add_property(struct draft *d, const wchar_t *name, CIMTYPE type,
                           struct draft_property **ret)
{
    if (d->property_count >= UINT16_MAX - 1) {
        return WBEM_E_TOO_MANY_PROPERTIES;
    }
    wchar_t *copy = name_copy(name);
    if (!copy || !grow((void **)&d->properties, d->property_count, &d->property_capacity,
                       sizeof *d->properties)) {
        free(copy);
        return WBEM_E_OUT_OF_MEMORY;
    }
    uint32_t length;
    struct draft_property *p = &d->properties[d->property_count++];
    *p = (struct draft_property){.name = copy,
                                 .hash = name_hash(name, &length),
                                 .type = type,
                                 .origin = d->ancestor_count,
                                 .value = {.v = value_null(type)}};
    *ret = p;
    return WBEM_S_NO_ERROR;
}

void draft_remove_property(struct draft *d, struct draft_property *p)
{
    size_t after = (size_t)(d->properties + d->property_count - (p + 1));
    property_done(p);
    memmove(p, p + 1, after * sizeof *p);
    d->property_count--;
}

struct draft_method *draft_find_method(const struct draft *d, const wchar_t *name)
{
    for (uint32_t i = 0; i < d->method_count; i++) {
        if (name_equal(d->methods[i].name, name)) {
            return &d->methods[i];
        }
    }
    return NULL;
}

HRESULT draft_add_method(struct draft *d, const wchar_t *name, struct draft_method **ret)
{
    if (d->method_count >= UINT16_MAX) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    wchar_t *copy = name_copy(name);
    if (!copy ||
        !grow((void **)&d->methods, d->method_count, &d->method_capacity, sizeof *d->methods)) {
        free(copy);
        return WBEM_E_OUT_OF_MEMORY;
    }
    struct draft_method *m = &d->methods[d->method_count++];
    *m = (struct draft_method){.name = copy, .origin = d->ancestor_count};
    *ret = m;
    return WBEM_S_NO_ERROR;
}

void draft_remove_method(struct draft *d, struct draft_method *m)
{
    size_t after = (size_t)(d->methods + d->method_count - (m + 1));
    method_done(m);
    memmove(m, m + 1, after * sizeof *m);
    d->method_count--;
}

static bool has_local(const struct qualifier_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (!(l->items[i].flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED)) {
            return true;
        }
    }
    return false;
}

bool draft_property_overrides(const struct draft_property *p)
{
    return p->inherited && (!p->default_inherited || has_local(&p->qualifiers));
}

bool draft_method_overrides(const struct draft_method *m)
{
    return m->inherited && has_local(&m->qualifiers);
}

/* ---- from a schema -------------------------------------------------------------------- */

static HRESULT read_property(struct draft *d, const struct schema *s, uint32_t ordinal)
{
    const struct schema_property *from = &s->properties[ordinal];
    struct draft_property *p;
    struct cim_value value;
    struct qualifier_cursor c;
    HRESULT hr = draft_add_property(d, from->name, from->type, &p);
    if (SUCCEEDED(hr)) {
        p->inherited = from->inherited;
        p->origin = from->origin;
        p->default_inherited = (nd_get(s->class_part + s->nd_table, ordinal) & ND_INHERITED) != 0;
        hr = schema_default(s, ordinal, &value);
    }
    if (SUCCEEDED(hr)) {
        hr = value_copy(&value, &p->value);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_property_qualifiers(s, ordinal, &c);
    }
    return SUCCEEDED(hr) ? qualifier_list_read(&c, &p->qualifiers) : hr;
}

static HRESULT copy_signature(const uint8_t *bytes, uint32_t size, uint8_t **ret,
                              uint32_t *ret_size)
{
    if (bytes) {
        *ret = malloc(size);
        if (!*ret) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        memcpy(*ret, bytes, size);
        *ret_size = size;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT read_method(struct draft *d, const struct schema *s, uint32_t i)
{
    struct method_view v;
    struct draft_method *m;
    HRESULT hr = methods_get(s->methods_part, s->methods_part_size, i, &v);
    if (FAILED(hr)) {
        return hr;
    }
    wchar_t *name = string_wide_copy(&v.name);
    hr = name ? draft_add_method(d, name, &m) : WBEM_E_OUT_OF_MEMORY;
    free(name);
    if (FAILED(hr)) {
        return hr;
    }
    m->inherited = (v.flags & WBEM_FLAVOR_ORIGIN_PROPAGATED) != 0;
    m->origin = v.origin;
    hr = qualifier_list_read(&v.qualifiers, &m->qualifiers);
    if (SUCCEEDED(hr)) {
        hr = copy_signature(v.in, v.in_size, &m->in, &m->in_size);
    }
    return SUCCEEDED(hr) ? copy_signature(v.out, v.out_size, &m->out, &m->out_size) : hr;
}

static HRESULT read_names(struct draft *d, const struct schema *s)
{
    if (s->name && !(d->name = name_copy(s->name))) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (s->ancestor_count == 0) {
        return WBEM_S_NO_ERROR;
    }
    d->ancestors = calloc(s->ancestor_count, sizeof *d->ancestors);
    if (!d->ancestors) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (; d->ancestor_count < s->ancestor_count; d->ancestor_count++) {
        wchar_t *copy = name_copy(s->ancestors[d->ancestor_count]);
        if (!copy) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        d->ancestors[d->ancestor_count] = copy;
    }
    return WBEM_S_NO_ERROR;
}

HRESULT draft_from_schema(struct schema *s, struct draft **ret)
{
    struct draft *d;
    struct qualifier_cursor c;
    HRESULT hr = draft_create(&d);
    if (FAILED(hr)) {
        return hr;
    }
    d->parent = schema_ref(s->parent);
    d->keys_missing = s->keys_missing;
    hr = read_names(d, s);
    if (SUCCEEDED(hr)) {
        hr = schema_qualifiers(s, &c);
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_read(&c, &d->qualifiers);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < s->property_count; i++) {
        hr = read_property(d, s, i);
    }
    uint32_t methods = s->methods_part ? methods_count(s->methods_part) : 0;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < methods; i++) {
        hr = read_method(d, s, i);
    }
    if (FAILED(hr)) {
        draft_destroy(d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

/* ---- deriving ---------------------------------------------------------------------------- */

/* Keep of a list what propagates to subclasses. */
static HRESULT inherit_qualifiers(struct qualifier_list *l)
{
    struct qualifier_list kept = {0};
    HRESULT hr = qualifier_list_propagate(l, WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, &kept);
    if (SUCCEEDED(hr)) {
        qualifier_list_done(l);
        *l = kept;
    }
    return hr;
}

static HRESULT push_ancestor(struct draft *d)
{
    wchar_t **ancestors =
        realloc(d->ancestors, ((size_t)d->ancestor_count + 1) * sizeof *ancestors);
    if (!ancestors) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    memmove(ancestors + 1, ancestors, d->ancestor_count * sizeof *ancestors);
    ancestors[0] = d->name;
    d->name = NULL;
    d->ancestors = ancestors;
    d->ancestor_count++;
    return WBEM_S_NO_ERROR;
}

HRESULT draft_derive(struct schema *s, struct draft **ret)
{
    struct draft *d;
    HRESULT hr = draft_from_schema(s, &d);
    if (FAILED(hr)) {
        return hr;
    }
    schema_unref(d->parent);
    d->parent = schema_ref(s);
    hr = push_ancestor(d);
    if (SUCCEEDED(hr)) {
        hr = inherit_qualifiers(&d->qualifiers);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < d->property_count; i++) {
        d->properties[i].inherited = true;
        d->properties[i].default_inherited = true;
        hr = inherit_qualifiers(&d->properties[i].qualifiers);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < d->method_count; i++) {
        d->methods[i].inherited = true;
        hr = inherit_qualifiers(&d->methods[i].qualifiers);
    }
    if (FAILED(hr)) {
        draft_destroy(d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

const wchar_t *cim_type_name(CIMTYPE type)
{
    static const struct {
        CIMTYPE type;
        const wchar_t *name;
    } names[] = {
        {CIM_SINT8, L"sint8"},       {CIM_UINT8, L"uint8"},     {CIM_SINT16, L"sint16"},
        {CIM_UINT16, L"uint16"},     {CIM_SINT32, L"sint32"},   {CIM_UINT32, L"uint32"},
        {CIM_SINT64, L"sint64"},     {CIM_UINT64, L"uint64"},   {CIM_REAL32, L"real32"},
        {CIM_REAL64, L"real64"},     {CIM_BOOLEAN, L"boolean"}, {CIM_STRING, L"string"},
        {CIM_DATETIME, L"datetime"}, {CIM_REFERENCE, L"ref"},   {CIM_CHAR16, L"char16"},
        {CIM_OBJECT, L"object"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].type == CIM_BASE(type)) {
            return names[i].name;
        }
    }
    return L"";
}
