/* Who may come in, and what they are here; see accounts.h. */
#include "wbemd/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistd.h>

#include "com/com.h"
#include "wbemd/log.h"

#define DEFAULT_PASSWORD_FILE "/etc/wbem/passwd"

/* What a line `account = …` or `group = …` says. */
struct rule {
    char *principal; /* "user", "DOMAIN\user", "DOMAIN\*", "user@REALM", "*@REALM", "*" */
    char *target;
};

struct rules {
    struct rule *items;
    size_t count;
};

struct user {
    char *name;
    uint8_t hash[AUTH_NT_HASH_SIZE];
};

struct accounts {
    struct accounts *older;
    struct auth_acceptor acceptor;
    struct auth_password_file *file; /* NULL: none */
    struct user *users;
    size_t user_count;
    struct rules accounts, groups;
    char *pam_service, *keytab;
    char **target_names; /* NULL at the end */
    char host[256];
};

/* ---- names -------------------------------------------------------------------------- */

static bool same_name(const char *a, const char *b)
{
    int result = 1;
    return u8_casecmp((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b), NULL,
                      UNINORM_NFC, &result) == 0 &&
           result == 0;
}

static char *small_letters(const char *text)
{
    size_t size = 0;
    uint8_t *folded =
        u8_casefold((const uint8_t *)text, strlen(text) + 1, NULL, UNINORM_NFC, NULL, &size);
    return (char *)folded;
}

/* DOMAIN\user taken apart in place; user@REALM stays whole, as the user of no domain. */
static char *split(char *principal, const char **ret_domain)
{
    char *separator = strchr(principal, '\\');
    *ret_domain = "";
    if (!separator) {
        return principal;
    }
    *separator = '\0';
    *ret_domain = principal;
    return separator + 1;
}

static bool matches(const char *pattern, const char *name)
{
    size_t size = strlen(pattern);
    if (strcmp(pattern, "*") == 0) {
        return true;
    }
    if (size > 2 && strcmp(pattern + size - 2, "\\*") == 0) {
        const char *separator = strchr(name, '\\');
        CLEANUP(com_cleanup_free) char *mine = strndup(pattern, size - 2);
        CLEANUP(com_cleanup_free)
        char *its = separator ? strndup(name, (size_t)(separator - name)) : NULL;
        return mine && its && same_name(mine, its);
    }
    if (size > 2 && strncmp(pattern, "*@", 2) == 0) {
        const char *realm = strrchr(name, '@');
        return realm && !strchr(name, '\\') && same_name(pattern + 1, realm);
    }
    return same_name(pattern, name);
}

/* The user's own part of a name. */
static char *bare(const char *name)
{
    const char *separator = strchr(name, '\\'), *realm = strrchr(name, '@');
    if (separator) {
        return strdup(separator + 1);
    }
    return realm ? strndup(name, (size_t)(realm - name)) : strdup(name);
}

/* ---- users --------------------------------------------------------------------------- */

static const struct user *user_of_run(const struct accounts *a, const char *name)
{
    for (size_t i = 0; i < a->user_count; i++) {
        if (same_name(a->users[i].name, name)) {
            return &a->users[i];
        }
    }
    return NULL;
}

static HRESULT lookup(void *context, const char *domain, const char *user,
                      uint8_t hash[AUTH_NT_HASH_SIZE])
{
    const struct accounts *a = context;
    const struct user *u = user_of_run(a, user);
    if (u) {
        memcpy(hash, u->hash, AUTH_NT_HASH_SIZE);
        return S_OK;
    }
    return a->file ? auth_password_file_lookup(a->file, domain, user, hash) : S_FALSE;
}

