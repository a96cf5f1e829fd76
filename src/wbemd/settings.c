/*
 * The table of settings, their values, and the file of lines `key = value`.
 */
#include "wbemd/settings.h"

#include <auth/auth.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define LINE_LONGEST 4096
#define LIST_LONGEST 1024

enum kind {
    KIND_TEXT,
    KIND_LIST,
    KIND_NUMBER,
    KIND_SWITCH,
    KIND_CHOICE,
};

struct choice {
    const char *name;
    unsigned value;
};

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    unsigned least, most,
        standard; /* of numbers; of a choice and a switch what it is to begin with */
    const struct choice *choices;
    const char *argument, *help;
    bool fixed; /* for as long as the process runs */
};

static const struct choice levels[] = {{"integrity", RPC_C_AUTHN_LEVEL_PKT_INTEGRITY},
                                       {"privacy", RPC_C_AUTHN_LEVEL_PKT_PRIVACY},
                                       {0}};
static const struct choice protections[] = {{"off", AUTH_PROTECTION_OFF},
                                            {"allow", AUTH_PROTECTION_ALLOW},
                                            {"require", AUTH_PROTECTION_REQUIRE},
                                            {0}};
static const struct choice log_levels[] = {{"error", LOG_ERR},     {"warning", LOG_WARNING},
                                           {"notice", LOG_NOTICE}, {"info", LOG_INFO},
                                           {"debug", LOG_DEBUG},   {0}};

/* clang-format off */
#define ONE_TEXT(name, field, fixed, argument, help) \
    {name, KIND_TEXT, offsetof(struct settings, field), 0, 0, 0, NULL, argument, help, fixed}
#define LIST(name, field, fixed, argument, help) \
    {name, KIND_LIST, offsetof(struct settings, field), 0, 0, 0, NULL, argument, help, fixed}
#define NUMBER(name, field, fixed, least, most, standard, help) \
    {name, KIND_NUMBER, offsetof(struct settings, field), least, most, standard, NULL, "N", help, fixed}
#define SWITCH(name, field, fixed, help) \
    {name, KIND_SWITCH, offsetof(struct settings, field), 0, 1, 0, NULL, "yes|no", help, fixed}
#define CHOICE(name, field, fixed, choices, standard, argument, help) \
    {name, KIND_CHOICE, offsetof(struct settings, field), 0, 0, standard, choices, argument, help, fixed}

static const struct setting table[] = {
    LIST("listen", listen, true, "ADDRESS", "listen there only (all addresses)"),
    LIST("name", names, true, "NAME", "under which clients reach us (the address, else the host name)"),
    NUMBER("port", port, true, 0, UINT16_MAX, 135, "of the endpoint mapper and object resolver; 0: any"),
    NUMBER("object-port", object_port, true, 0, UINT16_MAX, 0, "of the objects; 0: the same"),
    ONE_TEXT("repository", repository, true, "PLACE", "folder of the repository, or :memory:"),
    LIST("mof", mof, false, "FILE", "serve what FILE defines; in a repository in memory\n"
         "unless `repository` is given"),
    SWITCH("subscriptions", subscriptions, true, "run permanent subscriptions"),
    ONE_TEXT("password-file", password_file, false, "FILE", "who may connect by NTLM"),
    ONE_TEXT("keytab", keytab, false, "FILE", "our key for Kerberos; none: no Kerberos"),
    ONE_TEXT("pam-service", pam_service, false, "NAME", "whose account phase decides who is let in"),
    LIST("account", accounts, false, "\"PRINCIPAL ACCOUNT\"", "whom of this machine a principal stands for"),
    LIST("group", groups, false, "\"PRINCIPAL GROUP\"", "a group that it is in beside"),
    CHOICE("level", level, true, levels, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, "integrity|privacy",
           "the least protection of calls"),
    CHOICE("target-name", target_name, false, protections, AUTH_PROTECTION_OFF, "off|allow|require",
           "check for whom a client's logon was meant"),
    LIST("target", target_names, false, "NAME", "a name that target-name accepts (name and host)"),
    SWITCH("require-mic", require_mic, false, "refuse NTLM clients that send no MIC"),
    NUMBER("max-connections", max_connections, false, 1, 1000000, 4096, "in all"),
    NUMBER("max-connections-per-address", max_connections_per_address, false, 1, 1000000, 256, "of one host"),
    NUMBER("max-connections-per-user", max_connections_per_user, false, 1, 1000000, 128, "of one user"),
    NUMBER("max-unauthenticated", max_unauthenticated, false, 1, 1000000, 512, "connections without a user yet"),
    NUMBER("max-calls", max_calls, false, 1, 1000000, 512, "at once, in all"),
    NUMBER("max-calls-per-user", max_calls_per_user, false, 1, 1000000, 64, "at once, of one user"),
    NUMBER("max-calls-per-connection", max_calls_per_connection, false, 1, 1000000, 64, "at once on one connection"),
    NUMBER("max-objects", max_objects, true, 1, 10000000, 200000, "that clients refer to, in all"),
    NUMBER("max-objects-per-user", max_objects_per_user, true, 1, 10000000, 10000, "of one user"),
    NUMBER("max-enumerators-per-user", max_enumerators_per_user, false, 1, 10000000, 500, "open ones of one user"),
    NUMBER("max-results-per-user", max_results_per_user, false, 1, 1000000000, 1000000,
           "objects kept in one user's enumerators"),
    NUMBER("max-result-memory-per-user", max_result_memory_per_user_kib, false, 64, 1073741824, 262144,
           "KiB of these objects"),
    NUMBER("max-request", max_request_kib, false, 4, 1048576, 16384, "KiB of one request"),
    NUMBER("max-pending", max_pending_kib, false, 64, 1048576, 65536, "KiB of requests and replies on one connection"),
    NUMBER("max-pending-per-user", max_pending_per_user_kib, false, 64, 16777216, 262144,
           "KiB of requests and replies of one user"),
    NUMBER("handshake-timeout", handshake_timeout, false, 1, 86400, 30, "seconds to authenticate in"),
    NUMBER("stall-timeout", stall_timeout, false, 1, 86400, 60, "seconds that a client may take nothing in"),
    NUMBER("connection-idle", connection_idle, false, 0, 31536000, 0, "seconds without a call; 0: for ever"),
    NUMBER("enumerator-idle", enumerator_idle, false, 0, 31536000, 3600, "seconds without a call; 0: for ever"),
    NUMBER("call-time", call_time, false, 0, 31536000, 3600, "seconds that a call may wait; 0: for ever"),
    NUMBER("ping-period", ping_period, true, 1, 86400, 120, "seconds; three without a ping end a client's objects"),
    NUMBER("stop-timeout", stop_timeout, false, 0, 86400, 10, "seconds for running calls when we stop"),
    CHOICE("log-level", log_level, false, log_levels, LOG_INFO, "error|warning|notice|info|debug",
           "what is logged"),
};
/* clang-format on */

