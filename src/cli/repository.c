/* wbem repository: where it is, whether it is whole, backups of it and back. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wbem.h>

#include "cli.h"

static int usage(const char *what)
{
    fprintf(stderr, "wbem: repository %s; see wbem repository --help\n", what);
    return EXIT_USAGE;
}

static int where(void)
{
    const char *place = wbem_repository_place();
    if (!place) {
        return fail("open the repository", WBEM_E_FAILED);
    }
    puts(place);
    return finish_output();
}

/* A damaged file can end the process that reads it, so another one does. */
static int check(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("wbem: repository check");
        return EXIT_FAILED;
    }
    if (child == 0) {
        HRESULT hr = wbem_repository_check();
        _exit(SUCCEEDED(hr) ? EXIT_OK : fail("check the repository", hr));
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr,
                "wbem: the repository is damaged: reading it ended with signal %d (%s)\n"
                "Restore a backup (wbem repository restore), or move its folder away.\n",
                WTERMSIG(status), strsignal(WTERMSIG(status)));
        return EXIT_FAILED;
    }
    if (WEXITSTATUS(status) == EXIT_OK) {
        puts("The repository is whole.");
    }
    return WEXITSTATUS(status);
}

static int copy(const char *file, bool back)
{
    IWbemBackupRestoreEx *b = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_WbemBackupRestore, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_IWbemBackupRestoreEx, (void **)&b);
    BSTR name = bstr_from_utf8(file);
    if (SUCCEEDED(hr) && !name) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        hr = back ? IWbemBackupRestoreEx_Restore(b, name, 0)
                  : IWbemBackupRestoreEx_Backup(b, name, 0);
    }
    SysFreeString(name);
    if (b) {
        IWbemBackupRestoreEx_Release(b);
    }
    return FAILED(hr) ? fail(back ? "restore the repository" : "back up the repository", hr)
                      : EXIT_OK;
}

int command_repository(const struct options *o)
{
    if (refuse_host(o, "repository")) {
        return EXIT_USAGE;
    }
    const char *what = o->arguments[0];
    const char *file = o->argument_count > 1 ? o->arguments[1] : NULL;
    if (strcmp(what, "backup") == 0 || strcmp(what, "restore") == 0) {
        return file ? copy(file, what[0] == 'r') : usage("backup and restore need a FILE");
    }
    if (file) {
        return usage("check and where take no FILE");
    }
    if (strcmp(what, "check") == 0) {
        return check();
    }
    if (strcmp(what, "where") == 0) {
        return where();
    }
    return usage("can backup, restore, check, or say where it is");
}
