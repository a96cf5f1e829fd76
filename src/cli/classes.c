/* wbem classes and wbem class: what the namespace can answer. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum {
    BATCH = 64, /* classes fetched at a time */
};

/* A string property as UTF-8, malloc'd; NULL when null. */
static char *string_property(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    char *text = NULL;
    VariantInit(&v);
    if (SUCCEEDED(IWbemClassObject_Get(object, name, 0, &v, NULL, NULL)) && V_VT(&v) == VT_BSTR) {
        text = utf8_from_wide(V_BSTR(&v), SysStringLen(V_BSTR(&v)));
    }
    VariantClear(&v);
    return text;
}

char *qualifier_text(IWbemQualifierSet *set, const wchar_t *name)
{
    VARIANT v;
    char *text = NULL;
    VariantInit(&v);
    if (set && SUCCEEDED(IWbemQualifierSet_Get(set, name, 0, &v, NULL))) {
        text = value_text(&v, CIM_STRING);
    }
    VariantClear(&v);
    return text;
}

static char *class_qualifier(IWbemClassObject *cls, const wchar_t *name)
{
    IWbemQualifierSet *set = NULL;
    if (FAILED(IWbemClassObject_GetQualifierSet(cls, &set))) {
        return NULL;
    }
    char *text = qualifier_text(set, name);
    IWbemQualifierSet_Release(set);
    return text;
}

/* ---- wbem classes -------------------------------------------------------------- */

struct class_line {
    char *name;
    char *summary;
};

static int compare_lines(const void *a, const void *b)
{
    return strcasecmp(((const struct class_line *)a)->name, ((const struct class_line *)b)->name);
}

struct class_lines {
    struct class_line *lines;
    size_t count;
};

static void lines_done(struct class_lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->lines[i].name);
        free(l->lines[i].summary);
    }
    free(l->lines);
}

static bool lines_add(struct class_lines *l, IWbemClassObject *cls, const char *pattern)
{
    char *name = string_property(cls, L"__CLASS");
    if (!name || (pattern && !matches_pattern(pattern, name))) {
        free(name);
        return true;
    }
    struct class_line *lines = realloc(l->lines, (l->count + 1) * sizeof(*lines));
    if (!lines) {
        free(name);
        return false;
    }
    l->lines = lines;
    l->lines[l->count++] =
        (struct class_line){.name = name, .summary = class_qualifier(cls, L"Description")};
    return true;
}

static HRESULT collect(IEnumWbemClassObject *e, const char *pattern, struct class_lines *ret)
{
    for (;;) {
        IWbemClassObject *classes[BATCH];
        ULONG got = 0;
        HRESULT hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, BATCH, classes, &got);
        bool fine = true;
        for (ULONG i = 0; i < got; i++) {
            fine = fine && lines_add(ret, classes[i], pattern);
            IWbemClassObject_Release(classes[i]);
        }
        if (FAILED(hr) || hr == WBEM_S_FALSE || !fine) {
            return fine ? hr : WBEM_E_OUT_OF_MEMORY;
        }
    }
}

static void put_classes(const struct class_lines *l, bool terminal)
{
    size_t widest = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t width = strlen(l->lines[i].name);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct class_line *c = &l->lines[i];
        if (terminal && c->summary) {
            printf("%-*s  ", (int)widest, c->name);
            put_visible(stdout, c->summary);
            putchar('\n');
        } else {
            puts(c->name);
        }
    }
}

static HRESULT open_classes(const struct options *o, IWbemServices *services,
                            IEnumWbemClassObject **ret)
{
    BSTR superclass = o->superclass ? bstr_from_utf8(o->superclass) : NULL;
    LONG flags = WBEM_FLAG_DEEP | WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY |
                 WBEM_FLAG_USE_AMENDED_QUALIFIERS;
    HRESULT hr = IWbemServices_CreateClassEnum(services, superclass, flags, NULL, ret);
    SysFreeString(superclass);
    return hr;
}

int command_classes(const struct options *o)
{
    IWbemServices *services = NULL;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = open_classes(o, services, &e);
    IWbemServices_Release(services);
    struct class_lines lines = {0};
    if (SUCCEEDED(hr)) {
        hr = collect(e, o->argument_count ? o->arguments[0] : NULL, &lines);
        IEnumWbemClassObject_Release(e);
    }
    if (FAILED(hr)) {
        lines_done(&lines);
        return fail("list the classes", hr);
    }
    if (!lines.count && o->argument_count) {
        fprintf(stderr, "wbem: no class matches '%s'\n", o->arguments[0]);
        return EXIT_NOT_FOUND;
    }
    if (lines.count) { /* qsort() wants an array even to sort nothing */
        qsort(lines.lines, lines.count, sizeof(*lines.lines), compare_lines);
    }
    put_classes(&lines, isatty(STDOUT_FILENO));
    lines_done(&lines);
    return finish_output();
}

/* ---- wbem class ------------------------------------------------------------------ */

