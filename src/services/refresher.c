/*
 * IWbemRefresher and IWbemConfigureRefresher (wbemcli
 * nn-wbemcli-iwbemrefresher, nn-wbemcli-iwbemconfigurerefresher): what was
 * added, and which set keeps it up to date.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "hosting/hosting.h"
#include "providers/perf.h"
#include "services/refresh_private.h"
#include "services/services_private.h"

/* Things of one provider from the same services share a set, so that it samples once for all. */
struct refreshed_set {
    struct refresh_set *set;
    const struct perf_object *object; /* of the library's own counters */
    wchar_t *provider;                /* of others; neither: of queries */
    IUnknown *services;               /* for comparing, as COM identity; a reference */
    LONG flags;
    unsigned uses;
};

struct refreshed {
    LONG id;
    struct refreshed_set *in; /* NULL: a nested refresher */
    LONG id_in_set;
    IWbemRefresher *nested;
};

struct refresher {
    IWbemRefresher iface;
    IWbemConfigureRefresher configure;
    atomic_ulong refs;
    atomic_flag busy; /* one call at a time may use what follows; others are told so */
    struct refreshed *items;
    size_t count;
    struct refreshed_set **sets;
    size_t set_count;
    LONG last_id;
};

static struct refresher *refresher_of(IWbemRefresher *iface)
{
    return (struct refresher *)((char *)iface - offsetof(struct refresher, iface));
}

static struct refresher *configured(IWbemConfigureRefresher *iface)
{
    return (struct refresher *)((char *)iface - offsetof(struct refresher, configure));
}

static HRESULT enter(struct refresher *r, const char *operation)
{
    if (atomic_flag_test_and_set_explicit(&r->busy, memory_order_acquire)) {
        return error_raise(WBEM_E_REFRESHER_BUSY, operation, NULL,
                           "another call of this refresher is under way");
    }
    return WBEM_S_NO_ERROR;
}

static void leave(struct refresher *r)
{
    atomic_flag_clear_explicit(&r->busy, memory_order_release);
}

/* ---- IUnknown ------------------------------------------------------------------------------ */

static HRESULT refresher_query(struct refresher *r, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (IsEqualIID(riid, &IID_IUnknown) || IsEqualIID(riid, &IID_IWbemRefresher)) {
        *ret = &r->iface;
    } else if (IsEqualIID(riid, &IID_IWbemConfigureRefresher)) {
        *ret = &r->configure;
    } else {
        return E_NOINTERFACE;
    }
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return S_OK;
}

static ULONG refresher_add_ref(struct refresher *r)
{
    return (ULONG)atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed) + 1;
}

static void set_release(struct refresher *r, struct refreshed_set *s)
{
    if (--s->uses > 0) {
        return;
    }
    for (size_t i = 0; i < r->set_count; i++) {
        if (r->sets[i] == s) {
            r->sets[i] = r->sets[--r->set_count];
            break;
        }
    }
    s->set->ops->destroy(s->set);
    com_cleanup_release(&s->services);
    free(s->provider);
    free(s);
}

static void item_done(struct refresher *r, struct refreshed *item)
{
    if (item->in) {
        item->in->set->ops->remove(item->in->set, item->id_in_set);
        set_release(r, item->in);
    }
    com_cleanup_release(&item->nested);
}

static ULONG refresher_release(struct refresher *r)
{
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        while (r->count > 0) {
            item_done(r, &r->items[--r->count]);
        }
        free(r->items);
        free(r->sets);
        free(r);
    }
    return left;
}

/* ---- IWbemRefresher ---------------------------------------------------------------------------
 */

static HRESULT STDMETHODCALLTYPE refresher_query_interface(IWbemRefresher *iface, REFIID riid,
                                                           void **ret)
{
    return refresher_query(refresher_of(iface), riid, ret);
}

static ULONG STDMETHODCALLTYPE refresher_add_ref_(IWbemRefresher *iface)
{
    return refresher_add_ref(refresher_of(iface));
}

static ULONG STDMETHODCALLTYPE refresher_release_(IWbemRefresher *iface)
{
    return refresher_release(refresher_of(iface));
}

/* What became of the parts of a refresh. */
struct outcome {
    bool any_good, any_partial;
    HRESULT failure;
};

static void note(struct outcome *o, HRESULT hr)
{
    if (FAILED(hr)) {
        o->failure = FAILED(o->failure) ? o->failure : hr;
    } else {
        o->any_good = true;
        o->any_partial = o->any_partial || hr == WBEM_S_PARTIAL_RESULTS;
    }
}

