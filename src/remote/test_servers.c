/*
 * The client for other hosts (src/remote) against servers that are not wbemd:
 * older ones without smart enumerators, and some that lie. Both ends are in this
 * process and meet over TCP.
 */
#include "dcom/test_peer.h"
#include "remote/remote.h"
#include "server/server_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wbemidl.h>
#include <wchar.h>

#include <cmocka.h>

#include "com/com.h"
#include "repository/repository.h"
#include "security/security.h"
#include "services/access.h"

#define MANY 3000

static struct peer peer;
static struct dcom_server *server;
static IWbemServices *services;

/* ---- the servers ------------------------------------------------------------------------ */

/* Anybody who has authenticated may do everything. */
static void open_to_all(struct repository *r)
{
    struct descriptor d = {
        .owner = sid_administrators, .group = sid_administrators, .has_dacl = true};
    struct repository_namespace *n;
    assert_int_equal(S_OK, repository_open(r, L"root", &n));
    assert_int_equal(S_OK, descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL,
                                          &sid_authenticated_users));
    assert_int_equal(S_OK, access_set_descriptor(n, &d));
    descriptor_done(&d);
}

static int define(void **state)
{
    CLEANUP(com_cleanup_free) char *text = malloc(100 * MANY);
    int size = sprintf(text, "class Test_Item { [key] uint32 Number; string Label; };\n");
    for (int i = 0; i < MANY; i++) {
        size += sprintf(text + size, "instance of Test_Item { Number = %d; Label = \"%d\"; };\n", i,
                        i * 7);
    }
    const struct mof_input input = {"test", text, (size_t)size};
    const struct mof_options options = {0};
    struct repository_mof m = {
        .inputs = &input, .count = 1, .options = &options, .name_space = L"root\\cimv2"};
    struct mof_error e = {0};
    struct repository *r;
    assert_int_equal(S_OK, CoInitializeEx(NULL, COINIT_MULTITHREADED));
    assert_int_equal(S_OK, repository_default(&r));
    open_to_all(r);
    assert_int_equal(S_OK, repository_compile_mof(r, &m, NULL, &e));
    return 0;
}

static int forget(void **state)
{
    CoUninitialize();
    return 0;
}

static IWbemServices *connect_in(const wchar_t *user, const wchar_t *locale)
{
    IWbemServices *found = NULL;
    wchar_t host[80];
    swprintf(host, 80, L"%s[%u]", PEER_HOST, (unsigned)peer.port);
    const struct remote_target target = {.server = host,
                                         .server_length = wcslen(host),
                                         .name_space = L"root\\cimv2",
                                         .user = user,
                                         .password = L"of all of them",
                                         .locale = locale};
    assert_int_equal(S_OK, remote_connect(&target, &found));
    return found;
}

static IWbemServices *connect_as(const wchar_t *user)
{
    return connect_in(user, NULL);
}

/* One that knows these interfaces only. */
static void serve(const struct dcom_stub *const *stubs, size_t count)
{
    struct dcom_server_options options = {0};
    const struct dcom_server_class login = {&CLSID_WbemLevel1Login, login_activate, NULL};
    peer_start(&peer, &options);
    assert_int_equal(S_OK, dcom_server_new(&options, &server));
    assert_int_equal(S_OK, dcom_server_register_class(server, &login));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(S_OK, dcom_server_register_stub(server, stubs[i]));
    }
    services = connect_as(L"TEST\\client");
}

static void end(void)
{
    IWbemServices_Release(services);
    peer_stop(&peer);
    dcom_server_destroy(server);
    peer_done(&peer);
}

static IEnumWbemClassObject *query_items(void)
{
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL"), text = SysAllocString(L"SELECT * FROM Test_Item");
    assert_int_equal(S_OK, IWbemServices_ExecQuery(
                               services, language, text,
                               WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    SysFreeString(language);
    SysFreeString(text);
    return e;
}

/* ---- without smart enumerators --------------------------------------------------------------- */

static void test_plain_enumerators(void **state)
{
    static const struct dcom_stub *const stubs[] = {&level1_login_stub, &services_stub,
                                                    &enumerator_stub, &call_result_stub};
    serve(stubs, ARRAYSIZE(stubs));
    IEnumWbemClassObject *e = query_items();
    for (LONG i = 0; i < MANY; i++) {
        IWbemClassObject *item = NULL;
        ULONG got = 0;
        VARIANT v;
        assert_int_equal(S_OK, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &item, &got));
        assert_int_equal(S_OK, IWbemClassObject_Get(item, L"Number", 0, &v, NULL, NULL));
        assert_int_equal(i, V_I4(&v));
        IWbemClassObject_Release(item);
    }
    IWbemClassObject *item = NULL;
    ULONG got = 1;
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &item, &got));
    assert_int_equal(0, got);
    IEnumWbemClassObject_Release(e);
    end();
}

/* ---- that know fewer locales ----------------------------------------------------------------- */

static uint32_t locale_version; /* what EstablishPosition says */
static wchar_t *locale_asked;   /* what NTLMLogin was given last */

static void old_login(struct dcom_server_call *call)
{
    struct ndr_writer out = {0};
    struct ndr_reader in = call->in; /* a look of our own */
    if (call->opnum == 3) {
        ndr_write_u32(&out, locale_version);
        ndr_write_u32(&out, S_OK);
        dcom_server_reply(call, &out, S_OK);
        return;
    }
    free(wire_read_string_pointer(&in));
    free(locale_asked);
    locale_asked = wire_read_string_pointer(&in);
    level1_login_stub.dispatch(call);
}

