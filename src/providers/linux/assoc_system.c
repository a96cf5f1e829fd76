/*
 * What belongs to the computer system: processes, users, services, devices and
 * so on, each driven by the class of what belongs.
 */
#include "providers/linux/assoc.h"
#include "providers/linux/linux.h"

const struct association linux_system_processes = {
    .provider = ASSOC_PROVIDER("Win32_SystemProcesses", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Process"),
};

const struct association linux_system_users = {
    .provider = ASSOC_PROVIDER("Win32_SystemUsers", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_UserAccount"),
};

const struct association linux_system_services = {
    .provider = ASSOC_PROVIDER("Win32_SystemServices", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Service"),
};

const struct association linux_system_bios = {
    .provider = ASSOC_PROVIDER("Win32_SystemBIOS", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_BIOS"),
};

const struct association linux_system_partitions = {
    .provider = ASSOC_PROVIDER("Win32_SystemPartitions", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_DiskPartition"),
};

const struct association linux_computer_system_processor = {
    .provider = ASSOC_PROVIDER("Win32_ComputerSystemProcessor", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Processor"),
};

/* Processors are of a class below this one, Win32_ComputerSystemProcessor, which has them. */
const struct association linux_system_devices = {
    .provider = ASSOC_PROVIDER("Win32_SystemDevices", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_DiskDrive", "Win32_DiskPartition", "Win32_LogicalDisk",
                             "Win32_Volume", "Win32_NetworkAdapter"),
};

const struct association linux_system_operating_system = {
    .provider = ASSOC_PROVIDER("Win32_SystemOperatingSystem", "GroupComponent", "PartComponent",
                               "PrimaryOS"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_OperatingSystem"),
};

const struct association linux_system_time_zone = {
    .provider = ASSOC_PROVIDER("Win32_SystemTimeZone", "Element", "Setting"),
    .ends = {{.kind = ASSOC_SYSTEM}, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_TimeZone"),
};

const struct association linux_network_adapter_setting = {
    .provider = ASSOC_PROVIDER("Win32_NetworkAdapterSetting", "Element", "Setting"),
    .ends = {{.kind = ASSOC_ROW},
             {.kind = ASSOC_KEYS,
              .class_name = "Win32_NetworkAdapterConfiguration",
              .keys = {{"Index", ASSOC_NUMBER, "Index"}}}},
    .driving = ASSOC_DRIVING("Win32_NetworkAdapter"),
};
