/*
 * A bound condition against one row, in three-valued logic: what compares a
 * null is unknown, and only a row for which the whole is true matches. Nothing
 * is allocated here; this runs for every row of a scan.
 */
#include <stdlib.h>

#include "wql/wql_private.h"

void test_destroy(struct test *t)
{
    if (!t) {
        return;
    }
    for (struct test *c = t->first_child, *next; c; c = next) {
        next = c->next;
        test_destroy(c);
    }
    free(t->storage);
    pattern_destroy(t->pattern);
    free(t);
}

static enum truth truth_of(bool b)
{
    return b ? TRUE_TRUTH : FALSE_TRUTH;
}

/* False when there is no value: null, or an array without that element. */
static bool get_subject(const struct subject *s,
                        void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                        const void *from, struct cim_value *ret)
{
    get(from, s->ordinal, ret);
    if (!s->indexed || ret->null) {
        return !ret->null;
    }
    struct cim_value array = *ret;
    return s->index < array.array.count && SUCCEEDED(cim_array_get(&array, s->index, ret)) &&
           !ret->null;
}

static bool order_fits(enum operator_kind op, int order)
{
    switch (op) {
    case OP_EQUAL:
        return order == 0;
    case OP_NOT_EQUAL:
        return order != 0;
    case OP_LESS:
        return order < 0;
    case OP_LESS_EQUAL:
        return order <= 0;
    case OP_GREATER:
        return order > 0;
    case OP_GREATER_EQUAL:
        return order >= 0;
    default:
        return false;
    }
}

/* The common case without a call: integers of one signedness. */
static bool compare_fast(const struct cim_value *a, const struct cim_value *b, int *ret)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        *ret = (a->uint > b->uint) - (a->uint < b->uint);
        return true;
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_SINT32:
    case CIM_SINT64:
    case CIM_BOOLEAN:
    case CIM_CHAR16:
        *ret = (a->sint > b->sint) - (a->sint < b->sint);
        return true;
    default:
        return false;
    }
}

static enum truth compare(enum operator_kind op, const struct cim_value *a,
                          const struct cim_value *b)
{
    int order;
    if (!compare_fast(a, b, &order) && FAILED(cim_compare(a, b, &order))) {
        return UNKNOWN_TRUTH;
    }
    return truth_of(order_fits(op, order));
}

/* AND ends at the first false, OR at the first true; otherwise the weakest or strongest wins. */
static enum truth run_chain(const struct test *t,
                            void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                            const void *from)
{
    bool all = t->kind == TEST_AND;
    enum truth result = all ? TRUE_TRUTH : FALSE_TRUTH;
    for (const struct test *c = t->first_child; c; c = c->next) {
        enum truth one = test_run(c, get, from);
        if (all ? one < result : one > result) {
            result = one;
        }
        if (result == (all ? FALSE_TRUTH : TRUE_TRUTH)) {
            break;
        }
    }
    return result;
}

enum truth test_run(const struct test *t,
                    void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                    const void *from)
{
    struct cim_value a;
    struct cim_value b;
    switch (t->kind) {
    case TEST_CONSTANT:
        return t->truth;
    case TEST_AND:
    case TEST_OR:
        return run_chain(t, get, from);
    case TEST_NOT:
        return (enum truth)(TRUE_TRUTH - test_run(t->first_child, get, from));
    case TEST_NULL:
        return truth_of(!get_subject(&t->subject, get, from, &a));
    case TEST_VALUE:
        return get_subject(&t->subject, get, from, &a) ? compare(t->op, &a, &t->value)
                                                       : UNKNOWN_TRUTH;
    case TEST_PROPERTY:
        return get_subject(&t->subject, get, from, &a) && get_subject(&t->other, get, from, &b)
                   ? compare(t->op, &a, &b)
                   : UNKNOWN_TRUTH;
    case TEST_LIKE:
        return get_subject(&t->subject, get, from, &a)
                   ? truth_of(pattern_matches(t->pattern, &a.string))
                   : UNKNOWN_TRUTH;
    }
    return FALSE_TRUTH;
}

bool wql_plan_matches(const struct wql_plan *p,
                      void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                      const void *from)
{
    return !p->test || test_run(p->test, get, from) == TRUE_TRUTH;
}
