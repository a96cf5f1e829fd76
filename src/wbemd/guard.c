/*
 * Who is let in and how much each may have at once; see guard.h.
 *
 * `lock` guards all but what is fixed. A user is there while it has a connection; a connection is
 * there for each user that has authenticated on it.
 */
#include "wbemd/guard.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "com/com.h"
#include "dcom/dcom_private.h"
#include "wbemd/log.h"

#define BUCKETS 1024

struct user {
    struct user *next;
    char *name; /* as accounts_identify() gives it */
    unsigned connections, calls;
    int64_t held;  /* bytes, of its connections together */
    bool too_much; /* which was said */
};

struct connection {
    struct connection *next; /* in its bucket */
    uint64_t number;
    struct user *user;
    int64_t held; /* bytes of requests and replies */
};

struct guard {
    pthread_mutex_t lock;
    _Atomic(const struct accounts *) accounts;
    struct guard_limits limits;
    struct user *users;
    struct connection *connections[BUCKETS];
    unsigned calls;
};

/* ---- users, under the lock ------------------------------------------------------------- */

static struct user *user_get(struct guard *g, const char *name)
{
    struct user *u = g->users;
    while (u && strcmp(u->name, name) != 0) {
        u = u->next;
    }
    if (u || !(u = calloc(1, sizeof *u))) {
        return u;
    }
    u->name = strdup(name);
    if (!u->name) {
        free(u);
        return NULL;
    }
    u->next = g->users;
    g->users = u;
    return u;
}

static void user_put(struct guard *g, struct user *u)
{
    if (u->connections > 0 || u->calls > 0) {
        return;
    }
    struct user **at = &g->users;
    while (*at != u) {
        at = &(*at)->next;
    }
    *at = u->next;
    free(u->name);
    free(u);
}

static struct connection *find(struct guard *g, uint64_t number, const char *name)
{
    struct connection *c = g->connections[number % BUCKETS];
    while (c && (c->number != number || strcmp(c->user->name, name) != 0)) {
        c = c->next;
    }
    return c;
}

/* ---- connections ------------------------------------------------------------------------- */

static HRESULT add(struct guard *g, uint64_t number, const char *name)
{
    if (find(g, number, name)) { /* it has another security context there */
        return S_OK;
    }
    struct connection *c = calloc(1, sizeof *c);
    struct user *u = user_get(g, name);
    HRESULT hr = !c || !u ? E_OUTOFMEMORY
                 : u->connections >= g->limits.connections_per_user
                     ? HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY)
                     : S_OK;
    if (FAILED(hr)) {
        free(c);
        if (u) {
            user_put(g, u);
        }
        return hr;
    }
    *c = (struct connection){.next = g->connections[number % BUCKETS], .number = number, .user = u};
    g->connections[number % BUCKETS] = c;
    u->connections++;
    return S_OK;
}

static HRESULT admit(void *context, uint64_t connection, const struct auth_principal *peer,
                     const char *address, char **ret_name)
{
    struct guard *g = context;
    const struct accounts *a = atomic_load(&g->accounts);
    CLEANUP(com_cleanup_free) char *name = NULL;
    char why[256] = "";
    HRESULT hr = accounts_identify(a, peer->name, &name);
    if (SUCCEEDED(hr)) {
        hr = accounts_admit(a, peer->name, address, why, sizeof why);
    }
    if (FAILED(hr)) {
        log_line(LOG_WARNING, "%s from %s is refused: %s", peer->name, address,
                 *why ? why : "no memory");
        return hr;
    }
    pthread_mutex_lock(&g->lock);
    unsigned most = g->limits.connections_per_user;
    hr = add(g, connection, name);
    pthread_mutex_unlock(&g->lock);
    if (FAILED(hr)) {
        log_line(LOG_WARNING,
                 "%s from %s is refused: it has %u connections already "
                 "(max-connections-per-user)",
                 peer->name, address, most);
    } else {
        log_line(LOG_INFO, "%s has logged in from %s, connection %llu", peer->name, address,
                 (unsigned long long)connection);
        *ret_name = TAKE(name);
    }
    return hr;
}

