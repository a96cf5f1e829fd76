/*
 * __TimerEvent: what the instances of __IntervalTimerInstruction and
 * __AbsoluteTimerInstruction of a namespace ask for ([WmiSdk] "Receiving a Timer
 * Event"), while somebody there listens. Instructions that are put, changed or
 * deleted meanwhile count at once.
 */
#include "events/timers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "events/events_private.h"

#define MILLISECOND INT64_C(1000000)
/* A clock that was set back lets an absolute timer wait again, if by more than this. */
#define EARLY (10 * MILLISECOND)

struct timer {
    struct timer *next;
    struct reactor_timer alarm;
    struct timers *of;
    wchar_t *id;
    int64_t interval; /* ns; 0: absolute */
    int64_t moment;   /* of an absolute one: ns since 1970 */
    bool found;       /* at the last look at the repository */
};

/* Those of one namespace. */
struct timers {
    struct timers *next;
    struct repository_namespace *name_space;
    struct change_watch *changes;
    struct reactor_timer reload;
    struct timer *first; /* the reactor's thread's alone, but for the beginning and the end */
    unsigned users;      /* under lock */
};

static struct {
    pthread_mutex_t lock;
    struct timers *first;
    struct event_supply *supply;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 * MILLISECOND + t.tv_nsec;
}

/* ---- going off ------------------------------------------------------------------ */

static HRESULT raise_event(const struct timer *t, uint32_t firings)
{
    struct row *row;
    uint32_t ordinal;
    CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
    HRESULT hr = event_row(t->of->name_space, L"__TimerEvent", &row);
    if (FAILED(hr)) {
        return hr;
    }
    hr = event_set_uint(row, L"NumFirings", firings);
    if (SUCCEEDED(hr)) {
        hr = schema_find(row_schema(row), L"TimerId", &ordinal);
    }
    if (SUCCEEDED(hr)) {
        hr = row_set_wide(row, ordinal, t->id);
    }
    if (SUCCEEDED(hr)) {
        hr = event_encode(row, t->of->name_space, &event);
    }
    row_destroy(row);
    return SUCCEEDED(hr) ? events_raise(t->of->name_space, event) : hr;
}

static void expired(struct reactor_timer *alarm)
{
    struct timer *t = COM_CONTAINER(alarm, struct timer, alarm);
    if (t->interval == 0) {
        int64_t early = t->moment - clock_now();
        if (early > EARLY) {
            (void)reactor_set(alarm, reactor_now() + early);
        } else {
            (void)raise_event(t, 1);
        }
        return;
    }
    /* What was missed is one event with its number. */
    int64_t missed = (reactor_now() - alarm->at) / t->interval;
    int64_t next = alarm->at + (missed + 1) * t->interval;
    (void)raise_event(t, missed < INT32_MAX ? (uint32_t)missed + 1 : INT32_MAX);
    (void)reactor_set(alarm, next);
}

/* ---- instructions ------------------------------------------------------------------ */

/* False: it says nothing that could be followed. */
static bool read_instruction(IWbemClassObject *o, bool absolute, struct timer *ret, bool *ret_skip)
{
    struct cim_value v;
    struct cim_datetime moment;
    *ret_skip = object_find_value(o, L"SkipIfPassed", &v) && v.sint;
    if (absolute) {
        if (!object_find_value(o, L"EventDateTime", &v) ||
            FAILED(cim_datetime_parse(&v.string, false, &moment)) || moment.interval) {
            return false;
        }
        ret->moment = moment.microseconds * 1000;
    } else {
        if (!object_find_value(o, L"IntervalBetweenEvents", &v) || v.uint == 0) {
            return false;
        }
        ret->interval = (int64_t)v.uint * MILLISECOND;
    }
    return object_find_value(o, L"TimerId", &v) && (ret->id = cim_string_wide(&v.string));
}

static struct timer *find(const struct timers *of, const struct timer *wanted)
{
    struct timer *t = of->first;
    while (t && (t->interval != wanted->interval || t->moment != wanted->moment ||
                 wcscasecmp(t->id, wanted->id) != 0)) {
        t = t->next;
    }
    return t;
}

static void timer_destroy(struct timer *t)
{
    reactor_unset(&t->alarm);
    free(t->id);
    free(t);
}

