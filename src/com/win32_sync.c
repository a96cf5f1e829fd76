/*
 * Events, semaphores, mutexes and threads as handles, and waiting for them.
 *
 * One lock guards the state of all of them: a wait for several must look at all at once. A waiter
 * hangs a node on each object that it waits for; whoever makes an object ready wakes the waiters
 * that hang there, and each looks again by itself.
 */
#include "com/com.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum kind {
    KIND_EVENT,
    KIND_SEMAPHORE,
    KIND_MUTEX,
    KIND_THREAD
};

/* A thread that waits, on its stack. */
struct waiter {
    pthread_cond_t wake;
    bool woken; /* under lock */
};

/* A waiter's place in the list of one object. */
struct wait_node {
    struct waiter *waiter;
    struct wait_node *next;
    struct wait_node **link;
};

#define OBJECT_MAGIC 0x77624F62u

struct object {
    uint32_t magic; /* while it has a handle */
    enum kind kind;
    unsigned refs;           /* under lock: the handle, waits, the running thread */
    struct wait_node *waits; /* under lock */
    bool manual;             /* event: stays set until ResetEvent */
    LONG count;              /* under lock: event or thread: 1 when set; semaphore: left */
    LONG maximum;            /* semaphore */
    DWORD owner;             /* under lock: mutex: the thread that has it, or 0 */
    ULONG depth;             /* under lock: mutex: how often it has it */
    LPTHREAD_START_ROUTINE start;
    LPVOID parameter;
    DWORD exit_code; /* under lock */
    DWORD thread_id; /* under lock: 0 until the thread runs */
    pthread_cond_t started;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- objects ------------------------------------------------------------------------- */

static struct object *object_create(enum kind kind)
{
    struct object *o = calloc(1, sizeof *o);
    if (!o) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    o->magic = OBJECT_MAGIC;
    o->kind = kind;
    o->refs = 1;
    return o;
}

/* NULL, with the last error set, for what is no open handle of that kind. */
static struct object *object_of(HANDLE handle)
{
    struct object *o = handle;
    if (!o || handle == INVALID_HANDLE_VALUE || o->magic != OBJECT_MAGIC) {
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return o;
}

static struct object *object_of_kind(HANDLE handle, enum kind kind)
{
    struct object *o = object_of(handle);
    if (o && o->kind != kind) {
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return o;
}

/* Under the lock. */
static void object_unref(struct object *o)
{
    if (--o->refs == 0) {
        free(o);
    }
}

/* Under the lock: those who wait look again. */
static void object_wake(struct object *o)
{
    for (struct wait_node *n = o->waits; n; n = n->next) {
        n->waiter->woken = true;
        pthread_cond_signal(&n->waiter->wake);
    }
}

BOOL CloseHandle(HANDLE handle)
{
    struct object *o = object_of(handle);
    if (!o) {
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    o->magic = 0;
    object_unref(o);
    pthread_mutex_unlock(&lock);
    return TRUE;
}

/* Names would be shared between processes. */
static bool refuse_name(const void *name)
{
    if (name) {
        SetLastError(ERROR_NOT_SUPPORTED);
        return true;
    }
    SetLastError(ERROR_SUCCESS);
    return false;
}

/* ---- events, semaphores, mutexes ----------------------------------------------------------- */

static HANDLE event_create(BOOL manual, BOOL set, const void *name)
{
    struct object *o = refuse_name(name) ? NULL : object_create(KIND_EVENT);
    if (o) {
        o->manual = manual;
        o->count = set ? 1 : 0;
    }
    return o;
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL set, LPCWSTR name)
{
    return event_create(manual, set, name);
}

HANDLE CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL set, LPCSTR name)
{
    return event_create(manual, set, name);
}

BOOL SetEvent(HANDLE handle)
{
    struct object *o = object_of_kind(handle, KIND_EVENT);
    if (!o) {
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    o->count = 1;
    object_wake(o);
    pthread_mutex_unlock(&lock);
    return TRUE;
}

BOOL ResetEvent(HANDLE handle)
{
    struct object *o = object_of_kind(handle, KIND_EVENT);
    if (!o) {
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    o->count = 0;
    pthread_mutex_unlock(&lock);
    return TRUE;
}

static HANDLE semaphore_create(LONG initial, LONG maximum, const void *name)
{
    if (refuse_name(name)) {
        return NULL;
    }
    if (maximum <= 0 || initial < 0 || initial > maximum) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    struct object *o = object_create(KIND_SEMAPHORE);
    if (o) {
        o->count = initial;
        o->maximum = maximum;
    }
    return o;
}

HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCWSTR name)
{
    return semaphore_create(initial, maximum, name);
}

HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCSTR name)
{
    return semaphore_create(initial, maximum, name);
}

BOOL ReleaseSemaphore(HANDLE handle, LONG by, LONG *previous)
{
    struct object *o = object_of_kind(handle, KIND_SEMAPHORE);
    if (!o) {
        return FALSE;
    }
    if (by <= 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    bool fits = by <= o->maximum - o->count;
    if (fits) {
        if (previous) {
            *previous = o->count;
        }
        o->count += by;
        object_wake(o);
    }
    pthread_mutex_unlock(&lock);
    if (!fits) {
        SetLastError(ERROR_TOO_MANY_POSTS);
    }
    return fits;
}

static HANDLE mutex_create(BOOL owned, const void *name)
{
    struct object *o = refuse_name(name) ? NULL : object_create(KIND_MUTEX);
    if (o && owned) {
        o->owner = GetCurrentThreadId();
        o->depth = 1;
    }
    return o;
}

HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCWSTR name)
{
    return mutex_create(owned, name);
}

HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCSTR name)
{
    return mutex_create(owned, name);
}

BOOL ReleaseMutex(HANDLE handle)
{
    struct object *o = object_of_kind(handle, KIND_MUTEX);
    if (!o) {
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    bool mine = o->owner == GetCurrentThreadId();
    if (mine && --o->depth == 0) {
        o->owner = 0;
        object_wake(o);
    }
    pthread_mutex_unlock(&lock);
    if (!mine) {
        SetLastError(ERROR_NOT_OWNER);
    }
    return mine;
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

/* Under the lock. */
static bool object_is_ready(const struct object *o)
{
    if (o->kind == KIND_MUTEX) {
        return o->owner == 0 || o->owner == GetCurrentThreadId();
    }
    return o->count > 0;
}

/* Under the lock: what a satisfied wait does to the object. */
static void object_consume(struct object *o)
{
    if (o->kind == KIND_MUTEX) {
        o->owner = GetCurrentThreadId();
        o->depth++;
    } else if (o->kind == KIND_SEMAPHORE || (o->kind == KIND_EVENT && !o->manual)) {
        o->count--;
    }
}

/* Under the lock: the index of what satisfied the wait, or `count`. */
static DWORD wait_try(struct object **objects, DWORD count, bool all)
{
    DWORD ready = 0;
    for (DWORD i = 0; i < count; i++) {
        if (!object_is_ready(objects[i])) {
            continue;
        }
        ready++;
        if (!all) {
            object_consume(objects[i]);
            return i;
        }
    }
    if (!all || ready < count) {
        return count;
    }
    for (DWORD i = 0; i < count; i++) {
        object_consume(objects[i]);
    }
    return 0;
}

static struct timespec deadline_after(DWORD milliseconds)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += milliseconds / 1000;
    t.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

/* Under the lock, which is given up meanwhile. False: the time is over. */
static bool waiter_sleep(struct waiter *w, const struct timespec *deadline)
{
    int error = 0;
    while (!w->woken && error != ETIMEDOUT) {
        error = deadline ? pthread_cond_timedwait(&w->wake, &lock, deadline)
                         : pthread_cond_wait(&w->wake, &lock);
    }
    bool woken = w->woken;
    w->woken = false;
    return woken;
}

static void waiter_init(struct waiter *w)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    w->woken = false;
}

static void node_hang(struct wait_node *n, struct waiter *w, struct object *o)
{
    n->waiter = w;
    n->next = o->waits;
    n->link = &o->waits;
    if (n->next) {
        n->next->link = &n->next;
    }
    o->waits = n;
    o->refs++; /* a handle may be closed while it is waited for */
}

static void node_take(struct wait_node *n, struct object *o)
{
    *n->link = n->next;
    if (n->next) {
        n->next->link = n->link;
    }
    object_unref(o);
}

static DWORD wait_for(struct object **objects, DWORD count, bool all, DWORD milliseconds)
{
    struct waiter w;
    struct wait_node nodes[MAXIMUM_WAIT_OBJECTS];
    struct timespec deadline = deadline_after(milliseconds == INFINITE ? 0 : milliseconds);
    waiter_init(&w);
    pthread_mutex_lock(&lock);
    DWORD which = wait_try(objects, count, all);
    if (which == count && milliseconds != 0) {
        for (DWORD i = 0; i < count; i++) {
            node_hang(&nodes[i], &w, objects[i]);
        }
        bool in_time = true;
        while (which == count && in_time) {
            in_time = waiter_sleep(&w, milliseconds == INFINITE ? NULL : &deadline);
            which = wait_try(objects, count, all);
        }
        for (DWORD i = 0; i < count; i++) {
            node_take(&nodes[i], objects[i]);
        }
    }
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&w.wake);
    return which < count ? WAIT_OBJECT_0 + which : WAIT_TIMEOUT;
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds)
{
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || !handles) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }

