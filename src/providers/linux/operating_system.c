/*
 * Win32_OperatingSystem: os-release(5), the kernel, memory and boot time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utmp.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/power.h"
#include "providers/linux/proc.h"
#include "providers/linux/procfs.h"
#include "providers/linux/topology.h"

#define COLUMNS(X)                                                                                 \
    X(BuildNumber), X(Caption), X(CreationClassName), X(CSCreationClassName), X(CSName),           \
        X(CurrentTimeZone), X(DataExecutionPrevention_Available), X(Description), X(Distributed),  \
        X(FreePhysicalMemory), X(FreeSpaceInPagingFiles), X(FreeVirtualMemory), X(LastBootUpTime), \
        X(LocalDateTime), X(Manufacturer), X(MaxNumberOfProcesses), X(Name),                       \
        X(NumberOfLicensedUsers), X(NumberOfProcesses), X(NumberOfUsers), X(OSArchitecture),       \
        X(OSType), X(Primary), X(ProductType), X(SizeStoredInPagingFiles), X(Status),              \
        X(SystemDevice), X(TotalSwapSpaceSize), X(TotalVirtualMemorySize),                         \
        X(TotalVisibleMemorySize), X(Version)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void set_names(struct provider_row *r)
{
    char text[LINUX_NAME_SIZE], release[LINUX_NAME_SIZE];
    linux_os_name(text);
    provider_set_string(r, COLUMN_Caption, linux_known(text));
    provider_set_string(r, COLUMN_Name, linux_known(text));
    linux_host_name(text);
    provider_set_string(r, COLUMN_CSName, linux_known(text));

    linux_kernel_release(release);
    provider_set_string(r, COLUMN_BuildNumber, linux_known(release));
    /* A distribution that rolls has no version; the kernel's stands for it. */
    linux_os_release("VERSION_ID", text, sizeof text);
    provider_set_string(r, COLUMN_Version, linux_known(text[0] ? text : release));
    linux_os_release("VENDOR_NAME", text, sizeof text);
    provider_set_string(r, COLUMN_Manufacturer, linux_known(text));
    linux_shell_value("/etc/machine-info", "PRETTY_HOSTNAME", text, sizeof text);
    provider_set_string(r, COLUMN_Description, linux_known(text));

    linux_os_release("VARIANT_ID", text, sizeof text);
    if (strcmp(text, "server") == 0) {
        provider_set_uint(r, COLUMN_ProductType, 3);
    } else if (strcmp(text, "workstation") == 0) {
        provider_set_uint(r, COLUMN_ProductType, 1);
    }
}

static void set_kind(struct provider_row *r)
{
    char arch[LINUX_NAME_SIZE];
    if (linux_architecture(arch)) {
        bool wide = strstr(arch, "64") || strcmp(arch, "s390x") == 0;
        provider_set_string(r, COLUMN_OSArchitecture, wide ? "64-bit" : "32-bit");
    }
    provider_set_string(r, COLUMN_CreationClassName, "Win32_OperatingSystem");
    provider_set_string(r, COLUMN_CSCreationClassName, "Win32_ComputerSystem");
    provider_set_bool(r, COLUMN_Distributed, false);
    provider_set_uint(r, COLUMN_NumberOfLicensedUsers, 0); /* no limit */
    provider_set_uint(r, COLUMN_OSType, 36);               /* LINUX */
    provider_set_bool(r, COLUMN_Primary, true);
    provider_set_string(r, COLUMN_Status, "OK");

    /* What the first processor says is enough, and all of them would be long. */
    char cpuinfo[8192];
    size_t size;
    if (provider_wants(r, COLUMN_DataExecutionPrevention_Available) &&
        linux_read("/proc/cpuinfo", cpuinfo, sizeof cpuinfo) > 0 &&
        linux_find_key(cpuinfo, "flags", ':', &size)) {
        provider_set_bool(r, COLUMN_DataExecutionPrevention_Available,
                          topology_has_flag(cpuinfo, "flags", "nx"));
    }
}

static void set_memory(struct provider_row *r)
{
    char text[8192];
    uint64_t total, available, swap_total, swap_free;
    if (linux_read("/proc/meminfo", text, sizeof text) <= 0 ||
        !linux_key_u64(text, "MemTotal", &total) ||
        !linux_key_u64(text, "SwapTotal", &swap_total) ||
        !linux_key_u64(text, "SwapFree", &swap_free) ||
        /* What free(1) calls available; kernels before 3.14 tell only what is unused. */
        (!linux_key_u64(text, "MemAvailable", &available) &&
         !linux_key_u64(text, "MemFree", &available))) {
        return;
    }
    provider_set_uint(r, COLUMN_FreePhysicalMemory, available);
    provider_set_uint(r, COLUMN_FreeSpaceInPagingFiles, swap_free);
    provider_set_uint(r, COLUMN_FreeVirtualMemory, available + swap_free);
    provider_set_uint(r, COLUMN_SizeStoredInPagingFiles, swap_total);
    provider_set_uint(r, COLUMN_TotalSwapSpaceSize, swap_total);
    provider_set_uint(r, COLUMN_TotalVirtualMemorySize, total + swap_total);
    provider_set_uint(r, COLUMN_TotalVisibleMemorySize, total);
}

