/*
 * Object paths: text to struct object_path and back ([WmiSdk] "Describing a WMI
 * Object Path" and "WMI Object Path Requirements").
 *
 *   \\server\namespace\namespace:Class.Key=value,Key=value     =value     =@
 */
#include "object/object.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Keys are compared pairwise for repeated names, so their number is bounded. */
#define MAX_KEYS 256
/* A reference within a reference doubles its escapes; nobody writes more than a few levels. */
#define MAX_NESTING 16

struct path_parser {
    const wchar_t *text;
    const wchar_t *at;
    struct object_path *path;
    int depth;
    HRESULT hr;    /* the first failure */
    size_t offset; /* where it is */
};

static HRESULT parse_at_depth(const wchar_t *text, int depth, struct object_path **ret,
                              size_t *ret_offset);

/* Always false, so that productions can end with it. */
static bool fail(struct path_parser *p, HRESULT hr)
{
    if (SUCCEEDED(p->hr)) {
        p->hr = hr;
        p->offset = (size_t)(p->at - p->text);
    }
    return false;
}

static bool fail_here(struct path_parser *p)
{
    return fail(p, WBEM_E_INVALID_OBJECT_PATH);
}

/* ---- characters -------------------------------------------------------- */

static bool is_separator(wchar_t c)
{
    return c == L'\\' || c == L'/';
}

static bool is_digit(wchar_t c)
{
    return c >= L'0' && c <= L'9';
}

static bool is_name_start(wchar_t c)
{
    return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z') || c == L'_' || c >= 0x80;
}

static bool is_name_char(wchar_t c)
{
    return is_name_start(c) || is_digit(c);
}

/* Namespaces of products carry an instance's name, such as MSSQL$NAME or S-1-5-18. */
static bool is_namespace_char(wchar_t c)
{
    return is_name_char(c) || c == L'-' || c == L'$';
}

/* A host's name or address, IPv6 addresses in brackets included. */
static bool is_server_char(wchar_t c)
{
    return c > L' ' && !is_separator(c) && c != L'"' && c != L'\'' && c != L'=';
}

static wchar_t upper(wchar_t c)
{
    return c >= L'a' && c <= L'z' ? c - L'a' + L'A' : c;
}

static bool word_is(const wchar_t *start, const wchar_t *end, const wchar_t *word)
{
    while (start < end && *word != L'\0' && upper(*start) == *word) {
        start++;
        word++;
    }
    return start == end && *word == L'\0';
}

static wchar_t *copy_text(struct path_parser *p, const wchar_t *start, const wchar_t *end)
{
    size_t length = (size_t)(end - start);
    wchar_t *copy = malloc((length + 1) * sizeof *copy);
    if (copy == NULL) {
        fail(p, WBEM_E_OUT_OF_MEMORY);
        return NULL;
    }
    wmemcpy(copy, start, length);
    copy[length] = L'\0';
    return copy;
}

/* ---- server and namespace ------------------------------------------------ */

static bool parse_server(struct path_parser *p)
{
    if (!is_separator(p->at[0]) || !is_separator(p->at[1])) {
        return is_separator(p->at[0]) ? fail_here(p) : true;
    }
    p->at += 2;
    const wchar_t *start = p->at;
    while (is_server_char(*p->at)) {
        p->at++;
    }
    if (p->at == start || !is_separator(*p->at)) {
        return fail_here(p); /* a server is only ever named with one of its namespaces */
    }
    p->path->server = copy_text(p, start, p->at);
    p->at++;
    return p->path->server != NULL;
}

/* Names between separators; which of them is a class, only what follows tells. */
static bool skip_namespace(struct path_parser *p, bool *ret_several)
{
    *ret_several = false;
    for (;;) {
        const wchar_t *start = p->at;
        while (is_namespace_char(*p->at)) {
            p->at++;
        }
        if (p->at == start) {
            return fail_here(p);
        }
        if (!is_separator(*p->at)) {
            return true;
        }
        p->at++;
        *ret_several = true;
    }
}

