/*
 * ASSOCIATORS OF and REFERENCES OF as a source. The associations are asked one
 * role after another, each with a condition on its reference to the source, so
 * that providers and indexes read only what leads there; the other ends are
 * fetched one by one as they are demanded.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "services/association.h"

struct association_walk {
    struct source source;
    struct repository_namespace *name_space;
    struct wql_query *query;
    const struct wql_association *wanted; /* of the query */
    struct query_options options;

    bool started;
    wchar_t *path; /* the source's own */
    struct association_roles roles;
    uint32_t role;                 /* the one being asked */
    pthread_mutex_t lock;          /* of the next two, which walk_cancel() looks at */
    IEnumWbemClassObject *answers; /* of that role; NULL before it is asked */
    bool cancelled;
    IWbemClassObject *association; /* whose ends are being fetched */
    uint32_t end;                  /* the next property to look at */
    struct class_set classes;      /* with ClassDefsOnly: those delivered */
    HRESULT failure;               /* of a role; told when all others are done */
    IErrorInfo *failure_info;
};

static struct association_walk *walk_of(struct source *s)
{
    return COM_CONTAINER(s, struct association_walk, source);
}

/* ---- the source's own path -------------------------------------------------------------- */

/* The path as the object itself has it: that of its own class, in normal form. */
static HRESULT find_source(struct association_walk *w)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_variant) VARIANT v;
    struct schema *s;
    VariantInit(&v);
    HRESULT hr = get_object_keys(w->name_space, w->wanted->path_text, w->options.amended, &object);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Get(object, L"__RELPATH", 0, &v, NULL, NULL);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(object, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    w->path = com_wide_copy(V_VT(&v) == VT_BSTR ? V_BSTR(&v) : w->wanted->path_text);
    if (!w->path) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    return association_roles_find(w->name_space, w->query, s, w->options.amended, &w->roles);
}

/* ---- cancellation ---------------------------------------------------------------------------- */

static bool is_cancelled(struct association_walk *w)
{
    pthread_mutex_lock(&w->lock);
    bool cancelled = w->cancelled;
    pthread_mutex_unlock(&w->lock);
    return cancelled;
}

/* Takes `answers` (may be NULL) as what is waited for from now on. */
static void set_answers(struct association_walk *w, IEnumWbemClassObject *answers)
{
    pthread_mutex_lock(&w->lock);
    IEnumWbemClassObject *before = w->answers;
    w->answers = answers;
    pthread_mutex_unlock(&w->lock);
    com_release(before);
}

static void walk_cancel(struct source *s)
{
    struct association_walk *w = walk_of(s);
    pthread_mutex_lock(&w->lock);
    w->cancelled = true;
    IEnumWbemClassObject *answers = w->answers;
    com_addref(answers); /* the walk may leave the role meanwhile */
    pthread_mutex_unlock(&w->lock);
    if (answers) {
        enumerator_cancel(answers);
        com_release(answers);
    }
}

/* ---- asking a role ------------------------------------------------------------------------ */

static void put_quoted(FILE *to, const wchar_t *value)
{
    fputwc(L'"', to);
    for (; *value; value++) {
        if (*value == L'"' || *value == L'\\') {
            fputwc(L'\\', to);
        }
        fputwc(*value, to);
    }
    fputwc(L'"', to);
}

/* ASSOCIATORS OF looks at the references alone, KeysOnly wants the keys. */
static bool selects(const struct association_walk *w, const struct schema *s, uint32_t ordinal)
{
    return wql_query_kind(w->query) == WQL_ASSOCIATORS
               ? schema_property_type(s, ordinal) == CIM_REFERENCE
               : !w->wanted->keys_only || schema_property_is_key(s, ordinal);
}

static void put_columns(const struct association_walk *w, const struct schema *s, FILE *to)
{
    uint32_t count = schema_property_count(s);
    uint32_t selected = 0;
    for (uint32_t i = 0; i < count; i++) {
        selected += selects(w, s, i);
    }
    const wchar_t *before = L"";
    for (uint32_t i = 0; i < count && selected > 0 && selected < count; i++) {
        if (selects(w, s, i)) {
            fwprintf(to, L"%ls%ls", before, schema_property_name(s, i));
            before = L", ";
        }
    }
    fputws(*before ? L"" : L"*", to);
}

/* The condition on the role. What an earlier role of the class has given is left out, so that an
 * association of an object with itself counts once. */
static void put_condition(const struct association_walk *w, FILE *to)
{
    const struct association_role *role = &w->roles.items[w->role];
    fwprintf(to, L" WHERE %ls = ", schema_property_name(role->schema, role->ordinal));
    put_quoted(to, w->path);
    while (role->same_class) {
        role--;
        const wchar_t *name = schema_property_name(role->schema, role->ordinal);
        fwprintf(to, L" AND (%ls IS NULL OR %ls <> ", name, name);
        put_quoted(to, w->path);
        fputwc(L')', to);
    }
}

