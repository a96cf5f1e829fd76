/* The aliases of wbem wmic, and the lists of words that its files share. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console.h"

#define ALIAS(name, class_name, where, parameter, brief, summary)                                  \
    {name, class_name, where, parameter, brief, summary},
const struct alias console_aliases[] = {
#include "console_aliases.def"
};
#undef ALIAS
const size_t console_alias_count = sizeof(console_aliases) / sizeof(console_aliases[0]);

const struct alias *alias_find(const char *name)
{
    for (size_t i = 0; i < console_alias_count; i++) {
        if (strcasecmp(console_aliases[i].name, name) == 0) {
            return &console_aliases[i];
        }
    }
    return NULL;
}

bool words_add(struct words *w, const char *text, size_t length)
{
    char **items = realloc(w->items, (w->count + 1) * sizeof(*items));
    if (!items) {
        return false;
    }
    w->items = items;
    items[w->count] = strndup(text, length);
    return items[w->count] && ++w->count;
}

void words_done(struct words *w)
{
    for (size_t i = 0; i < w->count; i++) {
        free(w->items[i]);
    }
    free(w->items);
    *w = (struct words){0};
}

bool words_have(const struct words *w, const char *name)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcasecmp(w->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* One part without the space around it and the quotes around it or its value. */
static bool add_part(struct words *w, const char *from, const char *end)
{
    while (from < end && (*from == ' ' || *from == '\t')) {
        from++;
    }
    while (end > from && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    const char *value = memchr(from, '=', (size_t)(end - from));
    value = value && value + 1 < end && value[1] == '"' ? value + 1 : from;
    if (end - value < 2 || *value != '"' ||
        memchr(value + 1, '"', (size_t)(end - value - 1)) != end - 1) {
        return words_add(w, from, (size_t)(end - from));
    }
    /* "a, b" and NAME="a, b": the quotes are WMIC's. */
    char *text = NULL;
    if (asprintf(&text, "%.*s%.*s", (int)(value - from), from, (int)(end - value - 2), value + 1) <
        0) {
        return false;
    }
    bool fine = words_add(w, text, strlen(text));
    free(text);
    return fine;
}

bool words_split(struct words *w, const char *text)
{
    const char *from = text, *at;
    char quote = '\0';
    int depth = 0;
    for (at = text; *at; at++) {
        if (quote) {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == '"') {
            quote = *at;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        } else if (*at == ',' && depth <= 0) {
            if (!add_part(w, from, at)) {
                return false;
            }
            from = at + 1;
        }
    }
    return add_part(w, from, at);
}

/* Outside of quotes space separates; \" stands for a quote. A quote may begin within a word, as in
 * name="a b"; quotes that do not surround the whole word belong to WQL and are kept. */
bool line_split(const char *line, struct words *ret)
{
    char *word = malloc(strlen(line) + 1);
    const char *at = line;
    bool fine = word;
    while (fine) {
        at += strspn(at, " \t\r\n");
        if (!*at) {
            break;
        }
        size_t size = 0;
        bool quoted = false, whole = *at == '"';
        for (; *at && (quoted || !strchr(" \t\r\n", *at)); at++) {
            if (*at == '\\' && at[1] == '"') {
                word[size++] = *++at;
                continue;
            }
            if (*at == '"') {
                quoted = !quoted;
                whole = whole && (quoted || !at[1] || strchr(" \t\r\n", at[1]));
            }
            word[size++] = *at;
        }
        bool strip = whole && size >= 2 && word[size - 1] == '"';
        fine = words_add(ret, word + strip, size - 2 * (size_t)strip);
    }
    free(word);
    return fine;
}
