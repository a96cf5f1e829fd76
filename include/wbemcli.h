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

/* For IWbemObjectAccess::Lock, which ignores it. */
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

/**
 * The status codes. WBEM_S_ are successes, WBEM_E_ failures, WBEMESS_E_ come from event
 * subscriptions, WBEMMOF_E_ from the MOF compiler. An HRESULT holds them; test it with SUCCEEDED()
 * and FAILED(), since there is more than one success.
 * Pages: wbemcli/ne-wbemcli-wbemstatus, wmisdk/wmi-error-constants, [MS-WMI] 2.2.11
 */
typedef enum tag_WBEMSTATUS {
    WBEM_NO_ERROR = 0,
    WBEM_S_NO_ERROR = 0,
    WBEM_S_SAME = 0,                   /* CompareTo: equal */
    WBEM_S_FALSE = 1,                  /* the sequence ended; fewer than asked for */
    WBEM_S_ALREADY_EXISTS = 0x40001,   /* it was there, nothing changed */
    WBEM_S_RESET_TO_DEFAULT = 0x40002, /* an override was removed */
    WBEM_S_DIFFERENT = 0x40003,        /* CompareTo: not equal */
    WBEM_S_TIMEDOUT = 0x40004,         /* the time ended first; not an error */
    WBEM_S_NO_MORE_DATA = 0x40005,     /* a walk is over */
    WBEM_S_OPERATION_CANCELLED = 0x40006,
    WBEM_S_PENDING = 0x40007,           /* a semisynchronous call is still running */
    WBEM_S_DUPLICATE_OBJECTS = 0x40008, /* objects may have come twice */
    WBEM_S_ACCESS_DENIED = 0x40009,     /* parts were left out for lack of rights */
    WBEM_S_PARTIAL_RESULTS = 0x40010,   /* not all sources answered */
    WBEM_S_SOURCE_NOT_AVAILABLE = 0x40017,

    WBEM_E_FAILED = (int)0x80041001,
    WBEM_E_NOT_FOUND = (int)0x80041002,
    WBEM_E_ACCESS_DENIED = (int)0x80041003,
    WBEM_E_PROVIDER_FAILURE = (int)0x80041004, /* after it had begun */
    WBEM_E_TYPE_MISMATCH = (int)0x80041005,
    WBEM_E_OUT_OF_MEMORY = (int)0x80041006,
    WBEM_E_INVALID_CONTEXT = (int)0x80041007,
    WBEM_E_INVALID_PARAMETER = (int)0x80041008,
    WBEM_E_NOT_AVAILABLE = (int)0x80041009, /* a resource, for now */
    WBEM_E_CRITICAL_ERROR = (int)0x8004100a,
    WBEM_E_INVALID_STREAM = (int)0x8004100b, /* an object's marshalled bytes */
    WBEM_E_NOT_SUPPORTED = (int)0x8004100c,
    WBEM_E_INVALID_SUPERCLASS = (int)0x8004100d,
    WBEM_E_INVALID_NAMESPACE = (int)0x8004100e,
    WBEM_E_INVALID_OBJECT = (int)0x8004100f,
    WBEM_E_INVALID_CLASS = (int)0x80041010,
    WBEM_E_PROVIDER_NOT_FOUND = (int)0x80041011, /* not registered */
    WBEM_E_INVALID_PROVIDER_REGISTRATION = (int)0x80041012,
    WBEM_E_PROVIDER_LOAD_FAILURE = (int)0x80041013,
    WBEM_E_INITIALIZATION_FAILURE = (int)0x80041014,
    WBEM_E_TRANSPORT_FAILURE = (int)0x80041015,
    WBEM_E_INVALID_OPERATION = (int)0x80041016,
    WBEM_E_INVALID_QUERY = (int)0x80041017,
    WBEM_E_INVALID_QUERY_TYPE = (int)0x80041018, /* unknown query language */
    WBEM_E_ALREADY_EXISTS = (int)0x80041019,
    WBEM_E_OVERRIDE_NOT_ALLOWED = (int)0x8004101a,
    WBEM_E_PROPAGATED_QUALIFIER = (int)0x8004101b, /* inherited, so not to be deleted */
    WBEM_E_PROPAGATED_PROPERTY = (int)0x8004101c,  /* inherited, so not to be deleted */
    WBEM_E_UNEXPECTED = (int)0x8004101d,
    WBEM_E_ILLEGAL_OPERATION = (int)0x8004101e, /* not in this situation */
    WBEM_E_CANNOT_BE_KEY = (int)0x8004101f,
    WBEM_E_INCOMPLETE_CLASS = (int)0x80041020, /* not yet stored */
    WBEM_E_INVALID_SYNTAX = (int)0x80041021,
    WBEM_E_NONDECORATED_OBJECT = (int)0x80041022, /* reserved */
    WBEM_E_READ_ONLY = (int)0x80041023,
    WBEM_E_PROVIDER_NOT_CAPABLE = (int)0x80041024, /* it does not offer this operation */
    WBEM_E_CLASS_HAS_CHILDREN = (int)0x80041025,
    WBEM_E_CLASS_HAS_INSTANCES = (int)0x80041026,
    WBEM_E_QUERY_NOT_IMPLEMENTED = (int)0x80041027, /* reserved */
    WBEM_E_ILLEGAL_NULL = (int)0x80041028,          /* a key or a not_null property */
    WBEM_E_INVALID_QUALIFIER_TYPE = (int)0x80041029,
    WBEM_E_INVALID_PROPERTY_TYPE = (int)0x8004102a,
    WBEM_E_VALUE_OUT_OF_RANGE = (int)0x8004102b,
    WBEM_E_CANNOT_BE_SINGLETON = (int)0x8004102c,
    WBEM_E_INVALID_CIM_TYPE = (int)0x8004102d,
    WBEM_E_INVALID_METHOD = (int)0x8004102e,
    WBEM_E_INVALID_METHOD_PARAMETERS = (int)0x8004102f,
    WBEM_E_SYSTEM_PROPERTY = (int)0x80041030,
    WBEM_E_INVALID_PROPERTY = (int)0x80041031, /* required, but missing */
    WBEM_E_CALL_CANCELLED = (int)0x80041032,   /* by the caller or the sink */
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
    WBEM_E_UNKNOWN_OBJECT_TYPE = (int)0x8004103e, /* in a marshalled packet */
    WBEM_E_UNKNOWN_PACKET_TYPE = (int)0x8004103f, /* in a marshalled packet */
    WBEM_E_MARSHAL_VERSION_MISMATCH = (int)0x80041040,
    WBEM_E_MARSHAL_INVALID_SIGNATURE = (int)0x80041041,
    WBEM_E_INVALID_QUALIFIER = (int)0x80041042,
    WBEM_E_INVALID_DUPLICATE_PARAMETER = (int)0x80041043, /* in and out differ under one ID */
    WBEM_E_TOO_MUCH_DATA = (int)0x80041044,               /* reserved */
    WBEM_E_SERVER_TOO_BUSY = (int)0x80041045,
    WBEM_E_INVALID_FLAVOR = (int)0x80041046,
    WBEM_E_CIRCULAR_REFERENCE = (int)0x80041047, /* a class would derive from itself */
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
    WBEM_E_UNPARSABLE_QUERY = (int)0x80041058,         /* event query */
    WBEM_E_NOT_EVENT_CLASS = (int)0x80041059,          /* in FROM of an event query */
    WBEM_E_MISSING_GROUP_WITHIN = (int)0x8004105a,     /* GROUP BY without WITHIN */
    WBEM_E_MISSING_AGGREGATION_LIST = (int)0x8004105b, /* GROUP without BY */
    WBEM_E_PROPERTY_NOT_AN_OBJECT = (int)0x8004105c,   /* a.b where a is none */
    WBEM_E_AGGREGATING_BY_OBJECT = (int)0x8004105d,
    WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY =
        (int)0x8004105f, /* in an event provider's registration */
    WBEM_E_BACKUP_RESTORE_WINMGMT_RUNNING = (int)0x80041060, /* the service must stop first */
    WBEM_E_QUEUE_OVERFLOW = (int)0x80041061,
    WBEM_E_PRIVILEGE_NOT_HELD = (int)0x80041062,
    WBEM_E_INVALID_OPERATOR = (int)0x80041063,  /* for the types compared */
    WBEM_E_LOCAL_CREDENTIALS = (int)0x80041064, /* credentials given for the local machine */
    WBEM_E_CANNOT_BE_ABSTRACT = (int)0x80041065,
    WBEM_E_AMENDED_OBJECT = (int)0x80041066,
    WBEM_E_CLIENT_TOO_SLOW = (int)0x80041067, /* it left events unfetched too long */
    WBEM_E_NULL_SECURITY_DESCRIPTOR = (int)0x80041068,
    WBEM_E_TIMED_OUT = (int)0x80041069,
    WBEM_E_INVALID_ASSOCIATION = (int)0x8004106a,
    WBEM_E_AMBIGUOUS_OPERATION = (int)0x8004106b,
    WBEM_E_QUOTA_VIOLATION = (int)0x8004106c, /* memory, queries or sinks for one user */
    WBEM_E_RESERVED_001 = (int)0x8004106d,    /* once WBEM_E_TRANSACTION_CONFLICT */
    WBEM_E_RESERVED_002 = (int)0x8004106e,    /* once WBEM_E_FORCED_ROLLBACK */
    WBEM_E_UNSUPPORTED_LOCALE = (int)0x8004106f,
    WBEM_E_HANDLE_OUT_OF_DATE = (int)0x80041070, /* the object behind a handle has changed */
    WBEM_E_CONNECTION_FAILED = (int)0x80041071,
    WBEM_E_INVALID_HANDLE_REQUEST = (int)0x80041072, /* handle of another class */
    WBEM_E_PROPERTY_NAME_TOO_WIDE = (int)0x80041073, /* over 255 characters, as in the next three */
    WBEM_E_CLASS_NAME_TOO_WIDE = (int)0x80041074,
    WBEM_E_METHOD_NAME_TOO_WIDE = (int)0x80041075,
    WBEM_E_QUALIFIER_NAME_TOO_WIDE = (int)0x80041076,
    WBEM_E_RERUN_COMMAND = (int)0x80041077,         /* MOF compiler: run it again */
    WBEM_E_DATABASE_VER_MISMATCH = (int)0x80041078, /* a repository of another version */
    WBEM_E_VETO_DELETE = (int)0x80041079,           /* a provider objects */
    WBEM_E_VETO_PUT = (int)0x8004107a,              /* a provider objects */
    WBEM_E_INVALID_LOCALE = (int)0x80041080,
    WBEM_E_PROVIDER_SUSPENDED = (int)0x80041081,
    WBEM_E_SYNCHRONIZATION_REQUIRED = (int)0x80041082, /* commit or roll back first */
    WBEM_E_NO_SCHEMA = (int)0x80041083,                /* the provider tells no classes */
    WBEM_E_PROVIDER_ALREADY_REGISTERED = (int)0x80041084,
    WBEM_E_PROVIDER_NOT_REGISTERED = (int)0x80041085,
    WBEM_E_FATAL_TRANSPORT_ERROR = (int)0x80041086,
    WBEM_E_ENCRYPTED_CONNECTION_REQUIRED = (int)0x80041087, /* namespace wants packet privacy */
    WBEM_E_PROVIDER_TIMED_OUT = (int)0x80041088,
    WBEM_E_NO_KEY = (int)0x80041089,
    WBEM_E_PROVIDER_DISABLED = (int)0x8004108a,

    WBEMESS_E_REGISTRATION_TOO_BROAD = (int)0x80042001,   /* the filter would pass too much */
    WBEMESS_E_REGISTRATION_TOO_PRECISE = (int)0x80042002, /* the provider's query is too narrow */
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

/**
 * A class or an instance: properties, methods, qualifiers. Not safe for changes from several
 * threads at once. Property names are compared without regard to case.
 * Page: wbemcli/nn-wbemcli-iwbemclassobject
 */
EXTERN_C const IID IID_IWbemClassObject;
#undef INTERFACE
#define INTERFACE IWbemClassObject
DECLARE_INTERFACE_IID_(IWbemClassObject, IUnknown, "dc12a681-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * The qualifiers of the object itself; changes through the set change the object.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getqualifierset
     */
    STDMETHOD(GetQualifierSet)(THIS_ IWbemQualifierSet **ppQualSet) PURE;

    /**
     * The value of a property, system properties included.
     * @wszName  the property.
     * @pVal     initialized by the method, to be cleared by the caller; untouched on failure.
     *           VT_NULL if the property has no value. 64-bit integers, datetimes and references are
     *           VT_BSTR.
     * @pType    optional: the CIM type, which the VARIANT's type alone does not tell.
     * @plFlavor optional: a WBEM_FLAVOR_ORIGIN_ value: where the property comes from.
     * @return WBEM_E_NOT_FOUND, WBEM_E_INVALID_PARAMETER, WBEM_E_OUT_OF_MEMORY.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-get
     */
    STDMETHOD(Get)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE *pType,
                   LONG *plFlavor) PURE;

    /**
     * Set a property; in a class also create it. The VARIANT is coerced to the property's type.
     * @pVal borrowed. NULL or VT_NULL makes the property null. An embedded object is passed as
     *       VT_UNKNOWN and copied. 64-bit integers are decimal strings.
     * @Type for a new property without a value, its CIM type; otherwise 0 or the matching type.
     * @return WBEM_E_TYPE_MISMATCH, WBEM_E_INVALID_PROPERTY_TYPE, WBEM_E_NOT_FOUND (instances have
     *         no property but their class's), WBEM_E_READ_ONLY (system properties),
     *         WBEM_E_INVALID_OBJECT, WBEM_E_INVALID_PARAMETER, WBEM_E_OUT_OF_MEMORY.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-put
     */
    STDMETHOD(Put)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, CIMTYPE Type) PURE;

    /**
     * Remove a property from a class, with its qualifiers. In an instance, and for an inherited
     * property that the class overrides, the value goes back to the inherited default instead.
     * @return WBEM_S_RESET_TO_DEFAULT in that last case; WBEM_E_NOT_FOUND,
     *         WBEM_E_PROPAGATED_PROPERTY (inherited, nothing overridden), WBEM_E_SYSTEM_PROPERTY,
     *         WBEM_E_INVALID_PARAMETER.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-delete
     */
    STDMETHOD(Delete)(THIS_ LPCWSTR wszName) PURE;

    /**
     * The names of the properties that match.
     * @wszQualifierName, @pQualifierVal what the WBEM_FLAG_ONLY_IF_ flags look at; else NULL.
     * @lFlags  WBEM_CONDITION_FLAG_TYPE: one of ALWAYS and ONLY_IF_, of KEYS_ and REFS_ONLY, and of
     *          the origins LOCAL_, PROPAGATED_, SYSTEM_, NONSYSTEM_ONLY.
     * @pNames  a new array of BSTRs, perhaps of no elements; the caller's.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getnames
     */
    STDMETHOD(GetNames)(THIS_ LPCWSTR wszQualifierName, LONG lFlags, VARIANT *pQualifierVal,
                        SAFEARRAY **pNames) PURE;

    /**
     * Begin, or begin anew, a walk over the properties with Next.
     * @lEnumFlags as GetNames's key and origin groups, or for a class
     *             WBEM_FLAG_CLASS_OVERRIDES_ONLY or WBEM_FLAG_CLASS_LOCAL_AND_OVERRIDES.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-beginenumeration
     */
    STDMETHOD(BeginEnumeration)(THIS_ LONG lEnumFlags) PURE;

    /**
     * The next property of the walk. Every out parameter is optional; see Get.
     * @return WBEM_S_NO_MORE_DATA after the last; WBEM_E_UNEXPECTED without BeginEnumeration.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-next
     */
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *strName, VARIANT *pVal, CIMTYPE *pType,
                    LONG *plFlavor) PURE;

    /**
     * End the walk.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-endenumeration
     */
    STDMETHOD(EndEnumeration)(THIS) PURE;

    /**
     * The qualifiers of one property. System properties have none (WBEM_E_SYSTEM_PROPERTY).
     * @return also WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getpropertyqualifierset
     */
    STDMETHOD(GetPropertyQualifierSet)(THIS_ LPCWSTR wszProperty,
                                       IWbemQualifierSet **ppQualSet) PURE;

    /**
     * An independent copy.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-clone
     */
    STDMETHOD(Clone)(THIS_ IWbemClassObject **ppCopy) PURE;

    /**
     * The object as MOF text.
     * @lFlags 0, or WBEM_FLAG_NO_FLAVORS to leave qualifier flavors out.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getobjecttext
     */
    STDMETHOD(GetObjectText)(THIS_ LONG lFlags, BSTR *pstrObjectText) PURE;

    /**
     * A new class that derives from this one. It has no name yet: Put __CLASS.
     * @return WBEM_E_INCOMPLETE_CLASS, WBEM_E_INVALID_OPERATION (this is an instance).
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-spawnderivedclass
     */
    STDMETHOD(SpawnDerivedClass)(THIS_ LONG lFlags, IWbemClassObject **ppNewClass) PURE;

    /**
     * A new instance of this class with the class's default values; stored only by PutInstance.
     * @return WBEM_E_INCOMPLETE_CLASS (the class was not read from a namespace).
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-spawninstance
     */
    STDMETHOD(SpawnInstance)(THIS_ LONG lFlags, IWbemClassObject **ppNewInstance) PURE;

    /**
     * Compare with another object, but for what lFlags (WBEM_COMPARISON_FLAG) leaves out.
     * @return WBEM_S_SAME or WBEM_S_DIFFERENT, both successes.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-compareto
     */
    STDMETHOD(CompareTo)(THIS_ LONG lFlags, IWbemClassObject *pCompareTo) PURE;

    /**
     * The class that declares a property; this class itself if no ancestor does.
     * @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getpropertyorigin
     */
    STDMETHOD(GetPropertyOrigin)(THIS_ LPCWSTR wszName, BSTR *pstrClassName) PURE;

    /**
     * WBEM_S_NO_ERROR if this class, or this instance's class, is or derives from the ancestor,
     * else WBEM_S_FALSE.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-inheritsfrom
     */
    STDMETHOD(InheritsFrom)(THIS_ LPCWSTR strAncestor) PURE;

    /**
     * The signatures of a method of a class: objects of __PARAMETERS whose properties are the
     * parameters, ReturnValue among the outgoing. NULL where there are none.
     * @return WBEM_E_NOT_FOUND, WBEM_E_ILLEGAL_OPERATION (instances have no methods).
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getmethod
     */
    STDMETHOD(GetMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject **ppInSignature,
                         IWbemClassObject **ppOutSignature) PURE;

    /**
     * Create or change a method of a class. Each parameter carries an ID qualifier, from 0 without
     * gaps; one that is in both signatures has the same in both.
     * @pInSignature, @pOutSignature copied; NULL for none.
     * @return WBEM_E_NONCONSECUTIVE_PARAMETER_IDS, WBEM_E_MISSING_PARAMETER_ID,
     *         WBEM_E_PARAMETER_ID_ON_RETVAL, WBEM_E_INVALID_DUPLICATE_PARAMETER,
     *         WBEM_E_ILLEGAL_OPERATION (an instance).
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-putmethod
     */
    STDMETHOD(PutMethod)(THIS_ LPCWSTR wszName, LONG lFlags, IWbemClassObject *pInSignature,
                         IWbemClassObject *pOutSignature) PURE;

    /**
     * Remove a method from a class. @return WBEM_E_NOT_FOUND, WBEM_E_PROPAGATED_METHOD.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-deletemethod
     */
    STDMETHOD(DeleteMethod)(THIS_ LPCWSTR wszName) PURE;

    /**
     * Begin, or begin anew, a walk over a class's methods with NextMethod.
     * @lEnumFlags 0 for all, or WBEM_FLAG_LOCAL_ONLY or WBEM_FLAG_PROPAGATED_ONLY.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-beginmethodenumeration
     */
    STDMETHOD(BeginMethodEnumeration)(THIS_ LONG lEnumFlags) PURE;

    /**
     * The next method of the walk, as GetMethod gives it; WBEM_S_NO_MORE_DATA after the last.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-nextmethod
     */
    STDMETHOD(NextMethod)(THIS_ LONG lFlags, BSTR *pstrName, IWbemClassObject **ppInSignature,
                          IWbemClassObject **ppOutSignature) PURE;

    /**
     * End the walk.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-endmethodenumeration
     */
    STDMETHOD(EndMethodEnumeration)(THIS) PURE;

    /**
     * The qualifiers of one method. @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getmethodqualifierset
     */
    STDMETHOD(GetMethodQualifierSet)(THIS_ LPCWSTR wszMethod, IWbemQualifierSet **ppQualSet) PURE;

    /**
     * The class that declares a method. @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemclassobject-getmethodorigin
     */
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

