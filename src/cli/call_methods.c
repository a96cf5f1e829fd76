/* The methods of a class: finding one, listing all, what a return value means. */
#include <stdlib.h>
#include <string.h>

#include "call.h"

static char *bstr_text(BSTR s)
{
    return utf8_from_wide(s, SysStringLen(s));
}

static bool has_qualifier(IWbemQualifierSet *set, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    bool is = set && SUCCEEDED(IWbemQualifierSet_Get(set, name, 0, &v, NULL)) &&
              V_VT(&v) == VT_BOOL && V_BOOL(&v);
    VariantClear(&v);
    return is;
}

/* ---- near names ---------------------------------------------------------------------- */

enum {
    LONGEST_NAME = 128
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Letters to insert, delete or replace to make one of the other, in any case. */
static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST_NAME + 1];
    size_t length = strlen(b);
    if (strlen(a) > LONGEST_NAME || length > LONGEST_NAME) {
        return LONGEST_NAME;
    }
    for (size_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t replaced = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < other ? replaced : other;
        }
    }
    return row[length];
}

const char *nearest_name(const char *wrong, const char *(*next)(void *closure), void *closure)
{
    static char nearest[LONGEST_NAME + 1];
    size_t least = strlen(wrong) / 3 + 2; /* farther ones are another name */
    nearest[0] = '\0';
    for (const char *name; (name = next(closure));) {
        size_t d = distance(wrong, name);
        if (d < least) {
            least = d;
            snprintf(nearest, sizeof(nearest), "%s", name);
        }
    }
    return nearest;
}

/* ---- finding ------------------------------------------------------------------------- */

/* Gives the methods' names one after another. */
static const char *next_method(void *closure)
{
    static char name[LONGEST_NAME + 1];
    BSTR wide = NULL;
    if (IWbemClassObject_NextMethod((IWbemClassObject *)closure, 0, &wide, NULL, NULL) !=
        WBEM_S_NO_ERROR) {
        return NULL;
    }
    char *text = bstr_text(wide);
    snprintf(name, sizeof(name), "%s", text ? text : "");
    free(text);
    SysFreeString(wide);
    return name;
}

static char *class_name(IWbemClassObject *cls)
{
    VARIANT v;
    VariantInit(&v);
    char *name = NULL;
    if (SUCCEEDED(IWbemClassObject_Get(cls, L"__CLASS", 0, &v, NULL, NULL))) {
        name = value_text(&v, CIM_STRING);
    }
    VariantClear(&v);
    return name;
}

static int no_such_method(IWbemClassObject *cls, const char *name)
{
    const char *near = "";
    if (SUCCEEDED(IWbemClassObject_BeginMethodEnumeration(cls, 0))) {
        near = nearest_name(name, next_method, cls);
        IWbemClassObject_EndMethodEnumeration(cls);
    }
    char *of = class_name(cls);
    fprintf(stderr, "wbem: %s has no method '%s'", of ? of : "the class", name);
    if (near[0]) {
        fprintf(stderr, "; is it %s?", near);
    }
    fputs("\n", stderr);
    fprintf(stderr, "wbem: wbem call %s lists its methods\n", of ? of : "CLASS");
    free(of);
    return EXIT_NOT_FOUND;
}

int method_find(IWbemClassObject *cls, const char *name, struct method *ret)
{
    *ret = (struct method){.name = bstr_from_utf8(name)};
    HRESULT hr = ret->name ? IWbemClassObject_GetMethod(cls, ret->name, 0, &ret->in, &ret->out)
                           : WBEM_E_OUT_OF_MEMORY;
    if (hr == WBEM_E_NOT_FOUND) {
        method_done(ret);
        return no_such_method(cls, name);
    }
    if (FAILED(hr)) {
        method_done(ret);
        return fail("look up the method", hr);
    }
    IWbemClassObject_GetMethodQualifierSet(cls, ret->name, &ret->qualifiers);
    IWbemClassObject_AddRef(cls);
    ret->cls = cls;
    return EXIT_OK;
}

void method_done(struct method *m)
{
    IUnknown *const held[] = {(IUnknown *)m->cls, (IUnknown *)m->in, (IUnknown *)m->out,
                              (IUnknown *)m->qualifiers};
    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        if (held[i]) {
            IUnknown_Release(held[i]);
        }
    }
    SysFreeString(m->name);
    *m = (struct method){0};
}

/* ---- what a value means -------------------------------------------------------------- */

/* Element i of a qualifier that is an array of strings; malloc'd, NULL when there is none. */
static char *element(const VARIANT *v, LONG i)
{
    BSTR item = NULL;
    char *text = NULL;
    if (V_VT(v) == (VT_ARRAY | VT_BSTR) && SUCCEEDED(SafeArrayGetElement(V_ARRAY(v), &i, &item)) &&
        item) {
        text = bstr_text(item);
    }
    SysFreeString(item);
    return text;
}

