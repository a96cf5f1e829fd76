/*
 * Characters and strings, handles, large integers, compiler words, language
 * and security names. WCHAR is the platform's wchar_t (32 bits), so that the
 * C and C++ libraries' wide functions work on it.
 */
#ifndef WBEM_WINNT_H
#define WBEM_WINNT_H

#include <ctype.h>
#include <wchar.h>
#include "basetsd.h"
#include "guiddef.h"
#include "sal.h"

/* ---- words of Microsoft's compiler --------------------------------------- */

/* There is one calling convention here. */
#define __stdcall
#define __cdecl
#define __fastcall
#define __thiscall
#define _stdcall
#define _cdecl

#ifndef WBEM_MS_EXTENSIONS /* clang -fms-extensions knows them itself */

#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define _int64 long long
#ifndef __forceinline
#define __forceinline inline __attribute__((__always_inline__))
#endif
#ifndef _inline
#define _inline inline
#endif
#define __unaligned
#define __w64
#define __ptr32
#define __ptr64
#define __assume(expression) ((void)0)

/* __declspec(word): what has a meaning here keeps it, the rest vanishes. */
#ifndef __declspec
#define __declspec(word) WBEM_DECLSPEC_##word
#endif
#define WBEM_DECLSPEC_dllexport __attribute__((__visibility__("default")))
#define WBEM_DECLSPEC_dllimport
#define WBEM_DECLSPEC_uuid(text)
#define WBEM_DECLSPEC_novtable
#define WBEM_DECLSPEC_nothrow __attribute__((__nothrow__))
#define WBEM_DECLSPEC_noinline __attribute__((__noinline__))
#define WBEM_DECLSPEC_noreturn __attribute__((__noreturn__))
#define WBEM_DECLSPEC_selectany __attribute__((__weak__))
#define WBEM_DECLSPEC_thread __thread
#define WBEM_DECLSPEC_align(bytes) __attribute__((__aligned__(bytes)))
#define WBEM_DECLSPEC_deprecated __attribute__((__deprecated__))
#define WBEM_DECLSPEC_restrict
#define WBEM_DECLSPEC_noalias
#define WBEM_DECLSPEC_allocator

#endif

#define WINAPI
#define WINAPIV
#define APIENTRY
#define APIPRIVATE
#define CALLBACK
#define PASCAL
#define CDECL
#define NTAPI
#define STDAPICALLTYPE
#define STDAPIVCALLTYPE
#define STDMETHODCALLTYPE
#define STDMETHODVCALLTYPE
#define FAR
#define NEAR
#define CONST const
#define UNALIGNED
#define RESTRICTED_POINTER
#ifndef FORCEINLINE
#ifdef __cplusplus
#define FORCEINLINE inline
#else
#define FORCEINLINE static __inline__
#endif
#endif

#define DECLSPEC_NOVTABLE
#define DECLSPEC_UUID(text)
#define DECLSPEC_SELECTANY __attribute__((__weak__))
#define DECLSPEC_IMPORT
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_DEPRECATED __attribute__((__deprecated__))
#define DECLSPEC_ALIGN(bytes) __attribute__((__aligned__(bytes)))
#define NOP_FUNCTION ((void)0)

/* ANSI C lacks them before C11, ISO C++ lacks anonymous structs to this day. */
#if defined(__GNUC__)
#define WBEM_EXTENSION __extension__
#else
#define WBEM_EXTENSION
#endif
#define _ANONYMOUS_UNION WBEM_EXTENSION
#define _ANONYMOUS_STRUCT WBEM_EXTENSION

#ifdef NONAMELESSUNION
#define DUMMYUNIONNAME u
#define DUMMYUNIONNAME2 u2
#define DUMMYUNIONNAME3 u3
#define DUMMYSTRUCTNAME s
#define DUMMYSTRUCTNAME2 s2
#else
#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2
#endif

#define UNREFERENCED_PARAMETER(p) ((void)(p))
#define DBG_UNREFERENCED_PARAMETER(p) ((void)(p))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(v) ((void)(v))
#ifndef ARRAYSIZE
#define ARRAYSIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef _countof
#define _countof(a) (sizeof(a) / sizeof((a)[0]))
#endif
#define RTL_NUMBER_OF(a) (sizeof(a) / sizeof((a)[0]))
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field)                                                    \
    ((type *)(void *)((char *)(address)-offsetof(type, field)))

#define STDMETHODIMP HRESULT STDMETHODCALLTYPE
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#define STDMETHODIMPV HRESULT STDMETHODVCALLTYPE
#define STDAPI EXTERN_C WBEM_EXPORT HRESULT STDAPICALLTYPE
#define STDAPI_(type) EXTERN_C WBEM_EXPORT type STDAPICALLTYPE

#ifdef __cplusplus
/* Bit operators for an enumeration, as in the SDK. */
#define DEFINE_ENUM_FLAG_OPERATORS(type)                                                           \
    extern "C++" {                                                                                 \
    inline constexpr type operator|(type a, type b)                                                \
    {                                                                                              \
        return type((int)a | (int)b);                                                              \
    }                                                                                              \
    inline constexpr type operator&(type a, type b)                                                \
    {                                                                                              \
        return type((int)a & (int)b);                                                              \
    }                                                                                              \
    inline constexpr type operator^(type a, type b)                                                \
    {                                                                                              \
        return type((int)a ^ (int)b);                                                              \
    }                                                                                              \
    inline constexpr type operator~(type a)                                                        \
    {                                                                                              \
        return type(~(int)a);                                                                      \
    }                                                                                              \
    inline type &operator|=(type &a, type b)                                                       \
    {                                                                                              \
        return a = a | b;                                                                          \
    }                                                                                              \
    inline type &operator&=(type &a, type b)                                                       \
    {                                                                                              \
        return a = a & b;                                                                          \
    }                                                                                              \
    }