/**
 * An object whose properties are reached by a handle instead of a name: the fast way for counters
 * that are read again and again. A handle holds for every object of the class.
 * Page: wbemcli/nn-wbemcli-iwbemobjectaccess
 */
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

    /**
     * The handle of a property, and its CIM type. Arrays and embedded objects have none.
     * @return WBEM_E_NOT_FOUND, WBEM_E_NOT_SUPPORTED.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-getpropertyhandle
     */
    STDMETHOD(GetPropertyHandle)(THIS_ LPCWSTR wszPropertyName, CIMTYPE *pType,
                                 LONG *plHandle) PURE;

    /**
     * Write a property's bytes. Strings are WCHARs with their final zero, which lNumBytes counts.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-writepropertyvalue
     */
    STDMETHOD(WritePropertyValue)(THIS_ LONG lHandle, LONG lNumBytes, const BYTE *aData) PURE;

    /**
     * Read a property's bytes into a buffer of lBufferSize; strings with their final zero.
     * @return WBEM_E_BUFFER_TOO_SMALL, with the size needed in plNumBytes.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-readpropertyvalue
     */
    STDMETHOD(ReadPropertyValue)(THIS_ LONG lHandle, LONG lBufferSize, LONG *plNumBytes,
                                 BYTE *aData) PURE;

    /**
     * Read a property of 32 bits.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-readdword
     */
    STDMETHOD(ReadDWORD)(THIS_ LONG lHandle, DWORD *pdw) PURE;

    /**
     * Write a property of 32 bits.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-writedword
     */
    STDMETHOD(WriteDWORD)(THIS_ LONG lHandle, DWORD dw) PURE;

    /**
     * Read a property of 64 bits.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-readqword
     */
    STDMETHOD(ReadQWORD)(THIS_ LONG lHandle, UINT64 *pqw) PURE;

    /**
     * Write a property of 64 bits.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-writeqword
     */
    STDMETHOD(WriteQWORD)(THIS_ LONG lHandle, UINT64 pw) PURE;

    /**
     * The name and CIM type behind a handle.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-getpropertyinfobyhandle
     */
    STDMETHOD(GetPropertyInfoByHandle)(THIS_ LONG lHandle, BSTR *pstrName, CIMTYPE *pType) PURE;

    /**
     * Keep other threads from changing the object until Unlock. lFlags is ignored.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-lock
     */
    STDMETHOD(Lock)(THIS_ LONG lFlags) PURE;

    /**
     * Undo Lock.
     * Page: wbemcli/nf-wbemcli-iwbemobjectaccess-unlock
     */
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