/* Where the value stands in ValueMap; without one Values begins with 0. */
static LONG index_of(const VARIANT *map, long value)
{
    char wanted[32];
    snprintf(wanted, sizeof(wanted), "%ld", value);
    if (V_VT(map) != (VT_ARRAY | VT_BSTR)) {
        return (LONG)value;
    }
    char *text;
    for (LONG i = 0; (text = element(map, i)); i++) {
        bool same = strcmp(text, wanted) == 0;
        free(text);
        if (same) {
            return i;
        }
    }
    return -1;
}

char *method_meaning(const struct method *m, long value)
{
    VARIANT map, values;
    char *text = NULL;
    VariantInit(&map);
    VariantInit(&values);
    if (m->qualifiers &&
        SUCCEEDED(IWbemQualifierSet_Get(m->qualifiers, L"Values", 0, &values, NULL))) {
        (void)IWbemQualifierSet_Get(m->qualifiers, L"ValueMap", 0, &map, NULL);
        LONG i = index_of(&map, value);
        text = i >= 0 ? element(&values, i) : NULL;
    }
    VariantClear(&map);
    VariantClear(&values);
    return text;
}

/* ---- listing ------------------------------------------------------------------------- */

/* One parameter as it is declared: "in uint32 Reason". "object:Class" is the class alone. */
static void put_parameter(IWbemClassObject *signature, BSTR name, CIMTYPE type, const char *way,
                          bool first)
{
    IWbemQualifierSet *set = NULL;
    (void)IWbemClassObject_GetPropertyQualifierSet(signature, name, &set);
    char *type_text = qualifier_text(set, L"CIMTYPE");
    const char *shown = type_text ? type_text : "?";
    char *utf8 = bstr_text(name);
    if (strncmp(shown, "object:", 7) == 0) {
        shown += 7;
    }
    printf("%s%s%s%s %s%s", first ? "" : ", ", way, way[0] ? " " : "", shown, utf8 ? utf8 : "?",
           type & CIM_FLAG_ARRAY ? "[]" : "");
    free(utf8);
    free(type_text);
    if (set) {
        IWbemQualifierSet_Release(set);
    }
}

static bool is_return_value(BSTR name)
{
    return wcscasecmp(name, L"ReturnValue") == 0;
}

static bool is_in(IWbemClassObject *in, BSTR name)
{
    return in && SUCCEEDED(IWbemClassObject_Get(in, name, 0, NULL, NULL, NULL));
}

/* The parameters of one signature; those that are in and out stand with the first. */
static void put_parameters(IWbemClassObject *signature, IWbemClassObject *in, IWbemClassObject *out,
                           bool *first)
{
    BSTR name = NULL;
    CIMTYPE type;
    if (!signature ||
        FAILED(IWbemClassObject_BeginEnumeration(signature, WBEM_FLAG_NONSYSTEM_ONLY))) {
        return;
    }
    while (IWbemClassObject_Next(signature, 0, &name, NULL, &type, NULL) == WBEM_S_NO_ERROR) {
        bool taken = is_in(in, name), given = is_in(out, name);
        if (!is_return_value(name) && !(signature == out && taken)) {
            put_parameter(signature, name, type,
                          taken && given ? "in out"
                          : taken        ? "in"
                                         : "out",
                          *first);
            *first = false;
        }
        SysFreeString(name);
    }
    IWbemClassObject_EndEnumeration(signature);
}

static void put_return_type(IWbemClassObject *out)
{
    IWbemQualifierSet *set = NULL;
    char *type = NULL;
    if (out && SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(out, L"ReturnValue", &set))) {
        type = qualifier_text(set, L"CIMTYPE");
        IWbemQualifierSet_Release(set);
    }
    printf("%s ", type ? type : "void");
    free(type);
}

static void put_method(IWbemClassObject *cls, BSTR name, IWbemClassObject *in,
                       IWbemClassObject *out)
{
    IWbemQualifierSet *set = NULL;
    bool first = true;
    char *utf8 = bstr_text(name);
    (void)IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
    char *description = qualifier_text(set, L"Description");
    printf("  %s", has_qualifier(set, L"Static") ? "static " : "");
    put_return_type(out);
    printf("%s(", utf8 ? utf8 : "?");
    put_parameters(in, in, out, &first);
    put_parameters(out, in, out, &first);
    puts(")");
    fputs("      ", stdout);
    put_visible(stdout, description ? description : "");
    puts(has_qualifier(set, L"Implemented") ? "" : " (not implemented)");
    free(description);
    free(utf8);
    if (set) {
        IWbemQualifierSet_Release(set);
    }
}

void methods_list(IWbemClassObject *cls)
{
    BSTR name = NULL;
    IWbemClassObject *in = NULL, *out = NULL;
    bool any = false;
    char *of = class_name(cls);
    if (FAILED(IWbemClassObject_BeginMethodEnumeration(cls, 0))) {
        free(of);
        return;
    }
    puts(of ? of : "?");
    while (IWbemClassObject_NextMethod(cls, 0, &name, &in, &out) == WBEM_S_NO_ERROR) {
        put_method(cls, name, in, out);
        any = true;
        SysFreeString(name);
        if (in) {
            IWbemClassObject_Release(in);
        }
        if (out) {
            IWbemClassObject_Release(out);
        }
    }
    IWbemClassObject_EndMethodEnumeration(cls);
    if (!any) {
        puts("  no methods");
    }
    free(of);
}
