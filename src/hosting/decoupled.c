/*
 * Providers in programs of their own making (WmiSdk "Incorporating a Provider
 * in an Application"): what a program registers is found by others at a socket
 * in the user's runtime folder, whose name tells the namespace and the provider
 * by a hash. Both ends see to it that the other is the same user. On a
 * connection the program does what wbem-provider-host does.
 *
 * `offers.lock` guards the list, and the connections of each offer.
 */
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "hosting/remote.h"

enum {
    CONNECTIONS_MAX = 1024,
    BACKLOG = 64
};

struct connection {
    struct connection *next;
    struct pool_job job;
    struct offer *offer; /* a reference */
    int fd;              /* until it is served */
    int cut;             /* a duplicate, to cut it off by */
};

struct offer {
    struct offer *next;
    struct com_refs refs; /* the registrar's, the listening thread's, each connection's */
    wchar_t *scope;       /* NULL: all namespaces */
    wchar_t *provider;
    IUnknown *object;
    int listener;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    struct pool_job job;
    struct connection *connections;
    unsigned count;
};

static struct {
    pthread_mutex_t lock;
    struct offer *first;
} offers = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void offer_unref(struct offer *o)
{
    if (com_ref_dec(&o->refs) == 0) {
        if (o->listener >= 0) {
            (void)close(o->listener);
        }
        com_release(o->object);
        free(o->scope);
        free(o->provider);
        free(o);
    }
}

/* ---- where the sockets are -------------------------------------------------------------------
 */

static bool is_private(const char *folder)
{
    struct stat st;
    return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* $XDG_RUNTIME_DIR/wbem; without one /run/wbem for root, /tmp/wbem-UID for others. */
static HRESULT runtime_folder(bool make, char *ret, size_t size)
{
    const char *base = secure_getenv("XDG_RUNTIME_DIR");
    if (base && base[0] == '/') {
        snprintf(ret, size, "%s/wbem", base);
    } else if (geteuid() == 0) {
        snprintf(ret, size, "/run/wbem");
    } else {
        snprintf(ret, size, "/tmp/wbem-%u", (unsigned)geteuid());
    }
    if (make && mkdir(ret, 0700) != 0 && errno != EEXIST) {
        return error_raise(WBEM_E_ACCESS_DENIED, "Register", ret,
                           "the folder for sockets of providers can't be made: %s",
                           strerror(errno));
    }
    if (make && !is_private(ret)) {
        return error_raise(WBEM_E_ACCESS_DENIED, "Register", ret,
                           "the folder for sockets of providers is not this user's alone");
    }
    return is_private(ret) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static uint64_t hash_text(uint64_t hash, const wchar_t *text)
{
    for (; *text; text++) { /* FNV-1a */
        hash = (hash ^ (uint64_t)towlower((wint_t)*text)) * UINT64_C(0x100000001b3);
    }
    return (hash ^ '|') * UINT64_C(0x100000001b3);
}

/* The beginning of the socket's name. scope: "" for all. */
static void prefix(const wchar_t *scope, const wchar_t *provider, char ret[18])
{
    uint64_t hash = hash_text(hash_text(UINT64_C(0xcbf29ce484222325), scope), provider);
    snprintf(ret, 18, "%016llx-", (unsigned long long)hash);
}

static bool same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

/* ---- finding --------------------------------------------------------------------------------- */

static bool offers_it(const struct offer *o, const wchar_t *name_space, const wchar_t *provider)
{
    return wcscasecmp(o->provider, provider) == 0 &&
           (!o->scope || wcscasecmp(o->scope, name_space) == 0);
}

IUnknown *decoupled_find(const wchar_t *name_space, const wchar_t *provider)
{
    IUnknown *found = NULL;
    pthread_mutex_lock(&offers.lock);
    for (struct offer *o = offers.first; o && !found; o = o->next) {
        if (offers_it(o, name_space, provider)) {
            found = o->object;
            com_addref(found);
        }
    }
    pthread_mutex_unlock(&offers.lock);
    return found;
}

/* -1: nobody is there. A socket that nobody listens on any more is taken away. */
static int try_connect(const char *folder, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name) >=
        (int)sizeof address.sun_path) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && same_user(fd)) {
        return fd;
    }
    if (errno == ECONNREFUSED) {
        (void)unlink(address.sun_path);
    }
    (void)close(fd);
    return -1;
}

HRESULT decoupled_connect(const wchar_t *name_space, const wchar_t *provider, int *ret_fd)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path];
    char here[18], anywhere[18];
    int fd = -1;
    prefix(name_space, provider, here);
    prefix(L"", provider, anywhere);
    DIR *dir =
        runtime_folder(false, folder, sizeof folder) == WBEM_S_NO_ERROR ? opendir(folder) : NULL;
    for (struct dirent *e; dir && fd < 0 && (e = readdir(dir)) != NULL;) {
        if (strncmp(e->d_name, here, 17) == 0 || strncmp(e->d_name, anywhere, 17) == 0) {
            fd = try_connect(folder, e->d_name);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
    if (fd >= 0) {
        *ret_fd = fd;
        return WBEM_S_NO_ERROR;
    }
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(provider);
    return error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "IWbemDecoupledRegistrar", name,
                       "provider %s: no program of this user that runs has registered it",
                       name ? name : "?");
}

