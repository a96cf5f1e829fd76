/*
 * IWbemQualifierSet: what propagates, what may be overridden, what Delete
 * restores; and methods, whose qualifiers follow the same rules.
 */
#include "object/test_support.h"

#define TO_INSTANCE WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE
#define TO_CLASS WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS
#define FIXED WBEM_FLAVOR_NOT_OVERRIDABLE
#define INHERITED WBEM_FLAVOR_ORIGIN_PROPAGATED

static IWbemQualifierSet *set_of(IWbemClassObject *o, const wchar_t *property)
{
    IWbemQualifierSet *set = NULL;
    if (property) {
        assert_ok(IWbemClassObject_GetPropertyQualifierSet(o, property, &set));
    } else {
        assert_ok(IWbemClassObject_GetQualifierSet(o, &set));
    }
    return set;
}

/* The flavor, or -1 when there is no such qualifier; *ret_text (may be NULL) its text. */
static LONG look(IWbemClassObject *o, const wchar_t *property, const wchar_t *name,
                 const wchar_t *expected)
{
    VARIANT v;
    LONG flavor = -1;
    IWbemQualifierSet *set = set_of(o, property);
    VariantInit(&v);
    HRESULT hr = IWbemQualifierSet_Get(set, name, 0, &v, &flavor);
    IWbemQualifierSet_Release(set);
    if (FAILED(hr)) {
        assert_hr(hr, WBEM_E_NOT_FOUND);
        return -1;
    }
    if (expected) {
        assert_int_equal(V_VT(&v), VT_BSTR);
        assert_int_equal(wcscmp(V_BSTR(&v), expected), 0);
    }
    VariantClear(&v);
    return flavor;
}

static HRESULT say(IWbemClassObject *o, const wchar_t *property, const wchar_t *name,
                   const wchar_t *text, LONG flavor)
{
    return try_qualify(o, property, name, VT_BSTR, text, flavor);
}

static HRESULT forget(IWbemClassObject *o, const wchar_t *property, const wchar_t *name)
{
    IWbemQualifierSet *set = set_of(o, property);
    HRESULT hr = IWbemQualifierSet_Delete(set, name);
    IWbemQualifierSet_Release(set);
    return hr;
}

static void cimtype_is_implicit(void **state)
{
    (void)state;
    IWbemClassObject *c = make_my_class(make_base());
    assert_int_equal(look(c, L"Id", L"cimtype", L"sint32"), TO_INSTANCE | TO_CLASS | INHERITED);
    assert_int_equal(look(c, L"Array", L"CIMTYPE", L"uint32"), TO_INSTANCE | TO_CLASS);
    assert_hr(forget(c, L"Array", L"CIMTYPE"), WBEM_E_INVALID_OPERATION);
    put(c, L"Ref", NULL, CIM_REFERENCE);
    assert_int_equal(look(c, L"Ref", L"CIMTYPE", L"ref"), TO_INSTANCE | TO_CLASS);
    assert_ok(say(c, L"Ref", L"CIMTYPE", L"ref:Win32_Process", 0));
    assert_hr(say(c, L"Array", L"CIMTYPE", L"datetime", 0), WBEM_E_TYPE_MISMATCH);
    put(c, L"When", NULL, CIM_STRING);
    assert_ok(say(c, L"When", L"CIMTYPE", L"datetime", 0));
    IWbemClassObject *o = spawn(c);
    assert_int_equal(look(o, L"Ref", L"CIMTYPE", L"ref:Win32_Process"),
                     TO_INSTANCE | TO_CLASS | INHERITED);
    assert_hr(say(o, L"Ref", L"CIMTYPE", L"string", 0), WBEM_E_OVERRIDE_NOT_ALLOWED);
    assert_hr(try_put_text(o, L"When", L"now", 0), WBEM_E_TYPE_MISMATCH);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(c);
}

