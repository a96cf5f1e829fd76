/* The switches of wbem wmic: global ones of the session, and those of one command. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "console.h"

static int refuse(const char *name, const char *value, const char *what)
{
    fprintf(stderr, "/%s%s%s - %s\n", name, value ? ":" : "", value ? value : "", what);
    return EXIT_USAGE;
}

static int out_of_memory(void)
{
    return fail("read the command", WBEM_E_OUT_OF_MEMORY);
}

const char *session_keep(struct session *s, const char *text)
{
    return words_add(&s->strings, text, strlen(text)) ? s->strings.items[s->strings.count - 1]
                                                      : NULL;
}

static int keep(struct session *s, const char *value, const char **ret)
{
    *ret = session_keep(s, value);
    return *ret ? EXIT_OK : out_of_memory();
}

static int set_text(char **to, const char *value)
{
    free(*to);
    *to = strdup(value);
    return *to ? EXIT_OK : out_of_memory();
}

/* ---- global ones --------------------------------------------------------------------------- */

/* \\root\cimv2 is the whole name; other names are below the present one. */
static int take_namespace(struct session *s, const char *name, char *value)
{
    bool whole = value[0] == '\\' || value[0] == '/' || strncasecmp(value, "root", 4) == 0;
    value += strspn(value, "\\/");
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", whole ? "" : s->options.name_space, whole ? "" : "\\", value) <
        0) {
        return out_of_memory();
    }
    int code = keep(s, text, &s->options.name_space);
    free(text);
    s->options.name_space_given = true;
    return code;
}

/* Names by commas or, in a file, by lines. */
static bool add_nodes(struct words *nodes, char *text)
{
    for (char *name, *at = text; (name = strsep(&at, ",\r\n"));) {
        name += strspn(name, " \t\"");
        size_t length = strcspn(name, " \t\"");
        if (length > 0 && !words_add(nodes, name, length)) {
            return false;
        }
    }
    return true;
}

static int take_node_file(struct words *nodes, const char *path)
{
    FILE *from = fopen(path, "re");
    if (!from) {
        return refuse("node", path, strerror(errno));
    }
    char *line = NULL;
    size_t room = 0;
    bool fine = true;
    while (fine && getline(&line, &room, from) >= 0) {
        fine = add_nodes(nodes, line);
    }
    free(line);
    (void)fclose(from);
    return fine ? EXIT_OK : out_of_memory();
}

static int take_nodes(struct session *s, const char *name, char *value)
{
    struct words parts = {0};
    int code = words_split(&parts, value) ? EXIT_OK : out_of_memory();
    words_done(&s->nodes);
    for (size_t i = 0; i < parts.count && code == EXIT_OK; i++) {
        char *part = parts.items[i];
        if (part[0] == '@' || part[0] == '&') {
            code = take_node_file(&s->nodes, part + 1);
        } else if (!add_nodes(&s->nodes, part)) {
            code = out_of_memory();
        }
    }
    words_done(&parts);
    if (code == EXIT_OK && s->nodes.count == 0) {
        code = refuse("node", value, "no computer is named");
    }
    return code;
}

static int take_auth_level(struct session *s, const char *name, char *value)
{
    if (strcasecmp(value, "pktprivacy") == 0 || strcasecmp(value, "default") == 0) {
        s->options.auth_level = "privacy";
        return EXIT_OK;
    }
    if (strcasecmp(value, "pktintegrity") == 0) {
        s->options.auth_level = "integrity";
        return EXIT_OK;
    }
    return refuse("authlevel", value, "only Pktintegrity and Pktprivacy, which hosts require");
}

static int take_flag(const char *name, const char *value, bool *ret)
{
    if (value && strcasecmp(value, "on") != 0 && strcasecmp(value, "off") != 0) {
        return refuse(name, value, "Invalid value: ON or OFF");
    }
    *ret = !value || strcasecmp(value, "on") == 0;
    return EXIT_OK;
}

/* The switch's text stands in argv: whoever lists processes is not to read it. The library takes
 * the password from the environment, which this sets in memory alone. */
