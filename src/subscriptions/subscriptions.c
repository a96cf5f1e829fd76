/*
 * All permanent subscriptions of a repository: found by looking through its
 * namespaces, once and after each change that matters; what is new is started,
 * what is gone is stopped, what is wrong is said once.
 *
 * `lock` guards the flags and the count of runs. `entries` belong to who has set
 * `scanning`; no lock is held while providers are asked for events.
 */
#include "subscriptions/subscriptions.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "events/events.h"
#include "object/object.h"
#include "subscriptions/subscriptions_private.h"

/* One binding. */
struct entry {
    struct entry *next;
    wchar_t *name;   /* namespace:path */
    struct run *run; /* NULL: it does not work */
    char *problem;   /* what was said of that */
    bool found;
};

struct subscriptions {
    struct repository *repository;
    struct subscriptions_options options;
    struct change_watch *changes;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    unsigned runs;        /* under lock */
    bool scanning, again; /* under lock */
    struct entry *entries;
};

/* ---- what runs need ------------------------------------------------------------------ */

void subscriptions_log(struct subscriptions *s, enum subscriptions_level level, const wchar_t *name,
                       const char *format, ...)
{
    if (!s->options.log) {
        return;
    }
    CLEANUP(com_cleanup_free) char *what = NULL;
    CLEANUP(com_cleanup_free) char *line = NULL;
    CLEANUP(com_cleanup_free) char *of = com_utf8_from_wide(name);
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&what, format, arguments) < 0) {
        what = NULL;
    }
    va_end(arguments);
    if (!what || asprintf(&line, "%s%s%s", of ? of : "", of ? ": " : "", what) < 0) {
        line = NULL;
        return;
    }
    for (char *c = line; *c; c++) { /* one line, whatever an event or a query held */
        *c = (unsigned char)*c < ' ' ? ' ' : *c;
    }
    s->options.log(s->options.closure, level, line);
}

char *subscriptions_reason(HRESULT hr, IErrorInfo *error)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    char *reason;
    const char *name = com_status_name(hr);
    if (error) {
        (void)IErrorInfo_GetDescription(error, &text);
    }
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    const char *meaning = utf8 ? utf8 : com_status_text(hr);
    return asprintf(&reason, "%s (%s %08x)", meaning ? meaning : "it failed", name ? name : "code",
                    (unsigned)hr) < 0
               ? NULL
               : reason;
}

void subscriptions_enter(struct subscriptions *s)
{
    pthread_mutex_lock(&s->lock);
    s->runs++;
    pthread_mutex_unlock(&s->lock);
}

void subscriptions_leave(struct subscriptions *s)
{
    pthread_mutex_lock(&s->lock);
    s->runs--;
    pthread_cond_broadcast(&s->idle);
    pthread_mutex_unlock(&s->lock);
}

/* ---- entries (of who scans) ---------------------------------------------------------------- */

static void entry_stop(struct entry *e)
{
    if (e->run) {
        run_stop(TAKE(e->run));
    }
}

static void entry_destroy(struct entry *e)
{
    entry_stop(e);
    free(e->name);
    free(e->problem);
    free(e);
}

/* Takes the name. */
static struct entry *entry_find(struct subscriptions *s, wchar_t *name)
{
    struct entry *e = s->entries;
    while (e && wcscasecmp(e->name, name) != 0) {
        e = e->next;
    }
    if (e) {
        free(name);
        return e;
    }
    e = calloc(1, sizeof(*e));
    if (!e) {
        free(name);
        return NULL;
    }
    e->name = name;
    e->next = s->entries;
    s->entries = e;
    return e;
}

static void entry_fail(struct subscriptions *s, struct entry *e, HRESULT hr)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    (void)GetErrorInfo(0, &error);
    char *problem = subscriptions_reason(hr, error);
    entry_stop(e);
    if (!e->problem || !problem || strcmp(e->problem, problem) != 0) {
        subscriptions_log(s, SUBSCRIPTIONS_PROBLEM, e->name, "does not work: %s",
                          problem ? problem : "out of memory");
    }
    free(e->problem);
    e->problem = problem;
}

