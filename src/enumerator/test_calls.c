/*
 * Calls that meet: queueing, re-entrant calls, resetting in mid-delivery, Next
 * and Skip, clones, security; clauses N7, N8, N16, N21 to N23 of
 * docs/nextasync.md.
 */
#include "enumerator/fakes.h"

#include <sched.h>
#include <string.h>

/* ---- N7: who waits ------------------------------------------------------------ */

static void test_n07_waits_until_earlier_sinks_are_served(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    scene_hold_indicate(&s);
    struct fake_sink later;
    fake_sink_init(&later);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 2, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    struct async_caller a;
    async_caller_start(&a, s.e, 3, &later);
    wait_queued(s.e, 2);
    assert_false(atomic_load(&a.returned));
    assert_int_equal(later.count, 0);

    /* Not in SetStatus either. */
    sem_t in_status, leave_status;
    sem_init(&in_status, 0, 0);
    sem_init(&leave_status, 0, 0);
    s.sink.status_entered = &in_status;
    s.sink.status_proceed = &leave_status;
    sem_post(&s.proceed);
    fake_wait(&in_status);
    assert_false(atomic_load(&a.returned));
    sem_post(&leave_status);
    assert_int_equal(async_caller_join(&a), WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.statuses, 1);
    fake_sink_wait_statuses(&later, 1);
    fake_sink_expect(&later, 2, 3, WBEM_S_NO_ERROR);
    fake_sink_done(&later);
    scene_done(&s);
    sem_destroy(&in_status);
    sem_destroy(&leave_status);
}

static void test_n07_waiting_callers_keep_their_order(void **state)
{
    struct scene s;
    scene_init(&s, 100, 0);
    scene_hold_indicate(&s);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    struct fake_sink sinks[8];
    struct async_caller callers[8];
    for (unsigned i = 0; i < 8; i++) {
        fake_sink_init(&sinks[i]);
        async_caller_start(&callers[i], s.e, 5, &sinks[i]);
        wait_queued(s.e, 2 + i);
    }
    sem_post(&s.proceed);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(async_caller_join(&callers[i]), WBEM_S_NO_ERROR);
        fake_sink_wait_statuses(&sinks[i], 1);
        fake_sink_expect(&sinks[i], 1 + 5 * i, 5, WBEM_S_NO_ERROR);
        fake_sink_done(&sinks[i]);
    }
    scene_done(&s);
}

static void test_n07_a_blocked_sink_holds_up_no_other_enumerator(void **state)
{
    struct scene blocked, other;
    scene_init(&blocked, 10, 0);
    scene_hold_indicate(&blocked);
    scene_init(&other, 10, 0);
    assert_int_equal(IEnumWbemClassObject_NextAsync(blocked.e, 1, &blocked.sink.iface),
                     WBEM_S_NO_ERROR);
    fake_wait(&blocked.entered);
    assert_int_equal(IEnumWbemClassObject_NextAsync(other.e, 10, &other.sink.iface),
                     WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&other.sink, 1);
    sem_post(&blocked.proceed);
    scene_done(&other);
    scene_done(&blocked);
}

static HRESULT chain_in_indicate(struct fake_sink *sink)
{
    struct scene *s = sink->context;
    if (sink->indicates == 1) {
        sink->indicate_result = IEnumWbemClassObject_NextAsync(s->e, 4, &sink->iface);
    }
    return sink->indicate_result;
}

static void test_n07_from_indicate_it_is_queued(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    s.sink.on_indicate = chain_in_indicate;
    s.sink.context = &s;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 3, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 2);
    fake_sink_expect(&s.sink, 0, 7, WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.objects_at[0], 3);
    assert_int_equal(s.sink.indicate_result, WBEM_S_NO_ERROR);
    scene_done(&s);
}

static void test_n07_queued_from_indicate_when_nothing_will_remain(void **state)
{
    struct scene s;
    scene_init(&s, 3, 0);
    s.sink.on_indicate = chain_in_indicate;
    s.sink.context = &s;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 3, &s.sink.iface), WBEM_S_NO_ERROR);
    /* The second call was promised a status before anybody could know. */
    fake_sink_wait_statuses(&s.sink, 2);
    assert_int_equal(s.sink.status[0], WBEM_S_NO_ERROR);
    fake_sink_expect(&s.sink, 0, 3, WBEM_S_FALSE);
    scene_done(&s);
}

