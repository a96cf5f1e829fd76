/*
 * Parsers for object paths and for queries, with what they find in a form for programs.
 *
 * Names, values, interface identifiers and the order of methods are those of Microsoft's
 * wmiutils.h (learn.microsoft.com/windows/win32/api/wmiutils). The conventions are those that
 * wbemcli.h states at its top.
 *
 * Methods that give a string take a buffer and its size in characters, and set the size to what
 * the string needs, its final zero included. A NULL buffer with size 0 asks for the size alone; a
 * buffer too small is WBEM_E_BUFFER_TOO_SMALL.
 */
#ifndef WMIUTILS_H
#define WMIUTILS_H

#include "wbemcli.h"

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtypedef-redefinition"
#endif

typedef interface IWbemPathKeyList IWbemPathKeyList;
typedef interface IWbemPath IWbemPath;
typedef interface IWbemQuery IWbemQuery;

/* clang-format off */

/** Makes an IWbemPath. */
EXTERN_C const CLSID CLSID_WbemDefPath;
WBEM_UUID_DECL_CLASS(WbemDefPath, "cf4cc405-e2c5-4ddd-b3ce-5e7582d8c9fa")

/** Makes an IWbemQuery. */
EXTERN_C const CLSID CLSID_WbemQuery;
WBEM_UUID_DECL_CLASS(WbemQuery, "eac8a024-21e2-4523-ad73-a71a0aa2f56a")

/* clang-format on */

/* What IWbemPath::GetInfo and IWbemPathKeyList::GetInfo say of a path. */
typedef enum tag_WBEM_PATH_STATUS_FLAG {
    WBEMPATH_INFO_ANON_LOCAL_MACHINE = 0x1, /* no server, or "." */
    WBEMPATH_INFO_HAS_MACHINE_NAME = 0x2,
    WBEMPATH_INFO_IS_CLASS_REF = 0x4, /* a class, no keys */
    WBEMPATH_INFO_IS_INST_REF = 0x8,  /* a class and keys */
    WBEMPATH_INFO_HAS_SUBSCOPES = 0x10,
    WBEMPATH_INFO_IS_COMPOUND = 0x20,      /* more than one key */
    WBEMPATH_INFO_HAS_V2_REF_PATHS = 0x40, /* a key that is a reference */
    WBEMPATH_INFO_HAS_IMPLIED_KEY = 0x80,  /* a key without its name */
    WBEMPATH_INFO_CONTAINS_SINGLETON = 0x100,
    WBEMPATH_INFO_V1_COMPLIANT = 0x200,
    WBEMPATH_INFO_V2_COMPLIANT = 0x400,
    WBEMPATH_INFO_CIM_COMPLIANT = 0x800,
    WBEMPATH_INFO_IS_SINGLETON = 0x1000,
    WBEMPATH_INFO_IS_PARENT = 0x2000, /* just ".." */
    WBEMPATH_INFO_SERVER_NAMESPACE_ONLY = 0x4000,
    WBEMPATH_INFO_NATIVE_PATH = 0x8000,
    WBEMPATH_INFO_WMI_PATH = 0x10000,
    WBEMPATH_INFO_PATH_HAD_SERVER = 0x20000
} tag_WBEM_PATH_STATUS_FLAG;

/* uMode of IWbemPath::SetText. */
typedef enum tag_WBEM_PATH_CREATE_FLAG {
    WBEMPATH_CREATE_ACCEPT_RELATIVE = 0x1,
    WBEMPATH_CREATE_ACCEPT_ABSOLUTE = 0x2,
    WBEMPATH_CREATE_ACCEPT_ALL = 0x4,
    WBEMPATH_TREAT_SINGLE_IDENT_AS_NS = 0x8 /* "root" is a namespace, not a class */
} tag_WBEM_PATH_CREATE_FLAG;

/* lFlags of IWbemPath::GetText. */
typedef enum tag_WBEM_GET_TEXT_FLAGS {
    WBEMPATH_COMPRESSED = 0x1,
    WBEMPATH_GET_RELATIVE_ONLY = 0x2,
    WBEMPATH_GET_SERVER_TOO = 0x4,
    WBEMPATH_GET_SERVER_AND_NAMESPACE_ONLY = 0x8,
    WBEMPATH_GET_NAMESPACE_ONLY = 0x10,
    WBEMPATH_GET_ORIGINAL = 0x20
} tag_WBEM_GET_TEXT_FLAGS;

/* lFlags of IWbemPathKeyList::GetText: string values without quotes, or with. */
typedef enum tag_WBEM_GET_KEY_FLAGS {
    WBEMPATH_TEXT = 0x1,
    WBEMPATH_QUOTEDTEXT = 0x2
} tag_WBEM_GET_KEY_FLAGS;

/* clang-format off */

/**
 * The keys of one class part of a path.
 * Page: wmiutils/nn-wmiutils-iwbempathkeylist
 */
