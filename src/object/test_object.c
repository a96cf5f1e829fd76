/*
 * IWbemClassObject as its pages document it, on classes and instances made here.
 */
#include "object/test_support.h"

static void class_is_named_once_put(void **state)
{
    (void)state;
    IWbemClassObject *c = NULL, *d = NULL;
    assert_ok(object_create_class(&c));
    assert_text(c, L"__CLASS", NULL);
    assert_hr(IWbemClassObject_SpawnDerivedClass(c, 0, &d), WBEM_E_INCOMPLETE_CLASS);
    assert_hr(IWbemClassObject_SpawnInstance(c, 0, &d), WBEM_E_INCOMPLETE_CLASS);
    assert_hr(try_put_text(c, L"__CLASS", L"", 0), WBEM_E_INVALID_PARAMETER);
    assert_hr(try_put_text(c, L"__CLASS", L"1x", 0), WBEM_E_INVALID_PARAMETER);
    put_text(c, L"__CLASS", L"Base");
    assert_text(c, L"__RELPATH", L"Base");
    assert_text(c, L"__PATH", NULL);
    assert_hr(try_put_text(c, L"__SERVER", L"x", 0), WBEM_E_READ_ONLY);
    assert_hr(try_put_text(c, L"_x", L"x", 0), WBEM_E_INVALID_PARAMETER);
    assert_hr(try_put_text(c, L"x_", L"x", 0), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemClassObject_Put(c, L"x", 0, NULL, 0), WBEM_E_INVALID_PROPERTY_TYPE);
    assert_hr(IWbemClassObject_Put(c, L"x", 0, NULL, 77), WBEM_E_INVALID_PROPERTY_TYPE);
    IWbemClassObject_Release(c);
}

static void variant_text(const VARIANT *v, wchar_t out[64])
{
    switch (V_VT(v)) {
    case VT_I2:
    case VT_BOOL:
        swprintf(out, 64, L"%d", V_I2(v));
        break;
    case VT_UI1:
        swprintf(out, 64, L"%d", V_UI1(v));
        break;
    case VT_I4:
        swprintf(out, 64, L"%d", V_I4(v));
        break;
    case VT_R4:
        swprintf(out, 64, L"%g", (double)V_R4(v));
        break;
    case VT_R8:
        swprintf(out, 64, L"%g", V_R8(v));
        break;
    default:
        wcscpy(out, V_BSTR(v));
        break;
    }
}

