/*
 * What a journal entry is in the terms of the Windows event log.
 */
#ifndef WBEM_PROVIDERS_LINUX_JOURNAL_H
#define WBEM_PROVIDERS_LINUX_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the fields of systemd.journal-fields(7); each NULL when the entry lacks it. */
enum journal_log {
    JOURNAL_SYSTEM,
    JOURNAL_SECURITY,
    JOURNAL_APPLICATION
};
enum journal_log journal_log_of(const char *transport, const char *facility, const char *pid);
extern const char *const journal_log_names[];

enum journal_type {
    JOURNAL_ERROR = 1,
    JOURNAL_WARNING = 2,
    JOURNAL_INFORMATION = 3
};
enum journal_type journal_type_of(const char *priority);
const char *journal_type_name(enum journal_type type);

/* The sequence number in an entry's cursor ("s=…;i=1a2b;b=…"); false when there is none. */
bool journal_sequence(const char *cursor, uint64_t *ret);

#endif
