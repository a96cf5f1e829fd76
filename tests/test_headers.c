/*
 * The public headers as a C program sees them: values, the order of vtables, identifiers and the
 * COBJMACROS. What can be known at compile time is asserted then.
 */
#define COBJMACROS
#include <wbemidl.h>
#include <wmiutils.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Types that cross the wire or that client code stores: the widths of Windows. */
_Static_assert(sizeof(LONG) == 4 && sizeof(ULONG) == 4, "LONG is 32 bits");
_Static_assert(sizeof(HRESULT) == 4 && (HRESULT)-1 < 0, "HRESULT is 32 bits, signed");
_Static_assert(sizeof(CIMTYPE) == 4, "CIMTYPE is a LONG");
_Static_assert(sizeof(GUID) == 16, "GUID has no padding");
_Static_assert(sizeof(WBEMSTATUS) == 4, "an enumeration is an int");
_Static_assert(sizeof(WBEM_COMPILE_STATUS_INFO) == 24, "six 32-bit fields");

/* The enumerations, each by its first, last and least regular members. */
#define VALUE(name, value) _Static_assert((name) == (value), #name)
VALUE(WBEM_GENUS_INSTANCE, 2);
VALUE(WBEM_MASK_UPDATE_MODE, 0x60);
VALUE(WBEM_FLAG_ADVISORY, 0x10000);
VALUE(WBEM_FLAG_RETURN_IMMEDIATELY, 0x10);
VALUE(WBEM_FLAG_FORWARD_ONLY, 0x20);
VALUE(WBEM_FLAG_NO_ERROR_OBJECT, 0x40);
VALUE(WBEM_FLAG_SEND_STATUS, 0x80);
VALUE(WBEM_FLAG_ENSURE_LOCATABLE, 0x100);
VALUE(WBEM_FLAG_DIRECT_READ, 0x200);
VALUE(WBEM_MASK_RESERVED_FLAGS, 0x1f000);
VALUE(WBEM_FLAG_USE_AMENDED_QUALIFIERS, 0x20000);
VALUE(WBEM_FLAG_STRONG_VALIDATION, 0x100000);
VALUE(WBEM_STATUS_PROGRESS, 2);
VALUE(WBEM_STATUS_LOGGING_INFORMATION_ESS, 0x1000);
VALUE(WBEM_INFINITE, -1);
VALUE(WBEM_FLAG_SYSTEM_ONLY, 0x30);
VALUE(WBEM_FLAG_NONSYSTEM_ONLY, 0x40);
VALUE(WBEM_MASK_CONDITION_ORIGIN, 0x70);
VALUE(WBEM_MASK_CLASS_CONDITION, 0x300);
VALUE(WBEM_FLAVOR_MASK_PROPAGATION, 0xf);
VALUE(WBEM_FLAVOR_ORIGIN_SYSTEM, 0x40);
VALUE(WBEM_FLAVOR_MASK_ORIGIN, 0x60);
VALUE(WBEM_FLAVOR_AMENDED, 0x80);
VALUE(WBEM_FLAG_PROTOTYPE, 2);
VALUE(WBEM_RIGHT_PUBLISH, 0x80);
VALUE(WBEM_FLAG_EXCLUDE_PROPERTY_QUALIFIERS, 0x20);
VALUE(WBEM_FLAG_NO_FLAVORS, 1);
VALUE(WBEM_FLAG_IGNORE_FLAVOR, 0x20);
VALUE(WBEM_FLAG_ALLOW_READ, 1);
VALUE(CIM_ILLEGAL, 0xfff);
VALUE(CIM_SINT8, 16);
VALUE(CIM_UINT8, 17);
VALUE(CIM_SINT16, 2);
VALUE(CIM_UINT16, 18);
VALUE(CIM_SINT32, 3);
VALUE(CIM_UINT32, 19);
VALUE(CIM_SINT64, 20);
VALUE(CIM_UINT64, 21);
VALUE(CIM_REAL32, 4);
VALUE(CIM_REAL64, 5);
VALUE(CIM_BOOLEAN, 11);
VALUE(CIM_STRING, 8);
VALUE(CIM_DATETIME, 101);
VALUE(CIM_REFERENCE, 102);
VALUE(CIM_CHAR16, 103);
VALUE(CIM_OBJECT, 13);
VALUE(CIM_FLAG_ARRAY, 0x2000);
VALUE(WBEM_FLAG_BACKUP_RESTORE_FORCE_SHUTDOWN, 1);
VALUE(WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT, 1);
VALUE(WBEM_SHUTDOWN_OS, 3);
VALUE(WBEMSTATUS_FORMAT_NO_NEWLINE, 1);
VALUE(WBEM_MAX_QUERY, 0x4000);
VALUE(WBEM_MAX_USER_PROPERTIES, 1024);
VALUE(WMI_OBJ_TEXT_LAST, 13);
VALUE(WBEM_FLAG_STORE_FILE, 0x100);
VALUE(WBEM_FLAG_CONNECT_USE_MAX_WAIT, 0x80);
VALUE(WBEM_FLAG_UNSECAPP_DONT_CHECK_ACCESS, 2);
VALUE(WBEM_FLAG_LONG_NAME, 2);
VALUE(WBEM_REQUIREMENTS_RECHECK_SUBSCRIPTIONS, 2);
VALUE(WBEM_S_SUBJECT_TO_SDS, 0x43003);
VALUE(WBEM_E_RESOURCE_CONTENTION, (HRESULT)0x80043002);
VALUE(WBEM_FLAG_OWNER_UPDATE, 0x10000);
VALUE(WBEM_FLAG_MUST_NOT_BATCH, 2);
VALUE(WBEM_FLAG_USE_MULTIPLE_CHALLENGES, 0x10);
VALUE(WBEMPATH_INFO_PATH_HAD_SERVER, 0x20000);
VALUE(WBEMPATH_TREAT_SINGLE_IDENT_AS_NS, 8);
VALUE(WMIQ_ANALYSIS_RESERVED, 0x8000000);
VALUE(WMIQ_ASSOCQ_CLASSREFSONLY, 0x800);
VALUE(WMIQ_LF_LAST, WMIQ_LF40_BETWEEN);
VALUE(WMIQ_RPNF_ARRAY_ACCESS_USED, 0x2000);