static int take_password(struct session *s, const char *name, char *value)
{
    int code = setenv("WBEM_PASSWORD", value, 1) == 0 ? EXIT_OK : out_of_memory();
    explicit_bzero(value, strlen(value));
    return code;
}

static int take_output(struct session *s, const char *name, char *value)
{
    s->append = strcasecmp(name, "append") == 0;
    if (strcasecmp(value, "clipboard") == 0) {
        return refuse(name, value, "there is no clipboard; name a file");
    }
    if (strcasecmp(value, "stdout") == 0) {
        s->output = NULL;
        return EXIT_OK;
    }
    return keep(s, value, &s->output);
}

/* ON, OFF, or the milliseconds after which a node counts as one that does not answer. */
static int take_fail_fast(struct session *s, const char *name, char *value)
{
    char *end;
    unsigned long ms = strtoul(value, &end, 10);
    if (end != value && !*end && ms > 0) {
        s->options.timeout = (double)ms / 1000;
        return EXIT_OK;
    }
    bool on;
    int code = take_flag("failfast", value, &on);
    if (code == EXIT_OK) {
        s->options.timeout = on ? 2 : 0;
    }
    return code;
}

static int take_authority(struct session *s, const char *name, char *value)
{
    return keep(s, value, &s->options.authority);
}

static int take_user(struct session *s, const char *name, char *value)
{
    return keep(s, value, &s->options.user);
}

/* /locale:ms_409 and, as Windows' has it, /locale:ms\_409. */
static int take_locale(struct session *s, const char *name, char *value)
{
    char *end = value;
    for (const char *p = value; *p; p++) {
        if (*p != '\\') {
            *end++ = *p;
        }
    }
    *end = '\0';
    bool valid = strncasecmp(value, "ms_", 3) == 0 && value[3] &&
                 strspn(value + 3, "0123456789abcdefABCDEF") == strlen(value + 3);
    return valid ? keep(s, value, &s->options.locale)
                 : refuse(name, value, "A locale is ms_409 and its kin.");
}

static int take_record(struct session *s, const char *name, char *value)
{
    return refuse(name, value, "Not supported; use /output.");
}

static const struct {
    const char *name;
    int (*take)(struct session *s, const char *name, char *value);
    const char *only; /* without `take`: the value that it has here, whatever is said */
} valued_switches[] = {
    {"namespace", take_namespace, NULL},
    {"node", take_nodes, NULL},
    {"authlevel", take_auth_level, NULL},
    {"authority", take_authority, NULL},
    {"user", take_user, NULL},
    {"password", take_password, NULL},
    {"output", take_output, NULL},
    {"append", take_output, NULL},
    {"failfast", take_fail_fast, NULL},
    {"record", take_record, NULL},
    {"role", NULL, "root\\cli"},
    {"implevel", NULL, "impersonate"},
    {"locale", take_locale, NULL},
    {"privileges", NULL, "enable"},
};

static int take_valued(struct session *s, const char *name, char *value, bool *ret_known)
{
    size_t i = 0, count = sizeof(valued_switches) / sizeof(valued_switches[0]);
    while (i < count && strcasecmp(valued_switches[i].name, name) != 0) {
        i++;
    }
    *ret_known = i < count;
    if (i == count) {
        return EXIT_OK;
    }
    bool may_be_empty = valued_switches[i].take == take_password;
    if (!value || (!*value && !may_be_empty)) {
        return refuse(name, NULL, "Invalid Global Switch: its value is missing.");
    }
    if (valued_switches[i].take) {
        return valued_switches[i].take(s, name, value);
    }
    return strcasecmp(value + strspn(value, "\\"), valued_switches[i].only) == 0
               ? EXIT_OK
               : refuse(name, value, "Not supported.");
}

static int take_global(struct session *s, const char *name, char *value, bool *ret_known)
{
    *ret_known = true;
    if (strcasecmp(name, "interactive") == 0) {
        return take_flag(name, value, &s->interactive);
    }
    if (strcasecmp(name, "trace") == 0) {
        return take_flag(name, value, &s->options.trace);
    }
    if (strcasecmp(name, "aggregate") == 0) {
        return take_flag(name, value, &s->aggregate);
    }
    return take_valued(s, name, value, ret_known);
}

