/*
 * For tests: classes compiled from MOF into a table, and queries on them that
 * go through a provider, a plan and an enumerator, as the service's do.
 */
#ifndef WBEM_PROVIDERS_TEST_QUERY_H
#define WBEM_PROVIDERS_TEST_QUERY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef COBJMACROS
#define COBJMACROS
#endif
#include <wbemcli.h>

#include "enumerator/enumerator.h"
#include "mof/mof.h"
#include "providers/provider.h"
#include "wql/wql.h"

enum {
    TEST_CLASS_LIMIT = 512
};

static IWbemClassObject *test_classes[TEST_CLASS_LIMIT];
static size_t test_class_count;

static inline bool test_class_is(IWbemClassObject *c, const wchar_t *name)
{
    VARIANT v;
    assert_int_equal(IWbemClassObject_Get(c, L"__CLASS", 0, &v, NULL, NULL), WBEM_S_NO_ERROR);
    bool same = V_VT(&v) == VT_BSTR && wcscasecmp(V_BSTR(&v), name) == 0;
    VariantClear(&v);
    return same;
}

/* Borrowed; NULL when there is none. */
static inline IWbemClassObject *test_class(const wchar_t *name)
{
    for (size_t i = 0; i < test_class_count; i++) {
        if (test_class_is(test_classes[i], name)) {
            return test_classes[i];
        }
    }
    return NULL;
}

static inline HRESULT test_get_class(void *closure, const wchar_t *name_space, const wchar_t *name,
                                     IWbemClassObject **ret)
{
    (void)closure, (void)name_space;
    IWbemClassObject *c = test_class(name);
    if (!c) {
        return WBEM_E_NOT_FOUND;
    }
    IWbemClassObject_AddRef(c);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static inline HRESULT test_put_class(void *closure, const wchar_t *name_space,
                                     IWbemClassObject *cls, LONG flags)
{
    (void)closure, (void)name_space, (void)flags;
    assert_true(test_class_count < TEST_CLASS_LIMIT);
    IWbemClassObject_AddRef(cls);
    test_classes[test_class_count++] = cls;
    return WBEM_S_NO_ERROR;
}

/* The registration of the library's provider. */
static inline HRESULT test_put_instance(void *closure, const wchar_t *name_space,
                                        IWbemClassObject *instance, LONG flags)
{
    (void)closure, (void)name_space, (void)instance, (void)flags;
    return WBEM_S_NO_ERROR;
}

static inline void test_compile(const char *file, const char *text, size_t size)
{
    static const struct mof_target target = {.get_class = test_get_class,
                                             .put_class = test_put_class,
                                             .put_instance = test_put_instance};
    struct mof_error error = {0};
    HRESULT hr = mof_compile(file, text, size, L"root\\cimv2", &target, &error);
    if (FAILED(hr)) {
        fail_msg("%s:%u:%u: %s (at \"%s\")", file, error.line, error.column, error.message,
                 error.token);
    }
}

static inline void test_forget_classes(void)
{
    while (test_class_count > 0) {
        test_class_count--;
        IWbemClassObject_Release(test_classes[test_class_count]);
    }
}

static inline HRESULT test_place_class(void *closure, const wchar_t *name, IWbemClassObject **ret)
{
    return test_get_class(closure, L"root\\cimv2", name, ret);
}

/* The query's source, through `provider`; takes nothing. */
static inline struct source *test_source(const struct provider_class *provider, const wchar_t *text,
                                         bool deep)
{
    struct wql_query *query = NULL;
    struct wql_plan *plan = NULL;
    struct schema *schema = NULL;
    struct source *source = NULL;
    assert_int_equal(wql_parse(text, &query, NULL), WBEM_S_NO_ERROR);
    IWbemClassObject *cls = test_class(wql_query_class(query));
    assert_non_null(cls);
    assert_int_equal(schema_of(cls, &schema), WBEM_S_NO_ERROR);
    assert_int_equal(wql_plan_create(query, schema, &plan, NULL), WBEM_S_NO_ERROR);
    const struct provider_place place = {.get_class = test_place_class};
    assert_int_equal(provider_source(provider, cls, plan, deep, &place, &source), WBEM_S_NO_ERROR);
    wql_destroy(query);
    return source;
}

struct test_rows {
    IWbemClassObject *items[256];
    ULONG count;
    HRESULT status; /* of the call that found nothing more */
};

static inline void test_fetch(struct source *source, struct test_rows *ret)
{
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY};
    IEnumWbemClassObject *e = NULL;
    *ret = (struct test_rows){0};
    assert_int_equal(enumerator_create(source, &options, &e), WBEM_S_NO_ERROR);
    for (ULONG got = 1; got > 0 && ret->count < 256; ret->count += got) {
        ret->status = IEnumWbemClassObject_Next(e, (LONG)WBEM_INFINITE, 256 - ret->count,
                                                ret->items + ret->count, &got);
    }
    IEnumWbemClassObject_Release(e);
    delivery_drain(); /* the thread that pulled last may be destroying the source still */
}

