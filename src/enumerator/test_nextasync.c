/*
 * What NextAsync delivers, and what it returns: clauses N1 to N5, N9 to N15,
 * N17, N18 of docs/nextasync.md.
 */
#include "enumerator/fakes.h"

#include <string.h>

static void test_n01_vtable(void **state)
{
    /* [wbemcli] IEnumWbemClassObject: the order is the binary interface. */
    assert_int_equal(offsetof(IEnumWbemClassObjectVtbl, Reset), 3 * sizeof(void *));
    assert_int_equal(offsetof(IEnumWbemClassObjectVtbl, Next), 4 * sizeof(void *));
    assert_int_equal(offsetof(IEnumWbemClassObjectVtbl, NextAsync), 5 * sizeof(void *));
    assert_int_equal(offsetof(IEnumWbemClassObjectVtbl, Clone), 6 * sizeof(void *));
    assert_int_equal(offsetof(IEnumWbemClassObjectVtbl, Skip), 7 * sizeof(void *));

    struct fake_source source;
    fake_source_init(&source, 0);
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    IUnknown *unknown, *again;
    assert_int_equal(IEnumWbemClassObject_QueryInterface(e, &IID_IUnknown, (void **)&unknown), 0);
    IClientSecurity *security;
    assert_int_equal(
        IEnumWbemClassObject_QueryInterface(e, &IID_IClientSecurity, (void **)&security), 0);
    assert_int_equal(IClientSecurity_QueryInterface(security, &IID_IUnknown, (void **)&again), 0);
    assert_ptr_equal(unknown, again);
    void *none = e;
    assert_int_equal(IEnumWbemClassObject_QueryInterface(e, &IID_IWbemClassObject, &none),
                     E_NOINTERFACE);
    assert_null(none);
    IUnknown_Release(unknown);
    IUnknown_Release(again);
    IClientSecurity_Release(security);
    assert_int_equal(IEnumWbemClassObject_Release(e), 0);
    fake_source_done(&source);
}

static void deliver_all(bool prompt, LONG flags)
{
    struct fake_source source;
    fake_source_init(&source, 1000);
    source.prompt = prompt;
    IEnumWbemClassObject *e = make_enumerator(&source, flags);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 1000, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_wait_released(&sink);
    fake_sink_expect(&sink, 0, 1000, WBEM_S_NO_ERROR);
    assert_int_equal(sink.statuses, 1);
    assert_true(sink.largest <= DELIVERY_BATCH);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n02_batches_then_one_status(void **state)
{
    deliver_all(false, 0);
    deliver_all(false, WBEM_FLAG_FORWARD_ONLY);
    deliver_all(true, 0);
    deliver_all(true, WBEM_FLAG_FORWARD_ONLY);
}

static void test_n03_n11_fewer_than_asked(void **state)
{
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source source;
        fake_source_init(&source, 3);
        source.prompt = prompt;
        IEnumWbemClassObject *e = make_enumerator(&source, 0);
        struct fake_sink sink;
        fake_sink_init(&sink);
        assert_int_equal(IEnumWbemClassObject_NextAsync(e, 10, &sink.iface), WBEM_S_NO_ERROR);
        fake_sink_wait_statuses(&sink, 1);
        fake_sink_expect(&sink, 0, 3, WBEM_S_FALSE);
        IEnumWbemClassObject_Release(e);
        fake_sink_done(&sink);
        fake_source_done(&source);
    }
}