static void chain_in_status(struct fake_sink *sink, HRESULT hr)
{
    struct scene *s = sink->context;
    if (hr == WBEM_S_NO_ERROR) {
        sink->indicate_result = IEnumWbemClassObject_NextAsync(s->e, 100, &sink->iface);
        if (sink->indicate_result != WBEM_S_NO_ERROR) {
            sem_post(&s->entered);
        }
    }
}

static void test_n07_chained_from_set_status(void **state)
{
    struct scene s;
    scene_init(&s, 1000, WBEM_FLAG_FORWARD_ONLY);
    s.sink.on_status = chain_in_status;
    s.sink.context = &s;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 100, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    fake_sink_wait_statuses(&s.sink, 10);
    fake_sink_expect(&s.sink, 0, 1000, WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.indicate_result, WBEM_S_FALSE); /* N4, in a callback */
    scene_done(&s);
}

static void next_in_status(struct fake_sink *sink, HRESULT hr)
{
    struct scene *s = sink->context;
    IWbemClassObject *object;
    ULONG n;
    if (IEnumWbemClassObject_Skip(s->e, 0, 1) == WBEM_S_NO_ERROR &&
        IEnumWbemClassObject_Next(s->e, 0, 1, &object, &n) == WBEM_S_NO_ERROR) {
        sink->largest = 1000 + fake_number(object);
        IWbemClassObject_Release(object);
    }
}

static HRESULT next_in_indicate(struct fake_sink *sink)
{
    struct scene *s = sink->context;
    IWbemClassObject *object;
    ULONG n;
    HRESULT hr = IEnumWbemClassObject_Next(s->e, (LONG)WBEM_INFINITE, 1, &object, &n);
    IErrorInfo *error = NULL;
    if (GetErrorInfo(0, &error) == S_OK) {
        IErrorInfo_Release(error);
    } else {
        hr = E_FAIL;
    }
    sink->largest = (unsigned)hr;
    return WBEM_S_NO_ERROR;
}

static void test_n07_next_in_callbacks(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    s.sink.context = &s;
    s.sink.on_indicate = next_in_indicate;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 2, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    assert_int_equal(s.sink.largest, (unsigned)WBEM_E_INVALID_OPERATION);
    s.sink.on_indicate = NULL;
    s.sink.on_status = next_in_status;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 2, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 2);
    assert_int_equal(s.sink.largest, 1005);
    expect_next(s.e, (LONG)WBEM_INFINITE, 1, WBEM_S_NO_ERROR, 6);
    scene_done(&s);
}

static void test_n07_next_in_status_with_a_call_behind(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    s.sink.context = &s;
    scene_hold_indicate(&s);
    s.sink.on_status = next_in_status;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 2, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    struct fake_sink later;
    fake_sink_init(&later);
    struct async_caller a;
    async_caller_start(&a, s.e, 3, &later);
    wait_queued(s.e, 2);
    sem_post(&s.proceed);
    assert_int_equal(async_caller_join(&a), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&later, 1);
    fake_sink_expect(&later, 2, 3, WBEM_S_NO_ERROR); /* nothing was taken out of turn */
    assert_true(s.sink.largest < 1000);
    fake_sink_done(&later);
    scene_done(&s);
}

/* ---- N8: Reset ------------------------------------------------------------------ */

static void test_n08_reset_leaves_deliveries_alone(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    scene_hold_indicate(&s);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 6, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    struct fake_sink waiting, after;
    fake_sink_init(&waiting);
    fake_sink_init(&after);
    struct async_caller a, b;
    async_caller_start(&a, s.e, 2, &waiting);
    wait_queued(s.e, 2);
    assert_int_equal(IEnumWbemClassObject_Reset(s.e), WBEM_S_NO_ERROR); /* returns at once */
    async_caller_start(&b, s.e, 3, &after);
    wait_queued(s.e, 3);
    sem_post(&s.proceed);
    assert_int_equal(async_caller_join(&a), WBEM_S_NO_ERROR);
    assert_int_equal(async_caller_join(&b), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&after, 1);
    fake_sink_expect(&s.sink, 0, 6, WBEM_S_NO_ERROR);
    fake_sink_expect(&waiting, 6, 2, WBEM_S_NO_ERROR);
    fake_sink_expect(&after, 0, 3, WBEM_S_NO_ERROR);
    fake_sink_done(&waiting);
    fake_sink_done(&after);
    scene_done(&s);
}

