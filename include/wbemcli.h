/*
 * The WMI client API: classes, instances, qualifiers, queries, enumerators and sinks.
 *
 * Names, values, interface identifiers and the order of methods are those of Microsoft's
 * wbemcli.h, as its reference (learn.microsoft.com/windows/win32/api/wbemcli) and [MS-WMI]
 * describe them. Two differences come from the platform: what is `long` there is LONG here,
 * 32 bits wide on both sides, and WCHAR is the platform's wchar_t.
 *
 * Unless a method says otherwise:
 *  - it returns WBEM_S_NO_ERROR (0) or a failure of WBEMSTATUS; test with FAILED();
 *  - strings and objects passed in are borrowed for the call;
 *  - a BSTR, VARIANT, SAFEARRAY or object passed out is the caller's: SysFreeString,
 *    VariantClear, SafeArrayDestroy, Release; an optional out parameter may be NULL;
 *  - lFlags that the method does not name must be 0, else WBEM_E_INVALID_PARAMETER;
 *  - any thread may call.
 */
#ifndef WBEMCLI_H
#define WBEMCLI_H

#include <windows.h>

#include <objbase.h>
#include <oaidl.h>
#include <oleauto.h>

/* In C a vtable begins with IUnknown's three methods; in C++ they are inherited, and naming
 * them again would hide IUnknown's QueryInterface template. */
#if defined(__cplusplus) && !defined(CINTERFACE)
#define WBEM_IUNKNOWN_METHODS
#else
#define WBEM_IUNKNOWN_METHODS                                                                      \
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppvObject) PURE;                           \
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;                                                          \
    STDMETHOD_(ULONG, Release)(THIS) PURE;
#endif

/* A class of objects that CoCreateInstance makes: in C++ a name for __uuidof. */
#ifdef __cplusplus
#define WBEM_COCLASS(name, uuid) class DECLSPEC_UUID(uuid) name;
#else
#define WBEM_COCLASS(name, uuid)
#endif

#if defined(COBJMACROS) && (!defined(__cplusplus) || defined(CINTERFACE))
#define WBEM_COBJMACROS
#endif

/* Interfaces are named here and declared below; C99 knows no second, equal typedef. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtypedef-redefinition"
#endif

typedef interface IWbemClassObject IWbemClassObject;
typedef interface IWbemObjectAccess IWbemObjectAccess;
typedef interface IWbemQualifierSet IWbemQualifierSet;
typedef interface IWbemServices IWbemServices;
typedef interface IWbemLocator IWbemLocator;
typedef interface IWbemObjectSink IWbemObjectSink;
typedef interface IEnumWbemClassObject IEnumWbemClassObject;
typedef interface IWbemCallResult IWbemCallResult;
typedef interface IWbemContext IWbemContext;
typedef interface IUnsecuredApartment IUnsecuredApartment;
typedef interface IWbemUnsecuredApartment IWbemUnsecuredApartment;
typedef interface IWbemStatusCodeText IWbemStatusCodeText;
typedef interface IWbemBackupRestore IWbemBackupRestore;
typedef interface IWbemBackupRestoreEx IWbemBackupRestoreEx;
typedef interface IWbemRefresher IWbemRefresher;
typedef interface IWbemHiPerfEnum IWbemHiPerfEnum;
typedef interface IWbemConfigureRefresher IWbemConfigureRefresher;
typedef interface IWbemObjectSinkEx IWbemObjectSinkEx;
typedef interface IWbemShutdown IWbemShutdown;
typedef interface IWbemObjectTextSrc IWbemObjectTextSrc;
typedef interface IMofCompiler IMofCompiler;

/* Is an object a class or an instance: the __GENUS system property. */
typedef enum tag_WBEM_GENUS_TYPE {
    WBEM_GENUS_CLASS = 1,
    WBEM_GENUS_INSTANCE = 2
} WBEM_GENUS_TYPE;

/* How PutClass and PutInstance treat an object that exists, or does not yet exist. */
typedef enum tag_WBEM_CHANGE_FLAG_TYPE {
    WBEM_FLAG_CREATE_OR_UPDATE = 0,
    WBEM_FLAG_UPDATE_ONLY = 0x1,
    WBEM_FLAG_CREATE_ONLY = 0x2,
    WBEM_FLAG_UPDATE_COMPATIBLE = 0,    /* refuse if derived classes or instances could break */
    WBEM_FLAG_UPDATE_SAFE_MODE = 0x20,  /* update when no derived class conflicts */
    WBEM_FLAG_UPDATE_FORCE_MODE = 0x40, /* update even then, resolving conflicts */
    WBEM_MASK_UPDATE_MODE = 0x60,
    WBEM_FLAG_ADVISORY = 0x10000 /* the event is for information, nothing is stored */
} WBEM_CHANGE_FLAG_TYPE;

/* lFlags of most IWbemServices calls. */
typedef enum tag_WBEM_GENERIC_FLAG_TYPE {
    WBEM_FLAG_RETURN_IMMEDIATELY = 0x10, /* semisynchronous: wait in the enumerator or result */
    WBEM_FLAG_RETURN_WBEM_COMPLETE = 0,
    WBEM_FLAG_BIDIRECTIONAL = 0,   /* the enumerator can Reset and Clone */
    WBEM_FLAG_FORWARD_ONLY = 0x20, /* it can't, and forgets what it has delivered */
    WBEM_FLAG_NO_ERROR_OBJECT = 0x40,
    WBEM_FLAG_RETURN_ERROR_OBJECT = 0,
    WBEM_FLAG_SEND_STATUS = 0x80, /* intermediate status reports to the sink */
    WBEM_FLAG_DONT_SEND_STATUS = 0,
    WBEM_FLAG_ENSURE_LOCATABLE = 0x100, /* objects carry their system properties and path */
    WBEM_FLAG_DIRECT_READ = 0x200,      /* the class itself, not its base or derived classes */
    WBEM_FLAG_SEND_ONLY_SELECTED = 0,
    WBEM_RETURN_WHEN_COMPLETE = 0,
    WBEM_RETURN_IMMEDIATELY = 0x10,
    WBEM_MASK_RESERVED_FLAGS = 0x1f000,
    WBEM_FLAG_USE_AMENDED_QUALIFIERS = 0x20000, /* localized qualifiers too, if stored */
    WBEM_FLAG_STRONG_VALIDATION = 0x100000
} WBEM_GENERIC_FLAG_TYPE;

/* lFlags of IWbemObjectSink::SetStatus: what kind of report it is. */
typedef enum tag_WBEM_STATUS_TYPE {
    WBEM_STATUS_COMPLETE = 0,     /* the operation has ended */
    WBEM_STATUS_REQUIREMENTS = 1, /* sent to event providers */
    WBEM_STATUS_PROGRESS = 2,
    WBEM_STATUS_LOGGING_INFORMATION = 0x100,
    WBEM_STATUS_LOGGING_INFORMATION_PROVIDER = 0x200,
    WBEM_STATUS_LOGGING_INFORMATION_HOST = 0x400,
    WBEM_STATUS_LOGGING_INFORMATION_REPOSITORY = 0x800,
    WBEM_STATUS_LOGGING_INFORMATION_ESS = 0x1000
} WBEM_STATUS_TYPE;

/* lTimeout values beside a number of milliseconds. */
typedef enum tag_WBEM_TIMEOUT_TYPE {
    WBEM_NO_WAIT = 0,
    WBEM_INFINITE = -1
} WBEM_TIMEOUT_TYPE;

/* Which properties IWbemClassObject::GetNames and BeginEnumeration choose. */
typedef enum tag_WBEM_CONDITION_FLAG_TYPE {
    WBEM_FLAG_ALWAYS = 0,
    WBEM_FLAG_ONLY_IF_TRUE = 0x1,      /* those that have the qualifier */
    WBEM_FLAG_ONLY_IF_FALSE = 0x2,     /* those that lack it */
    WBEM_FLAG_ONLY_IF_IDENTICAL = 0x3, /* those that have it with the value given */
    WBEM_MASK_PRIMARY_CONDITION = 0x3,
    WBEM_FLAG_KEYS_ONLY = 0x4,
    WBEM_FLAG_REFS_ONLY = 0x8,
    WBEM_FLAG_LOCAL_ONLY = 0x10,
    WBEM_FLAG_PROPAGATED_ONLY = 0x20,
    WBEM_FLAG_SYSTEM_ONLY = 0x30,
    WBEM_FLAG_NONSYSTEM_ONLY = 0x40,
    WBEM_MASK_CONDITION_ORIGIN = 0x70,
    WBEM_FLAG_CLASS_OVERRIDES_ONLY = 0x100,
    WBEM_FLAG_CLASS_LOCAL_AND_OVERRIDES = 0x200,
    WBEM_MASK_CLASS_CONDITION = 0x300
} WBEM_CONDITION_FLAG_TYPE;

/* A qualifier's flavor, and where a property or qualifier comes from. */
typedef enum tag_WBEM_FLAVOR_TYPE {
    WBEM_FLAVOR_DONT_PROPAGATE = 0,
    WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE = 0x1,
    WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS = 0x2,
    WBEM_FLAVOR_MASK_PROPAGATION = 0xf,
    WBEM_FLAVOR_OVERRIDABLE = 0,
    WBEM_FLAVOR_NOT_OVERRIDABLE = 0x10,
    WBEM_FLAVOR_MASK_PERMISSIONS = 0x10,
    WBEM_FLAVOR_ORIGIN_LOCAL = 0,
    WBEM_FLAVOR_ORIGIN_PROPAGATED = 0x20,
    WBEM_FLAVOR_ORIGIN_SYSTEM = 0x40,
    WBEM_FLAVOR_MASK_ORIGIN = 0x60,
    WBEM_FLAVOR_NOT_AMENDED = 0,
    WBEM_FLAVOR_AMENDED = 0x80,
    WBEM_FLAVOR_MASK_AMENDED = 0x80
} WBEM_FLAVOR_TYPE;

/* How far enumerations of classes and instances reach, and queries that want no data. */
typedef enum tag_WBEM_QUERY_FLAG_TYPE {
    WBEM_FLAG_DEEP = 0,     /* derived classes too, at any depth */
    WBEM_FLAG_SHALLOW = 1,  /* the class itself; for classes, its immediate children */
    WBEM_FLAG_PROTOTYPE = 2 /* the class that the query's results would have, no results */
} WBEM_QUERY_FLAG_TYPE;

/* Access rights to a namespace. */
typedef enum tag_WBEM_SECURITY_FLAGS {
    WBEM_ENABLE = 1,
    WBEM_METHOD_EXECUTE = 2,
    WBEM_FULL_WRITE_REP = 4,
    WBEM_PARTIAL_WRITE_REP = 8,
    WBEM_WRITE_PROVIDER = 0x10,
    WBEM_REMOTE_ACCESS = 0x20,
    WBEM_RIGHT_SUBSCRIBE = 0x40,
    WBEM_RIGHT_PUBLISH = 0x80
} WBEM_SECURITY_FLAGS;

typedef enum tag_WBEM_LIMITATION_FLAG_TYPE {
    WBEM_FLAG_EXCLUDE_OBJECT_QUALIFIERS = 0x10,
    WBEM_FLAG_EXCLUDE_PROPERTY_QUALIFIERS = 0x20
} WBEM_LIMITATION_FLAG_TYPE;

/* lFlags of IWbemClassObject::GetObjectText. */
typedef enum tag_WBEM_TEXT_FLAG_TYPE {
    WBEM_FLAG_NO_FLAVORS = 0x1
} WBEM_TEXT_FLAG_TYPE;

