/*
 * Conditions on system properties ([WmiSdk] "WMI System Properties"). What is
 * the same for every instance of the class is decided here; a path is compared
 * key by key, or made of each row's keys.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/bind.h"
#include "wql/bind_constant.h"

/* \\\\server\\namespace: and what follows; free() it. NULL when out of memory. */
static wchar_t *full_path(const struct decoration *where, const wchar_t *relative)
{
    const wchar_t *server;
    const wchar_t *name_space;
    decoration_names(where, &server, &name_space);
    size_t size = wcslen(server) + wcslen(name_space) + wcslen(relative) + 8;
    wchar_t *text = malloc(size * sizeof(*text));
    if (text) {
        swprintf(text, size, L"\\\\%ls\\%ls:%ls", *server ? server : L".", name_space, relative);
    }
    return text;
}

/* A system property that is the same for all instances of the class, or of the class itself. */
struct system_value {
    const wchar_t *text; /* NULL: a number, or null */
    int64_t number;      /* -1: none */
    wchar_t *storage;    /* of the text; to be freed */
};

static bool class_value(const struct binding *b, const wchar_t *name, struct system_value *ret)
{
    const struct schema *s = b->plan->schema;
    if (wcscasecmp(name, L"__CLASS") == 0 || wcscasecmp(name, L"__this") == 0) {
        ret->text = schema_class_name(s);
    } else if (wcscasecmp(name, L"__SUPERCLASS") == 0) {
        ret->text = schema_ancestor(s, 0);
    } else if (wcscasecmp(name, L"__DYNASTY") == 0) {
        ret->text = schema_class_name(s);
        for (uint32_t i = 0; schema_ancestor(s, i); i++) {
            ret->text = schema_ancestor(s, i);
        }
    } else if (wcscasecmp(name, L"__GENUS") == 0) {
        ret->number = b->is_class ? WBEM_GENUS_CLASS : WBEM_GENUS_INSTANCE;
    } else if (wcscasecmp(name, L"__PROPERTY_COUNT") == 0) {
        ret->number = schema_property_count(s);
    } else {
        return false;
    }
    return true;
}

/* What is known where it is known from where the objects come. */
static bool place_value(const struct binding *b, const wchar_t *name, struct system_value *ret)
{
    const wchar_t *server;
    const wchar_t *name_space;
    if (!b->where) {
        return false;
    }
    decoration_names(b->where, &server, &name_space);
    if (wcscasecmp(name, L"__SERVER") == 0) {
        ret->text = server;
    } else if (wcscasecmp(name, L"__NAMESPACE") == 0) {
        ret->text = name_space;
    } else if (b->is_class && wcscasecmp(name, L"__RELPATH") == 0) {
        ret->text = schema_class_name(b->plan->schema);
    } else if (b->is_class && wcscasecmp(name, L"__PATH") == 0) {
        ret->storage = full_path(b->where, schema_class_name(b->plan->schema));
        ret->text = ret->storage;
    } else {
        return false;
    }
    return true;
}

/* One element of __DERIVATION, which is null beyond the last; unindexed it is at least never null.
 */
static bool derivation_value(const struct binding *b, const struct operand *o,
                             enum operator_kind op, struct system_value *ret)
{
    if (wcscasecmp(o->text, L"__DERIVATION") != 0) {
        return false;
    }
    if (!o->indexed) {
        ret->text = L"";
        return op == OP_IS_NULL || op == OP_IS_NOT_NULL;
    }
    for (uint32_t i = 0; i <= o->index; i++) {
        ret->text = schema_ancestor(b->plan->schema, i);
        if (!ret->text) {
            break;
        }
    }
    return true;
}

static bool is_path(const wchar_t *name)
{
    return wcscasecmp(name, L"__PATH") == 0 || wcscasecmp(name, L"__RELPATH") == 0;
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
        hr = bind_truth(truth == TRUE_TRUTH, ret);
    }
    free(t.storage);
    pattern_destroy(t.pattern);
    return hr;
}

