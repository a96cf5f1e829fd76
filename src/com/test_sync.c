/*
 * Events, semaphores, mutexes, threads, waiting for several, critical sections. Order is made
 * certain by the objects themselves; no test looks at a clock.
 */
#include "com/test_support.h"

static void events_of_both_kinds(void **state)
{
    HANDLE once = CreateEventW(NULL, FALSE, TRUE, NULL);
    HANDLE stays = CreateEvent(NULL, TRUE, FALSE, NULL);
    assert_int_equal(WaitForSingleObject(once, 0), WAIT_OBJECT_0);
    assert_int_equal(WaitForSingleObject(once, 0), WAIT_TIMEOUT);
    assert_int_equal(WaitForSingleObject(stays, 1), WAIT_TIMEOUT);
    assert_true(SetEvent(stays));
    assert_int_equal(WaitForSingleObject(stays, INFINITE), WAIT_OBJECT_0);
    assert_int_equal(WaitForSingleObject(stays, 0), WAIT_OBJECT_0);
    assert_true(ResetEvent(stays));
    assert_int_equal(WaitForSingleObject(stays, 0), WAIT_TIMEOUT);
    assert_true(CloseHandle(once));
    assert_true(CloseHandle(stays));
}

static void what_is_no_handle_is_refused(void **state)
{
    SetLastError(0);
    assert_int_equal(WaitForSingleObject(NULL, 0), WAIT_FAILED);
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_false(SetEvent(INVALID_HANDLE_VALUE));
    assert_false(CloseHandle(NULL));
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);
    assert_false(ReleaseMutex(event));
    assert_false(ReleaseSemaphore(event, 1, NULL));
    CloseHandle(event);
    assert_null(CreateEventW(NULL, FALSE, FALSE, L"named"));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
    assert_int_equal(WaitForMultipleObjects(0, NULL, FALSE, 0), WAIT_FAILED);
}

static void semaphores_count(void **state)
{
    LONG previous = -1;
    HANDLE s = CreateSemaphoreW(NULL, 1, 2, NULL);
    assert_true(ReleaseSemaphore(s, 1, &previous));
    assert_int_equal(previous, 1);
    assert_false(ReleaseSemaphore(s, 1, NULL));
    assert_int_equal(GetLastError(), ERROR_TOO_MANY_POSTS);
    assert_int_equal(WaitForSingleObject(s, 0), WAIT_OBJECT_0);
    assert_int_equal(WaitForSingleObject(s, 0), WAIT_OBJECT_0);
    assert_int_equal(WaitForSingleObject(s, 0), WAIT_TIMEOUT);
    CloseHandle(s);
    assert_null(CreateSemaphoreW(NULL, 3, 2, NULL));
}

static void waits_for_all_or_any(void **state)
{
    HANDLE handles[] = {CreateEventW(NULL, FALSE, FALSE, NULL),
                        CreateEventW(NULL, FALSE, TRUE, NULL)};
    assert_int_equal(WaitForMultipleObjects(2, handles, TRUE, 0), WAIT_TIMEOUT);
    /* Waiting for all took nothing from the one that was set. */
    assert_int_equal(WaitForMultipleObjects(2, handles, FALSE, 0), WAIT_OBJECT_0 + 1);
    SetEvent(handles[0]);
    SetEvent(handles[1]);
    assert_int_equal(WaitForMultipleObjects(2, handles, TRUE, INFINITE), WAIT_OBJECT_0);
    assert_int_equal(WaitForMultipleObjects(2, handles, FALSE, 0), WAIT_TIMEOUT);
    CloseHandle(handles[0]);
    CloseHandle(handles[1]);
}

/* ---- threads ----------------------------------------------------------------------- */

struct shared {
    CRITICAL_SECTION lock;
    HANDLE go;
    HANDLE mutex;
    LONG plain;   /* under lock */
    LONG counted; /* interlocked */
    LONG mutexed; /* under mutex */
};

#define ROUNDS 2000

