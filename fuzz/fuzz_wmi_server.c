/*
 * A whole session with the server: over TCP and signed, as a client that may log in has it. The
 * input is a list of steps: calls of any method of any object that the session has, with arguments
 * that are right, nearly right or none at all; interfaces asked for; objects and the connection let
 * go. Whatever is done, the server answers the next session.
 *
 * The repository is in memory and the user is nobody of this machine: what acts on the machine is
 * refused before a provider hears of it (docs/server.md).
 */
#include "fuzz.h"

#include <string.h>
#include <wbemtran.h>

#include "com/com.h"
#include "dcom/test_peer.h"
#include "repository/repository.h"
#include "security/security.h"
#include "server/server.h"
#include "services/access.h"
#include "services/services.h"
#include "wire/marshal.h"

#define STEPS_MAX 24
#define OBJECTS_MAX 12
#define CALL_MS 300 /* for those that would wait: they are given up */

enum step {
    STEP_CALL,  /* object, method, texts, count of changes, and for each its place and value */
    STEP_BYTES, /* object, method, length, as many bytes */
    STEP_ASK,   /* object, interface */
    STEP_LET_GO,
    STEP_LOG_IN,
    STEP_COUNT
};

enum {
    NTLM_LOGIN = 6,
    EXEC_QUERY = 20
};

static const IID iid_fetch = {
    0x1c1c45ee, 0x4395, 0x11d2, {0xb6, 0x0b, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
static const IID iid_smart = {
    0x423ec01e, 0x2e35, 0x11d2, {0xb6, 0x04, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
static const IID iid_refreshing = {
    0x2c9273e0, 0x1dc3, 0x11d3, {0xb3, 0x64, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};
static const IID iid_refresher = {
    0xf1e9c5b2, 0xf59b, 0x11d2, {0xb3, 0x62, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};

static const wchar_t *const texts[] = {
    L"Thing",
    L"Thing.Id=1",
    L"SELECT * FROM Thing",
    L"SELECT * FROM __InstanceOperationEvent WITHIN 1 WHERE TargetInstance ISA 'Thing'",
    L"ASSOCIATORS OF {Thing.Id=1}",
    L"SELECT Id FROM meta_class WHERE __this ISA 'Thing'",
    L"__NAMESPACE.Name=\"cimv2\"",
    L"__SystemSecurity=@",
    L"GetSD",
    L"root",
    L"",
    L"Win32_PerfRawData_PerfOS_System=@",
    L"Win32_PerfFormattedData_PerfOS_Processor",
};

static struct dcom_server *server;
static struct peer peer;
static IWbemClassObject *class_object, *instance;

/* ---- once -------------------------------------------------------------------------------- */

static void open_to_all(struct repository *r)
{
    struct descriptor d = {
        .owner = sid_administrators, .group = sid_administrators, .has_dacl = true};
    struct repository_namespace *n;
    FUZZ_ASSERT(SUCCEEDED(repository_open(r, L"root", &n)));
    FUZZ_ASSERT(SUCCEEDED(descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL,
                                         &sid_authenticated_users)));
    FUZZ_ASSERT(SUCCEEDED(access_set_descriptor(n, &d)));
    descriptor_done(&d);
}

static void put(IWbemClassObject *o, const wchar_t *name, LONG value)
{
    VARIANT v = {.vt = VT_I4, .lVal = value};
    FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_Put(o, name, 0, &v, CIM_SINT32)));
}

/* What sessions work with: a class with a key, and an instance. */
static void make_objects(void)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    CLEANUP(com_cleanup_release) IWbemLocator *locator = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *qualifiers = NULL;
    CLEANUP(com_cleanup_bstr) BSTR place = SysAllocString(L"root\\cimv2");
    VARIANT name = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"Thing")};
    VARIANT yes = {.vt = VT_BOOL, .boolVal = VARIANT_TRUE};
    FUZZ_ASSERT(SUCCEEDED(CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                           &IID_IWbemLocator, (void **)&locator)));
    FUZZ_ASSERT(SUCCEEDED(
        IWbemLocator_ConnectServer(locator, place, NULL, NULL, NULL, 0, NULL, NULL, &services)));
    FUZZ_ASSERT(SUCCEEDED(IWbemServices_GetObject(services, NULL, 0, NULL, &class_object, NULL)));
    FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_Put(class_object, L"__CLASS", 0, &name, CIM_STRING)));
    put(class_object, L"Id", 0);
    FUZZ_ASSERT(
        SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(class_object, L"Id", &qualifiers)));
    FUZZ_ASSERT(SUCCEEDED(IWbemQualifierSet_Put(qualifiers, L"key", &yes, 0)));
    FUZZ_ASSERT(SUCCEEDED(IWbemServices_PutClass(services, class_object, 0, NULL, NULL)));
    IWbemClassObject_Release(class_object);
    FUZZ_ASSERT(
        SUCCEEDED(IWbemServices_GetObject(services, V_BSTR(&name), 0, NULL, &class_object, NULL)));
    for (LONG i = 0; i < 3; i++) {
        com_release(instance);
        FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_SpawnInstance(class_object, 0, &instance)));
        put(instance, L"Id", i);
        FUZZ_ASSERT(SUCCEEDED(IWbemServices_PutInstance(services, instance, 0, NULL, NULL)));
    }
    VariantClear(&name);
}