/**
 * The qualifiers of an object, a property or a method. Keeps its owner alive.
 * Page: wbemcli/nn-wbemcli-iwbemqualifierset
 */
EXTERN_C const IID IID_IWbemQualifierSet;
#undef INTERFACE
#define INTERFACE IWbemQualifierSet
DECLARE_INTERFACE_IID_(IWbemQualifierSet, IUnknown, "dc12a680-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * The value and, both optional, the flavor (WBEM_FLAVOR_TYPE) of a qualifier.
     * @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-get
     */
    STDMETHOD(Get)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pVal, LONG *plFlavor) PURE;

    /**
     * Write a qualifier, creating it if need be.
     * @pVal    borrowed: VT_I4, VT_R8, VT_BSTR, VT_BOOL or an array of one of them.
     * @lFlavor WBEM_FLAVOR_TYPE: how it propagates, whether it may be overridden.
     * @return WBEM_E_INVALID_QUALIFIER_TYPE, WBEM_E_CANNOT_BE_KEY, WBEM_E_OVERRIDE_NOT_ALLOWED,
     *         WBEM_E_INVALID_PARAMETER.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-put
     */
    STDMETHOD(Put)(THIS_ LPCWSTR wszName, VARIANT *pVal, LONG lFlavor) PURE;

    /**
     * Remove a qualifier; an override goes back to the inherited value.
     * @return WBEM_S_RESET_TO_DEFAULT in that case; WBEM_E_NOT_FOUND, WBEM_E_PROPAGATED_QUALIFIER,
     *         WBEM_E_INVALID_OPERATION.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-delete
     */
    STDMETHOD(Delete)(THIS_ LPCWSTR wszName) PURE;

    /**
     * The names, as a new array of BSTRs.
     * @lFlags 0 for all, or WBEM_FLAG_LOCAL_ONLY or WBEM_FLAG_PROPAGATED_ONLY.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-getnames
     */
    STDMETHOD(GetNames)(THIS_ LONG lFlags, SAFEARRAY **pNames) PURE;

    /**
     * Begin, or begin anew, a walk with Next; lFlags as for GetNames.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-beginenumeration
     */
    STDMETHOD(BeginEnumeration)(THIS_ LONG lFlags) PURE;

    /**
     * The next qualifier; every out parameter is optional. WBEM_S_NO_MORE_DATA after the last,
     * WBEM_E_UNEXPECTED without BeginEnumeration.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-next
     */
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *pstrName, VARIANT *pVal, LONG *plFlavor) PURE;

    /**
     * End the walk.
     * Page: wbemcli/nf-wbemcli-iwbemqualifierset-endenumeration
     */
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

