/*
 * Code pages, dates of the system, names, memory; prompts for credentials on a terminal of the
 * test's own.
 */
#include "com/test_support.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <wincred.h>

/* ---- code pages ------------------------------------------------------------------- */

static void code_pages_convert(void **state)
{
    WCHAR wide[8];
    char narrow[8];
    assert_int_equal(MultiByteToWideChar(CP_UTF8, 0, "\xC3\xA4x", -1, NULL, 0), 3);
    assert_int_equal(MultiByteToWideChar(CP_UTF8, 0, "\xC3\xA4x", -1, wide, 8), 3);
    assert_wide_equal(wide, L"\u00E4x");
    assert_int_equal(MultiByteToWideChar(CP_ACP, 0, "abc", 2, wide, 8), 2); /* no terminator */
    assert_int_equal(MultiByteToWideChar(28591, 0, "\xE4", 1, wide, 8), 1);
    assert_int_equal(wide[0], 0xE4);
    assert_int_equal(MultiByteToWideChar(CP_UTF8, 0, "a\xFF", 2, wide, 8), 2);
    assert_int_equal(wide[1], 0xFFFD);
    assert_int_equal(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "a\xFF", 2, wide, 8), 0);
    assert_int_equal(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    assert_int_equal(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide, 3), 0);
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(MultiByteToWideChar(CP_UTF7, 0, "abc", -1, wide, 8), 0);
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);

    BOOL replaced = FALSE;
    assert_int_equal(WideCharToMultiByte(CP_UTF8, 0, L"\u00E4x", -1, NULL, 0, NULL, NULL), 4);
    assert_int_equal(WideCharToMultiByte(CP_UTF8, 0, L"\u00E4x", -1, narrow, 8, NULL, NULL), 4);
    assert_string_equal(narrow, "\xC3\xA4x");
    assert_int_equal(WideCharToMultiByte(28591, 0, L"\u00E4\u20AC", -1, narrow, 8, "!", &replaced),
                     3);
    assert_string_equal(narrow, "\xE4!");
    assert_true(replaced);
    assert_int_equal(
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, L"\xD800", 1, narrow, 8, NULL, NULL), 0);
    assert_int_equal(WideCharToMultiByte(CP_UTF8, 0, L"x", -1, narrow, 8, "!", NULL), 0);
}

/* ---- time, names, memory --------------------------------------------------------------- */

static void system_dates_convert(void **state)
{
    SYSTEMTIME t = {.wYear = 2024, .wMonth = 2, .wDay = 29, .wHour = 23, .wMilliseconds = 999};
    FILETIME f;
    SYSTEMTIME back;
    assert_true(SystemTimeToFileTime(&t, &f));
    assert_true(FileTimeToSystemTime(&f, &back));
    assert_int_equal(back.wDayOfWeek, 4);
    back.wDayOfWeek = 0;
    assert_memory_equal(&back, &t, sizeof t);
    t.wDay = 30;
    assert_false(SystemTimeToFileTime(&t, &f));
    FILETIME epoch = {0, 0};
    assert_true(FileTimeToSystemTime(&epoch, &back));
    assert_int_equal(back.wYear, 1601);
    epoch.dwHighDateTime = 0x80000000;
    assert_false(FileTimeToSystemTime(&epoch, &back));
    GetSystemTime(&back);
    assert_true(back.wYear >= 2024);
    ULONGLONG before = GetTickCount64();
    assert_true(GetTickCount64() >= before);
}

static void the_machine_has_a_name(void **state)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD room = ARRAYSIZE(name);
    assert_true(GetComputerNameW(name, &room));
    assert_int_equal(room, wcslen(name));
    DWORD small = 0;
    assert_false(GetComputerNameW(name, &small));
    assert_int_equal(GetLastError(), ERROR_BUFFER_OVERFLOW);
    assert_int_equal(small, room + 1);
}

static void secrets_are_erased(void **state)
{
    char secret[] = "password";
    SecureZeroMemory(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        assert_int_equal(secret[i], 0);
    }
    char *p = LocalAlloc(LPTR, 4);
    assert_memory_equal(p, "\0\0\0\0", 4);
    assert_null(LocalFree(p));
}

/* ---- credentials -------------------------------------------------------------------------- */

static void names_have_two_parts(void **state)
{
    WCHAR user[8];
    WCHAR domain[8];
    assert_int_equal(CredUIParseUserNameW(L"DOM\\me", user, 8, domain, 8), NO_ERROR);
    assert_wide_equal(user, L"me");
    assert_wide_equal(domain, L"DOM");
    assert_int_equal(CredUIParseUserNameW(L"me@d.org", user, 8, domain, 8), NO_ERROR);
    assert_wide_equal(domain, L"d.org");
    assert_int_equal(CredUIParseUserNameW(L"me", user, 8, domain, 8), ERROR_BAD_USERNAME);
    assert_int_equal(CredUIParseUserNameW(L"\\me", user, 8, domain, 8), ERROR_BAD_USERNAME);
    assert_int_equal(CredUIParseUserNameW(L"DOM\\", user, 8, domain, 8), ERROR_BAD_USERNAME);
    assert_int_equal(CredUIParseUserNameW(L"DOM\\verylong", user, 8, domain, 8),
                     ERROR_INSUFFICIENT_BUFFER);
    char narrow[8];
    char narrow_domain[8];
    assert_int_equal(CredUIParseUserNameA("D\\m\xC3\xA9", narrow, 8, narrow_domain, 8), NO_ERROR);
    assert_string_equal(narrow, "m\xC3\xA9");
}

