/*
 * Methods as XML (DSP0201 "METHOD", "PARAMETER"): the parameters of the two
 * __PARAMETERS classes as one list, in the order of their IDs.
 */
#include <oleauto.h>
#include <wchar.h>

#include "xml/xml_private.h"

struct parameter {
    struct parameter *next;
    BSTR name;
    CIMTYPE type;
    LONG id;
    IWbemQualifierSet *set;
};

static void parameters_destroy(struct parameter *first)
{
    for (struct parameter *p = first, *next; p != NULL; p = next) {
        next = p->next;
        SysFreeString(p->name);
        com_release(p->set);
        free(p);
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

/* Takes p. One that is in the list already is input and output and has its qualifiers there. */
static void insert(struct parameter **list, struct parameter *p)
{
    for (struct parameter *known = *list; known != NULL; known = known->next) {
        if (wcscasecmp(known->name, p->name) == 0) {
            parameters_destroy(p);
            return;
        }
    }
    while (*list != NULL && (*list)->id <= p->id) {
        list = &(*list)->next;
    }
    p->next = *list;
    *list = p;
}

static HRESULT collect(IWbemClassObject *signature, struct parameter **list)
{
    if (signature == NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = IWbemClassObject_BeginEnumeration(signature, WBEM_FLAG_NONSYSTEM_ONLY);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        CIMTYPE type = CIM_EMPTY;
        hr = IWbemClassObject_Next(signature, 0, &name, NULL, &type, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        struct parameter *p = calloc(1, sizeof *p);
        if (p == NULL) {
            SysFreeString(name);
            hr = WBEM_E_OUT_OF_MEMORY;
            break;
        }
        *p = (struct parameter){.name = name, .type = type};
        hr = IWbemClassObject_GetPropertyQualifierSet(signature, name, &p->set);
        if (FAILED(hr)) {
            parameters_destroy(p);
            break;
        }
        p->id = parameter_id(p->set);
        insert(list, p);
    }
    (void)IWbemClassObject_EndEnumeration(signature);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* METHOD's TYPE says what it returns, where that is a plain type. */
static bool is_return_type(const struct parameter *p)
{
    return wcscasecmp(p->name, L"ReturnValue") == 0 && !(p->type & CIM_FLAG_ARRAY) &&
           xml_type_name(p->type) != NULL;
}

static HRESULT put_parameter(struct xml_writer *w, const struct parameter *p)
{
    char name[32];
    (void)snprintf(name, sizeof name, "PARAMETER%s", xml_form_of_type(w, p->type));
    xml_begin(w, name);
    xml_attribute(w, "NAME", p->name);
    xml_put_type(w, p->type);
    xml_reference_class(w, p->set);
    xml_content(w);
    HRESULT hr = xml_put_qualifiers(w, p->set);
    xml_end(w, name);
    return hr;
}

static HRESULT put_method(struct xml_writer *w, IWbemClassObject *cls, const wchar_t *name,
                          const wchar_t *class_name, const struct parameter *list)
{
    CLEANUP(com_cleanup_bstr) BSTR origin = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetMethodOrigin(cls, name, &origin);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
    }
    if (FAILED(hr)) {
        return hr;
    }
    bool inherited = class_name != NULL && origin != NULL && wcscasecmp(origin, class_name) != 0;
    if (inherited && w->options->local_only) {
        return WBEM_S_NO_ERROR;
    }
    xml_begin(w, "METHOD");
    xml_attribute(w, "NAME", name);
    for (const struct parameter *p = list; p != NULL; p = p->next) {
        if (is_return_type(p)) {
            xml_put_type(w, p->type);
        }
    }
    if (w->options->class_origin && origin != NULL) {
        xml_attribute(w, "CLASSORIGIN", origin);
    }
    if (inherited) {
        xml_attribute_ascii(w, "PROPAGATED", "true");
    }
    xml_content(w);
    hr = xml_put_qualifiers(w, set);
    for (const struct parameter *p = list; p != NULL && SUCCEEDED(hr); p = p->next) {
        hr = is_return_type(p) ? hr : put_parameter(w, p);
    }
    xml_end(w, "METHOD");
    return hr;
}

static HRESULT next_method(struct xml_writer *w, IWbemClassObject *cls, const wchar_t *class_name)
{
    CLEANUP(com_cleanup_bstr) BSTR name = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *in = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *out = NULL;
    struct parameter *list = NULL;
    HRESULT hr = IWbemClassObject_NextMethod(cls, 0, &name, &in, &out);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = collect(in, &list);
    if (SUCCEEDED(hr)) {
        hr = collect(out, &list);
    }
    if (SUCCEEDED(hr)) {
        hr = put_method(w, cls, name, class_name, list);
    }
    parameters_destroy(list);
    return hr;
}

HRESULT xml_put_methods(struct xml_writer *w, IWbemClassObject *cls)
{
    VARIANT name;
    VariantInit(&name);
    HRESULT hr = IWbemClassObject_Get(cls, L"__CLASS", 0, &name, NULL, NULL);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_BeginMethodEnumeration(cls, 0);
    }
    while (hr == WBEM_S_NO_ERROR) {
        hr = next_method(w, cls, V_VT(&name) == VT_BSTR ? V_BSTR(&name) : NULL);
    }
    (void)IWbemClassObject_EndMethodEnumeration(cls);
    (void)VariantClear(&name);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}
