/* A wbemd on the loopback for a test, and connections to it; see remote.h. */
#include "remote.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

const char *remote_program;

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(strlen(text), write(fd, text, strlen(text)));
    close(fd);
}

/* What the program says before it is ready; the port is in it. */
static unsigned read_port(int fd)
{
    char text[4096] = "";
    size_t size = 0;
    unsigned port = 0;
    while (port == 0 && size < sizeof(text) - 1) {
        ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
        if (got <= 0) {
            fail_msg("wbemd has ended: %s", text);
        }
        size += (size_t)got;
        text[size] = '\0';
        const char *line = strstr(text, "ready on port ");
        if (line && strchr(line, '\n')) {
            port = (unsigned)strtoul(line + strlen("ready on port "), NULL, 10);
        }
    }
    return port;
}

static pid_t start(char *const *arguments, int *ret_log)
{
    extern char **environ;
    int ends[2];
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    assert_int_equal(0, pipe2(ends, O_CLOEXEC));
    assert_int_equal(0, posix_spawn_file_actions_init(&actions));
    assert_int_equal(0, posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO));
    assert_int_equal(0, posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *ret_log = ends[0];
    return pid;
}

static void launch(struct remote_server *s, const char *port)
{
    const char *arguments[] = {remote_program,
                               "--listen",
                               s->address,
                               "--port",
                               port,
                               s->mof[0] ? "--mof" : "--repository",
                               s->mof[0] ? s->mof : ":memory:",
                               "--password-file",
                               s->passwords,
                               "--name",
                               s->name,
                               s->enumerators ? "--max-enumerators-per-user" : NULL,
                               s->enumerators,
                               NULL};
    s->pid = start((char *const *)arguments, &s->log);
    s->port = read_port(s->log);
}

static void prepare(struct remote_server *s, const char *mof, const char *address, const char *name)
{
    strcpy(s->folder, "/tmp/wbem-remote-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    s->mof[0] = '\0';
    if (mof) {
        snprintf(s->mof, sizeof(s->mof), "%s/test.mof", s->folder);
        write_file(s->mof, mof);
    }
    snprintf(s->passwords, sizeof(s->passwords), "%s/passwd", s->folder);
    /* Both have the password "password"; what acts with the server's rights is for its own user. */
    char users[400];
    struct passwd *me = getpwuid(geteuid());
    assert_non_null(me);
    snprintf(users, sizeof(users),
             "alice::8846f7eaee8fb117ad06bdd830b7586c\n%s::8846f7eaee8fb117ad06bdd830b7586c\n",
             me->pw_name);
    swprintf(s->owner, ARRAYSIZE(s->owner), L"%hs", me->pw_name);
    write_file(s->passwords, users);
    s->address = address;
    s->name = name;
    launch(s, "0");
}

void remote_start(struct remote_server *s, const char *mof)
{
    remote_start_at(s, "127.0.0.1", mof);
}

void remote_start_at(struct remote_server *s, const char *address, const char *mof)
{
    prepare(s, mof, address, address);
}

void remote_start_with_one_enumerator(struct remote_server *s, const char *mof)
{
    s->enumerators = "1";
    remote_start(s, mof);
}

void remote_start_live(struct remote_server *s)
{
    remote_start_at(s, "127.0.0.1", NULL);
}

void remote_start_behind_proxy(struct remote_server *s, const char *mof)
{
    prepare(s, mof, "127.0.0.1", REMOTE_PROXY);
}

void remote_restart(struct remote_server *s)
{
    char port[16];
    snprintf(port, sizeof(port), "%u", s->port);
    launch(s, port);
}

/* Until the program has ended: what it says goes where our own complaints go. */
static void read_log(struct remote_server *s)
{
    char text[4096];
    for (ssize_t got; (got = read(s->log, text, sizeof(text))) > 0;) {
        (void)!write(STDERR_FILENO, text, (size_t)got);
    }
    close(s->log);
}

void remote_end(struct remote_server *s, int signal)
{
    int status;
    if (s->pid > 0) {
        assert_int_equal(0, kill(s->pid, signal));
        read_log(s);
        assert_int_equal(s->pid, waitpid(s->pid, &status, 0));
        s->pid = 0;
        if (signal == SIGTERM) {
            assert_true(WIFEXITED(status));
            assert_int_equal(0, WEXITSTATUS(status));
        }
    }
}

void remote_stop(struct remote_server *s)
{
    remote_end(s, SIGTERM);
    unlink(s->mof);
    unlink(s->passwords);
    rmdir(s->folder);
}

HRESULT remote_log_in(const struct remote_login *login, IWbemServices **ret)
{
    wchar_t path[200];
    IWbemLocator *locator = NULL;
    swprintf(path, 200, L"\\\\%ls[%u]\\%ls", login->host ? login->host : L"127.0.0.1", login->port,
             login->name_space ? login->name_space : L"root\\cimv2");
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    BSTR resource = SysAllocString(path);
    BSTR user = login->user ? SysAllocString(login->user) : NULL;
    BSTR password = login->password ? SysAllocString(login->password) : NULL;
    BSTR authority = login->authority ? SysAllocString(login->authority) : NULL;
    BSTR locale = login->locale ? SysAllocString(login->locale) : NULL;
    HRESULT hr = IWbemLocator_ConnectServer(locator, resource, user, password, locale, 0, authority,
                                            login->context, ret);
    SysFreeString(resource);
    SysFreeString(user);
    SysFreeString(password);
    SysFreeString(authority);
    SysFreeString(locale);
    IWbemLocator_Release(locator);
    return hr;
}

IWbemServices *remote_services(unsigned port)
{
    const struct remote_login login = {
        .port = port, .user = REMOTE_USER, .password = REMOTE_PASSWORD};
    IWbemServices *services = NULL;
    HRESULT hr = remote_log_in(&login, &services);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    return services;
}
