/*
 * Ping sets, and what becomes of objects whose clients have gone: [MS-DCOM]
 * 3.1.2.5.1.2, 3.1.2.5.1.3, 3.1.2.6.
 */
#include "dcom/server_private.h"

#include <string.h>
#include <strings.h>

/* 3.1.2.6: a set is forgotten when that many periods went by without a ping. */
#define PERIODS 3
#define MOST_SETS 100000
/* How many keep one object alive. With the limits of objects, nobody takes all the sets for
 * himself: who knows no object has none. */
#define SETS_OF_OBJECT 4

static struct server_set **set_bucket(struct dcom_server *s, uint64_t setid)
{
    return &s->sets[setid % SERVER_SET_BUCKETS];
}

static struct server_set *set_find(struct dcom_server *s, uint64_t setid, const char *peer)
{
    struct server_set *e = *set_bucket(s, setid);
    while (e && (e->setid != setid || strcasecmp(e->owner, peer) != 0)) {
        e = e->next;
    }
    return e;
}

/* ---- what is in a set ------------------------------------------------------------------- */

static int compare_oids(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A set's OIDs are sorted, and a ping's become so: the lock is every call's, and a ping may bring
 * 65,535 of them for a set as large. */
static bool among(const uint64_t *sorted, size_t count, uint64_t oid)
{
    return count > 0 && bsearch(&oid, sorted, count, sizeof oid, compare_oids) != NULL;
}

static size_t sort_once(uint64_t *oids, size_t count)
{
    size_t once = 0;
    if (count > 0) {
        qsort(oids, count, sizeof *oids, compare_oids);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || oids[i] != oids[once - 1]) {
            oids[once++] = oids[i];
        }
    }
    return once;
}

/* Leaves out objects that have gone by Release. */
static void set_compact(struct dcom_server *s, struct server_set *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (server_oid_find(s, e->oids[i])) {
            e->oids[kept++] = e->oids[i];
        }
    }
    e->count = kept;
}

static HRESULT set_reserve(struct dcom_server *s, struct server_set *e, size_t more)
{
    if (e->capacity - e->count < more) {
        set_compact(s, e);
    }
    if (e->capacity - e->count < more) {
        size_t capacity = 2 * e->count > e->count + more ? 2 * e->count : e->count + more;
        uint64_t *oids = reallocarray(e->oids, capacity, sizeof *oids);
        if (!oids) {
            return E_OUTOFMEMORY;
        }
        e->oids = oids;
        e->capacity = capacity;
    }
    return S_OK;
}

/* Objects that are not there are left out: their release and the ping may have crossed. Those of
 * others are not: a client's resolver may ping under another name than its user's, or none, and an
 * OID is 64 random bits that only its client has. `oids` is overwritten. */
static HRESULT set_add(struct dcom_server *s, struct server_set *e, uint64_t *oids, size_t count)
{
    size_t fresh = 0;
    for (size_t i = 0; i < count; i++) {
        const struct server_object *o = server_oid_find(s, oids[i]);
        if (o && o->sets < SETS_OF_OBJECT && !among(e->oids, e->count, oids[i])) {
            oids[fresh++] = oids[i];
        }
    }
    if (fresh == 0) {
        return S_OK;
    }
    HRESULT hr = set_reserve(s, e, fresh);
    if (FAILED(hr)) {
        return hr;
    }
    for (size_t i = 0; i < fresh; i++) {
        server_oid_find(s, oids[i])->sets++;
        e->oids[e->count++] = oids[i];
    }
    qsort(e->oids, e->count, sizeof *e->oids, compare_oids);
    return S_OK;
}

static void leave(struct dcom_server *s, uint64_t oid)
{
    struct server_object *o = server_oid_find(s, oid);
    if (o && o->sets > 0 && --o->sets == 0) {
        o->touched = dcom_now();
    }
}

static void set_remove(struct dcom_server *s, struct server_set *e, const uint64_t *sorted,
                       size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; count > 0 && i < e->count; i++) {
        if (among(sorted, count, e->oids[i])) {
            leave(s, e->oids[i]);
        } else {
            e->oids[kept++] = e->oids[i];
        }
    }
    e->count = count > 0 ? kept : e->count;
}

static void set_free(struct server_set *e)
{
    free(e->owner);
    free(e->oids);
    free(e);
}

/* Takes it out of its bucket. Its objects are the caller's business. */
static void set_forget(struct dcom_server *s, struct server_set **at)
{
    struct server_set *e = *at;
    *at = e->next;
    s->set_count--;
    set_free(e);
}

static void forget_empty(struct dcom_server *s)
{
    for (size_t i = 0; i < SERVER_SET_BUCKETS; i++) {
        struct server_set **at = &s->sets[i];
        while (*at) {
            set_compact(s, *at);
            if ((*at)->count == 0) {
                set_forget(s, at);
            } else {
                at = &(*at)->next;
            }
        }
    }
}