#else
#define DEFINE_ENUM_FLAG_OPERATORS(type)
#endif

/* ---- scalars and strings --------------------------------------------------- */

#ifndef VOID
#define VOID void
#endif
typedef void *PVOID;
typedef char CHAR, CCHAR;
typedef short SHORT;
typedef int32_t LONG;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned short USHORT, *PUSHORT;
typedef uint32_t ULONG, *PULONG;
typedef SHORT *PSHORT;
typedef LONG *PLONG;
typedef double DOUBLE;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef unsigned char BOOLEAN, *PBOOLEAN;

typedef LONG HRESULT;

typedef wchar_t WCHAR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH;
typedef const WCHAR *LPCWCH, *PCWCH;
typedef WCHAR *NWPSTR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWSTR, *PCWSTR;
typedef PWSTR *PZPWSTR;
typedef CHAR *PCHAR, *LPCH, *PCH;
typedef const CHAR *LPCCH, *PCCH;
typedef CHAR *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCSTR, *PCSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, TBYTE, *PTBYTE;
typedef LPWSTR PTSTR, LPTSTR;
typedef LPCWSTR PCTSTR, LPCTSTR;
#define WBEM_TEXT(quote) L##quote
#else
typedef char TCHAR, *PTCHAR;
typedef unsigned char TBYTE, *PTBYTE;
typedef LPSTR PTSTR, LPTSTR;
typedef LPCSTR PCTSTR, LPCTSTR;
#define WBEM_TEXT(quote) quote
#endif
#ifndef TEXT
#define TEXT(quote) WBEM_TEXT(quote)
#endif

typedef void *HANDLE;
typedef HANDLE *PHANDLE, *LPHANDLE, *SPHANDLE;
#define DECLARE_HANDLE(name)                                                                       \
    struct name##__ {                                                                              \
        int unused;                                                                                \
    };                                                                                             \
    typedef struct name##__ *name

typedef union _LARGE_INTEGER {
    _ANONYMOUS_STRUCT struct {
        uint32_t LowPart;
        LONG HighPart;
    } DUMMYSTRUCTNAME;
    struct {
        uint32_t LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    _ANONYMOUS_STRUCT struct {
        uint32_t LowPart;
        uint32_t HighPart;
    } DUMMYSTRUCTNAME;
    struct {
        uint32_t LowPart;
        uint32_t HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LUID {
    uint32_t LowPart;
    LONG HighPart;
} LUID, *PLUID;

#define MINCHAR 0x80
#define MAXCHAR 0x7f
#define MINSHORT 0x8000
#define MAXSHORT 0x7fff
#define MINLONG 0x80000000
#define MAXLONG 0x7fffffff
#define MAXBYTE 0xff
#define MAXWORD 0xffff
#define MAXDWORD 0xffffffff
#define MAXLONGLONG 0x7fffffffffffffffLL

/* ---- languages -------------------------------------------------------------- */

typedef uint32_t LCID;
typedef LCID *PLCID;
typedef unsigned short LANGID;

#define MAKELANGID(primary, sub)                                                                   \
    ((LANGID)((((unsigned short)(sub)) << 10) | (unsigned short)(primary)))
#define PRIMARYLANGID(id) ((unsigned short)((id)&0x3ff))
#define SUBLANGID(id) ((unsigned short)((id) >> 10))
#define MAKELCID(language, sort) ((LCID)((((uint32_t)(sort)) << 16) | (uint32_t)(language)))
#define LANGIDFROMLCID(lcid) ((LANGID)(lcid))
#define LANG_NEUTRAL 0x00
#define LANG_INVARIANT 0x7f
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_SYS_DEFAULT 0x02
#define SUBLANG_ENGLISH_US 0x01
#define SORT_DEFAULT 0x0
#define LANG_SYSTEM_DEFAULT MAKELANGID(LANG_NEUTRAL, SUBLANG_SYS_DEFAULT)
#define LANG_USER_DEFAULT MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT)
#define LOCALE_NEUTRAL MAKELCID(MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL), SORT_DEFAULT)
#define LOCALE_INVARIANT MAKELCID(MAKELANGID(LANG_INVARIANT, SUBLANG_NEUTRAL), SORT_DEFAULT)
#define LOCALE_SYSTEM_DEFAULT MAKELCID(LANG_SYSTEM_DEFAULT, SORT_DEFAULT)
#define LOCALE_USER_DEFAULT MAKELCID(LANG_USER_DEFAULT, SORT_DEFAULT)

/* ---- security ---------------------------------------------------------------- */

typedef PVOID PSID;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef uint32_t ACCESS_MASK;
typedef ACCESS_MASK *PACCESS_MASK;

#define DELETE 0x00010000
#define READ_CONTROL 0x00020000
#define WRITE_DAC 0x00040000
#define WRITE_OWNER 0x00080000
#define SYNCHRONIZE 0x00100000
#define STANDARD_RIGHTS_REQUIRED 0x000F0000
#define STANDARD_RIGHTS_ALL 0x001F0000
#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000
#define GENERIC_EXECUTE 0x20000000
#define GENERIC_ALL 0x10000000

/* ---- waiting ------------------------------------------------------------------ */

#define STATUS_WAIT_0 0x00000000
#define STATUS_ABANDONED_WAIT_0 0x00000080
#define STATUS_TIMEOUT 0x00000102
#define MAXIMUM_WAIT_OBJECTS 64

#endif