/* The status codes around each gap in their numbers. [MS-WMI] 2.2.11 */
#define STATUS(name, value) _Static_assert((HRESULT)(name) == (HRESULT)(value), #name)
STATUS(WBEM_S_FALSE, 1);
STATUS(WBEM_S_TIMEDOUT, 0x40004);
STATUS(WBEM_S_NO_MORE_DATA, 0x40005);
STATUS(WBEM_S_ACCESS_DENIED, 0x40009);
STATUS(WBEM_S_PARTIAL_RESULTS, 0x40010);
STATUS(WBEM_S_SOURCE_NOT_AVAILABLE, 0x40017);
STATUS(WBEM_E_FAILED, 0x80041001);
STATUS(WBEM_E_INVALID_CLASS, 0x80041010);
STATUS(WBEM_E_INVALID_QUERY, 0x80041017);
STATUS(WBEM_E_SYSTEM_PROPERTY, 0x80041030);
STATUS(WBEM_E_CALL_CANCELLED, 0x80041032);
STATUS(WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE, 0x80041049);
STATUS(WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE, 0x80041050);
STATUS(WBEM_E_AGGREGATING_BY_OBJECT, 0x8004105d);
STATUS(WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY, 0x8004105f);
STATUS(WBEM_E_VETO_PUT, 0x8004107a);
STATUS(WBEM_E_INVALID_LOCALE, 0x80041080);
STATUS(WBEM_E_PROVIDER_DISABLED, 0x8004108a);
STATUS(WBEMESS_E_REGISTRATION_TOO_BROAD, 0x80042001);
STATUS(WBEMESS_E_AUTHZ_NOT_PRIVILEGED, 0x80042003);
STATUS(WBEMMOF_E_EXPECTED_QUALIFIER_NAME, 0x80044001);
STATUS(WBEMMOF_E_TYPE_MISMATCH, 0x80044015);
STATUS(WBEMMOF_E_INVALID_DELETECLASS_SYNTAX, 0x80044031);