    struct object *objects[MAXIMUM_WAIT_OBJECTS];
    for (DWORD i = 0; i < count; i++) {
        objects[i] = object_of(handles[i]);
        if (!objects[i]) {
            return WAIT_FAILED;
        }
    }
    return wait_for(objects, count, all, milliseconds);
}

DWORD WaitForSingleObject(HANDLE handle, DWORD milliseconds)
{
    return WaitForMultipleObjects(1, &handle, FALSE, milliseconds);
}

DWORD WaitForSingleObjectEx(HANDLE handle, DWORD milliseconds, BOOL alertable)
{
    return WaitForSingleObject(handle, milliseconds);
}

/* ---- threads ------------------------------------------------------------------------------------
 */

static void *thread_main(void *p)
{
    struct object *o = p;
    pthread_mutex_lock(&lock);
    o->thread_id = GetCurrentThreadId();
    pthread_cond_signal(&o->started);
    pthread_mutex_unlock(&lock);

    DWORD code = o->start(o->parameter);

    pthread_mutex_lock(&lock);
    o->exit_code = code;
    o->count = 1;
    object_wake(o);
    object_unref(o);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static int thread_start(struct object *o, SIZE_T stack_size)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return error;
    }
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack_size > 0) {
        /* Windows counts in what its own functions need; less than that makes no sense here. */
        (void)pthread_attr_setstacksize(&attributes,
                                        stack_size < (1 << 18) ? (1 << 18) : stack_size);
    }
    pthread_t thread;
    error = pthread_create(&thread, &attributes, thread_main, o);
    pthread_attr_destroy(&attributes);
    return error;
}