static bool parse_namespace(struct path_parser *p, bool *ret_class_follows)
{
    const wchar_t *start = p->at;
    bool several;
    if (!skip_namespace(p, &several)) {
        return false;
    }

    bool in_namespace = several || p->path->server != NULL;
    if (*p->at != L':' && !in_namespace) {
        p->at = start; /* no namespace given: what we read is the class */
        *ret_class_follows = true;
        return true;
    }
    if (*p->at != L':' && *p->at != L'\0') {
        return fail_here(p);
    }
    p->path->name_space = copy_text(p, start, p->at);
    if (p->path->name_space == NULL) {
        return false;
    }
    for (wchar_t *c = p->path->name_space; *c != L'\0'; c++) {
        if (*c == L'/') {
            *c = L'\\';
        }
    }
    *ret_class_follows = *p->at == L':';
    p->at += *ret_class_follows ? 1 : 0;
    return true;
}

/* ---- keys ------------------------------------------------------------------- */

static wchar_t *parse_name(struct path_parser *p)
{
    const wchar_t *start = p->at;
    if (!is_name_start(*start)) {
        fail_here(p);
        return NULL;
    }
    while (is_name_char(*p->at)) {
        p->at++;
    }
    return copy_text(p, start, p->at);
}

/* What a quoted text is, only the class can say for certain; a path to an instance is taken for a
 * reference, which compares as a path where the class agrees. */
static HRESULT looks_like_reference(const struct path_parser *p, const wchar_t *text, bool *ret)
{
    *ret = false;
    if (p->depth >= MAX_NESTING) {
        return WBEM_S_NO_ERROR;
    }
    struct object_path *inner = NULL;
    HRESULT hr = parse_at_depth(text, p->depth + 1, &inner, NULL);
    *ret = SUCCEEDED(hr) && inner != NULL && inner->is_instance;
    object_path_destroy(inner);
    return hr == WBEM_E_OUT_OF_MEMORY ? hr : WBEM_S_NO_ERROR;
}

/* A backslash before a quote or a backslash is an escape; before anything else it stands for
 * itself, as in a file's path that nobody escaped. */
static bool parse_string(struct path_parser *p, struct object_path_key *key)
{
    wchar_t quote = *p->at++;
    const wchar_t *end = p->at;
    while (*end != L'\0' && *end != quote) {
        end += end[0] == L'\\' && end[1] != L'\0' ? 2 : 1;
    }
    if (*end == L'\0') {
        p->at = end;
        return fail_here(p);
    }
    key->text = copy_text(p, p->at, end);
    if (key->text == NULL) {
        return false;
    }

    wchar_t *out = key->text;
    for (const wchar_t *in = p->at; in < end; in++) {
        if (in[0] == L'\\' && (in[1] == L'\\' || in[1] == L'"' || in[1] == L'\'')) {
            in++;
        }
        *out++ = *in;
    }
    *out = L'\0';
    p->at = end + 1;

    bool reference;
    HRESULT hr = looks_like_reference(p, key->text, &reference);
    if (FAILED(hr)) {
        return fail(p, hr);
    }
    key->type = reference ? CIM_REFERENCE : CIM_STRING;
    return true;
}

static int digit_value(wchar_t c, unsigned base)
{
    if (is_digit(c)) {
        return (int)(c - L'0');
    }
    c = upper(c);
    return base == 16 && c >= L'A' && c <= L'F' ? (int)(c - L'A') + 10 : -1;
}

static bool print_number(struct path_parser *p, struct object_path_key *key)
{
    wchar_t text[24];
    int length = key->type == CIM_UINT64
                     ? swprintf(text, 24, L"%llu", (unsigned long long)(uint64_t)key->number)
                     : swprintf(text, 24, L"%lld", (long long)key->number);
    key->text = copy_text(p, text, text + length);
    return key->text != NULL;
}

