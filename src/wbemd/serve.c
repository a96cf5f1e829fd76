/*
 * The service: listens, says that it is ready, obeys signals, stops. Everything
 * but the wait for calls at the end runs on the main thread.
 */
#include "wbemd/wbemd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "com/com.h"
#include "repository/repository.h"
#include "rpc/rpc.h"
#include "server/server.h"
#include "subscriptions/subscriptions.h"
#include "wbemd/accounts.h"
#include "wbemd/guard.h"
#include "wbemd/listen.h"
#include "wbemd/log.h"

/* How often the main thread looks around when nothing happens. */
#define TICK_MS 1000u
/* For connections that are cut off, until the process ends with them. */
#define CUT_OFF_MS 1500u

struct service {
    struct settings *settings;
    struct accounts *accounts; /* owned, with those before */
    struct guard *guard;
    struct rpc_server *rpc;
    struct dcom_server *dcom;
    struct subscriptions *subscriptions;
    const sigset_t *signals;
    pthread_t main_thread;
    uint64_t watchdog_ms; /* 0: none */
};

/* ---- what it is made of ------------------------------------------------------------ */

static struct rpc_server_limits limits_of(const struct settings *s)
{
    return (struct rpc_server_limits){
        .connections = s->max_connections,
        .connections_per_peer = s->max_connections_per_address,
        .unauthenticated = s->max_unauthenticated,
        .request_bytes = (size_t)s->max_request_kib << 10,
        .pending_bytes = (size_t)s->max_pending_kib << 10,
        .calls = s->max_calls_per_connection,
        .handshake_ms = s->handshake_timeout * 1000,
        .stall_ms = s->stall_timeout * 1000,
        .idle_ms = s->connection_idle * 1000,
    };
}

static HRESULT map_token(void *context, const char *client, struct token *ret)
{
    return accounts_token(guard_accounts(context), client, ret);
}

/* On the network's thread: says little, and never waits. */
static void trace(void *context, const struct rpc_trace_event *e)
{
    const char *name = com_status_name(e->result);
    if (e->kind == RPC_TRACE_BIND && FAILED(e->result)) {
        log_line(LOG_NOTICE, "authentication from %s has failed: 0x%08x %s", e->peer,
                 (unsigned)e->result, name ? name : "");
    } else if (e->kind == RPC_TRACE_CONNECT) {
        log_line(LOG_DEBUG, "connection %llu from %s", (unsigned long long)e->connection, e->peer);
    } else if (e->kind == RPC_TRACE_CLOSE) {
        log_line(LOG_DEBUG, "connection %llu has ended: %s", (unsigned long long)e->connection,
                 FAILED(e->result) && name ? name : "closed");
    }
}

static HRESULT make_rpc(struct service *v)
{
    const struct rpc_server_options options = {.guard = guard_of(v->guard),
                                               .acceptor = accounts_acceptor(v->accounts),
                                               .minimum_level = v->settings->level,
                                               .limits = limits_of(v->settings),
                                               .closed = guard_closed,
                                               .closed_context = v->guard,
                                               .trace = trace};
    return rpc_server_new(&options, &v->rpc);
}

static HRESULT make_dcom(struct service *v, const struct listen_ports *ports)
{
    const struct settings *s = v->settings;
    const struct dcom_server_options options = {
        .rpc = v->rpc,
        .addresses = (const char *const *)ports->names,
        .address_count = ports->name_count,
        .resolver_port = ports->resolver,
        .object_port = ports->objects,
        .authn_level = s->level,
        .ping_period_ms = s->ping_period * 1000,
        .objects_per_client = s->max_objects_per_user,
        .objects = s->max_objects,
    };
    HRESULT hr = dcom_server_new(&options, &v->dcom);
    return SUCCEEDED(hr) ? server_register(v->dcom) : hr;
}

/* What a subscription has to say. */
static void log_subscription(void *closure, enum subscriptions_level level, const char *line)
{
    log_line(level == SUBSCRIPTIONS_PROBLEM ? LOG_WARNING : LOG_INFO, "%s", line);
}

