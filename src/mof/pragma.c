/*
 * Compiler directives (DSP0004 "Compiler Directives"; [WmiSdk] "Preprocessor commands"):
 * namespace, include, classflags, instanceflags, deleteclass, deleteinstance, amendment.
 * Those without meaning here are passed over, as the specification asks.
 */
#include "mof/compiler_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

/* A file of definitions; the DMTF's whole schema has 4 MB. */
#define MAX_FILE_SIZE ((long)256 * 1024 * 1024)

static HRESULT text_parameter(struct mof_compiler *c, const struct mof_pragma *p)
{
    size_t length;
    if (p->parameters == NULL || p->parameters->kind != MOF_VALUE_STRING) {
        return mof_fail(c, p->name, WBEMMOF_E_INVALID_PRAGMA, "expected a string in parentheses");
    }
    return mof_string(c, p->parameters, &length);
}

/* ---- namespace ------------------------------------------------------------------- */

static bool is_local(const wchar_t *server)
{
    return server == NULL || wcscmp(server, L".") == 0 || wcscasecmp(server, L"localhost") == 0;
}

static HRESULT set_namespace(struct mof_compiler *c, const struct mof_pragma *p)
{
    struct object_path *path = NULL;
    HRESULT hr = text_parameter(c, p);
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_path_parse(c->scratch, &path, NULL);
    bool one_name = SUCCEEDED(hr) && path->name_space == NULL; /* "root" reads as a class */
    wchar_t *name = FAILED(hr) ? NULL : one_name ? path->class_name : path->name_space;
    if (name == NULL || path->is_instance || (!one_name && path->class_name != NULL)) {
        hr = mof_fail(c, p->parameters->text, WBEMMOF_E_INVALID_NAMESPACE_SYNTAX,
                      "not the name of a namespace");
    } else if (!is_local(path->server)) {
        hr = mof_fail(c, p->parameters->text, WBEM_E_NOT_SUPPORTED,
                      "a namespace of another machine");
    } else {
        free(c->name_space);
        c->name_space = name;
        *(one_name ? &path->class_name : &path->name_space) = NULL;
    }
    object_path_destroy(path);
    if (SUCCEEDED(hr) && c->target->make_namespace != NULL) {
        hr = c->target->make_namespace(c->target->closure, c->name_space);
        if (FAILED(hr)) {
            hr = mof_fail_call(c, p->parameters->text, hr, "the namespace can't be made");
        }
    }
    return hr;
}

/* ---- include ------------------------------------------------------------------------ */

/* The name that the directive gives, below a folder whose name has `folder` bytes, in UTF-8;
 * malloc()ed. */
static char *file_name(const struct mof_compiler *c, const char *base, size_t folder)
{
    bool separate = folder > 0 && base[folder - 1] != '/';
    size_t room = folder + separate + wcslen(c->scratch) * 4 + 1;
    char *name = malloc(room);
    if (name == NULL) {
        return NULL;
    }
    if (c->scratch[0] == L'/') {
        folder = 0;
        separate = false;
    }
    if (folder > 0) {
        memcpy(name, base, folder);
    }
    if (separate) {
        name[folder++] = '/';
    }
    char *out = name + folder;
    for (const wchar_t *w = c->scratch; *w != L'\0'; w++) {
        uint32_t u = *w == L'\\' ? '/' : (uint32_t)*w; /* files written for Windows */
        if (u < 0x80) {
            *out++ = (char)u;
        } else if (u < 0x800) {
            *out++ = (char)(0xc0 | u >> 6);
            *out++ = (char)(0x80 | (u & 0x3f));
        } else if (u < 0x10000) {
            *out++ = (char)(0xe0 | u >> 12);
            *out++ = (char)(0x80 | (u >> 6 & 0x3f));
            *out++ = (char)(0x80 | (u & 0x3f));
        } else {
            *out++ = (char)(0xf0 | u >> 18);
            *out++ = (char)(0x80 | (u >> 12 & 0x3f));
            *out++ = (char)(0x80 | (u >> 6 & 0x3f));
            *out++ = (char)(0x80 | (u & 0x3f));
        }
    }
    *out = '\0';
    return name;
}

