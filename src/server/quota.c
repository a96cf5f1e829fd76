/*
 * What clients' enumerators cost, for each user: how many are open, how many
 * objects they keep; and the end of those that nobody has called for long.
 *
 * `lock` guards the policy, the users, the list of enumerators and their fields. A user is counted:
 * by its enumerators, and by its budget, which results hold.
 */
#include "server/server_private.h"

#include <string.h>
#include <time.h>

#include "enumerator/budget.h"
#include "object/object.h"

struct quota_user {
    struct quota_user *next;
    struct result_budget budget; /* its count is the user's */
    char *name;
    uint32_t holders; /* calls that count for him now */
    uint32_t enumerators;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct server_policy policy;
static struct quota_user *users;
static struct quota_item *items;
static size_t item_count;

uint64_t quota_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A call in the background is an enumerator that the client does not see; some there are always. */
enum {
    WORKS_LEAST = 64
};

static uint64_t limit(uint64_t most)
{
    return most ? most : UINT64_MAX;
}

static uint64_t most_works(void)
{
    uint32_t most = policy.enumerators_per_user;
    return !most ? UINT64_MAX : most > WORKS_LEAST ? most : WORKS_LEAST;
}

/* Under the lock. */
static void apply_limits(struct result_budget *b)
{
    atomic_store(&b->most, limit(policy.results_per_user));
    atomic_store(&b->most_bytes, limit(policy.result_bytes_per_user));
    atomic_store(&b->most_works, most_works());
}

void server_set_policy(const struct server_policy *p)
{
    pthread_mutex_lock(&lock);
    policy = *p;
    for (struct quota_user *u = users; u; u = u->next) {
        apply_limits(&u->budget);
    }
    pthread_mutex_unlock(&lock);
}

uint64_t quota_call_ms(void)
{
    pthread_mutex_lock(&lock);
    uint64_t ms = policy.call_ms;
    pthread_mutex_unlock(&lock);
    return ms ? ms : UINT64_MAX;
}

size_t server_enumerator_count(void)
{
    pthread_mutex_lock(&lock);
    size_t count = item_count;
    pthread_mutex_unlock(&lock);
    return count;
}

/* ---- users ------------------------------------------------------------------------- */

static void user_destroy(struct result_budget *b)
{
    struct quota_user *u = COM_CONTAINER(b, struct quota_user, budget);
    free(u->name);
    free(u);
}

/* Nobody counts for him, and nothing of his goes on: the list's reference is the last. Under the
 * lock, without which nobody gets another. */
static bool is_unused(const struct quota_user *u)
{
    return u->holders == 0 && u->enumerators == 0 && atomic_load(&u->budget.refs) == 1;
}

static void forget_unused(void)
{
    for (struct quota_user **at = &users; *at;) {
        struct quota_user *u = *at;
        if (!is_unused(u)) {
            at = &u->next;
            continue;
        }
        *at = u->next;
        result_budget_unref(&u->budget);
    }
}

/* Takes `name`. */
static struct quota_user *find_or_make(char *name)
{
    struct quota_user *u = users;
    while (u && strcmp(u->name, name) != 0) {
        u = u->next;
    }
    if (!u) {
        forget_unused(); /* of whom something went on when the last call had ended */
        u = calloc(1, sizeof *u);
        if (!u) {
            free(name);
            return NULL;
        }
        result_budget_init(&u->budget, user_destroy);
        apply_limits(&u->budget);
        u->name = name;
        u->next = users;
        users = u;
        name = NULL;
    }
    free(name);
    return u;
}

HRESULT quota_user_of(const struct dcom_server_call *call, struct quota_user **ret)
{
    pthread_mutex_lock(&lock);
    struct server_policy p = policy;
    pthread_mutex_unlock(&lock);
    char *name = NULL;
    HRESULT hr = S_OK;
    if (p.identify) {
        hr = p.identify(p.context, call->peer, &name);
    } else {
        name = strdup(call->peer);
    }
    if (FAILED(hr) || !name) {
        return FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&lock);
    struct quota_user *u = find_or_make(name);
    if (u) {
        u->holders++; /* until quota_user_unref() */
    }
    pthread_mutex_unlock(&lock);
    *ret = u;
    return u ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

void quota_user_unref(struct quota_user *u)
{
    if (!u) {
        return;
    }
    pthread_mutex_lock(&lock);
    u->holders--;
    if (is_unused(u)) {
        forget_unused();
    }
    pthread_mutex_unlock(&lock);
}

struct result_budget *quota_begin(struct quota_user *u)
{
    return result_budget_use(u ? &u->budget : NULL);
}

void quota_end(struct result_budget *before)
{
    (void)result_budget_use(before);
}

/* ---- enumerators ------------------------------------------------------------------- */

/* Under the lock. */
static void list_item(struct quota_item *i, struct quota_user *u, struct server_object *object)
{
    *i = (struct quota_item){
        .next = items, .at = &items, .user = u, .object = object, .used_ms = quota_now_ms()};
    if (items) {
        items->at = &i->next;
    }
    items = i;
}

void quota_watch(struct quota_item *i, struct server_object *object)
{
    pthread_mutex_lock(&lock);
    list_item(i, NULL, object);
    pthread_mutex_unlock(&lock);
}

HRESULT quota_enter(struct quota_item *i, struct quota_user *u, struct server_object *object)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&lock);
    uint32_t most = policy.enumerators_per_user;
    if (most && u->enumerators >= most) {
        hr = WBEM_E_QUOTA_VIOLATION;
    } else {
        list_item(i, u, object);
        item_count++;
        u->enumerators++;
    }
    pthread_mutex_unlock(&lock);
    if (FAILED(hr)) {
        return error_raise(hr, "IWbemServices", NULL, "%s has %u enumerators open, all it may",
                           u->name, (unsigned)most);
    }
    return hr;
}