/* As for every stranger, but without asking the machine's databases of users. */
static HRESULT nobody(void *context, const char *client, struct token *ret)
{
    return token_add_everybody(ret);
}

static void start(void)
{
    /* What sessions leave behind when their connections go stays for minutes (three ping periods).
     */
    struct dcom_server_options options = {.objects_per_client = 10000000, .objects = 10000000};
    struct repository *r;
    FUZZ_ASSERT(setenv("WBEM_REPOSITORY", ":memory:", 1) == 0);
    FUZZ_ASSERT(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    FUZZ_ASSERT(SUCCEEDED(repository_default(&r)));
    open_to_all(r);
    make_objects();
    token_set_map(nobody, NULL);
    peer_start(&peer, &options);
    FUZZ_ASSERT(SUCCEEDED(dcom_server_new(&options, &server)));
    FUZZ_ASSERT(SUCCEEDED(server_register(server)));
}

/* ---- a session ------------------------------------------------------------------------------ */

struct input {
    const uint8_t *at;
    size_t left;
};

struct session {
    struct dcom_client *client;
    struct dcom_object *objects[OBJECTS_MAX];
    size_t count;
};

static uint8_t take(struct input *i)
{
    if (i->left == 0) {
        return 0;
    }
    i->left--;
    return *i->at++;
}

static void keep(struct session *s, struct dcom_object *o)
{
    if (s->count == OBJECTS_MAX) {
        dcom_object_unref(o);
    } else {
        s->objects[s->count++] = o;
    }
}

static const IID *iid_of_answer(const struct dcom_object *o, uint16_t opnum)
{
    const IID *iid = dcom_object_iid(o);
    if (IsEqualIID(iid, &IID_IWbemLevel1Login) ||
        (IsEqualIID(iid, &IID_IWbemServices) && opnum == 3)) {
        return &IID_IWbemServices;
    }
    if (IsEqualIID(iid, &iid_fetch)) {
        return &iid_smart;
    }
    if (IsEqualIID(iid, &iid_refreshing)) {
        return &iid_refresher;
    }
    return &IID_IEnumWbemClassObject;
}

/* What comes back may begin with an object. */
static void call(struct session *s, struct dcom_object *o, uint16_t opnum, struct ndr_writer *in)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    struct dcom_object *got = NULL;
    bool null = true;
    HRESULT hr = dcom_call(o, opnum, in, CALL_MS, &reply);
    if (SUCCEEDED(hr)) {
        dcom_read_objref(&reply.reader, &ref, &null);
        if (SUCCEEDED(reply.reader.status) && !null &&
            SUCCEEDED(dcom_unmarshal_objref(s->client, &ref, iid_of_answer(o, opnum), &got))) {
            keep(s, got);
        }
    }
    (void)SetErrorInfo(0, NULL);
}

static void write_login(struct ndr_writer *in)
{
    wire_write_string_pointer(in, L"//./root/cimv2");
    wire_write_string_pointer(in, L"MS_409");
    ndr_write_u32(in, 0);
    wire_write_context(in, NULL);
}

static void write_text(struct ndr_writer *in, unsigned which)
{
    wire_write_bstr(in, texts[which % ARRAYSIZE(texts)]);
}

/* IWbemServices, [MS-WMI] 3.1.4.3: the arguments of a method, semisynchronous where it can be. */
static void write_service_call(struct ndr_writer *in, uint16_t opnum, unsigned which)
{
    bool puts = opnum == 8 || opnum == 14, asks = opnum == 20 || opnum == 22;
    bool method = opnum == 24;
    if (puts) {
        wire_write_object(in, opnum == 8 ? class_object : instance);
    } else {
        if (asks) {
            wire_write_bstr(in, L"WQL");
        }
        write_text(in, which);
        if (method) {
            write_text(in, which / 16);
        }
    }
    ndr_write_u32(in, which & 128 ? WBEM_FLAG_RETURN_IMMEDIATELY : 0);
    wire_write_context(in, NULL);
    if (method) {
        wire_write_object(in, which & 64 ? instance : NULL);
    }
    ndr_write_u32(in, 0); /* no places for results, where there are such */
    ndr_write_u32(in, 0);
}

/* IWbemRefreshingServices, 3.1.4.12: what is added, or only the refresher's name. */
static void write_refreshing_call(struct ndr_writer *in, uint16_t opnum, unsigned which)
{
    static const GUID id = {1, 2, 3, {4}};
    (void)ndr_write_pointer(in, true);
    ndr_write_u32(in, 1);
    ndr_write_guid(in, &id);
    ndr_write_u32(in, 1);
    ndr_write_u32(in, 0);
    ndr_write_u32(in, 1);
    ndr_write_bytes(in, "", 1);
    ndr_write_align(in, 4);
    if (opnum == 4) {
        wire_write_object(in, instance);
    } else if (opnum < 6) {
        ndr_write_string(in, texts[which % ARRAYSIZE(texts)]);
        ndr_write_align(in, 4);
    }
    ndr_write_u32(in, 0);
    if (opnum < 6) {
        wire_write_context(in, NULL);
    }
    ndr_write_u32(in, 2);
}

