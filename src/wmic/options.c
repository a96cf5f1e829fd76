/*
 * The old program's command line. What it took for Samba's client libraries
 * and has no meaning here is taken and not used.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "secret.h"
#include "wmic.h"

static const char usage[] =
    "Usage: wmic [OPTION ...] //HOST \"QUERY\"\n"
    "Run a WQL query on a host and print the objects, as monitoring plugins expect it.\n\n"
    "  -U, --user=[DOMAIN/]USER[%PASSWORD]  who asks; without a password it is asked for\n"
    "  -A, --authentication-file=FILE       lines username=, password=, domain=\n"
    "  -W, --workgroup=DOMAIN               the user's domain\n"
    "      --password=PASSWORD              better from a file or the variable PASSWD\n"
    "  -N, --no-pass                        do not ask for a password\n"
    "      --pw-nt-hash                     the password is its NT hash\n"
    "      --namespace=NAMESPACE            default root\\cimv2\n"
    "      --delimiter=TEXT                 between values, default |\n"
    "      --timeout=SECONDS                of each step\n"
    "  -d, --debuglevel=LEVEL               3 and more: print what goes over the network\n"
    "  -V, --version\n"
    "  -?, --help\n\n"
    "HOST may be HOST[PORT]; //. is this machine. Options of the old program that mean nothing "
    "here\n"
    "(-k, -S, -P, -s, -n, -i, -l, -O, -R, --option) are taken and not used.\n"
    "`wbem query` does the same with more formats and better messages.\n";

enum {
    OPTION_NAMESPACE = 256,
    OPTION_DELIMITER,
    OPTION_PASSWORD,
    OPTION_HASH,
    OPTION_TIMEOUT,
    OPTION_HELP,
    OPTION_UNUSED,
};

static const struct option options[] = {
    {"user", required_argument, NULL, 'U'},
    {"authentication-file", required_argument, NULL, 'A'},
    {"workgroup", required_argument, NULL, 'W'},
    {"password", required_argument, NULL, OPTION_PASSWORD},
    {"no-pass", no_argument, NULL, 'N'},
    {"pw-nt-hash", no_argument, NULL, OPTION_HASH},
    {"namespace", required_argument, NULL, OPTION_NAMESPACE},
    {"delimiter", required_argument, NULL, OPTION_DELIMITER},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"debuglevel", required_argument, NULL, 'd'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"usage", no_argument, NULL, OPTION_HELP},
    {"kerberos", required_argument, NULL, OPTION_UNUSED},
    {"use-kerberos", required_argument, NULL, OPTION_UNUSED},
    {"option", required_argument, NULL, OPTION_UNUSED},
    {"configfile", required_argument, NULL, 's'},
    {"signing", required_argument, NULL, 'S'},
    {"machine-pass", no_argument, NULL, 'P'},
    {"simple-bind-dn", required_argument, NULL, OPTION_UNUSED},
    {"realm", required_argument, NULL, 'R'},
    {"netbiosname", required_argument, NULL, 'n'},
    {"scope", required_argument, NULL, 'i'},
    {"socket-options", required_argument, NULL, 'O'},
    {"log-basename", required_argument, NULL, 'l'},
    {"maxprotocol", required_argument, NULL, 'm'},
    {"name-resolve", required_argument, NULL, OPTION_UNUSED},
    {"debug-stderr", no_argument, NULL, OPTION_UNUSED},
    {"leak-report", no_argument, NULL, OPTION_UNUSED},
    {NULL, 0, NULL, 0},
};

static bool set(char **to, const char *text, size_t length)
{
    free(*to);
    *to = strndup(text, length);
    return *to != NULL;
}

static void wipe(char *text)
{
    explicit_bzero(text, strlen(text));
}

static bool set_password(struct settings *s, const char *text)
{
    if (s->password) {
        wipe(s->password);
    }
    return set(&s->password, text, strlen(text));
}

/* [DOMAIN/]USER[%PASSWORD]; the password is overwritten where everybody could read it. */
static bool set_user(struct settings *s, char *text)
{
    char *percent = strchr(text, '%');
    if (percent) {
        if (!set_password(s, percent + 1)) {
            return false;
        }
        memset(percent + 1, 'x', strlen(percent + 1));
        *percent = '\0';
    }
    size_t domain = strcspn(text, "/\\");
    bool has_domain = text[domain] != '\0';
    return (!has_domain || set(&s->domain, text, domain)) &&
           set(&s->user, has_domain ? text + domain + 1 : text, strlen(text));
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) {
        text[--length] = '\0';
    }
    return text;
}

