/*
 * XML text to a tree of elements, by Expat. What comes in is bounded before it
 * costs anything: no internal DTD (so no entities), so many elements, so deep.
 */
#include <expat.h>
#include <stdarg.h>
#include <string.h>

#include "xml/xml_private.h"

struct parse {
    XML_Parser parser;
    const char *operation;
    struct xml_element *root, *at;
    int depth;
    unsigned long elements;
    HRESULT hr;
};

static void stop(struct parse *p, HRESULT hr, const char *why)
{
    if (FAILED(p->hr)) {
        return;
    }
    p->hr = hr;
    if (why != NULL) {
        (void)error_raise(hr, p->operation, "strText", "line %lu: %s",
                          (unsigned long)XML_GetCurrentLineNumber(p->parser), why);
    }
    (void)XML_StopParser(p->parser, XML_FALSE);
}

/* ---- making ---------------------------------------------------------------------------- */

void xml_element_destroy(struct xml_element *e)
{
    while (e != NULL) {
        struct xml_element *next = e->next;
        xml_element_destroy(e->first); /* as deep as XML_MAX_DEPTH at most */
        for (unsigned i = 0; i < e->attribute_count; i++) {
            free(e->attributes[i].name);
            free(e->attributes[i].value);
        }
        free(e->attributes);
        free(e->name);
        free(e->text);
        free(e);
        e = next;
    }
}

static bool copy_attributes(struct xml_element *e, const char **attributes)
{
    unsigned count = 0;
    while (attributes[2 * (size_t)count] != NULL) {
        count++;
    }
    if (count == 0) {
        return true;
    }
    e->attributes = calloc(count, sizeof *e->attributes);
    if (e->attributes == NULL) {
        return false;
    }
    e->attribute_count = count;
    for (unsigned i = 0; i < count; i++) {
        e->attributes[i].name = strdup(attributes[2 * (size_t)i]);
        e->attributes[i].value = strdup(attributes[2 * (size_t)i + 1]);
        if (e->attributes[i].name == NULL || e->attributes[i].value == NULL) {
            return false;
        }
    }
    return true;
}

static const char *check_limits(const struct parse *p, const char **attributes)
{
    size_t count = 0;
    while (count <= XML_MAX_ATTRIBUTES && attributes[2 * count] != NULL) {
        count++;
    }
    return p->depth >= XML_MAX_DEPTH         ? "elements are nested too deep"
           : p->elements >= XML_MAX_ELEMENTS ? "there are too many elements"
           : count > XML_MAX_ATTRIBUTES      ? "an element has too many attributes"
                                             : NULL;
}

static void XMLCALL on_start(void *data, const char *name, const char **attributes)
{
    struct parse *p = data;
    const char *limit = check_limits(p, attributes);
    if (FAILED(p->hr)) {
        return;
    }
    if (limit != NULL) {
        stop(p, WBEM_E_INVALID_SYNTAX, limit);
        return;
    }
    struct xml_element *e = calloc(1, sizeof *e);
    if (e != NULL) {
        e->name = strdup(name);
        e->line = (unsigned long)XML_GetCurrentLineNumber(p->parser);
    }
    if (e == NULL || e->name == NULL || !copy_attributes(e, attributes)) {
        xml_element_destroy(e);
        stop(p, WBEM_E_OUT_OF_MEMORY, NULL);
        return;
    }
    e->parent = p->at;
    if (p->at == NULL) {
        p->root = e;
    } else if (p->at->last == NULL) {
        p->at->first = p->at->last = e;
    } else {
        p->at->last = p->at->last->next = e;
    }
    p->at = e;
    p->depth++;
    p->elements++;
}

static void XMLCALL on_end(void *data, const char *name)
{
    struct parse *p = data;
    if (SUCCEEDED(p->hr)) {
        p->at = p->at->parent;
        p->depth--;
    }
}

/* Text comes in pieces; the room doubles, so that many small ones cost no more than one. */
static void XMLCALL on_text(void *data, const char *text, int length)
{
    struct parse *p = data;
    struct xml_element *e = p->at;
    if (FAILED(p->hr) || e == NULL) {
        return;
    }
    size_t size = e->text_size, needed = size + (size_t)length + 1;
    bool full = size == 0 || (size & (size + 1)) == 0 || (size ^ needed) > size;
    if (full) {
        size_t room = 64;
        while (room < needed) {
            room *= 2;
        }
        char *grown = realloc(e->text, room);
        if (grown == NULL) {
            stop(p, WBEM_E_OUT_OF_MEMORY, NULL);
            return;
        }
        e->text = grown;
    }
    memcpy(e->text + size, text, (size_t)length);
    e->text_size = size + (size_t)length;
    e->text[e->text_size] = '\0';
}

