/*
 * Win32_NetworkAdapterConfiguration: addresses and default routes over
 * rtnetlink, TCP's settings from /proc/sys, names and name servers from
 * resolv.conf and systemd-networkd. What only Windows has stays null.
 */
#include <net/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/network.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(Caption), X(DatabasePath), X(DefaultIPGateway), X(DefaultTTL), X(Description),               \
        X(DHCPEnabled), X(DHCPLeaseExpires), X(DHCPServer), X(DNSDomain),                          \
        X(DNSDomainSuffixSearchOrder), X(DNSHostName), X(DNSServerSearchOrder),                    \
        X(GatewayCostMetric), X(Index), X(InterfaceIndex), X(IPAddress), X(IPEnabled),             \
        X(IPSubnet), X(KeepAliveInterval), X(KeepAliveTime), X(MACAddress), X(MTU),                \
        X(PMTUBHDetectEnabled), X(PMTUDiscoveryEnabled), X(ServiceName),                           \
        X(TcpMaxConnectRetransmissions), X(TcpMaxDataRetransmissions),                             \
        X(TcpUseRFC1122UrgentPointer)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    WORD_LIMIT = 64, /* gateways, name servers, search domains */
    WORD_SIZE = 256,
    TEXT_SIZE = 16384
};

struct words {
    char texts[WORD_LIMIT][WORD_SIZE];
    const char *pointers[WORD_LIMIT];
    unsigned count;
};

struct configuration_cursor {
    const struct provider_request *request;
    struct net_list links, addresses, routes, routes6;
    size_t next;
    char host[LINUX_NAME_SIZE], domain[LINUX_NAME_SIZE];
    struct words servers, domains; /* of resolv.conf */
};

static void configuration_close(void *cursor)
{
    struct configuration_cursor *c = cursor;
    if (c) {
        net_list_done(&c->links);
        net_list_done(&c->addresses);
        net_list_done(&c->routes);
        net_list_done(&c->routes6);
        free(c);
    }
}

/* ---- resolv.conf(5) ------------------------------------------------------------ */

static void add_word(struct words *w, const char *text, size_t size)
{
    if (w->count < WORD_LIMIT && size > 0 && size < WORD_SIZE) {
        char *to = w->texts[w->count];
        memcpy(to, text, size);
        to[size] = '\0';
        w->pointers[w->count++] = to;
    }
}

static void add_words(struct words *w, const char *at, const char *end)
{
    while (at < end) {
        at += strspn(at, " \t");
        size_t size = strcspn(at, " \t\r\n");
        add_word(w, at, size);
        at += size;
        if (size == 0) {
            return;
        }
    }
}

static const char *after_keyword(const char *line, const char *keyword)
{
    size_t length = strlen(keyword);
    return strncmp(line, keyword, length) == 0 && (line[length] == ' ' || line[length] == '\t')
               ? line + length
               : NULL;
}

static void parse_resolver(const char *text, struct configuration_cursor *c)
{
    for (const char *line = text; *line;) {
        const char *end = strchrnul(line, '\n'), *rest;
        if ((rest = after_keyword(line, "nameserver"))) {
            add_words(&c->servers, rest, end);
        } else if ((rest = after_keyword(line, "search")) ||
                   (rest = after_keyword(line, "domain"))) {
            c->domains.count = 0; /* the last of these counts */
            add_words(&c->domains, rest, end);
        }
        line = *end ? end + 1 : end;
    }
}

static void read_resolver(struct configuration_cursor *c)
{
    char text[TEXT_SIZE];
    /* systemd-resolved puts itself into /etc/resolv.conf and the servers that it asks here. */
    if (linux_read("/run/systemd/resolve/resolv.conf", text, sizeof text) > 0 ||
        linux_read("/etc/resolv.conf", text, sizeof text) > 0) {
        parse_resolver(text, c);
    }
}

/* ---- opening --------------------------------------------------------------------- */

static HRESULT open_lists(struct configuration_cursor *c)
{
    HRESULT hr = network_links(&c->links);
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        return hr;
    }
    const struct provider_request *q = c->request;
    if (provider_request_wants(q, COLUMN_IPAddress) || provider_request_wants(q, COLUMN_IPSubnet) ||
        provider_request_wants(q, COLUMN_IPEnabled) ||
        provider_request_wants(q, COLUMN_DHCPEnabled) ||
        provider_request_wants(q, COLUMN_DHCPLeaseExpires) ||
        provider_request_wants(q, COLUMN_DNSServerSearchOrder)) {
        hr = network_result(net_addresses(&c->addresses), "addresses");
    }
    if (!FAILED(hr) && (provider_request_wants(q, COLUMN_DefaultIPGateway) ||
                        provider_request_wants(q, COLUMN_GatewayCostMetric))) {
        hr = network_result(net_routes(AF_INET, &c->routes), "routes");
        if (!FAILED(hr)) {
            /* Without IPv6 the kernel may refuse; then there are no such gateways. */
            (void)net_routes(AF_INET6, &c->routes6);
        }
    }
    return hr;
}

