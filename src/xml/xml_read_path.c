/*
 * Object paths from XML (DSP0201 "Naming and Location Elements"), as text.
 */
#include <string.h>
#include <wchar.h>

#include "xml/xml_private.h"

#define MAX_KEYS 256

struct path_reader {
    struct xml_reader *r;
    struct object_path path;
};

static void path_done(struct object_path *p)
{
    for (uint32_t i = 0; i < p->key_count; i++) {
        free(p->keys[i].name);
        free(p->keys[i].text);
    }
    free(p->keys);
    free(p->server);
    free(p->name_space);
    free(p->class_name);
}

static HRESULT read_key_value(struct xml_reader *r, const struct xml_element *holder,
                              struct object_path_key *key)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    const struct xml_element *e = xml_child(holder, "VALUE.REFERENCE");
    HRESULT hr;
    if (e != NULL) {
        key->type = CIM_REFERENCE;
        hr = xml_read_reference(r, e, &text);
    } else {
        e = xml_child(holder, "KEYVALUE");
        if (e == NULL) {
            return xml_fail(r, holder, "the key's value is missing");
        }
        const char *type = xml_get(e, "VALUETYPE");
        key->type = type == NULL || strcmp(type, "string") == 0 ? CIM_STRING
                    : strcmp(type, "boolean") == 0              ? CIM_BOOLEAN
                                                                : CIM_SINT64;
        hr = xml_text_bstr(e, &text);
    }
    if (FAILED(hr)) {
        return hr;
    }
    key->text = com_wide_copy(text);
    return key->text != NULL ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT read_instance_name(struct path_reader *p, const struct xml_element *e)
{
    HRESULT hr = xml_get_wide(p->r, e, "CLASSNAME", &p->path.class_name);
    p->path.is_instance = true;
    if (FAILED(hr)) {
        return hr;
    }
    uint32_t count = 0;
    for (const struct xml_element *i = e->first; i != NULL; i = i->next) {
        count++;
    }
    if (count == 0) {
        p->path.is_singleton = true;
        return WBEM_S_NO_ERROR;
    }
    if (count > MAX_KEYS) {
        return xml_fail(p->r, e, "there are too many keys");
    }
    bool named = xml_is(e->first, "KEYBINDING");
    p->path.keys = calloc(count, sizeof *p->path.keys);
    if (p->path.keys == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (!named) {
        p->path.key_count = 1;
        return read_key_value(p->r, e, &p->path.keys[0]);
    }
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        if (!xml_is(i, "KEYBINDING")) {
            return xml_fail(p->r, i, "only KEYBINDING may stand here");
        }
        struct object_path_key *key = &p->path.keys[p->path.key_count++];
        hr = xml_get_wide(p->r, i, "NAME", &key->name);
        if (SUCCEEDED(hr)) {
            hr = read_key_value(p->r, i, key);
        }
    }
    return hr;
}

/* NAMESPACE elements to names with backslashes between them. */
static HRESULT read_namespaces(struct path_reader *p, const struct xml_element *e)
{
    for (const struct xml_element *i = e->first; i != NULL; i = i->next) {
        CLEANUP(com_cleanup_free) wchar_t *name = NULL;
        HRESULT hr = xml_get_wide(p->r, i, "NAME", &name);
        if (FAILED(hr)) {
            return hr;
        }
        wchar_t *before = p->path.name_space;
        size_t length = before != NULL ? wcslen(before) : 0;
        if (length > 4096) {
            return xml_fail(p->r, i, "the namespace is too long");
        }
        wchar_t *grown = realloc(before, (length + wcslen(name) + 2) * sizeof *grown);
        if (grown == NULL) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        p->path.name_space = grown;
        grown[length] = L'\\';
        wcscpy(grown + length + (length > 0 ? 1 : 0), name);
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT read_parts(struct path_reader *p, const struct xml_element *e)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        if (xml_is(i, "INSTANCENAME") && p->path.class_name == NULL) {
            hr = read_instance_name(p, i);
        } else if (xml_is(i, "CLASSNAME") && p->path.class_name == NULL) {
            hr = xml_get_wide(p->r, i, "NAME", &p->path.class_name);
        } else if (xml_is(i, "LOCALNAMESPACEPATH")) {
            hr = read_namespaces(p, i);
        } else if (xml_is(i, "HOST") && p->path.server == NULL) {
            CLEANUP(com_cleanup_bstr) BSTR host = NULL;
            hr = xml_text_bstr(i, &host);
            p->path.server = SUCCEEDED(hr) ? com_wide_copy(host) : NULL;
            hr = SUCCEEDED(hr) && p->path.server == NULL ? WBEM_E_OUT_OF_MEMORY : hr;
        } else if (strstr(i->name, "PATH") != NULL) {
            hr = read_parts(p, i); /* as deep as the tree */
        } else {
            hr = xml_fail(p->r, i, "this is no part of a path");
        }
    }
    return hr;
}

HRESULT xml_read_reference(struct xml_reader *r, const struct xml_element *e, BSTR *ret)
{
    struct path_reader p = {.r = r};
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    HRESULT hr = read_parts(&p, e);
    if (SUCCEEDED(hr) && p.path.class_name == NULL) {
        hr = xml_fail(r, e, "the path names no class");
    }
    /* A class's name alone may be any text, which is then the reference as it is. */
    bool alone = p.path.name_space == NULL && !p.path.is_instance;
    if (SUCCEEDED(hr)) {
        hr = alone ? WBEM_S_NO_ERROR : object_path_print(&p.path, &text);
    }
    if (SUCCEEDED(hr) && !alone) {
        struct object_path *checked = NULL;
        hr = object_path_parse(text, &checked, NULL);
        object_path_destroy(checked);
        hr = hr == WBEM_E_INVALID_OBJECT_PATH ? xml_fail(r, e, "this is no valid path") : hr;
    }
    if (SUCCEEDED(hr)) {
        hr = com_bstr_from_wide(alone ? p.path.class_name : text, ret);
    }
    path_done(&p.path);
    return hr;
}