static void test_locales_are_agreed_on(void **state)
{
    static const struct dcom_stub login = {&IID_IWbemLevel1Login, 7, old_login};
    static const struct dcom_stub *const stubs[] = {&login, &services_stub};
    static const struct {
        const wchar_t *wanted, *of_old, *of_new;
    } all[] = {
        {NULL, NULL, NULL},
        {L"MS_40C", L"MS_40C", L"MS_40C"},
        {L"fr-FR", NULL, L"fr-FR"},
        {L"fr-FR,MS_40C, ms_409", L"MS_40C", L"fr-FR,MS_40C, ms_409"},
        {L"MS_40C,MS_409", L"MS_40C", L"MS_40C,MS_409"},
        {L"", NULL, L""},
    };
    serve(stubs, ARRAYSIZE(stubs));
    for (size_t i = 0; i < 2 * ARRAYSIZE(all); i++) {
        locale_version = i >= ARRAYSIZE(all);
        size_t k = i % ARRAYSIZE(all);
        const wchar_t *expected = locale_version ? all[k].of_new : all[k].of_old;
        IWbemServices *found = connect_in(L"TEST\\client", all[k].wanted);
        IWbemServices_Release(found);
        assert_int_equal(!expected, !locale_asked);
        assert_true(!expected || wcscmp(expected, locale_asked) == 0);
    }
    free(locale_asked);
    locale_asked = NULL;
    end();
}

/* ---- that lie ----------------------------------------------------------------------------------
 */

struct lie {
    uint32_t returned, size;
    const uint8_t *bytes;
    uint32_t there;
    HRESULT result;
};

static const uint8_t zeros[64], text[] = "this is no array of objects, but it goes on for long";
static const struct lie lies[] = {
    {5, 0, NULL, 0, WBEM_S_NO_ERROR},
    {0, 64, NULL, 0, WBEM_S_NO_ERROR},
    {0xffffffff, 64, zeros, 64, WBEM_S_NO_ERROR},
    {1, 0xfffffff0, zeros, 64, WBEM_S_NO_ERROR},
    {1, 64, zeros, 64, WBEM_S_NO_ERROR},
    {1, 64, zeros, 64, WBEM_S_FALSE},
    {1, sizeof(text), text, sizeof(text), WBEM_S_NO_ERROR},
    {0, 0, NULL, 0, WBEM_E_CRITICAL_ERROR},
};
static _Atomic(const struct lie *) told; /* also by calls that nobody waits for any more */

static void lying_next(struct dcom_server_call *call)
{
    struct ndr_writer out = {0};
    const struct lie *lie = told;
    ndr_write_u32(&out, lie->returned);
    ndr_write_u32(&out, lie->size);
    if (ndr_write_pointer(&out, lie->bytes != NULL)) {
        ndr_write_byte_array(&out, lie->bytes, lie->there);
    }
    ndr_write_align(&out, 4);
    ndr_write_u32(&out, (uint32_t)lie->result);
    dcom_server_reply(call, &out, lie->result);
}

static atomic_uint noise; /* bytes of it */

/* A method of services whose answer is cut short, or nothing but noise. */
static void lying_services(struct dcom_server_call *call)
{
    struct ndr_writer out = {0};
    ndr_write_bytes(&out, text, atomic_load(&noise));
    ndr_write_u32(&out, S_OK);
    dcom_server_reply(call, &out, S_OK);
}

static void test_lying_enumerators(void **state)
{
    static const struct dcom_stub liar = {&IID_IWbemWCOSmartEnum, 4, lying_next};
    static const struct dcom_stub *const stubs[] = {
        &level1_login_stub, &services_stub, &enumerator_stub, &fetch_smart_enum_stub, &liar};
    told = &lies[0];
    serve(stubs, ARRAYSIZE(stubs));
    for (size_t i = 0; i < ARRAYSIZE(lies); i++) {
        told = &lies[i];
        IEnumWbemClassObject *e = query_items();
        IWbemClassObject *item = NULL;
        ULONG got = 0;
        HRESULT hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &item, &got);
        if (SUCCEEDED(hr)) {
            fail_msg("lie %zu: 0x%08x", i, (unsigned)hr);
        }
        assert_null(item);
        IEnumWbemClassObject_Release(e);
    }
    end();
}

static void test_lying_services(void **state)
{
    static const struct dcom_stub liar = {&IID_IWbemServices, 26, lying_services};
    static const struct dcom_stub *const stubs[] = {&level1_login_stub, &liar, &enumerator_stub};
    serve(stubs, ARRAYSIZE(stubs));
    BSTR word = SysAllocString(L"Test_Item.Number=1");
    for (uint32_t size = 0; size < sizeof(text); size += 4) {
        IEnumWbemClassObject *e = NULL;
        IWbemClassObject *object = NULL;
        IWbemServices *child = NULL;
        atomic_store(&noise, size);
        HRESULT hr = IWbemServices_GetObject(services, word, 0, NULL, &object, NULL);
        assert_true(FAILED(hr) == !object);
        if (object) {
            IWbemClassObject_Release(object);
        }
        assert_true(FAILED(IWbemServices_ExecQuery(services, word, word, 0, NULL, &e)));
        assert_true(FAILED(IWbemServices_OpenNamespace(services, word, 0, NULL, &child, NULL)));
        assert_null(e);
        assert_null(child);
    }
    SysFreeString(word);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_enumerators),
        cmocka_unit_test(test_locales_are_agreed_on),
        cmocka_unit_test(test_lying_enumerators),
        cmocka_unit_test(test_lying_services),
    };
    return cmocka_run_group_tests(tests, define, forget);
}
