/*
 * NTEventLogEventConsumer: an entry in systemd's journal for each event, sent
 * in the journal's own protocol ("Native Journal Protocol", systemd.io): fields
 * in one datagram, a value with line ends after its size in eight bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"
#include "providers/linux/procfs.h"
#include "subscriptions/consumer.h"
#include "subscriptions/template.h"

enum {
    ENTRY_MOST = 128 * 1024, /* below what a datagram may be by default */
    STRINGS_MOST = 256
};

struct entry {
    uint8_t *bytes;
    size_t size, capacity;
    HRESULT hr;
};

static HRESULT raise_journal(HRESULT hr, const char *parameter, const char *what)
{
    return error_raise(hr, "NTEventLogEventConsumer", parameter, "%s", what);
}

/* ---- fields -------------------------------------------------------------------------- */

static void put(struct entry *e, const void *bytes, size_t size)
{
    if (FAILED(e->hr)) {
        return;
    }
    if (size > ENTRY_MOST - e->size) {
        e->hr = WBEM_E_QUOTA_VIOLATION;
        return;
    }
    if (size > e->capacity - e->size) {
        size_t capacity = 2 * (e->size + size);
        uint8_t *grown = realloc(e->bytes, capacity);
        if (!grown) {
            e->hr = WBEM_E_OUT_OF_MEMORY;
            return;
        }
        e->bytes = grown;
        e->capacity = capacity;
    }
    if (size > 0) {
        memcpy(e->bytes + e->size, bytes, size);
        e->size += size;
    }
}

static void put_field(struct entry *e, const char *name, const void *value, size_t size)
{
    put(e, name, strlen(name));
    if (memchr(value, '\n', size) || memchr(value, '\0', size)) {
        uint8_t length[8];
        for (unsigned i = 0; i < sizeof(length); i++) {
            length[i] = (uint8_t)((uint64_t)size >> (8 * i));
        }
        put(e, "\n", 1);
        put(e, length, sizeof(length));
    } else {
        put(e, "=", 1);
    }
    put(e, value, size);
    put(e, "\n", 1);
}

static void put_text(struct entry *e, const char *name, const wchar_t *text)
{
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    if (!utf8) {
        e->hr = WBEM_E_OUT_OF_MEMORY;
        return;
    }
    put_field(e, name, utf8, strlen(utf8));
}

static void put_number(struct entry *e, const char *name, uint64_t v)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
    put_field(e, name, text, (size_t)length);
}

/* ---- what the consumer says ------------------------------------------------------------------ */

/* syslog(3)'s priorities; audits go to those that mean "notice" and "warning". */
static HRESULT put_priority(struct entry *e, IWbemClassObject *consumer)
{
    static const struct {
        uint64_t type;
        uint64_t priority;
    } priorities[] = {{0, 6}, {1, 3}, {2, 4}, {4, 6}, {8, 5}, {16, 4}};
    uint64_t type = consumer_number(consumer, L"EventType", 1);
    for (size_t i = 0; i < ARRAYSIZE(priorities); i++) {
        if (priorities[i].type == type) {
            put_number(e, "PRIORITY", priorities[i].priority);
            put_number(e, "EVENT_TYPE", type);
            return WBEM_S_NO_ERROR;
        }
    }
    return raise_journal(WBEM_E_INVALID_PARAMETER, "EventType", "there is no such type of events");
}

/* Each of the texts a field; the message is all of them. */
static HRESULT put_strings(struct entry *e, IWbemClassObject *consumer, IWbemClassObject *event)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    CLEANUP(com_cleanup_free) char *message = NULL;
    uint64_t count = consumer_number(consumer, L"NumberOfInsertionStrings", 0);
    HRESULT hr = IWbemClassObject_Get(consumer, L"InsertionStringTemplates", 0, &v, NULL, NULL);
    LONG last = -1;
    if (SUCCEEDED(hr) && V_VT(&v) == (VT_ARRAY | VT_BSTR)) {
        (void)SafeArrayGetUBound(V_ARRAY(&v), 1, &last);
    }
    if (count > STRINGS_MOST || (int64_t)count > (int64_t)last + 1) {
        return raise_journal(WBEM_E_INVALID_PARAMETER, "NumberOfInsertionStrings",
                             "there are not so many InsertionStringTemplates");
    }
    for (LONG i = 0; i < (LONG)count && SUCCEEDED(e->hr); i++) {
        CLEANUP(com_cleanup_bstr) BSTR template = NULL;
        CLEANUP(com_cleanup_free) wchar_t *text = NULL;
        hr = SafeArrayGetElement(V_ARRAY(&v), &i, &template);
        if (SUCCEEDED(hr)) {
            hr = template_expand(template ? template : L"", event, &text);
        }
        if (FAILED(hr)) {
            return raise_journal(hr, "InsertionStringTemplates", "a text can't be made");
        }
        put_text(e, "INSERTION_STRING", text);
        CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
        char *grown = NULL;
        if (!utf8 ||
            asprintf(&grown, "%s%s%s", message ? message : "", message ? "\n" : "", utf8) < 0) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        free(message);
        message = grown;
    }
    if (!message && asprintf(&message, "event %llu",
                             (unsigned long long)consumer_number(consumer, L"EventID", 0)) < 0) {
        message = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    put_field(e, "MESSAGE", message, strlen(message));
    return WBEM_S_NO_ERROR;
}

