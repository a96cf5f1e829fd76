/*
 * Credentials from everything that gives some: the API's structures and strings,
 * files, the environment, a terminal.
 */
#include "auth/auth_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect(const struct auth_credentials *c, enum secret_kind kind, const char *domain,
                   const char *user, const char *password)
{
    assert_non_null(c);
    assert_int_equal(c->kind, kind);
    assert_string_equal(auth_credentials_domain(c), domain);
    assert_string_equal(auth_credentials_user(c), user);
    if (password) {
        assert_string_equal(c->password, password);
    }
}

static void test_parse(void **state)
{
    static const struct {
        const char *text, *domain, *user;
    } cases[] = {
        {"EXAMPLE\\jane", "EXAMPLE", "jane"},
        {"jane@example.test", "example.test", "jane"},
        {"jane", "", "jane"},
        {".\\jane", ".", "jane"},
        {"a@b@example.test", "example.test", "a@b"},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
        assert_int_equal(auth_credentials_parse(cases[i].text, "pa:ss=", false, &c), S_OK);
        expect(c, SECRET_PASSWORD, cases[i].domain, cases[i].user, "pa:ss=");
    }
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *none = NULL;
    assert_int_equal(auth_credentials_parse("EXAMPLE\\", "x", false, &none),
                     WBEM_E_INVALID_PARAMETER);
    assert_int_equal(auth_credentials_parse(NULL, "x", false, &none), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(auth_credentials_parse(NULL, NULL, false, &none), S_OK);
    expect(none, SECRET_CCACHE, "", "", NULL);
}

static void test_hash(void **state)
{
    static const char *const good[] = {
        "a4f49c406510bdcab6824ee7c30fd852", "A4F49C406510BDCAB6824EE7C30FD852",
        ":a4f49c406510bdcab6824ee7c30fd852",
        "aad3b435b51404eeaad3b435b51404ee:a4f49c406510bdcab6824ee7c30fd852"};
    static const char *const wrong[] = {"",
                                        ":",
                                        "a4f49c406510bdcab6824ee7c30fd85",
                                        "a4f49c406510bdcab6824ee7c30fd8522",
                                        "g4f49c406510bdcab6824ee7c30fd852",
                                        "aad3:a4f49c406510bdcab6824ee7c30fd852",
                                        "a4f49c406510bdcab6824ee7c30fd852:"};
    uint8_t expected[16];
    assert_int_equal(auth_nt_hash("Password", expected), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(good); i++) {
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
        assert_int_equal(auth_credentials_parse("D\\u", good[i], true, &c), S_OK);
        expect(c, SECRET_NT_HASH, "D", "u", NULL);
        assert_memory_equal(c->nt_hash, expected, 16);
    }
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
        assert_int_equal(auth_credentials_parse("D\\u", wrong[i], true, &c),
                         WBEM_E_INVALID_PARAMETER);
    }
}

