/*
 * Refreshing by asking again: GetObject for an instance, CreateInstanceEnum for
 * a class. Objects keep their identity; what changes is what they hold.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"
#include "services/refresh_private.h"

struct known {
    IWbemClassObject *object;
    BSTR path; /* __RELPATH */
    LONG id;   /* in the enumerator */
    bool met;  /* in this refresh */
};

/* One instance, or an enumeration. */
struct asked {
    LONG id;
    IWbemHiPerfEnum *to; /* NULL: one instance */
    BSTR path;           /* of the instance, or the class */
    IWbemContext *context;
    struct known *known; /* for one instance: just that */
    size_t count, capacity;
    LONG last_id;
};

struct query_refresh {
    struct refresh_set set;
    IWbemServices *services;
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

/* ---- the set
 * ------------------------------------------------------------------------------------- */

static HRESULT refresh(struct refresh_set *set, LONG flags)
{
    (void)flags; /* the services reconnect, or don't */
    struct query_refresh *r = of(set);
    HRESULT result = WBEM_S_NO_ERROR;
    for (size_t i = 0; i < r->count; i++) {
        struct asked *a = &r->asked[i];
        HRESULT hr = a->to ? refresh_enum(r, a) : refresh_one(r, a);
        if (FAILED(hr)) {
            return hr;
        }
        result = hr == WBEM_S_PARTIAL_RESULTS ? hr : result;
    }
    return result;
}

/* Takes `made`, also on failure. */
static HRESULT keep(struct query_refresh *r, struct asked *made, LONG *ret_id)
{
    struct asked *larger = reallocarray(r->asked, r->count + 1, sizeof *larger);
    if (!larger) {
        asked_done(made);
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->asked = larger;
    made->id = *ret_id = ++r->last_id;
    r->asked[r->count++] = *made;
    return WBEM_S_NO_ERROR;
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
        hr = IWbemServices_GetObject(r->services, a.path, r->flags, context, &object, NULL);
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
    r->set.ops = &ops;
    r->services = services;
    r->flags = flags;
    IWbemServices_AddRef(services);
    *ret = &r->set;
    return WBEM_S_NO_ERROR;
}