void quota_leave(struct quota_item *i)
{
    struct quota_user *u = i->user;
    pthread_mutex_lock(&lock);
    bool listed = i->at != NULL; /* else it was never let in */
    if (listed) {
        *i->at = i->next;
    }
    if (listed && i->next) {
        i->next->at = i->at;
    }
    if (listed && u) {
        item_count--;
        u->enumerators--;
        if (is_unused(u)) {
            forget_unused();
        }
    }
    pthread_mutex_unlock(&lock);
}

void quota_call_begin(struct quota_item *i)
{
    pthread_mutex_lock(&lock);
    i->calls++;
    pthread_mutex_unlock(&lock);
}

void quota_call_end(struct quota_item *i)
{
    pthread_mutex_lock(&lock);
    i->calls--;
    i->used_ms = quota_now_ms();
    pthread_mutex_unlock(&lock);
}

/* An object that is not on its way out: while it is in the list its memory is there. */
static bool hold(struct server_object *o)
{
    unsigned count = atomic_load(&o->refs.count);
    while (count > 0 && !atomic_compare_exchange_weak(&o->refs.count, &count, count + 1)) {
    }
    return count > 0;
}

/* One that has been idle for so long, held; each is found once. */
static struct server_object *next_idle(uint64_t before)
{
    struct server_object *found = NULL;
    pthread_mutex_lock(&lock);
    for (struct quota_item *i = items; i && !found; i = i->next) {
        if (!i->ended && i->calls == 0 && i->used_ms < before && hold(i->object)) {
            i->ended = true;
            found = i->object;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

size_t server_end_idle(struct dcom_server *s, uint64_t idle_ms)
{
    uint64_t now = quota_now_ms();
    size_t count = 0;
    struct server_object *o;
    while (now > idle_ms && (o = next_idle(now - idle_ms))) {
        dcom_unexport(s, &o->iface);
        com_release(&o->iface);
        count++;
    }
    return count;
}