HRESULT accounts_identify(const struct accounts *a, const char *principal, char **ret)
{
    CLEANUP(com_cleanup_free) char *copy = strdup(principal);
    CLEANUP(com_cleanup_free) char *line = NULL, *name = NULL;
    const char *domain;
    if (!copy) {
        return E_OUTOFMEMORY;
    }
    const char *user = split(copy, &domain);
    /* user@REALM is Kerberos' doing, in which the password file has no part. */
    if (!strchr(user, '@') || *domain) {
        HRESULT hr = S_FALSE;
        if (user_of_run(a, user)) {
            domain = "";
        } else if (a->file) {
            hr = auth_password_file_domain(a->file, domain, user, &line);
        }
        if (FAILED(hr)) {
            return hr;
        }
        domain = hr == S_OK ? line : domain;
    }
    if (asprintf(&name, "%s%s%s", domain, *domain ? "\\" : "", user) < 0) {
        name = NULL;
        return E_OUTOFMEMORY;
    }
    *ret = small_letters(name);
    return *ret ? S_OK : E_OUTOFMEMORY;
}

/* ---- what they are here ------------------------------------------------------------------ */

/* Lines that name no account: a user of the password file, whose line is for any domain or for this
 * machine, is the account of the same name. NULL: none. */
static const char *usual_account(const struct accounts *a, char *name)
{
    const char *domain;
    if (!strchr(name, '\\') && strchr(name, '@')) {
        return NULL;
    }
    char *user = split(name, &domain);
    return !*domain || same_name(domain, a->host) ? user : NULL;
}

HRESULT accounts_account(const struct accounts *a, const char *principal, char **ret)
{
    CLEANUP(com_cleanup_free) char *name = NULL;
    uid_t uid;
    gid_t gid;
    *ret = NULL;
    HRESULT hr = accounts_identify(a, principal, &name);
    if (FAILED(hr)) {
        return hr;
    }
    const char *target = NULL;
    for (size_t i = 0; !target && i < a->accounts.count; i++) {
        target = matches(a->accounts.items[i].principal, name) ? a->accounts.items[i].target : NULL;
    }
    bool same = target && strcmp(target, "*") == 0;
    if (!target) {
        target = usual_account(a, name);
    }
    if (!target || strcmp(target, "-") == 0) {
        return S_FALSE;
    }
    CLEANUP(com_cleanup_free) char *account = same ? bare(name) : strdup(target);
    if (!account) {
        return E_OUTOFMEMORY;
    }
    hr = account_find_user(account, &uid, &gid);
    if (hr == WBEM_E_NOT_FOUND || (same && hr == S_OK && uid == 0)) { /* root has to be named */
        return S_FALSE;
    }
    if (hr == S_OK) {
        *ret = TAKE(account);
    }
    return hr;
}

/* "Administrators", an identifier, or a group of this machine. WBEM_E_NOT_FOUND. */
static HRESULT group_sid(const char *name, struct sid *ret)
{
    gid_t gid;
    if (same_name(name, "Administrators")) {
        *ret = sid_administrators;
        return S_OK;
    }
    if (sid_parse(name, ret)) {
        return S_OK;
    }
    HRESULT hr = account_find_group(name, &gid);
    if (SUCCEEDED(hr)) {
        sid_of_group(gid, ret);
    }
    return hr;
}

HRESULT accounts_token(const struct accounts *a, const char *principal, struct token *ret)
{
    CLEANUP(com_cleanup_free) char *account = NULL, *name = NULL;
    HRESULT hr = accounts_account(a, principal, &account);
    if (hr == S_OK) {
        hr = token_of_account(account, ret);
    }
    if (hr == S_FALSE || hr == WBEM_E_NOT_FOUND) {
        hr = token_add_everybody(ret);
    }
    if (SUCCEEDED(hr)) {
        hr = accounts_identify(a, principal, &name);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < a->groups.count; i++) {
        struct sid sid;
        if (!matches(a->groups.items[i].principal, name)) {
            continue;
        }
        hr = group_sid(a->groups.items[i].target, &sid);
        if (hr == WBEM_E_NOT_FOUND) { /* since the start */
            hr = S_OK;
        } else if (SUCCEEDED(hr)) {
            hr = token_add(ret, &sid);
        }
    }
    return hr;
}

