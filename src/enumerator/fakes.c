/*
 * See fakes.h.
 */
#include "enumerator/fakes.h"
#include "object/object.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- objects --------------------------------------------------------------- */

struct fake {
    IWbemClassObject iface;
    atomic_uint refs;
    unsigned number;
};

static atomic_long alive;

static ULONG STDMETHODCALLTYPE object_add_ref(IWbemClassObject *iface)
{
    return atomic_fetch_add(&COM_CONTAINER(iface, struct fake, iface)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE object_release(IWbemClassObject *iface)
{
    struct fake *f = COM_CONTAINER(iface, struct fake, iface);
    ULONG left = atomic_fetch_sub(&f->refs, 1) - 1;
    if (left == 0) {
        free(f);
        atomic_fetch_sub(&alive, 1);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE object_query(IWbemClassObject *iface, REFIID riid, void **ppv)
{
    *ppv = NULL;
    return E_NOINTERFACE;
}

static IWbemClassObjectVtbl object_vtbl = {
    .QueryInterface = object_query, .AddRef = object_add_ref, .Release = object_release};

IWbemClassObject *fake_object(unsigned number)
{
    struct fake *f = calloc(1, sizeof(*f));
    if (!f) {
        return NULL;
    }
    f->iface.lpVtbl = &object_vtbl;
    atomic_init(&f->refs, 1);
    f->number = number;
    atomic_fetch_add(&alive, 1);
    return &f->iface;
}

unsigned fake_number(IWbemClassObject *object)
{
    return COM_CONTAINER(object, struct fake, iface)->number;
}

long fake_objects_alive(void)
{
    return atomic_load(&alive);
}

/* ---- sources --------------------------------------------------------------------- */

static HRESULT fake_end(struct fake_source *f)
{
    if (FAILED(f->end) && !f->silent) {
        return error_raise(f->end, "Pull", "fake", "The fake source was told to fail.");
    }
    return f->end;
}

static HRESULT fake_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct fake_source *f = COM_CONTAINER(s, struct fake_source, source);
    atomic_fetch_add(&f->pulls, 1);
    if (atomic_fetch_add(&f->running, 1) != 0) {
        atomic_store(&f->overlapped, true);
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    for (ULONG i = 0; i < demand && hr == WBEM_S_NO_ERROR; i++) {
        if (f->gated) {
            while (sem_wait(&f->gate) != 0) {
            }
        }
        if (atomic_load(&f->stop)) {
            hr = WBEM_E_CALL_CANCELLED;
        } else if (atomic_load(&f->next) >= f->total && !f->endless) {
            hr = fake_end(f);
        } else {
            IWbemClassObject *object = fake_object(atomic_fetch_add(&f->next, 1));
            hr = object ? result_set_put(out, object) : WBEM_E_OUT_OF_MEMORY;
        }
        if (f->yielding && i % 7 == 3) {
            sched_yield();
        }
    }
    atomic_fetch_sub(&f->running, 1);
    return hr;
}

static void fake_cancel(struct source *s)
{
    struct fake_source *f = COM_CONTAINER(s, struct fake_source, source);
    atomic_fetch_add(&f->cancels, 1);
    atomic_store(&f->stop, true);
    sem_post(&f->gate);
}

static void fake_destroy(struct source *s)
{
    struct fake_source *f = COM_CONTAINER(s, struct fake_source, source);
    if (atomic_load(&f->running) != 0) {
        atomic_store(&f->overlapped, true);
    }
    atomic_fetch_add(&f->destroyed, 1);
}

static BOOL fake_is_prompt(struct source *s)
{
    return COM_CONTAINER(s, struct fake_source, source)->prompt;
}

static const struct source_ops fake_ops = {
    .pull = fake_pull, .cancel = fake_cancel, .destroy = fake_destroy, .is_prompt = fake_is_prompt};

void fake_source_init(struct fake_source *s, unsigned total)
{
    memset(s, 0, sizeof(*s));
    s->source.ops = &fake_ops;
    s->total = total;
    s->end = WBEM_S_FALSE;
    sem_init(&s->gate, 0, 0);
}

void fake_source_allow(struct fake_source *s, unsigned objects)
{
    while (objects--) {
        sem_post(&s->gate);
    }
}

void fake_source_done(struct fake_source *s)
{
    delivery_drain();
    assert_int_equal(atomic_load(&s->destroyed), 1);
    assert_false(atomic_load(&s->overlapped));
    sem_destroy(&s->gate);
}

/* ---- sinks ---------------------------------------------------------------------------- */

static struct fake_sink *sink_of(IWbemObjectSink *iface)
{
    return COM_CONTAINER(iface, struct fake_sink, iface);
}

static HRESULT STDMETHODCALLTYPE sink_query(IWbemObjectSink *iface, REFIID riid, void **ppv)
{
    struct fake_sink *s = sink_of(iface);
    *ppv = NULL;
    if (s->demanded_level && IsEqualIID(riid, &IID_IClientSecurity)) {
        *ppv = &s->security;
        atomic_fetch_add(&s->refs, 1);
        return S_OK;
    }
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE sink_add_ref(IWbemObjectSink *iface)
{
    return atomic_fetch_add(&sink_of(iface)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *iface)
{
    struct fake_sink *s = sink_of(iface);
    pthread_mutex_lock(&s->lock);
    ULONG left = atomic_fetch_sub(&s->refs, 1) - 1;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return left;
}

static void sink_enter(struct fake_sink *s)
{
    if (atomic_fetch_add(&s->inside, 1) != 0) {
        atomic_store(&s->overlapped, true);
    }
    DWORD level = RPC_C_AUTHN_LEVEL_DEFAULT;
    (void)CoQueryClientBlanket(NULL, NULL, NULL, &level, NULL, NULL, NULL);
    pthread_mutex_lock(&s->lock); /* several enumerators may share a sink */
    s->seen_level = level;
    s->thread = pthread_self();
    pthread_mutex_unlock(&s->lock);
}

static void rendezvous(sem_t *entered, sem_t *proceed)
{
    if (entered) {
        sem_post(entered);
    }
    while (proceed && sem_wait(proceed) != 0) {
    }
}

static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    struct fake_sink *s = sink_of(iface);
    sink_enter(s);
    pthread_mutex_lock(&s->lock);
    s->indicates++;
    if (s->largest < (unsigned)count) {
        s->largest = (unsigned)count;
    }
    for (LONG i = 0; i < count; i++, s->count++) {
        if (s->count < FAKE_SINK_OBJECTS) {
            s->numbers[s->count] = fake_number(objects[i]);
        }
    }
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    rendezvous(s->entered, s->proceed);
    HRESULT hr = s->on_indicate ? s->on_indicate(s) : s->indicate_result;
    atomic_fetch_sub(&s->inside, 1);
    return hr;
}

static bool is_extended_status(IWbemClassObject *object, HRESULT hr)
{
    if (!object) {
        return false;
    }
    VARIANT name, code;
    VariantInit(&name);
    VariantInit(&code);
    (void)IWbemClassObject_Get(object, L"__CLASS", 0, &name, NULL, NULL);
    (void)IWbemClassObject_Get(object, L"StatusCode", 0, &code, NULL, NULL);
    bool is = V_VT(&name) == VT_BSTR && wcscmp(V_BSTR(&name), L"__ExtendedStatus") == 0 &&
              V_VT(&code) == VT_I4 && V_I4(&code) == hr;
    VariantClear(&name);
    VariantClear(&code);
    return is;
}

static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *iface, LONG flags, HRESULT hr,
                                                 BSTR text, IWbemClassObject *object)
{
    struct fake_sink *s = sink_of(iface);
    sink_enter(s);
    if (flags == WBEM_STATUS_PROGRESS) {
        pthread_mutex_lock(&s->lock);
        s->progress++;
        atomic_fetch_sub(&s->inside, 1);
        pthread_mutex_unlock(&s->lock);
    } else {
        rendezvous(s->status_entered, s->status_proceed);
        if (s->on_status) {
            s->on_status(s, hr);
        }
        pthread_mutex_lock(&s->lock);
        s->status[s->statuses % FAKE_SINK_STATUSES] = hr;
        s->objects_at[s->statuses % FAKE_SINK_STATUSES] = s->count;
        s->statuses++;
        s->had_error_object = is_extended_status(object, hr);
        /* Before the test hears of it, and may begin the next call. */
        atomic_fetch_sub(&s->inside, 1);
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
    return WBEM_S_NO_ERROR;
}

static IWbemObjectSinkVtbl sink_vtbl = {.QueryInterface = sink_query,
                                        .AddRef = sink_add_ref,
                                        .Release = sink_release,
                                        .Indicate = sink_indicate,
                                        .SetStatus = sink_set_status};

static ULONG STDMETHODCALLTYPE security_release(IClientSecurity *iface)
{
    return sink_release(&COM_CONTAINER(iface, struct fake_sink, security)->iface);
}

static HRESULT STDMETHODCALLTYPE security_blanket(IClientSecurity *iface, IUnknown *proxy,
                                                  DWORD *authn, DWORD *authz, OLECHAR **name,
                                                  DWORD *level, DWORD *imp, void **info,
                                                  DWORD *capabilities)
{
    *level = COM_CONTAINER(iface, struct fake_sink, security)->demanded_level;
    return S_OK;
}

static IClientSecurityVtbl security_vtbl = {.Release = security_release,
                                            .QueryBlanket = security_blanket};

void fake_sink_init(struct fake_sink *s)
{
    memset(s, 0, sizeof(*s));
    s->iface.lpVtbl = &sink_vtbl;
    s->security.lpVtbl = &security_vtbl;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
}

void fake_sink_done(struct fake_sink *s)
{
    fake_sink_wait_released(s);
    assert_false(atomic_load(&s->overlapped));
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
}

void fake_sink_wait_statuses(struct fake_sink *s, unsigned statuses)
{
    pthread_mutex_lock(&s->lock);
    while (s->statuses < statuses) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

void fake_sink_wait_objects(struct fake_sink *s, unsigned objects)
{
    pthread_mutex_lock(&s->lock);
    while (s->count < objects) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

void fake_sink_wait_released(struct fake_sink *s)
{
    pthread_mutex_lock(&s->lock);
    while (atomic_load(&s->refs) != 0) {
        pthread_cond_wait(&s->changed, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

void fake_sink_expect(struct fake_sink *s, unsigned first, unsigned count, HRESULT last_status)
{
    pthread_mutex_lock(&s->lock);
    assert_int_equal(s->count, count);
    for (unsigned i = 0; i < count && i < FAKE_SINK_OBJECTS; i++) {
        assert_int_equal(s->numbers[i], first + i);
    }
    assert_true(s->statuses > 0);
    assert_int_equal(s->status[s->statuses - 1], last_status);
    pthread_mutex_unlock(&s->lock);
}

/* ---- enumerators ------------------------------------------------------------------------ */

IEnumWbemClassObject *make_enumerator(struct fake_source *s, LONG flags)
{
    struct enumerator_options options = {.flags = flags | WBEM_FLAG_RETURN_IMMEDIATELY};
    IEnumWbemClassObject *e = NULL;
    assert_int_equal(enumerator_create(&s->source, &options, &e), WBEM_S_NO_ERROR);
    return e;
}

void wait_queued(IEnumWbemClassObject *iface, unsigned calls)
{
    struct enumerator *e = enumerator_behind(iface);
    for (unsigned n = 0; n < calls; sched_yield()) {
        pthread_mutex_lock(&e->lock);
        n = 0;
        for (struct call *c = e->head; c; c = c->next) {
            n++;
        }
        pthread_mutex_unlock(&e->lock);
    }
}

static void *async_caller_main(void *closure)
{
    struct async_caller *a = closure;
    a->result = IEnumWbemClassObject_NextAsync(a->e, a->count, a->sink);
    atomic_store(&a->returned, true);
    return NULL;
}

void async_caller_start(struct async_caller *a, IEnumWbemClassObject *e, ULONG count,
                        struct fake_sink *sink)
{
    memset(a, 0, sizeof(*a));
    a->e = e;
    a->count = count;
    a->sink = &sink->iface;
    assert_int_equal(pthread_create(&a->thread, NULL, async_caller_main, a), 0);
}

HRESULT async_caller_join(struct async_caller *a)
{
    pthread_join(a->thread, NULL);
    return a->result;
}

/* ---- scenes ----------------------------------------------------------------------------- */

void fake_wait(sem_t *sem)
{
    while (sem_wait(sem) != 0) {
    }
}

int fake_no_leaks(void **state)
{
    delivery_drain();
    assert_int_equal(fake_objects_alive(), 0);
    return 0;
}

ULONG expect_next(IEnumWbemClassObject *e, LONG timeout, ULONG count, HRESULT expected,
                  unsigned first)
{
    IWbemClassObject *objects[512];
    ULONG n = 99;
    assert_int_equal(IEnumWbemClassObject_Next(e, timeout, count, objects, &n), expected);
    for (ULONG i = 0; i < n; i++) {
        assert_int_equal(fake_number(objects[i]), first + i);
        IWbemClassObject_Release(objects[i]);
    }
    return n;
}

void scene_init(struct scene *s, unsigned total, LONG flags)
{
    fake_source_init(&s->source, total);
    s->source.prompt = true;
    s->e = make_enumerator(&s->source, flags);
    fake_sink_init(&s->sink);
    sem_init(&s->entered, 0, 0);
    sem_init(&s->proceed, 0, 0);
}

void scene_hold_indicate(struct scene *s)
{
    s->sink.entered = &s->entered;
    s->sink.proceed = &s->proceed;
}

void scene_done(struct scene *s)
{
    if (s->e) {
        IEnumWbemClassObject_Release(s->e);
    }
    fake_sink_done(&s->sink);
    fake_source_done(&s->source);
    sem_destroy(&s->entered);
    sem_destroy(&s->proceed);
}
