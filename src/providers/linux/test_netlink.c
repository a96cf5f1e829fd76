/*
 * rtnetlink's messages, made up byte by byte; and the machine's own answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/netlink.h"

static _Alignas(8) uint8_t bytes[4096];
static size_t size, message_at;

static void put(const void *data, size_t count)
{
    memcpy(bytes + size, data, count);
    memset(bytes + size + count, 0, NLMSG_ALIGN(count) - count);
    size += NLMSG_ALIGN(count);
}

static void begin(uint16_t type, const void *head, size_t count)
{
    message_at = size;
    struct nlmsghdr h = {.nlmsg_type = type};
    put(&h, sizeof h);
    put(head, count);
}

static void attribute(unsigned type, const void *data, size_t count)
{
    struct rtattr a = {.rta_len = (unsigned short)(sizeof a + count),
                       .rta_type = (unsigned short)type};
    put(&a, sizeof a);
    put(data, count);
}

static void end(void)
{
    struct nlmsghdr h;
    memcpy(&h, bytes + message_at, sizeof h);
    h.nlmsg_len = (uint32_t)(size - message_at);
    memcpy(bytes + message_at, &h, sizeof h);
}

static int reset(void **state)
{
    (void)state;
    size = 0;
    return 0;
}

static void reads_links(void **state)
{
    (void)state;
    struct ifinfomsg head = {.ifi_index = 7, .ifi_type = 1, .ifi_flags = IFF_UP};
    uint32_t mtu = 1400;
    struct {
        struct rtattr a;
        char kind[8];
    } info = {{sizeof info, IFLA_INFO_KIND}, "bridge"};
    begin(RTM_NEWLINK, &head, sizeof head);
    attribute(IFLA_IFNAME, "br0", 4);
    attribute(IFLA_MTU, &mtu, sizeof mtu);
    attribute(IFLA_OPERSTATE, "\6", 1);
    attribute(IFLA_ADDRESS, "\1\2\3\4\5\6", 6);
    attribute(IFLA_LINKINFO | NLA_F_NESTED, &info, sizeof info);
    end();
    begin(NLMSG_DONE, &mtu, sizeof mtu);
    end();

    struct net_list l = {0};
    assert_int_equal(net_parse(bytes, size, &l), 1);
    assert_int_equal(l.count, 1);
    const struct net_link *link = l.items;
    assert_int_equal(link->index, 7);
    assert_string_equal(link->name, "br0");
    assert_string_equal(link->kind, "bridge");
    assert_int_equal(link->mtu, 1400);
    assert_int_equal(link->operational, 6);
    assert_int_equal(link->address.size, 6);
    assert_int_equal(link->permanent.size, 0);
    net_list_done(&l);
}

static void reads_addresses(void **state)
{
    (void)state;
    struct ifaddrmsg head = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 3};
    struct ifa_cacheinfo times = {.ifa_valid = 3600};
    begin(RTM_NEWADDR, &head, sizeof head);
    attribute(IFA_LOCAL, "\300\250\1\2", 4);
    attribute(IFA_ADDRESS, "\300\250\1\1", 4); /* the other end */
    attribute(IFA_CACHEINFO, &times, sizeof times);
    end();
    head.ifa_family = AF_INET6;
    times.ifa_valid = UINT32_MAX;
    begin(RTM_NEWADDR, &head, sizeof head);
    attribute(IFA_ADDRESS, "0123456789abcdef", 16);
    attribute(IFA_CACHEINFO, &times, sizeof times);
    end();
    begin(RTM_NEWADDR, &head, sizeof head); /* without an address */
    attribute(IFA_ADDRESS, "0123", 4);
    end();

    struct net_list l = {0};
    assert_int_equal(net_parse(bytes, size, &l), 0);
    assert_int_equal(l.count, 2);
    const struct net_address *a = l.items;
    assert_memory_equal(a[0].bytes, "\300\250\1\2", 4);
    assert_true(a[0].leased);
    assert_int_equal(a[0].valid, 3600);
    assert_int_equal(a[1].family, AF_INET6);
    assert_false(a[1].leased);
    net_list_done(&l);
}

