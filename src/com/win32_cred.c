/*
 * wincred.h on a terminal: the name is asked for in the open, the password with echo off. What was
 * read is erased from every buffer of ours.
 */
#include "com/com.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wincred.h>

#define LINE_BYTES (4 * CREDUI_MAX_USERNAME_LENGTH + 2)

/* Where the user is: the terminal, or the standard streams. */
struct terminal {
    int in;
    int out;
    bool owned; /* `in` and `out` are one descriptor that we opened */
};

static void terminal_open(struct terminal *t)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    *t = fd >= 0 ? (struct terminal){fd, fd, true}
                 : (struct terminal){STDIN_FILENO, STDERR_FILENO, false};
}

static void terminal_close(struct terminal *t)
{
    if (t->owned) {
        close(t->in);
    }
}

static void terminal_print(struct terminal *t, const wchar_t *text)
{
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    const char *p = utf8 ? utf8 : "";
    for (size_t left = strlen(p); left > 0;) {
        ssize_t n = write(t->out, p, left);
        if (n < 0 && errno != EINTR) {
            return;
        }
        p += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
}

/* A line without its end; the rest of one that is too long is thrown away with the error. */
static DWORD terminal_read_line(struct terminal *t, char line[LINE_BYTES])
{
    size_t length = 0;
    bool too_long = false;
    for (;;) {
        char c;
        ssize_t n = read(t->in, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0 && length == 0) {
            return ERROR_CANCELLED;
        }
        if (n <= 0 || c == '\n') {
            break;
        }
        if (length + 1 < LINE_BYTES) {
            line[length++] = c;
        } else {
            too_long = true;
        }
    }
    if (length > 0 && line[length - 1] == '\r') {
        length--;
    }
    line[length] = 0;
    return too_long ? ERROR_INSUFFICIENT_BUFFER : NO_ERROR;
}

/* With echo off; stopping signals wait until it is on again, or they would leave it off. */
static DWORD terminal_read_secret(struct terminal *t, char line[LINE_BYTES])
{
    struct termios before;
    bool has_echo = tcgetattr(t->in, &before) == 0;
    sigset_t blocked;
    sigset_t old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGTSTP);
    sigaddset(&blocked, SIGQUIT);
    sigaddset(&blocked, SIGHUP);
    if (has_echo) {
        struct termios quiet = before;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
        pthread_sigmask(SIG_BLOCK, &blocked, &old);
        (void)tcsetattr(t->in, TCSAFLUSH, &quiet);
    }
    DWORD status = terminal_read_line(t, line);
    if (has_echo) {
        (void)tcsetattr(t->in, TCSAFLUSH, &before);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        terminal_print(t, L"\n");
    }
    /* Ctrl-C comes as a character while ISIG is off: it takes the prompt back. */
    if (status == NO_ERROR && strchr(line, 0x03)) {
        status = ERROR_CANCELLED;
    }
    return status;
}

/* Into a caller's buffer of `room` characters. */
static DWORD put_line(const char *line, WCHAR *out, ULONG room)
{
    size_t size = strlen(line);
    if (com_wide_length_of_utf8(line, size) >= room) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    *com_wide_put_utf8(out, line, size) = 0;
    return NO_ERROR;
}

static DWORD ask_user_name(struct terminal *t, const wchar_t *target, WCHAR *user, ULONG room)
{
    char line[LINE_BYTES];
    terminal_print(t, L"User name");
    if (target && *target) {
        terminal_print(t, L" for ");
        terminal_print(t, target);
    }
    if (user[0]) {
        terminal_print(t, L" [");
        terminal_print(t, user);
        terminal_print(t, L"]");
    }
    terminal_print(t, L": ");
    DWORD status = terminal_read_line(t, line);
    if (status != NO_ERROR || (line[0] == 0 && user[0])) {
        return status;
    }
    return put_line(line, user, room);
}

