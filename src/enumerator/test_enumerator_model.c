/*
 * Randomized schedules against simple models. WBEM_MODEL_ROUNDS sets how many
 * rounds (default 300); WBEM_MODEL_SEED the first seed, which a failure prints.
 *
 * One thread, all operations: each result is what a counter would give.
 * Several threads, no Reset: what the calls got are consecutive pieces of the
 * sequence, each whole and in order, and each thread's in the order of its calls.
 * Several threads, everything at once: each call accepted ends exactly once.
 */
#include "enumerator/fakes.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned rounds(void)
{
    const char *text = getenv("WBEM_MODEL_ROUNDS");
    return text ? (unsigned)strtoul(text, NULL, 10) : 300;
}

static unsigned first_seed(void)
{
    const char *text = getenv("WBEM_MODEL_SEED");
    return text ? (unsigned)strtoul(text, NULL, 10) : 1;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "seed %u: %s:%d: %s\n", seed, __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static unsigned draw(unsigned *state, unsigned limit)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % limit;
}

/* ---- a sink that checks itself ------------------------------------------------ */

struct model_sink {
    IWbemObjectSink iface;
    unsigned seed;
    unsigned wanted;
    IEnumWbemClassObject *e;  /* to chain calls on */
    struct model_sink *chain; /* the sink for a call from Indicate or SetStatus */
    bool chain_in_indicate;
    bool cancel_self, release_in_indicate;
    HRESULT chain_result;
    atomic_uint refs;
    unsigned first, count; /* what has come */
    atomic_uint statuses;
    HRESULT status;
    atomic_uint inside;
    sem_t *finished; /* posted on the last Release */
};

