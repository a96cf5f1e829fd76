/*
 * What changes the repository: PutClass, DeleteClass, PutInstance and
 * DeleteInstance in their synchronous, semisynchronous and asynchronous forms
 * (wbemcli nf-wbemcli-iwbemservices-putclass and its kin; [MS-WMI] 3.1.4.3.5 to
 * 3.1.4.3.15 without the enumerations). Each call is one change: all or nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting.h"
#include "services/access.h"
#include "services/services_private.h"

/* Of push providers; documented with PutClass, declared by no header. */
#define WBEM_FLAG_OWNER_UPDATE 0x10000

#define PUT_FLAGS (WBEM_FLAG_CREATE_ONLY | WBEM_FLAG_UPDATE_ONLY | WBEM_FLAG_USE_AMENDED_QUALIFIERS)
#define PUT_CLASS_FLAGS                                                                            \
    (PUT_FLAGS | WBEM_FLAG_UPDATE_SAFE_MODE | WBEM_FLAG_UPDATE_FORCE_MODE | WBEM_FLAG_OWNER_UPDATE)

/* One call's work, which may outlive it. */
struct change_work {
    const struct change_kind *kind;
    struct repository_namespace *name_space;
    IWbemClassObject *object; /* Put…: a copy of the caller's */
    wchar_t *path;            /* Delete…: the class's name or the instance's path */
    LONG flags;
    IWbemContext *context; /* a reference; may be NULL */
    struct partial_update partial;
    uint32_t rights; /* the caller's, found out while he waits */
    HRESULT act;     /* what access_act() said of him then */
};

struct change_kind {
    const char *operation, *operation_async;
    LONG flags;
    bool takes_object; /* pObject or pInst, otherwise strClass or strObjectPath */
    const char *parameter;
    HRESULT (*run)(struct change_work *w, struct repository_change *c, BSTR *ret_path);
    /* WBEM_S_FALSE: no provider is in charge. NULL: never one is. */
    HRESULT (*by_provider)(struct change_work *w, BSTR *ret_path);
};

static HRESULT raise(const struct change_work *w, HRESULT hr, const char *what)
{
    CLEANUP(com_cleanup_free) char *text = w->path ? com_utf8_from_wide(w->path) : NULL;
    return error_raise(hr, w->kind->operation, text ? text : w->kind->parameter, "%s", what);
}

/* One of the rights will do. */
static HRESULT require(const struct change_work *w, uint32_t rights)
{
    return w->rights & rights ? WBEM_S_NO_ERROR
                              : access_refuse(w->name_space, rights, w->kind->operation);
}

static HRESULT require_act(const struct change_work *w)
{
    return SUCCEEDED(w->act)
               ? w->act
               : raise(w, w->act,
                       "the server does this with its own rights, so over the network it is for "
                       "administrators and the server's own user");
}

