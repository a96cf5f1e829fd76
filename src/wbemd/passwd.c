/*
 * wbemd passwd: the file of users that may connect by NTLM, whose lines are
 * src/auth's.
 */
#include "wbemd/wbemd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "com/com.h"
#include "wbemd/log.h"

#define PASSWORD_LONGEST 1024

static const char usage[] =
    "Usage: wbemd passwd [OPTION] FILE [DOMAIN\\]USER\n"
    "       wbemd passwd --list FILE\n"
    "Set the password of a user, or add one; FILE is made if it is missing.\n\n"
    "  --stdin   read the password from the standard input, its first line\n"
    "  --hash    what is read is the password's NT hash: 32 hexadecimal digits\n"
    "  --delete  remove the user\n"
    "  --list    print the users of the file\n"
    "  --help    this text\n";

struct task {
    bool from_input, hash, remove, list, help;
    const char *file, *account;
};

static bool parse(int argc, char **argv, struct task *ret)
{
    static const struct option options[] = {
        {"stdin", no_argument, NULL, 's'},  {"hash", no_argument, NULL, 'H'},
        {"delete", no_argument, NULL, 'd'}, {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},   {0}};
    *ret = (struct task){0};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        bool *flag = c == 's'   ? &ret->from_input
                     : c == 'H' ? &ret->hash
                     : c == 'd' ? &ret->remove
                     : c == 'l' ? &ret->list
                     : c == 'h' ? &ret->help
                                : NULL;
        if (!flag) {
            return false;
        }
        *flag = true;
    }
    if (ret->help) {
        return true;
    }
    ret->file = optind < argc ? argv[optind] : NULL;
    ret->account = optind + 1 < argc ? argv[optind + 1] : NULL;
    bool alone = ret->list ? !(ret->remove || ret->hash || ret->from_input)
                           : !(ret->remove && (ret->hash || ret->from_input));
    return alone && argc - optind == (ret->list ? 1 : 2);
}

static int fail(const char *what, HRESULT hr)
{
    char why[512];
    log_describe(hr, why, sizeof why);
    (void)fprintf(stderr, "wbemd: %s: %s\n", what, why);
    return EXIT_FAILURE;
}

/* One line of the standard input without its end; secret_text_free() it. */
static char *read_secret(void)
{
    char line[PASSWORD_LONGEST], buffer[PASSWORD_LONGEST];
    (void)setvbuf(stdin, buffer, _IOFBF, sizeof buffer);
    char *copy = NULL;
    if (fgets(line, sizeof line, stdin) && strlen(line) < sizeof line - 1) {
        line[strcspn(line, "\r\n")] = '\0';
        copy = secret_copy(line);
    }
    secret_wipe(line, sizeof line);
    secret_wipe(buffer, sizeof buffer);
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    return copy;
}

static HRESULT ask(const struct task *t, char **ret)
{
    char prompt[300];
    if (t->from_input) {
        *ret = read_secret();
        return *ret ? S_OK : E_ABORT;
    }
    (void)snprintf(prompt, sizeof prompt, "%s of %s: ", t->hash ? "NT hash" : "Password",
                   t->account);
    return auth_prompt_password(prompt, ret);
}

static int set(const struct task *t, const char *domain, const char *user)
{
    char *secret = NULL;
    uint8_t hash[AUTH_NT_HASH_SIZE];
    HRESULT hr = ask(t, &secret);
    if (FAILED(hr)) {
        (void)fprintf(stderr, "wbemd: there is no password%s\n",
                      t->from_input ? " in the standard input" : "");
        return EXIT_FAILURE;
    }
    hr = t->hash ? auth_nt_hash_parse(secret, hash) : auth_nt_hash(secret, hash);
    if (t->hash && FAILED(hr)) {
        (void)fprintf(stderr, "wbemd: an NT hash has 32 hexadecimal digits\n");
    } else {
        hr = SUCCEEDED(hr) ? auth_password_file_set_hash(t->file, domain, user, hash) : hr;
        if (FAILED(hr)) {
            (void)fail(t->file, hr);
        }
    }
    secret_wipe(hash, sizeof hash);
    secret_text_free(secret);
    return SUCCEEDED(hr) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int remove_user(const struct task *t, const char *domain, const char *user)
{
    HRESULT hr = auth_password_file_set_hash(t->file, domain, user, NULL);
    if (hr == S_FALSE) {
        (void)fprintf(stderr, "wbemd: %s has no user %s\n", t->file, t->account);
        return EXIT_FAILURE;
    }
    return SUCCEEDED(hr) ? EXIT_SUCCESS : fail(t->file, hr);
}

static HRESULT print_user(void *context, const char *domain, const char *user)
{
    (void)printf("%s%s%s\n", domain, *domain ? "\\" : "", user);
    return S_OK;
}

static int list(const char *file)
{
    struct auth_password_file *f;
    HRESULT hr = auth_password_file_open(file, &f);
    if (FAILED(hr)) {
        return fail(file, hr);
    }
    (void)auth_password_file_each(f, print_user, NULL);
    auth_password_file_close(f);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int passwd_main(int argc, char **argv)
{
    struct task t;
    if (!parse(argc, argv, &t)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (t.help) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (t.list) {
        return list(t.file);
    }
    CLEANUP(com_cleanup_free) char *copy = strdup(t.account);
    if (!copy) {
        return EXIT_FAILURE;
    }
    char *separator = strchr(copy, '\\');
    const char *user = separator ? separator + 1 : copy;
    const char *domain = separator ? copy : "";
    if (separator) {
        *separator = '\0';
    }
    return t.remove ? remove_user(&t, domain, user) : set(&t, domain, user);
}
