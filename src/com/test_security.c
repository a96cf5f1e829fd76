/*
 * An object's blanket, the caller's context while a call is served, and classes that
 * CoCreateInstance makes.
 */
#include "com/test_support.h"

#include <string.h>

/* ---- blankets ------------------------------------------------------------------- */

struct proxy {
    IUnknown iface;
    int refs;
    struct com_blanket blanket;
};

static HRESULT STDMETHODCALLTYPE proxy_query(IUnknown *iface, REFIID riid, void **ret)
{
    struct proxy *p = (struct proxy *)iface;
    *ret = NULL;
    if (IsEqualIID(riid, &IID_IClientSecurity)) {
        return com_blanket_query(&p->blanket, (IClientSecurity **)ret);
    }
    if (!IsEqualIID(riid, &IID_IUnknown)) {
        return E_NOINTERFACE;
    }
    p->refs++;
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE proxy_addref(IUnknown *iface)
{
    return (ULONG)++((struct proxy *)iface)->refs;
}

static ULONG STDMETHODCALLTYPE proxy_release(IUnknown *iface)
{
    return (ULONG)--((struct proxy *)iface)->refs;
}

static const IUnknownVtbl proxy_vtbl = {proxy_query, proxy_addref, proxy_release};

static void proxy_init(struct proxy *p)
{
    p->iface.lpVtbl = &proxy_vtbl;
    p->refs = 1;
    com_blanket_init(&p->blanket, &p->iface);
}

static void a_blanket_is_what_was_set(void **state)
{
    struct proxy p;
    proxy_init(&p);
    DWORD authn_svc;
    DWORD authz_svc;
    DWORD authn_level;
    DWORD imp_level;
    DWORD capabilities;
    OLECHAR *principal;
    RPC_AUTH_IDENTITY_HANDLE identity;
    SEC_WINNT_AUTH_IDENTITY_W who = {.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    OLECHAR server[] = L"host/server";

    assert_int_equal(
        CoQueryProxyBlanket(&p.iface, NULL, NULL, NULL, &authn_level, NULL, NULL, NULL), S_OK);
    assert_int_equal(authn_level, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY);
    assert_int_equal(CoSetProxyBlanket(&p.iface, RPC_C_AUTHN_GSS_KERBEROS, RPC_C_AUTHZ_NAME, server,
                                       RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE,
                                       &who, EOAC_MUTUAL_AUTH),
                     S_OK);
    assert_int_equal(CoQueryProxyBlanket(&p.iface, &authn_svc, &authz_svc, &principal, &authn_level,
                                         &imp_level, &identity, &capabilities),
                     S_OK);
    assert_int_equal(authn_svc, RPC_C_AUTHN_GSS_KERBEROS);
    assert_int_equal(authz_svc, RPC_C_AUTHZ_NAME);
    assert_wide_equal(principal, server);
    assert_int_equal(authn_level, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_int_equal(imp_level, RPC_C_IMP_LEVEL_IMPERSONATE);
    assert_int_equal(capabilities, EOAC_MUTUAL_AUTH);
    assert_ptr_equal(identity, &who);
    CoTaskMemFree(principal);

    struct proxy made;
    proxy_init(&made);
    assert_int_equal(com_blanket_copy(&p.blanket, &made.blanket), S_OK);
    assert_int_equal(
        CoQueryProxyBlanket(&made.iface, NULL, NULL, &principal, &authn_level, NULL, NULL, NULL),
        S_OK);
    assert_wide_equal(principal, server);
    CoTaskMemFree(principal);

    /* What stands for "the default" is resolved. */
    assert_int_equal(CoSetProxyBlanket(&p.iface, RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT,
                                       COLE_DEFAULT_PRINCIPAL, RPC_C_AUTHN_LEVEL_DEFAULT,
                                       RPC_C_IMP_LEVEL_DEFAULT, COLE_DEFAULT_AUTHINFO,
                                       EOAC_DEFAULT),
                     S_OK);
    assert_int_equal(CoQueryProxyBlanket(&p.iface, &authn_svc, &authz_svc, &principal, NULL, NULL,
                                         &identity, &capabilities),
                     S_OK);
    assert_int_equal(authn_svc, RPC_C_AUTHN_WINNT);
    assert_int_equal(authz_svc, RPC_C_AUTHZ_NONE);
    assert_null(principal);
    assert_null(identity);
    assert_int_equal(capabilities, EOAC_NONE);
    com_blanket_done(&made.blanket);
    com_blanket_done(&p.blanket);
    assert_int_equal(p.refs, 1);
}

static HRESULT refuse_weak(struct com_blanket *b, struct com_blanket *wanted)
{
    return wanted->authn_level < RPC_C_AUTHN_LEVEL_PKT_INTEGRITY ? E_ACCESSDENIED : S_OK;
}

static HRESULT set_level(struct proxy *p, DWORD level)
{
    return CoSetProxyBlanket(&p->iface, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL, level,
                             RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
}

static void a_blanket_can_be_refused(void **state)
{
    struct proxy p;
    DWORD level;
    proxy_init(&p);
    p.blanket.changing = refuse_weak;
    assert_int_equal(set_level(&p, RPC_C_AUTHN_LEVEL_CONNECT), E_ACCESSDENIED);
    assert_int_equal(set_level(&p, 7), E_INVALIDARG);
    assert_int_equal(set_level(&p, RPC_C_AUTHN_LEVEL_PKT_PRIVACY), S_OK);
    assert_int_equal(CoQueryProxyBlanket(&p.iface, NULL, NULL, NULL, &level, NULL, NULL, NULL),
                     S_OK);
    assert_int_equal(level, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    IUnknown *copy;
    assert_int_equal(CoCopyProxy(&p.iface, &copy), S_OK);
    assert_ptr_equal(copy, &p.iface);
    IUnknown_Release(copy);
    com_blanket_done(&p.blanket);
    assert_int_equal(p.refs, 1);
}

static void what_is_no_proxy_has_no_blanket(void **state)
{
    struct counted object = COUNTED;
    IUnknown *copy = (IUnknown *)1;
    assert_int_equal(CoSetProxyBlanket(&object.iface, 0, 0, NULL, 0, 0, NULL, 0), E_NOINTERFACE);
    assert_int_equal(CoCopyProxy(&object.iface, &copy), E_NOINTERFACE);
    assert_null(copy);
    assert_int_equal(CoSetProxyBlanket(NULL, 0, 0, NULL, 0, 0, NULL, 0), E_INVALIDARG);
    assert_int_equal(object.refs, 1);
}

/* ---- the caller ------------------------------------------------------------------ */

static int impersonations;

static HRESULT impersonate(struct com_call_context *context)
{
    impersonations++;
    return S_OK;
}

static HRESULT revert(struct com_call_context *context)
{
    impersonations--;
    return S_OK;
}

static void a_call_tells_who_calls(void **state)
{
    DWORD level;
    OLECHAR *principal;
    RPC_AUTHZ_HANDLE client;
    assert_int_equal(CoQueryClientBlanket(NULL, NULL, NULL, &level, NULL, NULL, NULL),
                     RPC_E_CALL_COMPLETE);

    struct com_call_context outer;
    com_call_context_local(&outer);
    com_call_context_push(&outer);
    assert_int_equal(CoQueryClientBlanket(NULL, NULL, &principal, &level, NULL, &client, NULL),
                     S_OK);
    assert_int_equal(level, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_null(principal);
    assert_null(client);

    struct com_call_context inner = {.authn_level = RPC_C_AUTHN_LEVEL_PKT,
                                     .server_principal = L"host/me",
                                     .client = L"DOMAIN\\user",
                                     .impersonate = impersonate,
                                     .revert = revert};
    com_call_context_push(&inner);
    assert_int_equal(CoQueryClientBlanket(NULL, NULL, &principal, &level, NULL, &client, NULL),
                     S_OK);
    assert_int_equal(level, RPC_C_AUTHN_LEVEL_PKT);
    assert_wide_equal(principal, L"host/me");
    assert_wide_equal(client, L"DOMAIN\\user");
    CoTaskMemFree(principal);
    com_call_context_pop(&inner);
    assert_ptr_equal(com_call_context_current(), &outer);
    com_call_context_pop(&outer);
    assert_null(com_call_context_current());
}

static void a_call_that_ends_takes_its_context_along(void **state)
{
    struct com_call_context context = {.impersonate = impersonate, .revert = revert};
    IServerSecurity *security;
    com_call_context_push(&context);
    assert_int_equal(CoGetCallContext(&IID_IServerSecurity, (void **)&security), S_OK);
    assert_false(IServerSecurity_IsImpersonating(security));
    assert_int_equal(CoImpersonateClient(), S_OK);
    assert_true(IServerSecurity_IsImpersonating(security));
    assert_int_equal(impersonations, 1);
    assert_int_equal(CoRevertToSelf(), S_OK);
    assert_int_equal(impersonations, 0);
    assert_int_equal(CoRevertToSelf(), S_OK); /* nothing to revert */
    assert_int_equal(CoImpersonateClient(), S_OK);
    com_call_context_pop(&context); /* reverts what was left */
    assert_int_equal(impersonations, 0);

    /* Another call at the same address is another call. */
    com_call_context_push(&context);
    assert_int_equal(IServerSecurity_ImpersonateClient(security), RPC_E_CALL_COMPLETE);
    com_call_context_pop(&context);
    assert_int_equal(IServerSecurity_RevertToSelf(security), RPC_E_CALL_COMPLETE);
    assert_int_equal(IServerSecurity_Release(security), 0);
    assert_int_equal(CoImpersonateClient(), RPC_E_CALL_COMPLETE);
}

/* ---- classes ------------------------------------------------------------------------ */

static const CLSID clsid_counted = {0x12345678, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static struct counted the_object = COUNTED;

static HRESULT counted_create(IUnknown *outer, REFIID riid, void **ret)
{
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    return IUnknown_QueryInterface(&the_object.iface, riid, ret);
}

static const struct com_class classes[] = {{&clsid_counted, counted_create}};
static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};

static void classes_are_made_by_their_table(void **state)
{
    IUnknown *object = (IUnknown *)1;
    assert_int_equal(
        CoCreateInstance(&clsid_counted, NULL, CLSCTX_ALL, &IID_IUnknown, (void **)&object),
        CO_E_NOTINITIALIZED);
    assert_null(object);
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    assert_int_equal(
        CoCreateInstance(&clsid_counted, NULL, CLSCTX_ALL, &IID_IUnknown, (void **)&object),
        REGDB_E_CLASSNOTREG);
    com_register_classes(&table);
    assert_int_equal(CoCreateInstance(&clsid_counted, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                                      (void **)&object),
                     S_OK);
    assert_ptr_equal(object, &the_object.iface);
    IUnknown_Release(object);
    assert_int_equal(
        CoCreateInstance(&clsid_counted, NULL, CLSCTX_ALL, &IID_IDispatch, (void **)&object),
        E_NOINTERFACE);
    assert_int_equal(CoCreateInstance(&clsid_counted, NULL, 0, &IID_IUnknown, (void **)&object),
                     E_INVALIDARG);
    assert_int_equal(CoCreateInstance(&clsid_counted, &the_object.iface, CLSCTX_ALL, &IID_IDispatch,
                                      (void **)&object),
                     CLASS_E_NOAGGREGATION);

    IClassFactory *factory;
    assert_int_equal(
        CoGetClassObject(&clsid_counted, CLSCTX_ALL, NULL, &IID_IClassFactory, (void **)&factory),
        S_OK);
    assert_int_equal(IClassFactory_CreateInstance(factory, NULL, &IID_IUnknown, (void **)&object),
                     S_OK);
    IUnknown_Release(object);
    assert_int_equal(IClassFactory_Release(factory), 0);

    MULTI_QI results[] = {{&IID_IUnknown, NULL, 0}, {&IID_IDispatch, NULL, 0}};
    assert_int_equal(CoCreateInstanceEx(&clsid_counted, NULL, CLSCTX_ALL, NULL, 2, results),
                     CO_S_NOTALLINTERFACES);
    assert_ptr_equal(results[0].pItf, &the_object.iface);
    assert_null(results[1].pItf);
    assert_int_equal(results[1].hr, E_NOINTERFACE);
    IUnknown_Release(results[0].pItf);
    WCHAR elsewhere[] = L"elsewhere";
    COSERVERINFO server = {.pwszName = elsewhere};
    assert_int_equal(CoCreateInstanceEx(&clsid_counted, NULL, CLSCTX_ALL, &server, 2, results),
                     E_NOTIMPL);
    assert_int_equal(the_object.refs, 1);
    CoUninitialize();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blanket_is_what_was_set),
        cmocka_unit_test(a_blanket_can_be_refused),
        cmocka_unit_test(what_is_no_proxy_has_no_blanket),
        cmocka_unit_test(a_call_tells_who_calls),
        cmocka_unit_test(a_call_that_ends_takes_its_context_along),
        cmocka_unit_test(classes_are_made_by_their_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