static HRESULT configuration_open(const struct provider_request *q, void **ret)
{
    struct configuration_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    HRESULT hr = open_lists(c);
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        configuration_close(c);
        return hr;
    }
    linux_host_name(c->host);
    linux_host_domain(c->domain);
    read_resolver(c);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* ---- one interface ------------------------------------------------------------------ */

static const struct net_address *address_at(const struct configuration_cursor *c, size_t i)
{
    return (const struct net_address *)c->addresses.items + i;
}

static void add_addresses(const struct configuration_cursor *c, const struct net_link *l,
                          int family, struct words *addresses, struct words *masks)
{
    for (size_t i = 0; i < c->addresses.count; i++) {
        const struct net_address *a = address_at(c, i);
        char text[NET_IP_TEXT];
        if (a->link != l->index || a->family != family) {
            continue;
        }
        network_ip_text(family, a->bytes, text);
        add_word(addresses, text, strlen(text));
        if (family == AF_INET) {
            network_mask_text(a->prefix, text);
        } else {
            snprintf(text, sizeof text, "%u", a->prefix); /* as Windows writes it */
        }
        add_word(masks, text, strlen(text));
    }
}

/* True when the interface has IP. */
static bool set_addresses(struct provider_row *r, const struct configuration_cursor *c,
                          const struct net_link *l)
{
    struct words addresses = {.count = 0}, masks = {.count = 0};
    add_addresses(c, l, AF_INET, &addresses, &masks);
    add_addresses(c, l, AF_INET6, &addresses, &masks);
    bool enabled = l->flags & IFF_UP && addresses.count > 0;
    provider_set_bool(r, COLUMN_IPEnabled, enabled);
    if (addresses.count > 0) {
        provider_set_strings(r, COLUMN_IPAddress, addresses.pointers, addresses.count);
        provider_set_strings(r, COLUMN_IPSubnet, masks.pointers, masks.count);
    }
    return enabled;
}

static void add_gateways(const struct net_list *routes, const struct net_link *l,
                         struct words *gateways, uint64_t metrics[WORD_LIMIT], bool *fits)
{
    for (size_t i = 0; i < routes->count; i++) {
        const struct net_route *route = (const struct net_route *)routes->items + i;
        char text[NET_IP_TEXT];
        if (route->link != l->index || route->prefix != 0 || route->type != RTN_UNICAST ||
            route->gateway_family == AF_UNSPEC || gateways->count == WORD_LIMIT) {
            continue;
        }
        metrics[gateways->count] = route->metric;
        *fits = *fits && route->metric <= UINT16_MAX;
        network_ip_text(route->gateway_family, route->gateway, text);
        add_word(gateways, text, strlen(text));
    }
}

static void set_gateways(struct provider_row *r, const struct configuration_cursor *c,
                         const struct net_link *l)
{
    struct words gateways = {.count = 0};
    uint64_t metrics[WORD_LIMIT];
    bool fits = true; /* the property has 16 bits, the kernel's metric 32 */
    add_gateways(&c->routes, l, &gateways, metrics, &fits);
    add_gateways(&c->routes6, l, &gateways, metrics, &fits);
    if (gateways.count > 0) {
        provider_set_strings(r, COLUMN_DefaultIPGateway, gateways.pointers, gateways.count);
        if (fits) {
            provider_set_uints(r, COLUMN_GatewayCostMetric, metrics, gateways.count);
        }
    }
}

/* An IPv4 address that ends was leased; one that does not may have been, too, as some clients do
 * not tell the kernel: then nothing is said. systemd-networkd keeps its leases in files. */
static void set_lease(struct provider_row *r, const struct configuration_cursor *c,
                      const struct net_link *l)
{
    char path[64], text[TEXT_SIZE], server[WORD_SIZE];
    snprintf(path, sizeof path, "/run/systemd/netif/leases/%d", l->index);
    if (linux_read(path, text, sizeof text) > 0) {
        provider_set_bool(r, COLUMN_DHCPEnabled, true);
        if (linux_copy_key(text, "SERVER_ADDRESS", '=', server, sizeof server)) {
            provider_set_string(r, COLUMN_DHCPServer, server);
        }
    }
    for (size_t i = 0; i < c->addresses.count; i++) {
        const struct net_address *a = address_at(c, i);
        if (a->link == l->index && a->family == AF_INET && a->leased) {
            provider_set_bool(r, COLUMN_DHCPEnabled, true);
            provider_set_datetime(r, COLUMN_DHCPLeaseExpires,
                                  ((int64_t)time(NULL) + a->valid) * 1000000);
            return;
        }
    }
}