/* Is it a class whose instances tell the server what to load and to run? */
static bool commands_server(const struct change_work *w, const wchar_t *class_name)
{
    static const wchar_t *const names[] = {
        L"__EventConsumer",  L"__EventFilter", L"__FilterToConsumerBinding",
        L"__EventGenerator", L"__Provider",    L"__ProviderRegistration"};
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    if (FAILED(repository_get_class(w->name_space, class_name, false, &cls)) ||
        FAILED(schema_of(cls, &s))) {
        return false; /* the change itself says what is wrong */
    }
    const wchar_t *name = schema_class_name(s);
    for (uint32_t i = 0; name; name = schema_ancestor(s, i++)) {
        for (size_t j = 0; j < ARRAYSIZE(names); j++) {
            if (wcscasecmp(name, names[j]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* A class's own defaults are such commands too. */
static HRESULT require_for_class(const struct change_work *w, const wchar_t *name)
{
    HRESULT hr = require(w, WBEM_FULL_WRITE_REP);
    return SUCCEEDED(hr) && name && commands_server(w, name) ? require_act(w) : hr;
}

/* Instances in the repository; those of system classes (namespaces, subscriptions, registrations)
 * do what classes do. */
static HRESULT require_for_instance(const struct change_work *w, const wchar_t *class_name)
{
    bool system = wcsncmp(class_name, L"__", 2) == 0;
    HRESULT hr =
        require(w, system ? WBEM_FULL_WRITE_REP : WBEM_FULL_WRITE_REP | WBEM_PARTIAL_WRITE_REP);
    return SUCCEEDED(hr) && commands_server(w, class_name) ? require_act(w) : hr;
}

/* ---- classes -------------------------------------------------------------------- */

static HRESULT run_put_class(struct change_work *w, struct repository_change *c, BSTR *ret_path)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *stored = NULL;
    struct schema *s = NULL;
    bool cls = false;
    HRESULT hr = schema_of(w->object, &s);
    if (SUCCEEDED(hr)) {
        hr = require_for_class(w, schema_class_name(s));
    }
    if (SUCCEEDED(hr)) {
        hr = require_for_class(w, schema_ancestor(s, 0));
    }
    if (SUCCEEDED(hr)) {
        hr = object_is_class(w->object, &cls);
    }
    if (SUCCEEDED(hr) && !cls) {
        return raise(w, WBEM_E_INVALID_OBJECT, "the object is an instance, not a class");
    }
    if (SUCCEEDED(hr) && (w->flags & WBEM_FLAG_USE_AMENDED_QUALIFIERS)) {
        hr = object_without_amended(w->object, &stored);
    } else if (SUCCEEDED(hr)) {
        IWbemClassObject_AddRef(w->object);
        stored = w->object;
    }
    return SUCCEEDED(hr) ? repository_change_put_class(c, repository_namespace_name(w->name_space),
                                                       stored, w->flags)
                         : hr;
}

static HRESULT run_delete_class(struct change_work *w, struct repository_change *c, BSTR *ret_path)
{
    HRESULT hr = require_for_class(w, w->path);
    return SUCCEEDED(hr) ? repository_change_delete_class(
                               c, repository_namespace_name(w->name_space), w->path)
                         : hr;
}

/* ---- instances ---------------------------------------------------------------------- */

static HRESULT parse_path(const struct change_work *w, const wchar_t *text,
                          struct object_path **ret)
{
    size_t offset = 0;
    HRESULT hr = object_path_parse(text, ret, &offset);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *path = com_utf8_from_wide(text);
        return error_raise(hr, w->kind->operation, path,
                           "the path is not valid from character %zu on", offset + 1);
    }
    return hr;
}

/* The stored instance with the properties that a partial update names taken from the new one. */
static HRESULT merge(const struct change_work *w, IWbemClassObject *stored)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < w->partial.count; i++) {
        VARIANT v;
        VariantInit(&v);
        hr = IWbemClassObject_Get(w->object, w->partial.names[i], 0, &v, NULL, NULL);
        if (SUCCEEDED(hr) && (V_VT(&v) != VT_NULL || w->partial.strict_nulls)) {
            hr = IWbemClassObject_Put(stored, w->partial.names[i], 0, &v, 0);
        }
        VariantClear(&v);
        if (FAILED(hr)) {
            CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(w->partial.names[i]);
            return error_raise(hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_PROPERTY : hr,
                               w->kind->operation, name,
                               "the partial update names a property that can't be put");
        }
    }
    return hr;
}

static HRESULT merge_with_stored(const struct change_work *w, struct repository_change *c,
                                 IWbemClassObject **ret)
{
    VARIANT v;
    struct object_path *p;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(w->object, L"__RELPATH", 0, &v, NULL, NULL);
    if (FAILED(hr) || V_VT(&v) != VT_BSTR) {
        VariantClear(&v);
        return FAILED(hr) ? hr : raise(w, WBEM_E_ILLEGAL_NULL, "the instance has no key");
    }
    hr = parse_path(w, V_BSTR(&v), &p);
    VariantClear(&v);
    if (FAILED(hr)) {
        return hr;
    }
    hr = repository_change_get_instance(c, repository_namespace_name(w->name_space), p, ret);
    object_path_destroy(p);
    return SUCCEEDED(hr) ? merge(w, *ret) : hr;
}

static HRESULT run_put_instance(struct change_work *w, struct repository_change *c, BSTR *ret_path)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *merged = NULL;
    CLEANUP(com_cleanup_free) wchar_t *path = NULL;
    bool cls = false;
    HRESULT hr = object_is_class(w->object, &cls);
    if (SUCCEEDED(hr) && cls) {
        return raise(w, WBEM_E_INVALID_OBJECT, "the object is a class, not an instance");
    }
    struct schema *s = NULL;
    if (SUCCEEDED(hr)) {
        hr = schema_of(w->object, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = require_for_instance(w, schema_class_name(s));
    }
    if (SUCCEEDED(hr) && w->partial.count > 0 && !(w->flags & WBEM_FLAG_CREATE_ONLY)) {
        hr = merge_with_stored(w, c, &merged);
        if (hr == WBEM_E_NOT_FOUND) {
            hr = WBEM_S_NO_ERROR; /* nothing to merge with: it is created as it is */
        }
    }
    if (SUCCEEDED(hr)) {
        hr = repository_change_put_instance(c, repository_namespace_name(w->name_space),
                                            merged ? merged : w->object, w->flags, &path);
    }
    if (SUCCEEDED(hr)) {
        *ret_path = SysAllocString(path);
        hr = *ret_path ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

/* What lives in a provider can't be deleted here. */
static HRESULT check_static(const struct change_work *w, struct repository_change *c,
                            const struct object_path *p)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    HRESULT hr = repository_change_get_class(c, repository_namespace_name(w->name_space),
                                             p->class_name, &cls);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND
                   ? raise(w, WBEM_E_INVALID_CLASS, "there is no such class in this namespace")
                   : hr;
    }
    return schema_has_true(s, L"dynamic")
               ? raise(w, WBEM_E_PROVIDER_NOT_CAPABLE,
                       "the class's instances come from a provider, which can't delete them")
               : WBEM_S_NO_ERROR;
}

static HRESULT delete_parsed(const struct change_work *w, struct repository_change *c,
                             const struct object_path *p)
{
    const wchar_t *here = repository_namespace_name(w->name_space);
    if (!p->class_name || !p->is_instance) {
        return raise(w, WBEM_E_INVALID_OBJECT_PATH, "the path names no instance");
    }
    if (p->name_space && wcscasecmp(p->name_space, here) != 0) {
        return raise(w, WBEM_E_INVALID_NAMESPACE, "the path leads to another namespace");
    }
    HRESULT hr = require_for_instance(w, p->class_name);
    if (SUCCEEDED(hr)) {
        hr = check_static(w, c, p);
    }
    if (SUCCEEDED(hr)) {
        hr = repository_change_delete_instance(c, here, p);
    }
    switch (hr) {
    case WBEM_E_NOT_FOUND:
        return raise(w, hr, "there is no such instance");
    case WBEM_E_INVALID_OBJECT_PATH:
        return raise(w, hr, "the path does not give each of the class's keys");
    default:
        return hr;
    }
}

static HRESULT run_delete_instance(struct change_work *w, struct repository_change *c,
                                   BSTR *ret_path)
{
    struct object_path *p;
    HRESULT hr = parse_path(w, w->path, &p);
    if (SUCCEEDED(hr)) {
        hr = delete_parsed(w, c, p);
        object_path_destroy(p);
    }
    return hr;
}

/* ---- instances of others' providers ---------------------------------------------------- */

/* The provider in charge of a class's instances; free() it. WBEM_S_FALSE: none. */
static HRESULT provider_of(const struct change_work *w, const wchar_t *class_name, wchar_t **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = hosting_find_class(w->name_space, class_name, false, w->kind->operation, &cls);
    if (hr == WBEM_E_NOT_FOUND) {
        return WBEM_S_FALSE; /* the change itself says what is wrong */
    }
    if (FAILED(hr)) {
        return hr;
    }
    return hosting_class_provider(cls, true, ret);
}

/* Providers run with this process's rights. */
static HRESULT require_for_provider(const struct change_work *w)
{
    HRESULT hr = require(w, WBEM_WRITE_PROVIDER);
    return SUCCEEDED(hr) ? require_act(w) : hr;
}

/* What providers have of an instance that is stored. WBEM_S_FALSE: go on to store it. */
static HRESULT put_properties(const struct change_work *w, const wchar_t *class_name)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = repository_get_class(w->name_space, class_name, false, &cls);
    if (FAILED(hr) || !hosting_has_dynamic_properties(cls)) {
        return WBEM_S_FALSE;
    }
    hr = require_for_provider(w);
    if (FAILED(hr)) {
        return hr;
    }
    hr = hosting_put_properties(w->name_space, cls, w->object);
    return FAILED(hr) ? hr : WBEM_S_FALSE;
}

