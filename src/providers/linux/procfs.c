/*
 * Reading the machine's own small files; see procfs.h.
 */
#include "providers/linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[PATH_MAX];
static pthread_once_t root_once = PTHREAD_ONCE_INIT;

static void copy_root(const char *directory)
{
    size_t length = directory ? strlen(directory) : 0;
    while (length > 0 && directory[length - 1] == '/') {
        length--;
    }
    if (length >= sizeof root) {
        length = 0;
    }
    memcpy(root, length ? directory : "", length);
    root[length] = '\0';
}

static void root_from_environment(void)
{
    copy_root(secure_getenv("WBEM_LINUX_ROOT"));
}

void linux_set_root(const char *directory)
{
    pthread_once(&root_once, root_from_environment);
    copy_root(directory);
}

const char *linux_root(void)
{
    pthread_once(&root_once, root_from_environment);
    return root;
}

bool linux_is_live(void)
{
    return linux_root()[0] == '\0';
}

/* The path under the root; the path itself when there is no other root. NULL: too long. */
static const char *under_root(const char *path, char buffer[PATH_MAX])
{
    const char *prefix = linux_root();
    if (!prefix[0]) {
        return path;
    }

    size_t a = strlen(prefix), b = strlen(path);
    if (a + b >= PATH_MAX) {
        return NULL;
    }
    memcpy(buffer, prefix, a);
    memcpy(buffer + a, path, b + 1);
    return buffer;
}

int linux_open(const char *path, int flags)
{
    char buffer[PATH_MAX];
    const char *full = under_root(path, buffer);
    return full ? linux_open_at(AT_FDCWD, full, flags) : -ENAMETOOLONG;
}