/* One property of each type, what goes in and the VARIANT that comes out. */
static void types_map_to_variants(void **state)
{
    (void)state;
    static const struct {
        CIMTYPE type;
        const wchar_t *in;
        VARTYPE out;
        const wchar_t *text;
    } all[] = {
        {CIM_SINT8, L"-5", VT_I2, L"-5"},
        {CIM_UINT8, L"200", VT_UI1, L"200"},
        {CIM_SINT16, L"-300", VT_I2, L"-300"},
        {CIM_UINT16, L"60000", VT_I4, L"60000"},
        {CIM_SINT32, L"-70000", VT_I4, L"-70000"},
        {CIM_UINT32, L"4294967295", VT_I4, L"-1"},
        {CIM_SINT64, L"-9223372036854775808", VT_BSTR, L"-9223372036854775808"},
        {CIM_UINT64, L"18446744073709551615", VT_BSTR, L"18446744073709551615"},
        {CIM_REAL32, L"0.5", VT_R4, L"0.5"},
        {CIM_REAL64, L"0.25", VT_R8, L"0.25"},
        {CIM_BOOLEAN, L"TRUE", VT_BOOL, L"-1"},
        {CIM_STRING, L"\x3bb \x1f600", VT_BSTR, L"\x3bb \x1f600"},
        {CIM_DATETIME, L"20240229120000.000000+060", VT_BSTR, L"20240229120000.000000+060"},
        {CIM_REFERENCE, L"A.b=1", VT_BSTR, L"A.b=1"},
        {CIM_CHAR16, L"\x263a", VT_I2, L"9786"},
    };
    wchar_t name[16];
    IWbemClassObject *c = NULL;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"Types");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        swprintf(name, 16, L"P%zu", i);
        put(c, name, NULL, all[i].type);
    }
    IWbemClassObject *o = spawn(c);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        VARIANT v;
        CIMTYPE type;
        wchar_t text[64];
        swprintf(name, 16, L"P%zu", i);
        put_text(o, name, all[i].in);
        VariantInit(&v);
        assert_ok(IWbemClassObject_Get(o, name, 0, &v, &type, NULL));
        assert_int_equal(V_VT(&v), all[i].out);
        assert_int_equal(type, all[i].type);
        variant_text(&v, text);
        assert_int_equal(wcscmp(text, all[i].text), 0);
        VariantClear(&v);
    }
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void values_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    VARIANT v;
    IWbemClassObject *c = NULL;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"Types");
    put(c, L"Small", NULL, CIM_UINT8);
    put(c, L"U32", NULL, CIM_UINT32);
    put(c, L"When", NULL, CIM_DATETIME);
    put(c, L"Many", NULL, CIM_UINT32 | CIM_FLAG_ARRAY);
    IWbemClassObject *o = spawn(c);
    assert_hr(try_put_long(o, L"Small", 256, 0), WBEM_E_TYPE_MISMATCH);
    assert_hr(try_put_long(o, L"Small", -1, 0), WBEM_E_TYPE_MISMATCH);
    assert_hr(try_put_text(o, L"Small", L"12x", 0), WBEM_E_TYPE_MISMATCH);
    assert_hr(try_put_text(o, L"When", L"yesterday", 0), WBEM_E_TYPE_MISMATCH);
    assert_hr(try_put_text(o, L"Nothing", L"x", 0), WBEM_E_NOT_FOUND);
    assert_hr(try_put_long(o, L"Small", 1, CIM_STRING), WBEM_E_TYPE_MISMATCH);
    assert_hr(try_put_long(o, L"Many", 1, 0), WBEM_E_TYPE_MISMATCH);
    /* Put's page: uint32 takes VT_I4 as its bits and VT_R8, but not VT_I2. */
    put_long(o, L"U32", -1);
    assert_long(o, L"U32", -1);
    VariantInit(&v);
    V_VT(&v) = VT_I2;
    V_I2(&v) = 1;
    assert_hr(IWbemClassObject_Put(o, L"U32", 0, &v, 0), WBEM_E_TYPE_MISMATCH);
    V_VT(&v) = VT_R8;
    V_R8(&v) = 7;
    put(o, L"U32", &v, 0);
    assert_long(o, L"U32", 7);
    /* and an empty array in any clothes */
    V_VT(&v) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_VARIANT, 0, 0);
    put(o, L"Many", &v, 0);
    VariantClear(&v);
    assert_ok(IWbemClassObject_Get(o, L"Many", 0, &v, NULL, NULL));
    assert_int_equal(V_VT(&v), VT_ARRAY | VT_I4);
    VariantClear(&v);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void null_and_default(void **state)
{
    (void)state;
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c);
    assert_text(o, L"Data2", L"defaultValue");
    assert_int_equal(flavor_of(o, L"Data2"), WBEM_FLAVOR_ORIGIN_PROPAGATED);
    put(o, L"Data2", NULL, 0);
    assert_text(o, L"Data2", NULL);
    assert_int_equal(flavor_of(o, L"Data2"), WBEM_FLAVOR_ORIGIN_LOCAL);
    assert_hr(IWbemClassObject_Delete(o, L"Data2"), WBEM_S_RESET_TO_DEFAULT);
    assert_text(o, L"Data2", L"defaultValue");
    qualify(c, L"Data1", L"not_null");
    IWbemClassObject *strict = spawn(c);
    assert_ok(IWbemClassObject_Put(strict, L"Data1", 0, NULL, 0)); /* not propagated: free */
    IWbemClassObject_Release(strict);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void inheritance_and_delete(void **state)
{
    (void)state;
    BSTR name;
    IWbemClassObject *c = make_my_class(make_base()), *d = NULL;
    assert_hr(IWbemClassObject_Delete(c, L"Id"), WBEM_E_PROPAGATED_PROPERTY);
    assert_hr(IWbemClassObject_Delete(c, L"__PATH"), WBEM_E_SYSTEM_PROPERTY);
    assert_hr(IWbemClassObject_Delete(c, L"None"), WBEM_E_NOT_FOUND);
    assert_hr(try_put_text(c, L"Id", L"x", CIM_STRING), WBEM_E_TYPE_MISMATCH);
    put_long(c, L"Id", 9);
    assert_long(c, L"Id", 9);
    assert_hr(IWbemClassObject_Delete(c, L"Id"), WBEM_S_RESET_TO_DEFAULT);
    assert_text(c, L"Id", NULL);
    assert_ok(IWbemClassObject_Delete(c, L"Array"));
    assert_hr(IWbemClassObject_Get(c, L"Array", 0, NULL, NULL, NULL), WBEM_E_NOT_FOUND);

    assert_ok(IWbemClassObject_SpawnDerivedClass(c, 0, &d));
    put_text(d, L"__CLASS", L"Third");
    assert_text(d, L"__SUPERCLASS", L"MyClass");
    assert_text(d, L"__DYNASTY", L"Base");
    assert_ok(IWbemClassObject_InheritsFrom(d, L"base"));
    assert_ok(IWbemClassObject_InheritsFrom(d, L"THIRD"));
    assert_hr(IWbemClassObject_InheritsFrom(d, L"Other"), WBEM_S_FALSE);
    assert_ok(IWbemClassObject_GetPropertyOrigin(d, L"data2", &name));
    assert_int_equal(wcscmp(name, L"MyClass"), 0);
    SysFreeString(name);
    assert_text(d, L"Data2", L"defaultValue");
    put_text(d, L"Data2", L"mine");
    IWbemClassObject *o = spawn(d);
    assert_text(o, L"Data2", L"mine");
    assert_ok(IWbemClassObject_InheritsFrom(o, L"MyClass"));
    IWbemClassObject *none = o;
    assert_hr(IWbemClassObject_SpawnInstance(o, 0, &none), WBEM_E_INVALID_OPERATION);
    assert_null(none);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(d);
    IWbemClassObject_Release(c);
}