static HRESULT reset_in_indicate(struct fake_sink *sink)
{
    return IEnumWbemClassObject_Reset(((struct scene *)sink->context)->e);
}

static void reset_and_chain(struct fake_sink *sink, HRESULT hr)
{
    struct scene *s = sink->context;
    if (sink->statuses == 0) {
        (void)IEnumWbemClassObject_Reset(s->e);
        (void)IEnumWbemClassObject_NextAsync(s->e, 2, &sink->iface);
    }
}

static void test_n08_reset_in_callbacks(void **state)
{
    struct scene s;
    scene_init(&s, 600, 0);
    s.sink.context = &s;
    s.sink.on_indicate = reset_in_indicate;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 600, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_wait_released(&s.sink);
    fake_sink_expect(&s.sink, 0, 600, WBEM_S_NO_ERROR);
    expect_next(s.e, (LONG)WBEM_INFINITE, 5, WBEM_S_NO_ERROR, 0);
    scene_done(&s);

    scene_init(&s, 4, 0);
    s.sink.context = &s;
    s.sink.on_status = reset_and_chain;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 4, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 2);
    assert_int_equal(s.sink.count, 6);
    assert_int_equal(s.sink.numbers[4], 0);
    assert_int_equal(s.sink.numbers[5], 1);
    scene_done(&s);
}

/* ---- N16, N23: security -------------------------------------------------------------- */

static void test_n16_level_of_the_callback(void **state)
{
    struct scene s;
    scene_init(&s, 10, 0);
    IClientSecurity *security;
    assert_int_equal(
        IEnumWbemClassObject_QueryInterface(s.e, &IID_IClientSecurity, (void **)&security), S_OK);
    DWORD level = 0;
    assert_int_equal(IClientSecurity_QueryBlanket(security, (IUnknown *)s.e, NULL, NULL, NULL,
                                                  &level, NULL, NULL, NULL),
                     S_OK);
    assert_int_equal(level, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    assert_true(s.sink.seen_level >= level);

    /* A proxy of the same enumerator with a lower level, and a sink that wants more. */
    IUnknown *copy;
    assert_int_equal(IClientSecurity_CopyProxy(security, (IUnknown *)s.e, &copy), S_OK);
    IEnumWbemClassObject *weak = (IEnumWbemClassObject *)copy;
    IClientSecurity *weak_security;
    assert_int_equal(IUnknown_QueryInterface(copy, &IID_IClientSecurity, (void **)&weak_security),
                     S_OK);
    assert_int_equal(IClientSecurity_SetBlanket(weak_security, copy, RPC_C_AUTHN_WINNT,
                                                RPC_C_AUTHZ_NONE, NULL, RPC_C_AUTHN_LEVEL_CONNECT,
                                                RPC_C_IMP_LEVEL_IMPERSONATE, NULL, 0),
                     S_OK);
    s.sink.demanded_level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    assert_int_equal(IEnumWbemClassObject_NextAsync(weak, 1, &s.sink.iface), E_ACCESSDENIED);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 2);
    assert_int_equal(s.sink.numbers[1], 1); /* the refused call took nothing */
    IClientSecurity_Release(weak_security);
    IClientSecurity_Release(security);
    IEnumWbemClassObject_Release(weak);
    scene_done(&s);
}

static void chain_once(struct fake_sink *sink, HRESULT hr)
{
    struct scene *s = sink->context;
    if (sink->statuses == 0) {
        sink->indicate_result = IEnumWbemClassObject_NextAsync(s->e, 1, &sink->iface);
    }
}

