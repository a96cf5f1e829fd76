/*
 * Names to properties, constants to the properties' types: the tree of a
 * condition becomes tests that run without looking anything up. What is known
 * of every instance of the class (__CLASS, ISA) is decided here.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/bind.h"
#include "wql/bind_constant.h"
#include "wql/wql_private.h"

HRESULT bind_fail(struct binding *b, const struct operand *o, const char *expected)
{
    const wchar_t *token = o->text                   ? o->text
                           : o->kind == OPERAND_NULL ? L"NULL"
                           : o->boolean              ? L"TRUE"
                                                     : L"FALSE";
    return wql_fail(b->error, o->at, *token ? token : L"\"\"", *token ? wcslen(token) : 2,
                    expected);
}

HRESULT bind_test(enum test_kind kind, struct test **ret)
{
    *ret = calloc(1, sizeof(**ret));
    if (!*ret) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (*ret)->kind = kind;
    return S_OK;
}

HRESULT bind_truth(bool truth, struct test **ret)
{
    HRESULT hr = bind_test(TEST_CONSTANT, ret);
    if (SUCCEEDED(hr)) {
        (*ret)->truth = truth ? TRUE_TRUTH : FALSE_TRUTH;
    }
    return hr;
}

/* Takes `child`, also on failure. */
HRESULT bind_negation(struct test *child, struct test **ret)
{
    HRESULT hr = bind_test(TEST_NOT, ret);
    if (FAILED(hr)) {
        test_destroy(child);
        return hr;
    }
    (*ret)->first_child = child;
    return S_OK;
}

/* ---- properties ----------------------------------------------------------------- */

static bool is_array(CIMTYPE type)
{
    return type & CIM_FLAG_ARRAY;
}

/* The part of a name before its first full stop. */
static HRESULT find_outer(struct binding *b, const struct operand *o, uint32_t *ret)
{
    size_t length = wcscspn(o->text, L".");
    CLEANUP(com_cleanup_free) wchar_t *name = com_wide_copy_n(o->text, length);
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(schema_find(b->plan->schema, name, ret))) {
        return bind_fail(b, o, "a property of the class");
    }
    return S_OK;
}

/* Resolves a name that is no system property; *ret_type is the element's type when indexed, and
 * CIM_EMPTY for a property of an embedded object, whose class is not known here. */