HANDLE CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack_size,
                    LPTHREAD_START_ROUTINE start, LPVOID parameter, DWORD flags, LPDWORD ret_id)
{
    if (!start || (flags & CREATE_SUSPENDED)) {
        SetLastError(start ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
        return NULL;
    }

    struct object *o = object_create(KIND_THREAD);
    if (!o) {
        return NULL;
    }
    o->start = start;
    o->parameter = parameter;
    o->exit_code = STILL_ACTIVE;
    o->refs = 3; /* the handle, the thread, and us until its id is known */
    pthread_cond_init(&o->started, NULL);
    if (thread_start(o, stack_size) != 0) {
        pthread_cond_destroy(&o->started);
        free(o);
        SetLastError(ERROR_NO_SYSTEM_RESOURCES);
        return NULL;
    }

    pthread_mutex_lock(&lock);
    while (o->thread_id == 0) {
        pthread_cond_wait(&o->started, &lock);
    }
    if (ret_id) {
        *ret_id = o->thread_id;
    }
    pthread_cond_destroy(&o->started);
    object_unref(o);
    pthread_mutex_unlock(&lock);
    return o;
}

BOOL GetExitCodeThread(HANDLE handle, LPDWORD ret)
{
    struct object *o = object_of_kind(handle, KIND_THREAD);
    if (!o || !ret) {
        return FALSE;
    }

    pthread_mutex_lock(&lock);
    *ret = o->exit_code;
    pthread_mutex_unlock(&lock);
    return TRUE;
}

/* ---- sleeping
 * -------------------------------------------------------------------------------------- */

void Sleep(DWORD milliseconds)
{
    if (milliseconds == INFINITE) {
        for (;;) {
            (void)pause();
        }
    }
    if (milliseconds == 0) {
        (void)SwitchToThread();
        return;
    }
    struct timespec deadline = deadline_after(milliseconds);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
        /* a signal does not end a Sleep */
    }
}

DWORD SleepEx(DWORD milliseconds, BOOL alertable)
{
    Sleep(milliseconds);
    return 0;
}

BOOL SwitchToThread(void)
{
    return sched_yield() == 0;
}
