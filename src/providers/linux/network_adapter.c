/*
 * Win32_NetworkAdapter: the interfaces that rtnetlink lists, with what /sys and
 * udev's hardware database know of the devices behind them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/network.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(AdapterType), X(AdapterTypeID), X(Availability), X(Caption), X(CreationClassName),           \
        X(Description), X(DeviceID), X(Index), X(Installed), X(InterfaceIndex), X(MACAddress),     \
        X(Manufacturer), X(Name), X(NetConnectionID), X(NetConnectionStatus), X(NetEnabled),       \
        X(PermanentAddress), X(PhysicalAdapter), X(ProductName), X(ServiceName), X(Speed),         \
        X(StatusInfo), X(SystemCreationClassName), X(SystemName)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct adapter_cursor {
    struct net_list links;
    size_t next;
    char system[LINUX_NAME_SIZE];
};

/* ---- shared with Win32_NetworkAdapterConfiguration --------------------------- */

HRESULT network_result(int error, const char *what)
{
    if (error == 0) {
        return WBEM_S_NO_ERROR;
    }
    return error_raise(error == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : WBEM_E_PROVIDER_FAILURE,
                       "ExecQuery", what, "the kernel does not list %s over rtnetlink: %s", what,
                       strerrordesc_np(-error));
}

HRESULT network_links(struct net_list *ret)
{
    if (!linux_is_live()) {
        return WBEM_S_FALSE;
    }
    return network_result(net_links(ret), "interfaces");
}

bool network_hardware_text(const struct net_link *l, const struct net_hardware_address *a,
                           char out[NET_HARDWARE_TEXT])
{
    out[0] = '\0';
    if (l->type == ARPHRD_LOOPBACK) {
        return false; /* its zeros are no address */
    }
    for (unsigned i = 0; i < a->size; i++) {
        sprintf(out + (i ? 3 * i - 1 : 0), i ? ":%02X" : "%02X", a->bytes[i]);
    }
    return a->size > 0;
}

void network_ip_text(int family, const uint8_t bytes[16], char out[NET_IP_TEXT])
{
    if (!inet_ntop(family, bytes, out, NET_IP_TEXT)) {
        out[0] = '\0';
    }
}

void network_mask_text(unsigned prefix, char out[NET_IP_TEXT])
{
    uint32_t mask = prefix == 0 ? 0 : prefix >= 32 ? UINT32_MAX : ~(UINT32_MAX >> prefix);
    snprintf(out, NET_IP_TEXT, "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255, mask >> 8 & 255,
             mask & 255);
}

static void sys_path(char *path, size_t size, const struct net_link *l, const char *rest)
{
    snprintf(path, size, "/sys/class/net/%s/%s", l->name, rest);
}

void network_driver(const struct net_link *l, char out[NET_DRIVER_TEXT])
{
    char path[128], target[NET_DRIVER_TEXT];
    sys_path(path, sizeof path, l, "device/driver");
    if (linux_read_link(path, target, sizeof target) > 0) {
        const char *last = strrchr(target, '/');
        snprintf(out, NET_DRIVER_TEXT, "%s", last ? last + 1 : target);
    } else {
        snprintf(out, NET_DRIVER_TEXT, "%s", l->kind);
    }
}

/* ---- the class ---------------------------------------------------------------- */

static void adapter_close(void *cursor)
{
    struct adapter_cursor *c = cursor;
    if (c) {
        net_list_done(&c->links);
        free(c);
    }
}

static HRESULT adapter_open(const struct provider_request *q, void **ret)
{
    (void)q;
    struct adapter_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = network_links(&c->links);
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        adapter_close(c);
        return hr;
    }
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static bool is_wireless(const struct net_link *l)
{
    char path[128];
    sys_path(path, sizeof path, l, "phy80211");
    if (linux_exists(path)) {
        return true;
    }
    sys_path(path, sizeof path, l, "wireless");
    return linux_exists(path);
}

/* The index into the texts of AdapterType, or -1 when none is right. */
static int adapter_type(const struct net_link *l)
{
    enum {
        ETHERNET = 0,
        TOKEN_RING = 1,
        FDDI = 2,
        WAN = 3,
        LOCALTALK = 4,
        ARCNET = 6,
        ATM = 8,
        WIRELESS = 9,
        INFRARED = 10,
        FIREWIRE = 13
    };
    switch (l->type) {
    case ARPHRD_ETHER:
        return is_wireless(l) ? WIRELESS : ETHERNET;
    case ARPHRD_IEEE80211:
    case ARPHRD_IEEE80211_PRISM:
    case ARPHRD_IEEE80211_RADIOTAP:
        return WIRELESS;
    case ARPHRD_IEEE802:
    case ARPHRD_IEEE802_TR:
    case ARPHRD_PRONET:
        return TOKEN_RING;
    case ARPHRD_FDDI:
        return FDDI;
    case ARPHRD_PPP:
    case ARPHRD_HDLC:
    case ARPHRD_SLIP:
    case ARPHRD_DLCI:
    case ARPHRD_FRAD:
        return WAN;
    case ARPHRD_LOCALTLK:
        return LOCALTALK;
    case ARPHRD_ARCNET:
        return ARCNET;
    case ARPHRD_ATM:
        return ATM;
    case ARPHRD_IRDA:
        return INFRARED;
    case ARPHRD_IEEE1394:
        return FIREWIRE;
    default:
        return -1;
    }
}

