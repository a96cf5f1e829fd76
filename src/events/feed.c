/*
 * The built-in event providers as suppliers: one runs in a namespace while a
 * query there selects from one of its classes, or from a superclass of theirs
 * that is not a system class.
 *
 * `feeds.lock` guards the list and is held while a provider is opened or
 * closed; the reactor's thread, on which everything else of a provider runs,
 * never takes it. The counts of wishes are read there and written under it.
 */
#include <stdlib.h>
#include <string.h>

#include "events/feed.h"
#include "events/events_private.h"
#include "providers/event_provider.h"

struct feed_class {
    atomic_uint wanted;
    struct row *row;    /* made at first use */
    uint32_t *ordinals; /* of the columns */
};

enum {
    CLASSES_MOST = 16
};

/* One query that a feed serves. */
struct feed_demand {
    struct feed_demand *next;
    uint64_t id;
    bool wanted[CLASSES_MOST];
};

struct event_feed {
    struct event_feed *next; /* under feeds.lock */
    const struct event_provider *provider;
    struct repository_namespace *name_space;
    struct reactor_watch watch;
    struct reactor_timer timer;
    void *state;
    struct feed_demand *demands; /* under feeds.lock */
    unsigned current;            /* the class of the row being filled */
    struct feed_class classes[];
};

static struct {
    pthread_mutex_t lock;
    struct event_feed *first;
} feeds = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- what providers call -------------------------------------------------------------------- */

bool event_feed_wants(const struct event_feed *f, unsigned cls)
{
    return atomic_load_explicit(&f->classes[cls].wanted, memory_order_relaxed) > 0;
}

static HRESULT find_columns(const struct event_class *c, const struct row *row, uint32_t **ret)
{
    unsigned count = 0;
    while (c->columns[count]) {
        count++;
    }
    uint32_t *ordinals = calloc(count + 1, sizeof(*ordinals));
    if (!ordinals) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (unsigned i = 0; i < count; i++) {
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(c->columns[i]);
        HRESULT hr = name ? schema_find(row_schema(row), name, &ordinals[i]) : WBEM_E_OUT_OF_MEMORY;
        if (FAILED(hr)) {
            free(ordinals);
            return hr;
        }
    }
    *ret = ordinals;
    return WBEM_S_NO_ERROR;
}

static HRESULT prepare_row(struct event_feed *f, unsigned cls)
{
    struct feed_class *c = &f->classes[cls];
    const struct event_class *named = &f->provider->classes[cls];
    CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(named->name);
    HRESULT hr = name ? event_row(f->name_space, name, &c->row) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = find_columns(named, c->row, &c->ordinals);
    }
    if (FAILED(hr)) {
        row_destroy(TAKE(c->row));
    }
    return hr;
}

struct row *event_feed_row(struct event_feed *f, unsigned cls)
{
    struct feed_class *c = &f->classes[cls];
    if (!event_feed_wants(f, cls) || (!c->row && FAILED(prepare_row(f, cls)))) {
        return NULL;
    }
    row_clear(c->row);
    f->current = cls;
    return c->row;
}

void event_feed_uint(struct event_feed *f, unsigned column, uint64_t v)
{
    struct feed_class *c = &f->classes[f->current];
    (void)row_set_uint(c->row, c->ordinals[column], v);
}

void event_feed_string(struct event_feed *f, unsigned column, const char *utf8)
{
    struct feed_class *c = &f->classes[f->current];
    (void)row_set_string(c->row, c->ordinals[column], utf8);
}

void event_feed_bytes(struct event_feed *f, unsigned column, const uint8_t *bytes, unsigned count)
{
    struct feed_class *c = &f->classes[f->current];
    uint64_t numbers[64];
    count = count < ARRAYSIZE(numbers) ? count : ARRAYSIZE(numbers);
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = bytes[i];
    }
    (void)row_set_uint_array(c->row, c->ordinals[column], numbers, count);
}