static DWORD ask_password(struct terminal *t, const wchar_t *user, WCHAR *password, ULONG room)
{
    char line[LINE_BYTES];
    terminal_print(t, L"Password for ");
    terminal_print(t, user);
    terminal_print(t, L": ");
    DWORD status = terminal_read_secret(t, line);
    if (status == NO_ERROR) {
        status = put_line(line, password, room);
    }
    explicit_bzero(line, sizeof line);
    return status;
}

static DWORD prompt(const wchar_t *caption, const wchar_t *message, const wchar_t *target,
                    WCHAR *user, ULONG user_room, WCHAR *password, ULONG password_room, BOOL *save,
                    DWORD flags)
{
    if (!user || user_room == 0 || !password || password_room == 0 ||
        wcsnlen(user, user_room) == user_room) {
        return ERROR_INVALID_PARAMETER;
    }
    if ((flags & (CREDUI_FLAGS_REQUIRE_CERTIFICATE | CREDUI_FLAGS_REQUIRE_SMARTCARD)) ||
        ((flags & CREDUI_FLAGS_DO_NOT_PERSIST) && (flags & CREDUI_FLAGS_PERSIST))) {
        return ERROR_INVALID_FLAGS;
    }

    struct terminal t;
    terminal_open(&t);
    const wchar_t *lines[] = {caption, message};
    for (size_t i = 0; i < ARRAYSIZE(lines); i++) {
        if (lines[i] && lines[i][0]) {
            terminal_print(&t, lines[i]);
            terminal_print(&t, L"\n");
        }
    }
    DWORD status = NO_ERROR;
    if (!(flags & CREDUI_FLAGS_KEEP_USERNAME) || !user[0]) {
        status = ask_user_name(&t, target, user, user_room);
    }
    if (status == NO_ERROR) {
        status = ask_password(&t, user, password, password_room);
    }
    if (save) {
        *save = FALSE;
    }
    terminal_close(&t);
    return status;
}

DWORD CredUIPromptForCredentialsW(PCREDUI_INFOW info, PCWSTR target, PCtxtHandle context,
                                  DWORD auth_error, PWSTR user, ULONG user_room, PWSTR password,
                                  ULONG password_room, BOOL *save, DWORD flags)
{
    if (info && info->cbSize != sizeof *info) {
        return ERROR_INVALID_PARAMETER;
    }
    return prompt(info ? info->pszCaptionText : NULL, info ? info->pszMessageText : NULL, target,
                  user, user_room, password, password_room, save, flags);
}

DWORD CredUICmdLinePromptForCredentialsW(PCWSTR target, PCtxtHandle context, DWORD auth_error,
                                         PWSTR user, ULONG user_room, PWSTR password,
                                         ULONG password_room, PBOOL save, DWORD flags)
{
    return prompt(NULL, NULL, target, user, user_room, password, password_room, save, flags);
}

/* ---- narrow text -------------------------------------------------------------------------- */

/* Back into the caller's UTF-8 buffer. */
static DWORD put_narrow(const WCHAR *text, char *out, ULONG room)
{
    size_t length = wcslen(text);
    if (com_utf8_size_of_wide(text, length) >= room) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    *com_utf8_put_wide(out, text, length) = 0;
    return NO_ERROR;
}

static DWORD prompt_narrow(const char *caption, const char *message, const char *target, char *user,
                           ULONG user_room, char *password, ULONG password_room, BOOL *save,
                           DWORD flags)
{
    if (!user || user_room == 0 || !password || password_room == 0 ||
        strnlen(user, user_room) == user_room) {
        return ERROR_INVALID_PARAMETER;
    }

    CLEANUP(com_cleanup_free) wchar_t *wide_caption = com_wide_from_utf8(caption);
    CLEANUP(com_cleanup_free) wchar_t *wide_message = com_wide_from_utf8(message);
    CLEANUP(com_cleanup_free) wchar_t *wide_target = com_wide_from_utf8(target);
    WCHAR wide_user[CREDUI_MAX_USERNAME_LENGTH + 1];
    WCHAR wide_password[CREDUI_MAX_PASSWORD_LENGTH + 1];
    DWORD status = put_line(user, wide_user, ARRAYSIZE(wide_user));
    if (status == NO_ERROR) {
        status = prompt(wide_caption, wide_message, wide_target, wide_user, ARRAYSIZE(wide_user),
                        wide_password, ARRAYSIZE(wide_password), save, flags);
    }
    if (status == NO_ERROR) {
        status = put_narrow(wide_user, user, user_room);
    }
    if (status == NO_ERROR) {
        status = put_narrow(wide_password, password, password_room);
    }
    explicit_bzero(wide_password, sizeof wide_password);
    return status;
}