static HRESULT bind_fixed(struct binding *b, const struct node *n, enum operator_kind op,
                          const struct operand *property, const struct operand *constant,
                          const struct system_value *fixed, struct test **ret)
{
    bool null = !fixed->text && fixed->number < 0;
    if (op == OP_IS_NULL || op == OP_IS_NOT_NULL) {
        return bind_truth(null == (op == OP_IS_NULL), ret);
    }
    if (op == OP_ISA) {
        if (wcscasecmp(property->text, L"__CLASS") != 0 &&
            wcscasecmp(property->text, L"__this") != 0) {
            return bind_fail(b, property, "__CLASS or __this before ISA");
        }
        return bind_truth(schema_is_a(b->plan->schema, constant->text), ret);
    }
    if (constant->kind == OPERAND_PROPERTY) {
        return bind_fail(b, constant, "a constant");
    }
    if (null) {
        HRESULT unknown = bind_truth(false, ret);
        if (SUCCEEDED(unknown)) {
            (*ret)->truth = UNKNOWN_TRUTH;
        }
        return unknown;
    }
    struct cim_value value = {.type = CIM_SINT32, .sint = fixed->number};
    uint8_t *storage = NULL;
    HRESULT hr = fixed->text ? constant_text(fixed->text, CIM_STRING, &value, &storage) : S_OK;
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
            return bind_truth(false, ret);
        }
    } else {
        while (ordinal < schema_property_count(s) && !schema_property_is_key(s, ordinal)) {
            ordinal++;
        }
        if (ordinal == schema_property_count(s)) {
            return bind_truth(false, ret);
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
    HRESULT hr = bind_test(TEST_VALUE, ret);
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

static bool is_elsewhere(const struct binding *b, const struct object_path *p)
{
    const wchar_t *server;
    const wchar_t *name_space;
    if (!b->where || !p->name_space) {
        return false;
    }
    decoration_names(b->where, &server, &name_space);
    return wcscasecmp(p->name_space, name_space) != 0 ||
           (p->server && wcscmp(p->server, L".") != 0 && wcscasecmp(p->server, server) != 0);
}

static HRESULT bind_keys(struct binding *b, const struct operand *o, const struct object_path *p,
                         struct test **ret)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < schema_property_count(b->plan->schema); i++) {
        keys += schema_property_is_key(b->plan->schema, i);
    }
    if (!p->class_name || !p->is_instance || p->key_count != keys || is_elsewhere(b, p) ||
        wcscasecmp(p->class_name, schema_class_name(b->plan->schema)) != 0) {
        return bind_truth(false, ret);
    }
    HRESULT hr = bind_test(TEST_AND, ret);
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

/* __PATH and __RELPATH = and <>: the same as comparing each key, so that one object is read as
 * one. */
static HRESULT bind_same_path(struct binding *b, enum operator_kind op,
                              const struct operand *constant, struct test **ret)
{
    struct object_path *p = NULL;
    HRESULT hr = object_path_parse(constant->text, &p, NULL);
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY ? hr : bind_fail(b, constant, "a valid object path");
    }
    struct test *keys = NULL;
    hr = bind_keys(b, constant, p, &keys);
    object_path_destroy(p);
    if (FAILED(hr)) {
        return hr;
    }
    if (op == OP_NOT_EQUAL) {
        return bind_negation(keys, ret);
    }
    *ret = keys;
    return S_OK;
}

/* Any other test of a path: as text, which is made of each row's keys. */
static HRESULT bind_path_text(struct binding *b, const struct node *n, enum operator_kind op,
                              const struct operand *property, const struct operand *constant,
                              struct test **ret)
{
    bool full = wcscasecmp(property->text, L"__PATH") == 0;
    struct test *t;
    HRESULT hr = bind_test(TEST_NULL, &t);
    if (FAILED(hr)) {
        return hr;
    }
    t->op = op;
    t->subject.prefix = full ? full_path(b->where, L"") : com_wide_copy(L"");
    t->subject.schema = b->plan->schema;
    if (!t->subject.prefix) {
        hr = WBEM_E_OUT_OF_MEMORY;
    } else if (op == OP_LIKE || op == OP_NOT_LIKE) {
        hr = bind_like(b, n, CIM_STRING, t);
    } else if (op != OP_IS_NULL && op != OP_IS_NOT_NULL) {
        hr = bind_value(b, constant, CIM_STRING, t);
    }
    if (FAILED(hr)) {
        test_destroy(t);
        return hr;
    }
    for (uint32_t i = 0; i < schema_property_count(b->plan->schema); i++) {
        b->plan->tested[i] = b->plan->tested[i] || schema_property_is_key(b->plan->schema, i);
    }
    if (op == OP_NOT_LIKE || op == OP_IS_NOT_NULL) {
        return bind_negation(t, ret);
    }
    *ret = t;
    return S_OK;
}

static HRESULT bind_path(struct binding *b, const struct node *n, enum operator_kind op,
                         const struct operand *property, const struct operand *constant,
                         struct test **ret)
{
    if (op == OP_ISA) {
        return bind_fail(b, property, "__CLASS or __this before ISA");
    }
    if ((op == OP_EQUAL || op == OP_NOT_EQUAL) && constant->kind != OPERAND_STRING) {
        return bind_fail(b, property, "an object path in quotes after a path");
    }
    if (op == OP_EQUAL || op == OP_NOT_EQUAL) {
        return bind_same_path(b, op, constant, ret);
    }
    if (op != OP_IS_NULL && op != OP_IS_NOT_NULL && constant->kind == OPERAND_PROPERTY) {
        return bind_fail(b, constant, "a constant");
    }
    if (!b->where && wcscasecmp(property->text, L"__PATH") == 0) {
        return bind_fail(b, property, "__RELPATH: where the objects come from is not known");
    }
    return bind_path_text(b, n, op, property, constant, ret);
}

HRESULT bind_system(struct binding *b, const struct node *n, enum operator_kind op,
                    const struct operand *property, const struct operand *constant,
                    struct test **ret)
{
    struct system_value fixed = {.number = -1};
    if (is_path(property->text) && !property->indexed && !b->is_class) {
        return bind_path(b, n, op, property, constant, ret);
    }
    if (!derivation_value(b, property, op, &fixed) &&
        (property->indexed ||
         !(class_value(b, property->text, &fixed) || place_value(b, property->text, &fixed)))) {
        return bind_fail(b, property,
                         "a system property that conditions can test: __CLASS, __SUPERCLASS, "
                         "__DYNASTY, __DERIVATION[n], __GENUS, __PROPERTY_COUNT, __RELPATH, "
                         "__PATH, __SERVER, __NAMESPACE");
    }
    HRESULT hr = bind_fixed(b, n, op, property, constant, &fixed, ret);
    free(fixed.storage);
    return hr;
}
