/* Parameters and calls for the tests of methods; see methods.h. */
#include "methods.h"

IWbemClassObject *methods_in(IWbemServices *services, const wchar_t *cls, const wchar_t *method)
{
    IWbemClassObject *definition = NULL, *signature = NULL, *in = NULL;
    BSTR name = SysAllocString(cls);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, name, 0, NULL, &definition, NULL));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_GetMethod(definition, method, 0, &signature, NULL));
    assert_non_null(signature);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(signature, 0, &in));
    IWbemClassObject_Release(signature);
    IWbemClassObject_Release(definition);
    SysFreeString(name);
    return in;
}

void methods_put_string(IWbemClassObject *in, const wchar_t *name, const wchar_t *value)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(value);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(in, name, 0, &v, 0));
    VariantClear(&v);
}

void methods_put_long(IWbemClassObject *in, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(in, name, 0, &v, 0));
}

HRESULT methods_call(IWbemServices *services, const wchar_t *path, const wchar_t *method,
                     IWbemClassObject *in, IWbemClassObject **ret_out)
{
    BSTR path_text = path ? SysAllocString(path) : NULL;
    BSTR method_text = method ? SysAllocString(method) : NULL;
    HRESULT hr =
        IWbemServices_ExecMethod(services, path_text, method_text, 0, NULL, in, ret_out, NULL);
    SysFreeString(path_text);
    SysFreeString(method_text);
    if (in) {
        IWbemClassObject_Release(in);
    }
    return hr;
}

LONG methods_result(IWbemServices *services, const wchar_t *path, const wchar_t *method,
                    IWbemClassObject *in)
{
    IWbemClassObject *out = NULL;
    HRESULT hr = methods_call(services, path, method, in, &out);
    if (FAILED(hr)) {
        fail_msg("%ls: 0x%08x %s", method, (unsigned)hr, local_error());
    }
    assert_non_null(out);
    LONG code = local_long(out, L"ReturnValue");
    IWbemClassObject_Release(out);
    return code;
}
