/* Standard string templates; see template.h. */
#include "subscriptions/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"
#include "providers/linux/launch.h"

enum {
    VALUES_MOST = 256,    /* of one command line */
    FIRST_MARK = 0xF0000, /* stands for the first value while a command line is split: a private
                             character (Unicode 23.5) */
    PATH_DEPTH_MOST = 16
};

/* ---- text in the making -------------------------------------------------------------- */

struct text {
    wchar_t *characters;
    size_t length, capacity;
    HRESULT hr; /* the first failure: what comes after it is lost */
};

static void put_n(struct text *t, const wchar_t *characters, size_t length)
{
    if (FAILED(t->hr)) {
        return;
    }
    if (length > TEMPLATE_MOST - t->length) {
        t->hr = WBEM_E_QUOTA_VIOLATION;
        return;
    }
    if (t->length + length + 1 > t->capacity) {
        size_t capacity = 2 * (t->length + length) + 64;
        wchar_t *grown = realloc(t->characters, capacity * sizeof(*grown));
        if (!grown) {
            t->hr = WBEM_E_OUT_OF_MEMORY;
            return;
        }
        t->characters = grown;
        t->capacity = capacity;
    }
    wmemcpy(t->characters + t->length, characters, length);
    t->length += length;
    t->characters[t->length] = L'\0';
}

static void put(struct text *t, const wchar_t *characters)
{
    put_n(t, characters, wcslen(characters));
}

static HRESULT text_done(struct text *t, wchar_t **ret)
{
    put_n(t, L"", 0);
    if (FAILED(t->hr)) {
        free(t->characters);
        return t->hr;
    }
    *ret = t->characters;
    return WBEM_S_NO_ERROR;
}

/* ---- values ----------------------------------------------------------------------------- */

static void put_path(struct text *t, IWbemClassObject *object, const wchar_t *path, bool quoted,
                     unsigned depth);

static void put_quoted(struct text *t, const wchar_t *text, bool quoted)
{
    put(t, quoted ? L"\"" : L"");
    put(t, text ? text : L"");
    put(t, quoted ? L"\"" : L"");
}

static void put_object(struct text *t, IUnknown *unknown, const wchar_t *rest, bool quoted,
                       unsigned depth)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_bstr) BSTR mof = NULL;
    if (!unknown ||
        FAILED(IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object))) {
        return;
    }
    if (rest) {
        put_path(t, object, rest, quoted, depth + 1);
    } else if (SUCCEEDED(IWbemClassObject_GetObjectText(object, 0, &mof))) {
        put(t, mof);
    }
}

/* VARIANTs hold unsigned integers in signed ones; 64 bits wide, as text. */
static void put_scalar(struct text *t, const VARIANT *v, CIMTYPE type, const wchar_t *rest,
                       bool quoted, unsigned depth)
{
    wchar_t number[64] = L"";
    switch (V_VT(v)) {
    case VT_BSTR:
        put_quoted(t, V_BSTR(v),
                   quoted && (type & ~CIM_FLAG_ARRAY) != CIM_SINT64 &&
                       (type & ~CIM_FLAG_ARRAY) != CIM_UINT64);
        break;
    case VT_BOOL:
        put(t, V_BOOL(v) ? L"TRUE" : L"FALSE");
        break;
    case VT_I4:
        if ((type & ~CIM_FLAG_ARRAY) == CIM_UINT32) {
            swprintf(number, 64, L"%lu", (unsigned long)(uint32_t)V_I4(v));
        } else {
            swprintf(number, 64, L"%ld", (long)V_I4(v));
        }
        break;
    case VT_I2:
        if ((type & ~CIM_FLAG_ARRAY) == CIM_CHAR16) {
            number[0] = (wchar_t)(uint16_t)V_I2(v);
        } else {
            swprintf(number, 64, L"%d", (int)V_I2(v));
        }
        break;
    case VT_UI1:
        swprintf(number, 64, L"%u", (unsigned)V_UI1(v));
        break;
    case VT_R4:
        swprintf(number, 64, L"%.9g", (double)V_R4(v));
        break;
    case VT_R8:
        swprintf(number, 64, L"%.17g", V_R8(v));
        break;
    case VT_UNKNOWN:
        put_object(t, V_UNKNOWN(v), rest, quoted, depth);
        break;
    default: /* VT_NULL */
        break;
    }
    put(t, number);
}

/* "(1,5,10)"; one element without the parentheses. */
static void put_array(struct text *t, const VARIANT *v, CIMTYPE type, const wchar_t *rest,
                      unsigned depth)
{
    LONG first;
    LONG last;
    if (FAILED(SafeArrayGetLBound(V_ARRAY(v), 1, &first)) ||
        FAILED(SafeArrayGetUBound(V_ARRAY(v), 1, &last))) {
        return;
    }
    bool many = first != last;
    put(t, many ? L"(" : L"");
    for (LONG i = first; i <= last && SUCCEEDED(t->hr); i++) {
        CLEANUP(com_cleanup_variant) VARIANT item = {0};
        put(t, i > first ? L"," : L"");
        if (SUCCEEDED(SafeArrayGetElement(V_ARRAY(v), &i, &V_I4(&item)))) {
            V_VT(&item) = V_VT(v) & VT_TYPEMASK;
            put_scalar(t, &item, type, rest, many, depth);
        }
    }
    put(t, many ? L")" : L"");
}

