/*
 * GetObjectText of random classes and instances: every type, values at their
 * extremes, qualifiers with every flavor, methods, embedded objects, and text
 * that needs escapes. What prints compiles to an equal object.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "com/com.h"
#include "mof/test_target.h"
#include "object/object.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ROUNDS 400u
#define MAX_ITEMS 4u

static struct test_target target;
static uint64_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 33) % below;
}

/* ---- values ------------------------------------------------------------------ */

static const CIMTYPE types[] = {
    CIM_SINT8,    CIM_UINT8,     CIM_SINT16, CIM_UINT16, CIM_SINT32, CIM_UINT32,
    CIM_SINT64,   CIM_UINT64,    CIM_REAL32, CIM_REAL64, CIM_STRING, CIM_BOOLEAN,
    CIM_DATETIME, CIM_REFERENCE, CIM_CHAR16, CIM_OBJECT,
};

/* An end of the type's range, zero, or anything between. */
static int64_t random_number(int64_t low, int64_t high)
{
    switch (chance(4)) {
    case 0:
        return low;
    case 1:
        return high;
    case 2:
        return 0;
    default:
        return low + chance((uint32_t)(high - low));
    }
}

static BSTR random_text(void)
{
    static const wchar_t samples[] = L"abz \"\\\n\r\t\b\f'\x01\x1f\x7f\xa0\xe9\x263a\xffff{};$/*";
    wchar_t text[16];
    uint32_t length = chance(12);
    for (uint32_t i = 0; i < length; i++) {
        uint32_t kind = chance(8);
        text[i] = kind == 0   ? (wchar_t)(0x10000 + chance(0x100000)) /* beyond the BMP */
                  : kind == 1 ? (wchar_t)(0xd800 + chance(0x400))     /* half of a pair */
                              : samples[chance(sizeof samples / sizeof *samples - 1)];
    }
    return SysAllocStringLen(text, length);
}

static BSTR random_datetime(void)
{
    static const wchar_t *const moments[] = {
        L"20240229235959.999999+060", L"00010101000000.000000-720", L"99999999235959.999999:000",
        L"00000000000000.000000:000", L"2024**********.******+***", L"19991231******.******+000",
    };
    return SysAllocString(moments[chance(sizeof moments / sizeof moments[0])]);
}

static BSTR random_long(CIMTYPE type)
{
    static const wchar_t *const with_sign[] = {L"-9223372036854775808", L"9223372036854775807",
                                               L"0", L"-1"};
    static const wchar_t *const without[] = {L"18446744073709551615", L"9223372036854775808", L"0",
                                             L"4294967296"};
    return SysAllocString(type == CIM_SINT64 ? with_sign[chance(4)] : without[chance(4)]);
}

static double random_real(bool narrow)
{
    static const double wide[] = {0.0,     -0.0,           0.1,  DBL_MAX,   -DBL_MAX, DBL_MIN,
                                  DBL_MIN, 4.9406565e-324, 1e22, 123456.789};
    static const float small[] = {0.0F, -0.0F, 0.1F, FLT_MAX, FLT_MIN, 1.401298e-45F, 1e10F, -2.5F};
    return narrow ? (double)small[chance(sizeof small / sizeof small[0])]
                  : wide[chance(sizeof wide / sizeof wide[0])];
}

static IWbemClassObject *random_embedded(void);

static void random_value(CIMTYPE type, VARIANT *ret)
{
    VariantInit(ret);
    V_VT(ret) = cim_variant_type(type);
    switch (type) {
    case CIM_SINT8:
        V_I2(ret) = (SHORT)random_number(INT8_MIN, INT8_MAX);
        break;
    case CIM_UINT8:
        V_UI1(ret) = (BYTE)random_number(0, UINT8_MAX);
        break;
    case CIM_SINT16:
        V_I2(ret) = (SHORT)random_number(INT16_MIN, INT16_MAX);
        break;
    case CIM_CHAR16: /* as its bits */
        V_I2(ret) = (SHORT)random_number(0, UINT16_MAX);
        break;
    case CIM_UINT16:
        V_I4(ret) = (LONG)random_number(0, UINT16_MAX);
        break;
    case CIM_SINT32:
    case CIM_UINT32: /* as its bits */
        V_I4(ret) = (LONG)random_number(INT32_MIN, INT32_MAX);
        break;
    case CIM_SINT64:
    case CIM_UINT64:
        V_BSTR(ret) = random_long(type);
        break;
    case CIM_REAL32:
        V_R4(ret) = (float)random_real(true);
        break;
    case CIM_REAL64:
        V_R8(ret) = random_real(false);
        break;
    case CIM_BOOLEAN:
        V_BOOL(ret) = chance(2) ? VARIANT_TRUE : VARIANT_FALSE;
        break;
    case CIM_DATETIME:
        V_BSTR(ret) = random_datetime();
        break;
    case CIM_REFERENCE:
        V_BSTR(ret) =
            SysAllocString(chance(2) ? L"\\\\.\\root\\test:In.k=\"a\\\"b\"" : L"In.k=\"\"");
        break;
    case CIM_OBJECT:
        V_UNKNOWN(ret) = (IUnknown *)random_embedded();
        break;
    default:
        V_BSTR(ret) = random_text();
        break;
    }
}

