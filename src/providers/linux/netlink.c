/*
 * Interfaces, addresses and routes over rtnetlink(7); see netlink.h.
 */
#include "providers/linux/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IFLA_PERM_ADDRESS
#define IFLA_PERM_ADDRESS 54 /* since Linux 5.6 */
#endif

enum {
    /* What the kernel itself uses for a dump's messages at most. */
    RECEIVE_SIZE = 32768,
    /* NLA_TYPE_MASK without its sign. */
    TYPE_MASK = 0x3fff
};

/* ---- lists ------------------------------------------------------------------ */

static int append(struct net_list *l, const void *item, size_t size)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 8;
        void *larger = reallocarray(l->items, capacity, size);
        if (!larger) {
            return -ENOMEM;
        }
        l->items = larger;
        l->capacity = capacity;
        l->size = size;
    }
    memcpy((char *)l->items + l->count++ * size, item, size);
    return 0;
}

void net_list_done(struct net_list *l)
{
    free(l->items);
    *l = (struct net_list){0};
}

/* ---- attributes --------------------------------------------------------------- */

/* A cursor over attributes; each is checked against what is left. */
struct attributes {
    const uint8_t *at;
    size_t left;
};

struct attribute {
    unsigned type;
    const uint8_t *bytes;
    size_t size;
};

static bool next_attribute(struct attributes *from, struct attribute *ret)
{
    struct rtattr head;
    if (from->left < sizeof head) {
        return false;
    }
    memcpy(&head, from->at, sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > from->left) {
        return false;
    }
    ret->type = (unsigned)head.rta_type & TYPE_MASK;
    ret->bytes = from->at + sizeof head;
    ret->size = head.rta_len - sizeof head;

    size_t step = NLMSG_ALIGN((size_t)head.rta_len);
    step = step < from->left ? step : from->left;
    from->at += step;
    from->left -= step;
    return true;
}

static bool get_u32(const struct attribute *a, uint32_t *ret)
{
    if (a->size < sizeof *ret) {
        return false;
    }
    memcpy(ret, a->bytes, sizeof *ret);
    return true;
}

static void get_text(const struct attribute *a, char *out, size_t size)
{
    size_t length = strnlen((const char *)a->bytes, a->size);
    length = length < size ? length : size - 1;
    memcpy(out, a->bytes, length);
    out[length] = '\0';
}

static void get_hardware(const struct attribute *a, struct net_hardware_address *ret)
{
    if (a->size <= sizeof ret->bytes) {
        memcpy(ret->bytes, a->bytes, a->size);
        ret->size = (unsigned)a->size;
    }
}

