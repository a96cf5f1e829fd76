/*
 * Recursive descent over the grammar of data and event queries, [MS-WMI] 2.2.1.1
 * and 2.2.1.2: one function a production, the first error with its place and what would have
 * been right. Chains of AND and of OR become one node each, so that only
 * parentheses and NOT make the tree deeper.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/wql_private.h"

void parser_next(struct parser *p)
{
    lexer_next(&p->lexer, &p->token);
}

HRESULT parser_fail(struct parser *p, const char *expected)
{
    return wql_fail(p->error, p->token.at, p->token.start, p->token.length, expected);
}

bool parser_accept_word(struct parser *p, const wchar_t *word)
{
    if (!token_is_word(&p->token, word)) {
        return false;
    }
    parser_next(p);
    return true;
}

bool parser_accept(struct parser *p, enum token_kind kind)
{
    if (p->token.kind != kind) {
        return false;
    }
    parser_next(p);
    return true;
}

static HRESULT expect(struct parser *p, enum token_kind kind, const char *what)
{
    return parser_accept(p, kind) ? S_OK : parser_fail(p, what);
}

/* ---- operands --------------------------------------------------------------------- */

/* The text between the quotes, with \x standing for x. */
static HRESULT parse_string(struct parser *p, struct operand *ret)
{
    const struct token *t = &p->token;
    wchar_t *text = malloc(t->length * sizeof(*text));
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    size_t size = 0;
    for (size_t i = 1; i + 1 < t->length; i++) {
        if (t->start[i] == L'\\') {
            i++;
        }
        text[size++] = t->start[i];
    }
    text[size] = L'\0';
    *ret = (struct operand){.kind = OPERAND_STRING, .at = t->at, .text = text};
    parser_next(p);
    return S_OK;
}

static HRESULT parse_integer(struct parser *p, struct operand *ret)
{
    const struct token *t = &p->token;
    wchar_t *text = com_wide_copy_n(t->start, t->length);
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    bool signs = text[0] == L'-' || text[0] == L'+';
    const wchar_t *digits = text + signs;
    int base = digits[0] == L'0' && (digits[1] == L'x' || digits[1] == L'X') ? 16 : 10;
    errno = 0;
    uint64_t magnitude = wcstoull(digits, NULL, base);
    *ret = (struct operand){.kind = OPERAND_INTEGER,
                            .at = t->at,
                            .text = text,
                            .negative = text[0] == L'-',
                            .integer = magnitude};
    if (errno == ERANGE || (ret->negative && magnitude > (uint64_t)INT64_MAX + 1)) {
        return parser_fail(p, "a number of at most 64 bits");
    }
    parser_next(p);
    return S_OK;
}

