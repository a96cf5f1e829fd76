/*
 * Rows, comparisons of values, access by handle, and random objects through
 * the encoding and back.
 */
#include "object/test_support.h"

static struct schema *types_schema(IWbemClassObject **ret)
{
    static const CIMTYPE types[] = {CIM_UINT32,
                                    CIM_STRING,
                                    CIM_UINT64,
                                    CIM_BOOLEAN,
                                    CIM_REAL64,
                                    CIM_UINT8,
                                    CIM_DATETIME,
                                    CIM_STRING | CIM_FLAG_ARRAY,
                                    CIM_UINT16 | CIM_FLAG_ARRAY,
                                    CIM_SINT8,
                                    CIM_REFERENCE,
                                    CIM_CHAR16};
    wchar_t name[8];
    struct schema *s;
    assert_ok(object_create_class(ret));
    put_text(*ret, L"__CLASS", L"Row");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        swprintf(name, 8, L"P%zu", i);
        put(*ret, name, NULL, types[i]);
    }
    assert_ok(schema_of(*ret, &s));
    return s;
}

static void row_to_object(void **state)
{
    (void)state;
    static const char *const texts[] = {"one", "", "\xce\xbb"};
    static const uint64_t numbers[] = {1, 65535};
    IWbemClassObject *cls, *o = NULL;
    struct schema *s = types_schema(&cls);
    struct row *r;
    struct cim_value v, item;
    assert_ok(row_create(s, &r));
    for (int round = 0; round < 3; round++) {
        row_clear(r);
        row_get(r, 1, &v);
        assert_true(v.null);
        assert_ok(row_set_uint(r, 0, 4000000000u));
        assert_ok(row_set_string(r, 1, "caf\xc3\xa9"));
        assert_ok(row_set_string_n(r, 2, "12345678901x", 11)); /* text of a number converts */
        assert_ok(row_set_bool(r, 3, true));
        assert_ok(row_set_real(r, 4, 1.5));
        assert_hr(row_set_uint(r, 5, 256), WBEM_E_TYPE_MISMATCH);
        assert_ok(row_set_sint(r, 5, 255));
        assert_ok(row_set_interval(r, 6, 90061000001u));
        assert_ok(row_set_string_array(r, 7, texts, 3));
        assert_ok(row_set_uint_array(r, 8, numbers, 2));
        assert_ok(row_set_sint(r, 9, -128));
        assert_ok(row_set_wide(r, 10, L"A.b=\"c\""));
        assert_ok(row_set_uint(r, 11, 0xffff));
        assert_hr(row_set_null(r, 12), WBEM_E_NOT_FOUND);
        row_get(r, 7, &v);
        assert_ok(cim_array_get(&v, 2, &item));
        assert_true(string_is(&item.string, L"\x39b")); /* folded */
        assert_hr(cim_array_get(&v, 3, &item), WBEM_E_INVALID_PARAMETER);
        assert_ok(row_encode(r, s, NULL, NULL, &o));
        assert_long(o, L"P0", (LONG)4000000000u);
        assert_text(o, L"P1", L"caf\xe9");
        assert_text(o, L"P2", L"12345678901");
        assert_text(o, L"P6", L"00000001010101.000001:000");
        assert_text(o, L"P10", L"A.b=\"c\"");
        IWbemClassObject_Release(o);
    }
    /* bytes that are not UTF-8 are kept */
    assert_ok(row_set_string(r, 1, "a\xff\x62"));
    assert_ok(row_encode(r, s, NULL, NULL, &o));
    assert_text(o, L"P1", L"a\xdcff\x62");
    IWbemClassObject_Release(o);

    struct schema *reduced;
    uint32_t *map;
    bool wanted[12] = {[1] = true, [8] = true};
    assert_ok(schema_project(s, wanted, &reduced, &map));
    assert_ok(row_encode(r, reduced, map, NULL, &o));
    assert_long(o, L"__PROPERTY_COUNT", 2);
    assert_text(o, L"P1", L"a\xdcff\x62");
    IWbemClassObject_Release(o);
    free(map);
    schema_unref(reduced);
    row_destroy(r);
    IWbemClassObject_Release(cls);
}

static struct cim_value text(const char *s)
{
    return (struct cim_value){
        .type = CIM_STRING, .string = {.bytes = (const uint8_t *)s, .length = (uint32_t)strlen(s)}};
}

