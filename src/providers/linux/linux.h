/*
 * The live classes of a Linux machine: one struct provider_class for each,
 * defined in the file of its family and listed in registry.c.
 */
#ifndef WBEM_PROVIDERS_LINUX_LINUX_H
#define WBEM_PROVIDERS_LINUX_LINUX_H

#include "providers/linux/assoc.h"
#include "providers/perf.h"
#include "providers/provider.h"

extern const struct provider_class linux_base_board;
extern const struct provider_class linux_bios;
extern const struct provider_class linux_computer_system;
extern const struct provider_class linux_data_file;
extern const struct provider_class linux_directory;
extern const struct provider_class linux_disk_drive;
extern const struct provider_class linux_disk_partition;
extern const struct provider_class linux_environment;
extern const struct provider_class linux_group;
extern const struct provider_class linux_ip4_route_table;
extern const struct provider_class linux_local_time;
extern const struct provider_class linux_logical_disk;
extern const struct provider_class linux_logon_session;
extern const struct provider_class linux_network_adapter;
extern const struct provider_class linux_network_adapter_configuration;
extern const struct provider_class linux_nt_log_event;
extern const struct provider_class linux_operating_system;
extern const struct provider_class linux_physical_memory;
extern const struct provider_class linux_process;
extern const struct provider_class linux_processor;
extern const struct provider_class linux_product;
extern const struct provider_class linux_service;
extern const struct provider_class linux_std_reg_prov;
extern const struct provider_class linux_thread;
extern const struct provider_class linux_time_zone;
extern const struct provider_class linux_user_account;
extern const struct provider_class linux_utc_time;
extern const struct provider_class linux_volume;

extern const struct perf_class linux_perf_logical_disk_raw, linux_perf_logical_disk_formatted;
extern const struct perf_class linux_perf_memory_raw, linux_perf_memory_formatted;
extern const struct perf_class linux_perf_network_raw, linux_perf_network_formatted;
extern const struct perf_class linux_perf_physical_disk_raw, linux_perf_physical_disk_formatted;
extern const struct perf_class linux_perf_process_raw, linux_perf_process_formatted;
extern const struct perf_class linux_perf_processor_raw, linux_perf_processor_formatted;
extern const struct perf_class linux_perf_system_raw, linux_perf_system_formatted;

extern const struct association linux_computer_system_processor;
extern const struct association linux_dependent_service;
extern const struct association linux_directory_contains_file;
extern const struct association linux_disk_drive_to_disk_partition;
extern const struct association linux_group_user;
extern const struct association linux_logged_on_user;
extern const struct association linux_logical_disk_root_directory;
extern const struct association linux_logical_disk_to_partition;
extern const struct association linux_mount_point;
extern const struct association linux_network_adapter_setting;
extern const struct association linux_process_executable;
extern const struct association linux_process_thread;
extern const struct association linux_session_process;
extern const struct association linux_sub_directory;
extern const struct association linux_system_bios;
extern const struct association linux_system_devices;
extern const struct association linux_system_operating_system;
extern const struct association linux_system_partitions;
extern const struct association linux_system_processes;
extern const struct association linux_system_services;
extern const struct association linux_system_time_zone;
extern const struct association linux_system_users;

/* The methods of a class that has a file of its own for them. */
extern const struct provider_method linux_data_file_methods[];
extern const struct provider_method linux_directory_methods[];
extern const struct provider_method linux_process_methods[];
extern const struct provider_method linux_service_methods[];

/* Fails, with an error object, where a snapshot stands for the machine: what a method would change
 * is the machine that we run on. */
HRESULT linux_check_live(const char *method);

/* A class lists its columns once, #define COLUMNS(X) X(Handle), X(Name) and so on, and makes of
 * them enum { COLUMNS(LINUX_COLUMN_NUMBER) } (COLUMN_Handle …) and the array of their names,
 * {COLUMNS(LINUX_COLUMN_NAME), NULL}. */
#define LINUX_COLUMN_NUMBER(name) COLUMN_##name
#define LINUX_COLUMN_NAME(name) #name

/* The cursor of a class with one instance: the request, until it is taken. */
struct linux_single;
HRESULT linux_single_open(const struct provider_request *q, void **ret_cursor);
void linux_single_close(void *cursor);
/* The request when the row is to be filled; NULL when it has been. */
const struct provider_request *linux_single_take(void *cursor);

/* NULL for "": what the machine does not say is null. */
static inline const char *linux_known(const char *text)
{
    return text[0] ? text : NULL;
}

#endif
