/*
 * IMofCompiler and wbem_mof_compile() through the public headers: what they do,
 * what they leave undone, and what they say of mistakes.
 */
#include "local.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

static IWbemServices *services; /* root\\cimv2 */
static IMofCompiler *compiler;
static WCHAR place[] = L"\\\\.\\root\\cimv2";

static HRESULT compile(const char *text, LONG options, LONG class_flags,
                       WBEM_COMPILE_STATUS_INFO *info)
{
    return IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)(uintptr_t)text, place,
                                      NULL, NULL, NULL, options, class_flags, 0, info);
}

static bool is_there(const wchar_t *path)
{
    IWbemClassObject *object = NULL;
    BSTR text = SysAllocString(path);
    HRESULT hr = IWbemServices_GetObject(services, text, 0, NULL, &object, NULL);
    SysFreeString(text);
    if (object) {
        IWbemClassObject_Release(object);
    }
    return SUCCEEDED(hr);
}

static void test_buffer(void **state)
{
    WBEM_COMPILE_STATUS_INFO info = {.ObjectNum = 77};
    assert_int_equal(
        WBEM_S_NO_ERROR,
        compile("class MofA { [key] string Id; }; instance of MofA { Id = \"x\"; };", 0, 0, &info));
    assert_int_equal(0, info.lPhaseError);
    assert_int_equal(0, info.ObjectNum);
    assert_int_equal(WBEM_S_NO_ERROR, info.hRes);
    assert_true(is_there(L"MofA.Id=\"x\""));
}

static void test_nothing_or_all(void **state)
{
    WBEM_COMPILE_STATUS_INFO info;
    assert_int_equal(WBEM_E_INVALID_CLASS, compile("class MofB { [key] string Id; };\n"
                                                   "instance of MofB { Id = \"x\"; };\n"
                                                   "instance of MofNowhere { Id = \"y\"; };\n",
                                                   0, 0, &info));
    assert_int_equal(3, info.lPhaseError);
    assert_int_equal(3, info.ObjectNum);
    assert_int_equal(3, info.FirstLine);
    assert_int_equal(3, info.LastLine);
    assert_non_null(strstr(local_error(), "line 3"));
    assert_false(is_there(L"MofB"));

    assert_int_equal(
        WBEMMOF_E_EXPECTED_SEMI,
        compile("class MofB { [key] string Id; };\nclass MofC { }\nclass MofD { };", 0, 0, &info));
    assert_int_equal(2, info.lPhaseError);
    assert_int_equal(3, info.FirstLine);
    assert_false(is_there(L"MofB"));
}

static void test_flags(void **state)
{
    static const char text[] = "class MofE { [key] string Id; };";
    assert_int_equal(WBEM_S_NO_ERROR, compile(text, WBEM_FLAG_CHECK_ONLY, 0, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, compile(text, WBEM_FLAG_WMI_CHECK, 0, NULL));
    assert_false(is_there(L"MofE"));
    assert_int_equal(WBEM_E_NOT_FOUND, compile(text, 0, WBEM_FLAG_UPDATE_ONLY, NULL));
    assert_int_equal(WBEM_S_NO_ERROR,
                     compile(text, WBEM_FLAG_AUTORECOVER | WBEM_FLAG_DONT_ADD_TO_LIST,
                             WBEM_FLAG_CREATE_ONLY, NULL));
    assert_true(is_there(L"MofE"));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, compile(text, 0, WBEM_FLAG_CREATE_ONLY, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, compile(text, 0, 0x1000, NULL));
    assert_int_equal(WBEM_E_NOT_SUPPORTED, compile(text, WBEM_FLAG_SPLIT_FILES, 0, NULL));
}

static void test_arguments(void **state)
{
    WBEM_COMPILE_STATUS_INFO info;
    WCHAR user[] = L"user", other[] = L"\\\\elsewhere\\root\\cimv2", wrong[] = L"root\\nowhere";
    WCHAR missing[] = L"/nonexistent/file.mof";
    static char text[] = "class MofF { [key] string Id; };";
    assert_int_equal(
        WBEM_E_INVALID_PARAMETER,
        IMofCompiler_CompileBuffer(compiler, 5, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(
        WBEM_E_INVALID_PARAMETER,
        IMofCompiler_CompileFile(compiler, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(
        HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND),
        IMofCompiler_CompileFile(compiler, missing, NULL, NULL, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(1, info.lPhaseError);
    assert_non_null(strstr(local_error(), "/nonexistent/file.mof"));
    assert_int_equal(WBEM_E_LOCAL_CREDENTIALS,
                     IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)text, place,
                                                user, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(WBEM_E_NOT_SUPPORTED,
                     IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)text, other,
                                                NULL, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(WBEM_E_INVALID_NAMESPACE,
                     IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)text, wrong,
                                                NULL, NULL, NULL, 0, 0, 0, &info));
    assert_int_equal(WBEM_E_NOT_SUPPORTED,
                     IMofCompiler_CreateBMOF(compiler, missing, missing, NULL, 0, 0, 0, &info));
}

static HRESULT count_calls(void *closure, const wbem_mof_result *so_far)
{
    assert_true(so_far->classes > 0 && so_far->file[0]);
    ++*(int *)closure;
    return WBEM_S_NO_ERROR;
}

static void test_files(void **state)
{
    char first[] = "/tmp/wbem-mof-XXXXXX", second[] = "/tmp/wbem-mof-XXXXXX";
    const char *const files[] = {first, second};
    wbem_mof_result result;
    int calls = 0;
    wbem_mof_options options = {
        .name_space = L"root\\cimv2", .progress = count_calls, .closure = &calls};
    FILE *f = fdopen(mkstemp(first), "w");
    for (int i = 0; i < 200; i++) {
        fprintf(f, "class MofMany%d { [key] string Id; };\n", i);
    }
    fclose(f);
    f = fdopen(mkstemp(second), "w");
    fputs("instance of MofMany7 { Id = \"x\"; };\ninstance of MofMany7 { Ix = \"x\"; };\n", f);
    fclose(f);
    assert_true(FAILED(wbem_mof_compile(files, 2, &options, &result)));
    assert_string_equal(second, result.file);
    assert_int_equal(2, result.line);
    assert_int_equal(200, result.classes);
    assert_int_equal(1, result.instances);
    assert_string_equal("instance of MofMany7 { Ix = \"x\"; };", result.source);
    assert_true(calls > 0);
    assert_false(is_there(L"MofMany7"));

    assert_int_equal(WBEM_S_NO_ERROR, wbem_mof_compile(files, 1, &options, &result));
    assert_int_equal(1, result.files);
    assert_true(is_there(L"MofMany199"));
    assert_int_equal(WBEM_S_NO_ERROR, wbem_mof_compile(NULL, 0, NULL, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, wbem_mof_compile(NULL, 1, NULL, NULL));
    unlink(first);
    unlink(second);
}

static int set_up(void **state)
{
    services = local_services();
    return FAILED(CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                   &IID_IMofCompiler, (void **)&compiler));
}

static int tear_down(void **state)
{
    IMofCompiler_Release(compiler);
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer), cmocka_unit_test(test_nothing_or_all),
        cmocka_unit_test(test_flags),  cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