static void set_names(struct provider_row *r, const struct configuration_cursor *c,
                      const struct net_link *l, bool enabled)
{
    provider_set_string(r, COLUMN_DNSHostName, linux_known(c->host));
    provider_set_string(r, COLUMN_DNSDomain, linux_known(c->domain));
    if (!enabled || l->type == ARPHRD_LOOPBACK) {
        return;
    }
    if (c->domains.count > 0) {
        provider_set_strings(r, COLUMN_DNSDomainSuffixSearchOrder, c->domains.pointers,
                             c->domains.count);
    }
    /* systemd-networkd knows the servers of each interface; else all use the machine's. */
    struct words own = {.count = 0};
    char path[64], text[TEXT_SIZE];
    size_t size;
    snprintf(path, sizeof path, "/run/systemd/netif/links/%d", l->index);
    linux_read(path, text, sizeof text);
    const char *servers = linux_find_key(text, "DNS", '=', &size);
    if (servers) {
        add_words(&own, servers, servers + size);
    }
    const struct words *use = own.count > 0 ? &own : &c->servers;
    if (use->count > 0) {
        provider_set_strings(r, COLUMN_DNSServerSearchOrder, use->pointers, use->count);
    }
}

static void set_sysctl(struct provider_row *r, unsigned column, const char *name, unsigned factor)
{
    char path[96];
    uint64_t v;
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
    if (provider_wants(r, column) && linux_read_u64(path, &v) && v <= UINT32_MAX / factor) {
        provider_set_uint(r, column, v * factor);
    }
}

static void set_switch(struct provider_row *r, unsigned column, const char *name, bool inverted)
{
    char path[96];
    uint64_t v;
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
    if (provider_wants(r, column) && linux_read_u64(path, &v)) {
        provider_set_bool(r, column, (v != 0) != inverted);
    }
}

/* ip-sysctl.rst of the kernel; its times are seconds. */
static void set_protocol(struct provider_row *r)
{
    enum {
        MILLISECONDS = 1000
    };
    set_sysctl(r, COLUMN_DefaultTTL, "ip_default_ttl", 1);
    set_sysctl(r, COLUMN_KeepAliveInterval, "tcp_keepalive_intvl", MILLISECONDS);
    set_sysctl(r, COLUMN_KeepAliveTime, "tcp_keepalive_time", MILLISECONDS);
    set_sysctl(r, COLUMN_TcpMaxConnectRetransmissions, "tcp_syn_retries", 1);
    set_sysctl(r, COLUMN_TcpMaxDataRetransmissions, "tcp_retries2", 1);
    set_switch(r, COLUMN_TcpUseRFC1122UrgentPointer, "tcp_stdurg", false);
    set_switch(r, COLUMN_PMTUBHDetectEnabled, "tcp_mtu_probing", false);
    set_switch(r, COLUMN_PMTUDiscoveryEnabled, "ip_no_pmtu_disc", true);
}

static HRESULT configuration_next(void *cursor, struct provider_row *row)
{
    struct configuration_cursor *c = cursor;
    const struct net_link *l;
    do {
        if (c->next == c->links.count) {
            return WBEM_S_FALSE;
        }
        l = (const struct net_link *)c->links.items + c->next++;
    } while (!linux_may_be_uint(c->request, COLUMN_Index, (uint64_t)l->index));

    char text[NET_HARDWARE_TEXT], driver[NET_DRIVER_TEXT];
    provider_set_uint(row, COLUMN_Index, (uint64_t)l->index);
    provider_set_uint(row, COLUMN_InterfaceIndex, (uint64_t)l->index);
    provider_set_string(row, COLUMN_Caption, l->name);
    provider_set_string(row, COLUMN_Description, l->name);
    provider_set_uint(row, COLUMN_MTU, l->mtu);
    provider_set_string(row, COLUMN_DatabasePath, "/etc");
    if (network_hardware_text(l, &l->address, text)) {
        provider_set_string(row, COLUMN_MACAddress, text);
    }
    if (provider_wants(row, COLUMN_ServiceName)) {
        network_driver(l, driver);
        provider_set_string(row, COLUMN_ServiceName, linux_known(driver));
    }
    bool enabled = set_addresses(row, c, l);
    set_names(row, c, l, enabled);
    set_gateways(row, c, l);
    set_lease(row, c, l);
    set_protocol(row);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_network_adapter_configuration = {
    .name = "Win32_NetworkAdapterConfiguration",
    .columns = columns,
    .open = configuration_open,
    .next = configuration_next,
    .close = configuration_close,
};
