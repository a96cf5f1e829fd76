/*
 * Qualifiers: from the tree into a qualifier set, with the flavors that they
 * name, that their declaration gives, or that all of that name have.
 */
#include "mof/compiler_private.h"

static const struct mof_qualifier *find(const struct mof_qualifier *first, const char *name)
{
    for (const struct mof_qualifier *q = first; q != NULL; q = q->next) {
        if (mof_slice_is(q->name, name)) {
            return q;
        }
    }
    return NULL;
}

bool mof_has_qualifier(const struct mof_qualifier *first, const char *name)
{
    return find(first, name) != NULL;
}

bool mof_qualifier_is_true(const struct mof_qualifier *first, const char *name, bool absent)
{
    const struct mof_qualifier *q = find(first, name);
    return q == NULL ? absent : q->value.kind != MOF_VALUE_BOOLEAN || q->value.boolean;
}

static const struct mof_declaration *find_declaration(const struct mof_compiler *c,
                                                      struct mof_slice name)
{
    for (const struct mof_known_qualifier *k = c->qualifiers; k != NULL; k = k->next) {
        if (mof_slice_equal(k->declaration->name, name)) {
            return k->declaration;
        }
    }
    return NULL;
}

/* ---- what a declaration says of it ------------------------------------------------------ */

unsigned mof_class_scope(const struct mof_qualifier *first)
{
    return MOF_SCOPE_CLASS |
           (mof_qualifier_is_true(first, "association", false) ? MOF_SCOPE_ASSOCIATION : 0) |
           (mof_qualifier_is_true(first, "indication", false) ? MOF_SCOPE_INDICATION : 0);
}

/* DSP0004 "Qualifiers": the words of Scope(…). */
static unsigned scope_of(const struct mof_declaration *d)
{
    static const struct {
        const char *word;
        unsigned scope;
    } words[] = {
        {"any", MOF_SCOPE_ANY},
        {"class", MOF_SCOPE_CLASS},
        {"association", MOF_SCOPE_ASSOCIATION},
        {"indication", MOF_SCOPE_INDICATION},
        {"property", MOF_SCOPE_PROPERTY},
        {"reference", MOF_SCOPE_REFERENCE},
        {"method", MOF_SCOPE_METHOD},
        {"parameter", MOF_SCOPE_PARAMETER},
    };
    unsigned scope = 0;
    for (const struct mof_value *v = d->scope; v != NULL; v = v->next) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            scope |= mof_slice_is(v->text, words[i].word) ? words[i].scope : 0;
        }
    }
    return d->scope == NULL ? MOF_SCOPE_ANY : scope;
}

static bool fits_type(const struct mof_value *v, CIMTYPE type)
{
    switch (v->kind) {
    case MOF_VALUE_ABSENT:
        return type == CIM_BOOLEAN;
    case MOF_VALUE_NULL:
        return true;
    case MOF_VALUE_BOOLEAN:
        return type == CIM_BOOLEAN;
    case MOF_VALUE_INTEGER:
        return type != CIM_BOOLEAN && type != CIM_STRING && type != CIM_DATETIME;
    case MOF_VALUE_REAL:
        return type == CIM_REAL32 || type == CIM_REAL64;
    case MOF_VALUE_CHAR:
        return type == CIM_CHAR16;
    case MOF_VALUE_STRING:
        return type == CIM_STRING || type == CIM_DATETIME;
    default:
        return false;
    }
}

/* An array is declared as one; each item is of the type. A declaration without a type (WMI's short
 * form) says nothing of either. A boolean's short form needs no value, and neither does one whose
 * declaration gives a default. */
static HRESULT check_declared(struct mof_compiler *c, const struct mof_declaration *d,
                              const struct mof_qualifier *q, unsigned scope)
{
    bool fits = true;
    if (!d->typed) {
        return WBEM_S_NO_ERROR;
    }
    if (!(scope_of(d) & scope)) {
        return mof_fail(c, q->name, WBEMMOF_E_UNRECOGNIZED_TOKEN,
                        "the qualifier's declaration does not allow it here");
    }
    if (q->value.kind == MOF_VALUE_ARRAY) {
        fits = d->type.array;
        for (const struct mof_value *v = q->value.array.items; fits && v != NULL; v = v->next) {
            fits = fits_type(v, d->type.type);
        }
    } else if (q->value.kind != MOF_VALUE_ABSENT && q->value.kind != MOF_VALUE_NULL) {
        fits = !d->type.array && fits_type(&q->value, d->type.type);
    } else if (q->value.kind == MOF_VALUE_ABSENT) {
        fits = d->type.type == CIM_BOOLEAN || d->initial.kind != MOF_VALUE_ABSENT;
    }
    return fits ? WBEM_S_NO_ERROR
                : mof_fail(c, q->name, WBEM_E_TYPE_MISMATCH,
                           "the qualifier is declared with another type");
}

/* A declaration's flavors hold where the qualifier gives no other of the same kind. One that gives
 * none means ToSubclass and EnableOverride (DSP0004 "Qualifier Flavors"); WMI's short
 * form means what it says.
 */
static LONG flavor_of(struct mof_compiler *c, const struct mof_qualifier *q, const wchar_t *name)
{
    LONG flavor = qualifier_default_flavor(name);
    const struct mof_declaration *d = find_declaration(c, q->name);
    if (d != NULL) {
        LONG usual = d->typed ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS : 0;
        flavor = (flavor | usual | d->flavors.set) & ~d->flavors.cleared;
    }
    return (flavor | q->flavors.set) & ~q->flavors.cleared;
}

static bool is_repeated(const struct mof_qualifier *first, const struct mof_qualifier *q)
{
    for (const struct mof_qualifier *i = first; i != q; i = i->next) {
        if (mof_slice_equal(i->name, q->name)) {
            return true;
        }
    }
    return false;
}

static HRESULT put_qualifier(struct mof_compiler *c, const struct mof_qualifier *q, unsigned scope,
                             IWbemQualifierSet *set)
{
    wchar_t name[MOF_MAX_NAME + 1];
    VARIANT value;
    struct mof_qualifier filled = *q;
    const struct mof_declaration *d = find_declaration(c, q->name);
    HRESULT hr = mof_name(c, q->name, name);
    if (SUCCEEDED(hr) && d != NULL) {
        hr = check_declared(c, d, q, scope);
    }
    if (FAILED(hr)) {
        return hr;
    }
    /* Without a value, a declared one has its declaration's; a boolean then is true, though. */
    if (d != NULL && d->typed && d->type.type != CIM_BOOLEAN && q->value.kind == MOF_VALUE_ABSENT) {
        filled.value = d->initial;
    }
    hr = mof_qualifier_value(c, &filled, &value);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemQualifierSet_Put(set, name, &value, flavor_of(c, q, name));
    (void)VariantClear(&value);
    return FAILED(hr) ? mof_fail_call(c, q->name, hr, "the qualifier can't be set") : hr;
}

HRESULT mof_put_qualifiers(struct mof_compiler *c, const struct mof_qualifier *first,
                           unsigned scope, IWbemQualifierSet *set)
{
    for (const struct mof_qualifier *q = first; q != NULL; q = q->next) {
        if (is_repeated(first, q)) {
            return mof_fail(c, q->name, WBEMMOF_E_DUPLICATE_QUALIFIER,
                            "the qualifier stands here twice");
        }
        HRESULT hr = put_qualifier(c, q, scope, set);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}