static HRESULT bind_subject(struct binding *b, const struct operand *o, struct subject *ret,
                            CIMTYPE *ret_type)
{
    HRESULT hr = find_outer(b, o, &ret->ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    const wchar_t *inner = wcschr(o->text, L'.');
    *ret_type = schema_property_type(b->plan->schema, ret->ordinal);
    ret->indexed = o->indexed;
    ret->index = o->index;
    b->plan->tested[ret->ordinal] = true;
    if (inner) {
        if (*ret_type != CIM_OBJECT) {
            return bind_fail(b, o, "an embedded object before the full stop");
        }
        *ret_type = CIM_EMPTY;
        return subject_set_inner(ret, inner + 1);
    }
    if (o->indexed && !is_array(*ret_type)) {
        return bind_fail(b, o, "an array before the [");
    }
    if (o->indexed) {
        *ret_type &= ~CIM_FLAG_ARRAY;
    }
    return S_OK;
}

HRESULT bind_like(struct binding *b, const struct node *n, CIMTYPE type, struct test *t)
{
    if (type != CIM_EMPTY && !constant_type_is_text(type)) {
        return bind_fail(b, &n->left, "a property of type string before LIKE");
    }
    t->kind = TEST_LIKE;
    return pattern_create(n->right.text, &t->pattern);
}

static HRESULT bind_other(struct binding *b, const struct operand *o, CIMTYPE type, struct test *t)
{
    CIMTYPE other = CIM_EMPTY;
    HRESULT hr = bind_subject(b, o, &t->other, &other);
    if (FAILED(hr)) {
        return hr;
    }
    bool late = type == CIM_EMPTY || other == CIM_EMPTY;
    if (is_array(other) || other == CIM_OBJECT ||
        (!late && constant_type_is_text(type) != constant_type_is_text(other))) {
        return bind_fail(b, o, "a property of a type that can be compared");
    }
    t->kind = TEST_PROPERTY;
    return S_OK;
}

/* What is no path is compared as text. */
static HRESULT bind_reference(const struct operand *o, struct test *t)
{
    HRESULT hr = o->text ? object_path_parse(o->text, &t->path, NULL) : S_FALSE;
    if (t->path) {
        t->kind = TEST_REFERENCE;
    }
    return hr == WBEM_E_OUT_OF_MEMORY ? hr : S_OK;
}

/* For every type that the property may turn out to have. */
static HRESULT bind_late(struct binding *b, const struct operand *o, struct test *t)
{
    const char *expected;
    bool usable = false;
    t->late = calloc(LATE_TYPE_COUNT, sizeof(*t->late));
    if (!t->late) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (int i = 0; i < LATE_TYPE_COUNT; i++) {
        struct late_constant *c = &t->late[i];
        HRESULT hr = constant_bind(o, late_type(i), &c->value, &c->storage, &expected);
        if (hr == WBEM_E_OUT_OF_MEMORY) {
            return hr;
        }
        c->usable = SUCCEEDED(hr);
        usable = usable || c->usable;
    }
    /* Should it be a reference, then other texts may lead to the same object. */
    if (o->kind == OPERAND_STRING && (t->op == OP_EQUAL || t->op == OP_NOT_EQUAL) &&
        object_path_parse(o->text, &t->path, NULL) == WBEM_E_OUT_OF_MEMORY) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    return usable ? S_OK : bind_fail(b, o, "a constant");
}

HRESULT bind_value(struct binding *b, const struct operand *o, CIMTYPE type, struct test *t)
{
    t->kind = TEST_VALUE;
    if (type == CIM_EMPTY) {
        return bind_late(b, o, t);
    }
    const char *expected;
    HRESULT hr = constant_bind(o, type, &t->value, &t->storage, &expected);
    if (SUCCEEDED(hr) && type == CIM_REFERENCE && (t->op == OP_EQUAL || t->op == OP_NOT_EQUAL)) {
        return bind_reference(o, t);
    }
    return hr == WBEM_E_INVALID_QUERY ? bind_fail(b, o, expected) : hr;
}

/* TargetInstance ISA 'Class', and with .__CLASS the same. */
static HRESULT bind_isa(struct binding *b, const struct operand *property, CIMTYPE type,
                        const struct operand *class_name, struct test *t)
{
    struct subject *s = &t->subject;
    if (s->inner_count && wcscasecmp(s->inner[s->inner_count - 1], L"__CLASS") == 0) {
        free(s->inner[--s->inner_count]);
    } else if (type != CIM_EMPTY && type != CIM_OBJECT) {
        return bind_fail(b, property, "__CLASS, __this or an embedded object before ISA");
    }
    t->kind = TEST_ISA;
    t->class_name = com_wide_copy(class_name->text);
    return t->class_name ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

/* property op something; `op` as seen with the property on the left. */
static HRESULT bind_property(struct binding *b, const struct node *n, enum operator_kind op,
                             const struct operand *property, const struct operand *other,
                             struct test *t)
{
    CIMTYPE type = CIM_EMPTY;
    HRESULT hr = bind_subject(b, property, &t->subject, &type);
    if (FAILED(hr)) {
        return hr;
    }
    t->op = op;
    if (op == OP_IS_NULL || op == OP_IS_NOT_NULL) {
        t->kind = TEST_NULL;
        return S_OK;
    }
    if (is_array(type)) {
        return bind_fail(b, property, "one element of the array, as in Name[0]");
    }
    if (op == OP_ISA) {
        return bind_isa(b, property, type, other, t);
    }
    if (op == OP_LIKE || op == OP_NOT_LIKE) {
        return bind_like(b, n, type, t);
    }
    return other->kind == OPERAND_PROPERTY ? bind_other(b, other, type, t)
                                           : bind_value(b, other, type, t);
}

/* ---- nodes ------------------------------------------------------------------------------ */

/* 3 < x is x > 3. */
static enum operator_kind mirror(enum operator_kind op)
{
    switch (op) {
    case OP_LESS:
        return OP_GREATER;
    case OP_LESS_EQUAL:
        return OP_GREATER_EQUAL;
    case OP_GREATER:
        return OP_LESS;
    case OP_GREATER_EQUAL:
        return OP_LESS_EQUAL;
    default:
        return op;
    }
}

static HRESULT bind_comparison(struct binding *b, const struct node *n, struct test **ret)
{
    const struct operand *property = &n->left;
    const struct operand *other = &n->right;
    enum operator_kind op = n->op;
    if (property->kind != OPERAND_PROPERTY) {
        if (op == OP_LIKE || op == OP_NOT_LIKE || op == OP_ISA) {
            return bind_fail(b, property, "a property before LIKE or ISA");
        }
        property = &n->right;
        other = &n->left;
        op = mirror(op);
    }
    if (property->text[0] == L'_' && property->text[1] == L'_') {
        return bind_system(b, n, op, property, other, ret);
    }
    if (b->is_class) {
        return bind_fail(b, property, "__this or a system property such as __CLASS");
    }
    struct test *t;
    HRESULT hr = bind_test(TEST_NULL, &t);
    if (FAILED(hr)) {
        return hr;
    }
    hr = bind_property(b, n, op, property, other, t);
    if (FAILED(hr)) {
        test_destroy(t);
        return hr;
    }
    if (op == OP_IS_NOT_NULL || op == OP_NOT_LIKE) {
        return bind_negation(t, ret);
    }
    *ret = t;
    return S_OK;
}

/* The depth is that of the tree, which the parser bounds. */
static HRESULT bind_node(struct binding *b, const struct node *n, struct test **ret)
{
    *ret = NULL;
    if (n->kind == NODE_COMPARE) {
        return bind_comparison(b, n, ret);
    }
    struct test *t;
    HRESULT hr = bind_test(n->kind == NODE_AND  ? TEST_AND
                           : n->kind == NODE_OR ? TEST_OR
                                                : TEST_NOT,
                           &t);
    if (FAILED(hr)) {
        return hr;
    }
    struct test **end = &t->first_child;
    for (const struct node *c = n->first_child; c && SUCCEEDED(hr); c = c->next) {
        hr = bind_node(b, c, end);
        if (SUCCEEDED(hr)) {
            assert(*end);
            end = &(*end)->next;
        }
    }
    if (FAILED(hr)) {
        test_destroy(t);
        return hr;
    }
    *ret = t;
    return S_OK;
}

HRESULT bind_condition(struct binding *b, const struct node *n, struct test **ret)
{
    return bind_node(b, n, ret);
}