static size_t address_size(int family)
{
    return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

static bool get_address(const struct attribute *a, int family, uint8_t out[16])
{
    size_t size = address_size(family);
    if (size == 0 || a->size != size) {
        return false;
    }
    memcpy(out, a->bytes, size);
    return true;
}

/* ---- messages ------------------------------------------------------------------- */

static void parse_link_info(const struct attribute *info, struct net_link *l)
{
    struct attributes inner = {info->bytes, info->size};
    for (struct attribute a; next_attribute(&inner, &a);) {
        if (a.type == IFLA_INFO_KIND) {
            get_text(&a, l->kind, sizeof l->kind);
        }
    }
}

static int parse_link(const uint8_t *body, size_t size, struct net_list *ret)
{
    struct ifinfomsg head;
    if (size < sizeof head) {
        return 0;
    }
    memcpy(&head, body, sizeof head);
    if (head.ifi_family != AF_UNSPEC) {
        return 0; /* a bridge's view of its ports */
    }

    struct net_link l = {.index = head.ifi_index, .flags = head.ifi_flags, .type = head.ifi_type};
    struct attributes from = {body + NLMSG_ALIGN(sizeof head), size - NLMSG_ALIGN(sizeof head)};
    for (struct attribute a; next_attribute(&from, &a);) {
        switch (a.type) {
        case IFLA_IFNAME:
            get_text(&a, l.name, sizeof l.name);
            break;
        case IFLA_MTU:
            get_u32(&a, &l.mtu);
            break;
        case IFLA_OPERSTATE:
            l.operational = a.size >= 1 ? a.bytes[0] : 0;
            break;
        case IFLA_ADDRESS:
            get_hardware(&a, &l.address);
            break;
        case IFLA_PERM_ADDRESS:
            get_hardware(&a, &l.permanent);
            break;
        case IFLA_LINKINFO:
            parse_link_info(&a, &l);
            break;
        default:
            break;
        }
    }
    return append(ret, &l, sizeof l);
}

static int parse_address(const uint8_t *body, size_t size, struct net_list *ret)
{
    struct ifaddrmsg head;
    if (size < sizeof head) {
        return 0;
    }
    memcpy(&head, body, sizeof head);

    struct net_address n = {
        .link = (int)head.ifa_index, .family = head.ifa_family, .prefix = head.ifa_prefixlen};
    bool has_address = false, has_local = false;
    struct attributes from = {body + NLMSG_ALIGN(sizeof head), size - NLMSG_ALIGN(sizeof head)};
    for (struct attribute a; next_attribute(&from, &a);) {
        struct ifa_cacheinfo times;
        switch (a.type) {
        case IFA_LOCAL: /* on a point-to-point link IFA_ADDRESS is the other end's */
            has_local = get_address(&a, n.family, n.bytes) || has_local;
            break;
        case IFA_ADDRESS:
            if (!has_local) {
                has_address = get_address(&a, n.family, n.bytes) || has_address;
            }
            break;
        case IFA_CACHEINFO:
            if (a.size >= sizeof times) {
                memcpy(&times, a.bytes, sizeof times);
                n.valid = times.ifa_valid;
                n.leased = times.ifa_valid != UINT32_MAX;
            }
            break;
        default:
            break;
        }
    }
    return has_address || has_local ? append(ret, &n, sizeof n) : 0;
}

/* RTA_VIA: a family and an address, for a gateway of another family. */
static void get_via(const struct attribute *a, struct net_route *r)
{
    uint16_t family;
    if (a->size >= sizeof family) {
        memcpy(&family, a->bytes, sizeof family);
        struct attribute address = {0, a->bytes + sizeof family, a->size - sizeof family};
        if (get_address(&address, family, r->gateway)) {
            r->gateway_family = family;
        }
    }
}

static void get_hop(const struct attribute *a, struct net_route *r)
{
    if (a->type == RTA_GATEWAY && get_address(a, r->family, r->gateway)) {
        r->gateway_family = r->family;
    } else if (a->type == RTA_VIA) {
        get_via(a, r);
    }
}

/* RTA_MULTIPATH: hops one after another, each with attributes of its own. */
static int parse_hops(const struct attribute *hops, const struct net_route *common,
                      struct net_list *ret)
{
    const uint8_t *at = hops->bytes;
    size_t left = hops->size;
    struct rtnexthop head;
    while (left >= sizeof head) {
        memcpy(&head, at, sizeof head);
        if (head.rtnh_len < sizeof head || head.rtnh_len > left) {
            break;
        }
        struct net_route r = *common;
        r.link = head.rtnh_ifindex;
        struct attributes from = {at + sizeof head, head.rtnh_len - sizeof head};
        for (struct attribute a; next_attribute(&from, &a);) {
            get_hop(&a, &r);
        }
        int error = append(ret, &r, sizeof r);
        if (error) {
            return error;
        }
        size_t step = NLMSG_ALIGN((size_t)head.rtnh_len);
        step = step < left ? step : left;
        at += step;
        left -= step;
    }
    return 0;
}

static int parse_route(const uint8_t *body, size_t size, struct net_list *ret)
{
    struct rtmsg head;
    if (size < sizeof head) {
        return 0;
    }
    memcpy(&head, body, sizeof head);

    struct net_route r = {.family = head.rtm_family,
                          .prefix = head.rtm_dst_len,
                          .protocol = head.rtm_protocol,
                          .type = head.rtm_type};
    uint32_t table = head.rtm_table, link = 0;
    struct attribute hops = {0};
    struct attributes from = {body + NLMSG_ALIGN(sizeof head), size - NLMSG_ALIGN(sizeof head)};
    for (struct attribute a; next_attribute(&from, &a);) {
        switch (a.type) {
        case RTA_TABLE:
            get_u32(&a, &table);
            break;
        case RTA_DST:
            get_address(&a, r.family, r.destination);
            break;
        case RTA_OIF:
            get_u32(&a, &link);
            break;
        case RTA_PRIORITY:
            get_u32(&a, &r.metric);
            break;
        case RTA_MULTIPATH:
            hops = a;
            break;
        default:
            get_hop(&a, &r);
        }
    }
    r.link = (int)link;
    if (table != RT_TABLE_MAIN || head.rtm_flags & RTM_F_CLONED) {
        return 0;
    }
    return hops.size > 0 ? parse_hops(&hops, &r, ret) : append(ret, &r, sizeof r);
}

static int parse_message(const struct nlmsghdr *head, const uint8_t *body, size_t size,
                         struct net_list *ret)
{
    switch (head->nlmsg_type) {
    case RTM_NEWLINK:
        return parse_link(body, size, ret);
    case RTM_NEWADDR:
        return parse_address(body, size, ret);
    case RTM_NEWROUTE:
        return parse_route(body, size, ret);
    case NLMSG_DONE:
        return 1;
    case NLMSG_ERROR: {
        struct nlmsgerr error;
        if (size < sizeof error.error) {
            return -EBADMSG;
        }
        memcpy(&error.error, body, sizeof error.error);
        return error.error < 0 ? error.error : 1;
    }
    default:
        return 0;
    }
}

int net_parse(const void *bytes, size_t size, struct net_list *ret)
{
    const uint8_t *at = bytes;
    struct nlmsghdr head;
    while (size >= sizeof head) {
        memcpy(&head, at, sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > size) {
            return -EBADMSG;
        }
        int result = parse_message(&head, at + sizeof head, head.nlmsg_len - sizeof head, ret);
        if (result != 0) {
            return result;
        }
        size_t step = NLMSG_ALIGN((size_t)head.nlmsg_len);
        step = step < size ? step : size;
        at += step;
        size -= step;
    }
    return 0;
}

/* ---- the conversation ------------------------------------------------------------- */

static int receive(int fd, struct net_list *ret)
{
    uint8_t *buffer = malloc(RECEIVE_SIZE);
    int result = buffer ? 0 : -ENOMEM;
    while (result == 0) {
        ssize_t n = recv(fd, buffer, RECEIVE_SIZE, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        result = n < 0 ? -errno : n == 0 ? -EPIPE : net_parse(buffer, (size_t)n, ret);
    }
    free(buffer);
    return result < 0 ? result : 0;
}

static int dump(unsigned short type, int family, struct net_list *ret)
{
    struct {
        struct nlmsghdr head;
        struct rtgenmsg body;
        uint8_t padding[3];
    } request = {
        .head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
                 .nlmsg_type = type,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                 .nlmsg_seq = 1},
        .body = {.rtgen_family = (unsigned char)family},
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) {
        return -errno;
    }
    ssize_t sent = send(fd, &request, sizeof request, 0);
    int result = sent < 0 ? -errno : receive(fd, ret);
    close(fd);
    return result;
}

int net_links(struct net_list *ret)
{
    return dump(RTM_GETLINK, AF_UNSPEC, ret);
}

int net_addresses(struct net_list *ret)
{
    return dump(RTM_GETADDR, AF_UNSPEC, ret);
}

int net_routes(int family, struct net_list *ret)
{
    return dump(RTM_GETROUTE, family, ret);
}