static void test_identity(void **state)
{
    wchar_t user[] = L"Jörg and more", domain[] = L"EXAMPLE", password[] = L"pässword";
    COAUTHIDENTITY identity = {.User = user,
                               .UserLength = 4,
                               .Domain = domain,
                               .DomainLength = 7,
                               .Password = password,
                               .PasswordLength = 8,
                               .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    struct auth_credentials *c = NULL;
    assert_int_equal(auth_credentials_from_identity(&identity, &c), S_OK);
    expect(c, SECRET_PASSWORD, "EXAMPLE", "J\xc3\xb6rg", "p\xc3\xa4ssword");
    auth_credentials_unref(c);

    identity.Flags = 0;
    assert_int_equal(auth_credentials_from_identity(&identity, &c), WBEM_E_INVALID_PARAMETER);
    /* The whole name as the user, which the documentation does not say and programs do. */
    wchar_t whole[] = L"EXAMPLE\\jane";
    identity = (COAUTHIDENTITY){.User = whole,
                                .UserLength = 12,
                                .Password = password,
                                .PasswordLength = 0,
                                .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    assert_int_equal(auth_credentials_from_identity(&identity, &c), S_OK);
    expect(c, SECRET_PASSWORD, "EXAMPLE", "jane", "");
    auth_credentials_unref(c);

    SEC_WINNT_AUTH_IDENTITY_A narrow = {(unsigned char *)"jane", 4, (unsigned char *)"D",        1,
                                        (unsigned char *)"x",    1, SEC_WINNT_AUTH_IDENTITY_ANSI};
    assert_int_equal(auth_credentials_from_identity((COAUTHIDENTITY *)&narrow, &c), S_OK);
    expect(c, SECRET_PASSWORD, "D", "jane", "x");
    auth_credentials_unref(c);
    assert_int_equal(auth_credentials_from_identity(NULL, &c), S_OK);
    expect(c, SECRET_CCACHE, "", "", NULL);
    auth_credentials_unref(c);
}

static void test_logon(void **state)
{
    static const struct {
        const wchar_t *user, *authority;
        HRESULT hr;
        enum auth_mechanism mechanism;
        const char *domain, *spn;
    } cases[] = {
        {L"EXAMPLE\\jane", NULL, S_OK, AUTH_SPNEGO, "EXAMPLE", NULL},
        {L"jane", L"", S_OK, AUTH_SPNEGO, "", NULL},
        {L"jane", L"ntlmdomain:EXAMPLE", S_OK, AUTH_NTLM, "EXAMPLE", NULL},
        {L"jane", L"NTLMDomain:EXAMPLE", S_OK, AUTH_NTLM, "EXAMPLE", NULL},
        {L"jane@example.test", L"kerberos:RPCSS/host.example.test", S_OK, AUTH_KERBEROS,
         "example.test", "RPCSS/host.example.test"},
        {L"jane", L"kerberos:EXAMPLE.TEST\\host$", S_OK, AUTH_KERBEROS, "EXAMPLE.TEST",
         "host/host@EXAMPLE.TEST"},
        {L"jane@other.test", L"kerberos:EXAMPLE.TEST\\host", S_OK, AUTH_KERBEROS, "other.test",
         "host/host@EXAMPLE.TEST"},
        {L"OTHER\\jane", L"ntlmdomain:EXAMPLE", WBEM_E_INVALID_PARAMETER},
        {L"jane", L"ldap:EXAMPLE", WBEM_E_INVALID_PARAMETER},
        {L"", NULL, WBEM_E_INVALID_PARAMETER},
        {NULL, NULL, WBEM_E_INVALID_PARAMETER}, /* a password without a user */
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
        CLEANUP(com_cleanup_free) char *spn = NULL;
        enum auth_mechanism mechanism = 0;
        assert_int_equal(auth_credentials_from_logon(cases[i].user, L"secret", cases[i].authority,
                                                     &c, &mechanism, &spn),
                         cases[i].hr);
        if (FAILED(cases[i].hr)) {
            assert_null(c);
            continue;
        }
        expect(c, SECRET_PASSWORD, cases[i].domain, "jane", "secret");
        assert_int_equal(mechanism, cases[i].mechanism);
        assert_int_equal(spn != NULL, cases[i].spn != NULL);
        if (spn) {
            assert_string_equal(spn, cases[i].spn);
        }
    }
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *own = NULL;
    assert_int_equal(auth_credentials_from_logon(NULL, NULL, NULL, &own, NULL, NULL), S_OK);
    expect(own, SECRET_CCACHE, "", "", NULL);
}

/* ---- files and the environment ---------------------------------------------------- */

static char path[] = "/tmp/wbem-credentials-XXXXXX";

static void write_file(const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_file(void **state)
{
    struct auth_credentials *c = NULL;
    write_file("# for the backup\n\n username = jane\r\npassword=with = and # in it \ndomain\t=D\n",
               0600);
    assert_int_equal(auth_credentials_from_file(path, false, &c), S_OK);
    expect(c, SECRET_PASSWORD, "D", "jane", "with = and # in it");
    auth_credentials_unref(c);
    write_file("username=D\\jane\nhash=a4f49c406510bdcab6824ee7c30fd852", 0600);
    assert_int_equal(auth_credentials_from_file(path, false, &c), S_OK);
    expect(c, SECRET_NT_HASH, "D", "jane", NULL);
    auth_credentials_unref(c);

    write_file("username=jane\npassword=x\n", 0644);
    assert_int_equal(auth_credentials_from_file(path, false, &c), E_ACCESSDENIED);
    assert_int_equal(auth_credentials_from_file(path, true, &c), S_OK);
    auth_credentials_unref(c);

    static const char *const wrong[] = {"password=x\n", "username=jane\npasswort=x\n",
                                        "username=D\\jane\ndomain=E\npassword=x\n", "jane\n"};
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        write_file(wrong[i], 0600);
        assert_int_equal(auth_credentials_from_file(path, false, &c), WBEM_E_INVALID_PARAMETER);
    }
    assert_true(FAILED(auth_credentials_from_file("/nonexistent", false, &c)));
}

/* What is wrong in a file is said without what stands there. */
static void test_file_error_is_silent(void **state)
{
    struct auth_credentials *c = NULL;
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    write_file("username=jane\nS3cret\n", 0600);
    assert_int_equal(auth_credentials_from_file(path, false, &c), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(GetErrorInfo(0, &info), S_OK);
    assert_int_equal(info->lpVtbl->GetDescription(info, &text), S_OK);
    assert_null(wcsstr(text, L"S3cret"));
    assert_non_null(wcsstr(text, L":2:"));
}

static void clear_environment(void)
{
    static const char *const names[] = {"WBEM_USER",    "WBEM_PASSWORD",    "WBEM_DOMAIN",
                                        "WBEM_NT_HASH", "WBEM_CREDENTIALS", "WBEM_CCACHE",
                                        "WBEM_KEYTAB"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        unsetenv(names[i]);
    }
}

static void test_environment(void **state)
{
    struct auth_credentials *c = NULL;
    clear_environment();
    assert_int_equal(auth_credentials_from_environment(&c), S_FALSE);
    assert_null(c);
    setenv("WBEM_CCACHE", "FILE:/tmp/cc", 1);
    assert_int_equal(auth_credentials_from_environment(&c), S_OK);
    expect(c, SECRET_CCACHE, "", "", NULL);
    auth_credentials_unref(c);
    setenv("WBEM_KEYTAB", "/tmp/keytab", 1);
    setenv("WBEM_USER", "jane", 1);
    setenv("WBEM_DOMAIN", "EXAMPLE.TEST", 1);
    assert_int_equal(auth_credentials_from_environment(&c), S_OK);
    expect(c, SECRET_KEYTAB, "EXAMPLE.TEST", "jane", NULL);
    auth_credentials_unref(c);
    write_file("username=file\npassword=x\n", 0600);
    setenv("WBEM_CREDENTIALS", path, 1);
    assert_int_equal(auth_credentials_from_environment(&c), S_OK);
    expect(c, SECRET_PASSWORD, "", "file", "x");
    auth_credentials_unref(c);
    setenv("WBEM_PASSWORD", "secret", 1);
    assert_int_equal(auth_credentials_from_environment(&c), S_OK);
    expect(c, SECRET_PASSWORD, "EXAMPLE.TEST", "jane", "secret");
    auth_credentials_unref(c);
    setenv("WBEM_NT_HASH", "none", 1);
    assert_int_equal(auth_credentials_from_environment(&c), WBEM_E_INVALID_PARAMETER);
    clear_environment();
}

/* ---- the terminal ------------------------------------------------------------------- */

static void test_prompt(void **state)
{
    int terminal = -1;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        char *password = NULL;
        HRESULT hr = auth_prompt_password("Password: ", &password);
        _exit(SUCCEEDED(hr) && strcmp(password, "s\xc3\xa4 cret") == 0 ? 0 : 1);
    }
    /* Asked, then answered; what is typed does not come back. */
    char text[256] = "";
    size_t size = 0;
    while (!strstr(text, "Password: ")) {
        ssize_t n = read(terminal, text + size, sizeof text - 1 - size);
        assert_true(n > 0);
        size += (size_t)n;
    }
    /* The terminal's echo goes off after the question: until then input would be thrown away. */
    struct termios modes;
    do {
        assert_int_equal(tcgetattr(terminal, &modes), 0);
    } while (modes.c_lflag & ECHO);
    assert_int_equal(write(terminal, "s\xc3\xa4 cret\n", 9), 9);
    int status = -1;
    for (;;) {
        ssize_t n = read(terminal, text + size, sizeof text - 1 - size);
        if (n <= 0) {
            break;
        }
        size += (size_t)n;
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_null(strstr(text, "cret"));
    close(terminal);
}

/* The last one to go wipes; the pages of a freed secret are not ours any more. */
static void test_secrets(void **state)
{
    char *copy = secret_copy("password");
    assert_string_equal(copy, "password");
    secret_text_free(copy);
    secret_text_free(NULL);
    secret_free(NULL, 0);
    assert_null(secret_alloc(0));
    assert_null(secret_copy(NULL));
    struct auth_credentials *c = NULL;
    assert_int_equal(auth_credentials_parse("u", "p", false, &c), S_OK);
    struct auth_credentials *again = auth_credentials_ref(c);
    auth_credentials_unref(c);
    expect(again, SECRET_PASSWORD, "", "u", "p");
    auth_credentials_unref(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),       cmocka_unit_test(test_hash),
        cmocka_unit_test(test_identity),    cmocka_unit_test(test_logon),
        cmocka_unit_test(test_file),        cmocka_unit_test(test_file_error_is_silent),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_prompt),
        cmocka_unit_test(test_secrets),
    };
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