static HRESULT put_by_provider(struct change_work *w, BSTR *ret_path)
{
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    CLEANUP(com_cleanup_free) wchar_t *path = NULL;
    CLEANUP(com_cleanup_variant) VARIANT relative = {0};
    struct schema *s;
    bool cls = false;
    HRESULT hr = object_is_class(w->object, &cls);
    if (FAILED(hr) || cls) {
        return FAILED(hr) ? hr : WBEM_S_FALSE;
    }
    hr = schema_of(w->object, &s);
    if (SUCCEEDED(hr)) {
        hr = provider_of(w, schema_class_name(s), &provider);
    }
    if (hr == WBEM_S_FALSE) {
        return put_properties(w, schema_class_name(s));
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = require_for_provider(w);
    if (FAILED(hr)) {
        return hr;
    }
    hr = hosting_put_instance(w->name_space, provider, w->object,
                              w->flags & ~WBEM_FLAG_RETURN_IMMEDIATELY, w->context, &path);
    if (SUCCEEDED(hr) && !path) {
        hr = IWbemClassObject_Get(w->object, L"__RELPATH", 0, &relative, NULL, NULL);
    }
    if (SUCCEEDED(hr)) {
        const wchar_t *text = path ? path : V_VT(&relative) == VT_BSTR ? V_BSTR(&relative) : L"";
        *ret_path = SysAllocString(text);
        hr = *ret_path ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

static HRESULT delete_by_provider(struct change_work *w, BSTR *ret_path)
{
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    struct object_path *p;
    HRESULT hr = object_path_parse(w->path, &p, NULL);
    if (FAILED(hr)) {
        return WBEM_S_FALSE;
    }
    bool here = p->class_name && p->is_instance &&
                (!p->name_space ||
                 wcscasecmp(p->name_space, repository_namespace_name(w->name_space)) == 0);
    hr = here ? provider_of(w, p->class_name, &provider) : WBEM_S_FALSE;
    object_path_destroy(p);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = require_for_provider(w);
    return SUCCEEDED(hr)
               ? hosting_delete_instance(w->name_space, provider, w->path,
                                         w->flags & ~WBEM_FLAG_RETURN_IMMEDIATELY, w->context)
               : hr;
}

/* ---- running one --------------------------------------------------------------------- */

static const struct change_kind put_class_kind = {
    "PutClass", "PutClassAsync", PUT_CLASS_FLAGS, true, "pObject", run_put_class, NULL};
static const struct change_kind delete_class_kind = {
    "DeleteClass", "DeleteClassAsync", WBEM_FLAG_OWNER_UPDATE, false, "strClass", run_delete_class,
    NULL};
static const struct change_kind put_instance_kind = {
    "PutInstance", "PutInstanceAsync", PUT_FLAGS, true, "pInst", run_put_instance, put_by_provider};
static const struct change_kind delete_instance_kind = {
    "DeleteInstance",    "DeleteInstanceAsync", 0, false, "strObjectPath",
    run_delete_instance, delete_by_provider};

static void work_destroy(void *closure)
{
    struct change_work *w = closure;
    if (w->object) {
        IWbemClassObject_Release(w->object);
    }
    if (w->context) {
        IWbemContext_Release(w->context);
    }
    partial_update_done(&w->partial);
    free(w->path);
    free(w);
}

static HRESULT work_run(void *closure, BSTR *ret_path)
{
    struct change_work *w = closure;
    struct repository_change *c;
    BSTR path = NULL;
    HRESULT hr = w->kind->by_provider ? w->kind->by_provider(w, ret_path) : WBEM_S_FALSE;
    if (hr != WBEM_S_FALSE) {
        return hr;
    }
    hr = repository_change_begin(repository_of(w->name_space), &c);
    if (FAILED(hr)) {
        return hr;
    }
    hr = w->kind->run(w, c, &path);
    if (FAILED(hr)) {
        repository_change_abort(c);
    } else {
        hr = repository_change_commit(c);
    }
    if (FAILED(hr)) {
        SysFreeString(path);
        return hr;
    }
    *ret_path = path;
    return hr;
}

/* What a call is made of, whichever of the four it is. */
struct change_call {
    const struct change_kind *kind;
    IWbemClassObject *object;
    const wchar_t *path;
    LONG flags;
    IWbemContext *context;
};

static HRESULT check_call(const struct change_call *call, const char *operation, LONG more_flags)
{
    if (call->kind->takes_object ? !call->object : !call->path || !*call->path) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, call->kind->parameter,
                           "the parameter must not be NULL or empty");
    }
    if (call->object && !object_is_ours(call->object)) {
        return error_raise(WBEM_E_INVALID_OBJECT, operation, call->kind->parameter,
                           "the object was not made by this library");
    }
    if ((call->flags & WBEM_FLAG_CREATE_ONLY) && (call->flags & WBEM_FLAG_UPDATE_ONLY)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags",
                           "WBEM_FLAG_CREATE_ONLY and WBEM_FLAG_UPDATE_ONLY exclude each other");
    }
    return services_check_flags(operation, call->flags, call->kind->flags | more_flags);
}

