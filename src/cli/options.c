/* The command line: options, their checks, and help. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wbem.h>

#include "cli.h"

enum {
    DEFAULT_BATCH = 100, /* large enough that the call's cost vanishes, small enough to stream */
    MAX_BATCH = 100000,
};

enum {
    OPTION_SYSTEM = 256, /* past every letter */
    OPTION_AMENDED,
    OPTION_FOR,
    OPTION_REPOSITORY,
    OPTION_QUERY,
    OPTION_CREATE_ONLY,
    OPTION_UPDATE_ONLY,
    OPTION_SAFE_UPDATE,
    OPTION_FORCE_UPDATE,
    OPTION_PASSWORD_FILE,
    OPTION_HASH,
    OPTION_AUTHORITY,
    OPTION_AUTH_LEVEL,
    OPTION_LOCALE,
    OPTION_TRACE,
};

static const struct option long_options[] = {
    {"namespace", required_argument, NULL, 'n'},
    {"format", required_argument, NULL, 'f'},
    {"batch", required_argument, NULL, 'b'},
    {"limit", required_argument, NULL, 'l'},
    {"count", required_argument, NULL, 'l'},
    {"for", required_argument, NULL, OPTION_FOR},
    {"query", required_argument, NULL, OPTION_QUERY},
    {"timeout", required_argument, NULL, 't'},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"system", no_argument, NULL, OPTION_SYSTEM},
    {"amended", no_argument, NULL, OPTION_AMENDED},
    {"locale", required_argument, NULL, OPTION_LOCALE},
    {"below", required_argument, NULL, 'B'},
    {"include", required_argument, NULL, 'I'},
    {"create-only", no_argument, NULL, OPTION_CREATE_ONLY},
    {"update-only", no_argument, NULL, OPTION_UPDATE_ONLY},
    {"safe-update", no_argument, NULL, OPTION_SAFE_UPDATE},
    {"force-update", no_argument, NULL, OPTION_FORCE_UPDATE},
    {"repository", required_argument, NULL, OPTION_REPOSITORY},
    {"host", required_argument, NULL, 'H'},
    {"user", required_argument, NULL, 'U'},
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"hash", no_argument, NULL, OPTION_HASH},
    {"credentials", required_argument, NULL, 'A'},
    {"authority", required_argument, NULL, OPTION_AUTHORITY},
    {"auth-level", required_argument, NULL, OPTION_AUTH_LEVEL},
    {"trace", no_argument, NULL, OPTION_TRACE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct {
    const char *name;
    enum output_format format;
} formats[] = {
    {"auto", FORMAT_AUTO}, {"table", FORMAT_TABLE},   {"list", FORMAT_LIST},
    {"json", FORMAT_JSON}, {"ndjson", FORMAT_NDJSON}, {"csv", FORMAT_CSV},
    {"mof", FORMAT_MOF},
};

void print_help(FILE *to)
{
    fputs("usage: wbem COMMAND [OPTION ...] [ARGUMENT ...]\n\n"
          "Asks Windows Management Instrumentation (WMI) about this machine or\n"
          "another, such as one that runs Windows (--host).\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i].summary) {
            fprintf(to, "  %-10s %-11s %s\n", commands[i].name,
                    strlen(commands[i].arguments) > 11 ? "..." : commands[i].arguments,
                    commands[i].summary);
        }
    }
    fputs("\nOptions of a command: wbem COMMAND --help. The manual: man wbem.\n\n"
          "examples:\n"
          "  wbem query \"SELECT ProcessId, Name FROM Win32_Process WHERE Name LIKE 'ssh%'\"\n"
          "  wbem query \"SELECT * FROM Win32_OperatingSystem\" --format json\n"
          "  wbem watch \"SELECT * FROM Win32_ProcessStartTrace\"\n"
          "  wbem query -H server1 -U 'CORP\\admin' \"SELECT * FROM Win32_Service\"\n"
          "  wbem classes 'Win32_*Disk*'\n"
          "  wbem get 'Win32_Process.Handle=\"1\"'\n"
          "  wbem call Win32_Process Create 'CommandLine=sleep 60'\n"
          "  wbem call --query \"SELECT * FROM Win32_Process WHERE Name = 'sleep'\" Terminate\n",
          to);
}