/* Where each method stands in its vtable; for interfaces on the wire, the opnum of [MS-WMI]. */
#define SLOT(interface_, method, n)                                                                \
    _Static_assert(offsetof(interface_##Vtbl, method) == (n) * sizeof(void *),                     \
                   #interface_ "::" #method)
#define END(interface_, n)                                                                         \
    _Static_assert(sizeof(interface_##Vtbl) == (n) * sizeof(void *), #interface_);                 \
    _Static_assert(sizeof(interface_) == sizeof(void *), #interface_)

/* IWbemClassObject */
SLOT(IWbemClassObject, GetQualifierSet, 3);
SLOT(IWbemClassObject, Get, 4);
SLOT(IWbemClassObject, Put, 5);
SLOT(IWbemClassObject, Delete, 6);
SLOT(IWbemClassObject, GetNames, 7);
SLOT(IWbemClassObject, BeginEnumeration, 8);
SLOT(IWbemClassObject, Next, 9);
SLOT(IWbemClassObject, EndEnumeration, 10);
SLOT(IWbemClassObject, GetPropertyQualifierSet, 11);
SLOT(IWbemClassObject, Clone, 12);
SLOT(IWbemClassObject, GetObjectText, 13);
SLOT(IWbemClassObject, SpawnDerivedClass, 14);
SLOT(IWbemClassObject, SpawnInstance, 15);
SLOT(IWbemClassObject, CompareTo, 16);
SLOT(IWbemClassObject, GetPropertyOrigin, 17);
SLOT(IWbemClassObject, InheritsFrom, 18);
SLOT(IWbemClassObject, GetMethod, 19);
SLOT(IWbemClassObject, PutMethod, 20);
SLOT(IWbemClassObject, DeleteMethod, 21);
SLOT(IWbemClassObject, BeginMethodEnumeration, 22);
SLOT(IWbemClassObject, NextMethod, 23);
SLOT(IWbemClassObject, EndMethodEnumeration, 24);
SLOT(IWbemClassObject, GetMethodQualifierSet, 25);
SLOT(IWbemClassObject, GetMethodOrigin, 26);
END(IWbemClassObject, 27);
/* IWbemObjectAccess */
SLOT(IWbemObjectAccess, GetQualifierSet, 3);
SLOT(IWbemObjectAccess, Get, 4);
SLOT(IWbemObjectAccess, Put, 5);
SLOT(IWbemObjectAccess, Delete, 6);
SLOT(IWbemObjectAccess, GetNames, 7);
SLOT(IWbemObjectAccess, BeginEnumeration, 8);
SLOT(IWbemObjectAccess, Next, 9);
SLOT(IWbemObjectAccess, EndEnumeration, 10);
SLOT(IWbemObjectAccess, GetPropertyQualifierSet, 11);
SLOT(IWbemObjectAccess, Clone, 12);
SLOT(IWbemObjectAccess, GetObjectText, 13);
SLOT(IWbemObjectAccess, SpawnDerivedClass, 14);
SLOT(IWbemObjectAccess, SpawnInstance, 15);
SLOT(IWbemObjectAccess, CompareTo, 16);
SLOT(IWbemObjectAccess, GetPropertyOrigin, 17);
SLOT(IWbemObjectAccess, InheritsFrom, 18);
SLOT(IWbemObjectAccess, GetMethod, 19);
SLOT(IWbemObjectAccess, PutMethod, 20);
SLOT(IWbemObjectAccess, DeleteMethod, 21);
SLOT(IWbemObjectAccess, BeginMethodEnumeration, 22);
SLOT(IWbemObjectAccess, NextMethod, 23);
SLOT(IWbemObjectAccess, EndMethodEnumeration, 24);
SLOT(IWbemObjectAccess, GetMethodQualifierSet, 25);
SLOT(IWbemObjectAccess, GetMethodOrigin, 26);
SLOT(IWbemObjectAccess, GetPropertyHandle, 27);
SLOT(IWbemObjectAccess, WritePropertyValue, 28);
SLOT(IWbemObjectAccess, ReadPropertyValue, 29);
SLOT(IWbemObjectAccess, ReadDWORD, 30);
SLOT(IWbemObjectAccess, WriteDWORD, 31);
SLOT(IWbemObjectAccess, ReadQWORD, 32);
SLOT(IWbemObjectAccess, WriteQWORD, 33);
SLOT(IWbemObjectAccess, GetPropertyInfoByHandle, 34);
SLOT(IWbemObjectAccess, Lock, 35);
SLOT(IWbemObjectAccess, Unlock, 36);
END(IWbemObjectAccess, 37);
/* IWbemQualifierSet */
SLOT(IWbemQualifierSet, Get, 3);
SLOT(IWbemQualifierSet, Put, 4);
SLOT(IWbemQualifierSet, Delete, 5);
SLOT(IWbemQualifierSet, GetNames, 6);
SLOT(IWbemQualifierSet, BeginEnumeration, 7);
SLOT(IWbemQualifierSet, Next, 8);
SLOT(IWbemQualifierSet, EndEnumeration, 9);
END(IWbemQualifierSet, 10);
/* IWbemServices */
SLOT(IWbemServices, OpenNamespace, 3);
SLOT(IWbemServices, CancelAsyncCall, 4);
SLOT(IWbemServices, QueryObjectSink, 5);
SLOT(IWbemServices, GetObject, 6);
SLOT(IWbemServices, GetObjectAsync, 7);
SLOT(IWbemServices, PutClass, 8);
SLOT(IWbemServices, PutClassAsync, 9);
SLOT(IWbemServices, DeleteClass, 10);
SLOT(IWbemServices, DeleteClassAsync, 11);
SLOT(IWbemServices, CreateClassEnum, 12);
SLOT(IWbemServices, CreateClassEnumAsync, 13);
SLOT(IWbemServices, PutInstance, 14);
SLOT(IWbemServices, PutInstanceAsync, 15);
SLOT(IWbemServices, DeleteInstance, 16);
SLOT(IWbemServices, DeleteInstanceAsync, 17);
SLOT(IWbemServices, CreateInstanceEnum, 18);
SLOT(IWbemServices, CreateInstanceEnumAsync, 19);
SLOT(IWbemServices, ExecQuery, 20);
SLOT(IWbemServices, ExecQueryAsync, 21);
SLOT(IWbemServices, ExecNotificationQuery, 22);
SLOT(IWbemServices, ExecNotificationQueryAsync, 23);
SLOT(IWbemServices, ExecMethod, 24);
SLOT(IWbemServices, ExecMethodAsync, 25);
END(IWbemServices, 26);
/* IWbemLocator */
SLOT(IWbemLocator, ConnectServer, 3);
END(IWbemLocator, 4);
/* IWbemObjectSink */
SLOT(IWbemObjectSink, Indicate, 3);
SLOT(IWbemObjectSink, SetStatus, 4);
END(IWbemObjectSink, 5);
/* IEnumWbemClassObject */
SLOT(IEnumWbemClassObject, Reset, 3);
SLOT(IEnumWbemClassObject, Next, 4);
SLOT(IEnumWbemClassObject, NextAsync, 5);
SLOT(IEnumWbemClassObject, Clone, 6);
SLOT(IEnumWbemClassObject, Skip, 7);
END(IEnumWbemClassObject, 8);
/* IWbemCallResult */
SLOT(IWbemCallResult, GetResultObject, 3);
SLOT(IWbemCallResult, GetResultString, 4);
SLOT(IWbemCallResult, GetResultServices, 5);
SLOT(IWbemCallResult, GetCallStatus, 6);
END(IWbemCallResult, 7);
/* IWbemContext */
SLOT(IWbemContext, Clone, 3);
SLOT(IWbemContext, GetNames, 4);
SLOT(IWbemContext, BeginEnumeration, 5);
SLOT(IWbemContext, Next, 6);
SLOT(IWbemContext, EndEnumeration, 7);
SLOT(IWbemContext, SetValue, 8);
SLOT(IWbemContext, GetValue, 9);
SLOT(IWbemContext, DeleteValue, 10);
SLOT(IWbemContext, DeleteAll, 11);
END(IWbemContext, 12);
/* IUnsecuredApartment */
SLOT(IUnsecuredApartment, CreateObjectStub, 3);
END(IUnsecuredApartment, 4);
/* IWbemUnsecuredApartment */
SLOT(IWbemUnsecuredApartment, CreateObjectStub, 3);
SLOT(IWbemUnsecuredApartment, CreateSinkStub, 4);
END(IWbemUnsecuredApartment, 5);
/* IWbemStatusCodeText */
SLOT(IWbemStatusCodeText, GetErrorCodeText, 3);
SLOT(IWbemStatusCodeText, GetFacilityCodeText, 4);
END(IWbemStatusCodeText, 5);
/* IWbemBackupRestore */
SLOT(IWbemBackupRestore, Backup, 3);
SLOT(IWbemBackupRestore, Restore, 4);
END(IWbemBackupRestore, 5);
/* IWbemBackupRestoreEx */
SLOT(IWbemBackupRestoreEx, Backup, 3);
SLOT(IWbemBackupRestoreEx, Restore, 4);
SLOT(IWbemBackupRestoreEx, Pause, 5);
SLOT(IWbemBackupRestoreEx, Resume, 6);
END(IWbemBackupRestoreEx, 7);
/* IWbemRefresher */
SLOT(IWbemRefresher, Refresh, 3);
END(IWbemRefresher, 4);
/* IWbemHiPerfEnum */
SLOT(IWbemHiPerfEnum, AddObjects, 3);
SLOT(IWbemHiPerfEnum, RemoveObjects, 4);
SLOT(IWbemHiPerfEnum, GetObjects, 5);
SLOT(IWbemHiPerfEnum, RemoveAll, 6);
END(IWbemHiPerfEnum, 7);
/* IWbemConfigureRefresher */
SLOT(IWbemConfigureRefresher, AddObjectByPath, 3);
SLOT(IWbemConfigureRefresher, AddObjectByTemplate, 4);
SLOT(IWbemConfigureRefresher, AddRefresher, 5);
SLOT(IWbemConfigureRefresher, Remove, 6);
SLOT(IWbemConfigureRefresher, AddEnum, 7);
END(IWbemConfigureRefresher, 8);
/* IWbemObjectSinkEx */
SLOT(IWbemObjectSinkEx, Indicate, 3);
SLOT(IWbemObjectSinkEx, SetStatus, 4);
SLOT(IWbemObjectSinkEx, WriteMessage, 5);
SLOT(IWbemObjectSinkEx, WriteError, 6);
SLOT(IWbemObjectSinkEx, PromptUser, 7);
SLOT(IWbemObjectSinkEx, WriteProgress, 8);
SLOT(IWbemObjectSinkEx, WriteStreamParameter, 9);
END(IWbemObjectSinkEx, 10);
/* IWbemShutdown */
SLOT(IWbemShutdown, Shutdown, 3);
END(IWbemShutdown, 4);
/* IWbemObjectTextSrc */
SLOT(IWbemObjectTextSrc, GetText, 3);
SLOT(IWbemObjectTextSrc, CreateFromText, 4);
END(IWbemObjectTextSrc, 5);
/* IMofCompiler */
SLOT(IMofCompiler, CompileFile, 3);
SLOT(IMofCompiler, CompileBuffer, 4);
SLOT(IMofCompiler, CreateBMOF, 5);
END(IMofCompiler, 6);
/* IWbemPropertyProvider */
SLOT(IWbemPropertyProvider, GetProperty, 3);
SLOT(IWbemPropertyProvider, PutProperty, 4);
END(IWbemPropertyProvider, 5);
/* IWbemUnboundObjectSink */
SLOT(IWbemUnboundObjectSink, IndicateToConsumer, 3);
END(IWbemUnboundObjectSink, 4);
/* IWbemEventProvider */
SLOT(IWbemEventProvider, ProvideEvents, 3);
END(IWbemEventProvider, 4);
/* IWbemEventProviderQuerySink */
SLOT(IWbemEventProviderQuerySink, NewQuery, 3);
SLOT(IWbemEventProviderQuerySink, CancelQuery, 4);
END(IWbemEventProviderQuerySink, 5);
/* IWbemEventProviderSecurity */
SLOT(IWbemEventProviderSecurity, AccessCheck, 3);
END(IWbemEventProviderSecurity, 4);
/* IWbemEventConsumerProvider */
SLOT(IWbemEventConsumerProvider, FindConsumer, 3);
END(IWbemEventConsumerProvider, 4);
/* IWbemProviderInitSink */
SLOT(IWbemProviderInitSink, SetStatus, 3);
END(IWbemProviderInitSink, 4);
/* IWbemProviderInit */
SLOT(IWbemProviderInit, Initialize, 3);
END(IWbemProviderInit, 4);
/* IWbemHiPerfProvider */
SLOT(IWbemHiPerfProvider, QueryInstances, 3);
SLOT(IWbemHiPerfProvider, CreateRefresher, 4);
SLOT(IWbemHiPerfProvider, CreateRefreshableObject, 5);
SLOT(IWbemHiPerfProvider, StopRefreshing, 6);
SLOT(IWbemHiPerfProvider, CreateRefreshableEnum, 7);
SLOT(IWbemHiPerfProvider, GetObjects, 8);
END(IWbemHiPerfProvider, 9);
/* IWbemDecoupledRegistrar */
SLOT(IWbemDecoupledRegistrar, Register, 3);
SLOT(IWbemDecoupledRegistrar, UnRegister, 4);
END(IWbemDecoupledRegistrar, 5);
/* IWbemProviderIdentity */
SLOT(IWbemProviderIdentity, SetRegistrationObject, 3);
END(IWbemProviderIdentity, 4);
/* IWbemDecoupledBasicEventProvider */
SLOT(IWbemDecoupledBasicEventProvider, Register, 3);
SLOT(IWbemDecoupledBasicEventProvider, UnRegister, 4);
SLOT(IWbemDecoupledBasicEventProvider, GetSink, 5);
SLOT(IWbemDecoupledBasicEventProvider, GetService, 6);
END(IWbemDecoupledBasicEventProvider, 7);
/* IWbemEventSink */
SLOT(IWbemEventSink, Indicate, 3);
SLOT(IWbemEventSink, SetStatus, 4);
SLOT(IWbemEventSink, SetSinkSecurity, 5);
SLOT(IWbemEventSink, IsActive, 6);
SLOT(IWbemEventSink, GetRestrictedSink, 7);
SLOT(IWbemEventSink, SetBatchingParameters, 8);
END(IWbemEventSink, 9);
/* IWbemTransport */
SLOT(IWbemTransport, Initialize, 3);
END(IWbemTransport, 4);
/* IWbemLevel1Login */
SLOT(IWbemLevel1Login, EstablishPosition, 3);
SLOT(IWbemLevel1Login, RequestChallenge, 4);
SLOT(IWbemLevel1Login, WBEMLogin, 5);
SLOT(IWbemLevel1Login, NTLMLogin, 6);
END(IWbemLevel1Login, 7);
/* IWbemConnectorLogin */
SLOT(IWbemConnectorLogin, ConnectorLogin, 3);
END(IWbemConnectorLogin, 4);
/* IWbemAddressResolution */
SLOT(IWbemAddressResolution, Resolve, 3);
END(IWbemAddressResolution, 4);
/* IWbemClientTransport */
SLOT(IWbemClientTransport, ConnectServer, 3);
END(IWbemClientTransport, 4);
/* IWbemClientConnectionTransport */
SLOT(IWbemClientConnectionTransport, Open, 3);
SLOT(IWbemClientConnectionTransport, OpenAsync, 4);
SLOT(IWbemClientConnectionTransport, Cancel, 5);
END(IWbemClientConnectionTransport, 6);
/* IWbemConstructClassObject */
SLOT(IWbemConstructClassObject, SetInheritanceChain, 3);
SLOT(IWbemConstructClassObject, SetPropertyOrigin, 4);
SLOT(IWbemConstructClassObject, SetMethodOrigin, 5);
SLOT(IWbemConstructClassObject, SetServerNamespace, 6);
END(IWbemConstructClassObject, 7);
/* IWbemPathKeyList */
SLOT(IWbemPathKeyList, GetCount, 3);
SLOT(IWbemPathKeyList, SetKey, 4);
SLOT(IWbemPathKeyList, SetKey2, 5);
SLOT(IWbemPathKeyList, GetKey, 6);
SLOT(IWbemPathKeyList, GetKey2, 7);
SLOT(IWbemPathKeyList, RemoveKey, 8);
SLOT(IWbemPathKeyList, RemoveAllKeys, 9);
SLOT(IWbemPathKeyList, MakeSingleton, 10);
SLOT(IWbemPathKeyList, GetInfo, 11);
SLOT(IWbemPathKeyList, GetText, 12);
END(IWbemPathKeyList, 13);
/* IWbemPath */
SLOT(IWbemPath, SetText, 3);
SLOT(IWbemPath, GetText, 4);
SLOT(IWbemPath, GetInfo, 5);
SLOT(IWbemPath, SetServer, 6);
SLOT(IWbemPath, GetServer, 7);
SLOT(IWbemPath, GetNamespaceCount, 8);
SLOT(IWbemPath, SetNamespaceAt, 9);
SLOT(IWbemPath, GetNamespaceAt, 10);
SLOT(IWbemPath, RemoveNamespaceAt, 11);
SLOT(IWbemPath, RemoveAllNamespaces, 12);
SLOT(IWbemPath, GetScopeCount, 13);
SLOT(IWbemPath, SetScope, 14);
SLOT(IWbemPath, SetScopeFromText, 15);
SLOT(IWbemPath, GetScope, 16);
SLOT(IWbemPath, GetScopeAsText, 17);
SLOT(IWbemPath, RemoveScope, 18);
SLOT(IWbemPath, RemoveAllScopes, 19);
SLOT(IWbemPath, SetClassName, 20);
SLOT(IWbemPath, GetClassName, 21);
SLOT(IWbemPath, GetKeyList, 22);
SLOT(IWbemPath, CreateClassPart, 23);
SLOT(IWbemPath, DeleteClassPart, 24);
SLOT(IWbemPath, IsRelative, 25);
SLOT(IWbemPath, IsRelativeOrChild, 26);
SLOT(IWbemPath, IsLocal, 27);
SLOT(IWbemPath, IsSameClassName, 28);
END(IWbemPath, 29);
/* IWbemQuery */
SLOT(IWbemQuery, Empty, 3);
SLOT(IWbemQuery, SetLanguageFeatures, 4);
SLOT(IWbemQuery, TestLanguageFeatures, 5);
SLOT(IWbemQuery, Parse, 6);
SLOT(IWbemQuery, GetAnalysis, 7);
SLOT(IWbemQuery, FreeMemory, 8);
SLOT(IWbemQuery, GetQueryInfo, 9);
END(IWbemQuery, 10);

struct identifier {
    const GUID *guid;
    const char *text;
};

#define ID(name, text)                                                                             \
    {                                                                                              \
        &name, text                                                                                \
    }

static const struct identifier identifiers[] = {
    ID(IID_IWbemClassObject, "dc12a681-737f-11cf-884d-00aa004b2e24"),
    ID(IID_IWbemObjectAccess, "49353c9a-516b-11d1-aea6-00c04fb68820"),
    ID(IID_IWbemQualifierSet, "dc12a680-737f-11cf-884d-00aa004b2e24"),
    ID(IID_IWbemServices, "9556dc99-828c-11cf-a37e-00aa003240c7"),
    ID(IID_IWbemLocator, "dc12a687-737f-11cf-884d-00aa004b2e24"),
    ID(IID_IWbemObjectSink, "7c857801-7381-11cf-884d-00aa004b2e24"),
    ID(IID_IEnumWbemClassObject, "027947e1-d731-11ce-a357-000000000001"),
    ID(IID_IWbemCallResult, "44aca675-e8fc-11d0-a07c-00c04fb68820"),
    ID(IID_IWbemContext, "44aca674-e8fc-11d0-a07c-00c04fb68820"),
    ID(IID_IUnsecuredApartment, "1cfaba8c-1523-11d1-ad79-00c04fd8fdff"),
    ID(IID_IWbemUnsecuredApartment, "31739d04-3471-4cf4-9a7c-57a44ae71956"),
    ID(IID_IWbemStatusCodeText, "eb87e1bc-3233-11d2-aec9-00c04fb68820"),
    ID(IID_IWbemBackupRestore, "c49e32c7-bc8b-11d2-85d4-00105a1f8304"),
    ID(IID_IWbemBackupRestoreEx, "a359dec5-e813-4834-8a2a-ba7f1d777d76"),
    ID(IID_IWbemRefresher, "49353c99-516b-11d1-aea6-00c04fb68820"),
    ID(IID_IWbemHiPerfEnum, "2705c288-79ae-11d2-b348-00105a1f8177"),
    ID(IID_IWbemConfigureRefresher, "49353c92-516b-11d1-aea6-00c04fb68820"),
    ID(CLSID_WbemLocator, "4590f811-1d3a-11d0-891f-00aa004b2e24"),
    ID(CLSID_WbemContext, "674b6698-ee92-11d0-ad71-00c04fd8fdff"),
    ID(CLSID_UnsecuredApartment, "49bd2028-1523-11d1-ad79-00c04fd8fdff"),
    ID(CLSID_WbemClassObject, "9a653086-174f-11d2-b5f9-00104b703efd"),
    ID(CLSID_MofCompiler, "6daf9757-2e37-11d2-aec9-00c04fb68820"),
    ID(CLSID_WbemStatusCodeText, "eb87e1bd-3233-11d2-aec9-00c04fb68820"),
    ID(CLSID_WbemBackupRestore, "c49e32c6-bc8b-11d2-85d4-00105a1f8304"),
    ID(CLSID_WbemRefresher, "c71566f2-561e-11d1-ad87-00c04fd8fdff"),
    ID(CLSID_WbemObjectTextSrc, "8d1c559d-84f0-4bb3-a7d5-56a7435a9ba6"),
    ID(IID_IWbemObjectSinkEx, "e7d35cfa-348b-485e-b524-252725d697ca"),
    ID(IID_IWbemShutdown, "b7b31df9-d515-11d3-a11c-00105a1f515a"),
    ID(IID_IWbemObjectTextSrc, "bfbf883a-cad7-11d3-a11b-00105a1f515a"),
    ID(IID_IMofCompiler, "6daf974e-2e37-11d2-aec9-00c04fb68820"),
    ID(IID_IWbemPropertyProvider, "ce61e841-65bc-11d0-b6bd-00aa003240c7"),
    ID(IID_IWbemUnboundObjectSink, "e246107b-b06e-11d0-ad61-00c04fd8fdff"),
    ID(IID_IWbemEventProvider, "e245105b-b06e-11d0-ad61-00c04fd8fdff"),
    ID(IID_IWbemEventProviderQuerySink, "580acaf8-fa1c-11d0-ad72-00c04fd8fdff"),
    ID(IID_IWbemEventProviderSecurity, "631f7d96-d993-11d2-b339-00105a1f4aaf"),
    ID(IID_IWbemEventConsumerProvider, "e246107a-b06e-11d0-ad61-00c04fd8fdff"),
    ID(IID_IWbemProviderInitSink, "1be41571-91dd-11d1-aeb2-00c04fb68820"),
    ID(IID_IWbemProviderInit, "1be41572-91dd-11d1-aeb2-00c04fb68820"),
    ID(IID_IWbemHiPerfProvider, "49353c93-516b-11d1-aea6-00c04fb68820"),
    ID(IID_IWbemDecoupledRegistrar, "1005cbcf-e64f-4646-bcd3-3a089d8a84b4"),
    ID(CLSID_WbemAdministrativeLocator, "cb8555cc-9128-11d1-ad9b-00c04fd8fdff"),
    ID(CLSID_WbemAuthenticatedLocator, "cd184336-9128-11d1-ad9b-00c04fd8fdff"),
    ID(CLSID_WbemUnauthenticatedLocator, "443e7b79-de31-11d2-b340-00104bcc4b4a"),
    ID(CLSID_WbemDecoupledRegistrar, "4cfc7932-0f9d-4bef-9c32-8ea2a6b56fcb"),
    ID(CLSID_WbemDecoupledBasicEventProvider, "f5f75737-2843-4f22-933d-c76a97cda62f"),
    ID(IID_IWbemProviderIdentity, "631f7d97-d993-11d2-b339-00105a1f4aaf"),
    ID(IID_IWbemDecoupledBasicEventProvider, "86336d20-ca11-4786-9ef1-bc8a946b42fc"),
    ID(IID_IWbemEventSink, "3ae0080a-7e3a-4366-bf89-0feedc931659"),
    ID(IID_IWbemTransport, "553fe584-2156-11d0-b6ae-00aa003240c7"),
    ID(IID_IWbemLevel1Login, "f309ad18-d86a-11d0-a075-00c04fb68820"),
    ID(IID_IWbemConnectorLogin, "d8ec9cb1-b135-4f10-8b1b-c7188bb0d186"),
    ID(IID_IWbemAddressResolution, "f7ce2e12-8c90-11d1-9e7b-00c04fc324a8"),
    ID(CLSID_WbemLevel1Login, "8bc3f05e-d86b-11d0-a075-00c04fb68820"),
    ID(CLSID_WbemLocalAddrRes, "a1044801-8f7e-11d1-9e7c-00c04fc324a8"),
    ID(CLSID_WbemUninitializedClassObject, "7a0227f6-7108-11d1-ad90-00c04fd8fdff"),
    ID(IID_IWbemClientTransport, "f7ce2e11-8c90-11d1-9e7b-00c04fc324a8"),
    ID(IID_IWbemClientConnectionTransport, "a889c72a-fcc1-4a9e-af61-ed071333fb5b"),
    ID(CLSID_WbemDCOMTransport, "f7ce2e13-8c90-11d1-9e7b-00c04fc324a8"),
    ID(IID_IWbemConstructClassObject, "9ef76194-70d5-11d1-ad90-00c04fd8fdff"),
    ID(CLSID_WbemDefPath, "cf4cc405-e2c5-4ddd-b3ce-5e7582d8c9fa"),
    ID(CLSID_WbemQuery, "eac8a024-21e2-4523-ad73-a71a0aa2f56a"),
    ID(IID_IWbemPathKeyList, "9ae62877-7544-4bb0-aa26-a13824659ed6"),
    ID(IID_IWbemPath, "3bc15af2-736c-477e-9e51-238af8667dcc"),
    ID(IID_IWbemQuery, "81166f58-dd98-11d3-a120-00105a1f515a"),
};

static void assert_guid(const GUID *guid, const char *text)
{
    unsigned int part[11];
    int parts =
        sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &part[0], &part[1], &part[2],
               &part[3], &part[4], &part[5], &part[6], &part[7], &part[8], &part[9], &part[10]);
    assert_int_equal(parts, 11);
    assert_int_equal(strlen(text), 36);

    assert_int_equal(guid->Data1, part[0]);
    assert_int_equal(guid->Data2, part[1]);
    assert_int_equal(guid->Data3, part[2]);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(guid->Data4[i], part[3 + i]);
    }
}

static void identifiers_are_those_of_the_sdk(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof identifiers / sizeof identifiers[0]; i++) {
        assert_guid(identifiers[i].guid, identifiers[i].text);
    }
}

static void identifiers_are_distinct(void **state)
{
    (void)state;
    size_t count = sizeof identifiers / sizeof identifiers[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            assert_memory_not_equal(identifiers[i].guid, identifiers[j].guid, sizeof(GUID));
        }
    }
}

/* An enumerator that notes what it was called with. */
struct fake {
    IEnumWbemClassObject iface;
    const char *called;
    LONG timeout;
    ULONG count;
    void *pointer;
};

static struct fake *fake_of(IEnumWbemClassObject *iface)
{
    return (struct fake *)(void *)((char *)iface - offsetof(struct fake, iface));
}

static HRESULT STDMETHODCALLTYPE fake_query(IEnumWbemClassObject *iface, REFIID iid, void **ret)
{
    fake_of(iface)->called = IsEqualIID(iid, &IID_IEnumWbemClassObject) ? "QueryInterface" : "?";
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE fake_addref(IEnumWbemClassObject *iface)
{
    fake_of(iface)->called = "AddRef";
    return 2;
}

static ULONG STDMETHODCALLTYPE fake_release(IEnumWbemClassObject *iface)
{
    fake_of(iface)->called = "Release";
    return 1;
}

static HRESULT STDMETHODCALLTYPE fake_reset(IEnumWbemClassObject *iface)
{
    fake_of(iface)->called = "Reset";
    return WBEM_E_INVALID_OPERATION;
}

static HRESULT STDMETHODCALLTYPE fake_next(IEnumWbemClassObject *iface, LONG timeout, ULONG count,
                                           IWbemClassObject **objects, ULONG *returned)
{
    struct fake *fake = fake_of(iface);
    fake->called = "Next";
    fake->timeout = timeout;
    fake->count = count;
    fake->pointer = objects;
    *returned = 0;
    return WBEM_S_TIMEDOUT;
}

static HRESULT STDMETHODCALLTYPE fake_next_async(IEnumWbemClassObject *iface, ULONG count,
                                                 IWbemObjectSink *sink)
{
    struct fake *fake = fake_of(iface);
    fake->called = "NextAsync";
    fake->count = count;
    fake->pointer = sink;
    return WBEM_S_FALSE;
}

static HRESULT STDMETHODCALLTYPE fake_clone(IEnumWbemClassObject *iface, IEnumWbemClassObject **ret)
{
    fake_of(iface)->called = "Clone";
    *ret = iface;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE fake_skip(IEnumWbemClassObject *iface, LONG timeout, ULONG count)
{
    struct fake *fake = fake_of(iface);
    fake->called = "Skip";
    fake->timeout = timeout;
    fake->count = count;
    return WBEM_S_FALSE;
}

static const IEnumWbemClassObjectVtbl fake_vtbl = {
    fake_query, fake_addref,     fake_release, fake_reset,
    fake_next,  fake_next_async, fake_clone,   fake_skip,
};

/* Clause N1: from C, by the names that COBJMACROS gives. */
static void n1_enumerator_is_callable_by_macros(void **state)
{
    (void)state;
    struct fake fake = {{&fake_vtbl}, NULL, 0, 0, NULL};
    IEnumWbemClassObject *e = &fake.iface;
    IEnumWbemClassObject *other = NULL;
    IWbemClassObject *object = NULL;
    ULONG returned = 7;
    void *out = NULL;

    assert_int_equal(IEnumWbemClassObject_QueryInterface(e, &IID_IEnumWbemClassObject, &out), S_OK);
    assert_string_equal(fake.called, "QueryInterface");
    assert_ptr_equal(out, e);
    assert_int_equal(IEnumWbemClassObject_AddRef(e), 2);
    assert_int_equal(IEnumWbemClassObject_Release(e), 1);
    assert_int_equal(IEnumWbemClassObject_Reset(e), WBEM_E_INVALID_OPERATION);
    assert_string_equal(fake.called, "Reset");

    assert_int_equal(IEnumWbemClassObject_Next(e, WBEM_INFINITE, 3, &object, &returned),
                     WBEM_S_TIMEDOUT);
    assert_string_equal(fake.called, "Next");
    assert_int_equal(fake.timeout, -1);
    assert_int_equal(fake.count, 3);
    assert_ptr_equal(fake.pointer, &object);
    assert_int_equal(returned, 0);

    IWbemObjectSink *sink = (IWbemObjectSink *)&fake;
    assert_int_equal(IEnumWbemClassObject_NextAsync(e, 5, sink), WBEM_S_FALSE);
    assert_string_equal(fake.called, "NextAsync");
    assert_int_equal(fake.count, 5);
    assert_ptr_equal(fake.pointer, sink);

    assert_int_equal(IEnumWbemClassObject_Clone(e, &other), WBEM_S_NO_ERROR);
    assert_ptr_equal(other, e);
    assert_int_equal(IEnumWbemClassObject_Skip(e, 100, 4), WBEM_S_FALSE);
    assert_int_equal(fake.timeout, 100);
    assert_int_equal(fake.count, 4);
}

static void failures_fail_and_successes_succeed(void **state)
{
    (void)state;
    assert_true(SUCCEEDED(WBEM_S_FALSE));
    assert_true(SUCCEEDED(WBEM_S_TIMEDOUT));
    assert_true(FAILED(WBEM_E_FAILED));
    assert_true(FAILED(WBEMMOF_E_INVALID_FILE));
    assert_true(FAILED(WBEM_E_RETRY_LATER));
    HRESULT hr = WBEM_E_INVALID_QUERY;
    assert_true(hr == (HRESULT)0x80041017);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_those_of_the_sdk),
        cmocka_unit_test(identifiers_are_distinct),
        cmocka_unit_test(n1_enumerator_is_callable_by_macros),
        cmocka_unit_test(failures_fail_and_successes_succeed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
