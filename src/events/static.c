/*
 * What this process does to classes, namespaces and static instances, as
 * intrinsic events: the repository tells, nothing is polled. It is listened to
 * while some subscription may want that.
 */
#include <stdlib.h>

#include "events/poller.h"

struct listening {
    struct listening *next;
    struct repository *repository;
    struct repository_observer *observer;
    unsigned users;
};

static struct {
    pthread_mutex_t lock;
    struct listening *first;
} listenings = {.lock = PTHREAD_MUTEX_INITIALIZER};

static enum intrinsic_family family_of(const struct repository_event *e)
{
    struct schema *s;
    IWbemClassObject *object = e->after ? e->after : e->before;
    if (e->is_class) {
        return OF_CLASSES;
    }
    return SUCCEEDED(schema_of(object, &s)) && schema_is_a(s, L"__NAMESPACE") ? OF_NAMESPACES
                                                                              : OF_INSTANCES;
}

static void raise(struct repository_namespace *n, enum intrinsic_family family,
                  const struct repository_event *e)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
    if (hub_wants(n, family, intrinsic_class(family, e->before, e->after)) &&
        SUCCEEDED(intrinsic_event(n, family, e->before, e->after, &event))) {
        (void)hub_raise(n, event, NULL);
    }
}

static void happened(void *closure, const struct repository_event *e)
{
    struct listening *l = closure;
    struct repository_namespace *n;
    if (FAILED(repository_open(l->repository, e->name_space, &n))) {
        return;
    }
    enum intrinsic_family family = family_of(e);
    raise(n, family, e);
    if (family == OF_NAMESPACES) { /* an instance of __NAMESPACE, too */
        raise(n, OF_INSTANCES, e);
    }
}

HRESULT static_listen(struct repository *r)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&listenings.lock);
    struct listening *l = listenings.first;
    while (l && l->repository != r) {
        l = l->next;
    }
    if (!l) {
        l = calloc(1, sizeof(*l));
        hr = l ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
        if (l) {
            l->repository = r;
            hr = repository_observe(r, happened, l, &l->observer);
        }
        if (FAILED(hr)) {
            free(l);
            l = NULL;
        } else {
            l->next = listenings.first;
            listenings.first = l;
        }
    }
    if (l) {
        l->users++;
    }
    pthread_mutex_unlock(&listenings.lock);
    return hr;
}

void static_unlisten(struct repository *r)
{
    struct listening *gone = NULL;
    pthread_mutex_lock(&listenings.lock);
    struct listening **link = &listenings.first;
    while (*link && (*link)->repository != r) {
        link = &(*link)->next;
    }
    if (*link && --(*link)->users == 0) {
        gone = *link;
        *link = gone->next;
    }
    pthread_mutex_unlock(&listenings.lock);
    if (gone) { /* waits for a call that runs */
        repository_unobserve(gone->observer);
        free(gone);
    }
}
