/*
 * Refreshing by asking again: GetObject for an instance, CreateInstanceEnum for
 * a class; or, of another host that has a refresher, all that it refreshes by one call. Objects
 * keep their identity; what changes is what they hold.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"
#include "remote/remote.h"
#include "services/refresh_private.h"
#include "wire/wire.h"

struct known {
    IWbemClassObject *object;
    BSTR path; /* __RELPATH */
    LONG id;   /* in the enumerator */
    bool met;  /* in this refresh */
};

/* One instance, or an enumeration. */
struct asked {
    LONG id;
    LONG remote_id;             /* in the host's refresher; 0: asked for by queries */
    bool missing;               /* it was not there when the host's refresher was made anew */
    IWbemClassObject *template; /* of what comes from there */
    IWbemHiPerfEnum *to;        /* NULL: one instance */
    BSTR path;                  /* of the instance, or the class */
    IWbemContext *context;
    struct known *known; /* for one instance: just that */
    size_t count, capacity;
    LONG last_id;
};

struct query_refresh {
    struct refresh_set set;
    IWbemServices *services;
    struct remote_refresher *remote; /* NULL: the services have none */
    size_t remote_count;
    bool lost; /* the host's refresher went with the host */
    LONG flags;
    struct asked *asked;
    size_t count;
    LONG last_id;
};

static struct query_refresh *of(struct refresh_set *s)
{
    return (struct query_refresh *)((char *)s - offsetof(struct query_refresh, set));
}

static void known_done(struct known *k)
{
    com_cleanup_release(&k->object);
    SysFreeString(k->path);
}

static void asked_done(struct asked *a)
{
    for (size_t i = 0; i < a->count; i++) {
        known_done(&a->known[i]);
    }
    free(a->known);
    SysFreeString(a->path);
    com_cleanup_release(&a->to);
    com_cleanup_release(&a->context);
    com_cleanup_release(&a->template);
}

static HRESULT string_of(IWbemClassObject *object, const wchar_t *name, BSTR *ret)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(object, name, 0, &v, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&v) == VT_BSTR) {
        *ret = TAKE(V_BSTR(&v));
        return WBEM_S_NO_ERROR;
    }
    (void)VariantClear(&v);
    return FAILED(hr) ? hr : WBEM_E_INVALID_OBJECT_PATH;
}

/* ---- giving an object new values ---------------------------------------------------------- */

/* Through the interface, for objects of another kind than ours. */
static HRESULT copy_properties(IWbemClassObject *to, IWbemClassObject *from)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(from, WBEM_FLAG_NONSYSTEM_ONLY);
    while (SUCCEEDED(hr)) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        VARIANT v;
        CIMTYPE type;
        VariantInit(&v);
        hr = IWbemClassObject_Next(from, 0, &name, &v, &type, NULL);
        if (FAILED(hr) || hr == WBEM_S_NO_MORE_DATA) {
            break;
        }
        hr = IWbemClassObject_Put(to, name, 0, &v, 0);
        (void)VariantClear(&v);
    }
    (void)IWbemClassObject_EndEnumeration(from);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT assign(IWbemClassObject *to, IWbemClassObject *from)
{
    HRESULT hr = object_assign(to, from);
    return hr == WBEM_E_INVALID_PARAMETER ? copy_properties(to, from) : hr;
}

/* ---- one instance -----------------------------------------------------------------------------
 */

static HRESULT refresh_one(struct query_refresh *r, struct asked *a)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *now = NULL;
    HRESULT hr = IWbemServices_GetObject(r->services, a->path, r->flags, a->context, &now, NULL);
    if (hr == WBEM_E_NOT_FOUND) {
        return WBEM_S_PARTIAL_RESULTS;
    }
    return SUCCEEDED(hr) ? assign(a->known[0].object, now) : hr;
}

/* ---- an enumeration
 * ------------------------------------------------------------------------------ */

static struct known *find_known(struct asked *a, const wchar_t *path)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!a->known[i].met && wcscasecmp(a->known[i].path, path) == 0) {
            return &a->known[i];
        }
    }
    return NULL;
}

