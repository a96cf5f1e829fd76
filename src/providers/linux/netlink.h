/*
 * Interfaces, addresses and routes of this machine, over rtnetlink(7). What the
 * kernel sends is decoded here, checked, into plain structs.
 */
#ifndef WBEM_PROVIDERS_LINUX_NETLINK_H
#define WBEM_PROVIDERS_LINUX_NETLINK_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NET_ADDRESS_LIMIT = 32 /* the kernel's MAX_ADDR_LEN */
};

/* Operational states of RFC 2863, as the kernel numbers them; <linux/if.h>, which has their names,
 * can't stand beside <net/if.h>. */
enum {
    NET_NOT_PRESENT = 1,
    NET_DORMANT = 5
};

struct net_hardware_address {
    uint8_t bytes[NET_ADDRESS_LIMIT];
    unsigned size; /* 0: none */
};

struct net_link {
    int index;
    unsigned flags;       /* IFF_UP … */
    unsigned short type;  /* ARPHRD_ETHER … */
    unsigned operational; /* NET_DORMANT … */
    uint32_t mtu;
    char name[IF_NAMESIZE];
    char kind[32]; /* of a virtual interface, such as "bridge"; else "" */
    struct net_hardware_address address, permanent;
};

struct net_address {
    int link;
    int family; /* AF_INET or AF_INET6 */
    unsigned prefix;
    uint8_t bytes[16];
    bool leased;    /* it has an end */
    uint32_t valid; /* seconds from now, when leased */
};

struct net_route {
    int family;
    int link;        /* 0: none */
    unsigned prefix; /* of the destination */
    uint8_t destination[16];
    int gateway_family; /* AF_UNSPEC: none */
    uint8_t gateway[16];
    uint32_t metric;
    unsigned char protocol; /* RTPROT_… */
    unsigned char type;     /* RTN_… */
};

struct net_list {
    void *items;
    size_t count, capacity, size; /* size: of one item */
};

/* Each adds to *ret what the kernel lists; 0 or -errno. Routes are those of the main table, one for
 * each hop; family AF_INET or AF_INET6. */
int net_links(struct net_list *ret);              /* of struct net_link */
int net_addresses(struct net_list *ret);          /* of struct net_address */
int net_routes(int family, struct net_list *ret); /* of struct net_route */
void net_list_done(struct net_list *l);

/* The same from bytes as a dump's recv() gives them: 1 when the dump is finished, 0 when more is to
 * come, -errno. What does not fit its own lengths is left out. */
int net_parse(const void *bytes, size_t size, struct net_list *ret);

#endif
