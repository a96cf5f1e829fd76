/*
 * Win32_IP4RouteTable: the IPv4 routes of the main table, as ip route lists
 * them. The meaning of the protocol's and type's numbers is that of RFC 1354,
 * which the Windows class follows.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "providers/linux/linux.h"
#include "providers/linux/network.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(Caption), X(Description), X(Destination), X(InterfaceIndex), X(Mask), X(Metric1),            \
        X(Metric2), X(Metric3), X(Metric4), X(Metric5), X(Name), X(NextHop), X(Protocol), X(Type)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct route_cursor {
    struct net_list routes;
    size_t next;
};

static void route_close(void *cursor)
{
    struct route_cursor *c = cursor;
    if (c) {
        net_list_done(&c->routes);
        free(c);
    }
}

static HRESULT route_open(const struct provider_request *q, void **ret)
{
    (void)q;
    if (!linux_is_live()) {
        return WBEM_S_FALSE; /* the kernel's table is not in a snapshot's files */
    }
    struct route_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = network_result(net_routes(AF_INET, &c->routes), "routes");
    if (FAILED(hr)) {
        route_close(c);
        return hr;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static unsigned protocol_number(unsigned char protocol)
{
    enum {
        OTHER = 1,
        LOCAL = 2,
        NETMGMT = 3,
        ICMP = 4,
        RIP = 8,
        IS_IS = 9,
        OSPF = 13,
        BGP = 14
    };
    switch (protocol) {
    case RTPROT_KERNEL:
        return LOCAL;
    case RTPROT_BOOT: /* what ip route add writes */
    case RTPROT_STATIC:
        return NETMGMT;
    case RTPROT_REDIRECT:
    case RTPROT_RA:
        return ICMP;
    case RTPROT_RIP:
        return RIP;
    case RTPROT_ISIS:
        return IS_IS;
    case RTPROT_OSPF:
        return OSPF;
    case RTPROT_BGP:
        return BGP;
    default:
        return OTHER;
    }
}

static unsigned type_number(const struct net_route *r)
{
    enum {
        OTHER = 1,
        DIRECT = 3,
        INDIRECT = 4
    };
    return r->type != RTN_UNICAST ? OTHER : r->gateway_family != AF_UNSPEC ? INDIRECT : DIRECT;
}

static HRESULT route_next(void *cursor, struct provider_row *row)
{
    struct route_cursor *c = cursor;
    if (c->next == c->routes.count) {
        return WBEM_S_FALSE;
    }
    const struct net_route *r = (const struct net_route *)c->routes.items + c->next++;
    char destination[NET_IP_TEXT], mask[NET_IP_TEXT], hop[NET_IP_TEXT] = "0.0.0.0";
    network_ip_text(AF_INET, r->destination, destination);
    network_mask_text(r->prefix, mask);
    if (r->gateway_family != AF_UNSPEC) {
        network_ip_text(r->gateway_family, r->gateway, hop);
    }
    provider_set_string(row, COLUMN_Destination, destination);
    provider_set_string(row, COLUMN_Name, destination);
    provider_set_string(row, COLUMN_Mask, mask);
    provider_set_string(row, COLUMN_NextHop, hop);
    provider_set_format(row, COLUMN_Caption, "%s - %s - %s", destination, mask, hop);
    provider_set_format(row, COLUMN_Description, "%s - %s - %s", destination, mask, hop);
    provider_set_sint(row, COLUMN_InterfaceIndex, r->link);
    if (r->metric <= INT32_MAX) {
        provider_set_sint(row, COLUMN_Metric1, r->metric);
    }
    for (unsigned i = COLUMN_Metric2; i <= COLUMN_Metric5; i++) {
        provider_set_sint(row, i, -1);
    }
    provider_set_uint(row, COLUMN_Protocol, protocol_number(r->protocol));
    provider_set_uint(row, COLUMN_Type, type_number(r));
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_ip4_route_table = {
    .name = "Win32_IP4RouteTable",
    .columns = columns,
    .open = route_open,
    .next = route_next,
    .close = route_close,
};
