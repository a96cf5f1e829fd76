/* ASSOCIATORS OF, REFERENCES OF and FROM meta_class over classes and instances of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "repository/repository.h"
#include "services/services_private.h"

static const char mof[] =
    "class T_Element { [key] string Name; };\n"
    "class T_Disk : T_Element { uint32 Size; };\n"
    "class T_FastDisk : T_Disk { };\n"
    "[Marked] class T_Partition : T_Element { };\n"
    "class T_Folder : T_Element { };\n"
    "class T_Counted { [key] uint32 Id; string Text; };\n"
    "class T_Lone { [key] string Name; };\n"
    "[association] class T_Link { [key] T_Element ref Antecedent; [key] T_Element ref Dependent; "
    "};\n"
    "[association, Tagged] class T_DiskPartition : T_Link {\n"
    "  [key, override(\"Antecedent\")] T_Disk ref Antecedent;\n"
    "  [key, override(\"Dependent\")] T_Partition ref Dependent; string Note; };\n"
    "[association] class T_Mount { [key] T_Disk ref Disk; [key] T_Folder ref Place;\n"
    "  T_Element ref Owner; };\n"
    "[association] class T_Count { [key] T_Counted ref One; [key] object ref Any; };\n"
    "class T_NoLink { [key] T_Element ref Antecedent; [key] T_Element ref Dependent; };\n"
    "instance of T_Disk { Name = \"a\"; Size = 1; };\n"
    "instance of T_Disk { Name = \"b\\\\c\"; };\n"
    "instance of T_FastDisk { Name = \"f\"; };\n"
    "instance of T_Partition { Name = \"a1\"; };\n"
    "instance of T_Partition { Name = \"a2\"; };\n"
    "instance of T_Folder { Name = \"/\"; };\n"
    "instance of T_Folder { Name = \"/{x}\"; };\n"
    "instance of T_Counted { Id = 7; Text = \"seven\"; };\n"
    "instance of T_Lone { Name = \"l\"; };\n"
    "instance of T_Lone { Name = \"m\"; };\n"
    "instance of T_DiskPartition { Antecedent = \"T_Disk.Name=\\\"a\\\"\";\n"
    "  Dependent = \"T_Partition.Name=\\\"a1\\\"\"; Note = \"n\"; };\n"
    "instance of T_DiskPartition { Antecedent = \"\\\\\\\\.\\\\root\\\\cimv2:t_disk='A'\";\n"
    "  Dependent = \"T_Partition='a2'\"; };\n"
    "instance of T_DiskPartition { Antecedent = \"T_Disk.Name=\\\"a\\\"\";\n"
    "  Dependent = \"T_Partition.Name=\\\"gone\\\"\"; };\n"
    "instance of T_Link { Antecedent = \"T_Disk.Name=\\\"a\\\"\";\n"
    "  Dependent = \"T_Disk.Name=\\\"a\\\"\"; };\n"
    "instance of T_Link { Antecedent = \"T_FastDisk.Name=\\\"f\\\"\";\n"
    "  Dependent = \"T_Disk.Name=\\\"b\\\\\\\\c\\\"\"; };\n"
    "instance of T_Mount { Disk = \"T_Disk.Name=\\\"b\\\\\\\\c\\\"\";\n"
    "  Place = \"T_Folder.Name=\\\"/\\\"\"; Owner = \"T_Disk.Name=\\\"a\\\"\"; };\n"
    "instance of T_Mount { Disk = \"T_FastDisk.Name=\\\"f\\\"\";\n"
    "  Place = \"T_Folder.Name=\\\"/{x}\\\"\"; };\n"
    "instance of T_Count { One = \"T_Counted.Id=7\"; Any = \"T_Lone.Name=\\\"l\\\"\"; };\n"
    "instance of T_Count { One = \"T_Counted.Id=\\\"7\\\"\"; Any = \"T_Lone.Name=\\\"m\\\"\"; };\n"
    "instance of T_NoLink { Antecedent = \"T_Disk.Name=\\\"a\\\"\";\n"
    "  Dependent = \"T_Partition.Name=\\\"a1\\\"\"; };\n";

static struct repository *repository;
static struct repository_namespace *name_space;

static int setup(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(NULL, &repository));
    HRESULT hr = repository_load_mof(repository, "t.mof", mof, strlen(mof), L"root\\cimv2");
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
        BSTR text = NULL;
        (void)GetErrorInfo(0, &info);
        if (info) {
            IErrorInfo_GetDescription(info, &text);
            print_message("%ls\n", text);
        }
        return 1;
    }
    return FAILED(repository_open(repository, L"root\\cimv2", &name_space));
}

static int teardown(void **state)
{
    delivery_drain();
    repository_destroy(repository);
    return 0;
}

static HRESULT ask(const wchar_t *text, IEnumWbemClassObject **ret)
{
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    const struct query_options options = {.operation = "ExecQuery"};
    struct source *source;
    struct wql_error e = {0};
    HRESULT hr = wql_parse(text, &q, &e);
    if (FAILED(hr)) {
        print_message("%ls: '%s', expected %s\n", text, e.token, e.expected);
        fail();
    }
    hr = query_source(name_space, q, text, &options, &source);
    return FAILED(hr) ? hr : enumerator_create(source, NULL, ret);
}

static int by_text(const void *a, const void *b)
{
    return wcscmp(*(wchar_t *const *)a, *(wchar_t *const *)b);
}

/* The relative paths of what a query yields, sorted, joined by " | ". */
static wchar_t *answer(const wchar_t *text, HRESULT *ret_status)
{
    static wchar_t joined[4096];
    wchar_t *paths[64];
    size_t count = 0;
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    joined[0] = L'\0';
    *ret_status = ask(text, &e);
    while (SUCCEEDED(*ret_status)) {
        CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
        ULONG got = 0;
        *ret_status = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
        if (!got) {
            break;
        }
        VARIANT v;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_Get(object, L"__RELPATH", 0, &v, NULL, NULL));
        assert_int_equal(VT_BSTR, V_VT(&v));
        assert_true(count < 64);
        paths[count++] = com_wide_copy(V_BSTR(&v));
        VariantClear(&v);
    }
    qsort(paths, count, sizeof(*paths), by_text);
    for (size_t i = 0; i < count; i++) {
        wcscat(wcscat(joined, i ? L" | " : L""), paths[i]);
        free(paths[i]);
    }
    return joined;
}

