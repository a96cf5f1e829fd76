/*
 * Credentials as programs and people write them: COAUTHIDENTITY, the arguments
 * of IWbemLocator::ConnectServer, DOMAIN\user and user@realm.
 */
#include "auth/auth_private.h"

#include <string.h>
#include <strings.h>

static HRESULT bad(const char *parameter, const char *what)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", parameter, "%s", what);
}

static HRESULT no_memory(void)
{
    return error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory for credentials.");
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

HRESULT auth_nt_hash_parse(const char *text, uint8_t ret[AUTH_NT_HASH_SIZE])
{
    /* Of a pair the LM hash in front is of no use to NTLMv2. */
    const char *colon = strchr(text, ':');
    const char *digits = colon ? colon + 1 : text;
    uint8_t hash[AUTH_NT_HASH_SIZE];
    bool valid = strlen(digits) == 2 * sizeof hash &&
                 (!colon || colon - text == 0 || colon - text == 2 * (int)sizeof hash);
    for (size_t i = 0; valid && i < sizeof hash; i++) {
        int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);
        valid = high >= 0 && low >= 0;
        hash[i] = (uint8_t)(valid ? high << 4 | low : 0);
    }
    if (valid) {
        memcpy(ret, hash, sizeof hash);
    }
    secret_wipe(hash, sizeof hash);
    return valid ? S_OK : E_INVALIDARG;
}

/* A user's name taken apart: *domain and *user are new. */
static HRESULT split_user(const char *text, char **domain, char **user)
{
    const char *backslash = strchr(text, '\\'), *at = strrchr(text, '@');
    if (backslash) {
        *domain = strndup(text, (size_t)(backslash - text));
        *user = strdup(backslash + 1);
    } else if (at) {
        *user = strndup(text, (size_t)(at - text));
        *domain = strdup(at + 1);
    } else {
        *domain = strdup("");
        *user = strdup(text);
    }
    if (!*domain || !*user) {
        return no_memory();
    }
    return **user ? S_OK : bad("user", "The user has no name.");
}

HRESULT auth_credentials_parse(const char *user, const char *password, bool hash,
                               struct auth_credentials **ret)
{
    if (!user) {
        return password ? bad("user", "A password needs the name of its user.")
                        : auth_credentials_ccache(NULL, NULL, NULL, ret);
    }
    CLEANUP(com_cleanup_free) char *domain = NULL;
    CLEANUP(com_cleanup_free) char *name = NULL;
    HRESULT hr = split_user(user, &domain, &name);
    if (FAILED(hr)) {
        return hr;
    }
    if (!password) {
        return auth_credentials_ccache(domain, name, NULL, ret);
    }
    if (!hash) {
        return auth_credentials_password(domain, name, password, ret);
    }
    uint8_t nt_hash[AUTH_NT_HASH_SIZE];
    if (FAILED(auth_nt_hash_parse(password, nt_hash))) {
        return bad("hash", "An NT hash has 32 hexadecimal digits, or 32 of an LM hash, a colon and "
                           "its own 32.");
    }
    hr = auth_credentials_nt_hash(domain, name, nt_hash, ret);
    secret_wipe(nt_hash, sizeof nt_hash);
    return hr;
}

/* ---- COAUTHIDENTITY ----------------------------------------------------------- */

/* UTF-8 of wide text, in locked memory as it may be a password. */
static char *secret_of_wide(const wchar_t *text, size_t length)
{
    char *copy = secret_alloc(com_utf8_size_of_wide(text, length) + 1);
    if (copy) {
        *com_utf8_put_wide(copy, text, length) = '\0';
    }
    return copy;
}

/* The ANSI form has char behind its pointers: taken as UTF-8. */
static char *identity_text(const void *text, ULONG length, ULONG flags)
{
    if (!text) {
        return secret_copy("");
    }
    if (flags & SEC_WINNT_AUTH_IDENTITY_ANSI) {
        char *copy = secret_alloc((size_t)length + 1);
        if (copy) {
            memcpy(copy, text, length);
        }
        return copy;
    }
    return secret_of_wide(text, length);
}

static void cleanup_secret(char **text)
{
    secret_text_free(*text);
}