EXTERN_C const IID IID_IWbemPathKeyList;
#undef INTERFACE
#define INTERFACE IWbemPathKeyList
DECLARE_INTERFACE_IID_(IWbemPathKeyList, IUnknown, "9ae62877-7544-4bb0-aa26-a13824659ed6")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * How many keys.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-getcount
     */
    STDMETHOD(GetCount)(THIS_ ULONG *puKeyCount) PURE;

    /**
     * Add or replace a key.
     * @wszName NULL or "" for the one key of a path without key names: all others go.
     * @uFlags  0.
     * @pKeyVal the value as uCimType says: WCHARs for CIM_STRING, CIM_DATETIME and CIM_REFERENCE, a
     *          VARIANT_BOOL for CIM_BOOLEAN, else the number.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-setkey
     */
    STDMETHOD(SetKey)(THIS_ LPCWSTR wszName, ULONG uFlags, ULONG uCimType, LPVOID pKeyVal) PURE;

    /**
     * SetKey with a VARIANT.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-setkey2
     */
    STDMETHOD(SetKey2)(THIS_ LPCWSTR wszName, ULONG uFlags, ULONG uCimType, VARIANT *pKeyVal) PURE;

    /**
     * The key at an index from 0. @return WBEM_E_INVALID_PARAMETER for an index out of range.
     * @uFlags  0.
     * @puNameBufSize may be NULL, and pszKeyName with it; a key without a name gives "".
     * @puKeyValBufSize in characters for text, in bytes for a number.
     * @puApparentCimType what SetKey was given; for a number from text, CIM_SINT32 where that does.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-getkey
     */
    STDMETHOD(GetKey)(THIS_ ULONG uKeyIx, ULONG uFlags, ULONG *puNameBufSize, LPWSTR pszKeyName,
                      ULONG *puKeyValBufSize, LPVOID pKeyVal, ULONG *puApparentCimType) PURE;

    /**
     * GetKey with a VARIANT, the caller's to clear.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-getkey2
     */
    STDMETHOD(GetKey2)(THIS_ ULONG uKeyIx, ULONG uFlags, ULONG *puNameBufSize, LPWSTR pszKeyName,
                       VARIANT *pKeyValue, ULONG *puApparentCimType) PURE;

    /**
     * Remove a key.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-removekey
     */
    STDMETHOD(RemoveKey)(THIS_ LPCWSTR wszName, ULONG uFlags) PURE;

    /**
     * Remove all keys: the path then names the class.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-removeallkeys
     */
    STDMETHOD(RemoveAllKeys)(THIS_ ULONG uFlags) PURE;

    /**
     * Make the path one of a singleton (Class=@), or no longer.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-makesingleton
     */
    STDMETHOD(MakeSingleton)(THIS_ BOOLEAN bSet) PURE;

    /**
     * Bits of tag_WBEM_PATH_STATUS_FLAG.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-getinfo
     */
    STDMETHOD(GetInfo)(THIS_ ULONG uRequestedInfo, ULONGLONG *puResponse) PURE;

    /**
     * The keys as they stand in a path behind the class and its '.' or '='.
     * Page: wmiutils/nf-wmiutils-iwbempathkeylist-gettext
     */
    STDMETHOD(GetText)(THIS_ LONG lFlags, ULONG *puBuffLength, LPWSTR pszText) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemPathKeyList_QueryInterface(This, riid, ppvObject)                                     \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemPathKeyList_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemPathKeyList_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemPathKeyList_GetCount(This, puKeyCount) ((This)->lpVtbl->GetCount(This, puKeyCount))
#define IWbemPathKeyList_SetKey(This, wszName, uFlags, uCimType, pKeyVal)                          \
    ((This)->lpVtbl->SetKey(This, wszName, uFlags, uCimType, pKeyVal))
#define IWbemPathKeyList_SetKey2(This, wszName, uFlags, uCimType, pKeyVal)                         \
    ((This)->lpVtbl->SetKey2(This, wszName, uFlags, uCimType, pKeyVal))
#define IWbemPathKeyList_GetKey(This, uKeyIx, uFlags, puNameBufSize, pszKeyName,                   \
        puKeyValBufSize, pKeyVal, puApparentCimType)                                               \
    ((This)->lpVtbl->GetKey(This, uKeyIx, uFlags, puNameBufSize, pszKeyName, puKeyValBufSize,      \
                            pKeyVal, puApparentCimType))
#define IWbemPathKeyList_GetKey2(This, uKeyIx, uFlags, puNameBufSize, pszKeyName, pKeyValue,       \
        puApparentCimType)                                                                         \
    ((This)->lpVtbl->GetKey2(This, uKeyIx, uFlags, puNameBufSize, pszKeyName, pKeyValue,           \
                             puApparentCimType))
#define IWbemPathKeyList_RemoveKey(This, wszName, uFlags)                                          \
    ((This)->lpVtbl->RemoveKey(This, wszName, uFlags))
