/*
 * Who connects to another host. No secret is taken from the command line, where
 * everybody on the machine could read it: it comes from a file, the environment
 * or the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "secret.h"

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "wbem: %s: %s\n", what, why);
    return EXIT_USAGE;
}

/* The first line of a file that is its owner's alone. */
static int secret_from_file(const char *path, char *secret)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return complain(path, strerror(errno));
    }
    int code = EXIT_OK;
    if (fstat(fd, &about) != 0 || (S_ISREG(about.st_mode) && (about.st_mode & 077) != 0)) {
        code = complain(path, "others may read the password; see chmod(1): 600");
    } else if (!secret_read_line(fd, secret)) {
        code = complain(path, "its first line is no password");
    }
    close(fd);
    return code;
}

static int secret_from_terminal(const struct options *o, char *secret)
{
    char prompt[512];
    snprintf(prompt, sizeof(prompt), "%s of %s on %s: ", o->hash ? "NT hash" : "Password", o->user,
             o->host);
    switch (secret_ask(prompt, secret)) {
    case SECRET_GIVEN:
        return EXIT_OK;
    case SECRET_REFUSED:
        return complain("no password", "none was given");
    default:
        return complain("no password", "give --password-file or WBEM_PASSWORD; there is no "
                                       "terminal to ask on");
    }
}

/* Kerberos with the user's ticket needs none. */
static bool uses_ticket(const struct options *o)
{
    return o->authority && strncasecmp(o->authority, "kerberos:", 9) == 0;
}

static int find_secret(const struct options *o, char *secret, bool *ret_hash, bool *ret_there)
{
    const char *password = getenv("WBEM_PASSWORD"), *hash = getenv("WBEM_NT_HASH");
    const char *given = password ? password : hash;
    *ret_hash = o->hash || (!o->password_file && !password && hash);
    *ret_there = o->password_file || given || !uses_ticket(o);
    if (o->password_file) {
        return secret_from_file(o->password_file, secret);
    }
    if (!*ret_there) {
        return EXIT_OK;
    }
    if (!given) {
        return secret_from_terminal(o, secret);
    }
    if (strlen(given) >= SECRET_MAX) {
        return complain("no password", "that of the environment is too long");
    }
    strcpy(secret, given);
    return EXIT_OK;
}

static HRESULT put_text(IWbemContext *context, const wchar_t *name, const char *text)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = bstr_from_utf8(text);
    HRESULT hr = V_BSTR(&v) ? IWbemContext_SetValue(context, name, 0, &v) : WBEM_E_OUT_OF_MEMORY;
    VariantClear(&v);
    return hr;
}

/* What ConnectServer has no argument for; docs/remote.md names the values. */
static HRESULT fill_context(const struct options *o, const char *hash, IWbemContext *context)
{
    HRESULT hr = o->credentials ? put_text(context, L"WBEM_CREDENTIALS", o->credentials) : S_OK;
    if (SUCCEEDED(hr) && o->auth_level) {
        hr = put_text(context, L"WBEM_AUTH_LEVEL", o->auth_level);
    }
    if (SUCCEEDED(hr) && hash) {
        hr = put_text(context, L"WBEM_NT_HASH", hash);
    }
    if (SUCCEEDED(hr) && o->timeout > 0) {
        char seconds[32];
        snprintf(seconds, sizeof(seconds), "%.3f", o->timeout < 0.001 ? 0.001 : o->timeout);
        hr = put_text(context, L"WBEM_CONNECT_TIMEOUT", seconds);
        if (SUCCEEDED(hr)) {
            hr = put_text(context, L"WBEM_CALL_TIMEOUT", seconds);
        }
    }
    return hr;
}

int login_prepare(const struct options *o, struct login *ret)
{
    char secret[SECRET_MAX] = "";
    bool hash = false, there = false;
    int code = o->user ? find_secret(o, secret, &hash, &there) : EXIT_OK;
    if (code != EXIT_OK) {
        return code;
    }
    HRESULT hr = CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemContext,
                                  (void **)&ret->context);
    if (SUCCEEDED(hr)) {
        hr = fill_context(o, there && hash ? secret : NULL, ret->context);
    }
    ret->user = o->user ? bstr_from_utf8(o->user) : NULL;
    ret->authority = o->authority ? bstr_from_utf8(o->authority) : NULL;
    ret->password = there && !hash ? bstr_from_utf8(secret) : NULL;
    explicit_bzero(secret, sizeof(secret));
    if ((o->user && !ret->user) || (o->authority && !ret->authority) ||
        (there && !hash && !ret->password)) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    return SUCCEEDED(hr) ? EXIT_OK : fail("connect", hr);
}

void login_done(struct login *l)
{
    if (l->password) {
        explicit_bzero(l->password, SysStringByteLen(l->password));
    }
    SysFreeString(l->password);
    SysFreeString(l->user);
    SysFreeString(l->authority);
    if (l->context) {
        IWbemContext_Release(l->context);
    }
    *l = (struct login){0};
}