void event_feed_put(struct event_feed *f, int64_t when)
{
    struct row *row = f->classes[f->current].row;
    IWbemClassObject *event = NULL;
    HRESULT hr =
        event_set_uint(row, L"TIME_CREATED", when ? event_time_of(when) : event_time_now());
    if (SUCCEEDED(hr)) {
        hr = event_encode(row, f->name_space, &event);
    }
    if (SUCCEEDED(hr)) {
        (void)hub_raise(f->name_space, event, NULL);
        IWbemClassObject_Release(event);
    }
}

void event_feed_lost(struct event_feed *f)
{
    struct row *row = NULL;
    IWbemClassObject *event = NULL;
    HRESULT hr = event_row(f->name_space, L"__EventDroppedEvent", &row);
    if (SUCCEEDED(hr)) {
        hr = event_encode(row, f->name_space, &event);
    }
    if (SUCCEEDED(hr)) {
        (void)hub_raise(f->name_space, event, NULL);
        IWbemClassObject_Release(event);
    }
    row_destroy(row);
}

void event_feed_tick(struct event_feed *f, int64_t nanoseconds)
{
    (void)reactor_set(&f->timer, reactor_now() + nanoseconds);
}

/* ---- the reactor's thread -----------------------------------------------------------------------
 */

/* Every query that the provider serves ends with its error. */
static void fail_all(struct event_feed *f, HRESULT hr)
{
    IErrorInfo *error = NULL;
    (void)GetErrorInfo(0, &error);
    for (unsigned i = 0; i < f->provider->class_count; i++) {
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(f->provider->classes[i].name);
        if (name && event_feed_wants(f, i)) {
            hub_fail(f->name_space, name, hr, error);
        }
    }
    com_release(error);
}

static void feed_ready(struct reactor_watch *w, uint32_t events)
{
    struct event_feed *f = COM_CONTAINER(w, struct event_feed, watch);
    (void)events;
    HRESULT hr = f->provider->ready(f->state);
    if (FAILED(hr)) {
        reactor_unwatch(w);
        fail_all(f, hr);
    }
}

static void feed_expired(struct reactor_timer *t)
{
    struct event_feed *f = COM_CONTAINER(t, struct event_feed, timer);
    f->provider->tick(f->state);
}

/* ---- starting and stopping
 * -------------------------------------------------------------------------- */

/* Which of the provider's classes the query covers. */
static bool covers(const struct event_provider *p, const struct event_demand *d, bool *wanted)
{
    bool any = false;
    for (unsigned i = 0; i < p->class_count && i < CLASSES_MOST; i++) {
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(p->classes[i].name);
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        struct schema *s;
        wanted[i] = name && SUCCEEDED(repository_get_class(d->name_space, name, false, &cls)) &&
                    SUCCEEDED(schema_of(cls, &s)) && schema_is_a(s, d->class_name);
        any |= wanted[i];
    }
    return any;
}

static struct event_feed *find_feed(const struct event_provider *p,
                                    const struct repository_namespace *n)
{
    struct event_feed *f = feeds.first;
    while (f && (f->provider != p || f->name_space != n)) {
        f = f->next;
    }
    return f;
}

static void add_demand(struct event_feed *f, struct feed_demand *d)
{
    for (unsigned i = 0; i < f->provider->class_count; i++) {
        atomic_fetch_add_explicit(&f->classes[i].wanted, d->wanted[i], memory_order_relaxed);
    }
    d->next = f->demands;
    f->demands = d;
}

static void remove_demand(struct event_feed *f, struct feed_demand **link)
{
    struct feed_demand *d = *link;
    *link = d->next;
    for (unsigned i = 0; i < f->provider->class_count; i++) {
        atomic_fetch_sub_explicit(&f->classes[i].wanted, d->wanted[i], memory_order_relaxed);
    }
    free(d);
}

