/* Which consumers there are, and how they read their instances. */
#include "subscriptions/consumer.h"

#include "com/com.h"
#include "object/object.h"

static const struct {
    const wchar_t *class_name;
    consumer_run *run;
} consumers[] = {
    {L"LogFileEventConsumer", consumer_log_file},
    {L"CommandLineEventConsumer", consumer_command_line},
    {L"NTEventLogEventConsumer", consumer_journal},
};

consumer_run *consumer_find(IWbemClassObject *consumer)
{
    struct schema *s;
    for (size_t i = 0; SUCCEEDED(schema_of(consumer, &s)) && i < ARRAYSIZE(consumers); i++) {
        if (schema_is_a(s, consumers[i].class_name)) {
            return consumers[i].run;
        }
    }
    return NULL;
}

static HRESULT find_value(IWbemClassObject *consumer, const wchar_t *name, struct cim_value *ret)
{
    struct schema *s;
    uint32_t ordinal;
    HRESULT hr = schema_of(consumer, &s);
    if (SUCCEEDED(hr)) {
        hr = schema_find(s, name, &ordinal);
    }
    return SUCCEEDED(hr) ? object_get_value(consumer, ordinal, ret) : hr;
}

HRESULT consumer_text(IWbemClassObject *consumer, const wchar_t *name, wchar_t **ret)
{
    struct cim_value v;
    *ret = NULL;
    if (FAILED(find_value(consumer, name, &v)) || v.null ||
        (v.type != CIM_STRING && v.type != CIM_REFERENCE)) {
        return WBEM_S_FALSE;
    }
    *ret = cim_string_wide(&v.string);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

uint64_t consumer_number(IWbemClassObject *consumer, const wchar_t *name, uint64_t otherwise)
{
    struct cim_value v;
    if (FAILED(find_value(consumer, name, &v)) || v.null) {
        return otherwise;
    }
    switch (v.type) {
    case CIM_BOOLEAN:
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_SINT32:
    case CIM_SINT64:
        return (uint64_t)v.sint;
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        return v.uint;
    default:
        return otherwise;
    }
}
