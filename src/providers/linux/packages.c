/*
 * Installed packages; see packages.h. The form of the status file is that of
 * deb822(5): "Field: value" lines, continued by lines that begin with a blank,
 * paragraphs apart by blank lines.
 */
#include "providers/linux/packages.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

/* ---- dpkg -------------------------------------------------------------------- */

static const char *line_end(const char *line)
{
    return strchrnul(line, '\n');
}

static bool is_blank_line(const char *line, const char *end)
{
    return line + strspn(line, " \t\r") >= end;
}

static bool begins(const char *line, const char *end, const char *name, struct package_field *ret)
{
    size_t length = strlen(name);
    if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0 ||
        line[length] != ':') {
        return false;
    }
    const char *value = line + length + 1;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) {
        end--;
    }
    *ret = (struct package_field){value, (size_t)(end - value)};
    return true;
}

/* deb-status: "want flag state". Only a package in one of these states is there. */
static bool is_installed(struct package_field status, bool *ret_broken)
{
    static const struct {
        const char *state;
        bool broken;
    } states[] = {
        {"installed", false}, {"triggers-pending", false}, {"triggers-awaited", false},
        {"unpacked", true},   {"half-configured", true},   {"half-installed", true},
    };
    const char *last = status.text + status.size;
    while (last > status.text && last[-1] != ' ') {
        last--;
    }
    size_t size = (size_t)(status.text + status.size - last);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strlen(states[i].state) == size && memcmp(states[i].state, last, size) == 0) {
            *ret_broken = states[i].broken;
            return true;
        }
    }
    return false;
}

static void parse_line(const char *line, const char *end, struct package *ret,
                       struct package_field *status)
{
    (void)(begins(line, end, "Package", &ret->name) || begins(line, end, "Status", status) ||
           begins(line, end, "Version", &ret->version) ||
           begins(line, end, "Architecture", &ret->architecture) ||
           begins(line, end, "Maintainer", &ret->vendor) ||
           begins(line, end, "Homepage", &ret->home_page) ||
           begins(line, end, "Description", &ret->summary));
}

bool dpkg_next(const char **at, struct package *ret)
{
    const char *line = *at;
    while (*line) {
        struct package_field status = {0};
        *ret = (struct package){0};
        const char *end = line_end(line);
        while (*line && is_blank_line(line, end)) {
            line = *end ? end + 1 : end;
            end = line_end(line);
        }
        while (*line && !is_blank_line(line, end)) {
            parse_line(line, end, ret, &status);
            line = *end ? end + 1 : end;
            end = line_end(line);
        }
        if (ret->name.size && ret->version.size && status.size &&
            is_installed(status, &ret->broken)) {
            *at = line;
            return true;
        }
    }
    *at = line;
    return false;
}

static bool time_of(const char *path, int64_t *ret)
{
    struct stat st;
    int fd = linux_open(path, O_PATH);
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (ok) {
        *ret = st.st_mtim.tv_sec;
    }
    return ok;
}

bool dpkg_time(const struct package *p, int64_t *ret)
{
    char path[512];
    if (p->name.size > 200 || p->architecture.size > 100 ||
        memchr(p->name.text, '/', p->name.size)) {
        return false;
    }
    /* Packages that can be installed for several architectures have theirs in the file's name. */
    snprintf(path, sizeof path, "/var/lib/dpkg/info/%.*s.list", (int)p->name.size, p->name.text);
    if (time_of(path, ret)) {
        return true;
    }
    if (!p->architecture.text || memchr(p->architecture.text, '/', p->architecture.size)) {
        return false;
    }
    snprintf(path, sizeof path, "/var/lib/dpkg/info/%.*s:%.*s.list", (int)p->name.size,
             p->name.text, (int)p->architecture.size, p->architecture.text);
    return time_of(path, ret);
}

/* ---- rpm ----------------------------------------------------------------------- */

/* Fields between unit separators, one package a line: neither is in any of these tags. "(none)"
 * stands for a tag that the package lacks. */
const char rpm_format[] = "%{NAME}\037%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\037%{ARCH}\037"
                          "%{VENDOR}\037%{URL}\037%{INSTALLTIME}\037%{SUMMARY}\n";

static struct package_field rpm_field(const char **at, const char *end)
{
    const char *stop = memchr(*at, '\037', (size_t)(end - *at));
    struct package_field f = {*at, (size_t)((stop ? stop : end) - *at)};
    *at = stop ? stop + 1 : end;
    if (f.size == 0 || (f.size == 6 && memcmp(f.text, "(none)", 6) == 0)) {
        f = (struct package_field){0};
    }
    return f;
}

bool rpm_next(const char **at, struct package *ret)
{
    while (**at) {
        const char *line = *at, *end = line_end(line);
        *at = *end ? end + 1 : end;
        *ret = (struct package){0};
        ret->name = rpm_field(&line, end);
        ret->version = rpm_field(&line, end);
        ret->architecture = rpm_field(&line, end);
        ret->vendor = rpm_field(&line, end);
        ret->home_page = rpm_field(&line, end);
        struct package_field time = rpm_field(&line, end);
        ret->summary = rpm_field(&line, end);
        const char *digits = time.text;
        if (digits && !linux_parse_i64(&digits, &ret->installed)) {
            ret->installed = 0;
        }
        bool is_key = ret->name.size == 10 && memcmp(ret->name.text, "gpg-pubkey", 10) == 0;
        if (ret->name.size && ret->version.size && !is_key) {
            return true; /* signing keys are kept among the packages, but are none */
        }
    }
    return false;
}