struct expectation {
    const wchar_t *query, *answer;
};

static void check(const struct expectation *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HRESULT hr;
        const wchar_t *got = answer(cases[i].query, &hr);
        if (hr != WBEM_S_FALSE || wcscmp(got, cases[i].answer) != 0) {
            print_message("%ls\n  gave     %ls (0x%x)\n  expected %ls\n", cases[i].query, got,
                          (unsigned)hr, cases[i].answer);
            fail();
        }
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases[0]))

#define A L"T_Disk.Name=\"a\""
#define BC L"T_Disk.Name=\"b\\\\c\""
#define F L"T_FastDisk.Name=\"f\""
#define A1 L"T_Partition.Name=\"a1\""
#define A2 L"T_Partition.Name=\"a2\""
#define ROOT L"T_Folder.Name=\"/\""
#define X L"T_Folder.Name=\"/{x}\""

static void test_associators(void **state)
{
    static const struct expectation cases[] = {
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"}", A L" | " BC L" | " ROOT L" | " A1 L" | " A2},
        {L"associators of {  t_disk='A'  } where assocclass = t_diskpartition", A1 L" | " A2},
        {L"ASSOCIATORS OF {\\\\.\\root\\cimv2:T_Disk.Name=\"a\"} WHERE ResultClass=T_Partition",
         A1 L" | " A2},
        /* The path names a class above the object's own. */
        {L"ASSOCIATORS OF {T_Element.Name=\"f\"}", BC L" | " X},
        {L"ASSOCIATORS OF {T_Disk.Name=\"b\\\\c\"}", A L" | " F L" | " ROOT},
        {L"ASSOCIATORS OF {T_Folder.Name=\"/{x}\"}", F},
        {L"ASSOCIATORS OF {T_Folder.Name=\"/\"} WHERE ResultRole = Owner", A},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE Role = Owner", BC L" | " ROOT},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE Role = Dependent", A},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE ResultClass = T_Disk", A L" | " BC},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE ResultClass = T_Disk Role = Owner", BC},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE RequiredQualifier = Marked", A1 L" | " A2},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE RequiredAssocQualifier = Tagged", A1 L" | " A2},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE ClassDefsOnly",
         L"T_Disk | T_Folder | T_Partition"},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE ClassDefsOnly AssocClass=T_Link",
         L"T_Disk | T_Partition"},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE KeysOnly AssocClass = T_DiskPartition",
         A1 L" | " A2},
        {L"ASSOCIATORS OF {T_Counted.Id=7}", L"T_Lone.Name=\"l\" | T_Lone.Name=\"m\""},
        {L"ASSOCIATORS OF {T_Lone.Name=\"l\"}", L"T_Counted.Id=7"},
        {L"ASSOCIATORS OF {T_Lone.Name=\"l\"} WHERE ResultClass = T_Disk", L""},
        {L"ASSOCIATORS OF {T_Partition.Name=\"a1\"} WHERE ResultRole = Nobody", L""},
    };
    CHECK(cases);
}

