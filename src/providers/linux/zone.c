/*
 * The rule of the machine's time zone; see zone.h.
 */
#include "providers/linux/zone.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, or anything in angle brackets. */
static bool parse_name(const char **at, char *out, size_t size)
{
    const char *p = *at, *start = p, *end;
    if (*p == '<') {
        start = ++p;
        end = strchr(p, '>');
        if (!end) {
            return false;
        }
        p = end + 1;
    } else {
        while (is_letter(*p)) {
            p++;
        }
        end = p;
    }
    size_t length = (size_t)(end - start);
    if (length < 3 || length >= size) {
        return false;
    }
    memcpy(out, start, length);
    out[length] = '\0';
    *at = p;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool parse_time(const char **at, int32_t *ret)
{
    const char *p = *at;
    int32_t sign = *p == '-' ? -1 : 1, seconds = 0;
    p += *p == '-' || *p == '+';
    static const int32_t units[] = {3600, 60, 1};
    for (size_t i = 0; i < 3; i++) {
        uint64_t v;
        if (*p < '0' || *p > '9' || !linux_parse_u64(&p, &v) || v > 167) {
            return false;
        }
        seconds += (int32_t)v * units[i];
        if (*p != ':') {
            break;
        }
        p++;
    }
    *at = p;
    *ret = sign * seconds;
    return true;
}

static bool parse_part(const char **at, char before, uint64_t low, uint64_t high, unsigned *ret)
{
    uint64_t v;
    if (**at != before) {
        return false;
    }
    (*at)++;
    if (!linux_parse_u64(at, &v) || v < low || v > high) {
        return false;
    }
    *ret = (unsigned)v;
    return true;
}

/* ,Mm.w.d[/time]; or ,Jn or ,n, which have no month and leave it 0. */
static bool parse_change(const char **at, struct zone_change *ret)
{
    const char *p = *at;
    struct zone_change c = {.seconds = 2 * 3600};
    if (*p++ != ',') {
        return false;
    }
    if (*p == 'M') {
        if (!parse_part(&p, 'M', 1, 12, &c.month) || !parse_part(&p, '.', 1, 5, &c.week) ||
            !parse_part(&p, '.', 0, 6, &c.day_of_week)) {
            return false;
        }
    } else {
        uint64_t ignored;
        p += *p == 'J';
        if (!linux_parse_u64(&p, &ignored)) {
            return false;
        }
    }
    if (*p == '/') {
        p++;
        if (!parse_time(&p, &c.seconds)) {
            return false;
        }
    }
    *at = p;
    *ret = c;
    return true;
}

bool zone_parse(const char *rule, struct zone *ret)
{
    struct zone z = {0};
    const char *p = rule;
    int32_t west;
    memcpy(z.id, ret->id, sizeof z.id);
    if (!parse_name(&p, z.standard, sizeof z.standard) || !parse_time(&p, &west)) {
        return false;
    }
    z.standard_east = z.daylight_east = -west;
    if (*p) {
        z.has_daylight = true;
        z.daylight_east = z.standard_east + 3600;
        if (!parse_name(&p, z.daylight, sizeof z.daylight)) {
            return false;
        }
        if (*p && *p != ',') {
            if (!parse_time(&p, &west)) {
                return false;
            }
            z.daylight_east = -west;
        }
        if (!parse_change(&p, &z.to_daylight) || !parse_change(&p, &z.to_standard)) {
            return false;
        }
    }
    if (*p) {
        return false;
    }
    *ret = z;
    return true;
}

/* RFC 8536 3.3: the rule stands between the last two newlines. */
static bool parse_file(const char *path, struct zone *ret)
{
    enum {
        LIMIT = 1 << 20
    };
    char *bytes;
    ssize_t size = linux_read_all(path, LIMIT, &bytes);
    if (size < 0) {
        return false;
    }
    bool good = false;
    if (size > 44 && memcmp(bytes, "TZif", 4) == 0 && bytes[4] >= '2' && bytes[size - 1] == '\n') {
        bytes[size - 1] = '\0';
        const char *line = memrchr(bytes, '\n', (size_t)size - 1);
        good = line && zone_parse(line + 1, ret);
    }
    free(bytes);
    return good;
}

static void set_id(struct zone *z, const char *name)
{
    if (strlen(name) < sizeof z->id) {
        strcpy(z->id, name);
    }
}

static bool read_local(struct zone *ret)
{
    static const char database[] = "zoneinfo/";
    char target[PATH_MAX];
    if (linux_read_link("/etc/localtime", target, sizeof target) > 0) {
        const char *name = strstr(target, database);
        if (name) {
            set_id(ret, name + strlen(database));
        }
    }
    if (parse_file("/etc/localtime", ret)) {
        return true;
    }
    /* A link that leads out of a snapshot still names its zone. */
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", ret->id);
    return ret->id[0] && parse_file(path, ret);
}

bool zone_read(struct zone *ret)
{
    *ret = (struct zone){0};
    const char *tz = linux_is_live() ? getenv("TZ") : NULL;
    if (!tz) {
        if (linux_exists("/etc/localtime")) {
            return read_local(ret);
        }
        tz = "";
    }
    tz += *tz == ':';
    if (*tz == '/') {
        return parse_file(tz, ret);
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", tz);
    if (*tz && !strstr(tz, "..") && parse_file(path, ret)) {
        set_id(ret, tz);
        return true;
    }
    return zone_parse(*tz ? tz : "UTC0", ret);
}