static void reads_routes(void **state)
{
    (void)state;
    struct rtmsg head = {.rtm_family = AF_INET,
                         .rtm_dst_len = 8,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_STATIC,
                         .rtm_type = RTN_UNICAST};
    uint32_t link = 4, metric = 100, other_table = 1000;
    begin(RTM_NEWROUTE, &head, sizeof head);
    attribute(RTA_DST, "\12\0\0\0", 4);
    attribute(RTA_GATEWAY, "\300\250\1\1", 4);
    attribute(RTA_OIF, &link, sizeof link);
    attribute(RTA_PRIORITY, &metric, sizeof metric);
    end();
    begin(RTM_NEWROUTE, &head, sizeof head);
    attribute(RTA_TABLE, &other_table, sizeof other_table);
    end();
    struct {
        struct rtnexthop first;
        struct rtattr gateway;
        uint8_t address[4];
        struct rtnexthop second;
        struct rtattr via;
        uint8_t family[2], address6[16], padding[2];
    } hops = {
        .first = {.rtnh_len = 16, .rtnh_ifindex = 5},
        .gateway = {8, RTA_GATEWAY},
        .address = {1, 2, 3, 4},
        .second = {.rtnh_len = 30, .rtnh_ifindex = 6},
        .via = {22, RTA_VIA},
        .family = {AF_INET6, 0},
        .address6 = {0xfe, 0x80},
    };
    begin(RTM_NEWROUTE, &head, sizeof head);
    attribute(RTA_MULTIPATH, &hops, sizeof hops);
    end();

    struct net_list l = {0};
    assert_int_equal(net_parse(bytes, size, &l), 0);
    assert_int_equal(l.count, 3);
    const struct net_route *r = l.items;
    assert_int_equal(r[0].link, 4);
    assert_int_equal(r[0].metric, 100);
    assert_int_equal(r[0].gateway_family, AF_INET);
    assert_memory_equal(r[0].destination, "\12\0\0\0", 4);
    assert_int_equal(r[1].link, 5);
    assert_memory_equal(r[1].gateway, "\1\2\3\4", 4);
    assert_int_equal(r[2].link, 6);
    assert_int_equal(r[2].gateway_family, AF_INET6);
    net_list_done(&l);
}

static void passes_errors(void **state)
{
    (void)state;
    struct nlmsgerr e = {.error = -EPERM};
    struct net_list l = {0};
    begin(NLMSG_ERROR, &e, sizeof e);
    end();
    assert_int_equal(net_parse(bytes, size, &l), -EPERM);
    assert_int_equal(net_parse(bytes, sizeof(struct nlmsghdr) + 1, &l), -EBADMSG);
    struct nlmsghdr h = {.nlmsg_len = 3};
    assert_int_equal(net_parse(&h, sizeof h, &l), -EBADMSG);
    assert_int_equal(net_parse("", 0, &l), 0);
    net_list_done(&l);
}

/* Every length of every message, and lengths that lie: no reading beyond the bytes. */
static void survives_broken_messages(void **state)
{
    static void (*const make[])(void **) = {reads_links, reads_addresses, reads_routes};
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        reset(NULL);
        make[i](state);
        size_t whole = size;
        for (size_t cut = 0; cut <= whole; cut++) {
            uint8_t *copy = malloc(cut + 1);
            memcpy(copy, bytes, cut);
            struct net_list l = {0};
            (void)net_parse(copy, cut, &l);
            net_list_done(&l);
            free(copy);
        }
        for (size_t at = 0; at < whole; at++) {
            uint8_t *copy = malloc(whole);
            memcpy(copy, bytes, whole);
            copy[at] ^= 0xff;
            struct net_list l = {0};
            (void)net_parse(copy, whole, &l);
            net_list_done(&l);
            free(copy);
        }
    }
}

static void asks_the_kernel(void **state)
{
    (void)state;
    struct net_list links = {0}, addresses = {0}, routes = {0};
    assert_int_equal(net_links(&links), 0);
    assert_int_equal(net_addresses(&addresses), 0);
    assert_int_equal(net_routes(AF_INET, &routes), 0);
    bool has_loopback = false;
    for (size_t i = 0; i < links.count; i++) {
        const struct net_link *l = (const struct net_link *)links.items + i;
        assert_int_equal(if_nametoindex(l->name), l->index);
        has_loopback = has_loopback || l->flags & IFF_LOOPBACK;
    }
    assert_true(has_loopback);
    net_list_done(&links);
    net_list_done(&addresses);
    net_list_done(&routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_links, reset),
        cmocka_unit_test_setup(reads_addresses, reset),
        cmocka_unit_test_setup(reads_routes, reset),
        cmocka_unit_test_setup(passes_errors, reset),
        cmocka_unit_test_setup(survives_broken_messages, reset),
        cmocka_unit_test_setup(asks_the_kernel, reset),
    };
    return cmocka_run_group_tests_name("netlink", tests, NULL, NULL);
}
