/* A wbemd that serves instances of Sample to a benchmark, and connections to it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "bench.h"

#define MOST_ARGUMENTS 40

void bench_must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "wbem-bench: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void write_mof(const char *path, size_t count)
{
    FILE *f = fopen(path, "w");
    bench_must(f != NULL, path);
    fputs("class Sample { [key] uint32 Id; string Name; string B; string C; uint64 D; uint32 E;\n"
          "  boolean F; datetime G; string H; uint16 I; };\n",
          f);
    for (size_t i = 0; i < count; i++) {
        fprintf(
            f,
            "instance of Sample { Id = %zu; Name = \"object number %zu\"; B = \"a text that is of "
            "some length, as descriptions are\"; C = \"C:\\\\\\\\Windows\\\\\\\\System32\"; D = "
            "%zu; E = 7; F = TRUE; G = \"20240101000000.000000+000\"; H = \"OK\"; I = 3; };\n",
            i, i, i * 1000);
    }
    fclose(f);
}

/* From what it says before it is ready; later lines go nowhere. */
static unsigned read_port(int fd)
{
    char text[4096] = "";
    for (size_t size = 0; !strstr(text, "ready on port ") || !strchr(text, '\n');) {
        ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
        bench_must(got > 0, text);
        size += (size_t)got;
    }
    return (unsigned)strtoul(strstr(text, "ready on port ") + strlen("ready on port "), NULL, 10);
}

void bench_server_start(struct bench_server *s, const char *name, size_t count,
                        const char *const *more)
{
    extern char **environ;
    static const char *const local[] = {"--listen", "127.0.0.1", NULL};
    int ends[2];
    posix_spawn_file_actions_t actions;
    strcpy(s->folder, "/tmp/wbem-bench-XXXXXX");
    bench_must(mkdtemp(s->folder) != NULL, s->folder);
    snprintf(s->mof, sizeof(s->mof), "%s/sample.mof", s->folder);
    snprintf(s->passwords, sizeof(s->passwords), "%s/passwd", s->folder);
    write_mof(s->mof, count);
    FILE *f = fopen(s->passwords, "w");
    bench_must(f != NULL && fchmod(fileno(f), 0600) == 0, s->passwords);
    fputs("bench::8846f7eaee8fb117ad06bdd830b7586c\n", f); /* "password" */
    fclose(f);
    const char *arguments[MOST_ARGUMENTS] = {
        WBEMD, "--port", "0", "--name", name, "--mof", s->mof, "--password-file", s->passwords};
    size_t at = 9;
    for (more = more ? more : local; *more && at < MOST_ARGUMENTS - 1; more++) {
        arguments[at++] = *more;
    }
    bench_must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    bench_must(posix_spawn(&s->pid, WBEMD, &actions, NULL, (char *const *)arguments, environ) == 0,
               WBEMD);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    s->port = read_port(ends[0]);
}

void bench_server_end(struct bench_server *s)
{
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    unlink(s->mof);
    unlink(s->passwords);
    rmdir(s->folder);
}

IWbemServices *bench_log_in(const char *host, unsigned port, DWORD level)
{
    IWbemLocator *locator;
    IWbemServices *services;
    wchar_t path[100];
    swprintf(path, 100, L"\\\\%s[%u]\\root\\cimv2", host, port);
    BSTR resource = SysAllocString(path), user = SysAllocString(L"bench");
    BSTR password = SysAllocString(L"password");
    bench_check("CoCreateInstance", CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                                     &IID_IWbemLocator, (void **)&locator));
    bench_check("ConnectServer", IWbemLocator_ConnectServer(locator, resource, user, password, NULL,
                                                            0, NULL, NULL, &services));
    if (level != RPC_C_AUTHN_LEVEL_DEFAULT) {
        bench_check("CoSetProxyBlanket",
                    CoSetProxyBlanket((IUnknown *)services, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE,
                                      NULL, level, RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE));
    }
    SysFreeString(resource);
    SysFreeString(user);
    SysFreeString(password);
    IWbemLocator_Release(locator);
    return services;
}