#define IWbemPathKeyList_RemoveAllKeys(This, uFlags) ((This)->lpVtbl->RemoveAllKeys(This, uFlags))
#define IWbemPathKeyList_MakeSingleton(This, bSet) ((This)->lpVtbl->MakeSingleton(This, bSet))
#define IWbemPathKeyList_GetInfo(This, uRequestedInfo, puResponse)                                 \
    ((This)->lpVtbl->GetInfo(This, uRequestedInfo, puResponse))
#define IWbemPathKeyList_GetText(This, lFlags, puBuffLength, pszText)                              \
    ((This)->lpVtbl->GetText(This, lFlags, puBuffLength, pszText))
#endif

/**
 * A path in its parts: server, namespaces, scopes (unused in WMI), class and keys. Namespaces are
 * counted from 0 at the left.
 * Page: wmiutils/nn-wmiutils-iwbempath
 */
EXTERN_C const IID IID_IWbemPath;
#undef INTERFACE
#define INTERFACE IWbemPath
DECLARE_INTERFACE_IID_(IWbemPath, IUnknown, "3bc15af2-736c-477e-9e51-238af8667dcc")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Parse a path; what was there before is forgotten, unless the path is refused.
     * @uMode one or more of tag_WBEM_PATH_CREATE_FLAG: ABSOLUTE alone asks for a server.
     * @return WBEM_E_INVALID_PARAMETER if it is no path.
     * Page: wmiutils/nf-wmiutils-iwbempath-settext
     */
    STDMETHOD(SetText)(THIS_ ULONG uMode, LPCWSTR pszPath) PURE;

    /**
     * The path, or as lFlags says a part of it: 0 for what the path has, or one of
     * tag_WBEM_GET_TEXT_FLAGS. Where a server is asked for and the path has none, it is ".".
     * Page: wmiutils/nf-wmiutils-iwbempath-gettext
     */
    STDMETHOD(GetText)(THIS_ LONG lFlags, ULONG *puBuffLength, LPWSTR pszText) PURE;

    /**
     * Bits of tag_WBEM_PATH_STATUS_FLAG.
     * Page: wmiutils/nf-wmiutils-iwbempath-getinfo
     */
    STDMETHOD(GetInfo)(THIS_ ULONG uRequestedInfo, ULONGLONG *puResponse) PURE;

    /**
     * Set the server part; NULL takes it away.
     * Page: wmiutils/nf-wmiutils-iwbempath-setserver
     */
    STDMETHOD(SetServer)(THIS_ LPCWSTR Name) PURE;

    /**
     * The server part. @return WBEM_E_NOT_AVAILABLE if there is none.
     * Page: wmiutils/nf-wmiutils-iwbempath-getserver
     */
    STDMETHOD(GetServer)(THIS_ ULONG *puNameBufLength, LPWSTR pName) PURE;

    /**
     * How many namespaces.
     * Page: wmiutils/nf-wmiutils-iwbempath-getnamespacecount
     */
    STDMETHOD(GetNamespaceCount)(THIS_ ULONG *puCount) PURE;

    /**
     * Insert a namespace.
     * Page: wmiutils/nf-wmiutils-iwbempath-setnamespaceat
     */
    STDMETHOD(SetNamespaceAt)(THIS_ ULONG uIndex, LPCWSTR pszName) PURE;

    /**
     * One of the namespaces.
     * Page: wmiutils/nf-wmiutils-iwbempath-getnamespaceat
     */
    STDMETHOD(GetNamespaceAt)(THIS_ ULONG uIndex, ULONG *puNameBufLength, LPWSTR pName) PURE;

    /**
     * Remove one of the namespaces.
     * Page: wmiutils/nf-wmiutils-iwbempath-removenamespaceat
     */
    STDMETHOD(RemoveNamespaceAt)(THIS_ ULONG uIndex) PURE;

    /**
     * Remove the namespaces.
     * Page: wmiutils/nf-wmiutils-iwbempath-removeallnamespaces
     */
    STDMETHOD(RemoveAllNamespaces)(THIS) PURE;

    /**
     * How many scopes. WMI has none but the class part, which all methods for scopes take as the
     * one at index 0.
     * Page: wmiutils/nf-wmiutils-iwbempath-getscopecount
     */
    STDMETHOD(GetScopeCount)(THIS_ ULONG *puCount) PURE;

    /**
     * Insert a scope.
     * Page: wmiutils/nf-wmiutils-iwbempath-setscope
     */
    STDMETHOD(SetScope)(THIS_ ULONG uIndex, LPWSTR pszClass) PURE;

    /** Insert a scope with its keys, from text. */
    STDMETHOD(SetScopeFromText)(THIS_ ULONG uIndex, LPWSTR pszText) PURE;

    /**
     * One of the scopes; its key list is the caller's to release.
     * Page: wmiutils/nf-wmiutils-iwbempath-getscope
     */
    STDMETHOD(GetScope)(THIS_ ULONG uIndex, ULONG *puClassNameBufSize, LPWSTR pszClass,
                        IWbemPathKeyList **pKeyList) PURE;

    /**
     * One of the scopes as text.
     * Page: wmiutils/nf-wmiutils-iwbempath-getscopeastext
     */
    STDMETHOD(GetScopeAsText)(THIS_ ULONG uIndex, ULONG *puTextBufSize, LPWSTR pszText) PURE;

    /**
     * Remove one of the scopes.
     * Page: wmiutils/nf-wmiutils-iwbempath-removescope
     */
    STDMETHOD(RemoveScope)(THIS_ ULONG uIndex) PURE;

    /**
     * Remove the scopes.
     * Page: wmiutils/nf-wmiutils-iwbempath-removeallscopes
     */
    STDMETHOD(RemoveAllScopes)(THIS) PURE;

    /**
     * Set the class. Its keys stay.
     * Page: wmiutils/nf-wmiutils-iwbempath-setclassname
     */
    STDMETHOD(SetClassName)(THIS_ LPCWSTR Name) PURE;

    /**
     * The class. @return WBEM_E_NOT_AVAILABLE if there is none.
     * Page: wmiutils/nf-wmiutils-iwbempath-getclassname
     */
    STDMETHOD(GetClassName)(THIS_ ULONG *puBuffLength, LPWSTR pszName) PURE;

    /**
     * The keys, live: changes change the path, until it gets another class part.
     * Page: wmiutils/nf-wmiutils-iwbempath-getkeylist
     */
    STDMETHOD(GetKeyList)(THIS_ IWbemPathKeyList **pOut) PURE;

    /**
     * Give the path a class, without keys.
     * Page: wmiutils/nf-wmiutils-iwbempath-createclasspart
     */
    STDMETHOD(CreateClassPart)(THIS_ LONG lFlags, LPCWSTR Name) PURE;

    /**
     * Take class and keys away.
     * Page: wmiutils/nf-wmiutils-iwbempath-deleteclasspart
     */
    STDMETHOD(DeleteClassPart)(THIS_ LONG lFlags) PURE;

    /**
     * Is the path within this namespace of this machine?
     * Page: wmiutils/nf-wmiutils-iwbempath-isrelative
     */
    STDMETHOD_(BOOL, IsRelative)(THIS_ LPWSTR wszMachine, LPWSTR wszNamespace) PURE;

    /**
     * Is it there or in a namespace below?
     * Page: wmiutils/nf-wmiutils-iwbempath-isrelativeorchild
     */
    STDMETHOD_(BOOL, IsRelativeOrChild)(THIS_ LPWSTR wszMachine, LPWSTR wszNamespace,
                                        LONG lFlags) PURE;

    /**
     * Is its server this machine, ".", or none?
     * Page: wmiutils/nf-wmiutils-iwbempath-islocal
     */
    STDMETHOD_(BOOL, IsLocal)(THIS_ LPCWSTR wszMachine) PURE;

    /**
     * Is this its class? Case does not count.
     * Page: wmiutils/nf-wmiutils-iwbempath-issameclassname
     */
    STDMETHOD_(BOOL, IsSameClassName)(THIS_ LPCWSTR wszClass) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemPath_QueryInterface(This, riid, ppvObject)                                            \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemPath_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemPath_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemPath_SetText(This, uMode, pszPath) ((This)->lpVtbl->SetText(This, uMode, pszPath))
