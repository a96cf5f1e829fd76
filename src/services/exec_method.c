/*
 * ExecMethod (wbemcli/nf-wbemcli-iwbemservices-execmethod, [MS-WMI]
 * 3.1.4.3.22): finds the method in the schema, checks the parameters against
 * its signature, finds the object and who implements the method for it, and
 * calls that. All but the object and the call is done before an asynchronous
 * call returns, while what the caller gave is still there.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting.h"
#include "providers/live_provider.h"
#include "providers/provider.h"
#include "services/access.h"
#include "services/services_private.h"

/* A call that may be made: everything is owned, so that it may wait for a thread. */
struct method_work {
    struct repository_namespace *name_space;
    const char *operation; /* for error objects */
    wchar_t *path;
    wchar_t *method;
    struct object_path *parsed;
    bool is_static;
    IWbemClassObject *cls;       /* of the path */
    IWbemClassObject *in;        /* checked; NULL: the method takes no parameters */
    IWbemClassObject *out_class; /* NULL: the method answers nothing */
    IWbemContext *context;
    uint32_t rights; /* the caller's, found out while he waits */
};

static void work_destroy(void *closure)
{
    struct method_work *w = closure;
    if (w) {
        com_release(w->cls);
        com_release(w->in);
        com_release(w->out_class);
        com_release(w->context);
        object_path_destroy(w->parsed);
        free(w->path);
        free(w->method);
        free(w);
    }
}

static void work_cleanup(struct method_work **w)
{
    work_destroy(*w);
}

/* The path or name at fault goes with the error as UTF-8. */
static HRESULT raise_about(HRESULT hr, const char *operation, const wchar_t *about, const char *why)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(about);
    return error_raise(hr, operation, text, "%s", why);
}

/* ---- in-parameters ------------------------------------------------------------------ */

static HRESULT raise_parameter(const struct method_work *w, const wchar_t *name, const char *why)
{
    CLEANUP(com_cleanup_free) char *parameter = com_utf8_from_wide(name);
    CLEANUP(com_cleanup_free) char *method = com_utf8_from_wide(w->method);
    return error_raise(WBEM_E_INVALID_METHOD_PARAMETERS, w->operation, parameter,
                       "parameter %s of method %s: %s", parameter, method, why);
}

/* The class that CIMTYPE "object:Class" wants of an embedded object; NULL: any. BSTR. */
static BSTR wanted_class(IWbemClassObject *signature, const wchar_t *parameter)
{
    static const wchar_t prefix[] = L"object:";
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    if (FAILED(IWbemClassObject_GetPropertyQualifierSet(signature, parameter, &set)) ||
        FAILED(IWbemQualifierSet_Get(set, L"CIMTYPE", 0, &v, NULL)) || V_VT(&v) != VT_BSTR ||
        wcsncasecmp(V_BSTR(&v), prefix, wcslen(prefix)) != 0) {
        return NULL;
    }
    return SysAllocString(V_BSTR(&v) + wcslen(prefix));
}

static bool is_of_class(const VARIANT *v, const wchar_t *name)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_variant) VARIANT own;
    VariantInit(&own);
    if (V_VT(v) != VT_UNKNOWN || !V_UNKNOWN(v) ||
        FAILED(IUnknown_QueryInterface(V_UNKNOWN(v), &IID_IWbemClassObject, (void **)&object))) {
        return false;
    }
    if (IWbemClassObject_InheritsFrom(object, name) == WBEM_S_NO_ERROR) {
        return true;
    }
    return SUCCEEDED(IWbemClassObject_Get(object, L"__CLASS", 0, &own, NULL, NULL)) &&
           V_VT(&own) == VT_BSTR && wcscasecmp(V_BSTR(&own), name) == 0;
}

