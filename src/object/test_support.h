/*
 * What the tests of the object model share: shorthand for making classes and
 * reading properties, each failing the test when the call does.
 */
#ifndef WBEM_OBJECT_TEST_SUPPORT_H
#define WBEM_OBJECT_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#ifndef COBJMACROS
#define COBJMACROS
#endif
#include "object/object_private.h"

#define assert_ok(call) assert_int_equal((call), WBEM_S_NO_ERROR)
#define assert_hr(call, expected) assert_int_equal((unsigned)(call), (unsigned)(expected))

static inline void put(IWbemClassObject *o, const wchar_t *name, VARIANT *v, CIMTYPE type)
{
    assert_ok(IWbemClassObject_Put(o, name, 0, v, type));
}

static inline HRESULT try_put_text(IWbemClassObject *o, const wchar_t *name, const wchar_t *text,
                                   CIMTYPE type)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    HRESULT hr = IWbemClassObject_Put(o, name, 0, &v, type);
    VariantClear(&v);
    return hr;
}

static inline void put_text(IWbemClassObject *o, const wchar_t *name, const wchar_t *text)
{
    assert_ok(try_put_text(o, name, text, 0));
}

static inline HRESULT try_put_long(IWbemClassObject *o, const wchar_t *name, LONG number,
                                   CIMTYPE type)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_I4;
    V_I4(&v) = number;
    return IWbemClassObject_Put(o, name, 0, &v, type);
}

static inline void put_long(IWbemClassObject *o, const wchar_t *name, LONG number)
{
    assert_ok(try_put_long(o, name, number, 0));
}

static inline HRESULT put_qualifier(IWbemQualifierSet *set, const wchar_t *name, VARTYPE type,
                                    const void *value, LONG flavor)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = type;
    if (type == VT_BSTR) {
        V_BSTR(&v) = SysAllocString(value);
    } else if (type == VT_BOOL) {
        V_BOOL(&v) = *(const VARIANT_BOOL *)value;
    } else {
        V_I4(&v) = *(const LONG *)value;
    }
    HRESULT hr = IWbemQualifierSet_Put(set, name, &v, flavor);
    VariantClear(&v);
    return hr;
}

/* property NULL: of the class itself. */
static inline HRESULT try_qualify(IWbemClassObject *o, const wchar_t *property, const wchar_t *name,
                                  VARTYPE type, const void *value, LONG flavor)
{
    IWbemQualifierSet *set = NULL;
    if (property) {
        assert_ok(IWbemClassObject_GetPropertyQualifierSet(o, property, &set));
    } else {
        assert_ok(IWbemClassObject_GetQualifierSet(o, &set));
    }
    HRESULT hr = put_qualifier(set, name, type, value, flavor);
    IWbemQualifierSet_Release(set);
    return hr;
}

static inline void qualify(IWbemClassObject *o, const wchar_t *property, const wchar_t *name)
{
    VARIANT_BOOL yes = VARIANT_TRUE;
    assert_ok(try_qualify(o, property, name, VT_BOOL, &yes, 0));
}

static inline void assert_text(IWbemClassObject *o, const wchar_t *name, const wchar_t *expected)
{
    VARIANT v;
    VariantInit(&v);
    assert_ok(IWbemClassObject_Get(o, name, 0, &v, NULL, NULL));
    if (expected) {
        assert_int_equal(V_VT(&v), VT_BSTR);
        assert_int_equal(wcscmp(V_BSTR(&v), expected), 0);
    } else {
        assert_int_equal(V_VT(&v), VT_NULL);
    }
    VariantClear(&v);
}

static inline void assert_long(IWbemClassObject *o, const wchar_t *name, LONG expected)
{
    VARIANT v;
    VariantInit(&v);
    assert_ok(IWbemClassObject_Get(o, name, 0, &v, NULL, NULL));
    assert_int_equal(V_VT(&v), VT_I4);
    assert_int_equal(V_I4(&v), expected);
    VariantClear(&v);
}

static inline LONG flavor_of(IWbemClassObject *o, const wchar_t *name)
{
    LONG flavor = -1;
    assert_ok(IWbemClassObject_Get(o, name, 0, NULL, NULL, &flavor));
    return flavor;
}

/* class Base { [key] sint32 Id; } of [MS-WMIO] 3 */
static inline IWbemClassObject *make_base(void)
{
    IWbemClassObject *c = NULL;
    assert_ok(object_create_class(&c));
    put_text(c, L"__CLASS", L"Base");
    put(c, L"Id", NULL, CIM_SINT32);
    qualify(c, L"Id", L"key");
    return c;
}

/* class MyClass of the same section; takes the superclass. */
static inline IWbemClassObject *make_my_class(IWbemClassObject *base)
{
    IWbemClassObject *c = NULL;
    assert_ok(IWbemClassObject_SpawnDerivedClass(base, 0, &c));
    IWbemClassObject_Release(base);
    put_text(c, L"__CLASS", L"MyClass");
    assert_ok(try_qualify(c, NULL, L"Description", VT_BSTR, L"MyClass Example", 0));
    put(c, L"Data1", NULL, CIM_STRING);
    qualify(c, L"Data1", L"read");
    qualify(c, L"Data1", L"write");
    put_text(c, L"Data2", L"defaultValue");
    put(c, L"Array", NULL, CIM_UINT32 | CIM_FLAG_ARRAY);
    return c;
}

static inline IWbemClassObject *spawn(IWbemClassObject *cls)
{
    IWbemClassObject *o = NULL;
    assert_ok(IWbemClassObject_SpawnInstance(cls, 0, &o));
    return o;
}

static inline void put_array(IWbemClassObject *o, const wchar_t *name, const LONG *numbers,
                             ULONG count)
{
    VARIANT v;
    LONG *data;
    VariantInit(&v);
    V_VT(&v) = VT_ARRAY | VT_I4;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_I4, 0, count);
    assert_ok(SafeArrayAccessData(V_ARRAY(&v), (void **)&data));
    memcpy(data, numbers, count * sizeof *numbers);
    SafeArrayUnaccessData(V_ARRAY(&v));
    put(o, name, &v, 0);
    VariantClear(&v);
}

#endif
