/* What the tests of the client for other hosts share: a wbemd of their own on the loopback. */
#ifndef WBEM_TESTS_REMOTE_H
#define WBEM_TESTS_REMOTE_H

#include "local.h"

#include <stdbool.h>
#include <sys/types.h>

#define REMOTE_USER L"alice"
#define REMOTE_PASSWORD L"password"

struct remote_server {
    pid_t pid;
    int log;
    unsigned port;
    char folder[32];
    const char *address;     /* at which it listens */
    const char *name;        /* as which it is reached */
    const char *enumerators; /* how many a user may have open, as text; NULL: the usual */
    char mof[48], passwords[48];
    wchar_t owner[100]; /* as whom it runs, with the same password */
};

/* The program to start: main()'s first argument. */
extern const char *remote_program;

/* Clients reach it at this address, by a proxy (proxy.h) of the same port; by itself it listens at
 * 127.0.0.1. */
#define REMOTE_PROXY "127.0.0.2"

/* Serves what the MOF defines in root\cimv2, to alice and its owner; the test fails if that can't
 * be. */
void remote_start(struct remote_server *s, const char *mof);
/* The same with one enumerator a user. */
void remote_start_with_one_enumerator(struct remote_server *s, const char *mof);
/* The same at another address of this machine, or of the network that the calling thread is in. */
void remote_start_at(struct remote_server *s, const char *address, const char *mof);
/* This machine's own classes, to its owner alone. */
void remote_start_live(struct remote_server *s);
/* The same as REMOTE_PROXY. */
void remote_start_behind_proxy(struct remote_server *s, const char *mof);
/* Again, at the same port, after remote_end(). */
void remote_restart(struct remote_server *s);
/* With SIGKILL nothing is said to anybody. */
void remote_end(struct remote_server *s, int signal);
/* Ends it, and removes its files. */
void remote_stop(struct remote_server *s);

/* Arguments of ConnectServer that may be NULL, but for the port: that of the object resolver. */
struct remote_login {
    const wchar_t *host; /* NULL: 127.0.0.1 */
    unsigned port;
    const wchar_t *name_space, *user, *password, *authority, *locale;
    IWbemContext *context;
};
HRESULT remote_log_in(const struct remote_login *login, IWbemServices **ret);
/* As alice; the test fails if that can't be had. */
IWbemServices *remote_services(unsigned port);

#endif
