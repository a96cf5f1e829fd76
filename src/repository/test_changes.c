/* Changes of classes and namespaces: what is allowed, subclasses derived anew, all or nothing,
 * what observers hear. */
#include "repository/test_support.h"

static const char mof[] = "class A { [key] string Id; uint32 N = 1; };\n"
                          "class B : A { uint32 X; };\n"
                          "class C : B { uint32 Y; };\n";

static int setup(void **state)
{
    open_repository(state);
    assert_int_equal(WBEM_S_NO_ERROR, load(mof));
    return 0;
}

static void add_property(IWbemClassObject *cls, const wchar_t *name, CIMTYPE type)
{
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, name, 0, NULL, type));
}

static IWbemClassObject *changed_class(const wchar_t *name, const wchar_t *property)
{
    IWbemClassObject *cls = get_class(name);
    IWbemClassObject *copy = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Clone(cls, &copy));
    IWbemClassObject_Release(cls);
    if (property) {
        add_property(copy, property, CIM_UINT32);
    }
    return copy;
}

static HRESULT put_changed(const wchar_t *name, const wchar_t *property, LONG flags)
{
    IWbemClassObject *cls = changed_class(name, property);
    HRESULT hr = put_object(CIMV2, cls, true, flags);
    IWbemClassObject_Release(cls);
    return hr;
}

static HRESULT delete_class(const wchar_t *name)
{
    struct repository_change *c;
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    HRESULT hr = repository_change_delete_class(c, CIMV2, name);
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}

static bool has_property(const wchar_t *name, const wchar_t *property)
{
    IWbemClassObject *cls = get_class(name);
    HRESULT hr = IWbemClassObject_Get(cls, property, 0, NULL, NULL, NULL);
    IWbemClassObject_Release(cls);
    return SUCCEEDED(hr);
}

static void test_flags(void **state)
{
    assert_int_equal(WBEM_E_ALREADY_EXISTS, put_changed(L"C", NULL, WBEM_FLAG_CREATE_ONLY));
    assert_int_equal(WBEM_S_NO_ERROR, put_changed(L"C", L"Z", WBEM_FLAG_UPDATE_ONLY));
    assert_true(has_property(L"C", L"Z"));
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&cls));
    put_text(cls, L"__CLASS", L"New");
    assert_int_equal(WBEM_E_NOT_FOUND, put_object(CIMV2, cls, true, WBEM_FLAG_UPDATE_ONLY));
    put_text(cls, L"__CLASS", L"__New");
    assert_int_equal(WBEM_E_INVALID_OBJECT, put_object(CIMV2, cls, true, 0));
    expect_reason(L"underscores");
    IWbemClassObject_Release(cls);
}

static void test_subclasses_follow(void **state)
{
    assert_int_equal(WBEM_E_CLASS_HAS_CHILDREN, put_changed(L"A", L"More", 0));
    expect_reason(L"subclasses");
    assert_false(has_property(L"A", L"More"));
    assert_int_equal(WBEM_S_NO_ERROR, put_changed(L"A", L"More", WBEM_FLAG_UPDATE_SAFE_MODE));
    assert_true(has_property(L"B", L"More"));
    assert_true(has_property(L"C", L"More"));
    assert_true(has_property(L"C", L"Y"));
}

/* A property that a subclass has with another type: refused, or the subclass gives in. */
static void test_conflict(void **state)
{
    IWbemClassObject *cls = changed_class(L"A", NULL);
    add_property(cls, L"Y", CIM_STRING);
    assert_int_equal(WBEM_E_UPDATE_TYPE_MISMATCH,
                     put_object(CIMV2, cls, true, WBEM_FLAG_UPDATE_SAFE_MODE));
    assert_false(has_property(L"A", L"Y")); /* all or nothing */
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, cls, true, WBEM_FLAG_UPDATE_FORCE_MODE));
    IWbemClassObject_Release(cls);
    CIMTYPE type = 0;
    cls = get_class(L"C");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(cls, L"Y", 0, NULL, &type, NULL));
    assert_int_equal(CIM_STRING, type);
    IWbemClassObject_Release(cls);
}

static void test_instances_forbid(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of C { Id = \"1\"; N = 5; };\n"));
    assert_int_equal(WBEM_E_CLASS_HAS_INSTANCES, put_changed(L"C", L"Z", 0));
    assert_int_equal(WBEM_E_CLASS_HAS_INSTANCES,
                     put_changed(L"A", L"Z", WBEM_FLAG_UPDATE_FORCE_MODE));
    /* Texts may be changed. */
    IWbemClassObject *cls = changed_class(L"A", NULL);
    IWbemQualifierSet *set = NULL;
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"about A");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQualifierSet_Put(set, L"About", &v, 0));
    IWbemQualifierSet_Release(set);
    VariantClear(&v);
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, cls, true, 0));
    IWbemClassObject_Release(cls);
    int sum;
    assert_int_equal(1, query(L"SELECT * FROM C", &sum));
    assert_int_equal(5, sum);
}

