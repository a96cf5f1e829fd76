/*
 * The users of a server: lines "user:domain:nt-hash", read again when the file
 * has changed. A hash is as good as its password to whoever has it, so the file
 * has to be its owner's alone.
 */
#include "auth/auth_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistd.h>

#define FILE_MAX (16u << 20)
#define LINE_MAX_BYTES 2048

struct user {
    char *domain, *name;
    uint8_t hash[AUTH_NT_HASH_SIZE];
};

struct users {
    struct user *all;
    size_t count, capacity;
};

/* Which version of the file: what a chmod or chown changes counts, too. */
struct stamp {
    struct timespec changed;
    off_t size;
    ino_t inode;
    mode_t mode;
    uid_t owner;
};

struct auth_password_file {
    char *path;
    pthread_mutex_t lock;
    struct users users; /* under lock, as what follows */
    struct stamp taken; /* the version that `users` are of */
    struct stamp told;  /* the last one that could not be taken */
    auth_password_file_failed failed;
    void *failed_context;
};

static void users_done(struct users *u)
{
    for (size_t i = 0; i < u->count; i++) {
        free(u->all[i].domain);
        free(u->all[i].name);
    }
    secret_wipe(u->all, u->capacity * sizeof *u->all);
    free(u->all);
    *u = (struct users){0};
}

/* An array of hashes that grows leaves no copy behind. */
static bool users_grow(struct users *u)
{
    if (u->count < u->capacity) {
        return true;
    }
    size_t capacity = u->capacity ? 2 * u->capacity : 16;
    struct user *all = calloc(capacity, sizeof *all);
    if (!all) {
        return false;
    }
    if (u->count > 0) {
        memcpy(all, u->all, u->count * sizeof *all);
        secret_wipe(u->all, u->capacity * sizeof *u->all);
    }
    free(u->all);
    u->all = all;
    u->capacity = capacity;
    return true;
}

/* The three parts of a line, ended in place. False: it has none (empty, a comment). */
static HRESULT split(char *line, const char *path, unsigned number, char *parts[3])
{
    line[strcspn(line, "\r\n")] = '\0';
    parts[0] = line + strspn(line, " \t");
    if (*parts[0] == '\0' || *parts[0] == '#') {
        return S_FALSE;
    }
    char *first = strchr(parts[0], ':');
    char *second = first ? strchr(first + 1, ':') : NULL;
    if (!second || first == parts[0]) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "passwords", path,
                           "%s:%u: a line is user:domain:nt-hash.", path, number);
    }
    *first = *second = '\0';
    parts[1] = first + 1;
    parts[2] = second + 1;
    return S_OK;
}

static HRESULT add_line(struct users *u, char *line, const char *path, unsigned number)
{
    char *parts[3];
    HRESULT hr = split(line, path, number, parts);
    if (hr != S_OK) {
        return hr;
    }
    if (!users_grow(u)) {
        return E_OUTOFMEMORY;
    }
    struct user *user = &u->all[u->count];
    if (FAILED(auth_nt_hash_parse(parts[2], user->hash))) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "passwords", path,
                           "%s:%u: the hash is not 32 hexadecimal digits.", path, number);
    }
    user->name = strdup(parts[0]);
    user->domain = strdup(parts[1]);
    u->count++;
    return user->name && user->domain ? S_OK : E_OUTOFMEMORY;
}

static HRESULT system_failed(const char *path)
{
    int error = errno;
    return error_raise(com_hresult_from_errno(error), "passwords", path, "%s: %s.", path,
                       strerror(error));
}

static HRESULT check_private(const char *path, const struct stat *st)
{
    if (!S_ISREG(st->st_mode) || st->st_size > (off_t)FILE_MAX) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "passwords", path,
                           "%s is not a file of passwords.", path);
    }
    if ((st->st_mode & (S_IRWXG | S_IRWXO)) || (st->st_uid != geteuid() && st->st_uid != 0)) {
        return error_raise(E_ACCESSDENIED, "passwords", path,
                           "%s can be read or changed by others, or is another user's: chmod 600 "
                           "%s",
                           path, path);
    }
    return S_OK;
}

static HRESULT load(const char *path, struct users *ret, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (!f || fstat(fd, st) != 0) {
        HRESULT hr = system_failed(path);
        if (f) {
            (void)fclose(f);
        }
        return hr;
    }
    HRESULT hr = check_private(path, st);
    char line[LINE_MAX_BYTES], buffer[4096];
    (void)setvbuf(f, buffer, _IOFBF, sizeof buffer);
    for (unsigned number = 1; SUCCEEDED(hr) && fgets(line, sizeof line, f); number++) {
        hr = add_line(ret, line, path, number);
    }
    if (SUCCEEDED(hr) && ferror(f)) {
        hr = system_failed(path);
    }
    (void)fclose(f);
    secret_wipe(line, sizeof line);
    secret_wipe(buffer, sizeof buffer);
    if (hr == E_OUTOFMEMORY) {
        hr = error_raise(hr, "passwords", path, "No memory for %s.", path);
    }
    if (FAILED(hr)) {
        users_done(ret);
    }
    return FAILED(hr) ? hr : S_OK;
}

