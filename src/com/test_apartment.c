/*
 * CoInitializeEx counted for each thread, what the end of a thread undoes, each thread's error
 * object, and CoInitializeSecurity's once.
 */
#include "com/test_support.h"

#include <pthread.h>

static void on_thread(void *(*start)(void *), void *argument)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void calls_are_paired(void **state)
{
    assert_false(com_is_initialized());
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_FALSE);
    assert_int_equal(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED), RPC_E_CHANGED_MODE);
    CoUninitialize();
    assert_true(com_is_initialized());
    CoUninitialize();
    assert_false(com_is_initialized());
    CoUninitialize(); /* one too many does nothing */
    assert_int_equal(CoInitialize(NULL), S_OK);
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), RPC_E_CHANGED_MODE);
    CoUninitialize();
    assert_int_equal(CoInitializeEx(NULL, 0x80), E_INVALIDARG);
    assert_int_equal(CoInitializeEx((void *)1, 0), E_INVALIDARG);
}

static void *ask(void *answer)
{
    *(bool *)answer = com_is_initialized();
    return NULL;
}

static void *initialize_and_forget(void *kind)
{
    (void)CoInitializeEx(NULL, *(DWORD *)kind);
    return NULL;
}

static void the_multithreaded_apartment_is_everybodys(void **state)
{
    bool answer = true;
    assert_int_equal(CoInitialize(NULL), S_OK);
    on_thread(ask, &answer);
    assert_false(answer);
    CoUninitialize();
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    on_thread(ask, &answer);
    assert_true(answer);
    CoUninitialize();
}

static void a_thread_that_ends_leaves(void **state)
{
    DWORD kind = COINIT_MULTITHREADED;
    on_thread(initialize_and_forget, &kind);
    assert_false(com_is_initialized());
}

/* ---- error objects ------------------------------------------------------------- */

static void *leave_an_error(void *object)
{
    (void)SetErrorInfo(0, object);
    return NULL;
}

static IErrorInfo *make_error(const wchar_t *description)
{
    ICreateErrorInfo *create;
    IErrorInfo *info;
    assert_int_equal(CreateErrorInfo(&create), S_OK);
    assert_int_equal(ICreateErrorInfo_SetDescription(create, (LPOLESTR)(uintptr_t)description),
                     S_OK);
    assert_int_equal(ICreateErrorInfo_SetGUID(create, &IID_IErrorInfo), S_OK);
    assert_int_equal(ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&info),
                     S_OK);
    ICreateErrorInfo_Release(create);
    return info;
}

static void each_thread_has_one_error_and_gives_it_once(void **state)
{
    IErrorInfo *error = make_error(L"here");
    IErrorInfo *got;
    assert_int_equal(GetErrorInfo(0, &got), S_FALSE);
    assert_null(got);
    assert_int_equal(SetErrorInfo(0, error), S_OK);
    on_thread(leave_an_error, error); /* its end releases it, and ours stays */
    assert_int_equal(GetErrorInfo(0, &got), S_OK);
    assert_ptr_equal(got, error);
    IErrorInfo *again;
    assert_int_equal(GetErrorInfo(0, &again), S_FALSE);
    assert_int_equal(SetErrorInfo(0, got), S_OK);
    assert_int_equal(SetErrorInfo(0, NULL), S_OK); /* releases it */
    IErrorInfo_Release(got);
    assert_int_equal(IErrorInfo_Release(error), 0); /* nobody else holds it */
    assert_int_equal(SetErrorInfo(1, NULL), E_INVALIDARG);
    assert_int_equal(GetErrorInfo(1, &got), E_INVALIDARG);
}

static void it_says_what_it_was_told(void **state)
{
    IErrorInfo *error = make_error(L"told");
    BSTR text;
    GUID guid;
    DWORD context = 1;
    assert_int_equal(IErrorInfo_GetDescription(error, &text), S_OK);
    assert_wide_equal(text, L"told");
    SysFreeString(text);
    assert_int_equal(IErrorInfo_GetSource(error, &text), S_OK);
    assert_null(text);
    assert_int_equal(IErrorInfo_GetGUID(error, &guid), S_OK);
    assert_true(IsEqualGUID(&guid, &IID_IErrorInfo));
    assert_int_equal(IErrorInfo_GetHelpContext(error, &context), S_OK);
    assert_int_equal(context, 0);
    assert_int_equal(IErrorInfo_GetDescription(error, NULL), E_INVALIDARG);

    /* One identity for both faces. */
    IUnknown *a;
    IUnknown *b;
    ICreateErrorInfo *create;
    assert_int_equal(IErrorInfo_QueryInterface(error, &IID_ICreateErrorInfo, (void **)&create),
                     S_OK);
    assert_int_equal(IErrorInfo_QueryInterface(error, &IID_IUnknown, (void **)&a), S_OK);
    assert_int_equal(ICreateErrorInfo_QueryInterface(create, &IID_IUnknown, (void **)&b), S_OK);
    assert_ptr_equal(a, b);
    IUnknown_Release(a);
    IUnknown_Release(b);
    ICreateErrorInfo_Release(create);
    assert_int_equal(IErrorInfo_QueryInterface(error, &IID_IDispatch, (void **)&a), E_NOINTERFACE);
    assert_null(a);
    assert_int_equal(IErrorInfo_Release(error), 0);
}

/* ---- CoInitializeSecurity --------------------------------------------------------- */

static HRESULT initialize_security(DWORD authn_level, DWORD imp_level)
{
    return CoInitializeSecurity(NULL, -1, NULL, NULL, authn_level, imp_level, NULL, EOAC_NONE,
                                NULL);
}

static void security_is_set_once(void **state)
{
    struct com_security s;
    assert_int_equal(initialize_security(0, 0), CO_E_NOTINITIALIZED);
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    assert_int_equal(initialize_security(7, 0), E_INVALIDARG);
    assert_int_equal(initialize_security(0, 5), E_INVALIDARG);
    com_security_get(&s);
    assert_false(s.initialized);
    assert_int_equal(s.authn_level, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY);
    assert_int_equal(
        initialize_security(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE), S_OK);
    assert_int_equal(initialize_security(0, 0), RPC_E_TOO_LATE);
    com_security_get(&s);
    assert_int_equal(s.authn_level, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_int_equal(s.imp_level, RPC_C_IMP_LEVEL_IMPERSONATE);
    CoUninitialize(); /* the last one: a new beginning */
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    assert_int_equal(initialize_security(0, 0), S_OK);
    CoUninitialize();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_paired),
        cmocka_unit_test(the_multithreaded_apartment_is_everybodys),
        cmocka_unit_test(a_thread_that_ends_leaves),
        cmocka_unit_test(each_thread_has_one_error_and_gives_it_once),
        cmocka_unit_test(it_says_what_it_was_told),
        cmocka_unit_test(security_is_set_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
