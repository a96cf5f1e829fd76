/* Static instances: put, found by path, by key, by index and by scan, changed, deleted. */
#include "repository/test_support.h"

static const char mof[] =
    "class T { [key] string Id; uint32 N; [indexed] string Kind; [not_null] uint8 Must = 1; };\n"
    "class Sub : T { boolean Flag = true; };\n"
    "class Other : T { };\n"
    "class Two { [key] uint32 A; [key] string B; sint32 N; };\n"
    "class Keyless { uint32 N; };\n"
    "[abstract] class Abstract { [key] uint32 K; };\n"
    "[singleton] class Single { uint32 N; };\n"
    "[dynamic, provider(\"x\")] class Live { [key] uint32 K; };\n"
    "class Link { [key] T ref From; [key] T ref To; uint32 N; };\n";

static int setup(void **state)
{
    open_repository(state);
    assert_int_equal(WBEM_S_NO_ERROR, load(mof));
    return 0;
}

static IWbemClassObject *spawn(const wchar_t *class_name)
{
    IWbemClassObject *instance = NULL;
    IWbemClassObject *cls = get_class(class_name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    IWbemClassObject_Release(cls);
    return instance;
}

static HRESULT put(const wchar_t *class_name, const wchar_t *id, int n, const wchar_t *kind,
                   LONG flags)
{
    IWbemClassObject *instance = spawn(class_name);
    put_text(instance, L"Id", id);
    put_number(instance, L"N", n);
    if (kind) {
        put_text(instance, L"Kind", kind);
    }
    HRESULT hr = put_object(CIMV2, instance, false, flags);
    IWbemClassObject_Release(instance);
    return hr;
}

static HRESULT get(const wchar_t *path, IWbemClassObject **ret)
{
    struct object_path *p;
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(path, &p, NULL));
    HRESULT hr = repository_get_instance(cimv2, p, ret);
    object_path_destroy(p);
    return hr;
}

static HRESULT delete (const wchar_t *path)
{
    struct object_path *p;
    struct repository_change *c;
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(path, &p, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    HRESULT hr = repository_change_delete_instance(c, CIMV2, p);
    object_path_destroy(p);
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}

static void expect_number(const wchar_t *path, int n)
{
    IWbemClassObject *object;
    assert_int_equal(WBEM_S_NO_ERROR, get(path, &object));
    assert_int_equal(n, get_number(object, L"N"));
    IWbemClassObject_Release(object);
}

static void test_put_and_get(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"One", 1, NULL, 0));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"Two", 2, NULL, WBEM_FLAG_CREATE_ONLY));
    expect_number(L"T.Id=\"one\"", 1); /* without regard to case */
    expect_number(L"T=\"Two\"", 2);
    IWbemClassObject *none;
    assert_int_equal(WBEM_E_NOT_FOUND, get(L"T.Id=\"Three\"", &none));
    assert_int_equal(WBEM_E_INVALID_CLASS, get(L"Z.Id=\"Three\"", &none));
    assert_int_equal(WBEM_E_INVALID_OBJECT_PATH, get(L"T.N=3", &none));
    assert_int_equal(WBEM_E_INVALID_OBJECT_PATH, get(L"Two.A=3", &none));
}

static void test_flags(void **state)
{
    assert_int_equal(WBEM_E_NOT_FOUND, put(L"T", L"One", 1, NULL, WBEM_FLAG_UPDATE_ONLY));
    expect_reason(L"to update");
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"One", 1, NULL, 0));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, put(L"T", L"ONE", 2, NULL, WBEM_FLAG_CREATE_ONLY));
    expect_number(L"T.Id=\"One\"", 1);
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"One", 3, NULL, WBEM_FLAG_UPDATE_ONLY));
    expect_number(L"T.Id=\"One\"", 3);
}

/* A path finds instances of subclasses, and is unique among them. */
static void test_subclasses(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, put(L"Sub", L"One", 1, NULL, 0));
    expect_number(L"T.Id=\"One\"", 1);
    expect_number(L"Sub.Id=\"One\"", 1);
    IWbemClassObject *none;
    assert_int_equal(WBEM_E_NOT_FOUND, get(L"Other.Id=\"One\"", &none));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, put(L"Other", L"One", 2, NULL, 0));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, put(L"T", L"One", 2, NULL, 0));
    expect_reason(L"dynasty");
}