#define IWbemPath_GetText(This, lFlags, puBuffLength, pszText)                                     \
    ((This)->lpVtbl->GetText(This, lFlags, puBuffLength, pszText))
#define IWbemPath_GetInfo(This, uRequestedInfo, puResponse)                                        \
    ((This)->lpVtbl->GetInfo(This, uRequestedInfo, puResponse))
#define IWbemPath_SetServer(This, Name) ((This)->lpVtbl->SetServer(This, Name))
#define IWbemPath_GetServer(This, puNameBufLength, pName)                                          \
    ((This)->lpVtbl->GetServer(This, puNameBufLength, pName))
#define IWbemPath_GetNamespaceCount(This, puCount)                                                 \
    ((This)->lpVtbl->GetNamespaceCount(This, puCount))
#define IWbemPath_SetNamespaceAt(This, uIndex, pszName)                                            \
    ((This)->lpVtbl->SetNamespaceAt(This, uIndex, pszName))
#define IWbemPath_GetNamespaceAt(This, uIndex, puNameBufLength, pName)                             \
    ((This)->lpVtbl->GetNamespaceAt(This, uIndex, puNameBufLength, pName))
#define IWbemPath_RemoveNamespaceAt(This, uIndex) ((This)->lpVtbl->RemoveNamespaceAt(This, uIndex))
#define IWbemPath_RemoveAllNamespaces(This) ((This)->lpVtbl->RemoveAllNamespaces(This))
#define IWbemPath_GetScopeCount(This, puCount) ((This)->lpVtbl->GetScopeCount(This, puCount))
#define IWbemPath_SetScope(This, uIndex, pszClass)                                                 \
    ((This)->lpVtbl->SetScope(This, uIndex, pszClass))