static HRESULT start_subscriptions(struct service *v)
{
    const struct subscriptions_options options = {.log = log_subscription};
    struct repository *r;
    if (!v->settings->subscriptions) {
        return S_OK;
    }
    HRESULT hr = repository_default(&r);
    return SUCCEEDED(hr) ? subscriptions_start(r, &options, &v->subscriptions) : hr;
}

/* Users are counted under the name that the accounts have for them. */
static HRESULT identify(void *context, const char *peer, char **ret)
{
    return accounts_identify(guard_accounts(context), peer, ret);
}

static void take_limits(struct service *v)
{
    const struct settings *s = v->settings;
    const struct server_policy policy = {.enumerators_per_user = s->max_enumerators_per_user,
                                         .results_per_user = s->max_results_per_user,
                                         .result_bytes_per_user =
                                             (uint64_t)s->max_result_memory_per_user_kib << 10,
                                         .call_ms = (uint64_t)s->call_time * 1000,
                                         .identify = identify,
                                         .context = v->guard};
    guard_set(v->guard, v->accounts, s);
    token_forget_clients();
    server_set_policy(&policy);
}

/* ---- signals ----------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* 0: none came in this time. */
static int next_signal(const struct service *v, uint64_t ms)
{
    const struct timespec wait = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    int got = sigtimedwait(v->signals, NULL, &wait);
    return got > 0 ? got : 0;
}

/* New settings, if all of them are good; else everything stays. */
static void reload(struct service *v, int argc, char **argv)
{
    struct settings next;
    struct accounts *accounts;
    char error[SETTINGS_ERROR_MAX];
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)now_ms() * 1000);
    if (!settings_load(argc, argv, &next, error)) {
        log_line(LOG_ERR, "nothing is reloaded: %s", error);
    } else if (FAILED(accounts_new(&next, v->accounts, &accounts))) {
        log_line(LOG_ERR, "nothing is reloaded");
        settings_done(&next);
    } else {
        const char *fixed = settings_fixed_difference(v->settings, &next);
        if (fixed) {
            log_line(LOG_WARNING, "%s is changed by a restart only", fixed);
        }
        settings_done(v->settings);
        *v->settings = next;
        v->accounts = accounts;
        const struct rpc_server_limits limits = limits_of(v->settings);
        log_set_level(v->settings->log_level);
        take_limits(v);
        rpc_server_change(v->rpc, accounts_acceptor(accounts), &limits);
        if (content_compile(v->settings) == EXIT_SUCCESS) {
            log_line(LOG_NOTICE, "reloaded");
        }
    }
    (void)sd_notify(0, "READY=1");
}

/* The watchdog hears of us when the network's thread answers too. */
static void look_around(struct service *v, uint64_t *told)
{
    uint64_t now = now_ms();
    unsigned connections = rpc_server_connections(v->rpc);
    uint64_t idle = (uint64_t)v->settings->enumerator_idle * 1000;
    size_t ended = idle ? server_end_idle(v->dcom, idle) : 0;
    if (ended) {
        log_line(LOG_INFO, "%zu enumerators were idle for %u s and have ended", ended,
                 v->settings->enumerator_idle);
    }
    if (v->watchdog_ms && now - *told >= v->watchdog_ms / 2) {
        (void)sd_notifyf(0, "WATCHDOG=1\nSTATUS=%u connections", connections);
        *told = now;
    }
}

static void obey(struct service *v, int argc, char **argv)
{
    uint64_t told = 0, usec = 0;
    uint64_t tick = TICK_MS;
    if (sd_watchdog_enabled(0, &usec) > 0) {
        v->watchdog_ms = usec / 1000;
        tick = v->watchdog_ms / 4 < tick ? v->watchdog_ms / 4 : tick;
    }
    for (;;) {
        int got = next_signal(v, tick);
        if (got == SIGHUP) {
            reload(v, argc, argv);
        } else if (got == SIGTERM || got == SIGINT) {
            return;
        }
        look_around(v, &told);
    }
}

