/*
 * Providers that are loaded: made, initialized, shared by the operations that
 * need them, and let go when nobody has needed them for a while (WmiSdk
 * "Initializing a Provider", "Unloading a Provider").
 *
 * `loaded.lock` guards the list and each provider's state, users and time;
 * `loaded.changed` is signalled when a state changes or the janitor is to look
 * again. A provider's code always runs without the lock.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <wchar.h>

#include "hosting/remote.h"

enum state {
    LOADING,
    READY,
    FAILED_TO_LOAD,
    STALE, /* not to be given out again; ends with its last user */
};

struct hosted {
    struct hosted *next; /* under loaded.lock, as state, users, until */
    enum state state;
    unsigned users;
    struct timespec until; /* while there are no users: when it goes */
    HRESULT failure;       /* once FAILED_TO_LOAD */
    IErrorInfo *error;     /* owned; explains the failure */
    struct repository_namespace *name_space;
    uint64_t repository; /* of which it is: repository_moment */
    struct registration *registration;
    IUnknown *object;
    enum {
        NO_EVENTS,
        BEGINNING_EVENTS,
        GIVES_EVENTS
    } events;              /* under loaded.lock */
    struct remote *remote; /* the connection to its process; NULL: it is in this one */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct hosted *first;
    bool ready;   /* `changed` has its clock */
    bool janitor; /* its thread runs */
} loaded = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void lock(void)
{
    pthread_mutex_lock(&loaded.lock);
    if (!loaded.ready) {
        loaded.ready = SUCCEEDED(cond_init_monotonic(&loaded.changed));
    }
}

static void unlock(void)
{
    pthread_mutex_unlock(&loaded.lock);
}

/* What the library itself has costs nothing while it is idle. */
static bool stays(const struct hosted *h)
{
    return h->registration->model == HOSTING_IN_PROCESS && registration_is_own(h->registration);
}

static void hosted_destroy(struct hosted *h)
{
    com_release(h->object); /* closes the connection */
    remote_unref(h->remote);
    com_release(h->error);
    registration_unref(h->registration);
    free(h);
}

IUnknown *hosted_object(struct hosted *h)
{
    return h->object;
}

/* ---- the sink of Initialize -------------------------------------------------------------- */

/* Ours and the provider's references are counted apart, so that a sink let go of without a word is
 * noticed. */
struct init_sink {
    IWbemProviderInitSink iface;
    struct com_refs refs;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ULONG given;    /* under lock: the provider's references */
    bool said;      /* under lock */
    HRESULT status; /* under lock */
};

static struct init_sink *init_sink_of(IWbemProviderInitSink *iface)
{
    return COM_CONTAINER(iface, struct init_sink, iface);
}

static void init_sink_unref(struct init_sink *s)
{
    if (com_ref_dec(&s->refs) == 0) {
        pthread_cond_destroy(&s->changed);
        pthread_mutex_destroy(&s->lock);
        free(s);
    }
}

static HRESULT STDMETHODCALLTYPE init_sink_query_interface(IWbemProviderInitSink *iface,
                                                           REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemProviderInitSink)) {
        return E_NOINTERFACE;
    }
    (void)IWbemProviderInitSink_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE init_sink_addref(IWbemProviderInitSink *iface)
{
    struct init_sink *s = init_sink_of(iface);
    pthread_mutex_lock(&s->lock);
    ULONG given = ++s->given;
    pthread_mutex_unlock(&s->lock);
    (void)com_ref_inc(&s->refs);
    return given;
}

static ULONG STDMETHODCALLTYPE init_sink_release(IWbemProviderInitSink *iface)
{
    struct init_sink *s = init_sink_of(iface);
    pthread_mutex_lock(&s->lock);
    bool surplus = s->given == 0; /* a release too many is nobody's but the provider's harm */
    ULONG given = surplus ? 0 : --s->given;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (!surplus) {
        init_sink_unref(s);
    }
    return given;
}

