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
#include "wql/bind_constant.h"
#include "wql/wql_private.h"

struct binding {
    struct wql_plan *plan;
    struct wql_error *error;
};

static HRESULT fail_at(struct binding *b, const struct operand *o, const char *expected)
{
    const wchar_t *token = o->text                   ? o->text
                           : o->kind == OPERAND_NULL ? L"NULL"
                           : o->boolean              ? L"TRUE"
                                                     : L"FALSE";
    return wql_fail(b->error, o->at, *token ? token : L"\"\"", *token ? wcslen(token) : 2,
                    expected);
}

static HRESULT test_create(enum test_kind kind, struct test **ret)
{
    *ret = calloc(1, sizeof(**ret));
    if (!*ret) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (*ret)->kind = kind;
    return S_OK;
}

static HRESULT constant_test(bool truth, struct test **ret)
{
    HRESULT hr = test_create(TEST_CONSTANT, ret);
    if (SUCCEEDED(hr)) {
        (*ret)->truth = truth ? TRUE_TRUTH : FALSE_TRUTH;
    }
    return hr;
}

/* Takes `child`, also on failure. */
static HRESULT negate(struct test *child, struct test **ret)
{
    HRESULT hr = test_create(TEST_NOT, ret);
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
        return fail_at(b, o, "a property of the class");
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
            return fail_at(b, o, "an embedded object before the full stop");
        }
        *ret_type = CIM_EMPTY;
        return subject_set_inner(ret, inner + 1);
    }
    if (o->indexed && !is_array(*ret_type)) {
        return fail_at(b, o, "an array before the [");
    }
    if (o->indexed) {
        *ret_type &= ~CIM_FLAG_ARRAY;
    }
    return S_OK;
}

static HRESULT bind_like(struct binding *b, const struct node *n, CIMTYPE type, struct test *t)
{
    if (type != CIM_EMPTY && !constant_type_is_text(type)) {
        return fail_at(b, &n->left, "a property of type string before LIKE");
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
        return fail_at(b, o, "a property of a type that can be compared");
    }
    t->kind = TEST_PROPERTY;
    return S_OK;
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
    return usable ? S_OK : fail_at(b, o, "a constant");
}

static HRESULT bind_value(struct binding *b, const struct operand *o, CIMTYPE type, struct test *t)
{
    t->kind = TEST_VALUE;
    if (type == CIM_EMPTY) {
        return bind_late(b, o, t);
    }
    const char *expected;
    HRESULT hr = constant_bind(o, type, &t->value, &t->storage, &expected);
    return hr == WBEM_E_INVALID_QUERY ? fail_at(b, o, expected) : hr;
}

