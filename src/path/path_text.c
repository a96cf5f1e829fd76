/*
 * Text of paths: in the making, into a caller's buffer, and whether a piece of
 * it is what it is meant to be.
 */
#include <wchar.h>

#include "path/path_private.h"

static bool reserve(struct path_text *t, size_t more)
{
    if (t->failed) {
        return false;
    }
    if (t->room - t->length > more) {
        return true; /* and there is room for the terminator */
    }
    size_t room = (t->length + more + 1) * 2;
    wchar_t *grown = realloc(t->characters, room * sizeof *grown);
    if (grown == NULL) {
        t->failed = true;
        return false;
    }
    t->characters = grown;
    t->room = room;
    return true;
}

void path_text_put(struct path_text *t, const wchar_t *text)
{
    size_t length = wcslen(text);
    if (reserve(t, length)) {
        wmemcpy(t->characters + t->length, text, length);
        t->length += length;
    }
}

void path_text_put_quoted(struct path_text *t, const wchar_t *text)
{
    if (!reserve(t, wcslen(text) * 2 + 2)) {
        return;
    }
    wchar_t *at = t->characters + t->length;
    *at++ = L'"';
    for (; *text != L'\0'; text++) {
        if (*text == L'"' || *text == L'\\') {
            *at++ = L'\\';
        }
        *at++ = *text;
    }
    *at++ = L'"';
    t->length = (size_t)(at - t->characters);
}

HRESULT path_text_done(struct path_text *t, wchar_t **ret)
{
    if (!reserve(t, 0)) {
        free(t->characters);
        *t = (struct path_text){0};
        return WBEM_E_OUT_OF_MEMORY;
    }
    t->characters[t->length] = L'\0';
    *ret = t->characters;
    *t = (struct path_text){0};
    return WBEM_S_NO_ERROR;
}

HRESULT path_give_text(const char *operation, const wchar_t *text, ULONG *size, wchar_t *buffer)
{
    if (size == NULL) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, NULL,
                           "the size of the buffer must not be NULL");
    }
    size_t needed = wcslen(text) + 1;
    if (needed > UINT32_MAX) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    ULONG room = *size;
    *size = (ULONG)needed;
    if (buffer == NULL) {
        return room == 0 ? WBEM_S_NO_ERROR
                         : error_raise(WBEM_E_INVALID_PARAMETER, operation, NULL,
                                       "the buffer is NULL, its size %u and not 0", room);
    }
    if (room < needed) {
        return error_raise(WBEM_E_BUFFER_TOO_SMALL, operation, NULL,
                           "the text needs room for %zu characters, the buffer has %u", needed,
                           room);
    }
    wmemcpy(buffer, text, needed);
    return WBEM_S_NO_ERROR;
}

/* ---- pieces -------------------------------------------------------------------- */

static const struct {
    const wchar_t *before, *after;
    const char *what;
} parts[] = {
    [PATH_SERVER] = {L"\\\\", L"\\n", "a server's name"},
    [PATH_NAMESPACE] = {L"\\\\s\\", L"", "a namespace's name"},
    [PATH_CLASS] = {L"", L"", "a class's name"},
    [PATH_KEY] = {L"c.", L"=1", "a key's name"},
};

static const wchar_t *parsed_part(const struct object_path *path, enum path_part kind)
{
    switch (kind) {
    case PATH_SERVER:
        return path->server;
    case PATH_NAMESPACE:
        return path->class_name == NULL ? path->name_space : NULL;
    case PATH_CLASS:
        return path->is_instance || path->name_space != NULL ? NULL : path->class_name;
    default:
        return path->key_count == 1 ? path->keys[0].name : NULL;
    }
}

HRESULT path_check_part(const char *operation, const char *parameter, enum path_part kind,
                        const wchar_t *part)
{
    if (part == NULL) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                           "the parameter must not be NULL");
    }
    struct path_text t = {0};
    wchar_t *text;
    path_text_put(&t, parts[kind].before);
    path_text_put(&t, part);
    path_text_put(&t, parts[kind].after);
    HRESULT hr = path_text_done(&t, &text);
    if (FAILED(hr)) {
        return hr;
    }
    struct object_path *path = NULL;
    hr = object_path_parse(text, &path, NULL);
    free(text);
    if (hr == WBEM_E_OUT_OF_MEMORY) {
        return hr;
    }
    const wchar_t *found = path != NULL ? parsed_part(path, kind) : NULL;
    /* A name with a separator in it reads as several. */
    bool same = found != NULL && wcscmp(found, part) == 0 &&
                (kind != PATH_NAMESPACE || wcschr(part, L'\\') == NULL);
    object_path_destroy(path);
    if (!same) {
        CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(part);
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, utf8, "'%s' is not %s",
                           utf8 != NULL ? utf8 : "", parts[kind].what);
    }
    return WBEM_S_NO_ERROR;
}
