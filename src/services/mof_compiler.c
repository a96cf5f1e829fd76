/*
 * IMofCompiler (wbemcli/nn-wbemcli-imofcompiler): MOF text into the repository
 * of this machine, all of a file or nothing. One object without state serves
 * everyone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>

#include "services/services_private.h"

#define MOF_SIZE_MAX (64 << 20)
#define FACILITY_MOF 0x80044000u /* the codes WBEMMOF_E_* */

static HRESULT STDMETHODCALLTYPE mof_query_interface(IMofCompiler *iface, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IMofCompiler)) {
        return E_NOINTERFACE;
    }
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE mof_add_ref(IMofCompiler *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE mof_release(IMofCompiler *iface)
{
    return 1;
}

/* What one call is told besides the text. */
struct mof_call {
    const char *operation;
    const wchar_t *place, *user, *authority, *password;
    LONG options, class_flags, instance_flags;
};

static bool is_given(const wchar_t *text)
{
    return text && *text;
}

static HRESULT check(const struct mof_call *c)
{
    if (c->options & ~(WBEM_FLAG_DONT_ADD_TO_LIST | WBEM_FLAG_AUTORECOVER)) {
        return error_raise(WBEM_E_NOT_SUPPORTED, c->operation, "lOptionFlags",
                           "of the options 0x%x only WBEM_FLAG_DONT_ADD_TO_LIST and "
                           "WBEM_FLAG_AUTORECOVER are supported",
                           (unsigned)c->options);
    }
    if (c->class_flags || c->instance_flags) {
        return error_raise(WBEM_E_NOT_SUPPORTED, c->operation,
                           c->class_flags ? "lClassFlags" : "lInstanceFlags",
                           "objects are created or updated; other flags are not supported");
    }
    if (is_given(c->user) || is_given(c->authority) || is_given(c->password)) {
        return error_raise(WBEM_E_LOCAL_CREDENTIALS, c->operation, "User",
                           "MOF is compiled for this machine, as the user of this process");
    }
    return WBEM_S_NO_ERROR;
}

/* The namespace's name of \\.\root\default; other machines have their own compiler. */
static HRESULT local_name(const struct mof_call *c, const wchar_t **ret)
{
    static const wchar_t *const here[] = {L"\\\\.\\", L"//./", L"\\\\localhost\\"};
    const wchar_t *place = is_given(c->place) ? c->place : L"root\\default";
    *ret = place;
    if (place[0] != L'\\' && place[0] != L'/') {
        return WBEM_S_NO_ERROR;
    }
    for (size_t i = 0; i < ARRAYSIZE(here); i++) {
        if (wcsncasecmp(place, here[i], wcslen(here[i])) == 0) {
            *ret = place + wcslen(here[i]);
            return WBEM_S_NO_ERROR;
        }
    }
    return error_raise(WBEM_E_NOT_SUPPORTED, c->operation, "ServerAndNamespace",
                       "MOF is compiled for this machine only");
}

static void tell(HRESULT hr, WBEM_COMPILE_STATUS_INFO *info)
{
    if (!info) {
        return;
    }
    *info = (WBEM_COMPILE_STATUS_INFO){.hRes = hr};
    if (FAILED(hr)) {
        info->lPhaseError = ((uint32_t)hr & 0xfffff000u) == FACILITY_MOF ? 2 : 3;
    }
}

static HRESULT compile(const struct mof_call *c, const char *name, const char *text, size_t size)
{
    const wchar_t *name_space;
    struct repository *r;
    HRESULT hr = check(c);
    if (SUCCEEDED(hr)) {
        hr = local_name(c, &name_space);
    }
    if (SUCCEEDED(hr)) {
        hr = repository_default(&r);
    }
    return SUCCEEDED(hr) ? repository_load_mof(r, name, text, size, name_space) : hr;
}

static HRESULT raise_file(const char *name, int error)
{
    HRESULT hr = error == ENOENT ? HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) : WBEM_E_ACCESS_DENIED;
    return error_raise(hr, "CompileFile", name, "the file can't be read: %s", strerror(error));
}

static HRESULT read_file(const char *name, char **ret, size_t *ret_size)
{
    struct stat st;
    FILE *f = fopen(name, "re");
    if (!f) {
        return raise_file(name, errno);
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    char *text = NULL;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MOF_SIZE_MAX) {
        hr = raise_file(name, EFBIG);
    } else {
        text = malloc((size_t)st.st_size + 1);
        hr = text ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        *ret_size = fread(text, 1, (size_t)st.st_size, f);
        hr = ferror(f) ? raise_file(name, EIO) : hr;
    }
    (void)fclose(f);
    if (FAILED(hr)) {
        free(text);
        return hr;
    }
    *ret = text;
    return hr;
}

static HRESULT STDMETHODCALLTYPE mof_compile_file(IMofCompiler *iface, LPWSTR file, LPWSTR place,
                                                  LPWSTR user, LPWSTR authority, LPWSTR password,
                                                  LONG options, LONG class_flags,
                                                  LONG instance_flags,
                                                  WBEM_COMPILE_STATUS_INFO *info)
{
    const struct mof_call c = {"CompileFile", place,   user,        authority,
                               password,      options, class_flags, instance_flags};
    CLEANUP(com_cleanup_free) char *name = file ? com_utf8_from_wide(file) : NULL;
    CLEANUP(com_cleanup_free) char *text = NULL;
    size_t size = 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!name) {
        hr = error_raise(WBEM_E_INVALID_PARAMETER, c.operation, "FileName",
                         "the parameter must name a file");
    }
    if (SUCCEEDED(hr)) {
        hr = read_file(name, &text, &size);
    }
    if (SUCCEEDED(hr)) {
        hr = compile(&c, name, text, size);
    }
    tell(hr, info);
    return hr;
}

static HRESULT STDMETHODCALLTYPE mof_compile_buffer(IMofCompiler *iface, LONG size, BYTE *buffer,
                                                    LPWSTR place, LPWSTR user, LPWSTR authority,
                                                    LPWSTR password, LONG options, LONG class_flags,
                                                    LONG instance_flags,
                                                    WBEM_COMPILE_STATUS_INFO *info)
{
    const struct mof_call c = {"CompileBuffer", place,   user,        authority,
                               password,        options, class_flags, instance_flags};
    HRESULT hr = buffer && size >= 0 && size <= MOF_SIZE_MAX
                     ? compile(&c, "(buffer)", (const char *)buffer, (size_t)size)
                     : error_raise(WBEM_E_INVALID_PARAMETER, c.operation, "pBuffer",
                                   "there is no buffer of %d bytes", (int)size);
    tell(hr, info);
    return hr;
}

static HRESULT STDMETHODCALLTYPE mof_create_bmof(IMofCompiler *iface, LPWSTR text, LPWSTR binary,
                                                 LPWSTR place, LONG options, LONG class_flags,
                                                 LONG instance_flags,
                                                 WBEM_COMPILE_STATUS_INFO *info)
{
    HRESULT hr = error_raise(WBEM_E_NOT_SUPPORTED, "CreateBMOF", NULL,
                             "binary MOF is neither written nor read");
    tell(hr, info);
    return hr;
}

static const IMofCompilerVtbl mof_vtbl = {mof_query_interface, mof_add_ref,        mof_release,
                                          mof_compile_file,    mof_compile_buffer, mof_create_bmof};

HRESULT mof_compiler_create(IUnknown *outer, REFIID riid, void **ret)
{
    static IMofCompiler compiler = {&mof_vtbl};
    *ret = NULL;
    return outer ? CLASS_E_NOAGGREGATION : mof_query_interface(&compiler, riid, ret);
}
