/*
 * Class declarations: a class derived from its superclass, its properties,
 * and its methods with their parameters as two __PARAMETERS classes.
 */
#include "mof/compiler_private.h"

#include <wchar.h>

#define ID_FLAVOR (WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE | WBEM_FLAVOR_NOT_OVERRIDABLE)

HRESULT mof_get_class(struct mof_compiler *c, struct mof_slice name, IWbemClassObject **ret)
{
    wchar_t text[MOF_MAX_NAME + 1];
    HRESULT hr = mof_name(c, name, text);
    if (FAILED(hr)) {
        return hr;
    }
    hr = c->target->get_class(c->target->closure, c->name_space, text, ret);
    if (hr == WBEM_E_NOT_FOUND) {
        return mof_fail(c, name, WBEM_E_INVALID_CLASS, "the class is not known");
    }
    return FAILED(hr) ? mof_fail_call(c, name, hr, "the class can't be read") : hr;
}

/* ---- properties ----------------------------------------------------------------- */

/* What a reference refers to and an object is, WMI keeps in the qualifier CIMTYPE: "ref:Class",
 * "object:Class". */
static HRESULT put_class_of_type(struct mof_compiler *c, const struct mof_type *type,
                                 IWbemQualifierSet *set)
{
    wchar_t name[MOF_MAX_NAME + 1], text[MOF_MAX_NAME + 16];
    HRESULT hr = mof_name(c, type->class_name, name);
    if (FAILED(hr)) {
        return hr;
    }
    (void)swprintf(text, sizeof text / sizeof text[0], L"%ls:%ls",
                   type->type == CIM_REFERENCE ? L"ref" : L"object", name);
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(text);
    hr = V_BSTR(&value) == NULL
             ? WBEM_E_OUT_OF_MEMORY
             : IWbemQualifierSet_Put(set, L"CIMTYPE", &value,
                                     WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                         WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS);
    (void)VariantClear(&value);
    return FAILED(hr) ? mof_fail_call(c, type->class_name, hr, "the type can't be set") : hr;
}

static HRESULT put_number(IWbemQualifierSet *set, const wchar_t *name, LONG number, LONG flavor)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_I4;
    V_I4(&value) = number;
    return IWbemQualifierSet_Put(set, name, &value, flavor);
}

static HRESULT put_flag(IWbemQualifierSet *set, const wchar_t *name)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    return IWbemQualifierSet_Put(set, name, &value, qualifier_default_flavor(name));
}

/* x[5]: the size is WMI's qualifier MAX. */
static HRESULT put_array_size(struct mof_compiler *c, const struct mof_type *type,
                              IWbemQualifierSet *set)
{
    uint64_t size;
    bool negative;
    (void)mof_decode_integer(type->array_size, &size, &negative);
    HRESULT hr = put_number(set, L"MAX", (LONG)size, 0);
    return FAILED(hr) ? mof_fail_call(c, type->array_size, hr, "the size can't be set") : hr;
}

static HRESULT put_type_and_qualifiers(struct mof_compiler *c, const struct mof_feature *f,
                                       unsigned scope, IWbemQualifierSet *set)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    if (f->type.class_name.start != NULL) {
        hr = put_class_of_type(c, &f->type, set);
    }
    if (SUCCEEDED(hr) && f->type.array_size.start != NULL &&
        !mof_has_qualifier(f->qualifiers, "max")) {
        hr = put_array_size(c, &f->type, set);
    }
    return SUCCEEDED(hr) ? mof_put_qualifiers(c, f->qualifiers, scope, set) : hr;
}

/* A property that the superclass has keeps its default unless it is given another. */
static HRESULT put_default(struct mof_compiler *c, const struct mof_feature *f,
                           IWbemClassObject *cls, const wchar_t *name, CIMTYPE type)
{
    VARIANT value;
    CIMTYPE inherited_type;
    LONG origin = WBEM_FLAVOR_ORIGIN_LOCAL;
    HRESULT hr;
    if (f->initial.kind == MOF_VALUE_ABSENT) {
        hr = IWbemClassObject_Get(cls, name, 0, NULL, &inherited_type, &origin);
        if (SUCCEEDED(hr) && origin != WBEM_FLAVOR_ORIGIN_LOCAL && inherited_type == type) {
            return WBEM_S_NO_ERROR;
        }
    }
    hr = mof_property_value(c, &f->initial, type, &value);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_Put(cls, name, 0, &value, type);
    (void)VariantClear(&value);
    return FAILED(hr) ? mof_fail_call(c, f->name, hr, "the property can't be added") : hr;
}