HRESULT accounts_admit(const struct accounts *a, const char *principal, const char *address,
                       char *why, size_t why_size)
{
    CLEANUP(com_cleanup_free) char *account = NULL;
    if (!a->pam_service) {
        return S_OK;
    }
    HRESULT hr = accounts_account(a, principal, &account);
    if (hr == S_FALSE) {
        (void)snprintf(why, why_size, "it has no account on this machine, so PAM cannot be asked");
        return E_ACCESSDENIED;
    }
    return FAILED(hr) ? hr : pam_admit(a->pam_service, account, address, why, why_size);
}

/* ---- life ----------------------------------------------------------------------------------- */

static HRESULT bad(const char *what, const char *detail)
{
    log_line(LOG_ERR, "%s: %s", what, detail);
    return E_INVALIDARG;
}

/* The last word of the line is the target; what stands before it the principal. */
static HRESULT read_rules(const struct text_list *lines, const char *what, struct rules *ret)
{
    ret->items = calloc(lines->count + 1, sizeof *ret->items);
    if (!ret->items) {
        return E_OUTOFMEMORY;
    }
    for (size_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i], *end = line + strlen(line), *word = end;
        while (word > line && !strchr(" \t", word[-1])) {
            word--;
        }
        const char *stop = word;
        while (stop > line && strchr(" \t", stop[-1])) {
            stop--;
        }
        if (stop == line) {
            (void)bad(what, "needs a principal and a name, with a blank between");
            return E_INVALIDARG;
        }
        struct rule *r = &ret->items[ret->count++];
        r->principal = strndup(line, (size_t)(stop - line));
        r->target = strdup(word);
        if (!r->principal || !r->target) {
            return E_OUTOFMEMORY;
        }
    }
    return S_OK;
}

static HRESULT check_groups(const struct rules *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        struct sid sid;
        HRESULT hr = group_sid(groups->items[i].target, &sid);
        if (hr == WBEM_E_NOT_FOUND) {
            return bad("group", "there is no such group on this machine, and it is no identifier");
        }
        if (FAILED(hr)) {
            log_failure(LOG_ERR, "group", hr);
            return hr;
        }
    }
    return S_OK;
}

static void say_stale(void *unused, const char *path, HRESULT hr)
{
    (void)unused;
    (void)path; /* which the reason names */
    log_failure(LOG_ERR, "the password file has changed, but the users from before stay", hr);
}

static HRESULT open_file(const struct settings *s, struct accounts *a)
{
    const char *path = s->password_file ? s->password_file : DEFAULT_PASSWORD_FILE;
    if (!*path || (!s->password_file && (s->users.count || s->keytab) && access(path, F_OK) != 0)) {
        return S_OK; /* others may come in without it */
    }
    HRESULT hr = auth_password_file_open(path, &a->file);
    if (FAILED(hr)) {
        log_failure(LOG_ERR, "the password file", hr);
        return hr;
    }
    auth_password_file_on_failure(a->file, say_stale, NULL);
    return S_OK;
}

/* $WBEMD_PASSWORD, or the first line of a file. secret_text_free() it. */
static char *password_of_users(const struct settings *s)
{
    char line[1024] = "";
    if (!s->user_password_file) {
        const char *value = getenv("WBEMD_PASSWORD");
        return value ? secret_copy(value) : NULL;
    }
    FILE *f = fopen(s->user_password_file, "re");
    char *copy = NULL;
    if (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = '\0';
        copy = secret_copy(line);
    }
    if (f) {
        (void)fclose(f);
    }
    secret_wipe(line, sizeof line);
    return copy;
}

static HRESULT make_users(const struct settings *s, struct accounts *a)
{
    if (s->users.count == 0) {
        return S_OK;
    }
    char *password = password_of_users(s);
    if (!password || !*password) {
        secret_text_free(password);
        return bad("--user", "its password is wanted in the environment, as WBEMD_PASSWORD, or in "
                             "the file that --user-password-file names");
    }
    HRESULT hr = S_OK;
    a->users = calloc(s->users.count, sizeof *a->users);
    for (size_t i = 0; a->users && SUCCEEDED(hr) && i < s->users.count; i++) {
        struct user *u = &a->users[a->user_count++];
        u->name = strdup(s->users.items[i]);
        hr = u->name ? auth_nt_hash(password, u->hash) : E_OUTOFMEMORY;
    }
    secret_text_free(password);
    return a->users ? hr : E_OUTOFMEMORY;
}

