/*
 * wbem wmic: the command language of Windows' own WMIC, after its documentation
 * ("WMIC: WMI command-line utility", WmiSdk/wmic; "WMIC verbs", "WMIC switches").
 */
#ifndef WBEM_CLI_CONSOLE_H
#define WBEM_CLI_CONSOLE_H

#include "cli.h"

/* A friendly name of a class, with what its lists show; the table is console_aliases.def. */
struct alias {
    const char *name;
    const char *class_name;
    const char *where;     /* which of its instances; "": all */
    const char *parameter; /* the property that "alias VALUE" compares */
    const char *brief;     /* properties of "list brief", by commas */
    const char *summary;
};

extern const struct alias console_aliases[];
extern const size_t console_alias_count;
const struct alias *alias_find(const char *name); /* in any case; NULL: there is none */

enum verb {
    VERB_NONE,
    VERB_GET,
    VERB_LIST,
    VERB_CALL,
    VERB_SET,
    VERB_CREATE,
    VERB_DELETE,
    VERB_ASSOC,
};

enum style {
    STYLE_TABLE,
    STYLE_LIST,
    STYLE_CSV,
    STYLE_XML,
    STYLE_MOF,
    STYLE_JSON,
};

/* Texts, each malloc'd. */
struct words {
    char **items;
    size_t count;
};
bool words_add(struct words *w, const char *text, size_t length);
void words_done(struct words *w);
/* The parts between commas that stand outside of quotes, braces and brackets; empty ones, too. */
bool words_split(struct words *w, const char *text);
bool words_have(const struct words *w, const char *name); /* in any case */

/* The global switches: they hold for the commands that follow in an interactive session. */
struct session {
    struct options options;
    struct words nodes;   /* none: this machine, or the host of the options */
    struct words strings; /* what the members and the options point to */
    const char *output;   /* NULL: the standard output */
    bool append;
    bool interactive; /* ask before a deletion */
    bool aggregate;   /* show what all nodes have when the last has answered */
    FILE *to;
};
const char *session_keep(struct session *s, const char *text); /* NULL: no memory */

/* One command. */
struct request {
    const struct alias *alias;
    char *class_name;
    char *path;    /* of one instance, instead of a class and a condition */
    char *where;   /* NULL: none given */
    bool is_class; /* the class itself is meant */
    enum verb verb;
    char *adverb;       /* list: brief, full, instance, status, system */
    struct words words; /* get: properties; set, create: NAME=VALUE; call: method, parameters */
    bool style_given;
    enum style style;
    double every;         /* seconds; 0: once */
    unsigned long repeat; /* 0: without an end */
    char *result_class, *result_role, *assoc_class;
    bool ask, dont_ask, help, quit, context;
};

/* EXIT_OK, or EXIT_USAGE after saying what is wrong. The switches change *s. */
int request_parse(struct session *s, char *const *tokens, size_t count, struct request *ret);
void request_done(struct request *r);
/* A line as its words; those in quotes are one, without them. False: no memory. */
bool line_split(const char *line, struct words *ret);
/* One global or verb switch, such as /node:a,b. */
int switch_take(struct session *s, struct request *r, const char *text);

/* ---- objects (console_fetch.c) ------------------------------------------------------- */

struct result {
    size_t node;
    IWbemClassObject *object;
};

struct results {
    struct result *items;
    size_t count;
    struct words nodes;   /* their names as they are shown */
    struct words columns; /* what to show; none: all properties */
};
void results_done(struct results *r);

/* What the request names; with `whole` all properties and the path, for changes and calls. */
HRESULT results_fetch(IWbemServices *services, const struct request *r, size_t node, bool whole,
                      struct results *ret);
HRESULT results_associators(IWbemServices *services, const struct request *r, size_t node,
                            struct results *ret);
/* A property as text; malloc'd, NULL when it isn't there. */
char *object_property(IWbemClassObject *object, const wchar_t *name);
HRESULT object_of_path(IWbemServices *services, const char *path, IWbemClassObject **ret);

/* Says which node failed and why; gives the exit code. */
int node_fail(const char *node, const char *what, HRESULT hr);

/* ---- output (console_show.c) ----------------------------------------------------------- */

/* EXIT_OK or the exit code after saying what is wrong. */
int results_show(const struct session *s, const struct results *r, enum style style);

/* ---- verbs that change something (console_change.c) -------------------------------------- */

int change_run(struct session *s, IWbemServices *services, const struct request *r,
               const char *node);

/* ---- help (console_help.c) ------------------------------------------------------------- */

/* `services` NULL: nothing was connected, the help is of the language. */
int help_show(const struct session *s, IWbemServices *services, const struct request *r);
void context_show(const struct session *s);

#endif
