/*
 * Object paths as XML (DSP0201 "Naming and Location Elements").
 */
#include <wchar.h>

#include "xml/xml_private.h"

static void put_namespaces(struct xml_writer *w, const wchar_t *names)
{
    xml_begin(w, "LOCALNAMESPACEPATH");
    xml_content(w);
    while (*names != L'\0') {
        size_t length = wcscspn(names, L"\\");
        xml_begin(w, "NAMESPACE");
        (void)fputs(" NAME=\"", w->out);
        xml_put_text(w, names, length, true);
        (void)fputs("\"", w->out);
        xml_end_empty(w);
        names += length + (names[length] == L'\\' ? 1 : 0);
    }
    xml_end(w, "LOCALNAMESPACEPATH");
}

static HRESULT put_key_value(struct xml_writer *w, const struct object_path_key *key)
{
    if (key->type == CIM_REFERENCE) {
        return xml_put_reference(w, key->text);
    }
    xml_begin(w, "KEYVALUE");
    xml_attribute_ascii(w, "VALUETYPE",
                        key->type == CIM_STRING    ? "string"
                        : key->type == CIM_BOOLEAN ? "boolean"
                                                   : "numeric");
    (void)fputs(">", w->out);
    xml_put_text(w, key->text, wcslen(key->text), false);
    (void)fputs("</KEYVALUE>", w->out);
    return WBEM_S_NO_ERROR;
}

static HRESULT put_keys(struct xml_writer *w, const struct object_path *path)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < path->key_count; i++) {
        const struct object_path_key *key = &path->keys[i];
        if (key->name == NULL) {
            return put_key_value(w, key);
        }
        xml_begin(w, "KEYBINDING");
        xml_attribute(w, "NAME", key->name);
        xml_content(w);
        hr = put_key_value(w, key);
        xml_end(w, "KEYBINDING");
    }
    return hr;
}

static HRESULT put_name(struct xml_writer *w, const struct object_path *path)
{
    if (!path->is_instance) {
        xml_begin(w, "CLASSNAME");
        xml_attribute(w, "NAME", path->class_name);
        xml_end_empty(w);
        return WBEM_S_NO_ERROR;
    }
    xml_begin(w, "INSTANCENAME");
    xml_attribute(w, "CLASSNAME", path->class_name);
    if (path->key_count == 0) { /* a singleton */
        xml_end_empty(w);
        return WBEM_S_NO_ERROR;
    }
    xml_content(w);
    HRESULT hr = put_keys(w, path);
    xml_end(w, "INSTANCENAME");
    return hr;
}

HRESULT xml_put_path(struct xml_writer *w, const struct object_path *path, LONG level)
{
    if (level <= 1) {
        return put_name(w, path);
    }
    static const char *const names[2][2] = {{"LOCALCLASSPATH", "CLASSPATH"},
                                            {"LOCALINSTANCEPATH", "INSTANCEPATH"}};
    const char *name = names[path->is_instance][level > 2];
    xml_begin(w, name);
    xml_content(w);
    if (level > 2) {
        const wchar_t *server = path->server != NULL ? path->server : L".";
        xml_begin(w, "NAMESPACEPATH");
        xml_content(w);
        xml_begin(w, "HOST");
        (void)fputs(">", w->out);
        xml_put_text(w, server, wcslen(server), false);
        (void)fputs("</HOST>", w->out);
    }
    put_namespaces(w, path->name_space != NULL ? path->name_space : L"");
    if (level > 2) {
        xml_end(w, "NAMESPACEPATH");
    }
    HRESULT hr = put_name(w, path);
    xml_end(w, name);
    return hr;
}

/* Text that is no path to a class or instance can't be taken apart: it stands as a class's name,
 * which reads back as it is. */
HRESULT xml_put_reference(struct xml_writer *w, const wchar_t *text)
{
    struct object_path *path = NULL;
    HRESULT hr = object_path_parse(text, &path, NULL);
    if (hr == WBEM_E_OUT_OF_MEMORY) {
        return hr;
    }
    xml_begin(w, "VALUE.REFERENCE");
    xml_content(w);
    if (FAILED(hr) || path->class_name == NULL) {
        xml_begin(w, "CLASSNAME");
        xml_attribute(w, "NAME", text);
        xml_end_empty(w);
        hr = WBEM_S_NO_ERROR;
    } else {
        LONG level = path->server != NULL ? 3 : path->name_space != NULL ? 2 : 1;
        hr = xml_put_path(w, path, level);
    }
    xml_end(w, "VALUE.REFERENCE");
    object_path_destroy(path);
    return hr;
}