/* In the child, whose terminal it is. The exit status tells what went well. */
static int prompt_in_child(void)
{
    WCHAR user[CREDUI_MAX_USERNAME_LENGTH + 1] = L"offered";
    WCHAR password[CREDUI_MAX_PASSWORD_LENGTH + 1];
    BOOL save = TRUE;
    CREDUI_INFOW info = {
        .cbSize = sizeof info, .pszCaptionText = L"Caption", .pszMessageText = L"Say"};
    DWORD status = CredUIPromptForCredentialsW(
        &info, L"host", NULL, 0, user, ARRAYSIZE(user), password, ARRAYSIZE(password), &save,
        CREDUI_FLAGS_GENERIC_CREDENTIALS | CREDUI_FLAGS_DO_NOT_PERSIST);
    if (status != NO_ERROR || wcscmp(user, L"offered") != 0 ||
        wcscmp(password, L"s\u00E9cret") != 0 || save) {
        return 10;
    }
    status = CredUICmdLinePromptForCredentialsW(L"host", NULL, 0, user, ARRAYSIZE(user), password,
                                                ARRAYSIZE(password), &save, 0);
    if (status != NO_ERROR || wcscmp(user, L"me") != 0 || wcscmp(password, L"p") != 0) {
        return 11;
    }
    status =
        CredUICmdLinePromptForCredentialsW(L"host", NULL, 0, user, ARRAYSIZE(user), password,
                                           ARRAYSIZE(password), &save, CREDUI_FLAGS_KEEP_USERNAME);
    return status == ERROR_CANCELLED ? 0 : 12; /* Ctrl-C at the password */
}

struct terminal {
    int fd;
    char seen[4096];
    size_t size;
};

/* Read what the child prints until `text` stands there for the nth time. */
static void expect(struct terminal *t, const char *text, int nth)
{
    for (;;) {
        int count = 0;
        for (const char *p = t->seen; (p = strstr(p, text)); p++) {
            count++;
        }
        if (count >= nth) {
            return;
        }
        ssize_t n = read(t->fd, t->seen + t->size, sizeof t->seen - 1 - t->size);
        if (n <= 0) {
            fail_msg("\"%s\" did not come; there was: %s", text, t->seen);
        }
        t->size += (size_t)n;
        t->seen[t->size] = 0;
    }
}

/* Echo is off once the prompt for the password is there: wait for the terminal to say so. */
static void expect_quiet(struct terminal *t)
{
    struct termios mode;
    do {
        assert_int_equal(tcgetattr(t->fd, &mode), 0);
        if (mode.c_lflag & ECHO) {
            (void)sched_yield();
        }
    } while (mode.c_lflag & ECHO);
}

static void type(struct terminal *t, const char *text)
{
    assert_int_equal(write(t->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void prompts_without_showing_the_password(void **state)
{
    struct terminal t = {.fd = posix_openpt(O_RDWR | O_NOCTTY)};
    assert_true(t.fd >= 0);
    assert_int_equal(grantpt(t.fd), 0);
    assert_int_equal(unlockpt(t.fd), 0);
    char name[64];
    assert_int_equal(ptsname_r(t.fd, name, sizeof name), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)setsid();
        int fd = open(name, O_RDWR); /* becomes the controlling terminal */
        (void)ioctl(fd, TIOCSCTTY, 0);
        close(t.fd);
        _exit(prompt_in_child());
    }

    expect(&t, "Caption", 1);
    expect(&t, "User name for host [offered]: ", 1);
    type(&t, "\n");
    expect(&t, "Password for offered: ", 1);
    expect_quiet(&t);
    type(&t, "s\xC3\xA9"
             "cret\n");
    expect(&t, "User name for host [offered]: ", 2);
    type(&t, "me\n");
    expect(&t, "Password for me: ", 1);
    expect_quiet(&t);
    type(&t, "p\n");
    expect(&t, "Password for me: ", 2);
    expect_quiet(&t);
    type(&t, "\x03\n");

    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_null(strstr(t.seen, "cret"));
    close(t.fd);
}

static void bad_prompts_are_refused(void **state)
{
    WCHAR text[4] = L"";
    BOOL save;
    assert_int_equal(CredUIPromptForCredentialsW(NULL, NULL, NULL, 0, NULL, 4, text, 4, &save, 0),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(CredUIPromptForCredentialsW(NULL, NULL, NULL, 0, text, 4, text, 4, &save,
                                                 CREDUI_FLAGS_REQUIRE_SMARTCARD),
                     ERROR_INVALID_FLAGS);
    CREDUI_INFOW info = {.cbSize = 1};
    assert_int_equal(CredUIPromptForCredentialsW(&info, NULL, NULL, 0, text, 4, text, 4, &save, 0),
                     ERROR_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_pages_convert),
        cmocka_unit_test(system_dates_convert),
        cmocka_unit_test(the_machine_has_a_name),
        cmocka_unit_test(secrets_are_erased),
        cmocka_unit_test(names_have_two_parts),
        cmocka_unit_test(prompts_without_showing_the_password),
        cmocka_unit_test(bad_prompts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
