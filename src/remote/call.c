/* Calls on another host, and what is said when they fail. */
#include "remote/remote_private.h"

#include <string.h>

#include "auth/auth.h"
#include "object/object.h"

const IID remote_iid_fetch_smart_enum = {
    0x1c1c45ee, 0x4395, 0x11d2, {0xb6, 0x0b, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
const IID remote_iid_smart_enum = {
    0x423ec01e, 0x2e35, 0x11d2, {0xb6, 0x04, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};

struct remote_host *remote_host_ref(struct remote_host *h)
{
    (void)com_ref_inc(&h->refs);
    return h;
}

void remote_host_unref(struct remote_host *h)
{
    if (h && com_ref_dec(&h->refs) == 0) {
        dcom_client_unref(h->client);
        remote_settings_done(&h->settings);
        auth_credentials_unref(h->security.credentials);
        free(h->target);
        free(h->locale);
        free(h->name);
        free(h);
    }
}

HRESULT remote_explain(const struct remote_host *h, HRESULT hr, bool replied, IErrorInfo *error,
                       const char *step)
{
    /* N15: programs know a lost connection by three codes; that nothing was sent yet is a fourth.
     */
    if (hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE)) {
        hr = HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
    }
    /* That the logon was refused is for them, as on Windows, that access was. */
    if (hr == SEC_E_LOGON_DENIED) {
        hr = E_ACCESSDENIED;
    }
    bool denied = hr == E_ACCESSDENIED || hr == WBEM_E_ACCESS_DENIED;
    if (replied && error && !(denied && h->phase != REMOTE_CONNECTED)) {
        (void)SetErrorInfo(0, error);
        return hr;
    }
    CLEANUP(com_cleanup_bstr) BSTR description = NULL;
    if (error) {
        (void)IErrorInfo_GetDescription(error, &description);
    }
    CLEANUP(com_cleanup_free) char *detail = com_utf8_from_wide(description);
    const char *meaning = com_status_text(hr);
    const char *what = detail ? detail : meaning ? meaning : "it failed";
    const char *advice = remote_advice(h->phase, hr, replied, detail);
    bool stops = *what && strchr(".!?", what[strlen(what) - 1]);
    return error_raise(hr, step, h->name, "%s, %s: %s%s%s%s", h->name, step, what,
                       *advice && !stops ? ". " : " ", advice, *advice ? "." : "");
}

HRESULT remote_failed(const struct remote_host *h, HRESULT hr, bool replied, const char *step)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    (void)GetErrorInfo(0, &error);
    return remote_explain(h, hr, replied, error, step);
}

HRESULT remote_invoke(struct remote_host *h, struct dcom_object *o, uint16_t opnum,
                      struct ndr_writer *in, unsigned timeout_ms, const char *step,
                      struct dcom_reply *ret)
{
    if (FAILED(in->status)) {
        HRESULT hr = in->status;
        *ret = (struct dcom_reply){0};
        ndr_writer_done(in);
        return error_raise(hr, step, h->name, "host '%s', %s: the arguments can't be sent", h->name,
                           step);
    }
    HRESULT hr = dcom_call(o, opnum, in, timeout_ms, ret);
    if (SUCCEEDED(hr)) {
        return hr;
    }
    return remote_failed(h, hr, ret->replied, step);
}

HRESULT remote_read_interface(struct remote_host *h, struct ndr_reader *r, REFIID riid,
                              const char *step, struct dcom_object **ret)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    bool null = true;
    dcom_read_objref(r, &ref, &null);
    HRESULT hr = FAILED(r->status) ? r->status : null ? NDR_E_BAD_DATA : S_OK;
    if (SUCCEEDED(hr)) {
        hr = dcom_unmarshal_objref(h->client, &ref, riid, ret);
    }
    return FAILED(hr) ? remote_explain(h, hr, false, NULL, step) : hr;
}
