/*
 * Status codes in words: wbem_status_name() and wbem_status_meaning(), and the
 * COM object that Microsoft's API has for it, IWbemStatusCodeText (wbemcli/
 * nn-wbemcli-iwbemstatuscodetext).
 */
#include <stdio.h>
#include <stdlib.h>
#include <wbem.h>

#include "services/services_private.h"

struct status {
    HRESULT code;
    const char *name;
    const char *meaning;
};

#define STATUS(code, meaning)                                                                      \
    {                                                                                              \
        (HRESULT)(code), #code, meaning                                                            \
    }
#define WIN32(code, meaning)                                                                       \
    {                                                                                              \
        (HRESULT) HRESULT_FROM_WIN32(code), #code, meaning                                         \
    }

static const struct status statuses[] = {
    STATUS(WBEM_S_NO_ERROR, "the operation succeeded"),
    STATUS(WBEM_S_FALSE, "the sequence has ended"),
    STATUS(WBEM_S_ALREADY_EXISTS, "the object was there already"),
    STATUS(WBEM_S_RESET_TO_DEFAULT, "the value was reset to its default"),
    STATUS(WBEM_S_DIFFERENT, "the objects differ"),
    STATUS(WBEM_S_TIMEDOUT, "the time-out came first"),
    STATUS(WBEM_S_NO_MORE_DATA, "there is nothing more"),
    STATUS(WBEM_S_OPERATION_CANCELLED, "the operation was cancelled"),
    STATUS(WBEM_S_PENDING, "the operation is still running"),
    STATUS(WBEM_S_DUPLICATE_OBJECTS, "some objects came more than once"),
    STATUS(WBEM_S_ACCESS_DENIED, "some parts were left out for lack of rights"),
    STATUS(WBEM_S_PARTIAL_RESULTS, "not all sources have answered"),
    STATUS(WBEM_S_SOURCE_NOT_AVAILABLE, "the source is not available"),
    STATUS(WBEM_E_FAILED, "the call failed"),
    STATUS(WBEM_E_NOT_FOUND, "the object does not exist"),
    STATUS(WBEM_E_ACCESS_DENIED, "access is denied"),
    STATUS(WBEM_E_PROVIDER_FAILURE, "the provider failed after it had begun"),
    STATUS(WBEM_E_TYPE_MISMATCH, "the types do not match"),
    STATUS(WBEM_E_OUT_OF_MEMORY, "there is not enough memory"),
    STATUS(WBEM_E_INVALID_CONTEXT, "the context object is not valid"),
    STATUS(WBEM_E_INVALID_PARAMETER, "a parameter is not valid"),
    STATUS(WBEM_E_NOT_AVAILABLE, "the resource is not available now"),
    STATUS(WBEM_E_CRITICAL_ERROR, "an internal error made it impossible to go on"),
    STATUS(WBEM_E_INVALID_STREAM, "the marshalled object is damaged"),
    STATUS(WBEM_E_NOT_SUPPORTED, "the operation is not supported"),
    STATUS(WBEM_E_INVALID_SUPERCLASS, "the superclass is not valid"),
    STATUS(WBEM_E_INVALID_NAMESPACE, "the namespace does not exist"),
    STATUS(WBEM_E_INVALID_OBJECT, "the object is not valid"),
    STATUS(WBEM_E_INVALID_CLASS, "the class does not exist"),
    STATUS(WBEM_E_PROVIDER_NOT_FOUND, "the provider is not registered"),
    STATUS(WBEM_E_INVALID_PROVIDER_REGISTRATION, "the provider's registration is not valid"),
    STATUS(WBEM_E_PROVIDER_LOAD_FAILURE, "the provider could not be loaded"),
    STATUS(WBEM_E_INITIALIZATION_FAILURE, "a component could not be initialized"),
    STATUS(WBEM_E_TRANSPORT_FAILURE, "the connection failed"),
    STATUS(WBEM_E_INVALID_OPERATION, "the operation is not valid here"),
    STATUS(WBEM_E_INVALID_QUERY, "the query is malformed"),
    STATUS(WBEM_E_INVALID_QUERY_TYPE, "the query language is not known"),
    STATUS(WBEM_E_ALREADY_EXISTS, "the object exists already"),
    STATUS(WBEM_E_OVERRIDE_NOT_ALLOWED, "the qualifier must not be overridden"),
    STATUS(WBEM_E_PROPAGATED_QUALIFIER, "an inherited qualifier can't be deleted"),
    STATUS(WBEM_E_PROPAGATED_PROPERTY, "an inherited property can't be deleted"),
    STATUS(WBEM_E_UNEXPECTED, "the call came at an unexpected moment"),
    STATUS(WBEM_E_ILLEGAL_OPERATION, "the operation is not allowed here"),
    STATUS(WBEM_E_CANNOT_BE_KEY, "the property can't be a key"),
    STATUS(WBEM_E_INCOMPLETE_CLASS, "the class definition is incomplete"),
    STATUS(WBEM_E_INVALID_SYNTAX, "the syntax is not valid"),
    STATUS(WBEM_E_READ_ONLY, "the property can't be written"),
    STATUS(WBEM_E_PROVIDER_NOT_CAPABLE, "the provider does not offer this operation"),
    STATUS(WBEM_E_CLASS_HAS_CHILDREN, "the class has derived classes"),
    STATUS(WBEM_E_CLASS_HAS_INSTANCES, "the class has instances"),
    STATUS(WBEM_E_ILLEGAL_NULL, "the value must not be null"),
    STATUS(WBEM_E_INVALID_QUALIFIER_TYPE, "the qualifier's type is not valid"),
    STATUS(WBEM_E_INVALID_PROPERTY_TYPE, "the property's type is not valid"),
    STATUS(WBEM_E_VALUE_OUT_OF_RANGE, "the value is out of range"),
    STATUS(WBEM_E_CANNOT_BE_SINGLETON, "the class can't be a singleton"),
    STATUS(WBEM_E_INVALID_CIM_TYPE, "the CIM type is not valid"),
    STATUS(WBEM_E_INVALID_METHOD, "the method does not exist"),
    STATUS(WBEM_E_INVALID_METHOD_PARAMETERS, "the method's parameters are not valid"),
    STATUS(WBEM_E_SYSTEM_PROPERTY, "a system property can't be changed so"),
    STATUS(WBEM_E_INVALID_PROPERTY, "a property is not valid"),
    STATUS(WBEM_E_CALL_CANCELLED, "the call was cancelled"),
    STATUS(WBEM_E_SHUTTING_DOWN, "the service is shutting down"),
    STATUS(WBEM_E_PROPAGATED_METHOD, "an inherited method can't be deleted"),
    STATUS(WBEM_E_UNSUPPORTED_PARAMETER, "a parameter is not supported"),
    STATUS(WBEM_E_MISSING_PARAMETER_ID, "a method's parameter lacks its ID qualifier"),
    STATUS(WBEM_E_INVALID_PARAMETER_ID, "a method's parameter has a bad ID"),
    STATUS(WBEM_E_NONCONSECUTIVE_PARAMETER_IDS, "the IDs of a method's parameters have gaps"),
    STATUS(WBEM_E_PARAMETER_ID_ON_RETVAL, "a return value must not have an ID"),
    STATUS(WBEM_E_INVALID_OBJECT_PATH, "the object path is not valid"),
    STATUS(WBEM_E_OUT_OF_DISK_SPACE, "there is not enough space on the disk"),
    STATUS(WBEM_E_BUFFER_TOO_SMALL, "the buffer is too small"),
    STATUS(WBEM_E_UNSUPPORTED_PUT_EXTENSION, "the provider can't put objects in this way"),
    STATUS(WBEM_E_UNKNOWN_OBJECT_TYPE, "the marshalled object is of an unknown kind"),
    STATUS(WBEM_E_UNKNOWN_PACKET_TYPE, "the marshalled packet is of an unknown kind"),
    STATUS(WBEM_E_MARSHAL_VERSION_MISMATCH, "the marshalled packet is of another version"),
    STATUS(WBEM_E_MARSHAL_INVALID_SIGNATURE, "the marshalled packet's signature is wrong"),
    STATUS(WBEM_E_INVALID_QUALIFIER, "the qualifier is not valid"),
    STATUS(WBEM_E_INVALID_DUPLICATE_PARAMETER, "a parameter is declared twice and differently"),
    STATUS(WBEM_E_SERVER_TOO_BUSY, "the server has too much to do"),
    STATUS(WBEM_E_INVALID_FLAVOR, "the qualifier flavor is not valid"),
    STATUS(WBEM_E_CIRCULAR_REFERENCE, "the class would derive from itself"),
    STATUS(WBEM_E_UNSUPPORTED_CLASS_UPDATE, "the class can't be updated so"),
    STATUS(WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE, "inherited keys can't be changed"),
    STATUS(WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE, "inherited indexes can't be changed"),
    STATUS(WBEM_E_TOO_MANY_PROPERTIES, "the class has too many properties"),
    STATUS(WBEM_E_UPDATE_TYPE_MISMATCH, "a property would get two types"),
    STATUS(WBEM_E_UPDATE_OVERRIDE_NOT_ALLOWED,
           "a derived class overrides what must not be overridden"),
    STATUS(WBEM_E_UPDATE_PROPAGATED_METHOD, "a method would be declared twice"),
    STATUS(WBEM_E_METHOD_NOT_IMPLEMENTED, "the method is not implemented"),
    STATUS(WBEM_E_METHOD_DISABLED, "the method is disabled"),
    STATUS(WBEM_E_REFRESHER_BUSY, "the refresher is busy"),
    STATUS(WBEM_E_UNPARSABLE_QUERY, "the event query is malformed"),
    STATUS(WBEM_E_NOT_EVENT_CLASS, "the class is not an event class"),
    STATUS(WBEM_E_MISSING_GROUP_WITHIN, "GROUP BY needs WITHIN"),
    STATUS(WBEM_E_MISSING_AGGREGATION_LIST, "GROUP needs a list of properties"),
    STATUS(WBEM_E_PROPERTY_NOT_AN_OBJECT, "the property is not an object"),
    STATUS(WBEM_E_AGGREGATING_BY_OBJECT, "objects can't be grouped by"),
    STATUS(WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY,
           "the event provider's registered query is not valid"),
    STATUS(WBEM_E_BACKUP_RESTORE_WINMGMT_RUNNING, "the service must be stopped first"),
    STATUS(WBEM_E_QUEUE_OVERFLOW, "a queue has overflown"),
    STATUS(WBEM_E_PRIVILEGE_NOT_HELD, "a privilege is missing"),
    STATUS(WBEM_E_INVALID_OPERATOR, "the operator does not fit the types"),
    STATUS(WBEM_E_LOCAL_CREDENTIALS, "credentials are not taken for the local machine"),
    STATUS(WBEM_E_CANNOT_BE_ABSTRACT, "the class can't be abstract"),
    STATUS(WBEM_E_AMENDED_OBJECT, "an object with amended qualifiers can't be put so"),
    STATUS(WBEM_E_CLIENT_TOO_SLOW, "the client fetched its objects too slowly"),
    STATUS(WBEM_E_NULL_SECURITY_DESCRIPTOR, "the security descriptor is missing"),
    STATUS(WBEM_E_TIMED_OUT, "the operation timed out"),
    STATUS(WBEM_E_INVALID_ASSOCIATION, "the association is not valid"),
    STATUS(WBEM_E_AMBIGUOUS_OPERATION, "the operation is ambiguous"),
    STATUS(WBEM_E_QUOTA_VIOLATION, "a limit on resources was reached"),
    STATUS(WBEM_E_UNSUPPORTED_LOCALE, "the locale is not supported"),
    STATUS(WBEM_E_HANDLE_OUT_OF_DATE, "the object behind the handle has changed"),
    STATUS(WBEM_E_CONNECTION_FAILED, "the connection could not be made"),
    STATUS(WBEM_E_INVALID_HANDLE_REQUEST, "the handle is of another class"),
    STATUS(WBEM_E_PROPERTY_NAME_TOO_WIDE, "the property's name is too long"),
    STATUS(WBEM_E_CLASS_NAME_TOO_WIDE, "the class's name is too long"),
    STATUS(WBEM_E_METHOD_NAME_TOO_WIDE, "the method's name is too long"),
    STATUS(WBEM_E_QUALIFIER_NAME_TOO_WIDE, "the qualifier's name is too long"),
    STATUS(WBEM_E_RERUN_COMMAND, "the MOF compiler must be run again"),
    STATUS(WBEM_E_DATABASE_VER_MISMATCH, "the repository is of another version"),
    STATUS(WBEM_E_VETO_DELETE, "a provider objects to the deletion"),
    STATUS(WBEM_E_VETO_PUT, "a provider objects to the change"),
    STATUS(WBEM_E_INVALID_LOCALE, "the locale is not valid"),
    STATUS(WBEM_E_PROVIDER_SUSPENDED, "the provider is suspended"),
    STATUS(WBEM_E_SYNCHRONIZATION_REQUIRED, "the transaction must be ended first"),
    STATUS(WBEM_E_NO_SCHEMA, "the provider has no schema"),
    STATUS(WBEM_E_PROVIDER_ALREADY_REGISTERED, "the provider is registered already"),
    STATUS(WBEM_E_PROVIDER_NOT_REGISTERED, "the provider is not registered"),
    STATUS(WBEM_E_FATAL_TRANSPORT_ERROR, "the connection broke down"),
    STATUS(WBEM_E_ENCRYPTED_CONNECTION_REQUIRED, "the namespace asks for packet privacy"),
    STATUS(WBEM_E_PROVIDER_TIMED_OUT, "the provider took too long"),
    STATUS(WBEM_E_NO_KEY, "the class has no key"),
    STATUS(WBEM_E_PROVIDER_DISABLED, "the provider is disabled"),
    STATUS(E_FAIL, "the call failed"),
    STATUS(E_NOTIMPL, "the method is not implemented"),
    STATUS(E_NOINTERFACE, "the interface is not supported"),
    STATUS(E_POINTER, "a pointer is not valid"),
    STATUS(E_INVALIDARG, "an argument is not valid"),
    STATUS(E_OUTOFMEMORY, "there is not enough memory"),
    STATUS(E_ACCESSDENIED, "access is denied"),
    STATUS(E_UNEXPECTED, "the call came at an unexpected moment"),
    STATUS(E_ABORT, "the operation was aborted"),
    STATUS(E_HANDLE, "the handle is not valid"),
    STATUS(CO_E_NOTINITIALIZED, "CoInitializeEx has not been called"),
    STATUS(REGDB_E_CLASSNOTREG, "the class is not registered"),
    STATUS(RPC_E_CHANGED_MODE, "COM is initialized in another mode"),
    STATUS(RPC_E_TOO_LATE, "security is set already"),
    STATUS(RPC_E_DISCONNECTED, "the object has lost its client"),
    WIN32(RPC_S_SERVER_UNAVAILABLE, "the server can't be reached"),
    WIN32(RPC_S_CALL_FAILED, "the connection broke during the call"),
    STATUS(WBEMMOF_E_EXPECTED_QUALIFIER_NAME, "MOF: expected qualifier name"),
    STATUS(WBEMMOF_E_EXPECTED_SEMI, "MOF: expected semi"),
    STATUS(WBEMMOF_E_EXPECTED_OPEN_BRACE, "MOF: expected open brace"),
    STATUS(WBEMMOF_E_EXPECTED_CLOSE_BRACE, "MOF: expected close brace"),
    STATUS(WBEMMOF_E_EXPECTED_CLOSE_BRACKET, "MOF: expected close bracket"),
    STATUS(WBEMMOF_E_EXPECTED_CLOSE_PAREN, "MOF: expected close paren"),
    STATUS(WBEMMOF_E_ILLEGAL_CONSTANT_VALUE, "MOF: illegal constant value"),
    STATUS(WBEMMOF_E_EXPECTED_TYPE_IDENTIFIER, "MOF: expected type identifier"),
    STATUS(WBEMMOF_E_EXPECTED_OPEN_PAREN, "MOF: expected open paren"),
    STATUS(WBEMMOF_E_UNRECOGNIZED_TOKEN, "MOF: unrecognized token"),
    STATUS(WBEMMOF_E_UNRECOGNIZED_TYPE, "MOF: unrecognized type"),
    STATUS(WBEMMOF_E_EXPECTED_PROPERTY_NAME, "MOF: expected property name"),
    STATUS(WBEMMOF_E_TYPEDEF_NOT_SUPPORTED, "MOF: typedef not supported"),
    STATUS(WBEMMOF_E_UNEXPECTED_ALIAS, "MOF: unexpected alias"),
    STATUS(WBEMMOF_E_UNEXPECTED_ARRAY_INIT, "MOF: unexpected array init"),
    STATUS(WBEMMOF_E_INVALID_AMENDMENT_SYNTAX, "MOF: invalid amendment syntax"),
    STATUS(WBEMMOF_E_INVALID_DUPLICATE_AMENDMENT, "MOF: invalid duplicate amendment"),
    STATUS(WBEMMOF_E_INVALID_PRAGMA, "MOF: invalid pragma"),
    STATUS(WBEMMOF_E_INVALID_NAMESPACE_SYNTAX, "MOF: invalid namespace syntax"),
    STATUS(WBEMMOF_E_EXPECTED_CLASS_NAME, "MOF: expected class name"),
    STATUS(WBEMMOF_E_TYPE_MISMATCH, "MOF: type mismatch"),
    STATUS(WBEMMOF_E_EXPECTED_ALIAS_NAME, "MOF: expected alias name"),
    STATUS(WBEMMOF_E_INVALID_CLASS_DECLARATION, "MOF: invalid class declaration"),
    STATUS(WBEMMOF_E_INVALID_INSTANCE_DECLARATION, "MOF: invalid instance declaration"),
    STATUS(WBEMMOF_E_EXPECTED_DOLLAR, "MOF: expected dollar"),
    STATUS(WBEMMOF_E_CIMTYPE_QUALIFIER, "MOF: cimtype qualifier"),
    STATUS(WBEMMOF_E_DUPLICATE_PROPERTY, "MOF: duplicate property"),
    STATUS(WBEMMOF_E_INVALID_NAMESPACE_SPECIFICATION, "MOF: invalid namespace specification"),
    STATUS(WBEMMOF_E_OUT_OF_RANGE, "MOF: out of range"),
    STATUS(WBEMMOF_E_INVALID_FILE, "MOF: invalid file"),
    STATUS(WBEMMOF_E_ALIASES_IN_EMBEDDED, "MOF: aliases in embedded"),
    STATUS(WBEMMOF_E_NULL_ARRAY_ELEM, "MOF: null array elem"),
    STATUS(WBEMMOF_E_DUPLICATE_QUALIFIER, "MOF: duplicate qualifier"),
    STATUS(WBEMMOF_E_EXPECTED_FLAVOR_TYPE, "MOF: expected flavor type"),
    STATUS(WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES, "MOF: incompatible flavor types"),
    STATUS(WBEMMOF_E_MULTIPLE_ALIASES, "MOF: multiple aliases"),
    STATUS(WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES2, "MOF: incompatible flavor types2"),
    STATUS(WBEMMOF_E_NO_ARRAYS_RETURNED, "MOF: no arrays returned"),
    STATUS(WBEMMOF_E_MUST_BE_IN_OR_OUT, "MOF: must be in or out"),
    STATUS(WBEMMOF_E_INVALID_FLAGS_SYNTAX, "MOF: invalid flags syntax"),
    STATUS(WBEMMOF_E_EXPECTED_BRACE_OR_BAD_TYPE, "MOF: expected brace or bad type"),
    STATUS(WBEMMOF_E_UNSUPPORTED_CIMV22_QUAL_VALUE, "MOF: unsupported cimv22 qual value"),
    STATUS(WBEMMOF_E_UNSUPPORTED_CIMV22_DATA_TYPE, "MOF: unsupported cimv22 data type"),
    STATUS(WBEMMOF_E_INVALID_DELETEINSTANCE_SYNTAX, "MOF: invalid deleteinstance syntax"),
    STATUS(WBEMMOF_E_INVALID_QUALIFIER_SYNTAX, "MOF: invalid qualifier syntax"),
    STATUS(WBEMMOF_E_QUALIFIER_USED_OUTSIDE_SCOPE, "MOF: qualifier used outside scope"),
    STATUS(WBEMMOF_E_ERROR_CREATING_TEMP_FILE, "MOF: error creating temp file"),
    STATUS(WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE, "MOF: error invalid include file"),
    STATUS(WBEMMOF_E_INVALID_DELETECLASS_SYNTAX, "MOF: invalid deleteclass syntax"),
};

static const struct status *find_status(HRESULT code)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].code == code) {
            return &statuses[i];
        }
    }
    return NULL;
}

COM_EXPORT const char *wbem_status_name(HRESULT status)
{
    const struct status *s = find_status(status);
    return s ? s->name : NULL;
}

COM_EXPORT const char *wbem_status_meaning(HRESULT status)
{
    const struct status *s = find_status(status);
    return s ? s->meaning : NULL;
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