static char *read_file(const char *name, size_t *ret_size)
{
    FILE *file = fopen(name, "rbe");
    if (file == NULL) {
        return NULL;
    }
    char *text = NULL;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size >= 0 && size <= MAX_FILE_SIZE && fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
    }
    if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        text = NULL;
    }
    *ret_size = text == NULL ? 0 : (size_t)size;
    (void)fclose(file);
    return text;
}

/* Beside the file that includes it, or else in one of the folders. Its name, malloc()ed. */
static char *find_file(const struct mof_compiler *c, char **ret_text, size_t *ret_size)
{
    const char *slash = strrchr(c->source->file, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - c->source->file) + 1;
    char *name = file_name(c, c->source->file, folder);
    *ret_text = name == NULL ? NULL : read_file(name, ret_size);
    for (size_t i = 0; *ret_text == NULL && i < c->options->folder_count; i++) {
        free(name);
        name = file_name(c, c->options->folders[i], strlen(c->options->folders[i]));
        *ret_text = name == NULL ? NULL : read_file(name, ret_size);
    }
    return name;
}

static HRESULT include_file(struct mof_compiler *c, const struct mof_pragma *p)
{
    HRESULT hr = text_parameter(c, p);
    if (FAILED(hr)) {
        return hr;
    }
    if (c->include_depth >= MOF_MAX_INCLUDES) {
        return mof_fail(c, p->parameters->text, WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE,
                        "files include each other more than %d deep", MOF_MAX_INCLUDES);
    }
    size_t size = 0;
    char *text;
    char *name = find_file(c, &text, &size);
    if (text == NULL) {
        free(name);
        return mof_fail(c, p->parameters->text, WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE,
                        "the file can't be read");
    }

    struct mof_source *source = c->source;
    ULONG object = c->object;
    c->include_depth++;
    hr = mof_compile_text(c, name, text, text, size);
    c->include_depth--;
    c->source = source;
    c->object = object;
    free(name);
    return hr;
}

/* ---- flags ---------------------------------------------------------------------------- */

static const struct {
    const wchar_t *word;
    LONG flag;
} flag_words[] = {
    {L"createonly", WBEM_FLAG_CREATE_ONLY},
    {L"updateonly", WBEM_FLAG_UPDATE_ONLY},
    {L"safeupdate", WBEM_FLAG_UPDATE_SAFE_MODE},
    {L"forceupdate", WBEM_FLAG_UPDATE_FORCE_MODE},
};

static HRESULT flag_of(struct mof_compiler *c, const struct mof_value *value, LONG *ret)
{
    size_t length;
    if (value->kind == MOF_VALUE_INTEGER && !value->integer.negative &&
        value->integer.magnitude <=
            (WBEM_FLAG_CREATE_ONLY | WBEM_FLAG_UPDATE_ONLY | WBEM_MASK_UPDATE_MODE)) {
        *ret = (LONG)value->integer.magnitude;
        return WBEM_S_NO_ERROR;
    }
    if (value->kind == MOF_VALUE_STRING) {
        HRESULT hr = mof_string(c, value, &length);
        if (FAILED(hr)) {
            return hr;
        }
        for (size_t i = 0; i < sizeof flag_words / sizeof flag_words[0]; i++) {
            if (wcscasecmp(c->scratch, flag_words[i].word) == 0) {
                *ret = flag_words[i].flag;
                return WBEM_S_NO_ERROR;
            }
        }
    }
    return mof_fail(c, value->text, WBEMMOF_E_INVALID_FLAGS_SYNTAX,
                    "the flags are createonly, updateonly, safeupdate and forceupdate");
}

static HRESULT set_flags(struct mof_compiler *c, const struct mof_pragma *p, LONG *ret)
{
    LONG flags = 0;
    if (p->parameters == NULL) {
        return mof_fail(c, p->name, WBEMMOF_E_INVALID_FLAGS_SYNTAX, "expected flags");
    }
    for (const struct mof_value *i = p->parameters; i != NULL; i = i->next) {
        LONG flag = 0;
        HRESULT hr = flag_of(c, i, &flag);
        if (FAILED(hr)) {
            return hr;
        }
        flags |= flag;
    }
    *ret = flags;
    return WBEM_S_NO_ERROR;
}