static void set_type(struct provider_row *r, const struct net_link *l)
{
    static const char *const texts[] = {"Ethernet 802.3",
                                        "Token Ring 802.5",
                                        "Fiber Distributed Data Interface (FDDI)",
                                        "Wide Area Network (WAN)",
                                        "LocalTalk",
                                        "Ethernet using DIX header format",
                                        "ARCNET",
                                        "ARCNET (878.2)",
                                        "ATM",
                                        "Wireless",
                                        "Infrared Wireless",
                                        "Bpc",
                                        "CoWan",
                                        "1394"};
    int type = adapter_type(l);
    if (type >= 0) {
        provider_set_string(r, COLUMN_AdapterType, texts[type]);
        provider_set_uint(r, COLUMN_AdapterTypeID, (uint64_t)type);
    }
}

static void set_state(struct provider_row *r, const struct net_link *l)
{
    enum {
        DISCONNECTED = 0,
        CONNECTING = 1,
        CONNECTED = 2,
        HARDWARE_NOT_PRESENT = 4,
        MEDIA_DISCONNECTED = 7,
        AVAILABLE_RUNNING = 3,
        AVAILABLE_OFF_LINE = 8,
        INFO_ENABLED = 3,
        INFO_DISABLED = 4
    };
    bool up = l->flags & IFF_UP, carries = up && l->flags & IFF_RUNNING;
    unsigned status = !up                                 ? DISCONNECTED
                      : l->operational == NET_NOT_PRESENT ? HARDWARE_NOT_PRESENT
                      : l->operational == NET_DORMANT     ? CONNECTING
                      : carries                           ? CONNECTED
                                                          : MEDIA_DISCONNECTED;
    provider_set_bool(r, COLUMN_NetEnabled, up);
    provider_set_uint(r, COLUMN_NetConnectionStatus, status);
    provider_set_uint(r, COLUMN_Availability, carries ? AVAILABLE_RUNNING : AVAILABLE_OFF_LINE);
    provider_set_uint(r, COLUMN_StatusInfo, up ? INFO_ENABLED : INFO_DISABLED);
}

static void set_device(struct provider_row *r, const struct net_link *l)
{
    char path[128], text[BLOCK_TEXT_SIZE];
    uint64_t speed;
    sys_path(path, sizeof path, l, "device");
    provider_set_bool(r, COLUMN_PhysicalAdapter, linux_exists(path));
    sys_path(path, sizeof path, l, "speed");
    /* In Mbit/s; -1, or no answer at all, when the driver does not know. */
    if (provider_wants(r, COLUMN_Speed) && linux_read_u64(path, &speed) && speed < UINT32_MAX) {
        provider_set_uint(r, COLUMN_Speed, speed * 1000000);
    }
    if (provider_wants(r, COLUMN_ServiceName)) {
        char driver[NET_DRIVER_TEXT];
        network_driver(l, driver);
        provider_set_string(r, COLUMN_ServiceName, linux_known(driver));
    }
    snprintf(path, sizeof path, "n%d", l->index);
    if (provider_wants(r, COLUMN_Manufacturer) &&
        udev_property(path, "ID_VENDOR_FROM_DATABASE", text, sizeof text)) {
        provider_set_string(r, COLUMN_Manufacturer, text);
    }
    if (provider_wants_any(r, COLUMN_Description, COLUMN_ProductName)) {
        bool known = udev_property(path, "ID_MODEL_FROM_DATABASE", text, sizeof text);
        provider_set_string(r, COLUMN_ProductName, known ? text : NULL);
        provider_set_string(r, COLUMN_Description, known ? text : l->name);
    }
}

static HRESULT adapter_next(void *cursor, struct provider_row *row)
{
    struct adapter_cursor *c = cursor;
    if (c->next == c->links.count) {
        return WBEM_S_FALSE;
    }
    const struct net_link *l = (const struct net_link *)c->links.items + c->next++;
    char text[NET_HARDWARE_TEXT];
    provider_set_format(row, COLUMN_DeviceID, "%d", l->index);
    provider_set_uint(row, COLUMN_Index, (uint64_t)l->index);
    provider_set_uint(row, COLUMN_InterfaceIndex, (uint64_t)l->index);
    provider_set_string(row, COLUMN_Name, l->name);
    provider_set_string(row, COLUMN_Caption, l->name);
    provider_set_string(row, COLUMN_NetConnectionID, l->name);
    provider_set_bool(row, COLUMN_Installed, true);
    if (network_hardware_text(l, &l->address, text)) {
        provider_set_string(row, COLUMN_MACAddress, text);
    }
    if (network_hardware_text(l, &l->permanent, text)) {
        provider_set_string(row, COLUMN_PermanentAddress, text);
    }
    set_type(row, l);
    set_state(row, l);
    set_device(row, l);
    provider_set_string(row, COLUMN_CreationClassName, "Win32_NetworkAdapter");
    provider_set_string(row, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
    provider_set_string(row, COLUMN_SystemName, linux_known(c->system));
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_network_adapter = {
    .name = "Win32_NetworkAdapter",
    .columns = columns,
    .open = adapter_open,
    .next = adapter_next,
    .close = adapter_close,
};
