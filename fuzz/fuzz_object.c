/*
 * Object blocks of [MS-WMIO]: refused, or encoded again as the same bytes, read
 * in every part without harm, and after a change still an object that decodes.
 */
#include "fuzz.h"

#include "com/com.h"
#include "object/object.h"

static void read_set(IWbemQualifierSet *set)
{
    BSTR name;
    VARIANT v;
    LONG flavor;
    FUZZ_ASSERT(SUCCEEDED(IWbemQualifierSet_BeginEnumeration(set, 0)));
    while (IWbemQualifierSet_Next(set, 0, &name, &v, &flavor) == WBEM_S_NO_ERROR) {
        SysFreeString(name);
        VariantClear(&v);
    }
    IWbemQualifierSet_Release(set);
}

static void read_properties(IWbemClassObject *o)
{
    IWbemQualifierSet *set;
    BSTR name;
    VARIANT v;
    CIMTYPE type;
    LONG flavor;
    FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_BeginEnumeration(o, 0)));
    HRESULT hr;
    while ((hr = IWbemClassObject_Next(o, 0, &name, &v, &type, &flavor)) == WBEM_S_NO_ERROR) {
        if (flavor != WBEM_FLAVOR_ORIGIN_SYSTEM &&
            SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(o, name, &set))) {
            read_set(set);
        }
        SysFreeString(name);
        VariantClear(&v);
    }
    FUZZ_ASSERT(hr == WBEM_S_NO_MORE_DATA);
    FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_GetQualifierSet(o, &set)));
    read_set(set);
}

static void read_methods(IWbemClassObject *o)
{
    IWbemClassObject *in, *out;
    BSTR name;
    if (FAILED(IWbemClassObject_BeginMethodEnumeration(o, 0))) {
        return;
    }
    while (IWbemClassObject_NextMethod(o, 0, &name, &in, &out) == WBEM_S_NO_ERROR) {
        SysFreeString(name);
        com_release((IUnknown *)in);
        com_release((IUnknown *)out);
    }
}

/* Its own encoding, made anew, decodes to something equal. */
static void change(IWbemClassObject *o)
{
    IWbemClassObject *copy = NULL, *again = NULL;
    const uint8_t *bytes;
    uint32_t size;
    struct schema *s;
    FUZZ_ASSERT(SUCCEEDED(IWbemClassObject_Clone(o, &copy)));
    FUZZ_ASSERT(SUCCEEDED(schema_of(copy, &s)));
    for (uint32_t i = 0; i < schema_property_count(s) && i < 8; i++) {
        (void)IWbemClassObject_Delete(copy, schema_property_name(s, i));
        FUZZ_ASSERT(SUCCEEDED(schema_of(copy, &s)));
    }
    FUZZ_ASSERT(SUCCEEDED(object_encoding(copy, &bytes, &size)));
    FUZZ_ASSERT(SUCCEEDED(object_decode(bytes, size, &again)));
    FUZZ_ASSERT(IWbemClassObject_CompareTo(copy, 0, again) == WBEM_S_SAME);
    IWbemClassObject_Release(again);
    IWbemClassObject_Release(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IWbemClassObject *o = NULL;
    const uint8_t *bytes;
    uint32_t encoded;
    HRESULT hr = object_decode(data, size, &o);
    FUZZ_ASSERT(hr == WBEM_S_NO_ERROR || hr == WBEM_E_INVALID_OBJECT);
    if (FAILED(hr)) {
        return 0;
    }
    FUZZ_ASSERT(SUCCEEDED(object_encoding(o, &bytes, &encoded)));
    FUZZ_ASSERT(encoded == size && memcmp(bytes, data, size) == 0);
    read_properties(o);
    read_methods(o);
    BSTR text = NULL;
    if (SUCCEEDED(IWbemClassObject_GetObjectText(o, 0, &text))) {
        SysFreeString(text);
    }
    change(o);
    IWbemClassObject_Release(o);
    return 0;
}
