/*
 * Credentials from outside of the command line, where other users could see
 * them: a file, the environment, a terminal that does not echo.
 */
#include "auth/auth_private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define FILE_MAX 65536
#define PASSWORD_MAX 1024

/* A whole small file in locked memory, with a terminator. */
struct secret_file {
    char *text;
    size_t size;
};

static void secret_file_done(struct secret_file *f)
{
    secret_free(f->text, f->size);
}

static HRESULT read_all(int fd, const char *path, struct secret_file *ret)
{
    ret->size = FILE_MAX;
    ret->text = secret_alloc(ret->size);
    if (!ret->text) {
        return error_raise(E_OUTOFMEMORY, "credentials", path, "No memory for %s.", path);
    }
    size_t length = 0;
    while (length < FILE_MAX - 1) {
        ssize_t n = read(fd, ret->text + length, FILE_MAX - 1 - length);
        if (n == 0) {
            return S_OK;
        }
        if (n < 0 && errno != EINTR) {
            return error_raise(com_hresult_from_errno(errno), "credentials", path, "%s: %s.", path,
                               strerror(errno));
        }
        length += n > 0 ? (size_t)n : 0;
    }
    return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", path,
                       "%s has more than 64 KiB: it is no file of credentials.", path);
}

static HRESULT open_private(const char *path, bool lax, struct secret_file *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return error_raise(com_hresult_from_errno(error), "credentials", path, "%s: %s.", path,
                           strerror(error));
    }
    HRESULT hr =
        (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) && S_ISREG(st.st_mode) && !lax
            ? error_raise(E_ACCESSDENIED, "credentials", path,
                          "%s can be read or changed by others: chmod 600 %s", path, path)
            : read_all(fd, path, ret);
    close(fd);
    return hr;
}

/* "name = value" in a line: blanks around both are not part of them. False: no such line. */
static bool split_line(char *line, char **name, char **value)
{
    char *equals = strchr(line, '=');
    if (!equals) {
        return false;
    }
    *equals = '\0';
    *name = line + strspn(line, " \t");
    *value = equals + 1 + strspn(equals + 1, " \t");
    for (char *end = equals; end > *name && isspace((unsigned char)end[-1]);) {
        *--end = '\0';
    }
    for (char *end = *value + strlen(*value); end > *value && isspace((unsigned char)end[-1]);) {
        *--end = '\0';
    }
    return true;
}

struct file_values {
    const char *user, *password, *domain, *hash;
};

static HRESULT take_line(char *line, const char *path, unsigned number, struct file_values *v)
{
    char *name, *value, *start = line + strspn(line, " \t\r");
    if (*start == '\0' || *start == '#' || *start == ';') {
        return S_OK;
    }
    if (split_line(line, &name, &value)) {
        if (strcasecmp(name, "username") == 0 || strcasecmp(name, "user") == 0) {
            v->user = value;
            return S_OK;
        }
        if (strcasecmp(name, "password") == 0) {
            v->password = value;
            return S_OK;
        }
        if (strcasecmp(name, "domain") == 0) {
            v->domain = value;
            return S_OK;
        }
        if (strcasecmp(name, "hash") == 0) {
            v->hash = value;
            return S_OK;
        }
    }
    /* What stands there is not said: it may be a password. */
    return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", path,
                       "%s:%u: neither username, password, domain nor hash is given a value here.",
                       path, number);
}

/* The domain apart from the user, as a file and the environment have it. */
static HRESULT make(const struct file_values *v, struct auth_credentials **ret)
{
    const char *secret = v->hash ? v->hash : v->password;
    CLEANUP(com_cleanup_free) char *whole = NULL;
    if (v->domain && *v->domain && v->user && strpbrk(v->user, "\\@")) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", "domain",
                           "The domain is given twice.");
    }
    if (v->domain && *v->domain && v->user) {
        if (asprintf(&whole, "%s\\%s", v->domain, v->user) < 0) {
            whole = NULL;
            return error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory for credentials.");
        }
    }
    return auth_credentials_parse(whole ? whole : v->user, secret, v->hash != NULL, ret);
}

HRESULT auth_credentials_from_file(const char *path, bool lax, struct auth_credentials **ret)
{
    CLEANUP(secret_file_done) struct secret_file f = {0};
    struct file_values v = {0};
    HRESULT hr = open_private(path, lax, &f);
    unsigned number = 0;
    for (char *line = f.text; SUCCEEDED(hr) && line;) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
        }
        hr = take_line(line, path, ++number, &v);
        line = end ? end + 1 : NULL;
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!v.user) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", path, "%s names no user.",
                           path);
    }
    return make(&v, ret);
}

HRESULT auth_credentials_from_environment(struct auth_credentials **ret)
{
    const char *file = getenv("WBEM_CREDENTIALS");
    const char *ccache = getenv("WBEM_CCACHE"), *keytab = getenv("WBEM_KEYTAB");
    const struct file_values v = {
        .user = getenv("WBEM_USER"),
        .password = getenv("WBEM_PASSWORD"),
        .domain = getenv("WBEM_DOMAIN"),
        .hash = getenv("WBEM_NT_HASH"),
    };
    *ret = NULL;
    if (v.user && (v.password || v.hash)) {
        return make(&v, ret);
    }
    if (file && *file) {
        return auth_credentials_from_file(file, false, ret);
    }
    if (keytab && *keytab) {
        return auth_credentials_keytab(v.domain, v.user, keytab, ret);
    }
    if (ccache && *ccache) {
        return auth_credentials_ccache(v.domain, v.user, ccache, ret);
    }
    return v.user ? make(&v, ret) : S_FALSE;
}

/* ---- the terminal ---------------------------------------------------------------- */

static void put_text(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno != EINTR) {
            return;
        }
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
}

static HRESULT read_line(int fd, char *line)
{
    size_t length = 0;
    for (;;) {
        char c;
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if ((n <= 0 && length == 0) || (n > 0 && c == 0x03)) {
            return error_raise(E_ABORT, "credentials", NULL, "No password was given.");
        }
        if (n <= 0 || c == '\n' || c == '\r') {
            line[length] = '\0';
            return S_OK;
        }
        if (length == PASSWORD_MAX - 1) {
            return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", NULL,
                               "The password is too long.");
        }
        line[length++] = c;
    }
}

HRESULT auth_prompt_password(const char *prompt, char **ret)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios before, quiet;
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return error_raise(E_ABORT, "credentials", NULL,
                           "There is no terminal to ask for the password on.");
    }
    char *line = secret_alloc(PASSWORD_MAX);
    /* Ctrl-C is read as a character, and other signals wait: none leaves the terminal without echo.
     */
    sigset_t all, old;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &old);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
    put_text(fd, prompt);
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    HRESULT hr =
        line ? read_line(fd, line) : error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory.");
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    put_text(fd, "\n");
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    close(fd);
    if (SUCCEEDED(hr)) {
        *ret = secret_copy(line);
        hr = *ret ? S_OK : error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory.");
    }
    secret_free(line, PASSWORD_MAX);
    return hr;
}