#define IWbemPath_SetScopeFromText(This, uIndex, pszText)                                          \
    ((This)->lpVtbl->SetScopeFromText(This, uIndex, pszText))
#define IWbemPath_GetScope(This, uIndex, puClassNameBufSize, pszClass, pKeyList)                   \
    ((This)->lpVtbl->GetScope(This, uIndex, puClassNameBufSize, pszClass, pKeyList))
#define IWbemPath_GetScopeAsText(This, uIndex, puTextBufSize, pszText)                             \
    ((This)->lpVtbl->GetScopeAsText(This, uIndex, puTextBufSize, pszText))
#define IWbemPath_RemoveScope(This, uIndex) ((This)->lpVtbl->RemoveScope(This, uIndex))
#define IWbemPath_RemoveAllScopes(This) ((This)->lpVtbl->RemoveAllScopes(This))
#define IWbemPath_SetClassName(This, Name) ((This)->lpVtbl->SetClassName(This, Name))
#define IWbemPath_GetClassName(This, puBuffLength, pszName)                                        \
    ((This)->lpVtbl->GetClassName(This, puBuffLength, pszName))
#define IWbemPath_GetKeyList(This, pOut) ((This)->lpVtbl->GetKeyList(This, pOut))
#define IWbemPath_CreateClassPart(This, lFlags, Name)                                              \
    ((This)->lpVtbl->CreateClassPart(This, lFlags, Name))
#define IWbemPath_DeleteClassPart(This, lFlags) ((This)->lpVtbl->DeleteClassPart(This, lFlags))
#define IWbemPath_IsRelative(This, wszMachine, wszNamespace)                                       \
    ((This)->lpVtbl->IsRelative(This, wszMachine, wszNamespace))
#define IWbemPath_IsRelativeOrChild(This, wszMachine, wszNamespace, lFlags)                        \
    ((This)->lpVtbl->IsRelativeOrChild(This, wszMachine, wszNamespace, lFlags))
#define IWbemPath_IsLocal(This, wszMachine) ((This)->lpVtbl->IsLocal(This, wszMachine))
#define IWbemPath_IsSameClassName(This, wszClass) ((This)->lpVtbl->IsSameClassName(This, wszClass))
#endif

/**
 * A query taken apart, for providers that serve queries.
 * Page: wmiutils/nn-wmiutils-iwbemquery
 */
EXTERN_C const IID IID_IWbemQuery;
#undef INTERFACE
#define INTERFACE IWbemQuery
DECLARE_INTERFACE_IID_(IWbemQuery, IUnknown, "81166f58-dd98-11d3-a120-00105a1f515a")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Forget the query; what GetAnalysis gave stays valid.
     * Page: wmiutils/nf-wmiutils-iwbemquery-empty
     */
    STDMETHOD(Empty)(THIS) PURE;

    /** Documented as not implemented. @return E_NOTIMPL. */
    STDMETHOD(SetLanguageFeatures)(THIS_ ULONG uFlags, ULONG uArraySize, ULONG *puFeatures) PURE;

    /** Documented as not implemented. @return E_NOTIMPL. */
    STDMETHOD(TestLanguageFeatures)(THIS_ ULONG uFlags, ULONG *uArraySize, ULONG *puFeatures) PURE;

    /**
     * Parse a query. @pszLang "SQL" or "WQL", in capitals; @uFlags 0.
     * @return WBEM_E_INVALID_SYNTAX with the place in the error object, WBEM_E_INVALID_PARAMETER,
     *         WBEM_E_QUOTA_VIOLATION, WBEM_E_OUT_OF_MEMORY.
     * Page: wmiutils/nf-wmiutils-iwbemquery-parse
     */
    STDMETHOD(Parse)(THIS_ LPCWSTR pszLang, LPCWSTR pszQuery, ULONG uFlags) PURE;

    /**
     * The query's parts. @uAnalysisType WMIQ_ANALYSIS_RPN_SEQUENCE for a SELECT,
     * WMIQ_ANALYSIS_ASSOC_QUERY for the others, WMIQ_ANALYSIS_QUERY_TEXT (a LPWSTR) for any.
     * @pAnalysis the structure for that type, to be freed with FreeMemory of the same object; with
     * the object's last reference it goes too.
     * @return WBEM_E_INVALID_OPERATION before Parse, WBEM_E_NOT_FOUND for the other kind of query,
     *         WBEM_E_INVALID_PARAMETER, WBEM_E_OUT_OF_MEMORY.
     * Page: wmiutils/nf-wmiutils-iwbemquery-getanalysis
     */
    STDMETHOD(GetAnalysis)(THIS_ ULONG uAnalysisType, ULONG uFlags, LPVOID *pAnalysis) PURE;

    /**
     * Free what GetAnalysis gave.
     * Page: wmiutils/nf-wmiutils-iwbemquery-freememory
     */
    STDMETHOD(FreeMemory)(THIS_ LPVOID pMem) PURE;

    /** Documented as not implemented. @return E_NOTIMPL. */
    STDMETHOD(GetQueryInfo)(THIS_ ULONG uAnalysisType, ULONG uInfoId, ULONG uBufSize,
                            LPVOID pDestBuf) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemQuery_QueryInterface(This, riid, ppvObject)                                           \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemQuery_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemQuery_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemQuery_Empty(This) ((This)->lpVtbl->Empty(This))
