/*
 * GetObjectText: a class or instance as MOF that compiles to an equal one
 * ([WmiSdk] IWbemClassObject::GetObjectText). Goes by the public interfaces, so
 * it prints anybody's implementation of them.
 */
#include "object/object_private.h"
#include "object/text_private.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

LONG qualifier_default_flavor(const wchar_t *name)
{
    /* Asked of every qualifier of every class, so the first letter decides most of them. */
    const wchar_t *known = NULL;
    switch (name[0] | 0x20) {
    case L'k':
        known = L"key";
        break;
    case L'a':
        known = L"association";
        break;
    case L'i':
        known = L"indication";
        break;
    default:
        break;
    }
    return known != NULL && name_equal(known, name)
               ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                     WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_NOT_OVERRIDABLE
               : 0;
}

/* ---- qualifiers ------------------------------------------------------------ */

/* Those whose default the compiler knows also say what they lack of it. */
static void put_flavor(struct text *t, const wchar_t *name, LONG flavor)
{
    static const struct {
        LONG flag;
        const wchar_t *set, *clear;
    } words[] = {
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE, L" ToInstance", L" NotToInstance"},
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, L" ToSubclass", L" NotToSubclass"},
        {WBEM_FLAVOR_NOT_OVERRIDABLE, L" DisableOverride", L" EnableOverride"},
        {WBEM_FLAVOR_AMENDED, L" Amended", L""},
    };
    LONG missing = qualifier_default_flavor(name) & ~flavor;
    const wchar_t *colon = L":";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        bool set = (flavor & words[i].flag) != 0;
        if (set || (missing & words[i].flag) != 0) {
            text_put(t, colon);
            text_put(t, set ? words[i].set : words[i].clear);
            colon = L"";
        }
    }
}

static void put_qualifier_value(struct text *t, const VARIANT *value)
{
    if (V_VT(value) == VT_BOOL && V_BOOL(value) != VARIANT_FALSE) {
        return; /* what a qualifier without a value is */
    }
    bool array = (V_VT(value) & VT_ARRAY) != 0;
    text_put(t, array ? L"" : L"(");
    text_put_value(t, value, CIM_EMPTY, 0);
    text_put(t, array ? L"" : L")");
}

static bool is_hidden(const wchar_t *name, bool parameter)
{
    /* The type says the first; the order of the parameters the second. */
    return wcscasecmp(name, L"CIMTYPE") == 0 || (parameter && wcscasecmp(name, L"ID") == 0);
}