static void entry_refresh(struct subscriptions *s, struct entry *e, struct repository_namespace *n,
                          IWbemClassObject *instance)
{
    struct binding b;
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = binding_read(n, instance, &b);
    if (SUCCEEDED(hr) && e->run && !run_has_ended(e->run) && run_adopt(e->run, &b)) {
        return;
    }
    if (SUCCEEDED(hr)) {
        entry_stop(e);
        hr = run_start(s, e->name, &b, &e->run);
    }
    if (FAILED(hr)) {
        entry_fail(s, e, hr);
        return;
    }
    free(TAKE(e->problem));
    subscriptions_log(s, SUBSCRIPTIONS_NOTE, e->name, "works");
}

/* ---- looking through the repository ---------------------------------------------------------- */

static wchar_t *name_of(struct repository_namespace *n, IWbemClassObject *instance)
{
    CLEANUP(com_cleanup_variant) VARIANT path = {0};
    if (FAILED(IWbemClassObject_Get(instance, L"__RELPATH", 0, &path, NULL, NULL)) ||
        V_VT(&path) != VT_BSTR) {
        return NULL;
    }
    const wchar_t *space = repository_namespace_name(n);
    size_t size = wcslen(space) + wcslen(V_BSTR(&path)) + 2;
    wchar_t *name = calloc(size, sizeof(*name));
    if (name) {
        swprintf(name, size, L"%ls:%ls", space, V_BSTR(&path));
    }
    return name;
}

static HRESULT scan_bindings(struct subscriptions *s, struct repository_namespace *n)
{
    static const wchar_t name[] = L"__FilterToConsumerBinding";
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY};
    struct source *source;
    HRESULT hr = repository_get_class(n, name, false, &cls);
    if (SUCCEEDED(hr)) {
        hr = repository_instance_source(NULL, n, cls, NULL, &source);
    }
    if (SUCCEEDED(hr)) {
        hr = enumerator_create(source, &options, &e);
    }
    while (hr == WBEM_S_NO_ERROR) {
        CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
        ULONG got;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &instance, &got);
        wchar_t *of = hr == WBEM_S_NO_ERROR ? name_of(n, instance) : NULL;
        struct entry *entry = of ? entry_find(s, of) : NULL;
        if (entry) {
            entry->found = true;
            entry_refresh(s, entry, n, instance);
        }
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* A namespace and those below it. */
struct walk {
    struct subscriptions *subscriptions;
    const wchar_t *above;
};

static HRESULT scan_namespace(struct subscriptions *s, const wchar_t *name);

static HRESULT scan_child(void *closure, const wchar_t *child)
{
    const struct walk *w = closure;
    size_t size = wcslen(w->above) + wcslen(child) + 2;
    CLEANUP(com_cleanup_free) wchar_t *name = calloc(size, sizeof(*name));
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    swprintf(name, size, L"%ls\\%ls", w->above, child);
    return scan_namespace(w->subscriptions, name);
}

static HRESULT scan_namespace(struct subscriptions *s, const wchar_t *name)
{
    struct repository_namespace *n;
    struct walk w = {s, name};
    HRESULT hr = repository_open(s->repository, name, &n);
    if (hr == WBEM_E_INVALID_NAMESPACE) {
        return WBEM_S_NO_ERROR; /* it has just been deleted */
    }
    if (SUCCEEDED(hr)) {
        hr = scan_bindings(s, n);
    }
    if (SUCCEEDED(hr)) {
        hr = repository_visit_namespaces(n, scan_child, &w);
    }
    return hr == WBEM_E_INVALID_NAMESPACE ? WBEM_S_NO_ERROR : hr;
}