/* TargetInstance ISA 'Class', and with .__CLASS the same. */
static HRESULT bind_isa(struct binding *b, const struct operand *property, CIMTYPE type,
                        const struct operand *class_name, struct test *t)
{
    struct subject *s = &t->subject;
    if (s->inner_count && wcscasecmp(s->inner[s->inner_count - 1], L"__CLASS") == 0) {
        free(s->inner[--s->inner_count]);
    } else if (type != CIM_EMPTY && type != CIM_OBJECT) {
        return fail_at(b, property, "__CLASS, __this or an embedded object before ISA");
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
        return fail_at(b, property, "one element of the array, as in Name[0]");
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

/* ---- system properties -------------------------------------------------------------- */

/* A system property that is the same for all instances of the class, as a constant. */
static bool system_value(const struct schema *s, const wchar_t *name, const wchar_t **ret_text,
                         int64_t *ret_number)
{
    *ret_text = NULL;
    *ret_number = -1;
    if (wcscasecmp(name, L"__CLASS") == 0 || wcscasecmp(name, L"__this") == 0) {
        *ret_text = schema_class_name(s);
    } else if (wcscasecmp(name, L"__SUPERCLASS") == 0) {
        *ret_text = schema_ancestor(s, 0);
    } else if (wcscasecmp(name, L"__DYNASTY") == 0) {
        *ret_text = schema_class_name(s);
        for (uint32_t i = 0; schema_ancestor(s, i); i++) {
            *ret_text = schema_ancestor(s, i);
        }
    } else if (wcscasecmp(name, L"__GENUS") == 0) {
        *ret_number = WBEM_GENUS_INSTANCE;
    } else if (wcscasecmp(name, L"__PROPERTY_COUNT") == 0) {
        *ret_number = schema_property_count(s);
    } else {
        return false;
    }
    return true;
}

static bool is_path(const wchar_t *name)
{
    return wcscasecmp(name, L"__PATH") == 0 || wcscasecmp(name, L"__RELPATH") == 0;
}

static bool is_system(const wchar_t *name)
{
    return name[0] == L'_' && name[1] == L'_';
}

/* One row whose only column is the system property decides the comparison. */
static void get_value(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    *ret = *(const struct cim_value *)from;
}

static HRESULT decide(struct binding *b, const struct node *n, enum operator_kind op,
                      const struct operand *constant, struct cim_value value, struct test **ret)
{
    struct test t = {.op = op};
    HRESULT hr;
    if (op == OP_LIKE || op == OP_NOT_LIKE) {
        hr = bind_like(b, n, value.type, &t);
    } else {
        hr = bind_value(b, constant, value.type, &t);
    }
    if (SUCCEEDED(hr)) {
        struct evaluation e = {.get = get_value, .from = &value};
        enum truth truth = test_run(&t, &e);
        if (op == OP_NOT_LIKE) {
            truth = (enum truth)(TRUE_TRUTH - truth);
        }
        hr = constant_test(truth == TRUE_TRUTH, ret);
    }
    free(t.storage);
    pattern_destroy(t.pattern);
    return hr;
}

static HRESULT bind_fixed(struct binding *b, const struct node *n, enum operator_kind op,
                          const struct operand *property, const struct operand *constant,
                          const wchar_t *text, int64_t number, struct test **ret)
{
    bool null = !text && number < 0;
    if (op == OP_IS_NULL || op == OP_IS_NOT_NULL) {
        return constant_test(null == (op == OP_IS_NULL), ret);
    }
    if (op == OP_ISA) {
        return constant_test(schema_is_a(b->plan->schema, constant->text), ret);
    }
    if (constant->kind == OPERAND_PROPERTY) {
        return fail_at(b, constant, "a constant");
    }
    if (null) {
        return constant_test(false, ret);
    }
    struct cim_value value = {.type = CIM_SINT32, .sint = number};
    uint8_t *storage = NULL;
    HRESULT hr = text ? constant_text(text, CIM_STRING, &value, &storage) : S_OK;
    if (SUCCEEDED(hr)) {
        hr = decide(b, n, op, constant, value, ret);
    }
    free(storage);
    return hr;
}

/* One key of a path as a comparison. */
static HRESULT bind_key(struct binding *b, const struct operand *path,
                        const struct object_path_key *k, struct test **ret)
{
    const struct schema *s = b->plan->schema;
    uint32_t ordinal = 0;
    if (k->name) {
        if (FAILED(schema_find(s, k->name, &ordinal)) || !schema_property_is_key(s, ordinal)) {
            return constant_test(false, ret);
        }
    } else {
        while (ordinal < schema_property_count(s) && !schema_property_is_key(s, ordinal)) {
            ordinal++;
        }
        if (ordinal == schema_property_count(s)) {
            return constant_test(false, ret);
        }
    }
    bool text = k->type == CIM_STRING || k->type == CIM_REFERENCE;
    struct operand value = {.kind = text ? OPERAND_STRING : OPERAND_INTEGER,
                            .at = path->at,
                            .text = k->text,
                            .negative = k->type == CIM_SINT64 && k->number < 0,
                            .integer = k->number < 0 && k->type == CIM_SINT64
                                           ? -(uint64_t)k->number
                                           : (uint64_t)k->number};
    HRESULT hr = test_create(TEST_VALUE, ret);
    if (FAILED(hr)) {
        return hr;
    }
    (*ret)->op = OP_EQUAL;
    (*ret)->subject.ordinal = ordinal;
    b->plan->tested[ordinal] = true;
    hr = bind_value(b, &value, schema_property_type(s, ordinal), *ret);
    if (FAILED(hr)) {
        test_destroy(*ret);
        *ret = NULL;
    }
    return hr;
}

static HRESULT bind_keys(struct binding *b, const struct operand *o, const struct object_path *p,
                         struct test **ret)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < schema_property_count(b->plan->schema); i++) {
        keys += schema_property_is_key(b->plan->schema, i);
    }
    if (!p->class_name || !p->is_instance || p->key_count != keys ||
        wcscasecmp(p->class_name, schema_class_name(b->plan->schema)) != 0) {
        return constant_test(false, ret);
    }
    HRESULT hr = test_create(TEST_AND, ret);
    struct test **end = SUCCEEDED(hr) ? &(*ret)->first_child : NULL;
    for (uint32_t i = 0; i < p->key_count && SUCCEEDED(hr); i++) {
        hr = bind_key(b, o, &p->keys[i], end);
        if (SUCCEEDED(hr)) {
            end = &(*end)->next;
        }
    }
    if (FAILED(hr)) {
        test_destroy(*ret);
        *ret = NULL;
    }
    return hr;
}