/* ---- the end ----------------------------------------------------------------------- */

static void *stop_gracefully(void *arg)
{
    struct service *v = arg;
    rpc_server_stop(v->rpc, true);
    (void)pthread_kill(v->main_thread, SIGUSR1);
    return NULL;
}

/* True: all calls have ended. */
static bool wait_stopped(struct service *v, uint64_t ms)
{
    uint64_t end = now_ms() + ms;
    for (uint64_t now = now_ms(); now < end; now = now_ms()) {
        int got = next_signal(v, end - now);
        if (got == SIGUSR1) {
            return true;
        }
        if (got == SIGTERM || got == SIGINT) {
            log_line(LOG_NOTICE, "stopping at once");
            return false;
        }
    }
    log_line(LOG_WARNING, "calls that still run are cut off");
    return false;
}

/* No new calls; running ones get their time. What does not end by itself ends with the process: the
 * repository is made for that. */
static void stop(struct service *v)
{
    pthread_t thread;
    (void)sd_notify(0, "STOPPING=1");
    log_line(LOG_NOTICE, "stopping");
    server_stop_waiting();
    if (pthread_create(&thread, NULL, stop_gracefully, v) != 0) {
        rpc_server_stop(v->rpc, false);
        return;
    }
    if (!wait_stopped(v, (uint64_t)v->settings->stop_timeout * 1000)) {
        rpc_server_stop_now(v->rpc);
        uint64_t end = now_ms() + CUT_OFF_MS;
        int got = 0;
        while (got != SIGUSR1 && now_ms() < end) {
            got = next_signal(v, end - now_ms());
        }
        if (got != SIGUSR1) {
            log_line(LOG_WARNING, "a call does not end; going without it");
            _exit(EXIT_FAILURE);
        }
    }
    (void)pthread_join(thread, NULL);
}

/* ---- all of it --------------------------------------------------------------------- */

static HRESULT start(struct service *v, struct listen_ports *ports)
{
    const char *what = "the server";
    HRESULT hr = guard_new(&v->guard);
    if (SUCCEEDED(hr)) {
        take_limits(v);
        token_set_map(map_token, v->guard);
        hr = make_rpc(v);
    }
    if (SUCCEEDED(hr)) {
        hr = listen_all(v->rpc, v->settings, ports);
        if (FAILED(hr)) {
            return hr; /* has been told */
        }
        what = "DCOM";
        hr = make_dcom(v, ports);
    }
    if (SUCCEEDED(hr)) {
        what = "subscriptions";
        hr = start_subscriptions(v);
    }
    if (FAILED(hr)) {
        log_failure(LOG_ERR, what, hr);
    }
    return hr;
}

int serve(struct settings *s, struct accounts *a, const sigset_t *signals, int argc, char **argv)
{
    struct service v = {
        .settings = s, .accounts = a, .signals = signals, .main_thread = pthread_self()};
    struct listen_ports ports = {0};
    HRESULT hr = start(&v, &ports);
    if (SUCCEEDED(hr) && listen_tell(s, &ports)) {
        log_line(LOG_NOTICE, "ready on port %u, objects on port %u, as %s", ports.resolver,
                 ports.objects, ports.names[0]);
        (void)sd_notifyf(0, "READY=1\nSTATUS=ready on port %u", ports.resolver);
        obey(&v, argc, argv);
        stop(&v);
    } else {
        hr = FAILED(hr) ? hr : E_FAIL;
    }
    if (v.rpc) {
        rpc_server_stop(v.rpc, false);
    }
    subscriptions_stop(v.subscriptions);
    dcom_server_destroy(v.dcom);
    rpc_server_free(v.rpc);
    token_set_map(NULL, NULL);
    guard_destroy(v.guard);
    accounts_destroy(v.accounts);
    listen_ports_done(&ports);
    return SUCCEEDED(hr) ? EXIT_SUCCESS : EXIT_FAILURE;
}
