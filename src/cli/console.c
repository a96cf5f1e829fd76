/* wbem wmic: one command from the arguments, or those that come by lines. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "console.h"

/* ---- nodes ------------------------------------------------------------------------------------
 */

static bool is_here(const char *node)
{
    char own[256] = "";
    (void)gethostname(own, sizeof(own) - 1);
    return strcmp(node, ".") == 0 || strcasecmp(node, "localhost") == 0 ||
           strcasecmp(node, own) == 0;
}

static size_t node_count(const struct session *s)
{
    return s->nodes.count ? s->nodes.count : 1;
}

/* The host of node i, NULL: this machine; and what it is called. */
static const char *node_host(const struct session *s, size_t i, char name[256])
{
    const char *host = s->nodes.count ? s->nodes.items[i] : s->options.host;
    if (host && !is_here(host)) {
        snprintf(name, 256, "%s", host);
        return host;
    }
    name[0] = '\0';
    (void)gethostname(name, 255);
    name[255] = '\0';
    return NULL;
}

static bool connect_node(const struct session *s, size_t i, char name[256], IWbemServices **ret,
                         int *ret_exit)
{
    struct options o = s->options;
    o.host = node_host(s, i, name);
    if (!o.host && o.user) {
        fprintf(stderr,
                "Node - %s\nERROR:\nDescription = User credentials cannot be used for local "
                "connections\n",
                name);
        *ret_exit = EXIT_USAGE;
        return false;
    }
    if (connect_services(&o, ret, ret_exit)) {
        return true;
    }
    fprintf(stderr, "Node - %s\nERROR:\nDescription = the node could not be connected\n", name);
    return false;
}

/* ---- reading verbs ------------------------------------------------------------------------------
 */

static enum style style_of(const struct request *r)
{
    if (r->style_given) {
        return r->style;
    }
    if (r->is_class && r->verb != VERB_ASSOC) {
        return STYLE_MOF;
    }
    bool full = r->verb == VERB_LIST && (!r->adverb || strcmp(r->adverb, "full") == 0);
    return full ? STYLE_LIST : STYLE_TABLE;
}

static int show(struct session *s, const struct request *r, const struct results *found)
{
    if (found->count == 0) {
        fflush(s->to);
        fputs("No Instance(s) Available.\n", stderr);
        return EXIT_OK;
    }
    return results_show(s, found, style_of(r));
}

/* One node's objects; what one does not have, others may. */
static int read_node(struct session *s, const struct request *r, size_t i, struct results *ret)
{
    char name[256];
    IWbemServices *services = NULL;
    int code = EXIT_OK;
    bool connected = connect_node(s, i, name, &services, &code);
    size_t at = ret->nodes.count;
    if (!words_add(&ret->nodes, name, strlen(name))) {
        code = fail("connect", WBEM_E_OUT_OF_MEMORY);
    } else if (connected) {
        HRESULT hr = r->verb == VERB_ASSOC ? results_associators(services, r, at, ret)
                                           : results_fetch(services, r, at, false, ret);
        code = FAILED(hr) ? node_fail(name, "run the query", hr) : EXIT_OK;
    }
    if (services) {
        IWbemServices_Release(services);
    }
    return code;
}

static int read_nodes(struct session *s, const struct request *r)
{
    struct results found = {0};
    int worst = EXIT_OK;
    size_t failed = 0, count = node_count(s);
    for (size_t i = 0; i < count; i++) {
        int code = read_node(s, r, i, &found);
        failed += code != EXIT_OK;
        worst = worst == EXIT_OK ? code : worst;
        if (!s->aggregate && code == EXIT_OK) {
            code = show(s, r, &found);
            worst = worst == EXIT_OK ? code : worst;
            results_done(&found);
        }
    }
    if (s->aggregate && failed < count) {
        int code = show(s, r, &found);
        worst = worst == EXIT_OK ? code : worst;
    }
    results_done(&found);
    return worst;
}

