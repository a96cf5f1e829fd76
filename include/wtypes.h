/*
 * The base types of automation: BSTR, CY, DATE, DECIMAL, the VT_* type codes,
 * and where a class may run (CLSCTX).
 */
#ifndef WBEM_WTYPES_H
#define WBEM_WTYPES_H

#include "rpc.h"
#include "rpcndr.h"

typedef WCHAR OLECHAR;
typedef OLECHAR *LPOLESTR;
typedef const OLECHAR *LPCOLESTR;
#define WBEM_OLESTR(quote) L##quote
#define OLESTR(quote) WBEM_OLESTR(quote)

/* Characters after a 4-byte count of bytes, with a terminator that the count leaves out. Made and
 * freed by the Sys*String functions only. A null BSTR is an empty string. */
typedef OLECHAR *BSTR;
typedef BSTR *LPBSTR;

typedef LONG SCODE;
typedef SCODE *PSCODE;
typedef double DATE; /* days since 1899-12-30, local time; the fraction is the time of day */
typedef short VARIANT_BOOL;
typedef VARIANT_BOOL _VARIANT_BOOL;
#define VARIANT_TRUE ((VARIANT_BOOL)-1)
#define VARIANT_FALSE ((VARIANT_BOOL)0)
typedef unsigned short VARTYPE;
typedef ULONG PROPID;
typedef unsigned short CLIPFORMAT;

/* Money: a whole number of ten-thousandths. */
typedef union tagCY {
    _ANONYMOUS_STRUCT struct {
        ULONG Lo;
        LONG Hi;
    } DUMMYSTRUCTNAME;
    LONGLONG int64;
} CY, *LPCY;
typedef CY CURRENCY;

/* A 96-bit number divided by ten to the power of `scale` (0 to 28). */
typedef struct tagDEC {
    USHORT wReserved;
    _ANONYMOUS_UNION union {
        _ANONYMOUS_STRUCT struct {
            BYTE scale;
            BYTE sign; /* 0, or DECIMAL_NEG */
        } DUMMYSTRUCTNAME;
        USHORT signscale;
    } DUMMYUNIONNAME;
    ULONG Hi32;
    _ANONYMOUS_UNION union {
        _ANONYMOUS_STRUCT struct {
            ULONG Lo32;
            ULONG Mid32;
        } DUMMYSTRUCTNAME2;
        ULONGLONG Lo64;
    } DUMMYUNIONNAME2;
} DECIMAL, *LPDECIMAL;

#define DECIMAL_NEG ((BYTE)0x80)
#ifdef NONAMELESSUNION
#define DECIMAL_SCALE(d) ((d).u.s.scale)
#define DECIMAL_SIGN(d) ((d).u.s.sign)
#define DECIMAL_SIGNSCALE(d) ((d).u.signscale)
#define DECIMAL_LO32(d) ((d).u2.s2.Lo32)
#define DECIMAL_MID32(d) ((d).u2.s2.Mid32)
#define DECIMAL_LO64(d) ((d).u2.Lo64)
#else
#define DECIMAL_SCALE(d) ((d).scale)
#define DECIMAL_SIGN(d) ((d).sign)
#define DECIMAL_SIGNSCALE(d) ((d).signscale)
#define DECIMAL_LO32(d) ((d).Lo32)
#define DECIMAL_MID32(d) ((d).Mid32)
#define DECIMAL_LO64(d) ((d).Lo64)
#endif
#define DECIMAL_HI32(d) ((d).Hi32)
#define DECIMAL_SETZERO(d)                                                                         \
    do {                                                                                           \
        DECIMAL_LO64(d) = 0;                                                                       \
        DECIMAL_HI32(d) = 0;                                                                       \
        DECIMAL_SIGNSCALE(d) = 0;                                                                  \
    } while (0)

typedef struct tagBLOB {
    ULONG cbSize;
    BYTE *pBlobData;
} BLOB, *LPBLOB;

typedef struct _FLAGGED_WORD_BLOB {
    ULONG fFlags;
    ULONG clSize;
    unsigned short asData[1];
} FLAGGED_WORD_BLOB;