static HRESULT show(struct asked *a, struct known *k)
{
    CLEANUP(com_cleanup_release) IWbemObjectAccess *access = NULL;
    HRESULT hr =
        IWbemClassObject_QueryInterface(k->object, &IID_IWbemObjectAccess, (void **)&access);
    k->id = ++a->last_id;
    return SUCCEEDED(hr) ? IWbemHiPerfEnum_AddObjects(a->to, 0, 1, &k->id, &access) : hr;
}

static HRESULT reserve(struct asked *a)
{
    if (a->count < a->capacity) {
        return WBEM_S_NO_ERROR;
    }
    size_t capacity = a->capacity ? 2 * a->capacity : 16;
    struct known *known = reallocarray(a->known, capacity, sizeof *known);
    if (!known) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    a->known = known;
    a->capacity = capacity;
    return WBEM_S_NO_ERROR;
}

static HRESULT meet(struct asked *a, IWbemClassObject *object)
{
    CLEANUP(com_cleanup_bstr) BSTR path = NULL;
    HRESULT hr = string_of(object, L"__RELPATH", &path);
    if (FAILED(hr)) {
        return hr;
    }
    struct known *k = find_known(a, path);
    if (k) {
        k->met = true;
        return assign(k->object, object);
    }
    hr = reserve(a);
    if (FAILED(hr)) {
        return hr;
    }
    struct known made = {.object = object, .met = true};
    hr = show(a, &made);
    if (SUCCEEDED(hr)) {
        IWbemClassObject_AddRef(object);
        made.path = TAKE(path);
        a->known[a->count++] = made;
    }
    return hr;
}

static void forget_others(struct asked *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (a->known[i].met) {
            a->known[kept++] = a->known[i];
        } else {
            (void)IWbemHiPerfEnum_RemoveObjects(a->to, 0, 1, &a->known[i].id);
            known_done(&a->known[i]);
        }
    }
    a->count = kept;
}

static HRESULT meet_all(struct asked *a, IEnumWbemClassObject *e)
{
    for (;;) {
        IWbemClassObject *objects[64];
        ULONG got = 0;
        HRESULT hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 64, objects, &got);
        HRESULT met = WBEM_S_NO_ERROR;
        for (ULONG i = 0; i < got; i++) {
            met = SUCCEEDED(met) ? meet(a, objects[i]) : met;
            IWbemClassObject_Release(objects[i]);
        }
        if (FAILED(hr) || FAILED(met) || hr == WBEM_S_FALSE) {
            return FAILED(hr) ? hr : FAILED(met) ? met : WBEM_S_NO_ERROR;
        }
    }
}

static HRESULT refresh_enum(struct query_refresh *r, struct asked *a)
{
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    LONG flags = WBEM_FLAG_SHALLOW | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY;
    HRESULT hr =
        IWbemServices_CreateInstanceEnum(r->services, a->path, flags | r->flags, a->context, &e);
    for (size_t i = 0; i < a->count; i++) {
        a->known[i].met = false;
    }
    if (SUCCEEDED(hr)) {
        hr = meet_all(a, e);
    }
    if (SUCCEEDED(hr)) {
        forget_others(a); /* after a failure nobody knows what is gone */
    }
    return hr;
}

/* ---- from the host's refresher -------------------------------------------------------------- */

static struct asked *find_remote(struct query_refresh *r, LONG remote_id)
{
    for (size_t i = 0; i < r->count; i++) {
        if (remote_id != 0 && r->asked[i].remote_id == remote_id && !r->asked[i].missing) {
            return &r->asked[i];
        }
    }
    return NULL;
}

static HRESULT take_one(struct asked *a, struct schema *s, const uint8_t *bytes, size_t size)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *now = NULL;
    HRESULT hr = wire_refreshed_read(s, object_decoration(a->template), bytes, size, &now);
    return SUCCEEDED(hr) ? assign(a->known[0].object, now) : hr;
}

static HRESULT take_all(struct asked *a, struct schema *s, const uint8_t *bytes, size_t size)
{
    IWbemClassObject **objects;
    uint32_t count;
    HRESULT hr =
        wire_refreshed_read_many(s, object_decoration(a->template), bytes, size, &objects, &count);
    if (FAILED(hr)) {
        return hr;
    }
    for (size_t i = 0; i < a->count; i++) {
        a->known[i].met = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        hr = SUCCEEDED(hr) ? meet(a, objects[i]) : hr;
        IWbemClassObject_Release(objects[i]);
    }
    free(objects);
    if (SUCCEEDED(hr)) {
        forget_others(a);
    }
    return hr;
}

