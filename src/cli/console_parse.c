/*
 * The words of a command to a request: [switches] TARGET [where CONDITION] [VERB ...].
 * The shell has taken quotes away already; what is one word is taken as one.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console.h"

static const struct {
    const char *name;
    enum verb verb;
} verbs[] = {
    {"get", VERB_GET},       {"list", VERB_LIST},     {"call", VERB_CALL},   {"set", VERB_SET},
    {"create", VERB_CREATE}, {"delete", VERB_DELETE}, {"assoc", VERB_ASSOC},
};

static enum verb verb_of(const char *word)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcasecmp(verbs[i].name, word) == 0) {
            return verbs[i].verb;
        }
    }
    return VERB_NONE;
}

/* /name, /name:value, /? - but not a path such as /usr/bin. */
static bool is_switch(const char *word)
{
    size_t name = word[0] == '/' ? strspn(word + 1, "abcdefghijklmnopqrstuvwxyz"
                                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ?")
                                 : 0;
    return name > 0 && (word[1 + name] == '\0' || word[1 + name] == ':');
}

static int complain(const char *word, const char *what)
{
    fprintf(stderr, "%s - %s\n", word, what);
    return EXIT_USAGE;
}

static int out_of_memory(void)
{
    return fail("read the command", WBEM_E_OUT_OF_MEMORY);
}

struct reader {
    struct session *session;
    struct request *request;
    char *const *tokens;
    size_t count, at;
};

/* Takes switches, wherever they stand. */
static int take_switches(struct reader *in)
{
    int code = EXIT_OK;
    while (code == EXIT_OK && in->at < in->count && is_switch(in->tokens[in->at])) {
        code = switch_take(in->session, in->request, in->tokens[in->at++]);
    }
    return code;
}

/* The word at hand unless it is a verb, a switch or the end. */
static const char *plain_word(const struct reader *in)
{
    const char *word = in->at < in->count ? in->tokens[in->at] : NULL;
    return word && verb_of(word) == VERB_NONE && !is_switch(word) ? word : NULL;
}

static char *join(const char *a, const char *between, const char *b)
{
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", a, between, b) < 0) {
        return NULL;
    }
    return text;
}

/* ---- conditions -------------------------------------------------------------------------- */

static bool is_literal(const char *value)
{
    char *end;
    (void)strtod(value, &end);
    return (end != value && !*end) || strcasecmp(value, "true") == 0 ||
           strcasecmp(value, "false") == 0 || strcasecmp(value, "null") == 0;
}

/* PROPERTY = 'value', its quotes and backslashes escaped. */
static char *compare_text(const char *property, size_t length, const char *value)
{
    char *text = malloc(length + 2 * strlen(value) + 4);
    if (!text) {
        return NULL;
    }
    char *to = stpcpy(mempcpy(text, property, length), "='");
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\') {
            *to++ = '\\';
        }
        *to++ = *value;
    }
    strcpy(to, "'");
    return text;
}