void print_command_help(const struct command *c, FILE *to)
{
    fprintf(to, "usage: wbem %s [OPTION ...] %s\n\n%s\n\noptions:\n", c->name, c->arguments,
            c->summary ? c->summary : "for shell completion");
    fputs("  -n, --namespace NAME  the namespace to ask (default root\\cimv2)\n"
          "  -H, --host HOST       ask that host, or HOST[PORT], by DCOM; not mof, repository, "
          "events\n"
          "  -U, --user USER       as DOMAIN\\USER, USER@REALM or USER; the password comes from\n"
          "                        --password-file, WBEM_PASSWORD, WBEM_NT_HASH or is asked for\n"
          "      --password-file FILE  its first line is the password\n"
          "      --hash            the password is an NT hash\n"
          "  -A, --credentials FILE  lines username = ..., password = ... or hash = ...,\n"
          "                        domain = ...\n"
          "      --authority TEXT  ntlmdomain:DOMAIN or kerberos:PRINCIPAL\n"
          "      --auth-level LEVEL  privacy (default) or integrity\n"
          "      --trace           print what goes over the network, without its content\n"
          "  -f, --format FORMAT   auto, table, list, json, ndjson, csv or mof\n"
          "  -b, --batch COUNT     objects asked for at a time (default 100)\n"
          "  -l, --limit COUNT     show at most so many objects\n"
          "      --count COUNT     the same\n"
          "  -t, --timeout SECONDS give up after that time\n"
          "      --for SECONDS     watch, events: end after that time\n"
          "      --query QUERY     call: on each object of the query instead of PATH\n"
          "  -q, --quiet           no progress line\n"
          "  -v, --verbose         events: say what goes on, not only what goes wrong\n"
          "      --system          show the system properties (__CLASS, __PATH, ...) too\n"
          "      --amended         with descriptions (class, and MOF output)\n"
          "      --locale NAMES    descriptions of these locales: MS_40C, or MS_40C,MS_409\n"
          "  -B, --below CLASS     classes: only those derived from CLASS\n"
          "  -I, --include FOLDER  mof: where included files may be, too\n"
          "      --create-only     mof: what is there already is an error\n"
          "      --update-only     mof: what is not there yet is an error\n"
          "      --safe-update     mof: change classes with subclasses if nothing conflicts\n"
          "      --force-update    mof: change them in any case\n"
          "      --repository PLACE  the folder of the repository, or :memory:\n"
          "  -h, --help            this text\n\n"
          "Exit codes: 0 done, 1 WMI answered with an error, 2 wrong usage, 3 time-out,\n"
          "4 no such namespace, class, instance or method, 5 malformed query,\n"
          "6 a method that was called returned another value than 0.\n",
          to);
}

static bool parse_count(const char *option, const char *text, unsigned long most,
                        unsigned long *ret)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno || end == text || *end || strchr(text, '-') || v == 0 || v > most) {
        fprintf(stderr, "wbem: %s: '%s' is not a number from 1 to %lu\n", option, text, most);
        return false;
    }
    *ret = v;
    return true;
}

static bool parse_seconds(const char *option, const char *text, double *ret)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v) || v <= 0 || v > 1e9) {
        fprintf(stderr, "wbem: %s: '%s' is not a number of seconds\n", option, text);
        return false;
    }
    *ret = v;
    return true;
}

static bool use_repository(const char *place)
{
    if (SUCCEEDED(wbem_set_repository(place))) {
        return true;
    }
    fprintf(stderr, "wbem: --repository: '%s' is no place for a repository\n", place);
    return false;
}

static bool parse_format(const char *text, enum output_format *ret)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcasecmp(formats[i].name, text) == 0) {
            *ret = formats[i].format;
            return true;
        }
    }
    fprintf(stderr, "wbem: --format: '%s' is none of auto, table, list, json, ndjson, csv, mof\n",
            text);
    return false;
}

/* The list is main()'s to free. */
static bool add_folder(struct options *o, char *folder)
{
    char **folders = realloc(o->folders, (o->folder_count + 1) * sizeof(*folders));
    if (!folders) {
        fputs("wbem: out of memory\n", stderr);
        return false;
    }
    o->folders = folders;
    o->folders[o->folder_count++] = folder;
    return true;
}

static bool parse_remote_option(int letter, struct options *o)
{
    switch (letter) {
    case 'H':
        o->host = optarg;
        if (!*optarg || strpbrk(optarg, "\\/ ")) {
            fprintf(stderr, "wbem: --host: '%s' is no host's name or address\n", optarg);
            return false;
        }
        return true;
    case 'U':
        o->user = optarg;
        return true;
    case 'A':
        o->credentials = optarg;
        return true;
    case OPTION_PASSWORD_FILE:
        o->password_file = optarg;
        return true;
    case OPTION_AUTHORITY:
        o->authority = optarg;
        return true;
    case OPTION_AUTH_LEVEL:
        o->auth_level = optarg;
        return true;
    case OPTION_HASH:
        o->hash = true;
        return true;
    default:
        o->trace = true;
        return true;
    }
}