static HRESULT work_create(struct services *s, const struct change_call *call,
                           struct change_work **ret)
{
    struct change_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w->kind = call->kind;
    w->name_space = s->name_space;
    w->flags = call->flags;
    HRESULT hr = access_rights(s->name_space, &w->rights);
    if (SUCCEEDED(hr) && !(w->rights & WBEM_ENABLE)) {
        hr = access_refuse(s->name_space, WBEM_ENABLE, call->kind->operation);
    }
    if (SUCCEEDED(hr)) {
        w->act = access_act(call->kind->operation, "this change");
        (void)SetErrorInfo(0, NULL);
    }
    if (SUCCEEDED(hr) && call->path) {
        w->path = wcsdup(call->path);
        hr = w->path ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr) && call->object) {
        hr = IWbemClassObject_Clone(call->object, &w->object);
    }
    if (SUCCEEDED(hr) && call->context) {
        IWbemContext_AddRef(call->context);
        w->context = call->context;
        hr = partial_update_read(call->context, &w->partial);
    }
    if (FAILED(hr)) {
        work_destroy(w);
        return hr;
    }
    *ret = w;
    return hr;
}

static HRESULT change_async(struct services *s, const struct change_call *call,
                            IWbemObjectSink *sink)
{
    struct change_work *w;
    if (!sink) {
        return error_raise(WBEM_E_INVALID_PARAMETER, call->kind->operation_async,
                           "pResponseHandler", "the parameter must not be NULL");
    }
    HRESULT hr = check_call(call, call->kind->operation_async, WBEM_FLAG_SEND_STATUS);
    if (SUCCEEDED(hr)) {
        hr = work_create(s, call, &w);
    }
    return SUCCEEDED(hr) ? delivery_run_text(work_run, w, work_destroy, (IUnknown *)&s->iface, sink)
                         : hr;
}