static void write_arguments(struct ndr_writer *in, const struct dcom_object *o, uint16_t opnum,
                            unsigned which)
{
    const IID *iid = dcom_object_iid(o);
    if (IsEqualIID(iid, &IID_IWbemServices)) {
        write_service_call(in, opnum, which);
    } else if (IsEqualIID(iid, &IID_IWbemLevel1Login)) {
        write_login(in);
    } else if (IsEqualIID(iid, &iid_refreshing)) {
        write_refreshing_call(in, opnum, which);
    } else {
        if (IsEqualIID(iid, &iid_smart)) {
            ndr_write_guid(in, &iid_smart);
        }
        ndr_write_u32(in, which & 64 ? CALL_MS / 4 : 0); /* a time-out, or a count */
        ndr_write_u32(in, which & 63);
    }
}

static struct dcom_object *pick(const struct session *s, struct input *i)
{
    uint8_t which = take(i);
    return s->count ? s->objects[which % s->count] : NULL;
}

static void step_call(struct session *s, struct input *i)
{
    struct ndr_writer in = {0};
    struct dcom_object *o = pick(s, i);
    uint16_t opnum = 3 + take(i) % 24;
    unsigned which = take(i), changes = take(i) % 8;
    if (!o) {
        return;
    }
    write_arguments(&in, o, opnum, which);
    for (unsigned n = 0; n < changes && SUCCEEDED(in.status) && in.size > 0; n++) {
        unsigned at = take(i);
        at = (at << 8 | take(i)) % (unsigned)in.size;
        in.data[at] ^= take(i);
    }
    call(s, o, opnum, &in);
    ndr_writer_done(&in);
}

static void step_bytes(struct session *s, struct input *i)
{
    struct ndr_writer in = {0};
    struct dcom_object *o = pick(s, i);
    uint16_t opnum = 3 + take(i) % 24;
    size_t size = take(i);
    size = size < i->left ? size : i->left;
    if (o) {
        ndr_write_bytes(&in, i->at, size);
        call(s, o, opnum, &in);
        ndr_writer_done(&in);
    }
    i->at += size;
    i->left -= size;
}

static void step_ask(struct session *s, struct input *i)
{
    static const IID *const iids[] = {&IID_IWbemServices, &IID_IEnumWbemClassObject, &iid_fetch,
                                      &iid_smart,         &IID_IWbemCallResult,      &IID_IUnknown,
                                      &iid_refreshing};
    struct dcom_object *o = pick(s, i), *got;
    if (o && SUCCEEDED(dcom_query_interface(o, iids[take(i) % ARRAYSIZE(iids)], &got))) {
        keep(s, got);
    }
}

static void let_go(struct session *s, size_t from)
{
    while (s->count > from) {
        dcom_object_unref(s->objects[--s->count]);
    }
}

/* As every client begins. */
static void log_in(struct session *s)
{
    struct ndr_writer in = {0};
    struct dcom_object *login = NULL;
    struct dcom_client_options options = {.host = PEER_HOST,
                                          .port = peer.port,
                                          .security = peer_security("TEST\\stranger"),
                                          .call_timeout_ms = 20000};
    if (!s->client) {
        FUZZ_ASSERT(SUCCEEDED(dcom_client_new(&options, &s->client)));
    }
    FUZZ_ASSERT(
        SUCCEEDED(dcom_activate(s->client, &CLSID_WbemLevel1Login, &IID_IWbemLevel1Login, &login)));
    size_t before = s->count;
    write_login(&in);
    call(s, login, NTLM_LOGIN, &in);
    FUZZ_ASSERT(before == OBJECTS_MAX || s->count == before + 1);
    ndr_writer_done(&in);
    keep(s, login);
}

static void step(struct session *s, struct input *i)
{
    switch ((enum step)(take(i) % STEP_COUNT)) {
    case STEP_CALL:
        step_call(s, i);
        break;
    case STEP_BYTES:
        step_bytes(s, i);
        break;
    case STEP_ASK:
        step_ask(s, i);
        break;
    case STEP_LET_GO:
        let_go(s, take(i) % OBJECTS_MAX);
        break;
    default:
        if (take(i) & 1) { /* what the session has had dies with its connection */
            let_go(s, 0);
            dcom_client_disconnect(s->client);
            dcom_client_unref(s->client);
            s->client = NULL;
        }
        log_in(s);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session s; /* connecting takes longer than most inputs: the connection stays */
    struct input i = {data, size};
    if (!server) {
        start();
    }
    log_in(&s);
    for (int n = 0; n < STEPS_MAX && i.left > 0; n++) {
        step(&s, &i);
    }
    let_go(&s, 0);
    return 0;
}
