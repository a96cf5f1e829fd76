/*
 * wbem call: one method on a class or an object, or on each object that a query
 * gives. What comes back is shown in the usual formats: the return value with
 * its meaning, then the out-parameters.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

/* What one run of the command works with. */
struct caller {
    const struct options *options;
    IWbemServices *services;
    const char *method_name;
    char *const *parameters;
    int parameter_count;
    struct method method; /* of the class that was called last */
    IWbemClassObject *in;
    struct output *out;
    bool by_query;
};

/* ---- the class ----------------------------------------------------------------------- */

/* The class that a path names: what stands behind the namespace and before the keys. malloc'd. */
static char *class_of_path(const char *path)
{
    size_t size = strcspn(path, "\"'");
    const char *start = path;
    for (const char *p = path; p < path + size; p++) {
        if (*p == ':') {
            start = p + 1;
        }
    }
    return strndup(start, strcspn(start, ".="));
}

static int get_class(IWbemServices *services, const char *name, IWbemClassObject **ret)
{
    BSTR wide = bstr_from_utf8(name);
    HRESULT hr = wide ? IWbemServices_GetObject(services, wide, WBEM_FLAG_USE_AMENDED_QUALIFIERS,
                                                NULL, ret, NULL)
                      : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(wide);
    return FAILED(hr) ? fail("get the class", hr) : EXIT_OK;
}

static void forget_method(struct caller *c)
{
    method_done(&c->method);
    if (c->in) {
        IWbemClassObject_Release(c->in);
        c->in = NULL;
    }
}

static bool is_of(IWbemClassObject *cls, const char *name)
{
    VARIANT v;
    VariantInit(&v);
    char *own = cls && SUCCEEDED(IWbemClassObject_Get(cls, L"__CLASS", 0, &v, NULL, NULL))
                    ? value_text(&v, CIM_STRING)
                    : NULL;
    bool same = own && strcasecmp(own, name) == 0;
    free(own);
    VariantClear(&v);
    return same;
}

/* The method and its parameters for the class of the path; the same as last time if it is that. */
static int prepare(struct caller *c, const char *path)
{
    char *name = class_of_path(path);
    if (!name || is_of(c->method.cls, name)) {
        free(name);
        return name ? EXIT_OK : fail("call the method", WBEM_E_OUT_OF_MEMORY);
    }
    forget_method(c);
    IWbemClassObject *cls = NULL;
    int code = get_class(c->services, name, &cls);
    free(name);
    if (code == EXIT_OK) {
        code = method_find(cls, c->method_name, &c->method);
        IWbemClassObject_Release(cls);
    }
    if (code == EXIT_OK) {
        code = parameters_build(c->services, &c->method, c->parameters, c->parameter_count, &c->in);
    }
    if (code != EXIT_OK) {
        forget_method(c); /* the next object must not do with half of it */
    }
    return code;
}

/* ---- what is shown ------------------------------------------------------------------- */

static bool declare(IWbemClassObject *cls, const wchar_t *name, VARIANT *v, CIMTYPE type)
{
    VARIANT null;
    V_VT(&null) = VT_NULL;
    return SUCCEEDED(IWbemClassObject_Put(cls, name, 0, v ? v : &null, type));
}

static bool put_text(IWbemClassObject *cls, const wchar_t *name, const char *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = text ? bstr_from_utf8(text) : NULL;
    bool ok = declare(cls, name, V_BSTR(&v) ? &v : NULL, CIM_STRING);
    VariantClear(&v);
    return ok;
}

/* The out-parameters, the return value first with its meaning. */
static bool copy_out(IWbemClassObject *result, IWbemClassObject *out, const char *meaning)
{
    VARIANT v;
    BSTR name = NULL;
    CIMTYPE type;
    bool ok = true;
    VariantInit(&v);
    if (SUCCEEDED(IWbemClassObject_Get(out, L"ReturnValue", 0, &v, &type, NULL))) {
        ok = declare(result, L"ReturnValue", &v, type) && put_text(result, L"Meaning", meaning);
        VariantClear(&v);
    }
    if (FAILED(IWbemClassObject_BeginEnumeration(out, WBEM_FLAG_NONSYSTEM_ONLY))) {
        return false;
    }
    while (ok && IWbemClassObject_Next(out, 0, &name, &v, &type, NULL) == WBEM_S_NO_ERROR) {
        ok = wcscasecmp(name, L"ReturnValue") == 0 || declare(result, name, &v, type);
        VariantClear(&v);
        SysFreeString(name);
    }
    IWbemClassObject_EndEnumeration(out);
    return ok;
}

