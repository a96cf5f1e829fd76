/*
 * Uncontrolled delivery (delivery_start, delivery_run), cancelling it, the
 * simple sources, and the pool beneath.
 */
#include "enumerator/fakes.h"
#include "object/object.h"

#include <string.h>

/* ---- delivery_start --------------------------------------------------------- */

static void test_n02_uncontrolled_delivery(void **state)
{
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source source;
        struct fake_sink sink, owner;
        fake_source_init(&source, 3000);
        source.prompt = prompt;
        fake_sink_init(&sink);
        fake_sink_init(&owner);
        assert_int_equal(delivery_start(&source.source, 0, (IUnknown *)&owner.iface, &sink.iface),
                         WBEM_S_NO_ERROR);
        fake_sink_wait_statuses(&sink, 1);
        fake_sink_wait_released(&sink);
        fake_sink_wait_released(&owner);
        fake_sink_expect(&sink, 0, 3000, WBEM_S_NO_ERROR);
        assert_int_equal(sink.statuses, 1);
        assert_int_equal(sink.progress, 0);
        fake_sink_done(&sink);
        fake_sink_done(&owner);
        fake_source_done(&source);
    }
}

static void test_uncontrolled_empty_and_failing(void **state)
{
    struct fake_sink sink;
    struct source *empty;
    fake_sink_init(&sink);
    assert_int_equal(source_empty(&empty), WBEM_S_NO_ERROR);
    assert_int_equal(delivery_start(empty, 0, NULL, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 0, 0, WBEM_S_NO_ERROR);
    assert_int_equal(sink.indicates, 0);

    struct fake_source source;
    fake_source_init(&source, 3);
    source.end = WBEM_E_PROVIDER_FAILURE;
    assert_int_equal(delivery_start(&source.source, 0, NULL, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 2);
    fake_sink_expect(&sink, 0, 3, WBEM_E_PROVIDER_FAILURE);
    assert_true(sink.had_error_object);
    fake_source_done(&source);

    fake_source_init(&source, 3);
    assert_int_equal(delivery_start(&source.source, 0, NULL, NULL), WBEM_E_INVALID_PARAMETER);
    fake_source_done(&source);
    fake_sink_done(&sink);
}

static void test_send_status_reports_progress(void **state)
{
    struct fake_source source;
    struct fake_sink sink;
    fake_source_init(&source, 600);
    source.prompt = true;
    fake_sink_init(&sink);
    assert_int_equal(delivery_start(&source.source, WBEM_FLAG_SEND_STATUS, NULL, &sink.iface), 0);
    fake_sink_wait_statuses(&sink, 1);
    assert_int_equal(sink.progress, sink.indicates);
    assert_int_equal(sink.statuses, 1);
    fake_sink_done(&sink);
    fake_source_done(&source);
}

static void test_n19_uncontrolled_indicate_fails(void **state)
{
    struct fake_source source;
    struct fake_sink sink;
    fake_source_init(&source, 0);
    source.endless = true;
    fake_sink_init(&sink);
    sink.indicate_result = WBEM_E_CALL_CANCELLED;
    assert_int_equal(delivery_start(&source.source, 0, NULL, &sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    assert_int_equal(sink.status[0], WBEM_E_CALL_CANCELLED);
    assert_int_equal(sink.indicates, 1);
    fake_sink_done(&sink);
    fake_source_done(&source); /* the source has been told as well */
}

static void test_n20_uncontrolled_cancel(void **state)
{
    struct fake_source source;
    struct fake_sink sink;
    fake_source_init(&source, 10);
    source.gated = true;
    fake_sink_init(&sink);
    assert_int_equal(delivery_start(&source.source, 0, NULL, &sink.iface), WBEM_S_NO_ERROR);
    fake_source_allow(&source, 4);
    fake_sink_wait_objects(&sink, 4);
    assert_int_equal(delivery_cancel(&sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_wait_released(&sink);
    fake_source_done(&source);
    fake_sink_expect(&sink, 0, 4, WBEM_E_CALL_CANCELLED);
    assert_int_equal(atomic_load(&source.cancels), 1);
    assert_int_equal(delivery_cancel(&sink.iface), WBEM_E_NOT_FOUND);
    assert_int_equal(sink.statuses, 1);
    fake_sink_done(&sink);
}

static void test_n20_cancel_ends_every_call_of_the_sink(void **state)
{
    struct fake_source sources[5];
    struct fake_sink sink;
    fake_sink_init(&sink);
    for (unsigned i = 0; i < 5; i++) {
        fake_source_init(&sources[i], 10);
        sources[i].gated = true;
        assert_int_equal(delivery_start(&sources[i].source, 0, NULL, &sink.iface), 0);
    }
    assert_int_equal(delivery_cancel(&sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 5);
    fake_sink_wait_released(&sink);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(sink.status[i], WBEM_E_CALL_CANCELLED);
        fake_source_done(&sources[i]);
    }
    /* Five enumerators may call one sink at once. */
    atomic_store(&sink.overlapped, false);
    fake_sink_done(&sink);
}

/* ---- delivery_run -------------------------------------------------------------- */

struct work {
    HRESULT result;
    bool gives;
    sem_t *gate;
    atomic_uint done;
};

static HRESULT do_work(void *closure, IWbemClassObject **ret)
{
    struct work *w = closure;
    if (w->gate) {
        fake_wait(w->gate);
    }
    if (FAILED(w->result)) {
        return error_raise(w->result, "Work", NULL, "The work was told to fail.");
    }
    if (w->gives) {
        *ret = fake_object(42);
    }
    return w->result;
}

static void work_is_done(void *closure)
{
    atomic_fetch_add(&((struct work *)closure)->done, 1);
}

static void test_run_one_object(void **state)
{
    struct fake_sink sink;
    fake_sink_init(&sink);
    struct work one = {.gives = true}, none = {0}, fails = {.result = WBEM_E_NOT_FOUND};
    assert_int_equal(delivery_run(do_work, &one, work_is_done, NULL, &sink.iface), 0);
    fake_sink_wait_statuses(&sink, 1);
    fake_sink_expect(&sink, 42, 1, WBEM_S_NO_ERROR);
    assert_int_equal(delivery_run(do_work, &none, work_is_done, NULL, &sink.iface), 0);
    fake_sink_wait_statuses(&sink, 2);
    fake_sink_expect(&sink, 42, 1, WBEM_S_NO_ERROR);
    assert_int_equal(delivery_run(do_work, &fails, work_is_done, NULL, &sink.iface), 0);
    fake_sink_wait_statuses(&sink, 3);
    fake_sink_expect(&sink, 42, 1, WBEM_E_NOT_FOUND);
    assert_true(sink.had_error_object);
    delivery_drain();
    assert_int_equal(atomic_load(&one.done), 1);
    assert_int_equal(atomic_load(&none.done), 1);
    assert_int_equal(atomic_load(&fails.done), 1);
    fake_sink_done(&sink);
}

static void test_n20_run_cancelled_while_it_works(void **state)
{
    struct fake_sink sink;
    fake_sink_init(&sink);
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct work w = {.gives = true, .gate = &gate};
    assert_int_equal(delivery_run(do_work, &w, work_is_done, NULL, &sink.iface), 0);
    assert_int_equal(delivery_cancel(&sink.iface), WBEM_S_NO_ERROR);
    fake_sink_wait_statuses(&sink, 1); /* though the work has not come back */
    fake_sink_wait_released(&sink);
    sem_post(&gate);
    delivery_drain();
    assert_int_equal(atomic_load(&w.done), 1);
    fake_sink_expect(&sink, 0, 0, WBEM_E_CALL_CANCELLED);
    fake_sink_done(&sink);
    sem_destroy(&gate);
}

/* ---- sources ---------------------------------------------------------------------- */

static void test_source_concat(void **state)
{
    for (int prompt = 0; prompt < 2; prompt++) {
        struct fake_source a, c;
        struct source *parts[4], *all, *empty, *array;
        fake_source_init(&a, 300);
        fake_source_init(&c, 500);
        atomic_store(&c.next, 302);
        a.prompt = prompt;
        c.prompt = prompt;
        IWbemClassObject *two[2] = {fake_object(300), fake_object(301)};
        assert_int_equal(source_from_objects(two, 2, &array), WBEM_S_NO_ERROR);
        assert_int_equal(source_empty(&empty), WBEM_S_NO_ERROR);
        parts[0] = &a.source;
        parts[1] = empty;
        parts[2] = array;
        parts[3] = &c.source;
        assert_int_equal(source_concat(parts, 4, &all), WBEM_S_NO_ERROR);
        struct fake_sink sink;
        fake_sink_init(&sink);
        assert_int_equal(delivery_start(all, 0, NULL, &sink.iface), WBEM_S_NO_ERROR);
        fake_sink_wait_statuses(&sink, 1);
        fake_sink_expect(&sink, 0, 500, WBEM_S_NO_ERROR);
        fake_sink_done(&sink);
        fake_source_done(&a);
        assert_int_equal(atomic_load(&c.destroyed), 1);
        sem_destroy(&c.gate);
    }
}

static void test_source_never_pulled(void **state)
{
    IWbemClassObject *objects[1000];
    for (unsigned i = 0; i < 1000; i++) {
        objects[i] = fake_object(i);
    }
    struct source *array;
    assert_int_equal(source_from_objects(objects, 1000, &array), WBEM_S_NO_ERROR);
    IEnumWbemClassObject *e;
    assert_int_equal(enumerator_create(array, NULL, &e), WBEM_S_NO_ERROR);
    IEnumWbemClassObject_Release(e); /* what was never pulled is released */
}

/* ---- the pool ------------------------------------------------------------------------ */

struct meeting {
    struct pool_job job;
    sem_t *arrived, *leave;
};

static void meet(struct pool_job *job)
{
    struct meeting *m = COM_CONTAINER(job, struct meeting, job);
    sem_post(m->arrived);
    fake_wait(m->leave);
}

static void test_pool_has_a_thread_for_each_job(void **state)
{
    sem_t arrived, leave;
    sem_init(&arrived, 0, 0);
    sem_init(&leave, 0, 0);
    struct meeting meetings[2][100];
    for (unsigned round = 0; round < 2; round++) {
        struct meeting *all = meetings[round];
        for (unsigned i = 0; i < 100; i++) {
            all[i] = (struct meeting){.job.run = meet, .arrived = &arrived, .leave = &leave};
            assert_int_equal(pool_submit(&all[i].job), WBEM_S_NO_ERROR);
        }
        for (unsigned i = 0; i < 100; i++) {
            fake_wait(&arrived); /* all are in at once: none waits behind another */
        }
        for (unsigned i = 0; i < 100; i++) {
            sem_post(&leave);
        }
    }
    delivery_drain();
    delivery_drain();
    sem_destroy(&arrived);
    sem_destroy(&leave);
}

#define TEST(name) cmocka_unit_test_teardown(name, fake_no_leaks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_n02_uncontrolled_delivery),
        TEST(test_uncontrolled_empty_and_failing),
        TEST(test_send_status_reports_progress),
        TEST(test_n19_uncontrolled_indicate_fails),
        TEST(test_n20_uncontrolled_cancel),
        TEST(test_n20_cancel_ends_every_call_of_the_sink),
        TEST(test_run_one_object),
        TEST(test_n20_run_cancelled_while_it_works),
        TEST(test_source_concat),
        TEST(test_source_never_pulled),
        TEST(test_pool_has_a_thread_for_each_job),
    };
    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
