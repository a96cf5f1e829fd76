/*
 * Trees to objects: the compiler's state, the walk over a file's productions,
 * and how mistakes are reported.
 */
#include "mof/compiler_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- errors ---------------------------------------------------------------- */

static bool is_in(const struct mof_source *source, struct mof_slice at)
{
    return at.start != NULL && at.start >= source->text && at.start <= source->text + source->size;
}

static void name_file(struct mof_error *error, const char *file)
{
    (void)snprintf(error->file, sizeof error->file, "%s", file);
}

HRESULT mof_fail(struct mof_compiler *c, struct mof_slice at, HRESULT status, const char *format,
                 ...)
{
    va_list arguments;
    const struct mof_source *source = c->source;
    at = is_in(source, at)         ? at
         : is_in(source, c->place) ? c->place
                                   : (struct mof_slice){source->text, 0};
    name_file(c->error, source->file);
    c->error->object = c->object;
    va_start(arguments, format);
    mof_error_at_v(c->error, source->text, source->size, at.start, status, format, arguments);
    va_end(arguments);
    return status;
}

static const char *reason_of(HRESULT hr)
{
    static const struct {
        HRESULT hr;
        const char *reason;
    } reasons[] = {
        {WBEM_E_NOT_FOUND, "not found"},
        {WBEM_E_OUT_OF_MEMORY, "out of memory"},
        {WBEM_E_ALREADY_EXISTS, "it exists already"},
        {WBEM_E_NOT_SUPPORTED, "not supported"},
        {WBEM_E_INVALID_NAMESPACE, "the namespace does not exist"},
        {WBEM_E_TYPE_MISMATCH, "the types differ"},
        {WBEM_E_PROPAGATED_PROPERTY, "the superclass has it with another type"},
        {WBEM_E_OVERRIDE_NOT_ALLOWED, "the inherited one can't be overridden"},
        {WBEM_E_ILLEGAL_NULL, "a value must not be NULL"},
        {WBEM_E_INVALID_PARAMETER, "the name or value is not allowed"},
        {WBEM_E_INVALID_PROPERTY_TYPE, "the type is not allowed here"},
        {WBEM_E_INVALID_QUALIFIER, "the qualifier is not allowed here"},
        {WBEM_E_CANNOT_BE_ABSTRACT, "the class can't be abstract"},
        {WBEM_E_READ_ONLY, "it can't be changed"},
        {WBEM_E_ACCESS_DENIED, "access is denied"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].hr == hr) {
            return reasons[i].reason;
        }
    }
    return NULL;
}

HRESULT mof_fail_call(struct mof_compiler *c, struct mof_slice at, HRESULT hr, const char *doing)
{
    const char *reason = reason_of(hr);
    return reason == NULL ? mof_fail(c, at, hr, "%s (0x%08x)", doing, (unsigned)hr)
                          : mof_fail(c, at, hr, "%s: %s", doing, reason);
}

/* ---- sources ------------------------------------------------------------------ */

static void source_destroy(struct mof_source *source)
{
    mof_tree_destroy(source->tree);
    free(source->owned_text);
    free(source->file);
    free(source);
}

static HRESULT out_of_memory(struct mof_compiler *c, const char *file)
{
    name_file(c->error, file);
    c->error->status = WBEM_E_OUT_OF_MEMORY;
    (void)snprintf(c->error->message, sizeof c->error->message, "out of memory");
    return WBEM_E_OUT_OF_MEMORY;
}

static HRESULT know_qualifier(struct mof_compiler *c, const struct mof_declaration *declaration)
{
    struct mof_known_qualifier *known = malloc(sizeof *known);
    if (known == NULL) {
        return mof_fail(c, declaration->name, WBEM_E_OUT_OF_MEMORY, "out of memory");
    }
    known->next = c->qualifiers;
    known->declaration = declaration;
    c->qualifiers = known;
    return WBEM_S_NO_ERROR;
}

/* Every so many classes and instances. */
#define PROGRESS_EVERY 64u

static HRESULT tell_progress(struct mof_compiler *c)
{
    if (!c->options->progress || (c->counts.classes + c->counts.instances) % PROGRESS_EVERY != 0) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = c->options->progress(c->options->closure, c->source->file, &c->counts);
    return FAILED(hr) ? mof_fail(c, c->place, hr, "the compilation was ended") : hr;
}