/* A DOCTYPE that only names its DTD is harmless, since nothing is fetched; one with declarations of
 * its own could declare entities, which CIM has no use for. */
static void XMLCALL on_doctype(void *data, const char *name, const char *system, const char *public,
                               int has_internal_subset)
{
    if (has_internal_subset) {
        stop(data, WBEM_E_INVALID_SYNTAX, "declarations within the document are not accepted");
    }
}

HRESULT xml_parse(const char *operation, const char *utf8, size_t size, struct xml_element **ret)
{
    /* The text is UTF-8 by now, whatever its declaration says. */
    struct parse p = {.operation = operation, .parser = XML_ParserCreate("UTF-8")};
    if (p.parser == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    XML_SetUserData(p.parser, &p);
    XML_SetElementHandler(p.parser, on_start, on_end);
    XML_SetCharacterDataHandler(p.parser, on_text);
    XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
    enum XML_Status status = XML_Parse(p.parser, utf8, (int)size, XML_TRUE);
    if (status != XML_STATUS_OK && SUCCEEDED(p.hr)) {
        enum XML_Error error = XML_GetErrorCode(p.parser);
        if (error == XML_ERROR_NO_MEMORY) {
            p.hr = WBEM_E_OUT_OF_MEMORY;
        } else {
            stop(&p, WBEM_E_INVALID_SYNTAX, XML_ErrorString(error));
        }
    }
    XML_ParserFree(p.parser);
    if (FAILED(p.hr)) {
        xml_element_destroy(p.root);
        return p.hr;
    }
    *ret = p.root;
    return WBEM_S_NO_ERROR;
}

/* ---- looking ------------------------------------------------------------------------------ */

bool xml_is(const struct xml_element *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

const struct xml_element *xml_child(const struct xml_element *e, const char *name)
{
    const struct xml_element *child = e->first;
    while (child != NULL && !xml_is(child, name)) {
        child = child->next;
    }
    return child;
}

const char *xml_get(const struct xml_element *e, const char *name)
{
    for (unsigned i = 0; i < e->attribute_count; i++) {
        if (strcmp(e->attributes[i].name, name) == 0) {
            return e->attributes[i].value;
        }
    }
    return NULL;
}

bool xml_get_flag(const struct xml_element *e, const char *name, bool missing)
{
    const char *value = xml_get(e, name);
    return value == NULL ? missing : strcasecmp(value, "true") == 0;
}

HRESULT xml_fail(struct xml_reader *r, const struct xml_element *e, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_raise(WBEM_E_INVALID_SYNTAX, r->operation, "strText", "line %lu, %.64s: %s",
                       e->line, e->name, text);
}

static int hex_value(wchar_t c)
{
    return c >= L'0' && c <= L'9'   ? (int)(c - L'0')
           : c >= L'a' && c <= L'f' ? (int)(c - L'a') + 10
           : c >= L'A' && c <= L'F' ? (int)(c - L'A') + 10
                                    : -1;
}

/* _xHHHH_ to what it stands for, in place; returns the length. */
static size_t unescape(wchar_t *text, size_t length)
{
    size_t out = 0;
    for (size_t in = 0; in < length; in++, out++) {
        text[out] = text[in];
        if (text[in] != L'_' || length - in < 7 || text[in + 1] != L'x' || text[in + 6] != L'_') {
            continue;
        }
        int value = 0;
        for (size_t i = 2; i < 6 && value >= 0; i++) {
            int digit = hex_value(text[in + i]);
            value = digit < 0 ? -1 : value * 16 + digit;
        }
        if (value >= 0) {
            text[out] = (wchar_t)value;
            in += 6;
        }
    }
    return out;
}

HRESULT xml_get_wide(struct xml_reader *r, const struct xml_element *e, const char *name,
                     wchar_t **ret)
{
    const char *value = xml_get(e, name);
    if (value == NULL) {
        return xml_fail(r, e, "the attribute %s is missing", name);
    }
    *ret = com_wide_from_utf8(value);
    if (*ret == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (*ret)[unescape(*ret, wcslen(*ret))] = L'\0';
    return WBEM_S_NO_ERROR;
}

HRESULT xml_text_bstr(const struct xml_element *e, BSTR *ret)
{
    CLEANUP(com_cleanup_free)
    wchar_t *text = com_wide_from_utf8_n(e->text != NULL ? e->text : "", e->text_size);
    if (text == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    size_t length = unescape(text, wcslen(text));
    *ret = SysAllocStringLen(text, (UINT)length);
    return *ret != NULL ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}
