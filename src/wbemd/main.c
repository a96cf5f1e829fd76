/*
 * wbemd: this machine's WMI for clients of other machines. Runs in the
 * foreground; docs/server.md is its manual.
 */
#include "wbemd/wbemd.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "com/com.h"
#include "wbemd/accounts.h"
#include "wbemd/log.h"

static const char usage[] =
    "Usage: wbemd [OPTION]...\n"
    "       wbemd passwd [OPTION] FILE [DOMAIN\\]USER\n"
    "Serve this machine's WMI to other machines, or set a user's password.\n\n"
    "  -c, --config FILE                  settings (" SETTINGS_DEFAULT_FILE ", if it is there\n"
    "                                     and no --mof is given)\n"
    "  --check                            say whether the settings are good, and end\n"
    "  --user NAME                        a user for this run, whose password is $WBEMD_PASSWORD;\n"
    "                                     listens on 127.0.0.1 unless told otherwise\n"
    "  --user-password-file FILE          whose first line is that password\n"
    "  --port-file FILE                   to write the port to when ready\n"
    "  --ready-fd N                       the same to a descriptor, which is then closed\n"
    "  --foreground                       stay in the foreground (wbemd always does)\n"
    "  -h, --help                         this text\n"
    "  -V, --version                      the version\n\n"
    "Settings, as lines `key = value` of the file or as options, which replace them:\n\n";

/* Each connection is a descriptor. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Before there are other threads, so that none of them is interrupted. */
static void block(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGHUP);
    (void)sigaddset(signals, SIGUSR1);
    (void)pthread_sigmask(SIG_BLOCK, signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int run(struct settings *s, int argc, char **argv)
{
    struct accounts *accounts;
    sigset_t signals;
    block(&signals);
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (FAILED(hr)) {
        log_failure(LOG_ERR, "COM", hr);
        return EXIT_FAILURE;
    }
    log_set_level(s->log_level);
    int code = s->check ? check(s) : SUCCEEDED(accounts_new(s, NULL, &accounts)) ? -1 : 1;
    if (code < 0) {
        raise_descriptors();
        code = content_open(s);
        if (code == EXIT_SUCCESS) {
            code = serve(s, accounts, &signals, argc, argv);
        } else {
            accounts_destroy(accounts);
        }
    }
    CoUninitialize();
    return code;
}

int main(int argc, char **argv)
{
    struct settings s;
    char error[SETTINGS_ERROR_MAX];
    setlocale(LC_ALL, "");
    if (argc > 1 && strcmp(argv[1], "passwd") == 0) {
        return passwd_main(argc - 1, argv + 1);
    }
    if (!settings_load(argc, argv, &s, error)) {
        (void)fprintf(stderr, "wbemd: %s\n", error);
        return EXIT_USAGE;
    }
    int code = EXIT_SUCCESS;
    if (s.help) {
        (void)fputs(usage, stdout);
        settings_print_help();
    } else if (s.version) {
        (void)puts("wbemd " WBEM_VERSION);
    } else {
        code = run(&s, argc, argv);
    }
    settings_done(&s);
    return code;
}