/* "[a, b(1): ToInstance]" and `after`, or nothing. */
static HRESULT put_qualifiers(struct text *t, IWbemQualifierSet *set, bool parameter,
                              const wchar_t *after)
{
    const wchar_t *before = L"[";
    BSTR name = NULL;
    VARIANT value;
    LONG flavor = 0;
    VariantInit(&value);
    HRESULT hr = IWbemQualifierSet_BeginEnumeration(set, WBEM_FLAG_LOCAL_ONLY);
    while (SUCCEEDED(hr)) {
        hr = IWbemQualifierSet_Next(set, 0, &name, &value, &flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        if (!is_hidden(name, parameter)) {
            text_put(t, before);
            text_put(t, name);
            put_qualifier_value(t, &value);
            if ((t->flags & WBEM_FLAG_NO_FLAVORS) == 0) {
                put_flavor(t, name, flavor);
            }
            before = L", ";
        }
        SysFreeString(name);
        name = NULL;
        (void)VariantClear(&value);
    }
    (void)IWbemQualifierSet_EndEnumeration(set);

    if (before[0] != L'[') {
        text_put(t, L"]");
        text_put(t, after);
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT put_object_qualifiers(struct text *t, IWbemClassObject *object)
{
    IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetQualifierSet(object, &set);
    if (SUCCEEDED(hr)) {
        hr = put_qualifiers(t, set, false, L"\n");
        IWbemQualifierSet_Release(set);
    }
    return hr;
}

/* ---- types -------------------------------------------------------------------- */

static const wchar_t *type_word(CIMTYPE type)
{
    switch (type & ~CIM_FLAG_ARRAY) {
    case CIM_SINT8:
        return L"sint8";
    case CIM_UINT8:
        return L"uint8";
    case CIM_SINT16:
        return L"sint16";
    case CIM_UINT16:
        return L"uint16";
    case CIM_SINT32:
        return L"sint32";
    case CIM_UINT32:
        return L"uint32";
    case CIM_SINT64:
        return L"sint64";
    case CIM_UINT64:
        return L"uint64";
    case CIM_REAL32:
        return L"real32";
    case CIM_REAL64:
        return L"real64";
    case CIM_BOOLEAN:
        return L"boolean";
    case CIM_DATETIME:
        return L"datetime";
    case CIM_CHAR16:
        return L"char16";
    case CIM_REFERENCE:
        return L"object ref";
    case CIM_OBJECT:
        return L"object";
    default:
        return L"string";
    }
}

/* What follows the colon in CIMTYPE: the class of a reference or object, NULL when it may be any.
 * Points into *cimtype. */
static const wchar_t *class_of_type(IWbemQualifierSet *set, VARIANT *cimtype)
{
    VariantInit(cimtype);
    if (FAILED(IWbemQualifierSet_Get(set, L"CIMTYPE", 0, cimtype, NULL)) ||
        V_VT(cimtype) != VT_BSTR) {
        return NULL;
    }
    const wchar_t *colon = wcschr(V_BSTR(cimtype), L':');
    return colon == NULL || colon[1] == L'\0' ? NULL : colon + 1;
}

static void put_type(struct text *t, CIMTYPE type, IWbemQualifierSet *set)
{
    VARIANT cimtype;
    CIMTYPE scalar = type & ~CIM_FLAG_ARRAY;
    const wchar_t *cls = class_of_type(set, &cimtype);
    if (cls != NULL && scalar == CIM_REFERENCE) {
        text_put(t, cls);
        text_put(t, L" ref");
    } else {
        text_put(t, type_word(type));
        if (cls != NULL && scalar == CIM_OBJECT) {
            text_put(t, L":");
            text_put(t, cls);
        }
    }
    (void)VariantClear(&cimtype);
}

/* ---- methods ----------------------------------------------------------------------- */

/* [WmiSdk] GetObjectText: parameters in the order of their IDs, those that are both in and out
 * once. */
struct parameter {
    struct parameter *next;
    BSTR name;
    CIMTYPE type;
    LONG id;
    IWbemQualifierSet *set;
};

static void parameters_destroy(struct parameter *first)
{
    while (first != NULL) {
        struct parameter *next = first->next;
        SysFreeString(first->name);
        if (first->set != NULL) {
            IWbemQualifierSet_Release(first->set);
        }
        free(first);
        first = next;
    }
}

static LONG parameter_id(IWbemQualifierSet *set)
{
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = IWbemQualifierSet_Get(set, L"ID", 0, &value, NULL);
    LONG id = SUCCEEDED(hr) && V_VT(&value) == VT_I4 ? V_I4(&value) : INT32_MAX;
    (void)VariantClear(&value);
    return id;
}

/* Takes `name`. */
static HRESULT add_parameter(struct parameter **list, IWbemClassObject *signature, BSTR name,
                             CIMTYPE type)
{
    struct parameter *p = calloc(1, sizeof *p);
    if (p == NULL) {
        SysFreeString(name);
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->name = name;
    p->type = type;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(signature, name, &p->set);
    if (FAILED(hr)) {
        parameters_destroy(p);
        return hr;
    }
    p->id = parameter_id(p->set);
    while (*list != NULL && (*list)->id < p->id) {
        list = &(*list)->next;
    }
    if (*list != NULL && (*list)->id == p->id && wcscasecmp((*list)->name, name) == 0) {
        parameters_destroy(p);
        return WBEM_S_NO_ERROR;
    }
    p->next = *list;
    *list = p;
    return WBEM_S_NO_ERROR;
}

/* *ret_result, when there is a ReturnValue: a list of it alone. */
static HRESULT collect(IWbemClassObject *signature, struct parameter **list,
                       struct parameter **ret_result)
{
    if (signature == NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = IWbemClassObject_BeginEnumeration(signature, WBEM_FLAG_NONSYSTEM_ONLY);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        CIMTYPE type;
        hr = IWbemClassObject_Next(signature, 0, &name, NULL, &type, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        bool result = wcscasecmp(name, L"ReturnValue") == 0;
        hr = add_parameter(result ? ret_result : list, signature, name, type);
    }
    (void)IWbemClassObject_EndEnumeration(signature);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT put_parameters(struct text *t, const struct parameter *first)
{
    for (const struct parameter *p = first; p != NULL; p = p->next) {
        HRESULT hr = put_qualifiers(t, p->set, true, L" ");
        if (FAILED(hr)) {
            return hr;
        }
        put_type(t, p->type, p->set);
        text_put(t, L" ");
        text_put(t, p->name);
        text_put(t, (p->type & CIM_FLAG_ARRAY) != 0 ? L"[]" : L"");
        text_put(t, p->next == NULL ? L"" : L", ");
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT put_method(struct text *t, IWbemClassObject *cls, const wchar_t *name,
                          IWbemClassObject *in, IWbemClassObject *out)
{
    struct parameter *list = NULL, *result = NULL;
    IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
    if (FAILED(hr)) {
        return hr;
    }
    text_put(t, L"\t");
    hr = put_qualifiers(t, set, false, L" ");
    IWbemQualifierSet_Release(set);
    if (SUCCEEDED(hr)) {
        hr = collect(in, &list, &result);
    }
    if (SUCCEEDED(hr)) {
        hr = collect(out, &list, &result);
    }
    if (SUCCEEDED(hr)) {
        if (result == NULL) {
            text_put(t, L"void");
        } else {
            put_type(t, result->type, result->set);
        }
        text_put(t, L" ");
        text_put(t, name);
        text_put(t, L"(");
        hr = put_parameters(t, list);
        text_put(t, L");\n");
    }
    parameters_destroy(list);
    parameters_destroy(result);
    return hr;
}

static HRESULT put_methods(struct text *t, IWbemClassObject *cls)
{
    HRESULT hr = IWbemClassObject_BeginMethodEnumeration(cls, WBEM_FLAG_LOCAL_ONLY);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        IWbemClassObject *in = NULL, *out = NULL;
        hr = IWbemClassObject_NextMethod(cls, 0, &name, &in, &out);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = put_method(t, cls, name, in, out);
        SysFreeString(name);
        if (in != NULL) {
            IWbemClassObject_Release(in);
        }
        if (out != NULL) {
            IWbemClassObject_Release(out);
        }
    }
    (void)IWbemClassObject_EndMethodEnumeration(cls);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* ---- classes --------------------------------------------------------------------------- */

/* An inherited property may be here for its qualifiers only, its default still the superclass's;
 * or for its default, which may be NULL. */
static bool prints_default(IWbemClassObject *cls, const wchar_t *name, const VARIANT *value,
                           LONG flavor)
{
    struct schema *s;
    uint32_t ordinal;
    bool null = V_VT(value) == VT_NULL || V_VT(value) == VT_EMPTY;
    if (flavor == WBEM_FLAVOR_ORIGIN_LOCAL || !object_is_ours(cls) || FAILED(schema_of(cls, &s)) ||
        FAILED(schema_find(s, name, &ordinal))) {
        return !null;
    }
    return (nd_get(s->class_part + s->nd_table, ordinal) & ND_INHERITED) == 0;
}

static HRESULT put_class_property(struct text *t, IWbemClassObject *cls, const wchar_t *name,
                                  const VARIANT *value, CIMTYPE type, LONG flavor)
{
    IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
    if (FAILED(hr)) {
        return hr;
    }
    text_put(t, L"\t");
    hr = put_qualifiers(t, set, false, L" ");
    put_type(t, type, set);
    text_put(t, L" ");
    text_put(t, name);
    text_put(t, (type & CIM_FLAG_ARRAY) != 0 ? L"[]" : L"");
    if (prints_default(cls, name, value, flavor)) {
        text_put(t, L" = ");
        text_put_value(t, value, type, 1);
    }
    text_put(t, L";\n");
    IWbemQualifierSet_Release(set);
    return hr;
}

typedef HRESULT property_function(struct text *t, IWbemClassObject *object, const wchar_t *name,
                                  const VARIANT *value, CIMTYPE type, LONG flavor);

static HRESULT for_each_property(struct text *t, IWbemClassObject *object, LONG which,
                                 property_function *print)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(object, which);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        VARIANT value;
        CIMTYPE type = CIM_EMPTY;
        LONG flavor = 0;
        VariantInit(&value);
        hr = IWbemClassObject_Next(object, 0, &name, &value, &type, &flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = print(t, object, name, &value, type, flavor);
        SysFreeString(name);
        (void)VariantClear(&value);
    }
    (void)IWbemClassObject_EndEnumeration(object);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT get_string(IWbemClassObject *object, const wchar_t *name, BSTR *ret)
{
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = IWbemClassObject_Get(object, name, 0, &value, NULL, NULL);
    if (FAILED(hr) || V_VT(&value) != VT_BSTR) {
        (void)VariantClear(&value);
        *ret = NULL;
        return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
    }
    *ret = V_BSTR(&value);
    return WBEM_S_NO_ERROR;
}

static HRESULT put_class(struct text *t, IWbemClassObject *cls, const wchar_t *name)
{
    BSTR superclass = NULL;
    HRESULT hr = put_object_qualifiers(t, cls);
    if (SUCCEEDED(hr)) {
        hr = get_string(cls, L"__SUPERCLASS", &superclass);
    }
    if (FAILED(hr)) {
        return hr;
    }
    text_put(t, L"class ");
    text_put(t, name);
    if (superclass != NULL && superclass[0] != L'\0') {
        text_put(t, L" : ");
        text_put(t, superclass);
    }
    SysFreeString(superclass);
    text_put(t, L"\n{\n");
    hr = for_each_property(t, cls, WBEM_FLAG_CLASS_LOCAL_AND_OVERRIDES, put_class_property);
    if (SUCCEEDED(hr)) {
        hr = put_methods(t, cls);
    }
    text_put(t, L"};\n");
    return hr;
}

/* ---- instances --------------------------------------------------------------------------- */

/* Nulls are left out, as there are many, except one that stands in place of the class's default. */
static bool hides_default(IWbemClassObject *instance, const wchar_t *name, LONG flavor)
{
    struct schema *s;
    struct cim_value value;
    uint32_t ordinal;
    return flavor == WBEM_FLAVOR_ORIGIN_LOCAL && object_is_ours(instance) &&
           SUCCEEDED(schema_of(instance, &s)) && SUCCEEDED(schema_find(s, name, &ordinal)) &&
           SUCCEEDED(schema_default(s, ordinal, &value)) && !value.null;
}

static HRESULT put_instance_property(struct text *t, IWbemClassObject *instance,
                                     const wchar_t *name, const VARIANT *value, CIMTYPE type,
                                     LONG flavor)
{
    bool null = V_VT(value) == VT_NULL || V_VT(value) == VT_EMPTY;
    if (null && !hides_default(instance, name, flavor)) {
        return WBEM_S_NO_ERROR;
    }
    IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(instance, name, &set);
    if (FAILED(hr)) {
        return hr;
    }
    text_indent(t, t->depth + 1);
    hr = put_qualifiers(t, set, false, L" ");
    IWbemQualifierSet_Release(set);
    text_put(t, name);
    text_put(t, L" = ");
    text_put_value(t, value, type, t->depth + 1);
    text_put(t, L";\n");
    return hr;
}

static HRESULT put_instance(struct text *t, IWbemClassObject *instance, const wchar_t *name,
                            int depth)
{
    int outer = t->depth;
    t->depth = depth;
    text_indent(t, depth);
    HRESULT hr = depth == 0 ? put_object_qualifiers(t, instance) : WBEM_S_NO_ERROR;
    text_put(t, L"instance of ");
    text_put(t, name);
    text_put(t, L"\n");
    text_indent(t, depth);
    text_put(t, L"{\n");
    if (SUCCEEDED(hr)) {
        hr = for_each_property(t, instance, WBEM_FLAG_NONSYSTEM_ONLY, put_instance_property);
    }
    text_indent(t, depth);
    text_put(t, depth == 0 ? L"};\n" : L"}");
    t->depth = outer;
    return hr;
}

/* ---- the whole ------------------------------------------------------------------------------ */

HRESULT text_put_object(struct text *t, IWbemClassObject *object, int depth)
{
    VARIANT genus;
    BSTR name = NULL;
    if (depth > TEXT_MAX_DEPTH) {
        return WBEM_E_INVALID_OBJECT;
    }
    VariantInit(&genus);
    HRESULT hr = IWbemClassObject_Get(object, L"__GENUS", 0, &genus, NULL, NULL);
    if (SUCCEEDED(hr)) {
        hr = get_string(object, L"__CLASS", &name);
    }
    if (FAILED(hr)) {
        return hr;
    }
    text_put(t, L"\n");
    if (V_VT(&genus) == VT_I4 && V_I4(&genus) == WBEM_GENUS_INSTANCE) {
        hr = put_instance(t, object, name == NULL ? L"" : name, depth);
    } else {
        hr = put_class(t, object, name == NULL ? L"" : name);
    }
    SysFreeString(name);
    return hr;
}

HRESULT object_text(IWbemClassObject *object, LONG flags, BSTR *ret)
{
    struct text t = {.flags = flags, .hr = WBEM_S_NO_ERROR};
    HRESULT hr = text_put_object(&t, object, 0);
    if (SUCCEEDED(hr)) {
        hr = t.hr;
    }
    if (SUCCEEDED(hr)) {
        *ret = SysAllocStringLen(t.characters, (UINT)t.length);
        hr = *ret == NULL ? WBEM_E_OUT_OF_MEMORY : hr;
    }
    free(t.characters);
    return hr;
}