static void names_of(IWbemClassObject *o, const wchar_t *qualifier, LONG flags, wchar_t *out)
{
    SAFEARRAY *names = NULL;
    BSTR *data;
    LONG upper;
    assert_ok(IWbemClassObject_GetNames(o, qualifier, flags, NULL, &names));
    assert_ok(SafeArrayGetUBound(names, 1, &upper));
    assert_ok(SafeArrayAccessData(names, (void **)&data));
    out[0] = 0;
    for (LONG i = 0; i <= upper; i++) {
        wcscat(out, data[i]);
        wcscat(out, L" ");
    }
    SafeArrayUnaccessData(names);
    SafeArrayDestroy(names);
}

static void assert_names(IWbemClassObject *o, const wchar_t *qualifier, LONG flags,
                         const wchar_t *expected)
{
    wchar_t names[512];
    names_of(o, qualifier, flags, names);
    assert_int_equal(wcscmp(names, expected), 0);
}

static void names_by_condition(void **state)
{
    (void)state;
    SAFEARRAY *names = NULL;
    IWbemClassObject *c = make_my_class(make_base());
    put_long(c, L"Id", 3);
    assert_names(c, NULL, WBEM_FLAG_NONSYSTEM_ONLY, L"Id Data1 Data2 Array ");
    assert_names(c, NULL, WBEM_FLAG_SYSTEM_ONLY,
                 L"__GENUS __CLASS __SUPERCLASS __DYNASTY __RELPATH __PROPERTY_COUNT "
                 L"__DERIVATION __SERVER __NAMESPACE __PATH ");
    assert_names(c, NULL, WBEM_FLAG_KEYS_ONLY, L"Id ");
    assert_names(c, NULL, WBEM_FLAG_REFS_ONLY, L"");
    assert_names(c, NULL, WBEM_FLAG_LOCAL_ONLY, L"Data1 Data2 Array ");
    assert_names(c, NULL, WBEM_FLAG_PROPAGATED_ONLY, L"Id ");
    assert_names(c, NULL, WBEM_FLAG_CLASS_OVERRIDES_ONLY, L"Id ");
    assert_names(c, NULL, WBEM_FLAG_CLASS_LOCAL_AND_OVERRIDES, L"Id Data1 Data2 Array ");
    assert_names(c, L"read", WBEM_FLAG_ONLY_IF_TRUE, L"Data1 ");
    assert_names(c, L"read", WBEM_FLAG_ONLY_IF_FALSE | WBEM_FLAG_NONSYSTEM_ONLY,
                 L"Id Data2 Array ");
    assert_hr(IWbemClassObject_GetNames(c, NULL, WBEM_FLAG_ONLY_IF_TRUE, NULL, &names),
              WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemClassObject_GetNames(c, NULL, 0, NULL, NULL), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemClassObject_GetNames(c, NULL, 0x50, NULL, &names), WBEM_E_INVALID_PARAMETER);
    IWbemClassObject *o = spawn(c);
    put_text(o, L"Data1", L"x");
    assert_names(o, NULL, WBEM_FLAG_LOCAL_ONLY, L"Data1 ");
    assert_hr(IWbemClassObject_GetNames(o, NULL, WBEM_FLAG_CLASS_OVERRIDES_ONLY, NULL, &names),
              WBEM_E_INVALID_PARAMETER);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void walk(void **state)
{
    (void)state;
    static const wchar_t *const expected[] = {L"Id", L"Data1", L"Data2", L"Array"};
    BSTR name;
    VARIANT v;
    CIMTYPE type;
    LONG flavor;
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c);
    assert_hr(IWbemClassObject_Next(o, 0, &name, NULL, NULL, NULL), WBEM_E_UNEXPECTED);
    assert_hr(IWbemClassObject_BeginEnumeration(o, 0x100), WBEM_E_INVALID_PARAMETER);
    for (int round = 0; round < 2; round++) {
        assert_ok(IWbemClassObject_BeginEnumeration(o, WBEM_FLAG_NONSYSTEM_ONLY));
        for (int i = 0; i < 4; i++) {
            assert_ok(IWbemClassObject_Next(o, 0, &name, &v, &type, &flavor));
            assert_int_equal(wcscmp(name, expected[i]), 0);
            SysFreeString(name);
            VariantClear(&v);
        }
        assert_int_equal(type, CIM_UINT32 | CIM_FLAG_ARRAY);
        assert_hr(IWbemClassObject_Next(o, 0, &name, &v, &type, &flavor), WBEM_S_NO_MORE_DATA);
        assert_null(name);
    }
    assert_hr(IWbemClassObject_Next(o, 1, NULL, NULL, NULL, NULL), WBEM_E_INVALID_PARAMETER);
    assert_ok(IWbemClassObject_EndEnumeration(o));
    assert_hr(IWbemClassObject_Next(o, 0, NULL, NULL, NULL, NULL), WBEM_E_UNEXPECTED);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void paths(void **state)
{
    (void)state;
    struct decoration *where;
    IWbemClassObject *c = NULL;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"Two");
    put(c, L"Zeta", NULL, CIM_STRING);
    put(c, L"alpha", NULL, CIM_UINT64);
    put(c, L"Beta", NULL, CIM_BOOLEAN);
    qualify(c, L"Zeta", L"key");
    qualify(c, L"alpha", L"Key");
    qualify(c, L"Beta", L"KEY");
    assert_ok(decoration_create(L"HOST", L"root\\cimv2", &where));
    assert_ok(object_decorate(c, where));
    IWbemClassObject *o = spawn(c);
    assert_text(o, L"__PATH", NULL);
    put_text(o, L"Zeta", L"C:\\a \"b\"");
    put_text(o, L"alpha", L"18446744073709551615");
    assert_text(o, L"__RELPATH", NULL);
    put_text(o, L"Beta", L"true");
    assert_text(o, L"__RELPATH",
                L"Two.alpha=18446744073709551615,Beta=TRUE,Zeta=\"C:\\\\a \\\"b\\\"\"");
    assert_text(o, L"__PATH",
                L"\\\\HOST\\root\\cimv2:Two.alpha=18446744073709551615,Beta=TRUE,"
                L"Zeta=\"C:\\\\a \\\"b\\\"\"");
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);

    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"One");
    qualify(c, NULL, L"Singleton");
    o = spawn(c);
    assert_text(o, L"__RELPATH", L"One=@");
    assert_text(o, L"__PATH", NULL);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
    decoration_unref(where);
}