static void flavors_propagate(void **state)
{
    (void)state;
    IWbemClassObject *c = make_base(), *d = NULL;
    assert_ok(say(c, NULL, L"Local", L"l", 0));
    assert_ok(say(c, NULL, L"Down", L"d", TO_CLASS));
    assert_ok(say(c, NULL, L"Inst", L"i", TO_INSTANCE));
    assert_ok(say(c, L"Id", L"Both", L"b", TO_CLASS | TO_INSTANCE));
    assert_ok(IWbemClassObject_SpawnDerivedClass(c, 0, &d));
    put_text(d, L"__CLASS", L"Derived");
    assert_int_equal(look(d, NULL, L"Local", NULL), -1);
    assert_int_equal(look(d, NULL, L"Inst", NULL), -1);
    assert_int_equal(look(d, NULL, L"Down", L"d"), TO_CLASS | INHERITED);
    assert_int_equal(look(d, L"Id", L"Both", L"b"), TO_CLASS | TO_INSTANCE | INHERITED);
    IWbemClassObject *o = spawn(c);
    assert_int_equal(look(o, NULL, L"Down", NULL), -1);
    assert_int_equal(look(o, NULL, L"Inst", L"i"), TO_INSTANCE | INHERITED);
    assert_int_equal(look(o, L"Id", L"both", L"b"), TO_CLASS | TO_INSTANCE | INHERITED);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(d);
    IWbemClassObject_Release(c);
}

static void overrides_and_what_delete_restores(void **state)
{
    (void)state;
    IWbemClassObject *c = make_base(), *d = NULL;
    assert_ok(say(c, L"Id", L"Free", L"above", TO_CLASS | TO_INSTANCE));
    assert_ok(say(c, L"Id", L"Bound", L"above", TO_CLASS | TO_INSTANCE | FIXED));
    assert_ok(IWbemClassObject_SpawnDerivedClass(c, 0, &d));
    put_text(d, L"__CLASS", L"Derived");
    assert_hr(say(d, L"Id", L"Bound", L"mine", 0), WBEM_E_OVERRIDE_NOT_ALLOWED);
    assert_ok(say(d, L"Id", L"Bound", L"above", 0)); /* no change, so still inherited */
    assert_int_equal(look(d, L"Id", L"Bound", L"above") & INHERITED, INHERITED);
    assert_hr(forget(d, L"Id", L"Free"), WBEM_E_PROPAGATED_QUALIFIER);
    assert_ok(say(d, L"Id", L"Free", L"mine", TO_INSTANCE));
    assert_int_equal(look(d, L"Id", L"Free", L"mine"), TO_INSTANCE);
    assert_hr(forget(d, L"Id", L"Free"), WBEM_S_RESET_TO_DEFAULT);
    assert_int_equal(look(d, L"Id", L"Free", L"above"), TO_CLASS | TO_INSTANCE | INHERITED);
    assert_ok(say(d, L"Id", L"Own", L"x", 0));
    assert_ok(forget(d, L"Id", L"own"));
    assert_hr(forget(d, L"Id", L"own"), WBEM_E_NOT_FOUND);

    IWbemClassObject *o = spawn(d);
    assert_hr(say(o, L"Id", L"Bound", L"mine", 0), WBEM_E_OVERRIDE_NOT_ALLOWED);
    assert_ok(say(o, L"Id", L"Free", L"instance", 0));
    assert_int_equal(look(o, L"Id", L"Free", L"instance"), 0);
    assert_hr(forget(o, L"Id", L"Free"), WBEM_S_RESET_TO_DEFAULT);
    assert_int_equal(look(o, L"Id", L"Free", L"above") & INHERITED, INHERITED);
    assert_hr(forget(o, L"Id", L"Free"), WBEM_E_PROPAGATED_QUALIFIER);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(d);
    IWbemClassObject_Release(c);
}

