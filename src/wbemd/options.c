/*
 * The command line: every setting as an option, and what only it has.
 */
#include "wbemd/settings.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_HELP = 'h',
    OPTION_VERSION = 'V',
    OPTION_CONFIG = 'c',
    OPTION_CHECK = 256,
    OPTION_USER,
    OPTION_USER_PASSWORD_FILE,
    OPTION_PORT_FILE,
    OPTION_READY_FD,
    OPTION_FOREGROUND,
    OPTION_SETTING, /* and those after it */
};

static const struct option own[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"user", required_argument, NULL, OPTION_USER},
    {"user-password-file", required_argument, NULL, OPTION_USER_PASSWORD_FILE},
    {"port-file", required_argument, NULL, OPTION_PORT_FILE},
    {"ready-fd", required_argument, NULL, OPTION_READY_FD},
    {"foreground", no_argument, NULL, OPTION_FOREGROUND},
};

#define OWN_COUNT (sizeof own / sizeof *own)

static struct option *options_new(void)
{
    size_t count = setting_count();
    struct option *options = calloc(OWN_COUNT + count + 1, sizeof *options);
    if (options) {
        memcpy(options, own, sizeof own);
        for (size_t i = 0; i < count; i++) {
            options[OWN_COUNT + i] =
                (struct option){setting_name(i), required_argument, NULL, OPTION_SETTING + (int)i};
        }
    }
    return options;
}

static bool parse_fd(const char *text, int *ret)
{
    char *end;
    long value = strtol(text, &end, 10);
    *ret = (int)value;
    return *text >= '0' && *text <= '9' && !*end && value < 1024;
}

/* What is no setting. */
static bool take_own(struct settings *s, int c, const char *value, char *error)
{
    switch (c) {
    case OPTION_HELP:
        s->help = true;
        return true;
    case OPTION_VERSION:
        s->version = true;
        return true;
    case OPTION_CHECK:
        s->check = true;
        return true;
    case OPTION_USER:
        return text_list_add(&s->users, value);
    case OPTION_USER_PASSWORD_FILE:
        return text_replace(&s->user_password_file, value);
    case OPTION_PORT_FILE:
        return text_replace(&s->port_file, value);
    case OPTION_READY_FD:
        if (!parse_fd(value, &s->ready_fd)) {
            (void)snprintf(error, SETTINGS_ERROR_MAX, "--ready-fd: '%.100s' is no descriptor",
                           value);
            return false;
        }
        return true;
    default:
        return true; /* --config has been seen to, --foreground is what we do */
    }
}

/* Which file to read: the one that is named, else the usual one if it is there. A test double
 * (--mof) is what its command line says alone. *ret is NULL or borrowed. */
static bool find_file(int argc, char **argv, const struct option *options, const char **ret,
                      char *error)
{
    bool mof = false;
    *ret = NULL;
    optind = 1;
    for (int c, at = 0; (c = getopt_long(argc, argv, "hVc:", options, &at)) != -1;) {
        if (c == '?') {
            (void)snprintf(error, SETTINGS_ERROR_MAX, "see wbemd --help");
            return false;
        }
        if (c == OPTION_CONFIG) {
            *ret = optarg;
        }
        mof |=
            c >= OPTION_SETTING && strcmp(setting_name((size_t)(c - OPTION_SETTING)), "mof") == 0;
    }
    if (optind != argc) {
        (void)snprintf(error, SETTINGS_ERROR_MAX, "'%.100s' is no option; see wbemd --help",
                       argv[optind]);
        return false;
    }
    if (!*ret && !mof && access(SETTINGS_DEFAULT_FILE, F_OK) == 0) {
        *ret = SETTINGS_DEFAULT_FILE;
    }
    return true;
}

static bool take_options(int argc, char **argv, const struct option *options, struct settings *s,
                         char *error)
{
    bool good = true;
    bool *begun = calloc(setting_count(), sizeof *begun);
    char why[SETTINGS_ERROR_MAX];
    optind = 1;
    for (int c; good && begun && (c = getopt_long(argc, argv, "hVc:", options, NULL)) != -1;) {
        if (c < OPTION_SETTING) {
            good = take_own(s, c, optarg, error);
            continue;
        }
        size_t i = (size_t)(c - OPTION_SETTING);
        if (!begun[i]) {
            setting_begin(s, i);
            begun[i] = true;
        }
        good = setting_set(s, i, optarg, why);
        if (!good) {
            (void)snprintf(error, SETTINGS_ERROR_MAX, "--%.500s", why);
        }
    }
    good = good && begun;
    free(begun);
    return good;
}

bool settings_load(int argc, char **argv, struct settings *ret, char error[SETTINGS_ERROR_MAX])
{
    struct option *options = options_new();
    const char *file = NULL;
    settings_init(ret);
    (void)snprintf(error, SETTINGS_ERROR_MAX, "no memory");
    bool good = options && find_file(argc, argv, options, &file, error) &&
                (!file || settings_read_file(ret, file, error)) &&
                take_options(argc, argv, options, ret, error);
    free(options);
    if (!good) {
        settings_done(ret);
    }
    return good;
}