static HRESULT change_now(struct services *s, const struct change_call *call,
                          IWbemCallResult **ret_result)
{
    struct change_work *w;
    BSTR path = NULL;
    bool later = call->flags & WBEM_FLAG_RETURN_IMMEDIATELY;
    if (ret_result) {
        *ret_result = NULL;
    }
    HRESULT hr = check_call(call, call->kind->operation, WBEM_FLAG_RETURN_IMMEDIATELY);
    if (SUCCEEDED(hr) && later && !ret_result) {
        hr = error_raise(WBEM_E_INVALID_PARAMETER, call->kind->operation, "ppCallResult",
                         "a semisynchronous call answers through it");
    }
    if (SUCCEEDED(hr)) {
        hr = work_create(s, call, &w);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!later) {
        hr = work_run(w, &path);
        SysFreeString(path);
        work_destroy(w);
        return hr;
    }
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    hr = call_result_create(&result, &sink);
    if (FAILED(hr)) {
        work_destroy(w);
        return hr;
    }
    hr = delivery_run_text(work_run, w, work_destroy, (IUnknown *)&s->iface, sink);
    if (SUCCEEDED(hr)) {
        *ret_result = TAKE(result);
    }
    return hr;
}

/* ---- the four --------------------------------------------------------------------------- */

