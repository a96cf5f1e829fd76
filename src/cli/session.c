/* Connecting to a namespace, and telling people what went wrong. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wbem.h>

#include "cli.h"

static int exit_code_of(HRESULT hr)
{
    switch ((unsigned)hr) {
    case (unsigned)WBEM_E_NOT_FOUND:
    case (unsigned)WBEM_E_INVALID_CLASS:
    case (unsigned)WBEM_E_INVALID_NAMESPACE:
        return EXIT_NOT_FOUND;
    case (unsigned)WBEM_E_INVALID_QUERY:
    case (unsigned)WBEM_E_INVALID_QUERY_TYPE:
    case (unsigned)WBEM_E_UNPARSABLE_QUERY:
    case (unsigned)WBEM_E_NOT_EVENT_CLASS:
        return EXIT_BAD_QUERY;
    case (unsigned)RPC_E_TIMEOUT:
        return EXIT_TIMEOUT;
    default:
        return EXIT_FAILED;
    }
}

static void put_bstr(const char *label, BSTR text)
{
    if (!text || !*text) {
        return;
    }
    char *utf8 = utf8_from_wide(text, SysStringLen(text));
    if (utf8) {
        fprintf(stderr, "  %s", label);
        put_visible(stderr, utf8);
        fputc('\n', stderr);
    }
    free(utf8);
}

static void put_status_property(IWbemClassObject *status, const wchar_t *name, const char *label)
{
    VARIANT v;
    VariantInit(&v);
    if (SUCCEEDED(IWbemClassObject_Get(status, name, 0, &v, NULL, NULL)) && V_VT(&v) == VT_BSTR) {
        put_bstr(label, V_BSTR(&v));
    }
    VariantClear(&v);
}

/* The code's name, its number, what it means. */
static void put_code(const char *what, HRESULT hr)
{
    const char *name = wbem_status_name(hr);
    const char *meaning = wbem_status_meaning(hr);
    fprintf(stderr, "wbem: can't %s: %s (0x%08x). %s\n", what, name ? name : "unknown error",
            (unsigned)hr, meaning ? meaning : "");
}

int fail_with(const char *what, HRESULT hr, IWbemClassObject *status)
{
    fflush(stdout); /* what came before the failure stands before it */
    put_code(what, hr);
    if (status) {
        put_status_property(status, L"Description", "");
    }
    return exit_code_of(hr);
}

int fail(const char *what, HRESULT hr)
{
    IErrorInfo *info = NULL;
    if (GetErrorInfo(0, &info) != S_OK) {
        return fail_with(what, hr, NULL);
    }
    IWbemClassObject *status = NULL;
    IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&status);
    int code = fail_with(what, hr, status);
    if (status) {
        IWbemClassObject_Release(status);
    } else { /* an error of COM's own */
        BSTR description = NULL;
        if (SUCCEEDED(IErrorInfo_GetDescription(info, &description))) {
            put_bstr("", description);
        }
        SysFreeString(description);
    }
    IErrorInfo_Release(info);
    return code;
}

_Noreturn void die_of_closed_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    _exit(128 + SIGPIPE);
}

int fail_output(void)
{
    if (errno == EPIPE) {
        die_of_closed_pipe();
    }
    perror("wbem: can't write");
    return EXIT_FAILED;
}

/* The errno of the first write that failed: stdio keeps but that one did. */
static int output_error;

bool output_is_broken(void)
{
    bool broken = ferror(stdout) != 0;
    if (broken && !output_error) {
        output_error = errno ? errno : EIO;
    }
    return broken;
}

int finish_output(void)
{
    if (!output_is_broken() && fflush(stdout) == 0) {
        return EXIT_OK;
    }
    errno = output_error ? output_error : errno;
    return fail_output();
}

bool refuse_host(const struct options *o, const char *what)
{
    if (o->host) {
        fprintf(stderr, "wbem: %s is for this machine; --host does not go with it\n", what);
    }
    return o->host != NULL;
}

static void put_trace(void *closure, const char *line)
{
    (void)closure;
    fprintf(stderr, "%s\n", line);
}

/* \\HOST\NAMESPACE, or the namespace alone. */
static BSTR resource_of(const struct options *o)
{
    if (!o->host) {
        return bstr_from_utf8(o->name_space);
    }
    size_t size = strlen(o->host) + strlen(o->name_space) + 4;
    char *text = malloc(size);
    if (!text) {
        return NULL;
    }
    snprintf(text, size, "\\\\%s\\%s", o->host, o->name_space);
    BSTR resource = bstr_from_utf8(text);
    free(text);
    return resource;
}

static HRESULT connect_with(const struct options *o, const struct login *l, IWbemServices **ret)
{
    IWbemLocator *locator = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                                  (void **)&locator);
    if (SUCCEEDED(hr)) {
        BSTR name = resource_of(o), locale = o->locale ? bstr_from_utf8(o->locale) : NULL;
        hr = name && (locale || !o->locale)
                 ? IWbemLocator_ConnectServer(locator, name, l->user, l->password, locale, 0,
                                              l->authority, l->context, ret)
                 : WBEM_E_OUT_OF_MEMORY;
        SysFreeString(name);
        SysFreeString(locale);
        IWbemLocator_Release(locator);
    }
    return hr;
}

bool connect_services(const struct options *o, IWbemServices **ret, int *ret_exit)
{
    struct login login = {0};
    if (o->trace) {
        wbem_set_trace(put_trace, NULL);
    }
    if (o->host) {
        *ret_exit = login_prepare(o, &login);
        if (*ret_exit != EXIT_OK) {
            login_done(&login);
            return false;
        }
    }
    HRESULT hr = connect_with(o, &login, ret);
    login_done(&login);
    if (FAILED(hr)) {
        *ret_exit = fail("connect", hr);
    }
    return SUCCEEDED(hr);
}