static void test_delete(void **state)
{
    IWbemClassObject *none;
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of C { Id = \"1\"; };\n"));
    assert_int_equal(WBEM_E_NOT_FOUND, delete_class(L"Z"));
    assert_int_equal(WBEM_E_INVALID_OPERATION, delete_class(L"__NAMESPACE"));
    assert_int_equal(WBEM_S_NO_ERROR, delete_class(L"b"));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"B", false, &none));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"C", false, &none));
    assert_true(has_property(L"A", L"N"));
    /* The same names again are new classes without instances. */
    assert_int_equal(WBEM_S_NO_ERROR, load(mof));
    int sum;
    assert_int_equal(0, query(L"SELECT * FROM C", &sum));
}

/* Nothing of a change is there when its MOF fails half-way. */
static void test_all_or_nothing(void **state)
{
    IWbemClassObject *none;
    assert_true(FAILED(load("class D { [key] uint32 K; };\n"
                            "instance of D { K = 1; };\n"
                            "class E : Nobody { };\n")));
    expect_reason(L"line 3");
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"D", false, &none));
    assert_int_equal(WBEM_S_NO_ERROR, load("class D { [key] string K; };\n"));
}

/* What a change reads of its own classes is not what others see, nor what they keep. */
static void test_change_reads_its_own(void **state)
{
    struct repository_change *c;
    IWbemClassObject *cls = changed_class(L"C", L"Z");
    IWbemClassObject *seen = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_put_class(c, CIMV2, cls, 0));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_get_class(c, CIMV2, L"C", &seen));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(seen, L"Z", 0, NULL, NULL, NULL));
    assert_false(has_property(L"C", L"Z"));
    repository_change_abort(c);
    IWbemClassObject_Release(seen);
    IWbemClassObject_Release(cls);
    assert_int_equal(WBEM_S_NO_ERROR, put_changed(L"C", L"Other", 0));
    assert_false(has_property(L"C", L"Z"));
    assert_true(has_property(L"C", L"Other"));
}

static void test_namespaces(void **state)
{
    struct repository_namespace *n;
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     load("#pragma namespace(\"\\\\\\\\.\\\\root\\\\cimv2\")\n"
                          "instance of __NAMESPACE { Name = \"one\"; };\n"
                          "#pragma namespace(\"\\\\\\\\.\\\\root\\\\cimv2\\\\one\")\n"
                          "instance of __NAMESPACE { Name = \"two\"; };\n"
                          "class Here { [key] uint32 K; };\n"
                          "instance of Here { K = 1; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\cimv2\\one\\two", &n));
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(n, L"__NAMESPACE", false, &cls));
    IWbemClassObject_Release(cls);
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\cimv2\\one", &n));
    struct object_path *p;
    struct repository_change *c;
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(L"__NAMESPACE=\"ONE\"", &p, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_delete_instance(c, CIMV2, p));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_commit(c));
    /* The handle is still good to ask, and says what is. */
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, repository_get_class(n, L"Here", false, &cls));
    assert_int_equal(WBEM_E_INVALID_NAMESPACE,
                     repository_open(repository, L"root\\cimv2\\one\\two", &n));
    /* Made anew it is empty. */
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of __NAMESPACE { Name = \"one\"; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\cimv2\\one", &n));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(n, L"Here", false, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    object_path_destroy(p);
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(L"__NAMESPACE=\"none\"", &p, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_change_delete_instance(c, CIMV2, p));
    repository_change_abort(c);
    object_path_destroy(p);
}

/* ---- observers ------------------------------------------------------------------- */

static void hear(void *closure, const struct repository_event *e)
{
    static const char kinds[] = "+*-";
    char *heard = closure;
    size_t length = strlen(heard);
    VARIANT v;
    IWbemClassObject *object = e->after ? e->after : e->before;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Get(object, L"__RELPATH", 0, &v, NULL, NULL));
    snprintf(heard + length, 256 - length, "%c%s%ls ", kinds[e->kind], e->is_class ? "class " : "",
             V_BSTR(&v));
    VariantClear(&v);
}

static void test_observers(void **state)
{
    char heard[256] = "";
    struct repository_observer *o;
    assert_int_equal(WBEM_S_NO_ERROR, repository_observe(repository, hear, heard, &o));
    assert_int_equal(WBEM_S_NO_ERROR, load("class D { [key] uint32 K; uint32 N; };\n"
                                           "instance of D { K = 1; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of D { K = 1; N = 2; };\n"));
    assert_string_equal(heard, "+class D +D.K=1 *D.K=1 ");
    heard[0] = 0;
    assert_true(FAILED(load("instance of D { K = 2; };\ninstance of Nothing { };\n")));
    assert_string_equal(heard, "");
    assert_int_equal(WBEM_S_NO_ERROR, delete_class(L"D"));
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of __NAMESPACE { Name = \"n\"; };\n"));
    assert_string_equal(heard, "-D.K=1 -class D +__NAMESPACE.Name=\"n\" ");
    heard[0] = 0;
    repository_unobserve(o);
    assert_int_equal(WBEM_S_NO_ERROR, load("class D { [key] uint32 K; };\n"));
    assert_string_equal(heard, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_repository)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_flags),
        TEST(test_subclasses_follow),
        TEST(test_conflict),
        TEST(test_instances_forbid),
        TEST(test_delete),
        TEST(test_all_or_nothing),
        TEST(test_change_reads_its_own),
        TEST(test_namespaces),
        TEST(test_observers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