#define COUNT (sizeof table / sizeof *table)

size_t setting_count(void)
{
    return COUNT;
}

const char *setting_name(size_t i)
{
    return table[i].name;
}

static void *field_of(const struct settings *s, const struct setting *k)
{
    return (char *)(uintptr_t)s + k->offset;
}

/* ---- values --------------------------------------------------------------------- */

bool text_replace(char **place, const char *text)
{
    char *copy = strdup(text);
    if (copy) {
        free(*place);
        *place = copy;
    }
    return copy != NULL;
}

bool text_list_add(struct text_list *list, const char *text)
{
    char **grown = realloc(list->items, (list->count + 1) * sizeof *grown);
    if (!grown) {
        return false;
    }
    list->items = grown;
    grown[list->count] = strdup(text);
    if (!grown[list->count]) {
        return false;
    }
    list->count++;
    return true;
}

static void text_list_done(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct text_list){0};
}

static bool refuse(char *error, const struct setting *k, const char *value, const char *wanted)
{
    (void)snprintf(error, SETTINGS_ERROR_MAX, "%s: '%.100s' is not %s", k->name, value, wanted);
    return false;
}

static bool set_number(unsigned *place, const struct setting *k, const char *value, char *error)
{
    char *end, wanted[80];
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || errno || number < k->least || number > k->most) {
        (void)snprintf(wanted, sizeof wanted, "a number from %u to %u", k->least, k->most);
        return refuse(error, k, value, wanted);
    }
    *place = (unsigned)number;
    return true;
}

static bool set_switch(bool *place, const struct setting *k, const char *value, char *error)
{
    *place = strcmp(value, "yes") == 0;
    return *place || strcmp(value, "no") == 0 || refuse(error, k, value, "yes or no");
}

static bool set_choice(unsigned *place, const struct setting *k, const char *value, char *error)
{
    for (const struct choice *c = k->choices; c->name; c++) {
        if (strcmp(c->name, value) == 0) {
            *place = c->value;
            return true;
        }
    }
    char wanted[120];
    (void)snprintf(wanted, sizeof wanted, "one of %s", k->argument);
    return refuse(error, k, value, wanted);
}

bool setting_set(struct settings *s, size_t i, const char *value, char error[SETTINGS_ERROR_MAX])
{
    const struct setting *k = &table[i];
    void *place = field_of(s, k);
    bool good = true;
    switch (k->kind) {
    case KIND_TEXT:
        good = text_replace(place, value);
        break;
    case KIND_LIST:
        if (!*value || ((struct text_list *)place)->count >= LIST_LONGEST) {
            return refuse(error, k, value, "a value, or one too many");
        }
        good = text_list_add(place, value);
        break;
    case KIND_NUMBER:
        return set_number(place, k, value, error);
    case KIND_SWITCH:
        return set_switch(place, k, value, error);
    case KIND_CHOICE:
        return set_choice(place, k, value, error);
    }
    if (!good) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "no memory");
    }
    return good;
}

