/*
 * What wbemd is told by its file of settings and its command line. One table
 * has all settings: each is a line `key = value` of the file and an option --key.
 */
#ifndef WBEM_WBEMD_SETTINGS_H
#define WBEM_WBEMD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_DEFAULT_FILE "/etc/wbem/wbemd.conf"
#define SETTINGS_ERROR_MAX 512

struct text_list {
    char **items;
    size_t count;
};

struct settings {
    char *file; /* that was read; NULL: none */
    /* where */
    struct text_list listen, names;
    unsigned port, object_port;
    /* what */
    char *repository;
    struct text_list mof;
    bool subscriptions;
    /* who */
    char *password_file, *keytab, *pam_service;
    struct text_list accounts, groups;
    unsigned level; /* RPC_C_AUTHN_LEVEL_* */
    unsigned target_name;
    struct text_list target_names;
    bool require_mic;
    /* how much */
    unsigned max_connections, max_connections_per_address, max_connections_per_user;
    unsigned max_unauthenticated;
    unsigned max_calls, max_calls_per_user, max_calls_per_connection;
    unsigned max_objects, max_objects_per_user, max_enumerators_per_user, max_results_per_user;
    unsigned max_result_memory_per_user_kib;
    unsigned max_request_kib, max_pending_kib, max_pending_per_user_kib;
    /* how long, in seconds */
    unsigned handshake_timeout, stall_timeout, connection_idle, enumerator_idle, call_time;
    unsigned ping_period, stop_timeout;
    unsigned log_level; /* as syslog's */

    /* The command line alone. */
    bool check, help, version;
    struct text_list users; /* to be made for this run */
    char *user_password_file, *port_file;
    int ready_fd; /* -1: none */
};

void settings_done(struct settings *s);
/* Defaults, then the file, then the options, which replace what the file says. False: *error says
 * what is wrong, with file and line where there is one. */
bool settings_load(int argc, char **argv, struct settings *ret, char error[SETTINGS_ERROR_MAX]);
/* Is there a setting that can't change while we run, and does? Its name, else NULL. */
const char *settings_fixed_difference(const struct settings *a, const struct settings *b);
/* The lines of --help about settings. */
void settings_print_help(void);

/* ---- for options.c ------------------------------------------------------------------- */

struct setting;
size_t setting_count(void);
const char *setting_name(size_t i);
/* Gives a setting its value, or a list one more. False: *error says why not. */
bool setting_set(struct settings *s, size_t i, const char *value, char error[SETTINGS_ERROR_MAX]);
/* Empties a list that the file has filled. */
void setting_begin(struct settings *s, size_t i);
void settings_init(struct settings *s);
bool settings_read_file(struct settings *s, const char *path, char error[SETTINGS_ERROR_MAX]);
bool text_list_add(struct text_list *list, const char *text);
bool text_replace(char **place, const char *text);

#endif