static HRESULT STDMETHODCALLTYPE model_query(IWbemObjectSink *iface, REFIID riid, void **ppv)
{
    *ppv = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE model_add_ref(IWbemObjectSink *iface)
{
    return atomic_fetch_add(&COM_CONTAINER(iface, struct model_sink, iface)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE model_release(IWbemObjectSink *iface)
{
    struct model_sink *s = COM_CONTAINER(iface, struct model_sink, iface);
    sem_t *finished = s->finished;
    ULONG left = atomic_fetch_sub(&s->refs, 1) - 1;
    if (left == 0) {
        sem_post(finished);
    }
    return left;
}

static void chain(struct model_sink *s)
{
    struct model_sink *c = s->chain;
    s->chain = NULL;
    c->chain_result = IEnumWbemClassObject_NextAsync(s->e, c->wanted, &c->iface);
    if (c->chain_result != WBEM_S_NO_ERROR) {
        sem_post(c->finished);
    }
}

static HRESULT STDMETHODCALLTYPE model_indicate(IWbemObjectSink *iface, LONG count,
                                                IWbemClassObject **objects)
{
    struct model_sink *s = COM_CONTAINER(iface, struct model_sink, iface);
    unsigned seed = s->seed;
    CHECK(atomic_fetch_add(&s->inside, 1) == 0);
    CHECK(atomic_load(&s->statuses) == 0);
    CHECK(count > 0);
    if (s->count == 0) {
        s->first = fake_number(objects[0]);
    }
    for (LONG i = 0; i < count; i++, s->count++) {
        CHECK(fake_number(objects[i]) == s->first + s->count);
    }
    CHECK(s->count <= s->wanted);
    if (s->chain && s->chain_in_indicate) {
        chain(s);
    }
    if (s->cancel_self) {
        (void)delivery_cancel(iface);
    }
    if (s->release_in_indicate) {
        s->release_in_indicate = false;
        IEnumWbemClassObject_Release(s->e);
    }
    atomic_fetch_sub(&s->inside, 1);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE model_set_status(IWbemObjectSink *iface, LONG flags, HRESULT hr,
                                                  BSTR text, IWbemClassObject *object)
{
    struct model_sink *s = COM_CONTAINER(iface, struct model_sink, iface);
    unsigned seed = s->seed;
    CHECK(atomic_fetch_add(&s->inside, 1) == 0);
    CHECK(atomic_fetch_add(&s->statuses, 1) == 0);
    s->status = hr;
    if (hr == WBEM_S_NO_ERROR) {
        CHECK(s->count == s->wanted);
    }
    if (s->chain) {
        chain(s);
    }
    atomic_fetch_sub(&s->inside, 1);
    return WBEM_S_NO_ERROR;
}

static IWbemObjectSinkVtbl model_vtbl = {.QueryInterface = model_query,
                                         .AddRef = model_add_ref,
                                         .Release = model_release,
                                         .Indicate = model_indicate,
                                         .SetStatus = model_set_status};

static void model_sink_init(struct model_sink *s, unsigned seed, unsigned wanted,
                            IEnumWbemClassObject *e, sem_t *finished)
{
    memset(s, 0, sizeof(*s));
    s->iface.lpVtbl = &model_vtbl;
    s->seed = seed;
    s->wanted = wanted;
    s->e = e;
    s->finished = finished;
}

static unsigned read_objects(IEnumWbemClassObject *e, unsigned seed, unsigned wanted, HRESULT *hr,
                             unsigned *first)
{
    IWbemClassObject *objects[64];
    ULONG n = 0;
    *hr = IEnumWbemClassObject_Next(e, (LONG)WBEM_INFINITE, wanted, objects, &n);
    for (ULONG i = 0; i < n; i++) {
        if (i == 0) {
            *first = fake_number(objects[0]);
        }
        CHECK(fake_number(objects[i]) == *first + i);
        IWbemClassObject_Release(objects[i]);
    }
    return n;
}

static void random_source(struct fake_source *s, unsigned *random, unsigned total)
{
    fake_source_init(s, total);
    s->prompt = draw(random, 2);
    s->yielding = draw(random, 2);
}

/* ---- one thread: a counter -------------------------------------------------------- */

#define STEPS 40

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void one_thread(unsigned seed)
{
    unsigned random = seed;
    struct fake_source source;
    unsigned total = draw(&random, 400);
    random_source(&source, &random, total);
    IEnumWbemClassObject *e = make_enumerator(&source, 0);
    unsigned at = 0;
    struct {
        struct model_sink sink;
        bool used;
        unsigned first, count;
    } calls[STEPS];
    sem_t finished;
    sem_init(&finished, 0, 0);
    unsigned pending = 0;

    for (unsigned i = 0; i < STEPS; i++) {
        unsigned wanted = 1 + draw(&random, 40), first = 0;
        unsigned expected = min_of(wanted, total - at);
        HRESULT hr;
        calls[i].used = false;
        switch (draw(&random, 8)) {
        case 0:
            CHECK(read_objects(e, seed, wanted, &hr, &first) == expected);
            CHECK(expected == 0 || first == at);
            CHECK(hr == (expected == wanted ? WBEM_S_NO_ERROR : WBEM_S_FALSE));
            at += expected;
            break;
        case 1:
            hr = IEnumWbemClassObject_Skip(e, (LONG)WBEM_INFINITE, wanted);
            CHECK(hr == (expected == wanted ? WBEM_S_NO_ERROR : WBEM_S_FALSE));
            at += expected;
            break;
        case 2:
            CHECK(IEnumWbemClassObject_Reset(e) == WBEM_S_NO_ERROR);
            at = 0;
            break;
        case 3: {
            IEnumWbemClassObject *clone;
            CHECK(IEnumWbemClassObject_Clone(e, &clone) == WBEM_S_NO_ERROR);
            CHECK(read_objects(clone, seed, wanted, &hr, &first) == expected);
            CHECK(expected == 0 || first == at);
            if (draw(&random, 2)) {
                IEnumWbemClassObject_Release(e); /* with deliveries behind it ended by Clone */
                e = clone;
                at += expected;
            } else {
                IEnumWbemClassObject_Release(clone);
            }
            break;
        }
        default:
            model_sink_init(&calls[i].sink, seed, wanted, e, &finished);
            hr = IEnumWbemClassObject_NextAsync(e, wanted, &calls[i].sink.iface);
            CHECK(hr == WBEM_S_NO_ERROR || (hr == WBEM_S_FALSE && expected == 0));
            calls[i].used = hr == WBEM_S_NO_ERROR;
            calls[i].first = at;
            calls[i].count = expected;
            pending += calls[i].used;
            at += expected;
        }
    }
    while (pending--) {
        fake_wait(&finished);
    }
    for (unsigned i = 0; i < STEPS; i++) {
        struct model_sink *s = &calls[i].sink;
        if (calls[i].used) {
            CHECK(atomic_load(&s->statuses) == 1);
            CHECK(s->count == calls[i].count);
            CHECK(s->count == 0 || s->first == calls[i].first);
            CHECK(s->status == (s->count == s->wanted ? WBEM_S_NO_ERROR : WBEM_S_FALSE));
        }
    }
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
    CHECK(fake_objects_alive() == 0);
    sem_destroy(&finished);
}

/* ---- several threads: pieces of the sequence ------------------------------------------ */

#define THREADS 4
#define CALLS 12

struct piece {
    unsigned first, count, thread, step;
};

struct player {
    pthread_t thread;
    unsigned seed, index;
    IEnumWbemClassObject *e;
    sem_t *finished;
    struct model_sink sinks[CALLS], chained[CALLS];
    bool used[CALLS], has_chained[CALLS];
    struct piece read[CALLS];
    unsigned promised; /* times `finished` will be posted */
    bool disturb;      /* also Reset, cancel, clone, time out */
};

static void play_async(struct player *p, unsigned i, unsigned *random)
{
    struct model_sink *s = &p->sinks[i];
    model_sink_init(s, p->seed, 1 + draw(random, 30), p->e, p->finished);
    if (draw(random, 3) == 0) {
        model_sink_init(&p->chained[i], p->seed, 1 + draw(random, 30), p->e, p->finished);
        s->chain = &p->chained[i];
        s->chain_in_indicate = draw(random, 2);
        p->has_chained[i] = true;
    }
    s->cancel_self = p->disturb && draw(random, 8) == 0;
    unsigned seed = p->seed;
    HRESULT hr = IEnumWbemClassObject_NextAsync(p->e, s->wanted, &s->iface);
    p->used[i] = hr == WBEM_S_NO_ERROR;
    if (p->used[i]) {
        p->promised += 1 + p->has_chained[i];
        if (p->disturb && draw(random, 6) == 0) {
            (void)delivery_cancel(&s->iface);
        }
    } else {
        p->has_chained[i] = false;
        CHECK(hr == WBEM_S_FALSE || (p->disturb && FAILED(hr)));
    }
}

static void disturb(struct player *p, unsigned *random)
{
    IEnumWbemClassObject *clone;
    if (draw(random, 2)) {
        (void)IEnumWbemClassObject_Reset(p->e);
    } else if (SUCCEEDED(IEnumWbemClassObject_Clone(p->e, &clone))) {
        HRESULT hr;
        unsigned first;
        (void)read_objects(clone, p->seed, 1 + draw(random, 30), &hr, &first);
        IEnumWbemClassObject_Release(clone);
    }
}

static void *play(void *closure)
{
    struct player *p = closure;
    unsigned random = p->seed * 31 + p->index;
    for (unsigned i = 0; i < CALLS; i++) {
        p->read[i].count = 0;
        switch (draw(&random, p->disturb ? 5 : 4)) {
        case 0: {
            HRESULT hr;
            p->read[i].count =
                read_objects(p->e, p->seed, 1 + draw(&random, 30), &hr, &p->read[i].first);
            break;
        }
        case 4:
            disturb(p, &random);
            break;
        default:
            play_async(p, i, &random);
        }
    }
    return NULL;
}

static int by_first(const void *a, const void *b)
{
    unsigned x = ((const struct piece *)a)->first, y = ((const struct piece *)b)->first;
    return x < y ? -1 : x > y;
}

static void check_pieces(unsigned seed, struct player *players, unsigned total)
{
    static struct piece pieces[THREADS * CALLS * 2];
    unsigned n = 0, taken = 0;
    for (unsigned t = 0; t < THREADS; t++) {
        unsigned last = 0;
        for (unsigned i = 0; i < CALLS; i++) {
            struct player *p = &players[t];
            struct piece own = p->read[i];
            if (p->used[i]) {
                CHECK(atomic_load(&p->sinks[i].statuses) == 1);
                own = (struct piece){.first = p->sinks[i].first, .count = p->sinks[i].count};
            }
            if (own.count) {
                CHECK(own.first >= last); /* a thread's calls keep their order */
                last = own.first + own.count;
                pieces[n++] = own;
            }
            if (p->has_chained[i] && p->chained[i].chain_result == WBEM_S_NO_ERROR) {
                CHECK(atomic_load(&p->chained[i].statuses) == 1);
                if (p->chained[i].count) {
                    CHECK(p->chained[i].first >= last || own.count == 0);
                    pieces[n++] =
                        (struct piece){.first = p->chained[i].first, .count = p->chained[i].count};
                }
            }
        }
    }
    qsort(pieces, n, sizeof(pieces[0]), by_first);
    for (unsigned i = 0; i < n; i++) {
        CHECK(pieces[i].first == taken);
        taken += pieces[i].count;
    }
    CHECK(taken <= total);
}

static void several_threads(unsigned seed, bool disturb)
{
    unsigned random = seed;
    static struct player players[THREADS];
    memset(players, 0, sizeof(players));
    struct fake_source source;
    unsigned total = draw(&random, 1200);
    random_source(&source, &random, total);
    if (disturb && draw(&random, 3) == 0) {
        source.end = WBEM_E_PROVIDER_FAILURE;
    }
    LONG flags = draw(&random, 2) ? WBEM_FLAG_FORWARD_ONLY : 0;
    IEnumWbemClassObject *e = make_enumerator(&source, flags);
    sem_t finished;
    sem_init(&finished, 0, 0);
    for (unsigned t = 0; t < THREADS; t++) {
        players[t].seed = seed;
        players[t].index = t;
        players[t].e = e;
        players[t].finished = &finished;
        players[t].disturb = disturb;
        CHECK(pthread_create(&players[t].thread, NULL, play, &players[t]) == 0);
    }
    unsigned promised = 0;
    for (unsigned t = 0; t < THREADS; t++) {
        pthread_join(players[t].thread, NULL);
        promised += players[t].promised;
    }
    while (promised--) {
        fake_wait(&finished);
    }
    if (!disturb) {
        check_pieces(seed, players, total);
    }
    IEnumWbemClassObject_Release(e);
    fake_source_done(&source);
    CHECK(fake_objects_alive() == 0);
    sem_destroy(&finished);
}

/* ---- release at any moment ----------------------------------------------------------------- */

static void release_at_random(unsigned seed)
{
    unsigned random = seed;
    struct fake_source source;
    random_source(&source, &random, 0);
    source.endless = true;
    source.gated = draw(&random, 4) == 0; /* stuck until cancelled */
    source.prompt = source.prompt && !source.gated;
    IEnumWbemClassObject *e =
        make_enumerator(&source, draw(&random, 2) ? WBEM_FLAG_FORWARD_ONLY : 0);
    sem_t finished;
    sem_init(&finished, 0, 0);
    struct model_sink first, chained;
    model_sink_init(&first, seed, 0x7FFFFFFF, e, &finished);
    model_sink_init(&chained, seed, 10, e, &finished);
    bool inside = !source.gated && draw(&random, 2);
    if (inside) {
        first.chain = &chained; /* queued before the release */
        first.chain_in_indicate = true;
        first.release_in_indicate = true;
    }
    CHECK(IEnumWbemClassObject_NextAsync(e, first.wanted, &first.iface) == WBEM_S_NO_ERROR);
    for (unsigned spins = draw(&random, 200); spins > 0; spins--) {
        sched_yield();
    }
    if (!inside) {
        IEnumWbemClassObject_Release(e);
    }
    fake_wait(&finished);
    if (inside) {
        fake_wait(&finished);
        CHECK(atomic_load(&chained.statuses) == 1);
        CHECK(chained.count == 0 && chained.status == WBEM_E_CALL_CANCELLED);
    }
    delivery_drain();
    CHECK(atomic_load(&first.statuses) == 1);
    CHECK(first.status == WBEM_E_CALL_CANCELLED);
    fake_source_done(&source);
    CHECK(fake_objects_alive() == 0);
    sem_destroy(&finished);
}

static void test_model_one_thread(void **state)
{
    for (unsigned i = 0; i < rounds(); i++) {
        one_thread(first_seed() + i);
    }
}

static void test_model_several_threads(void **state)
{
    for (unsigned i = 0; i < rounds(); i++) {
        several_threads(first_seed() + i, false);
    }
}

static void test_model_everything_at_once(void **state)
{
    for (unsigned i = 0; i < rounds(); i++) {
        several_threads(first_seed() + i, true);
    }
}

static void test_model_release_at_any_moment(void **state)
{
    for (unsigned i = 0; i < rounds(); i++) {
        release_at_random(first_seed() + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_one_thread),
        cmocka_unit_test(test_model_several_threads),
        cmocka_unit_test(test_model_everything_at_once),
        cmocka_unit_test(test_model_release_at_any_moment),
    };
    return cmocka_run_group_tests_name("enumerator-model", tests, NULL, NULL);
}