/* name='bash' has come from the shell as name=bash: WQL wants the quotes. */
static char *quote_value(const char *condition)
{
    size_t name = strspn(condition, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_");
    const char *value = condition + name + 1;
    if (name == 0 || condition[name] != '=' || !*value || strpbrk(value, "'\" =<>()") ||
        is_literal(value)) {
        return strdup(condition);
    }
    return compare_text(condition, name, value);
}

static int take_where(struct reader *in)
{
    const char *first = in->at < in->count ? in->tokens[in->at++] : NULL;
    if (!first) {
        return complain("where", "Missing WHERE clause.");
    }
    char *text = NULL;
    for (const char *word; (word = plain_word(in)); in->at++) {
        char *longer = join(text ? text : first, " ", word);
        free(text);
        text = longer;
        if (!text) {
            return out_of_memory();
        }
    }
    in->request->where = text ? text : quote_value(first);
    return in->request->where ? EXIT_OK : out_of_memory();
}

/* "process 1", "service cron": what the alias compares. */
static int take_parameter(struct reader *in)
{
    const char *word = in->tokens[in->at++], *property = in->request->alias->parameter;
    in->request->where = strspn(word, "0123456789") == strlen(word) && strcmp(property, "Name") != 0
                             ? join(property, "=", word)
                             : compare_text(property, strlen(property), word);
    return in->request->where ? EXIT_OK : out_of_memory();
}

/* ---- the target ---------------------------------------------------------------------------- */

/* CLASS, or the path of an instance. */
static int take_path(struct reader *in)
{
    struct request *r = in->request;
    const char *word = plain_word(in);
    if (!word) {
        return r->help ? EXIT_OK : complain("path", "Invalid Path.");
    }
    in->at++;
    bool instance = strpbrk(word, "=@");
    r->class_name = strndup(word, strcspn(word, ".="));
    r->path = instance ? strdup(word) : NULL;
    return r->class_name && (r->path || !instance) ? EXIT_OK : out_of_memory();
}

static int take_class(struct reader *in)
{
    const char *word = plain_word(in);
    in->request->is_class = true;
    if (!word) {
        return in->request->help ? EXIT_OK : complain("class", "Invalid Class.");
    }
    in->at++;
    in->request->class_name = strdup(word);
    return in->request->class_name ? EXIT_OK : out_of_memory();
}

static int take_target(struct reader *in)
{
    struct request *r = in->request;
    if (in->at == in->count) {
        return EXIT_OK;
    }
    const char *word = in->tokens[in->at++];
    if (strcasecmp(word, "path") == 0) {
        return take_path(in);
    }
    if (strcasecmp(word, "class") == 0) {
        return take_class(in);
    }
    if (strcasecmp(word, "quit") == 0 || strcasecmp(word, "exit") == 0) {
        r->quit = true;
        return EXIT_OK;
    }
    if (strcasecmp(word, "context") == 0) {
        r->context = true;
        return EXIT_OK;
    }
    r->alias = alias_find(word);
    if (!r->alias) {
        return complain(word, "Alias not found.");
    }
    r->class_name = strdup(r->alias->class_name);
    return r->class_name ? EXIT_OK : out_of_memory();
}

/* ---- verbs --------------------------------------------------------------------------------- */

/* Lists by commas, also over several words, until a switch. */
static int take_words(struct reader *in)
{
    char *text = NULL;
    while (in->at < in->count && !is_switch(in->tokens[in->at])) {
        const char *word = in->tokens[in->at++];
        char *longer = text ? join(text, "", word) : strdup(word);
        free(text);
        text = longer;
        if (!text) {
            return out_of_memory();
        }
    }
    bool fine = !text || words_split(&in->request->words, text);
    free(text);
    return fine ? EXIT_OK : out_of_memory();
}

/* Each word by its commas: values may have spaces. */
static int take_values(struct reader *in)
{
    while (in->at < in->count && !is_switch(in->tokens[in->at])) {
        if (!words_split(&in->request->words, in->tokens[in->at++])) {
            return out_of_memory();
        }
    }
    return EXIT_OK;
}

static int take_adverb(struct reader *in)
{
    static const char *const adverbs[] = {"brief", "full", "instance", "status", "system"};
    const char *word = plain_word(in);
    for (size_t i = 0; word && i < sizeof(adverbs) / sizeof(adverbs[0]); i++) {
        if (strcasecmp(adverbs[i], word) == 0) {
            in->at++;
            in->request->adverb = strdup(adverbs[i]);
            return in->request->adverb ? EXIT_OK : out_of_memory();
        }
    }
    return word ? complain(word, "Invalid list format: brief, full, instance, status or system.")
                : EXIT_OK;
}

/* Its name may be that of a verb: process call create. Without one check() complains. */
static int take_method(struct reader *in)
{
    if (in->at == in->count || is_switch(in->tokens[in->at])) {
        return EXIT_OK;
    }
    const char *method = in->tokens[in->at++];
    return words_add(&in->request->words, method, strlen(method)) ? take_values(in)
                                                                  : out_of_memory();
}

static int take_verb(struct reader *in)
{
    struct request *r = in->request;
    if (in->at == in->count) {
        return EXIT_OK;
    }
    const char *word = in->tokens[in->at++];
    r->verb = verb_of(word);
    switch (r->verb) {
    case VERB_NONE:
        return complain(word, "Invalid Verb.");
    case VERB_GET:
        return take_words(in);
    case VERB_LIST:
        return take_adverb(in);
    case VERB_CALL:
        return take_method(in);
    case VERB_SET:
    case VERB_CREATE:
        return take_values(in);
    case VERB_DELETE:
    case VERB_ASSOC:
        break;
    }
    return EXIT_OK;
}

/* What the verbs need and the target has to be. */
static int check(const struct request *r)
{
    if (r->help || r->quit || r->context || !r->class_name) {
        return EXIT_OK;
    }
    if (r->verb == VERB_CALL && r->words.count == 0) {
        return complain("call", "Missing method; see call /?.");
    }
    if ((r->verb == VERB_SET || r->verb == VERB_CREATE) && r->words.count == 0) {
        return complain(r->verb == VERB_SET ? "set" : "create",
                        "Invalid format: PROPERTY=VALUE[,PROPERTY=VALUE ...].");
    }
    if (r->is_class && (r->where || r->verb == VERB_LIST || r->verb == VERB_SET)) {
        return complain("class", "Invalid Verb: it is for instances.");
    }
    if (r->path && r->where) {
        return complain("where", "Invalid WHERE clause: the path names one instance already.");
    }
    return EXIT_OK;
}

int request_parse(struct session *s, char *const *tokens, size_t count, struct request *ret)
{
    struct reader in = {.session = s, .request = ret, .tokens = tokens, .count = count};
    int code = take_switches(&in);
    code = code == EXIT_OK ? take_target(&in) : code;
    code = code == EXIT_OK ? take_switches(&in) : code;
    const char *word = code == EXIT_OK ? plain_word(&in) : NULL;
    if (word && strcasecmp(word, "where") == 0) {
        in.at++;
        code = take_where(&in);
    } else if (word && ret->alias) {
        code = take_parameter(&in);
    }
    code = code == EXIT_OK ? take_switches(&in) : code;
    code = code == EXIT_OK ? take_verb(&in) : code;
    code = code == EXIT_OK ? take_switches(&in) : code;
    if (code == EXIT_OK && in.at < in.count) {
        code = complain(tokens[in.at], "Unexpected here; a value with spaces needs quotes.");
    }
    return code == EXIT_OK ? check(ret) : code;
}

void request_done(struct request *r)
{
    free(r->class_name);
    free(r->path);
    free(r->where);
    free(r->adverb);
    free(r->result_class);
    free(r->result_role);
    free(r->assoc_class);
    words_done(&r->words);
    *r = (struct request){0};
}