/* What IWbemClassObject::CompareTo leaves out. */
typedef enum tag_WBEM_COMPARISON_FLAG {
    WBEM_COMPARISON_INCLUDE_ALL = 0,
    WBEM_FLAG_IGNORE_QUALIFIERS = 0x1,
    WBEM_FLAG_IGNORE_OBJECT_SOURCE = 0x2, /* server and namespace */
    WBEM_FLAG_IGNORE_DEFAULT_VALUES = 0x4,
    WBEM_FLAG_IGNORE_CLASS = 0x8, /* compare instances, not the class information in them */
    WBEM_FLAG_IGNORE_CASE = 0x10, /* of string values */
    WBEM_FLAG_IGNORE_FLAVOR = 0x20
} WBEM_COMPARISON_FLAG;

/* lFlags of IWbemObjectAccess::Lock. */
typedef enum tag_WBEM_LOCKING {
    WBEM_FLAG_ALLOW_READ = 0x1
} WBEM_LOCKING_FLAG_TYPE;

/* The CIM data types. Kept in a CIMTYPE, with CIM_FLAG_ARRAY added for arrays. */
typedef enum tag_CIMTYPE_ENUMERATION {
    CIM_ILLEGAL = 0xfff,
    CIM_EMPTY = 0,
    CIM_SINT8 = 16,
    CIM_UINT8 = 17,
    CIM_SINT16 = 2,
    CIM_UINT16 = 18,
    CIM_SINT32 = 3,
    CIM_UINT32 = 19,
    CIM_SINT64 = 20, /* a decimal string in VARIANTs, as is CIM_UINT64 */
    CIM_UINT64 = 21,
    CIM_REAL32 = 4,
    CIM_REAL64 = 5,
    CIM_BOOLEAN = 11,
    CIM_STRING = 8,
    CIM_DATETIME = 101, /* DMTF form: yyyymmddHHMMSS.mmmmmmsUUU, or an interval */
    CIM_REFERENCE = 102,
    CIM_CHAR16 = 103,
    CIM_OBJECT = 13,
    CIM_FLAG_ARRAY = 0x2000
} CIMTYPE_ENUMERATION;

/* lFlags of IWbemBackupRestore::Restore. */
typedef enum tag_WBEM_BACKUP_RESTORE_FLAGS {
    WBEM_FLAG_BACKUP_RESTORE_DEFAULT = 0,
    WBEM_FLAG_BACKUP_RESTORE_FORCE_SHUTDOWN = 1
} WBEM_BACKUP_RESTORE_FLAGS;

/* lFlags of IWbemRefresher::Refresh. */
typedef enum tag_WBEM_REFRESHER_FLAGS {
    WBEM_FLAG_REFRESH_AUTO_RECONNECT = 0,
    WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT = 1
} WBEM_REFRESHER_FLAGS;

/* uReason of IWbemShutdown::Shutdown. */
typedef enum tag_WBEM_SHUTDOWN_FLAGS {
    WBEM_SHUTDOWN_UNLOAD_COMPONENT = 1,
    WBEM_SHUTDOWN_WMI = 2,
    WBEM_SHUTDOWN_OS = 3
} WBEM_SHUTDOWN_FLAGS;

/* A value of CIMTYPE_ENUMERATION, perhaps with CIM_FLAG_ARRAY. */
typedef LONG CIMTYPE;

/* lFlags of IWbemStatusCodeText. */
typedef enum tag_WBEMSTATUS_FORMAT {
    WBEMSTATUS_FORMAT_NEWLINE = 0,
    WBEMSTATUS_FORMAT_NO_NEWLINE = 1
} WBEMSTATUS_FORMAT;

/* Greatest lengths in characters; nesting and properties as counts. */
typedef enum tag_WBEM_LIMITS {
    WBEM_MAX_IDENTIFIER = 0x1000,
    WBEM_MAX_QUERY = 0x4000,
    WBEM_MAX_PATH = 0x2000,
    WBEM_MAX_OBJECT_NESTING = 64,
    WBEM_MAX_USER_PROPERTIES = 1024
} WBEM_LIMITS;