/* The property with its qualifiers; *ret_set, when asked for, is its qualifier set. */
static HRESULT put_property(struct mof_compiler *c, const struct mof_feature *f, unsigned scope,
                            IWbemClassObject *cls, IWbemQualifierSet **ret_set)
{
    wchar_t name[MOF_MAX_NAME + 1];
    CIMTYPE type = f->type.type | (f->type.array ? CIM_FLAG_ARRAY : 0);
    HRESULT hr = mof_name(c, f->name, name);
    if (FAILED(hr)) {
        return hr;
    }
    hr = put_default(c, f, cls, name, type);
    if (FAILED(hr)) {
        return hr;
    }

    bool has_qualifiers = f->qualifiers != NULL || f->type.class_name.start != NULL ||
                          f->type.array_size.start != NULL;
    if (!has_qualifiers && ret_set == NULL) {
        return WBEM_S_NO_ERROR;
    }
    IWbemQualifierSet *set = NULL;
    hr = IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
    if (FAILED(hr)) {
        return mof_fail_call(c, f->name, hr, "the property's qualifiers can't be set");
    }
    hr = put_type_and_qualifiers(c, f, scope, set);
    if (SUCCEEDED(hr) && ret_set != NULL) {
        *ret_set = set;
        return hr;
    }
    IWbemQualifierSet_Release(set);
    return hr;
}

/* ---- methods ------------------------------------------------------------------------ */

struct signatures {
    IWbemClassObject *in, *out; /* NULL when there is none */
};