/* ---- those of a command ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum style style;
} styles[] = {
    {"table", STYLE_TABLE}, {"texttable", STYLE_TABLE}, {"texttablewsys", STYLE_TABLE},
    {"list", STYLE_LIST},   {"value", STYLE_LIST},      {"textvaluelist", STYLE_LIST},
    {"csv", STYLE_CSV},     {"xml", STYLE_XML},         {"rawxml", STYLE_XML},
    {"mof", STYLE_MOF},     {"json", STYLE_JSON},
};

static int take_format(struct request *r, const char *value)
{
    size_t length = strlen(value);
    if (length > 4 && strcasecmp(value + length - 4, ".xsl") == 0) {
        length -= 4;
    }
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        if (strlen(styles[i].name) == length && strncasecmp(styles[i].name, value, length) == 0) {
            r->style = styles[i].style;
            r->style_given = true;
            return EXIT_OK;
        }
    }
    return refuse("format", value,
                  "Invalid XSL format (or) file name: table, list, value, csv, xml, mof or json");
}

static int take_interval(struct request *r, const char *value)
{
    char *end;
    r->every = strtod(value, &end);
    return end == value || *end || !isfinite(r->every) || r->every <= 0 || r->every > 1e9
               ? refuse("every", value, "Invalid interval in seconds.")
               : EXIT_OK;
}

static int take_repeat(struct request *r, const char *value)
{
    char *end;
    errno = 0;
    r->repeat = strtoul(value, &end, 10);
    return end == value || *end || errno || *value == '-' || r->repeat == 0
               ? refuse("repeat", value, "Invalid count.")
               : EXIT_OK;
}

static int take_local(struct request *r, const char *name, const char *value)
{
    if (strcasecmp(name, "value") == 0 || strcasecmp(name, "all") == 0) {
        r->style = strcasecmp(name, "all") == 0 ? STYLE_TABLE : STYLE_LIST;
        r->style_given = true;
        return EXIT_OK;
    }
    if (strcasecmp(name, "nointeractive") == 0) {
        r->dont_ask = true;
        return EXIT_OK;
    }
    if (strcasecmp(name, "translate") == 0) {
        return refuse(name, value, "Not supported.");
    }
    static const char *const valued[] = {"format",      "every",      "repeat",
                                         "resultclass", "resultrole", "assocclass"};
    size_t i = 0;
    while (i < 6 && strcasecmp(valued[i], name) != 0) {
        i++;
    }
    if (i < 6 && (!value || !*value)) {
        return refuse(name, NULL, "Invalid Verb Switch: its value is missing.");
    }
    switch (i) {
    case 0:
        return take_format(r, value);
    case 1:
        return take_interval(r, value);
    case 2:
        return take_repeat(r, value);
    case 3:
        return set_text(&r->result_class, value);
    case 4:
        return set_text(&r->result_role, value);
    case 5:
        return set_text(&r->assoc_class, value);
    default:
        return refuse(name, value,
                      r->class_name ? "Invalid Verb Switch." : "Invalid Global Switch.");
    }
}

int switch_take(struct session *s, struct request *r, const char *text)
{
    const char *name = text + 1;
    if (name[0] == '?') {
        r->help = true;
        return EXIT_OK;
    }
    char *copy = strndup(name, strcspn(name, ":"));
    char *value = strchr(text, ':'); /* of the caller's text: a password is wiped there */
    if (!copy) {
        return out_of_memory();
    }
    bool known = false;
    int code;
    if (r->class_name && strcasecmp(copy, "interactive") == 0 && !value) {
        r->ask = known = true; /* of this deletion only */
        code = EXIT_OK;
    } else {
        code = take_global(s, copy, value ? value + 1 : NULL, &known);
    }
    code = known ? code : take_local(r, copy, value ? value + 1 : NULL);
    free(copy);
    return code;
}