static void test_n23_only_its_creator(void **state)
{
    struct scene s;
    struct com_call_context alice, bob;
    com_call_context_local(&alice);
    com_call_context_local(&bob);
    alice.client = L"DOMAIN\\alice";
    bob.client = L"DOMAIN\\bob";
    com_call_context_push(&alice);
    scene_init(&s, 10, 0);
    expect_next(s.e, 0, 1, WBEM_S_NO_ERROR, 0);
    com_call_context_pop(&alice);

    com_call_context_push(&bob);
    IWbemClassObject *object;
    IEnumWbemClassObject *clone;
    ULONG n;
    assert_int_equal(IEnumWbemClassObject_Next(s.e, 0, 1, &object, &n), WBEM_E_ACCESS_DENIED);
    assert_int_equal(IEnumWbemClassObject_Skip(s.e, 0, 1), WBEM_E_ACCESS_DENIED);
    assert_int_equal(IEnumWbemClassObject_Reset(s.e), WBEM_E_ACCESS_DENIED);
    assert_int_equal(IEnumWbemClassObject_Clone(s.e, &clone), WBEM_E_ACCESS_DENIED);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1, &s.sink.iface), WBEM_E_ACCESS_DENIED);
    com_call_context_pop(&bob);
    assert_int_equal(IEnumWbemClassObject_Next(s.e, 0, 1, &object, &n), WBEM_E_ACCESS_DENIED);

    com_call_context_push(&alice);
    s.sink.context = &s;
    s.sink.on_status = chain_once; /* callbacks act for the creator */
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 1, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 2);
    assert_int_equal(s.sink.indicate_result, WBEM_S_NO_ERROR);
    com_call_context_pop(&alice);
    scene_done(&s);
}

/* ---- N21: Next, Skip ------------------------------------------------------------------------ */

static void test_n21_next_results(void **state)
{
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source source;
        fake_source_init(&source, 700);
        source.prompt = prompt;
        IEnumWbemClassObject *e = make_enumerator(&source, prompt ? WBEM_FLAG_FORWARD_ONLY : 0);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 300, WBEM_S_NO_ERROR, 0), 300);
        assert_int_equal(IEnumWbemClassObject_Skip(e, (LONG)WBEM_INFINITE, 300), WBEM_S_NO_ERROR);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 0, WBEM_S_FALSE, 0), 0);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 200, WBEM_S_FALSE, 600), 100);
        assert_int_equal(expect_next(e, 0, 1, WBEM_S_FALSE, 0), 0);
        assert_int_equal(IEnumWbemClassObject_Skip(e, 0, 1), WBEM_S_FALSE);
        assert_int_equal(IEnumWbemClassObject_Skip(e, 0, 0), WBEM_S_NO_ERROR);
        IEnumWbemClassObject_Release(e);
        fake_source_done(&source);
    }
}

static void test_n21_timeouts(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 10);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
    assert_int_equal(expect_next(e, WBEM_NO_WAIT, 3, WBEM_S_TIMEDOUT, 0), 0);
    fake_source_allow(&source, 2);
    bool done;
    while (result_set_produced(enumerator_behind(e)->reader.set, &done) < 2) {
        sched_yield();
    }
    assert_int_equal(expect_next(e, 5, 3, WBEM_S_TIMEDOUT, 0), 2); /* with what it got */
    assert_int_equal(IEnumWbemClassObject_Skip(e, 5, 1), WBEM_S_TIMEDOUT);

    /* Waiting for the turn counts as well. */
    struct fake_sink sink;
    fake_sink_init(&sink);
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 2, &sink.iface), WBEM_S_NO_ERROR);
    assert_int_equal(expect_next(e, WBEM_NO_WAIT, 1, WBEM_S_TIMEDOUT, 0), 0);
    assert_int_equal(expect_next(e, 5, 1, WBEM_S_TIMEDOUT, 0), 0);
    assert_int_equal(IEnumWbemClassObject_Skip(e, 5, 1), WBEM_S_TIMEDOUT);
    fake_source_allow(&source, 3);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 2, 2, WBEM_S_NO_ERROR);
    assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 1, WBEM_S_NO_ERROR, 4), 1);
    fake_source_allow(&source, 10);
    IEnumWbemClassObject_Release(e);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n21_failure_after_objects(void **state)
{
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source source;
        fake_source_init(&source, 4);
        source.prompt = prompt;
        source.end = WBEM_E_PROVIDER_FAILURE;
        IEnumWbemClassObject *e = make_enumerator(&source, 0);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 3, WBEM_S_NO_ERROR, 0), 3);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 3, WBEM_S_TIMEDOUT, 3), 1);
        assert_int_equal(expect_next(e, (LONG)WBEM_INFINITE, 3, WBEM_E_PROVIDER_FAILURE, 0), 0);
        IErrorInfo *error = NULL;
        assert_int_equal(GetErrorInfo(0, &error), S_OK);
        IErrorInfo_Release(error);
        assert_int_equal(IEnumWbemClassObject_Skip(e, 0, 1), WBEM_E_PROVIDER_FAILURE);
        IEnumWbemClassObject_Release(e);
        fake_source_done(&source);
    }
}