static HRESULT take_parameter(struct method_work *w, IWbemClassObject *signature,
                              const wchar_t *name, const VARIANT *value)
{
    CIMTYPE type;
    HRESULT hr = IWbemClassObject_Get(w->in, name, 0, NULL, &type, NULL);
    if (FAILED(hr)) {
        return raise_parameter(w, name, "the method has no such parameter");
    }
    if (type == CIM_OBJECT && V_VT(value) != VT_NULL) {
        CLEANUP(com_cleanup_bstr) BSTR wanted = wanted_class(signature, name);
        if (wanted && !is_of_class(value, wanted)) {
            CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(wanted);
            CLEANUP(com_cleanup_free) char *parameter = com_utf8_from_wide(name);
            return error_raise(WBEM_E_INVALID_METHOD_PARAMETERS, w->operation, parameter,
                               "parameter %s must be an object of class %s", parameter, utf8);
        }
    }
    hr = IWbemClassObject_Put(w->in, name, 0, (VARIANT *)value, 0);
    if (hr == WBEM_E_OUT_OF_MEMORY) {
        return hr;
    }
    return FAILED(hr) ? raise_parameter(w, name, "the value is not of the declared type") : hr;
}

/* GetNames() and Get(): an enumeration that the caller has under way on the object goes on. */
static HRESULT copy_parameters(struct method_work *w, IWbemClassObject *signature,
                               IWbemClassObject *given)
{
    CLEANUP(com_cleanup_safearray) SAFEARRAY *names = NULL;
    LONG last = -1;
    HRESULT hr = IWbemClassObject_GetNames(given, NULL, WBEM_FLAG_ALWAYS | WBEM_FLAG_NONSYSTEM_ONLY,
                                           NULL, &names);
    if (SUCCEEDED(hr) && names) {
        hr = SafeArrayGetUBound(names, 1, &last);
    }
    for (LONG i = 0; i <= last && SUCCEEDED(hr); i++) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        CLEANUP(com_cleanup_variant) VARIANT v;
        VariantInit(&v);
        hr = SafeArrayGetElement(names, &i, &name);
        if (SUCCEEDED(hr)) {
            hr = IWbemClassObject_Get(given, name, 0, &v, NULL, NULL);
        }
        if (SUCCEEDED(hr)) {
            hr = take_parameter(w, signature, name, &v);
        }
    }
    return hr;
}

/* A parameter marked [Required] or [Not_Null] has a value (DSP0004 5.6.3). */
static HRESULT check_required(const struct method_work *w, IWbemClassObject *signature)
{
    struct schema *s;
    HRESULT hr = schema_of(signature, &s);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < schema_property_count(s); i++) {
        struct cim_value v;
        CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
        const wchar_t *name = schema_property_name(s, i);
        hr = object_get_value(w->in, i, &v);
        if (SUCCEEDED(hr) && v.null &&
            SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(signature, name, &set)) &&
            (qualifier_set_is_true(set, L"Required") || qualifier_set_is_true(set, L"Not_Null"))) {
            hr = raise_parameter(w, name, "the method needs a value");
        }
    }
    return hr;
}

/* The parameters as an instance of the signature, whatever object they came in. */
static HRESULT check_parameters(struct method_work *w, IWbemClassObject *signature,
                                IWbemClassObject *given)
{
    if (!signature) {
        CLEANUP(com_cleanup_safearray) SAFEARRAY *names = NULL;
        LONG last = -1;
        if (given && SUCCEEDED(IWbemClassObject_GetNames(
                         given, NULL, WBEM_FLAG_ALWAYS | WBEM_FLAG_NONSYSTEM_ONLY, NULL, &names))) {
            (void)SafeArrayGetUBound(names, 1, &last);
        }
        if (last < 0) {
            return WBEM_S_NO_ERROR;
        }
        LONG first = 0;
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        (void)SafeArrayGetElement(names, &first, &name);
        return raise_parameter(w, name, "the method takes no parameters");
    }
    HRESULT hr = IWbemClassObject_SpawnInstance(signature, 0, &w->in);
    if (SUCCEEDED(hr) && given) {
        hr = copy_parameters(w, signature, given);
    }
    return SUCCEEDED(hr) ? check_required(w, signature) : hr;
}