static struct stamp stamp_of(const struct stat *st)
{
    return (struct stamp){.changed = st->st_ctim,
                          .size = st->st_size,
                          .inode = st->st_ino,
                          .mode = st->st_mode,
                          .owner = st->st_uid};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->inode == b->inode && a->size == b->size && a->mode == b->mode &&
           a->owner == b->owner && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

static void take(struct auth_password_file *f, struct users *users, const struct stat *st)
{
    users_done(&f->users);
    f->users = *users;
    f->taken = f->told = stamp_of(st);
}

HRESULT auth_password_file_open(const char *path, struct auth_password_file **ret)
{
    struct users users = {0};
    struct stat st;
    HRESULT hr = load(path, &users, &st);
    if (FAILED(hr)) {
        return hr;
    }
    struct auth_password_file *f = calloc(1, sizeof *f);
    if (!f || !(f->path = strdup(path))) {
        free(f);
        users_done(&users);
        return error_raise(E_OUTOFMEMORY, "passwords", path, "No memory for %s.", path);
    }
    (void)pthread_mutex_init(&f->lock, NULL);
    take(f, &users, &st);
    *ret = f;
    return S_OK;
}

void auth_password_file_close(struct auth_password_file *f)
{
    if (f) {
        users_done(&f->users);
        (void)pthread_mutex_destroy(&f->lock);
        free(f->path);
        free(f);
    }
}

void auth_password_file_on_failure(struct auth_password_file *f, auth_password_file_failed failed,
                                   void *context)
{
    (void)pthread_mutex_lock(&f->lock);
    f->failed = failed;
    f->failed_context = context;
    (void)pthread_mutex_unlock(&f->lock);
}

/* A version that cannot be taken is tried again: its reason may pass. */
static void reload(struct auth_password_file *f)
{
    struct stat st;
    struct users users = {0};
    struct stamp now = {0}; /* that of no file */
    HRESULT hr;
    if (stat(f->path, &st) != 0) {
        hr = system_failed(f->path);
    } else {
        now = stamp_of(&st);
        if (same_stamp(&now, &f->taken)) {
            return;
        }
        hr = load(f->path, &users, &st);
    }
    if (SUCCEEDED(hr)) {
        take(f, &users, &st);
        return;
    }
    if (f->failed && !same_stamp(&now, &f->told)) {
        f->failed(f->failed_context, f->path, hr);
    }
    f->told = now;
    (void)SetErrorInfo(0, NULL); /* the caller's call does not fail by it */
}

/* Names are the same without regard to case, as in Windows. */
static bool same_name(const char *a, const char *b)
{
    int result = 1;
    return u8_casecmp((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b), NULL,
                      UNINORM_NFC, &result) == 0 &&
           result == 0;
}

/* A line with the client's domain goes before one for any. Under the lock. */
static const struct user *find_user(struct auth_password_file *f, const char *domain,
                                    const char *user)
{
    const struct user *found = NULL;
    reload(f);
    for (size_t i = 0; i < f->users.count; i++) {
        const struct user *u = &f->users.all[i];
        bool any = *u->domain == '\0';
        if (same_name(u->name, user) && (any ? !found : same_name(u->domain, domain))) {
            found = u;
        }
    }
    return found;
}

HRESULT auth_password_file_lookup(void *file, const char *domain, const char *user,
                                  uint8_t hash[AUTH_NT_HASH_SIZE])
{
    struct auth_password_file *f = file;
    (void)pthread_mutex_lock(&f->lock);
    const struct user *found = find_user(f, domain, user);
    if (found) {
        memcpy(hash, found->hash, AUTH_NT_HASH_SIZE);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return found ? S_OK : S_FALSE;
}

HRESULT auth_password_file_domain(struct auth_password_file *f, const char *domain,
                                  const char *user, char **ret_domain)
{
    (void)pthread_mutex_lock(&f->lock);
    const struct user *found = find_user(f, domain, user);
    char *copy = found ? strdup(found->domain) : NULL;
    (void)pthread_mutex_unlock(&f->lock);
    if (!found) {
        return S_FALSE;
    }
    *ret_domain = copy;
    return copy ? S_OK : E_OUTOFMEMORY;
}

HRESULT auth_password_file_each(struct auth_password_file *f,
                                HRESULT (*each)(void *context, const char *domain,
                                                const char *user),
                                void *context)
{
    HRESULT hr = S_OK;
    (void)pthread_mutex_lock(&f->lock);
    for (size_t i = 0; SUCCEEDED(hr) && i < f->users.count; i++) {
        hr = each(context, f->users.all[i].domain, f->users.all[i].name);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return hr;
}

/* ---- changing it ----------------------------------------------------------------- */

static bool line_is_of(const char *line, const char *domain, const char *user)
{
    char copy[LINE_MAX_BYTES], *parts[3];
    (void)snprintf(copy, sizeof copy, "%s", line);
    /* A damaged line is nobody's, and stays for its owner to see. */
    bool of = strchr(copy, ':') && split(copy, "", 0, parts) == S_OK && same_name(parts[0], user) &&
              same_name(parts[1], domain);
    secret_wipe(copy, sizeof copy);
    return of;
}

static void put_hash(FILE *to, const uint8_t hash[AUTH_NT_HASH_SIZE])
{
    for (size_t i = 0; i < AUTH_NT_HASH_SIZE; i++) {
        (void)fprintf(to, "%02x", hash[i]);
    }
}

/* Everything but that user's line. True: there was one. */
static bool copy_others(FILE *from, FILE *to, const char *domain, const char *user)
{
    char line[LINE_MAX_BYTES];
    bool found = false;
    while (from && fgets(line, sizeof line, from)) {
        if (line_is_of(line, domain, user)) {
            found = true;
        } else {
            (void)fputs(line, to);
            if (!strchr(line, '\n') && strlen(line) < sizeof line - 1) {
                (void)fputc('\n', to);
            }
        }
    }
    secret_wipe(line, sizeof line);
    return found;
}

/* The file stays its owner's: the server's user can read no other. */
static bool keep_owner(FILE *from, int to)
{
    struct stat old, new;
    if (!from) {
        return true;
    }
    return fstat(fileno(from), &old) == 0 && fstat(to, &new) == 0 &&
           ((old.st_uid == new.st_uid &&old.st_gid == new.st_gid) ||
            fchown(to, old.st_uid, old.st_gid) == 0);
}

/* The file with that line changed: in `next`, and then in its place. */
static HRESULT replace(FILE *from, const char *path, char *next, const char *domain,
                       const char *user, const uint8_t *hash, bool *found)
{
    int fd = mkostemp(next, O_CLOEXEC); /* 0600 */
    FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!to) {
        return system_failed(next);
    }
    HRESULT hr = keep_owner(from, fd) ? S_OK : system_failed(next);
    *found = SUCCEEDED(hr) && copy_others(from, to, domain, user);
    if (SUCCEEDED(hr) && from && ferror(from)) {
        hr = system_failed(path); /* what was not read would be lost */
    }
    if (hash) {
        (void)fprintf(to, "%s:%s:", user, domain);
        put_hash(to, hash);
        (void)fputc('\n', to);
    }
    if (SUCCEEDED(hr) && (fflush(to) != 0 || ferror(to) || fsync(fd) != 0)) {
        hr = system_failed(next);
    }
    if (fclose(to) != 0 && SUCCEEDED(hr)) {
        hr = system_failed(next);
    }
    if (SUCCEEDED(hr) && rename(next, path) != 0) {
        hr = system_failed(path);
    }
    if (FAILED(hr)) {
        (void)unlink(next);
    }
    return hr;
}

HRESULT auth_password_file_set_hash(const char *path, const char *domain, const char *user,
                                    const uint8_t hash[AUTH_NT_HASH_SIZE])
{
    CLEANUP(com_cleanup_free) char *next = NULL;
    const char *in = domain ? domain : "";
    if (!*user || *user == '#' || strpbrk(user, ":\r\n") || strpbrk(in, ":\r\n") ||
        strlen(user) + strlen(in) > LINE_MAX_BYTES / 2) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "passwords", user,
                           "The name cannot stand in a file of passwords.");
    }
    if (asprintf(&next, "%s.XXXXXX", path) < 0) {
        next = NULL;
        return error_raise(E_OUTOFMEMORY, "passwords", path, "No memory.");
    }
    FILE *from = fopen(path, "re");
    if (!from && errno != ENOENT) {
        return system_failed(path);
    }
    bool found = false;
    HRESULT hr = replace(from, path, next, in, user, hash, &found);
    if (from) {
        (void)fclose(from);
    }
    return FAILED(hr) ? hr : hash || found ? S_OK : S_FALSE;
}

HRESULT auth_password_file_set(const char *path, const char *domain, const char *user,
                               const char *password)
{
    uint8_t hash[AUTH_NT_HASH_SIZE];
    HRESULT hr = password ? auth_nt_hash(password, hash) : S_OK;
    if (FAILED(hr)) {
        return error_raise(hr, "passwords", path, "No memory.");
    }
    hr = auth_password_file_set_hash(path, domain, user, password ? hash : NULL);
    secret_wipe(hash, sizeof hash);
    return hr;
}
