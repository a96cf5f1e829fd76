/*
 * A bound condition against one row, in three-valued logic: what compares a
 * null is unknown, and only a row for which the whole is true matches. Nothing
 * is allocated here but for embedded objects and references; this runs for every row of a scan.
 */
#include <stdlib.h>

#include "com/com.h"
#include "wql/wql_private.h"

void subject_done(struct subject *s)
{
    for (uint32_t i = 0; i < s->inner_count; i++) {
        free(s->inner[i]);
    }
    free(s->inner);
    free(s->prefix);
    *s = (struct subject){0};
}

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
    for (int i = 0; t->late && i < LATE_TYPE_COUNT; i++) {
        free(t->late[i].storage);
    }
    free(t->late);
    free(t->class_name);
    object_path_destroy(t->path);
    subject_done(&t->subject);
    subject_done(&t->other);
    free(t);
}

static enum truth truth_of(bool b)
{
    return b ? TRUE_TRUTH : FALSE_TRUTH;
}

/* An array without that element has a null there. */
static enum presence get_subject(const struct subject *s, struct evaluation *e,
                                 struct cim_value *ret)
{
    if (s->prefix) {
        return path_get(s, e, ret);
    }
    e->get(e->from, s->ordinal, ret);
    if (s->inner) {
        enum presence p = ret->null ? VALUE_MISSING : embedded_get(s, e, ret);
        if (p != VALUE_PRESENT) {
            return p;
        }
    }
    if (!s->indexed || ret->null) {
        return ret->null ? VALUE_NULL : VALUE_PRESENT;
    }
    struct cim_value array = *ret;
    if (!(array.type & CIM_FLAG_ARRAY)) {
        return VALUE_MISSING;
    }
    bool there = s->index < array.array.count && SUCCEEDED(cim_array_get(&array, s->index, ret)) &&
                 !ret->null;
    return there ? VALUE_PRESENT : VALUE_NULL;
}

bool order_fits(enum operator_kind op, int order)
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
static enum truth run_chain(const struct test *t, struct evaluation *e)
{
    bool all = t->kind == TEST_AND;
    enum truth result = all ? TRUE_TRUTH : FALSE_TRUTH;
    for (const struct test *c = t->first_child; c; c = c->next) {
        enum truth one = test_run(c, e);
        if (all ? one < result : one > result) {
            result = one;
        }
        if (result == (all ? FALSE_TRUTH : TRUE_TRUTH)) {
            break;
        }
    }
    return result;
}

/* Paths that differ as texts may lead to the same object all the same. */
static enum truth run_reference(const struct test *t, const struct cim_value *constant,
                                const struct cim_value *v)
{
    bool same = cim_string_compare(&v->string, &constant->string) == 0;
    if (!same) {
        CLEANUP(com_cleanup_free) wchar_t *text = cim_string_wide(&v->string);
        struct object_path *path = NULL;
        if (text && SUCCEEDED(object_path_parse(text, &path, NULL))) {
            same = object_path_same(path, t->path);
            object_path_destroy(path);
        }
    }
    return truth_of(same == (t->op == OP_EQUAL));
}

/* LIKE and comparisons with a constant, of a value that is there. */
static enum truth run_value(const struct test *t, const struct cim_value *v)
{
    if (t->kind == TEST_LIKE) {
        bool text = v->type == CIM_STRING || v->type == CIM_DATETIME || v->type == CIM_REFERENCE;
        return text ? truth_of(pattern_matches(t->pattern, &v->string)) : UNKNOWN_TRUTH;
    }
    if (t->kind == TEST_REFERENCE) {
        return run_reference(t, &t->value, v);
    }
    if (!t->late) {
        return compare(t->op, v, &t->value);
    }
    int i = late_type_index(v->type);
    if (i >= 0 && t->late[i].usable && v->type == CIM_REFERENCE && t->path) {
        return run_reference(t, &t->late[i].value, v);
    }
    return i >= 0 && t->late[i].usable ? compare(t->op, v, &t->late[i].value) : UNKNOWN_TRUTH;
}

static enum truth run_null(const struct test *t, struct evaluation *e)
{
    struct cim_value v;
    enum presence p = get_subject(&t->subject, e, &v);
    return p == VALUE_MISSING ? UNKNOWN_TRUTH : truth_of(p == VALUE_NULL);
}

static enum truth run_properties(const struct test *t, struct evaluation *e)
{
    struct cim_value a;
    struct cim_value b;
    if (get_subject(&t->subject, e, &a) != VALUE_PRESENT ||
        get_subject(&t->other, e, &b) != VALUE_PRESENT) {
        return UNKNOWN_TRUTH;
    }
    return compare(t->op, &a, &b);
}

enum truth test_run(const struct test *t, struct evaluation *e)
{
    struct cim_value v;
    switch (t->kind) {
    case TEST_CONSTANT:
        return t->truth;
    case TEST_AND:
    case TEST_OR:
        return run_chain(t, e);
    case TEST_NOT:
        return (enum truth)(TRUE_TRUTH - test_run(t->first_child, e));
    case TEST_NULL:
        return run_null(t, e);
    case TEST_PROPERTY:
        return run_properties(t, e);
    case TEST_VALUE:
    case TEST_LIKE:
    case TEST_REFERENCE:
        return get_subject(&t->subject, e, &v) == VALUE_PRESENT ? run_value(t, &v) : UNKNOWN_TRUTH;
    case TEST_ISA:
        return get_subject(&t->subject, e, &v) == VALUE_PRESENT ? embedded_isa(&v, t->class_name, e)
                                                                : UNKNOWN_TRUTH;
    }
    return FALSE_TRUTH;
}

bool wql_plan_matches(const struct wql_plan *p,
                      void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                      const void *from)
{
    if (!p->test) {
        return true;
    }
    struct evaluation e = {.get = get, .from = from};
    enum truth truth = test_run(p->test, &e);
    evaluation_done(&e);
    return truth == TRUE_TRUTH;
}

static void get_from_object(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    IWbemClassObject *const *object = from;
    if (FAILED(object_get_value(*object, ordinal, ret))) {
        *ret = (struct cim_value){.null = true};
    }
}

bool wql_plan_matches_object(const struct wql_plan *p, IWbemClassObject *object)
{
    return wql_plan_matches(p, get_from_object, (const void *)&object);
}
