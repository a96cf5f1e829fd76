/*
 * Parameters of a call from the command line: name=value, converted to the
 * parameter's type. An array is name={a,b}, name=["a","b"] or name=a name=b;
 * an embedded object is name={"Property": value}.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "call.h"

/* ---- one value from text ------------------------------------------------------------- */

static bool parse_signed(const char *text, long long least, long long most, long long *ret)
{
    char *end;
    errno = 0;
    *ret = strtoll(text, &end, 0);
    return !errno && end != text && !*end && *ret >= least && *ret <= most;
}

static bool parse_unsigned(const char *text, unsigned long long most, unsigned long long *ret)
{
    char *end;
    errno = 0;
    *ret = strtoull(text, &end, 0);
    return !errno && end != text && !*end && !strchr(text, '-') && *ret <= most;
}

static bool parse_boolean(const char *text, bool *ret)
{
    static const char *const yes[] = {"true", "yes", "on", "1"};
    static const char *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
            *ret = strcasecmp(text, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool put_text(VARIANT *v, const char *text)
{
    V_BSTR(v) = bstr_from_utf8(text);
    V_VT(v) = V_BSTR(v) ? VT_BSTR : VT_EMPTY;
    return V_BSTR(v);
}

static bool put_decimal(VARIANT *v, bool negative, unsigned long long magnitude)
{
    char text[32];
    snprintf(text, sizeof(text), "%s%llu", negative ? "-" : "", magnitude);
    return put_text(v, text);
}

/* As WMI holds CIM types in variants: 64 bits as text, unsigned 32 bits in a signed field. */
static bool signed_value(const char *text, CIMTYPE type, VARIANT *ret)
{
    long long least = type == CIM_SINT8    ? INT8_MIN
                      : type == CIM_SINT16 ? INT16_MIN
                      : type == CIM_SINT32 ? INT32_MIN
                                           : INT64_MIN;
    long long v;
    if (!parse_signed(text, least, -(least + 1), &v)) {
        return false;
    }
    if (type == CIM_SINT64) {
        return put_decimal(ret, v < 0, v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v);
    }
    V_VT(ret) = type == CIM_SINT32 ? VT_I4 : VT_I2;
    if (type == CIM_SINT32) {
        V_I4(ret) = (LONG)v;
    } else {
        V_I2(ret) = (SHORT)v;
    }
    return true;
}

static bool unsigned_value(const char *text, CIMTYPE type, VARIANT *ret)
{
    unsigned long long most = type == CIM_UINT8    ? UINT8_MAX
                              : type == CIM_UINT16 ? UINT16_MAX
                              : type == CIM_UINT32 ? UINT32_MAX
                                                   : UINT64_MAX;
    unsigned long long v;
    if (!parse_unsigned(text, most, &v)) {
        return false;
    }
    if (type == CIM_UINT64) {
        return put_decimal(ret, false, v);
    }
    V_VT(ret) = type == CIM_UINT8 ? VT_UI1 : VT_I4;
    if (type == CIM_UINT8) {
        V_UI1(ret) = (BYTE)v;
    } else {
        V_I4(ret) = (LONG)(int32_t)(uint32_t)v;
    }
    return true;
}

static bool real_value(const char *text, CIMTYPE type, VARIANT *ret)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || isnan(v)) {
        return false;
    }
    V_VT(ret) = type == CIM_REAL32 ? VT_R4 : VT_R8;
    if (type == CIM_REAL32) {
        V_R4(ret) = (float)v;
    } else {
        V_R8(ret) = v;
    }
    return true;
}

