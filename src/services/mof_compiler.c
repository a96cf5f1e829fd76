/*
 * IMofCompiler (wbemcli/nn-wbemcli-imofcompiler): MOF text into the repository
 * of this machine, all of a file or nothing. One object without state serves
 * everyone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "services/mof_files.h"
#include "services/services_private.h"

#define BUFFER_SIZE_MAX (256 << 20)
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

/* That there is a list of files to be compiled again when a repository is lost matters to who can
 * lose one; ours is backed up instead, so both of its options change nothing. */
#define OPTIONS                                                                                    \
    (WBEM_FLAG_CHECK_ONLY | WBEM_FLAG_WMI_CHECK | WBEM_FLAG_DONT_ADD_TO_LIST |                     \
     WBEM_FLAG_AUTORECOVER | WBEM_FLAG_CONSOLE_PRINT)
#define OBJECT_FLAGS                                                                               \
    (WBEM_FLAG_CREATE_ONLY | WBEM_FLAG_UPDATE_ONLY | WBEM_FLAG_UPDATE_SAFE_MODE |                  \
     WBEM_FLAG_UPDATE_FORCE_MODE)

static HRESULT check(const struct mof_call *c)
{
    if (c->options & ~OPTIONS) {
        return error_raise(WBEM_E_NOT_SUPPORTED, c->operation, "lOptionFlags",
                           "of the options 0x%x, 0x%x are not supported", (unsigned)c->options,
                           (unsigned)(c->options & ~OPTIONS));
    }
    if ((c->class_flags & ~OBJECT_FLAGS) ||
        (c->instance_flags & ~(WBEM_FLAG_CREATE_ONLY | WBEM_FLAG_UPDATE_ONLY))) {
        return error_raise(WBEM_E_INVALID_PARAMETER, c->operation,
                           c->class_flags & ~OBJECT_FLAGS ? "lClassFlags" : "lInstanceFlags",
                           "unknown flags");
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

/* [wbemcli] WBEM_COMPILE_STATUS_INFO: 1: a file could not be read, 2: the text is not valid, 3: an
 * object was refused. The lines are those of the place at fault. */
static void tell(HRESULT hr, const struct mof_error *e, WBEM_COMPILE_STATUS_INFO *info)
{
    if (!info) {
        return;
    }
    *info = (WBEM_COMPILE_STATUS_INFO){.hRes = hr};
    if (FAILED(hr)) {
        info->lPhaseError = !e->file[0] ? 1 : ((uint32_t)hr & 0xfffff000u) == FACILITY_MOF ? 2 : 3;
        info->ObjectNum = (LONG)e->object;
        info->FirstLine = info->LastLine = (LONG)e->line;
    }
}

static HRESULT compile_here(const struct mof_call *c, const struct mof_input *input,
                            struct mof_error *e)
{
    const struct mof_options options = {.class_flags = c->class_flags,
                                        .instance_flags = c->instance_flags};
    struct repository_mof m = {.inputs = input,
                               .count = 1,
                               .options = &options,
                               .check_only =
                                   c->options & (WBEM_FLAG_CHECK_ONLY | WBEM_FLAG_WMI_CHECK)};
    struct repository *r;
    HRESULT hr = local_name(c, &m.name_space);
    if (SUCCEEDED(hr)) {
        hr = mof_target_repository(m.name_space, c->operation, &r);
    }
    return SUCCEEDED(hr) ? repository_compile_mof(r, &m, NULL, e) : hr;
}

static HRESULT compile(const struct mof_call *c, const char *name, const char *text, size_t size,
                       WBEM_COMPILE_STATUS_INFO *info)
{
    const struct mof_input input = {name, text, size};
    struct mof_error e = {0};
    HRESULT hr = check(c);
    if (SUCCEEDED(hr)) {
        hr = compile_here(c, &input, &e);
    }
    if (FAILED(hr) && e.file[0] && (c->options & WBEM_FLAG_CONSOLE_PRINT)) {
        (void)fprintf(stderr, "%s:%u:%u: %s\n", e.file, e.line, e.column, e.message);
    }
    tell(hr, &e, info);
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
        hr = mof_file_read(name, c.operation, &text, &size);
    }
    if (SUCCEEDED(hr)) {
        return compile(&c, name, text, size, info);
    }
    tell(hr, &(struct mof_error){0}, info);
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
    if (buffer && size >= 0 && size <= BUFFER_SIZE_MAX) {
        return compile(&c, "(buffer)", (const char *)buffer, (size_t)size, info);
    }
    HRESULT hr = error_raise(WBEM_E_INVALID_PARAMETER, c.operation, "pBuffer",
                             "there is no buffer of %d bytes", (int)size);
    tell(hr, &(struct mof_error){0}, info);
    return hr;
}

static HRESULT STDMETHODCALLTYPE mof_create_bmof(IMofCompiler *iface, LPWSTR text, LPWSTR binary,
                                                 LPWSTR place, LONG options, LONG class_flags,
                                                 LONG instance_flags,
                                                 WBEM_COMPILE_STATUS_INFO *info)
{
    HRESULT hr = error_raise(WBEM_E_NOT_SUPPORTED, "CreateBMOF", NULL,
                             "binary MOF is neither written nor read");
    tell(hr, &(struct mof_error){0}, info);
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