static void keys(void **state)
{
    (void)state;
    VARIANT_BOOL yes = VARIANT_TRUE;
    IWbemClassObject *c = make_base(), *d = NULL;
    put(c, L"Numbers", NULL, CIM_UINT32 | CIM_FLAG_ARRAY);
    put(c, L"Real", NULL, CIM_REAL64);
    assert_hr(try_qualify(c, L"Numbers", L"key", VT_BOOL, &yes, 0), WBEM_E_CANNOT_BE_KEY);
    assert_hr(try_qualify(c, L"Real", L"key", VT_BOOL, &yes, 0), WBEM_E_CANNOT_BE_KEY);
    assert_hr(try_qualify(c, NULL, L"key", VT_BOOL, &yes, 0), WBEM_E_CANNOT_BE_KEY);
    assert_int_equal(look(c, L"Id", L"key", NULL), TO_CLASS | TO_INSTANCE | FIXED);
    assert_ok(IWbemClassObject_SpawnDerivedClass(c, 0, &d));
    put_text(d, L"__CLASS", L"Derived");
    assert_ok(try_qualify(d, L"Id", L"Key", VT_BOOL, &yes, 0));
    IWbemClassObject *o = spawn(d);
    assert_hr(try_qualify(o, L"Real", L"key", VT_BOOL, &yes, 0), WBEM_E_CANNOT_BE_KEY);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(d);
    IWbemClassObject_Release(c);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    VARIANT v;
    IWbemQualifierSet *set = NULL;
    IWbemClassObject *c = make_base();
    assert_hr(IWbemClassObject_GetPropertyQualifierSet(c, L"__PATH", &set), WBEM_E_SYSTEM_PROPERTY);
    assert_hr(IWbemClassObject_GetPropertyQualifierSet(c, L"None", &set), WBEM_E_NOT_FOUND);
    assert_null(set);
    set = set_of(c, NULL);
    VariantInit(&v);
    V_VT(&v) = VT_I2;
    assert_hr(IWbemQualifierSet_Put(set, L"x", &v, 0), WBEM_E_INVALID_QUALIFIER_TYPE);
    V_VT(&v) = VT_NULL;
    assert_hr(IWbemQualifierSet_Put(set, L"x", &v, 0), WBEM_E_INVALID_QUALIFIER_TYPE);
    V_VT(&v) = VT_I4;
    V_I4(&v) = 1;
    assert_hr(IWbemQualifierSet_Put(set, L"x", &v, 0x100), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemQualifierSet_Put(set, L"_x", &v, 0), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemQualifierSet_Put(set, L"x", NULL, 0), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemQualifierSet_Get(set, NULL, 0, NULL, NULL), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemQualifierSet_BeginEnumeration(set, WBEM_FLAG_SYSTEM_ONLY),
              WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemQualifierSet_Next(set, 0, NULL, NULL, NULL), WBEM_E_UNEXPECTED);
    IWbemQualifierSet_Release(set);
    IWbemClassObject_Release(c);
}

static void names_and_walk(void **state)
{
    (void)state;
    SAFEARRAY *names = NULL;
    LONG upper;
    BSTR name;
    VARIANT v;
    LONG flavor;
    IWbemClassObject *c = make_my_class(make_base());
    assert_ok(say(c, L"Id", L"Mine", L"x", 0));
    IWbemQualifierSet *set = set_of(c, L"Id"); /* CIMTYPE and key from above, Mine */
    IWbemClassObject_Release(c);               /* the set keeps its owner alive */
    assert_ok(IWbemQualifierSet_GetNames(set, WBEM_FLAG_PROPAGATED_ONLY, &names));
    assert_ok(SafeArrayGetUBound(names, 1, &upper));
    assert_int_equal(upper, 1);
    SafeArrayDestroy(names);
    assert_ok(IWbemQualifierSet_BeginEnumeration(set, WBEM_FLAG_LOCAL_ONLY));
    assert_ok(IWbemQualifierSet_Next(set, 0, &name, &v, &flavor));
    assert_int_equal(wcscmp(name, L"Mine"), 0);
    assert_int_equal(flavor, 0);
    SysFreeString(name);
    VariantClear(&v);
    assert_hr(IWbemQualifierSet_Next(set, 0, &name, NULL, NULL), WBEM_S_NO_MORE_DATA);
    assert_ok(IWbemQualifierSet_EndEnumeration(set));
    IWbemQualifierSet_Release(set);
}