/* All rows of a query on one of the machine's classes. */
static inline void test_query(const wchar_t *text, struct test_rows *ret)
{
    struct wql_query *query = NULL;
    assert_int_equal(wql_parse(text, &query, NULL), WBEM_S_NO_ERROR);
    const struct provider_class *provider = provider_find(wql_query_class(query));
    assert_non_null(provider);
    wql_destroy(query);
    test_fetch(test_source(provider, text, false), ret);
    assert_int_equal(ret->status, WBEM_S_FALSE);
}

static inline void test_rows_done(struct test_rows *rows)
{
    for (ULONG i = 0; i < rows->count; i++) {
        IWbemClassObject_Release(rows->items[i]);
    }
    rows->count = 0;
}

/* ---- values, all as UTF-8 text: "null", "true", "12", "text", "{a,b}" -------- */

static inline void test_append_variant(char *out, size_t size, VARIANT *v)
{
    size_t used = strlen(out);
    VARIANT text;
    if (V_VT(v) == VT_NULL) {
        snprintf(out + used, size - used, "null");
    } else if (V_VT(v) == VT_BOOL) {
        snprintf(out + used, size - used, V_BOOL(v) ? "true" : "false");
    } else {
        VariantInit(&text);
        assert_int_equal(VariantChangeType(&text, v, 0, VT_BSTR), S_OK);
        snprintf(out + used, size - used, "%ls", V_BSTR(&text));
        VariantClear(&text);
    }
}

static inline void test_append_array(char *out, size_t size, VARIANT *v)
{
    SAFEARRAY *array = V_ARRAY(v);
    LONG last = -1;
    assert_int_equal(SafeArrayGetUBound(array, 1, &last), S_OK);
    snprintf(out + strlen(out), size - strlen(out), "{");
    for (LONG i = 0; i <= last; i++) {
        VARIANT item;
        VariantInit(&item);
        V_VT(&item) = (VARTYPE)(V_VT(v) & ~VT_ARRAY);
        assert_int_equal(SafeArrayGetElement(array, &i, &V_I8(&item)), S_OK);
        snprintf(out + strlen(out), size - strlen(out), i ? "," : "");
        test_append_variant(out, size, &item);
        VariantClear(&item);
    }
    snprintf(out + strlen(out), size - strlen(out), "}");
}

static inline const char *test_value(IWbemClassObject *object, const char *name)
{
    static char out[4096];
    wchar_t wide[128];
    VARIANT v;
    VariantInit(&v);
    swprintf(wide, sizeof wide / sizeof *wide, L"%s", name);
    out[0] = '\0';
    HRESULT hr = IWbemClassObject_Get(object, wide, 0, &v, NULL, NULL);
    if (FAILED(hr)) {
        return "absent";
    }
    if (V_VT(&v) & VT_ARRAY) {
        test_append_array(out, sizeof out, &v);
    } else {
        test_append_variant(out, sizeof out, &v);
    }
    VariantClear(&v);
    return out;
}

#define assert_value(object, name, expected) assert_string_equal(test_value(object, name), expected)

#endif
