/* Lines to the standard error; see log.h. */
#include "wbemd/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "com/com.h"

#define LONGEST 1024

static atomic_uint most = LOG_INFO;
static atomic_uint lost;

void log_set_level(unsigned level)
{
    atomic_store(&most, level);
}

/* systemd names the stream that it reads in $JOURNAL_STREAM, as device:inode. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

static bool write_line(const char *line, size_t size)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) &&
           write(STDERR_FILENO, line, size) == (ssize_t)size;
}

static void put(unsigned level, const char *text)
{
    char line[LONGEST + 32];
    int size = is_journal() ? snprintf(line, sizeof line, "<%u>%s\n", level, text)
                            : snprintf(line, sizeof line, "wbemd: %s\n", text);
    if (size < 0 || !write_line(line, (size_t)size)) {
        (void)atomic_fetch_add(&lost, 1);
    }
}

void log_line(unsigned level, const char *format, ...)
{
    char text[LONGEST];
    va_list arguments;
    if (level > atomic_load(&most)) {
        return;
    }
    unsigned missing = atomic_exchange(&lost, 0);
    if (missing) {
        (void)snprintf(text, sizeof text, "%u lines of this log were lost", missing);
        put(LOG_WARNING, text);
    }
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* Names come from clients: one line stays one line. */
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = '?';
        }
    }
    put(level, text);
}

void log_describe(HRESULT hr, char *ret, size_t size)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    if (GetErrorInfo(0, &error) == S_OK) {
        (void)error->lpVtbl->GetDescription(error, &text);
    }
    CLEANUP(com_cleanup_free) char *why = com_utf8_from_wide(text);
    const char *name = com_status_name(hr);
    (void)snprintf(ret, size, "%s (0x%08x%s%s)", why && *why ? why : "failed", (unsigned)hr,
                   name ? " " : "", name ? name : "");
}

void log_failure(unsigned level, const char *what, HRESULT hr)
{
    char why[LONGEST / 2];
    log_describe(hr, why, sizeof why);
    log_line(level, "%s: %s", what, why);
}