/* False: the text is no such value. */
static bool scalar_value(const char *text, CIMTYPE type, VARIANT *ret)
{
    bool truth;
    unsigned long long code;
    switch (type) {
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_SINT32:
    case CIM_SINT64:
        return signed_value(text, type, ret);
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        return unsigned_value(text, type, ret);
    case CIM_REAL32:
    case CIM_REAL64:
        return real_value(text, type, ret);
    case CIM_BOOLEAN:
        if (!parse_boolean(text, &truth)) {
            return false;
        }
        V_VT(ret) = VT_BOOL;
        V_BOOL(ret) = truth ? VARIANT_TRUE : VARIANT_FALSE;
        return true;
    case CIM_CHAR16:
        if (!parse_unsigned(text, UINT16_MAX, &code)) {
            return false;
        }
        V_VT(ret) = VT_I2;
        V_I2(ret) = (SHORT)(uint16_t)code;
        return true;
    case CIM_STRING:
    case CIM_DATETIME:
    case CIM_REFERENCE:
        return put_text(ret, text);
    default:
        return false;
    }
}

/* ---- values from JSON ------------------------------------------------------------------------ */

/* Where a value goes: a parameter of a method or a property of an embedded object. */
struct target {
    IWbemServices *services;
    IWbemClassObject *cls; /* the signature or class that declares it */
    BSTR name;
    CIMTYPE type; /* without CIM_FLAG_ARRAY for an element */
};

static bool json_value(const struct target *t, const json_t *json, VARIANT *ret);

/* The class that "object:Class" names, or NULL after saying so. */
static IWbemClassObject *embedded_class(const struct target *t)
{
    IWbemQualifierSet *set = NULL;
    IWbemClassObject *cls = NULL;
    (void)IWbemClassObject_GetPropertyQualifierSet(t->cls, t->name, &set);
    char *type = qualifier_text(set, L"CIMTYPE");
    if (set) {
        IWbemQualifierSet_Release(set);
    }
    BSTR name = type && strncasecmp(type, "object:", 7) == 0 ? bstr_from_utf8(type + 7) : NULL;
    if (!name) {
        fputs("wbem: the class does not say what object this is to be\n", stderr);
    } else {
        HRESULT hr = IWbemServices_GetObject(t->services, name, 0, NULL, &cls, NULL);
        if (FAILED(hr)) {
            fail("get the class of the object", hr);
        }
    }
    SysFreeString(name);
    free(type);
    return cls;
}

static bool put_property(const struct target *outer, IWbemClassObject *cls,
                         IWbemClassObject *object, const char *name, const json_t *json)
{
    struct target t = {.services = outer->services, .cls = cls, .name = bstr_from_utf8(name)};
    VARIANT v;
    VariantInit(&v);
    bool ok = t.name && SUCCEEDED(IWbemClassObject_Get(cls, t.name, 0, NULL, &t.type, NULL));
    if (!ok) {
        fprintf(stderr, "wbem: the object has no property '%s'\n", name);
    } else {
        ok = json_value(&t, json, &v);
        if (!ok) {
            fprintf(stderr, "wbem: the value of the object's property '%s' does not fit\n", name);
        }
    }
    if (ok && V_VT(&v) != VT_NULL) {
        ok = SUCCEEDED(IWbemClassObject_Put(object, t.name, 0, &v, 0));
    }
    VariantClear(&v);
    SysFreeString(t.name);
    return ok;
}

static bool object_value(const struct target *t, const json_t *json, VARIANT *ret)
{
    IWbemClassObject *object = NULL;
    IWbemClassObject *cls = json_is_object(json) ? embedded_class(t) : NULL;
    bool ok = cls && SUCCEEDED(IWbemClassObject_SpawnInstance(cls, 0, &object));
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value)
    {
        ok = ok && put_property(t, cls, object, name, value);
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    if (ok) {
        V_VT(ret) = VT_UNKNOWN;
        V_UNKNOWN(ret) = (IUnknown *)object;
    } else if (object) {
        IWbemClassObject_Release(object);
    }
    return ok;
}