static HRESULT compile_production(struct mof_compiler *c, const struct mof_production *p)
{
    HRESULT hr;
    switch (p->kind) {
    case MOF_PRODUCTION_CLASS:
        c->object++;
        c->place = p->cls.name;
        hr = mof_compile_class(c, &p->cls);
        c->counts.classes += SUCCEEDED(hr);
        return SUCCEEDED(hr) ? tell_progress(c) : hr;
    case MOF_PRODUCTION_INSTANCE:
        c->object++;
        c->place = p->instance.class_name;
        hr = mof_compile_instance(c, p);
        c->counts.instances += SUCCEEDED(hr);
        return SUCCEEDED(hr) ? tell_progress(c) : hr;
    case MOF_PRODUCTION_DECLARATION:
        c->counts.qualifiers++;
        return know_qualifier(c, &p->declaration);
    case MOF_PRODUCTION_PRAGMA:
        return mof_compile_pragma(c, &p->pragma);
    }
    return WBEM_E_CRITICAL_ERROR;
}

HRESULT mof_compile_source(struct mof_compiler *c, struct mof_source *source)
{
    c->source = source;
    c->object = 0;
    HRESULT hr = mof_register_aliases(c, source);
    for (const struct mof_production *p = source->tree->first; SUCCEEDED(hr) && p != NULL;
         p = p->next) {
        hr = compile_production(c, p);
    }
    return hr;
}

HRESULT mof_compile_text(struct mof_compiler *c, const char *file, char *owned_text,
                         const char *text, size_t size)
{
    struct mof_source *source = calloc(1, sizeof *source);
    char *name = strdup(file);
    if (source == NULL || name == NULL) {
        free(source);
        free(name);
        free(owned_text);
        return out_of_memory(c, file);
    }
    source->file = name;
    source->owned_text = owned_text;
    source->next = c->sources;
    c->sources = source;
    c->counts.files++;

    char *converted;
    if (FAILED(mof_to_utf8(text, size, &converted, &size))) {
        return out_of_memory(c, file);
    }
    if (converted != NULL) {
        free(source->owned_text);
        text = source->owned_text = converted;
    }
    size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    source->text = text + mark;
    source->size = size - mark;
    HRESULT hr = mof_parse(source->text, source->size, &source->tree, c->error);
    if (FAILED(hr)) {
        name_file(c->error, file);
        return hr;
    }
    return mof_compile_source(c, source);
}

/* ---- the entry -------------------------------------------------------------------- */

static void compiler_done(struct mof_compiler *c)
{
    while (c->aliases != NULL) {
        struct mof_alias *next = c->aliases->next;
        mof_alias_destroy(c->aliases);
        c->aliases = next;
    }
    while (c->qualifiers != NULL) {
        struct mof_known_qualifier *next = c->qualifiers->next;
        free(c->qualifiers);
        c->qualifiers = next;
    }
    while (c->sources != NULL) {
        struct mof_source *next = c->sources->next;
        source_destroy(c->sources);
        c->sources = next;
    }
    free(c->name_space);
    free(c->locale);
    free(c->scratch);
}

/* One of the files: in the namespace, without what the one before left set. */
static HRESULT compile_input(struct mof_compiler *c, const struct mof_input *input,
                             const wchar_t *name_space)
{
    free(c->name_space);
    free(c->locale);
    c->locale = NULL;
    c->class_flags = c->options->class_flags;
    c->instance_flags = c->options->instance_flags;
    c->name_space = wcsdup(name_space);
    return c->name_space == NULL ? out_of_memory(c, input->file)
                                 : mof_compile_text(c, input->file, NULL, input->text, input->size);
}

HRESULT mof_compile_all(const struct mof_input *inputs, size_t count, const wchar_t *name_space,
                        const struct mof_options *options, const struct mof_target *target,
                        struct mof_counts *ret_counts, struct mof_error *ret_error)
{
    static const struct mof_options none;
    struct mof_error error = {0};
    struct mof_compiler c = {
        .target = target, .options = options == NULL ? &none : options, .error = &error};
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = compile_input(&c, &inputs[i], name_space);
    }
    if (ret_counts != NULL) {
        *ret_counts = c.counts;
    }
    compiler_done(&c);
    if (FAILED(hr) && ret_error != NULL) {
        *ret_error = error;
    }
    return hr;
}

HRESULT mof_compile(const char *file, const char *text, size_t size, const wchar_t *name_space,
                    const struct mof_target *target, struct mof_error *ret_error)
{
    const struct mof_input input = {file, text, size};
    return mof_compile_all(&input, 1, name_space, NULL, target, NULL, ret_error);
}
