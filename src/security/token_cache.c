/*
 * The tokens of clients, kept for a short while: every access check wants one, and each asks the
 * machine's databases of users, which may be at the other end of a network.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "com/com.h"
#include "security/security_private.h"

enum {
    KEPT_S = 30,
    KEPT_MAX = 64
};

struct kept {
    char *client;
    struct token token;
    time_t until;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept kept[KEPT_MAX]; /* under lock, as what follows; without a client: free */
static size_t next;                /* whose place is taken when all are */
static uint64_t generation;

static time_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void drop(struct kept *k)
{
    free(k->client);
    token_done(&k->token);
    *k = (struct kept){0};
}

static bool copy(const struct token *t, struct token *ret)
{
    struct sid *sids = malloc((t->count ? t->count : 1) * sizeof(*sids));
    if (!sids) {
        return false;
    }
    memcpy(sids, t->sids, t->count * sizeof(*sids));
    *ret = *t;
    ret->sids = sids;
    ret->capacity = t->count ? t->count : 1;
    return true;
}

static struct kept *find(const char *client)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        if (kept[i].client && strcmp(kept[i].client, client) == 0) {
            return &kept[i];
        }
    }
    return NULL;
}

bool token_cache_find(const char *client, struct token *ret, uint64_t *ret_generation)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    struct kept *k = find(client);
    if (k && k->until <= now()) {
        drop(k);
    } else if (k) {
        found = copy(&k->token, ret);
    }
    *ret_generation = generation;
    pthread_mutex_unlock(&lock);
    return found;
}

/* Nothing is kept when the memory is not there. */
void token_cache_keep(const char *client, const struct token *t, uint64_t asked_in)
{
    struct kept k = {.client = strdup(client), .until = now() + KEPT_S};
    if (!k.client || !copy(t, &k.token)) {
        free(k.client);
        return;
    }
    pthread_mutex_lock(&lock);
    if (asked_in == generation) {
        struct kept *at = find(client);
        if (!at) {
            at = &kept[next];
            next = (next + 1) % KEPT_MAX;
        }
        struct kept before = *at;
        *at = k;
        k = before;
    }
    pthread_mutex_unlock(&lock);
    drop(&k);
}

void token_forget_clients(void)
{
    pthread_mutex_lock(&lock);
    generation++; /* what is being asked for is not kept either */
    for (size_t i = 0; i < KEPT_MAX; i++) {
        drop(&kept[i]);
    }
    pthread_mutex_unlock(&lock);
}
