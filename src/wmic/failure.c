/* Failures in the words that plugins look for. */
#include <stdlib.h>

#include "wmic.h"

/* The NTSTATUS that the old program would have had for it. */
static const char *nt_status(HRESULT hr)
{
    static const struct {
        HRESULT hr;
        const char *text;
    } known[] = {
        {E_ACCESSDENIED, "NT_STATUS_ACCESS_DENIED - Access denied"},
        {SEC_E_LOGON_DENIED, "NT_STATUS_ACCESS_DENIED - Access denied"},
        {SEC_E_UNKNOWN_CREDENTIALS, "NT_STATUS_ACCESS_DENIED - Access denied"},
        {SEC_E_NO_CREDENTIALS, "NT_STATUS_ACCESS_DENIED - Access denied"},
        {SEC_E_TIME_SKEW, "NT_STATUS_TIME_DIFFERENCE_AT_DC - Clock skew too great"},
        {HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
         "NT_STATUS_HOST_UNREACHABLE - No route to host or service"},
        {HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "NT_STATUS_CONNECTION_DISCONNECTED - Disconnected"},
        {RPC_E_DISCONNECTED, "NT_STATUS_CONNECTION_DISCONNECTED - Disconnected"},
        {RPC_E_TIMEOUT, "NT_STATUS_IO_TIMEOUT - Timed out"},
        {HRESULT_FROM_WIN32(RPC_S_CALL_CANCELLED), "NT_STATUS_IO_TIMEOUT - Timed out"},
        {WBEM_S_TIMEDOUT, "NT_STATUS_IO_TIMEOUT - Timed out"},
        {E_OUTOFMEMORY, "NT_STATUS_NO_MEMORY - Out of memory"},
        {WBEM_E_OUT_OF_MEMORY, "NT_STATUS_NO_MEMORY - Out of memory"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].hr == hr) {
            return known[i].text;
        }
    }
    return NULL;
}

static void put_explanation(void)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    if (GetErrorInfo(0, &info) != S_OK) {
        return;
    }
    if (SUCCEEDED(IErrorInfo_GetDescription(info, &text)) && text) {
        char *utf8 = utf8_from_wide(text, SysStringLen(text));
        if (utf8) {
            put_visible(stderr, utf8);
            fputc('\n', stderr);
        }
        free(utf8);
    }
    SysFreeString(text);
    IErrorInfo_Release(info);
}

int say_failure(const char *what, HRESULT hr)
{
    const char *status = nt_status(hr);
    fflush(stdout); /* what came before the failure stands before it */
    fprintf(stderr, "[wmic] ERROR: %s\n", what);
    if (status) {
        fprintf(stderr, "NTSTATUS: %s\n", status);
    } else {
        fprintf(stderr, "NTSTATUS: NT code 0x%08x - NT code 0x%08x\n", (unsigned)hr, (unsigned)hr);
    }
    put_explanation();
    return EXIT_FAILED;
}