static bool parse_number(struct path_parser *p, struct object_path_key *key)
{
    const wchar_t *start = p->at;
    bool negative = *p->at == L'-';
    p->at += *p->at == L'-' || *p->at == L'+' ? 1 : 0;
    unsigned base = p->at[0] == L'0' && upper(p->at[1]) == L'X' ? 16 : 10;
    p->at += base == 16 ? 2 : 0;

    const wchar_t *first = p->at;
    uint64_t magnitude = 0;
    int digit;
    for (; (digit = digit_value(*p->at, base)) >= 0; p->at++) {
        if (__builtin_mul_overflow(magnitude, (uint64_t)base, &magnitude) ||
            __builtin_add_overflow(magnitude, (uint64_t)digit, &magnitude)) {
            p->at = start;
            return fail_here(p);
        }
    }
    if (p->at == first || is_name_char(*p->at)) {
        return fail_here(p);
    }
    if (negative && magnitude > (uint64_t)INT64_MAX + 1) {
        p->at = start;
        return fail_here(p);
    }
    key->type = !negative && magnitude > INT64_MAX ? CIM_UINT64 : CIM_SINT64;
    key->number = (int64_t)(negative ? 0 - magnitude : magnitude);
    return print_number(p, key);
}

static bool parse_boolean(struct path_parser *p, struct object_path_key *key)
{
    const wchar_t *end = p->at;
    while (is_name_char(*end)) {
        end++;
    }
    bool is_true = word_is(p->at, end, L"TRUE");
    if (!is_true && !word_is(p->at, end, L"FALSE")) {
        return fail_here(p);
    }
    p->at = end;
    key->type = CIM_BOOLEAN;
    key->number = is_true;
    const wchar_t *word = is_true ? L"TRUE" : L"FALSE";
    key->text = copy_text(p, word, word + wcslen(word));
    return key->text != NULL;
}

static bool parse_value(struct path_parser *p, struct object_path_key *key)
{
    if (*p->at == L'"' || *p->at == L'\'') {
        return parse_string(p, key);
    }
    if (is_digit(*p->at) || *p->at == L'-' || *p->at == L'+') {
        return parse_number(p, key);
    }
    return parse_boolean(p, key);
}

static struct object_path_key *add_key(struct path_parser *p)
{
    uint32_t count = p->path->key_count;
    if (count == MAX_KEYS) {
        fail_here(p);
        return NULL;
    }
    if ((count & (count - 1)) == 0) { /* full at each power of two */
        uint32_t room = count == 0 ? 1 : count * 2;
        struct object_path_key *grown = realloc(p->path->keys, room * sizeof *grown);
        if (grown == NULL) {
            fail(p, WBEM_E_OUT_OF_MEMORY);
            return NULL;
        }
        p->path->keys = grown;
    }
    struct object_path_key *key = &p->path->keys[count];
    *key = (struct object_path_key){.type = CIM_STRING};
    p->path->key_count++;
    return key;
}