static HRESULT need_parameters(struct mof_compiler *c, struct mof_slice at,
                               IWbemClassObject **parameters)
{
    if (*parameters != NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_create_class(parameters);
    if (SUCCEEDED(hr)) {
        hr = object_name_class(*parameters, L"__PARAMETERS");
    }
    return FAILED(hr) ? mof_fail_call(c, at, hr, "the parameters can't be described") : hr;
}

/* One parameter in one of the two; [WmiSdk] IWbemClassObject::PutMethod: the ID says where it
 * stands, and a parameter that is both has the same qualifiers in both. */
static HRESULT put_parameter(struct mof_compiler *c, const struct mof_feature *f, LONG id,
                             bool assumed_in, IWbemClassObject **parameters)
{
    IWbemQualifierSet *set = NULL;
    HRESULT hr = need_parameters(c, f->name, parameters);
    if (FAILED(hr)) {
        return hr;
    }
    hr = put_property(c, f, MOF_SCOPE_PARAMETER, *parameters, &set);
    if (FAILED(hr)) {
        return hr;
    }
    /* One that is written stays the number it is, with the flavor that all of them have. */
    if (!mof_has_qualifier(f->qualifiers, "id")) {
        hr = put_number(set, L"ID", id, ID_FLAVOR);
    } else {
        VARIANT written;
        VariantInit(&written);
        hr = IWbemQualifierSet_Get(set, L"ID", 0, &written, NULL);
        if (SUCCEEDED(hr)) {
            hr = IWbemQualifierSet_Put(set, L"ID", &written, ID_FLAVOR);
        }
        (void)VariantClear(&written);
    }
    if (SUCCEEDED(hr) && assumed_in) {
        hr = put_flag(set, L"in");
    }
    IWbemQualifierSet_Release(set);
    return FAILED(hr) ? mof_fail_call(c, f->name, hr, "the parameter can't be added") : hr;
}

/* DSP0004, qualifier In: a parameter that says neither is an input. */
static HRESULT put_parameters(struct mof_compiler *c, const struct mof_feature *method,
                              struct signatures *s)
{
    LONG id = 0;
    for (const struct mof_feature *f = method->parameters; f != NULL; f = f->next, id++) {
        bool out = mof_qualifier_is_true(f->qualifiers, "out", false);
        bool assumed_in = !out && !mof_has_qualifier(f->qualifiers, "in");
        bool in = mof_qualifier_is_true(f->qualifiers, "in", assumed_in);
        if (!in && !out) {
            return mof_fail(c, f->name, WBEMMOF_E_MUST_BE_IN_OR_OUT,
                            "a parameter is in, out or both");
        }
        HRESULT hr = in ? put_parameter(c, f, id, assumed_in, &s->in) : WBEM_S_NO_ERROR;
        if (SUCCEEDED(hr) && out) {
            hr = put_parameter(c, f, id, false, &s->out);
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT put_return_value(struct mof_compiler *c, const struct mof_feature *method,
                                struct signatures *s)
{
    if (method->type.type == CIM_EMPTY) {
        return WBEM_S_NO_ERROR;
    }
    static const char name[] = "ReturnValue";
    struct mof_feature value = {.type = method->type, .name = {name, sizeof name - 1}};
    IWbemQualifierSet *set = NULL;
    HRESULT hr = need_parameters(c, method->name, &s->out);
    if (FAILED(hr)) {
        return hr;
    }
    hr = put_property(c, &value, MOF_SCOPE_PARAMETER, s->out, &set);
    if (SUCCEEDED(hr)) {
        hr = put_flag(set, L"out");
        IWbemQualifierSet_Release(set);
    }
    return FAILED(hr) ? mof_fail_call(c, method->name, hr, "the method can't return that") : hr;
}

static HRESULT put_signatures(struct mof_compiler *c, const struct mof_feature *f,
                              IWbemClassObject *cls, struct signatures *s)
{
    wchar_t name[MOF_MAX_NAME + 1];
    IWbemQualifierSet *set = NULL;
    HRESULT hr = mof_name(c, f->name, name);
    if (SUCCEEDED(hr)) {
        hr = put_parameters(c, f, s);
    }
    if (SUCCEEDED(hr)) {
        hr = put_return_value(c, f, s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_PutMethod(cls, name, 0, s->in, s->out);
    if (SUCCEEDED(hr) && f->qualifiers != NULL) {
        hr = IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
    }
    if (FAILED(hr)) {
        return mof_fail_call(c, f->name, hr, "the method can't be added");
    }
    if (set != NULL) {
        hr = mof_put_qualifiers(c, f->qualifiers, MOF_SCOPE_METHOD, set);
        IWbemQualifierSet_Release(set);
    }
    return hr;
}

static HRESULT put_method(struct mof_compiler *c, const struct mof_feature *f,
                          IWbemClassObject *cls)
{
    struct signatures s = {NULL, NULL};
    HRESULT hr = put_signatures(c, f, cls, &s);
    if (s.in != NULL) {
        IWbemClassObject_Release(s.in);
    }
    if (s.out != NULL) {
        IWbemClassObject_Release(s.out);
    }
    return hr;
}

/* ---- the class --------------------------------------------------------------------------- */

static bool is_repeated(const struct mof_class *cls, const struct mof_feature *f)
{
    for (const struct mof_feature *i = cls->features; i != f; i = i->next) {
        if (i->method == f->method && mof_slice_equal(i->name, f->name)) {
            return true;
        }
    }
    return false;
}

static HRESULT put_features(struct mof_compiler *c, const struct mof_class *decl,
                            IWbemClassObject *cls)
{
    for (const struct mof_feature *f = decl->features; f != NULL; f = f->next) {
        if (is_repeated(decl, f)) {
            return mof_fail(c, f->name, WBEMMOF_E_DUPLICATE_PROPERTY,
                            "the class has this name already");
        }
        unsigned scope = f->type.type == CIM_REFERENCE ? MOF_SCOPE_REFERENCE : MOF_SCOPE_PROPERTY;
        HRESULT hr = f->method ? put_method(c, f, cls) : put_property(c, f, scope, cls, NULL);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT make_class(struct mof_compiler *c, const struct mof_class *decl,
                          IWbemClassObject **ret)
{
    if (decl->superclass.start == NULL) {
        HRESULT hr = object_create_class(ret);
        return FAILED(hr) ? mof_fail_call(c, decl->name, hr, "the class can't be made") : hr;
    }
    IWbemClassObject *superclass = NULL;
    HRESULT hr = mof_get_class(c, decl->superclass, &superclass);
    if (hr == WBEM_E_INVALID_CLASS) {
        c->error->status = hr = WBEM_E_INVALID_SUPERCLASS;
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_SpawnDerivedClass(superclass, 0, ret);
    IWbemClassObject_Release(superclass);
    return FAILED(hr) ? mof_fail_call(c, decl->superclass, hr, "nothing can derive from it") : hr;
}

static HRESULT fill_class(struct mof_compiler *c, const struct mof_class *decl,
                          IWbemClassObject *cls)
{
    wchar_t name[MOF_MAX_NAME + 1];
    IWbemQualifierSet *set = NULL;
    HRESULT hr = mof_name(c, decl->name, name);
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_name_class(cls, name);
    if (SUCCEEDED(hr) && decl->qualifiers != NULL) {
        hr = IWbemClassObject_GetQualifierSet(cls, &set);
    }
    if (FAILED(hr)) {
        return mof_fail_call(c, decl->name, hr, "the class can't be named so");
    }
    if (set != NULL) {
        hr = mof_put_qualifiers(c, decl->qualifiers, mof_class_scope(decl->qualifiers), set);
        IWbemQualifierSet_Release(set);
    }
    return SUCCEEDED(hr) ? put_features(c, decl, cls) : hr;
}

HRESULT mof_compile_class(struct mof_compiler *c, const struct mof_class *decl)
{
    IWbemClassObject *cls = NULL;
    HRESULT hr = make_class(c, decl, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    hr = fill_class(c, decl, cls);
    if (SUCCEEDED(hr)) {
        hr = c->target->put_class(c->target->closure, c->name_space, cls, c->class_flags);
        if (FAILED(hr)) {
            hr = mof_fail_call(c, decl->name, hr, "the class is refused");
        }
    }
    if (SUCCEEDED(hr) && c->locale != NULL) {
        hr = mof_put_amendment(c, decl, cls);
    }
    IWbemClassObject_Release(cls);
    return hr;
}