static void test_n21_behind_a_delivery(void **state)
{
    struct scene s;
    scene_init(&s, 20, 0);
    scene_hold_indicate(&s);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 3, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_wait(&s.entered);
    sem_post(&s.proceed);
    assert_int_equal(IEnumWbemClassObject_Skip(s.e, (LONG)WBEM_INFINITE, 2), WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.statuses, 1);
    expect_next(s.e, (LONG)WBEM_INFINITE, 2, WBEM_S_NO_ERROR, 5);
    scene_done(&s);
}

static void *blocked_next(void *closure)
{
    struct async_caller *a = closure;
    IWbemClassObject *objects[5];
    ULONG n;
    a->result = IEnumWbemClassObject_Next(a->e, (LONG)WBEM_INFINITE, 5, objects, &n);
    a->count = n;
    return NULL;
}

static void test_n21_release_frees_a_blocked_next(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 10);
    source.gated = true;
    IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
    struct async_caller reading = {.e = e}, queued = {.e = e};
    fake_source_allow(&source, 2);
    pthread_create(&reading.thread, NULL, blocked_next, &reading);
    wait_queued(e, 1);
    pthread_create(&queued.thread, NULL, blocked_next, &queued);
    wait_queued(e, 2);
    assert_int_equal(IEnumWbemClassObject_Release(e), 0);
    assert_int_equal(async_caller_join(&reading), WBEM_E_CALL_CANCELLED);
    assert_int_equal(async_caller_join(&queued), WBEM_E_CALL_CANCELLED);
    assert_int_equal(reading.count + queued.count, 0);
    fake_source_done(&source);
}

/* ---- N22: forward-only, clones ------------------------------------------------------------------
 */

static void test_n22_forward_only(void **state)
{
    struct scene s;
    scene_init(&s, 100, WBEM_FLAG_FORWARD_ONLY);
    IEnumWbemClassObject *clone = s.e;
    assert_int_equal(IEnumWbemClassObject_Reset(s.e), WBEM_E_INVALID_OPERATION);
    assert_int_equal(IEnumWbemClassObject_Clone(s.e, &clone), WBEM_E_INVALID_OPERATION);
    assert_null(clone);
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 50, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_wait_released(&s.sink);
    assert_int_equal(fake_objects_alive(), (long)atomic_load(&s.source.next) - 50);
    scene_done(&s);
}

static void test_n22_bounded_ahead_of_a_slow_sink(void **state)
{
    struct fake_source source;
    fake_source_init(&source, 0);
    source.endless = true;
    IEnumWbemClassObject *e = make_enumerator(&source, WBEM_FLAG_FORWARD_ONLY);
    struct fake_sink sink;
    fake_sink_init(&sink);
    sem_t entered, proceed;
    sem_init(&entered, 0, 0);
    sem_init(&proceed, 0, 0);
    sink.entered = &entered;
    sink.proceed = &proceed;
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 1000000, &sink.iface), WBEM_S_NO_ERROR);
    for (unsigned i = 0; i < 20; i++) {
        fake_wait(&entered);
        long limit = (long)(DELIVERY_BATCH + READ_AHEAD_DEFAULT + sink.largest);
        assert_true(fake_objects_alive() <= limit);
        sem_post(&proceed);
    }
    IEnumWbemClassObject_Release(e);
    sem_post(&proceed);
    sem_post(&proceed);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_done(&sink);
    fake_source_done(&source);
    sem_destroy(&entered);
    sem_destroy(&proceed);
}

static void test_n22_clones(void **state)
{
    struct scene s;
    scene_init(&s, 100, 0);
    expect_next(s.e, 0, 10, WBEM_S_NO_ERROR, 0);
    IEnumWbemClassObject *clone;
    assert_int_equal(IEnumWbemClassObject_Clone(s.e, &clone), WBEM_S_NO_ERROR);
    expect_next(clone, 0, 5, WBEM_S_NO_ERROR, 10);
    expect_next(s.e, 0, 20, WBEM_S_NO_ERROR, 10);
    assert_int_equal(IEnumWbemClassObject_Reset(clone), WBEM_S_NO_ERROR);
    expect_next(clone, 0, 100, WBEM_S_NO_ERROR, 0);
    IEnumWbemClassObject_Release(s.e); /* the set lives on */
    s.e = clone;
    assert_int_equal(IEnumWbemClassObject_Reset(clone), WBEM_S_NO_ERROR);
    expect_next(clone, 0, 2, WBEM_S_NO_ERROR, 0);
    scene_done(&s);
}