static void clone_is_independent(void **state)
{
    (void)state;
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c), *copy = NULL, *d = NULL;
    put_text(o, L"Data1", L"before");
    assert_ok(IWbemClassObject_Clone(o, &copy));
    assert_hr(IWbemClassObject_CompareTo(o, 0, copy), WBEM_S_SAME);
    put_text(copy, L"Data1", L"BEFORE");
    assert_text(o, L"Data1", L"before");
    assert_hr(IWbemClassObject_CompareTo(o, 0, copy), WBEM_S_DIFFERENT);
    assert_hr(IWbemClassObject_CompareTo(o, WBEM_FLAG_IGNORE_CASE, copy), WBEM_S_SAME);
    assert_hr(IWbemClassObject_CompareTo(o, 0, c), WBEM_S_DIFFERENT);
    assert_hr(IWbemClassObject_CompareTo(o, 0, NULL), WBEM_E_INVALID_PARAMETER);
    assert_ok(IWbemClassObject_Clone(c, &d));
    put_text(d, L"Data2", L"other");
    assert_text(c, L"Data2", L"defaultValue");
    assert_hr(IWbemClassObject_CompareTo(c, 0, d), WBEM_S_DIFFERENT);
    assert_hr(IWbemClassObject_CompareTo(c, WBEM_FLAG_IGNORE_DEFAULT_VALUES, d), WBEM_S_SAME);
    IWbemClassObject_Release(d);
    IWbemClassObject_Release(copy);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

