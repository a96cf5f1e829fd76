/*
 * Every allocation of a scenario is made to fail once: each round must end,
 * report, and leave nothing behind. Allocations are caught by standing before
 * the C library's, so a sanitizer, which does the same, skips this.
 */
#include "enumerator/fakes.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int main(void)
{
    return 77;
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);

static atomic_long countdown = -1; /* allocations until one fails; negative: none does */
static atomic_bool has_failed;

static bool refuse(void)
{
    if (atomic_load(&countdown) < 0 || atomic_fetch_sub(&countdown, 1) != 1) {
        return false;
    }
    atomic_store(&has_failed, true);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

struct round {
    struct fake_source source;
    struct fake_sink sink;
};

static void arm(long allocation)
{
    atomic_store(&has_failed, false);
    atomic_store(&countdown, allocation);
}

static void disarm(void)
{
    IErrorInfo *error;
    atomic_store(&countdown, -1);
    if (GetErrorInfo(0, &error) == S_OK) {
        IErrorInfo_Release(error);
    }
}

static void use_clone(IEnumWbemClassObject *e)
{
    IEnumWbemClassObject *clone = NULL;
    if (SUCCEEDED(IEnumWbemClassObject_Clone(e, &clone))) {
        IWbemClassObject *objects[20];
        ULONG n = 0;
        (void)IEnumWbemClassObject_Next(clone, (LONG)WBEM_INFINITE, 20, objects, &n);
        for (ULONG i = 0; i < n; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        IEnumWbemClassObject_Release(clone);
    } else {
        assert_null(clone);
    }
}

static void enumerate(struct round *r, LONG flags, bool prompt, long allocation)
{
    fake_source_init(&r->source, 300);
    r->source.prompt = prompt;
    fake_sink_init(&r->sink);
    struct enumerator_options options = {.flags = flags | WBEM_FLAG_RETURN_IMMEDIATELY};
    IEnumWbemClassObject *e = NULL;
    arm(allocation);
    if (SUCCEEDED(enumerator_create(&r->source.source, &options, &e))) {
        HRESULT hr = IEnumWbemClassObject_NextAsync(e, 250, &r->sink.iface);
        if (hr == WBEM_S_NO_ERROR) {
            fake_sink_wait_statuses(&r->sink, 1);
        }
        use_clone(e);
        IEnumWbemClassObject_Release(e);
        assert_int_equal(r->sink.statuses, hr == WBEM_S_NO_ERROR ? 1 : 0);
    } else {
        assert_null(e);
    }
    disarm();
    fake_sink_done(&r->sink);
    fake_source_done(&r->source);
}

static void deliver(struct round *r, LONG flags, bool prompt, long allocation)
{
    fake_source_init(&r->source, 300);
    r->source.prompt = prompt;
    fake_sink_init(&r->sink);
    arm(allocation);
    HRESULT hr = delivery_start(&r->source.source, flags, NULL, &r->sink.iface);
    if (SUCCEEDED(hr)) {
        fake_sink_wait_statuses(&r->sink, 1);
    }
    delivery_drain();
    disarm();
    assert_int_equal(r->sink.statuses, SUCCEEDED(hr) ? 1 : 0);
    fake_sink_done(&r->sink);
    fake_source_done(&r->source);
}

static void fail_each(void (*scenario)(struct round *, LONG, bool, long), LONG flags, bool prompt)
{
    static struct round r;
    long allocation = 0;
    do {
        scenario(&r, flags, prompt, ++allocation);
        assert_int_equal(fake_objects_alive(), 0);
    } while (atomic_load(&has_failed));
    assert_true(allocation > 3); /* something was there to fail */
}

static void test_every_allocation_fails_once(void **state)
{
    /* valgrind puts its own allocator in place of this one. */
    IWbemClassObject *probe;
    arm(1);
    probe = fake_object(0);
    disarm();
    if (probe) {
        IWbemClassObject_Release(probe);
        skip();
    }
    for (int prompt = 0; prompt < 2; prompt++) {
        fail_each(enumerate, 0, prompt);
        fail_each(enumerate, WBEM_FLAG_FORWARD_ONLY, prompt);
        fail_each(deliver, 0, prompt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation_fails_once)};
    return cmocka_run_group_tests_name("out-of-memory", tests, NULL, NULL);
}

#endif