int linux_open_at(int dir, const char *name, int flags)
{
    int fd;
    do {
        fd = openat(dir, name, flags | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

static DIR *directory_of(int fd)
{
    if (fd < 0) {
        errno = -fd;
        return NULL;
    }
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return dir;
}

DIR *linux_opendir(const char *path)
{
    return directory_of(linux_open(path, O_RDONLY | O_DIRECTORY));
}

DIR *linux_opendir_at(int dir, const char *name)
{
    return directory_of(linux_open_at(dir, name, O_RDONLY | O_DIRECTORY));
}

bool linux_exists(const char *path)
{
    char buffer[PATH_MAX];
    const char *full = under_root(path, buffer);
    return full && access(full, F_OK) == 0;
}

/* Fills the buffer as far as the file goes: /proc gives long files in pieces of a page. */
static ssize_t read_some(int fd, char *buffer, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, buffer + got, size - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static ssize_t read_and_close(int fd, char *buffer, size_t size)
{
    ssize_t n = fd;
    if (fd >= 0) {
        n = read_some(fd, buffer, size - 1);
        close(fd);
    }
    buffer[n > 0 ? n : 0] = '\0';
    return n;
}

ssize_t linux_read(const char *path, char *buffer, size_t size)
{
    return read_and_close(linux_open(path, O_RDONLY), buffer, size);
}

ssize_t linux_read_at(int dir, const char *name, char *buffer, size_t size)
{
    return read_and_close(linux_open_at(dir, name, O_RDONLY), buffer, size);
}

ssize_t linux_read_once_at(int dir, const char *name, char *buffer, size_t size)
{
    ssize_t n = linux_open_at(dir, name, O_RDONLY);
    if (n >= 0) {
        int fd = (int)n;
        do {
            n = read(fd, buffer, size - 1);
        } while (n < 0 && errno == EINTR);
        n = n < 0 ? -errno : n;
        close(fd);
    }
    buffer[n > 0 ? n : 0] = '\0';
    return n;
}

ssize_t linux_read_all_fd(int fd, size_t limit, char **ret)
{
    size_t capacity = 4096, size = 0;
    char *buffer = malloc(capacity);
    ssize_t n = buffer ? 0 : -ENOMEM;
    while (buffer) {
        n = read_some(fd, buffer + size, capacity - size - 1);
        if (n < 0) {
            break;
        }
        size += (size_t)n;
        if (size > limit) {
            n = -EFBIG;
            break;
        }
        if (size < capacity - 1) {
            buffer[size] = '\0';
            *ret = buffer;
            return (ssize_t)size;
        }
        char *larger = realloc(buffer, capacity * 2);
        if (!larger) {
            n = -ENOMEM;
            break;
        }
        buffer = larger;
        capacity *= 2;
    }
    free(buffer);
    return n;
}

static ssize_t read_all_and_close(int fd, size_t limit, char **ret)
{
    if (fd < 0) {
        return fd;
    }
    ssize_t n = linux_read_all_fd(fd, limit, ret);
    close(fd);
    return n;
}

ssize_t linux_read_all(const char *path, size_t limit, char **ret)
{
    return read_all_and_close(linux_open(path, O_RDONLY), limit, ret);
}

ssize_t linux_read_all_at(int dir, const char *name, size_t limit, char **ret)
{
    return read_all_and_close(linux_open_at(dir, name, O_RDONLY), limit, ret);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool linux_read_line(const char *path, char *buffer, size_t size)
{
    if (linux_read(path, buffer, size) <= 0) {
        return false;
    }

    char *end = strchrnul(buffer, '\n');
    char *start = buffer;
    while (start < end && is_blank(*start)) {
        start++;
    }
    while (end > start && is_blank(end[-1])) {
        end--;
    }
    memmove(buffer, start, (size_t)(end - start));
    buffer[end - start] = '\0';
    return end > start;
}

bool linux_read_u64(const char *path, uint64_t *ret)
{
    char text[64];
    const char *at = text;
    return linux_read(path, text, sizeof text) > 0 && linux_parse_u64(&at, ret);
}

static ssize_t terminate_link(ssize_t n, char *buffer, size_t size)
{
    if (n < 0) {
        buffer[0] = '\0';
        return -errno;
    }
    if ((size_t)n >= size) {
        buffer[0] = '\0';
        return -ENAMETOOLONG;
    }
    buffer[n] = '\0';
    return n;
}

ssize_t linux_read_link(const char *path, char *buffer, size_t size)
{
    char full_buffer[PATH_MAX];
    const char *full = under_root(path, full_buffer);
    if (!full) {
        errno = ENAMETOOLONG;
    }
    return terminate_link(full ? readlink(full, buffer, size) : -1, buffer, size);
}

ssize_t linux_read_link_at(int dir, const char *name, char *buffer, size_t size)
{
    return terminate_link(readlinkat(dir, name, buffer, size), buffer, size);
}

/* ---- text ---------------------------------------------------------------- */

bool linux_parse_u64(const char **at, uint64_t *ret)
{
    const char *p = *at;
    while (is_blank(*p)) {
        p++;
    }
    if (*p < '0' || *p > '9') {
        return false;
    }

    uint64_t v = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v)) {
            return false;
        }
    }
    *at = p;
    *ret = v;
    return true;
}

bool linux_parse_i64(const char **at, int64_t *ret)
{
    const char *p = *at;
    while (is_blank(*p)) {
        p++;
    }
    bool negative = *p == '-';
    uint64_t v;
    p += negative;
    if (!linux_parse_u64(&p, &v) || v > (uint64_t)INT64_MAX) {
        return false;
    }
    *at = p;
    *ret = negative ? -(int64_t)v : (int64_t)v;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool linux_parse_hex(const char **at, uint64_t *ret)
{
    const char *p = *at;
    while (is_blank(*p)) {
        p++;
    }
    if (hex_digit(*p) < 0) {
        return false;
    }

    uint64_t v = 0;
    for (int digit; (digit = hex_digit(*p)) >= 0; p++) {
        if (v >> 60) {
            return false;
        }
        v = v << 4 | (uint64_t)digit;
    }
    *at = p;
    *ret = v;
    return true;
}

bool linux_is_number(const char *text, uint64_t *ret)
{
    const char *at = text;
    return *text >= '0' && *text <= '9' && linux_parse_u64(&at, ret) && *at == '\0';
}

const char *linux_find_key(const char *text, const char *key, char separator, size_t *ret_size)
{
    size_t length = strlen(key);
    for (const char *line = text; *line;) {
        const char *end = strchrnul(line, '\n');
        if (strncmp(line, key, length) == 0) {
            const char *p = line + length;
            while (p < end && is_blank(*p)) {
                p++;
            }
            if (p < end && *p == separator) {
                p++;
                while (p < end && is_blank(*p)) {
                    p++;
                }
                while (end > p && is_blank(end[-1])) {
                    end--;
                }
                *ret_size = (size_t)(end - p);
                return p;
            }
        }
        line = *end ? end + 1 : end;
    }
    return NULL;
}

bool linux_copy_key(const char *text, const char *key, char separator, char *buffer, size_t size)
{
    size_t length = 0;
    const char *value = linux_find_key(text, key, separator, &length);
    if (!value || length >= size) {
        buffer[0] = '\0';
        return false;
    }
    memcpy(buffer, value, length);
    buffer[length] = '\0';
    return true;
}

bool linux_key_u64(const char *text, const char *key, uint64_t *ret)
{
    size_t size;
    const char *value = linux_find_key(text, key, ':', &size);
    return value && linux_parse_u64(&value, ret);
}

bool linux_next_key_u64(const char **at, const char *key, uint64_t *ret)
{
    size_t size;
    const char *value = linux_find_key(*at, key, ':', &size);
    if (!value || !linux_parse_u64(&value, ret)) {
        return false;
    }
    *at = value;
    return true;
}

unsigned linux_parse_cpu_list(const char *text, uint64_t *bits, size_t words)
{
    enum {
        LAST = 1 << 20
    }; /* far beyond any machine; keeps a broken file from looping long */
    unsigned count = 0;
    const char *p = text;
    for (;;) {
        uint64_t first, last;
        if (!linux_parse_u64(&p, &first)) {
            return count;
        }
        last = first;
        if (*p == '-') {
            p++;
            if (!linux_parse_u64(&p, &last)) {
                return count;
            }
        }
        if (last < first || last > LAST) {
            return count;
        }
        for (uint64_t i = first; i <= last; i++) {
            if (bits && i / 64 < words) {
                bits[i / 64] |= UINT64_C(1) << (i % 64);
            }
            count++;
        }
        if (*p != ',') {
            return count;
        }
        p++;
    }
}