/* wbemPartialResults of SWbemRefresher.Refresh: some were refreshed and some were not, which is no
 * error. Where nothing could be refreshed it is one. */
static HRESULT STDMETHODCALLTYPE refresher_refresh(IWbemRefresher *iface, LONG flags)
{
    struct refresher *r = refresher_of(iface);
    struct outcome o = {.failure = WBEM_S_NO_ERROR};
    if (flags & ~WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Refresh", "lFlags", "unknown flags 0x%x",
                           (unsigned)flags);
    }
    HRESULT hr = enter(r, "Refresh");
    if (FAILED(hr)) {
        return hr;
    }
    for (size_t i = 0; i < r->set_count; i++) {
        note(&o, r->sets[i]->set->ops->refresh(r->sets[i]->set, flags));
    }
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].nested) {
            note(&o, IWbemRefresher_Refresh(r->items[i].nested, flags));
        }
    }
    leave(r);
    if (FAILED(o.failure)) {
        return o.any_good ? WBEM_S_PARTIAL_RESULTS : o.failure;
    }
    return o.any_partial ? WBEM_S_PARTIAL_RESULTS : WBEM_S_NO_ERROR;
}

/* ---- sets
 * ----------------------------------------------------------------------------------------- */

/* What keeps instances of a class up to date. */
struct keeper {
    const struct perf_object *object;
    wchar_t *provider; /* owned */
    IUnknown *identity;
};

/* The provider is asked for its IWbemHiPerfProvider; one that has none is asked by queries. */
static HRESULT set_of_others(IWbemServices *services, LONG flags, struct keeper *k,
                             struct refresh_set **ret)
{
    HRESULT hr = WBEM_S_FALSE;
    if (k->provider) {
        hr = hosting_refresh_create(services_namespace(services), k->provider, services, ret);
    }
    if (hr == WBEM_S_FALSE) {
        free(TAKE(k->provider));
        hr = query_refresh_create(services, flags, ret);
    }
    return hr;
}

static bool keeps(const struct refreshed_set *s, const struct keeper *k, LONG flags)
{
    if (k->object || s->object) {
        return k->object == s->object; /* the machine's own are the same through all services */
    }
    return s->services == k->identity && s->flags == flags && !s->provider == !k->provider &&
           (!k->provider || wcscasecmp(s->provider, k->provider) == 0);
}

static struct refreshed_set *set_find(const struct refresher *r, const struct keeper *k, LONG flags)
{
    for (size_t i = 0; i < r->set_count; i++) {
        if (keeps(r->sets[i], k, flags)) {
            return r->sets[i];
        }
    }
    return NULL;
}

static HRESULT set_create(struct refresher *r, IWbemServices *services, LONG flags,
                          struct keeper *k, struct refreshed_set **ret)
{
    struct refreshed_set **larger =
        reallocarray(r->sets, r->set_count + 1, sizeof(struct refreshed_set *));
    if (!larger) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->sets = larger;
    struct refresh_set *set;
    HRESULT hr =
        k->object ? perf_refresh_create(k->object, &set) : set_of_others(services, flags, k, &set);
    if (FAILED(hr)) {
        return hr;
    }
    struct refreshed_set *s = calloc(1, sizeof *s);
    if (!s) {
        set->ops->destroy(set);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *s = (struct refreshed_set){.set = set, .object = k->object, .flags = flags};
    s->provider = TAKE(k->provider);
    s->services = k->identity;
    IUnknown_AddRef(k->identity);
    r->sets[r->set_count++] = s;
    *ret = s;
    return WBEM_S_NO_ERROR;
}

/* The set that instances of the class belong to; counts as a use. */
static HRESULT set_for(struct refresher *r, IWbemServices *services, LONG flags,
                       IWbemClassObject *of_class, struct refreshed_set **ret)
{
    struct keeper k = {0};
    struct schema *schema;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (services_namespace(services) && SUCCEEDED(schema_of(of_class, &schema))) {
        const struct perf_class *c = perf_class_of(provider_find(schema_class_name(schema)));
        k.object = c ? c->object : NULL;
        hr = c ? WBEM_S_NO_ERROR : hosting_class_provider(of_class, true, &k.provider);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_QueryInterface(services, &IID_IUnknown, (void **)&k.identity);
    }
    struct refreshed_set *s = SUCCEEDED(hr) ? set_find(r, &k, flags) : NULL;
    if (SUCCEEDED(hr) && !s) {
        hr = set_create(r, services, flags, &k, &s);
    }
    if (SUCCEEDED(hr)) {
        s->uses++;
        *ret = s;
    }
    com_cleanup_release(&k.identity);
    free(k.provider);
    return SUCCEEDED(hr) ? WBEM_S_NO_ERROR : hr;
}

/* Room for one item more, so that nothing can fail once a set has taken it. */
static HRESULT reserve(struct refresher *r)
{
    struct refreshed *larger = reallocarray(r->items, r->count + 1, sizeof *larger);
    if (!larger) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->items = larger;
    return WBEM_S_NO_ERROR;
}

static void add_item(struct refresher *r, struct refreshed item, LONG *ret_id)
{
    item.id = ++r->last_id;
    if (ret_id) {
        *ret_id = item.id;
    }
    r->items[r->count++] = item;
}

/* ---- objects
 * ---------------------------------------------------------------------------------------- */

static HRESULT check_add(const char *operation, IWbemServices *services, const void *what,
                         const char *name, LONG flags, const void *ret, const char *ret_name)
{
    (void)SetErrorInfo(0, NULL);
    if (!services || !what || !ret) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation,
                           !services ? "pNamespace"
                           : !what   ? name
                                     : ret_name,
                           "the parameter must not be NULL");
    }
    if (flags & ~WBEM_FLAG_USE_AMENDED_QUALIFIERS) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags", "unknown flags 0x%x",
                           (unsigned)flags);
    }
    return WBEM_S_NO_ERROR;
}

