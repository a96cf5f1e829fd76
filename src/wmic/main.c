/* One query: connects, runs it, prints the rows as they arrive. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wbem.h>

#include "wmic.h"

#define BATCH 32

static void put_trace(void *closure, const char *line)
{
    (void)closure;
    fprintf(stderr, "%s\n", line);
}

static bool is_here(const struct settings *s)
{
    return strcmp(s->host, ".") == 0 || strcasecmp(s->host, "localhost") == 0;
}

/* Two texts joined, or the second alone. */
static BSTR join(const char *first, const char *between, const char *second)
{
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", first ? first : "", first ? between : "", second) < 0) {
        return NULL;
    }
    BSTR ret = bstr_from_utf8(text);
    explicit_bzero(text, strlen(text));
    free(text);
    return ret;
}

static HRESULT put_context(IWbemContext *context, const wchar_t *name, const char *text)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = bstr_from_utf8(text);
    HRESULT hr = V_BSTR(&v) ? IWbemContext_SetValue(context, name, 0, &v) : WBEM_E_OUT_OF_MEMORY;
    VariantClear(&v);
    return hr;
}

static HRESULT make_context(const struct settings *s, IWbemContext **ret)
{
    char seconds[32];
    HRESULT hr = CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemContext,
                                  (void **)ret);
    if (SUCCEEDED(hr) && s->hash && s->password) {
        hr = put_context(*ret, L"WBEM_NT_HASH", s->password);
    }
    if (SUCCEEDED(hr) && s->timeout > 0) {
        snprintf(seconds, sizeof seconds, "%.3f", s->timeout);
        hr = put_context(*ret, L"WBEM_CONNECT_TIMEOUT", seconds);
        hr = FAILED(hr) ? hr : put_context(*ret, L"WBEM_CALL_TIMEOUT", seconds);
    }
    return hr;
}

static HRESULT connect_to(const struct settings *s, IWbemServices **ret)
{
    IWbemLocator *locator = NULL;
    IWbemContext *context = NULL;
    bool here = is_here(s), secret = s->password && !s->hash && !here;
    char *host = NULL;
    if (asprintf(&host, "\\\\%s", s->host) < 0) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    BSTR place = here ? bstr_from_utf8(s->name_space) : join(host, "\\", s->name_space);
    BSTR user = s->user && !here ? join(s->domain, "\\", s->user) : NULL;
    BSTR password = secret ? bstr_from_utf8(s->password) : NULL;
    HRESULT hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                                  (void **)&locator);
    if (SUCCEEDED(hr)) {
        hr = make_context(s, &context);
    }
    if (SUCCEEDED(hr)) {
        hr =
            IWbemLocator_ConnectServer(locator, place, user, password, NULL, 0, NULL, context, ret);
    }
    if (context) {
        IWbemContext_Release(context);
    }
    if (locator) {
        IWbemLocator_Release(locator);
    }
    if (password) {
        explicit_bzero(password, SysStringByteLen(password));
    }
    SysFreeString(password);
    SysFreeString(user);
    SysFreeString(place);
    free(host);
    return hr;
}

static int print_all(const struct settings *s, IEnumWbemClassObject *e)
{
    struct rows rows = {.to = stdout, .delimiter = s->delimiter};
    HRESULT hr = WBEM_S_NO_ERROR, put = S_OK;
    while (hr == WBEM_S_NO_ERROR && SUCCEEDED(put) && !ferror(stdout)) {
        IWbemClassObject *objects[BATCH];
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, BATCH, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            put = SUCCEEDED(put) ? rows_put(&rows, objects[i]) : put;
            IWbemClassObject_Release(objects[i]);
        }
    }
    rows_done(&rows);
    if (FAILED(hr) || FAILED(put)) {
        return say_failure("Retrieve result data.", FAILED(hr) ? hr : put);
    }
    if (fflush(stdout) != 0) {
        perror("[wmic] ERROR: can't write");
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

static int run(const struct settings *s)
{
    IWbemServices *services = NULL;
    IEnumWbemClassObject *e = NULL;
    if (s->trace) {
        wbem_set_trace(put_trace, NULL);
    }
    HRESULT hr = connect_to(s, &services);
    if (FAILED(hr)) {
        return say_failure("Login to remote object.", hr);
    }
    BSTR language = bstr_from_utf8("WQL"), query = bstr_from_utf8(s->query);
    /* The keys are there too, as the old program's rows had them. */
    hr = language && query
             ? IWbemServices_ExecQuery(services, language, query,
                                       WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY |
                                           WBEM_FLAG_ENSURE_LOCATABLE,
                                       NULL, &e)
             : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(query);
    SysFreeString(language);
    int code = SUCCEEDED(hr) ? print_all(s, e) : say_failure("WMI query execute.", hr);
    if (e) {
        IEnumWbemClassObject_Release(e);
    }
    IWbemServices_Release(services);
    return code;
}

int main(int argc, char **argv)
{
    struct settings s;
    int code;
    use_locale();
    signal(SIGPIPE, SIG_IGN);
    if (settings_parse(&s, argc, argv, &code)) {
        HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
        code = SUCCEEDED(hr) ? run(&s) : say_failure("Initialize COM.", hr);
        CoUninitialize();
    }
    settings_done(&s);
    return code;
}