/**
 * One namespace. Most operations come as a pair:
 *  - the plain form waits for the result, or with WBEM_FLAG_RETURN_IMMEDIATELY returns at once and
 *    lets the caller wait in the enumerator or in an IWbemCallResult (semisynchronous);
 *  - the Async form returns at once and delivers to the caller's sink, from other threads, with
 *    exactly one final SetStatus. The sink is referenced until then.
 * pCtx is passed to providers and may be NULL. A failed call leaves an error object for
 * GetErrorInfo on the calling thread. A lost connection shows as a COM code such as
 * RPC_E_DISCONNECTED or RPC_S_SERVER_UNAVAILABLE as HRESULT.
 * Page: wbemcli/nn-wbemcli-iwbemservices
 */
EXTERN_C const IID IID_IWbemServices;
#undef INTERFACE
#define INTERFACE IWbemServices
DECLARE_INTERFACE_IID_(IWbemServices, IUnknown, "9556dc99-828c-11cf-a37e-00aa003240c7")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Open a namespace below this one, named relative to it.
     * @lFlags 0, WBEM_FLAG_CONNECT_REPOSITORY_ONLY, or WBEM_FLAG_RETURN_IMMEDIATELY with ppResult.
     * @ppWorkingNamespace, @ppResult one of them may be NULL.
     * @return WBEM_E_INVALID_NAMESPACE, WBEM_E_ACCESS_DENIED.
     * Page: wbemcli/nf-wbemcli-iwbemservices-opennamespace
     */
    STDMETHOD(OpenNamespace)(THIS_ const BSTR strNamespace, LONG lFlags, IWbemContext *pCtx,
                             IWbemServices **ppWorkingNamespace, IWbemCallResult **ppResult) PURE;

    /**
     * End the asynchronous calls that deliver to this sink: it gets its final SetStatus with
     * WBEM_E_CALL_CANCELLED, and may have got it before this call returns.
     * @return WBEM_E_NOT_FOUND if none delivers to it.
     * Page: wbemcli/nf-wbemcli-iwbemservices-cancelasynccall
     */
    STDMETHOD(CancelAsyncCall)(THIS_ IWbemObjectSink *pSink) PURE;

    /**
     * A sink through which to hand objects, such as events, to WMI.
     * Page: wbemcli/nf-wbemcli-iwbemservices-queryobjectsink
     */
    STDMETHOD(QueryObjectSink)(THIS_ LONG lFlags, IWbemObjectSink **ppResponseHandler) PURE;

    /**
     * A class by its name or an instance by its path; NULL or "" gives an empty class for PutClass.
     * @lFlags WBEM_FLAG_RETURN_IMMEDIATELY (with ppCallResult), WBEM_FLAG_DIRECT_READ,
     *         WBEM_FLAG_USE_AMENDED_QUALIFIERS.
     * @return WBEM_E_NOT_FOUND, WBEM_E_INVALID_CLASS, WBEM_E_INVALID_OBJECT_PATH,
     *         WBEM_E_ACCESS_DENIED.
     * Page: wbemcli/nf-wbemcli-iwbemservices-getobject
     */
    STDMETHOD(GetObject)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                         IWbemClassObject **ppObject, IWbemCallResult **ppCallResult) PURE;

    /**
     * GetObject, delivered to a sink: one object or none.
     * Page: wbemcli/nf-wbemcli-iwbemservices-getobjectasync
     */
    STDMETHOD(GetObjectAsync)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                              IWbemObjectSink *pResponseHandler) PURE;

    /**
     * Create or change a class.
     * @lFlags WBEM_CHANGE_FLAG_TYPE, with WBEM_FLAG_RETURN_IMMEDIATELY,
     *         WBEM_FLAG_USE_AMENDED_QUALIFIERS, WBEM_FLAG_OWNER_UPDATE.
     * @return WBEM_E_ALREADY_EXISTS, WBEM_E_NOT_FOUND, WBEM_E_CLASS_HAS_CHILDREN,
     *         WBEM_E_CLASS_HAS_INSTANCES, WBEM_E_INCOMPLETE_CLASS, WBEM_E_INVALID_SUPERCLASS.
     * Page: wbemcli/nf-wbemcli-iwbemservices-putclass
     */
    STDMETHOD(PutClass)(THIS_ IWbemClassObject *pObject, LONG lFlags, IWbemContext *pCtx,
                        IWbemCallResult **ppCallResult) PURE;

    /**
     * PutClass; the sink gets the final status only.
     * Page: wbemcli/nf-wbemcli-iwbemservices-putclassasync
     */
    STDMETHOD(PutClassAsync)(THIS_ IWbemClassObject *pObject, LONG lFlags, IWbemContext *pCtx,
                             IWbemObjectSink *pResponseHandler) PURE;

    /**
     * Delete a class with its derived classes and their instances.
     * @return WBEM_E_NOT_FOUND, WBEM_E_PROVIDER_NOT_CAPABLE, WBEM_E_ACCESS_DENIED.
     * Page: wbemcli/nf-wbemcli-iwbemservices-deleteclass
     */
    STDMETHOD(DeleteClass)(THIS_ const BSTR strClass, LONG lFlags, IWbemContext *pCtx,
                           IWbemCallResult **ppCallResult) PURE;

    /**
     * DeleteClass; the sink gets the final status only.
     * Page: wbemcli/nf-wbemcli-iwbemservices-deleteclassasync
     */
    STDMETHOD(DeleteClassAsync)(THIS_ const BSTR strClass, LONG lFlags, IWbemContext *pCtx,
                                IWbemObjectSink *pResponseHandler) PURE;

    /**
     * The classes derived from one, or with NULL or "" those of the namespace.
     * @lFlags WBEM_FLAG_DEEP or WBEM_FLAG_SHALLOW, with WBEM_FLAG_RETURN_IMMEDIATELY,
     *         WBEM_FLAG_FORWARD_ONLY, WBEM_FLAG_USE_AMENDED_QUALIFIERS.
     * @return WBEM_E_INVALID_CLASS.
     * Page: wbemcli/nf-wbemcli-iwbemservices-createclassenum
     */
    STDMETHOD(CreateClassEnum)(THIS_ const BSTR strSuperclass, LONG lFlags, IWbemContext *pCtx,
                               IEnumWbemClassObject **ppEnum) PURE;

    /**
     * CreateClassEnum, delivered to a sink.
     * Page: wbemcli/nf-wbemcli-iwbemservices-createclassenumasync
     */
    STDMETHOD(CreateClassEnumAsync)(THIS_ const BSTR strSuperclass, LONG lFlags, IWbemContext *pCtx,
                                    IWbemObjectSink *pResponseHandler) PURE;

    /**
     * Create or change an instance, found by its key properties.
     * @lFlags WBEM_FLAG_CREATE_OR_UPDATE, _CREATE_ONLY or _UPDATE_ONLY, with
     *         WBEM_FLAG_RETURN_IMMEDIATELY, WBEM_FLAG_USE_AMENDED_QUALIFIERS.
     * @pCtx   __PUT_EXTENSIONS and its companions ask for a partial update.
     * @return WBEM_E_ALREADY_EXISTS, WBEM_E_NOT_FOUND, WBEM_E_ILLEGAL_NULL (a key without value),
     *         WBEM_E_INVALID_CLASS, WBEM_E_PROVIDER_NOT_CAPABLE.
     * Page: wbemcli/nf-wbemcli-iwbemservices-putinstance
     */
    STDMETHOD(PutInstance)(THIS_ IWbemClassObject *pInst, LONG lFlags, IWbemContext *pCtx,
                           IWbemCallResult **ppCallResult) PURE;

    /**
     * PutInstance; the final SetStatus has the instance's path in strParam where the provider tells
     * it.
     * Page: wbemcli/nf-wbemcli-iwbemservices-putinstanceasync
     */
    STDMETHOD(PutInstanceAsync)(THIS_ IWbemClassObject *pInst, LONG lFlags, IWbemContext *pCtx,
                                IWbemObjectSink *pResponseHandler) PURE;

    /**
     * Delete the instance that a path names.
     * @return WBEM_E_NOT_FOUND, WBEM_E_INVALID_OBJECT_PATH, WBEM_E_PROVIDER_NOT_CAPABLE.
     * Page: wbemcli/nf-wbemcli-iwbemservices-deleteinstance
     */
    STDMETHOD(DeleteInstance)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                              IWbemCallResult **ppCallResult) PURE;

    /**
     * DeleteInstance; the sink gets the final status only.
     * Page: wbemcli/nf-wbemcli-iwbemservices-deleteinstanceasync
     */
    STDMETHOD(DeleteInstanceAsync)(THIS_ const BSTR strObjectPath, LONG lFlags, IWbemContext *pCtx,
                                   IWbemObjectSink *pResponseHandler) PURE;

    /**
     * The instances of a class, and with WBEM_FLAG_DEEP (0) those of its derived classes.
     * @lFlags also WBEM_FLAG_SHALLOW, WBEM_FLAG_DIRECT_READ, WBEM_FLAG_RETURN_IMMEDIATELY,
     *         WBEM_FLAG_FORWARD_ONLY, WBEM_FLAG_USE_AMENDED_QUALIFIERS.
     * @return WBEM_E_INVALID_CLASS.
     * Page: wbemcli/nf-wbemcli-iwbemservices-createinstanceenum
     */
    STDMETHOD(CreateInstanceEnum)(THIS_ const BSTR strFilter, LONG lFlags, IWbemContext *pCtx,
                                  IEnumWbemClassObject **ppEnum) PURE;

    /**
     * CreateInstanceEnum, delivered to a sink.
     * Page: wbemcli/nf-wbemcli-iwbemservices-createinstanceenumasync
     */
    STDMETHOD(CreateInstanceEnumAsync)(THIS_ const BSTR strFilter, LONG lFlags, IWbemContext *pCtx,
                                       IWbemObjectSink *pResponseHandler) PURE;

    /**
     * The objects that a query selects.
     * @strQueryLanguage "WQL".
     * @lFlags WBEM_FLAG_RETURN_IMMEDIATELY, WBEM_FLAG_FORWARD_ONLY, WBEM_FLAG_ENSURE_LOCATABLE,
     *         WBEM_FLAG_PROTOTYPE, WBEM_FLAG_DIRECT_READ, WBEM_FLAG_USE_AMENDED_QUALIFIERS.
     * @ppEnum the caller's; empty if nothing matches, which is no error.
     * @return WBEM_E_INVALID_QUERY (the error object has the place), WBEM_E_INVALID_QUERY_TYPE (the
     *         language), WBEM_E_INVALID_CLASS, WBEM_E_INVALID_PARAMETER, WBEM_E_ACCESS_DENIED.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execquery
     */
    STDMETHOD(ExecQuery)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery, LONG lFlags,
                         IWbemContext *pCtx, IEnumWbemClassObject **ppEnum) PURE;

    /**
     * ExecQuery, delivered to a sink without control over how much comes; see
     * IEnumWbemClassObject::NextAsync for the controlled way.
     * @lFlags also WBEM_FLAG_BIDIRECTIONAL, WBEM_FLAG_SEND_STATUS.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execqueryasync
     */
    STDMETHOD(ExecQueryAsync)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery, LONG lFlags,
                              IWbemContext *pCtx, IWbemObjectSink *pResponseHandler) PURE;

    /**
     * The events that a query asks for, from now on; the enumerator ends only when released.
     * @lFlags must have WBEM_FLAG_RETURN_IMMEDIATELY and WBEM_FLAG_FORWARD_ONLY.
     * @return as ExecQuery; also WBEM_E_UNPARSABLE_QUERY, WBEM_E_NOT_EVENT_CLASS,
     *         WBEMESS_E_REGISTRATION_TOO_BROAD, WBEMESS_E_REGISTRATION_TOO_PRECISE.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execnotificationquery
     */
    STDMETHOD(ExecNotificationQuery)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery,
                                     LONG lFlags, IWbemContext *pCtx,
                                     IEnumWbemClassObject **ppEnum) PURE;

    /**
     * ExecNotificationQuery, delivered to a sink until CancelAsyncCall.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execnotificationqueryasync
     */
    STDMETHOD(ExecNotificationQueryAsync)(THIS_ const BSTR strQueryLanguage, const BSTR strQuery,
                                          LONG lFlags, IWbemContext *pCtx,
                                          IWbemObjectSink *pResponseHandler) PURE;

    /**
     * Call a method of the class or instance that a path names.
     * @pInParams    an instance of the in signature; NULL if the method takes nothing.
     * @ppOutParams  optional: the out parameters and ReturnValue; the caller's.
     * @ppCallResult with WBEM_FLAG_RETURN_IMMEDIATELY, where to wait for them.
     * @return WBEM_E_INVALID_METHOD, WBEM_E_INVALID_METHOD_PARAMETERS, WBEM_E_METHOD_DISABLED,
     *         WBEM_E_METHOD_NOT_IMPLEMENTED, WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execmethod
     */
    STDMETHOD(ExecMethod)(THIS_ const BSTR strObjectPath, const BSTR strMethodName, LONG lFlags,
                          IWbemContext *pCtx, IWbemClassObject *pInParams,
                          IWbemClassObject **ppOutParams, IWbemCallResult **ppCallResult) PURE;

    /**
     * ExecMethod; Indicate brings the out parameters.
     * Page: wbemcli/nf-wbemcli-iwbemservices-execmethodasync
     */
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

