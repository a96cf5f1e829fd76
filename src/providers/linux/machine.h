/*
 * Facts about the machine that many classes repeat: its name, its operating
 * system, when it booted.
 */
#ifndef WBEM_PROVIDERS_LINUX_MACHINE_H
#define WBEM_PROVIDERS_LINUX_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINUX_NAME_SIZE = 256
};

/* Each writes "" and returns false when the machine does not say. */

/* The host name up to its first dot, as Windows has it: Win32_ComputerSystem.Name, and CSName or
 * SystemName elsewhere. */
bool linux_host_name(char out[LINUX_NAME_SIZE]);
/* What follows the first dot of the host name. */
bool linux_host_domain(char out[LINUX_NAME_SIZE]);
/* The operating system's name: Win32_OperatingSystem.Name, and OSName elsewhere. */
bool linux_os_name(char out[LINUX_NAME_SIZE]);
/* The kernel's release, as uname -r prints it. */
bool linux_kernel_release(char out[LINUX_NAME_SIZE]);
/* The kernel's architecture, as uname -m prints it. */
bool linux_architecture(char out[LINUX_NAME_SIZE]);
/* A value of os-release(5), without its quotes. */
bool linux_os_release(const char *key, char *out, size_t size);
/* A value of a file in the form of os-release(5). */
bool linux_shell_value(const char *path, const char *key, char *out, size_t size);
/* Microseconds since 1970-01-01 UTC. The kernel tells whole seconds, and tells the same again
 * later, which a time computed from the clock and the uptime would not. */
bool linux_boot_time(int64_t *ret);

/* For microseconds from the kernel's clock ticks (USER_HZ). */
uint64_t linux_ticks_to_microseconds(uint64_t ticks);

#endif