static DWORD WINAPI work(LPVOID argument)
{
    struct shared *s = argument;
    if (WaitForSingleObject(s->go, INFINITE) != WAIT_OBJECT_0) {
        return 1;
    }
    for (int i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&s->lock);
        EnterCriticalSection(&s->lock); /* it may be entered again */
        s->plain++;
        LeaveCriticalSection(&s->lock);
        LeaveCriticalSection(&s->lock);
        InterlockedIncrement(&s->counted);
        if (WaitForSingleObject(s->mutex, INFINITE) != WAIT_OBJECT_0) {
            return 2;
        }
        s->mutexed++;
        if (!ReleaseMutex(s->mutex)) {
            return 3;
        }
    }
    return 42;
}

static void threads_share_under_locks(void **state)
{
    struct shared s = {.plain = 0};
    HANDLE threads[4];
    InitializeCriticalSection(&s.lock);
    s.go = CreateEventW(NULL, TRUE, FALSE, NULL);
    s.mutex = CreateMutexW(NULL, TRUE, NULL);
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        DWORD id = 0;
        DWORD code;
        threads[i] = CreateThread(NULL, 0, work, &s, 0, &id);
        assert_non_null(threads[i]);
        assert_int_not_equal(id, 0);
        assert_true(GetExitCodeThread(threads[i], &code));
        assert_int_equal(code, STILL_ACTIVE);
    }
    assert_int_equal(WaitForMultipleObjects(4, threads, FALSE, 0), WAIT_TIMEOUT);
    SetEvent(s.go);
    assert_true(ReleaseMutex(s.mutex));
    assert_int_equal(WaitForMultipleObjects(4, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        DWORD code;
        assert_true(GetExitCodeThread(threads[i], &code));
        assert_int_equal(code, 42);
        CloseHandle(threads[i]);
    }
    assert_int_equal(s.plain, 4 * ROUNDS);
    assert_int_equal(s.counted, 4 * ROUNDS);
    assert_int_equal(s.mutexed, 4 * ROUNDS);
    assert_false(ReleaseMutex(s.mutex)); /* not ours */
    assert_int_equal(GetLastError(), ERROR_NOT_OWNER);
    CloseHandle(s.mutex);
    CloseHandle(s.go);
    DeleteCriticalSection(&s.lock);
}

struct try_enter {
    CRITICAL_SECTION *lock;
    BOOL entered;
};

static DWORD WINAPI try_to_enter(LPVOID argument)
{
    struct try_enter *t = argument;
    t->entered = TryEnterCriticalSection(t->lock);
    return 0;
}

static void an_entered_section_keeps_others_out(void **state)
{
    CRITICAL_SECTION lock;
    struct try_enter t = {&lock, TRUE};
    assert_true(InitializeCriticalSectionAndSpinCount(&lock, 4000));
    EnterCriticalSection(&lock);
    HANDLE thread = CreateThread(NULL, 0, try_to_enter, &t, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    assert_false(t.entered);
    LeaveCriticalSection(&lock);
    CloseHandle(thread);
    DeleteCriticalSection(&lock);
    assert_null(CreateThread(NULL, 0, NULL, NULL, 0, NULL));
    assert_null(CreateThread(NULL, 0, try_to_enter, &t, CREATE_SUSPENDED, NULL));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
}

static void interlocked_functions_give_what_is_documented(void **state)
{
    LONG n = 5;
    LONGLONG big = 1;
    assert_int_equal(InterlockedIncrement(&n), 6);
    assert_int_equal(InterlockedDecrement(&n), 5);
    assert_int_equal(InterlockedExchange(&n, 7), 5);
    assert_int_equal(InterlockedExchangeAdd(&n, 3), 7);
    assert_int_equal(InterlockedCompareExchange(&n, 1, 10), 10);
    assert_int_equal(InterlockedCompareExchange(&n, 2, 10), 1);
    assert_int_equal(n, 1);
    assert_int_equal(InterlockedAdd64(&big, 1LL << 40) >> 40, 1);
    void *p = &n;
    assert_ptr_equal(InterlockedCompareExchangePointer(&p, NULL, &n), &n);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_both_kinds),
        cmocka_unit_test(what_is_no_handle_is_refused),
        cmocka_unit_test(semaphores_count),
        cmocka_unit_test(waits_for_all_or_any),
        cmocka_unit_test(threads_share_under_locks),
        cmocka_unit_test(an_entered_section_keeps_others_out),
        cmocka_unit_test(interlocked_functions_give_what_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
