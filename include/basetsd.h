/*
 * Integer types of a fixed size, by the names that Windows gives them.
 * LONG and DWORD have 32 bits here as there, whatever the platform's `long` has.
 */
#ifndef WBEM_BASETSD_H
#define WBEM_BASETSD_H

#include <stddef.h>
#include <stdint.h>

/* Makes a symbol of libwbem, or of a provider's library, visible outside. */
#if defined(__GNUC__)
#define WBEM_EXPORT __attribute__((__visibility__("default")))
#else
#define WBEM_EXPORT
#endif

/* clang -fms-extensions: __declspec, __stdcall, __int64 are keywords, and in C++ __uuidof. */
#if defined(__clang__) && defined(__is_identifier)
#if !__is_identifier(_stdcall)
#define WBEM_MS_EXTENSIONS 1
#endif
#if !__is_identifier(__uuidof)
#define WBEM_HAS_UUIDOF 1
#endif
#endif

/* 64-bit numbers are `long long`, so that %lld prints them. */
typedef signed char INT8, *PINT8;
typedef short INT16, *PINT16;
typedef int INT32, *PINT32;
typedef long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;

typedef int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

typedef intptr_t INT_PTR, *PINT_PTR;
typedef uintptr_t UINT_PTR, *PUINT_PTR;
typedef intptr_t LONG_PTR, *PLONG_PTR;
typedef uintptr_t ULONG_PTR, *PULONG_PTR;
typedef uintptr_t DWORD_PTR, *PDWORD_PTR;
typedef size_t SIZE_T, *PSIZE_T;
typedef ptrdiff_t SSIZE_T, *PSSIZE_T;

#endif
