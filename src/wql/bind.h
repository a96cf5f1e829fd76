/* A condition being bound: what the files that do it share. */
#ifndef WBEM_WQL_BIND_H
#define WBEM_WQL_BIND_H

#include "wql/wql_private.h"

struct binding {
    struct wql_plan *plan;
    const struct decoration *where; /* NULL: not known */
    bool is_class;                  /* of a class definition, not of instances */
    struct wql_error *error;
};

/* WBEM_E_INVALID_QUERY at the operand. */
HRESULT bind_fail(struct binding *b, const struct operand *o, const char *expected);
HRESULT bind_test(enum test_kind kind, struct test **ret);
HRESULT bind_truth(bool truth, struct test **ret);
/* Takes `child`, also on failure. */
HRESULT bind_negation(struct test *child, struct test **ret);
/* Fills *t for a property of this type; CIM_EMPTY: not known yet. */
HRESULT bind_like(struct binding *b, const struct node *n, CIMTYPE type, struct test *t);
HRESULT bind_value(struct binding *b, const struct operand *o, CIMTYPE type, struct test *t);
/* bind_system.c: a comparison of a property whose name begins with two underscores. */
HRESULT bind_system(struct binding *b, const struct node *n, enum operator_kind op,
                    const struct operand *property, const struct operand *constant,
                    struct test **ret);
HRESULT bind_condition(struct binding *b, const struct node *n, struct test **ret);

#endif
