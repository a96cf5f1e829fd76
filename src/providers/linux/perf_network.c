/*
 * Win32_PerfRawData_Tcpip_NetworkInterface from /proc/net/dev.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/linux.h"
#include "providers/linux/perf_linux.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    X(BytesReceivedPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                         \
        X(BytesSentPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                         \
        X(BytesTotalPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                        \
        X(CurrentBandwidth, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                    \
        X(OffloadedConnections, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                \
        X(OutputQueueLength, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                   \
        X(PacketsOutboundDiscarded, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                            \
        X(PacketsOutboundErrors, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                               \
        X(PacketsPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                           \
        X(PacketsReceivedDiscarded, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                            \
        X(PacketsReceivedErrors, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                               \
        X(PacketsReceivedNonUnicastPerSec, PERF_COUNTER_BULK_COUNT, NONE),                         \
        X(PacketsReceivedPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                   \
        X(PacketsReceivedUnicastPerSec, PERF_COUNTER_BULK_COUNT, NONE),                            \
        X(PacketsReceivedUnknown, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                              \
        X(PacketsSentNonUnicastPerSec, PERF_COUNTER_BULK_COUNT, NONE),                             \
        X(PacketsSentPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                       \
        X(PacketsSentUnicastPerSec, PERF_COUNTER_BULK_COUNT, NONE)

PERF_COUNTER_TABLES(COUNTERS);

/* The numbers of a line, in the order of the file. */
enum {
    RX_BYTES,
    RX_PACKETS,
    RX_ERRORS,
    RX_DROPPED,
    TX_BYTES = 8,
    TX_PACKETS,
    TX_ERRORS,
    TX_DROPPED,
    NUMBER_COUNT
};

struct network_reader {
    struct perf_text text;
    const char *at;
    uint64_t wanted;
};

static HRESULT network_open(void **ret)
{
    *ret = calloc(1, sizeof(struct network_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void network_close(void *reader)
{
    struct network_reader *r = reader;
    perf_text_done(&r->text);
    free(r);
}

static HRESULT network_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)stamp;
    struct network_reader *r = reader;
    r->wanted = wanted;
    r->at = perf_text_read(&r->text, "/proc/net/dev") ? r->text.bytes : "";
    return WBEM_S_NO_ERROR;
}

/* "  eth0: 1 2 …"; the two lines of headings have no colon. */
static bool parse(const char *line, const char *end, char *name, size_t name_size, uint64_t *v)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));
    while (line < end && *line == ' ') {
        line++;
    }
    if (!colon || colon == line || (size_t)(colon - line) >= name_size) {
        return false;
    }
    memcpy(name, line, (size_t)(colon - line));
    name[colon - line] = '\0';
    const char *at = colon + 1;
    for (unsigned i = 0; i < NUMBER_COUNT; i++) {
        if (!linux_parse_u64(&at, &v[i]) || at > end) {
            return false;
        }
    }
    return true;
}

static void set_traffic(struct perf_item *item, const uint64_t *v)
{
    perf_set(item, COUNTER_BytesReceivedPerSec, v[RX_BYTES]);
    perf_set(item, COUNTER_BytesSentPerSec, v[TX_BYTES]);
    perf_set(item, COUNTER_BytesTotalPerSec, v[RX_BYTES] + v[TX_BYTES]);
    perf_set(item, COUNTER_PacketsReceivedPerSec, v[RX_PACKETS]);
    perf_set(item, COUNTER_PacketsSentPerSec, v[TX_PACKETS]);
    perf_set(item, COUNTER_PacketsPerSec, v[RX_PACKETS] + v[TX_PACKETS]);
    perf_set(item, COUNTER_PacketsReceivedDiscarded, v[RX_DROPPED]);
    perf_set(item, COUNTER_PacketsReceivedErrors, v[RX_ERRORS]);
    perf_set(item, COUNTER_PacketsOutboundDiscarded, v[TX_DROPPED]);
    perf_set(item, COUNTER_PacketsOutboundErrors, v[TX_ERRORS]);
}

/* In Mbit/s; the file can't be read, or says -1, where the link has no speed. */
static void set_speed(struct perf_item *item)
{
    char path[sizeof "/sys/class/net//speed" + PERF_NAME_SIZE];
    uint64_t v;
    snprintf(path, sizeof path, "/sys/class/net/%s/speed", item->name);
    if (linux_read_u64(path, &v) && v > 0 && v < UINT32_MAX) {
        perf_set(item, COUNTER_CurrentBandwidth, v * 1000000);
    }
}

static bool network_next(void *reader, struct perf_item *item)
{
    struct network_reader *r = reader;
    while (*r->at) {
        uint64_t v[NUMBER_COUNT];
        const char *line = r->at, *end = strchrnul(line, '\n');
        r->at = *end ? end + 1 : end;
        if (parse(line, end, item->name, sizeof item->name, v)) {
            set_traffic(item, v);
            if (perf_wants(r->wanted, COUNTER_CurrentBandwidth, COUNTER_CurrentBandwidth)) {
                set_speed(item);
            }
            return true;
        }
    }
    return false;
}

static struct perf_history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const struct perf_object object = {
    .columns = columns,
    .counters = counters,
    .counter_count = COUNTER_COUNT,
    .history = &history,
    .open = network_open,
    .close = network_close,
    .begin = network_begin,
    .next = network_next,
};

PERF_CLASSES(linux_perf_network, "Tcpip_NetworkInterface", object);