static HRESULT role_query(const struct association_walk *w, wchar_t **ret)
{
    const struct schema *s = w->roles.items[w->role].schema;
    size_t size = 0;
    FILE *to = open_wmemstream(ret, &size);
    if (!to) {
        *ret = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    fputws(L"SELECT ", to);
    put_columns(w, s, to);
    fwprintf(to, L" FROM %ls", schema_class_name(s));
    put_condition(w, to);
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    return broken ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

static HRESULT ask_role(struct association_walk *w)
{
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    struct source *source;
    IEnumWbemClassObject *answers = NULL;
    struct query_options options = w->options;
    options.shallow = true; /* a class below is a role of its own */
    options.by_the_way = !(wql_query_kind(w->query) == WQL_ASSOCIATORS ? w->wanted->assoc_class
                                                                       : w->wanted->result_class);
    const struct enumerator_options how = {
        .flags = WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, .internal = true};
    HRESULT hr = role_query(w, &text);
    if (SUCCEEDED(hr)) {
        hr = wql_parse(text, &q, NULL);
    }
    if (SUCCEEDED(hr)) {
        hr = query_source(w->name_space, q, text, &options, &source);
    }
    if (SUCCEEDED(hr)) {
        hr = enumerator_create(source, &how, &answers);
    }
    if (SUCCEEDED(hr)) {
        set_answers(w, answers);
    }
    /* A cancellation that came before this saw no answers to cancel. */
    return SUCCEEDED(hr) && is_cancelled(w) ? WBEM_E_CALL_CANCELLED : hr;
}

static void leave_role(struct association_walk *w)
{
    set_answers(w, NULL);
    w->role++;
}

/* One association's failure hides no other's answers; the first is told at the end. */
static void remember_failure(struct association_walk *w, HRESULT hr)
{
    if (SUCCEEDED(w->failure)) {
        w->failure = hr;
        (void)GetErrorInfo(0, &w->failure_info);
    }
}

/* The next association instance that refers to the source. WBEM_S_FALSE: there is none left. */
static HRESULT next_association(struct association_walk *w, IWbemClassObject **ret)
{
    while (w->role < w->roles.count) {
        HRESULT hr = w->answers ? WBEM_S_NO_ERROR : ask_role(w);
        ULONG got = 0;
        if (SUCCEEDED(hr)) {
            hr = IEnumWbemClassObject_Next(w->answers, WBEM_INFINITE, 1, ret, &got);
        }
        if (hr == WBEM_E_OUT_OF_MEMORY || hr == WBEM_E_CALL_CANCELLED || is_cancelled(w)) {
            if (got) {
                IWbemClassObject_Release(*ret);
            }
            return FAILED(hr) ? hr : WBEM_E_CALL_CANCELLED;
        }
        if (got) {
            return WBEM_S_NO_ERROR;
        }
        if (FAILED(hr)) {
            remember_failure(w, hr);
        }
        leave_role(w);
    }
    return WBEM_S_FALSE;
}

/* ---- what is delivered ------------------------------------------------------------------- */

/* The definition of the object's class, if it is the first of it: else *ret is NULL. */
static HRESULT class_of(struct association_walk *w, const wchar_t *name, IWbemClassObject **ret)
{
    HRESULT hr = class_set_add(&w->classes, w->name_space, name, w->options.amended);
    *ret = NULL;
    if (hr == WBEM_S_NO_ERROR) {
        *ret = w->classes.items[w->classes.count - 1];
        IWbemClassObject_AddRef(*ret);
    }
    return FAILED(hr) && hr != WBEM_E_NOT_FOUND ? hr : WBEM_S_NO_ERROR;
}

/* What is not there (any more), or not to be had here, is no end of the association. */
static bool is_absence(HRESULT hr)
{
    return hr == WBEM_E_NOT_FOUND || hr == WBEM_E_INVALID_CLASS ||
           hr == WBEM_E_INVALID_OBJECT_PATH || hr == WBEM_E_INVALID_NAMESPACE;
}

/* Could an object with that path be of ResultClass? Its class may be one below the path's. */
static HRESULT may_be_result(struct association_walk *w, const wchar_t *text, bool *ret)
{
    struct object_path *p = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *result = NULL;
    struct schema *x;
    struct schema *y;
    *ret = false;
    HRESULT hr = object_path_parse(text, &p, NULL);
    if (SUCCEEDED(hr)) {
        hr = p->class_name ? repository_get_class(w->name_space, p->class_name, false, &cls)
                           : WBEM_E_NOT_FOUND;
    }
    if (SUCCEEDED(hr)) {
        hr = repository_get_class(w->name_space, w->wanted->result_class, false, &result);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &x);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(result, &y);
    }
    if (SUCCEEDED(hr)) {
        *ret = schema_is_a(x, w->wanted->result_class) || schema_is_a(y, p->class_name);
    }
    object_path_destroy(p);
    return is_absence(hr) ? WBEM_S_NO_ERROR : hr;
}

/* The qualifier may be the object's own or its class's, which need not propagate it. */
static bool has_required_qualifier(struct association_walk *w, IWbemClassObject *object,
                                   const struct schema *s)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    return association_has_qualifier(object, w->wanted->required_qualifier) ||
           (SUCCEEDED(repository_get_class(w->name_space, schema_class_name(s), w->options.amended,
                                           &cls)) &&
            association_has_qualifier(cls, w->wanted->required_qualifier));
}