static void random_array(CIMTYPE type, VARIANT *ret)
{
    VARTYPE item_type = cim_variant_type(type);
    ULONG count = chance(MAX_ITEMS + 1);
    SAFEARRAY *array = SafeArrayCreateVector(item_type, 0, count);
    assert_non_null(array);
    for (LONG i = 0; i < (LONG)count; i++) {
        VARIANT item;
        random_value(type, &item);
        bool pointer = item_type == VT_BSTR || item_type == VT_UNKNOWN;
        void *data = item_type == VT_BSTR      ? (void *)V_BSTR(&item)
                     : item_type == VT_UNKNOWN ? (void *)V_UNKNOWN(&item)
                                               : (void *)&V_I4(&item);
        assert_true(!pointer || data != NULL);
        assert_int_equal(SafeArrayPutElement(array, &i, data), S_OK);
        VariantClear(&item);
    }
    VariantInit(ret);
    V_VT(ret) = VT_ARRAY | item_type;
    V_ARRAY(ret) = array;
}

/* ---- qualifiers -------------------------------------------------------------------- */

static void random_qualifiers(IWbemQualifierSet *set)
{
    static const CIMTYPE of_qualifiers[] = {CIM_SINT32, CIM_REAL64, CIM_BOOLEAN, CIM_STRING};
    static const LONG flavors[] = {WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE,
                                   WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS,
                                   WBEM_FLAVOR_NOT_OVERRIDABLE, WBEM_FLAVOR_AMENDED};
    uint32_t count = chance(4);
    for (uint32_t i = 0; i < count; i++) {
        wchar_t name[8];
        VARIANT value;
        LONG flavor = 0;
        CIMTYPE type = of_qualifiers[chance(4)];
        (void)swprintf(name, 8, L"Q%u", i);
        if (chance(3) == 0) {
            /* An empty array has no type that its text could tell. */
            do {
                random_array(type, &value);
                if (V_ARRAY(&value)->rgsabound[0].cElements > 0) {
                    break;
                }
                VariantClear(&value);
            } while (true);
        } else {
            random_value(type, &value);
        }
        for (size_t f = 0; f < sizeof flavors / sizeof flavors[0]; f++) {
            flavor |= chance(2) ? flavors[f] : 0;
        }
        assert_int_equal(IWbemQualifierSet_Put(set, name, &value, flavor), WBEM_S_NO_ERROR);
        VariantClear(&value);
    }
    IWbemQualifierSet_Release(set);
}

static void set_flag(IWbemClassObject *cls, const wchar_t *property, const wchar_t *name)
{
    IWbemQualifierSet *set;
    VARIANT value;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    assert_int_equal(IWbemClassObject_GetPropertyQualifierSet(cls, property, &set),
                     WBEM_S_NO_ERROR);
    assert_int_equal(IWbemQualifierSet_Put(set, name, &value,
                                           WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                               WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS |
                                               WBEM_FLAVOR_NOT_OVERRIDABLE),
                     WBEM_S_NO_ERROR);
    IWbemQualifierSet_Release(set);
}

/* ---- classes ----------------------------------------------------------------------- */

static void set_name(IWbemClassObject *cls, const wchar_t *name)
{
    VARIANT value;
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(name);
    assert_int_equal(IWbemClassObject_Put(cls, L"__CLASS", 0, &value, 0), WBEM_S_NO_ERROR);
    VariantClear(&value);
}

static void keep_class(IWbemClassObject *cls)
{
    struct mof_target functions = test_target_of(&target);
    assert_int_equal(functions.put_class(functions.closure, L"root\\test", cls, 0),
                     WBEM_S_NO_ERROR);
}