/* One object to show: whose method it was, when there are several, then what it answered. */
static bool show(struct caller *c, const char *path, IWbemClassObject *out, const char *meaning)
{
    IWbemClassObject *result = NULL, *instance = NULL;
    if (FAILED(IWbemServices_GetObject(c->services, NULL, 0, NULL, &result, NULL))) {
        return false;
    }
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"MethodResult");
    bool ok = V_BSTR(&v) && SUCCEEDED(IWbemClassObject_Put(result, L"__CLASS", 0, &v, 0)) &&
              (!c->by_query || put_text(result, L"Object", path)) &&
              (!out || copy_out(result, out, meaning)) &&
              SUCCEEDED(IWbemClassObject_SpawnInstance(result, 0, &instance)) &&
              output_object(c->out, instance) && output_push(c->out);
    VariantClear(&v);
    if (instance) {
        IWbemClassObject_Release(instance);
    }
    IWbemClassObject_Release(result);
    return ok;
}

/* ---- the call ------------------------------------------------------------------------ */

/* WBEM_S_TIMEDOUT when --timeout ran out; the call goes on then. */
static HRESULT execute(struct caller *c, BSTR path, IWbemClassObject **ret)
{
    double seconds = c->options->timeout;
    if (seconds <= 0) {
        return IWbemServices_ExecMethod(c->services, path, c->method.name, 0, NULL, c->in, ret,
                                        NULL);
    }
    IWbemCallResult *result = NULL;
    LONG status = 0;
    HRESULT hr = IWbemServices_ExecMethod(c->services, path, c->method.name,
                                          WBEM_FLAG_RETURN_IMMEDIATELY, NULL, c->in, NULL, &result);
    if (FAILED(hr)) {
        return hr;
    }
    double ms = seconds * 1000;
    hr = IWbemCallResult_GetCallStatus(result, ms > INT_MAX ? INT_MAX : (LONG)ms, &status);
    if (hr == WBEM_S_NO_ERROR) {
        hr = c->method.out || FAILED(status) ? IWbemCallResult_GetResultObject(result, 0, ret)
                                             : WBEM_S_NO_ERROR;
    }
    IWbemCallResult_Release(result);
    return hr;
}

static long return_value(IWbemClassObject *out)
{
    VARIANT v;
    CIMTYPE type;
    long value = 0;
    VariantInit(&v);
    if (out && SUCCEEDED(IWbemClassObject_Get(out, L"ReturnValue", 0, &v, &type, NULL)) &&
        type != CIM_BOOLEAN) {
        char *text = value_text(&v, type);
        value = text ? strtol(text, NULL, 10) : 0;
        free(text);
    }
    VariantClear(&v);
    return value;
}

static int report(struct caller *c, const char *path, IWbemClassObject *out)
{
    long value = return_value(out);
    char *meaning = method_meaning(&c->method, value);
    bool shown = show(c, path, out, meaning);
    int code = EXIT_OK;
    if (!shown) {
        code = fail_output();
    } else if (value != 0) {
        fprintf(stderr, "wbem: %s of ", c->method_name);
        put_visible(stderr, path);
        fprintf(stderr, " returned %ld%s%s\n", value, meaning ? ": " : "", meaning ? meaning : "");
        code = EXIT_RETURNED;
    }
    free(meaning);
    return code;
}

static int call_one(struct caller *c, const char *path)
{
    int code = prepare(c, path);
    if (code != EXIT_OK) {
        return code;
    }
    IWbemClassObject *out = NULL;
    BSTR wide = bstr_from_utf8(path);
    HRESULT hr = wide ? execute(c, wide, &out) : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(wide);
    if (FAILED(hr)) {
        char what[256];
        snprintf(what, sizeof(what), "call %.80s of %.160s", c->method_name, path);
        return fail(what, hr);
    }
    if (hr == WBEM_S_TIMEDOUT) {
        fprintf(stderr, "wbem: %s has not ended in time and goes on\n", c->method_name);
        return EXIT_TIMEOUT;
    }
    code = report(c, path, out);
    if (out) {
        IWbemClassObject_Release(out);
    }
    return code;
}

/* ---- on what a query gives ----------------------------------------------------------- */

struct paths {
    char **items;
    size_t count;
};

static void paths_done(struct paths *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i]);
    }
    free(p->items);
}