/* The object at the other end, or its class; *ret is NULL when it is not wanted or not there. */
static HRESULT fetch_end(struct association_walk *w, const wchar_t *text, IWbemClassObject **ret)
{
    const struct wql_association *a = w->wanted;
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    struct schema *s = NULL;
    bool wanted = true;
    *ret = NULL;
    HRESULT hr = a->result_class ? may_be_result(w, text, &wanted) : WBEM_S_NO_ERROR;
    if (FAILED(hr) || !wanted) {
        return hr;
    }
    hr = a->keys_only || a->class_defs_only
             ? get_object_keys(w->name_space, text, w->options.amended, &object)
             : get_object(w->name_space, text, 0, w->options.amended, &object);
    if (SUCCEEDED(hr)) {
        hr = schema_of(object, &s);
    }
    if (FAILED(hr)) {
        return is_absence(hr) ? WBEM_S_NO_ERROR : hr;
    }
    if ((a->result_class && !schema_is_a(s, a->result_class)) ||
        !has_required_qualifier(w, object, s)) {
        return WBEM_S_NO_ERROR;
    }
    if (a->class_defs_only) {
        return class_of(w, schema_class_name(s), ret);
    }
    *ret = TAKE(object);
    return WBEM_S_NO_ERROR;
}

/* The reference's text, or NULL; free() it. */
static HRESULT reference_of(IWbemClassObject *association, const wchar_t *name, wchar_t **ret)
{
    struct schema *s;
    struct cim_value v;
    uint32_t ordinal;
    *ret = NULL;
    HRESULT hr = schema_of(association, &s);
    if (SUCCEEDED(hr)) {
        hr = schema_find(s, name, &ordinal);
    }
    if (SUCCEEDED(hr)) {
        hr = object_get_value(association, ordinal, &v);
    }
    if (FAILED(hr) || v.null) {
        return hr;
    }
    *ret = cim_string_wide(&v.string);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* The next end of the current association; *ret is NULL when there is none left. */
static HRESULT next_end(struct association_walk *w, IWbemClassObject **ret)
{
    const struct association_role *role = &w->roles.items[w->role];
    *ret = NULL;
    while (w->end < schema_property_count(role->schema) && !*ret) {
        uint32_t i = w->end++;
        if (!association_is_end(w->query, role->schema, role->ordinal, i)) {
            continue;
        }
        CLEANUP(com_cleanup_free) wchar_t *text = NULL;
        HRESULT hr = reference_of(w->association, schema_property_name(role->schema, i), &text);
        if (SUCCEEDED(hr) && text) {
            hr = fetch_end(w, text, ret);
        }
        if (hr == WBEM_E_OUT_OF_MEMORY) {
            return hr;
        }
        if (FAILED(hr)) {
            remember_failure(w, hr);
        }
    }
    return WBEM_S_NO_ERROR;
}

/* The next object of the answer, of either statement. WBEM_S_FALSE at the end. */
static HRESULT next_object(struct association_walk *w, IWbemClassObject **ret)
{
    for (;;) {
        HRESULT hr = WBEM_S_NO_ERROR;
        *ret = NULL;
        if (w->association) {
            hr = next_end(w, ret);
            if (FAILED(hr) || *ret) {
                return hr;
            }
            IWbemClassObject_Release(w->association);
            w->association = NULL;
        }
        IWbemClassObject *association = NULL;
        hr = next_association(w, &association);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
        if (wql_query_kind(w->query) == WQL_ASSOCIATORS) {
            w->association = association;
            w->end = 0;
            continue;
        }
        if (!w->wanted->class_defs_only) {
            *ret = association;
            return WBEM_S_NO_ERROR;
        }
        IWbemClassObject_Release(association);
        hr = class_of(w, schema_class_name(w->roles.items[w->role].schema), ret);
        leave_role(w); /* one instance is enough */
        if (FAILED(hr) || *ret) {
            return hr;
        }
    }
}

/* ---- the source --------------------------------------------------------------------------------
 */

static HRESULT end_of(struct association_walk *w)
{
    if (FAILED(w->failure)) {
        (void)SetErrorInfo(0, w->failure_info);
        return w->failure;
    }
    (void)SetErrorInfo(0, NULL); /* of what was skipped */
    return WBEM_S_FALSE;
}

static HRESULT walk_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct association_walk *w = walk_of(s);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!w->started) {
        w->started = true;
        hr = find_source(w);
    }
    while (SUCCEEDED(hr) && demand > 0) {
        IWbemClassObject *object;
        if (result_set_cancelled(out)) {
            return WBEM_E_CALL_CANCELLED;
        }
        hr = next_object(w, &object);
        if (hr == WBEM_S_FALSE) {
            return end_of(w);
        }
        if (SUCCEEDED(hr)) {
            hr = result_set_put(out, object);
            demand--;
        }
    }
    return hr;
}