static void amended_qualifiers_can_be_left_out(void **state)
{
    (void)state;
    IWbemClassObject *c = make_base(), *plain = NULL;
    assert_ok(say(c, NULL, L"Description", L"text", WBEM_FLAVOR_AMENDED | TO_CLASS));
    assert_ok(say(c, L"Id", L"Description", L"text", WBEM_FLAVOR_AMENDED));
    assert_ok(say(c, L"Id", L"Units", L"pieces", 0));
    assert_ok(object_without_amended(c, &plain));
    assert_int_equal(look(plain, NULL, L"Description", NULL), -1);
    assert_int_equal(look(plain, L"Id", L"Description", NULL), -1);
    assert_int_equal(look(plain, L"Id", L"Units", L"pieces"), 0);
    assert_int_equal(look(c, L"Id", L"Description", L"text"), WBEM_FLAVOR_AMENDED);
    IWbemClassObject_Release(plain);
    IWbemClassObject_Release(c);
}

/* ---- methods --------------------------------------------------------------------------- */

static IWbemClassObject *signature(void)
{
    IWbemClassObject *c = NULL;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"__PARAMETERS");
    return c;
}

static void parameter(IWbemClassObject *s, const wchar_t *name, CIMTYPE type,
                      const wchar_t *direction, LONG id)
{
    put(s, name, NULL, type);
    if (direction) {
        qualify(s, name, direction);
    }
    if (id >= 0) {
        assert_ok(try_qualify(s, name, L"ID", VT_I4, &id, FIXED | TO_INSTANCE));
    }
}

/* uint32 Restart([in] string ServiceName, [out] sint32 Status), [MS-WMIO] 3.2 */
static void methods_round_trip(void **state)
{
    (void)state;
    IWbemClassObject *c = make_my_class(make_base()), *d = NULL, *in = signature(),
                     *out = signature(), *got_in, *got_out, *again = NULL;
    IWbemQualifierSet *set = NULL;
    VARIANT_BOOL yes = VARIANT_TRUE;
    BSTR name;
    parameter(in, L"ServiceName", CIM_STRING, L"in", 0);
    parameter(out, L"Status", CIM_SINT32, L"out", 1);
    parameter(out, L"ReturnValue", CIM_UINT32, L"out", -1);
    assert_ok(IWbemClassObject_PutMethod(c, L"Restart", 0, in, out));
    assert_ok(IWbemClassObject_PutMethod(c, L"Nothing", 0, NULL, NULL));
    assert_ok(IWbemClassObject_GetMethodQualifierSet(c, L"restart", &set));
    assert_ok(put_qualifier(set, L"execute", VT_BOOL, &yes, TO_CLASS));
    IWbemQualifierSet_Release(set);

    const uint8_t *bytes;
    uint32_t size;
    assert_ok(object_encoding(c, &bytes, &size));
    assert_ok(object_decode(bytes, size, &again));
    assert_hr(IWbemClassObject_CompareTo(c, 0, again), WBEM_S_SAME);
    assert_ok(IWbemClassObject_GetMethod(again, L"RESTART", 0, &got_in, &got_out));
    assert_hr(IWbemClassObject_CompareTo(got_in, 0, in), WBEM_S_SAME);
    assert_hr(IWbemClassObject_CompareTo(got_out, 0, out), WBEM_S_SAME);
    IWbemClassObject_Release(got_in);
    IWbemClassObject_Release(got_out);
    assert_ok(IWbemClassObject_GetMethod(again, L"Nothing", 0, &got_in, &got_out));
    assert_null(got_in);
    assert_null(got_out);

    assert_ok(IWbemClassObject_SpawnDerivedClass(again, 0, &d));
    put_text(d, L"__CLASS", L"MyClass3");
    assert_ok(IWbemClassObject_GetMethodOrigin(d, L"Restart", &name));
    assert_int_equal(wcscmp(name, L"MyClass"), 0);
    SysFreeString(name);
    assert_hr(IWbemClassObject_DeleteMethod(d, L"Restart"), WBEM_E_PROPAGATED_METHOD);
    assert_hr(IWbemClassObject_PutMethod(d, L"Restart", 0, NULL, NULL), WBEM_E_PROPAGATED_METHOD);
    assert_ok(IWbemClassObject_PutMethod(d, L"Own", 0, in, NULL));
    assert_ok(IWbemClassObject_BeginMethodEnumeration(d, WBEM_FLAG_LOCAL_ONLY));
    assert_ok(IWbemClassObject_NextMethod(d, 0, &name, &got_in, NULL));
    assert_int_equal(wcscmp(name, L"Own"), 0);
    assert_non_null(got_in);
    SysFreeString(name);
    IWbemClassObject_Release(got_in);
    assert_hr(IWbemClassObject_NextMethod(d, 0, NULL, NULL, NULL), WBEM_S_NO_MORE_DATA);
    assert_ok(IWbemClassObject_EndMethodEnumeration(d));
    assert_hr(IWbemClassObject_NextMethod(d, 0, NULL, NULL, NULL), WBEM_E_UNEXPECTED);
    assert_ok(IWbemClassObject_DeleteMethod(d, L"Own"));
    assert_hr(IWbemClassObject_DeleteMethod(d, L"Own"), WBEM_E_NOT_FOUND);

    IWbemClassObject *o = spawn(d);
    assert_hr(IWbemClassObject_GetMethod(o, L"Restart", 0, NULL, NULL), WBEM_E_ILLEGAL_OPERATION);
    IWbemClassObject *all[] = {o, d, again, out, in, c};
    for (int i = 0; i < 6; i++) {
        IWbemClassObject_Release(all[i]);
    }
}

