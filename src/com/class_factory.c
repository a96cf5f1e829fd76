/*
 * CoCreateInstance and CoGetClassObject over the tables of classes that the library's modules
 * registered when it was loaded.
 */
#include "com/com.h"

/* The tables, latest first. Written while the library is loaded, before anything can read. */
static _Atomic(struct com_class_table *) tables;

void com_register_classes(struct com_class_table *table)
{
    struct com_class_table *next = atomic_load_explicit(&tables, memory_order_relaxed);
    do {
        table->next = next;
    } while (!atomic_compare_exchange_weak_explicit(&tables, &next, table, memory_order_release,
                                                    memory_order_relaxed));
}

static const struct com_class *class_find(REFCLSID clsid)
{
    const struct com_class_table *table = atomic_load_explicit(&tables, memory_order_acquire);
    for (; table; table = table->next) {
        for (size_t i = 0; i < table->count; i++) {
            if (IsEqualCLSID(table->classes[i].clsid, clsid)) {
                return &table->classes[i];
            }
        }
    }
    return NULL;
}

/* Classes that are not the library's own. Set while the library is loaded. */
static com_class_source other_classes;
static void (*free_other_classes)(void);

void com_set_class_source(com_class_source source, void (*free_unused)(void))
{
    other_classes = source;
    free_other_classes = free_unused;
}

void com_free_unused_classes(void)
{
    if (free_other_classes) {
        free_other_classes();
    }
}

/* ---- IClassFactory ------------------------------------------------------------- */

struct class_factory {
    IClassFactory iface;
    struct com_refs refs;
    const struct com_class *cls;
};

static struct class_factory *factory_of(IClassFactory *iface)
{
    return COM_CONTAINER(iface, struct class_factory, iface);
}

static HRESULT STDMETHODCALLTYPE factory_query_interface(IClassFactory *iface, REFIID riid,
                                                         void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IClassFactory)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    *ret = iface;
    (void)com_ref_inc(&factory_of(iface)->refs);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE factory_addref(IClassFactory *iface)
{
    return com_ref_inc(&factory_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE factory_release(IClassFactory *iface)
{
    ULONG left = com_ref_dec(&factory_of(iface)->refs);
    if (left == 0) {
        free(factory_of(iface));
    }
    return left;
}

static HRESULT class_create(const struct com_class *cls, IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer && !IsEqualIID(riid, &IID_IUnknown)) {
        return CLASS_E_NOAGGREGATION;
    }
    return cls->create(outer, riid, ret);
}

static HRESULT STDMETHODCALLTYPE factory_create_instance(IClassFactory *iface, IUnknown *outer,
                                                         REFIID riid, void **ret)
{
    return ret ? class_create(factory_of(iface)->cls, outer, riid, ret) : E_POINTER;
}

static HRESULT STDMETHODCALLTYPE factory_lock_server(IClassFactory *iface, BOOL on)
{
    return S_OK; /* the classes are part of this library, which stays */
}

static const IClassFactoryVtbl factory_vtbl = {factory_query_interface, factory_addref,
                                               factory_release, factory_create_instance,
                                               factory_lock_server};

/* ---- the functions ----------------------------------------------------------------- */

/* S_FALSE: none of ours; it may be one of the shared objects'. */
static HRESULT find_for(REFCLSID clsid, DWORD context, const struct com_class **ret)
{
    if (!(context & (CLSCTX_SERVER | CLSCTX_INPROC_HANDLER))) {
        return E_INVALIDARG;
    }
    if (!com_is_initialized()) {
        return CO_E_NOTINITIALIZED;
    }
    *ret = class_find(clsid);
    return *ret ? S_OK : other_classes ? S_FALSE : REGDB_E_CLASSNOTREG;
}

static HRESULT create_other(REFCLSID clsid, IUnknown *outer, REFIID riid, LPVOID *ret)
{
    CLEANUP(com_cleanup_release) IClassFactory *factory = NULL;
    HRESULT hr = other_classes(clsid, &IID_IClassFactory, (void **)&factory);
    return FAILED(hr) ? hr : IClassFactory_CreateInstance(factory, outer, riid, ret);
}

HRESULT CoCreateInstance(REFCLSID clsid, IUnknown *outer, DWORD context, REFIID riid, LPVOID *ret)
{
    if (!ret) {
        return E_POINTER;
    }

    *ret = NULL;
    const struct com_class *cls;
    HRESULT hr = find_for(clsid, context, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    return hr == S_OK ? class_create(cls, outer, riid, ret) : create_other(clsid, outer, riid, ret);
}

static bool names_another_host(const COSERVERINFO *server)
{
    return server && server->pwszName && server->pwszName[0];
}

HRESULT CoCreateInstanceEx(REFCLSID clsid, IUnknown *outer, DWORD context, COSERVERINFO *server,
                           DWORD count, MULTI_QI *results)
{
    if (count == 0 || !results) {
        return E_INVALIDARG;
    }
    for (DWORD i = 0; i < count; i++) {
        results[i].pItf = NULL;
        results[i].hr = E_NOINTERFACE;
    }
    if (names_another_host(server)) {
        return E_NOTIMPL;
    }

    CLEANUP(com_cleanup_release) IUnknown *object = NULL;
    HRESULT hr = CoCreateInstance(clsid, outer, context, &IID_IUnknown, (void **)&object);
    if (FAILED(hr)) {
        return hr;
    }
    DWORD found = 0;
    for (DWORD i = 0; i < count; i++) {
        results[i].hr = IUnknown_QueryInterface(object, results[i].pIID, (void **)&results[i].pItf);
        found += SUCCEEDED(results[i].hr);
    }
    return found == count ? S_OK : found > 0 ? CO_S_NOTALLINTERFACES : E_NOINTERFACE;
}

HRESULT CoGetClassObject(REFCLSID clsid, DWORD context, COSERVERINFO *server, REFIID riid,
                         LPVOID *ret)
{
    if (!ret) {
        return E_POINTER;
    }

    *ret = NULL;
    if (names_another_host(server)) {
        return E_NOTIMPL;
    }
    const struct com_class *cls;
    HRESULT hr = find_for(clsid, context, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    if (hr != S_OK) {
        return other_classes(clsid, riid, ret);
    }
    struct class_factory *f = malloc(sizeof *f);
    if (!f) {
        return E_OUTOFMEMORY;
    }
    f->iface.lpVtbl = &factory_vtbl;
    com_ref_init(&f->refs);
    f->cls = cls;
    hr = IClassFactory_QueryInterface(&f->iface, riid, ret);
    (void)IClassFactory_Release(&f->iface);
    return hr;
}
