/*
 * What a journal entry is in the terms of the Windows event log; see journal.h.
 */
#include "providers/linux/journal.h"

#include <string.h>

#include "providers/linux/procfs.h"

const char *const journal_log_names[] = {"System", "Security", "Application"};

static bool is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

enum journal_log journal_log_of(const char *transport, const char *facility, const char *pid)
{
    /* syslog(3): LOG_AUTH is 4, LOG_AUTHPRIV 10. */
    if (is(transport, "audit") || is(facility, "4") || is(facility, "10")) {
        return JOURNAL_SECURITY;
    }
    return is(transport, "kernel") || is(pid, "1") ? JOURNAL_SYSTEM : JOURNAL_APPLICATION;
}

enum journal_type journal_type_of(const char *priority)
{
    enum {
        LEVEL_ERROR = 3,
        LEVEL_WARNING = 4
    };
    uint64_t level;
    if (!priority || !linux_is_number(priority, &level) || level > LEVEL_WARNING) {
        return JOURNAL_INFORMATION;
    }
    return level <= LEVEL_ERROR ? JOURNAL_ERROR : JOURNAL_WARNING;
}

const char *journal_type_name(enum journal_type type)
{
    return type == JOURNAL_ERROR ? "Error" : type == JOURNAL_WARNING ? "Warning" : "Information";
}

bool journal_sequence(const char *cursor, uint64_t *ret)
{
    for (const char *p = cursor; p; p = strchr(p, ';')) {
        p += *p == ';';
        if (strncmp(p, "i=", 2) == 0) {
            p += 2;
            return linux_parse_hex(&p, ret) && (*p == ';' || *p == '\0');
        }
    }
    return false;
}
