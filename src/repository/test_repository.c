/* Namespaces, classes, the tree they form, and what a broken MOF leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "com/com.h"
#include "repository/repository.h"

static const char mof[] =
    "[abstract, Description(\"the top\") : Amended] class A { [key] string Id; };\n"
    "class B : A { uint32 X; };\n"
    "class C : B { uint32 Y; };\n"
    "class D : A { };\n"
    "class E { [key] uint32 N; };\n";

static struct repository *repository;
static struct repository_namespace *cimv2;

static int create(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(NULL, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"ROOT/cimv2", &cimv2));
    assert_int_equal(WBEM_S_NO_ERROR,
                     repository_load_mof(repository, "test.mof", mof, strlen(mof), L"root\\cimv2"));
    return 0;
}

static int destroy(void **state)
{
    repository_destroy(repository);
    SetErrorInfo(0, NULL);
    return 0;
}

/* Names of the visited classes, joined. */
static HRESULT join_name(void *closure, IWbemClassObject *cls)
{
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(cls, L"__CLASS", 0, &v, NULL, NULL));
    wcscat(closure, V_BSTR(&v));
    VariantClear(&v);
    return WBEM_S_NO_ERROR;
}

static void assert_visits(const wchar_t *root, bool deep, const wchar_t *wanted)
{
    wchar_t names[64] = L"";
    assert_int_equal(WBEM_S_NO_ERROR,
                     repository_visit_classes(cimv2, root, deep, false, join_name, names));
    assert_int_equal(0, wcscmp(wanted, names));
}

static void test_tree(void **state)
{
    assert_visits(L"a", false, L"BD");
    assert_visits(L"A", true, L"BCD");
    assert_visits(L"B", true, L"C");
    assert_visits(L"E", true, L"");
    wchar_t names[8] = L"";
    assert_int_equal(WBEM_E_NOT_FOUND,
                     repository_visit_classes(cimv2, L"Z", true, false, join_name, names));
}

static HRESULT fail_at_second(void *closure, IWbemClassObject *cls)
{
    return ++*(int *)closure == 2 ? WBEM_E_FAILED : WBEM_S_NO_ERROR;
}

static void test_failing_visit_ends(void **state)
{
    int visits = 0;
    assert_int_equal(WBEM_E_FAILED,
                     repository_visit_classes(cimv2, L"A", true, false, fail_at_second, &visits));
    assert_int_equal(2, visits);
}

static bool has_description(bool amended)
{
    IWbemClassObject *cls = NULL;
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(cimv2, L"a", amended, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
    HRESULT hr = IWbemQualifierSet_Get(set, L"Description", 0, NULL, NULL);
    IWbemQualifierSet_Release(set);
    IWbemClassObject_Release(cls);
    return SUCCEEDED(hr);
}

static void test_amended(void **state)
{
    assert_true(has_description(true));
    assert_false(has_description(false));
}

static void test_get_class(void **state)
{
    IWbemClassObject *one = NULL;
    IWbemClassObject *two = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(cimv2, L"C", false, &one));
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(cimv2, L"c", false, &two));
    assert_ptr_equal(one, two); /* shared */
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(one, L"__NAMESPACE", 0, &v, NULL, NULL));
    assert_int_equal(0, wcscasecmp(L"root\\cimv2", V_BSTR(&v)));
    VariantClear(&v);
    IWbemClassObject_Release(one);
    IWbemClassObject_Release(two);
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"Z", false, &one));
}

static HRESULT count_namespace(void *closure, const wchar_t *name)
{
    ++*(int *)closure;
    return WBEM_S_NO_ERROR;
}

static void test_namespaces(void **state)
{
    static const char text[] = "instance of __NAMESPACE { Name = \"test\"; };\n";
    struct repository_namespace *root;
    struct repository_namespace *test;
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root", &root));
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, repository_open(repository, L"root\\test", &test));
    assert_int_equal(WBEM_S_NO_ERROR,
                     repository_load_mof(repository, "ns.mof", text, strlen(text), L"root"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"Root\\TEST", &test));
    int count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, repository_visit_namespaces(root, count_namespace, &count));
    assert_int_equal(4, count); /* cimv2, default, subscription, test */
    count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, repository_visit_namespaces(test, count_namespace, &count));
    assert_int_equal(0, count);
}

/* The error names the file, the place and the word. */
static void test_broken_mof(void **state)
{
    static const char text[] = "class F {\n    strnig Name;\n};\n";
    assert_true(
        FAILED(repository_load_mof(repository, "broken.mof", text, strlen(text), L"root\\cimv2")));
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    assert_int_equal(S_OK, GetErrorInfo(0, &info));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(info, &description));
    assert_non_null(wcsstr(description, L"broken.mof, line 2"));
    assert_non_null(wcsstr(description, L"strnig"));
    SysFreeString(description);
    IErrorInfo_Release(info);
    static const char orphan[] = "class G : Nobody { };\n";
    assert_true(FAILED(
        repository_load_mof(repository, "orphan.mof", orphan, strlen(orphan), L"root\\cimv2")));
}

/* Everything that comes with the library compiles, and is there. */
static void test_builtin(void **state)
{
    static const wchar_t *const names[] = {L"__NAMESPACE", L"__ExtendedStatus", L"CIM_Process",
                                           L"Win32_Process", L"Win32_OperatingSystem"};
    struct repository *r = NULL;
    struct repository_namespace *n = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_default(&r));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(r, L"root\\cimv2", &n));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        IWbemClassObject *cls = NULL;
        assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(n, names[i], false, &cls));
        IWbemClassObject_Release(cls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree, create, destroy),
        cmocka_unit_test_setup_teardown(test_failing_visit_ends, create, destroy),
        cmocka_unit_test_setup_teardown(test_amended, create, destroy),
        cmocka_unit_test_setup_teardown(test_get_class, create, destroy),
        cmocka_unit_test_setup_teardown(test_namespaces, create, destroy),
        cmocka_unit_test_setup_teardown(test_broken_mof, create, destroy),
        cmocka_unit_test(test_builtin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
