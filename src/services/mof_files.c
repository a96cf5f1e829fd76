/*
 * wbem_mof_compile(): files of MOF into the repository of this machine, as one
 * change.
 */
#include "services/mof_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wbem.h>

#include "services/access.h"
#include "services/services_private.h"

/* The DMTF's whole schema has 20 MB. */
#define FILE_SIZE_MAX ((size_t)256 << 20)

/* ---- reading -------------------------------------------------------------------- */

static HRESULT raise_file(const char *operation, const char *name, int error)
{
    HRESULT hr = error == ENOENT ? HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) : WBEM_E_ACCESS_DENIED;
    return error_raise(hr, operation, name, "%s can't be read: %s", name, strerror(error));
}

/* To its end, which a pipe does not tell beforehand. */
static int read_all(FILE *f, char **ret, size_t *ret_size)
{
    size_t room = 0, size = 0, got;
    char *text = NULL;
    do {
        if (size == room) {
            char *more =
                room < FILE_SIZE_MAX ? realloc(text, room = room ? room * 2 : 65536) : NULL;
            if (!more) {
                free(text);
                return room < FILE_SIZE_MAX ? ENOMEM : EFBIG;
            }
            text = more;
        }
        got = fread(text + size, 1, room - size, f);
        size += got;
    } while (got > 0);
    if (ferror(f)) {
        int error = errno;
        free(text);
        return error ? error : EIO;
    }
    *ret = text;
    *ret_size = size;
    return 0;
}

HRESULT mof_file_read(const char *name, const char *operation, char **ret, size_t *ret_size)
{
    bool input = strcmp(name, "-") == 0;
    FILE *f = input ? stdin : fopen(name, "re");
    if (!f) {
        return raise_file(operation, name, errno);
    }
    errno = 0;
    int error = read_all(f, ret, ret_size);
    if (!input) {
        (void)fclose(f);
    }
    if (error == ENOMEM) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    return error ? raise_file(operation, input ? "the standard input" : name, error)
                 : WBEM_S_NO_ERROR;
}

/* ---- compiling ------------------------------------------------------------------ */

static void fill_counts(wbem_mof_result *r, const struct mof_counts *counts)
{
    r->files = counts->files;
    r->classes = counts->classes;
    r->instances = counts->instances;
    r->qualifiers = counts->qualifiers;
    r->deleted = counts->deleted;
}

static void fill_error(wbem_mof_result *r, const struct mof_error *e)
{
    memcpy(r->file, e->file, sizeof(r->file));
    memcpy(r->token, e->token, sizeof(r->token));
    memcpy(r->message, e->message, sizeof(r->message));
    memcpy(r->source, e->source, sizeof(r->source));
    r->line = e->line;
    r->column = e->column;
    r->caret = e->caret;
}

static HRESULT tell(void *closure, const char *file, const struct mof_counts *counts)
{
    const wbem_mof_options *o = closure;
    wbem_mof_result so_far = {0};
    fill_counts(&so_far, counts);
    (void)snprintf(so_far.file, sizeof(so_far.file), "%s", file);
    return o->progress(o->closure, &so_far);
}

HRESULT mof_target_repository(const wchar_t *name_space, const char *operation,
                              struct repository **ret)
{
    struct repository_namespace *n;
    HRESULT hr = repository_default(ret);
    if (SUCCEEDED(hr)) {
        hr = repository_open(*ret, name_space, &n);
    }
    if (hr == WBEM_E_INVALID_NAMESPACE) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name_space);
        return error_raise(hr, operation, text, "there is no namespace '%s'", text);
    }
    return SUCCEEDED(hr) ? access_require(n, WBEM_FULL_WRITE_REP, operation) : hr;
}

static const wchar_t *place_of(const wbem_mof_options *o)
{
    return o->name_space ? o->name_space : L"root\\default";
}

static HRESULT compile(struct repository *r, const struct mof_input *inputs, size_t count,
                       const wbem_mof_options *o, wbem_mof_result *ret)
{
    const struct mof_options options = {.class_flags = o->class_flags,
                                        .instance_flags = o->instance_flags,
                                        .folders = o->folders,
                                        .folder_count = o->folder_count,
                                        .progress = o->progress ? tell : NULL,
                                        .closure = (void *)(uintptr_t)o};
    const struct repository_mof m = {
        .inputs = inputs,
        .count = count,
        .name_space = place_of(o),
        .options = &options,
        .check_only = o->check_only != 0,
    };
    struct mof_counts counts = {0};
    struct mof_error e = {0};
    HRESULT hr = repository_compile_mof(r, &m, &counts, &e);
    fill_counts(ret, &counts);
    if (FAILED(hr)) {
        fill_error(ret, &e);
    }
    return hr;
}

WBEM_EXPORT HRESULT wbem_mof_compile(const char *const *files, size_t count,
                                     const wbem_mof_options *options, wbem_mof_result *result)
{
    static const wbem_mof_options none;
    wbem_mof_result unused, *ret = result ? result : &unused;
    const wbem_mof_options *o = options ? options : &none;
    struct repository *r = NULL;
    *ret = (wbem_mof_result){0};
    if (!files && count > 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "wbem_mof_compile", "files",
                           "the parameter must not be NULL");
    }
    struct mof_input *inputs = calloc(count + 1, sizeof(*inputs));
    char **texts = calloc(count + 1, sizeof(*texts));
    HRESULT hr = inputs && texts ? mof_target_repository(place_of(o), "wbem_mof_compile", &r)
                                 : WBEM_E_OUT_OF_MEMORY;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = mof_file_read(files[i], "wbem_mof_compile", &texts[i], &inputs[i].size);
        inputs[i].file = files[i];
        inputs[i].text = texts[i];
    }
    if (SUCCEEDED(hr)) {
        hr = compile(r, inputs, count, o, ret);
    }
    for (size_t i = 0; texts && i < count; i++) {
        free(texts[i]);
    }
    free(texts);
    free(inputs);
    return hr;
}
