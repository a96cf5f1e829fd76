/*
 * What goes over the network as lines for people: connections, negotiations and
 * calls with their interfaces' names, never their content.
 */
#include "remote/remote_private.h"

#include <stdio.h>
#include <wbem.h>
#include <wbemtran.h>

#include "dcom/dcom_data.h"
#include "rpc/rpc.h"

struct interface_names {
    const IID *iid;
    const char *name;
    unsigned first; /* the opnum of methods[0] */
    const char *methods[24];
};

static const IID iid_login_client_id = {
    0xd4781cd6, 0xe5d3, 0x44df, {0xad, 0x94, 0x93, 0x0e, 0xfe, 0x48, 0xa8, 0x87}};

static const struct interface_names known[] = {
    {&dcom_iid_object_exporter,
     "IObjectExporter",
     0,
     {"ResolveOxid", "SimplePing", "ComplexPing", "ServerAlive", "ResolveOxid2", "ServerAlive2"}},
    {&dcom_iid_scm_activator,
     "IRemoteSCMActivator",
     3,
     {"RemoteGetClassObject", "RemoteCreateInstance"}},
    {&dcom_iid_rem_unknown, "IRemUnknown", 3, {"RemQueryInterface", "RemAddRef", "RemRelease"}},
    {&IID_IWbemLevel1Login,
     "IWbemLevel1Login",
     3,
     {"EstablishPosition", "RequestChallenge", "WBEMLogin", "NTLMLogin"}},
    {&iid_login_client_id, "IWbemLoginClientID", 3, {"SetClientInfo"}},
    {&IID_IWbemServices,
     "IWbemServices",
     3,
     {"OpenNamespace",
      "CancelAsyncCall",
      "QueryObjectSink",
      "GetObject",
      "GetObjectAsync",
      "PutClass",
      "PutClassAsync",
      "DeleteClass",
      "DeleteClassAsync",
      "CreateClassEnum",
      "CreateClassEnumAsync",
      "PutInstance",
      "PutInstanceAsync",
      "DeleteInstance",
      "DeleteInstanceAsync",
      "CreateInstanceEnum",
      "CreateInstanceEnumAsync",
      "ExecQuery",
      "ExecQueryAsync",
      "ExecNotificationQuery",
      "ExecNotificationQueryAsync",
      "ExecMethod",
      "ExecMethodAsync"}},
    {&IID_IEnumWbemClassObject,
     "IEnumWbemClassObject",
     3,
     {"Reset", "Next", "NextAsync", "Clone", "Skip"}},
    {&IID_IWbemCallResult,
     "IWbemCallResult",
     3,
     {"GetResultObject", "GetResultString", "GetResultServices", "GetCallStatus"}},
    {&remote_iid_fetch_smart_enum, "IWbemFetchSmartEnum", 3, {"GetSmartEnum"}},
    {&remote_iid_smart_enum, "IWbemWCOSmartEnum", 3, {"Next"}},
    {&remote_iid_refreshing,
     "IWbemRefreshingServices",
     3,
     {"AddObjectToRefresher", "AddObjectToRefresherByTemplate", "AddEnumToRefresher",
      "RemoveObjectFromRefresher", "GetRemoteRefresher", "ReconnectRemoteRefresher"}},
    {&remote_iid_refresher, "IWbemRemoteRefresher", 3, {"RemoteRefresh", "StopRefreshing"}},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*tell)(void *closure, const char *line); /* under lock */
static void *tell_closure;                            /* under lock */

static const struct interface_names *find(const GUID *iid)
{
    for (size_t i = 0; i < ARRAYSIZE(known); i++) {
        if (IsEqualGUID(known[i].iid, iid)) {
            return &known[i];
        }
    }
    return NULL;
}

static void put_call(char *text, size_t size, const struct rpc_trace_event *e)
{
    const struct interface_names *n = find(&e->syntax.uuid);
    wchar_t uuid[40] = L"";
    const char *method = NULL;
    if (!n) {
        (void)StringFromGUID2(&e->syntax.uuid, uuid, ARRAYSIZE(uuid));
    } else if (e->opnum >= n->first && e->opnum - n->first < ARRAYSIZE(n->methods)) {
        method = n->methods[e->opnum - n->first];
    }
    if (e->kind == RPC_TRACE_BIND) {
        (void)snprintf(text, size, "bind  %s%.38ls", n ? n->name : "", uuid);
    } else if (method) {
        (void)snprintf(text, size, "call  %s::%s", n->name, method);
    } else {
        (void)snprintf(text, size, "call  %s%.38ls opnum %u", n ? n->name : "", uuid,
                       (unsigned)e->opnum);
    }
}

static const char *level_name(unsigned level)
{
    switch (level) {
    case RPC_C_AUTHN_LEVEL_PKT_PRIVACY:
        return "privacy";
    case RPC_C_AUTHN_LEVEL_PKT_INTEGRITY:
        return "integrity";
    case RPC_C_AUTHN_LEVEL_NONE:
        return "not authenticated";
    default:
        return "weak";
    }
}

static void traced(void *context, const struct rpc_trace_event *e)
{
    char what[160], bytes[96] = "", line[512];
    const char *status = com_status_name(e->result);
    if (e->kind == RPC_TRACE_CONNECT || e->kind == RPC_TRACE_CLOSE) {
        (void)snprintf(what, sizeof(what), "%s",
                       e->kind == RPC_TRACE_CONNECT ? "connect" : "close");
    } else {
        put_call(what, sizeof(what), e);
    }
    if (e->kind == RPC_TRACE_CALL) {
        (void)snprintf(bytes, sizeof(bytes), " %zu > %zu bytes (%u > %u fragments),", e->sent,
                       e->received, e->fragments_sent, e->fragments_received);
    } else if (e->kind == RPC_TRACE_CLOSE) {
        (void)snprintf(bytes, sizeof(bytes), " %zu > %zu bytes,", e->sent, e->received);
    }
    int length =
        snprintf(line, sizeof(line), "rpc %s #%llu %s,%s %.2f ms", e->peer ? e->peer : "?",
                 (unsigned long long)e->connection, what, bytes, (double)e->duration / 1e6);
    if (e->kind != RPC_TRACE_CLOSE && length > 0 && (size_t)length < sizeof(line)) {
        (void)snprintf(line + length, sizeof(line) - (size_t)length, ", %s, %s 0x%08x",
                       level_name(e->level), status ? status : "", (unsigned)e->result);
    }
    pthread_mutex_lock(&lock);
    void (*fn)(void *closure, const char *text) = tell;
    void *closure = tell_closure;
    pthread_mutex_unlock(&lock);
    if (fn) {
        fn(closure, line);
    }
}

WBEM_EXPORT void wbem_set_trace(void (*line)(void *closure, const char *text), void *closure)
{
    pthread_mutex_lock(&lock);
    tell = line;
    tell_closure = closure;
    pthread_mutex_unlock(&lock);
    dcom_set_trace(line ? traced : NULL, NULL);
}