/* Adds the instance that the template names. */
static HRESULT add_template(struct refresher *r, IWbemServices *services,
                            IWbemClassObject *template, LONG flags, IWbemContext *context,
                            IWbemClassObject **ret, LONG *ret_id)
{
    struct refreshed item = {0};
    HRESULT hr = reserve(r);
    if (SUCCEEDED(hr)) {
        hr = set_for(r, services, flags, template, &item.in);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = item.in->set->ops->add_object(item.in->set, template, context, ret, &item.id_in_set);
    if (FAILED(hr)) {
        set_release(r, item.in);
        return hr;
    }
    add_item(r, item, ret_id);
    return WBEM_S_NO_ERROR;
}

static HRESULT get_class(IWbemServices *services, const wchar_t *name, LONG flags,
                         IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_bstr) BSTR text = SysAllocString(name);
    return text ? IWbemServices_GetObject(services, text, flags, NULL, ret, NULL)
                : WBEM_E_OUT_OF_MEMORY;
}

/* The one key of a class, for paths such as Class="x". */
static HRESULT only_key(IWbemClassObject *cls, BSTR *ret)
{
    SAFEARRAY *names = NULL;
    LONG last = -1, first = 0;
    HRESULT hr = IWbemClassObject_GetNames(cls, NULL, WBEM_FLAG_KEYS_ONLY, NULL, &names);
    if (SUCCEEDED(hr) && SUCCEEDED(SafeArrayGetUBound(names, 1, &last)) && last == 0) {
        hr = SafeArrayGetElement(names, &first, ret);
    } else if (SUCCEEDED(hr)) {
        hr = WBEM_E_INVALID_OBJECT_PATH;
    }
    (void)SafeArrayDestroy(names);
    return hr;
}

static HRESULT put_key(IWbemClassObject *cls, IWbemClassObject *instance,
                       const struct object_path_key *k)
{
    CLEANUP(com_cleanup_bstr) BSTR name = k->name ? SysAllocString(k->name) : NULL;
    HRESULT hr = k->name ? (name ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY) : only_key(cls, &name);
    if (FAILED(hr)) {
        return hr;
    }
    VARIANT v;
    VariantInit(&v);
    if (k->type == CIM_BOOLEAN) {
        V_VT(&v) = VT_BOOL;
        V_BOOL(&v) = k->number ? VARIANT_TRUE : VARIANT_FALSE;
    } else {
        V_VT(&v) = VT_BSTR; /* numbers too: Put converts to the property's type */
        V_BSTR(&v) = SysAllocString(k->text);
        hr = V_BSTR(&v) ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Put(instance, name, 0, &v, 0);
    }
    (void)VariantClear(&v);
    return hr == WBEM_E_NOT_FOUND || hr == WBEM_E_TYPE_MISMATCH ? WBEM_E_INVALID_OBJECT_PATH : hr;
}