#define IWbemQuery_SetLanguageFeatures(This, uFlags, uArraySize, puFeatures)                       \
    ((This)->lpVtbl->SetLanguageFeatures(This, uFlags, uArraySize, puFeatures))
#define IWbemQuery_TestLanguageFeatures(This, uFlags, uArraySize, puFeatures)                      \
    ((This)->lpVtbl->TestLanguageFeatures(This, uFlags, uArraySize, puFeatures))
#define IWbemQuery_Parse(This, pszLang, pszQuery, uFlags)                                          \
    ((This)->lpVtbl->Parse(This, pszLang, pszQuery, uFlags))
#define IWbemQuery_GetAnalysis(This, uAnalysisType, uFlags, pAnalysis)                             \
    ((This)->lpVtbl->GetAnalysis(This, uAnalysisType, uFlags, pAnalysis))
#define IWbemQuery_FreeMemory(This, pMem) ((This)->lpVtbl->FreeMemory(This, pMem))
#define IWbemQuery_GetQueryInfo(This, uAnalysisType, uInfoId, uBufSize, pDestBuf)                  \
    ((This)->lpVtbl->GetQueryInfo(This, uAnalysisType, uInfoId, uBufSize, pDestBuf))
#endif

/* clang-format on */

/* uAnalysisType of IWbemQuery::GetAnalysis. */
typedef enum tag_WMIQ_ANALYSIS_TYPE {
    WMIQ_ANALYSIS_RPN_SEQUENCE = 1, /* gives a SWbemRpnEncodedQuery */
    WMIQ_ANALYSIS_ASSOC_QUERY = 2,  /* gives a SWbemAssocQueryInf */
    WMIQ_ANALYSIS_PROP_ANALYSIS_MATRIX = 3,
    WMIQ_ANALYSIS_QUERY_TEXT = 4,
    WMIQ_ANALYSIS_RESERVED = 0x8000000
} WMIQ_ANALYSIS_TYPE;

/* Several enumerations in one: tokens, operators, shapes, requests, forms of the FROM clause. */
typedef enum tag_WMIQ_RPN_TOKEN_FLAGS {
    WMIQ_RPN_TOKEN_EXPRESSION = 1,
    WMIQ_RPN_TOKEN_AND = 2,
    WMIQ_RPN_TOKEN_OR = 3,
    WMIQ_RPN_TOKEN_NOT = 4,

    WMIQ_RPN_OP_UNDEFINED = 0,
    WMIQ_RPN_OP_EQ = 1,
    WMIQ_RPN_OP_NE = 2,
    WMIQ_RPN_OP_GE = 3,
    WMIQ_RPN_OP_LE = 4,
    WMIQ_RPN_OP_LT = 5,
    WMIQ_RPN_OP_GT = 6,
    WMIQ_RPN_OP_LIKE = 7,
    WMIQ_RPN_OP_ISA = 8,
    WMIQ_RPN_OP_ISNOTA = 9,
    WMIQ_RPN_OP_ISNULL = 10,
    WMIQ_RPN_OP_ISNOTNULL = 11,

    WMIQ_RPN_LEFT_PROPERTY_NAME = 0x1,
    WMIQ_RPN_RIGHT_PROPERTY_NAME = 0x2,
    WMIQ_RPN_CONST2 = 0x4, /* the second of BETWEEN */
    WMIQ_RPN_CONST = 0x8,
    WMIQ_RPN_RELOP = 0x10,
    WMIQ_RPN_LEFT_FUNCTION = 0x20,
    WMIQ_RPN_RIGHT_FUNCTION = 0x40,

    WMIQ_RPN_GET_TOKEN_TYPE = 1,
    WMIQ_RPN_GET_EXPR_SHAPE = 2,
    WMIQ_RPN_GET_LEFT_FUNCTION = 3,
    WMIQ_RPN_GET_RIGHT_FUNCTION = 4,
    WMIQ_RPN_GET_RELOP = 5,
    WMIQ_RPN_NEXT_TOKEN = 1,

    WMIQ_RPN_FROM_UNARY = 0x1, /* one class */
    WMIQ_RPN_FROM_PATH = 0x2,
    WMIQ_RPN_FROM_CLASS_LIST = 0x4,
    WMIQ_RPN_FROM_MULTIPLE = 0x8
} WMIQ_RPN_TOKEN_FLAGS;