/**
 * Where a program begins: CoCreateInstance(CLSID_WbemLocator) gives one.
 * Page: wbemcli/nn-wbemcli-iwbemlocator
 */
EXTERN_C const IID IID_IWbemLocator;
#undef INTERFACE
#define INTERFACE IWbemLocator
DECLARE_INTERFACE_IID_(IWbemLocator, IUnknown, "dc12a687-737f-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Connect to a namespace of this machine or of another.
     * @strNetworkResource "root\cimv2", or "\\host\root\cimv2" where host is a name or an address.
     * @strUser       NULL for the current identity; "DOMAIN\user" or "user@domain". Not for the
     *                local machine, nor is strPassword or strAuthority.
     * @strPassword   NULL for the current identity's; "" is an empty password.
     * @strLocale     NULL, or "MS_" and a locale identifier in hexadecimal, such as "MS_409", or
     *                several with commas: whose texts WBEM_FLAG_USE_AMENDED_QUALIFIERS gives.
     * @lSecurityFlags 0, or WBEM_FLAG_CONNECT_USE_MAX_WAIT to give up within two minutes.
     * @strAuthority  NULL; "kerberos:principal" or "ntlmdomain:DOMAIN". A domain stands either here
     *                or in strUser.
     * @ppNamespace   the caller's; NULL on failure.
     * @return WBEM_E_ACCESS_DENIED, WBEM_E_INVALID_NAMESPACE, WBEM_E_INVALID_PARAMETER,
     *         WBEM_E_LOCAL_CREDENTIALS, WBEM_E_TRANSPORT_FAILURE, COM codes for the network.
     * Page: wbemcli/nf-wbemcli-iwbemlocator-connectserver
     */
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

/**
 * What a client implements to receive objects. Calls come from the library's threads, for one
 * operation one after another: Indicate any number of times, then one final SetStatus.
 * Page: wbemcli/nn-wbemcli-iwbemobjectsink
 */
EXTERN_C const IID IID_IWbemObjectSink;
#undef INTERFACE
#define INTERFACE IWbemObjectSink
DECLARE_INTERFACE_IID_(IWbemObjectSink, IUnknown, "7c857801-7381-11cf-884d-00aa004b2e24")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Here are objects.
     * @apObjArray the library's: AddRef what is to be kept after the return.
     * @return WBEM_S_NO_ERROR; a failure asks the library to stop.
     * Page: wbemcli/nf-wbemcli-iwbemobjectsink-indicate
     */
    STDMETHOD(Indicate)(THIS_ LONG lObjectCount, IWbemClassObject **apObjArray) PURE;

    /**
     * How the operation goes (WBEM_STATUS_PROGRESS) or went (WBEM_STATUS_COMPLETE, always the
     * last).
     * @hResult   complete: its result. Progress: done in the low word, total in the high word.
     * @strParam  borrowed, may be NULL: for PutInstanceAsync the path, for progress a text.
     * @pObjParam borrowed, may be NULL: for a failure an __ExtendedStatus.
     * @return WBEM_S_NO_ERROR.
     * Page: wbemcli/nf-wbemcli-iwbemobjectsink-setstatus
     */
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

/**
 * The result of an operation that yields many objects, to be fetched in portions. Any thread may
 * call; calls are served one after another.
 * Page: wbemcli/nn-wbemcli-ienumwbemclassobject
 */
EXTERN_C const IID IID_IEnumWbemClassObject;
#undef INTERFACE
#define INTERFACE IEnumWbemClassObject
DECLARE_INTERFACE_IID_(IEnumWbemClassObject, IUnknown, "027947e1-d731-11ce-a357-000000000001")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Go back to the first object. Deliveries that NextAsync has begun are not disturbed.
     * @return WBEM_E_INVALID_OPERATION if the enumerator is forward-only.
     * Page: wbemcli/nf-wbemcli-ienumwbemclassobject-reset
     */
    STDMETHOD(Reset)(THIS) PURE;

    /**
     * The next objects, waited for.
     * @lTimeout   milliseconds for the lot, not for each; WBEM_INFINITE or WBEM_NO_WAIT.
     * @apObjects  room for uCount; those put there are the caller's to release.
     * @puReturned how many were; also on WBEM_S_FALSE and WBEM_S_TIMEDOUT.
     * @return WBEM_S_NO_ERROR if uCount came; WBEM_S_FALSE if the sequence ended first;
     *         WBEM_S_TIMEDOUT if the time did; the error of the operation behind the enumerator;
     *         WBEM_E_INVALID_PARAMETER.
     * Page: wbemcli/nf-wbemcli-ienumwbemclassobject-next
     */
    STDMETHOD(Next)(THIS_ LONG lTimeout, ULONG uCount, IWbemClassObject **apObjects,
                    ULONG *puReturned) PURE;

    /**
     * Have the next objects delivered to a sink in the background, and at most uCount of them: the
     * caller decides when more come. Calls are queued and keep their order; one made while earlier
     * ones are being served returns when those have been. Made from inside one of this enumerator's
     * callbacks it is queued and returns at once. The sink gets the objects as they become
     * available in zero or more Indicate calls, then one SetStatus: WBEM_S_NO_ERROR if uCount came,
     * WBEM_S_FALSE if the sequence ended first, or the error, with an __ExtendedStatus. It is
     * referenced until then, and never called afterwards.
     * @uCount how many at most; 0 gives WBEM_S_FALSE.
     * @pSink  implemented by the caller.
     * @return WBEM_S_NO_ERROR if the sink will be used, even if fewer than uCount will come;
     *         WBEM_S_FALSE if no object is left: then the sink is not called at all;
     *         WBEM_E_INVALID_PARAMETER for a NULL sink, WBEM_E_OUT_OF_MEMORY; a COM code if the
     *         connection is lost. GetErrorInfo tells more.
     * Page: wbemcli/nf-wbemcli-ienumwbemclassobject-nextasync
     */
    STDMETHOD(NextAsync)(THIS_ ULONG uCount, IWbemObjectSink *pSink) PURE;

    /**
     * An enumerator over the same objects with the same position, which moves on its own.
     * @return WBEM_E_INVALID_OPERATION if the enumerator is forward-only.
     * Page: wbemcli/nf-wbemcli-ienumwbemclassobject-clone
     */
    STDMETHOD(Clone)(THIS_ IEnumWbemClassObject **ppEnum) PURE;

    /**
     * Pass over objects. Timeout and results are those of Next.
     * Page: wbemcli/nf-wbemcli-ienumwbemclassobject-skip
     */
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

/**
 * The outcome of a semisynchronous call, to be waited for. In each method lTimeout is in
 * milliseconds, WBEM_INFINITE or WBEM_NO_WAIT; while there is no outcome the answer is
 * WBEM_S_TIMEDOUT. If the call failed, its error is returned.
 * Page: wbemcli/nn-wbemcli-iwbemcallresult
 */
EXTERN_C const IID IID_IWbemCallResult;
#undef INTERFACE
#define INTERFACE IWbemCallResult
DECLARE_INTERFACE_IID_(IWbemCallResult, IUnknown, "44aca675-e8fc-11d0-a07c-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * The object of GetObject, or the out parameters of ExecMethod; the caller's.
     * Page: wbemcli/nf-wbemcli-iwbemcallresult-getresultobject
     */
    STDMETHOD(GetResultObject)(THIS_ LONG lTimeout, IWbemClassObject **ppResultObject) PURE;

    /**
     * The path of what PutInstance wrote. WBEM_E_INVALID_OPERATION after another call.
     * Page: wbemcli/nf-wbemcli-iwbemcallresult-getresultstring
     */
    STDMETHOD(GetResultString)(THIS_ LONG lTimeout, BSTR *pstrResultString) PURE;

    /**
     * The namespace that OpenNamespace opened; the caller's.
     * Page: wbemcli/nf-wbemcli-iwbemcallresult-getresultservices
     */
    STDMETHOD(GetResultServices)(THIS_ LONG lTimeout, IWbemServices **ppServices) PURE;

    /**
     * Whether the call has ended, and in plStatus its HRESULT; the return value is about this
     * question, not about the call.
     * Page: wbemcli/nf-wbemcli-iwbemcallresult-getcallstatus
     */
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

/**
 * Named values that accompany a call to the providers that serve it.
 * Page: wbemcli/nn-wbemcli-iwbemcontext
 */
EXTERN_C const IID IID_IWbemContext;
#undef INTERFACE
#define INTERFACE IWbemContext
DECLARE_INTERFACE_IID_(IWbemContext, IUnknown, "44aca674-e8fc-11d0-a07c-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * An independent copy.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-clone
     */
    STDMETHOD(Clone)(THIS_ IWbemContext **ppNewCopy) PURE;

    /**
     * The names, as a new array of BSTRs, perhaps of no elements.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-getnames
     */
    STDMETHOD(GetNames)(THIS_ LONG lFlags, SAFEARRAY **pNames) PURE;

    /**
     * Begin, or begin anew, a walk with Next.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-beginenumeration
     */
    STDMETHOD(BeginEnumeration)(THIS_ LONG lFlags) PURE;

    /**
     * The next name and value; WBEM_S_NO_MORE_DATA after the last.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-next
     */
    STDMETHOD(Next)(THIS_ LONG lFlags, BSTR *pstrName, VARIANT *pValue) PURE;

    /**
     * End the walk.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-endenumeration
     */
    STDMETHOD(EndEnumeration)(THIS) PURE;

    /**
     * Set a value, which is copied. An object is passed as VT_UNKNOWN with its IWbemClassObject.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-setvalue
     */
    STDMETHOD(SetValue)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pValue) PURE;

    /**
     * A copy of a value. @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-getvalue
     */
    STDMETHOD(GetValue)(THIS_ LPCWSTR wszName, LONG lFlags, VARIANT *pValue) PURE;

    /**
     * Remove a value. @return WBEM_E_NOT_FOUND.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-deletevalue
     */
    STDMETHOD(DeleteValue)(THIS_ LPCWSTR wszName, LONG lFlags) PURE;

    /**
     * Remove all values.
     * Page: wbemcli/nf-wbemcli-iwbemcontext-deleteall
     */
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

/**
 * A process of its own that takes callbacks in a client's place, for clients that can't be called
 * back with the security that the server has.
 * Page: wbemcli/nn-wbemcli-iunsecuredapartment
 */
EXTERN_C const IID IID_IUnsecuredApartment;
#undef INTERFACE
#define INTERFACE IUnsecuredApartment
DECLARE_INTERFACE_IID_(IUnsecuredApartment, IUnknown, "1cfaba8c-1523-11d1-ad79-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Wrap a sink: pass the stub to an Async call instead of it. Query the stub for
     * IWbemObjectSink.
     * Page: wbemcli/nf-wbemcli-iunsecuredapartment-createobjectstub
     */
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

/**
 * IUnsecuredApartment with a say in who may call back.
 * Page: wbemcli/nn-wbemcli-iwbemunsecuredapartment
 */
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

    /**
     * Wrap a sink. @dwFlags WBEM_UNSECAPP_FLAG_TYPE. @wszReserved NULL.
     * Page: wbemcli/nf-wbemcli-iwbemunsecuredapartment-createsinkstub
     */
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

/**
 * Texts for status codes: CoCreateInstance(CLSID_WbemStatusCodeText) gives one.
 * Page: wbemcli/nn-wbemcli-iwbemstatuscodetext
 */
EXTERN_C const IID IID_IWbemStatusCodeText;
#undef INTERFACE
#define INTERFACE IWbemStatusCodeText
DECLARE_INTERFACE_IID_(IWbemStatusCodeText, IUnknown, "eb87e1bc-3233-11d2-aec9-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * What a code means. @LocaleId 0 for the current locale. @lFlags WBEMSTATUS_FORMAT.
     * Page: wbemcli/nf-wbemcli-iwbemstatuscodetext-geterrorcodetext
     */
    STDMETHOD(GetErrorCodeText)(THIS_ HRESULT hRes, LCID LocaleId, LONG lFlags,
                                BSTR *MessageText) PURE;

    /**
     * Which part of the system a code comes from, such as "WMI" or "Win32".
     * Page: wbemcli/nf-wbemcli-iwbemstatuscodetext-getfacilitycodetext
     */
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

/**
 * Saves and restores the repository's static data: CoCreateInstance(CLSID_WbemBackupRestore).
 * Page: wbemcli/nn-wbemcli-iwbembackuprestore
 */
EXTERN_C const IID IID_IWbemBackupRestore;
#undef INTERFACE
#define INTERFACE IWbemBackupRestore
DECLARE_INTERFACE_IID_(IWbemBackupRestore, IUnknown, "c49e32c7-bc8b-11d2-85d4-00105a1f8304")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Write the repository to a file.
     * Page: wbemcli/nf-wbemcli-iwbembackuprestore-backup
     */
    STDMETHOD(Backup)(THIS_ LPCWSTR strBackupToFile, LONG lFlags) PURE;

    /**
     * Replace the repository by a backup. @lFlags WBEM_BACKUP_RESTORE_FLAGS.
     * @return WBEM_E_BACKUP_RESTORE_WINMGMT_RUNNING if clients are connected and nothing forces it.
     * Page: wbemcli/nf-wbemcli-iwbembackuprestore-restore
     */
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

/**
 * For backup programs that copy the repository's files themselves.
 * Page: wbemcli/nn-wbemcli-iwbembackuprestoreex
 */
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

    /**
     * Hold back writes and bring the files into a consistent state; end soon with Resume.
     * Page: wbemcli/nf-wbemcli-iwbembackuprestoreex-pause
     */
    STDMETHOD(Pause)(THIS) PURE;

    /**
     * Undo Pause.
     * Page: wbemcli/nf-wbemcli-iwbembackuprestoreex-resume
     */
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

/**
 * Brings objects and enumerators up to date in place, all those that were added to it with
 * IWbemConfigureRefresher: CoCreateInstance(CLSID_WbemRefresher) gives one.
 * Page: wbemcli/nn-wbemcli-iwbemrefresher
 */
EXTERN_C const IID IID_IWbemRefresher;
#undef INTERFACE
#define INTERFACE IWbemRefresher
DECLARE_INTERFACE_IID_(IWbemRefresher, IUnknown, "49353c99-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Update everything. @lFlags WBEM_REFRESHER_FLAGS: reconnect lost servers or not.
     * Page: wbemcli/nf-wbemcli-iwbemrefresher-refresh
     */
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

/**
 * The instances of a class as of the last refresh.
 * Page: wbemcli/nn-wbemcli-iwbemhiperfenum
 */
EXTERN_C const IID IID_IWbemHiPerfEnum;
#undef INTERFACE
#define INTERFACE IWbemHiPerfEnum
DECLARE_INTERFACE_IID_(IWbemHiPerfEnum, IUnknown, "2705c288-79ae-11d2-b348-00105a1f8177")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Add objects under identifiers that the provider chose; for providers.
     * Page: wbemcli/nf-wbemcli-iwbemhiperfenum-addobjects
     */
    STDMETHOD(AddObjects)(THIS_ LONG lFlags, ULONG uNumObjects, LONG *apIds,
                          IWbemObjectAccess **apObj) PURE;

    /**
     * Remove the objects of these identifiers; for providers.
     * Page: wbemcli/nf-wbemcli-iwbemhiperfenum-removeobjects
     */
    STDMETHOD(RemoveObjects)(THIS_ LONG lFlags, ULONG uNumObjects, LONG *apIds) PURE;

    /**
     * All objects, to be released by the caller.
     * @return WBEM_E_BUFFER_TOO_SMALL if uNumObjects is too few; puReturned has how many there are.
     * Page: wbemcli/nf-wbemcli-iwbemhiperfenum-getobjects
     */
    STDMETHOD(GetObjects)(THIS_ LONG lFlags, ULONG uNumObjects, IWbemObjectAccess **apObj,
                          ULONG *puReturned) PURE;

    /**
     * Remove all objects; for providers.
     * Page: wbemcli/nf-wbemcli-iwbemhiperfenum-removeall
     */
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

/**
 * What a refresher refreshes; ask an IWbemRefresher for it. Each Add gives an object that every
 * Refresh updates, and in plId (optional) a number by which to Remove it.
 * Page: wbemcli/nn-wbemcli-iwbemconfigurerefresher
 */
EXTERN_C const IID IID_IWbemConfigureRefresher;
#undef INTERFACE
#define INTERFACE IWbemConfigureRefresher
DECLARE_INTERFACE_IID_(IWbemConfigureRefresher, IUnknown, "49353c92-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Add the instance that a path names.
     * Page: wbemcli/nf-wbemcli-iwbemconfigurerefresher-addobjectbypath
     */
    STDMETHOD(AddObjectByPath)(THIS_ IWbemServices *pNamespace, LPCWSTR wszPath, LONG lFlags,
                               IWbemContext *pContext, IWbemClassObject **ppRefreshable,
                               LONG *plId) PURE;

    /**
     * Add the instance that pTemplate, a full object, names by its keys.
     * Page: wbemcli/nf-wbemcli-iwbemconfigurerefresher-addobjectbytemplate
     */
    STDMETHOD(AddObjectByTemplate)(THIS_ IWbemServices *pNamespace, IWbemClassObject *pTemplate,
                                   LONG lFlags, IWbemContext *pContext,
                                   IWbemClassObject **ppRefreshable, LONG *plId) PURE;

    /**
     * Add another refresher, to be refreshed with this one.
     * Page: wbemcli/nf-wbemcli-iwbemconfigurerefresher-addrefresher
     */
    STDMETHOD(AddRefresher)(THIS_ IWbemRefresher *pRefresher, LONG lFlags, LONG *plId) PURE;

    /**
     * Remove what an Add returned lId for. @lFlags WBEM_FLAG_REFRESH_AUTO_RECONNECT.
     * Page: wbemcli/nf-wbemcli-iwbemconfigurerefresher-remove
     */
    STDMETHOD(Remove)(THIS_ LONG lId, LONG lFlags) PURE;

    /**
     * Add all instances of a class.
     * Page: wbemcli/nf-wbemcli-iwbemconfigurerefresher-addenum
     */
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

/** Makes an IWbemLocator. */
EXTERN_C const CLSID CLSID_WbemLocator;
WBEM_UUID_DECL_CLASS(WbemLocator, "4590f811-1d3a-11d0-891f-00aa004b2e24")

/** Makes an IWbemContext. */
EXTERN_C const CLSID CLSID_WbemContext;
WBEM_UUID_DECL_CLASS(WbemContext, "674b6698-ee92-11d0-ad71-00c04fd8fdff")

/** Makes an IUnsecuredApartment and IWbemUnsecuredApartment. */
EXTERN_C const CLSID CLSID_UnsecuredApartment;
WBEM_UUID_DECL_CLASS(UnsecuredApartment, "49bd2028-1523-11d1-ad79-00c04fd8fdff")

/** Makes an empty IWbemClassObject. */
EXTERN_C const CLSID CLSID_WbemClassObject;
WBEM_UUID_DECL_CLASS(WbemClassObject, "9a653086-174f-11d2-b5f9-00104b703efd")

/** Makes an IMofCompiler. */
EXTERN_C const CLSID CLSID_MofCompiler;
WBEM_UUID_DECL_CLASS(MofCompiler, "6daf9757-2e37-11d2-aec9-00c04fb68820")

/** Makes an IWbemStatusCodeText. */
EXTERN_C const CLSID CLSID_WbemStatusCodeText;
WBEM_UUID_DECL_CLASS(WbemStatusCodeText, "eb87e1bd-3233-11d2-aec9-00c04fb68820")

/** Makes an IWbemBackupRestore and IWbemBackupRestoreEx. */
EXTERN_C const CLSID CLSID_WbemBackupRestore;
WBEM_UUID_DECL_CLASS(WbemBackupRestore, "c49e32c6-bc8b-11d2-85d4-00105a1f8304")

/** Makes an IWbemRefresher and IWbemConfigureRefresher. */
EXTERN_C const CLSID CLSID_WbemRefresher;
WBEM_UUID_DECL_CLASS(WbemRefresher, "c71566f2-561e-11d1-ad87-00c04fd8fdff")

/** Makes an IWbemObjectTextSrc. */
EXTERN_C const CLSID CLSID_WbemObjectTextSrc;
WBEM_UUID_DECL_CLASS(WbemObjectTextSrc, "8d1c559d-84f0-4bb3-a7d5-56a7435a9ba6")

/**
 * A sink that also takes what a method says while it runs: messages, errors, progress. The
 * reference names it without more; the names of the parameters are all that is known.
 */
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

    /** A message on a channel: warning, verbose or debug. */
    STDMETHOD(WriteMessage)(THIS_ ULONG uChannel, const BSTR strMessage) PURE;

    /** An error that does not end the operation. @puReturned whether to go on. */
    STDMETHOD(WriteError)(THIS_ IWbemClassObject *pObjError, unsigned char *puReturned) PURE;

    /** A question. @puReturned the answer. */
    STDMETHOD(PromptUser)(THIS_ const BSTR strMessage, unsigned char uPromptType,
                          unsigned char *puReturned) PURE;

    /** How far it is, in percent, and how long it will take, in seconds. */
    STDMETHOD(WriteProgress)(THIS_ const BSTR strActivity, const BSTR strCurrentOperation,
                             const BSTR strStatusDescription, ULONG uPercentComplete,
                             ULONG uSecondsRemaining) PURE;

    /** A part of an out parameter that is delivered piecewise. */
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

/**
 * Implemented by a provider that must know of its unloading.
 * Page: wbemcli/nn-wbemcli-iwbemshutdown
 */
EXTERN_C const IID IID_IWbemShutdown;
#undef INTERFACE
#define INTERFACE IWbemShutdown
DECLARE_INTERFACE_IID_(IWbemShutdown, IUnknown, "b7b31df9-d515-11d3-a11c-00105a1f515a")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Stop within uMaxMilliseconds. @uReason WBEM_SHUTDOWN_FLAGS.
     * Page: wbemcli/nf-wbemcli-iwbemshutdown-shutdown
     */
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

/**
 * Objects to and from XML: CoCreateInstance(CLSID_WbemObjectTextSrc) gives one.
 * Page: wbemcli/nn-wbemcli-iwbemobjecttextsrc
 */
EXTERN_C const IID IID_IWbemObjectTextSrc;
#undef INTERFACE
#define INTERFACE IWbemObjectTextSrc
DECLARE_INTERFACE_IID_(IWbemObjectTextSrc, IUnknown, "bfbf883a-cad7-11d3-a11b-00105a1f515a")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * An object as XML text. @uObjTextFormat WMI_OBJ_TEXT_CIM_DTD_2_0 or WMI_OBJ_TEXT_WMI_DTD_2_0.
     * @pCtx what to include, as named values; may be NULL.
     * Page: wbemcli/nf-wbemcli-iwbemobjecttextsrc-gettext
     */
    STDMETHOD(GetText)(THIS_ LONG lFlags, IWbemClassObject *pObj, ULONG uObjTextFormat,
                       IWbemContext *pCtx, BSTR *strText) PURE;

    /**
     * An object from XML text.
     * Page: wbemcli/nf-wbemcli-iwbemobjecttextsrc-createfromtext
     */
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

/**
 * Compiles MOF into a repository: CoCreateInstance(CLSID_MofCompiler) gives one.
 * Page: wbemcli/nn-wbemcli-imofcompiler
 */
EXTERN_C const IID IID_IMofCompiler;
#undef INTERFACE
#define INTERFACE IMofCompiler
DECLARE_INTERFACE_IID_(IMofCompiler, IUnknown, "6daf974e-2e37-11d2-aec9-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Compile a file of MOF text or binary MOF.
     * @ServerAndNamespace where objects go that the file gives no other place; NULL for
     *                     root\default of this machine.
     * @User, @Authority, @Password for another machine; see IWbemLocator::ConnectServer.
     * @lOptionFlags WBEM_COMPILER_OPTIONS. @lClassFlags, @lInstanceFlags WBEM_CHANGE_FLAG_TYPE.
     * @pInfo optional: the phase, place and code of an error.
     * @return WBEM_S_NO_ERROR; WBEM_S_FALSE or a failure if not all was stored; 2 if stored but
     *         without an autorecover pragma.
     * Page: wbemcli/nf-wbemcli-imofcompiler-compilefile
     */
    STDMETHOD(CompileFile)(THIS_ LPWSTR FileName, LPWSTR ServerAndNamespace, LPWSTR User,
                           LPWSTR Authority, LPWSTR Password, LONG lOptionFlags, LONG lClassFlags,
                           LONG lInstanceFlags, WBEM_COMPILE_STATUS_INFO *pInfo) PURE;

    /**
     * Compile MOF from memory; pBuffer is borrowed.
     * Page: wbemcli/nf-wbemcli-imofcompiler-compilebuffer
     */
    STDMETHOD(CompileBuffer)(THIS_ LONG BuffSize, BYTE *pBuffer, LPWSTR ServerAndNamespace,
                             LPWSTR User, LPWSTR Authority, LPWSTR Password, LONG lOptionFlags,
                             LONG lClassFlags, LONG lInstanceFlags,
                             WBEM_COMPILE_STATUS_INFO *pInfo) PURE;

    /**
     * Translate MOF text into a file of binary MOF.
     * Page: wbemcli/nf-wbemcli-imofcompiler-createbmof
     */
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

#include "comdefsp.h" /* IWbemLocatorPtr and so on, where comdef.h was included before */

#endif /* WBEMCLI_H */