static void test_refusals(void **state)
{
    static const struct {
        const wchar_t *class_name;
        HRESULT status;
        const wchar_t *reason;
    } cases[] = {
        {L"T", WBEM_E_ILLEGAL_NULL, L"'Id'"},
        {L"Keyless", WBEM_E_INVALID_OBJECT, L"no key"},
        {L"Abstract", WBEM_E_INVALID_OBJECT, L"abstract"},
        {L"Live", WBEM_E_PROVIDER_NOT_CAPABLE, L"provider"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        IWbemClassObject *instance = spawn(cases[i].class_name);
        assert_int_equal(cases[i].status, put_object(CIMV2, instance, false, 0));
        expect_reason(cases[i].reason);
        IWbemClassObject_Release(instance);
    }
    IWbemClassObject *instance = spawn(L"T");
    put_text(instance, L"Id", L"One");
    VARIANT null = {.vt = VT_NULL};
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(instance, L"Must", 0, &null, 0));
    assert_int_equal(WBEM_E_ILLEGAL_NULL, put_object(CIMV2, instance, false, 0));
    expect_reason(L"'Must'");
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, put_object(L"root\\none", instance, false, 0));
    IWbemClassObject_Release(instance);
}

static void test_singleton_and_two_keys(void **state)
{
    IWbemClassObject *instance = spawn(L"Single");
    put_number(instance, L"N", 7);
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, instance, false, 0));
    IWbemClassObject_Release(instance);
    expect_number(L"Single=@", 7);
    instance = spawn(L"Two");
    put_number(instance, L"A", 5);
    put_text(instance, L"B", L"b");
    put_number(instance, L"N", 8);
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, instance, false, 0));
    IWbemClassObject_Release(instance);
    expect_number(L"Two.A=5,B=\"B\"", 8);
    expect_number(L"Two.B=\"b\",A=5", 8);
    int sum;
    assert_int_equal(1, query(L"SELECT * FROM Two WHERE A = 5 AND B = 'b'", &sum));
    assert_int_equal(0, query(L"SELECT * FROM Two WHERE A = 6 AND B = 'b'", &sum));
    assert_int_equal(0, query(L"SELECT * FROM Two WHERE A = -5 AND B = 'b'", &sum));
}

static void fill(int count)
{
    struct repository_change *c;
    wchar_t text[32];
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    for (int i = 0; i < count; i++) {
        IWbemClassObject *instance = spawn(L"T");
        swprintf(text, 32, L"id %d", i);
        put_text(instance, L"Id", text);
        put_number(instance, L"N", i);
        swprintf(text, 32, L"Kind %d", i % 10);
        put_text(instance, L"Kind", text);
        assert_int_equal(WBEM_S_NO_ERROR,
                         repository_change_put_instance(c, CIMV2, instance, 0, NULL));
        IWbemClassObject_Release(instance);
    }
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_commit(c));
}

static void test_queries(void **state)
{
    int sum;
    fill(1000);
    assert_int_equal(1000, query(L"SELECT * FROM T", &sum));
    assert_int_equal(499500, sum);
    assert_int_equal(1, query(L"SELECT * FROM T WHERE Id = 'ID 77'", &sum));
    assert_int_equal(77, sum);
    assert_int_equal(2, query(L"SELECT N FROM T WHERE Id = 'id 7' OR Id = 'id 8'", &sum));
    assert_int_equal(15, sum);
    assert_int_equal(100, query(L"SELECT * FROM T WHERE Kind = 'KIND 3'", &sum));
    assert_int_equal(100 * 3 + 10 * 4950, sum);
    assert_int_equal(200, query(L"SELECT * FROM T WHERE Kind = 'kind 3' OR Kind = 'Kind 4'", &sum));
    assert_int_equal(1, query(L"SELECT * FROM T WHERE Kind = 'Kind 3' AND N = 13", &sum));
    assert_int_equal(0, query(L"SELECT * FROM T WHERE Kind = 'Kind 11'", &sum));
    assert_int_equal(500, query(L"SELECT * FROM T WHERE N < 500", &sum));
    assert_int_equal(0, query(L"SELECT * FROM T WHERE Kind IS NULL", &sum));
}

