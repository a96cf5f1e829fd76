/* The verbs of wbem wmic that do something: call, set, create, delete. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "call.h"
#include "console.h"

/* What one run works with. */
struct change {
    struct session *session;
    IWbemServices *services;
    const struct request *request;
    const char *node;
};

static int out_of_memory(void)
{
    return fail("read the command", WBEM_E_OUT_OF_MEMORY);
}

/* The class of an object, as it is needed to make another; NULL and *ret_exit: it has been said. */
static IWbemClassObject *class_of(const struct change *c, const char *name, int *ret_exit)
{
    IWbemClassObject *cls = NULL;
    HRESULT hr = object_of_path(c->services, name, &cls);
    *ret_exit = FAILED(hr) ? node_fail(c->node, "get the class", hr) : EXIT_OK;
    return cls;
}

/* ---- call: parameters -------------------------------------------------------------------------
 */

/* The place of a parameter among those of its method: its qualifier ID. */
static LONG id_of(IWbemClassObject *in, BSTR name)
{
    IWbemQualifierSet *set = NULL;
    VARIANT v;
    VariantInit(&v);
    LONG id = -1;
    if (SUCCEEDED(IWbemClassObject_GetPropertyQualifierSet(in, name, &set))) {
        if (SUCCEEDED(IWbemQualifierSet_Get(set, L"ID", 0, &v, NULL)) && V_VT(&v) == VT_I4) {
            id = V_I4(&v);
        }
        IWbemQualifierSet_Release(set);
    }
    VariantClear(&v);
    return id;
}

/* The name of the parameter at that place; malloc'd, NULL: there are not so many. Places count the
 * in-parameters alone, in the order of their IDs. */
static char *name_at(IWbemClassObject *in, size_t place)
{
    LONG before = -1;
    char *found = NULL;
    for (size_t i = 0; in && i <= place; i++) {
        LONG least = -1;
        BSTR name = NULL;
        free(found);
        found = NULL;
        if (FAILED(IWbemClassObject_BeginEnumeration(in, WBEM_FLAG_NONSYSTEM_ONLY))) {
            return NULL;
        }
        while (IWbemClassObject_Next(in, 0, &name, NULL, NULL, NULL) == WBEM_S_NO_ERROR) {
            LONG id = id_of(in, name);
            if (id > before && (least < 0 || id < least)) {
                least = id;
                free(found);
                found = utf8_from_wide(name, SysStringLen(name));
            }
            SysFreeString(name);
        }
        IWbemClassObject_EndEnumeration(in);
        before = least;
        if (!found) {
            break;
        }
    }
    return found;
}

static bool is_parameter(IWbemClassObject *in, const char *text)
{
    size_t length = strcspn(text, "=");
    char *name = text[length] && length > 0 ? strndup(text, length) : NULL;
    BSTR wide = name && name[0] != '_' ? bstr_from_utf8(name) : NULL;
    bool is = in && wide && SUCCEEDED(IWbemClassObject_Get(in, wide, 0, NULL, NULL, NULL));
    SysFreeString(wide);
    free(name);
    return is;
}

/* "a,,c" by the places of the parameters to NAME=VALUE. */
static int name_values(const struct request *r, const struct method *m, struct words *ret)
{
    for (size_t i = 1; i < r->words.count; i++) {
        const char *value = r->words.items[i];
        if (is_parameter(m->in, value)) {
            if (!words_add(ret, value, strlen(value))) {
                return out_of_memory();
            }
            continue;
        }
        char *name = *value ? name_at(m->in, i - 1) : NULL, *text = NULL;
        if (*value && !name) {
            fprintf(stderr, "%s - Invalid Number of Parameters.\n", value);
            return EXIT_USAGE;
        }
        bool fine = !name || (asprintf(&text, "%s=%s", name, value) >= 0 &&
                              words_add(ret, text, strlen(text)));
        free(name);
        free(text);
        if (!fine) {
            return out_of_memory();
        }
    }
    return EXIT_OK;
}

/* ---- call -------------------------------------------------------------------------------------
 */

static void put_out(FILE *to, IWbemClassObject *out)
{
    BSTR text = NULL;
    if (SUCCEEDED(IWbemClassObject_GetObjectText(out, 0, &text))) {
        char *utf8 = utf8_from_wide(text, SysStringLen(text));
        const char *shown = utf8 ? utf8 : "";
        fprintf(to, "Out Parameters:\n%s\n", shown + strspn(shown, "\n"));
        free(utf8);
    }
    SysFreeString(text);
}