typedef enum tag_WBEMSTATUS {
    WBEM_NO_ERROR = 0,
    WBEM_S_NO_ERROR = 0,
    WBEM_S_SAME = 0,
    WBEM_S_FALSE = 1,
    WBEM_S_ALREADY_EXISTS = 0x40001,
    WBEM_S_RESET_TO_DEFAULT = 0x40002,
    WBEM_S_DIFFERENT = 0x40003,
    WBEM_S_TIMEDOUT = 0x40004,
    WBEM_S_NO_MORE_DATA = 0x40005,
    WBEM_S_OPERATION_CANCELLED = 0x40006,
    WBEM_S_PENDING = 0x40007,
    WBEM_S_DUPLICATE_OBJECTS = 0x40008,
    WBEM_S_ACCESS_DENIED = 0x40009,

    WBEM_S_PARTIAL_RESULTS = 0x40010,

    WBEM_S_SOURCE_NOT_AVAILABLE = 0x40017,

    WBEM_E_FAILED = (int)0x80041001,
    WBEM_E_NOT_FOUND = (int)0x80041002,
    WBEM_E_ACCESS_DENIED = (int)0x80041003,
    WBEM_E_PROVIDER_FAILURE = (int)0x80041004,
    WBEM_E_TYPE_MISMATCH = (int)0x80041005,
    WBEM_E_OUT_OF_MEMORY = (int)0x80041006,
    WBEM_E_INVALID_CONTEXT = (int)0x80041007,
    WBEM_E_INVALID_PARAMETER = (int)0x80041008,
    WBEM_E_NOT_AVAILABLE = (int)0x80041009,
    WBEM_E_CRITICAL_ERROR = (int)0x8004100a,
    WBEM_E_INVALID_STREAM = (int)0x8004100b,
    WBEM_E_NOT_SUPPORTED = (int)0x8004100c,
    WBEM_E_INVALID_SUPERCLASS = (int)0x8004100d,
    WBEM_E_INVALID_NAMESPACE = (int)0x8004100e,
    WBEM_E_INVALID_OBJECT = (int)0x8004100f,
    WBEM_E_INVALID_CLASS = (int)0x80041010,
    WBEM_E_PROVIDER_NOT_FOUND = (int)0x80041011,
    WBEM_E_INVALID_PROVIDER_REGISTRATION = (int)0x80041012,
    WBEM_E_PROVIDER_LOAD_FAILURE = (int)0x80041013,
    WBEM_E_INITIALIZATION_FAILURE = (int)0x80041014,
    WBEM_E_TRANSPORT_FAILURE = (int)0x80041015,
    WBEM_E_INVALID_OPERATION = (int)0x80041016,
    WBEM_E_INVALID_QUERY = (int)0x80041017,
    WBEM_E_INVALID_QUERY_TYPE = (int)0x80041018,
    WBEM_E_ALREADY_EXISTS = (int)0x80041019,
    WBEM_E_OVERRIDE_NOT_ALLOWED = (int)0x8004101a,
    WBEM_E_PROPAGATED_QUALIFIER = (int)0x8004101b,
    WBEM_E_PROPAGATED_PROPERTY = (int)0x8004101c,
    WBEM_E_UNEXPECTED = (int)0x8004101d,
    WBEM_E_ILLEGAL_OPERATION = (int)0x8004101e,
    WBEM_E_CANNOT_BE_KEY = (int)0x8004101f,
    WBEM_E_INCOMPLETE_CLASS = (int)0x80041020,
    WBEM_E_INVALID_SYNTAX = (int)0x80041021,
    WBEM_E_NONDECORATED_OBJECT = (int)0x80041022,
    WBEM_E_READ_ONLY = (int)0x80041023,
    WBEM_E_PROVIDER_NOT_CAPABLE = (int)0x80041024,
    WBEM_E_CLASS_HAS_CHILDREN = (int)0x80041025,
    WBEM_E_CLASS_HAS_INSTANCES = (int)0x80041026,
    WBEM_E_QUERY_NOT_IMPLEMENTED = (int)0x80041027,
    WBEM_E_ILLEGAL_NULL = (int)0x80041028,
    WBEM_E_INVALID_QUALIFIER_TYPE = (int)0x80041029,
    WBEM_E_INVALID_PROPERTY_TYPE = (int)0x8004102a,
    WBEM_E_VALUE_OUT_OF_RANGE = (int)0x8004102b,
    WBEM_E_CANNOT_BE_SINGLETON = (int)0x8004102c,
    WBEM_E_INVALID_CIM_TYPE = (int)0x8004102d,
    WBEM_E_INVALID_METHOD = (int)0x8004102e,
    WBEM_E_INVALID_METHOD_PARAMETERS = (int)0x8004102f,
    WBEM_E_SYSTEM_PROPERTY = (int)0x80041030,
    WBEM_E_INVALID_PROPERTY = (int)0x80041031,
    WBEM_E_CALL_CANCELLED = (int)0x80041032,
    WBEM_E_SHUTTING_DOWN = (int)0x80041033,
    WBEM_E_PROPAGATED_METHOD = (int)0x80041034,
    WBEM_E_UNSUPPORTED_PARAMETER = (int)0x80041035,
    WBEM_E_MISSING_PARAMETER_ID = (int)0x80041036,
    WBEM_E_INVALID_PARAMETER_ID = (int)0x80041037,
    WBEM_E_NONCONSECUTIVE_PARAMETER_IDS = (int)0x80041038,
    WBEM_E_PARAMETER_ID_ON_RETVAL = (int)0x80041039,
    WBEM_E_INVALID_OBJECT_PATH = (int)0x8004103a,
    WBEM_E_OUT_OF_DISK_SPACE = (int)0x8004103b,
    WBEM_E_BUFFER_TOO_SMALL = (int)0x8004103c,
    WBEM_E_UNSUPPORTED_PUT_EXTENSION = (int)0x8004103d,
    WBEM_E_UNKNOWN_OBJECT_TYPE = (int)0x8004103e,
    WBEM_E_UNKNOWN_PACKET_TYPE = (int)0x8004103f,
    WBEM_E_MARSHAL_VERSION_MISMATCH = (int)0x80041040,
    WBEM_E_MARSHAL_INVALID_SIGNATURE = (int)0x80041041,
    WBEM_E_INVALID_QUALIFIER = (int)0x80041042,
    WBEM_E_INVALID_DUPLICATE_PARAMETER = (int)0x80041043,
    WBEM_E_TOO_MUCH_DATA = (int)0x80041044,
    WBEM_E_SERVER_TOO_BUSY = (int)0x80041045,
    WBEM_E_INVALID_FLAVOR = (int)0x80041046,
    WBEM_E_CIRCULAR_REFERENCE = (int)0x80041047,
    WBEM_E_UNSUPPORTED_CLASS_UPDATE = (int)0x80041048,
    WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE = (int)0x80041049,

    WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE = (int)0x80041050,
    WBEM_E_TOO_MANY_PROPERTIES = (int)0x80041051,
    WBEM_E_UPDATE_TYPE_MISMATCH = (int)0x80041052,
    WBEM_E_UPDATE_OVERRIDE_NOT_ALLOWED = (int)0x80041053,
    WBEM_E_UPDATE_PROPAGATED_METHOD = (int)0x80041054,
    WBEM_E_METHOD_NOT_IMPLEMENTED = (int)0x80041055,
    WBEM_E_METHOD_DISABLED = (int)0x80041056,
    WBEM_E_REFRESHER_BUSY = (int)0x80041057,
    WBEM_E_UNPARSABLE_QUERY = (int)0x80041058,
    WBEM_E_NOT_EVENT_CLASS = (int)0x80041059,
    WBEM_E_MISSING_GROUP_WITHIN = (int)0x8004105a,
    WBEM_E_MISSING_AGGREGATION_LIST = (int)0x8004105b,
    WBEM_E_PROPERTY_NOT_AN_OBJECT = (int)0x8004105c,
    WBEM_E_AGGREGATING_BY_OBJECT = (int)0x8004105d,

    WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY = (int)0x8004105f,
    WBEM_E_BACKUP_RESTORE_WINMGMT_RUNNING = (int)0x80041060,
    WBEM_E_QUEUE_OVERFLOW = (int)0x80041061,
    WBEM_E_PRIVILEGE_NOT_HELD = (int)0x80041062,
    WBEM_E_INVALID_OPERATOR = (int)0x80041063,
    WBEM_E_LOCAL_CREDENTIALS = (int)0x80041064,
    WBEM_E_CANNOT_BE_ABSTRACT = (int)0x80041065,
    WBEM_E_AMENDED_OBJECT = (int)0x80041066,
    WBEM_E_CLIENT_TOO_SLOW = (int)0x80041067,
    WBEM_E_NULL_SECURITY_DESCRIPTOR = (int)0x80041068,
    WBEM_E_TIMED_OUT = (int)0x80041069,
    WBEM_E_INVALID_ASSOCIATION = (int)0x8004106a,
    WBEM_E_AMBIGUOUS_OPERATION = (int)0x8004106b,
    WBEM_E_QUOTA_VIOLATION = (int)0x8004106c,
    WBEM_E_RESERVED_001 = (int)0x8004106d,
    WBEM_E_RESERVED_002 = (int)0x8004106e,
    WBEM_E_UNSUPPORTED_LOCALE = (int)0x8004106f,
    WBEM_E_HANDLE_OUT_OF_DATE = (int)0x80041070,
    WBEM_E_CONNECTION_FAILED = (int)0x80041071,
    WBEM_E_INVALID_HANDLE_REQUEST = (int)0x80041072,
    WBEM_E_PROPERTY_NAME_TOO_WIDE = (int)0x80041073,
    WBEM_E_CLASS_NAME_TOO_WIDE = (int)0x80041074,
    WBEM_E_METHOD_NAME_TOO_WIDE = (int)0x80041075,
    WBEM_E_QUALIFIER_NAME_TOO_WIDE = (int)0x80041076,
    WBEM_E_RERUN_COMMAND = (int)0x80041077,
    WBEM_E_DATABASE_VER_MISMATCH = (int)0x80041078,
    WBEM_E_VETO_DELETE = (int)0x80041079,
    WBEM_E_VETO_PUT = (int)0x8004107a,

    WBEM_E_INVALID_LOCALE = (int)0x80041080,
    WBEM_E_PROVIDER_SUSPENDED = (int)0x80041081,
    WBEM_E_SYNCHRONIZATION_REQUIRED = (int)0x80041082,
    WBEM_E_NO_SCHEMA = (int)0x80041083,
    WBEM_E_PROVIDER_ALREADY_REGISTERED = (int)0x80041084,
    WBEM_E_PROVIDER_NOT_REGISTERED = (int)0x80041085,
    WBEM_E_FATAL_TRANSPORT_ERROR = (int)0x80041086,
    WBEM_E_ENCRYPTED_CONNECTION_REQUIRED = (int)0x80041087,
    WBEM_E_PROVIDER_TIMED_OUT = (int)0x80041088,
    WBEM_E_NO_KEY = (int)0x80041089,
    WBEM_E_PROVIDER_DISABLED = (int)0x8004108a,

    WBEMESS_E_REGISTRATION_TOO_BROAD = (int)0x80042001,
    WBEMESS_E_REGISTRATION_TOO_PRECISE = (int)0x80042002,
    WBEMESS_E_AUTHZ_NOT_PRIVILEGED = (int)0x80042003,

    WBEMMOF_E_EXPECTED_QUALIFIER_NAME = (int)0x80044001,
    WBEMMOF_E_EXPECTED_SEMI = (int)0x80044002,
    WBEMMOF_E_EXPECTED_OPEN_BRACE = (int)0x80044003,
    WBEMMOF_E_EXPECTED_CLOSE_BRACE = (int)0x80044004,
    WBEMMOF_E_EXPECTED_CLOSE_BRACKET = (int)0x80044005,
    WBEMMOF_E_EXPECTED_CLOSE_PAREN = (int)0x80044006,
    WBEMMOF_E_ILLEGAL_CONSTANT_VALUE = (int)0x80044007,
    WBEMMOF_E_EXPECTED_TYPE_IDENTIFIER = (int)0x80044008,
    WBEMMOF_E_EXPECTED_OPEN_PAREN = (int)0x80044009,
    WBEMMOF_E_UNRECOGNIZED_TOKEN = (int)0x8004400a,
    WBEMMOF_E_UNRECOGNIZED_TYPE = (int)0x8004400b,
    WBEMMOF_E_EXPECTED_PROPERTY_NAME = (int)0x8004400c,
    WBEMMOF_E_TYPEDEF_NOT_SUPPORTED = (int)0x8004400d,
    WBEMMOF_E_UNEXPECTED_ALIAS = (int)0x8004400e,
    WBEMMOF_E_UNEXPECTED_ARRAY_INIT = (int)0x8004400f,
    WBEMMOF_E_INVALID_AMENDMENT_SYNTAX = (int)0x80044010,
    WBEMMOF_E_INVALID_DUPLICATE_AMENDMENT = (int)0x80044011,
    WBEMMOF_E_INVALID_PRAGMA = (int)0x80044012,
    WBEMMOF_E_INVALID_NAMESPACE_SYNTAX = (int)0x80044013,
    WBEMMOF_E_EXPECTED_CLASS_NAME = (int)0x80044014,
    WBEMMOF_E_TYPE_MISMATCH = (int)0x80044015,
    WBEMMOF_E_EXPECTED_ALIAS_NAME = (int)0x80044016,
    WBEMMOF_E_INVALID_CLASS_DECLARATION = (int)0x80044017,
    WBEMMOF_E_INVALID_INSTANCE_DECLARATION = (int)0x80044018,
    WBEMMOF_E_EXPECTED_DOLLAR = (int)0x80044019,
    WBEMMOF_E_CIMTYPE_QUALIFIER = (int)0x8004401a,
    WBEMMOF_E_DUPLICATE_PROPERTY = (int)0x8004401b,
    WBEMMOF_E_INVALID_NAMESPACE_SPECIFICATION = (int)0x8004401c,
    WBEMMOF_E_OUT_OF_RANGE = (int)0x8004401d,
    WBEMMOF_E_INVALID_FILE = (int)0x8004401e,
    WBEMMOF_E_ALIASES_IN_EMBEDDED = (int)0x8004401f,
    WBEMMOF_E_NULL_ARRAY_ELEM = (int)0x80044020,
    WBEMMOF_E_DUPLICATE_QUALIFIER = (int)0x80044021,
    WBEMMOF_E_EXPECTED_FLAVOR_TYPE = (int)0x80044022,
    WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES = (int)0x80044023,
    WBEMMOF_E_MULTIPLE_ALIASES = (int)0x80044024,
    WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES2 = (int)0x80044025,
    WBEMMOF_E_NO_ARRAYS_RETURNED = (int)0x80044026,
    WBEMMOF_E_MUST_BE_IN_OR_OUT = (int)0x80044027,
    WBEMMOF_E_INVALID_FLAGS_SYNTAX = (int)0x80044028,
    WBEMMOF_E_EXPECTED_BRACE_OR_BAD_TYPE = (int)0x80044029,
    WBEMMOF_E_UNSUPPORTED_CIMV22_QUAL_VALUE = (int)0x8004402a,
    WBEMMOF_E_UNSUPPORTED_CIMV22_DATA_TYPE = (int)0x8004402b,
    WBEMMOF_E_INVALID_DELETEINSTANCE_SYNTAX = (int)0x8004402c,
    WBEMMOF_E_INVALID_QUALIFIER_SYNTAX = (int)0x8004402d,
    WBEMMOF_E_QUALIFIER_USED_OUTSIDE_SCOPE = (int)0x8004402e,
    WBEMMOF_E_ERROR_CREATING_TEMP_FILE = (int)0x8004402f,
    WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE = (int)0x80044030,
    WBEMMOF_E_INVALID_DELETECLASS_SYNTAX = (int)0x80044031
} WBEMSTATUS;

/* clang-format off */

