/*
 * Win32_Product: the packages that dpkg has installed, or rpm where there is no
 * dpkg. dpkg's status file is read as it is; rpm's database is rpm's own
 * affair, so the program is asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/packages.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(AssignmentType), X(Caption), X(Description), X(IdentifyingNumber), X(InstallDate),           \
        X(InstallDate2), X(InstallState), X(Name), X(URLInfoAbout), X(Vendor), X(Version)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    TEXT_LIMIT = 1 << 30
};

struct product_cursor {
    char *text;
    const char *at;
    bool (*next)(const char **at, struct package *ret);
};

static void product_close(void *cursor)
{
    struct product_cursor *c = cursor;
    if (c) {
        free(c->text);
        free(c);
    }
}

/* ---- rpm -------------------------------------------------------------------------- */

/* The read end of a pipe that rpm writes to, or -errno. */
static int start_rpm(pid_t *ret_child)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    char program[] = "rpm", all[] = "-qa", option[] = "--queryformat", format[512];
    snprintf(format, sizeof format, "%s", rpm_format);
    char *const arguments[] = {program, all, option, format, NULL};
    posix_spawn_file_actions_t actions;
    int result = posix_spawn_file_actions_init(&actions);
    if (result == 0) {
        result = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        if (result == 0) {
            result =
                posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        }
        if (result == 0) {
            result = posix_spawnp(ret_child, "rpm", &actions, NULL, arguments, environ);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    if (result != 0) {
        close(ends[0]);
        return -result;
    }
    return ends[0];
}

static ssize_t read_rpm(char **ret)
{
    pid_t child = -1;
    int fd = start_rpm(&child);
    if (fd < 0) {
        return fd;
    }
    ssize_t size = linux_read_all_fd(fd, TEXT_LIMIT, ret);
    close(fd);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return size;
}

static bool has_rpm_database(void)
{
    return linux_is_live() &&
           (linux_exists("/usr/lib/sysimage/rpm") || linux_exists("/var/lib/rpm"));
}

/* ---- the class ---------------------------------------------------------------------- */

static HRESULT read_packages(struct product_cursor *c)
{
    ssize_t size = linux_read_all("/var/lib/dpkg/status", TEXT_LIMIT, &c->text);
    c->next = dpkg_next;
    if (size == -ENOENT && has_rpm_database()) {
        size = read_rpm(&c->text);
        c->next = rpm_next;
    }
    if (size >= 0) {
        c->at = c->text;
        return WBEM_S_NO_ERROR;
    }
    if (size == -ENOENT) {
        return WBEM_S_FALSE; /* neither of the two */
    }
    return size == -ENOMEM ? WBEM_E_OUT_OF_MEMORY
                           : error_raise(WBEM_E_PROVIDER_FAILURE, "ExecQuery", "Win32_Product",
                                         "the list of installed packages can't be read: %s",
                                         strerrordesc_np((int)-size));
}

static HRESULT product_open(const struct provider_request *q, void **ret)
{
    (void)q;
    struct product_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = read_packages(c);
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        product_close(c);
        return hr;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static void set_field(struct provider_row *r, unsigned column, const struct package_field *f)
{
    provider_set_string_n(r, column, f->text, f->size);
}

static void set_time(struct provider_row *r, const struct product_cursor *c, struct package *p)
{
    if (!provider_wants_any(r, COLUMN_InstallDate, COLUMN_InstallDate2)) {
        return;
    }
    if (c->next == dpkg_next && !dpkg_time(p, &p->installed)) {
        return;
    }
    time_t seconds = (time_t)p->installed;
    struct tm tm;
    if (seconds > 0 && localtime_r(&seconds, &tm)) {
        provider_set_datetime(r, COLUMN_InstallDate2, p->installed * 1000000);
        provider_set_format(r, COLUMN_InstallDate, "%04d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                            tm.tm_mday);
    }
}

static HRESULT product_next(void *cursor, struct provider_row *row)
{
    enum {
        ASSIGNED_TO_MACHINE = 1,
        STATE_BAD_CONFIGURATION = -6,
        STATE_INSTALLED = 5
    };
    struct product_cursor *c = cursor;
    struct package p;
    if (!c->next(&c->at, &p)) {
        return WBEM_S_FALSE;
    }
    set_field(row, COLUMN_Name, &p.name);
    set_field(row, COLUMN_Caption, &p.name);
    set_field(row, COLUMN_Version, &p.version);
    set_field(row, COLUMN_Vendor, &p.vendor);
    set_field(row, COLUMN_Description, &p.summary);
    set_field(row, COLUMN_URLInfoAbout, &p.home_page);
    /* The same package may be installed for two architectures. */
    provider_set_format(row, COLUMN_IdentifyingNumber, "%.*s%s%.*s", (int)p.name.size, p.name.text,
                        p.architecture.text ? ":" : "", (int)p.architecture.size,
                        p.architecture.text ? p.architecture.text : "");
    provider_set_uint(row, COLUMN_AssignmentType, ASSIGNED_TO_MACHINE);
    provider_set_sint(row, COLUMN_InstallState,
                      p.broken ? STATE_BAD_CONFIGURATION : STATE_INSTALLED);
    set_time(row, c, &p);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_product = {
    .name = "Win32_Product",
    .columns = columns,
    .open = product_open,
    .next = product_next,
    .close = product_close,
};
