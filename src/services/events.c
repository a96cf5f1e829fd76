/*
 * The operations of IWbemServices that have to do with events: subscribing to
 * them (ExecNotificationQuery) and raising them (QueryObjectSink). Sources: the
 * pages wbemcli/nf-wbemcli-iwbemservices-* and [MS-WMI] 3.1.4.3.20 and .21.
 */
#include <wchar.h>

#include "events/events.h"
#include "services/services_private.h"

#define ENUM_FLAGS (WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY)

static HRESULT raise_null(const char *operation, const char *parameter)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                       "the parameter must not be NULL");
}

static HRESULT notification_source(struct services *s, const char *operation,
                                   const wchar_t *language, const wchar_t *text,
                                   struct source **ret)
{
    if (!language || !text) {
        return raise_null(operation, language ? "strQuery" : "strQueryLanguage");
    }
    if (wcscasecmp(language, L"WQL") != 0) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(language);
        return error_raise(WBEM_E_INVALID_QUERY_TYPE, operation, name,
                           "the query language '%s' is not known; it must be WQL", name);
    }
    return events_source(s->name_space, &s->iface, text, operation, ret);
}

HRESULT services_exec_notification_query(struct services *s, const wchar_t *language,
                                         const wchar_t *text, LONG flags,
                                         IEnumWbemClassObject **ret)
{
    static const char operation[] = "ExecNotificationQuery";
    if (!ret) {
        return raise_null(operation, "ppEnum");
    }
    *ret = NULL;
    if ((flags & ENUM_FLAGS) != ENUM_FLAGS) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags",
                           "the flags must have both WBEM_FLAG_FORWARD_ONLY and "
                           "WBEM_FLAG_RETURN_IMMEDIATELY");
    }
    struct source *source = NULL;
    HRESULT hr =
        services_check_flags(operation, flags, ENUM_FLAGS | WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    if (SUCCEEDED(hr)) {
        hr = notification_source(s, operation, language, text, &source);
    }
    const struct enumerator_options options = {.flags = flags};
    return FAILED(hr) ? hr : enumerator_create(source, &options, ret);
}

HRESULT services_exec_notification_query_async(struct services *s, const wchar_t *language,
                                               const wchar_t *text, LONG flags,
                                               IWbemObjectSink *sink)
{
    static const char operation[] = "ExecNotificationQueryAsync";
    if (!sink) {
        return raise_null(operation, "pResponseHandler");
    }
    struct source *source = NULL;
    HRESULT hr = services_check_flags(operation, flags,
                                      WBEM_FLAG_SEND_STATUS | WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    if (SUCCEEDED(hr)) {
        hr = notification_source(s, operation, language, text, &source);
    }
    return FAILED(hr) ? hr : delivery_start(source, flags, (IUnknown *)&s->iface, sink);
}

HRESULT services_query_object_sink(struct services *s, LONG flags, IWbemObjectSink **ret)
{
    if (!ret) {
        return raise_null("QueryObjectSink", "ppResponseHandler");
    }
    *ret = NULL;
    HRESULT hr = services_check_flags("QueryObjectSink", flags, 0);
    return FAILED(hr) ? hr : events_sink_create(s->name_space, ret);
}