/* m_uFeatureMask of SWbemAssocQueryInf: which clauses the query has. */
typedef enum tag_WMIQ_ASSOCQ_FLAGS {
    WMIQ_ASSOCQ_ASSOCIATORS = 0x1,
    WMIQ_ASSOCQ_REFERENCES = 0x2,
    WMIQ_ASSOCQ_RESULTCLASS = 0x4,
    WMIQ_ASSOCQ_ASSOCCLASS = 0x8,
    WMIQ_ASSOCQ_ROLE = 0x10,
    WMIQ_ASSOCQ_RESULTROLE = 0x20,
    WMIQ_ASSOCQ_REQUIREDQUALIFIER = 0x40,
    WMIQ_ASSOCQ_REQUIREDASSOCQUALIFIER = 0x80,
    WMIQ_ASSOCQ_CLASSDEFSONLY = 0x100,
    WMIQ_ASSOCQ_KEYSONLY = 0x200,
    WMIQ_ASSOCQ_SCHEMAONLY = 0x400,
    WMIQ_ASSOCQ_CLASSREFSONLY = 0x800
} WMIQ_ASSOCQ_FLAGS;

/* The name of a property: its parts are the names between the dots. */
typedef struct tag_SWbemQueryQualifiedName {
    ULONG m_uVersion;   /* 1 */
    ULONG m_uTokenType; /* 1 */
    ULONG m_uNameListSize;
    LPCWSTR *m_ppszNameList;
    BOOL m_bArraysUsed; /* FALSE, and the next two NULL: reserved */
    BOOL *m_pbArrayElUsed;
    ULONG *m_puArrayIndex;
} SWbemQueryQualifiedName;

/* A constant; which member counts is the token's apparent type, a VARTYPE. */
typedef union tag_SWbemRpnConst {
    LPCWSTR m_pszStrVal;
    BOOL m_bBoolVal;
    LONG m_lLongVal;
    ULONG m_uLongVal;
    double m_dblVal;
    LONGLONG m_lVal64;
    LONGLONG m_uVal64;
} SWbemRpnConst;

/* One condition, or an operator on the conditions before it. */
typedef struct tag_SWbemRpnQueryToken {
    ULONG m_uVersion;            /* 1 */
    ULONG m_uTokenType;          /* WMIQ_RPN_TOKEN_ */
    ULONG m_uSubexpressionShape; /* WMIQ_RPN_LEFT_PROPERTY_NAME and the like */
    ULONG m_uOperator;           /* WMIQ_RPN_OP_ */
    SWbemQueryQualifiedName *m_pRightIdent;
    SWbemQueryQualifiedName *m_pLeftIdent;
    ULONG m_uConstApparentType;
    SWbemRpnConst m_Const;
    ULONG m_uConst2ApparentType;
    SWbemRpnConst m_Const2;
    LPCWSTR m_pszRightFunc; /* UPPER, LOWER */
    LPCWSTR m_pszLeftFunc;
} SWbemRpnQueryToken;

typedef struct tag_SWbemRpnTokenList {
    ULONG m_uVersion;
    ULONG m_uTokenType;
    ULONG m_uNumTokens;
} SWbemRpnTokenList;

/* What a query may use. */
typedef enum tag_WMIQ_LANGUAGE_FEATURES {
    WMIQ_LF1_BASIC_SELECT = 1,
    WMIQ_LF2_CLASS_NAME_IN_QUERY = 2,
    WMIQ_LF3_STRING_CASE_FUNCTIONS = 3,
    WMIQ_LF4_PROP_TO_PROP_TESTS = 4,
    WMIQ_LF5_COUNT_STAR = 5,
    WMIQ_LF6_ORDER_BY = 6,
    WMIQ_LF7_DISTINCT = 7,
    WMIQ_LF8_ISA = 8,
    WMIQ_LF9_THIS = 9,
    WMIQ_LF10_COMPEX_SUBEXPRESSIONS = 10,
    WMIQ_LF11_ALIASING = 11,
    WMIQ_LF12_GROUP_BY_HAVING = 12,
    WMIQ_LF13_WMI_WITHIN = 13,
    WMIQ_LF14_SQL_WRITE_OPERATIONS = 14,
    WMIQ_LF15_GO = 15,
    WMIQ_LF16_SINGLE_LEVEL_TRANSACTIONS = 16,
    WMIQ_LF17_QUALIFIED_NAMES = 17,
    WMIQ_LF18_ASSOCIATONS = 18,
    WMIQ_LF19_SYSTEM_PROPERTIES = 19,
    WMIQ_LF20_EXTENDED_SYSTEM_PROPERTIES = 20,
    WMIQ_LF21_SQL89_JOINS = 21,
    WMIQ_LF22_SQL92_JOINS = 22,
    WMIQ_LF23_SUBSELECTS = 23,
    WMIQ_LF24_UMI_EXTENSIONS = 24,
    WMIQ_LF25_DATEPART = 25,
    WMIQ_LF26_LIKE = 26,
    WMIQ_LF27_CIM_TEMPORAL_CONSTRUCTS = 27,
    WMIQ_LF28_STANDARD_AGGREGATES = 28,
    WMIQ_LF29_MULTI_LEVEL_ORDER_BY = 29,
    WMIQ_LF30_WMI_PRAGMAS = 30,
    WMIQ_LF31_QUALIFIER_TESTS = 31,
    WMIQ_LF32_SP_EXECUTE = 32,
    WMIQ_LF33_ARRAY_ACCESS = 33,
    WMIQ_LF34_UNION = 34,
    WMIQ_LF35_COMPLEX_SELECT_TARGET = 35,
    WMIQ_LF36_REFERENCE_TESTS = 36,
    WMIQ_LF37_SELECT_INTO = 37,
    WMIQ_LF38_BASIC_DATETIME_TESTS = 38,
    WMIQ_LF39_COUNT_COLUMN = 39,
    WMIQ_LF40_BETWEEN = 40,
    WMIQ_LF_LAST = 40
} WMIQ_LANGUAGE_FEATURES;

