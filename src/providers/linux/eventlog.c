/*
 * Win32_NTLogEvent: the journal, the newest entry first. No journal, or none
 * that the caller may read, is an empty log.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "providers/linux/journal.h"
#include "providers/linux/linux.h"
#include "providers/linux/match.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(ComputerName), X(EventType), X(Logfile), X(Message), X(RecordNumber), X(SourceName),         \
        X(TimeGenerated), X(TimeWritten), X(Type), X(User)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    FIELD_LIMIT = 1 << 20, /* a longer text is cut: no property of a log is meant for more */
    SHORT_SIZE = 512,
    ENTRIES_PER_LOOK = 1024 /* that are left out, before we look whether the caller has gone */
};

struct log_cursor {
    const struct provider_request *request;
    sd_journal *journal;
    uid_t user; /* the one that user_name is of */
    bool user_known;
    char user_name[SHORT_SIZE];
};

static void log_close(void *cursor)
{
    struct log_cursor *c = cursor;
    if (c) {
        sd_journal_close(c->journal);
        free(c);
    }
}

static int open_journal(sd_journal **ret)
{
    if (linux_is_live()) {
        return sd_journal_open(ret, SD_JOURNAL_LOCAL_ONLY);
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/var/log/journal", linux_root());
    return sd_journal_open_directory(ret, path, 0);
}

static HRESULT log_open(const struct provider_request *q, void **ret)
{
    struct log_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    if (open_journal(&c->journal) < 0 || sd_journal_seek_tail(c->journal) < 0) {
        log_close(c);
        return WBEM_S_FALSE;
    }
    sd_journal_set_data_threshold(c->journal, FIELD_LIMIT);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* The field's value, borrowed until the next call for this entry; NULL when it has none. */
static const char *field(sd_journal *j, const char *name, size_t *ret_size)
{
    const void *data;
    size_t size, skip = strlen(name) + 1;
    if (sd_journal_get_data(j, name, &data, &size) < 0 || size < skip) {
        return NULL;
    }
    *ret_size = size - skip;
    return (const char *)data + skip;
}

static const char *short_field(sd_journal *j, const char *name, char out[SHORT_SIZE])
{
    size_t size;
    const char *text = field(j, name, &size);
    if (!text || size >= SHORT_SIZE) {
        return NULL;
    }
    memcpy(out, text, size);
    out[size] = '\0';
    return out;
}

/* Entries of one user mostly follow each other: the last name is kept. */
static const char *user_name(struct log_cursor *c, const char *number)
{
    uint64_t id;
    if (!number || !linux_is_number(number, &id) || id > UINT32_MAX) {
        return NULL;
    }
    if (!c->user_known || c->user != (uid_t)id) {
        struct passwd entry, *found = NULL;
        char buffer[16384];
        c->user = (uid_t)id;
        c->user_known = true;
        c->user_name[0] = '\0';
        if (getpwuid_r(c->user, &entry, buffer, sizeof buffer, &found) == 0 && found) {
            snprintf(c->user_name, sizeof c->user_name, "%s", entry.pw_name);
        }
    }
    return linux_known(c->user_name);
}

static void set_text(struct log_cursor *c, struct provider_row *r, unsigned column,
                     const char *name, const char *otherwise)
{
    size_t size;
    if (provider_wants(r, column)) {
        const char *text = field(c->journal, name, &size);
        text = text || !otherwise ? text : field(c->journal, otherwise, &size);
        provider_set_string_n(r, column, text, text ? size : 0);
    }
}

static void set_times(struct log_cursor *c, struct provider_row *r)
{
    char text[SHORT_SIZE];
    uint64_t written, made;
    if (sd_journal_get_realtime_usec(c->journal, &written) < 0) {
        return;
    }
    provider_set_datetime(r, COLUMN_TimeWritten, (int64_t)written);
    if (provider_wants(r, COLUMN_TimeGenerated)) {
        const char *source = short_field(c->journal, "_SOURCE_REALTIME_TIMESTAMP", text);
        bool told = source && linux_is_number(source, &made) && made <= INT64_MAX;
        provider_set_datetime(r, COLUMN_TimeGenerated, (int64_t)(told ? made : written));
    }
}

static void set_kind(struct log_cursor *c, struct provider_row *r)
{
    char transport[SHORT_SIZE], facility[SHORT_SIZE], pid[SHORT_SIZE];
    if (provider_wants(r, COLUMN_Logfile)) {
        enum journal_log log = journal_log_of(short_field(c->journal, "_TRANSPORT", transport),
                                              short_field(c->journal, "SYSLOG_FACILITY", facility),
                                              short_field(c->journal, "_PID", pid));
        provider_set_string(r, COLUMN_Logfile, journal_log_names[log]);
    }
    if (provider_wants(r, COLUMN_EventType) || provider_wants(r, COLUMN_Type)) {
        enum journal_type type = journal_type_of(short_field(c->journal, "PRIORITY", pid));
        provider_set_uint(r, COLUMN_EventType, type);
        provider_set_string(r, COLUMN_Type, journal_type_name(type));
    }
}

/* The record's number: false when the condition allows none like it. */
static bool set_number(struct log_cursor *c, struct provider_row *r)
{
    char *position = NULL;
    uint64_t sequence;
    if (!provider_wants(r, COLUMN_RecordNumber)) {
        return true;
    }
    bool ok =
        sd_journal_get_cursor(c->journal, &position) >= 0 && journal_sequence(position, &sequence);
    free(position);
    if (ok) {
        provider_set_uint(r, COLUMN_RecordNumber, (uint32_t)sequence);
        ok = linux_may_be_uint(c->request, COLUMN_RecordNumber, (uint32_t)sequence);
    }
    return ok;
}

static HRESULT next_entry(struct log_cursor *c)
{
    int result = sd_journal_previous(c->journal);
    if (result >= 0) {
        return result > 0 ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
    }
    return error_raise(WBEM_E_PROVIDER_FAILURE, "ExecQuery", "Win32_NTLogEvent",
                       "the journal can't be read: %s", strerrordesc_np(-result));
}

static HRESULT log_next(void *cursor, struct provider_row *row)
{
    struct log_cursor *c = cursor;
    char number[SHORT_SIZE];
    for (unsigned left_out = 0;; left_out++) {
        HRESULT hr = next_entry(c);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
        if (set_number(c, row)) {
            break;
        }
        provider_row_clear(row);
        if (left_out % ENTRIES_PER_LOOK == 0 && provider_request_cancelled(c->request)) {
            return WBEM_E_CALL_CANCELLED;
        }
    }
    set_kind(c, row);
    set_times(c, row);
    set_text(c, row, COLUMN_Message, "MESSAGE", NULL);
    set_text(c, row, COLUMN_SourceName, "SYSLOG_IDENTIFIER", "_COMM");
    set_text(c, row, COLUMN_ComputerName, "_HOSTNAME", NULL);
    if (provider_wants(row, COLUMN_User)) {
        provider_set_string(row, COLUMN_User,
                            user_name(c, short_field(c->journal, "_UID", number)));
    }
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_nt_log_event = {
    .name = "Win32_NTLogEvent",
    .columns = columns,
    .open = log_open,
    .next = log_next,
    .close = log_close,
};