static void feed_destroy(struct event_feed *f)
{
    reactor_unwatch(&f->watch);
    reactor_unset(&f->timer);
    if (f->state) {
        f->provider->close(f->state);
    }
    while (f->demands) {
        remove_demand(f, &f->demands);
    }
    for (unsigned i = 0; i < f->provider->class_count; i++) {
        row_destroy(f->classes[i].row);
        free(f->classes[i].ordinals);
    }
    free(f);
}

/* Takes the demand, also on failure. */
static HRESULT feed_create(const struct event_provider *p, struct repository_namespace *n,
                           struct feed_demand *d, struct event_feed **ret)
{
    struct event_feed *f = calloc(1, sizeof(*f) + p->class_count * sizeof(struct feed_class));
    if (!f) {
        free(d);
        return WBEM_E_OUT_OF_MEMORY;
    }
    f->provider = p;
    f->name_space = n;
    f->watch.ready = feed_ready;
    f->timer.expired = feed_expired;
    add_demand(f, d);
    int fd = -1;
    uint32_t events = 0;
    HRESULT hr = p->open(f, &f->state, &fd, &events);
    if (SUCCEEDED(hr)) {
        hr = reactor_watch(&f->watch, fd, events);
    }
    if (FAILED(hr)) {
        feed_destroy(f);
        return hr;
    }
    *ret = f;
    return WBEM_S_NO_ERROR;
}

/* Takes the demand. */
static HRESULT begin_provider(const struct event_provider *p, struct repository_namespace *n,
                              struct feed_demand *d)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&feeds.lock);
    struct event_feed *f = find_feed(p, n);
    if (f) {
        add_demand(f, d);
    } else {
        hr = feed_create(p, n, d, &f);
        if (SUCCEEDED(hr)) {
            f->next = feeds.first;
            feeds.first = f;
        }
    }
    pthread_mutex_unlock(&feeds.lock);
    return hr;
}

/* Under lock. */
static void end_demand(struct event_feed *f, uint64_t id)
{
    struct feed_demand **link = &f->demands;
    while (*link && (*link)->id != id) {
        link = &(*link)->next;
    }
    if (*link) {
        remove_demand(f, link);
    }
}

static void feeds_end(void *closure, const struct event_demand *d)
{
    (void)closure;
    pthread_mutex_lock(&feeds.lock);
    for (struct event_feed **link = &feeds.first; *link;) {
        struct event_feed *f = *link;
        end_demand(f, d->id);
        if (f->demands) {
            link = &f->next;
        } else {
            *link = f->next;
            feed_destroy(f);
        }
    }
    pthread_mutex_unlock(&feeds.lock);
}

/* Whoever asks for __ExtrinsicEvent wants what somebody raises, not all that the kernel does. */
static bool is_system_class(const wchar_t *name)
{
    return name[0] == L'_' && name[1] == L'_';
}

static HRESULT feeds_begin(void *closure, const struct event_demand *d)
{
    if (is_system_class(d->class_name)) {
        return WBEM_S_FALSE;
    }
    bool any = false;
    for (size_t i = 0; event_providers[i]; i++) {
        struct feed_demand wish = {.id = d->id};
        if (!covers(event_providers[i], d, wish.wanted)) {
            continue;
        }
        struct feed_demand *kept = malloc(sizeof(*kept));
        HRESULT hr = WBEM_E_OUT_OF_MEMORY;
        if (kept) {
            *kept = wish;
            hr = begin_provider(event_providers[i], d->name_space, kept);
        }
        if (FAILED(hr)) {
            feeds_end(closure, d);
            return hr;
        }
        any = true;
    }
    return any ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static const struct event_supplier feeds_supplier = {.begin = feeds_begin, .end = feeds_end};

HRESULT feeds_start(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct event_supply *supply; /* under lock; for good */
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&lock);
    if (!supply) {
        hr = events_supply(&feeds_supplier, NULL, &supply);
    }
    pthread_mutex_unlock(&lock);
    return hr;
}
