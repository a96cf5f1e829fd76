/*
 * A class or instance from XML. The text is all there is of the class: what it
 * says is inherited makes a superclass to derive from, what an instance has
 * makes its class.
 */
#include <oleauto.h>
#include <string.h>
#include <wchar.h>

#include "xml/xml_private.h"

/* System properties follow from the object and are not read. */
static bool is_system(const wchar_t *name)
{
    return name[0] == L'_' && name[1] == L'_';
}

static bool is_propagated(const struct xml_element *e)
{
    return xml_get_flag(e, "PROPAGATED", false);
}

static HRESULT read_class_qualifiers(struct xml_reader *r, const struct xml_element *e,
                                     int propagated, IWbemClassObject *cls)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetQualifierSet(cls, &set);
    return SUCCEEDED(hr) ? xml_read_qualifiers(r, e, propagated, set) : hr;
}

/* ---- classes ---------------------------------------------------------------------------- */

/* The properties and methods that are inherited, or those that are not. */
static HRESULT read_features(struct xml_reader *r, const struct xml_element *e, bool inherited,
                             int qualifiers, IWbemClassObject *cls)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        CLEANUP(com_cleanup_free) wchar_t *name = NULL;
        bool method = xml_is(i, "METHOD");
        if ((!method && !xml_is_property(i)) || is_propagated(i) != inherited) {
            continue;
        }
        hr = xml_get_wide(r, i, "NAME", &name);
        if (SUCCEEDED(hr) && !is_system(name)) {
            hr = method ? xml_read_method(r, i, qualifiers, cls)
                        : xml_read_property(r, i, name, qualifiers, true, cls);
        }
    }
    return hr;
}

static HRESULT new_class(const wchar_t *name, IWbemClassObject **ret)
{
    HRESULT hr = object_create_class(ret);
    return SUCCEEDED(hr) ? object_name_class(*ret, name) : hr;
}

/* An inherited property or method that has qualifiers of its own here. */
static HRESULT read_override(struct xml_reader *r, const struct xml_element *e, bool method,
                             IWbemClassObject *cls)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = xml_get_wide(r, e, "NAME", &name);
    if (FAILED(hr) || is_system(name)) {
        return hr;
    }
    hr = method ? IWbemClassObject_GetMethodQualifierSet(cls, name, &set)
                : IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
    return SUCCEEDED(hr) ? xml_read_qualifiers(r, e, 0, set) : hr;
}

static HRESULT read_overrides(struct xml_reader *r, const struct xml_element *e,
                              IWbemClassObject *cls)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        bool method = xml_is(i, "METHOD");
        if ((method || xml_is_property(i)) && is_propagated(i)) {
            hr = read_override(r, i, method, cls);
        }
    }
    return hr;
}

static HRESULT derive(struct xml_reader *r, const struct xml_element *e, const wchar_t *superclass,
                      IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *parent = NULL;
    HRESULT hr = new_class(superclass, &parent);
    if (SUCCEEDED(hr)) {
        hr = read_class_qualifiers(r, e, 1, parent);
    }
    if (SUCCEEDED(hr)) {
        hr = read_features(r, e, true, 1, parent);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_SpawnDerivedClass(parent, 0, ret);
    }
    return SUCCEEDED(hr) ? read_overrides(r, e, *ret) : hr;
}

static HRESULT read_class(struct xml_reader *r, const struct xml_element *e, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_free) wchar_t *superclass = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    bool derived = xml_get(e, "SUPERCLASS") != NULL;
    HRESULT hr = xml_get_wide(r, e, "NAME", &name);
    if (SUCCEEDED(hr) && derived) {
        hr = xml_get_wide(r, e, "SUPERCLASS", &superclass);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = derived ? derive(r, e, superclass, &cls) : object_create_class(&cls);
    if (SUCCEEDED(hr)) {
        hr = object_name_class(cls, name);
    }
    if (SUCCEEDED(hr)) {
        hr = read_class_qualifiers(r, e, derived ? 0 : -1, cls);
    }
    if (SUCCEEDED(hr)) {
        hr = read_features(r, e, false, -1, cls);
    }
    if (SUCCEEDED(hr) && !derived) { /* by mistake: there is nothing to inherit from */
        hr = read_features(r, e, true, -1, cls);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY || hr == WBEM_E_INVALID_SYNTAX
                   ? hr
                   : xml_fail(r, e, "the class can't be made (0x%08x)", (unsigned)hr);
    }
    *ret = TAKE(cls);
    return WBEM_S_NO_ERROR;
}

