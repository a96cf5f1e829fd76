/*
 * The wbem program: queries and looks at classes through the public API alone,
 * as any other client would.
 */
#ifndef WBEM_CLI_CLI_H
#define WBEM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <wbemcli.h>

/* Exit codes; part of the interface (wbem(1)). */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,    /* WMI answered with an error */
    EXIT_USAGE = 2,     /* the command line is wrong */
    EXIT_TIMEOUT = 3,   /* --timeout ran out, or a host did not answer in time */
    EXIT_NOT_FOUND = 4, /* no such namespace, class or instance */
    EXIT_BAD_QUERY = 5, /* the query is malformed */
    EXIT_RETURNED = 6,  /* call: the method's return value is not 0 */
};

enum output_format {
    FORMAT_AUTO, /* by command and by whether a terminal is there */
    FORMAT_TABLE,
    FORMAT_LIST,
    FORMAT_JSON,
    FORMAT_NDJSON,
    FORMAT_CSV,
    FORMAT_MOF,
};

struct options {
    const char *host; /* --host; NULL: this machine */
    const char *user, *password_file, *credentials, *authority, *auth_level; /* there */
    bool hash;              /* the password is its NT hash */
    bool trace;             /* say what goes over the network */
    const char *name_space; /* --namespace */
    bool name_space_given;  /* it is not the default */
    enum output_format format;
    unsigned long batch;              /* objects a NextAsync asks for */
    unsigned long limit;              /* 0: all */
    double timeout;                   /* seconds; 0: none */
    double duration;                  /* watch: seconds after which all is well; 0: none */
    bool quiet;                       /* no progress line */
    bool verbose;                     /* events: what goes on, too */
    bool system;                      /* system properties too */
    bool amended;                     /* descriptions too */
    const char *locale;               /* theirs: MS_40C,MS_409; NULL: as they were defined */
    const char *query;                /* call: on the objects of this query */
    bool deep;                        /* classes: the whole tree below */
    const char *superclass;           /* classes: below this one */
    LONG class_flags, instance_flags; /* mof: WBEM_CHANGE_FLAG_TYPE */
    char **folders;                   /* mof: of included files; grows with each --include */
    size_t folder_count;
    int argument_count; /* what is left after the options */
    char **arguments;
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line */
    const char *summary;
    int min_arguments, max_arguments;
    int (*run)(const struct options *o);
};

/* Usage: this one looks at or changes this machine's repository itself. True after saying so. */
bool refuse_host(const struct options *o, const char *what);

extern const struct command commands[];
extern const size_t command_count;

/* Parses what follows the command's name. Returns false after saying what is wrong. */
bool options_parse(const struct command *c, int argc, char **argv, struct options *ret);
void print_command_help(const struct command *c, FILE *to);
void print_help(FILE *to);

int command_query(const struct options *o);
int command_watch(const struct options *o);
int command_events(const struct options *o);
int command_classes(const struct options *o);
int command_class(const struct options *o);
int command_get(const struct options *o);
int command_repository(const struct options *o);
int command_call(const struct options *o);
int command_mof(const struct options *o);
int command_wmic(const struct options *o);
int command_object(const struct options *o);
int command_complete(const struct options *o);

/* ---- connecting and failing (session.c) ------------------------------------------- */

/* Prints what failed, the code's name and meaning and what the error object tells; gives the exit
 * code that fits. */
int fail(const char *what, HRESULT hr);
/* The same with an __ExtendedStatus as SetStatus hands one out (may be NULL). */
int fail_with(const char *what, HRESULT hr, IWbemClassObject *status);

/* Ends the program as a closed pipe ends others: by SIGPIPE, without a word. */
_Noreturn void die_of_closed_pipe(void);
/* Says why the output could not be written; a closed pipe ends the program. EXIT_FAILED. */
int fail_output(void);
/* Has a write to the standard output failed? To be asked right after one, for its errno. */
bool output_is_broken(void);
/* EXIT_OK when all of it is written; else says why not. */
int finish_output(void);

/* Who connects to the host: all for SysFreeString(), or NULL; the context is ConnectServer's. */
struct login {
    BSTR user, password, authority;
    IWbemContext *context;
};
/* Asks for what is missing; on failure says so and gives the exit code. (login.c) */
int login_prepare(const struct options *o, struct login *ret);
void login_done(struct login *l); /* wipes the password */

/* Connects to the namespace; on failure says so and sets *ret_exit. */
bool connect_services(const struct options *o, IWbemServices **ret, int *ret_exit);

/* ---- text (text.c) -------------------------------------------------------------------- */

/* Which locale the environment wants; UTF-8 where it wants none. Before anything else. */
void use_locale(void);
/* malloc'd; NULL when out of memory. U+DC80 to U+DCFF are the bytes 80 to FF again. */
char *utf8_from_wide(const wchar_t *text, size_t length);
BSTR bstr_from_utf8(const char *text);
/* Control characters become visible, so that no name can command the terminal. */
void put_visible(FILE *to, const char *utf8);
/* Columns that the text takes on a terminal when put by put_visible(). */
size_t visible_width(const char *utf8);
/* Shell pattern, without regard to case. */
bool matches_pattern(const char *pattern, const char *name);

/* A qualifier as text, malloc'd; NULL when it isn't there, or the set is NULL. */
char *qualifier_text(IWbemQualifierSet *set, const wchar_t *name);

/* A value as text: "" for null, elements joined by ", " for arrays; malloc'd. */
char *value_text(const VARIANT *v, CIMTYPE type);

/* Element i of an array of that type, as a variant for the caller to clear. */
HRESULT array_element(SAFEARRAY *array, VARTYPE type, LONG i, VARIANT *ret);

/* ---- output (output.c and format_*.c) --------------------------------------------------- */

struct output;

/* The properties to show, in order; NULL: those of each object. Names are borrowed. */
struct columns {
    char **names;
    size_t count;
};

void columns_done(struct columns *c);
/* The select list of a query, when it is a list of names; otherwise none. */
void columns_of_query(const char *query, struct columns *ret);

struct output *output_create(const struct options *o, const struct columns *c, FILE *to);
/* False when nothing more can be written (closed pipe, full disk). Any one thread at a time. */
bool output_object(struct output *o, IWbemClassObject *object);
/* Sends what is complete on its way, so that a reader behind a pipe has it now. */
bool output_push(struct output *o);
/* Show what has been held back to align columns. */
bool output_flush(struct output *o);
/* Ends the document, frees; false as above. */
bool output_destroy(struct output *o);

#endif