static int read_every(struct session *s, const struct request *r)
{
    unsigned long left = r->repeat;
    for (;;) {
        int code = read_nodes(s, r);
        if (code != EXIT_OK || r->every <= 0 || (r->repeat && --left == 0)) {
            return code;
        }
        double whole = floor(r->every);
        struct timespec pause = {.tv_sec = (time_t)whole,
                                 .tv_nsec = (long)((r->every - whole) * 1e9)};
        while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
        }
    }
}

static int change_nodes(struct session *s, const struct request *r)
{
    int worst = EXIT_OK;
    for (size_t i = 0; i < node_count(s); i++) {
        char name[256];
        IWbemServices *services = NULL;
        int code = EXIT_OK;
        if (connect_node(s, i, name, &services, &code)) {
            code = change_run(s, services, r, name);
            IWbemServices_Release(services);
        }
        worst = worst == EXIT_OK ? code : worst;
    }
    return worst;
}

static int help(struct session *s, const struct request *r)
{
    if (!r->class_name || r->verb == VERB_NONE || r->verb == VERB_DELETE || r->verb == VERB_ASSOC) {
        return help_show(s, NULL, r);
    }
    char name[256];
    IWbemServices *services = NULL;
    int code;
    if (connect_node(s, 0, name, &services, &code)) {
        code = help_show(s, services, r);
        IWbemServices_Release(services);
    }
    return code;
}

/* ---- one command
 * ---------------------------------------------------------------------------------- */

static bool open_output(struct session *s)
{
    s->to = s->output ? fopen(s->output, s->append ? "ae" : "we") : stdout;
    if (!s->to) {
        fprintf(stderr, "%s - Invalid file name: %s\n", s->output, strerror(errno));
    }
    return s->to;
}

static int run_request(struct session *s, const struct request *r)
{
    int code = EXIT_OK;
    if (!open_output(s)) {
        return EXIT_USAGE;
    }
    if (r->help) {
        code = help(s, r);
    } else if (r->context) {
        context_show(s);
    } else if (r->class_name) {
        bool reads = r->verb == VERB_NONE || r->verb == VERB_GET || r->verb == VERB_LIST ||
                     r->verb == VERB_ASSOC;
        code = reads ? read_every(s, r) : change_nodes(s, r);
    }
    if (s->to != stdout && fclose(s->to) != 0 && code == EXIT_OK) {
        code = fail_output();
    }
    s->to = NULL;
    return code;
}

static int run_tokens(struct session *s, char *const *tokens, size_t count, bool *ret_quit)
{
    struct request r = {0};
    int code = request_parse(s, tokens, count, &r);
    if (code == EXIT_OK) {
        code = run_request(s, &r);
    }
    *ret_quit = r.quit;
    request_done(&r);
    return code;
}

/* All of it one argument, as the shell makes of 'process get name'. A password in it is not left
 * for others to read. */
static int run_line(struct session *s, char *line, bool *ret_quit)
{
    struct words tokens = {0};
    int code = line_split(line, &tokens) ? EXIT_OK : fail("read the command", WBEM_E_OUT_OF_MEMORY);
    if (strcasestr(line, "/password")) {
        explicit_bzero(line, strlen(line));
    }
    if (code == EXIT_OK) {
        code = run_tokens(s, tokens.items, tokens.count, ret_quit);
    }
    words_done(&tokens);
    return code;
}

static int run_lines(struct session *s)
{
    bool asked = isatty(STDIN_FILENO), quit = false;
    char *line = NULL;
    size_t room = 0;
    int code = EXIT_OK;
    while (!quit) {
        if (asked) {
            fputs("wmic:root\\cli>", stdout);
            (void)fflush(stdout);
        }
        if (getline(&line, &room, stdin) < 0) {
            break;
        }
        code = run_line(s, line, &quit);
    }
    free(line);
    return code;
}

int command_wmic(const struct options *o)
{
    struct session s = {.options = *o, .aggregate = true};
    bool quit = false;
    int code;
    if (o->argument_count == 0) {
        code = run_lines(&s);
    } else if (o->argument_count == 1 && strchr(o->arguments[0], ' ')) {
        code = run_line(&s, o->arguments[0], &quit);
    } else {
        code = run_tokens(&s, o->arguments, (size_t)o->argument_count, &quit);
    }
    words_done(&s.nodes);
    words_done(&s.strings);
    return code;
}