/* ---- the method ---------------------------------------------------------------------- */

/* A path may repeat where it is already; it can't lead elsewhere. */
static bool is_here(const struct object_path *p, struct repository_namespace *n)
{
    return !p->name_space || wcscasecmp(p->name_space, repository_namespace_name(n)) == 0;
}

static HRESULT find_class(struct method_work *w)
{
    size_t offset = 0;
    HRESULT hr = object_path_parse(w->path, &w->parsed, &offset);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(w->path);
        return error_raise(hr, w->operation, text, "the path is not valid from character %zu on",
                           offset + 1);
    }
    if (!w->parsed->class_name) {
        return raise_about(WBEM_E_INVALID_OBJECT_PATH, w->operation, w->path,
                           "the path names no class");
    }
    if (!is_here(w->parsed, w->name_space)) {
        return raise_about(WBEM_E_INVALID_NAMESPACE, w->operation, w->path,
                           "the path leads to another namespace");
    }
    hr = hosting_find_class(w->name_space, w->parsed->class_name, false, "ExecMethod", &w->cls);
    return hr == WBEM_E_NOT_FOUND ? raise_about(WBEM_E_INVALID_CLASS, w->operation, w->path,
                                                "there is no such class in this namespace")
                                  : hr;
}

/* What the qualifiers say (WmiSdk "Standard WMI Qualifiers": Disabled, Implemented, Static). A
 * static method may be called on an instance as well as on the class (the page of
 * ExecMethodAsync); any other needs "the value of the key properties" in the path (3.1.4.3.22). */
static HRESULT check_callable(struct method_work *w, IWbemQualifierSet *set)
{
    if (qualifier_set_is_true(set, L"Disabled")) {
        return raise_about(WBEM_E_METHOD_DISABLED, w->operation, w->method,
                           "the method is marked as disabled");
    }
    if (!qualifier_set_is_true(set, L"Implemented")) {
        return raise_about(WBEM_E_METHOD_NOT_IMPLEMENTED, w->operation, w->method,
                           "the class declares the method, but nothing implements it");
    }
    w->is_static = qualifier_set_is_true(set, L"Static");
    if (!w->is_static && !w->parsed->is_instance) {
        return raise_about(WBEM_E_INVALID_OBJECT_PATH, w->operation, w->path,
                           "the method is an instance's; the path is that of the class");
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT find_method(struct method_work *w, IWbemClassObject **ret_in)
{
    /* GetMethod and the like keep their place in the object: not on the class that all share. */
    CLEANUP(com_cleanup_release) IWbemClassObject *own = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_Clone(w->cls, &own);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethod(own, w->method, 0, ret_in, &w->out_class);
    }
    if (hr == WBEM_E_NOT_FOUND) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(w->method);
        CLEANUP(com_cleanup_free) char *cls = com_utf8_from_wide(w->parsed->class_name);
        return error_raise(WBEM_E_INVALID_METHOD, w->operation, name, "%s has no method %s", cls,
                           name);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethodQualifierSet(own, w->method, &set);
    }
    return SUCCEEDED(hr) ? check_callable(w, set) : hr;
}

/* The methods of __SystemSecurity check for themselves: each needs another right. */
static HRESULT check_right(const struct method_work *w)
{
    return w->rights & WBEM_METHOD_EXECUTE ||
                   wcscasecmp(w->parsed->class_name, L"__SystemSecurity") == 0
               ? WBEM_S_NO_ERROR
               : access_refuse(w->name_space, WBEM_METHOD_EXECUTE, w->operation);
}

/* Methods act with this process's rights. Those of our own classes that only tell something are
 * named so. */