/* Starts it, unless it runs already. One whose time has passed goes off when it is new. */
static HRESULT take_instruction(struct timers *of, IWbemClassObject *o, bool absolute, bool initial)
{
    struct timer read = {.found = true};
    bool skip;
    if (!read_instruction(o, absolute, &read, &skip)) {
        return WBEM_S_NO_ERROR;
    }
    struct timer *t = find(of, &read);
    if (t) {
        t->found = true;
        free(read.id);
        return WBEM_S_NO_ERROR;
    }
    t = malloc(sizeof(*t));
    if (!t) {
        free(read.id);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *t = read;
    t->of = of;
    t->alarm.expired = expired;
    t->next = of->first;
    of->first = t;
    int64_t wait = absolute ? t->moment - clock_now() : t->interval;
    if (wait < 0 && (initial || skip)) {
        return WBEM_S_NO_ERROR;
    }
    return reactor_set(&t->alarm, reactor_now() + (wait > 0 ? wait : 0));
}

static HRESULT read_class(struct timers *of, const wchar_t *name, bool absolute, bool initial)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    struct source *source;
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY};
    HRESULT hr = repository_get_class(of->name_space, name, false, &cls);
    if (SUCCEEDED(hr)) {
        hr = repository_instance_source(NULL, of->name_space, cls, NULL, &source);
    }
    if (SUCCEEDED(hr)) {
        hr = enumerator_create(source, &options, &e);
    }
    while (hr == WBEM_S_NO_ERROR) {
        CLEANUP(com_cleanup_release) IWbemClassObject *o = NULL;
        ULONG got;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &o, &got);
        if (hr == WBEM_S_NO_ERROR) {
            hr = take_instruction(of, o, absolute, initial);
        }
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT read_all(struct timers *of, bool initial)
{
    for (struct timer *t = of->first; t; t = t->next) {
        t->found = false;
    }
    HRESULT hr = read_class(of, L"__IntervalTimerInstruction", false, initial);
    if (SUCCEEDED(hr)) {
        hr = read_class(of, L"__AbsoluteTimerInstruction", true, initial);
    }
    if (FAILED(hr)) {
        return hr; /* rather one too many than one too few */
    }
    for (struct timer **at = &of->first; *at;) {
        struct timer *t = *at;
        if (t->found) {
            at = &t->next;
        } else {
            *at = t->next;
            timer_destroy(t);
        }
    }
    return WBEM_S_NO_ERROR;
}

static void reload(struct reactor_timer *timer)
{
    (void)read_all(COM_CONTAINER(timer, struct timers, reload), false);
}

/* Of a commit: the reactor's thread looks what it was. */
static enum change_concern concern(void *closure, const struct repository_event *e)
{
    const struct timers *of = closure;
    struct schema *s;
    return !e->is_class &&
                   wcscasecmp(e->name_space, repository_namespace_name(of->name_space)) == 0 &&
                   SUCCEEDED(schema_of(e->after ? e->after : e->before, &s)) &&
                   schema_is_a(s, L"__TimerInstruction")
               ? CHANGE_NOW
               : CHANGE_IGNORED;
}

static void changed(void *closure)
{
    struct timers *of = closure;
    (void)reactor_set(&of->reload, reactor_now());
}

static const struct change_watch_ops change_ops = {.concern = concern, .changed = changed};

/* ---- supplying ----------------------------------------------------------------------- */

static void timers_destroy(struct timers *of)
{
    change_watch_stop(of->changes);
    reactor_unset(&of->reload);
    while (of->first) {
        struct timer *t = of->first;
        of->first = t->next;
        timer_destroy(t);
    }
    free(of);
}

static HRESULT timers_create(struct repository_namespace *n, struct timers **ret)
{
    struct timers *of = calloc(1, sizeof(*of));
    if (!of) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    of->name_space = n;
    of->users = 1;
    of->reload.expired = reload;
    HRESULT hr = read_all(of, true);
    if (SUCCEEDED(hr)) {
        hr = change_watch_start(repository_of(n), &change_ops, of, &of->changes);
    }
    if (SUCCEEDED(hr)) { /* for what was put between the two */
        hr = reactor_set(&of->reload, reactor_now());
    }
    if (FAILED(hr)) {
        timers_destroy(of);
        return hr;
    }
    *ret = of;
    return WBEM_S_NO_ERROR;
}

/* Under lock. */
static struct timers *find_namespace(const struct repository_namespace *n)
{
    struct timers *of = all.first;
    while (of && of->name_space != n) {
        of = of->next;
    }
    return of;
}

static HRESULT begin(void *closure, const struct event_demand *d)
{
    struct timers *made;
    (void)closure;
    if (wcscasecmp(d->class_name, L"__TimerEvent") != 0) {
        return WBEM_S_FALSE;
    }
    pthread_mutex_lock(&all.lock);
    struct timers *of = find_namespace(d->name_space);
    if (of) {
        of->users++;
    }
    pthread_mutex_unlock(&all.lock);
    if (of) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = timers_create(d->name_space, &made);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&all.lock);
    of = find_namespace(d->name_space); /* somebody may have been faster */
    if (of) {
        of->users++;
    } else {
        made->next = all.first;
        all.first = made;
        made = NULL;
    }
    pthread_mutex_unlock(&all.lock);
    if (made) {
        timers_destroy(made);
    }
    return WBEM_S_NO_ERROR;
}

static void end(void *closure, const struct event_demand *d)
{
    (void)closure;
    pthread_mutex_lock(&all.lock);
    struct timers **at = &all.first;
    while (*at && (*at)->name_space != d->name_space) {
        at = &(*at)->next;
    }
    struct timers *last = NULL;
    if (*at && --(*at)->users == 0) {
        last = *at;
        *at = last->next;
    }
    pthread_mutex_unlock(&all.lock);
    if (last) {
        timers_destroy(last);
    }
}

HRESULT timers_start(void)
{
    static const struct event_supplier supplier = {.begin = begin, .end = end};
    static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&starting);
    HRESULT hr = all.supply ? WBEM_S_NO_ERROR : events_supply(&supplier, NULL, &all.supply);
    pthread_mutex_unlock(&starting);
    return hr;
}