static HRESULT put_source(struct entry *e, IWbemClassObject *consumer)
{
    CLEANUP(com_cleanup_free) wchar_t *source = NULL;
    CLEANUP(com_cleanup_free) wchar_t *computer = NULL;
    HRESULT hr = consumer_text(consumer, L"SourceName", &source);
    if (SUCCEEDED(hr)) {
        hr = consumer_text(consumer, L"UNCServerName", &computer);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (computer && *computer && wcscmp(computer, L".") != 0) {
        return raise_journal(WBEM_E_NOT_SUPPORTED, "UNCServerName",
                             "the journal of another computer can't be written");
    }
    if (!source || !*source) {
        return raise_journal(WBEM_E_INVALID_PARAMETER, "SourceName", "there is no SourceName");
    }
    put_text(e, "SYSLOG_IDENTIFIER", source);
    return WBEM_S_NO_ERROR;
}

/* A property of the event, named by one of the consumer: bytes. */
static void put_bytes(struct entry *e, const char *field, IWbemClassObject *consumer,
                      const wchar_t *naming, IWbemClassObject *event)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    (void)consumer_text(consumer, naming, &name);
    LONG last = -1;
    void *bytes = NULL;
    if (name && SUCCEEDED(IWbemClassObject_Get(event, name, 0, &v, NULL, NULL)) &&
        V_VT(&v) == (VT_ARRAY | VT_UI1) && SUCCEEDED(SafeArrayGetUBound(V_ARRAY(&v), 1, &last)) &&
        last >= 0 && SUCCEEDED(SafeArrayAccessData(V_ARRAY(&v), &bytes))) {
        put_field(e, field, bytes, (size_t)last + 1);
        (void)SafeArrayUnaccessData(V_ARRAY(&v));
    } else if (V_VT(&v) == VT_BSTR) {
        put_text(e, field, V_BSTR(&v));
    }
}

/* ---- sending ------------------------------------------------------------------------------------
 */

static HRESULT send_entry(const struct entry *e)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int length =
        snprintf(to.sun_path, sizeof(to.sun_path), "%s/run/systemd/journal/socket", linux_root());
    if (length < 0 || (size_t)length >= sizeof(to.sun_path)) {
        return raise_journal(WBEM_E_FAILED, "journal", "the path of the journal is too long");
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec = 5}; /* a journal that is busy */
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    }
    ssize_t sent = fd < 0 ? -1
                          : sendto(fd, e->bytes, e->size, MSG_NOSIGNAL,
                                   (const struct sockaddr *)&to, sizeof(to));
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    return sent >= 0
               ? WBEM_S_NO_ERROR
               : error_raise(com_hresult_from_errno(error), "NTEventLogEventConsumer", to.sun_path,
                             "the journal does not take the entry: %s", strerror(error));
}

HRESULT consumer_journal(IWbemClassObject *consumer, IWbemClassObject *event)
{
    struct entry e = {.hr = WBEM_S_NO_ERROR};
    HRESULT hr = put_source(&e, consumer);
    if (SUCCEEDED(hr)) {
        hr = put_priority(&e, consumer);
    }
    if (SUCCEEDED(hr)) {
        hr = put_strings(&e, consumer, event);
    }
    if (SUCCEEDED(hr)) {
        put_number(&e, "EVENT_ID", consumer_number(consumer, L"EventID", 0));
        put_number(&e, "EVENT_CATEGORY", consumer_number(consumer, L"Category", 0));
        put_bytes(&e, "EVENT_DATA", consumer, L"NameOfRawDataProperty", event);
        put_bytes(&e, "EVENT_USER_SID", consumer, L"NameOfUserSidProperty", event);
        hr = FAILED(e.hr) ? raise_journal(e.hr, "InsertionStringTemplates",
                                          "the entry is too large, or memory ran out")
                          : send_entry(&e);
    }
    free(e.bytes);
    return hr;
}
