/*
 * IWbemPath and IWbemPathKeyList through the public headers: every method, the
 * flags of SetText and GetText, GetInfo's bits, and the contract of buffers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <wbemidl.h>
#include <wmiutils.h>

static IWbemPath *new_path(void)
{
    IWbemPath *path = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemDefPath, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemPath, (void **)&path));
    return path;
}

static IWbemPath *path_from(const wchar_t *text)
{
    IWbemPath *path = new_path();
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ALL, text));
    return path;
}

static IWbemPathKeyList *keys_of(IWbemPath *path)
{
    IWbemPathKeyList *keys = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetKeyList(path, &keys));
    return keys;
}

static void assert_wide(const wchar_t *expected, const wchar_t *got)
{
    if (wcscmp(expected, got) != 0) {
        fail_msg("expected '%ls', got '%ls'", expected, got);
    }
}

static void assert_text(IWbemPath *path, LONG flags, const wchar_t *expected)
{
    wchar_t buffer[256];
    ULONG size = 256;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetText(path, flags, &size, buffer));
    assert_wide(expected, buffer);
    assert_int_equal(wcslen(expected) + 1, size);
}

static void assert_key_text(IWbemPathKeyList *keys, LONG flags, const wchar_t *expected)
{
    wchar_t buffer[256];
    ULONG size = 256;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetText(keys, flags, &size, buffer));
    assert_wide(expected, buffer);
}

static ULONGLONG info_of(IWbemPath *path)
{
    ULONGLONG info = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetInfo(path, 0, &info));
    return info;
}

static void assert_error_object(void)
{
    IErrorInfo *error = NULL;
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    IErrorInfo_Release(error);
}

/* ---- text --------------------------------------------------------------------------- */

static const wchar_t whole[] = L"\\\\host\\root\\cimv2:Disk.Id=\"C:\",Part=7";

static void test_get_text_flags(void **state)
{
    IWbemPath *path = path_from(whole);
    assert_text(path, 0, whole);
    assert_text(path, WBEMPATH_GET_SERVER_TOO, whole);
    assert_text(path, WBEMPATH_GET_RELATIVE_ONLY, L"Disk.Id=\"C:\",Part=7");
    assert_text(path, WBEMPATH_GET_SERVER_AND_NAMESPACE_ONLY, L"\\\\host\\root\\cimv2");
    assert_text(path, WBEMPATH_GET_NAMESPACE_ONLY, L"root\\cimv2");
    assert_text(path, WBEMPATH_GET_ORIGINAL, whole);

    ULONG size = 0;
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPath_GetText(path, WBEMPATH_COMPRESSED, &size, NULL));
    assert_int_equal(
        WBEM_E_INVALID_PARAMETER,
        IWbemPath_GetText(path, WBEMPATH_GET_ORIGINAL | WBEMPATH_GET_NAMESPACE_ONLY, &size, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetText(path, 0x40, &size, NULL));
    assert_error_object();
    IWbemPath_Release(path);
}

static void test_texts_in_and_out(void **state)
{
    static const struct {
        const wchar_t *in, *plain, *with_server;
    } cases[] = {
        {L"Class", L"Class", L"Class"},
        {L"root\\cimv2", L"root\\cimv2", L"\\\\.\\root\\cimv2"},
        {L"root/cimv2:Class", L"root\\cimv2:Class", L"\\\\.\\root\\cimv2:Class"},
        {L"//h/root:C=@", L"\\\\h\\root:C=@", L"\\\\h\\root:C=@"},
        {L"\\\\h\\root\\a\\b", L"\\\\h\\root\\a\\b", L"\\\\h\\root\\a\\b"},
        {L"C='it\"s'", L"C=\"it\\\"s\"", L"C=\"it\\\"s\""},
        {L"C.A=0x10,B=true", L"C.A=16,B=TRUE", L"C.A=16,B=TRUE"},
        {L"\\\\host", L"\\\\host", L"\\\\host"},
        {L"\\\\host\\", L"\\\\host", L"\\\\host"},
        {L"", L"", L"\\\\."},
        {L"..", L"..", L".."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        IWbemPath *path = path_from(cases[i].in);
        assert_text(path, 0, cases[i].plain);
        assert_text(path, WBEMPATH_GET_SERVER_TOO, cases[i].with_server);
        assert_text(path, WBEMPATH_GET_ORIGINAL, cases[i].in);
        IWbemPath_Release(path);
    }
}

/* Whatever SERVER_TOO gives is a path to the same thing. */
static void test_server_too_reads_back(void **state)
{
    static const wchar_t *const texts[] = {L"root:C.A=1", L"root\\x", L"\\\\h\\n:C=@"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        IWbemPath *path = path_from(texts[i]);
        wchar_t first[64], second[64];
        ULONG size = 64;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemPath_GetText(path, WBEMPATH_GET_SERVER_TOO, &size, first));
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ABSOLUTE, first));
        size = 64;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetText(path, 0, &size, second));
        assert_wide(first, second);
        IWbemPath_Release(path);
    }
}