/* ---- offering ---------------------------------------------------------------------------------
 */

static void remove_connection(struct connection *c)
{
    struct offer *o = c->offer;
    pthread_mutex_lock(&offers.lock);
    struct connection **at = &o->connections;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    o->count--;
    pthread_mutex_unlock(&offers.lock);
    (void)close(c->cut);
    free(c);
    offer_unref(o);
}

static void serve_connection(struct pool_job *job)
{
    struct connection *c = COM_CONTAINER(job, struct connection, job);
    HRESULT apartment = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    host_serve(c->fd);
    if (SUCCEEDED(apartment)) {
        CoUninitialize();
    }
    remove_connection(c);
}

/* Takes fd. */
static void accept_connection(struct offer *o, int fd)
{
    struct connection *c = same_user(fd) ? calloc(1, sizeof *c) : NULL;
    int cut = c ? dup(fd) : -1;
    pthread_mutex_lock(&offers.lock);
    bool room = cut >= 0 && o->count < CONNECTIONS_MAX && o->listener >= 0;
    if (room) {
        (void)com_ref_inc(&o->refs);
        *c = (struct connection){.next = o->connections, .offer = o, .fd = fd, .cut = cut};
        c->job.run = serve_connection;
        o->connections = c;
        o->count++;
    }
    pthread_mutex_unlock(&offers.lock);
    if (!room) {
        (void)close(fd);
        if (cut >= 0) {
            (void)close(cut);
        }
        free(c);
    } else if (FAILED(pool_submit(&c->job))) {
        (void)close(fd);
        remove_connection(c);
    }
}

static void listen_for_clients(struct pool_job *job)
{
    struct offer *o = COM_CONTAINER(job, struct offer, job);
    for (;;) {
        int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_connection(o, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            (void)usleep(100000); /* until something is closed */
        } else if (errno != EINTR && errno != ECONNABORTED) {
            break; /* shut down */
        }
    }
    offer_unref(o);
}

static HRESULT open_socket(struct offer *o)
{
    static atomic_uint last;
    char folder[sizeof o->path], name[18];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    HRESULT hr = runtime_folder(true, folder, sizeof folder);
    if (FAILED(hr)) {
        return hr;
    }
    prefix(o->scope ? o->scope : L"", o->provider, name);
    if (snprintf(o->path, sizeof o->path, "%s/%s%d-%u", folder, name, (int)getpid(),
                 atomic_fetch_add(&last, 1)) >= (int)sizeof o->path) {
        o->path[0] = '\0';
        return error_raise(WBEM_E_FAILED, "Register", folder, "the path is too long for a socket");
    }
    memcpy(address.sun_path, o->path, sizeof o->path);
    o->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)unlink(o->path); /* of a process that had our number */
    if (o->listener < 0 || bind(o->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(o->listener, BACKLOG) != 0) {
        return error_raise(WBEM_E_FAILED, "Register", o->path, "no socket can be made: %s",
                           strerror(errno));
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT list_offer(struct offer *o)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&offers.lock);
    for (struct offer *other = offers.first; other; other = other->next) {
        if (wcscasecmp(other->provider, o->provider) == 0 &&
            wcscasecmp(other->scope ? other->scope : L"", o->scope ? o->scope : L"") == 0) {
            hr = WBEM_E_ALREADY_EXISTS;
        }
    }
    if (SUCCEEDED(hr)) {
        o->next = offers.first;
        offers.first = o;
    }
    pthread_mutex_unlock(&offers.lock);
    return hr;
}

HRESULT decoupled_offer(const wchar_t *scope, const wchar_t *provider, IUnknown *object,
                        struct offer **ret)
{
    struct offer *o = calloc(1, sizeof *o);
    if (!o) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&o->refs);
    o->listener = -1;
    o->scope = scope ? com_wide_copy(scope) : NULL;
    o->provider = com_wide_copy(provider);
    o->object = object;
    com_addref(object);
    HRESULT hr = (!scope || o->scope) && o->provider ? open_socket(o) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = list_offer(o);
    }
    if (FAILED(hr)) {
        (void)(o->path[0] ? unlink(o->path) : 0);
        offer_unref(o);
        return hr;
    }
    (void)com_ref_inc(&o->refs);
    o->job.run = listen_for_clients;
    hr = pool_submit(&o->job);
    if (FAILED(hr)) {
        offer_unref(o); /* the thread's */
        decoupled_withdraw(o);
        return hr;
    }
    *ret = o;
    return WBEM_S_NO_ERROR;
}

void decoupled_withdraw(struct offer *o)
{
    pthread_mutex_lock(&offers.lock);
    struct offer **at = &offers.first;
    while (*at != o) {
        at = &(*at)->next;
    }
    *at = o->next;
    for (struct connection *c = o->connections; c; c = c->next) {
        (void)shutdown(c->cut, SHUT_RDWR);
    }
    pthread_mutex_unlock(&offers.lock);
    (void)unlink(o->path);
    (void)shutdown(o->listener, SHUT_RDWR); /* accept4() returns */
    hosted_forget(o->object);
    offer_unref(o);
}