static HRESULT scan_once(struct subscriptions *s)
{
    for (struct entry *e = s->entries; e; e = e->next) {
        e->found = false;
    }
    HRESULT hr = scan_namespace(s, L"root");
    if (FAILED(hr)) { /* what could not be looked at goes on as it was */
        CLEANUP(com_cleanup_free) char *reason = subscriptions_reason(hr, NULL);
        subscriptions_log(s, SUBSCRIPTIONS_PROBLEM, NULL, "the repository can't be read: %s",
                          reason ? reason : "out of memory");
        return hr;
    }
    for (struct entry **at = &s->entries; *at;) {
        struct entry *e = *at;
        if (e->found) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        subscriptions_log(s, SUBSCRIPTIONS_NOTE, e->name, "is gone");
        entry_destroy(e);
    }
    return WBEM_S_NO_ERROR;
}

static void scan(void *closure)
{
    struct subscriptions *s = closure;
    /* What the caller's error object says is the caller's affair. */
    CLEANUP(com_cleanup_release) IErrorInfo *kept = NULL;
    (void)GetErrorInfo(0, &kept);
    pthread_mutex_lock(&s->lock);
    s->again = true;
    while (s->again && !s->scanning) {
        s->scanning = true;
        s->again = false;
        pthread_mutex_unlock(&s->lock);
        (void)scan_once(s);
        pthread_mutex_lock(&s->lock);
        s->scanning = false;
    }
    pthread_mutex_unlock(&s->lock);
    (void)SetErrorInfo(0, kept);
}

/* A class that was missing may make a broken subscription work. */
static enum change_concern concern(void *closure, const struct repository_event *e)
{
    static const wchar_t *const classes[] = {L"__FilterToConsumerBinding", L"__EventFilter",
                                             L"__EventConsumer", L"__NAMESPACE",
                                             L"__EventConsumerProviderRegistration"};
    struct schema *s;
    (void)closure;
    if (e->is_class) {
        return CHANGE_LATER;
    }
    if (FAILED(schema_of(e->after ? e->after : e->before, &s))) {
        return CHANGE_IGNORED;
    }
    for (size_t i = 0; i < ARRAYSIZE(classes); i++) {
        if (schema_is_a(s, classes[i])) {
            return CHANGE_NOW;
        }
    }
    return CHANGE_IGNORED;
}

/* ---- starting and stopping ------------------------------------------------------------------- */

/* Whoever can write the repository decides what we run. */
static HRESULT check_owner(struct repository *r)
{
    struct stat st;
    const char *place = repository_place(r);
    if (strcmp(place, ":memory:") == 0) {
        return WBEM_S_NO_ERROR;
    }
    if (stat(place, &st) != 0 || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))) {
        return error_raise(WBEM_E_ACCESS_DENIED, "permanent subscriptions", place,
                           "the repository '%s' belongs to another user, or others may write it; "
                           "its consumers are not run",
                           place);
    }
    return WBEM_S_NO_ERROR;
}

HRESULT subscriptions_start(struct repository *r, const struct subscriptions_options *options,
                            struct subscriptions **ret)
{
    static const struct change_watch_ops ops = {.concern = concern, .changed = scan};
    HRESULT hr = check_owner(r);
    if (FAILED(hr)) {
        return hr;
    }
    struct subscriptions *s = calloc(1, sizeof(*s));
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->repository = r;
    if (options) {
        s->options = *options;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->idle, NULL);
    hr = change_watch_start(r, &ops, s, &s->changes);
    if (FAILED(hr)) {
        subscriptions_stop(s);
        return hr;
    }
    scan(s);
    *ret = s;
    return WBEM_S_NO_ERROR;
}

void subscriptions_stop(struct subscriptions *s)
{
    if (!s) {
        return;
    }
    change_watch_stop(s->changes);
    while (s->entries) {
        struct entry *e = s->entries;
        s->entries = e->next;
        entry_destroy(e);
    }
    pthread_mutex_lock(&s->lock);
    while (s->runs > 0) {
        pthread_cond_wait(&s->idle, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
