/*
 * LogFileEventConsumer: a line in a file for each event. A file that has grown
 * too large is moved away before the next line (WmiSdk "LogFileEventConsumer
 * class": MaximumFileSize).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"
#include "subscriptions/consumer.h"
#include "subscriptions/template.h"

enum {
    NUMBERS_MOST = 999
};

static const uint8_t byte_order_mark[] = {0xFF, 0xFE};

/* Lines of this process follow one another; those of others are kept apart by flock(2). */
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static HRESULT raise_file(int error, const char *file, const char *what)
{
    return error_raise(com_hresult_from_errno(error), "LogFileEventConsumer", file,
                       "the log file '%s' %s: %s", file, what, strerror(error));
}

/* ---- the name under which it is kept when it is full -------------------------------------- */

/* How much of the name stays before the number: of a name such as "events.log" (at most eight
 * characters, a dot, at most three) all up to the dot, otherwise all of it. */
static size_t stem_length(const char *file)
{
    const char *name = strrchr(file, '/') + 1;
    const char *dot = strchr(name, '.');
    size_t length = strlen(name);
    bool is_short = dot ? dot - name <= 8 && dot > name && length - (size_t)(dot - name) <= 4 &&
                              !strchr(dot + 1, '.')
                        : false;
    return is_short ? (size_t)(dot - file) : strlen(file);
}

static bool is_used(const char *file, size_t stem, unsigned number)
{
    char name[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof(name), "%.*s.%03u", (int)stem, file, number);
    return lstat(name, &st) == 0;
}

/* The number after the largest in use, or the smallest that is free. 0: none. */
static unsigned next_number(const char *file, size_t stem)
{
    unsigned number = NUMBERS_MOST;
    while (number > 0 && !is_used(file, stem, number)) {
        number--;
    }
    if (number < NUMBERS_MOST) {
        return number + 1;
    }
    for (number = 1; number <= NUMBERS_MOST; number++) {
        if (!is_used(file, stem, number)) {
            return number;
        }
    }
    return 0;
}

static HRESULT move_away(const char *file)
{
    char name[PATH_MAX];
    size_t stem = stem_length(file);
    unsigned number = next_number(file, stem);
    if (number == 0) {
        return raise_file(EEXIST, file, "is full, and so are 999 of its kind");
    }
    snprintf(name, sizeof(name), "%.*s.%03u", (int)stem, file, number);
    return rename(file, name) == 0 ? WBEM_S_NO_ERROR
                                   : raise_file(errno, file, "is full and can't be moved away");
}

/* ---- writing -----------------------------------------------------------------------------------
 */

/* Open and locked, by the name that it still has. */
static HRESULT open_log(const char *file, int *ret, struct stat *ret_stat)
{
    for (;;) {
        /* Not to wait for the other end of a pipe; an administrator may keep the file readable for
         * a group. */
        int fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
        struct stat named;
        if (fd < 0) {
            return raise_file(errno, file, "can't be opened");
        }
        int error = 0;
        if (fstat(fd, ret_stat) != 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, ret_stat) != 0) {
            error = errno;
        } else if (!S_ISREG(ret_stat->st_mode)) {
            error = EINVAL;
        }
        if (error) {
            close(fd);
            return raise_file(error, file, "is none");
        }
        if (stat(file, &named) == 0 && named.st_ino == ret_stat->st_ino &&
            named.st_dev == ret_stat->st_dev) {
            *ret = fd;
            return WBEM_S_NO_ERROR;
        }
        close(fd); /* another process has moved it away */
    }
}

static bool is_utf16(int fd)
{
    uint8_t first[2];
    return pread(fd, first, sizeof(first), 0) == (ssize_t)sizeof(first) &&
           memcmp(first, byte_order_mark, sizeof(first)) == 0;
}

/* The line as the file has them; free() it. */
static uint8_t *encode(const wchar_t *text, bool utf16, bool first, size_t *ret_size)
{
    size_t length = wcslen(text);
    size_t size =
        utf16 ? 2 * com_utf16_length_of_wide(text, length) : com_utf8_size_of_wide(text, length);
    uint8_t *bytes = malloc(size + 4);
    uint8_t *end = bytes;
    if (!bytes) {
        return NULL;
    }
    if (utf16) {
        if (first) {
            end = mempcpy(end, byte_order_mark, sizeof(byte_order_mark));
        }
        end = com_utf16_put_wide(end, text, length);
        *end++ = '\n';
        *end++ = 0;
    } else {
        end = (uint8_t *)com_utf8_put_wide((char *)end, text, length);
        *end++ = '\n';
    }
    *ret_size = (size_t)(end - bytes);
    return bytes;
}

/* All of the line or nothing, so that the next one does not begin within it. */
static HRESULT write_line(int fd, const char *file, const wchar_t *text, bool utf16, off_t old_size)
{
    size_t size = 0;
    CLEANUP(com_cleanup_free) uint8_t *bytes = encode(text, utf16, old_size == 0, &size);
    if (!bytes) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, bytes + done, size - done);
        if (n < 0 && errno != EINTR) {
            int error = errno;
            (void)!ftruncate(fd, old_size);
            return raise_file(error, file, "can't be written");
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT append(const char *file, const wchar_t *text, uint64_t most, bool unicode)
{
    int fd;
    struct stat st;
    HRESULT hr = open_log(file, &fd, &st);
    if (SUCCEEDED(hr) && most > 0 && (uint64_t)st.st_size > most) {
        hr = move_away(file);
        close(fd);
        if (SUCCEEDED(hr)) {
            hr = open_log(file, &fd, &st);
        }
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = write_line(fd, file, text, st.st_size == 0 ? unicode : is_utf16(fd), st.st_size);
    close(fd);
    return hr;
}

HRESULT consumer_log_file(IWbemClassObject *consumer, IWbemClassObject *event)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_free) wchar_t *template = NULL;
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    HRESULT hr = consumer_text(consumer, L"Filename", &name);
    if (SUCCEEDED(hr)) {
        hr = consumer_text(consumer, L"Text", &template);
    }
    CLEANUP(com_cleanup_free) char *file = com_utf8_from_wide(name);
    if (FAILED(hr) || (name && !file)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    size_t length = file ? strlen(file) : 0;
    if (length == 0 || file[0] != '/' || file[length - 1] == '/' || length + 8 > PATH_MAX) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "LogFileEventConsumer", "Filename",
                           "Filename must be the whole path of a file");
    }
    hr = template_expand(template ? template : L"", event, &text);
    if (FAILED(hr)) {
        return error_raise(hr, "LogFileEventConsumer", "Text", "the text can't be made");
    }
    pthread_mutex_lock(&writing);
    hr = append(file, text, consumer_number(consumer, L"MaximumFileSize", 65535),
                consumer_number(consumer, L"IsUnicode", 0) != 0);
    pthread_mutex_unlock(&writing);
    return hr;
}