/* ---- instances --------------------------------------------------------------------------- */

/* Its class, as far as the instance shows it: the types, and the values and qualifiers that it has
 * from there. */
static HRESULT class_of_instance(struct xml_reader *r, const struct xml_element *e,
                                 const wchar_t *name, IWbemClassObject **ret)
{
    HRESULT hr = new_class(name, ret);
    if (SUCCEEDED(hr)) {
        hr = read_class_qualifiers(r, e, 1, *ret);
    }
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        CLEANUP(com_cleanup_free) wchar_t *property = NULL;
        if (!xml_is_property(i)) {
            continue;
        }
        hr = xml_get_wide(r, i, "NAME", &property);
        if (SUCCEEDED(hr) && !is_system(property)) {
            hr = xml_read_property(r, i, property, 1, is_propagated(i), *ret);
        }
    }
    return hr;
}

static HRESULT put_flag(IWbemQualifierSet *set, const wchar_t *name)
{
    VARIANT value;
    if (SUCCEEDED(IWbemQualifierSet_Get(set, name, 0, NULL, NULL))) {
        return WBEM_S_NO_ERROR;
    }
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    return IWbemQualifierSet_Put(set, name, &value, qualifier_default_flavor(name));
}

static HRESULT mark_singleton(IWbemClassObject *cls)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetQualifierSet(cls, &set);
    return SUCCEEDED(hr) ? put_flag(set, L"singleton") : hr;
}

/* What the path around the instance names is a key of its class; one without keys is the only
 * instance. */
static HRESULT mark_keys(struct xml_reader *r, const struct xml_element *instance_name,
                         IWbemClassObject *cls)
{
    HRESULT hr = instance_name->first == NULL ? mark_singleton(cls) : WBEM_S_NO_ERROR;
    for (const struct xml_element *i = instance_name->first; i != NULL && SUCCEEDED(hr);
         i = i->next) {
        CLEANUP(com_cleanup_free) wchar_t *name = NULL;
        CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
        if (!xml_is(i, "KEYBINDING")) {
            continue;
        }
        hr = xml_get_wide(r, i, "NAME", &name);
        if (SUCCEEDED(hr) && SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(cls, name, &set))) {
            hr = put_flag(set, L"key");
        }
    }
    return hr;
}

static const struct xml_element *find_instance_name(const struct xml_element *e)
{
    const struct xml_element *found = NULL;
    for (const struct xml_element *i = e->first; i != NULL && found == NULL; i = i->next) {
        found = xml_is(i, "INSTANCENAME")         ? i
                : strstr(i->name, "PATH") != NULL ? find_instance_name(i)
                                                  : NULL;
    }
    return found;
}

static HRESULT put_value(struct xml_reader *r, const struct xml_element *e,
                         IWbemClassObject *instance)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_variant) VARIANT value;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    CIMTYPE type = CIM_EMPTY;
    VariantInit(&value);
    HRESULT hr = xml_get_wide(r, e, "NAME", &name);
    if (FAILED(hr) || is_system(name)) {
        return hr;
    }
    hr = xml_read_type(r, e, &type);
    if (SUCCEEDED(hr)) {
        hr = xml_read_value(r, e, type, &value);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!is_propagated(e)) {
        hr = IWbemClassObject_Put(instance, name, 0, &value, 0);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetPropertyQualifierSet(instance, name, &set);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY
                   ? hr
                   : xml_fail(r, e, "the value can't be put (0x%08x)", (unsigned)hr);
    }
    return xml_read_qualifiers(r, e, 0, set);
}