static HRESULT check_keytab(const char *keytab)
{
    const char *path = strncmp(keytab, "FILE:", 5) == 0 ? keytab + 5 : keytab;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char version = 0;
    if (fd < 0) {
        log_line(LOG_ERR, "the keytab: %s: %s", path, strerror(errno));
        return E_INVALIDARG;
    }
    ssize_t got = read(fd, &version, 1);
    (void)close(fd);
    /* MIT's format begins with 5, then 1 or 2. */
    if (got != 1 || version != 5) {
        log_line(LOG_ERR, "the keytab: %s is none; make one with ktutil or kadmin's ktadd", path);
        return E_INVALIDARG;
    }
    return S_OK;
}

static HRESULT copy_targets(const struct settings *s, struct accounts *a)
{
    const struct text_list *from = s->target_names.count ? &s->target_names : &s->names;
    a->target_names = calloc(from->count + 2, sizeof *a->target_names);
    size_t count = 0;
    for (size_t i = 0; a->target_names && i < from->count; i++, count++) {
        a->target_names[i] = strdup(from->items[i]);
    }
    if (a->target_names && count == 0) {
        a->target_names[0] = strdup(a->host);
    }
    return a->target_names ? S_OK : E_OUTOFMEMORY;
}

static HRESULT fill(struct accounts *a, const struct settings *s)
{
    (void)gethostname(a->host, sizeof a->host - 1);
    HRESULT hr = read_rules(&s->accounts, "account", &a->accounts);
    if (SUCCEEDED(hr)) {
        hr = read_rules(&s->groups, "group", &a->groups);
    }
    if (SUCCEEDED(hr)) {
        hr = check_groups(&a->groups);
    }
    if (SUCCEEDED(hr)) {
        hr = open_file(s, a);
    }
    if (SUCCEEDED(hr)) {
        hr = make_users(s, a);
    }
    if (SUCCEEDED(hr) && s->keytab && *s->keytab) {
        hr = text_replace(&a->keytab, s->keytab) ? check_keytab(s->keytab) : E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr) && s->pam_service && *s->pam_service) {
        hr = !pam_is_there() ? bad("pam-service", "wbemd was built without PAM")
             : text_replace(&a->pam_service, s->pam_service) ? S_OK
                                                             : E_OUTOFMEMORY;
    }
    return SUCCEEDED(hr) ? copy_targets(s, a) : hr;
}

HRESULT accounts_new(const struct settings *s, struct accounts *older, struct accounts **ret)
{
    struct accounts *a = calloc(1, sizeof *a);
    if (!a) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = fill(a, s);
    if (FAILED(hr)) {
        accounts_destroy(a);
        return hr;
    }
    a->acceptor = (struct auth_acceptor){
        .lookup = a->file || a->user_count ? lookup : NULL,
        .lookup_context = a,
        .keytab = a->keytab,
        .require_mic = s->require_mic,
        .target_name = (enum auth_protection)s->target_name,
        .target_names = (const char *const *)a->target_names,
    };
    a->older = older;
    *ret = a;
    return S_OK;
}

bool accounts_is_empty(const struct accounts *a)
{
    return !a->file && !a->user_count && !a->keytab;
}

const struct auth_acceptor *accounts_acceptor(const struct accounts *a)
{
    return &a->acceptor;
}

static void rules_done(struct rules *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->items[i].principal);
        free(r->items[i].target);
    }
    free(r->items);
}

void accounts_destroy(struct accounts *a)
{
    while (a) {
        struct accounts *older = a->older;
        for (size_t i = 0; i < a->user_count; i++) {
            free(a->users[i].name);
            secret_wipe(a->users[i].hash, sizeof a->users[i].hash);
        }
        for (char **t = a->target_names; t && *t; t++) {
            free(*t);
        }
        free(a->target_names);
        free(a->users);
        rules_done(&a->accounts);
        rules_done(&a->groups);
        auth_password_file_close(a->file);
        free(a->pam_service);
        free(a->keytab);
        free(a);
        a = older;
    }
}