static void test_set_text_modes(void **state)
{
    const ULONG relative = WBEMPATH_CREATE_ACCEPT_RELATIVE;
    const ULONG absolute = WBEMPATH_CREATE_ACCEPT_ABSOLUTE;
    const ULONG all = WBEMPATH_CREATE_ACCEPT_ALL;
    const ULONG ident = WBEMPATH_TREAT_SINGLE_IDENT_AS_NS;
    const struct {
        ULONG mode;
        const wchar_t *text;
        HRESULT status;
    } cases[] = {
        {relative, L"Class", WBEM_S_NO_ERROR},
        {relative, L"\\\\h\\root:Class", WBEM_S_NO_ERROR},
        {relative, L"\\\\h", WBEM_E_INVALID_PARAMETER},
        {relative, L"", WBEM_E_INVALID_PARAMETER},
        {absolute, L"Class", WBEM_E_INVALID_PARAMETER},
        {absolute, L"root\\cimv2:Class", WBEM_E_INVALID_PARAMETER},
        {absolute, L"\\\\h\\root:Class", WBEM_S_NO_ERROR},
        {all, L"", WBEM_S_NO_ERROR},
        {all, L"\\\\h", WBEM_S_NO_ERROR},
        {all, L"Class", WBEM_S_NO_ERROR},
        {all | ident, L"root", WBEM_S_NO_ERROR},
        {0, L"Class", WBEM_E_INVALID_PARAMETER},
        {ident, L"Class", WBEM_E_INVALID_PARAMETER},
        {all | 0x10, L"Class", WBEM_E_INVALID_PARAMETER},
        {all, L"Class.=1", WBEM_E_INVALID_PARAMETER},
        {all, L"Class.A=1,A=2", WBEM_E_INVALID_PARAMETER},
        {all, L"\\\\ h", WBEM_E_INVALID_PARAMETER},
        {all, L"\\root", WBEM_E_INVALID_PARAMETER},
        {all, NULL, WBEM_E_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        IWbemPath *path = path_from(L"\\\\before\\root:Before=1");
        HRESULT hr = IWbemPath_SetText(path, cases[i].mode, cases[i].text);
        if (hr != cases[i].status) {
            fail_msg("case %zu: 0x%08x", i, (unsigned)hr);
        }
        if (FAILED(hr)) { /* what is refused changes nothing */
            assert_error_object();
            assert_text(path, 0, L"\\\\before\\root:Before=1");
            assert_text(path, WBEMPATH_GET_ORIGINAL, L"\\\\before\\root:Before=1");
        }
        IWbemPath_Release(path);
    }
}

static void test_single_identifier(void **state)
{
    IWbemPath *path = new_path();
    ULONG count = 0;
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ALL | WBEMPATH_TREAT_SINGLE_IDENT_AS_NS,
                          L"root"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetNamespaceCount(path, &count));
    assert_int_equal(1, count);
    assert_true(info_of(path) & WBEMPATH_INFO_SERVER_NAMESPACE_ONLY);
    assert_text(path, WBEMPATH_GET_NAMESPACE_ONLY, L"root");
    /* With keys it is a class all the same. */
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ALL | WBEMPATH_TREAT_SINGLE_IDENT_AS_NS,
                          L"root=1"));
    assert_true(IWbemPath_IsSameClassName(path, L"ROOT"));
    IWbemPath_Release(path);
}