static void assert_order(struct cim_value a, struct cim_value b, int expected)
{
    int order = 9;
    assert_ok(cim_compare(&a, &b, &order));
    assert_int_equal((order > 0) - (order < 0), expected);
    assert_ok(cim_compare(&b, &a, &order));
    assert_int_equal((order > 0) - (order < 0), -expected);
}

static void comparisons(void **state)
{
    (void)state;
    struct cim_value big = {.type = CIM_UINT64, .uint = UINT64_MAX};
    struct cim_value negative = {.type = CIM_SINT32, .sint = -1};
    struct cim_value real = {.type = CIM_REAL32, .real = 1.5};
    struct cim_value yes = {.type = CIM_BOOLEAN, .sint = 1};
    struct cim_value a = {.type = CIM_CHAR16, .sint = 'a'};
    struct cim_value noon = text("20240101120000.000000+000");
    struct cim_value also_noon = text("20240101130000.000000+060");
    struct cim_value null = value_null(CIM_STRING);
    int order;
    assert_order(big, negative, 1);
    assert_order(real, big, -1);
    assert_order(real, negative, 1);
    assert_order(text("ABC"), text("abd"), -1);
    assert_order(text("ab"), text("ABC"), -1);
    assert_order(text("Same"), text("sAME"), 0);
    assert_order(big, text("18446744073709551615"), 0);
    assert_order(big, text("5"), 1);
    assert_order(yes, text("true"), 0);
    assert_order(a, text("a"), 0);
    noon.type = also_noon.type = CIM_DATETIME;
    assert_order(noon, also_noon, 0);
    assert_hr(cim_compare(&big, &null, &order), WBEM_E_TYPE_MISMATCH);
    struct cim_value words = text("many words");
    assert_hr(cim_compare(&big, &words, &order), WBEM_E_TYPE_MISMATCH);
}

static void access_by_handle(void **state)
{
    (void)state;
    IWbemClassObject *cls, *back = NULL;
    types_schema(&cls);
    IWbemClassObject *o = spawn(cls);
    IWbemObjectAccess *a = NULL;
    CIMTYPE type;
    LONG number, wide, string, used;
    DWORD dword;
    UINT64 qword;
    BSTR name;
    wchar_t buffer[8];
    assert_ok(IWbemClassObject_QueryInterface(o, &IID_IWbemObjectAccess, (void **)&a));
    assert_ok(IWbemObjectAccess_GetPropertyHandle(a, L"p0", &type, &number));
    assert_int_equal(type, CIM_UINT32);
    assert_ok(IWbemObjectAccess_GetPropertyHandle(a, L"P2", NULL, &wide));
    assert_ok(IWbemObjectAccess_GetPropertyHandle(a, L"P1", NULL, &string));
    assert_hr(IWbemObjectAccess_GetPropertyHandle(a, L"P7", NULL, &used), WBEM_E_NOT_SUPPORTED);
    assert_hr(IWbemObjectAccess_GetPropertyHandle(a, L"None", NULL, &used), WBEM_E_NOT_FOUND);
    assert_hr(IWbemObjectAccess_ReadDWORD(a, number, &dword), WBEM_S_FALSE);
    assert_ok(IWbemObjectAccess_WriteDWORD(a, number, 4000000000u));
    assert_ok(IWbemObjectAccess_ReadDWORD(a, number, &dword));
    assert_int_equal(dword, 4000000000u);
    assert_hr(IWbemObjectAccess_ReadQWORD(a, number, &qword), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemObjectAccess_ReadDWORD(a, string, &dword), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemObjectAccess_ReadDWORD(a, wide, &dword), WBEM_S_FALSE);
    assert_hr(IWbemObjectAccess_WriteDWORD(a, wide, 1), WBEM_E_INVALID_PARAMETER);
    assert_ok(IWbemObjectAccess_WriteQWORD(a, wide, (1ull << 40) + 7));
    assert_ok(IWbemObjectAccess_ReadQWORD(a, wide, &qword));
    assert_true(qword == (1ull << 40) + 7);
    assert_ok(IWbemObjectAccess_ReadDWORD(a, wide, &dword));
    assert_int_equal(dword, 7);
    assert_ok(
        IWbemObjectAccess_WritePropertyValue(a, string, sizeof L"text", (const BYTE *)L"text"));
    assert_text(o, L"P1", L"text");
    assert_hr(IWbemObjectAccess_ReadPropertyValue(a, string, 4, &used, (BYTE *)buffer),
              WBEM_E_BUFFER_TOO_SMALL);
    assert_int_equal(used, sizeof L"text");
    assert_ok(IWbemObjectAccess_ReadPropertyValue(a, string, sizeof buffer, &used, (BYTE *)buffer));
    assert_int_equal(wcscmp(buffer, L"text"), 0);
    assert_ok(IWbemObjectAccess_GetPropertyInfoByHandle(a, wide, &name, &type));
    assert_int_equal(wcscmp(name, L"P2"), 0);
    SysFreeString(name);
    assert_hr(IWbemObjectAccess_ReadDWORD(a, 0x7fffff00, &dword), WBEM_E_INVALID_HANDLE_REQUEST);
    assert_ok(IWbemObjectAccess_Lock(a, 0));
    assert_ok(IWbemObjectAccess_Unlock(a, 0));
    assert_hr(IWbemObjectAccess_Unlock(a, 0), WBEM_E_INVALID_OPERATION);
    assert_ok(IWbemObjectAccess_QueryInterface(a, &IID_IWbemClassObject, (void **)&back));
    assert_ptr_equal(back, o);
    IWbemClassObject_Release(back);
    IWbemObjectAccess_Release(a);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
}