static bool json_scalar(const struct target *t, const json_t *json, VARIANT *ret)
{
    if (t->type == CIM_OBJECT) {
        return object_value(t, json, ret);
    }
    if (json_is_string(json)) {
        return scalar_value(json_string_value(json), t->type, ret);
    }
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    bool ok = text && (json_is_number(json) || json_is_boolean(json)) && t->type != CIM_STRING &&
              scalar_value(text, t->type, ret);
    free(text);
    return ok;
}

/* ---- arrays -------------------------------------------------------------------------- */

/* Values on their way into a SAFEARRAY. */
struct list {
    VARIANT *items;
    size_t count;
};

static void list_done(struct list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        VariantClear(&l->items[i]);
    }
    free(l->items);
    *l = (struct list){0};
}

/* Takes the value, also on failure. */
static bool list_add(struct list *l, VARIANT *v)
{
    VARIANT *items = realloc(l->items, (l->count + 1) * sizeof(*items));
    if (!items) {
        VariantClear(v);
        return false;
    }
    l->items = items;
    l->items[l->count++] = *v;
    return true;
}

static VARTYPE element_type(CIMTYPE type)
{
    switch (type) {
    case CIM_UINT8:
        return VT_UI1;
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_CHAR16:
        return VT_I2;
    case CIM_UINT16:
    case CIM_SINT32:
    case CIM_UINT32:
        return VT_I4;
    case CIM_REAL32:
        return VT_R4;
    case CIM_REAL64:
        return VT_R8;
    case CIM_BOOLEAN:
        return VT_BOOL;
    case CIM_OBJECT:
        return VT_UNKNOWN;
    default:
        return VT_BSTR;
    }
}

static bool list_to_array(const struct list *l, CIMTYPE type, VARIANT *ret)
{
    VARTYPE element = element_type(type);
    SAFEARRAY *array = SafeArrayCreateVector(element, 0, (ULONG)l->count);
    bool ok = array;
    for (LONG i = 0; ok && i < (LONG)l->count; i++) {
        VARIANT *v = &l->items[i];
        void *value =
            element == VT_BSTR || element == VT_UNKNOWN ? (void *)V_BSTR(v) : (void *)&V_UI1(v);
        ok = SUCCEEDED(SafeArrayPutElement(array, &i, value));
    }
    if (!ok) {
        SafeArrayDestroy(array);
        return false;
    }
    V_VT(ret) = (VARTYPE)(VT_ARRAY | element);
    V_ARRAY(ret) = array;
    return true;
}

static bool add_json(const struct target *t, const json_t *json, struct list *l)
{
    struct target element = *t;
    size_t i;
    json_t *item;
    element.type &= ~CIM_FLAG_ARRAY;
    json_array_foreach((json_t *)json, i, item)
    {
        VARIANT v;
        VariantInit(&v);
        if (!json_scalar(&element, item, &v) || !list_add(l, &v)) {
            return false;
        }
    }
    return true;
}

static bool json_value(const struct target *t, const json_t *json, VARIANT *ret)
{
    if (json_is_null(json)) {
        V_VT(ret) = VT_NULL;
        return true;
    }
    if (!(t->type & CIM_FLAG_ARRAY)) {
        return json_scalar(t, json, ret);
    }
    struct list l = {0};
    bool ok = json_is_array(json) && add_json(t, json, &l) &&
              list_to_array(&l, t->type & ~CIM_FLAG_ARRAY, ret);
    list_done(&l);
    return ok;
}

/* One element of {a, "b, c", d}: to its comma or brace, in quotes if it has some. NULL: malformed.
 */
static const char *take_element(const char *at, char *out)
{
    at += strspn(at, " \t");
    if (*at == '"') {
        for (at++; *at && *at != '"'; at++) {
            at += *at == '\\' && at[1];
            *out++ = *at;
        }
        *out = '\0';
        if (!*at) {
            return NULL;
        }
        at++;
        return at + strspn(at, " \t");
    }
    size_t size = strcspn(at, ",}");
    const char *end = at + size;
    while (size > 0 && strchr(" \t", at[size - 1])) {
        size--;
    }
    memcpy(out, at, size);
    out[size] = '\0';
    return end;
}