static void test_buffers(void **state)
{
    IWbemPath *path = path_from(L"\\\\h\\root:C");
    wchar_t buffer[8] = L"xxxxxxx";
    ULONG size = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetServer(path, &size, NULL));
    assert_int_equal(2, size);
    size = 1;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemPath_GetServer(path, &size, buffer));
    assert_int_equal(2, size);
    assert_wide(L"xxxxxxx", buffer); /* nothing is written into what is too small */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetServer(path, &size, buffer));
    assert_wide(L"h", buffer);
    size = 5;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetServer(path, &size, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetServer(path, NULL, buffer));

    size = 4; /* "root" and its zero need five */
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemPath_GetNamespaceAt(path, 0, &size, buffer));
    assert_int_equal(5, size);
    size = 9; /* "\\h\root:C" and its zero need eleven */
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemPath_GetText(path, 0, &size, buffer));
    assert_int_equal(11, size);
    size = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetClassName(path, &size, NULL));
    assert_int_equal(2, size);
    IWbemPath_Release(path);
}

/* ---- info --------------------------------------------------------------------------- */

static void test_info(void **state)
{
    const ULONGLONG anonymous = WBEMPATH_INFO_ANON_LOCAL_MACHINE;
    const ULONGLONG named = WBEMPATH_INFO_HAS_MACHINE_NAME | WBEMPATH_INFO_PATH_HAD_SERVER;
    const ULONGLONG v1 = WBEMPATH_INFO_V1_COMPLIANT;
    const struct {
        const wchar_t *text;
        ULONGLONG info;
    } cases[] = {
        {L"C", anonymous | v1 | WBEMPATH_INFO_IS_CLASS_REF},
        {L"C.A=1", anonymous | v1 | WBEMPATH_INFO_IS_INST_REF},
        {L"C=1", anonymous | v1 | WBEMPATH_INFO_IS_INST_REF | WBEMPATH_INFO_HAS_IMPLIED_KEY},
        {L"C.A=1,B=2", anonymous | v1 | WBEMPATH_INFO_IS_INST_REF | WBEMPATH_INFO_IS_COMPOUND},
        {L"C=@", anonymous | v1 | WBEMPATH_INFO_IS_INST_REF | WBEMPATH_INFO_CONTAINS_SINGLETON |
                     WBEMPATH_INFO_IS_SINGLETON},
        {L"C.A=\"D.B=1\"", anonymous | WBEMPATH_INFO_IS_INST_REF | WBEMPATH_INFO_HAS_V2_REF_PATHS},
        {L"root\\x", anonymous | v1 | WBEMPATH_INFO_SERVER_NAMESPACE_ONLY},
        {L"\\\\.\\root",
         anonymous | v1 | WBEMPATH_INFO_PATH_HAD_SERVER | WBEMPATH_INFO_SERVER_NAMESPACE_ONLY},
        {L"\\\\h\\root:C", named | v1 | WBEMPATH_INFO_IS_CLASS_REF},
        {L"\\\\h", named | v1 | WBEMPATH_INFO_SERVER_NAMESPACE_ONLY},
        {L"..", anonymous | v1 | WBEMPATH_INFO_IS_PARENT},
        {L"", anonymous | v1 | WBEMPATH_INFO_SERVER_NAMESPACE_ONLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        IWbemPath *path = path_from(cases[i].text);
        ULONGLONG info = info_of(path);
        if (info != (cases[i].info | WBEMPATH_INFO_NATIVE_PATH)) {
            fail_msg("'%ls': 0x%llx", cases[i].text, (unsigned long long)info);
        }
        IWbemPath_Release(path);
    }

    IWbemPath *path = new_path(); /* made of parts: not by SetText */
    assert_int_equal(0, info_of(path) & WBEMPATH_INFO_NATIVE_PATH);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetServer(path, L"h"));
    assert_int_equal(named, info_of(path) & named);
    ULONGLONG info;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetInfo(path, 1, &info));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetInfo(path, 0, NULL));
    IWbemPath_Release(path);
}

/* ---- parts -------------------------------------------------------------------------- */

