/*
 * Calls that end early: a sink that fails, CancelAsyncCall, releasing the
 * enumerator; clauses N19 and N20 of docs/nextasync.md.
 */
#include "enumerator/fakes.h"

static void test_n19_a_failing_indicate_ends_its_own_call(void **state)
{
    struct scene s;
    scene_init(&s, 1000, 0);
    s.sink.indicate_result = E_FAIL;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1000, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_wait_released(&s.sink);
    assert_int_equal(s.sink.indicates, 1);
    assert_int_equal(s.sink.status[0], WBEM_E_CALL_CANCELLED);
    unsigned first = s.sink.count;
    struct fake_sink later;
    fake_sink_init(&later);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 10, &later.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&later, 1);
    fake_sink_expect(&later, first, 10, WBEM_S_NO_ERROR);
    fake_sink_done(&later);
    scene_done(&s);
}

static void test_n20_release_during_indicate(void **state)
{
    struct scene s;
    scene_init(&s, 1000, 0);
    scene_hold_indicate(&s);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1000, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    assert_int_equal(IEnumWbemClassObject_Release(s.e), 0);
    s.e = NULL;
    sem_post(&s.proceed);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_wait_released(&s.sink);
    assert_int_equal(s.sink.status[0], WBEM_E_CALL_CANCELLED);
    assert_int_equal(s.sink.indicates, 1);
    assert_int_equal(s.sink.statuses, 1);
    scene_done(&s);
}

static HRESULT queue_two_and_release(struct fake_sink *sink)
{
    struct scene *s = sink->context;
    if (sink->indicates == 1) {
        (void)IEnumWbemClassObject_NextAsync(s->e, 5, &sink->iface);
        (void)IEnumWbemClassObject_NextAsync(s->e, 5, &sink->iface);
        IEnumWbemClassObject_Release(s->e);
        s->e = NULL;
    }
    return WBEM_S_NO_ERROR;
}

static void test_n20_release_inside_a_callback(void **state)
{
    struct scene s;
    scene_init(&s, 1000, WBEM_FLAG_FORWARD_ONLY);
    s.sink.context = &s;
    s.sink.on_indicate = queue_two_and_release;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1000, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 3);
    fake_sink_wait_released(&s.sink);
    assert_int_equal(s.sink.statuses, 3);
    assert_int_equal(s.sink.indicates, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(s.sink.status[i], WBEM_E_CALL_CANCELLED);
    }
    scene_done(&s);
}

static void release_in_status(struct fake_sink *sink, HRESULT hr)
{
    struct scene *s = sink->context;
    IEnumWbemClassObject_Release(s->e);
    s->e = NULL;
}

static void test_n20_release_in_set_status(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    s.sink.context = &s;
    s.sink.on_status = release_in_status;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 10, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_wait_released(&s.sink);
    fake_sink_expect(&s.sink, 0, 10, WBEM_S_NO_ERROR);
    scene_done(&s);
}

static void test_n20_release_cancels_the_source_and_waiting_callers(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 10);
    source.gated = true; /* blocks until it is cancelled */
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink pending, waiting;
    fake_sink_init(&pending);
    fake_sink_init(&waiting);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &pending.iface), WBEM_S_NO_ERROR);
    struct async_caller a;
    async_caller_start(&a, e, 5, &waiting);
    wait_queued(e, 2);
    assert_int_equal(IEnumWbemClassObject_Release(e), 0);
    assert_int_equal(async_caller_join(&a), WBEM_E_CALL_CANCELLED);
    fake_sink_wait_statuses(&pending, 1);
    fake_sink_expect(&pending, 0, 0, WBEM_E_CALL_CANCELLED);
    fake_source_done(&source);
    assert_int_equal(atomic_load(&source.cancels), 1);
    assert_int_equal(waiting.statuses + waiting.indicates, 0);
    fake_sink_done(&pending);
    fake_sink_done(&waiting);
}

static void test_n20_cancel_async_call(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 10);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    struct fake_sink first, second, third;
    fake_sink_init(&first);
    fake_sink_init(&second);
    fake_sink_init(&third);
    assert_int_equal(delivery_cancel(&first.iface), WBEM_E_NOT_FOUND);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, &first.iface), WBEM_S_NO_ERROR);
    fake_source_allow(&source, 2);
    fake_sink_wait_objects(&first, 2);
    struct async_caller a, b;
    async_caller_start(&a, e, 5, &second);
    wait_queued(e, 2);
    async_caller_start(&b, e, 3, &third);
    wait_queued(e, 3);
    /* A caller that still waits for its turn: its sink is left alone. */
    assert_int_equal(delivery_cancel(&second.iface), WBEM_S_NO_ERROR);
    assert_int_equal(async_caller_join(&a), WBEM_E_CALL_CANCELLED);
    /* One that is being served: one status; the next call goes on behind it. */
    assert_int_equal(delivery_cancel(&first.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&first, 1);
    fake_sink_expect(&first, 0, 2, WBEM_E_CALL_CANCELLED);
    assert_int_equal(async_caller_join(&b), WBEM_S_NO_ERROR);
    assert_int_equal(delivery_cancel(&first.iface), WBEM_E_NOT_FOUND);
    fake_source_allow(&source, 3);
    fake_sink_wait_statuses(&third, 1);
    fake_sink_expect(&third, 2, 3, WBEM_S_NO_ERROR);
    assert_int_equal(first.statuses, 1);
    assert_int_equal(second.statuses, 0);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&first);
    fake_sink_done(&second);
    fake_sink_done(&third);
    fake_source_done(&source);
}

static HRESULT cancel_itself(struct fake_sink *sink)
{
    sink->largest = (unsigned)delivery_cancel(&sink->iface);
    return WBEM_S_NO_ERROR;
}

static void test_n20_cancel_inside_a_callback(void **state)
{
    struct scene s;
    scene_init(&s, 1000, 0);
    s.sink.on_indicate = cancel_itself;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1000, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    assert_int_equal(s.sink.largest, WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.indicates, 1);
    assert_int_equal(s.sink.status[0], WBEM_E_CALL_CANCELLED);
    scene_done(&s);
}

#define TEST(name) cmocka_unit_test_teardown(name, fake_no_leaks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_n19_a_failing_indicate_ends_its_own_call),
        TEST(test_n20_release_during_indicate),
        TEST(test_n20_release_inside_a_callback),
        TEST(test_n20_release_in_set_status),
        TEST(test_n20_release_cancels_the_source_and_waiting_callers),
        TEST(test_n20_cancel_async_call),
        TEST(test_n20_cancel_inside_a_callback),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