static void test_n04_nothing_remains(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 3);
    source.prompt = true;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink, untouched;
    fake_sink_init(&sink);
    fake_sink_init(&untouched);
    untouched.iface.lpVtbl = NULL; /* any use of it ends the test */
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 3, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 0, 3, WBEM_S_NO_ERROR);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 3, &untouched.iface), WBEM_S_FALSE);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n04_known_end_of_a_source_with_its_own_thread(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 3);
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink, untouched;
    fake_sink_init(&sink);
    fake_sink_init(&untouched);
    untouched.iface.lpVtbl = NULL;
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1); /* WBEM_S_FALSE: the end is known now */
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &untouched.iface), WBEM_S_FALSE);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n05_returns_before_there_is_anything(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 1);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 1, &sink.iface), WBEM_S_NO_ERROR);
    assert_int_equal(sink.count + sink.statuses, 0);
    fake_source_allow(&source, 2);
    fake_sink_wait_statuses(&sink, 1);
    assert_false(pthread_equal(sink.thread, pthread_self()));
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n06_order_of_calls_and_objects(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 2000);
    IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
    struct fake_sink sinks[20];
    for (unsigned i = 0; i < 20; i++) {
        fake_sink_init(&sinks[i]);
        assert_int_equal(IEnumWbemClassObject_NextAsync(e, 100, &sinks[i].iface), WBEM_S_NO_ERROR);
    }
    for (unsigned i = 0; i < 20; i++) {
        fake_sink_wait_statuses(&sinks[i], 1);
        fake_sink_expect(&sinks[i], i * 100, 100, WBEM_S_NO_ERROR);
        fake_sink_done(&sinks[i]);
    }
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
}

static void test_n09_each_object_as_it_comes(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 5);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &sink.iface), WBEM_S_NO_ERROR);
    for (unsigned i = 1; i <= 5; i++) {
        fake_source_allow(&source, 1);
        fake_sink_wait_objects(&sink, i); /* though the source is blocked before the next */
    }
    fake_sink_wait_statuses(&sink, 1);
    assert_int_equal(sink.indicates, 5);
    fake_source_allow(&source, 1);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n10_full_count(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 10);
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 4, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 0, 4, WBEM_S_NO_ERROR);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void failing(bool prompt, bool silent, unsigned before)
{
    struct fake_source source;
    fake_source_init(&source, before);
    source.end = WBEM_E_PROVIDER_FAILURE;
    source.prompt = prompt;
    source.silent = silent;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink, untouched;
    fake_sink_init(&sink);
    fake_sink_init(&untouched);
    untouched.iface.lpVtbl = NULL;
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 10, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_wait_released(&sink);
    fake_sink_expect(&sink, 0, before, WBEM_E_PROVIDER_FAILURE);
    assert_true(sink.had_error_object);
    assert_int_equal(sink.statuses, 1);
    if (before == 0) {
        assert_int_equal(sink.indicates, 0);
    }
    /* Told once: a later call has nothing to deliver and returns the failure itself. */
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 10, &untouched.iface),
                     WBEM_E_PROVIDER_FAILURE);
    IErrorInfo *error = NULL;
    assert_int_equal(GetErrorInfo(0, &error), S_OK);
    IErrorInfo_Release(error);
    /* After Reset it is told anew. */
    assert_int_equal(IEnumWbemClassObject_Reset(e), WBEM_S_NO_ERROR);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 10, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 2);
    assert_int_equal(sink.status[1], WBEM_E_PROVIDER_FAILURE);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n12_failure_after_objects(void **state)
{
    failing(false, false, 4);
    failing(true, false, 4);
    failing(false, true, 4);
}

static void test_n13_nothing_available(void **state)
{
    failing(false, false, 0);
    failing(true, false, 0);

    struct fake_source source;
    fake_source_init(&source, 0);
    source.gated = true; /* so that the end is not known when the call is made */
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &sink.iface), WBEM_S_NO_ERROR);
    fake_source_allow(&source, 1);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 0, 0, WBEM_S_FALSE);
    assert_int_equal(sink.indicates, 0);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void expect_error(HRESULT hr, HRESULT expected, const wchar_t *word)
{
    assert_int_equal(hr, expected);
    IErrorInfo *error = NULL;
    assert_int_equal(GetErrorInfo(0, &error), S_OK);
    BSTR text = NULL;
    assert_int_equal(IErrorInfo_GetDescription(error, &text), S_OK);
    assert_non_null(text);
    assert_non_null(wcsstr(text, word));
    SysFreeString(text);
    IErrorInfo_Release(error);
}