/* Values that grow and shrink: the heap is cleaned up now and then, and nothing is lost. */
static void many_changes_keep_the_heap_small(void **state)
{
    (void)state;
    wchar_t text[64];
    static const LONG numbers[] = {5, 6};
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c);
    put_long(o, L"Id", 77);
    put_array(o, L"Array", numbers, 2);
    for (int i = 0; i < 5000; i++) {
        swprintf(text, 64, L"%.*ls%d", i % 40, L"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", i);
        put_text(o, L"Data1", text);
        put_array(o, L"Array", numbers, (ULONG)(i % 3));
    }
    assert_text(o, L"Data1", text);
    assert_long(o, L"Id", 77);
    assert_true(object_of(o)->part_size < 8192);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void embedded_objects_are_copied(void **state)
{
    (void)state;
    VARIANT v;
    IWbemClassObject *inner_class = make_base(), *inner = spawn(inner_class), *c = NULL, *back;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"Outer");
    put(c, L"One", NULL, CIM_OBJECT);
    put(c, L"Many", NULL, CIM_OBJECT | CIM_FLAG_ARRAY);
    IWbemClassObject *o = spawn(c);
    put_long(inner, L"Id", 1);
    VariantInit(&v);
    V_VT(&v) = VT_UNKNOWN;
    assert_ok(IWbemClassObject_QueryInterface(inner, &IID_IUnknown, (void **)&V_UNKNOWN(&v)));
    put(o, L"One", &v, 0);
    VariantClear(&v);
    put_long(inner, L"Id", 2);
    assert_ok(IWbemClassObject_Get(o, L"One", 0, &v, NULL, NULL));
    assert_int_equal(V_VT(&v), VT_UNKNOWN);
    assert_ok(IUnknown_QueryInterface(V_UNKNOWN(&v), &IID_IWbemClassObject, (void **)&back));
    assert_long(back, L"Id", 1);
    IWbemClassObject_Release(back);
    VariantClear(&v);

    IUnknown **data;
    V_VT(&v) = VT_ARRAY | VT_UNKNOWN;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_UNKNOWN, 0, 2);
    assert_ok(SafeArrayAccessData(V_ARRAY(&v), (void **)&data));
    data[0] = (IUnknown *)inner;
    data[1] = (IUnknown *)inner_class;
    IUnknown_AddRef(data[0]);
    IUnknown_AddRef(data[1]);
    SafeArrayUnaccessData(V_ARRAY(&v));
    put(o, L"Many", &v, 0);
    VariantClear(&v);
    const uint8_t *bytes;
    uint32_t size;
    IWbemClassObject *again = NULL;
    assert_ok(object_encoding(o, &bytes, &size));
    assert_ok(object_decode(bytes, size, &again));
    assert_hr(IWbemClassObject_CompareTo(o, 0, again), WBEM_S_SAME);
    assert_ok(IWbemClassObject_Get(again, L"Many", 0, &v, NULL, NULL));
    assert_ok(SafeArrayAccessData(V_ARRAY(&v), (void **)&data));
    assert_long((IWbemClassObject *)data[0], L"Id", 2);
    assert_long((IWbemClassObject *)data[1], L"__GENUS", 1);
    SafeArrayUnaccessData(V_ARRAY(&v));
    VariantClear(&v);
    IWbemClassObject_Release(again);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
    IWbemClassObject_Release(inner);
    IWbemClassObject_Release(inner_class);
}

static void projection(void **state)
{
    (void)state;
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c), *p = NULL;
    struct schema *s, *reduced;
    uint32_t *map;
    const bool wanted[] = {false, true, true, false};
    put_long(o, L"Id", 4);
    put_text(o, L"Data1", L"one");
    assert_ok(schema_of(c, &s));
    assert_ok(schema_project(s, wanted, &reduced, &map));
    assert_int_equal(schema_property_count(reduced), 2);
    assert_int_equal(map[0], 1);
    assert_int_equal(map[1], 2);
    assert_ok(object_project(o, reduced, map, &p));
    assert_text(p, L"Data1", L"one");
    assert_text(p, L"Data2", L"defaultValue");
    assert_text(p, L"__CLASS", L"MyClass");
    assert_text(p, L"__RELPATH", NULL);
    assert_long(p, L"__PROPERTY_COUNT", 2);
    assert_hr(IWbemClassObject_Get(p, L"Id", 0, NULL, NULL, NULL), WBEM_E_NOT_FOUND);
    IWbemClassObject_Release(p);
    free(map);
    schema_unref(reduced);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

