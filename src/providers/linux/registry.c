/*
 * Which built-in provider stands behind which class.
 */
#include "providers/linux/linux.h"

/* Ends with NULL. */
static const struct provider_class *const providers[] = {
    &linux_base_board,
    &linux_bios,
    &linux_computer_system,
    &linux_data_file,
    &linux_directory,
    &linux_disk_drive,
    &linux_disk_partition,
    &linux_environment,
    &linux_group,
    &linux_ip4_route_table,
    &linux_local_time,
    &linux_logical_disk,
    &linux_logon_session,
    &linux_network_adapter,
    &linux_network_adapter_configuration,
    &linux_nt_log_event,
    &linux_operating_system,
    &linux_physical_memory,
    &linux_process,
    &linux_processor,
    &linux_product,
    &linux_service,
    &linux_std_reg_prov,
    &linux_thread,
    &linux_time_zone,
    &linux_user_account,
    &linux_utc_time,
    &linux_volume,
    &linux_computer_system_processor.provider,
    &linux_dependent_service.provider,
    &linux_directory_contains_file.provider,
    &linux_disk_drive_to_disk_partition.provider,
    &linux_group_user.provider,
    &linux_logged_on_user.provider,
    &linux_logical_disk_root_directory.provider,
    &linux_logical_disk_to_partition.provider,
    &linux_mount_point.provider,
    &linux_network_adapter_setting.provider,
    &linux_process_executable.provider,
    &linux_process_thread.provider,
    &linux_session_process.provider,
    &linux_sub_directory.provider,
    &linux_system_bios.provider,
    &linux_system_devices.provider,
    &linux_system_operating_system.provider,
    &linux_system_partitions.provider,
    &linux_system_processes.provider,
    &linux_system_services.provider,
    &linux_system_time_zone.provider,
    &linux_system_users.provider,
    &linux_perf_logical_disk_raw.provider,
    &linux_perf_logical_disk_formatted.provider,
    &linux_perf_memory_raw.provider,
    &linux_perf_memory_formatted.provider,
    &linux_perf_network_raw.provider,
    &linux_perf_network_formatted.provider,
    &linux_perf_physical_disk_raw.provider,
    &linux_perf_physical_disk_formatted.provider,
    &linux_perf_process_raw.provider,
    &linux_perf_process_formatted.provider,
    &linux_perf_processor_raw.provider,
    &linux_perf_processor_formatted.provider,
    &linux_perf_system_raw.provider,
    &linux_perf_system_formatted.provider,
    NULL,
};

static wchar_t lower(wchar_t c)
{
    return c >= L'A' && c <= L'Z' ? c + (L'a' - L'A') : c;
}

bool provider_is_named(const char *ascii, const wchar_t *wide)
{
    while (*ascii && lower((wchar_t)*ascii) == lower(*wide)) {
        ascii++;
        wide++;
    }
    return !*ascii && !*wide;
}

const struct provider_class *provider_find(const wchar_t *class_name)
{
    for (size_t i = 0; providers[i]; i++) {
        if (provider_is_named(providers[i]->name, class_name)) {
            return providers[i];
        }
    }
    return NULL;
}
