/*
 * Instances, embedded ones included, and aliases: names that a file gives to
 * its instances and classes for use as references (DSP0004 "Instance Declarations"). An alias may
 * be used above the instance it names, which is then made on demand.
 */
#include "mof/compiler_private.h"

#include <stdlib.h>
#include <wchar.h>

/* ---- instances ------------------------------------------------------------- */

static HRESULT put_value_qualifiers(struct mof_compiler *c, const struct mof_assignment *a,
                                    const wchar_t *name, IWbemClassObject *instance)
{
    if (a->qualifiers == NULL) {
        return WBEM_S_NO_ERROR;
    }
    IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(instance, name, &set);
    if (FAILED(hr)) {
        return mof_fail_call(c, a->name, hr, "the property's qualifiers can't be set");
    }
    hr = mof_put_qualifiers(c, a->qualifiers, MOF_SCOPE_ANY, set);
    IWbemQualifierSet_Release(set);
    return hr;
}

static HRESULT assign(struct mof_compiler *c, const struct mof_assignment *a,
                      IWbemClassObject *instance)
{
    wchar_t name[MOF_MAX_NAME + 1];
    CIMTYPE type;
    VARIANT value;
    HRESULT hr = mof_name(c, a->name, name);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_Get(instance, name, 0, NULL, &type, NULL);
    if (hr == WBEM_E_NOT_FOUND) {
        return mof_fail(c, a->name, WBEM_E_NOT_FOUND, "the class has no such property");
    }
    if (FAILED(hr)) {
        return mof_fail_call(c, a->name, hr, "the property can't be set");
    }
    hr = mof_property_value(c, &a->value, type, &value);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_Put(instance, name, 0, &value, 0);
    (void)VariantClear(&value);
    if (FAILED(hr)) {
        return mof_fail_call(c, a->name, hr, "the property can't be set");
    }
    return put_value_qualifiers(c, a, name, instance);
}

static bool is_repeated(const struct mof_instance *decl, const struct mof_assignment *a)
{
    for (const struct mof_assignment *i = decl->assignments; i != a; i = i->next) {
        if (mof_slice_equal(i->name, a->name)) {
            return true;
        }
    }
    return false;
}

static HRESULT fill_instance(struct mof_compiler *c, const struct mof_instance *decl,
                             IWbemClassObject *instance)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    if (decl->qualifiers != NULL) {
        IWbemQualifierSet *set = NULL;
        hr = IWbemClassObject_GetQualifierSet(instance, &set);
        if (FAILED(hr)) {
            return mof_fail_call(c, decl->class_name, hr, "the qualifiers can't be set");
        }
        hr = mof_put_qualifiers(c, decl->qualifiers, MOF_SCOPE_ANY, set);
        IWbemQualifierSet_Release(set);
    }
    for (const struct mof_assignment *a = decl->assignments; SUCCEEDED(hr) && a != NULL;
         a = a->next) {
        if (is_repeated(decl, a)) {
            return mof_fail(c, a->name, WBEMMOF_E_DUPLICATE_PROPERTY,
                            "the property has a value already");
        }
        hr = assign(c, a, instance);
    }
    return hr;
}

