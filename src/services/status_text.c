/*
 * Status codes in words: wbem_status_name() and wbem_status_meaning(), and the
 * COM object that Microsoft's API has for it, IWbemStatusCodeText (wbemcli/
 * nn-wbemcli-iwbemstatuscodetext).
 */
#include <stdio.h>
#include <stdlib.h>
#include <wbem.h>

#include "services/services_private.h"

WBEM_EXPORT const char *wbem_status_name(HRESULT status)
{
    return com_status_name(status);
}

WBEM_EXPORT const char *wbem_status_meaning(HRESULT status)
{
    return com_status_text(status);
}

/* ---- IWbemStatusCodeText: one object without state serves everyone ---------------- */

static HRESULT STDMETHODCALLTYPE text_query_interface(IWbemStatusCodeText *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemStatusCodeText)) {
        return E_NOINTERFACE;
    }
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE text_add_ref(IWbemStatusCodeText *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE text_release(IWbemStatusCodeText *iface)
{
    return 1;
}

static HRESULT give_text(const char *utf8, LONG flags, BSTR *ret)
{
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (flags & ~WBEMSTATUS_FORMAT_NO_NEWLINE) {
        return WBEM_E_INVALID_PARAMETER;
    }
    char line[256];
    snprintf(line, sizeof(line), "%s%s", utf8, flags & WBEMSTATUS_FORMAT_NO_NEWLINE ? "" : "\n");
    return com_bstr_from_utf8(line, ret);
}

/* Locales other than English are not there; lLocale 0 is the only one that may be asked for. */
static HRESULT STDMETHODCALLTYPE text_get_error_code_text(IWbemStatusCodeText *iface, HRESULT code,
                                                          LCID locale, LONG flags, BSTR *ret)
{
    const char *meaning = wbem_status_meaning(code);
    char number[32];
    snprintf(number, sizeof(number), "error 0x%08x", (unsigned)code);
    return locale ? WBEM_E_INVALID_PARAMETER : give_text(meaning ? meaning : number, flags, ret);
}

static HRESULT STDMETHODCALLTYPE text_get_facility_code_text(IWbemStatusCodeText *iface,
                                                             HRESULT code, LCID locale, LONG flags,
                                                             BSTR *ret)
{
    const char *facility = "System";
    switch (HRESULT_FACILITY(code)) {
    case FACILITY_ITF: /* WMI's codes are of the interface facility */
        facility = "WMI";
        break;
    case FACILITY_RPC:
        facility = "RPC";
        break;
    case FACILITY_WIN32:
        facility = "Windows";
        break;
    case FACILITY_DISPATCH:
        facility = "Dispatch";
        break;
    default:
        break;
    }
    return locale ? WBEM_E_INVALID_PARAMETER : give_text(facility, flags, ret);
}

static const IWbemStatusCodeTextVtbl text_vtbl = {
    .QueryInterface = text_query_interface,
    .AddRef = text_add_ref,
    .Release = text_release,
    .GetErrorCodeText = text_get_error_code_text,
    .GetFacilityCodeText = text_get_facility_code_text,
};

static IWbemStatusCodeText the_text = {&text_vtbl};

HRESULT status_code_text_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    return outer ? CLASS_E_NOAGGREGATION : text_query_interface(&the_text, riid, ret);
}
