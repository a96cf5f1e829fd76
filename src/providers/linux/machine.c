/*
 * Facts about the machine that many classes repeat; see machine.h.
 */
#include "providers/linux/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

static bool read_host(char out[LINUX_NAME_SIZE])
{
    return linux_read_line("/proc/sys/kernel/hostname", out, LINUX_NAME_SIZE);
}

bool linux_host_name(char out[LINUX_NAME_SIZE])
{
    bool known = read_host(out);
    *strchrnul(out, '.') = '\0';
    return known && out[0];
}

bool linux_host_domain(char out[LINUX_NAME_SIZE])
{
    bool known = read_host(out);
    const char *dot = strchr(out, '.');
    memmove(out, dot ? dot + 1 : "", dot ? strlen(dot) : 1);
    return known && out[0];
}

bool linux_kernel_release(char out[LINUX_NAME_SIZE])
{
    return linux_read_line("/proc/sys/kernel/osrelease", out, LINUX_NAME_SIZE);
}

bool linux_os_name(char out[LINUX_NAME_SIZE])
{
    return linux_os_release("PRETTY_NAME", out, LINUX_NAME_SIZE) ||
           linux_os_release("NAME", out, LINUX_NAME_SIZE) ||
           linux_read_line("/proc/sys/kernel/ostype", out, LINUX_NAME_SIZE);
}

/* Values are those of a shell: bare, in single quotes, or in double quotes with backslashes. */
static bool unquote(const char *value, size_t length, char *out, size_t size)
{
    char quote = '\0';
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        char c = value[i];
        if (quote && c == quote) {
            quote = '\0';
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else {
            if (c == '\\' && quote != '\'' && i + 1 < length) {
                c = value[++i];
            }
            out[used++] = c;
        }
    }
    out[used] = '\0';
    return used > 0;
}

bool linux_shell_value(const char *path, const char *key, char *out, size_t size)
{
    char text[8192];
    size_t length;
    out[0] = '\0';
    if (linux_read(path, text, sizeof text) <= 0) {
        return false;
    }
    const char *value = linux_find_key(text, key, '=', &length);
    return value && unquote(value, length, out, size);
}

bool linux_os_release(const char *key, char *out, size_t size)
{
    /* The second file is the vendor's; the first, when it is there, stands for all of it. */
    const char *path = linux_exists("/etc/os-release") ? "/etc/os-release" : "/usr/lib/os-release";
    return linux_shell_value(path, key, out, size);
}

bool linux_architecture(char out[LINUX_NAME_SIZE])
{
    struct utsname name;
    if (linux_read_line("/proc/sys/kernel/arch", out, LINUX_NAME_SIZE)) {
        return true;
    }
    if (!linux_is_live() || uname(&name) != 0) {
        return false;
    }
    snprintf(out, LINUX_NAME_SIZE, "%s", name.machine);
    return true;
}

bool linux_boot_time(int64_t *ret)
{
    enum {
        LIMIT = 16 << 20
    }; /* one line of interrupts grows with the number of processors */
    char *text;
    if (linux_read_all("/proc/stat", LIMIT, &text) < 0) {
        return false;
    }

    int64_t seconds;
    const char *line = strstr(text, "btime ");
    const char *at = line ? line + strlen("btime ") : NULL;
    bool found = at && linux_parse_i64(&at, &seconds);
    free(text);
    if (found) {
        *ret = seconds * 1000000;
    }
    return found;
}

uint64_t linux_ticks_to_microseconds(uint64_t ticks)
{
    uint64_t rate = (uint64_t)sysconf(_SC_CLK_TCK);
    return ticks / rate * 1000000 + ticks % rate * 1000000 / rate;
}