/* {a,b}: the text after the brace. */
static bool add_braces(const char *at, CIMTYPE type, struct list *l)
{
    char *element = malloc(strlen(at) + 1);
    bool ok = element;
    if (ok && at[strspn(at, " \t")] == '}') { /* an empty array */
        free(element);
        return at[strspn(at, " \t") + 1] == '\0';
    }
    while (ok) {
        VARIANT v;
        VariantInit(&v);
        at = take_element(at, element);
        ok = at && (*at == ',' || *at == '}') && scalar_value(element, type, &v) && list_add(l, &v);
        if (!ok || *at++ == '}') {
            break;
        }
    }
    free(element);
    return ok && *at == '\0';
}

/* ---- parameters ---------------------------------------------------------------------- */

/* JSON that was meant as such and is none is told with its place. */
static json_t *load_json(const char *name, const char *text)
{
    json_error_t e;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!json) {
        fprintf(stderr, "wbem: %s: character %d: %s\n", name, e.column, e.text);
    }
    return json;
}

static bool add_to_array(const struct target *t, const char *name, const char *text, struct list *l)
{
    CIMTYPE type = t->type & ~CIM_FLAG_ARRAY;
    VARIANT v;
    if (text[0] == '[') {
        json_t *json = load_json(name, text);
        bool ok = json_is_array(json) && add_json(t, json, l);
        json_decref(json);
        return ok;
    }
    if (type == CIM_OBJECT) {
        struct target element = *t;
        element.type = type;
        VariantInit(&v);
        json_t *json = load_json(name, text);
        bool ok = json && object_value(&element, json, &v) && list_add(l, &v);
        json_decref(json);
        return ok;
    }
    if (text[0] == '{') {
        return add_braces(text + 1, type, l);
    }
    VariantInit(&v);
    return scalar_value(text, type, &v) && list_add(l, &v);
}

static bool single_value(const struct target *t, const char *name, const char *text, VARIANT *ret)
{
    if (t->type != CIM_OBJECT) {
        return scalar_value(text, t->type, ret);
    }
    json_t *json = load_json(name, text);
    bool ok = json && object_value(t, json, ret);
    json_decref(json);
    return ok;
}

/* "name=value" has this name, in any case. */
static bool is_named(const char *text, const char *name, size_t size)
{
    return strncasecmp(text, name, size) == 0 && text[size] == '=';
}

/* The value of one parameter from all texts that name it: several make an array. */
static bool value_of(const struct target *t, const char *name, char *const *texts, int count,
                     VARIANT *ret)
{
    size_t size = strlen(name);
    bool is_array = t->type & CIM_FLAG_ARRAY, ok = true;
    struct list l = {0};
    int seen = 0;
    for (int i = 0; ok && i < count; i++) {
        if (is_named(texts[i], name, size)) {
            const char *text = texts[i] + size + 1;
            ok = is_array ? add_to_array(t, name, text, &l)
                          : seen == 0 && single_value(t, name, text, ret);
            seen++;
        }
    }
    if (ok && is_array) {
        ok = list_to_array(&l, t->type & ~CIM_FLAG_ARRAY, ret);
    }
    list_done(&l);
    return ok;
}

static const char *next_parameter(void *closure)
{
    static char name[128];
    BSTR wide = NULL;
    if (IWbemClassObject_Next((IWbemClassObject *)closure, 0, &wide, NULL, NULL, NULL) !=
        WBEM_S_NO_ERROR) {
        return NULL;
    }
    char *text = utf8_from_wide(wide, SysStringLen(wide));
    snprintf(name, sizeof(name), "%s", text ? text : "");
    free(text);
    SysFreeString(wide);
    return name;
}

