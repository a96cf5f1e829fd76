/*
 * What the network classes share: the snapshot of interfaces that a query works
 * on, and the texts for hardware and IP addresses.
 */
#ifndef WBEM_PROVIDERS_LINUX_NETWORK_H
#define WBEM_PROVIDERS_LINUX_NETWORK_H

#include "providers/linux/netlink.h"
#include "providers/provider.h"

enum {
    NET_HARDWARE_TEXT = 3 * NET_ADDRESS_LIMIT,
    NET_IP_TEXT = 46,
    NET_DRIVER_TEXT = 256
};

/* WBEM_S_FALSE when a snapshot directory stands for the machine: the kernel's own state is not in
 * its files. Failures have their error object. */
HRESULT network_links(struct net_list *ret);
/* Raises what a netlink call failed with; WBEM_S_NO_ERROR for 0. */
HRESULT network_result(int error, const char *what);

/* XX:XX:… in capitals; false for an interface without a hardware address. */
bool network_hardware_text(const struct net_link *l, const struct net_hardware_address *a,
                           char out[NET_HARDWARE_TEXT]);
void network_ip_text(int family, const uint8_t bytes[16], char out[NET_IP_TEXT]);
/* 255.255.255.0 for 24. */
void network_mask_text(unsigned prefix, char out[NET_IP_TEXT]);
/* The driver, or the kind of a virtual interface; "" when neither is known. */
void network_driver(const struct net_link *l, char out[NET_DRIVER_TEXT]);

#endif