void server_sets_done(struct dcom_server *s)
{
    for (size_t i = 0; i < SERVER_SET_BUCKETS; i++) {
        while (s->sets[i]) {
            struct server_set *e = s->sets[i];
            s->sets[i] = e->next;
            set_free(e);
        }
    }
}

/* ---- pings --------------------------------------------------------------------------------- */

HRESULT server_set_ping(struct dcom_server *s, uint64_t setid, const char *peer)
{
    pthread_mutex_lock(&s->lock);
    struct server_set *e = set_find(s, setid, peer);
    if (e) {
        e->pinged = dcom_now();
    }
    pthread_mutex_unlock(&s->lock);
    return e ? S_OK : HRESULT_FROM_WIN32(OR_INVALID_SET);
}

static struct server_set *set_new(struct dcom_server *s, const char *peer)
{
    if (s->set_count >= MOST_SETS) {
        forget_empty(s);
    }
    if (s->set_count >= MOST_SETS) {
        return NULL;
    }
    struct server_set *e = calloc(1, sizeof *e);
    char *owner = strdup(peer);
    if (!e || !owner || FAILED(server_random(&e->setid))) {
        free(e);
        free(owner);
        return NULL;
    }
    e->owner = owner;
    struct server_set **bucket = set_bucket(s, e->setid);
    e->next = *bucket;
    *bucket = e;
    s->set_count++;
    return e;
}

uint32_t server_set_change(struct dcom_server *s, uint64_t *setid, uint16_t sequence,
                           const char *peer, uint64_t *added, size_t add_count, uint64_t *removed,
                           size_t remove_count)
{
    uint32_t status = 0;
    add_count = sort_once(added, add_count);
    remove_count = sort_once(removed, remove_count);
    pthread_mutex_lock(&s->lock);
    bool fresh = *setid == 0;
    struct server_set *e = fresh ? set_new(s, peer) : set_find(s, *setid, peer);
    if (!e) {
        status = fresh ? ERROR_OUTOFMEMORY : OR_INVALID_SET;
    } else {
        e->pinged = dcom_now();
        *setid = e->setid;
        /* Old news: an overtaken request is but a ping. The same number again is taken: what it
         * changes twice is changed once, and impacket's is always 0. */
        bool newer = fresh || (int16_t)(uint16_t)(sequence - e->sequence) >= 0;
        if (newer) {
            e->sequence = sequence;
            status = FAILED(set_add(s, e, added, add_count)) ? ERROR_OUTOFMEMORY : 0;
            set_remove(s, e, removed, remove_count);
        }
        if (fresh && e->count == 0) { /* which may be made without knowing any object */
            *setid = 0;
            set_forget(s, set_bucket(s, e->setid)); /* it is the first there */
        }
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

/* ---- garbage collection ----------------------------------------------------------------- */

/* Forgets sets that are not pinged, and compacts those that are: objects may have gone by Release.
 */
static void sweep_sets(struct dcom_server *s, uint64_t now)
{
    for (size_t i = 0; i < SERVER_SET_BUCKETS; i++) {
        struct server_set **at = &s->sets[i];
        while (*at) {
            struct server_set *e = *at;
            if (now - e->pinged > PERIODS * s->ping_period_ms) {
                for (size_t k = 0; k < e->count; k++) {
                    leave(s, e->oids[k]);
                    struct server_object *o = server_oid_find(s, e->oids[k]);
                    if (o && o->sets == 0) { /* its time is up with the set's */
                        o->touched = e->pinged;
                    }
                }
                set_forget(s, at);
                continue;
            }
            set_compact(s, e);
            at = &e->next;
        }
    }
}

/* An object that no set has and nobody has used for as long. Under the lock; out of the tables. */
static struct server_object *next_garbage(struct dcom_server *s, uint64_t now, size_t *bucket)
{
    for (; *bucket < SERVER_BUCKETS; ++*bucket) {
        for (struct server_object *o = s->by_oid[*bucket]; o; o = o->next_by_oid) {
            /* The lock is let go of between two of them: one may be newer than `now`. */
            if (o->sets == 0 && o->touched + PERIODS * s->ping_period_ms < now) {
                server_object_remove(s, o);
                return o;
            }
        }
    }
    return NULL;
}

void *server_collect(void *dcom_server)
{
    struct dcom_server *s = dcom_server;
    dcom_callback_depth++; /* objects that go here may hold clients */
    pthread_mutex_lock(&s->lock);
    while (!s->closing) {
        uint64_t now = dcom_now();
        uint64_t next = now + s->ping_period_ms;
        struct timespec at = {.tv_sec = (time_t)(next / 1000),
                              .tv_nsec = (long)(next % 1000) * 1000000};
        size_t bucket = 0;
        struct server_object *o;
        sweep_sets(s, now);
        while (!s->closing && (o = next_garbage(s, now, &bucket)) != NULL) {
            pthread_mutex_unlock(&s->lock);
            if (s->vanished) {
                s->vanished(o->identity);
            }
            server_object_unref(o);
            pthread_mutex_lock(&s->lock);
        }
        if (!s->closing) {
            (void)pthread_cond_timedwait(&s->wake, &s->lock, &at);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}