static void test_build_from_parts(void **state)
{
    IWbemPath *path = new_path();
    ULONG size = 0;
    assert_text(path, 0, L"");
    assert_int_equal(WBEM_E_NOT_AVAILABLE, IWbemPath_GetServer(path, &size, NULL));
    assert_int_equal(WBEM_E_NOT_AVAILABLE, IWbemPath_GetClassName(path, &size, NULL));
    assert_int_equal(WBEM_E_NOT_AVAILABLE,
                     IWbemPath_GetText(path, WBEMPATH_GET_ORIGINAL, &size, NULL));
    assert_error_object();

    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetServer(path, L"fe80::1"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetNamespaceAt(path, 0, L"cimv2"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetNamespaceAt(path, 0, L"root"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetNamespaceAt(path, 2, L"sub"));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetNamespaceAt(path, 4, L"far"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_CreateClassPart(path, 0, L"Disk"));
    IWbemPathKeyList *keys = keys_of(path);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_SetKey(keys, L"Id", 0, CIM_STRING, (wchar_t *)L"C:\\"));
    uint8_t seven = 7;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, L"Part", 0, CIM_UINT8, &seven));
    assert_text(path, 0, L"\\\\fe80::1\\root\\cimv2\\sub:Disk.Id=\"C:\\\\\",Part=7");

    /* The class renamed, the keys stay; a new class part has none, and the old list is alone. */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetClassName(path, L"Drive"));
    assert_text(path, WBEMPATH_GET_RELATIVE_ONLY, L"Drive.Id=\"C:\\\\\",Part=7");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_CreateClassPart(path, 0, L"Other"));
    assert_text(path, WBEMPATH_GET_RELATIVE_ONLY, L"Other");
    ULONG count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetCount(keys, &count));
    assert_int_equal(2, count);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_DeleteClassPart(path, 0));
    assert_int_equal(WBEM_E_NOT_AVAILABLE, IWbemPath_DeleteClassPart(path, 0));
    assert_text(path, 0, L"\\\\fe80::1\\root\\cimv2\\sub");
    IWbemPath_Release(path);
    assert_key_text(keys, WBEMPATH_TEXT, L"Id=C:\\,Part=7"); /* it outlives the path */
    IWbemPathKeyList_Release(keys);
}

static void test_namespaces(void **state)
{
    IWbemPath *path = path_from(L"root\\a\\b:C");
    wchar_t buffer[16];
    ULONG size = 16, count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetNamespaceCount(path, &count));
    assert_int_equal(3, count);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetNamespaceAt(path, 1, &size, buffer));
    assert_wide(L"a", buffer);
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetNamespaceAt(path, 3, &size, buffer));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_RemoveNamespaceAt(path, 3));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveNamespaceAt(path, 1));
    assert_text(path, 0, L"root\\b:C");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveNamespaceAt(path, 1));
    assert_text(path, 0, L"root:C");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveAllNamespaces(path));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveAllNamespaces(path));
    assert_text(path, 0, L"C");
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetNamespaceCount(path, NULL));

    static const wchar_t *const bad[] = {L"", L"a\\b", L"a/b", L"a:b", L"a b", L"a\"", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetNamespaceAt(path, 0, bad[i]));
    }
    IWbemPath_Release(path);
}

static void test_names_are_checked(void **state)
{
    static const wchar_t *const bad_servers[] = {L"a\\b", L"a b", L"\\\\a", L"a=b", L"\""};
    static const wchar_t *const bad_classes[] = {L"",    L"a b", L"a.b=1", L"a=1",
                                                 L"a:b", L"1a",  NULL};
    IWbemPath *path = path_from(L"\\\\h\\root:C");
    for (size_t i = 0; i < sizeof bad_servers / sizeof bad_servers[0]; i++) {
        assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetServer(path, bad_servers[i]));
    }
    for (size_t i = 0; i < sizeof bad_classes / sizeof bad_classes[0]; i++) {
        wchar_t *name = (wchar_t *)bad_classes[i];
        assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetClassName(path, name));
        assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_CreateClassPart(path, 0, name));
        assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetScope(path, 0, name));
    }
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_CreateClassPart(path, 1, L"C"));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_DeleteClassPart(path, 1));
    assert_text(path, 0, L"\\\\h\\root:C");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetServer(path, NULL));
    assert_text(path, 0, L"root:C");
    IWbemPath_Release(path);
}

