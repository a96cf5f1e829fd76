/*
 * How a COM interface is written down once for C and C++: in C++ an abstract
 * class, in C a structure that points to a table of functions. Both are the
 * same in memory.
 *
 *     DECLARE_INTERFACE_IID_(IThing, IUnknown, "00000000-0000-0000-0000-000000000000")
 *     {
 *         WBEM_IUNKNOWN_METHODS
 *         STDMETHOD(DoIt)(THIS_ LONG much) PURE;
 *     };
 */
#ifndef WBEM_BASETYPS_H
#define WBEM_BASETYPS_H

#include "guiddef.h"
#include "windef.h"
#include "winerror.h"

#ifndef interface
#define interface struct
#endif
#define __STRUCT__ struct

/* Tables are never written to: a pointer to one is to const in every mode. */
#define CONST_VTBL const
#define BEGIN_INTERFACE
#define END_INTERFACE

#if defined(__cplusplus) && !defined(CINTERFACE)

#define STDMETHOD(method) virtual HRESULT STDMETHODCALLTYPE method
#define STDMETHOD_(type, method) virtual type STDMETHODCALLTYPE method
#define STDMETHODV(method) virtual HRESULT STDMETHODVCALLTYPE method
#define STDMETHODV_(type, method) virtual type STDMETHODVCALLTYPE method
#define PURE = 0
#define THIS_
#define THIS void
#define DECLARE_INTERFACE(iface) struct iface
#define DECLARE_INTERFACE_(iface, base) struct iface : public base
#define DECLARE_INTERFACE_IID(iface, iid) WBEM_UUID_DECL(iface, iid) struct iface
#define DECLARE_INTERFACE_IID_(iface, base, iid)                                                   \
    WBEM_UUID_DECL(iface, iid) struct iface : public base
/* The methods of the bases: listed anew in C, inherited in C++. */
#define WBEM_IUNKNOWN_METHODS

#else

#define STDMETHOD(method) HRESULT(STDMETHODCALLTYPE *method)
#define STDMETHOD_(type, method) type(STDMETHODCALLTYPE *method)
#define STDMETHODV(method) HRESULT(STDMETHODVCALLTYPE *method)
#define STDMETHODV_(type, method) type(STDMETHODVCALLTYPE *method)
#define PURE
#define THIS_ INTERFACE *This,
#define THIS INTERFACE *This
/* `INTERFACE` must be defined as the interface's name while its methods are listed. */
#define DECLARE_INTERFACE(iface)                                                                   \
    WBEM_EXTENSION typedef struct iface {                                                          \
        CONST_VTBL struct iface##Vtbl *lpVtbl;                                                     \
    } iface;                                                                                       \
    WBEM_EXTENSION typedef struct iface##Vtbl iface##Vtbl;                                         \
    struct iface##Vtbl
#define DECLARE_INTERFACE_(iface, base) DECLARE_INTERFACE(iface)
#define DECLARE_INTERFACE_IID(iface, iid) DECLARE_INTERFACE(iface)
#define DECLARE_INTERFACE_IID_(iface, base, iid) DECLARE_INTERFACE(iface)
#define WBEM_IUNKNOWN_METHODS                                                                      \
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppvObject) PURE;                           \
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;                                                          \
    STDMETHOD_(ULONG, Release)(THIS) PURE;

#endif

/* ---- __uuidof ---------------------------------------------------------------- */

/* WBEM_UUID_DECL(type, "text") ties an identifier to a structure, so that __uuidof(type) finds it;
 * with MIDL_INTERFACE or a coclass it follows the declaration. Legal inside extern "C". */
#ifdef __cplusplus

extern "C++" {

template <class T> struct wbem_uuid_text; /* one specialisation for each type that has an IID */

constexpr unsigned wbem_hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c & ~0x20) - 'A' + 10);
}

constexpr uint8_t wbem_hex_byte(const char *s)
{
    return (uint8_t)(wbem_hex_digit(s[0]) * 16 + wbem_hex_digit(s[1]));
}

constexpr uint16_t wbem_hex_word(const char *s)
{
    return (uint16_t)(wbem_hex_byte(s) * 256u + wbem_hex_byte(s + 2));
}

constexpr GUID wbem_uuid_parse(const char *s)
{
    return GUID{wbem_hex_word(s) * 65536u + wbem_hex_word(s + 4),
                wbem_hex_word(s + 9),
                wbem_hex_word(s + 14),
                {wbem_hex_byte(s + 19), wbem_hex_byte(s + 21), wbem_hex_byte(s + 24),
                 wbem_hex_byte(s + 26), wbem_hex_byte(s + 28), wbem_hex_byte(s + 30),
                 wbem_hex_byte(s + 32), wbem_hex_byte(s + 34)}};
}

template <class T> struct wbem_uuid {
    static const GUID value;
};
template <class T> const GUID wbem_uuid<T>::value = wbem_uuid_parse(wbem_uuid_text<T>::text());
template <class T> struct wbem_uuid<T *> : wbem_uuid<T> {
};
template <class T> struct wbem_uuid<T &> : wbem_uuid<T> {
};
template <class T> struct wbem_uuid<const T> : wbem_uuid<T> {
};

} /* extern "C++" */

#define WBEM_UUID_DECL_AS(keyword, type, iid)                                                      \
    extern "C++" {                                                                                 \
    keyword type;                                                                                  \
    template <> struct wbem_uuid_text<type> {                                                      \
        static constexpr const char *text()                                                        \
        {                                                                                          \
            return iid;                                                                            \
        }                                                                                          \
    };                                                                                             \
    }

#ifdef WBEM_HAS_UUIDOF /* clang has __uuidof itself, and looks at the attribute */
#define WBEM_UUID_DECL(type, iid) struct __declspec(uuid(iid)) type;
#define WBEM_UUID_DECL_CLASS(type, iid) class __declspec(uuid(iid)) type;
#else
#define WBEM_UUID_DECL(type, iid) WBEM_UUID_DECL_AS(struct, type, iid)
#define WBEM_UUID_DECL_CLASS(type, iid) WBEM_UUID_DECL_AS(class, type, iid)
#define __uuidof(x) wbem_uuid<__typeof__(x)>::value
#endif

/* For templates such as ATL's. */
#define IID_PPV_ARGS(ppType) __uuidof(**(ppType)), wbem_iid_ppv(ppType)

extern "C++" {
template <class T> void **wbem_iid_ppv(T **pp)
{
    return reinterpret_cast<void **>(pp);
}
}

#else

#define WBEM_UUID_DECL(type, iid)
#define WBEM_UUID_DECL_CLASS(type, iid)

#endif

#endif