/* The value of a property, whose name may lead through embedded objects. */
static void put_path(struct text *t, IWbemClassObject *object, const wchar_t *path, bool quoted,
                     unsigned depth)
{
    size_t length = wcscspn(path, L".");
    const wchar_t *rest = path[length] ? path + length + 1 : NULL;
    CLEANUP(com_cleanup_free) wchar_t *name = com_wide_copy_n(path, length);
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    CIMTYPE type = CIM_EMPTY;
    if (!name) {
        t->hr = WBEM_E_OUT_OF_MEMORY;
        return;
    }
    if (depth > PATH_DEPTH_MOST || FAILED(IWbemClassObject_Get(object, name, 0, &v, &type, NULL))) {
        return;
    }
    if (V_VT(&v) & VT_ARRAY) {
        put_array(t, &v, type, rest, depth);
    } else if (!rest || V_VT(&v) == VT_UNKNOWN) {
        put_scalar(t, &v, type, rest, quoted, depth);
    }
}

/* ---- templates --------------------------------------------------------------------------- */

/* The values of a command line, kept apart until it has been split. */
struct values {
    wchar_t *texts[VALUES_MOST];
    size_t count;
};

static void values_done(struct values *v)
{
    while (v->count > 0) {
        free(v->texts[--v->count]);
    }
}

static void put_value(struct text *t, IWbemClassObject *event, const wchar_t *name,
                      struct values *apart)
{
    if (!apart) {
        put_path(t, event, name, false, 0);
        return;
    }
    struct text value = {0};
    if (apart->count == VALUES_MOST) {
        t->hr = WBEM_E_QUOTA_VIOLATION;
        return;
    }
    put_path(&value, event, name, false, 0);
    HRESULT hr = text_done(&value, &apart->texts[apart->count]);
    if (FAILED(hr)) {
        t->hr = hr;
        return;
    }
    const wchar_t mark[] = {(wchar_t)(FIRST_MARK + apart->count++), L'\0'};
    put(t, mark);
}

static void put_template(struct text *t, const wchar_t *at, IWbemClassObject *event,
                         struct values *apart)
{
    bool literal = false;
    while (*at && SUCCEEDED(t->hr)) {
        const wchar_t *end = *at == L'%' && !literal ? wcschr(at + 1, L'%') : NULL;
        if (!end) { /* as it is, also a percent sign that has no other */
            literal ^= *at == L'"';
            put_n(t, at++, 1);
            continue;
        }
        if (end == at + 1) {
            put(t, L"%");
        } else {
            CLEANUP(com_cleanup_free)
            wchar_t *name = com_wide_copy_n(at + 1, (size_t)(end - at - 1));
            if (!name) {
                t->hr = WBEM_E_OUT_OF_MEMORY;
                return;
            }
            put_value(t, event, name, apart);
        }
        at = end + 1;
    }
}

HRESULT template_expand(const wchar_t *text, IWbemClassObject *event, wchar_t **ret)
{
    struct text t = {0};
    put_template(&t, text, event, NULL);
    return text_done(&t, ret);
}

/* ---- command lines ----------------------------------------------------------------------------
 */

/* The word with its values in their places. */
static HRESULT fill_word(char **word, const struct values *v, bool is_program)
{
    CLEANUP(com_cleanup_free) wchar_t *marked = com_wide_from_utf8(*word);
    wchar_t *filled = NULL;
    struct text t = {.hr = marked ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY};
    for (const wchar_t *c = marked; c && *c; c++) {
        size_t i = (size_t)*c - FIRST_MARK; /* what is smaller becomes very large */
        if (i >= v->count) {
            put_n(&t, c, 1);
        } else if (is_program) {
            t.hr = WBEM_E_INVALID_PARAMETER;
        } else {
            put(&t, v->texts[i]);
        }
    }
    HRESULT hr = text_done(&t, &filled);
    if (FAILED(hr)) {
        return hr;
    }
    char *utf8 = com_utf8_from_wide(filled);
    free(filled);
    if (!utf8) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    free(*word);
    *word = utf8;
    return WBEM_S_NO_ERROR;
}

HRESULT template_words(const wchar_t *text, IWbemClassObject *event, char ***ret)
{
    struct text t = {0};
    struct values v = {.count = 0};
    CLEANUP(com_cleanup_free) wchar_t *line = NULL;
    put_template(&t, text, event, &v);
    HRESULT hr = text_done(&t, &line);
    CLEANUP(com_cleanup_free) char *utf8 = SUCCEEDED(hr) ? com_utf8_from_wide(line) : NULL;
    char **words = NULL;
    if (SUCCEEDED(hr)) {
        int result = utf8 ? launch_split(utf8, &words) : -ENOMEM;
        hr = result == -EINVAL ? WBEM_E_INVALID_PARAMETER
             : result < 0      ? WBEM_E_OUT_OF_MEMORY
                               : WBEM_S_NO_ERROR;
    }
    for (size_t i = 0; SUCCEEDED(hr) && words[i]; i++) {
        hr = fill_word(&words[i], &v, i == 0);
    }
    values_done(&v);
    if (FAILED(hr)) {
        launch_words_free(words);
        return hr;
    }
    *ret = words;
    return WBEM_S_NO_ERROR;
}