/* Types of a VARIANT's value and of a SAFEARRAY's elements. */
enum VARENUM {
    VT_EMPTY = 0,
    VT_NULL = 1,
    VT_I2 = 2,
    VT_I4 = 3,
    VT_R4 = 4,
    VT_R8 = 5,
    VT_CY = 6,
    VT_DATE = 7,
    VT_BSTR = 8,
    VT_DISPATCH = 9,
    VT_ERROR = 10,
    VT_BOOL = 11,
    VT_VARIANT = 12,
    VT_UNKNOWN = 13,
    VT_DECIMAL = 14,
    VT_I1 = 16,
    VT_UI1 = 17,
    VT_UI2 = 18,
    VT_UI4 = 19,
    VT_I8 = 20,
    VT_UI8 = 21,
    VT_INT = 22,
    VT_UINT = 23,
    VT_VOID = 24,
    VT_HRESULT = 25,
    VT_PTR = 26,
    VT_SAFEARRAY = 27,
    VT_CARRAY = 28,
    VT_USERDEFINED = 29,
    VT_LPSTR = 30,
    VT_LPWSTR = 31,
    VT_RECORD = 36,
    VT_INT_PTR = 37,
    VT_UINT_PTR = 38,
    VT_FILETIME = 64,
    VT_BLOB = 65,
    VT_STREAM = 66,
    VT_STORAGE = 67,
    VT_STREAMED_OBJECT = 68,
    VT_STORED_OBJECT = 69,
    VT_BLOB_OBJECT = 70,
    VT_CF = 71,
    VT_CLSID = 72,
    VT_VERSIONED_STREAM = 73,
    VT_BSTR_BLOB = 0xfff,
    VT_VECTOR = 0x1000,
    VT_ARRAY = 0x2000,
    VT_BYREF = 0x4000,
    VT_RESERVED = 0x8000,
    VT_ILLEGAL = 0xffff,
    VT_ILLEGALMASKED = 0xfff,
    VT_TYPEMASK = 0xfff
};

/* Where the code of a class may run. */
typedef enum tagCLSCTX {
    CLSCTX_INPROC_SERVER = 0x1,
    CLSCTX_INPROC_HANDLER = 0x2,
    CLSCTX_LOCAL_SERVER = 0x4,
    CLSCTX_INPROC_SERVER16 = 0x8,
    CLSCTX_REMOTE_SERVER = 0x10,
    CLSCTX_INPROC_HANDLER16 = 0x20,
    CLSCTX_NO_CODE_DOWNLOAD = 0x400,
    CLSCTX_NO_CUSTOM_MARSHAL = 0x1000,
    CLSCTX_ENABLE_CODE_DOWNLOAD = 0x2000,
    CLSCTX_NO_FAILURE_LOG = 0x4000,
    CLSCTX_DISABLE_AAA = 0x8000,
    CLSCTX_ENABLE_AAA = 0x10000,
    CLSCTX_FROM_DEFAULT_CONTEXT = 0x20000,
    CLSCTX_ACTIVATE_32_BIT_SERVER = 0x40000,
    CLSCTX_ACTIVATE_64_BIT_SERVER = 0x80000,
    CLSCTX_ENABLE_CLOAKING = 0x100000
} CLSCTX;

#define CLSCTX_INPROC (CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER)
#define CLSCTX_SERVER (CLSCTX_INPROC_SERVER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER)
#define CLSCTX_ALL                                                                                 \
    (CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER)

/* Who a caller is, for another host. Lengths count characters without the terminator. */
typedef struct _COAUTHIDENTITY {
    WCHAR *User;
    ULONG UserLength;
    WCHAR *Domain;
    ULONG DomainLength;
    WCHAR *Password;
    ULONG PasswordLength;
    ULONG Flags; /* SEC_WINNT_AUTH_IDENTITY_UNICODE */
} COAUTHIDENTITY;

typedef struct _COAUTHINFO {
    DWORD dwAuthnSvc;
    DWORD dwAuthzSvc;
    LPWSTR pwszServerPrincName;
    DWORD dwAuthnLevel;
    DWORD dwImpersonationLevel;
    COAUTHIDENTITY *pAuthIdentityData;
    DWORD dwCapabilities;
} COAUTHINFO;

typedef enum tagMEMCTX {
    MEMCTX_TASK = 1,
    MEMCTX_SHARED = 2,
    MEMCTX_MACSYSTEM = 3,
    MEMCTX_UNKNOWN = -1,
    MEMCTX_SAME = -2
} MEMCTX;

typedef enum tagMSHLFLAGS {
    MSHLFLAGS_NORMAL = 0,
    MSHLFLAGS_TABLESTRONG = 1,
    MSHLFLAGS_TABLEWEAK = 2,
    MSHLFLAGS_NOPING = 4
} MSHLFLAGS;

typedef enum tagMSHCTX {
    MSHCTX_LOCAL = 0,
    MSHCTX_NOSHAREDMEM = 1,
    MSHCTX_DIFFERENTMACHINE = 2,
    MSHCTX_INPROC = 3,
    MSHCTX_CROSSCTX = 4
} MSHCTX;

#endif