static int execute(const struct change *c, const struct method *m, IWbemClassObject *in,
                   const char *path, const char *shown)
{
    FILE *to = c->session->to;
    IWbemClassObject *out = NULL;
    BSTR wide = bstr_from_utf8(path);
    fprintf(to, "Executing (%s)->%s()\n", shown, c->request->words.items[0]);
    (void)fflush(to);
    HRESULT hr = wide
                     ? IWbemServices_ExecMethod(c->services, wide, m->name, 0, NULL, in, &out, NULL)
                     : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(wide);
    if (FAILED(hr)) {
        return node_fail(c->node, "call the method", hr);
    }
    fputs("Method execution successful.\n", to);
    if (out) {
        put_out(to, out);
        IWbemClassObject_Release(out);
    }
    return EXIT_OK;
}

static int call_object(const struct change *c, IWbemClassObject *object, const struct method *m,
                       IWbemClassObject *in)
{
    char *path = object_property(object, L"__RELPATH"), *whole = object_property(object, L"__PATH");
    int code = path ? execute(c, m, in, path, whole ? whole : path)
                    : node_fail(c->node, "call the method", WBEM_E_INVALID_OBJECT_PATH);
    free(path);
    free(whole);
    return code;
}

/* On all that a condition gives: the first that fails does not keep the others from it. */
static int call_each(const struct change *c, const struct method *m, IWbemClassObject *in)
{
    struct results of = {0};
    HRESULT hr = results_fetch(c->services, c->request, 0, true, &of);
    int worst = FAILED(hr) ? node_fail(c->node, "find the objects", hr) : EXIT_OK;
    if (SUCCEEDED(hr) && of.count == 0) {
        fputs("No Instance(s) Available.\n", stderr);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < of.count; i++) {
        int code = call_object(c, of.items[i].object, m, in);
        worst = worst == EXIT_OK ? code : worst;
    }
    results_done(&of);
    return worst;
}

static int call(const struct change *c)
{
    const struct request *r = c->request;
    int code;
    IWbemClassObject *cls = class_of(c, r->class_name, &code), *in = NULL;
    if (!cls) {
        return code;
    }
    struct method m = {0};
    struct words texts = {0};
    code = method_find(cls, r->words.items[0], &m);
    code = code == EXIT_OK ? name_values(r, &m, &texts) : code;
    code = code == EXIT_OK ? parameters_build(c->services, &m, texts.items, (int)texts.count, &in)
                           : code;
    if (code == EXIT_OK && (r->where || r->path)) {
        code = call_each(c, &m, in);
    } else if (code == EXIT_OK) {
        code = execute(c, &m, in, r->class_name, r->class_name);
    }
    if (in) {
        IWbemClassObject_Release(in);
    }
    words_done(&texts);
    method_done(&m);
    IWbemClassObject_Release(cls);
    return code;
}

/* ---- set, create -------------------------------------------------------------------------------
 */

/* A new instance with the values of the command. */
static int build(const struct change *c, IWbemClassObject *cls, IWbemClassObject **ret)
{
    const struct words *w = &c->request->words;
    struct method as_signature = {
        .cls = cls, .in = cls, .name = bstr_from_utf8(c->request->class_name)};
    int code = as_signature.name
                   ? parameters_build(c->services, &as_signature, w->items, (int)w->count, ret)
                   : out_of_memory();
    SysFreeString(as_signature.name);
    return code;
}

static HRESULT copy_value(IWbemClassObject *from, IWbemClassObject *to, const char *text)
{
    char *name = strndup(text, strcspn(text, "="));
    BSTR wide = name ? bstr_from_utf8(name) : NULL;
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = wide ? IWbemClassObject_Get(from, wide, 0, &v, NULL, NULL) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Put(to, wide, 0, &v, 0);
    }
    VariantClear(&v);
    SysFreeString(wide);
    free(name);
    return hr;
}

static int set_object(const struct change *c, IWbemClassObject *object, IWbemClassObject *values)
{
    const struct words *w = &c->request->words;
    FILE *to = c->session->to;
    char *path = object_property(object, L"__PATH");
    fprintf(to, "Updating property(s) of '%s'\n", path ? path : "?");
    (void)fflush(to);
    free(path);
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < w->count; i++) {
        hr = copy_value(values, object, w->items[i]);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_PutInstance(c->services, object, WBEM_FLAG_UPDATE_ONLY, NULL, NULL);
    }
    if (FAILED(hr)) {
        return node_fail(c->node, "update the object", hr);
    }
    fputs("Property(s) update successful.\n", to);
    return EXIT_OK;
}