/* What the host tells of something that we have removed meanwhile is nothing to us. */
static HRESULT take_remote(void *arg, LONG remote_id, bool all, const uint8_t *bytes, size_t size)
{
    struct asked *a = find_remote(arg, remote_id);
    struct schema *s;
    if (!a) {
        return WBEM_S_NO_ERROR;
    }
    if (!bytes || all != (a->to != NULL)) {
        return bytes ? WBEM_E_INVALID_OBJECT : WBEM_S_PARTIAL_RESULTS;
    }
    HRESULT hr = schema_of(a->template, &s);
    return FAILED(hr) ? hr : all ? take_all(a, s, bytes, size) : take_one(a, s, bytes, size);
}

/* Names it to the host again. What has gone meanwhile is no failure. */
static HRESULT add_again(struct query_refresh *r, struct asked *a)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *template = NULL;
    LONG id = 0;
    HRESULT hr = remote_refresher_add(r->remote, a->path, a->to != NULL, r->flags, a->context,
                                      &template, &id);
    a->missing = hr == WBEM_E_NOT_FOUND || hr == WBEM_S_FALSE;
    if (a->missing) {
        return WBEM_S_PARTIAL_RESULTS;
    }
    if (SUCCEEDED(hr)) {
        com_release(a->template);
        a->template = TAKE(template);
        a->remote_id = id;
    }
    return hr;
}

/* All of the host's refresher anew. */
static HRESULT reconnect(struct query_refresh *r)
{
    CLEANUP(com_cleanup_bstr) BSTR name_space = NULL;
    HRESULT hr = WBEM_E_NOT_FOUND;
    for (size_t i = 0; i < r->count && !name_space; i++) {
        hr = r->asked[i].remote_id ? string_of(r->asked[i].template, L"__NAMESPACE", &name_space)
                                   : hr;
    }
    if (SUCCEEDED(hr)) {
        hr = remote_refresher_reconnect(r->remote, name_space);
    }
    for (size_t i = 0; i < r->count && SUCCEEDED(hr); i++) {
        if (r->asked[i].remote_id) {
            hr = add_again(r, &r->asked[i]);
        }
    }
    return hr;
}

static HRESULT refresh_remote(struct query_refresh *r, LONG flags)
{
    bool again = (flags & WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT) == 0;
    if (r->remote_count == 0) {
        return WBEM_S_NO_ERROR;
    }
    if (r->lost && !again) {
        return error_raise(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), "Refresh", NULL,
                           "the host was gone at an earlier refresh, and this one is not to "
                           "reconnect");
    }
    HRESULT hr = r->lost ? WBEM_S_FALSE : remote_refresher_refresh(r->remote, take_remote, r);
    if (!r->lost && !(again && remote_refresher_is_lost(hr))) {
        return hr;
    }
    hr = reconnect(r);
    r->lost = FAILED(hr);
    return r->lost ? hr : remote_refresher_refresh(r->remote, take_remote, r);
}

/* ---- the set
 * ------------------------------------------------------------------------------------- */

static HRESULT refresh(struct refresh_set *set, LONG flags)
{
    struct query_refresh *r = of(set);
    HRESULT result = refresh_remote(r, flags);
    if (FAILED(result)) {
        return result;
    }
    for (size_t i = 0; i < r->count; i++) {
        struct asked *a = &r->asked[i];
        HRESULT hr = a->remote_id ? WBEM_S_NO_ERROR
                     : a->to      ? refresh_enum(r, a)
                                  : refresh_one(r, a);
        if (FAILED(hr)) {
            return hr;
        }
        result = hr == WBEM_S_PARTIAL_RESULTS || a->missing ? WBEM_S_PARTIAL_RESULTS : result;
    }
    return result;
}

static void stop_remote(struct query_refresh *r, const struct asked *a)
{
    if (a->remote_id && !a->missing && !r->lost) {
        remote_refresher_remove(r->remote, a->remote_id);
    }
}

