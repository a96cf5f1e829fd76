/* Where wbemd is reached; see listen.h. */
#include "wbemd/listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "com/com.h"
#include "wbemd/log.h"

/* The last port that an ordinary user may not listen on. */
#define PRIVILEGED_LAST 1023

static void complain(HRESULT hr, uint16_t port)
{
    char why[400];
    log_describe(hr, why, sizeof why);
    log_line(LOG_ERR, "%s", why);
    if (hr == com_hresult_from_errno(EADDRINUSE)) {
        log_line(LOG_ERR, "another program listens on port %u; `ss -ltnp` tells which", port);
    } else if (hr == com_hresult_from_errno(EACCES) && port <= PRIVILEGED_LAST) {
        log_line(LOG_ERR,
                 "port %u needs CAP_NET_BIND_SERVICE: start wbemd.service or wbemd.socket, which "
                 "have it, or use --port with a number above %d",
                 port, PRIVILEGED_LAST);
    }
}

/* On every address; a port 0 becomes the same on all of them. */
static HRESULT listen_port(struct rpc_server *rpc, const struct text_list *addresses, uint16_t port,
                           uint16_t *ret)
{
    HRESULT hr = S_OK;
    *ret = port;
    if (addresses->count == 0) {
        hr = rpc_server_listen(rpc, NULL, port, ret);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < addresses->count; i++) {
        hr = rpc_server_listen(rpc, addresses->items[i], *ret, ret);
    }
    if (FAILED(hr)) {
        complain(hr, port);
    }
    return hr;
}

/* The socket that is named "objects" is theirs, all others are the resolver's. */
static HRESULT listen_given(struct rpc_server *rpc, int count, char **names,
                            struct listen_ports *ret)
{
    HRESULT hr = S_OK;
    for (int i = 0; SUCCEEDED(hr) && i < count; i++) {
        bool objects = names && names[i] && strcmp(names[i], "objects") == 0;
        hr = rpc_server_listen_socket(rpc, SD_LISTEN_FDS_START + i,
                                      objects ? &ret->objects : &ret->resolver);
    }
    if (SUCCEEDED(hr) && ret->resolver == 0) {
        log_line(LOG_ERR, "the service manager gave no socket for the object resolver");
        return E_FAIL;
    }
    if (FAILED(hr)) {
        log_failure(LOG_ERR, "a socket of the service manager's", hr);
    }
    return hr;
}

static HRESULT name_us(const struct settings *s, const struct text_list *addresses,
                       struct listen_ports *ret)
{
    const struct text_list *from = s->names.count ? &s->names : addresses;
    char host[256] = "localhost";
    (void)gethostname(host, sizeof host - 1);
    ret->names = calloc(from->count + 1, sizeof *ret->names);
    for (size_t i = 0; ret->names && i < from->count; i++) {
        ret->names[i] = strdup(from->items[i]);
        ret->name_count += ret->names[i] != NULL;
    }
    if (ret->names && from->count == 0) {
        ret->names[0] = strdup(host);
        ret->name_count = ret->names[0] != NULL;
    }
    return ret->name_count ? S_OK : E_OUTOFMEMORY;
}

static void free_names(char **names, int count)
{
    for (int i = 0; names && i < count; i++) {
        free(names[i]);
    }
    free(names);
}

HRESULT listen_all(struct rpc_server *rpc, const struct settings *s, struct listen_ports *ret)
{
    /* Users made for this run are for this machine, unless more is asked for. */
    char loopback[] = "127.0.0.1", *only[] = {loopback};
    const struct text_list local = {only, 1};
    const struct text_list *addresses =
        s->users.count && s->listen.count == 0 ? &local : &s->listen;
    char **names = NULL;
    int given = sd_listen_fds_with_names(true, &names);
    HRESULT hr;
    if (given > 0) {
        hr = listen_given(rpc, given, names, ret);
    } else {
        hr = listen_port(rpc, addresses, (uint16_t)s->port, &ret->resolver);
        if (SUCCEEDED(hr) && s->object_port && s->object_port != ret->resolver) {
            hr = listen_port(rpc, addresses, (uint16_t)s->object_port, &ret->objects);
        }
    }
    free_names(names, given);
    if (ret->objects == 0) {
        ret->objects = ret->resolver;
    }
    return SUCCEEDED(hr) ? name_us(s, addresses, ret) : hr;
}

void listen_ports_done(struct listen_ports *p)
{
    for (size_t i = 0; i < p->name_count; i++) {
        free(p->names[i]);
    }
    free(p->names);
}

/* ---- telling ------------------------------------------------------------------------- */

/* Whoever waits for the file sees it whole. */
static bool write_port_file(const char *path, const char *text)
{
    CLEANUP(com_cleanup_free) char *next = NULL;
    if (asprintf(&next, "%s.new", path) < 0) {
        next = NULL;
        return false;
    }
    FILE *f = fopen(next, "we");
    bool good = f && fputs(text, f) >= 0;
    good = f && fclose(f) == 0 && good && rename(next, path) == 0;
    if (!good) {
        log_line(LOG_ERR, "%s: %s", path, strerror(errno));
        (void)unlink(next);
    }
    return good;
}

bool listen_tell(const struct settings *s, const struct listen_ports *p)
{
    char text[16];
    int size = snprintf(text, sizeof text, "%u\n", p->resolver);
    if (s->port_file && !write_port_file(s->port_file, text)) {
        return false;
    }
    if (s->ready_fd >= 0) {
        bool written = write(s->ready_fd, text, (size_t)size) == size;
        if (!written) {
            log_line(LOG_ERR, "--ready-fd %d: %s", s->ready_fd, strerror(errno));
        }
        (void)close(s->ready_fd);
        return written;
    }
    return true;
}
