/* The tree of a query: making, joining, freeing; errors with a place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/wql_private.h"

struct node *node_create(enum node_kind kind)
{
    struct node *n = calloc(1, sizeof(*n));
    if (n) {
        n->kind = kind;
    }
    return n;
}

void operand_done(struct operand *o)
{
    free(o->text);
    o->text = NULL;
}

/* The depth is bounded by WQL_MAX_DEPTH. */
void node_destroy(struct node *n)
{
    if (!n) {
        return;
    }
    for (struct node *c = n->first_child, *next; c; c = next) {
        next = c->next;
        node_destroy(c);
    }
    operand_done(&n->left);
    operand_done(&n->right);
    free(n);
}

void node_adopt(struct node *parent, struct node *child)
{
    if (parent->last_child) {
        parent->last_child->next = child;
    } else {
        parent->first_child = child;
    }
    parent->last_child = child;
}

static void association_done(struct wql_association *a)
{
    free(a->path_text);
    object_path_destroy(a->path);
    free(a->assoc_class);
    free(a->result_class);
    free(a->role);
    free(a->result_role);
    free(a->required_qualifier);
    free(a->required_assoc_qualifier);
}

void wql_destroy(struct wql_query *q)
{
    if (!q) {
        return;
    }
    for (size_t i = 0; i < q->column_count; i++) {
        free(q->columns[i].name);
    }
    free(q->columns);
    free(q->class_name);
    node_destroy(q->where);
    for (size_t i = 0; i < q->event.by_count; i++) {
        free(q->event.by[i].name);
    }
    free(q->event.by);
    association_done(&q->association);
    free(q);
}

enum wql_kind wql_query_kind(const struct wql_query *q)
{
    return q->kind;
}

const struct wql_association *wql_query_association(const struct wql_query *q)
{
    return q->association.path ? &q->association : NULL;
}

bool wql_query_is_schema(const struct wql_query *q)
{
    return !q->association.path && wcscasecmp(q->class_name, L"meta_class") == 0;
}

const wchar_t *wql_query_class(const struct wql_query *q)
{
    return q->class_name;
}

struct wql_position wql_query_class_position(const struct wql_query *q)
{
    return q->class_at;
}

HRESULT wql_fail(struct wql_error *e, struct wql_position at, const wchar_t *token, size_t length,
                 const char *expected)
{
    if (e) {
        CLEANUP(com_cleanup_free)
        char *text = length ? com_utf8_from_wide_n(token, length) : strdup("end of query");
        e->at = at;
        snprintf(e->token, sizeof(e->token), "%s", text ? text : "?");
        snprintf(e->expected, sizeof(e->expected), "%s", expected);
    }
    return WBEM_E_INVALID_QUERY;
}
