/*
 * IWbemCallResult alone, its sink driven by the test: what each method gives
 * for each kind of answer, before and after the call is done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "object/object.h"
#include "services/services_private.h"

struct pair {
    IWbemCallResult *result;
    IWbemObjectSink *sink;
};

static struct pair new_pair(void)
{
    struct pair p = {0};
    assert_int_equal(WBEM_S_NO_ERROR, call_result_create(&p.result, &p.sink));
    return p;
}

static void complete(struct pair *p, HRESULT status, const wchar_t *text, IWbemClassObject *detail)
{
    BSTR string = text ? SysAllocString(text) : NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_SetStatus(p->sink, WBEM_STATUS_COMPLETE,
                                                                status, string, detail));
    SysFreeString(string);
    IWbemObjectSink_Release(p->sink);
}

static void test_not_done_yet(void **state)
{
    struct pair p = new_pair();
    IWbemClassObject *object = (IWbemClassObject *)1;
    BSTR string = (BSTR)1;
    IWbemServices *services = (IWbemServices *)1;
    LONG status = 42;
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetResultObject(p.result, 0, &object));
    assert_null(object);
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetResultString(p.result, 1, &string));
    assert_null(string);
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetResultServices(p.result, 0, &services));
    assert_null(services);
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetCallStatus(p.result, 0, &status));

    /* Progress is not the end. */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_SetStatus(p.sink, WBEM_STATUS_PROGRESS,
                                                                WBEM_S_NO_ERROR, NULL, NULL));
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetCallStatus(p.result, 0, &status));
    complete(&p, WBEM_S_NO_ERROR, NULL, NULL);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetCallStatus(p.result, 0, &status));
    assert_int_equal(WBEM_S_NO_ERROR, status);
    IWbemCallResult_Release(p.result);
}

static void test_string(void **state)
{
    struct pair p = new_pair();
    complete(&p, WBEM_S_NO_ERROR, L"\\\\host\\root\\test:Thing.Id=\"{1}\"", NULL);
    for (int i = 0; i < 2; i++) { /* each caller gets a string of its own */
        BSTR path = NULL;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemCallResult_GetResultString(p.result, WBEM_INFINITE, &path));
        assert_true(wcscmp(path, L"\\\\host\\root\\test:Thing.Id=\"{1}\"") == 0);
        SysFreeString(path);
    }
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_E_INVALID_OPERATION,
                     IWbemCallResult_GetResultObject(p.result, 0, &object));
    IErrorInfo *error = NULL;
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    IErrorInfo_Release(error);
    IWbemCallResult_Release(p.result);
}

static void test_object(void **state)
{
    struct pair p = new_pair();
    IWbemClassObject *cls = NULL, *got = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(p.sink, 1, &cls));
    /* An object that has come is not the answer before the call says that it went well. */
    assert_int_equal(WBEM_S_TIMEDOUT, IWbemCallResult_GetResultObject(p.result, 0, &got));
    complete(&p, WBEM_S_NO_ERROR, NULL, NULL);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetResultObject(p.result, 0, &got));
    assert_ptr_equal(cls, got);
    IWbemClassObject_Release(got);
    IWbemClassObject_Release(cls);

    BSTR string = (BSTR)1;
    IWbemServices *services = (IWbemServices *)1;
    assert_int_equal(WBEM_E_INVALID_OPERATION,
                     IWbemCallResult_GetResultString(p.result, 0, &string));
    assert_null(string);
    assert_int_equal(WBEM_E_INVALID_OPERATION,
                     IWbemCallResult_GetResultServices(p.result, 0, &services));
    assert_null(services);
    IWbemCallResult_Release(p.result);
}

/* Every method gives the failed operation's own code and its error object; GetCallStatus succeeds
 * in telling of the failure. */
static void test_failed_call(void **state)
{
    struct pair p = new_pair();
    IErrorInfo *info = NULL;
    IWbemClassObject *detail = NULL, *object = (IWbemClassObject *)1;
    assert_int_equal(WBEM_S_NO_ERROR, error_create(WBEM_E_ACCESS_DENIED, "PutInstance", "Thing",
                                                   "a provider", "not for you", &info));
    assert_int_equal(S_OK,
                     IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&detail));
    complete(&p, WBEM_E_ACCESS_DENIED, L"ignored", detail);
    IWbemClassObject_Release(detail);
    IErrorInfo_Release(info);

    BSTR string = (BSTR)1, description = NULL;
    LONG status = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetCallStatus(p.result, 0, &status));
    assert_int_equal(WBEM_E_ACCESS_DENIED, status);
    assert_int_equal(WBEM_E_ACCESS_DENIED, IWbemCallResult_GetResultObject(p.result, 0, &object));
    assert_null(object);
    SetErrorInfo(0, NULL);
    assert_int_equal(WBEM_E_ACCESS_DENIED, IWbemCallResult_GetResultString(p.result, 0, &string));
    assert_null(string);
    assert_int_equal(S_OK, GetErrorInfo(0, &info));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(info, &description));
    assert_true(wcscmp(description, L"not for you") == 0);
    SysFreeString(description);
    IErrorInfo_Release(info);
    IWbemCallResult_Release(p.result);
}

static void test_arguments(void **state)
{
    struct pair p = new_pair();
    LONG status;
    BSTR string;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemCallResult_GetResultObject(p.result, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemCallResult_GetResultString(p.result, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemCallResult_GetResultServices(p.result, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemCallResult_GetCallStatus(p.result, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemCallResult_GetCallStatus(p.result, -2, &status));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemCallResult_GetResultString(p.result, -5, &string));
    complete(&p, WBEM_S_NO_ERROR, NULL, NULL);

    IUnknown *face = NULL;
    assert_int_equal(
        S_OK, IWbemCallResult_QueryInterface(p.result, &IID_IWbemCallResult, (void **)&face));
    IUnknown_Release(face);
    assert_int_equal(E_NOINTERFACE,
                     IWbemCallResult_QueryInterface(p.result, &IID_IWbemServices, (void **)&face));
    assert_null(face);
    IWbemCallResult_Release(p.result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_done_yet), cmocka_unit_test(test_string),
        cmocka_unit_test(test_object),       cmocka_unit_test(test_failed_call),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