void setting_begin(struct settings *s, size_t i)
{
    if (table[i].kind == KIND_LIST) {
        text_list_done(field_of(s, &table[i]));
    }
}

void settings_init(struct settings *s)
{
    *s = (struct settings){.ready_fd = -1};
    for (size_t i = 0; i < COUNT; i++) {
        const struct setting *k = &table[i];
        if (k->kind == KIND_NUMBER || k->kind == KIND_CHOICE) {
            *(unsigned *)field_of(s, k) = k->standard;
        }
    }
}

void settings_done(struct settings *s)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (table[i].kind == KIND_TEXT) {
            free(*(char **)field_of(s, &table[i]));
        } else if (table[i].kind == KIND_LIST) {
            text_list_done(field_of(s, &table[i]));
        }
    }
    free(s->file);
    text_list_done(&s->users);
    free(s->user_password_file);
    free(s->port_file);
    settings_init(s);
}

static bool same_list(const struct text_list *a, const struct text_list *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->items[i], b->items[i]) == 0;
    }
    return same;
}

static bool same_value(const struct setting *k, const void *a, const void *b)
{
    if (k->kind == KIND_TEXT) {
        const char *x = *(char *const *)a, *y = *(char *const *)b;
        return x && y ? strcmp(x, y) == 0 : x == y;
    }
    if (k->kind == KIND_LIST) {
        return same_list(a, b);
    }
    return k->kind == KIND_SWITCH ? *(const bool *)a == *(const bool *)b
                                  : *(const unsigned *)a == *(const unsigned *)b;
}

const char *settings_fixed_difference(const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct setting *k = &table[i];
        if (k->fixed && !same_value(k, field_of(a, k), field_of(b, k))) {
            return k->name;
        }
    }
    return NULL;
}

/* ---- help ------------------------------------------------------------------------- */

static void print_standard(const struct setting *k)
{
    if (k->kind == KIND_NUMBER) {
        (void)printf(" (%u)", k->standard);
    } else if (k->kind == KIND_SWITCH) {
        (void)fputs(" (no)", stdout);
    }
    for (const struct choice *c = k->choices; c && c->name; c++) {
        if (c->value == k->standard) {
            (void)printf(" (%s)", c->name);
        }
    }
    (void)putchar('\n');
}

void settings_print_help(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct setting *k = &table[i];
        const char *rest = strchr(k->help, '\n');
        char option[80];
        (void)snprintf(option, sizeof option, "--%s %s", k->name, k->argument);
        (void)printf("  %-34s ", option);
        if (strlen(option) > 34) {
            (void)printf("\n%37s", "");
        }
        (void)printf("%.*s", rest ? (int)(rest - k->help) : INT_MAX, k->help);
        if (rest) {
            (void)printf("\n%37s%s", "", rest + 1);
        }
        print_standard(k);
    }
}

/* ---- the file ------------------------------------------------------------------------ */

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1])) {
        text[--size] = '\0';
    }
    return text;
}

/* Which setting a line is of; COUNT: of none that is known. */
static size_t find(const char *name)
{
    size_t i = 0;
    while (i < COUNT && strcmp(table[i].name, name) != 0) {
        i++;
    }
    return i;
}

static bool take_line(struct settings *s, char *line, bool *seen, char *error)
{
    char *text = trim(line), *sign = strchr(text, '=');
    if (!*text || *text == '#') {
        return true;
    }
    if (!sign) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "a line is 'key = value': '%.100s'", text);
        return false;
    }
    *sign = '\0';
    const char *name = trim(text);
    size_t i = find(name);
    if (i == COUNT) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "there is no setting '%.100s'", name);
        return false;
    }
    if (seen[i] && table[i].kind != KIND_LIST) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "%s is given a second time", name);
        return false;
    }
    seen[i] = true;
    return setting_set(s, i, trim(sign + 1), error);
}

bool settings_read_file(struct settings *s, const char *path, char error[SETTINGS_ERROR_MAX])
{
    char line[LINE_LONGEST], why[SETTINGS_ERROR_MAX] = "";
    bool seen[COUNT] = {false}, good = true;
    unsigned number = 0;
    FILE *f = fopen(path, "re");
    if (!f) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "%s: %s", path, strerror(errno));
        return false;
    }
    while (good && fgets(line, sizeof line, f)) {
        number++;
        if (!strchr(line, '\n') && !feof(f)) {
            (void)snprintf(why, sizeof why, "the line is too long");
            good = false;
        } else {
            good = take_line(s, line, seen, why);
        }
    }
    if (good && ferror(f)) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "%s: %s", path, strerror(errno));
        good = false;
    } else if (!good) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "%.200s:%u: %.280s", path, number, why);
    }
    (void)fclose(f);
    return good && text_replace(&s->file, path);
}