static void parameter_ids_are_checked(void **state)
{
    (void)state;
    IWbemClassObject *c = make_base(), *in = signature(), *out = signature();
    parameter(in, L"A", CIM_STRING, L"in", -1);
    assert_hr(IWbemClassObject_PutMethod(c, L"M", 0, in, NULL), WBEM_E_MISSING_PARAMETER_ID);
    IWbemClassObject_Release(in);
    in = signature();
    parameter(in, L"A", CIM_STRING, L"in", 1);
    assert_hr(IWbemClassObject_PutMethod(c, L"M", 0, in, NULL),
              WBEM_E_NONCONSECUTIVE_PARAMETER_IDS);
    parameter(in, L"B", CIM_STRING, L"in", 0);
    assert_ok(IWbemClassObject_PutMethod(c, L"M", 0, in, NULL));
    parameter(out, L"A", CIM_UINT32, L"in", 1);
    assert_hr(IWbemClassObject_PutMethod(c, L"M", 0, in, out), WBEM_E_INVALID_DUPLICATE_PARAMETER);
    IWbemClassObject_Release(out);
    out = signature();
    parameter(out, L"ReturnValue", CIM_UINT32, L"out", 2);
    assert_hr(IWbemClassObject_PutMethod(c, L"M", 0, in, out), WBEM_E_PARAMETER_ID_ON_RETVAL);
    assert_hr(IWbemClassObject_PutMethod(c, L"_M", 0, in, NULL), WBEM_E_INVALID_PARAMETER);
    IWbemClassObject_Release(out);
    IWbemClassObject_Release(in);
    IWbemClassObject_Release(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cimtype_is_implicit),
        cmocka_unit_test(flavors_propagate),
        cmocka_unit_test(overrides_and_what_delete_restores),
        cmocka_unit_test(keys),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(names_and_walk),
        cmocka_unit_test(amended_qualifiers_can_be_left_out),
        cmocka_unit_test(methods_round_trip),
        cmocka_unit_test(parameter_ids_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
