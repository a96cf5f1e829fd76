/*
 * wbem mof: compile files into the repository, check them, or print what is in
 * a namespace as MOF that compiles back to it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

#include "cli.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* ---- compile, check ---------------------------------------------------------------- */

struct screen {
    bool progress; /* a line may be shown, and comes after a while */
    bool shown;
    time_t next;
};

static void clear(struct screen *s)
{
    if (s->shown) {
        fputs("\r\033[K", stderr);
        s->shown = false;
    }
}

static HRESULT show_progress(void *closure, const wbem_mof_result *so_far)
{
    struct screen *s = closure;
    time_t now = time(NULL);
    if (interrupted) {
        return WBEM_E_CALL_CANCELLED;
    }
    if (s->progress && now >= s->next) {
        clear(s);
        fprintf(stderr, "%u classes, %u instances; now in %.60s", so_far->classes,
                so_far->instances, so_far->file);
        fflush(stderr);
        s->shown = true;
        s->next = now + 1;
    }
    return WBEM_S_NO_ERROR;
}

/* As compilers say it: file, line, column, the line itself and a mark below the place. */
static int fail_mof(HRESULT hr, const wbem_mof_result *r)
{
    if (interrupted) {
        fputs("wbem: interrupted; the repository is as it was\n", stderr);
        return 128 + SIGINT;
    }
    if (!r->file[0]) {
        return fail("compile", hr);
    }
    const char *name = wbem_status_name(hr);
    fprintf(stderr, "%s:%u:%u: error: %s [%s]\n", r->file, r->line, r->column, r->message,
            name ? name : "unknown error");
    if (r->source[0]) {
        fprintf(stderr, "  ");
        put_visible(stderr, r->source);
        fprintf(stderr, "\n  %*s^\n", (int)r->caret, "");
    }
    fputs("wbem: nothing was changed\n", stderr);
    return EXIT_FAILED;
}

static int compile(const struct options *o, char **files, size_t count, bool check_only)
{
    struct screen screen = {.progress = !o->quiet && isatty(STDERR_FILENO), .next = time(NULL) + 2};
    wbem_mof_result result;
    BSTR name_space = bstr_from_utf8(o->name_space_given ? o->name_space : "root\\default");
    wbem_mof_options options = {.name_space = name_space,
                                .class_flags = o->class_flags,
                                .instance_flags = o->instance_flags,
                                .check_only = check_only,
                                .folders = (const char *const *)o->folders,
                                .folder_count = o->folder_count,
                                .progress = show_progress,
                                .closure = &screen};
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    HRESULT hr = name_space ? wbem_mof_compile((const char *const *)files, count, &options, &result)
                            : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(name_space);
    clear(&screen);
    if (FAILED(hr)) {
        return fail_mof(hr, &result);
    }
    if (!o->quiet) {
        printf("%s: %u file%s, %u class%s, %u instance%s, %u qualifier declaration%s",
               check_only ? "Correct" : "Compiled", result.files, result.files == 1 ? "" : "s",
               result.classes, result.classes == 1 ? "" : "es", result.instances,
               result.instances == 1 ? "" : "s", result.qualifiers,
               result.qualifiers == 1 ? "" : "s");
        printf(result.deleted ? ", %u deleted\n" : "\n", result.deleted);
    }
    return finish_output();
}

/* ---- dump ---------------------------------------------------------------------------- */

static bool is_true(IWbemClassObject *cls, const wchar_t *qualifier)
{
    IWbemQualifierSet *set = NULL;
    VARIANT v;
    VariantInit(&v);
    bool set_and_true = SUCCEEDED(IWbemClassObject_GetQualifierSet(cls, &set)) &&
                        SUCCEEDED(IWbemQualifierSet_Get(set, qualifier, 0, &v, NULL)) &&
                        V_VT(&v) == VT_BOOL && V_BOOL(&v);
    if (set) {
        IWbemQualifierSet_Release(set);
    }
    VariantClear(&v);
    return set_and_true;
}

static HRESULT print_object(IWbemClassObject *object)
{
    BSTR text = NULL;
    HRESULT hr = IWbemClassObject_GetObjectText(object, 0, &text);
    if (SUCCEEDED(hr)) {
        char *utf8 = utf8_from_wide(text, SysStringLen(text));
        hr = utf8 ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
        fputs(utf8 ? utf8 : "", stdout);
        free(utf8);
    }
    SysFreeString(text);
    return hr;
}