HRESULT auth_credentials_from_identity(const COAUTHIDENTITY *identity,
                                       struct auth_credentials **ret)
{
    if (!identity || (!identity->User && !identity->Password)) {
        return auth_credentials_ccache(NULL, NULL, NULL, ret);
    }
    const ULONG both = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;
    if ((identity->Flags & both) == 0 || (identity->Flags & both) == both) {
        return bad("Flags", "The identity is neither of ANSI nor of Unicode text.");
    }
    CLEANUP(cleanup_secret)
    char *user = identity_text(identity->User, identity->UserLength, identity->Flags);
    CLEANUP(cleanup_secret)
    char *domain = identity_text(identity->Domain, identity->DomainLength, identity->Flags);
    CLEANUP(cleanup_secret)
    char *password = identity_text(identity->Password, identity->PasswordLength, identity->Flags);
    if (!user || !domain || !password) {
        return no_memory();
    }
    /* Programs put a whole name into User also. */
    if (!*domain && strpbrk(user, "\\@")) {
        return auth_credentials_parse(user, identity->Password ? password : NULL, false, ret);
    }
    return identity->Password ? auth_credentials_password(domain, user, password, ret)
                              : auth_credentials_ccache(domain, user, NULL, ret);
}

/* ---- ConnectServer --------------------------------------------------------------- */

/* What an authority says; *domain and *spn are new, or NULL. */
static HRESULT parse_authority(const char *authority, enum auth_mechanism *mechanism, char **domain,
                               char **spn)
{
    static const char kerberos[] = "kerberos:", ntlm[] = "ntlmdomain:";
    if (strncasecmp(authority, ntlm, sizeof ntlm - 1) == 0) {
        *mechanism = AUTH_NTLM;
        *domain = strdup(authority + sizeof ntlm - 1);
        return *domain ? S_OK : no_memory();
    }
    if (strncasecmp(authority, kerberos, sizeof kerberos - 1) != 0) {
        return bad(
            "strAuthority",
            "An authority is kerberos:principal, kerberos:realm\\host or ntlmdomain:DOMAIN.");
    }
    *mechanism = AUTH_KERBEROS;
    const char *principal = authority + sizeof kerberos - 1;
    const char *backslash = strchr(principal, '\\');
    if (!*principal) {
        return S_OK;
    }
    if (!backslash) {
        *spn = strdup(principal);
        return *spn ? S_OK : no_memory();
    }
    *domain = strndup(principal, (size_t)(backslash - principal));
    /* A machine's account has a dollar at its end; its services do not. */
    size_t host = strcspn(backslash + 1, "$");
    if (!*domain || asprintf(spn, "host/%.*s@%s", (int)host, backslash + 1, *domain) < 0) {
        *spn = NULL;
        return no_memory();
    }
    return S_OK;
}

static HRESULT join_logon(const char *user, const char *domain, const char *password,
                          struct auth_credentials **ret)
{
    if (!user) {
        return password ? bad("strUser", "A password needs the name of its user.")
                        : auth_credentials_ccache(NULL, NULL, NULL, ret);
    }
    if (!domain) {
        return auth_credentials_parse(user, password, false, ret);
    }
    if (strpbrk(user, "\\@")) {
        return bad("strUser", "The domain stands in both the user and the authority.");
    }
    return password ? auth_credentials_password(domain, user, password, ret)
                    : auth_credentials_ccache(domain, user, NULL, ret);
}

HRESULT auth_credentials_from_logon(const wchar_t *user, const wchar_t *password,
                                    const wchar_t *authority, struct auth_credentials **ret,
                                    enum auth_mechanism *mechanism, char **spn)
{
    CLEANUP(com_cleanup_free) char *domain = NULL;
    CLEANUP(com_cleanup_free) char *principal = NULL;
    CLEANUP(com_cleanup_free) char *authority_text = com_utf8_from_wide(authority);
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(user);
    CLEANUP(cleanup_secret)
    char *secret = password ? secret_of_wide(password, wcslen(password)) : NULL;
    enum auth_mechanism wanted = AUTH_SPNEGO;
    if ((authority && !authority_text) || (user && !name) || (password && !secret)) {
        return no_memory();
    }
    if (name && !*name) {
        return bad("strUser", "The user has no name.");
    }
    HRESULT hr = S_OK;
    if (authority_text && *authority_text) {
        hr = parse_authority(authority_text, &wanted, &domain, &principal);
    }
    /* Kerberos' realm is the server's; the user may be of another one. */
    const char *own = wanted == AUTH_NTLM || !name || !strpbrk(name, "\\@") ? domain : NULL;
    if (SUCCEEDED(hr)) {
        hr = join_logon(name, own, secret, ret);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (mechanism) {
        *mechanism = wanted;
    }
    if (spn) {
        *spn = TAKE(principal);
    }
    return S_OK;
}