static HRESULT STDMETHODCALLTYPE init_sink_set_status(IWbemProviderInitSink *iface, LONG status,
                                                      LONG flags)
{
    struct init_sink *s = init_sink_of(iface);
    pthread_mutex_lock(&s->lock);
    if (!s->said) { /* the first word counts */
        s->said = true;
        s->status = status;
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return WBEM_S_NO_ERROR;
}

static const IWbemProviderInitSinkVtbl init_sink_vtbl = {
    init_sink_query_interface, init_sink_addref, init_sink_release, init_sink_set_status};

static HRESULT init_sink_create(struct init_sink **ret)
{
    struct init_sink *s = calloc(1, sizeof *s);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(cond_init_monotonic(&s->changed))) {
        free(s);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->iface.lpVtbl = &init_sink_vtbl;
    com_ref_init(&s->refs);
    pthread_mutex_init(&s->lock, NULL);
    *ret = s;
    return S_OK;
}

/* What the provider said of itself; *ret_why when it is not fit for use. */
static HRESULT init_sink_wait(struct init_sink *s, LONG timeout, const char **ret_why)
{
    struct timespec until = deadline_after(timeout);
    pthread_mutex_lock(&s->lock);
    int error = 0;
    while (!s->said && s->given > 0 && error != ETIMEDOUT) {
        error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    }
    HRESULT hr = s->status;
    if (!s->said) {
        *ret_why = s->given > 0
                       ? "it did not say in time that it is initialized"
                       : "it let go of its init sink without saying that it is initialized";
        hr = s->given > 0 ? WBEM_E_PROVIDER_TIMED_OUT : WBEM_E_PROVIDER_LOAD_FAILURE;
    } else if (FAILED(hr)) {
        *ret_why = "it says that it could not initialize";
        hr = WBEM_E_PROVIDER_LOAD_FAILURE;
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

/* ---- loading ------------------------------------------------------------------------------ */

static HRESULT raise_load(const struct hosted *h, HRESULT hr, const char *why, HRESULT code)
{
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(h->registration->name);
    const char *code_name = com_status_name(code);
    IErrorInfo *info = NULL;
    char text[512];
    if (FAILED(code)) {
        snprintf(text, sizeof text, "provider %s: %s (0x%08x%s%s)", name ? name : "?", why,
                 (unsigned)code, code_name ? " " : "", code_name ? code_name : "");
    } else {
        snprintf(text, sizeof text, "provider %s: %s", name ? name : "?", why);
    }
    (void)error_create(hr, "IWbemProviderInit::Initialize", NULL, name, text, &info);
    (void)SetErrorInfo(0, info);
    com_release(info);
    return hr;
}

/* IWbemProviderIdentity tells a provider that serves several names which one is meant. */
static void tell_identity(struct hosted *h)
{
    CLEANUP(com_cleanup_release) IWbemProviderIdentity *identity = NULL;
    if (h->registration->object &&
        SUCCEEDED(
            IUnknown_QueryInterface(h->object, &IID_IWbemProviderIdentity, (void **)&identity))) {
        (void)IWbemProviderIdentity_SetRegistrationObject(identity, 0, h->registration->object);
    }
}

static wchar_t *user_name(void)
{
    const char *name = getlogin();
    return com_wide_from_utf8(name ? name : "");
}

static HRESULT call_initialize(struct hosted *h, IWbemProviderInit *init, struct init_sink *sink)
{
    struct registration *r = h->registration;
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    CLEANUP(com_cleanup_bstr)
    BSTR name_space = SysAllocString(repository_namespace_name(h->name_space));
    CLEANUP(com_cleanup_free) wchar_t *wide_user = r->per_user ? user_name() : NULL;
    CLEANUP(com_cleanup_bstr) BSTR user = wide_user ? SysAllocString(wide_user) : NULL;
    CLEANUP(com_cleanup_bstr) BSTR locale = r->per_locale ? SysAllocString(L"MS_409") : NULL;
    if (!name_space || (r->per_user && !user) || (r->per_locale && !locale)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = hosting_services(h->name_space, &services);
    if (FAILED(hr)) {
        return hr;
    }
    (void)IWbemProviderInitSink_AddRef(&sink->iface);
    hr = IWbemProviderInit_Initialize(init, user, 0, name_space, locale, services, NULL,
                                      &sink->iface);
    (void)IWbemProviderInitSink_Release(&sink->iface);
    return hr;
}

/* Event consumers need no IWbemProviderInit (wbemprov/nn-wbemprov-iwbemproviderinit). */
static HRESULT initialize(struct hosted *h)
{
    CLEANUP(com_cleanup_release) IWbemProviderInit *init = NULL;
    tell_identity(h);
    HRESULT hr = IUnknown_QueryInterface(h->object, &IID_IWbemProviderInit, (void **)&init);
    if (FAILED(hr)) {
        return h->registration->can == PROVIDER_CONSUMERS ||
                       h->registration->model == HOSTING_DECOUPLED
                   ? WBEM_S_NO_ERROR
                   : raise_load(h, WBEM_E_PROVIDER_LOAD_FAILURE,
                                "its object has no IWbemProviderInit", hr);
    }
    struct init_sink *sink;
    hr = init_sink_create(&sink);
    if (FAILED(hr)) {
        return hr;
    }
    const char *why = NULL;
    hr = call_initialize(h, init, sink);
    if (FAILED(hr)) {
        hr = raise_load(h, WBEM_E_PROVIDER_LOAD_FAILURE, "its Initialize failed", hr);
    } else {
        LONG timeout = h->registration->initialize_timeout;
        hr = init_sink_wait(sink, timeout ? timeout : INITIALIZE_SECONDS * 1000, &why);
        hr = FAILED(hr) ? raise_load(h, hr, why, 0) : WBEM_S_NO_ERROR;
    }
    init_sink_unref(sink);
    return hr;
}

static HRESULT load_in_process(struct hosted *h)
{
    HRESULT hr = CoCreateInstance(&h->registration->clsid, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_IUnknown, (void **)&h->object);
    if (hr == REGDB_E_CLASSNOTREG) {
        return raise_load(h, WBEM_E_PROVIDER_LOAD_FAILURE,
                          "no file of the provider folders knows its CLSID", hr);
    }
    if (FAILED(hr) && hr != WBEM_E_PROVIDER_LOAD_FAILURE) {
        return raise_load(h, WBEM_E_PROVIDER_LOAD_FAILURE, "its object could not be made", hr);
    }
    return hr;
}

static HRESULT load(struct hosted *h)
{
    if (h->registration->model == HOSTING_OWN_PROCESS && !host_is_here()) {
        return remote_load(h->name_space, h->registration, &h->remote, &h->object);
    }
    if (h->registration->model == HOSTING_DECOUPLED) {
        h->object = decoupled_find(repository_namespace_name(h->name_space), h->registration->name);
        return h->object ? initialize(h)
                         : remote_load(h->name_space, h->registration, &h->remote, &h->object);
    }
    HRESULT hr = load_in_process(h);
    return FAILED(hr) ? hr : initialize(h);
}

/* ---- giving out ------------------------------------------------------------------------------ */

/* Under loaded.lock. */
static struct hosted *find(struct repository_namespace *n, const struct registration *r)
{
    struct hosted *h = loaded.first;
    for (; h; h = h->next) {
        if (h->name_space == n && h->repository == repository_now(repository_of(n)).repository &&
            (h->state == LOADING || h->state == READY) &&
            wcscasecmp(h->registration->name, r->name) == 0) {
            break;
        }
    }
    if (h &&
        (!IsEqualCLSID(&h->registration->clsid, &r->clsid) || h->registration->model != r->model)) {
        h->state = STALE; /* registered otherwise since */
        h = NULL;
    }
    if (h && h->state == READY && h->remote && !remote_alive(h->remote)) {
        h->state = STALE; /* its process has ended */
        h = NULL;
    }
    return h;
}

static void remove_from_list(struct hosted *h)
{
    struct hosted **at = &loaded.first;
    while (*at != h) {
        at = &(*at)->next;
    }
    *at = h->next;
}

static void need_janitor(void);

static HRESULT wait_until_loaded(struct hosted *h)
{
    while (h->state == LOADING) {
        pthread_cond_wait(&loaded.changed, &loaded.lock);
    }
    return h->state == FAILED_TO_LOAD ? h->failure : WBEM_S_NO_ERROR;
}

static struct hosted *hosted_create(struct repository_namespace *n, struct registration *r)
{
    struct hosted *h = calloc(1, sizeof *h);
    if (h) {
        h->name_space = n;
        h->repository = repository_now(repository_of(n)).repository;
        h->registration = registration_ref(r);
        h->users = 1;
    }
    return h;
}

static HRESULT load_and_tell(struct hosted *h)
{
    HRESULT hr = load(h);
    IErrorInfo *error = NULL;
    if (FAILED(hr)) {
        (void)GetErrorInfo(0, &error);
    }
    lock();
    h->state = FAILED(hr) ? FAILED_TO_LOAD : READY;
    h->failure = hr;
    h->error = error;
    pthread_cond_broadcast(&loaded.changed);
    unlock();
    return hr;
}

HRESULT hosted_acquire(struct repository_namespace *n, struct registration *r, struct hosted **ret)
{
    struct hosted *fresh = hosted_create(n, r);
    if (!fresh) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    lock();
    struct hosted *h = find(n, r);
    bool mine = !h;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (mine) {
        h = TAKE(fresh);
        h->next = loaded.first;
        loaded.first = h;
    } else {
        h->users++;
        hr = wait_until_loaded(h);
    }
    unlock();
    if (fresh) {
        hosted_destroy(fresh);
    }

    if (mine) {
        hr = load_and_tell(h);
    }
    if (FAILED(hr)) {
        (void)SetErrorInfo(0, h->error);
        hosted_release(h);
        return hr;
    }
    *ret = h;
    return WBEM_S_NO_ERROR;
}

void hosted_forget(IUnknown *object)
{
    lock();
    for (struct hosted *h = loaded.first; h; h = h->next) {
        if (h->state == READY && h->object == object) {
            h->state = STALE;
            h->until = deadline_after(0);
        }
    }
    need_janitor();
    unlock();
}

void hosted_addref(struct hosted *h)
{
    lock();
    h->users++;
    unlock();
}

bool hosted_begin_events(struct hosted *h)
{
    lock();
    while (h->events == BEGINNING_EVENTS) {
        pthread_cond_wait(&loaded.changed, &loaded.lock);
    }
    bool mine = h->events == NO_EVENTS;
    if (mine) {
        h->events = BEGINNING_EVENTS;
    }
    unlock();
    return mine;
}

void hosted_end_events(struct hosted *h, bool provides)
{
    lock();
    h->events = provides ? GIVES_EVENTS : NO_EVENTS;
    pthread_cond_broadcast(&loaded.changed);
    unlock();
}

/* ---- letting go --------------------------------------------------------------------------------
 */

/* Under loaded.lock: takes out what may go, all that is idle or what is due. */
static struct hosted *take_idle(bool all)
{
    struct timespec now = deadline_after(0);
    for (struct hosted *h = loaded.first; h; h = h->next) {
        bool due = h->until.tv_sec < now.tv_sec ||
                   (h->until.tv_sec == now.tv_sec && h->until.tv_nsec <= now.tv_nsec);
        if (h->users == 0 && (all || (due && !stays(h)))) {
            remove_from_list(h);
            return h;
        }
    }
    return NULL;
}

static void unload(bool all)
{
    bool any = false;
    lock();
    for (struct hosted *h; (h = take_idle(all)) != NULL;) {
        unlock();
        hosted_destroy(h);
        any = true;
        lock();
    }
    unlock();
    if (any) {
        module_unload_unused();
    }
}

void hosting_unload_idle(void)
{
    unload(true);
}

/* Under loaded.lock: the earliest time at which something goes; false: nothing will. */
static bool next_time(struct timespec *ret)
{
    bool any = false;
    for (struct hosted *h = loaded.first; h; h = h->next) {
        if (h->users == 0 && !stays(h) && (!any || h->until.tv_sec < ret->tv_sec)) {
            *ret = h->until;
            any = true;
        }
    }
    return any;
}

/* Waits for the idle ones' times; ends when there is nothing to wait for. */
static void *janitor_main(void *closure)
{
    (void)CoInitializeEx(NULL, COINIT_MULTITHREADED);
    lock();
    for (struct timespec until; next_time(&until);) {
        if (pthread_cond_timedwait(&loaded.changed, &loaded.lock, &until) == ETIMEDOUT) {
            unlock();
            unload(false);
            lock();
        }
    }
    loaded.janitor = false;
    unlock();
    CoUninitialize();
    return NULL;
}

/* Under loaded.lock. Signals are the program's affair, so our threads take none. */
static void need_janitor(void)
{
    if (loaded.janitor) {
        pthread_cond_broadcast(&loaded.changed);
        return;
    }
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, janitor_main, NULL) == 0) {
        loaded.janitor = true;
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void hosted_release(struct hosted *h)
{
    if (!h) {
        return;
    }
    struct hosted *gone = NULL;
    lock();
    if (--h->users == 0) {
        if (h->state == READY && stays(h)) {
            /* as it is */
        } else if (h->state == READY) {
            LONG timeout = h->registration->unload_timeout;
            /* What this program itself offers stays until it is withdrawn: it is not ours to end,
             * and would be given a second sink for its events when it is taken up again. */
            bool offered = h->registration->model == HOSTING_DECOUPLED && !h->remote;
            timeout = offered ? INT32_MAX : timeout ? timeout : IDLE_UNLOAD_SECONDS * 1000;
            h->until = deadline_after(timeout);
            need_janitor();
        } else {
            remove_from_list(h);
            gone = h;
        }
    }
    unlock();
    if (gone) {
        hosted_destroy(gone);
    }
}