static void set_times(struct provider_row *r)
{
    int64_t boot, t = now();
    if (provider_wants(r, COLUMN_LastBootUpTime) && linux_boot_time(&boot)) {
        provider_set_datetime(r, COLUMN_LastBootUpTime, boot);
    }
    provider_set_datetime(r, COLUMN_LocalDateTime, t);
    provider_set_sint(r, COLUMN_CurrentTimeZone, cim_datetime_local_offset(t));
}

static void set_processes(struct provider_row *r)
{
    uint64_t pids, threads;
    if (linux_read_u64("/proc/sys/kernel/pid_max", &pids) &&
        linux_read_u64("/proc/sys/kernel/threads-max", &threads)) {
        provider_set_uint(r, COLUMN_MaxNumberOfProcesses, pids < threads ? pids : threads);
    }

    struct proc_walk walk = {0};
    if (!provider_wants(r, COLUMN_NumberOfProcesses) ||
        FAILED(proc_walk_open(&walk, AT_FDCWD, "/proc"))) {
        return;
    }
    uint32_t pid;
    uint64_t count = 0;
    while (proc_walk_next(&walk, &pid)) {
        count++;
    }
    proc_walk_close(&walk);
    provider_set_uint(r, COLUMN_NumberOfProcesses, count);
}

/* Sessions of users: logind's, or where there is no logind the records of utmp(5). */
static bool count_sessions(uint64_t *ret)
{
    char path[128], text[4096], class[32];
    uint64_t count = 0;
    DIR *sessions = linux_opendir("/run/systemd/sessions");
    if (!sessions) {
        return false;
    }
    for (struct dirent *entry; (entry = readdir(sessions));) {
        /* Beside each session's file stands a pipe, <name>.ref. */
        if (strchr(entry->d_name, '.') || strlen(entry->d_name) > 64) {
            continue;
        }
        snprintf(path, sizeof path, "/run/systemd/sessions/%.64s", entry->d_name);
        count += linux_read(path, text, sizeof text) > 0 &&
                 linux_copy_key(text, "CLASS", '=', class, sizeof class) &&
                 strncmp(class, "user", 4) == 0;
    }
    closedir(sessions);
    *ret = count;
    return true;
}

static bool count_utmp(uint64_t *ret)
{
    enum {
        LIMIT = 16 << 20
    };
    char *bytes;
    ssize_t size = linux_read_all("/run/utmp", LIMIT, &bytes);
    if (size < 0) {
        return false;
    }
    uint64_t count = 0;
    for (size_t at = 0; at + sizeof(struct utmp) <= (size_t)size; at += sizeof(struct utmp)) {
        struct utmp record;
        memcpy(&record, bytes + at, sizeof record);
        count += record.ut_type == USER_PROCESS;
    }
    free(bytes);
    *ret = count;
    return true;
}

static void set_users(struct provider_row *r)
{
    uint64_t count;
    if (provider_wants(r, COLUMN_NumberOfUsers) && (count_sessions(&count) || count_utmp(&count))) {
        provider_set_uint(r, COLUMN_NumberOfUsers, count);
    }
}

/* The device mounted on "/", from proc_pid_mountinfo(5); null for overlays and the like. */
static void set_system_device(struct provider_row *r)
{
    enum {
        LIMIT = 4 << 20
    };
    char *text;
    if (!provider_wants(r, COLUMN_SystemDevice) ||
        linux_read_all("/proc/self/mounts", LIMIT, &text) < 0) {
        return;
    }
    for (char *line = text; *line;) {
        char *end = strchrnul(line, '\n');
        char *blank = memchr(line, ' ', (size_t)(end - line));
        if (blank && strncmp(blank, " / ", 3) == 0 && strncmp(line, "/dev/", 5) == 0) {
            provider_set_string_n(r, COLUMN_SystemDevice, line, (size_t)(blank - line));
        }
        line = *end ? end + 1 : end;
    }
    free(text);
}

static HRESULT operating_system_next(void *cursor, struct provider_row *row)
{
    if (!linux_single_take(cursor)) {
        return WBEM_S_FALSE;
    }
    set_names(row);
    set_kind(row);
    set_memory(row);
    set_times(row);
    set_processes(row);
    set_users(row);
    set_system_device(row);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_operating_system = {
    .name = "Win32_OperatingSystem",
    .columns = columns,
    .open = linux_single_open,
    .next = operating_system_next,
    .close = linux_single_close,
    .methods = linux_operating_system_methods,
};
