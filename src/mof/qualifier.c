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

/* A declaration's flavors hold where the qualifier gives no other of the same kind. One that gives
 * none means ToSubclass and EnableOverride (DSP0004 "Qualifier Flavors"); WMI's short
 * form means what it says.
 */
static LONG flavor_of(struct mof_compiler *c, const struct mof_qualifier *q, const wchar_t *name)
{
    LONG flavor = qualifier_default_flavor(name);
    for (const struct mof_known_qualifier *k = c->qualifiers; k != NULL; k = k->next) {
        if (mof_slice_equal(k->declaration->name, q->name)) {
            const struct mof_flavors *declared = &k->declaration->flavors;
            LONG usual = k->declaration->typed ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS : 0;
            flavor = (flavor | usual | declared->set) & ~declared->cleared;
            break;
        }
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

static HRESULT put_qualifier(struct mof_compiler *c, const struct mof_qualifier *q,
                             IWbemQualifierSet *set)
{
    wchar_t name[MOF_MAX_NAME + 1];
    VARIANT value;
    HRESULT hr = mof_name(c, q->name, name);
    if (FAILED(hr)) {
        return hr;
    }
    hr = mof_qualifier_value(c, q, &value);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemQualifierSet_Put(set, name, &value, flavor_of(c, q, name));
    (void)VariantClear(&value);
    return FAILED(hr) ? mof_fail_call(c, q->name, hr, "the qualifier can't be set") : hr;
}

HRESULT mof_put_qualifiers(struct mof_compiler *c, const struct mof_qualifier *first,
                           IWbemQualifierSet *set)
{
    for (const struct mof_qualifier *q = first; q != NULL; q = q->next) {
        if (is_repeated(first, q)) {
            return mof_fail(c, q->name, WBEMMOF_E_DUPLICATE_QUALIFIER,
                            "the qualifier stands here twice");
        }
        HRESULT hr = put_qualifier(c, q, set);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}
