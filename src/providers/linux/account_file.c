/*
 * Lines of fields between colons; see account_file.h.
 */
#include "providers/linux/account_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

enum {
    FILE_LIMIT = 256 << 20
};

int account_file_open(const char *path, struct account_file *ret)
{
    *ret = (struct account_file){0};
    ssize_t size = linux_read_all(path, FILE_LIMIT, &ret->text);
    ret->at = ret->text;
    return size == -ENOMEM ? -ENOMEM : 0;
}

void account_file_close(struct account_file *f)
{
    free(f->text);
    *f = (struct account_file){0};
}

static void split(const char *line, const char *end, struct account_record *ret)
{
    *ret = (struct account_record){0};
    for (unsigned i = 0; i < ACCOUNT_FIELDS; i++) {
        ret->fields[i].text = end;
    }
    for (const char *at = line; ret->count < ACCOUNT_FIELDS; at++) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *stop = colon ? colon : end;
        ret->fields[ret->count].text = at;
        ret->fields[ret->count++].size = (size_t)(stop - at);
        if (!colon) {
            return;
        }
        at = colon;
    }
}

bool account_file_next(struct account_file *f, struct account_record *ret)
{
    while (f->at && *f->at) {
        const char *line = f->at + strspn(f->at, " \t");
        const char *end = strchrnul(line, '\n');
        f->at = *end ? end + 1 : end;
        split(line, end, ret);
        if (ret->fields[0].size > 0 && ret->count > 1 && !strchr("#+-", *line)) {
            return true;
        }
    }
    return false;
}

static bool is_named(const struct account_record *r, const char *name, size_t size)
{
    return r->fields[0].size == size && memcmp(r->fields[0].text, name, size) == 0;
}

bool account_file_find(struct account_file *f, const char *name, size_t size,
                       struct account_record *ret)
{
    const char *start = f->at;
    while (account_file_next(f, ret)) {
        if (is_named(ret, name, size)) {
            return true;
        }
    }
    f->at = f->text;
    while (f->at < start && account_file_next(f, ret)) {
        if (is_named(ret, name, size)) {
            return true;
        }
    }
    return false;
}

bool account_number(const struct account_record *r, unsigned field, int64_t *ret)
{
    if (field >= ACCOUNT_FIELDS) {
        return false;
    }
    const char *at = r->fields[field].text;
    size_t size = r->fields[field].size;
    return size > 0 && linux_parse_i64(&at, ret) && at == r->fields[field].text + size;
}