/* ---- in place ------------------------------------------------------------------------- */

static void puts_numbers_in_place(void **state)
{
    (void)state;
    IWbemClassObject *cls;
    struct cim_value v;
    types_schema(&cls);
    IWbemClassObject *o = spawn(cls);
    const uint32_t ordinals[] = {0, 2, 5, 1, 99};
    const uint64_t values[] = {1, UINT64_MAX - 1, 0x1ff, 0, 0};
    put_text(o, L"P1", L"stays");
    assert_ok(object_put_uints(o, 7, ordinals, values, 7));
    assert_long(o, L"P0", 1);
    assert_text(o, L"P2", L"18446744073709551614");
    assert_ok(object_get_value(o, 5, &v));
    assert_true(!v.null && v.uint == 0xff); /* as much of it as there is room for */
    assert_text(o, L"P1", L"stays");
    assert_ok(object_put_uints(o, 3, ordinals, values, 2)); /* the first becomes null */
    assert_text(o, L"P0", NULL);
    assert_text(o, L"P2", L"18446744073709551614");
    assert_hr(object_put_uints(o, 8, ordinals, values, 8), WBEM_E_TYPE_MISMATCH);
    assert_hr(object_put_uints(o, 16, ordinals, values, 16), WBEM_E_NOT_FOUND);
    assert_hr(object_put_uints(cls, 1, ordinals, values, 1), WBEM_E_INVALID_PARAMETER);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
}

static void assigns_in_place(void **state)
{
    (void)state;
    IWbemClassObject *cls, *other;
    types_schema(&cls);
    assert_ok(object_create_class(&other));
    put_text(other, L"__CLASS", L"Other");
    put(other, L"P0", NULL, CIM_UINT32);
    IWbemClassObject *a = spawn(cls), *b = spawn(cls), *c = spawn(other);
    put_text(a, L"P1", L"a longer text than the other");
    put_text(b, L"P1", L"short");
    put_long(b, L"P0", 5);
    put_long(a, L"P5", 9);
    assert_ok(object_assign(a, b));
    assert_text(a, L"P1", L"short");
    assert_long(a, L"P0", 5);
    assert_text(a, L"P5", NULL);
    assert_hr(IWbemClassObject_CompareTo(a, WBEM_COMPARISON_INCLUDE_ALL, b), WBEM_S_SAME);
    put_text(b, L"P1", L"a text that is longer than any other");
    assert_ok(object_assign(a, b));
    assert_hr(IWbemClassObject_CompareTo(a, WBEM_COMPARISON_INCLUDE_ALL, b), WBEM_S_SAME);
    assert_hr(object_assign(a, c), WBEM_E_INVALID_CLASS);
    assert_hr(object_assign(a, cls), WBEM_E_INVALID_PARAMETER);
    IWbemClassObject_Release(a);
    IWbemClassObject_Release(b);
    IWbemClassObject_Release(c);
    IWbemClassObject_Release(other);
    IWbemClassObject_Release(cls);
}

/* ---- random objects ------------------------------------------------------------------- */

static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void random_text(wchar_t *out, uint32_t most)
{
    uint32_t length = pick(most);
    for (uint32_t i = 0; i < length; i++) {
        static const uint32_t limits[] = {0x5f, 0xdf, 0x2000, 0x10ffdf};
        uint32_t c = 0x20 + pick(limits[pick(4)]);
        out[i] = (wchar_t)((c & 0xfffff800) == 0xd800 ? 'x' : c);
    }
    out[length] = 0;
}

