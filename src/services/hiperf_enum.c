/*
 * IWbemHiPerfEnum: the instances of a class as of the last refresh. Providers
 * put them in during a refresh, clients take them out between two
 * (wbemcli nn-wbemcli-iwbemhiperfenum).
 */
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "object/object.h"
#include "services/refresh_private.h"

struct entry {
    LONG id;
    IWbemObjectAccess *object;
};

struct hiperf_enum {
    IWbemHiPerfEnum iface;
    atomic_ulong refs;
    pthread_mutex_t lock; /* of what follows */
    struct entry *entries;
    ULONG count, capacity;
    LONG highest; /* identifier so far: a higher one is new without a search */
};

static struct hiperf_enum *enum_of(IWbemHiPerfEnum *iface)
{
    return (struct hiperf_enum *)((char *)iface - offsetof(struct hiperf_enum, iface));
}

static HRESULT STDMETHODCALLTYPE enum_query_interface(IWbemHiPerfEnum *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemHiPerfEnum)) {
        return E_NOINTERFACE;
    }
    IWbemHiPerfEnum_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE enum_add_ref(IWbemHiPerfEnum *iface)
{
    return (ULONG)atomic_fetch_add_explicit(&enum_of(iface)->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE enum_release(IWbemHiPerfEnum *iface)
{
    struct hiperf_enum *e = enum_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        for (ULONG i = 0; i < e->count; i++) {
            IWbemObjectAccess_Release(e->entries[i].object);
        }
        pthread_mutex_destroy(&e->lock);
        free(e->entries);
        free(e);
    }
    return left;
}

static HRESULT reserve(struct hiperf_enum *e, ULONG more)
{
    if (more <= e->capacity - e->count) {
        return WBEM_S_NO_ERROR;
    }
    size_t capacity = 2 * (size_t)e->capacity + more;
    struct entry *entries =
        capacity <= INT32_MAX ? reallocarray(e->entries, capacity, sizeof *entries) : NULL;
    if (!entries) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->entries = entries;
    e->capacity = (ULONG)capacity;
    return WBEM_S_NO_ERROR;
}

/* Where that identifier is; e->count when it is not there. */
static ULONG find(const struct hiperf_enum *e, LONG id)
{
    ULONG i = 0;
    while (i < e->count && e->entries[i].id != id) {
        i++;
    }
    return i;
}

/* All or none: what was added before a repeated identifier is taken out again. */
static HRESULT add_locked(struct hiperf_enum *e, ULONG count, const LONG *ids,
                          IWbemObjectAccess **objects)
{
    HRESULT hr = reserve(e, count);
    ULONG before = e->count;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        if (!objects[i]) {
            hr = WBEM_E_INVALID_PARAMETER;
        } else if ((e->count > 0 && ids[i] <= e->highest) && find(e, ids[i]) < e->count) {
            hr = WBEM_E_FAILED; /* the documentation's word for it */
        } else {
            if (e->count == 0 || ids[i] > e->highest) {
                e->highest = ids[i];
            }
            e->entries[e->count++] = (struct entry){ids[i], objects[i]};
        }
    }
    if (FAILED(hr)) {
        e->count = before;
        return hr;
    }
    for (ULONG i = before; i < e->count; i++) {
        IWbemObjectAccess_AddRef(e->entries[i].object);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE enum_add_objects(IWbemHiPerfEnum *iface, LONG flags, ULONG count,
                                                  LONG *ids, IWbemObjectAccess **objects)
{
    struct hiperf_enum *e = enum_of(iface);
    if (flags != 0 || (count > 0 && (!ids || !objects))) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "IWbemHiPerfEnum::AddObjects",
                           flags  ? "lFlags"
                           : !ids ? "apIds"
                                  : "apObj",
                           "%s", flags ? "the flags must be 0" : "the parameter must not be NULL");
    }
    pthread_mutex_lock(&e->lock);
    HRESULT hr = add_locked(e, count, ids, objects);
    pthread_mutex_unlock(&e->lock);
    if (FAILED(hr)) {
        return error_raise(hr, "IWbemHiPerfEnum::AddObjects",
                           hr == WBEM_E_INVALID_PARAMETER ? "apObj" : "apIds", "%s",
                           hr == WBEM_E_FAILED ? "an object of that identifier is there already"
                                               : "the objects can't be added");
    }
    return hr;
}