/* WMI has no scopes: the class part is the one. */
static void test_scopes(void **state)
{
    IWbemPath *path = path_from(L"root:C.A=1");
    IWbemPathKeyList *keys = NULL;
    wchar_t buffer[32];
    ULONG count = 0, size = 32;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetScopeCount(path, &count));
    assert_int_equal(1, count);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetScope(path, 0, &size, buffer, &keys));
    assert_wide(L"C", buffer);
    assert_key_text(keys, WBEMPATH_QUOTEDTEXT, L"A=1");
    IWbemPathKeyList_Release(keys);
    size = 32;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetScopeAsText(path, 0, &size, buffer));
    assert_wide(L"C.A=1", buffer);
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetScope(path, 1, &size, buffer, &keys));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_GetScopeAsText(path, 1, &size, buffer));

    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_SetScope(path, 0, (wchar_t *)L"D"));
    assert_text(path, 0, L"root:D");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPath_SetScopeFromText(path, 0, (wchar_t *)L"E.X=\"y\",Z=TRUE"));
    assert_text(path, 0, L"root:E.X=\"y\",Z=TRUE");
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPath_SetScopeFromText(path, 0, (wchar_t *)L"ns:E"));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPath_SetScopeFromText(path, 0, (wchar_t *)L"E..."));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_SetScopeFromText(path, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPath_SetScopeFromText(path, 1, (wchar_t *)L"E"));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPath_RemoveScope(path, 1));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveScope(path, 0));
    assert_int_equal(WBEM_E_NOT_AVAILABLE, IWbemPath_RemoveScope(path, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_RemoveAllScopes(path));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetScopeCount(path, &count));
    assert_int_equal(0, count);
    assert_int_equal(WBEM_E_NOT_AVAILABLE, IWbemPath_GetKeyList(path, &keys));
    assert_null(keys);
    IWbemPath_Release(path);
}

static void test_questions(void **state)
{
    wchar_t *here = (wchar_t *)L"HERE", *there = (wchar_t *)L"there";
    wchar_t *root = (wchar_t *)L"root", *cimv2 = (wchar_t *)L"ROOT/cimv2";
    IWbemPath *path = path_from(L"\\\\here\\root\\cimv2:Class.A=1");
    assert_true(IWbemPath_IsLocal(path, here));
    assert_false(IWbemPath_IsLocal(path, there));
    assert_false(IWbemPath_IsLocal(path, NULL));
    assert_true(IWbemPath_IsRelative(path, here, cimv2));
    assert_false(IWbemPath_IsRelative(path, here, root));
    assert_false(IWbemPath_IsRelative(path, there, cimv2));
    assert_true(IWbemPath_IsRelativeOrChild(path, here, root, 0));
    assert_true(IWbemPath_IsRelativeOrChild(path, here, cimv2, 0));
    assert_false(IWbemPath_IsRelativeOrChild(path, here, (wchar_t *)L"root\\cimv2\\more", 0));
    assert_false(IWbemPath_IsRelativeOrChild(path, here, (wchar_t *)L"roo", 0));
    assert_false(IWbemPath_IsRelativeOrChild(path, here, root, 1));
    assert_true(IWbemPath_IsSameClassName(path, L"class"));
    assert_false(IWbemPath_IsSameClassName(path, L"clas"));
    assert_false(IWbemPath_IsSameClassName(path, NULL));

    /* Without server and namespace it is relative to any. */
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_RELATIVE, L"Class"));
    assert_true(IWbemPath_IsLocal(path, there));
    assert_true(IWbemPath_IsRelative(path, there, root));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_RELATIVE, L"\\\\.\\root"));
    assert_true(IWbemPath_IsLocal(path, NULL));
    assert_false(IWbemPath_IsSameClassName(path, L"root"));
    IWbemPath_Release(path);
}

/* ---- keys --------------------------------------------------------------------------- */

