/* A tree as text that parses to an equal tree. */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "wql/wql_private.h"

static void print_string(FILE *to, const wchar_t *text)
{
    fputwc(L'"', to);
    for (; *text; text++) {
        if (*text == L'"' || *text == L'\\') {
            fputwc(L'\\', to);
        }
        fputwc(*text, to);
    }
    fputwc(L'"', to);
}

static void print_operand(FILE *to, const struct operand *o)
{
    switch (o->kind) {
    case OPERAND_STRING:
        print_string(to, o->text);
        break;
    case OPERAND_BOOLEAN:
        fputws(o->boolean ? L"TRUE" : L"FALSE", to);
        break;
    case OPERAND_NULL:
        fputws(L"NULL", to);
        break;
    case OPERAND_PROPERTY:
    case OPERAND_INTEGER:
    case OPERAND_REAL:
        fputws(o->text, to);
        if (o->indexed) {
            fwprintf(to, L"[%u]", o->index);
        }
        break;
    }
}

static void print_node(FILE *to, const struct node *n);

/* AND and OR inside something else keep their parentheses: the tree knows no precedence. */
static void print_child(FILE *to, const struct node *n)
{
    bool chain = n->kind == NODE_AND || n->kind == NODE_OR;
    fputws(chain ? L"(" : L"", to);
    print_node(to, n);
    fputws(chain ? L")" : L"", to);
}

static const wchar_t *const operators[] = {
    [OP_EQUAL] = L"=",
    [OP_NOT_EQUAL] = L"<>",
    [OP_LESS] = L"<",
    [OP_LESS_EQUAL] = L"<=",
    [OP_GREATER] = L">",
    [OP_GREATER_EQUAL] = L">=",
    [OP_LIKE] = L"LIKE",
    [OP_NOT_LIKE] = L"NOT LIKE",
    [OP_ISA] = L"ISA",
    [OP_IS_NULL] = L"IS NULL",
    [OP_IS_NOT_NULL] = L"IS NOT NULL",
};

const wchar_t *operator_text(enum operator_kind op)
{
    return operators[op];
}

static void print_node(FILE *to, const struct node *n)
{
    switch (n->kind) {
    case NODE_NOT:
        fputws(L"NOT ", to);
        print_child(to, n->first_child);
        break;
    case NODE_COMPARE:
        print_operand(to, &n->left);
        fwprintf(to, L" %ls", operators[n->op]);
        if (n->op != OP_IS_NULL && n->op != OP_IS_NOT_NULL) {
            fputwc(L' ', to);
            print_operand(to, &n->right);
        }
        break;
    case NODE_AND:
    case NODE_OR:
        for (const struct node *c = n->first_child; c; c = c->next) {
            print_child(to, c);
            if (c->next) {
                fputws(n->kind == NODE_AND ? L" AND " : L" OR ", to);
            }
        }
        break;
    }
}

/* 17 digits bring back the same number; the decimal point is WQL's in every locale. */
static void print_seconds(FILE *to, double seconds)
{
    char text[32];
    snprintf(text, sizeof(text), "%.17g", seconds);
    for (char *c = text; *c; c++) {
        bool point = *c != '-' && *c != '+' && *c != 'e' && (*c < '0' || *c > '9');
        fputwc(point ? L'.' : (wchar_t)*c, to);
    }
}

static void print_group(FILE *to, const struct event_clauses *e)
{
    fputws(L" GROUP WITHIN ", to);
    print_seconds(to, e->group_within);
    for (size_t i = 0; i < e->by_count; i++) {
        fwprintf(to, L"%ls%ls", i ? L", " : L" BY ", e->by[i].name);
    }
    if (e->has_having) {
        fwprintf(to, L" HAVING NumberOfEvents %ls %u", operators[e->having_op], e->having_value);
    }
}

static void print_association(FILE *to, const struct wql_query *q)
{
    const struct wql_association *a = &q->association;
    const struct {
        const wchar_t *word, *value;
    } clauses[] = {
        {L"AssocClass", a->assoc_class},
        {L"ResultClass", a->result_class},
        {L"ResultRole", a->result_role},
        {L"Role", a->role},
        {L"RequiredQualifier", a->required_qualifier},
        {L"RequiredAssocQualifier", a->required_assoc_qualifier},
    };
    const wchar_t *where = L" WHERE";
    fwprintf(to, L"%ls OF {%ls}", q->kind == WQL_REFERENCES ? L"REFERENCES" : L"ASSOCIATORS",
             a->path_text);
    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
        if (clauses[i].value) {
            fwprintf(to, L"%ls %ls = %ls", where, clauses[i].word, clauses[i].value);
            where = L"";
        }
    }
    if (a->class_defs_only || a->keys_only || a->schema_only) {
        fwprintf(to, L"%ls%ls%ls%ls", where, a->class_defs_only ? L" ClassDefsOnly" : L"",
                 a->keys_only ? L" KeysOnly" : L"", a->schema_only ? L" SchemaOnly" : L"");
    }
}

static void print_select(FILE *to, const struct wql_query *q)
{
    fputws(L"SELECT ", to);
    if (q->kind == WQL_COUNT) {
        fputws(L"COUNT(*)", to);
    } else if (q->column_count == 0) {
        fputws(L"*", to);
    }
    for (size_t i = 0; i < q->column_count; i++) {
        fwprintf(to, L"%ls%ls", i ? L", " : L"", q->columns[i].name);
    }
    fwprintf(to, L" FROM %ls", q->class_name);
    if (q->event.has_within) {
        fputws(L" WITHIN ", to);
        print_seconds(to, q->event.within);
    }
    if (q->where) {
        fputws(L" WHERE ", to);
        print_node(to, q->where);
    }
    if (q->event.has_group) {
        print_group(to, &q->event);
    }
}

HRESULT wql_print(const struct wql_query *q, wchar_t **ret)
{
    wchar_t *text = NULL;
    size_t size = 0;
    FILE *to = open_wmemstream(&text, &size);
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (q->association.path) {
        print_association(to, q);
    } else {
        print_select(to, q);
    }
    bool broken = ferror(to);
    if (fclose(to) != 0 || broken) {
        free(text);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = text;
    return WBEM_S_NO_ERROR;
}
