/* What the tests of the repository share: one in memory, MOF into it, queries on it. */
#ifndef WBEM_REPOSITORY_TEST_SUPPORT_H
#define WBEM_REPOSITORY_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "com/com.h"
#include "enumerator/enumerator.h"
#include "repository/repository.h"
#include "wql/wql.h"

#define CIMV2 L"root\\cimv2"

static struct repository *repository;
static struct repository_namespace *cimv2;

static inline int open_repository(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(NULL, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"ROOT/cimv2", &cimv2));
    return 0;
}

static inline int close_repository(void **state)
{
    delivery_drain();
    repository_destroy(repository);
    SetErrorInfo(0, NULL);
    return 0;
}

static inline HRESULT load(const char *mof)
{
    return repository_load_mof(repository, "test.mof", mof, strlen(mof), CIMV2);
}

/* The description of this thread's error object contains `part`. */
static inline void expect_reason(const wchar_t *part)
{
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    assert_int_equal(S_OK, GetErrorInfo(0, &info));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(info, &description));
    if (!wcsstr(description, part)) {
        fail_msg("'%ls' does not say '%ls'", description, part);
    }
    SysFreeString(description);
    IErrorInfo_Release(info);
}

static inline IWbemClassObject *get_class(const wchar_t *name)
{
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(cimv2, name, true, &cls));
    return cls;
}

static inline void put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
    VariantClear(&v);
}

static inline void put_number(IWbemClassObject *object, const wchar_t *name, int number)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = number;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
}

static inline int get_number(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(object, name, 0, &v, NULL, NULL));
    assert_int_equal(VT_I4, V_VT(&v));
    return V_I4(&v);
}

static inline HRESULT put_object(const wchar_t *name_space, IWbemClassObject *object, bool is_class,
                                 LONG flags)
{
    struct repository_change *c;
    HRESULT hr = repository_change_begin(repository, &c);
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    hr = is_class ? repository_change_put_class(c, name_space, object, flags)
                  : repository_change_put_instance(c, name_space, object, flags, NULL);
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}

/* The source of a query on one class's own stored instances. */
static inline struct source *select_from(struct repository_snapshot *at, const wchar_t *text,
                                         struct wql_query **ret_query)
{
    IWbemClassObject *cls;
    struct schema *s;
    struct wql_plan *plan;
    struct source *source = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(text, ret_query, NULL));
    cls = get_class(wql_query_class(*ret_query));
    assert_int_equal(WBEM_S_NO_ERROR, schema_of(cls, &s));
    assert_int_equal(WBEM_S_NO_ERROR, wql_plan_create(*ret_query, s, &plan, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, repository_instance_source(at, cimv2, cls, plan, &source));
    IWbemClassObject_Release(cls);
    return source;
}

/* Reads it all: how many, and the sum of the property N. */
static inline int count_and_sum(struct source *source, int *ret_sum)
{
    IEnumWbemClassObject *e = NULL;
    IWbemClassObject *object;
    ULONG got;
    int count = 0;
    *ret_sum = 0;
    assert_int_equal(WBEM_S_NO_ERROR, enumerator_create(source, NULL, &e));
    while (IEnumWbemClassObject_Next(e, (LONG)WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        count++;
        *ret_sum += get_number(object, L"N");
        IWbemClassObject_Release(object);
    }
    IEnumWbemClassObject_Release(e);
    delivery_drain();
    return count;
}

static inline int query(const wchar_t *text, int *ret_sum)
{
    struct wql_query *q;
    int count = count_and_sum(select_from(NULL, text, &q), ret_sum);
    wql_destroy(q);
    return count;
}

#endif
