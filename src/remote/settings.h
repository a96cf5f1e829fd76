/* What a connection may be told beyond ConnectServer's arguments; docs/remote.md names it. */
#ifndef WBEM_REMOTE_SETTINGS_H
#define WBEM_REMOTE_SETTINGS_H

#include <stdint.h>
#include <wbemcli.h>

struct auth_credentials;

struct remote_settings {
    unsigned connect_ms; /* to find the name, to connect, and for each step of authentication */
    unsigned call_ms;    /* for the answer to a call */
    unsigned method_ms;  /* to one that runs a method or changes something */
    uint32_t authn_level;
    struct auth_credentials *credentials; /* NULL: none is named here; owned */
    IWbemContext *context; /* the caller's without what is for us; NULL: nothing left; owned */
};

/* From the context (may be NULL), where that has nothing from the environment, else the defaults.
 * `user` and `password` may be NULL. */
HRESULT remote_settings_read(IWbemContext *context, const wchar_t *user,
                             struct remote_settings *ret);
void remote_settings_done(struct remote_settings *s);

#endif