static bool take_line(struct settings *s, char *line)
{
    char *value = strchr(line, '=');
    if (!value) {
        return true;
    }
    *value++ = '\0';
    const char *name = trim(line);
    value = trim(value);
    if (strcasecmp(name, "username") == 0) {
        return set_user(s, value);
    }
    if (strcasecmp(name, "password") == 0) {
        return set_password(s, value);
    }
    return strcasecmp(name, "domain") != 0 || set(&s->domain, value, strlen(value));
}

static bool read_credentials(struct settings *s, const char *path)
{
    char line[SECRET_MAX] = "";
    FILE *from = fopen(path, "re");
    bool good = from != NULL;
    while (good && fgets(line, sizeof line, from)) {
        good = take_line(s, line);
    }
    if (!good) {
        fprintf(stderr, "[wmic] ERROR: %s: %s\n", path, strerror(errno));
    }
    if (from) {
        (void)fclose(from);
    }
    explicit_bzero(line, sizeof line);
    return good;
}

/* True: go on. */
static bool take_option(struct settings *s, int c, char *value)
{
    switch (c) {
    case 'U':
        return set_user(s, value);
    case 'A':
        return read_credentials(s, value);
    case 'W':
        return set(&s->domain, value, strlen(value));
    case OPTION_PASSWORD: {
        bool good = set_password(s, value);
        memset(value, 'x', strlen(value));
        return good;
    }
    case 'N':
        s->no_password = true;
        return true;
    case OPTION_HASH:
        s->hash = true;
        return true;
    case OPTION_NAMESPACE:
        return set(&s->name_space, value, strlen(value));
    case OPTION_DELIMITER:
        return set(&s->delimiter, value, strlen(value));
    case OPTION_TIMEOUT:
        s->timeout = strtod(value, NULL);
        return true;
    case 'd':
        s->trace = atoi(value) >= 3;
        return true;
    default:
        return true;
    }
}

/* //HOST, also \\HOST, HOST and //HOST/. */
static bool set_host(struct settings *s, const char *text)
{
    text += strspn(text, "/\\");
    return set(&s->host, text, strcspn(text, "/\\"));
}

static bool ask_password(struct settings *s)
{
    const char *given = getenv("PASSWD") ? getenv("PASSWD") : getenv("WBEM_PASSWORD");
    char prompt[512], secret[SECRET_MAX] = "";
    if (given) {
        return set_password(s, given);
    }
    (void)snprintf(prompt, sizeof prompt, "Password for [%s%s%s]: ", s->domain ? s->domain : "",
                   s->domain ? "\\" : "", s->user);
    bool good = secret_ask(prompt, secret) == SECRET_GIVEN && set_password(s, secret);
    if (!good) {
        fputs("[wmic] ERROR: no password: give it by -A FILE or the variable PASSWD, or -N for "
              "none\n",
              stderr);
    }
    explicit_bzero(secret, sizeof secret);
    return good;
}

bool settings_parse(struct settings *s, int argc, char **argv, int *ret_exit)
{
    *s = (struct settings){.name_space = strdup("root\\cimv2"), .delimiter = strdup("|")};
    *ret_exit = EXIT_FAILED;
    opterr = 0;
    for (int c;
         (c = getopt_long(argc, argv, "U:A:W:Nd:Vks:S:PR:n:i:O:l:m:?", options, NULL)) != -1;) {
        if (c == 'V') {
            puts("wmic, of libwbem " WBEM_VERSION);
            *ret_exit = EXIT_OK;
            return false;
        }
        if (c == OPTION_HELP || c == '?') {
            bool asked = c == OPTION_HELP || strcmp(argv[optind - 1], "-?") == 0;
            fputs(usage, asked ? stdout : stderr);
            *ret_exit = asked ? EXIT_OK : EXIT_FAILED;
            return false;
        }
        if (!take_option(s, c, optarg)) {
            return false;
        }
    }
    if (argc - optind != 2) {
        fputs(usage, stderr);
        return false;
    }
    if (!set_host(s, argv[optind]) || !set(&s->query, argv[optind + 1], strlen(argv[optind + 1]))) {
        return false;
    }
    if (s->user && !s->password && s->no_password) {
        return set_password(s, "");
    }
    return !s->user || s->password || ask_password(s);
}

void settings_done(struct settings *s)
{
    if (s->password) {
        wipe(s->password);
    }
    free(s->host);
    free(s->query);
    free(s->name_space);
    free(s->delimiter);
    free(s->domain);
    free(s->user);
    free(s->password);
}
