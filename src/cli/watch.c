/* wbem watch: events as they come. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "delivery.h"

static HRESULT subscribe(IWbemServices *services, const char *query, IEnumWbemClassObject **ret)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = bstr_from_utf8(query);
    HRESULT hr = language && text
                     ? IWbemServices_ExecNotificationQuery(
                           services, language, text,
                           WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, ret)
                     : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(language);
    SysFreeString(text);
    return hr;
}

int command_watch(const struct options *o)
{
    const char *query = o->arguments[0];
    IWbemServices *services = NULL;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = subscribe(services, query, &e);
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("watch for events", hr);
    }
    return show_answer(o, query, e, "watch for events");
}
