/*
 * Which folder a file or folder is in, and where file systems are mounted.
 * Without a condition on an end these go through whole file systems, as their
 * classes do, when their own class is asked; never when they only come by.
 */
#include "providers/linux/assoc.h"
#include "providers/linux/linux.h"

const struct association linux_directory_contains_file = {
    .provider = ASSOC_PROVIDER("CIM_DirectoryContainsFile", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_KEYS,
              .class_name = "Win32_Directory",
              .keys = {{"Name", ASSOC_FOLDER, "Path"}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("CIM_DataFile"),
};

const struct association linux_sub_directory = {
    .provider = ASSOC_PROVIDER("Win32_SubDirectory", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_KEYS,
              .class_name = "Win32_Directory",
              .keys = {{"Name", ASSOC_FOLDER, "Path"}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Directory"),
};

const struct association linux_logical_disk_root_directory = {
    .provider = ASSOC_PROVIDER("Win32_LogicalDiskRootDirectory", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_ROW},
             {.kind = ASSOC_KEYS,
              .class_name = "Win32_Directory",
              .keys = {{"Name", ASSOC_COLUMN, "DeviceID"}}}},
    .driving = ASSOC_DRIVING("Win32_LogicalDisk"),
};

/* A volume's Name is where it is mounted, or the device when it is not. */
const struct association linux_mount_point = {
    .provider = ASSOC_PROVIDER("Win32_MountPoint", "Directory", "Volume"),
    .ends = {{.kind = ASSOC_KEYS,
              .class_name = "Win32_Directory",
              .keys = {{"Name", ASSOC_COLUMN, "Name"}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Volume"),
    .where = "NOT Name LIKE \"/dev/%\"",
};