static void test_get_keys(void **state)
{
    IWbemPath *path = path_from(
        L"C.S=\"a\\\"b\",N=-5,Big=18446744073709551615,Long=-5000000000,B=TRUE,R=\"D.K=1\"");
    IWbemPathKeyList *keys = keys_of(path);
    static const struct {
        const wchar_t *name;
        CIMTYPE type;
        VARTYPE variant;
    } cases[] = {{L"S", CIM_STRING, VT_BSTR},   {L"N", CIM_SINT32, VT_I4},
                 {L"Big", CIM_UINT64, VT_BSTR}, {L"Long", CIM_SINT64, VT_BSTR},
                 {L"B", CIM_BOOLEAN, VT_BOOL},  {L"R", CIM_REFERENCE, VT_BSTR}};
    for (ULONG i = 0; i < 6; i++) {
        wchar_t name[8];
        ULONG size = 8, type = 0;
        VARIANT v;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemPathKeyList_GetKey2(keys, i, 0, &size, name, &v, &type));
        assert_wide(cases[i].name, name);
        assert_int_equal(wcslen(name) + 1, size);
        assert_int_equal(cases[i].type, type);
        assert_int_equal(cases[i].variant, V_VT(&v));
        VariantClear(&v);
    }

    wchar_t text[8];
    ULONG size = 8, type = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey(keys, 0, 0, NULL, NULL, &size, text, &type));
    assert_wide(L"a\"b", text);
    assert_int_equal(4, size);
    int32_t number = 0;
    size = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey(keys, 1, 0, NULL, NULL, &size, NULL, NULL));
    assert_int_equal(sizeof number, size);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey(keys, 1, 0, NULL, NULL, &size, &number, NULL));
    assert_int_equal(-5, number);
    uint64_t big = 0;
    size = 7;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL,
                     IWbemPathKeyList_GetKey(keys, 2, 0, NULL, NULL, &size, &big, NULL));
    assert_int_equal(8, size);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey(keys, 2, 0, NULL, NULL, &size, &big, NULL));
    assert_true(big == UINT64_MAX);
    VARIANT_BOOL yes = VARIANT_FALSE;
    size = sizeof yes;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey(keys, 4, 0, NULL, NULL, &size, &yes, NULL));
    assert_int_equal(VARIANT_TRUE, yes);

    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_GetKey(keys, 6, 0, NULL, NULL, &size, text, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_GetKey(keys, 0, 1, NULL, NULL, &size, text, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_GetKey(keys, 0, 0, NULL, NULL, NULL, text, NULL));
    assert_error_object();
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

/* Both sizes are told in one call, and what is too small of the two is an error. */
static void test_get_key_sizes(void **state)
{
    IWbemPath *path = path_from(L"C.Name=\"value\"");
    IWbemPathKeyList *keys = keys_of(path);
    ULONG name_size = 0, value_size = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetKey(keys, 0, 0, &name_size, NULL,
                                                              &value_size, NULL, NULL));
    assert_int_equal(5, name_size);
    assert_int_equal(6, value_size);
    wchar_t name[5], value[6];
    value_size = 5;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemPathKeyList_GetKey(keys, 0, 0, &name_size, name,
                                                                      &value_size, value, NULL));
    name_size = 4;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemPathKeyList_GetKey(keys, 0, 0, &name_size, name,
                                                                      &value_size, value, NULL));
    VARIANT v;
    name_size = 4;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL,
                     IWbemPathKeyList_GetKey2(keys, 0, 0, &name_size, name, &v, NULL));
    assert_int_equal(VT_EMPTY, V_VT(&v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetKey(keys, 0, 0, &name_size, name,
                                                              &value_size, value, NULL));
    assert_wide(L"Name", name);
    assert_wide(L"value", value);
    IWbemPathKeyList_Release(keys);

    /* A key without a name has an empty one. */
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ALL, L"C=\"x\""));
    keys = keys_of(path);
    name_size = 5;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_GetKey2(keys, 0, 0, &name_size, name, NULL, NULL));
    assert_int_equal(1, name_size);
    assert_wide(L"", name);
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static void test_set_keys_of_each_type(void **state)
{
    const int8_t s8 = -8;
    const uint8_t u8 = 200;
    const int16_t s16 = -1600;
    const uint16_t u16 = 60000;
    const int32_t s32 = -320000;
    const uint32_t u32 = 4000000000U;
    const int64_t s64 = INT64_MIN;
    const uint64_t u64 = UINT64_MAX;
    const VARIANT_BOOL yes = VARIANT_TRUE;
    const struct {
        CIMTYPE type;
        const void *data;
        const wchar_t *text;
    } cases[] = {
        {CIM_SINT8, &s8, L"-8"},
        {CIM_UINT8, &u8, L"200"},
        {CIM_SINT16, &s16, L"-1600"},
        {CIM_UINT16, &u16, L"60000"},
        {CIM_SINT32, &s32, L"-320000"},
        {CIM_UINT32, &u32, L"4000000000"},
        {CIM_SINT64, &s64, L"-9223372036854775808"},
        {CIM_UINT64, &u64, L"18446744073709551615"},
        {CIM_BOOLEAN, &yes, L"TRUE"},
        {CIM_CHAR16, &u16, L"60000"},
        {CIM_STRING, L"a\\b\"c", L"\"a\\\\b\\\"c\""},
        {CIM_DATETIME, L"20240101000000.000000+000", L"\"20240101000000.000000+000\""},
        {CIM_REFERENCE, L"D=1", L"\"D=1\""},
    };
    IWbemPath *path = path_from(L"C");
    IWbemPathKeyList *keys = keys_of(path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wchar_t expected[64], back[64];
        ULONG type = 0, size = sizeof back / sizeof *back;
        assert_int_equal(
            WBEM_S_NO_ERROR,
            IWbemPathKeyList_SetKey(keys, L"K", 0, (ULONG)cases[i].type, (void *)cases[i].data));
        swprintf(expected, 64, L"K=%ls", cases[i].text);
        assert_key_text(keys, WBEMPATH_QUOTEDTEXT, expected);

        /* What comes out goes in again: raw, and as a VARIANT. */
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemPathKeyList_GetKey(keys, 0, 0, NULL, NULL, &size, back, &type));
        assert_int_equal(cases[i].type, type);
        VARIANT v;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemPathKeyList_GetKey2(keys, 0, 0, NULL, NULL, &v, NULL));
        assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, L"K", 0, type, back));
        assert_key_text(keys, WBEMPATH_QUOTEDTEXT, expected);
        if (type != CIM_CHAR16) { /* VT_I2 can't tell U+EA60 from a negative number */
            assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey2(keys, L"K", 0, type, &v));
            assert_key_text(keys, WBEMPATH_QUOTEDTEXT, expected);
        }
        VariantClear(&v);
    }
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static void test_set_key_rules(void **state)
{
    IWbemPath *path = path_from(L"C.A=1,B=2");
    IWbemPathKeyList *keys = keys_of(path);
    int32_t n = 9;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, L"b", 0, CIM_SINT32, &n));
    assert_key_text(keys, 0, L"A=1,b=9"); /* replaced, without regard to case */
    /* Without a name, all others go. */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, NULL, 0, CIM_SINT32, &n));
    assert_text(path, 0, L"C=9");
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"A", 0, CIM_SINT32, &n));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemPathKeyList_SetKey(keys, L"", 0, CIM_STRING, (wchar_t *)L"x"));
    assert_text(path, 0, L"C=\"x\"");
    assert_key_text(keys, WBEMPATH_TEXT, L"x");
    assert_key_text(keys, WBEMPATH_QUOTEDTEXT, L"\"x\"");

    assert_int_equal(WBEM_E_NOT_FOUND, IWbemPathKeyList_RemoveKey(keys, L"A", 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_RemoveKey(keys, NULL, 1));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_RemoveKey(keys, NULL, 0));
    assert_text(path, 0, L"C");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, L"A", 0, CIM_SINT32, &n));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, L"B", 0, CIM_SINT32, &n));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_RemoveKey(keys, L"a", 0));
    assert_text(path, 0, L"C.B=9");
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_RemoveAllKeys(keys, 1));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_RemoveAllKeys(keys, 0));
    assert_text(path, 0, L"C");

    double real = 1;
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"A", 0, CIM_REAL64, &real));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"A", 0, CIM_SINT32 | CIM_FLAG_ARRAY, &n));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"A", 1, CIM_SINT32, &n));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"A", 0, CIM_SINT32, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey(keys, L"a b", 0, CIM_SINT32, &n));
    assert_error_object();
    assert_text(path, 0, L"C");
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static void test_set_key2_conversions(void **state)
{
    IWbemPath *path = path_from(L"C");
    IWbemPathKeyList *keys = keys_of(path);
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = 300;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_UINT16, &v));
    assert_text(path, 0, L"C.K=300");
    assert_int_equal(WBEM_E_TYPE_MISMATCH, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_UINT8, &v));
    assert_int_equal(WBEM_E_TYPE_MISMATCH, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_STRING, &v));
    V_I4(&v) = -1; /* a uint32 comes as VT_I4 */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_UINT32, &v));
    assert_text(path, 0, L"C.K=4294967295");
    assert_int_equal(WBEM_E_TYPE_MISMATCH, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_UINT16, &v));
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"18446744073709551615");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_UINT64, &v));
    assert_text(path, 0, L"C.K=18446744073709551615");
    assert_int_equal(WBEM_E_TYPE_MISMATCH, IWbemPathKeyList_SetKey2(keys, L"K", 0, CIM_SINT64, &v));
    VariantClear(&v);
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey2(keys, NULL, 0, CIM_BOOLEAN, &v));
    assert_text(path, 0, L"C=TRUE");
    V_VT(&v) = VT_NULL;
    assert_int_equal(WBEM_E_TYPE_MISMATCH, IWbemPathKeyList_SetKey2(keys, NULL, 0, CIM_SINT32, &v));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemPathKeyList_SetKey2(keys, NULL, 0, CIM_SINT32, NULL));
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static void test_singleton_and_key_info(void **state)
{
    IWbemPath *path = path_from(L"C.A=1,B=\"D=2\"");
    IWbemPathKeyList *keys = keys_of(path);
    ULONGLONG info = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetInfo(keys, 0, &info));
    assert_int_equal(WBEMPATH_INFO_IS_COMPOUND | WBEMPATH_INFO_HAS_V2_REF_PATHS, info);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_MakeSingleton(keys, TRUE));
    assert_text(path, 0, L"C=@");
    assert_key_text(keys, 0, L"@");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetInfo(keys, 0, &info));
    assert_int_equal(WBEMPATH_INFO_CONTAINS_SINGLETON, info);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_MakeSingleton(keys, FALSE));
    assert_text(path, 0, L"C");
    int32_t n = 1;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_MakeSingleton(keys, TRUE));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_SetKey(keys, NULL, 0, CIM_SINT32, &n));
    assert_text(path, 0, L"C=1"); /* what has keys is no singleton */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPathKeyList_GetInfo(keys, 0, &info));
    assert_int_equal(WBEMPATH_INFO_HAS_IMPLIED_KEY, info);
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_GetInfo(keys, 1, &info));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_GetInfo(keys, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_GetCount(keys, NULL));
    ULONG size = 0;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemPathKeyList_GetText(keys, 4, &size, NULL));
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static void test_identity(void **state)
{
    IWbemPath *path = path_from(L"C");
    IWbemPathKeyList *keys = keys_of(path), *again = keys_of(path);
    IUnknown *unknown = NULL;
    assert_ptr_equal(keys, again);
    assert_int_equal(S_OK, IWbemPath_QueryInterface(path, &IID_IUnknown, (void **)&unknown));
    IUnknown_Release(unknown);
    assert_int_equal(E_NOINTERFACE,
                     IWbemPath_QueryInterface(path, &IID_IWbemPathKeyList, (void **)&unknown));
    assert_null(unknown);
    assert_int_equal(
        S_OK, IWbemPathKeyList_QueryInterface(keys, &IID_IWbemPathKeyList, (void **)&unknown));
    IUnknown_Release(unknown);
    assert_int_equal(E_NOINTERFACE,
                     IWbemPathKeyList_QueryInterface(keys, &IID_IWbemPath, (void **)&unknown));
    IWbemPathKeyList_Release(again);
    IWbemPathKeyList_Release(keys);
    IWbemPath_Release(path);
}

static int start_com(void **state)
{
    return SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get_text_flags),
        cmocka_unit_test(test_texts_in_and_out),
        cmocka_unit_test(test_server_too_reads_back),
        cmocka_unit_test(test_set_text_modes),
        cmocka_unit_test(test_single_identifier),
        cmocka_unit_test(test_buffers),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_build_from_parts),
        cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_names_are_checked),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_get_keys),
        cmocka_unit_test(test_get_key_sizes),
        cmocka_unit_test(test_set_keys_of_each_type),
        cmocka_unit_test(test_set_key_rules),
        cmocka_unit_test(test_set_key2_conversions),
        cmocka_unit_test(test_singleton_and_key_info),
        cmocka_unit_test(test_identity),
    };
    return cmocka_run_group_tests(tests, start_com, NULL);
}