/* The index follows changes and deletions. */
static void test_index_follows(void **state)
{
    int sum;
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"a", 1, L"red", 0));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"b", 2, L"red", 0));
    assert_int_equal(2, query(L"SELECT * FROM T WHERE Kind = 'red'", &sum));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"a", 1, L"blue", 0));
    assert_int_equal(1, query(L"SELECT * FROM T WHERE Kind = 'red'", &sum));
    assert_int_equal(2, sum);
    assert_int_equal(WBEM_S_NO_ERROR, delete (L"T.Id=\"b\""));
    assert_int_equal(0, query(L"SELECT * FROM T WHERE Kind = 'red'", &sum));
    assert_int_equal(1, query(L"SELECT * FROM T WHERE Kind = 'blue'", &sum));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"a", 1, NULL, 0));
    assert_int_equal(0, query(L"SELECT * FROM T WHERE Kind = 'blue'", &sum));
    assert_int_equal(1, query(L"SELECT * FROM T WHERE Kind IS NULL", &sum));
    assert_int_equal(WBEM_E_NOT_FOUND, delete (L"T.Id=\"b\""));
}

/* Long values share entries of the index and forms of the key only as far as they are equal. */
static void test_long_values(void **state)
{
    wchar_t one[2000];
    wchar_t two[2000];
    int sum;
    for (int i = 0; i < 1998; i++) {
        one[i] = two[i] = L'x';
    }
    one[1998] = L'1';
    two[1998] = L'2';
    one[1999] = two[1999] = 0;
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", one, 1, one, 0));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", two, 2, two, WBEM_FLAG_CREATE_ONLY));
    wchar_t text[2100];
    swprintf(text, 2100, L"SELECT * FROM T WHERE Kind = '%ls'", two);
    assert_int_equal(1, query(text, &sum));
    assert_int_equal(2, sum);
    swprintf(text, 2100, L"SELECT * FROM T WHERE Id = '%ls'", one);
    assert_int_equal(1, query(text, &sum));
    assert_int_equal(1, sum);
}

static void test_references(void **state)
{
    IWbemClassObject *instance = spawn(L"Link");
    int sum;
    put_text(instance, L"From", L"\\\\HOST\\root\\cimv2:T.Id=\"a\"");
    put_text(instance, L"To", L"T.Id=\"b\"");
    put_number(instance, L"N", 9);
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, instance, false, 0));
    IWbemClassObject_Release(instance);
    assert_int_equal(1, query(L"SELECT * FROM Link WHERE To = 'T.Id=\"b\"'", &sum));
    assert_int_equal(9, sum);
}

/* A query begun before a change sees the state before it. */
static void test_snapshot(void **state)
{
    struct repository_snapshot *at;
    struct wql_query *q;
    int sum;
    fill(100);
    assert_int_equal(WBEM_S_NO_ERROR, repository_snapshot_take(repository, &at));
    struct source *source = select_from(at, L"SELECT * FROM T", &q);
    repository_snapshot_unref(at);
    assert_int_equal(WBEM_S_NO_ERROR, delete (L"T.Id=\"id 1\""));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"new", 1000, NULL, 0));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"T", L"id 2", 2000, NULL, 0));
    assert_int_equal(100, count_and_sum(source, &sum));
    assert_int_equal(4950, sum);
    wql_destroy(q);
    assert_int_equal(100, query(L"SELECT * FROM T", &sum));
    assert_int_equal(4950 - 1 + 1000 - 2 + 2000, sum);
}

/* An instance made before its class changed is carried over when it is put. */
static void test_older_form(void **state)
{
    IWbemClassObject *instance = spawn(L"Two");
    put_number(instance, L"A", 1);
    put_text(instance, L"B", L"b");
    put_number(instance, L"N", 3);
    assert_int_equal(
        WBEM_S_NO_ERROR,
        load("class Two { [key] uint32 A; sint64 More = 5; [key] string B; sint32 N; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, put_object(CIMV2, instance, false, 0));
    IWbemClassObject_Release(instance);
    expect_number(L"Two.A=1,B=\"b\"", 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_repository)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_put_and_get),
        TEST(test_flags),
        TEST(test_subclasses),
        TEST(test_refusals),
        TEST(test_singleton_and_two_keys),
        TEST(test_queries),
        TEST(test_index_follows),
        TEST(test_long_values),
        TEST(test_references),
        TEST(test_snapshot),
        TEST(test_older_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