static void test_n14_error_objects(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 1);
    IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
    IWbemClassObject *object;
    ULONG n = 7;
    expect_error(IEnumWbemClassObject_NextAsync(e, 1, NULL), WBEM_E_INVALID_PARAMETER, L"sink");
    expect_error(IEnumWbemClassObject_Next(e, 0, 1, NULL, &n), WBEM_E_INVALID_PARAMETER, L"null");
    assert_int_equal(n, 0);
    expect_error(IEnumWbemClassObject_Next(e, -5, 1, &object, &n), WBEM_E_INVALID_PARAMETER,
                 L"timeout");
    expect_error(IEnumWbemClassObject_Skip(e, -5, 1), WBEM_E_INVALID_PARAMETER, L"timeout");
    expect_error(IEnumWbemClassObject_Reset(e), WBEM_E_INVALID_OPERATION, L"FORWARD_ONLY");
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
}

static void test_n15_lost_connection(void **state)
{
    HRESULT codes[] = {HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
                       HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), RPC_E_DISCONNECTED};
    for (unsigned i = 0; i < 3; i++) {
        struct fake_source source;
        fake_source_init(&source, 2);
        source.end = codes[i];
        source.gated = true;
        IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
        struct fake_sink first, second;
        fake_sink_init(&first);
        fake_sink_init(&second);
        assert_int_equal(IEnumWbemClassObject_NextAsync(e, 10, &first.iface), WBEM_S_NO_ERROR);
        struct async_caller waiting;
        async_caller_start(&waiting, e, 10, &second);
        wait_queued(e, 2);
        fake_source_allow(&source, 3);
        fake_sink_wait_statuses(&first, 1);
        fake_sink_expect(&first, 0, 2, codes[i]);
        assert_int_equal(async_caller_join(&waiting), codes[i]); /* does not hang */
        assert_int_equal(first.statuses, 1);
        assert_int_equal(second.statuses, 0);
        IEnumWbemClassObject_Release(e);
        fake_sink_done(&first);
        fake_sink_done(&second);
        fake_source_done(&source);
    }
}

static void test_n17_reference_to_the_sink(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 2);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 1, &sink.iface), WBEM_S_NO_ERROR);
    assert_int_equal(atomic_load(&sink.refs), 1);
    fake_source_allow(&source, 3);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_wait_released(&sink);
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
    assert_int_equal(sink.indicates, 1);
    assert_int_equal(sink.statuses, 1);
    fake_sink_done(&sink);
}

static void test_n18_null_sink_and_zero_count(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 2);
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink untouched;
    fake_sink_init(&untouched);
    untouched.iface.lpVtbl = NULL;
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 1, NULL), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 0, NULL), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 0, &untouched.iface), WBEM_S_FALSE);
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_n01_vtable, fake_no_leaks),
        cmocka_unit_test_teardown(test_n02_batches_then_one_status, fake_no_leaks),
        cmocka_unit_test_teardown(test_n03_n11_fewer_than_asked, fake_no_leaks),
        cmocka_unit_test_teardown(test_n04_nothing_remains, fake_no_leaks),
        cmocka_unit_test_teardown(test_n04_known_end_of_a_source_with_its_own_thread,
                                  fake_no_leaks),
        cmocka_unit_test_teardown(test_n05_returns_before_there_is_anything, fake_no_leaks),
        cmocka_unit_test_teardown(test_n06_order_of_calls_and_objects, fake_no_leaks),
        cmocka_unit_test_teardown(test_n09_each_object_as_it_comes, fake_no_leaks),
        cmocka_unit_test_teardown(test_n10_full_count, fake_no_leaks),
        cmocka_unit_test_teardown(test_n12_failure_after_objects, fake_no_leaks),
        cmocka_unit_test_teardown(test_n13_nothing_available, fake_no_leaks),
        cmocka_unit_test_teardown(test_n14_error_objects, fake_no_leaks),
        cmocka_unit_test_teardown(test_n15_lost_connection, fake_no_leaks),
        cmocka_unit_test_teardown(test_n17_reference_to_the_sink, fake_no_leaks),
        cmocka_unit_test_teardown(test_n18_null_sink_and_zero_count, fake_no_leaks),
    };
    return cmocka_run_group_tests_name("nextasync", tests, NULL, NULL);
}