/* __PATH and __RELPATH: the same as comparing each key, so that one object is read as one. */
static HRESULT bind_path(struct binding *b, enum operator_kind op, const struct operand *property,
                         const struct operand *constant, struct test **ret)
{
    if ((op != OP_EQUAL && op != OP_NOT_EQUAL) || constant->kind != OPERAND_STRING) {
        return fail_at(b, property, "= or <> and an object path in quotes after a path");
    }
    struct object_path *p = NULL;
    HRESULT hr = object_path_parse(constant->text, &p, NULL);
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY ? hr : fail_at(b, constant, "a valid object path");
    }
    struct test *keys = NULL;
    hr = bind_keys(b, constant, p, &keys);
    object_path_destroy(p);
    if (FAILED(hr)) {
        return hr;
    }
    if (op == OP_NOT_EQUAL) {
        return negate(keys, ret);
    }
    *ret = keys;
    return S_OK;
}

static HRESULT bind_system(struct binding *b, const struct node *n, enum operator_kind op,
                           const struct operand *property, const struct operand *constant,
                           struct test **ret)
{
    const wchar_t *text;
    int64_t number;
    if (is_path(property->text)) {
        return bind_path(b, op, property, constant, ret);
    }
    if (property->indexed || !system_value(b->plan->schema, property->text, &text, &number)) {
        return fail_at(b, property,
                       "a system property that conditions can test: __CLASS, "
                       "__SUPERCLASS, __DYNASTY, __GENUS, __PROPERTY_COUNT, "
                       "__RELPATH, __PATH");
    }
    return bind_fixed(b, n, op, property, constant, text, number, ret);
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
            return fail_at(b, property, "a property before LIKE or ISA");
        }
        property = &n->right;
        other = &n->left;
        op = mirror(op);
    }
    if (is_system(property->text)) {
        return bind_system(b, n, op, property, other, ret);
    }
    struct test *t;
    HRESULT hr = test_create(TEST_NULL, &t);
    if (FAILED(hr)) {
        return hr;
    }
    hr = bind_property(b, n, op, property, other, t);
    if (FAILED(hr)) {
        test_destroy(t);
        return hr;
    }
    if (op == OP_IS_NOT_NULL || op == OP_NOT_LIKE) {
        return negate(t, ret);
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
    HRESULT hr = test_create(n->kind == NODE_AND  ? TEST_AND
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

HRESULT bind_condition(struct wql_plan *p, const struct node *n, struct test **ret,
                       struct wql_error *e)
{
    struct binding b = {.plan = p, .error = e};
    return bind_node(&b, n, ret);
}