static void walk_destroy(struct source *s)
{
    struct association_walk *w = walk_of(s);
    com_release(w->answers);
    pthread_mutex_destroy(&w->lock);
    com_release(w->association);
    com_release(w->failure_info);
    class_set_done(&w->classes);
    association_roles_done(&w->roles);
    free(w->path);
    wql_destroy(w->query);
    free(w);
}

static const struct source_ops walk_ops = {
    .pull = walk_pull, .cancel = walk_cancel, .destroy = walk_destroy};

/* ---- starting
 * ------------------------------------------------------------------------------------ */

static HRESULT raise_no_class(const struct query_options *o, const wchar_t *text,
                              const wchar_t *name, struct wql_position at)
{
    CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(text);
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(name);
    return error_raise(WBEM_E_INVALID_CLASS, o->operation, query,
                       "line %u, column %u, at '%s': there is no such class in this namespace",
                       at.line, at.column, utf8 ? utf8 : "?");
}

/* Classes that the query names must be there; *ret is that of the path. */
static HRESULT check_classes(struct repository_namespace *n, const struct wql_query *q,
                             const wchar_t *text, const struct query_options *options,
                             IWbemClassObject **ret)
{
    const struct wql_association *a = wql_query_association(q);
    const struct {
        const wchar_t *name;
        struct wql_position at;
    } classes[] = {
        {wql_query_class(q), wql_query_class_position(q)},
        {a->assoc_class, a->assoc_class_at},
        {a->result_class, a->result_class_at},
    };
    *ret = NULL;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        IWbemClassObject *cls = NULL;
        HRESULT hr = classes[i].name ? repository_get_class(n, classes[i].name, false, &cls)
                                     : WBEM_S_NO_ERROR;
        if (FAILED(hr)) {
            com_release(*ret);
            *ret = NULL;
            return hr == WBEM_E_NOT_FOUND
                       ? raise_no_class(options, text, classes[i].name, classes[i].at)
                       : hr;
        }
        if (i == 0) {
            *ret = cls;
        } else {
            com_release(cls);
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT schema_answer(struct repository_namespace *n, const struct wql_query *q,
                             IWbemClassObject *cls, class_texts amended, struct source **ret)
{
    struct association_roles roles;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = association_roles_find(n, q, s, amended, &roles);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = associated_classes(n, q, &roles, amended, ret);
    association_roles_done(&roles);
    return hr;
}

static HRESULT walk_create(struct repository_namespace *n, const wchar_t *text,
                           const struct query_options *options, struct source **ret)
{
    struct association_walk *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = wql_parse(text, &w->query, NULL); /* the caller's goes with the call */
    if (FAILED(hr)) {
        free(w);
        return hr;
    }
    w->source.ops = &walk_ops;
    w->name_space = n;
    w->wanted = wql_query_association(w->query);
    w->options = *options;
    pthread_mutex_init(&w->lock, NULL);
    *ret = &w->source;
    return WBEM_S_NO_ERROR;
}

HRESULT association_source(struct repository_namespace *n, const struct wql_query *q,
                           const wchar_t *text, const struct query_options *options,
                           struct source **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    if (options->prototype) {
        CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(text);
        return error_raise(WBEM_E_NOT_SUPPORTED, options->operation, query,
                           "objects of many classes answer this query, so it has no prototype");
    }
    HRESULT hr = check_classes(n, q, text, options, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    return wql_query_association(q)->schema_only ? schema_answer(n, q, cls, options->amended, ret)
                                                 : walk_create(n, text, options, ret);
}
