/*
 * IWbemObjectTextSrc (wbemcli/nn-wbemcli-iwbemobjecttextsrc): objects as XML
 * and back. One object without state serves everyone.
 */
#include <string.h>
#include <wchar.h>

#include "xml/xml.h"
#include "xml/xml_private.h"

static HRESULT STDMETHODCALLTYPE text_query_interface(IWbemObjectTextSrc *iface, REFIID riid,
                                                      void **ret)
{
    if (ret == NULL) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectTextSrc)) {
        return E_NOINTERFACE;
    }
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE text_add_ref(IWbemObjectTextSrc *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE text_release(IWbemObjectTextSrc *iface)
{
    (void)iface;
    return 1;
}

/* ---- options ------------------------------------------------------------------------ */

static HRESULT read_flag(IWbemContext *context, const char *operation, const wchar_t *name,
                         bool *value)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    if (context == NULL || FAILED(IWbemContext_GetValue(context, name, 0, &v))) {
        return WBEM_S_NO_ERROR;
    }
    if (V_VT(&v) != VT_BOOL) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
        return error_raise(WBEM_E_INVALID_CONTEXT, operation, text,
                           "the context's value %s must be a boolean", text);
    }
    *value = V_BOOL(&v) != VARIANT_FALSE;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_level(IWbemContext *context, const char *operation, LONG *level)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    if (context == NULL || FAILED(IWbemContext_GetValue(context, L"PathLevel", 0, &v))) {
        return WBEM_S_NO_ERROR;
    }
    if (V_VT(&v) != VT_I4 || V_I4(&v) < 0 || V_I4(&v) > 3) {
        return error_raise(WBEM_E_INVALID_CONTEXT, operation, "PathLevel",
                           "the context's value PathLevel must be a number from 0 to 3");
    }
    *level = V_I4(&v);
    return WBEM_S_NO_ERROR;
}

static HRESULT read_options(IWbemContext *context, const char *operation, ULONG format,
                            struct xml_options *ret)
{
    *ret = (struct xml_options){.wmi = format == WMI_OBJ_TEXT_WMI_DTD_2_0};
    if (format != WMI_OBJ_TEXT_CIM_DTD_2_0 && format != WMI_OBJ_TEXT_WMI_DTD_2_0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "uObjTextFormat",
                           "the formats are WMI_OBJ_TEXT_CIM_DTD_2_0 and "
                           "WMI_OBJ_TEXT_WMI_DTD_2_0, not %u",
                           (unsigned)format);
    }
    const struct {
        const wchar_t *name;
        bool *value;
    } flags[] = {
        {L"LocalOnly", &ret->local_only},
        {L"IncludeQualifiers", &ret->qualifiers},
        {L"ExcludeSystemProperties", &ret->no_system},
        {L"IncludeClassOrigin", &ret->class_origin},
    };
    HRESULT hr = read_level(context, operation, &ret->path_level);
    for (size_t i = 0; SUCCEEDED(hr) && i < ARRAYSIZE(flags); i++) {
        hr = read_flag(context, operation, flags[i].name, flags[i].value);
    }
    return hr;
}

/* ---- the methods ---------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE text_get(IWbemObjectTextSrc *iface, LONG flags,
                                          IWbemClassObject *object, ULONG format,
                                          IWbemContext *context, BSTR *ret)
{
    struct xml_options options;
    CLEANUP(com_cleanup_free) char *text = NULL;
    (void)iface;
    if (object == NULL || ret == NULL || flags != 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "GetText",
                           object == NULL ? "pObj"
                           : ret == NULL  ? "strText"
                                          : "lFlags",
                           "the parameter must %s", flags != 0 ? "be 0" : "not be NULL");
    }
    *ret = NULL;
    HRESULT hr = read_options(context, "GetText", format, &options);
    if (SUCCEEDED(hr)) {
        hr = xml_write(object, &options, &text);
    }
    if (SUCCEEDED(hr)) {
        hr = com_bstr_from_utf8(text, ret);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE text_create(IWbemObjectTextSrc *iface, LONG flags, BSTR text,
                                             ULONG format, IWbemContext *context,
                                             IWbemClassObject **ret)
{
    struct xml_options options;
    (void)iface;
    if (text == NULL || ret == NULL || flags != 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "CreateFromText",
                           text == NULL  ? "strText"
                           : ret == NULL ? "pNewObj"
                                         : "lFlags",
                           "the parameter must %s", flags != 0 ? "be 0" : "not be NULL");
    }
    *ret = NULL;
    HRESULT hr = read_options(context, "CreateFromText", format, &options);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    return utf8 != NULL ? xml_read("CreateFromText", utf8, strlen(utf8), ret)
                        : WBEM_E_OUT_OF_MEMORY;
}

static const IWbemObjectTextSrcVtbl text_vtbl = {text_query_interface, text_add_ref, text_release,
                                                 text_get, text_create};

HRESULT object_text_src_create(IUnknown *outer, REFIID riid, void **ret)
{
    static IWbemObjectTextSrc source = {&text_vtbl};
    *ret = NULL;
    return outer != NULL ? CLASS_E_NOAGGREGATION : text_query_interface(&source, riid, ret);
}