static void test_references(void **state)
{
#define P1                                                                                         \
    L"T_DiskPartition.Antecedent=\"T_Disk.Name=\\\"a\\\"\","                                       \
    L"Dependent=\"T_Partition.Name=\\\"a1\\\"\""
    static const struct expectation cases[] = {
        {L"REFERENCES OF {T_Partition.Name=\"a1\"}", P1},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE KeysOnly", P1},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE Role = Antecedent", L""},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE ResultClass = T_Mount", L""},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE ResultClass = T_Link", P1},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE RequiredQualifier = Tagged", P1},
        {L"REFERENCES OF {T_Partition.Name=\"a1\"} WHERE RequiredQualifier = Marked", L""},
        {L"REFERENCES OF {T_Disk.Name=\"a\"} WHERE ClassDefsOnly",
         L"T_DiskPartition | T_Link | T_Mount"},
        /* An association of the object with itself is one reference. */
        {L"REFERENCES OF {T_Disk.Name=\"a\"} WHERE Role = Dependent",
         L"T_Link.Antecedent=\"T_Disk.Name=\\\"a\\\"\",Dependent=\"T_Disk.Name=\\\"a\\\"\""},
    };
    CHECK(cases);

    HRESULT hr;
    const wchar_t *links = answer(L"REFERENCES OF {T_Disk.Name=\"a\"}", &hr);
    size_t count = 1;
    for (const wchar_t *c = links; (c = wcsstr(c, L" | ")); c++) {
        count++;
    }
    assert_int_equal(5, count); /* three partitions, itself, owner of a mount */
}

static void test_schema_only(void **state)
{
    static const struct expectation cases[] = {
        {L"REFERENCES OF {T_Disk} WHERE SchemaOnly", L"T_DiskPartition | T_Link | T_Mount | "
                                                     L"T_Count"},
        {L"REFERENCES OF {T_Partition} WHERE SchemaOnly ResultClass = T_Link",
         L"T_DiskPartition | T_Link"},
        {L"REFERENCES OF {T_FastDisk} WHERE Role = Disk SchemaOnly", L"T_Mount"},
        {L"ASSOCIATORS OF {T_Partition} WHERE SchemaOnly AssocClass = T_Link",
         L"T_Disk | T_Element"},
        {L"ASSOCIATORS OF {T_Partition} WHERE ResultClass = T_Disk SchemaOnly", L"T_Disk"},
        {L"ASSOCIATORS OF {T_Folder} WHERE SchemaOnly ResultRole = Disk", L"T_Disk"},
        {L"ASSOCIATORS OF {T_Disk} WHERE SchemaOnly RequiredQualifier = Marked", L"T_Partition"},
    };
    /* The first answer is sorted by the test, so the expectation is too. */
    struct expectation sorted[sizeof(cases) / sizeof(cases[0])];
    memcpy(sorted, cases, sizeof(cases));
    sorted[0].answer = L"T_Count | T_DiskPartition | T_Link | T_Mount";
    CHECK(sorted);
}

