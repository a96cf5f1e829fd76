/* __ConsumerFailureEvent: a consumer of permanent subscriptions has failed (WmiSdk
 * "__ConsumerFailureEvent class"). */
#include "events/events_private.h"

static HRESULT set_text(struct row *r, const wchar_t *name, const wchar_t *text)
{
    uint32_t ordinal;
    HRESULT hr = text ? schema_find(row_schema(r), name, &ordinal) : WBEM_S_FALSE;
    return hr == WBEM_S_NO_ERROR ? row_set_wide(r, ordinal, text) : WBEM_S_NO_ERROR;
}

static HRESULT set_error(struct row *r, IErrorInfo *error)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    if (!error) {
        return WBEM_S_NO_ERROR;
    }
    (void)IErrorInfo_GetDescription(error, &text);
    HRESULT hr = set_text(r, L"ErrorDescription", text);
    if (SUCCEEDED(hr) &&
        SUCCEEDED(IErrorInfo_QueryInterface(error, &IID_IWbemClassObject, (void **)&object))) {
        hr = event_set_object(r, L"ErrorObject", object);
    }
    return hr;
}

HRESULT events_consumer_failed(struct repository_namespace *n, IWbemClassObject *event,
                               const wchar_t *path, HRESULT failure, IErrorInfo *error)
{
    struct schema *s;
    struct row *r = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *told = NULL;
    HRESULT hr = schema_of(event, &s);
    if (FAILED(hr) || schema_is_a(s, L"__EventDroppedEvent")) {
        return hr; /* one failure would lead to the next for ever */
    }
    hr = event_row(n, L"__ConsumerFailureEvent", &r);
    if (SUCCEEDED(hr)) {
        hr = event_set_uint(r, L"ErrorCode", (uint32_t)failure);
    }
    if (SUCCEEDED(hr)) {
        hr = set_error(r, error);
    }
    if (SUCCEEDED(hr)) {
        hr = set_text(r, L"IntendedConsumer", path);
    }
    if (SUCCEEDED(hr)) {
        hr = event_set_object(r, L"Event", event);
    }
    if (SUCCEEDED(hr)) {
        hr = event_encode(r, n, &told);
    }
    row_destroy(r);
    return SUCCEEDED(hr) ? hub_raise(n, told, NULL) : hr;
}
