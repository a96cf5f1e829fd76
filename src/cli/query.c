/* wbem query and wbem get: objects, through an enumerator. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "delivery.h"

static LONG amended_flag(const struct options *o)
{
    return o->amended ? WBEM_FLAG_USE_AMENDED_QUALIFIERS : 0;
}

static HRESULT exec(IWbemServices *services, const struct options *o, const char *query,
                    IEnumWbemClassObject **ret)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = bstr_from_utf8(query);
    LONG flags = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY | amended_flag(o);
    if (o->system) {
        flags |= WBEM_FLAG_ENSURE_LOCATABLE;
    }
    HRESULT hr = language && text
                     ? IWbemServices_ExecQuery(services, language, text, flags, NULL, ret)
                     : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(language);
    SysFreeString(text);
    return hr;
}

int command_query(const struct options *o)
{
    const char *query = o->arguments[0];
    IWbemServices *services = NULL;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = exec(services, o, query, &e);
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("run the query", hr);
    }
    return show_answer(o, query, e, "run the query");
}

int command_get(const struct options *o)
{
    IWbemServices *services = NULL;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    IWbemClassObject *object = NULL;
    BSTR path = bstr_from_utf8(o->arguments[0]);
    HRESULT hr = path
                     ? IWbemServices_GetObject(services, path, amended_flag(o), NULL, &object, NULL)
                     : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(path);
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("get the object", hr);
    }

    struct options shown = *o;
    if (shown.format == FORMAT_AUTO) {
        shown.format = FORMAT_LIST;
    }
    struct output *out = output_create(&shown, NULL, stdout);
    bool fine = out && output_object(out, object);
    fine = output_destroy(out) && fine;
    IWbemClassObject_Release(object);
    return fine ? EXIT_OK : fail_output();
}
