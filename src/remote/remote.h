/*
 * IWbemServices of another host, by DCOM: [MS-WMI]'s client. What it gives is
 * the local interfaces; docs/remote.md says how they behave.
 */
#ifndef WBEM_REMOTE_REMOTE_H
#define WBEM_REMOTE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wbemcli.h>

/* ConnectServer's arguments, the network path taken apart. */
struct remote_target {
    const wchar_t *server; /* "host", or "host[port]" of the object resolver */
    size_t server_length;
    const wchar_t *name_space;
    const wchar_t *user, *password, *authority, *locale; /* may be NULL */
    IWbemContext *context;                               /* may be NULL */
    LONG flags;
};

/* A failure leaves an error object that says which host, which step and what to look at. */
HRESULT remote_connect(const struct remote_target *target, IWbemServices **ret);

/* ---- a refresher on the host (refresher.c): for one thread at a time ------------------------ */

struct remote_refresher;

/* WBEM_S_FALSE: they are no services of another host, or its host keeps no refreshers. */
HRESULT remote_refresher_create(IWbemServices *services, struct remote_refresher **ret);
void remote_refresher_destroy(struct remote_refresher *r); /* NULL is fine */
/* An instance by its path, or all of a class. *ret_template: an instance with default values.
 * WBEM_S_FALSE: the host does not refresh it, so it has to be asked again each time. */
HRESULT remote_refresher_add(struct remote_refresher *r, const wchar_t *path, bool all, LONG flags,
                             IWbemContext *context, IWbemClassObject **ret_template, LONG *ret_id);
void remote_refresher_remove(struct remote_refresher *r, LONG id);
/* Does a failure mean that the host is gone, or was, and its refresher with it? */
bool remote_refresher_is_lost(HRESULT hr);
/* Logs in again to the namespace, as the same user. What was added has to be added anew. */
HRESULT remote_refresher_reconnect(struct remote_refresher *r, const wchar_t *name_space);
/* Gives what was added new values: `bytes` is RefreshedSingleInstance or, with `all`,
 * WBEM_INSTANCE_BLOB (wire.h); NULL: the host has none now. The first failure of `take` ends it;
 * WBEM_S_PARTIAL_RESULTS of any is the result's. */
typedef HRESULT remote_refreshed_fn(void *arg, LONG id, bool all, const uint8_t *bytes,
                                    size_t size);
HRESULT remote_refresher_refresh(struct remote_refresher *r, remote_refreshed_fn *take, void *arg);

#endif