HRESULT mof_make_instance(struct mof_compiler *c, const struct mof_instance *decl,
                          IWbemClassObject **ret)
{
    IWbemClassObject *cls = NULL, *instance = NULL;
    HRESULT hr = mof_get_class(c, decl->class_name, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_SpawnInstance(cls, 0, &instance);
    IWbemClassObject_Release(cls);
    if (FAILED(hr)) {
        return mof_fail_call(c, decl->class_name, hr, "the class can't have instances");
    }
    hr = fill_instance(c, decl, instance);
    if (FAILED(hr)) {
        IWbemClassObject_Release(instance);
        return hr;
    }
    *ret = instance;
    return hr;
}

/* ---- aliases ------------------------------------------------------------------- */

static struct mof_alias *find_alias(struct mof_compiler *c, struct mof_slice name)
{
    for (struct mof_alias *a = c->aliases; a != NULL; a = a->next) {
        if (mof_slice_equal(a->name, name)) {
            return a;
        }
    }
    return NULL;
}

void mof_alias_destroy(struct mof_alias *alias)
{
    if (alias->made != NULL) {
        IWbemClassObject_Release(alias->made);
    }
    free(alias->made_name_space);
    free(alias);
}

static struct mof_slice alias_of(const struct mof_production *p)
{
    switch (p->kind) {
    case MOF_PRODUCTION_CLASS:
        return p->cls.alias;
    case MOF_PRODUCTION_INSTANCE:
        return p->instance.alias;
    default:
        return (struct mof_slice){NULL, 0};
    }
}

HRESULT mof_register_aliases(struct mof_compiler *c, struct mof_source *source)
{
    ULONG object = 0;
    for (const struct mof_production *p = source->tree->first; p != NULL; p = p->next) {
        struct mof_slice name = alias_of(p);
        object += p->kind == MOF_PRODUCTION_CLASS || p->kind == MOF_PRODUCTION_INSTANCE ? 1 : 0;
        if (name.start == NULL) {
            continue;
        }
        if (find_alias(c, name) != NULL) {
            return mof_fail(c, name, WBEMMOF_E_MULTIPLE_ALIASES, "the alias is taken");
        }
        struct mof_alias *alias = calloc(1, sizeof *alias);
        if (alias == NULL) {
            return mof_fail(c, name, WBEM_E_OUT_OF_MEMORY, "out of memory");
        }
        *alias = (struct mof_alias){
            .next = c->aliases, .name = name, .source = source, .production = p, .object = object};
        c->aliases = alias;
    }
    return WBEM_S_NO_ERROR;
}

/* What an alias stands for, made where its production stands in the text as far as messages go. */
static HRESULT make_aliased(struct mof_compiler *c, struct mof_alias *alias)
{
    struct mof_source *source = c->source;
    struct mof_slice place = c->place;
    ULONG object = c->object;
    c->source = alias->source;
    c->place = alias->name;
    c->object = alias->object;
    alias->being_made = true;
    c->alias_depth++;

    alias->made_name_space = wcsdup(c->name_space);
    HRESULT hr = alias->made_name_space == NULL
                     ? mof_fail(c, alias->name, WBEM_E_OUT_OF_MEMORY, "out of memory")
                     : mof_make_instance(c, &alias->production->instance, &alias->made);

    c->alias_depth--;
    alias->being_made = false;
    c->source = source;
    c->place = place;
    c->object = object;
    return hr;
}

static HRESULT resolve(struct mof_compiler *c, const struct mof_value *value,
                       struct mof_alias **ret)
{
    struct mof_alias *alias = find_alias(c, value->text);
    if (alias == NULL) {
        return mof_fail(c, value->text, WBEMMOF_E_UNEXPECTED_ALIAS, "the alias is not defined");
    }
    if (alias->being_made || c->alias_depth >= MOF_MAX_ALIAS_DEPTH) {
        return mof_fail(c, value->text, WBEMMOF_E_UNEXPECTED_ALIAS,
                        "the alias needs itself to be known");
    }
    *ret = alias;
    bool is_class = alias->production->kind == MOF_PRODUCTION_CLASS;
    return is_class || alias->made != NULL ? WBEM_S_NO_ERROR : make_aliased(c, alias);
}

HRESULT mof_alias_object(struct mof_compiler *c, const struct mof_value *value,
                         IWbemClassObject **ret)
{
    struct mof_alias *alias;
    HRESULT hr = resolve(c, value, &alias);
    if (FAILED(hr)) {
        return hr;
    }
    if (alias->made == NULL) {
        return mof_fail(c, value->text, WBEMMOF_E_UNEXPECTED_ALIAS,
                        "the alias names a class, not an instance");
    }
    IWbemClassObject_AddRef(alias->made);
    *ret = alias->made;
    return WBEM_S_NO_ERROR;
}

/* \\.\namespace:relative, or the relative path alone within one namespace. */
static BSTR join_path(const struct mof_compiler *c, const struct mof_alias *alias,
                      const wchar_t *relative)
{
    if (wcscasecmp(alias->made_name_space, c->name_space) == 0) {
        return SysAllocString(relative);
    }
    size_t room = wcslen(alias->made_name_space) + wcslen(relative) + 6;
    BSTR path = SysAllocStringLen(NULL, (UINT)room);
    if (path == NULL) {
        return NULL;
    }
    int length = swprintf(path, room, L"\\\\.\\%ls:%ls", alias->made_name_space, relative);
    BSTR exact = SysAllocStringLen(path, (UINT)length);
    SysFreeString(path);
    return exact;
}

HRESULT mof_alias_path(struct mof_compiler *c, const struct mof_value *value, BSTR *ret)
{
    struct mof_alias *alias;
    HRESULT hr = resolve(c, value, &alias);
    if (FAILED(hr)) {
        return hr;
    }
    BSTR path = NULL;
    if (alias->made == NULL) {
        wchar_t name[MOF_MAX_NAME + 1];
        hr = mof_name(c, alias->production->cls.name, name);
        path = SUCCEEDED(hr) ? SysAllocString(name) : NULL;
    } else {
        VARIANT relative;
        VariantInit(&relative);
        hr = IWbemClassObject_Get(alias->made, L"__RELPATH", 0, &relative, NULL, NULL);
        if (SUCCEEDED(hr) && V_VT(&relative) != VT_BSTR) {
            hr = WBEM_E_INVALID_OBJECT_PATH;
        }
        path = SUCCEEDED(hr) ? join_path(c, alias, V_BSTR(&relative)) : NULL;
        (void)VariantClear(&relative);
    }
    if (path == NULL) {
        return mof_fail_call(c, value->text, FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY,
                             "what the alias stands for has no path");
    }
    *ret = path;
    return WBEM_S_NO_ERROR;
}

/* ---- the declaration ---------------------------------------------------------------- */

HRESULT mof_compile_instance(struct mof_compiler *c, const struct mof_production *production)
{
    const struct mof_instance *decl = &production->instance;
    struct mof_alias *alias = decl->alias.start == NULL ? NULL : find_alias(c, decl->alias);
    IWbemClassObject *instance = NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (alias == NULL) {
        hr = mof_make_instance(c, decl, &instance);
    } else {
        hr = alias->made == NULL ? make_aliased(c, alias) : hr;
        if (SUCCEEDED(hr)) {
            instance = alias->made;
            IWbemClassObject_AddRef(instance);
        }
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = c->target->put_instance(c->target->closure, c->name_space, instance, c->instance_flags);
    IWbemClassObject_Release(instance);
    return FAILED(hr) ? mof_fail_call(c, decl->class_name, hr, "the instance is refused") : hr;
}