typedef enum tag_WMIQ_RPNQ_FEATURE {
    WMIQ_RPNF_WHERE_CLAUSE_PRESENT = 0x1,
    WMIQ_RPNF_QUERY_IS_CONJUNCTIVE = 0x2,
    WMIQ_RPNF_QUERY_IS_DISJUNCTIVE = 0x4,
    WMIQ_RPNF_PROJECTION = 0x8,
    WMIQ_RPNF_FEATURE_SELECT_STAR = 0x10,
    WMIQ_RPNF_EQUALITY_TESTS_ONLY = 0x20,
    WMIQ_RPNF_COUNT_STAR = 0x40,
    WMIQ_RPNF_QUALIFIED_NAMES_USED = 0x80,
    WMIQ_RPNF_SYSPROP_CLASS_USED = 0x100,
    WMIQ_RPNF_PROP_TO_PROP_TESTS = 0x200,
    WMIQ_RPNF_ORDER_BY = 0x400,
    WMIQ_RPNF_ISA_USED = 0x800,
    WMIQ_RPNF_GROUP_BY_HAVING = 0x1000,
    WMIQ_RPNF_ARRAY_ACCESS_USED = 0x2000
} WMIQ_RPNF_FEATURE;

/* A whole query. Fields marked as reserved are 0 or NULL. */
typedef struct tag_SWbemRpnEncodedQuery {
    ULONG m_uVersion;               /* 1 */
    ULONG m_uTokenType;             /* reserved */
    ULONGLONG m_uParsedFeatureMask; /* reserved */
    ULONG m_uDetectedArraySize;     /* reserved */
    ULONG *m_puDetectedFeatures;    /* reserved */
    ULONG m_uSelectListSize;        /* of SELECT * and COUNT(*): one name, "*" or "COUNT(*)" */
    SWbemQueryQualifiedName **m_ppSelectList;
    ULONG m_uFromTargetType; /* WMIQ_RPN_FROM_ */
    LPCWSTR m_pszOptionalFromPath;
    ULONG m_uFromListSize;
    LPCWSTR *m_ppszFromList;
    ULONG m_uWhereClauseSize;                /* of all tokens, AND, OR and NOT included */
    SWbemRpnQueryToken **m_ppRpnWhereClause; /* in reverse Polish notation */
    double m_dblWithinPolling;               /* seconds */
    double m_dblWithinWindow;                /* seconds */
    ULONG m_uOrderByListSize;
    LPCWSTR *m_ppszOrderByList;
    ULONG *m_uOrderDirectionEl;
} SWbemRpnEncodedQuery;

typedef struct tag_SWbemAnalysisMatrix {
    ULONG m_uVersion;
    ULONG m_uMatrixType;
    LPCWSTR m_pszProperty;
    ULONG m_uPropertyType;
    ULONG m_uEntries;
    LPVOID *m_pValues;
    BOOL *m_pbTruthTable;
} SWbemAnalysisMatrix;

typedef struct tag_SWbemAnalysisMatrixList {
    ULONG m_uVersion;
    ULONG m_uMatrixType;
    ULONG m_uNumMatrices;
    SWbemAnalysisMatrix *m_pMatrices;
} SWbemAnalysisMatrixList;

/* ASSOCIATORS OF or REFERENCES OF; strings are NULL where the clause is missing. */
typedef struct tag_SWbemAssocQueryInf {
    ULONG m_uVersion;      /* 2 */
    ULONG m_uAnalysisType; /* WMIQ_ANALYSIS_ASSOC_QUERY */
    ULONG m_uFeatureMask;  /* WMIQ_ASSOCQ_ */
    IWbemPath *m_pPath;
    LPWSTR m_pszPath;
    LPWSTR m_pszQueryText;
    LPWSTR m_pszResultClass;
    LPWSTR m_pszAssocClass;
    LPWSTR m_pszRole;
    LPWSTR m_pszResultRole;
    LPWSTR m_pszRequiredQualifier;
    LPWSTR m_pszRequiredAssocQualifier;
} SWbemAssocQueryInf;

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif /* WMIUTILS_H */