static HRESULT clone_in_indicate(struct fake_sink *sink)
{
    struct scene *s = sink->context;
    IEnumWbemClassObject *clone;
    HRESULT hr = IEnumWbemClassObject_Clone(s->e, &clone);
    if (SUCCEEDED(hr)) {
        IWbemClassObject *object;
        ULONG n = 0;
        hr = IEnumWbemClassObject_Next(clone, (LONG)WBEM_INFINITE, 1, &object, &n);
        if (n == 1) {
            sink->largest = 1000 + fake_number(object);
            IWbemClassObject_Release(object);
        }
        IEnumWbemClassObject_Release(clone);
    }
    return hr;
}

static void test_n22_clone_in_a_callback(void **state)
{
    struct scene s;
    scene_init(&s, 100, 0);
    s.sink.context = &s;
    s.sink.on_indicate = clone_in_indicate;
    assert_int_equal(IEnumWbemClassObject_NextAsync(s.e, 7, &s.sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&s.sink, 1);
    fake_sink_expect(&s.sink, 0, 7, WBEM_S_NO_ERROR);
    assert_int_equal(s.sink.largest, 1007);
    scene_done(&s);
}

/* ---- without WBEM_FLAG_RETURN_IMMEDIATELY
 * ------------------------------------------------------------ */

static void test_synchronous_creation(void **state)
{
    struct enumerator_options options = {0};
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source source;
        fake_source_init(&source, 1000);
        source.prompt = prompt;
        IEnumWbemClassObject *e = NULL;
        assert_int_equal(enumerator_create(&source.source, &options, &e), WBEM_S_NO_ERROR);
        assert_int_equal(atomic_load(&source.next), 1000);
        expect_next(e, WBEM_NO_WAIT, 500, WBEM_S_NO_ERROR, 0);
        IEnumWbemClassObject_Release(e);
        fake_source_done(&source);

        fake_source_init(&source, 1000);
        source.prompt = prompt;
        source.end = WBEM_E_PROVIDER_FAILURE;
        e = NULL;
        assert_int_equal(enumerator_create(&source.source, &options, &e), WBEM_E_PROVIDER_FAILURE);
        assert_null(e);
        IErrorInfo *error = NULL;
        assert_int_equal(GetErrorInfo(0, &error), S_OK);
        IErrorInfo_Release(error);
        fake_source_done(&source);

        struct enumerator_options forward = {.flags = WBEM_FLAG_FORWARD_ONLY};
        fake_source_init(&source, 1000);
        source.prompt = prompt;
        source.end = WBEM_E_PROVIDER_FAILURE; /* after objects: told in its place */
        assert_int_equal(enumerator_create(&source.source, &forward, &e), WBEM_S_NO_ERROR);
        expect_next(e, (LONG)WBEM_INFINITE, 1, WBEM_S_NO_ERROR, 0);
        IEnumWbemClassObject_Release(e);
        fake_source_done(&source);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, fake_no_leaks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_n07_waits_until_earlier_sinks_are_served),
        TEST(test_n07_waiting_callers_keep_their_order),
        TEST(test_n07_a_blocked_sink_holds_up_no_other_enumerator),
        TEST(test_n07_from_indicate_it_is_queued),
        TEST(test_n07_queued_from_indicate_when_nothing_will_remain),
        TEST(test_n07_chained_from_set_status),
        TEST(test_n07_next_in_callbacks),
        TEST(test_n07_next_in_status_with_a_call_behind),
        TEST(test_n08_reset_leaves_deliveries_alone),
        TEST(test_n08_reset_in_callbacks),
        TEST(test_n16_level_of_the_callback),
        TEST(test_n21_next_results),
        TEST(test_n21_timeouts),
        TEST(test_n21_failure_after_objects),
        TEST(test_n21_behind_a_delivery),
        TEST(test_n21_release_frees_a_blocked_next),
        TEST(test_n22_forward_only),
        TEST(test_n22_bounded_ahead_of_a_slow_sink),
        TEST(test_n22_clones),
        TEST(test_n22_clone_in_a_callback),
        TEST(test_n23_only_its_creator),
        TEST(test_synchronous_creation),
    };
    return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
