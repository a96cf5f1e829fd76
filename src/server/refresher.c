/*
 * IWbemRefreshingServices and IWbemRemoteRefresher for clients ([MS-WMI] 3.1.4.12, 3.1.4.13): what
 * a client adds to its refresher is kept up to date by a local one, and one call gives all values.
 *
 * Counters are refreshed so. Of every other class the answer is that the client has to ask again
 * (WBEM_REFRESH_TYPE_NON_HIPERF), which it does by GetObject and CreateInstanceEnum.
 */
#include "server/server_private.h"

#include <string.h>
#include <sys/random.h>

#include "object/bytes.h"
#include "object/object.h"
#include "providers/perf.h"
#include "services/access.h"
#include "services/services_private.h"
#include "wire/wire.h"

const IID IID_IWbemRemoteRefresher = {
    0xf1e9c5b2, 0xf59b, 0x11d2, {0xb3, 0x62, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};

enum {
    REFRESHER_VERSION = 1, /* pdwSvrRefrVersion */
    ITEMS_MAX = 4096,      /* of one refresher */
    ENUMS_MAX = 32,        /* among them, of all instances of a class */
    REFRESHERS_MAX = 64,   /* of one client */
    BYTES_MAX = 64 << 20,  /* of one answer */
};

/* 2.2.25, 2.2.17, 2.2.24 */
enum refresh_type {
    REFRESH_INVALID = 0,
    REFRESH_REMOTE = 3,
    REFRESH_NON_HIPERF = 6,
};
enum blob_type {
    BLOB_ALL = 2,
    BLOB_ERROR = 3,
    BLOB_ENUM = 4,
};
enum reconnect_type {
    RECONNECT_OBJECT = 0,
    RECONNECT_ENUM = 1,
};

struct item {
    LONG id;
    IWbemClassObject *object; /* or */
    IWbemHiPerfEnum *all;
};

/* One client's refresher. `items` and the local refresher are used under its lock. */
struct refresher {
    struct server_object base;
    struct refresher *next; /* of all, under list_lock */
    GUID client, id;        /* _WBEM_REFRESHER_ID's, and what we call it */
    char *owner;            /* who made it, and alone gets to it: references are for their owner */
    IWbemServices *services;
    pthread_mutex_t lock;
    IWbemRefresher *local;
    IWbemConfigureRefresher *configure;
    struct item *items;
    uint32_t count;
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct refresher *refreshers; /* not counted */

static void item_done(struct item *i)
{
    com_release(i->object);
    com_release(i->all);
}

static void refresher_free(struct refresher *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        item_done(&r->items[i]);
    }
    free(r->items);
    com_release(r->configure);
    com_release(r->local);
    com_release(r->services);
    pthread_mutex_destroy(&r->lock);
    free(r->owner);
    free(r);
}

static void destroy(struct server_object *self)
{
    struct refresher *r = COM_CONTAINER(self, struct refresher, base);
    pthread_mutex_lock(&list_lock);
    struct refresher **at = &refreshers;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
    pthread_mutex_unlock(&list_lock);
    refresher_free(r);
}

static HRESULT refresher_new(IWbemServices *services, const char *owner, const GUID *client,
                             struct refresher **ret)
{
    static const IID *const iids[] = {&IID_IWbemRemoteRefresher, NULL};
    struct refresher *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    server_object_init(&r->base, iids, destroy);
    pthread_mutex_init(&r->lock, NULL);
    r->client = *client;
    r->services = services;
    com_addref(services);
    r->owner = strdup(owner);
    HRESULT hr = r->owner && getrandom(&r->id, sizeof r->id, 0) == (ssize_t)sizeof r->id
                     ? refresher_create(NULL, &IID_IWbemRefresher, (void **)&r->local)
                     : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = IWbemRefresher_QueryInterface(r->local, &IID_IWbemConfigureRefresher,
                                           (void **)&r->configure);
    }
    if (FAILED(hr)) {
        refresher_free(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

/* One that is about to go is left alone. */
static bool try_ref(struct refresher *r)
{
    unsigned count = atomic_load(&r->base.refs.count);
    while (count > 0 && !atomic_compare_exchange_weak(&r->base.refs.count, &count, count + 1)) {
    }
    return count > 0;
}

/* Under list_lock: the one that there is, counted, or NULL; *ret_owned: how many the owner has. */
static struct refresher *find(IWbemServices *services, const char *owner, const GUID *client,
                              uint32_t *ret_owned)
{
    *ret_owned = 0;
    for (struct refresher *r = refreshers; r; r = r->next) {
        if (strcmp(r->owner, owner) != 0) {
            continue;
        }
        ++*ret_owned;
        if (r->services == services && IsEqualGUID(&r->client, client) && try_ref(r)) {
            return r;
        }
    }
    return NULL;
}

/* The client's refresher of that name on these services, made if there is none; counted. */
static HRESULT refresher_for(struct request *q, IWbemServices *services, const GUID *client,
                             struct refresher **ret)
{
    uint32_t owned;
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&list_lock);
    struct refresher *r = find(services, q->call->peer, client, &owned);
    if (!r && owned >= REFRESHERS_MAX) {
        hr = WBEM_E_QUOTA_VIOLATION;
    } else if (!r) {
        hr = refresher_new(services, q->call->peer, client, &r);
        if (SUCCEEDED(hr)) {
            r->next = refreshers;
            refreshers = r;
        }
    }
    pthread_mutex_unlock(&list_lock);
    *ret = r;
    return hr == WBEM_E_QUOTA_VIOLATION
               ? error_raise(hr, "IWbemRefreshingServices", NULL,
                             "this client has %u refreshers; release some", REFRESHERS_MAX)
               : hr;
}

/* ---- adding ------------------------------------------------------------------------------ */

/* What is added: one instance by its path, or all of a class. */
struct wanted {
    bool all;
    const wchar_t *name;
    LONG flags;
    IWbemContext *context;
};

/* _WBEM_REFRESH_INFO, 2.2.20 */
struct info {
    enum refresh_type type;
    HRESULT hr;
    LONG id;
    struct refresher *refresher; /* counted */
    struct dcom_objref reference;
    wchar_t *name_space;
    IWbemClassObject *template;
};

static void info_done(struct info *i)
{
    if (i->refresher) {
        com_release(&i->refresher->base.iface);
    }
    dcom_objref_done(&i->reference);
    free(i->name_space);
    com_release(i->template);
}

static HRESULT add_item(struct refresher *r, const struct wanted *w, LONG *ret_id)
{
    struct item item = {0};
    HRESULT hr = WBEM_E_QUOTA_VIOLATION;
    pthread_mutex_lock(&r->lock);
    uint32_t enums = w->all;
    for (uint32_t i = 0; w->all && i < r->count; i++) {
        enums += r->items[i].all != NULL;
    }
    if (r->count < ITEMS_MAX && enums <= ENUMS_MAX) {
        struct item *larger = realloc(r->items, (r->count + 1) * sizeof *larger);
        r->items = larger ? larger : r->items;
        hr = !larger  ? WBEM_E_OUT_OF_MEMORY
             : w->all ? IWbemConfigureRefresher_AddEnum(r->configure, r->services, w->name,
                                                        w->flags, w->context, &item.all, &item.id)
                      : IWbemConfigureRefresher_AddObjectByPath(r->configure, r->services, w->name,
                                                                w->flags, w->context, &item.object,
                                                                &item.id);
    }
    if (SUCCEEDED(hr)) {
        r->items[r->count++] = item;
        *ret_id = item.id;
    }
    pthread_mutex_unlock(&r->lock);
    return hr == WBEM_E_QUOTA_VIOLATION
               ? error_raise(hr, "IWbemRefreshingServices", NULL,
                             "a refresher has %u objects and %u enumerations at most", ITEMS_MAX,
                             ENUMS_MAX)
               : hr;
}

/* The class that `wanted` is of, by GetObject, which checks the caller's rights. */
static HRESULT class_of(IWbemServices *services, const struct wanted *w, IWbemClassObject **ret,
                        bool *ret_counters)
{
    struct object_path *path = NULL;
    HRESULT hr = object_path_parse(w->name, &path, NULL);
    if (SUCCEEDED(hr) && (!path->class_name || path->is_instance == w->all)) {
        hr = WBEM_E_INVALID_OBJECT_PATH;
    }
    if (SUCCEEDED(hr)) {
        CLEANUP(com_cleanup_bstr) BSTR name = SysAllocString(path->class_name);
        const struct provider_class *p = provider_find(path->class_name);
        *ret_counters = p && perf_class_of(p);
        hr = name ? IWbemServices_GetObject(services, name, w->flags, NULL, ret, NULL)
                  : WBEM_E_OUT_OF_MEMORY;
    } else {
        hr = error_raise(hr, "IWbemRefreshingServices", NULL, "the path is not that of %s",
                         w->all ? "a class" : "an instance");
    }
    object_path_destroy(path);
    return hr;
}

static HRESULT add(struct request *q, IWbemServices *services, const GUID *client,
                   const struct wanted *w, struct info *ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    bool counters = false;
    HRESULT hr = class_of(services, w, &cls, &counters);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_SpawnInstance(cls, 0, &ret->template);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!counters) {
        ret->name_space = wcsdup(repository_namespace_name(services_namespace(services)));
        ret->type = ret->name_space ? REFRESH_NON_HIPERF : REFRESH_INVALID;
        return ret->name_space ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    hr = refresher_for(q, services, client, &ret->refresher);
    if (SUCCEEDED(hr)) {
        hr = add_item(ret->refresher, w, &ret->id);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_server_call_export(q->call, &ret->refresher->base.iface,
                                     &IID_IWbemRemoteRefresher, &ret->reference);
    }
    ret->type = SUCCEEDED(hr) ? REFRESH_REMOTE : REFRESH_INVALID;
    return hr;
}

/* ---- IWbemRefreshingServices ------------------------------------------------------------------
 */

/* Through the face that the call came to; borrowed, as long as the call. */
static IWbemServices *services_of(struct request *q)
{
    IWbemServices *services = NULL;
    (void)IUnknown_QueryInterface(q->call->object, &IID_IWbemServices, (void **)&services);
    com_release(services);
    return services;
}

/* _WBEM_REFRESHER_ID (2.2.21), of which only the GUID matters. */
static void read_machine(struct ndr_reader *r, void *unused)
{
    uint32_t most = ndr_read_u32(r), offset = ndr_read_u32(r);
    uint32_t count = ndr_read_count(r, 1);
    if (offset != 0 || count > most) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    (void)ndr_read_bytes(r, count);
}

static void read_refresher_id(struct ndr_reader *r, GUID *ret)
{
    (void)ndr_read_defer(r, read_machine, NULL);
    (void)ndr_read_u32(r); /* the process */
    ndr_read_guid(r, ret);
    ndr_read_deferred(r);
}

static void write_text(struct ndr_writer *w, const void *text)
{
    ndr_write_string(w, text);
}

/* A union's discriminant stands before it again (C706 14.3.8). */
static void write_info(struct ndr_writer *w, const struct info *i)
{
    ndr_write_u32(w, i->type);
    ndr_write_u32(w, i->type);
    if (i->type == REFRESH_REMOTE) {
        ndr_write_defer(w, dcom_write_objref, &i->reference);
        ndr_write_defer(w, wire_write_object_pointee, i->template);
        ndr_write_guid(w, &i->refresher->id);
    } else if (i->type == REFRESH_NON_HIPERF) {
        ndr_write_defer(w, write_text, i->name_space);
        ndr_write_defer(w, wire_write_object_pointee, i->template);
    } else {
        ndr_write_u32(w, 0); /* filled with zeroes, as 3.1.4.12.1 has it */
    }
    ndr_write_u32(w, (uint32_t)i->id);
    ndr_write_deferred(w);
    ndr_write_align(w, 4);
    ndr_write_u32(w, REFRESHER_VERSION);
}

static HRESULT finish_add(struct request *q, const GUID *client, struct wanted *w)
{
    CLEANUP(info_done) struct info info = {.type = REFRESH_INVALID};
    HRESULT hr = add(q, services_of(q), client, w, &info);
    if (FAILED(hr)) {
        info.type = REFRESH_INVALID;
        info.id = 0;
    }
    write_info(&q->out, &info);
    return hr;
}

/* What follows the thing itself; the client's version does not matter. */
static void read_tail(struct request *q, struct wanted *w)
{
    w->flags = (LONG)ndr_read_u32(q->in);
    w->context = wire_read_context(q->in);
    (void)ndr_read_u32(q->in);
}

static HRESULT add_named(struct request *q, bool all)
{
    GUID client;
    read_refresher_id(q->in, &client);
    CLEANUP(com_cleanup_free) wchar_t *name = ndr_read_string(q->in);
    struct wanted w = {.all = all, .name = name};
    read_tail(q, &w);
    HRESULT hr = FAILED(q->in->status) ? q->in->status : finish_add(q, &client, &w);
    com_release(w.context);
    return hr;
}

static HRESULT add_object(struct request *q)
{
    return add_named(q, false);
}

static HRESULT add_enum(struct request *q)
{
    return add_named(q, true);
}

static HRESULT add_template(struct request *q)
{
    GUID client;
    VARIANT path;
    VariantInit(&path);
    read_refresher_id(q->in, &client);
    CLEANUP(com_cleanup_release) IWbemClassObject *template = wire_read_object(q->in);
    struct wanted w = {.all = false};
    read_tail(q, &w);
    HRESULT hr = q->in->status;
    if (SUCCEEDED(hr) && template) {
        (void)IWbemClassObject_Get(template, L"__RELPATH", 0, &path, NULL, NULL);
    }
    if (SUCCEEDED(hr)) { /* without its keys it has no path, and names nothing */
        w.name = V_VT(&path) == VT_BSTR ? V_BSTR(&path) : L"";
        hr = finish_add(q, &client, &w);
    }
    (void)VariantClear(&path);
    com_release(w.context);
    return hr;
}

/* 3.1.4.12.4: it never did anything. */
static HRESULT remove_object(struct request *q)
{
    GUID client;
    read_refresher_id(q->in, &client);
    (void)ndr_read_u32(q->in);
    (void)ndr_read_u32(q->in);
    (void)ndr_read_u32(q->in);
    ndr_write_u32(&q->out, REFRESHER_VERSION);
    return WBEM_E_NOT_AVAILABLE;
}

static HRESULT get_remote_refresher(struct request *q)
{
    GUID client, id = GUID_NULL;
    struct refresher *r = NULL;
    IWbemServices *services = services_of(q);
    read_refresher_id(q->in, &client);
    (void)ndr_read_u32(q->in);
    (void)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = access_connect(services_namespace(services), "GetRemoteRefresher");
    if (SUCCEEDED(hr)) {
        hr = refresher_for(q, services, &client, &r);
    }
    hr = write_interface(q, hr, r ? &r->base.iface : NULL, &IID_IWbemRemoteRefresher);
    if (r) {
        id = r->id;
        com_release(&r->base.iface);
    }
    ndr_write_guid(&q->out, &id);
    ndr_write_u32(&q->out, REFRESHER_VERSION);
    return hr;
}

/* _WBEM_RECONNECT_INFO, 2.2.22 */
struct reconnect {
    uint32_t type;
    wchar_t *path;
};

static void read_path(struct ndr_reader *r, void *target)
{
    *(wchar_t **)target = ndr_read_string(r);
}

static struct reconnect *read_reconnects(struct request *q, uint32_t count)
{
    uint32_t there = ndr_read_count(q->in, 8);
    struct reconnect *all = NULL;
    if (there != count || count > ITEMS_MAX) {
        ndr_read_fail(q->in, NDR_E_BAD_DATA);
    } else {
        all = calloc(count ? count : 1, sizeof *all);
        if (!all) {
            ndr_read_fail(q->in, E_OUTOFMEMORY);
        }
    }
    for (uint32_t i = 0; SUCCEEDED(q->in->status) && i < count; i++) {
        all[i].type = ndr_read_u32(q->in);
        (void)ndr_read_defer(q->in, read_path, &all[i].path);
    }
    ndr_read_deferred(q->in);
    return all;
}

static HRESULT reconnect_one(struct request *q, const GUID *client, const struct reconnect *c,
                             LONG *ret_id)
{
    CLEANUP(info_done) struct info info = {.type = REFRESH_INVALID};
    const struct wanted w = {.all = c->type == RECONNECT_ENUM, .name = c->path};
    *ret_id = 0;
    if (c->type > RECONNECT_ENUM || !c->path) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = add(q, services_of(q), client, &w, &info);
    if (SUCCEEDED(hr) && info.type != REFRESH_REMOTE) {
        hr = WBEM_E_NOT_SUPPORTED; /* the client never had it from a remote refresher */
    }
    *ret_id = SUCCEEDED(hr) ? info.id : 0;
    return hr;
}

static HRESULT reconnect(struct request *q)
{
    GUID client;
    read_refresher_id(q->in, &client);
    (void)ndr_read_u32(q->in);
    uint32_t count = ndr_read_u32(q->in);
    (void)ndr_read_u32(q->in);
    struct reconnect *all = read_reconnects(q, count);
    (void)ndr_read_count(q->in, 8); /* the results as the client had them */
    HRESULT hr = q->in->status;
    if (SUCCEEDED(hr)) {
        ndr_write_u32(&q->out, count);
        for (uint32_t i = 0; i < count; i++) {
            LONG id;
            HRESULT one = reconnect_one(q, &client, &all[i], &id);
            ndr_write_u32(&q->out, (uint32_t)id);
            ndr_write_u32(&q->out, (uint32_t)one);
        }
        (void)SetErrorInfo(0, NULL);
        ndr_write_u32(&q->out, REFRESHER_VERSION);
        hr = WBEM_S_NO_ERROR;
    }
    for (uint32_t i = 0; all && i < count; i++) {
        free(all[i].path);
    }
    free(all);
    return hr;
}

static void refreshing_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {add_object,    add_template,         add_enum,
                                         remove_object, get_remote_refresher, reconnect};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub refreshing_stub = {&services_iid_refreshing, 9, refreshing_dispatch};

/* ---- IWbemRemoteRefresher ----------------------------------------------------------------- */

static HRESULT write_all(IWbemHiPerfEnum *all, struct buffer *out)
{
    ULONG count = 0;
    IWbemObjectAccess **objects = NULL;
    IWbemClassObject **whole = NULL;
    HRESULT hr = IWbemHiPerfEnum_GetObjects(all, 0, 0, NULL, &count);
    if (hr == WBEM_E_BUFFER_TOO_SMALL && count > 0) {
        objects = calloc(count, sizeof(IWbemObjectAccess *));
        hr = objects ? IWbemHiPerfEnum_GetObjects(all, 0, count, objects, &count)
                     : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        whole = calloc(count ? count : 1, sizeof(IWbemClassObject *));
        hr = whole ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr =
            IWbemObjectAccess_QueryInterface(objects[i], &IID_IWbemClassObject, (void **)&whole[i]);
    }
    if (SUCCEEDED(hr)) {
        hr = wire_refreshed_write_many(whole, count, out);
    }
    for (ULONG i = 0; objects && i < count; i++) {
        com_release(objects[i]);
        com_release(whole ? whole[i] : NULL);
    }
    free(whole);
    free(objects);
    return hr;
}

static void write_blob(struct ndr_writer *w, const void *bytes)
{
    const struct buffer *b = bytes;
    ndr_write_byte_array(w, b->bytes, b->size);
}

/* Under the refresher's lock. */
static HRESULT write_items(struct ndr_writer *w, const struct refresher *r)
{
    struct buffer *blobs = calloc(r->count ? r->count : 1, sizeof *blobs);
    if (!blobs) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    size_t bytes = 0;
    ndr_write_u32(w, r->count);
    (void)ndr_write_pointer(w, true);
    ndr_write_u32(w, r->count);
    for (uint32_t i = 0; i < r->count; i++) {
        const struct item *item = &r->items[i];
        HRESULT hr = bytes > BYTES_MAX ? WBEM_E_BUFFER_TOO_SMALL
                     : item->all       ? write_all(item->all, &blobs[i])
                                       : wire_refreshed_write(item->object, &blobs[i]);
        bool good = SUCCEEDED(hr) && !blobs[i].failed;
        bytes += blobs[i].size;
        ndr_write_u32(w, (uint32_t)item->id);
        ndr_write_u32(w, !good ? BLOB_ERROR : item->all ? BLOB_ENUM : BLOB_ALL);
        ndr_write_u32(w, good ? blobs[i].size : 0);
        ndr_write_defer(w, write_blob, good ? &blobs[i] : NULL);
    }
    ndr_write_deferred(w);
    ndr_write_align(w, 4);
    for (uint32_t i = 0; i < r->count; i++) {
        buffer_done(&blobs[i]);
    }
    free(blobs);
    return WBEM_S_NO_ERROR;
}

static struct refresher *refresher_of(struct request *q)
{
    return COM_CONTAINER(q->call->object, struct refresher, base.iface);
}

static HRESULT remote_refresh(struct request *q)
{
    struct refresher *r = refresher_of(q);
    (void)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = access_connect(services_namespace(r->services), "RemoteRefresh");
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&r->lock);
        hr = IWbemRefresher_Refresh(r->local, 0);
        if (SUCCEEDED(hr)) {
            HRESULT written = write_items(&q->out, r);
            hr = FAILED(written) ? written : hr;
        }
        pthread_mutex_unlock(&r->lock);
    }
    if (FAILED(hr)) {
        ndr_write_u32(&q->out, 0);
        (void)ndr_write_pointer(&q->out, false);
    }
    return hr;
}