static bool add_path(struct paths *p, IWbemClassObject *object)
{
    VARIANT v;
    VariantInit(&v);
    char **items = realloc(p->items, (p->count + 1) * sizeof(*items));
    char *path = items &&
                         SUCCEEDED(IWbemClassObject_Get(object, L"__RELPATH", 0, &v, NULL, NULL)) &&
                         V_VT(&v) == VT_BSTR
                     ? value_text(&v, CIM_STRING)
                     : NULL;
    VariantClear(&v);
    p->items = items ? items : p->items;
    if (path) {
        items[p->count++] = path;
    }
    return path;
}

/* All of them before the first call, which may change what the query would give. */
static HRESULT collect(struct caller *c, struct paths *ret)
{
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL");
    BSTR text = bstr_from_utf8(c->options->query);
    HRESULT hr = language && text ? IWbemServices_ExecQuery(c->services, language, text,
                                                            WBEM_FLAG_RETURN_IMMEDIATELY |
                                                                WBEM_FLAG_FORWARD_ONLY |
                                                                WBEM_FLAG_ENSURE_LOCATABLE,
                                                            NULL, &e)
                                  : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(language);
    SysFreeString(text);
    unsigned long limit = c->options->limit ? c->options->limit : ULONG_MAX;
    while (SUCCEEDED(hr) && ret->count < limit) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
        if (FAILED(hr) || got == 0) {
            break;
        }
        hr = add_path(ret, object) ? hr : WBEM_E_INVALID_OBJECT_PATH;
        IWbemClassObject_Release(object);
    }
    if (e) {
        IEnumWbemClassObject_Release(e);
    }
    return hr;
}

static int call_each(struct caller *c)
{
    struct paths paths = {0};
    HRESULT hr = collect(c, &paths);
    int worst = FAILED(hr) ? fail("run the query", hr) : EXIT_OK;
    size_t failed = 0;
    for (size_t i = 0; SUCCEEDED(hr) && i < paths.count; i++) {
        int code = call_one(c, paths.items[i]);
        failed += code != EXIT_OK;
        if (code == EXIT_USAGE) {
            worst = code; /* it would be wrong for each of them */
            break;
        }
        /* An error of WMI outweighs an answer that is only not 0. */
        worst = worst == EXIT_OK || (worst == EXIT_RETURNED && code != EXIT_OK) ? code : worst;
    }
    if (SUCCEEDED(hr) && paths.count == 0) {
        fputs("wbem: the query gives no object: nothing was called\n", stderr);
    } else if (failed > 0 && worst != EXIT_USAGE) {
        fflush(stdout);
        fprintf(stderr, "wbem: %zu of %zu calls failed\n", failed, paths.count);
    }
    paths_done(&paths);
    return worst;
}

/* ---- the command --------------------------------------------------------------------- */

static int list_methods(IWbemServices *services, const char *path)
{
    char *name = class_of_path(path);
    IWbemClassObject *cls = NULL;
    int code =
        name ? get_class(services, name, &cls) : fail("list the methods", WBEM_E_OUT_OF_MEMORY);
    free(name);
    if (code == EXIT_OK) {
        methods_list(cls);
        IWbemClassObject_Release(cls);
        code = finish_output();
    }
    return code;
}

static int run(struct caller *c)
{
    const struct options *o = c->options;
    struct options shown = *o;
    if (shown.format == FORMAT_AUTO) {
        shown.format = c->by_query ? FORMAT_TABLE : FORMAT_LIST;
    }
    c->out = output_create(&shown, NULL, stdout);
    if (!c->out) {
        return fail("call the method", WBEM_E_OUT_OF_MEMORY);
    }
    int code = c->by_query ? call_each(c) : call_one(c, o->arguments[0]);
    if (!output_destroy(c->out) && code == EXIT_OK) {
        code = fail_output();
    }
    forget_method(c);
    return code;
}

int command_call(const struct options *o)
{
    int first = o->query ? 0 : 1; /* where the method stands */
    struct caller c = {.options = o, .by_query = o->query};
    int code;
    if (!connect_services(o, &c.services, &code)) {
        return code;
    }
    if (o->argument_count <= first) {
        code = list_methods(c.services, o->arguments[0]);
    } else {
        c.method_name = o->arguments[first];
        c.parameters = o->arguments + first + 1;
        c.parameter_count = o->argument_count - first - 1;
        code = run(&c);
    }
    IWbemServices_Release(c.services);
    return code;
}
