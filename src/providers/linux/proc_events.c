/*
 * The process events connector: asking for it and decoding what it sends. Each
 * netlink message holds one connector message, which holds one proc_event.
 */
#include "providers/linux/proc_events.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    RECEIVE_BYTES = 4 << 20,
    ANSWER_MS = 1000
};

/* False: not of a kind that matters here. The union is as long as its longest member only in
 * newer kernels, so nothing is read beyond what came. */
static bool decode(const struct proc_event *e, struct proc_report *r)
{
    *r = (struct proc_report){.when = (int64_t)e->timestamp_ns};
    switch ((unsigned)e->what) {
    case PROC_EVENT_NONE:
        r->kind = PROC_ACK;
        r->code = e->event_data.ack.err;
        return true;
    case PROC_EVENT_FORK:
        r->kind = PROC_FORKED;
        r->id = (uint32_t)e->event_data.fork.child_pid;
        r->process = (uint32_t)e->event_data.fork.child_tgid;
        r->parent = (uint32_t)e->event_data.fork.parent_tgid;
        return true;
    case PROC_EVENT_EXEC:
        r->kind = PROC_EXECED;
        r->id = (uint32_t)e->event_data.exec.process_pid;
        r->process = (uint32_t)e->event_data.exec.process_tgid;
        return true;
    case PROC_EVENT_UID:
        r->kind = PROC_NEW_USER;
        r->id = (uint32_t)e->event_data.id.process_pid;
        r->process = (uint32_t)e->event_data.id.process_tgid;
        r->user = e->event_data.id.r.ruid;
        return true;
    case PROC_EVENT_SID:
        r->kind = PROC_NEW_SESSION;
        r->id = (uint32_t)e->event_data.sid.process_pid;
        r->process = (uint32_t)e->event_data.sid.process_tgid;
        return true;
    case PROC_EVENT_EXIT:
        r->kind = PROC_ENDED;
        r->id = (uint32_t)e->event_data.exit.process_pid;
        r->process = (uint32_t)e->event_data.exit.process_tgid;
        r->code = e->event_data.exit.exit_code;
        return true;
    default:
        return false;
    }
}

/* One netlink message's content. */
static bool parse_connector(const uint8_t *bytes, size_t size, struct proc_report *r)
{
    struct cn_msg head;
    struct proc_event e = {0};
    if (size < sizeof(head)) {
        return false;
    }
    memcpy(&head, bytes, sizeof(head));
    size_t length = head.len;
    if (head.id.idx != CN_IDX_PROC || head.id.val != CN_VAL_PROC || length > size - sizeof(head) ||
        length < offsetof(struct proc_event, event_data)) {
        return false;
    }
    memcpy(&e, bytes + sizeof(head), length < sizeof(e) ? length : sizeof(e));
    return decode(&e, r);
}

size_t proc_events_parse(const void *bytes, size_t size, struct proc_report *ret, size_t most,
                         size_t *ret_used)
{
    const uint8_t *b = bytes;
    size_t at = 0;
    size_t count = 0;
    struct nlmsghdr head;
    while (count < most && size - at >= sizeof(head)) {
        memcpy(&head, b + at, sizeof(head));
        if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > size - at) {
            at = size;
            break;
        }
        if (head.nlmsg_type == NLMSG_DONE &&
            parse_connector(b + at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN, &ret[count])) {
            count++;
        }
        size_t step = NLMSG_ALIGN((size_t)head.nlmsg_len);
        at = step < size - at ? at + step : size;
    }
    *ret_used = count < most ? size : at;
    return count;
}

static int ask(int fd)
{
    struct {
        struct nlmsghdr head;
        uint8_t content[sizeof(struct cn_msg) + sizeof(uint32_t)];
    } request = {
        .head = {.nlmsg_len = NLMSG_LENGTH(sizeof(request.content)), .nlmsg_type = NLMSG_DONE}};
    uint32_t operation = PROC_CN_MCAST_LISTEN;
    struct cn_msg m = {.id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .len = sizeof(operation)};
    memcpy(request.content, &m, sizeof(m));
    memcpy(request.content + sizeof(m), &operation, sizeof(operation));
    return send(fd, &request, request.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The kernel says nothing at all to who is not in the initial namespaces; otherwise the first
 * message is its answer, or a report, which says as much. */
static int await_answer(int fd)
{
    uint8_t buffer[4096];
    struct proc_report r;
    int64_t end = now_ms() + ANSWER_MS;
    for (int64_t left; (left = end - now_ms()) > 0;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)left) <= 0) {
            continue;
        }
        ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        size_t used;
        if (size > 0 && proc_events_parse(buffer, (size_t)size, &r, 1, &used) == 1) {
            return r.kind == PROC_ACK ? -(int)r.code : 0;
        }
    }
    return -ENOTSUP;
}

int proc_events_open(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
    if (fd < 0) {
        return errno == EPROTONOSUPPORT ? -ENOTSUP : -errno;
    }
    int bytes = RECEIVE_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    }
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    int error = bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ? -errno : 0;
    if (error == 0) {
        error = ask(fd);
    }
    if (error == 0) {
        error = await_answer(fd);
    }
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}