static int no_such_parameter(const struct method *m, const char *name)
{
    char *method = utf8_from_wide(m->name, SysStringLen(m->name));
    fprintf(stderr, "wbem: %s has no parameter '%s'", method ? method : "the method", name);
    if (!m->in) {
        fputs("; it takes none", stderr);
    } else if (SUCCEEDED(IWbemClassObject_BeginEnumeration(m->in, WBEM_FLAG_NONSYSTEM_ONLY))) {
        const char *near = nearest_name(name, next_parameter, m->in);
        if (near[0]) {
            fprintf(stderr, "; is it %s?", near);
        }
        IWbemClassObject_EndEnumeration(m->in);
    }
    fputs("\n", stderr);
    free(method);
    return EXIT_USAGE;
}

static int no_such_value(const struct method *m, const struct target *t, const char *text)
{
    IWbemQualifierSet *set = NULL;
    (void)IWbemClassObject_GetPropertyQualifierSet(m->in, t->name, &set);
    char *type = qualifier_text(set, L"CIMTYPE");
    fprintf(stderr, "wbem: %s: not a value of type %s%s\n", text, type ? type : "?",
            t->type & CIM_FLAG_ARRAY ? "[]" : "");
    free(type);
    if (set) {
        IWbemQualifierSet_Release(set);
    }
    return EXIT_USAGE;
}

/* All that the texts say of the parameter of that name. */
static int put_named(struct target *t, const struct method *m, const char *name, char *const *texts,
                     int count, IWbemClassObject *in)
{
    VARIANT v;
    if (!m->in || wcsncmp(t->name, L"__", 2) == 0 ||
        FAILED(IWbemClassObject_Get(m->in, t->name, 0, NULL, &t->type, NULL))) {
        return no_such_parameter(m, name);
    }
    VariantInit(&v);
    if (!value_of(t, name, texts, count, &v)) {
        VariantClear(&v);
        return no_such_value(m, t, texts[0]);
    }
    HRESULT hr = IWbemClassObject_Put(in, t->name, 0, &v, 0);
    VariantClear(&v);
    if (hr == WBEM_E_TYPE_MISMATCH) { /* such as a text that is no datetime */
        (void)SetErrorInfo(0, NULL);
        return no_such_value(m, t, texts[0]);
    }
    return FAILED(hr) ? fail("set the parameter", hr) : EXIT_OK;
}

/* Puts the parameter that texts[at] names, unless an earlier text named it too and it is there. */
static int put_parameter(IWbemServices *services, const struct method *m, char *const *texts,
                         int count, int at, IWbemClassObject *in)
{
    size_t size = strcspn(texts[at], "=");
    if (!texts[at][size] || size == 0) {
        fprintf(stderr, "wbem: '%s' is not of the form NAME=VALUE\n", texts[at]);
        return EXIT_USAGE;
    }
    for (int i = 0; i < at; i++) {
        if (strncasecmp(texts[i], texts[at], size + 1) == 0) {
            return EXIT_OK;
        }
    }
    char *name = strndup(texts[at], size);
    struct target t = {
        .services = services, .cls = m->in, .name = name ? bstr_from_utf8(name) : NULL};
    int code = t.name ? put_named(&t, m, name, texts + at, count - at, in)
                      : fail("set the parameter", WBEM_E_OUT_OF_MEMORY);
    SysFreeString(t.name);
    free(name);
    return code;
}

int parameters_build(IWbemServices *services, const struct method *m, char *const *texts, int count,
                     IWbemClassObject **ret)
{
    IWbemClassObject *in = NULL;
    HRESULT hr = m->in ? IWbemClassObject_SpawnInstance(m->in, 0, &in) : WBEM_S_NO_ERROR;
    int code = FAILED(hr) ? fail("make the parameters", hr) : EXIT_OK;
    for (int i = 0; i < count && code == EXIT_OK; i++) {
        code = put_parameter(services, m, texts, count, i, in);
    }
    if (code != EXIT_OK && in) {
        IWbemClassObject_Release(in);
        in = NULL;
    }
    *ret = in;
    return code;
}