/* ---- deleteclass, deleteinstance --------------------------------------------------------- */

typedef HRESULT delete_function(void *closure, const wchar_t *name_space, const wchar_t *what);

/* ("name", fail) or ("name", nofail): whether it matters that there is none. */
static HRESULT delete_object(struct mof_compiler *c, const struct mof_pragma *p,
                             delete_function *erase, HRESULT syntax)
{
    const struct mof_value *mode = p->parameters == NULL ? NULL : p->parameters->next;
    bool must_exist = mode != NULL && mof_slice_is(mode->text, "fail");
    if (mode == NULL || (!must_exist && !mof_slice_is(mode->text, "nofail"))) {
        return mof_fail(c, p->name, syntax, "expected a name in quotes, and fail or nofail");
    }
    HRESULT hr = text_parameter(c, p);
    if (FAILED(hr)) {
        return hr;
    }
    if (erase == NULL) {
        return mof_fail(c, p->name, WBEM_E_NOT_SUPPORTED, "nothing can be deleted here");
    }
    hr = erase(c->target->closure, c->name_space, c->scratch);
    if (hr == WBEM_E_NOT_FOUND && !must_exist) {
        return WBEM_S_NO_ERROR;
    }
    c->counts.deleted += SUCCEEDED(hr);
    return FAILED(hr) ? mof_fail_call(c, p->parameters->text, hr, "can't be deleted") : hr;
}

/* ---- amendment --------------------------------------------------------------------------- */

/* ("MS_409"): what is amended of the classes after it goes into the namespace of that locale too.
 */
static HRESULT set_amendment(struct mof_compiler *c, const struct mof_pragma *p)
{
    HRESULT hr = text_parameter(c, p);
    if (FAILED(hr)) {
        return hr;
    }
    bool valid = wcsncasecmp(c->scratch, L"MS_", 3) == 0 && c->scratch[3] != L'\0' &&
                 wcslen(c->scratch) <= 7;
    for (const wchar_t *w = c->scratch + 3; valid && *w != L'\0'; w++) {
        valid = wcschr(L"0123456789abcdefABCDEF", *w) != NULL;
    }
    if (!valid) {
        return mof_fail(c, p->parameters->text, WBEMMOF_E_INVALID_AMENDMENT_SYNTAX,
                        "expected a locale such as MS_409");
    }
    free(c->locale);
    c->locale = wcsdup(c->scratch);
    return c->locale == NULL
               ? mof_fail(c, p->parameters->text, WBEM_E_OUT_OF_MEMORY, "out of memory")
               : WBEM_S_NO_ERROR;
}

HRESULT mof_compile_pragma(struct mof_compiler *c, const struct mof_pragma *p)
{
    if (mof_slice_is(p->name, "namespace")) {
        return set_namespace(c, p);
    }
    if (mof_slice_is(p->name, "include")) {
        return include_file(c, p);
    }
    if (mof_slice_is(p->name, "classflags")) {
        return set_flags(c, p, &c->class_flags);
    }
    if (mof_slice_is(p->name, "instanceflags")) {
        return set_flags(c, p, &c->instance_flags);
    }
    if (mof_slice_is(p->name, "deleteclass")) {
        return delete_object(c, p, c->target->delete_class, WBEMMOF_E_INVALID_DELETECLASS_SYNTAX);
    }
    if (mof_slice_is(p->name, "deleteinstance")) {
        return delete_object(c, p, c->target->delete_instance,
                             WBEMMOF_E_INVALID_DELETEINSTANCE_SYNTAX);
    }
    if (mof_slice_is(p->name, "amendment")) {
        return set_amendment(c, p);
    }
    /* locale, autorecover and what other compilers know: by DSP0004 unknown directives are
     * ignored. */
    return WBEM_S_NO_ERROR;
}