static const char *type_name(CIMTYPE type)
{
    switch (type & ~CIM_FLAG_ARRAY) {
    case CIM_SINT8:
        return "sint8";
    case CIM_UINT8:
        return "uint8";
    case CIM_SINT16:
        return "sint16";
    case CIM_UINT16:
        return "uint16";
    case CIM_SINT32:
        return "sint32";
    case CIM_UINT32:
        return "uint32";
    case CIM_SINT64:
        return "sint64";
    case CIM_UINT64:
        return "uint64";
    case CIM_REAL32:
        return "real32";
    case CIM_REAL64:
        return "real64";
    case CIM_BOOLEAN:
        return "boolean";
    case CIM_STRING:
        return "string";
    case CIM_DATETIME:
        return "datetime";
    case CIM_REFERENCE:
        return "ref";
    case CIM_CHAR16:
        return "char16";
    case CIM_OBJECT:
        return "object";
    default:
        return "?";
    }
}

static void put_property(IWbemClassObject *cls, BSTR name, CIMTYPE type)
{
    IWbemQualifierSet *set = NULL;
    IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
    char *key = qualifier_text(set, L"key");
    char *units = qualifier_text(set, L"Units");
    char *description = qualifier_text(set, L"Description");
    char *utf8 = utf8_from_wide(name, SysStringLen(name));
    char shown[32];
    snprintf(shown, sizeof(shown), "%s%s", type_name(type), type & CIM_FLAG_ARRAY ? "[]" : "");
    printf("  %-28s %-10s %s", utf8 ? utf8 : "?", shown, key ? "key  " : "");
    if (description) {
        put_visible(stdout, description);
    }
    if (units) {
        printf(" [%s]", units);
    }
    putchar('\n');
    free(key);
    free(units);
    free(description);
    free(utf8);
    if (set) {
        IWbemQualifierSet_Release(set);
    }
}

static void put_properties(IWbemClassObject *cls)
{
    puts("\nproperties:");
    if (FAILED(IWbemClassObject_BeginEnumeration(cls, WBEM_FLAG_NONSYSTEM_ONLY))) {
        return;
    }
    BSTR name = NULL;
    CIMTYPE type;
    while (IWbemClassObject_Next(cls, 0, &name, NULL, &type, NULL) == WBEM_S_NO_ERROR) {
        put_property(cls, name, type);
        SysFreeString(name);
    }
    IWbemClassObject_EndEnumeration(cls);
}

static void put_methods(IWbemClassObject *cls)
{
    if (FAILED(IWbemClassObject_BeginMethodEnumeration(cls, 0))) {
        return;
    }
    BSTR name = NULL;
    bool first = true;
    while (IWbemClassObject_NextMethod(cls, 0, &name, NULL, NULL) == WBEM_S_NO_ERROR) {
        IWbemQualifierSet *set = NULL;
        IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
        char *description = qualifier_text(set, L"Description");
        char *utf8 = utf8_from_wide(name, SysStringLen(name));
        printf("%s  %-28s ", first ? "\nmethods:\n" : "", utf8 ? utf8 : "?");
        put_visible(stdout, description ? description : "");
        putchar('\n');
        first = false;
        free(description);
        free(utf8);
        if (set) {
            IWbemQualifierSet_Release(set);
        }
        SysFreeString(name);
    }
    IWbemClassObject_EndMethodEnumeration(cls);
}

static void put_heading(IWbemClassObject *cls)
{
    char *name = string_property(cls, L"__CLASS");
    char *superclass = string_property(cls, L"__SUPERCLASS");
    char *description = class_qualifier(cls, L"Description");
    printf("%s%s%s\n", name ? name : "?", superclass ? " : " : "", superclass ? superclass : "");
    if (description) {
        put_visible(stdout, description);
        putchar('\n');
    }
    free(name);
    free(superclass);
    free(description);
}

static int put_mof(IWbemClassObject *cls)
{
    BSTR mof = NULL;
    HRESULT hr = IWbemClassObject_GetObjectText(cls, 0, &mof);
    if (FAILED(hr)) {
        return fail("print the class", hr);
    }
    char *text = utf8_from_wide(mof, SysStringLen(mof));
    SysFreeString(mof);
    fputs(text ? text : "", stdout);
    free(text);
    return finish_output();
}

int command_class(const struct options *o)
{
    IWbemServices *services = NULL;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    bool mof = o->format == FORMAT_MOF;
    if (!mof && o->format != FORMAT_AUTO && o->format != FORMAT_TABLE) {
        fputs("wbem: a class is shown as table or as mof\n", stderr);
        IWbemServices_Release(services);
        return EXIT_USAGE;
    }
    IWbemClassObject *cls = NULL;
    BSTR name = bstr_from_utf8(o->arguments[0]);
    /* The table shows descriptions, which are amended qualifiers. */
    LONG flags = !mof || o->amended ? WBEM_FLAG_USE_AMENDED_QUALIFIERS : 0;
    HRESULT hr = name ? IWbemServices_GetObject(services, name, flags, NULL, &cls, NULL)
                      : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(name);
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("get the class", hr);
    }
    if (mof) {
        code = put_mof(cls);
    } else {
        put_heading(cls);
        put_properties(cls);
        put_methods(cls);
        code = finish_output();
    }
    IWbemClassObject_Release(cls);
    return code;
}