static HRESULT each(IEnumWbemClassObject *e, HRESULT (*visit)(IWbemServices *, IWbemClassObject *),
                    IWbemServices *services)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    while (hr == WBEM_S_NO_ERROR && !interrupted && !output_is_broken()) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
        if (hr == WBEM_S_NO_ERROR) {
            hr = visit(services, object);
            IWbemClassObject_Release(object);
        }
    }
    IEnumWbemClassObject_Release(e);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* System classes come with every repository. */
static bool is_system(IWbemClassObject *cls)
{
    VARIANT v;
    VariantInit(&v);
    bool system = SUCCEEDED(IWbemClassObject_Get(cls, L"__CLASS", 0, &v, NULL, NULL)) &&
                  V_VT(&v) == VT_BSTR && wcsncmp(V_BSTR(&v), L"__", 2) == 0;
    VariantClear(&v);
    return system;
}

static HRESULT print_class(IWbemServices *services, IWbemClassObject *cls)
{
    (void)services;
    return is_system(cls) ? WBEM_S_NO_ERROR : print_object(cls);
}

static HRESULT print_instance(IWbemServices *services, IWbemClassObject *instance)
{
    (void)services;
    return print_object(instance);
}

/* What is stored of the class itself; providers' instances are not kept. */
static HRESULT print_instances(IWbemServices *services, IWbemClassObject *cls)
{
    IEnumWbemClassObject *e = NULL;
    VARIANT v;
    VariantInit(&v);
    if (is_true(cls, L"abstract") || is_true(cls, L"dynamic") || is_system(cls)) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = IWbemClassObject_Get(cls, L"__CLASS", 0, &v, NULL, NULL);
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_CreateInstanceEnum(
            services, V_BSTR(&v),
            WBEM_FLAG_SHALLOW | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &e);
    }
    VariantClear(&v);
    return SUCCEEDED(hr) ? each(e, print_instance, services) : hr;
}

static HRESULT for_classes(IWbemServices *services, LONG flags,
                           HRESULT (*visit)(IWbemServices *, IWbemClassObject *))
{
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = IWbemServices_CreateClassEnum(
        services, NULL,
        WBEM_FLAG_DEEP | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY | flags, NULL, &e);
    return SUCCEEDED(hr) ? each(e, visit, services) : hr;
}

/* One class that was named, with its stored instances. */
static HRESULT dump_class(IWbemServices *services, const char *name)
{
    IWbemClassObject *cls = NULL;
    BSTR text = bstr_from_utf8(name);
    HRESULT hr = text ? IWbemServices_GetObject(services, text, WBEM_FLAG_USE_AMENDED_QUALIFIERS,
                                                NULL, &cls, NULL)
                      : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(text);
    if (SUCCEEDED(hr)) {
        hr = print_object(cls);
    }
    if (SUCCEEDED(hr)) {
        hr = print_instances(services, cls);
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    return hr;
}

static void print_namespace(const char *name)
{
    fputs("#pragma namespace(\"\\\\\\\\.\\\\", stdout);
    for (const char *c = name; *c; c++) {
        fputs(*c == '\\' || *c == '/' ? "\\\\" : (const char[]){*c, '\0'}, stdout);
    }
    fputs("\")\n\n", stdout);
}

static int dump(const struct options *o, char **names, size_t count)
{
    IWbemServices *services = NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    print_namespace(o->name_space);
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = dump_class(services, names[i]);
    }
    if (count == 0) {
        hr = for_classes(services, WBEM_FLAG_USE_AMENDED_QUALIFIERS, print_class);
        if (SUCCEEDED(hr)) {
            hr = for_classes(services, 0, print_instances);
        }
    }
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("print the namespace", hr);
    }
    return finish_output();
}

int command_mof(const struct options *o)
{
    const char *what = o->arguments[0];
    char **rest = o->arguments + 1;
    size_t count = (size_t)o->argument_count - 1;
    if (strcmp(what, "dump") == 0) {
        return dump(o, rest, count);
    }
    bool check = strcmp(what, "check") == 0;
    if (!check && strcmp(what, "compile") != 0) {
        fprintf(stderr, "wbem: mof can compile, check or dump; see wbem mof --help\n");
        return EXIT_USAGE;
    }
    if (refuse_host(o, "compiling MOF")) {
        return EXIT_USAGE;
    }
    if (count == 0) {
        fprintf(stderr, "wbem: mof %s needs a FILE; - is the standard input\n", what);
        return EXIT_USAGE;
    }
    return compile(o, rest, count, check);
}