/* Takes one out; NULL when there is none. Its last reference may be ours, so it is released by the
 * caller, without the lock. */
static IWbemObjectAccess *take(struct hiperf_enum *e, const LONG *id)
{
    IWbemObjectAccess *object = NULL;
    pthread_mutex_lock(&e->lock);
    ULONG at = id ? find(e, *id) : e->count - 1;
    if (e->count > 0 && at < e->count) {
        object = e->entries[at].object;
        memmove(e->entries + at, e->entries + at + 1, (e->count - at - 1) * sizeof *e->entries);
        e->count--;
    }
    pthread_mutex_unlock(&e->lock);
    return object;
}

static HRESULT STDMETHODCALLTYPE enum_remove_objects(IWbemHiPerfEnum *iface, LONG flags,
                                                     ULONG count, LONG *ids)
{
    struct hiperf_enum *e = enum_of(iface);
    if (flags != 0 || (count > 0 && !ids)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "IWbemHiPerfEnum::RemoveObjects",
                           flags ? "lFlags" : "apIds", "%s",
                           flags ? "the flags must be 0" : "the parameter must not be NULL");
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    for (ULONG i = 0; i < count; i++) {
        IWbemObjectAccess *object = take(e, &ids[i]);
        if (object) {
            IWbemObjectAccess_Release(object);
        } else {
            hr = error_raise(WBEM_E_NOT_FOUND, "IWbemHiPerfEnum::RemoveObjects", "apIds",
                             "there is no object of the identifier %ld", (long)ids[i]);
        }
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE enum_remove_all(IWbemHiPerfEnum *iface, LONG flags)
{
    IWbemObjectAccess *object;
    if (flags != 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "IWbemHiPerfEnum::RemoveAll", "lFlags",
                           "the flags must be 0");
    }
    while ((object = take(enum_of(iface), NULL))) {
        IWbemObjectAccess_Release(object);
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE enum_get_objects(IWbemHiPerfEnum *iface, LONG flags, ULONG size,
                                                  IWbemObjectAccess **ret, ULONG *ret_count)
{
    struct hiperf_enum *e = enum_of(iface);
    if (flags != 0 || !ret_count || (size > 0 && !ret)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "IWbemHiPerfEnum::GetObjects",
                           flags        ? "lFlags"
                           : !ret_count ? "puReturned"
                                        : "apObj",
                           "%s", flags ? "the flags must be 0" : "the parameter must not be NULL");
    }
    pthread_mutex_lock(&e->lock);
    *ret_count = e->count;
    HRESULT hr = size < e->count ? WBEM_E_BUFFER_TOO_SMALL : WBEM_S_NO_ERROR;
    for (ULONG i = 0; i < e->count && SUCCEEDED(hr); i++) {
        ret[i] = e->entries[i].object;
        IWbemObjectAccess_AddRef(ret[i]);
    }
    pthread_mutex_unlock(&e->lock);
    /* No error object: a client asks with too little to learn the number, at every refresh. */
    return hr;
}

static const IWbemHiPerfEnumVtbl enum_vtbl = {
    .QueryInterface = enum_query_interface,
    .AddRef = enum_add_ref,
    .Release = enum_release,
    .AddObjects = enum_add_objects,
    .RemoveObjects = enum_remove_objects,
    .GetObjects = enum_get_objects,
    .RemoveAll = enum_remove_all,
};

HRESULT hiperf_enum_create(IWbemHiPerfEnum **ret)
{
    struct hiperf_enum *e = calloc(1, sizeof *e);
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->iface.lpVtbl = &enum_vtbl;
    atomic_init(&e->refs, 1);
    pthread_mutex_init(&e->lock, NULL);
    *ret = &e->iface;
    return WBEM_S_NO_ERROR;
}