static void test_association_errors(void **state)
{
    static const struct {
        const wchar_t *query;
        HRESULT status;
    } cases[] = {
        {L"ASSOCIATORS OF {T_Disk.Name=\"nobody\"}", WBEM_E_NOT_FOUND},
        {L"ASSOCIATORS OF {T_Nothing.Name=\"a\"}", WBEM_E_INVALID_CLASS},
        {L"ASSOCIATORS OF {T_Disk.Name=\"a\"} WHERE AssocClass = T_Nothing", WBEM_E_INVALID_CLASS},
        {L"REFERENCES OF {T_Disk.Name=\"a\"} WHERE ResultClass = T_Nothing", WBEM_E_INVALID_CLASS},
        {L"REFERENCES OF {T_Disk.Nmae=\"a\"}", WBEM_E_INVALID_OBJECT_PATH},
        {L"REFERENCES OF {root\\default:T_Disk.Name=\"a\"}", WBEM_E_INVALID_NAMESPACE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        HRESULT hr;
        assert_int_equal(0, wcslen(answer(cases[i].query, &hr)));
        if (hr != cases[i].status) {
            print_message("%ls: 0x%x\n", cases[i].query, (unsigned)hr);
            fail();
        }
        CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
        assert_int_equal(S_OK, GetErrorInfo(0, &info));
    }
}

/* KeysOnly: the rest of the object is not there. */
static void test_keys_only(void **state)
{
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     ask(L"ASSOCIATORS OF {T_Lone.Name=\"l\"} WHERE KeysOnly", &e));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemClassObject_Get(object, L"Text", 0, NULL, NULL, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(object, L"Id", 0, NULL, NULL, NULL));
}

/* Leaving before the end: nothing hangs, nothing is leaked. */
static void test_left_early(void **state)
{
    for (int i = 0; i < 20; i++) {
        IEnumWbemClassObject *e = NULL;
        assert_int_equal(WBEM_S_NO_ERROR, ask(L"ASSOCIATORS OF {T_Disk.Name=\"a\"}", &e));
        if (i % 2) {
            IWbemClassObject *object = NULL;
            ULONG got = 0;
            (void)IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
            com_release(object);
        }
        IEnumWbemClassObject_Release(e);
    }
    delivery_drain();
}

/* ---- conditions that need a place, and references ----------------------------------------------
 */

static void test_conditions(void **state)
{
    static const struct expectation cases[] = {
        {L"SELECT * FROM T_DiskPartition WHERE Dependent = 't_partition.name=\"A1\"'", P1},
        {L"SELECT * FROM T_DiskPartition WHERE Dependent = '\\\\\\\\x\\\\root\\\\cimv2:T_Partition="
         L"\"a1\"'",
         P1},
        {L"SELECT * FROM T_DiskPartition WHERE Dependent = 'T_Partition=\"a1\"' AND Dependent = "
         L"'T_Partition.Name=\"a1\"'",
         P1},
        {L"SELECT * FROM T_Disk WHERE __NAMESPACE = 'ROOT\\\\cimv2' AND Name = 'a'", A},
        {L"SELECT * FROM T_Disk WHERE __NAMESPACE LIKE '%default'", L""},
        {L"SELECT * FROM T_Element WHERE __DERIVATION[1] = 'T_Element'", F},
        {L"SELECT * FROM T_Element WHERE __DERIVATION[0] LIKE '%Disk'", F},
        {L"SELECT * FROM T_Disk WHERE __RELPATH LIKE '%.Name=\"[a-e]%'", A L" | " BC},
        {L"SELECT * FROM T_Disk WHERE __PATH LIKE '%cimv2:T_FastDisk%'", F},
        {L"SELECT * FROM T_Disk WHERE __PATH NOT LIKE '%Fast%' AND __RELPATH > 'T_Disk.Name=\"b'",
         BC},
        {L"SELECT * FROM T_Disk WHERE __PATH = '\\\\\\\\.\\\\root\\\\cimv2:T_Disk.Name=\"a\"'", A},
        {L"SELECT * FROM T_Disk WHERE __PATH = '\\\\\\\\.\\\\root\\\\default:T_Disk.Name=\"a\"'",
         L""},
        {L"SELECT * FROM T_Disk WHERE __PATH IS NULL OR Name = 'f'", F},
        {L"SELECT * FROM T_Disk WHERE __SERVER IS NOT NULL AND __DERIVATION IS NOT NULL AND "
         L"Name='f'",
         F},
    };
    CHECK(cases);
}