/* Instances made together live as long as each is held, whatever happens to the others. */
static void instances_made_together(void **state)
{
    (void)state;
    enum {
        COUNT = 70
    };
    IWbemClassObject *c = make_my_class(make_base()), *o = spawn(c), *made[COUNT], *copy = NULL;
    struct object_bytes parts[COUNT];
    struct decoration *where, *other;
    struct schema *s;
    assert_ok(decoration_create(L"HOST", L"root", &where));
    assert_ok(decoration_create(L"OTHER", L"root", &other));
    put_text(o, L"Data1", L"text");
    put_long(o, L"Id", 1);
    for (int i = 0; i < COUNT; i++) {
        parts[i] = (struct object_bytes){object_of(o)->part, object_of(o)->part_size};
    }
    assert_ok(schema_of(o, &s));
    assert_ok(objects_from_instance_bytes(s, where, parts, COUNT, made));
    assert_ok(object_decorate(made[3], other));
    assert_ok(object_decorate(made[4], other));
    assert_ok(object_decorate(made[4], where));
    decoration_unref(where);
    decoration_unref(other);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
    put_text(made[5], L"Data1", L"something much longer than it was");
    assert_ok(IWbemClassObject_Clone(made[5], &copy));
    for (int i = 0; i < COUNT; i++) {
        if (i != 3) {
            assert_text(made[i], L"__PATH", L"\\\\HOST\\root:MyClass.Id=1");
            IWbemClassObject_Release(made[i]);
        }
    }
    assert_text(made[3], L"__SERVER", L"OTHER");
    assert_text(made[3], L"Data1", L"text");
    assert_text(copy, L"Data1", L"something much longer than it was");
    IWbemClassObject_Release(made[3]);
    IWbemClassObject_Release(copy);

    /* One that is too short: none is made. */
    c = make_base();
    o = spawn(c);
    assert_ok(schema_of(c, &s));
    for (int i = 0; i < COUNT; i++) {
        parts[i] = (struct object_bytes){object_of(o)->part, object_of(o)->part_size};
    }
    parts[COUNT - 1].size = 5;
    assert_hr(objects_from_instance_bytes(s, NULL, parts, COUNT, made), WBEM_E_INVALID_OBJECT);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void error_objects(void **state)
{
    (void)state;
    IErrorInfo *info = NULL;
    IWbemClassObject *status = NULL;
    BSTR text;
    assert_hr(error_raise(WBEM_E_INVALID_QUERY, "ExecQuery", "SELECT", "column %d", 7),
              WBEM_E_INVALID_QUERY);
    assert_ok(GetErrorInfo(0, &info));
    assert_ok(IErrorInfo_GetDescription(info, &text));
    assert_int_equal(wcscmp(text, L"column 7"), 0);
    SysFreeString(text);
    assert_ok(IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&status));
    IErrorInfo_Release(info);
    assert_text(status, L"__CLASS", L"__ExtendedStatus");
    assert_text(status, L"__SUPERCLASS", L"__NotifyStatus");
    assert_text(status, L"Operation", L"ExecQuery");
    assert_text(status, L"ParameterInfo", L"SELECT");
    assert_text(status, L"Description", L"column 7");
    assert_text(status, L"ProviderName", L"Windows Management");
    assert_long(status, L"StatusCode", (LONG)WBEM_E_INVALID_QUERY);
    IWbemClassObject_Release(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_is_named_once_put),
        cmocka_unit_test(types_map_to_variants),
        cmocka_unit_test(values_that_do_not_fit_are_refused),
        cmocka_unit_test(null_and_default),
        cmocka_unit_test(inheritance_and_delete),
        cmocka_unit_test(names_by_condition),
        cmocka_unit_test(walk),
        cmocka_unit_test(paths),
        cmocka_unit_test(clone_is_independent),
        cmocka_unit_test(many_changes_keep_the_heap_small),
        cmocka_unit_test(embedded_objects_are_copied),
        cmocka_unit_test(projection),
        cmocka_unit_test(instances_made_together),
        cmocka_unit_test(error_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