static int set_each(const struct change *c, IWbemClassObject *values)
{
    struct results of = {0};
    HRESULT hr = results_fetch(c->services, c->request, 0, true, &of);
    int worst = FAILED(hr) ? node_fail(c->node, "find the objects", hr) : EXIT_OK;
    if (SUCCEEDED(hr) && of.count == 0) {
        fputs("No Instance(s) Available.\n", stderr);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < of.count; i++) {
        int code = set_object(c, of.items[i].object, values);
        worst = worst == EXIT_OK ? code : worst;
    }
    results_done(&of);
    return worst;
}

static int create(const struct change *c, IWbemClassObject *values)
{
    fprintf(c->session->to, "Create instance in '%s' class\n", c->request->class_name);
    (void)fflush(c->session->to);
    HRESULT hr = IWbemServices_PutInstance(c->services, values, WBEM_FLAG_CREATE_ONLY, NULL, NULL);
    if (FAILED(hr)) {
        return node_fail(c->node, "create the instance", hr);
    }
    fputs("Instance creation successful.\n", c->session->to);
    return EXIT_OK;
}

static int set_or_create(const struct change *c)
{
    int code;
    IWbemClassObject *cls = class_of(c, c->request->class_name, &code), *values = NULL;
    if (!cls) {
        return code;
    }
    code = build(c, cls, &values);
    if (code == EXIT_OK) {
        code = c->request->verb == VERB_SET ? set_each(c, values) : create(c, values);
    }
    if (values) {
        IWbemClassObject_Release(values);
    }
    IWbemClassObject_Release(cls);
    return code;
}

/* ---- delete -------------------------------------------------------------------------------------
 */

/* The end of the input is a no. */
static bool is_wanted(const struct change *c, const char *path)
{
    const struct request *r = c->request;
    if (r->dont_ask || !(r->ask || c->session->interactive)) {
        return true;
    }
    fprintf(stderr, "Delete '%s' (Y/N)? ", path);
    char *line = NULL;
    size_t room = 0;
    bool yes = getline(&line, &room, stdin) > 0 && (line[0] == 'y' || line[0] == 'Y');
    free(line);
    return yes;
}

static int delete_one(const struct change *c, const char *path, const char *shown, bool is_class)
{
    if (!is_wanted(c, shown)) {
        return EXIT_OK;
    }
    FILE *to = c->session->to;
    fprintf(to, "Deleting %s %s\n", is_class ? "class" : "instance", shown);
    (void)fflush(to);
    BSTR wide = bstr_from_utf8(path);
    HRESULT hr = !wide      ? WBEM_E_OUT_OF_MEMORY
                 : is_class ? IWbemServices_DeleteClass(c->services, wide, 0, NULL, NULL)
                            : IWbemServices_DeleteInstance(c->services, wide, 0, NULL, NULL);
    SysFreeString(wide);
    if (FAILED(hr)) {
        return node_fail(c->node, is_class ? "delete the class" : "delete the instance", hr);
    }
    fprintf(to, "%s deletion successful.\n", is_class ? "Class" : "Instance");
    return EXIT_OK;
}

static int delete (const struct change *c)
{
    const struct request *r = c->request;
    if (r->is_class) {
        return delete_one(c, r->class_name, r->class_name, true);
    }
    if (!r->where && !r->path) {
        fprintf(stderr, "delete - all of %s would go: give a WHERE clause\n", r->class_name);
        return EXIT_USAGE;
    }
    struct results of = {0};
    HRESULT hr = results_fetch(c->services, r, 0, true, &of);
    int worst = FAILED(hr) ? node_fail(c->node, "find the objects", hr) : EXIT_OK;
    if (SUCCEEDED(hr) && of.count == 0) {
        fputs("No Instance(s) Available.\n", stderr);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < of.count; i++) {
        char *path = object_property(of.items[i].object, L"__RELPATH"),
             *whole = object_property(of.items[i].object, L"__PATH");
        int code = path ? delete_one(c, path, whole ? whole : path, false)
                        : node_fail(c->node, "delete the instance", WBEM_E_INVALID_OBJECT_PATH);
        worst = worst == EXIT_OK ? code : worst;
        free(path);
        free(whole);
    }
    results_done(&of);
    return worst;
}

int change_run(struct session *s, IWbemServices *services, const struct request *r,
               const char *node)
{
    struct change c = {.session = s, .services = services, .request = r, .node = node};
    int code = r->verb == VERB_CALL     ? call(&c)
               : r->verb == VERB_DELETE ? delete (&c)
                                        : set_or_create(&c);
    if (code == EXIT_OK && (fflush(s->to) != 0 || ferror(s->to))) {
        code = fail_output();
    }
    return code;
}
