/*
 * The COM library: initialization, making objects, security of calls, identifiers
 * as text, and memory that changes owner between caller and callee.
 */
#ifndef WBEM_OBJBASE_H
#define WBEM_OBJBASE_H

#include "rpc.h"
#include "rpcndr.h"
#include "unknwn.h"
#include "objidl.h"

#define WINOLEAPI STDAPI
#define WINOLEAPI_(type) STDAPI_(type)

/* How the thread that initializes COM wants to be called. */
typedef enum tagCOINIT {
    COINIT_MULTITHREADED = 0x0,
    COINIT_APARTMENTTHREADED = 0x2,
    COINIT_DISABLE_OLE1DDE = 0x4,
    COINIT_SPEED_OVER_MEMORY = 0x8
} COINIT;

typedef enum tagCOINITBASE {
    COINITBASE_MULTITHREADED = 0x0
} COINITBASE;

typedef enum tagREGCLS {
    REGCLS_SINGLEUSE = 0,
    REGCLS_MULTIPLEUSE = 1,
    REGCLS_MULTI_SEPARATE = 2,
    REGCLS_SUSPENDED = 4,
    REGCLS_SURROGATE = 8
} REGCLS;

/* ---- initialization ---------------------------------------------------------- */

/* Once for each thread that uses COM, paired with CoUninitialize. S_FALSE when the thread had done
 * so already (that call is to be paired too); RPC_E_CHANGED_MODE when it had asked for the other
 * kind of apartment (that call is not). Objects of this library may be used from every thread
 * whatever kind was asked for. */
WINOLEAPI CoInitialize(LPVOID pvReserved);
WINOLEAPI CoInitializeEx(LPVOID pvReserved, DWORD dwCoInit);
WINOLEAPI_(void) CoUninitialize(void);

/* What calls of this process ask for unless CoSetProxyBlanket says otherwise. Once in a process:
 * RPC_E_TOO_LATE after that. CO_E_NOTINITIALIZED before CoInitializeEx. */
WINOLEAPI CoInitializeSecurity(PSECURITY_DESCRIPTOR pSecDesc, LONG cAuthSvc,
                               SOLE_AUTHENTICATION_SERVICE *asAuthSvc, void *pReserved1,
                               DWORD dwAuthnLevel, DWORD dwImpLevel, void *pAuthList,
                               DWORD dwCapabilities, void *pReserved3);

/* ---- objects ------------------------------------------------------------------- */

/* What a shared object that has classes exports. The library calls the first to get a class object,
 * and unloads the shared object when the second says S_OK. Which shared object has a CLSID is
 * written in a file of the provider folders, as docs/providers.md says. */
STDAPI DllGetClassObject(REFCLSID rclsid, REFIID riid, LPVOID *ppv);
STDAPI DllCanUnloadNow(void);

/* REGDB_E_CLASSNOTREG: no such class, in this library or a registered shared object.
 * CO_E_NOTINITIALIZED without CoInitializeEx. */
WINOLEAPI CoCreateInstance(REFCLSID rclsid, IUnknown *pUnkOuter, DWORD dwClsContext, REFIID riid,
                           LPVOID *ppv);
/* Another host than this one: E_NOTIMPL; IWbemLocator::ConnectServer names hosts. */
WINOLEAPI CoCreateInstanceEx(REFCLSID rclsid, IUnknown *punkOuter, DWORD dwClsCtx,
                             COSERVERINFO *pServerInfo, DWORD dwCount, MULTI_QI *pResults);
WINOLEAPI CoGetClassObject(REFCLSID rclsid, DWORD dwClsContext, COSERVERINFO *pvReserved,
                           REFIID riid, LPVOID *ppv);

/* ---- security of calls ------------------------------------------------------------ */

/* The authentication of calls through this proxy; the object itself keeps it. On an object of this
 * process, which no call leaves the process for: E_NOINTERFACE. */
WINOLEAPI CoSetProxyBlanket(IUnknown *pProxy, DWORD dwAuthnSvc, DWORD dwAuthzSvc,
                            OLECHAR *pServerPrincName, DWORD dwAuthnLevel, DWORD dwImpLevel,
                            RPC_AUTH_IDENTITY_HANDLE pAuthInfo, DWORD dwCapabilities);
/* *pServerPrincName is freed with CoTaskMemFree; *pAuthInfo belongs to the caller of
 * CoSetProxyBlanket. Any out parameter may be NULL. */
WINOLEAPI CoQueryProxyBlanket(IUnknown *pProxy, DWORD *pwAuthnSvc, DWORD *pAuthzSvc,
                              OLECHAR **pServerPrincName, DWORD *pAuthnLevel, DWORD *pImpLevel,
                              RPC_AUTH_IDENTITY_HANDLE *pAuthInfo, DWORD *pCapabilites);
WINOLEAPI CoCopyProxy(IUnknown *pProxy, IUnknown **ppCopy);

/* While this thread serves a call (a sink's method, a provider's): who calls, and how it is
 * authenticated. RPC_E_CALL_COMPLETE otherwise. */
WINOLEAPI CoQueryClientBlanket(DWORD *pAuthnSvc, DWORD *pAuthzSvc, OLECHAR **pServerPrincName,
                               DWORD *pAuthnLevel, DWORD *pImpLevel, RPC_AUTHZ_HANDLE *pPrivs,
                               DWORD *pCapabilities);
WINOLEAPI CoGetCallContext(REFIID riid, void **ppInterface);
WINOLEAPI CoImpersonateClient(void);
WINOLEAPI CoRevertToSelf(void);

/* ---- memory ------------------------------------------------------------------------ */

/* Free with CoTaskMemFree whatever a COM function hands over, unless it is a BSTR. */
WINOLEAPI_(LPVOID) CoTaskMemAlloc(SIZE_T cb);
WINOLEAPI_(LPVOID) CoTaskMemRealloc(LPVOID pv, SIZE_T cb);
WINOLEAPI_(void) CoTaskMemFree(LPVOID pv);
WINOLEAPI CoGetMalloc(DWORD dwMemContext, IMalloc **ppMalloc);

/* ---- identifiers -------------------------------------------------------------------- */

/* "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}". CO_E_CLASSSTRING. A null string is GUID_NULL. */
WINOLEAPI CLSIDFromString(LPCOLESTR lpsz, CLSID *pclsid);
WINOLEAPI IIDFromString(LPCOLESTR lpsz, IID *lpiid);
/* Free with CoTaskMemFree. */
WINOLEAPI StringFromCLSID(REFCLSID rclsid, LPOLESTR *lplpsz);
WINOLEAPI StringFromIID(REFIID rclsid, LPOLESTR *lplpsz);
/* The number of characters with the terminator (39), or 0 when cchMax is too small. */
WINOLEAPI_(int) StringFromGUID2(REFGUID rguid, LPOLESTR lpsz, int cchMax);
WINOLEAPI CoCreateGuid(GUID *pguid);

/* ---- what does nothing here ------------------------------------------------------------ */

WINOLEAPI_(void) CoFreeUnusedLibraries(void);
WINOLEAPI_(DWORD) CoGetCurrentProcess(void);

#endif