static HRESULT remove_item(struct refresher *r, LONG id)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->items[i].id == id) {
            item_done(&r->items[i]);
            r->items[i] = r->items[--r->count];
            return IWbemConfigureRefresher_Remove(r->configure, id, 0);
        }
    }
    return error_raise(WBEM_E_NOT_FOUND, "StopRefreshing", "aplIds", "there is no object %d",
                       (int)id);
}

static HRESULT stop_refreshing(struct request *q)
{
    struct refresher *r = refresher_of(q);
    uint32_t said = ndr_read_u32(q->in), count = ndr_read_count(q->in, 4);
    const size_t ids = q->in->offset;
    for (uint32_t i = 0; i < count; i++) {
        (void)ndr_read_u32(q->in);
    }
    (void)ndr_read_u32(q->in);
    if (SUCCEEDED(q->in->status) && said != count) {
        ndr_read_fail(q->in, NDR_E_BAD_DATA);
    }
    HRESULT hr = q->in->status;
    q->in->offset = ids;
    pthread_mutex_lock(&r->lock);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        HRESULT one = remove_item(r, (LONG)ndr_read_u32(q->in));
        hr = FAILED(one) ? one : hr;
    }
    pthread_mutex_unlock(&r->lock);
    return hr;
}

/* 3.1.4.13.3 */
static HRESULT get_guid(struct request *q)
{
    (void)ndr_read_u32(q->in);
    ndr_write_guid(&q->out, &refresher_of(q)->id);
    return WBEM_S_NO_ERROR;
}

static void remote_refresher_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {remote_refresh, stop_refreshing, get_guid};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub remote_refresher_stub = {&IID_IWbemRemoteRefresher, 6,
                                                remote_refresher_dispatch};