static HRESULT parse_real(struct parser *p, struct operand *ret)
{
    const struct token *t = &p->token;
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide_n(t->start, t->length);
    wchar_t *text = com_wide_copy_n(t->start, t->length);
    if (!utf8 || !text) {
        free(text);
        return WBEM_E_OUT_OF_MEMORY;
    }
    /* strtod() reads the locale's decimal point; WQL's is always a full stop. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", NULL);
    if (!c_locale) {
        free(text);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = (struct operand){
        .kind = OPERAND_REAL, .at = t->at, .text = text, .real = strtod_l(utf8, NULL, c_locale)};
    freelocale(c_locale);
    parser_next(p);
    return S_OK;
}

/* property-name, with .embedded parts and an [index] */
static HRESULT parse_property(struct parser *p, struct operand *ret)
{
    *ret = (struct operand){.kind = OPERAND_PROPERTY, .at = p->token.at};
    const wchar_t *start = p->token.start;
    const wchar_t *end = start + p->token.length;
    parser_next(p);
    while (p->token.kind == TOKEN_DOT && p->token.start == end) {
        parser_next(p);
        if (p->token.kind != TOKEN_NAME || p->token.start != end + 1) {
            return parser_fail(p, "the name of a property after the full stop");
        }
        end = p->token.start + p->token.length;
        parser_next(p);
    }
    ret->text = com_wide_copy_n(start, (size_t)(end - start));
    if (!ret->text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (parser_accept(p, TOKEN_OPEN_BRACKET)) {
        struct operand index = {0};
        HRESULT hr = p->token.kind == TOKEN_INTEGER ? parse_integer(p, &index)
                                                    : parser_fail(p, "the number of an element");
        operand_done(&index);
        if (FAILED(hr)) {
            return hr;
        }
        if (index.negative || index.integer > UINT32_MAX) {
            return parser_fail(p, "the number of an element, from 0");
        }
        ret->indexed = true;
        ret->index = (uint32_t)index.integer;
        return expect(p, TOKEN_CLOSE_BRACKET, "]");
    }
    return S_OK;
}

static HRESULT parse_operand(struct parser *p, struct operand *ret)
{
    *ret = (struct operand){.at = p->token.at};
    switch (p->token.kind) {
    case TOKEN_STRING:
        return parse_string(p, ret);
    case TOKEN_INTEGER:
        return parse_integer(p, ret);
    case TOKEN_REAL:
        return parse_real(p, ret);
    case TOKEN_NAME:
        break;
    default:
        return parser_fail(p, "a property or a constant");
    }
    if (token_is_word(&p->token, L"TRUE") || token_is_word(&p->token, L"FALSE")) {
        ret->kind = OPERAND_BOOLEAN;
        ret->boolean = token_is_word(&p->token, L"TRUE");
        parser_next(p);
        return S_OK;
    }
    if (parser_accept_word(p, L"NULL")) {
        ret->kind = OPERAND_NULL;
        return S_OK;
    }
    return parse_property(p, ret);
}

/* ---- conditions ---------------------------------------------------------------------- */

static bool operator_of(enum token_kind kind, enum operator_kind *ret)
{
    switch (kind) {
    case TOKEN_EQUAL:
        *ret = OP_EQUAL;
        return true;
    case TOKEN_NOT_EQUAL:
        *ret = OP_NOT_EQUAL;
        return true;
    case TOKEN_LESS:
        *ret = OP_LESS;
        return true;
    case TOKEN_LESS_EQUAL:
        *ret = OP_LESS_EQUAL;
        return true;
    case TOKEN_GREATER:
        *ret = OP_GREATER;
        return true;
    case TOKEN_GREATER_EQUAL:
        *ret = OP_GREATER_EQUAL;
        return true;
    default:
        return false;
    }
}

/* What stands behind LIKE and ISA. */
static HRESULT parse_string_operand(struct parser *p, enum operator_kind op, struct node *n,
                                    const char *expected)
{
    n->op = op;
    return p->token.kind == TOKEN_STRING ? parse_string(p, &n->right) : parser_fail(p, expected);
}

static HRESULT parse_rest_of_comparison(struct parser *p, struct node *n)
{
    if (operator_of(p->token.kind, &n->op)) {
        parser_next(p);
        HRESULT hr = parse_operand(p, &n->right);
        if (SUCCEEDED(hr) && n->right.kind == OPERAND_NULL) {
            /* "= NULL" and "<> NULL" are what people write for IS [NOT] NULL. */
            if (n->op != OP_EQUAL && n->op != OP_NOT_EQUAL) {
                return wql_fail(p->error, n->right.at, L"NULL", 4, "a constant other than NULL");
            }
            n->op = n->op == OP_EQUAL ? OP_IS_NULL : OP_IS_NOT_NULL;
        }
        return hr;
    }
    if (parser_accept_word(p, L"IS")) {
        n->op = parser_accept_word(p, L"NOT") ? OP_IS_NOT_NULL : OP_IS_NULL;
        return parser_accept_word(p, L"NULL") ? S_OK : parser_fail(p, "NULL or NOT NULL");
    }
    if (parser_accept_word(p, L"LIKE")) {
        return parse_string_operand(p, OP_LIKE, n, "a pattern in quotes");
    }
    if (parser_accept_word(p, L"ISA")) {
        return parse_string_operand(p, OP_ISA, n, "the name of a class in quotes");
    }
    if (parser_accept_word(p, L"NOT")) {
        return parser_accept_word(p, L"LIKE")
                   ? parse_string_operand(p, OP_NOT_LIKE, n, "a pattern in quotes")
                   : parser_fail(p, "LIKE");
    }
    return parser_fail(p, "an operator: = <> < <= > >= LIKE ISA or IS");
}

static HRESULT parse_comparison(struct parser *p, struct node **ret)
{
    if (++p->terms > WQL_MAX_TERMS) {
        return WBEM_E_QUOTA_VIOLATION;
    }
    struct node *n = node_create(NODE_COMPARE);
    if (!n) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = parse_operand(p, &n->left);
    if (SUCCEEDED(hr) && n->left.kind == OPERAND_NULL) {
        hr = wql_fail(p->error, n->left.at, L"NULL", 4, "a property or a constant");
    }
    if (SUCCEEDED(hr)) {
        hr = parse_rest_of_comparison(p, n);
    }
    if (SUCCEEDED(hr) && n->left.kind != OPERAND_PROPERTY && n->right.kind != OPERAND_PROPERTY) {
        hr = wql_fail(p->error, n->left.at, n->left.text ? n->left.text : L"constant",
                      n->left.text && *n->left.text ? wcslen(n->left.text) : 8,
                      "a property on one side of the operator");
    }
    if (FAILED(hr)) {
        node_destroy(n);
        return hr;
    }
    *ret = n;
    return S_OK;
}

static HRESULT parse_expression(struct parser *p, struct node **ret);

static HRESULT parse_factor(struct parser *p, struct node **ret)
{
    if (p->depth >= WQL_MAX_DEPTH) {
        return WBEM_E_QUOTA_VIOLATION;
    }
    if (parser_accept_word(p, L"NOT")) {
        struct node *n = node_create(NODE_NOT);
        struct node *child = NULL;
        p->depth++;
        HRESULT hr = n ? parse_factor(p, &child) : WBEM_E_OUT_OF_MEMORY;
        p->depth--;
        if (FAILED(hr)) {
            node_destroy(n);
            return hr;
        }
        node_adopt(n, child);
        *ret = n;
        return S_OK;
    }
    if (parser_accept(p, TOKEN_OPEN)) {
        p->depth++;
        HRESULT hr = parse_expression(p, ret);
        p->depth--;
        if (SUCCEEDED(hr)) {
            hr = expect(p, TOKEN_CLOSE, ") or AND or OR");
            if (FAILED(hr)) {
                node_destroy(*ret);
                *ret = NULL;
            }
        }
        return hr;
    }
    return parse_comparison(p, ret);
}

/* A chain of `parse` joined by the word, as one node (or none when there is but one). */
static HRESULT parse_chain(struct parser *p, const wchar_t *word, enum node_kind kind,
                           HRESULT (*parse)(struct parser *p, struct node **ret), struct node **ret)
{
    struct node *first = NULL;
    HRESULT hr = parse(p, &first);
    if (FAILED(hr) || !token_is_word(&p->token, word)) {
        *ret = first;
        return hr;
    }
    struct node *n = node_create(kind);
    if (!n) {
        node_destroy(first);
        return WBEM_E_OUT_OF_MEMORY;
    }
    node_adopt(n, first);
    while (SUCCEEDED(hr) && parser_accept_word(p, word)) {
        struct node *child = NULL;
        hr = parse(p, &child);
        if (SUCCEEDED(hr)) {
            node_adopt(n, child);
        }
    }
    if (FAILED(hr)) {
        node_destroy(n);
        return hr;
    }
    *ret = n;
    return S_OK;
}

static HRESULT parse_term(struct parser *p, struct node **ret)
{
    return parse_chain(p, L"AND", NODE_AND, parse_factor, ret);
}

static HRESULT parse_expression(struct parser *p, struct node **ret)
{
    *ret = NULL;
    return parse_chain(p, L"OR", NODE_OR, parse_term, ret);
}

/* ---- the statement ------------------------------------------------------------------- */

static HRESULT parse_column(struct parser *p, struct column **list, size_t *count)
{
    struct column *columns = realloc(*list, (*count + 1) * sizeof(*columns));
    if (!columns) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *list = columns;
    struct operand name;
    HRESULT hr = parse_property(p, &name);
    if (SUCCEEDED(hr) && name.indexed) {
        hr = wql_fail(p->error, name.at, name.text, wcslen(name.text), "a property without index");
    }
    if (FAILED(hr)) {
        operand_done(&name);
        return hr;
    }
    columns[(*count)++] = (struct column){.name = name.text, .at = name.at};
    return S_OK;
}

static HRESULT parse_select_list(struct parser *p, struct wql_query *q)
{
    if (parser_accept(p, TOKEN_STAR)) {
        return S_OK;
    }
    struct parser before = *p;
    if (parser_accept_word(p, L"COUNT") && parser_accept(p, TOKEN_OPEN)) {
        q->kind = WQL_COUNT;
        HRESULT hr = expect(p, TOKEN_STAR, "*");
        return FAILED(hr) ? hr : expect(p, TOKEN_CLOSE, ")");
    }
    *p = before; /* a property may be named Count */
    HRESULT hr;
    do {
        hr = p->token.kind == TOKEN_NAME && !token_is_word(&p->token, L"FROM")
                 ? parse_column(p, &q->columns, &q->column_count)
                 : parser_fail(p, q->column_count ? "the name of a property"
                                                  : "*, COUNT(*) or properties");
    } while (SUCCEEDED(hr) && parser_accept(p, TOKEN_COMMA));
    return hr;
}

/* ---- clauses of event queries ---------------------------------------------------------- */

/* [MS-WMI] 2.2.1.2 INTERVAL: seconds, which may be a fraction. */
static HRESULT parse_interval(struct parser *p, double *ret)
{
    struct operand o = {0};
    struct parser before = *p;
    HRESULT hr;
    if (p->token.kind == TOKEN_INTEGER) {
        hr = parse_integer(p, &o);
        *ret = o.negative ? -1 : (double)o.integer;
    } else if (p->token.kind == TOKEN_REAL) {
        hr = parse_real(p, &o);
        *ret = o.real;
    } else {
        return parser_fail(p, "an interval in seconds");
    }
    operand_done(&o);
    if (SUCCEEDED(hr) && !(*ret >= 0 && *ret <= UINT32_MAX)) {
        *p = before;
        return parser_fail(p, "an interval from 0 to 4294967295 seconds");
    }
    return hr;
}

/* [WmiSdk] "HAVING Clause": NumberOfEvents, an operator, an unsigned 32-bit integer. */
static HRESULT parse_having(struct parser *p, struct event_clauses *e)
{
    if (!parser_accept_word(p, L"NUMBEROFEVENTS")) {
        return parser_fail(p, "NumberOfEvents");
    }
    if (!operator_of(p->token.kind, &e->having_op)) {
        return parser_fail(p, "an operator: = <> < <= > or >=");
    }
    parser_next(p);
    if (p->token.kind != TOKEN_INTEGER) {
        return parser_fail(p, "a number of events");
    }
    struct operand o = {0};
    struct parser before = *p;
    HRESULT hr = parse_integer(p, &o);
    operand_done(&o);
    if (SUCCEEDED(hr) && (o.negative || o.integer > UINT32_MAX)) {
        *p = before;
        return parser_fail(p, "a number of events, from 0 to 4294967295");
    }
    e->having_value = (uint32_t)o.integer;
    e->has_having = true;
    return hr;
}

/* [WmiSdk] "GROUP Clause" */
static HRESULT parse_group(struct parser *p, struct event_clauses *e)
{
    e->has_group = true;
    if (!parser_accept_word(p, L"WITHIN")) {
        return parser_fail(p, "WITHIN");
    }
    HRESULT hr = parse_interval(p, &e->group_within);
    if (SUCCEEDED(hr) && parser_accept_word(p, L"BY")) {
        do {
            hr = p->token.kind == TOKEN_NAME ? parse_column(p, &e->by, &e->by_count)
                                             : parser_fail(p, "the name of a property");
        } while (SUCCEEDED(hr) && parser_accept(p, TOKEN_COMMA));
    }
    if (SUCCEEDED(hr)) {
        e->having_at = p->token.at;
        hr = parser_accept_word(p, L"HAVING") ? parse_having(p, e) : S_OK;
    }
    return hr;
}

/* What may follow the class. */
static HRESULT parse_clauses(struct parser *p, struct wql_query *q)
{
    HRESULT hr = S_OK;
    q->event.within_at = p->token.at;
    if (parser_accept_word(p, L"WITHIN")) {
        q->event.has_within = true;
        hr = parse_interval(p, &q->event.within);
    }
    if (SUCCEEDED(hr) && parser_accept_word(p, L"WHERE")) {
        hr = parse_expression(p, &q->where);
    }
    q->event.group_at = p->token.at;
    if (SUCCEEDED(hr) && parser_accept_word(p, L"GROUP")) {
        hr = parse_group(p, &q->event);
    }
    if (FAILED(hr) || p->token.kind == TOKEN_END) {
        return hr;
    }
    return parser_fail(p, q->event.has_having  ? "the end"
                          : q->event.by_count  ? "a comma, HAVING or the end"
                          : q->event.has_group ? "BY, HAVING or the end"
                          : q->where           ? "AND, OR or the end"
                                               : "WHERE or the end");
}

static HRESULT parse_statement(struct parser *p, struct wql_query *q)
{
    if (token_is_word(&p->token, L"ASSOCIATORS") || token_is_word(&p->token, L"REFERENCES")) {
        return parse_association_query(p, q);
    }
    if (!parser_accept_word(p, L"SELECT")) {
        return parser_fail(p, "SELECT, ASSOCIATORS OF or REFERENCES OF");
    }
    HRESULT hr = parse_select_list(p, q);
    if (FAILED(hr)) {
        return hr;
    }
    if (!parser_accept_word(p, L"FROM")) {
        return parser_fail(p, q->columns ? "a comma or FROM" : "FROM");
    }
    if (p->token.kind != TOKEN_NAME) {
        return parser_fail(p, "the name of a class");
    }
    q->class_at = p->token.at;
    q->class_name = com_wide_copy_n(p->token.start, p->token.length);
    if (!q->class_name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    parser_next(p);
    return parse_clauses(p, q);
}

HRESULT wql_parse(const wchar_t *text, struct wql_query **ret, struct wql_error *ret_error)
{
    if (wcsnlen(text, WQL_MAX_LENGTH + 1) > WQL_MAX_LENGTH) {
        return WBEM_E_QUOTA_VIOLATION;
    }
    struct wql_query *q = calloc(1, sizeof(*q));
    if (!q) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    struct parser p = {.error = ret_error};
    lexer_init(&p.lexer, text);
    parser_next(&p);
    HRESULT hr = parse_statement(&p, q);
    if (FAILED(hr)) {
        wql_destroy(q);
        return hr;
    }
    *ret = q;
    return WBEM_S_NO_ERROR;
}