/* An instance with the keys that the path gives and nothing else. */
static HRESULT template_of_path(IWbemServices *services, const struct object_path *p, LONG flags,
                                IWbemClassObject **ret)
{
    if (!p->class_name || !p->is_instance) {
        return WBEM_E_INVALID_OBJECT_PATH;
    }
    /* A namespace in the path is for the services to judge. */
    const struct object_path of_class = {
        .server = p->server, .name_space = p->name_space, .class_name = p->class_name};
    CLEANUP(com_cleanup_free) wchar_t *class_path = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = object_path_print(&of_class, &class_path);
    if (SUCCEEDED(hr)) {
        hr = get_class(services, class_path, flags, &cls);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_CLASS : hr;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
    hr = IWbemClassObject_SpawnInstance(cls, 0, &instance);
    for (uint32_t i = 0; i < p->key_count && SUCCEEDED(hr); i++) {
        hr = put_key(cls, instance, &p->keys[i]);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(instance);
    }
    return hr;
}

/* What failed below has said more of it, or left that to us. */
static HRESULT raise_add(HRESULT hr, const char *operation, const wchar_t *what)
{
    CLEANUP(com_cleanup_release) IErrorInfo *said = NULL;
    const char *why = hr == WBEM_E_NOT_FOUND             ? "there is no such instance"
                      : hr == WBEM_E_INVALID_CLASS       ? "there is no such class"
                      : hr == WBEM_E_INVALID_OBJECT_PATH ? "this is not the path of an instance"
                                                         : NULL;
    if (!why && GetErrorInfo(0, &said) == S_OK) {
        (void)SetErrorInfo(0, said);
        return hr;
    }
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(what);
    return error_raise(hr, operation, text, "%s", why ? why : "it can't be refreshed");
}

static HRESULT add_path(struct refresher *r, IWbemServices *services, const wchar_t *path,
                        LONG flags, IWbemContext *context, IWbemClassObject **ret, LONG *ret_id)
{
    struct object_path *p;
    CLEANUP(com_cleanup_release) IWbemClassObject *template = NULL;
    HRESULT hr = object_path_parse(path, &p, NULL);
    if (SUCCEEDED(hr)) {
        hr = template_of_path(services, p, flags, &template);
        object_path_destroy(p);
    }
    return SUCCEEDED(hr) ? add_template(r, services, template, flags, context, ret, ret_id) : hr;
}

static HRESULT STDMETHODCALLTYPE configure_add_object_by_path(IWbemConfigureRefresher *iface,
                                                              IWbemServices *services, LPCWSTR path,
                                                              LONG flags, IWbemContext *context,
                                                              IWbemClassObject **ret, LONG *ret_id)
{
    static const char operation[] = "AddObjectByPath";
    struct refresher *r = configured(iface);
    HRESULT hr = check_add(operation, services, path, "wszPath", flags, ret, "ppRefreshable");
    if (SUCCEEDED(hr)) {
        hr = enter(r, operation);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    hr = add_path(r, services, path, flags, context, ret, ret_id);
    leave(r);
    return FAILED(hr) ? raise_add(hr, operation, path) : hr;
}

static HRESULT STDMETHODCALLTYPE configure_add_object_by_template(
    IWbemConfigureRefresher *iface, IWbemServices *services, IWbemClassObject *template, LONG flags,
    IWbemContext *context, IWbemClassObject **ret, LONG *ret_id)
{
    static const char operation[] = "AddObjectByTemplate";
    struct refresher *r = configured(iface);
    HRESULT hr = check_add(operation, services, template, "pTemplate", flags, ret, "ppRefreshable");
    if (SUCCEEDED(hr)) {
        hr = enter(r, operation);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    VARIANT path;
    VariantInit(&path);
    hr = IWbemClassObject_Get(template, L"__RELPATH", 0, &path, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&path) != VT_BSTR) {
        hr = WBEM_E_INVALID_OBJECT; /* a class, or not all keys are there */
    }
    if (SUCCEEDED(hr)) {
        hr = add_template(r, services, template, flags, context, ret, ret_id);
    }
    leave(r);
    if (FAILED(hr)) {
        hr = raise_add(hr, operation, V_VT(&path) == VT_BSTR ? V_BSTR(&path) : L"pTemplate");
    }
    (void)VariantClear(&path);
    return hr;
}

/* ---- refreshers, enumerators
 * ------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE configure_add_refresher(IWbemConfigureRefresher *iface,
                                                         IWbemRefresher *nested, LONG flags,
                                                         LONG *ret_id)
{
    static const char operation[] = "AddRefresher";
    struct refresher *r = configured(iface);
    if (!nested || flags != 0 || nested == &r->iface) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, flags ? "lFlags" : "pRefresher",
                           "%s",
                           flags     ? "the flags must be 0"
                           : !nested ? "the parameter must not be NULL"
                                     : "a refresher can't be nested in itself");
    }
    HRESULT hr = enter(r, operation);
    if (FAILED(hr)) {
        return hr;
    }
    hr = reserve(r);
    if (SUCCEEDED(hr)) {
        IWbemRefresher_AddRef(nested);
        add_item(r, (struct refreshed){.nested = nested}, ret_id);
    }
    leave(r);
    return hr;
}

static HRESULT add_enum(struct refresher *r, IWbemServices *services, const wchar_t *name,
                        LONG flags, IWbemContext *context, IWbemHiPerfEnum **ret, LONG *ret_id)
{
    struct refreshed item = {0};
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemHiPerfEnum *e = NULL;
    HRESULT hr = get_class(services, name, flags, &cls);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_CLASS : hr;
    }
    hr = reserve(r);
    if (SUCCEEDED(hr)) {
        hr = hiperf_enum_create(&e);
    }
    if (SUCCEEDED(hr)) {
        hr = set_for(r, services, flags, cls, &item.in);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = item.in->set->ops->add_enum(item.in->set, cls, context, e, &item.id_in_set);
    if (FAILED(hr)) {
        set_release(r, item.in);
        return hr;
    }
    add_item(r, item, ret_id);
    *ret = TAKE(e);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE configure_add_enum(IWbemConfigureRefresher *iface,
                                                    IWbemServices *services, LPCWSTR name,
                                                    LONG flags, IWbemContext *context,
                                                    IWbemHiPerfEnum **ret, LONG *ret_id)
{
    static const char operation[] = "AddEnum";
    struct refresher *r = configured(iface);
    HRESULT hr = check_add(operation, services, name, "wszClassName", flags, ret, "ppEnum");
    if (SUCCEEDED(hr)) {
        hr = enter(r, operation);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    hr = add_enum(r, services, name, flags, context, ret, ret_id);
    leave(r);
    return FAILED(hr) ? raise_add(hr, operation, name) : hr;
}

static HRESULT STDMETHODCALLTYPE configure_remove(IWbemConfigureRefresher *iface, LONG id,
                                                  LONG flags)
{
    struct refresher *r = configured(iface);
    if (flags & ~WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Remove", "lFlags", "unknown flags 0x%x",
                           (unsigned)flags);
    }
    HRESULT hr = enter(r, "Remove");
    if (FAILED(hr)) {
        return hr;
    }
    hr = WBEM_E_NOT_FOUND;
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].id == id) {
            struct refreshed item = r->items[i];
            r->items[i] = r->items[--r->count];
            item_done(r, &item);
            hr = WBEM_S_NO_ERROR;
            break;
        }
    }
    leave(r);
    return FAILED(hr) ? error_raise(hr, "Remove", "lId", "nothing was added under the number %ld",
                                    (long)id)
                      : hr;
}

static HRESULT STDMETHODCALLTYPE configure_query_interface(IWbemConfigureRefresher *iface,
                                                           REFIID riid, void **ret)
{
    return refresher_query(configured(iface), riid, ret);
}

static ULONG STDMETHODCALLTYPE configure_add_ref(IWbemConfigureRefresher *iface)
{
    return refresher_add_ref(configured(iface));
}

static ULONG STDMETHODCALLTYPE configure_release(IWbemConfigureRefresher *iface)
{
    return refresher_release(configured(iface));
}

static const IWbemRefresherVtbl refresher_vtbl = {
    .QueryInterface = refresher_query_interface,
    .AddRef = refresher_add_ref_,
    .Release = refresher_release_,
    .Refresh = refresher_refresh,
};

static const IWbemConfigureRefresherVtbl configure_vtbl = {
    .QueryInterface = configure_query_interface,
    .AddRef = configure_add_ref,
    .Release = configure_release,
    .AddObjectByPath = configure_add_object_by_path,
    .AddObjectByTemplate = configure_add_object_by_template,
    .AddRefresher = configure_add_refresher,
    .Remove = configure_remove,
    .AddEnum = configure_add_enum,
};

HRESULT refresher_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct refresher *r = calloc(1, sizeof *r);
    if (!r) {
        return E_OUTOFMEMORY;
    }
    r->iface.lpVtbl = &refresher_vtbl;
    r->configure.lpVtbl = &configure_vtbl;
    atomic_init(&r->refs, 1);
    atomic_flag_clear(&r->busy);
    HRESULT hr = refresher_query(r, riid, ret);
    refresher_release(r);
    return hr;
}