HRESULT services_put_class(struct services *s, IWbemClassObject *object, LONG flags,
                           IWbemCallResult **ret_result)
{
    const struct change_call call = {&put_class_kind, object, NULL, flags, NULL};
    return change_now(s, &call, ret_result);
}

HRESULT services_put_class_async(struct services *s, IWbemClassObject *object, LONG flags,
                                 IWbemObjectSink *sink)
{
    const struct change_call call = {&put_class_kind, object, NULL, flags, NULL};
    return change_async(s, &call, sink);
}

HRESULT services_delete_class(struct services *s, const wchar_t *name, LONG flags,
                              IWbemCallResult **ret_result)
{
    const struct change_call call = {&delete_class_kind, NULL, name, flags, NULL};
    return change_now(s, &call, ret_result);
}

HRESULT services_delete_class_async(struct services *s, const wchar_t *name, LONG flags,
                                    IWbemObjectSink *sink)
{
    const struct change_call call = {&delete_class_kind, NULL, name, flags, NULL};
    return change_async(s, &call, sink);
}

HRESULT services_put_instance(struct services *s, IWbemClassObject *instance, LONG flags,
                              IWbemContext *context, IWbemCallResult **ret_result)
{
    const struct change_call call = {&put_instance_kind, instance, NULL, flags, context};
    return change_now(s, &call, ret_result);
}

HRESULT services_put_instance_async(struct services *s, IWbemClassObject *instance, LONG flags,
                                    IWbemContext *context, IWbemObjectSink *sink)
{
    const struct change_call call = {&put_instance_kind, instance, NULL, flags, context};
    return change_async(s, &call, sink);
}

HRESULT services_delete_instance(struct services *s, const wchar_t *path, LONG flags,
                                 IWbemCallResult **ret_result)
{
    const struct change_call call = {&delete_instance_kind, NULL, path, flags, NULL};
    return change_now(s, &call, ret_result);
}

HRESULT services_delete_instance_async(struct services *s, const wchar_t *path, LONG flags,
                                       IWbemObjectSink *sink)
{
    const struct change_call call = {&delete_instance_kind, NULL, path, flags, NULL};
    return change_async(s, &call, sink);
}