/* Of every type one property and one array; an instance leaves some as they are. */
static void random_properties(IWbemClassObject *object, bool is_class, const wchar_t *prefix)
{
    for (size_t i = 0; i < 2 * sizeof types / sizeof types[0]; i++) {
        CIMTYPE type = types[i / 2];
        wchar_t name[16];
        VARIANT value;
        bool array = i % 2;
        (void)swprintf(name, 16, L"%ls%zu", prefix, i);
        CIMTYPE whole = type | (array ? CIM_FLAG_ARRAY : 0);
        bool absent = chance(3) == 0 || (is_class && type == CIM_OBJECT);
        if (absent && !is_class) {
            continue;
        }
        VariantInit(&value);
        if (!absent && array) {
            random_array(type, &value);
        } else if (!absent) {
            random_value(type, &value);
        }
        HRESULT hr =
            IWbemClassObject_Put(object, name, 0, absent ? NULL : &value, is_class ? whole : 0);
        if (hr != WBEM_S_NO_ERROR) {
            fail_msg("%ls of type %d: 0x%x", name, (int)whole, (unsigned)hr);
        }
        VariantClear(&value);
        IWbemQualifierSet *set;
        if (is_class && chance(3) == 0) {
            assert_int_equal(IWbemClassObject_GetPropertyQualifierSet(object, name, &set),
                             WBEM_S_NO_ERROR);
            random_qualifiers(set);
        }
    }
}

static IWbemClassObject *new_class(const wchar_t *name, const wchar_t *prefix)
{
    IWbemClassObject *cls;
    IWbemQualifierSet *set;
    VARIANT none;
    VariantInit(&none);
    assert_int_equal(object_create_class(&cls), WBEM_S_NO_ERROR);
    set_name(cls, name);
    assert_int_equal(IWbemClassObject_Put(cls, L"k", 0, NULL, CIM_STRING), WBEM_S_NO_ERROR);
    set_flag(cls, L"k", L"key");
    random_properties(cls, true, prefix);
    assert_int_equal(IWbemClassObject_GetQualifierSet(cls, &set), WBEM_S_NO_ERROR);
    random_qualifiers(set);
    return cls;
}

static IWbemClassObject *random_embedded(void)
{
    IWbemClassObject *object;
    VARIANT value;
    IWbemClassObject *cls = test_target_class(&target, L"In");
    assert_non_null(cls);
    assert_int_equal(IWbemClassObject_SpawnInstance(cls, 0, &object), WBEM_S_NO_ERROR);
    if (chance(2)) {
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = random_text();
        assert_int_equal(IWbemClassObject_Put(object, L"k", 0, &value, 0), WBEM_S_NO_ERROR);
        VariantClear(&value);
    }
    return object;
}

/* ---- there and back ---------------------------------------------------------------- */

static char *text_of(IWbemClassObject *object)
{
    BSTR text = NULL;
    assert_int_equal(IWbemClassObject_GetObjectText(object, 0, &text), WBEM_S_NO_ERROR);
    char *utf8 = com_utf8_from_wide_n(text, SysStringLen(text));
    assert_non_null(utf8);
    SysFreeString(text);
    return utf8;
}

static void round_trip(IWbemClassObject *object, bool is_class)
{
    struct mof_target functions = test_target_of(&target);
    struct mof_error e;
    size_t before = target.class_count + target.instance_count;
    char *text = text_of(object);
    if (FAILED(mof_compile("t.mof", text, strlen(text), L"root\\test", &functions, &e))) {
        fail_msg("%u:%u: '%s': %s (0x%x) in\n%s", (unsigned)e.line, (unsigned)e.column, e.token,
                 e.message, (unsigned)e.status, text);
    }
    assert_int_equal(target.class_count + target.instance_count, before + 1);
    IWbemClassObject *again = is_class ? target.classes[target.class_count - 1].object
                                       : target.instances[target.instance_count - 1].object;
    char *text_again = text_of(again);
    assert_string_equal(text_again, text);
    if (IWbemClassObject_CompareTo(object, WBEM_FLAG_IGNORE_OBJECT_SOURCE, again) !=
        WBEM_S_NO_ERROR) {
        fail_msg("not equal after compiling\n%s", text);
    }
    free(text_again);
    free(text);
}

static void what_prints_compiles_to_the_same(void **state)
{
    static const char in[] = "class In { [key] string k; };";
    struct mof_target functions = test_target_of(&target);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        IWbemClassObject *base, *derived, *instance;
        state_of_chance = round * UINT64_C(0x9e3779b97f4a7c15);
        assert_int_equal(mof_compile("in", in, sizeof in - 1, L"root\\test", &functions, NULL),
                         WBEM_S_NO_ERROR);

        base = new_class(L"Base", L"b");
        keep_class(base);
        round_trip(base, true);
        assert_int_equal(IWbemClassObject_SpawnDerivedClass(base, 0, &derived), WBEM_S_NO_ERROR);
        set_name(derived, L"Derived");
        random_properties(derived, true, L"d");
        keep_class(derived);
        round_trip(derived, true);

        assert_int_equal(IWbemClassObject_SpawnInstance(derived, 0, &instance), WBEM_S_NO_ERROR);
        random_properties(instance, false, L"b");
        random_properties(instance, false, L"d");
        round_trip(instance, false);
        IWbemClassObject_Release(instance);
        IWbemClassObject_Release(derived);
        IWbemClassObject_Release(base);
        test_target_done(&target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_prints_compiles_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