void guard_closed(void *guard, uint64_t connection)
{
    struct guard *g = guard;
    pthread_mutex_lock(&g->lock);
    for (struct connection **at = &g->connections[connection % BUCKETS]; *at;) {
        struct connection *c = *at;
        if (c->number != connection) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        c->user->connections--;
        c->user->held -= c->held;
        user_put(g, c->user);
        free(c);
    }
    pthread_mutex_unlock(&g->lock);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* Those that only give back or keep alive are let through always: refusing them would make things
 * worse. */
static bool is_counted(const struct rpc_server_call *call)
{
    return call->peer && !IsEqualGUID(&call->syntax.uuid, &dcom_iid_rem_unknown) &&
           !IsEqualGUID(&call->syntax.uuid, &dcom_iid_rem_unknown2) &&
           !IsEqualGUID(&call->syntax.uuid, &dcom_iid_object_exporter);
}

static HRESULT begin(void *context, const struct rpc_server_call *call)
{
    struct guard *g = context;
    HRESULT hr = S_OK;
    const char *limit = NULL;
    if (!is_counted(call)) {
        return S_OK;
    }
    pthread_mutex_lock(&g->lock);
    struct connection *c = find(g, call->connection, call->peer->name);
    if (!c) {
        hr = E_ACCESSDENIED;
    } else if (g->calls >= g->limits.calls) {
        limit = "max-calls";
    } else if (c->user->calls >= g->limits.calls_per_user) {
        limit = "max-calls-per-user";
    } else {
        c->user->calls++;
        g->calls++;
    }
    pthread_mutex_unlock(&g->lock);
    log_line(LOG_DEBUG, "%s calls method %u of %08x, connection %llu", call->peer->name,
             (unsigned)call->opnum, (unsigned)call->syntax.uuid.Data1,
             (unsigned long long)call->connection);
    if (limit) {
        log_line(LOG_WARNING, "a call of %s from %s is refused: too many at once (%s)",
                 call->peer->name, call->address, limit);
        hr = HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY);
    }
    return hr;
}

static void end(void *context, const struct rpc_server_call *call)
{
    struct guard *g = context;
    if (!is_counted(call)) {
        return;
    }
    pthread_mutex_lock(&g->lock);
    struct connection *c = find(g, call->connection, call->peer->name);
    if (c && c->user->calls > 0) {
        c->user->calls--;
        g->calls--;
    }
    pthread_mutex_unlock(&g->lock);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/* Who authenticated first on a connection pays for it. */
static struct connection *find_first(struct guard *g, uint64_t number)
{
    struct connection *first = NULL;
    for (struct connection *c = g->connections[number % BUCKETS]; c; c = c->next) {
        first = c->number == number ? c : first; /* later ones are put before */
    }
    return first;
}

static bool hold(void *context, uint64_t connection, int64_t bytes)
{
    struct guard *g = context;
    bool room = true, say = false;
    char user[128] = "";
    pthread_mutex_lock(&g->lock);
    struct connection *c = find_first(g, connection);
    if (c) { /* before that, what may be there is little */
        struct user *u = c->user;
        int64_t change = bytes < -c->held ? -c->held : bytes;
        c->held += change;
        u->held += change;
        room = u->held <= g->limits.bytes_per_user;
        say = !room && !u->too_much;
        u->too_much = u->held > g->limits.bytes_per_user / 2 && (u->too_much || !room);
        if (say) {
            (void)snprintf(user, sizeof user, "%s", u->name);
        }
    }
    pthread_mutex_unlock(&g->lock);
    if (say) {
        log_line(LOG_WARNING,
                 "requests of %s are refused: too many bytes at once (max-pending-per-user)", user);
    }
    return room;
}

/* ---- life -------------------------------------------------------------------------------------
 */

HRESULT guard_new(struct guard **ret)
{
    struct guard *g = calloc(1, sizeof *g);
    if (!g) {
        return E_OUTOFMEMORY;
    }
    (void)pthread_mutex_init(&g->lock, NULL);
    *ret = g;
    return S_OK;
}

void guard_set(struct guard *g, const struct accounts *a, const struct settings *s)
{
    atomic_store(&g->accounts, a);
    pthread_mutex_lock(&g->lock);
    g->limits =
        (struct guard_limits){s->max_connections_per_user, s->max_calls, s->max_calls_per_user,
                              (int64_t)s->max_pending_per_user_kib << 10};
    pthread_mutex_unlock(&g->lock);
}

const struct accounts *guard_accounts(struct guard *g)
{
    return atomic_load(&g->accounts);
}

struct rpc_server_guard guard_of(struct guard *g)
{
    return (struct rpc_server_guard){admit, begin, end, hold, g};
}

void guard_destroy(struct guard *g)
{
    if (!g) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (g->connections[i]) {
            guard_closed(g, g->connections[i]->number);
        }
    }
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}