static bool is_repeated(const struct object_path *path, const wchar_t *name)
{
    for (uint32_t i = 0; i + 1 < path->key_count; i++) {
        if (wcscasecmp(path->keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool parse_named_key(struct path_parser *p)
{
    struct object_path_key *key = add_key(p);
    if (key == NULL) {
        return false;
    }
    const wchar_t *start = p->at;
    key->name = parse_name(p);
    if (key->name == NULL) {
        return false;
    }
    if (is_repeated(p->path, key->name)) {
        p->at = start;
        return fail_here(p);
    }
    if (*p->at != L'=') {
        return fail_here(p);
    }
    p->at++;
    return parse_value(p, key);
}

static bool parse_key_list(struct path_parser *p)
{
    do {
        p->at++; /* the period or a comma */
        if (!parse_named_key(p)) {
            return false;
        }
    } while (*p->at == L',');
    return true;
}

static bool parse_keys(struct path_parser *p)
{
    if (*p->at == L'\0') {
        return true;
    }
    p->path->is_instance = true;
    if (*p->at == L'.') {
        return parse_key_list(p);
    }
    if (*p->at != L'=') {
        return fail_here(p);
    }
    p->at++;
    if (*p->at == L'@') {
        p->at++;
        p->path->is_singleton = true;
        return true;
    }
    struct object_path_key *key = add_key(p);
    return key != NULL && parse_value(p, key);
}

/* ---- the whole ---------------------------------------------------------------- */

static bool parse_path(struct path_parser *p)
{
    bool class_follows = false;
    if (!parse_server(p) || !parse_namespace(p, &class_follows)) {
        return false;
    }
    if (class_follows) {
        p->path->class_name = parse_name(p);
        if (p->path->class_name == NULL || !parse_keys(p)) {
            return false;
        }
    }
    return *p->at == L'\0' || fail_here(p);
}

static HRESULT parse_at_depth(const wchar_t *text, int depth, struct object_path **ret,
                              size_t *ret_offset)
{
    struct path_parser p = {.text = text, .at = text, .depth = depth, .hr = WBEM_S_NO_ERROR};
    p.path = calloc(1, sizeof *p.path);
    if (p.path == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (!parse_path(&p)) {
        object_path_destroy(p.path);
        if (ret_offset != NULL) {
            *ret_offset = p.offset;
        }
        return p.hr;
    }
    *ret = p.path;
    return WBEM_S_NO_ERROR;
}

HRESULT object_path_parse(const wchar_t *text, struct object_path **ret, size_t *ret_offset)
{
    return parse_at_depth(text, 0, ret, ret_offset);
}

void object_path_destroy(struct object_path *p)
{
    if (p == NULL) {
        return;
    }
    for (uint32_t i = 0; i < p->key_count; i++) {
        free(p->keys[i].name);
        free(p->keys[i].text);
    }
    free(p->keys);
    free(p->server);
    free(p->name_space);
    free(p->class_name);
    free(p);
}

/* ---- printing ------------------------------------------------------------------- */

/* Counts when `out` is NULL, writes otherwise: printing runs twice over one description. */
struct path_writer {
    wchar_t *out;
    size_t length;
};

static void put(struct path_writer *w, wchar_t c)
{
    if (w->out != NULL) {
        w->out[w->length] = c;
    }
    w->length++;
}

static void put_text(struct path_writer *w, const wchar_t *text)
{
    while (*text != L'\0') {
        put(w, *text++);
    }
}

static void put_value(struct path_writer *w, const struct object_path_key *key)
{
    if (key->type != CIM_STRING && key->type != CIM_REFERENCE) {
        put_text(w, key->text);
        return;
    }
    put(w, L'"');
    for (const wchar_t *c = key->text; *c != L'\0'; c++) {
        if (*c == L'"' || *c == L'\\') {
            put(w, L'\\');
        }
        put(w, *c);
    }
    put(w, L'"');
}

static void put_keys(struct path_writer *w, const struct object_path *p)
{
    if (p->is_singleton) {
        put_text(w, L"=@");
        return;
    }
    for (uint32_t i = 0; i < p->key_count; i++) {
        if (p->keys[i].name != NULL) {
            put(w, i == 0 ? L'.' : L',');
            put_text(w, p->keys[i].name);
        }
        put(w, L'=');
        put_value(w, &p->keys[i]);
    }
}

static void put_path(struct path_writer *w, const struct object_path *p)
{
    if (p->server != NULL) {
        put_text(w, L"\\\\");
        put_text(w, p->server);
        put(w, L'\\');
    }
    if (p->name_space != NULL) {
        put_text(w, p->name_space);
    }
    if (p->class_name != NULL) {
        if (p->name_space != NULL) {
            put(w, L':');
        }
        put_text(w, p->class_name);
        put_keys(w, p);
    }
}

HRESULT object_path_print(const struct object_path *p, wchar_t **ret)
{
    struct path_writer w = {0};
    put_path(&w, p);
    w.out = malloc((w.length + 1) * sizeof *w.out);
    if (w.out == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w.length = 0;
    put_path(&w, p);
    put(&w, L'\0');
    *ret = w.out;
    return WBEM_S_NO_ERROR;
}
