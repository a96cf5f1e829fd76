/*
 * The refresher that another host keeps for us: IWbemRefreshingServices and IWbemRemoteRefresher,
 * [MS-WMI] 3.2.4.12 and on. What is added is named to the host once; then one call gets all values.
 */
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "object/object.h"
#include "remote/remote_private.h"
#include "wire/marshal.h"

const IID remote_iid_refreshing = {
    0x2c9273e0, 0x1dc3, 0x11d3, {0xb3, 0x64, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};
const IID remote_iid_refresher = {
    0xf1e9c5b2, 0xf59b, 0x11d2, {0xb3, 0x62, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};

enum {
    ADD_OBJECT = 3,
    ADD_ENUM = 5,
    REMOTE_REFRESH = 3,
    STOP_REFRESHING = 4,
    CLIENT_VERSION = 2, /* WBEM_REFRESHER_VERSION */
    TYPE_REMOTE = 3,    /* 2.2.25 */
    TYPE_NON_HIPERF = 6,
    BLOB_ERROR = 3, /* 2.2.17 */
    BLOB_ENUM = 4,
};

struct remote_refresher {
    struct remote_host *host;
    struct dcom_object *services, *refresher; /* the latter: since the first addition */
    struct remote_security security;          /* as the services are called */
    GUID id;                                  /* ours, by which the host knows us again */
};

HRESULT remote_refresher_create(IWbemServices *services, struct remote_refresher **ret)
{
    struct remote_host *host;
    struct dcom_object *object, *refreshing = NULL;
    if (!remote_services_of(services, &host, &object)) {
        return WBEM_S_FALSE;
    }
    HRESULT hr = dcom_query_interface(object, &remote_iid_refreshing, &refreshing);
    if (hr == E_NOINTERFACE) {
        return WBEM_S_FALSE;
    }
    if (FAILED(hr)) {
        return remote_explain(host, hr, false, NULL, "asking for its refresher");
    }
    struct remote_refresher *r = calloc(1, sizeof *r);
    if (!r || getrandom(&r->id, sizeof r->id, 0) != (ssize_t)sizeof r->id ||
        FAILED(remote_services_security(services, &r->security))) {
        free(r);
        dcom_object_unref(refreshing);
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->host = remote_host_ref(host);
    r->services = refreshing;
    *ret = r;
    return WBEM_S_NO_ERROR;
}

void remote_refresher_destroy(struct remote_refresher *r)
{
    if (r) {
        dcom_object_unref(r->refresher);
        dcom_object_unref(r->services);
        remote_security_done(&r->security);
        remote_host_unref(r->host);
        free(r);
    }
}

/* ---- a host that was gone ------------------------------------------------------------------- */

bool remote_refresher_is_lost(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) ||
           hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED) || hr == RPC_E_DISCONNECTED ||
           hr == CO_E_OBJNOTCONNECTED;
}

HRESULT remote_refresher_reconnect(struct remote_refresher *r, const wchar_t *name_space)
{
    static const char step[] = "asking for its refresher again";
    struct dcom_object *services, *refreshing;
    HRESULT hr = remote_log_in(r->host, name_space, &services);
    if (FAILED(hr)) {
        return hr;
    }
    hr = dcom_object_set_security(services, &r->security.value);
    if (SUCCEEDED(hr)) {
        hr = dcom_query_interface(services, &remote_iid_refreshing, &refreshing);
    }
    dcom_object_unref(services);
    if (FAILED(hr)) {
        return remote_explain(r->host, hr, false, NULL, step);
    }
    dcom_object_unref(r->services);
    r->services = refreshing;
    dcom_object_unref(r->refresher); /* the next addition brings the new one */
    r->refresher = NULL;
    return WBEM_S_NO_ERROR;
}

/* ---- adding --------------------------------------------------------------------------------- */

/* An ASCII string with its terminator: conformant and varying. */
static void write_machine(struct ndr_writer *w, const void *text)
{
    size_t size = strlen(text) + 1;
    ndr_write_count(w, size);
    ndr_write_u32(w, 0);
    ndr_write_count(w, size);
    ndr_write_bytes(w, text, size);
}

/* _WBEM_REFRESHER_ID, 2.2.21 */
static void write_id(struct ndr_writer *w, const struct remote_refresher *r)
{
    char name[256] = "";
    (void)gethostname(name, sizeof name - 1);
    ndr_write_defer(w, write_machine, name);
    ndr_write_u32(w, (uint32_t)getpid());
    ndr_write_guid(w, &r->id);
    ndr_write_deferred(w);
    ndr_write_align(w, 4);
}

/* _WBEM_REFRESH_INFO, 2.2.20 */
struct info {
    struct dcom_bytes reference, template;
    wchar_t *name_space;
    LONG id;
};

static void read_text(struct ndr_reader *r, void *target)
{
    *(wchar_t **)target = ndr_read_string(r);
}

/* WBEM_S_FALSE: the host does not refresh it. */
static HRESULT read_info(struct ndr_reader *r, struct info *ret)
{
    GUID id;
    uint32_t type = ndr_read_u32(r), again = ndr_read_u32(r);
    if (type != again) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    if (type == TYPE_REMOTE) {
        (void)ndr_read_defer(r, dcom_read_interface_bytes, &ret->reference);
        (void)ndr_read_defer(r, dcom_read_interface_bytes, &ret->template);
        ndr_read_guid(r, &id);
    } else if (type == TYPE_NON_HIPERF) {
        (void)ndr_read_defer(r, read_text, &ret->name_space);
        (void)ndr_read_defer(r, dcom_read_interface_bytes, &ret->template);
    } else {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ret->id = (LONG)ndr_read_u32(r);
    ndr_read_deferred(r);
    return FAILED(r->status)                                           ? r->status
           : type == TYPE_NON_HIPERF                                   ? WBEM_S_FALSE
           : !ret->reference.bytes || !ret->template.bytes || !ret->id ? NDR_E_BAD_DATA
                                                                       : WBEM_S_NO_ERROR;
}

/* The host has one refresher for us: the reference that comes again means the same. */
static HRESULT take_refresher(struct remote_refresher *r, const struct dcom_bytes *reference)
{
    struct dcom_object *object;
    HRESULT hr = dcom_unmarshal(dcom_object_client(r->services), reference->bytes, reference->size,
                                &remote_iid_refresher, &object);
    if (FAILED(hr)) {
        return hr;
    }
    if (r->refresher) {
        bool same = dcom_object_same(object, r->refresher);
        dcom_object_unref(object);
        return same ? WBEM_S_NO_ERROR : NDR_E_BAD_DATA;
    }
    r->refresher = object;
    return WBEM_S_NO_ERROR;
}

HRESULT remote_refresher_add(struct remote_refresher *r, const wchar_t *path, bool all, LONG flags,
                             IWbemContext *context, IWbemClassObject **ret_template, LONG *ret_id)
{
    static const char step[] = "adding to its refresher";
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    struct info info = {0};
    write_id(&in, r);
    ndr_write_string(&in, path);
    ndr_write_align(&in, 4);
    ndr_write_u32(&in, (uint32_t)flags);
    wire_write_context(&in, context);
    ndr_write_align(&in, 4);
    ndr_write_u32(&in, CLIENT_VERSION);
    HRESULT hr = remote_invoke(r->host, r->services, all ? ADD_ENUM : ADD_OBJECT, &in,
                               r->host->settings.call_ms, step, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    hr = read_info(&reply.reader, &info);
    if (hr == WBEM_S_NO_ERROR) {
        hr = take_refresher(r, &info.reference);
    }
    if (hr == WBEM_S_NO_ERROR) {
        hr = wire_object_of_bytes(&info.template, ret_template);
    }
    bool is_class = false;
    if (hr == WBEM_S_NO_ERROR && (FAILED(object_is_class(*ret_template, &is_class)) || is_class)) {
        com_release(*ret_template);
        *ret_template = NULL;
        hr = NDR_E_BAD_DATA;
    }
    *ret_id = info.id;
    free(info.name_space);
    return FAILED(hr) ? remote_explain(r->host, hr, false, NULL, step) : hr;
}

void remote_refresher_remove(struct remote_refresher *r, LONG id)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    ndr_write_u32(&in, 1);
    ndr_write_u32(&in, 1);
    ndr_write_u32(&in, (uint32_t)id);
    ndr_write_u32(&in, 0);
    (void)dcom_call(r->refresher, STOP_REFRESHING, &in, r->host->settings.call_ms, &reply);
}

/* ---- refreshing --------------------------------------------------------------------------------
 */

/* WBEM_REFRESHED_OBJECT, 2.2.15 */
struct refreshed {
    LONG id;
    uint32_t type, size, there;
    const uint8_t *bytes;
};

static void read_blob(struct ndr_reader *r, void *target)
{
    struct refreshed *o = target;
    o->bytes = ndr_read_byte_array(r, &o->there);
}

static struct refreshed *read_objects(struct ndr_reader *r, uint32_t *ret_count)
{
    uint32_t said = ndr_read_u32(r);
    uint32_t count = ndr_read_pointer(r) ? ndr_read_count(r, 16) : 0;
    struct refreshed *all = count == said ? calloc(count ? count : 1, sizeof *all) : NULL;
    if (!all) {
        ndr_read_fail(r, count == said ? E_OUTOFMEMORY : NDR_E_BAD_DATA);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        all[i].id = (LONG)ndr_read_u32(r);
        all[i].type = ndr_read_u32(r);
        all[i].size = ndr_read_u32(r);
        (void)ndr_read_defer(r, read_blob, &all[i]);
    }
    ndr_read_deferred(r);
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < count; i++) {
        if (all[i].bytes && all[i].size != all[i].there) {
            ndr_read_fail(r, NDR_E_BAD_DATA);
        }
    }
    *ret_count = count;
    return all;
}

HRESULT remote_refresher_refresh(struct remote_refresher *r, remote_refreshed_fn *take, void *arg)
{
    static const char step[] = "refreshing";
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    uint32_t count = 0;
    ndr_write_u32(&in, 0);
    HRESULT hr = remote_invoke(r->host, r->refresher, REMOTE_REFRESH, &in,
                               r->host->settings.call_ms, step, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    HRESULT result = hr;
    struct refreshed *all = read_objects(&reply.reader, &count);
    hr = reply.reader.status;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = take(arg, all[i].id, all[i].type == BLOB_ENUM,
                  all[i].type == BLOB_ERROR ? NULL : all[i].bytes, all[i].size);
        result = hr == WBEM_S_PARTIAL_RESULTS ? hr : result;
    }
    free(all);
    return FAILED(hr) ? remote_explain(r->host, hr, false, NULL, step) : result;
}