DWORD CredUIPromptForCredentialsA(PCREDUI_INFOA info, PCSTR target, PCtxtHandle context,
                                  DWORD auth_error, PSTR user, ULONG user_room, PSTR password,
                                  ULONG password_room, BOOL *save, DWORD flags)
{
    if (info && info->cbSize != sizeof *info) {
        return ERROR_INVALID_PARAMETER;
    }
    return prompt_narrow(info ? info->pszCaptionText : NULL, info ? info->pszMessageText : NULL,
                         target, user, user_room, password, password_room, save, flags);
}

DWORD CredUICmdLinePromptForCredentialsA(PCSTR target, PCtxtHandle context, DWORD auth_error,
                                         PSTR user, ULONG user_room, PSTR password,
                                         ULONG password_room, PBOOL save, DWORD flags)
{
    return prompt_narrow(NULL, NULL, target, user, user_room, password, password_room, save, flags);
}

/* ---- names in two parts --------------------------------------------------------------------- */

static DWORD put_part(const WCHAR *text, size_t length, WCHAR *out, ULONG room)
{
    if (length >= room) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(out, text, length * sizeof *text);
    out[length] = 0;
    return NO_ERROR;
}

DWORD CredUIParseUserNameW(PCWSTR name, WCHAR *user, ULONG user_room, WCHAR *domain,
                           ULONG domain_room)
{
    if (!name || !user || user_room == 0 || !domain || domain_room == 0) {
        return ERROR_INVALID_PARAMETER;
    }

    size_t length = wcslen(name);
    const WCHAR *backslash = wcschr(name, '\\');
    const WCHAR *at = wcsrchr(name, '@');
    const WCHAR *user_start = backslash ? backslash + 1 : name;
    const WCHAR *user_end = backslash ? name + length : at;
    if (!user_end || user_end == user_start) {
        return ERROR_BAD_USERNAME;
    }
    const WCHAR *domain_start = backslash ? name : at + 1;
    const WCHAR *domain_end = backslash ? backslash : name + length;
    if (domain_end == domain_start) {
        return ERROR_BAD_USERNAME;
    }
    DWORD status = put_part(user_start, (size_t)(user_end - user_start), user, user_room);
    return status != NO_ERROR
               ? status
               : put_part(domain_start, (size_t)(domain_end - domain_start), domain, domain_room);
}

DWORD CredUIParseUserNameA(PCSTR name, CHAR *user, ULONG user_room, CHAR *domain, ULONG domain_room)
{
    if (!name || !user || user_room == 0 || !domain || domain_room == 0) {
        return ERROR_INVALID_PARAMETER;
    }

    CLEANUP(com_cleanup_free) wchar_t *wide_name = com_wide_from_utf8(name);
    WCHAR wide_user[CREDUI_MAX_USERNAME_LENGTH + 1];
    WCHAR wide_domain[CREDUI_MAX_USERNAME_LENGTH + 1];
    if (!wide_name) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    DWORD status = CredUIParseUserNameW(wide_name, wide_user, ARRAYSIZE(wide_user), wide_domain,
                                        ARRAYSIZE(wide_domain));
    if (status == NO_ERROR) {
        status = put_narrow(wide_user, user, user_room);
    }
    return status != NO_ERROR ? status : put_narrow(wide_domain, domain, domain_room);
}