static HRESULT check_actor(const struct method_work *w)
{
    static const wchar_t *const telling[] = {L"Get", L"Enum", L"Check"};
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(w->method);
    HRESULT hr = hosting_class_provider(w->cls, false, &provider);
    bool own = provider ? wcscasecmp(provider, LIBRARY_PROVIDER) == 0 : SUCCEEDED(hr);
    for (size_t i = 0; own && i < ARRAYSIZE(telling); i++) {
        if (wcsncasecmp(w->method, telling[i], wcslen(telling[i])) == 0) {
            return WBEM_S_NO_ERROR;
        }
    }
    if (FAILED(hr) || wcscasecmp(w->parsed->class_name, L"__SystemSecurity") == 0) {
        return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
    }
    return access_act(w->operation, name ? name : "the method");
}

static HRESULT work_create(struct services *s, const char *operation, const wchar_t *path,
                           const wchar_t *method, IWbemContext *context, IWbemClassObject *in,
                           struct method_work **ret)
{
    if (!path || !*path || !method || !*method) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation,
                           path && *path ? "strMethodName" : "strObjectPath",
                           "the parameter must not be NULL or empty");
    }
    CLEANUP(work_cleanup) struct method_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w->name_space = s->name_space;
    w->operation = operation;
    w->path = wcsdup(path);
    w->method = wcsdup(method);
    w->context = context;
    com_addref(context);
    HRESULT hr =
        w->path && w->method ? access_rights(s->name_space, &w->rights) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr) && !(w->rights & WBEM_ENABLE)) {
        hr = access_refuse(s->name_space, WBEM_ENABLE, operation);
    }
    if (SUCCEEDED(hr)) {
        hr = find_class(w);
    }
    if (SUCCEEDED(hr)) {
        hr = check_right(w);
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *signature = NULL;
    if (SUCCEEDED(hr)) {
        hr = find_method(w, &signature);
    }
    if (SUCCEEDED(hr)) {
        hr = check_actor(w);
    }
    if (SUCCEEDED(hr)) {
        hr = check_parameters(w, signature, in);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(w);
    }
    return hr;
}

/* ---- the call ------------------------------------------------------------------------ */

static HRESULT find_object(const struct method_work *w, IWbemClassObject **ret)
{
    HRESULT hr = get_object(w->name_space, w->path, 0, TEXTS_NONE, ret);
    return hr == WBEM_E_NOT_FOUND
               ? raise_about(hr, w->operation, w->path, "there is no such instance")
               : hr;
}

/* The provider's interface for rows. WBEM_S_FALSE: it has none, and *ret_provider, to be freed, is
 * its name; or the class names none. */
static HRESULT find_provider(const struct method_work *w, IWbemClassObject *cls,
                             struct direct_provider **ret, wchar_t **ret_provider)
{
    HRESULT hr = hosting_class_provider(cls, false, ret_provider);
    return hr == WBEM_S_NO_ERROR ? hosting_direct(w->name_space, *ret_provider,
                                                  HOSTING_NEEDS_METHODS, w->operation, ret)
                                 : hr;
}

/* The path may lead by a superclass to an object whose class names the provider. */
static HRESULT find_provider_of(const struct method_work *w, const struct schema *found,
                                struct direct_provider **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    HRESULT hr =
        hosting_find_class(w->name_space, schema_class_name(found), false, w->operation, &cls);
    return FAILED(hr) ? hr : find_provider(w, cls, ret, &provider);
}