/* Takes `made`, also on failure. */
static HRESULT keep(struct query_refresh *r, struct asked *made, LONG *ret_id)
{
    struct asked *larger = reallocarray(r->asked, r->count + 1, sizeof *larger);
    if (!larger) {
        stop_remote(r, made);
        asked_done(made);
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->asked = larger;
    made->id = *ret_id = ++r->last_id;
    r->asked[r->count++] = *made;
    r->remote_count += made->remote_id != 0;
    return WBEM_S_NO_ERROR;
}

/* WBEM_S_FALSE: it has to be asked for by queries. */
static HRESULT add_remote(struct query_refresh *r, struct asked *a)
{
    if (!r->remote) {
        return WBEM_S_FALSE;
    }
    HRESULT hr = remote_refresher_add(r->remote, a->path, a->to != NULL, r->flags, a->context,
                                      &a->template, &a->remote_id);
    if (hr != WBEM_S_NO_ERROR) {
        a->remote_id = 0;
    }
    return hr;
}

/* The object as it is now. */
static HRESULT first_object(struct query_refresh *r, struct asked *a, IWbemClassObject **ret)
{
    HRESULT hr = add_remote(r, a);
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_GetObject(r->services, a->path, r->flags, a->context, ret, NULL);
    }
    if (FAILED(hr)) {
        stop_remote(r, a);
    }
    return hr;
}

static HRESULT add_object(struct refresh_set *set, IWbemClassObject *template,
                          IWbemContext *context, IWbemClassObject **ret, LONG *ret_id)
{
    struct query_refresh *r = of(set);
    struct asked a = {.context = context};
    com_addref(context);
    HRESULT hr = string_of(template, L"__RELPATH", &a.path);
    if (SUCCEEDED(hr)) {
        hr = reserve(&a);
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    if (SUCCEEDED(hr)) {
        hr = first_object(r, &a, &object);
    }
    if (FAILED(hr)) {
        asked_done(&a);
        return hr;
    }
    IWbemClassObject_AddRef(object);
    a.known[a.count++] = (struct known){.object = object};
    hr = keep(r, &a, ret_id);
    if (SUCCEEDED(hr)) {
        *ret = TAKE(object);
    }
    return hr;
}

static HRESULT add_enum(struct refresh_set *set, IWbemClassObject *cls, IWbemContext *context,
                        IWbemHiPerfEnum *to, LONG *ret_id)
{
    struct asked a = {.to = to, .context = context};
    com_addref(context);
    IWbemHiPerfEnum_AddRef(to);
    HRESULT hr = string_of(cls, L"__CLASS", &a.path);
    if (SUCCEEDED(hr)) {
        hr = add_remote(of(set), &a);
    }
    if (FAILED(hr)) {
        asked_done(&a);
        return hr;
    }
    return keep(of(set), &a, ret_id);
}

static void remove_one(struct refresh_set *set, LONG id)
{
    struct query_refresh *r = of(set);
    for (size_t i = 0; i < r->count; i++) {
        if (r->asked[i].id == id) {
            stop_remote(r, &r->asked[i]);
            r->remote_count -= r->asked[i].remote_id != 0;
            asked_done(&r->asked[i]);
            r->asked[i] = r->asked[--r->count];
            return;
        }
    }
}

static void destroy(struct refresh_set *set)
{
    struct query_refresh *r = of(set);
    while (r->count > 0) {
        asked_done(&r->asked[--r->count]);
    }
    free(r->asked);
    remote_refresher_destroy(r->remote);
    IWbemServices_Release(r->services);
    free(r);
}

static const struct refresh_ops ops = {
    .add_object = add_object,
    .add_enum = add_enum,
    .remove = remove_one,
    .refresh = refresh,
    .destroy = destroy,
};

HRESULT query_refresh_create(IWbemServices *services, LONG flags, struct refresh_set **ret)
{
    struct query_refresh *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = remote_refresher_create(services, &r->remote);
    if (FAILED(hr)) {
        free(r);
        return hr;
    }
    r->set.ops = &ops;
    r->services = services;
    r->flags = flags;
    IWbemServices_AddRef(services);
    *ret = &r->set;
    return WBEM_S_NO_ERROR;
}
