/*
 * The COM base for the library's own use: ownership helpers, text conversion,
 * status conversion, the classes that CoCreateInstance knows, call contexts.
 * The public side is in objbase.h and oleauto.h.
 */
#ifndef WBEM_COM_COM_H
#define WBEM_COM_COM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <windows.h>

/* ---- ownership ------------------------------------------------------------ */

/* Calls fn(&variable) at the end of the variable's scope. Initialise it where it is declared. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* The value of a pointer, which is then NULL: hands ownership on. */
#define TAKE(p)                                                                                    \
    ({                                                                                             \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

/* For CLEANUP: variables of any pointer type; NULL is fine. */
static inline void com_cleanup_free(void *pp)
{
    free(*(void **)pp);
}

static inline void com_cleanup_bstr(BSTR *s)
{
    SysFreeString(*s);
}

static inline void com_cleanup_variant(VARIANT *v)
{
    (void)VariantClear(v);
}

static inline void com_cleanup_safearray(SAFEARRAY **a)
{
    (void)SafeArrayDestroy(*a);
}

/* For CLEANUP with an interface pointer of any kind: they all begin with IUnknown's table. */
static inline void com_cleanup_release(void *pp)
{
    IUnknown *object = *(IUnknown **)pp;
    if (object) {
        (void)object->lpVtbl->Release(object);
    }
}

/* AddRef and Release through any interface pointer; NULL is fine. */
static inline void com_addref(void *object)
{
    if (object) {
        (void)((IUnknown *)object)->lpVtbl->AddRef((IUnknown *)object);
    }
}

static inline void com_release(void *object)
{
    if (object) {
        (void)((IUnknown *)object)->lpVtbl->Release((IUnknown *)object);
    }
}

/* The count of an object of ours: starts at 1. com_ref_dec() gives what is left; when that is 0 the
 * caller is the last one and sees everything that the others did. */
struct com_refs {
    atomic_uint count;
};

static inline void com_ref_init(struct com_refs *r)
{
    atomic_init(&r->count, 1);
}

static inline ULONG com_ref_inc(struct com_refs *r)
{
    return atomic_fetch_add_explicit(&r->count, 1, memory_order_relaxed) + 1;
}

static inline ULONG com_ref_dec(struct com_refs *r)
{
    return atomic_fetch_sub_explicit(&r->count, 1, memory_order_acq_rel) - 1;
}

/* The structure that has `member` at this address. */
#define COM_CONTAINER(pointer, type, member)                                                       \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- status ------------------------------------------------------------------ */

/* The HRESULT for a failed system call; never a success, E_FAIL for 0. */
HRESULT com_hresult_from_errno(int error);
/* The name of a code ("WBEM_E_NOT_FOUND"), or NULL; and one sentence of what it means, or NULL. */
const char *com_status_name(HRESULT hr);
const char *com_status_text(HRESULT hr);

/* ---- text ---------------------------------------------------------------------- */

/* Between UTF-8 (bytes that are none stand as U+DC80 to U+DCFF), wchar_t (one code point each,
 * lone surrogates as they are) and UTF-16LE. What goes one way comes back the other way the same,
 * except that a pair of surrogates in wchar_t text becomes one code point on its way through
 * UTF-16. Terminators are not counted. */

/* Characters that com_wide_put_utf8() will write for these bytes. */
size_t com_wide_length_of_utf8(const char *utf8, size_t size);
/* Writes them, no terminator; returns the end. */
wchar_t *com_wide_put_utf8(wchar_t *out, const char *utf8, size_t size);
size_t com_utf8_size_of_wide(const wchar_t *text, size_t length);
char *com_utf8_put_wide(char *out, const wchar_t *text, size_t length);

/* UTF-16LE at any alignment; lengths in code units of two bytes. */
size_t com_wide_length_of_utf16(const uint8_t *utf16, size_t units);
wchar_t *com_wide_put_utf16(wchar_t *out, const uint8_t *utf16, size_t units);
size_t com_utf16_length_of_wide(const wchar_t *text, size_t length);
uint8_t *com_utf16_put_wide(uint8_t *out, const wchar_t *text, size_t length);

/* New copies: free() them, or SysFreeString a BSTR. NULL when memory runs out, or for NULL. */
char *com_utf8_from_wide(const wchar_t *text);
char *com_utf8_from_wide_n(const wchar_t *text, size_t length);
wchar_t *com_wide_from_utf8(const char *utf8);
wchar_t *com_wide_from_utf8_n(const char *utf8, size_t size);
wchar_t *com_wide_copy(const wchar_t *text);
wchar_t *com_wide_copy_n(const wchar_t *text, size_t length);
/* A NULL string gives a NULL BSTR. E_OUTOFMEMORY. */
HRESULT com_bstr_from_utf8(const char *utf8, BSTR *ret);
HRESULT com_bstr_from_utf8_n(const char *utf8, size_t size, BSTR *ret);
HRESULT com_bstr_from_wide(const wchar_t *text, BSTR *ret);
HRESULT com_bstr_from_wide_n(const wchar_t *text, size_t length, BSTR *ret);
HRESULT com_bstr_from_utf16(const uint8_t *utf16, size_t units, BSTR *ret);
/* One byte a character, U+0000 to U+00FF: the narrow form of [MS-WMIO] 2.2.78. */
HRESULT com_bstr_from_latin1(const uint8_t *bytes, size_t length, BSTR *ret);

/* ---- dates ------------------------------------------------------------------------ */

/* Between a DATE (local or not: no zone is applied) and microseconds since 1970-01-01, to the
 * microsecond. DISP_E_OVERFLOW outside the years 100 to 9999. */
HRESULT com_date_from_microseconds(int64_t microseconds, DATE *ret);
HRESULT com_microseconds_from_date(DATE date, int64_t *ret);

/* ---- classes ----------------------------------------------------------------------- */

/* A class that CoCreateInstance makes. `create` gets outer == NULL unless it checks itself. */
struct com_class {
    const CLSID *clsid;
    HRESULT (*create)(IUnknown *outer, REFIID riid, void **ret);
};

/* Make a table known, from a constructor function of the module that has it:
 *     static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};
 *     __attribute__((constructor)) static void register_classes(void)
 *     {
 *         com_register_classes(&table);
 *     }
 * The table stays the module's and is never taken out. A class named twice is the later one's. */
struct com_class_table {
    const struct com_class *classes;
    size_t count;
    struct com_class_table *next;
};
void com_register_classes(struct com_class_table *table);

/* Where class objects of other CLSIDs come from: asked when no table has the class. Once, from a
 * constructor function. REGDB_E_CLASSNOTREG: from nowhere. */
typedef HRESULT (*com_class_source)(REFCLSID clsid, REFIID riid, void **ret);
void com_set_class_source(com_class_source source, void (*free_unused)(void));
/* CoFreeUnusedLibraries' work. */
void com_free_unused_classes(void);

/* ---- security of calls ------------------------------------------------------------ */

/* What CoInitializeSecurity was told, or the defaults. */
struct com_security {
    bool initialized;
    DWORD authn_level;  /* RPC_C_AUTHN_LEVEL_* */
    DWORD imp_level;    /* RPC_C_IMP_LEVEL_* */
    DWORD capabilities; /* EOAC_* */
};
void com_security_get(struct com_security *ret);

/* Who is calling, while this thread serves a call: for CoGetCallContext, CoQueryClientBlanket. */
struct com_call_context {
    DWORD authn_svc;                 /* RPC_C_AUTHN_* */
    DWORD authz_svc;                 /* RPC_C_AUTHZ_* */
    DWORD authn_level;               /* RPC_C_AUTHN_LEVEL_* */
    DWORD imp_level;                 /* RPC_C_IMP_LEVEL_* */
    DWORD capabilities;              /* EOAC_* */
    const wchar_t *server_principal; /* whom the client called; may be NULL */
    const wchar_t *client;           /* the authenticated name, DOMAIN\user; may be NULL */
    /* For whom another's code is called, when that is not this process: told like `client`, but
     * what the code does itself it does as this process. */
    const wchar_t *on_behalf_of;
    /* How to act as the client on this thread and stop doing so. NULL: the caller is this process
     * itself, for which both do nothing, or another that can't be acted as (E_ACCESSDENIED). */
    HRESULT (*impersonate)(struct com_call_context *self);
    HRESULT (*revert)(struct com_call_context *self);
    bool impersonating;             /* the library's */
    uint64_t serial;                /* the library's */
    struct com_call_context *below; /* the library's */
};

/* A context for calls within the process: authenticated as this process, at the level of
 * CoInitializeSecurity but no weaker than packet privacy, since nothing leaves the process. */
void com_call_context_local(struct com_call_context *ret);
/* Calls nest; both are to be made on the thread that serves the call. Pop reverts an impersonation
 * that was left. The context is borrowed from push to pop. */
void com_call_context_push(struct com_call_context *context);
void com_call_context_pop(struct com_call_context *context);
/* The innermost one of this thread, or NULL. */
struct com_call_context *com_call_context_current(void);

/* Who a call is made for, kept for work that is done after it or on other threads. */
struct com_caller {
    wchar_t *name; /* owned; NULL: this process itself */
    DWORD authn_svc, authn_level;
};
/* Of the current call. */
HRESULT com_caller_capture(struct com_caller *ret);
void com_caller_done(struct com_caller *c);
/* The context in which code of others is called for it; `c` is borrowed. */
void com_call_context_for(const struct com_caller *c, struct com_call_context *ret);

/* IClientSecurity for an object to embed: keeps what CoSetProxyBlanket says of it. The owner's
 * QueryInterface answers IID_IClientSecurity with com_blanket_query(). Objects that programs take
 * for proxies have one also when they are local: IWbemServices, IEnumWbemClassObject,
 * IWbemCallResult. */
struct com_blanket {
    IClientSecurity iface;
    IUnknown *owner; /* who holds us; borrowed, and counted in our stead */
    pthread_mutex_t lock;
    DWORD authn_svc; /* under lock, as all that follows */
    DWORD authz_svc;
    DWORD authn_level;
    DWORD imp_level;
    DWORD capabilities;
    wchar_t *server_principal;         /* owned; may be NULL */
    RPC_AUTH_IDENTITY_HANDLE identity; /* the caller's, as documented */
    /* Called with the new values before they count, without the lock; a failure refuses them, and
     * a level that can't be had may be raised. NULL: everything valid is taken, as between objects
     * of one process. */
    HRESULT (*changing)(struct com_blanket *self, struct com_blanket *wanted);
    /* CoCopyProxy: another face of the owner with the same settings, from then on its own.
     * NULL: the owner itself serves as its copy. */
    HRESULT (*copy)(struct com_blanket *self, IUnknown **ret);
};
void com_blanket_init(struct com_blanket *b, IUnknown *owner);
void com_blanket_done(struct com_blanket *b);
/* *ret is a new reference to the owner, seen as IClientSecurity. */
HRESULT com_blanket_query(struct com_blanket *b, IClientSecurity **ret);
/* The same settings for an object that this one made, such as services for their enumerators. */
HRESULT com_blanket_copy(struct com_blanket *from, struct com_blanket *to);

/* ---- apartments --------------------------------------------------------------------- */

/* True when this thread, or any thread with COINIT_MULTITHREADED, has initialized COM: what COM
 * calls the implicit multithreaded apartment. */
bool com_is_initialized(void);

#endif