/* A method that is done in this process: of the services' own class, or of `direct`. */
static HRESULT run_here(struct method_work *w, struct direct_provider *direct,
                        IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
    CLEANUP(com_cleanup_release) struct direct_provider *of_object = NULL;
    struct schema *s = NULL;
    HRESULT hr = w->is_static ? WBEM_S_NO_ERROR : find_object(w, &instance);
    if (SUCCEEDED(hr)) {
        hr = schema_of(instance ? instance : w->cls, &s);
    }
    const struct provider_class *own =
        SUCCEEDED(hr) ? services_find_class(schema_class_name(s)) : NULL;
    if (SUCCEEDED(hr) && !own && !direct) {
        hr = find_provider_of(w, s, &of_object);
        direct = of_object;
    }
    if (FAILED(hr)) {
        return hr;
    }
    const struct provider_method *m = own      ? provider_find_method(own, w->method)
                                      : direct ? direct->vtbl->find_method(direct, s, w->method)
                                               : NULL;
    if (!m) {
        return raise_about(WBEM_E_PROVIDER_NOT_CAPABLE, w->operation, w->method,
                           "the class's provider does not do this method");
    }
    struct provider_call call = {.in = w->in,
                                 .instance = instance,
                                 .context = w->context,
                                 .name_space = w->name_space,
                                 .rights = w->rights};
    return provider_run_method(m, &call, w->out_class,
                               repository_namespace_decoration(w->name_space), ret);
}

static HRESULT work_run(void *closure, IWbemClassObject **ret)
{
    struct method_work *w = closure;
    CLEANUP(com_cleanup_release) struct direct_provider *direct = NULL;
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    HRESULT hr = find_provider(w, w->cls, &direct, &provider);
    if (SUCCEEDED(hr) && provider && !direct) { /* which looks for the object itself */
        return hosting_exec_method(w->name_space, provider, w->path, w->method, 0, w->context,
                                   w->in, ret);
    }
    return SUCCEEDED(hr) ? run_here(w, direct, ret) : hr;
}

/* ---- the operations ------------------------------------------------------------------ */

HRESULT services_exec_method(struct services *s, const wchar_t *path, const wchar_t *method,
                             LONG flags, IWbemContext *context, IWbemClassObject *in,
                             IWbemClassObject **ret_out, IWbemCallResult **ret_result)
{
    if (ret_out) {
        *ret_out = NULL;
    }
    if (ret_result) {
        *ret_result = NULL;
    }
    HRESULT hr = services_check_flags("ExecMethod", flags, WBEM_FLAG_RETURN_IMMEDIATELY);
    bool semisynchronous = flags & WBEM_FLAG_RETURN_IMMEDIATELY;
    if (SUCCEEDED(hr) && semisynchronous && !ret_result) {
        hr = error_raise(WBEM_E_INVALID_PARAMETER, "ExecMethod", "ppCallResult",
                         "the parameter must not be NULL");
    }
    CLEANUP(work_cleanup) struct method_work *w = NULL;
    if (SUCCEEDED(hr)) {
        hr = work_create(s, "ExecMethod", path, method, context, in, &w);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!semisynchronous) {
        CLEANUP(com_cleanup_release) IWbemClassObject *out = NULL;
        hr = work_run(w, &out);
        if (SUCCEEDED(hr) && ret_out) {
            *ret_out = TAKE(out);
        }
        return hr;
    }

    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    hr = call_result_create(&result, &sink);
    if (SUCCEEDED(hr)) {
        hr = delivery_run(work_run, TAKE(w), work_destroy, (IUnknown *)&s->iface, sink);
    }
    if (SUCCEEDED(hr)) {
        *ret_result = TAKE(result);
    }
    return hr;
}

HRESULT services_exec_method_async(struct services *s, const wchar_t *path, const wchar_t *method,
                                   LONG flags, IWbemContext *context, IWbemClassObject *in,
                                   IWbemObjectSink *sink)
{
    if (!sink) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "ExecMethodAsync", "pResponseHandler",
                           "the parameter must not be NULL");
    }
    HRESULT hr = services_check_flags("ExecMethodAsync", flags, WBEM_FLAG_SEND_STATUS);
    CLEANUP(work_cleanup) struct method_work *w = NULL;
    if (SUCCEEDED(hr)) {
        hr = work_create(s, "ExecMethodAsync", path, method, context, in, &w);
    }
    return FAILED(hr) ? hr
                      : delivery_run(work_run, TAKE(w), work_destroy, (IUnknown *)&s->iface, sink);
}