/* `around`: the element that has the path as well; NULL: none. */
static HRESULT read_instance(struct xml_reader *r, const struct xml_element *e,
                             const struct xml_element *around, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
    const struct xml_element *path = around != NULL ? find_instance_name(around) : NULL;
    HRESULT hr = xml_get_wide(r, e, "CLASSNAME", &name);
    if (SUCCEEDED(hr)) {
        hr = class_of_instance(r, e, name, &cls);
    }
    if (SUCCEEDED(hr) && path != NULL) {
        hr = mark_keys(r, path, cls);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_SpawnInstance(cls, 0, &instance);
    }
    if (SUCCEEDED(hr)) {
        hr = read_class_qualifiers(r, e, 0, instance);
    }
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        hr = xml_is_property(i) ? put_value(r, i, instance) : hr;
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY || hr == WBEM_E_INVALID_SYNTAX
                   ? hr
                   : xml_fail(r, e, "the instance can't be made (0x%08x)", (unsigned)hr);
    }
    *ret = TAKE(instance);
    return WBEM_S_NO_ERROR;
}

/* ---- objects, and what is around them ------------------------------------------------------- */

/* The server and namespace of the path that stands before the object. */
static HRESULT decorate(struct xml_reader *r, const struct xml_element *path, IWbemClassObject *o)
{
    /* By itself: what follows is no part of it. */
    struct xml_element alone = *path, holder = *path;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    struct object_path *parsed = NULL;
    struct decoration *where = NULL;
    alone.next = NULL;
    holder.first = holder.last = &alone;
    HRESULT hr = xml_read_reference(r, &holder, &text);
    if (SUCCEEDED(hr) && SUCCEEDED(object_path_parse(text, &parsed, NULL)) && parsed->name_space) {
        hr = decoration_create(parsed->server ? parsed->server : L".", parsed->name_space, &where);
        if (SUCCEEDED(hr)) {
            hr = object_decorate(o, where);
            decoration_unref(where);
        }
    }
    object_path_destroy(parsed);
    return hr;
}

static HRESULT read_located(struct xml_reader *r, const struct xml_element *e,
                            IWbemClassObject **ret)
{
    const struct xml_element *cls = xml_child(e, "CLASS"), *instance = xml_child(e, "INSTANCE");
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    if ((cls == NULL) == (instance == NULL)) {
        return xml_fail(r, e, "expected one CLASS or INSTANCE in it");
    }
    HRESULT hr = cls != NULL ? read_class(r, cls, &object) : read_instance(r, instance, e, &object);
    if (SUCCEEDED(hr) && strstr(e->first->name, "PATH") != NULL) {
        hr = decorate(r, e->first, object);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(object);
    }
    return hr;
}

HRESULT xml_read_object(struct xml_reader *r, const struct xml_element *e, IWbemClassObject **ret)
{
    static const char *const around[] = {"VALUE.NAMEDOBJECT", "VALUE.NAMEDINSTANCE",
                                         "VALUE.OBJECTWITHLOCALPATH", "VALUE.OBJECTWITHPATH"};
    if (r->objects >= XML_MAX_OBJECTS) {
        return xml_fail(r, e, "objects are nested too deep");
    }
    r->objects++;
    HRESULT hr = WBEM_S_FALSE;
    for (size_t i = 0; hr == WBEM_S_FALSE && i < ARRAYSIZE(around); i++) {
        hr = xml_is(e, around[i]) ? read_located(r, e, ret) : hr;
    }
    if (hr == WBEM_S_FALSE) {
        hr = xml_is(e, "CLASS")      ? read_class(r, e, ret)
             : xml_is(e, "INSTANCE") ? read_instance(r, e, NULL, ret)
                                     : xml_fail(r, e, "expected CLASS, INSTANCE or VALUE.OBJECT…");
    }
    r->objects--;
    return hr;
}

HRESULT xml_read(const char *operation, const char *utf8, size_t size, IWbemClassObject **ret)
{
    struct xml_reader r = {.operation = operation};
    struct xml_element *root = NULL;
    HRESULT hr = xml_parse(operation, utf8, size, &root);
    if (FAILED(hr)) {
        return hr;
    }
    /* DSP0201's own root may be around it. */
    const struct xml_element *e = root;
    while (xml_is(e, "CIM") || xml_is(e, "DECLARATION") || xml_is(e, "DECLGROUP") ||
           xml_is(e, "VALUE.OBJECT")) {
        if (e->first == NULL || e->first != e->last) {
            hr = xml_fail(&r, e, "expected one object in it");
            break;
        }
        e = e->first;
    }
    if (SUCCEEDED(hr)) {
        hr = xml_read_object(&r, e, ret);
    }
    xml_element_destroy(root);
    return hr;
}