static void put_random(IWbemClassObject *o, const wchar_t *name, CIMTYPE type)
{
    wchar_t words[40];
    LONG numbers[5];
    if (pick(4) == 0) {
        put(o, name, NULL, 0);
    } else if (type == (CIM_UINT32 | CIM_FLAG_ARRAY)) {
        for (int i = 0; i < 5; i++) {
            numbers[i] = (LONG)pick(1000000);
        }
        put_array(o, name, numbers, pick(6));
    } else if (type == CIM_STRING) {
        random_text(words, 40);
        put_text(o, name, words);
    } else {
        swprintf(words, 40, L"%u", pick(100));
        put_text(o, name, words);
    }
}

static IWbemClassObject *random_class(IWbemClassObject *parent)
{
    static const CIMTYPE types[] = {CIM_STRING,
                                    CIM_UINT8,
                                    CIM_SINT16,
                                    CIM_UINT32,
                                    CIM_SINT64,
                                    CIM_REAL64,
                                    CIM_UINT32 | CIM_FLAG_ARRAY};
    wchar_t name[16], words[30];
    IWbemClassObject *c = NULL;
    if (parent) {
        assert_ok(IWbemClassObject_SpawnDerivedClass(parent, 0, &c));
        IWbemClassObject_Release(parent);
    } else {
        assert_ok(object_create_class(&c));
    }
    swprintf(name, 16, L"C%u", pick(1000000));
    put_text(c, L"__CLASS", name);
    for (uint32_t i = pick(20); i > 0; i--) {
        CIMTYPE type = types[pick(7)];
        swprintf(name, 16, L"P%u", pick(1000));
        if (SUCCEEDED(IWbemClassObject_Get(c, name, 0, NULL, NULL, NULL))) {
            continue;
        }
        put(c, name, NULL, type);
        put_random(c, name, type);
        if (pick(3) == 0) {
            random_text(words, 30);
            assert_ok(try_qualify(c, name, L"Description", VT_BSTR, words,
                                  (LONG)pick(4) | (pick(2) ? WBEM_FLAVOR_AMENDED : 0)));
        }
    }
    return c;
}

static void fill(IWbemClassObject *o)
{
    struct schema *s;
    assert_ok(schema_of(o, &s));
    for (uint32_t i = 0; i < s->property_count; i++) {
        if (pick(3)) {
            put_random(o, s->properties[i].name, s->properties[i].type);
        }
        if (pick(10) == 0) {
            qualify(o, s->properties[i].name, L"Odd");
        }
    }
}

static void assert_round_trip(IWbemClassObject *o)
{
    IWbemClassObject *again = NULL, *third = NULL;
    const uint8_t *bytes, *copy;
    uint32_t size, copy_size;
    assert_ok(object_encoding(o, &bytes, &size));
    assert_ok(object_decode(bytes, size, &again));
    assert_hr(IWbemClassObject_CompareTo(o, 0, again), WBEM_S_SAME);
    /* A clone of what was decoded is encoded anew, and says the same. */
    assert_ok(IWbemClassObject_Clone(again, &third));
    assert_ok(object_encoding(third, &copy, &copy_size));
    assert_int_equal(size, copy_size);
    assert_memory_equal(bytes, copy, size);
    IWbemClassObject_Release(third);
    IWbemClassObject_Release(again);
}

static void random_objects_round_trip(void **state)
{
    (void)state;
    for (seed = 1; seed < 3000000000u; seed = seed * 31 + 7) {
        uint64_t start = seed;
        IWbemClassObject *c = random_class(NULL);
        for (uint32_t depth = pick(4); depth > 0; depth--) {
            c = random_class(c);
        }
        assert_round_trip(c);
        for (int i = 0; i < 20; i++) {
            IWbemClassObject *o = spawn(c);
            fill(o);
            assert_round_trip(o);
            fill(o);
            assert_round_trip(o);
            IWbemClassObject_Release(o);
        }
        IWbemClassObject_Release(c);
        seed = start;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_to_object),    cmocka_unit_test(comparisons),
        cmocka_unit_test(access_by_handle), cmocka_unit_test(puts_numbers_in_place),
        cmocka_unit_test(assigns_in_place), cmocka_unit_test(random_objects_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