/* Options that mean nothing without another. */
static bool check_remote_options(const struct options *o)
{
    const char *name = o->user            ? "--user"
                       : o->password_file ? "--password-file"
                       : o->credentials   ? "--credentials"
                       : o->authority     ? "--authority"
                       : o->auth_level    ? "--auth-level"
                       : o->hash          ? "--hash"
                                          : NULL;
    if (name && !o->host) {
        fprintf(stderr, "wbem: %s is for another host; give --host, too\n", name);
        return false;
    }
    if ((o->password_file || o->hash) && !o->user) {
        fputs("wbem: a password needs its user; give --user, too\n", stderr);
        return false;
    }
    if (o->credentials && o->user) {
        fputs("wbem: --credentials and --user both say who connects\n", stderr);
        return false;
    }
    if (o->host && o->name_space[0] == '\\') {
        fputs("wbem: --namespace names a host already\n", stderr);
        return false;
    }
    return true;
}

static bool parse_option(const struct command *c, int letter, struct options *o)
{
    switch (letter) {
    case 'n':
        o->name_space = optarg;
        o->name_space_given = true;
        return true;
    case 'f':
        return parse_format(optarg, &o->format);
    case 'b':
        return parse_count("--batch", optarg, MAX_BATCH, &o->batch);
    case 'l':
        return parse_count("--limit", optarg, (unsigned long)-1 / 2, &o->limit);
    case 't':
        return parse_seconds("--timeout", optarg, &o->timeout);
    case OPTION_FOR:
        return parse_seconds("--for", optarg, &o->duration);
    case OPTION_QUERY:
        o->query = optarg;
        return true;
    case 'q':
        o->quiet = true;
        return true;
    case 'v':
        o->verbose = true;
        return true;
    case OPTION_REPOSITORY:
        return use_repository(optarg);
    case OPTION_SYSTEM:
        o->system = true;
        return true;
    case OPTION_AMENDED:
        o->amended = true;
        return true;
    case OPTION_LOCALE:
        o->locale = optarg;
        return true;
    case 'B':
        o->superclass = optarg;
        return true;
    case 'I':
        return add_folder(o, optarg);
    case OPTION_CREATE_ONLY:
    case OPTION_UPDATE_ONLY:
        o->instance_flags =
            letter == OPTION_CREATE_ONLY ? WBEM_FLAG_CREATE_ONLY : WBEM_FLAG_UPDATE_ONLY;
        o->class_flags = (o->class_flags & WBEM_MASK_UPDATE_MODE) | o->instance_flags;
        return true;
    case OPTION_SAFE_UPDATE:
    case OPTION_FORCE_UPDATE:
        o->class_flags = (o->class_flags & ~WBEM_MASK_UPDATE_MODE) |
                         (letter == OPTION_SAFE_UPDATE ? WBEM_FLAG_UPDATE_SAFE_MODE
                                                       : WBEM_FLAG_UPDATE_FORCE_MODE);
        return true;
    case 'H':
    case 'U':
    case 'A':
    case OPTION_PASSWORD_FILE:
    case OPTION_AUTHORITY:
    case OPTION_AUTH_LEVEL:
    case OPTION_HASH:
    case OPTION_TRACE:
        return parse_remote_option(letter, o);
    case 'h':
        print_command_help(c, stdout);
        exit(finish_output());
    default:
        fprintf(stderr, "wbem: see wbem %s --help\n", c->name);
        return false;
    }
}

bool options_parse(const struct command *c, int argc, char **argv, struct options *ret)
{
    *ret = (struct options){.name_space = "root\\cimv2", .batch = DEFAULT_BATCH};
    int letter;
    while ((letter = getopt_long(argc, argv, "n:f:b:l:t:qvB:I:H:U:A:h", long_options, NULL)) !=
           -1) {
        if (!parse_option(c, letter, ret)) {
            return false;
        }
    }
    if (!check_remote_options(ret)) {
        return false;
    }
    ret->argument_count = argc - optind;
    ret->arguments = argv + optind;
    if (ret->argument_count < c->min_arguments || ret->argument_count > c->max_arguments) {
        fprintf(stderr, "wbem: usage: wbem %s [OPTION ...] %s\n", c->name, c->arguments);
        if (ret->argument_count > c->max_arguments) {
            fputs("wbem: an argument with spaces needs quotes\n", stderr);
        }
        return false;
    }
    return true;
}