EXTERN_C const IID IID_IWbemClassObject;
#undef INTERFACE
#define INTERFACE IWbemClassObject
DECLARE_INTERFACE_IID_(IWbemClassObject, IUnknown, "dc12a681-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(GetQualifierSet)(THIS_ IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(Get)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE *pType,
                   LONG *plFlavor) PURE;
    STDMETHOD(Put)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE Type) PURE;
    STDMETHOD(Delete)(THIS_ LPCWSTR wszName) PURE;
    STDMETHOD(GetNames)(THIS_ LPCWSTR wszQualifierName, LONG lFlags, VARIANT *pQualifierVal,
                        SAFEARRAY **pNames) PURE;
    STDMETHOD(BeginEnumeration)(THIS_ LONG lEnumFlags) PURE;
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *strName, VARIANT *pVal, CIMTYPE *pType,
                    LONG *plFlavor) PURE;
    STDMETHOD(EndEnumeration)(THIS) PURE;
    STDMETHOD(GetPropertyQualifierSet)(THIS_ LPCWSTR wszProperty,
                                       IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(Clone)(THIS_ IWbemClassObject **ppCopy) PURE;
    STDMETHOD(GetObjectText)(THIS_ LONG lFlags, BSTR *pstrObjectText) PURE;
    STDMETHOD(SpawnDerivedClass)(THIS_ LONG lFlags, IWbemClassObject **ppNewClass) PURE;
    STDMETHOD(SpawnInstance)(THIS_ LONG lFlags, IWbemClassObject **ppNewInstance) PURE;
    STDMETHOD(CompareTo)(THIS_ LONG lFlags, IWbemClassObject *pCompareTo) PURE;
    STDMETHOD(GetPropertyOrigin)(THIS_ LPCWSTR wszName, BSTR *pstrClassName) PURE;
    STDMETHOD(InheritsFrom)(THIS_ LPCWSTR strAncestor) PURE;
    STDMETHOD(GetMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject **ppInSignature,
                         IWbemClassObject **ppOutSignature) PURE;
    STDMETHOD(PutMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject *pInSignature,
                         IWbemClassObject *pOutSignature) PURE;
    STDMETHOD(DeleteMethod)(THIS_ LPCWSTR wszName) PURE;
    STDMETHOD(BeginMethodEnumeration)(THIS_ LONG lEnumFlags) PURE;
    STDMETHOD(NextMethod)(THIS_ LONG lFlags, BSTR *pstrName, IWbemClassObject **ppInSignature,
                          IWbemClassObject **ppOutSignature) PURE;
    STDMETHOD(EndMethodEnumeration)(THIS) PURE;
    STDMETHOD(GetMethodQualifierSet)(THIS_ LPCWSTR wszMethod, IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(GetMethodOrigin)(THIS_ LPCWSTR wszMethodName, BSTR *pstrClassName) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemClassObject_QueryInterface(This, riid, ppvObject)                                     \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemClassObject_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemClassObject_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemClassObject_GetQualifierSet(This, ppQualSet)                                          \
    ((This)->lpVtbl->GetQualifierSet(This, ppQualSet))
#define IWbemClassObject_Get(This, wszName, lFlags, pVal, pType, plFlavor)                         \
    ((This)->lpVtbl->Get(This, wszName, lFlags, pVal, pType, plFlavor))
#define IWbemClassObject_Put(This, wszName, lFlags, pVal, Type)                                    \
    ((This)->lpVtbl->Put(This, wszName, lFlags, pVal, Type))
#define IWbemClassObject_Delete(This, wszName) ((This)->lpVtbl->Delete(This, wszName))
#define IWbemClassObject_GetNames(This, wszQualifierName, lFlags, pQualifierVal, pNames)           \
    ((This)->lpVtbl->GetNames(This, wszQualifierName, lFlags, pQualifierVal, pNames))
#define IWbemClassObject_BeginEnumeration(This, lEnumFlags)                                        \
    ((This)->lpVtbl->BeginEnumeration(This, lEnumFlags))
#define IWbemClassObject_Next(This, lFlags, strName, pVal, pType, plFlavor)                        \
    ((This)->lpVtbl->Next(This, lFlags, strName, pVal, pType, plFlavor))
#define IWbemClassObject_EndEnumeration(This) ((This)->lpVtbl->EndEnumeration(This))
#define IWbemClassObject_GetPropertyQualifierSet(This, wszProperty, ppQualSet)                     \
    ((This)->lpVtbl->GetPropertyQualifierSet(This, wszProperty, ppQualSet))
#define IWbemClassObject_Clone(This, ppCopy) ((This)->lpVtbl->Clone(This, ppCopy))
#define IWbemClassObject_GetObjectText(This, lFlags, pstrObjectText)                               \
    ((This)->lpVtbl->GetObjectText(This, lFlags, pstrObjectText))
#define IWbemClassObject_SpawnDerivedClass(This, lFlags, ppNewClass)                               \
    ((This)->lpVtbl->SpawnDerivedClass(This, lFlags, ppNewClass))
#define IWbemClassObject_SpawnInstance(This, lFlags, ppNewInstance)                                \
    ((This)->lpVtbl->SpawnInstance(This, lFlags, ppNewInstance))
#define IWbemClassObject_CompareTo(This, lFlags, pCompareTo)                                       \
    ((This)->lpVtbl->CompareTo(This, lFlags, pCompareTo))
#define IWbemClassObject_GetPropertyOrigin(This, wszName, pstrClassName)                           \
    ((This)->lpVtbl->GetPropertyOrigin(This, wszName, pstrClassName))
#define IWbemClassObject_InheritsFrom(This, strAncestor)                                           \
    ((This)->lpVtbl->InheritsFrom(This, strAncestor))
#define IWbemClassObject_GetMethod(This, wszName, lFlags, ppInSignature, ppOutSignature)           \
    ((This)->lpVtbl->GetMethod(This, wszName, lFlags, ppInSignature, ppOutSignature))
#define IWbemClassObject_PutMethod(This, wszName, lFlags, pInSignature, pOutSignature)             \
    ((This)->lpVtbl->PutMethod(This, wszName, lFlags, pInSignature, pOutSignature))
#define IWbemClassObject_DeleteMethod(This, wszName) ((This)->lpVtbl->DeleteMethod(This, wszName))
#define IWbemClassObject_BeginMethodEnumeration(This, lEnumFlags)                                  \
    ((This)->lpVtbl->BeginMethodEnumeration(This, lEnumFlags))
#define IWbemClassObject_NextMethod(This, lFlags, pstrName, ppInSignature, ppOutSignature)         \
    ((This)->lpVtbl->NextMethod(This, lFlags, pstrName, ppInSignature, ppOutSignature))
#define IWbemClassObject_EndMethodEnumeration(This) ((This)->lpVtbl->EndMethodEnumeration(This))
#define IWbemClassObject_GetMethodQualifierSet(This, wszMethod, ppQualSet)                         \
    ((This)->lpVtbl->GetMethodQualifierSet(This, wszMethod, ppQualSet))
#define IWbemClassObject_GetMethodOrigin(This, wszMethodName, pstrClassName)                       \
    ((This)->lpVtbl->GetMethodOrigin(This, wszMethodName, pstrClassName))
#endif

EXTERN_C const IID IID_IWbemObjectAccess;
#undef INTERFACE
#define INTERFACE IWbemObjectAccess
DECLARE_INTERFACE_IID_(IWbemObjectAccess, IWbemClassObject, "49353c9a-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IWbemClassObject */
    STDMETHOD(GetQualifierSet)(THIS_ IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(Get)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE *pType,
                   LONG *plFlavor) PURE;
    STDMETHOD(Put)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE Type) PURE;
    STDMETHOD(Delete)(THIS_ LPCWSTR wszName) PURE;
    STDMETHOD(GetNames)(THIS_ LPCWSTR wszQualifierName, LONG lFlags, VARIANT *pQualifierVal,
                        SAFEARRAY **pNames) PURE;
    STDMETHOD(BeginEnumeration)(THIS_ LONG lEnumFlags) PURE;
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *strName, VARIANT *pVal, CIMTYPE *pType,
                    LONG *plFlavor) PURE;
    STDMETHOD(EndEnumeration)(THIS) PURE;
    STDMETHOD(GetPropertyQualifierSet)(THIS_ LPCWSTR wszProperty,
                                       IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(Clone)(THIS_ IWbemClassObject **ppCopy) PURE;
    STDMETHOD(GetObjectText)(THIS_ LONG lFlags, BSTR *pstrObjectText) PURE;
    STDMETHOD(SpawnDerivedClass)(THIS_ LONG lFlags, IWbemClassObject **ppNewClass) PURE;
    STDMETHOD(SpawnInstance)(THIS_ LONG lFlags, IWbemClassObject **ppNewInstance) PURE;
    STDMETHOD(CompareTo)(THIS_ LONG lFlags, IWbemClassObject *pCompareTo) PURE;
    STDMETHOD(GetPropertyOrigin)(THIS_ LPCWSTR wszName, BSTR *pstrClassName) PURE;
    STDMETHOD(InheritsFrom)(THIS_ LPCWSTR strAncestor) PURE;
    STDMETHOD(GetMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject **ppInSignature,
                         IWbemClassObject **ppOutSignature) PURE;
    STDMETHOD(PutMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject *pInSignature,
                         IWbemClassObject *pOutSignature) PURE;
    STDMETHOD(DeleteMethod)(THIS_ LPCWSTR wszName) PURE;
    STDMETHOD(BeginMethodEnumeration)(THIS_ LONG lEnumFlags) PURE;
    STDMETHOD(NextMethod)(THIS_ LONG lFlags, BSTR *pstrName, IWbemClassObject **ppInSignature,
                          IWbemClassObject **ppOutSignature) PURE;
    STDMETHOD(EndMethodEnumeration)(THIS) PURE;
    STDMETHOD(GetMethodQualifierSet)(THIS_ LPCWSTR wszMethod, IWbemQualifierSet **ppQualSet) PURE;
    STDMETHOD(GetMethodOrigin)(THIS_ LPCWSTR wszMethodName, BSTR *pstrClassName) PURE;

    /* IWbemObjectAccess */
    STDMETHOD(GetPropertyHandle)(THIS_ LPCWSTR wszPropertyName, CIMTYPE *pType,
                                 LONG *plHandle) PURE;
    STDMETHOD(WritePropertyValue)(THIS_ LONG lHandle, LONG lNumBytes, const BYTE *aData) PURE;
    STDMETHOD(ReadPropertyValue)(THIS_ LONG lHandle, LONG lBufferSize, LONG *plNumBytes,
                                 BYTE *aData) PURE;
    STDMETHOD(ReadDWORD)(THIS_ LONG lHandle, DWORD *pdw) PURE;
    STDMETHOD(WriteDWORD)(THIS_ LONG lHandle, DWORD dw) PURE;
    STDMETHOD(ReadQWORD)(THIS_ LONG lHandle, UINT64 *pqw) PURE;
    STDMETHOD(WriteQWORD)(THIS_ LONG lHandle, UINT64 pw) PURE;
    STDMETHOD(GetPropertyInfoByHandle)(THIS_ LONG lHandle, BSTR *pstrName, CIMTYPE *pType) PURE;
    STDMETHOD(Lock)(THIS_ LONG lFlags) PURE;
    STDMETHOD(Unlock)(THIS_ LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemObjectAccess_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemObjectAccess_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemObjectAccess_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemObjectAccess_GetQualifierSet(This, ppQualSet)                                         \
    ((This)->lpVtbl->GetQualifierSet(This, ppQualSet))
#define IWbemObjectAccess_Get(This, wszName, lFlags, pVal, pType, plFlavor)                        \
    ((This)->lpVtbl->Get(This, wszName, lFlags, pVal, pType, plFlavor))
#define IWbemObjectAccess_Put(This, wszName, lFlags, pVal, Type)                                   \
    ((This)->lpVtbl->Put(This, wszName, lFlags, pVal, Type))
#define IWbemObjectAccess_Delete(This, wszName) ((This)->lpVtbl->Delete(This, wszName))
#define IWbemObjectAccess_GetNames(This, wszQualifierName, lFlags, pQualifierVal, pNames)          \
    ((This)->lpVtbl->GetNames(This, wszQualifierName, lFlags, pQualifierVal, pNames))
#define IWbemObjectAccess_BeginEnumeration(This, lEnumFlags)                                       \
    ((This)->lpVtbl->BeginEnumeration(This, lEnumFlags))
#define IWbemObjectAccess_Next(This, lFlags, strName, pVal, pType, plFlavor)                       \
    ((This)->lpVtbl->Next(This, lFlags, strName, pVal, pType, plFlavor))
#define IWbemObjectAccess_EndEnumeration(This) ((This)->lpVtbl->EndEnumeration(This))
#define IWbemObjectAccess_GetPropertyQualifierSet(This, wszProperty, ppQualSet)                    \
    ((This)->lpVtbl->GetPropertyQualifierSet(This, wszProperty, ppQualSet))
#define IWbemObjectAccess_Clone(This, ppCopy) ((This)->lpVtbl->Clone(This, ppCopy))
#define IWbemObjectAccess_GetObjectText(This, lFlags, pstrObjectText)                              \
    ((This)->lpVtbl->GetObjectText(This, lFlags, pstrObjectText))
#define IWbemObjectAccess_SpawnDerivedClass(This, lFlags, ppNewClass)                              \
    ((This)->lpVtbl->SpawnDerivedClass(This, lFlags, ppNewClass))
#define IWbemObjectAccess_SpawnInstance(This, lFlags, ppNewInstance)                               \
    ((This)->lpVtbl->SpawnInstance(This, lFlags, ppNewInstance))
#define IWbemObjectAccess_CompareTo(This, lFlags, pCompareTo)                                      \
    ((This)->lpVtbl->CompareTo(This, lFlags, pCompareTo))
#define IWbemObjectAccess_GetPropertyOrigin(This, wszName, pstrClassName)                          \
    ((This)->lpVtbl->GetPropertyOrigin(This, wszName, pstrClassName))
#define IWbemObjectAccess_InheritsFrom(This, strAncestor)                                          \
    ((This)->lpVtbl->InheritsFrom(This, strAncestor))
#define IWbemObjectAccess_GetMethod(This, wszName, lFlags, ppInSignature, ppOutSignature)          \
    ((This)->lpVtbl->GetMethod(This, wszName, lFlags, ppInSignature, ppOutSignature))
#define IWbemObjectAccess_PutMethod(This, wszName, lFlags, pInSignature, pOutSignature)            \
    ((This)->lpVtbl->PutMethod(This, wszName, lFlags, pInSignature, pOutSignature))
#define IWbemObjectAccess_DeleteMethod(This, wszName) ((This)->lpVtbl->DeleteMethod(This, wszName))
#define IWbemObjectAccess_BeginMethodEnumeration(This, lEnumFlags)                                 \
    ((This)->lpVtbl->BeginMethodEnumeration(This, lEnumFlags))
#define IWbemObjectAccess_NextMethod(This, lFlags, pstrName, ppInSignature, ppOutSignature)        \
    ((This)->lpVtbl->NextMethod(This, lFlags, pstrName, ppInSignature, ppOutSignature))
#define IWbemObjectAccess_EndMethodEnumeration(This) ((This)->lpVtbl->EndMethodEnumeration(This))
#define IWbemObjectAccess_GetMethodQualifierSet(This, wszMethod, ppQualSet)                        \
    ((This)->lpVtbl->GetMethodQualifierSet(This, wszMethod, ppQualSet))
#define IWbemObjectAccess_GetMethodOrigin(This, wszMethodName, pstrClassName)                      \
    ((This)->lpVtbl->GetMethodOrigin(This, wszMethodName, pstrClassName))
#define IWbemObjectAccess_GetPropertyHandle(This, wszPropertyName, pType, plHandle)                \
    ((This)->lpVtbl->GetPropertyHandle(This, wszPropertyName, pType, plHandle))
#define IWbemObjectAccess_WritePropertyValue(This, lHandle, lNumBytes, aData)                      \
    ((This)->lpVtbl->WritePropertyValue(This, lHandle, lNumBytes, aData))
#define IWbemObjectAccess_ReadPropertyValue(This, lHandle, lBufferSize, plNumBytes, aData)         \
    ((This)->lpVtbl->ReadPropertyValue(This, lHandle, lBufferSize, plNumBytes, aData))
#define IWbemObjectAccess_ReadDWORD(This, lHandle, pdw)                                            \
    ((This)->lpVtbl->ReadDWORD(This, lHandle, pdw))
#define IWbemObjectAccess_WriteDWORD(This, lHandle, dw)                                            \
    ((This)->lpVtbl->WriteDWORD(This, lHandle, dw))
#define IWbemObjectAccess_ReadQWORD(This, lHandle, pqw)                                            \
    ((This)->lpVtbl->ReadQWORD(This, lHandle, pqw))
#define IWbemObjectAccess_WriteQWORD(This, lHandle, pw)                                            \
    ((This)->lpVtbl->WriteQWORD(This, lHandle, pw))
#define IWbemObjectAccess_GetPropertyInfoByHandle(This, lHandle, pstrName, pType)                  \
    ((This)->lpVtbl->GetPropertyInfoByHandle(This, lHandle, pstrName, pType))
#define IWbemObjectAccess_Lock(This, lFlags) ((This)->lpVtbl->Lock(This, lFlags))
#define IWbemObjectAccess_Unlock(This, lFlags) ((This)->lpVtbl->Unlock(This, lFlags))
#endif

EXTERN_C const IID IID_IWbemQualifierSet;
#undef INTERFACE
#define INTERFACE IWbemQualifierSet
DECLARE_INTERFACE_IID_(IWbemQualifierSet, IUnknown, "dc12a680-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Get)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, LONG *plFlavor) PURE;
    STDMETHOD(Put)(THIS_ LPCWSTR wszName, VARIANT *pVal, LONG lFlavor) PURE;
    STDMETHOD(Delete)(THIS_ LPCWSTR wszName) PURE;
    STDMETHOD(GetNames)(THIS_ LONG lFlags, SAFEARRAY **pNames) PURE;
    STDMETHOD(BeginEnumeration)(THIS_ LONG lFlags) PURE;
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *pstrName, VARIANT *pVal, LONG *plFlavor) PURE;
    STDMETHOD(EndEnumeration)(THIS) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemQualifierSet_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemQualifierSet_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemQualifierSet_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemQualifierSet_Get(This, wszName, lFlags, pVal, plFlavor)                               \
    ((This)->lpVtbl->Get(This, wszName, lFlags, pVal, plFlavor))
#define IWbemQualifierSet_Put(This, wszName, pVal, lFlavor)                                        \
    ((This)->lpVtbl->Put(This, wszName, pVal, lFlavor))
#define IWbemQualifierSet_Delete(This, wszName) ((This)->lpVtbl->Delete(This, wszName))
#define IWbemQualifierSet_GetNames(This, lFlags, pNames)                                           \
    ((This)->lpVtbl->GetNames(This, lFlags, pNames))
#define IWbemQualifierSet_BeginEnumeration(This, lFlags)                                           \
    ((This)->lpVtbl->BeginEnumeration(This, lFlags))
#define IWbemQualifierSet_Next(This, lFlags, pstrName, pVal, plFlavor)                             \
    ((This)->lpVtbl->Next(This, lFlags, pstrName, pVal, plFlavor))
#define IWbemQualifierSet_EndEnumeration(This) ((This)->lpVtbl->EndEnumeration(This))
#endif

EXTERN_C const IID IID_IWbemServices;
#undef INTERFACE
#define INTERFACE IWbemServices
DECLARE_INTERFACE_IID_(IWbemServices, IUnknown, "9556dc99-828c-11cf-a37e-00aa003240c7")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(OpenNamespace)(THIS_ const BSTR strNamespace, LONG lFlags, IWbemContext *pCtx,
                             IWbemServices **ppWorkingNamespace, IWbemCallResult **ppResult) PURE;
    STDMETHOD(CancelAsyncCall)(THIS_ IWbemObjectSink *pSink) PURE;
    STDMETHOD(QueryObjectSink)(THIS_ LONG lFlags, IWbemObjectSink **ppResponseHandler) PURE;
    STDMETHOD(GetObject)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                         IWbemClassObject **ppObject, IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(GetObjectAsync)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                              IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(PutClass)(THIS_ IWbemClassObject *pObject, LONG lFlags, IWbemContext *pCtx,
                        IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(PutClassAsync)(THIS_ IWbemClassObject *pObject, LONG lFlags, IWbemContext *pCtx,
                             IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(DeleteClass)(THIS_ const BSTR strClass, LONG lFlags, IWbemContext *pCtx,
                           IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(DeleteClassAsync)(THIS_ const BSTR strClass, LONG lFlags, IWbemContext *pCtx,
                                IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(CreateClassEnum)(THIS_ const BSTR strSuperclass, LONG lFlags, IWbemContext *pCtx,
                               IEnumWbemClassObject **ppEnum) PURE;
    STDMETHOD(CreateClassEnumAsync)(THIS_ const BSTR strSuperclass, LONG lFlags, IWbemContext *pCtx,
                                    IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(PutInstance)(THIS_ IWbemClassObject *pInst, LONG lFlags, IWbemContext *pCtx,
                           IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(PutInstanceAsync)(THIS_ IWbemClassObject *pInst, LONG lFlags, IWbemContext *pCtx,
                                IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(DeleteInstance)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                              IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(DeleteInstanceAsync)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                                   IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(CreateInstanceEnum)(THIS_ const BSTR strFilter, LONG lFlags, IWbemContext *pCtx,
                                  IEnumWbemClassObject **ppEnum) PURE;
    STDMETHOD(CreateInstanceEnumAsync)(THIS_ const BSTR strFilter, LONG lFlags, IWbemContext *pCtx,
                                       IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(ExecQuery)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery, LONG lFlags,
                         IWbemContext *pCtx, IEnumWbemClassObject **ppEnum) PURE;
    STDMETHOD(ExecQueryAsync)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery, LONG lFlags,
                              IWbemContext *pCtx, IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(ExecNotificationQuery)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery,
                                     LONG lFlags, IWbemContext *pCtx,
                                     IEnumWbemClassObject **ppEnum) PURE;
    STDMETHOD(ExecNotificationQueryAsync)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery,
                                          LONG lFlags, IWbemContext *pCtx,
                                          IWbemObjectSink *pResponseHandler) PURE;
    STDMETHOD(ExecMethod)(THIS_ const BSTR strObjectPath, const BSTR strMethodName, LONG lFlags,
                          IWbemContext *pCtx, IWbemClassObject *pInParams,
                          IWbemClassObject **ppOutParams, IWbemCallResult **ppCallResult) PURE;
    STDMETHOD(ExecMethodAsync)(THIS_ const BSTR strObjectPath, const BSTR strMethodName,
                               LONG lFlags, IWbemContext *pCtx, IWbemClassObject *pInParams,
                               IWbemObjectSink *pResponseHandler) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemServices_QueryInterface(This, riid, ppvObject)                                        \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemServices_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemServices_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemServices_OpenNamespace(This, strNamespace, lFlags, pCtx, ppWorkingNamespace,          \
        ppResult)                                                                                  \
    ((This)->lpVtbl->OpenNamespace(This, strNamespace, lFlags, pCtx, ppWorkingNamespace, ppResult))
#define IWbemServices_CancelAsyncCall(This, pSink) ((This)->lpVtbl->CancelAsyncCall(This, pSink))
#define IWbemServices_QueryObjectSink(This, lFlags, ppResponseHandler)                             \
    ((This)->lpVtbl->QueryObjectSink(This, lFlags, ppResponseHandler))
#define IWbemServices_GetObject(This, strObjectPath, lFlags, pCtx, ppObject, ppCallResult)         \
    ((This)->lpVtbl->GetObject(This, strObjectPath, lFlags, pCtx, ppObject, ppCallResult))
#define IWbemServices_GetObjectAsync(This, strObjectPath, lFlags, pCtx, pResponseHandler)          \
    ((This)->lpVtbl->GetObjectAsync(This, strObjectPath, lFlags, pCtx, pResponseHandler))
#define IWbemServices_PutClass(This, pObject, lFlags, pCtx, ppCallResult)                          \
    ((This)->lpVtbl->PutClass(This, pObject, lFlags, pCtx, ppCallResult))
#define IWbemServices_PutClassAsync(This, pObject, lFlags, pCtx, pResponseHandler)                 \
    ((This)->lpVtbl->PutClassAsync(This, pObject, lFlags, pCtx, pResponseHandler))
#define IWbemServices_DeleteClass(This, strClass, lFlags, pCtx, ppCallResult)                      \
    ((This)->lpVtbl->DeleteClass(This, strClass, lFlags, pCtx, ppCallResult))
#define IWbemServices_DeleteClassAsync(This, strClass, lFlags, pCtx, pResponseHandler)             \
    ((This)->lpVtbl->DeleteClassAsync(This, strClass, lFlags, pCtx, pResponseHandler))
#define IWbemServices_CreateClassEnum(This, strSuperclass, lFlags, pCtx, ppEnum)                   \
    ((This)->lpVtbl->CreateClassEnum(This, strSuperclass, lFlags, pCtx, ppEnum))
#define IWbemServices_CreateClassEnumAsync(This, strSuperclass, lFlags, pCtx, pResponseHandler)    \
    ((This)->lpVtbl->CreateClassEnumAsync(This, strSuperclass, lFlags, pCtx, pResponseHandler))
#define IWbemServices_PutInstance(This, pInst, lFlags, pCtx, ppCallResult)                         \
    ((This)->lpVtbl->PutInstance(This, pInst, lFlags, pCtx, ppCallResult))
#define IWbemServices_PutInstanceAsync(This, pInst, lFlags, pCtx, pResponseHandler)                \
    ((This)->lpVtbl->PutInstanceAsync(This, pInst, lFlags, pCtx, pResponseHandler))
#define IWbemServices_DeleteInstance(This, strObjectPath, lFlags, pCtx, ppCallResult)              \
    ((This)->lpVtbl->DeleteInstance(This, strObjectPath, lFlags, pCtx, ppCallResult))
#define IWbemServices_DeleteInstanceAsync(This, strObjectPath, lFlags, pCtx, pResponseHandler)     \
    ((This)->lpVtbl->DeleteInstanceAsync(This, strObjectPath, lFlags, pCtx, pResponseHandler))
#define IWbemServices_CreateInstanceEnum(This, strFilter, lFlags, pCtx, ppEnum)                    \
    ((This)->lpVtbl->CreateInstanceEnum(This, strFilter, lFlags, pCtx, ppEnum))
#define IWbemServices_CreateInstanceEnumAsync(This, strFilter, lFlags, pCtx, pResponseHandler)     \
    ((This)->lpVtbl->CreateInstanceEnumAsync(This, strFilter, lFlags, pCtx, pResponseHandler))
#define IWbemServices_ExecQuery(This, strQueryLanguage, strQuery, lFlags, pCtx, ppEnum)            \
    ((This)->lpVtbl->ExecQuery(This, strQueryLanguage, strQuery, lFlags, pCtx, ppEnum))
#define IWbemServices_ExecQueryAsync(This, strQueryLanguage, strQuery, lFlags, pCtx,               \
        pResponseHandler)                                                                          \
    ((This)->lpVtbl->ExecQueryAsync(This, strQueryLanguage, strQuery, lFlags, pCtx,                \
                                    pResponseHandler))
#define IWbemServices_ExecNotificationQuery(This, strQueryLanguage, strQuery, lFlags, pCtx,        \
        ppEnum)                                                                                    \
    ((This)->lpVtbl->ExecNotificationQuery(This, strQueryLanguage, strQuery, lFlags, pCtx, ppEnum))
#define IWbemServices_ExecNotificationQueryAsync(This, strQueryLanguage, strQuery, lFlags, pCtx,   \
        pResponseHandler)                                                                          \
    ((This)->lpVtbl->ExecNotificationQueryAsync(This, strQueryLanguage, strQuery, lFlags, pCtx,    \
                                                pResponseHandler))
#define IWbemServices_ExecMethod(This, strObjectPath, strMethodName, lFlags, pCtx, pInParams,      \
        ppOutParams, ppCallResult)                                                                 \
    ((This)->lpVtbl->ExecMethod(This, strObjectPath, strMethodName, lFlags, pCtx, pInParams,       \
                                ppOutParams, ppCallResult))
#define IWbemServices_ExecMethodAsync(This, strObjectPath, strMethodName, lFlags, pCtx,            \
        pInParams, pResponseHandler)                                                               \
    ((This)->lpVtbl->ExecMethodAsync(This, strObjectPath, strMethodName, lFlags, pCtx,             \
                                     pInParams, pResponseHandler))
#endif

EXTERN_C const IID IID_IWbemLocator;
#undef INTERFACE
#define INTERFACE IWbemLocator
DECLARE_INTERFACE_IID_(IWbemLocator, IUnknown, "dc12a687-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(ConnectServer)(THIS_ const BSTR strNetworkResource, const BSTR strUser,
                             const BSTR strPassword, const BSTR strLocale, LONG lSecurityFlags,
                             const BSTR strAuthority, IWbemContext *pCtx,
                             IWbemServices **ppNamespace) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemLocator_QueryInterface(This, riid, ppvObject)                                         \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemLocator_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemLocator_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemLocator_ConnectServer(This, strNetworkResource, strUser, strPassword, strLocale,      \
        lSecurityFlags, strAuthority, pCtx, ppNamespace)                                           \
    ((This)->lpVtbl->ConnectServer(This, strNetworkResource, strUser, strPassword, strLocale,      \
                                   lSecurityFlags, strAuthority, pCtx, ppNamespace))
#endif

EXTERN_C const IID IID_IWbemObjectSink;
#undef INTERFACE
#define INTERFACE IWbemObjectSink
DECLARE_INTERFACE_IID_(IWbemObjectSink, IUnknown, "7c857801-7381-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Indicate)(THIS_ LONG lObjectCount, IWbemClassObject **apObjArray) PURE;
    STDMETHOD(SetStatus)(THIS_ LONG lFlags, HRESULT hResult, BSTR strParam,
                         IWbemClassObject *pObjParam) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemObjectSink_QueryInterface(This, riid, ppvObject)                                      \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemObjectSink_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemObjectSink_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemObjectSink_Indicate(This, lObjectCount, apObjArray)                                   \
    ((This)->lpVtbl->Indicate(This, lObjectCount, apObjArray))
#define IWbemObjectSink_SetStatus(This, lFlags, hResult, strParam, pObjParam)                      \
    ((This)->lpVtbl->SetStatus(This, lFlags, hResult, strParam, pObjParam))
#endif

EXTERN_C const IID IID_IEnumWbemClassObject;
#undef INTERFACE
#define INTERFACE IEnumWbemClassObject
DECLARE_INTERFACE_IID_(IEnumWbemClassObject, IUnknown, "027947e1-d731-11ce-a357-000000000001")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Reset)(THIS) PURE;
    STDMETHOD(Next)(THIS_ LONG lTimeout, ULONG uCount, IWbemClassObject **apObjects,
                    ULONG *puReturned) PURE;
    STDMETHOD(NextAsync)(THIS_ ULONG uCount, IWbemObjectSink *pSink) PURE;
    STDMETHOD(Clone)(THIS_ IEnumWbemClassObject **ppEnum) PURE;
    STDMETHOD(Skip)(THIS_ LONG lTimeout, ULONG nCount) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IEnumWbemClassObject_QueryInterface(This, riid, ppvObject)                                 \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IEnumWbemClassObject_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IEnumWbemClassObject_Release(This) ((This)->lpVtbl->Release(This))
#define IEnumWbemClassObject_Reset(This) ((This)->lpVtbl->Reset(This))
#define IEnumWbemClassObject_Next(This, lTimeout, uCount, apObjects, puReturned)                   \
    ((This)->lpVtbl->Next(This, lTimeout, uCount, apObjects, puReturned))
#define IEnumWbemClassObject_NextAsync(This, uCount, pSink)                                        \
    ((This)->lpVtbl->NextAsync(This, uCount, pSink))
#define IEnumWbemClassObject_Clone(This, ppEnum) ((This)->lpVtbl->Clone(This, ppEnum))
#define IEnumWbemClassObject_Skip(This, lTimeout, nCount)                                          \
    ((This)->lpVtbl->Skip(This, lTimeout, nCount))
#endif

EXTERN_C const IID IID_IWbemCallResult;
#undef INTERFACE
#define INTERFACE IWbemCallResult
DECLARE_INTERFACE_IID_(IWbemCallResult, IUnknown, "44aca675-e8fc-11d0-a07c-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(GetResultObject)(THIS_ LONG lTimeout, IWbemClassObject **ppResultObject) PURE;
    STDMETHOD(GetResultString)(THIS_ LONG lTimeout, BSTR *pstrResultString) PURE;
    STDMETHOD(GetResultServices)(THIS_ LONG lTimeout, IWbemServices **ppServices) PURE;
    STDMETHOD(GetCallStatus)(THIS_ LONG lTimeout, LONG *plStatus) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemCallResult_QueryInterface(This, riid, ppvObject)                                      \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemCallResult_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemCallResult_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemCallResult_GetResultObject(This, lTimeout, ppResultObject)                            \
    ((This)->lpVtbl->GetResultObject(This, lTimeout, ppResultObject))
#define IWbemCallResult_GetResultString(This, lTimeout, pstrResultString)                          \
    ((This)->lpVtbl->GetResultString(This, lTimeout, pstrResultString))
#define IWbemCallResult_GetResultServices(This, lTimeout, ppServices)                              \
    ((This)->lpVtbl->GetResultServices(This, lTimeout, ppServices))
#define IWbemCallResult_GetCallStatus(This, lTimeout, plStatus)                                    \
    ((This)->lpVtbl->GetCallStatus(This, lTimeout, plStatus))
#endif

EXTERN_C const IID IID_IWbemContext;
#undef INTERFACE
#define INTERFACE IWbemContext
DECLARE_INTERFACE_IID_(IWbemContext, IUnknown, "44aca674-e8fc-11d0-a07c-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Clone)(THIS_ IWbemContext **ppNewCopy) PURE;
    STDMETHOD(GetNames)(THIS_ LONG lFlags, SAFEARRAY **pNames) PURE;
    STDMETHOD(BeginEnumeration)(THIS_ LONG lFlags) PURE;
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *pstrName, VARIANT *pValue) PURE;
    STDMETHOD(EndEnumeration)(THIS) PURE;
    STDMETHOD(SetValue)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pValue) PURE;
    STDMETHOD(GetValue)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pValue) PURE;
    STDMETHOD(DeleteValue)(THIS_ LPCWSTR wszName, LONG lFlags) PURE;
    STDMETHOD(DeleteAll)(THIS) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemContext_QueryInterface(This, riid, ppvObject)                                         \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemContext_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemContext_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemContext_Clone(This, ppNewCopy) ((This)->lpVtbl->Clone(This, ppNewCopy))
#define IWbemContext_GetNames(This, lFlags, pNames) ((This)->lpVtbl->GetNames(This, lFlags, pNames))
#define IWbemContext_BeginEnumeration(This, lFlags) ((This)->lpVtbl->BeginEnumeration(This, lFlags))
#define IWbemContext_Next(This, lFlags, pstrName, pValue)                                          \
    ((This)->lpVtbl->Next(This, lFlags, pstrName, pValue))
#define IWbemContext_EndEnumeration(This) ((This)->lpVtbl->EndEnumeration(This))
#define IWbemContext_SetValue(This, wszName, lFlags, pValue)                                       \
    ((This)->lpVtbl->SetValue(This, wszName, lFlags, pValue))
#define IWbemContext_GetValue(This, wszName, lFlags, pValue)                                       \
    ((This)->lpVtbl->GetValue(This, wszName, lFlags, pValue))
#define IWbemContext_DeleteValue(This, wszName, lFlags)                                            \
    ((This)->lpVtbl->DeleteValue(This, wszName, lFlags))
#define IWbemContext_DeleteAll(This) ((This)->lpVtbl->DeleteAll(This))
#endif

EXTERN_C const IID IID_IUnsecuredApartment;
#undef INTERFACE
#define INTERFACE IUnsecuredApartment
DECLARE_INTERFACE_IID_(IUnsecuredApartment, IUnknown, "1cfaba8c-1523-11d1-ad79-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(CreateObjectStub)(THIS_ IUnknown *pObject, IUnknown **ppStub) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IUnsecuredApartment_QueryInterface(This, riid, ppvObject)                                  \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IUnsecuredApartment_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IUnsecuredApartment_Release(This) ((This)->lpVtbl->Release(This))
#define IUnsecuredApartment_CreateObjectStub(This, pObject, ppStub)                                \
    ((This)->lpVtbl->CreateObjectStub(This, pObject, ppStub))
#endif

EXTERN_C const IID IID_IWbemUnsecuredApartment;
#undef INTERFACE
#define INTERFACE IWbemUnsecuredApartment
DECLARE_INTERFACE_IID_(IWbemUnsecuredApartment, IUnsecuredApartment,
                       "31739d04-3471-4cf4-9a7c-57a44ae71956")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IUnsecuredApartment */
    STDMETHOD(CreateObjectStub)(THIS_ IUnknown *pObject, IUnknown **ppStub) PURE;

    /* IWbemUnsecuredApartment */
    STDMETHOD(CreateSinkStub)(THIS_ IWbemObjectSink *pSink, DWORD dwFlags, LPCWSTR wszReserved,
                              IWbemObjectSink **ppStub) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemUnsecuredApartment_QueryInterface(This, riid, ppvObject)                              \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemUnsecuredApartment_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemUnsecuredApartment_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemUnsecuredApartment_CreateObjectStub(This, pObject, ppStub)                            \
    ((This)->lpVtbl->CreateObjectStub(This, pObject, ppStub))
#define IWbemUnsecuredApartment_CreateSinkStub(This, pSink, dwFlags, wszReserved, ppStub)          \
    ((This)->lpVtbl->CreateSinkStub(This, pSink, dwFlags, wszReserved, ppStub))
#endif

EXTERN_C const IID IID_IWbemStatusCodeText;
#undef INTERFACE
#define INTERFACE IWbemStatusCodeText
DECLARE_INTERFACE_IID_(IWbemStatusCodeText, IUnknown, "eb87e1bc-3233-11d2-aec9-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(GetErrorCodeText)(THIS_ HRESULT hRes, LCID LocaleId, LONG lFlags,
                                BSTR *MessageText) PURE;
    STDMETHOD(GetFacilityCodeText)(THIS_ HRESULT hRes, LCID LocaleId, LONG lFlags,
                                   BSTR *MessageText) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemStatusCodeText_QueryInterface(This, riid, ppvObject)                                  \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemStatusCodeText_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemStatusCodeText_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemStatusCodeText_GetErrorCodeText(This, hRes, LocaleId, lFlags, MessageText)            \
    ((This)->lpVtbl->GetErrorCodeText(This, hRes, LocaleId, lFlags, MessageText))
#define IWbemStatusCodeText_GetFacilityCodeText(This, hRes, LocaleId, lFlags, MessageText)         \
    ((This)->lpVtbl->GetFacilityCodeText(This, hRes, LocaleId, lFlags, MessageText))
#endif

EXTERN_C const IID IID_IWbemBackupRestore;
#undef INTERFACE
#define INTERFACE IWbemBackupRestore
DECLARE_INTERFACE_IID_(IWbemBackupRestore, IUnknown, "c49e32c7-bc8b-11d2-85d4-00105a1f8304")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Backup)(THIS_ LPCWSTR strBackupToFile, LONG lFlags) PURE;
    STDMETHOD(Restore)(THIS_ LPCWSTR strRestoreFromFile, LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemBackupRestore_QueryInterface(This, riid, ppvObject)                                   \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemBackupRestore_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemBackupRestore_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemBackupRestore_Backup(This, strBackupToFile, lFlags)                                   \
    ((This)->lpVtbl->Backup(This, strBackupToFile, lFlags))
#define IWbemBackupRestore_Restore(This, strRestoreFromFile, lFlags)                               \
    ((This)->lpVtbl->Restore(This, strRestoreFromFile, lFlags))
#endif

EXTERN_C const IID IID_IWbemBackupRestoreEx;
#undef INTERFACE
#define INTERFACE IWbemBackupRestoreEx
DECLARE_INTERFACE_IID_(IWbemBackupRestoreEx, IWbemBackupRestore,
                       "a359dec5-e813-4834-8a2a-ba7f1d777d76")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IWbemBackupRestore */
    STDMETHOD(Backup)(THIS_ LPCWSTR strBackupToFile, LONG lFlags) PURE;
    STDMETHOD(Restore)(THIS_ LPCWSTR strRestoreFromFile, LONG lFlags) PURE;

    /* IWbemBackupRestoreEx */
    STDMETHOD(Pause)(THIS) PURE;
    STDMETHOD(Resume)(THIS) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemBackupRestoreEx_QueryInterface(This, riid, ppvObject)                                 \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemBackupRestoreEx_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemBackupRestoreEx_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemBackupRestoreEx_Backup(This, strBackupToFile, lFlags)                                 \
    ((This)->lpVtbl->Backup(This, strBackupToFile, lFlags))
#define IWbemBackupRestoreEx_Restore(This, strRestoreFromFile, lFlags)                             \
    ((This)->lpVtbl->Restore(This, strRestoreFromFile, lFlags))
#define IWbemBackupRestoreEx_Pause(This) ((This)->lpVtbl->Pause(This))
#define IWbemBackupRestoreEx_Resume(This) ((This)->lpVtbl->Resume(This))
#endif

EXTERN_C const IID IID_IWbemRefresher;
#undef INTERFACE
#define INTERFACE IWbemRefresher
DECLARE_INTERFACE_IID_(IWbemRefresher, IUnknown, "49353c99-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Refresh)(THIS_ LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemRefresher_QueryInterface(This, riid, ppvObject)                                       \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemRefresher_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemRefresher_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemRefresher_Refresh(This, lFlags) ((This)->lpVtbl->Refresh(This, lFlags))
#endif

EXTERN_C const IID IID_IWbemHiPerfEnum;
#undef INTERFACE
#define INTERFACE IWbemHiPerfEnum
DECLARE_INTERFACE_IID_(IWbemHiPerfEnum, IUnknown, "2705c288-79ae-11d2-b348-00105a1f8177")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(AddObjects)(THIS_ LONG lFlags, ULONG uNumObjects, LONG *apIds,
                          IWbemObjectAccess **apObj) PURE;
    STDMETHOD(RemoveObjects)(THIS_ LONG lFlags, ULONG uNumObjects, LONG *apIds) PURE;
    STDMETHOD(GetObjects)(THIS_ LONG lFlags, ULONG uNumObjects, IWbemObjectAccess **apObj,
                          ULONG *puReturned) PURE;
    STDMETHOD(RemoveAll)(THIS_ LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemHiPerfEnum_QueryInterface(This, riid, ppvObject)                                      \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemHiPerfEnum_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemHiPerfEnum_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemHiPerfEnum_AddObjects(This, lFlags, uNumObjects, apIds, apObj)                        \
    ((This)->lpVtbl->AddObjects(This, lFlags, uNumObjects, apIds, apObj))
#define IWbemHiPerfEnum_RemoveObjects(This, lFlags, uNumObjects, apIds)                            \
    ((This)->lpVtbl->RemoveObjects(This, lFlags, uNumObjects, apIds))
#define IWbemHiPerfEnum_GetObjects(This, lFlags, uNumObjects, apObj, puReturned)                   \
    ((This)->lpVtbl->GetObjects(This, lFlags, uNumObjects, apObj, puReturned))
#define IWbemHiPerfEnum_RemoveAll(This, lFlags) ((This)->lpVtbl->RemoveAll(This, lFlags))
#endif

EXTERN_C const IID IID_IWbemConfigureRefresher;
#undef INTERFACE
#define INTERFACE IWbemConfigureRefresher
DECLARE_INTERFACE_IID_(IWbemConfigureRefresher, IUnknown, "49353c92-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(AddObjectByPath)(THIS_ IWbemServices *pNamespace, LPCWSTR wszPath, LONG lFlags,
                               IWbemContext *pContext, IWbemClassObject **ppRefreshable,
                               LONG *plId) PURE;
    STDMETHOD(AddObjectByTemplate)(THIS_ IWbemServices *pNamespace, IWbemClassObject *pTemplate,
                                   LONG lFlags, IWbemContext *pContext,
                                   IWbemClassObject **ppRefreshable, LONG *plId) PURE;
    STDMETHOD(AddRefresher)(THIS_ IWbemRefresher *pRefresher, LONG lFlags, LONG *plId) PURE;
    STDMETHOD(Remove)(THIS_ LONG lId, LONG lFlags) PURE;
    STDMETHOD(AddEnum)(THIS_ IWbemServices *pNamespace, LPCWSTR wszClassName, LONG lFlags,
                       IWbemContext *pContext, IWbemHiPerfEnum **ppEnum, LONG *plId) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemConfigureRefresher_QueryInterface(This, riid, ppvObject)                              \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemConfigureRefresher_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemConfigureRefresher_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemConfigureRefresher_AddObjectByPath(This, pNamespace, wszPath, lFlags, pContext,       \
        ppRefreshable, plId)                                                                       \
    ((This)->lpVtbl->AddObjectByPath(This, pNamespace, wszPath, lFlags, pContext, ppRefreshable,   \
                                     plId))
#define IWbemConfigureRefresher_AddObjectByTemplate(This, pNamespace, pTemplate, lFlags,           \
        pContext, ppRefreshable, plId)                                                             \
    ((This)->lpVtbl->AddObjectByTemplate(This, pNamespace, pTemplate, lFlags, pContext,            \
                                         ppRefreshable, plId))
#define IWbemConfigureRefresher_AddRefresher(This, pRefresher, lFlags, plId)                       \
    ((This)->lpVtbl->AddRefresher(This, pRefresher, lFlags, plId))
#define IWbemConfigureRefresher_Remove(This, lId, lFlags)                                          \
    ((This)->lpVtbl->Remove(This, lId, lFlags))
#define IWbemConfigureRefresher_AddEnum(This, pNamespace, wszClassName, lFlags, pContext,          \
        ppEnum, plId)                                                                              \
    ((This)->lpVtbl->AddEnum(This, pNamespace, wszClassName, lFlags, pContext, ppEnum, plId))
#endif

EXTERN_C const CLSID CLSID_WbemLocator;
WBEM_COCLASS(WbemLocator, "4590f811-1d3a-11d0-891f-00aa004b2e24")

EXTERN_C const CLSID CLSID_WbemContext;
WBEM_COCLASS(WbemContext, "674b6698-ee92-11d0-ad71-00c04fd8fdff")

EXTERN_C const CLSID CLSID_UnsecuredApartment;
WBEM_COCLASS(UnsecuredApartment, "49bd2028-1523-11d1-ad79-00c04fd8fdff")

EXTERN_C const CLSID CLSID_WbemClassObject;
WBEM_COCLASS(WbemClassObject, "9a653086-174f-11d2-b5f9-00104b703efd")

EXTERN_C const CLSID CLSID_MofCompiler;
WBEM_COCLASS(MofCompiler, "6daf9757-2e37-11d2-aec9-00c04fb68820")

EXTERN_C const CLSID CLSID_WbemStatusCodeText;
WBEM_COCLASS(WbemStatusCodeText, "eb87e1bd-3233-11d2-aec9-00c04fb68820")

EXTERN_C const CLSID CLSID_WbemBackupRestore;
WBEM_COCLASS(WbemBackupRestore, "c49e32c6-bc8b-11d2-85d4-00105a1f8304")

EXTERN_C const CLSID CLSID_WbemRefresher;
WBEM_COCLASS(WbemRefresher, "c71566f2-561e-11d1-ad87-00c04fd8fdff")

EXTERN_C const CLSID CLSID_WbemObjectTextSrc;
WBEM_COCLASS(WbemObjectTextSrc, "8d1c559d-84f0-4bb3-a7d5-56a7435a9ba6")

EXTERN_C const IID IID_IWbemObjectSinkEx;
#undef INTERFACE
#define INTERFACE IWbemObjectSinkEx
DECLARE_INTERFACE_IID_(IWbemObjectSinkEx, IWbemObjectSink, "e7d35cfa-348b-485e-b524-252725d697ca")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IWbemObjectSink */
    STDMETHOD(Indicate)(THIS_ LONG lObjectCount, IWbemClassObject **apObjArray) PURE;
    STDMETHOD(SetStatus)(THIS_ LONG lFlags, HRESULT hResult, BSTR strParam,
                         IWbemClassObject *pObjParam) PURE;

    /* IWbemObjectSinkEx */
    STDMETHOD(WriteMessage)(THIS_ ULONG uChannel, const BSTR strMessage) PURE;
    STDMETHOD(WriteError)(THIS_ IWbemClassObject *pObjError, unsigned char *puReturned) PURE;
    STDMETHOD(PromptUser)(THIS_ const BSTR strMessage, unsigned char uPromptType,
                          unsigned char *puReturned) PURE;
    STDMETHOD(WriteProgress)(THIS_ const BSTR strActivity, const BSTR strCurrentOperation,
                             const BSTR strStatusDescription, ULONG uPercentComplete,
                             ULONG uSecondsRemaining) PURE;
    STDMETHOD(WriteStreamParameter)(THIS_ const BSTR strName, VARIANT *vtValue, ULONG ulType,
                                    ULONG ulFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemObjectSinkEx_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemObjectSinkEx_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemObjectSinkEx_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemObjectSinkEx_Indicate(This, lObjectCount, apObjArray)                                 \
    ((This)->lpVtbl->Indicate(This, lObjectCount, apObjArray))
#define IWbemObjectSinkEx_SetStatus(This, lFlags, hResult, strParam, pObjParam)                    \
    ((This)->lpVtbl->SetStatus(This, lFlags, hResult, strParam, pObjParam))
#define IWbemObjectSinkEx_WriteMessage(This, uChannel, strMessage)                                 \
    ((This)->lpVtbl->WriteMessage(This, uChannel, strMessage))
#define IWbemObjectSinkEx_WriteError(This, pObjError, puReturned)                                  \
    ((This)->lpVtbl->WriteError(This, pObjError, puReturned))
#define IWbemObjectSinkEx_PromptUser(This, strMessage, uPromptType, puReturned)                    \
    ((This)->lpVtbl->PromptUser(This, strMessage, uPromptType, puReturned))
#define IWbemObjectSinkEx_WriteProgress(This, strActivity, strCurrentOperation,                    \
        strStatusDescription, uPercentComplete, uSecondsRemaining)                                 \
    ((This)->lpVtbl->WriteProgress(This, strActivity, strCurrentOperation, strStatusDescription,   \
                                   uPercentComplete, uSecondsRemaining))
#define IWbemObjectSinkEx_WriteStreamParameter(This, strName, vtValue, ulType, ulFlags)            \
    ((This)->lpVtbl->WriteStreamParameter(This, strName, vtValue, ulType, ulFlags))
#endif

EXTERN_C const IID IID_IWbemShutdown;
#undef INTERFACE
#define INTERFACE IWbemShutdown
DECLARE_INTERFACE_IID_(IWbemShutdown, IUnknown, "b7b31df9-d515-11d3-a11c-00105a1f515a")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(Shutdown)(THIS_ LONG uReason, ULONG uMaxMilliseconds, IWbemContext *pCtx) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemShutdown_QueryInterface(This, riid, ppvObject)                                        \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemShutdown_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemShutdown_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemShutdown_Shutdown(This, uReason, uMaxMilliseconds, pCtx)                              \
    ((This)->lpVtbl->Shutdown(This, uReason, uMaxMilliseconds, pCtx))
#endif

/* uObjTextFormat of IWbemObjectTextSrc: the XML dialect. */
typedef enum tag_WMI_OBJ_TEXT {
    WMI_OBJ_TEXT_CIM_DTD_2_0 = 1,
    WMI_OBJ_TEXT_WMI_DTD_2_0 = 2,
    WMI_OBJ_TEXT_WMI_EXT1 = 3,
    WMI_OBJ_TEXT_WMI_EXT2 = 4,
    WMI_OBJ_TEXT_WMI_EXT3 = 5,
    WMI_OBJ_TEXT_WMI_EXT4 = 6,
    WMI_OBJ_TEXT_WMI_EXT5 = 7,
    WMI_OBJ_TEXT_WMI_EXT6 = 8,
    WMI_OBJ_TEXT_WMI_EXT7 = 9,
    WMI_OBJ_TEXT_WMI_EXT8 = 10,
    WMI_OBJ_TEXT_WMI_EXT9 = 11,
    WMI_OBJ_TEXT_WMI_EXT10 = 12,
    WMI_OBJ_TEXT_LAST = 13
} WMI_OBJ_TEXT;

EXTERN_C const IID IID_IWbemObjectTextSrc;
#undef INTERFACE
#define INTERFACE IWbemObjectTextSrc
DECLARE_INTERFACE_IID_(IWbemObjectTextSrc, IUnknown, "bfbf883a-cad7-11d3-a11b-00105a1f515a")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(GetText)(THIS_ LONG lFlags, IWbemClassObject *pObj, ULONG uObjTextFormat,
                       IWbemContext *pCtx, BSTR *strText) PURE;
    STDMETHOD(CreateFromText)(THIS_ LONG lFlags, BSTR strText, ULONG uObjTextFormat,
                              IWbemContext *pCtx, IWbemClassObject **pNewObj) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemObjectTextSrc_QueryInterface(This, riid, ppvObject)                                   \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemObjectTextSrc_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemObjectTextSrc_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemObjectTextSrc_GetText(This, lFlags, pObj, uObjTextFormat, pCtx, strText)              \
    ((This)->lpVtbl->GetText(This, lFlags, pObj, uObjTextFormat, pCtx, strText))
#define IWbemObjectTextSrc_CreateFromText(This, lFlags, strText, uObjTextFormat, pCtx, pNewObj)    \
    ((This)->lpVtbl->CreateFromText(This, lFlags, strText, uObjTextFormat, pCtx, pNewObj))
#endif

/* What IMofCompiler says about a compilation. */
typedef struct tag_CompileStatusInfo {
    LONG lPhaseError; /* 0 no error, 1 bad command line, 2 syntax, 3 storing the objects */
    HRESULT hRes;     /* the error itself */
    LONG ObjectNum;   /* which object of the file failed, from 1; 0 if none in particular */
    LONG FirstLine;   /* where that object begins and ends */
    LONG LastLine;
    DWORD dwOutFlags;
} WBEM_COMPILE_STATUS_INFO;

/* lOptionFlags of IMofCompiler. */
typedef enum tag_WBEM_COMPILER_OPTIONS {
    WBEM_FLAG_CHECK_ONLY = 0x1,       /* syntax only */
    WBEM_FLAG_AUTORECOVER = 0x2,      /* compile again when the repository is rebuilt */
    WBEM_FLAG_WMI_CHECK = 0x4,        /* syntax and names against the repository, no change */
    WBEM_FLAG_CONSOLE_PRINT = 0x8,    /* messages on the terminal */
    WBEM_FLAG_DONT_ADD_TO_LIST = 0x10,
    WBEM_FLAG_SPLIT_FILES = 0x20,     /* CreateBMOF: neutral and localized parts apart */
    WBEM_FLAG_STORE_FILE = 0x100
} WBEM_COMPILER_OPTIONS;

/* lSecurityFlags of IWbemLocator::ConnectServer. */
typedef enum tag_WBEM_CONNECT_OPTIONS {
    WBEM_FLAG_CONNECT_REPOSITORY_ONLY = 0x40,
    WBEM_FLAG_CONNECT_USE_MAX_WAIT = 0x80, /* give up after two minutes at most */
    WBEM_FLAG_CONNECT_PROVIDERS = 0x100
} WBEM_CONNECT_OPTIONS;

EXTERN_C const IID IID_IMofCompiler;
#undef INTERFACE
#define INTERFACE IMofCompiler
DECLARE_INTERFACE_IID_(IMofCompiler, IUnknown, "6daf974e-2e37-11d2-aec9-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    STDMETHOD(CompileFile)(THIS_ LPWSTR FileName, LPWSTR ServerAndNamespace, LPWSTR User,
                           LPWSTR Authority, LPWSTR Password, LONG lOptionFlags, LONG lClassFlags,
                           LONG lInstanceFlags, WBEM_COMPILE_STATUS_INFO *pInfo) PURE;
    STDMETHOD(CompileBuffer)(THIS_ LONG BuffSize, BYTE *pBuffer, LPWSTR ServerAndNamespace,
                             LPWSTR User, LPWSTR Authority, LPWSTR Password, LONG lOptionFlags,
                             LONG lClassFlags, LONG lInstanceFlags,
                             WBEM_COMPILE_STATUS_INFO *pInfo) PURE;
    STDMETHOD(CreateBMOF)(THIS_ LPWSTR TextFileName, LPWSTR BMOFFileName, LPWSTR ServerAndNamespace,
                          LONG lOptionFlags, LONG lClassFlags, LONG lInstanceFlags,
                          WBEM_COMPILE_STATUS_INFO *pInfo) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IMofCompiler_QueryInterface(This, riid, ppvObject)                                         \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IMofCompiler_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IMofCompiler_Release(This) ((This)->lpVtbl->Release(This))
#define IMofCompiler_CompileFile(This, FileName, ServerAndNamespace, User, Authority, Password,    \
        lOptionFlags, lClassFlags, lInstanceFlags, pInfo)                                          \
    ((This)->lpVtbl->CompileFile(This, FileName, ServerAndNamespace, User, Authority, Password,    \
                                 lOptionFlags, lClassFlags, lInstanceFlags, pInfo))
#define IMofCompiler_CompileBuffer(This, BuffSize, pBuffer, ServerAndNamespace, User, Authority,   \
        Password, lOptionFlags, lClassFlags, lInstanceFlags, pInfo)                                \
    ((This)->lpVtbl->CompileBuffer(This, BuffSize, pBuffer, ServerAndNamespace, User, Authority,   \
                                   Password, lOptionFlags, lClassFlags, lInstanceFlags, pInfo))
#define IMofCompiler_CreateBMOF(This, TextFileName, BMOFFileName, ServerAndNamespace,              \
        lOptionFlags, lClassFlags, lInstanceFlags, pInfo)                                          \
    ((This)->lpVtbl->CreateBMOF(This, TextFileName, BMOFFileName, ServerAndNamespace,              \
                                lOptionFlags, lClassFlags, lInstanceFlags, pInfo))
#endif

/* clang-format on */

/* dwFlags of IWbemUnsecuredApartment::CreateSinkStub. */
typedef enum tag_WBEM_UNSECAPP_FLAG_TYPE {
    WBEM_FLAG_UNSECAPP_DEFAULT_CHECK_ACCESS = 0, /* as the system is configured */
    WBEM_FLAG_UNSECAPP_CHECK_ACCESS = 1,         /* callbacks are authenticated */
    WBEM_FLAG_UNSECAPP_DONT_CHECK_ACCESS = 2
} WBEM_UNSECAPP_FLAG_TYPE;

typedef enum tag_WBEM_INFORMATION_FLAG_TYPE {
    WBEM_FLAG_SHORT_NAME = 0x1,
    WBEM_FLAG_LONG_NAME = 0x2
} WBEM_INFORMATION_FLAG_TYPE;

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif /* WBEMCLI_H */