static void test_meta_class(void **state)
{
    static const struct expectation cases[] = {
        {L"SELECT * FROM meta_class WHERE __this ISA 'T_Disk'", L"T_Disk | T_FastDisk"},
        {L"select * from META_CLASS where __Class = 't_disk'", L"T_Disk"},
        {L"SELECT * FROM meta_class WHERE __Class = 'T_Nothing'", L""},
        {L"SELECT * FROM meta_class WHERE __Class LIKE 'T[_]Fast%'", L"T_FastDisk"},
        {L"SELECT * FROM meta_class WHERE __Dynasty = 'T_Element'",
         L"T_Disk | T_Element | T_FastDisk | T_Folder | T_Partition"},
        {L"SELECT * FROM meta_class WHERE __Superclass = 'T_Disk'", L"T_FastDisk"},
        {L"SELECT * FROM meta_class WHERE __Superclass IS NULL AND __Class LIKE 'T[_]%'",
         L"T_Count | T_Counted | T_Element | T_Link | T_Lone | T_Mount | T_NoLink"},
        {L"SELECT * FROM meta_class WHERE __this ISA 'T_Element' AND NOT __this ISA 'T_Disk'",
         L"T_Element | T_Folder | T_Partition"},
        {L"SELECT * FROM meta_class WHERE __this ISA 'T_Disk' OR __this ISA 'T_Element' AND "
         L"__Class = 'T_Folder' OR __this ISA 'T_FastDisk'",
         L"T_Disk | T_FastDisk | T_Folder"},
        {L"SELECT * FROM meta_class WHERE NOT __Superclass = 'T_Element' AND __this ISA "
         L"'T_Element'",
         L"T_FastDisk"},
        {L"SELECT * FROM meta_class WHERE __this ISA 'T_Lone' AND __GENUS = 1 AND __RELPATH = "
         L"'T_Lone' AND __PATH LIKE '%:T_Lone' AND __PROPERTY_COUNT = 1",
         L"T_Lone"},
        {L"SELECT * FROM meta_class WHERE __DERIVATION[0] = 'T_Disk'", L"T_FastDisk"},
    };
    CHECK(cases);
    HRESULT hr;
    (void)answer(L"SELECT * FROM meta_class WHERE Name = 'x'", &hr);
    assert_int_equal(WBEM_E_INVALID_QUERY, hr);
    (void)answer(L"SELECT __Class FROM meta_class", &hr);
    assert_int_equal(WBEM_E_INVALID_QUERY, hr);
    (void)answer(L"SELECT COUNT(*) FROM meta_class", &hr);
    assert_int_equal(WBEM_E_INVALID_QUERY, hr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_associators), cmocka_unit_test(test_references),
        cmocka_unit_test(test_schema_only), cmocka_unit_test(test_association_errors),
        cmocka_unit_test(test_keys_only),   cmocka_unit_test(test_left_early),
        cmocka_unit_test(test_conditions),  cmocka_unit_test(test_meta_class),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
