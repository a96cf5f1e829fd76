/*
 * Performance objects refreshed in place: each sample's numbers are written
 * into the instances that there are. Memory is taken only when an instance
 * comes, or changes its name.
 *
 * A single instance follows its thing, and when that has ended, the one that
 * has the name then.
 */
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "providers/perf.h"
#include "providers/refresh.h"

/* Where the columns are in the instances of one class. */
struct binding {
    IWbemClassObject *cls;
    bool formatted;
    uint64_t there; /* bit i: the class has column i */
    uint32_t ordinals[PERF_COLUMNS_MAX];
};

/* What a formatted instance is computed from. */
struct earlier {
    struct perf_stamp stamp;
    struct perf_item item;
};

struct instance {
    IWbemClassObject *object; /* NULL: moved on */
    LONG id;                  /* in the enumerator, or of the single instance */
    uint64_t thing[2];        /* perf_item.id */
    char *name;
    struct earlier *earlier; /* formatted instances, from their first sample on */
};

struct single {
    struct binding binding;
    struct instance instance;
    bool found;
};

struct many {
    struct binding binding;
    LONG id;
    IWbemHiPerfEnum *to;
    struct instance *now, *before; /* in the order of sampling; swapped at each refresh */
    size_t now_count, before_count, now_capacity, before_capacity;
    size_t at; /* where in `before` the next is expected */
    LONG last_id;
};

/* Who has which name: clients add many instances one after another, and looking through all
 * processes for each would take them long. */
struct names {
    struct named {
        uint64_t thing[2];
        char name[PERF_NAME_SIZE];
    } * items;
    size_t count, capacity;
    uint64_t until; /* perf_stamp.perf_time */
};

struct perf_refresh {
    struct refresh_set set;
    const struct perf_object *object;
    void *reader;
    struct single **singles;
    struct many **manies;
    size_t single_count, many_count;
    LONG last_id;
    struct names names;
    struct perf_item item; /* the one being sampled */
};

static struct perf_refresh *of(struct refresh_set *s)
{
    return (struct perf_refresh *)((char *)s - offsetof(struct perf_refresh, set));
}

/* ---- bindings ------------------------------------------------------------------------ */

static HRESULT bind(const struct perf_object *object, IWbemClassObject *cls, struct binding *ret)
{
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr)) {
        return hr;
    }
    const struct perf_class *c = perf_class_of(provider_find(schema_class_name(s)));
    if (!c || c->object != object) {
        return WBEM_E_INVALID_CLASS;
    }
    *ret = (struct binding){.formatted = c->formatted};
    for (unsigned i = 0; object->columns[i]; i++) {
        wchar_t wide[128];
        size_t n = 0;
        for (; object->columns[i][n] && n < 127; n++) {
            wide[n] = (wchar_t)object->columns[i][n];
        }
        wide[n] = L'\0';
        if (SUCCEEDED(schema_find(s, wide, &ret->ordinals[i]))) {
            ret->there |= UINT64_C(1) << i;
        }
    }
    IWbemClassObject_AddRef(cls);
    ret->cls = cls;
    return WBEM_S_NO_ERROR;
}

static void unbind(struct binding *b)
{
    com_cleanup_release(&b->cls);
    b->cls = NULL;
}

/* ---- instances ------------------------------------------------------------------------- */

static void instance_done(struct instance *i)
{
    com_cleanup_release(&i->object);
    free(i->name);
    free(i->earlier);
    *i = (struct instance){0};
}

static HRESULT set_name(struct instance *i, const char *name)
{
    if (i->name && strcmp(i->name, name) == 0) {
        return WBEM_S_NO_ERROR;
    }
    CLEANUP(com_cleanup_free) char *copy = strdup(name);
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(name);
    VARIANT v = {0};
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = wide ? SysAllocString(wide) : NULL;
    HRESULT hr = copy && V_BSTR(&v) ? IWbemClassObject_Put(i->object, L"Name", 0, &v, 0)
                                    : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(V_BSTR(&v));
    if (SUCCEEDED(hr)) {
        free(i->name);
        i->name = TAKE(copy);
    }
    return hr;
}

static HRESULT update(const struct perf_object *object, const struct binding *b, struct instance *i,
                      const struct perf_stamp *stamp, const struct perf_item *item)
{
    struct perf_numbers n;
    HRESULT hr = object->singleton ? WBEM_S_NO_ERROR : set_name(i, item->name);
    if (FAILED(hr)) {
        return hr;
    }
    i->thing[0] = item->id[0];
    i->thing[1] = item->id[1];
    if (!b->formatted) {
        perf_raw_numbers(object, stamp, item, &n);
    } else {
        struct earlier *e = i->earlier;
        bool same = e && perf_same(&e->item, item);
        perf_formatted_numbers(object, same ? &e->stamp : NULL, same ? &e->item : NULL, stamp, item,
                               &n);
        if (!e && !(e = malloc(sizeof *e))) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        e->stamp = *stamp;
        e->item = *item;
        i->earlier = e;
    }
    return object_put_uints(i->object, b->there & ~(UINT64_C(1) << PERF_COLUMN_NAME), b->ordinals,
                            n.values, n.known);
}

/* Whether the sample is of the instance's thing. */
static bool is_of(const struct instance *i, const struct perf_item *item)
{
    if (i->thing[0] != item->id[0] || i->thing[1] != item->id[1]) {
        return false;
    }
    return i->thing[0] || i->thing[1] || strcmp(i->name ? i->name : "", item->name) == 0;
}

/* ---- enumerations ------------------------------------------------------------------------ */

static HRESULT reserve(struct instance **items, size_t *capacity, size_t count)
{
    if (count <= *capacity) {
        return WBEM_S_NO_ERROR;
    }
    size_t larger = *capacity ? 2 * *capacity : 16;
    struct instance *moved = reallocarray(*items, larger, sizeof *moved);
    if (!moved) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *items = moved;
    *capacity = larger;
    return WBEM_S_NO_ERROR;
}

static void many_begin(struct many *m)
{
    struct instance *items = m->before;
    size_t capacity = m->before_capacity;
    m->before = m->now;
    m->before_capacity = m->now_capacity;
    m->before_count = m->now_count;
    m->now = items;
    m->now_capacity = capacity;
    m->now_count = 0;
    m->at = 0;
}

/* Things keep their order, so the search mostly ends where it begins. */
static struct instance *find_before(struct many *m, const struct perf_item *item)
{
    for (size_t i = 0; i < m->before_count; i++) {
        size_t at = m->at + i < m->before_count ? m->at + i : m->at + i - m->before_count;
        struct instance *found = &m->before[at];
        if (found->object && is_of(found, item)) {
            m->at = at + 1 < m->before_count ? at + 1 : 0;
            return found;
        }
    }
    return NULL;
}

static HRESULT show(struct many *m, struct instance *i)
{
    CLEANUP(com_cleanup_release) IWbemObjectAccess *access = NULL;
    HRESULT hr =
        IWbemClassObject_QueryInterface(i->object, &IID_IWbemObjectAccess, (void **)&access);
    i->id = ++m->last_id;
    return SUCCEEDED(hr) ? IWbemHiPerfEnum_AddObjects(m->to, 0, 1, &i->id, &access) : hr;
}

static HRESULT many_take(struct perf_refresh *r, struct many *m, const struct perf_stamp *stamp)
{
    HRESULT hr = reserve(&m->now, &m->now_capacity, m->now_count + 1);
    if (FAILED(hr)) {
        return hr;
    }
    struct instance made = {0}, *old = find_before(m, &r->item);
    if (old) {
        m->now[m->now_count] = *old;
        *old = (struct instance){0};
        return update(r->object, &m->binding, &m->now[m->now_count++], stamp, &r->item);
    }
    hr = IWbemClassObject_SpawnInstance(m->binding.cls, 0, &made.object);
    if (SUCCEEDED(hr)) {
        hr = update(r->object, &m->binding, &made, stamp, &r->item);
    }
    if (SUCCEEDED(hr)) {
        hr = show(m, &made);
    }
    if (FAILED(hr)) {
        instance_done(&made);
        return hr;
    }
    m->now[m->now_count++] = made;
    return hr;
}

/* What was not sampled again is gone. */
static void many_end(struct many *m)
{
    for (size_t i = 0; i < m->before_count; i++) {
        if (m->before[i].object) {
            (void)IWbemHiPerfEnum_RemoveObjects(m->to, 0, 1, &m->before[i].id);
            instance_done(&m->before[i]);
        }
    }
    m->before_count = 0;
}

/* A sample that failed half way says nothing of what it did not come to. */
static HRESULT many_keep(struct many *m)
{
    for (size_t i = 0; i < m->before_count; i++) {
        if (m->before[i].object) {
            HRESULT hr = reserve(&m->now, &m->now_capacity, m->now_count + 1);
            if (FAILED(hr)) {
                many_end(m);
                return hr;
            }
            m->now[m->now_count++] = m->before[i];
            m->before[i] = (struct instance){0};
        }
    }
    m->before_count = 0;
    return WBEM_S_NO_ERROR;
}

static void many_destroy(struct many *m)
{
    for (size_t i = 0; i < m->now_count; i++) {
        instance_done(&m->now[i]);
    }
    unbind(&m->binding);
    com_cleanup_release(&m->to);
    free(m->now);
    free(m->before);
    free(m);
}

/* ---- single instances --------------------------------------------------------------------- */

static void single_destroy(struct single *s)
{
    instance_done(&s->instance);
    unbind(&s->binding);
    free(s);
}

/* Those whose things can be sampled alone; true when all were found. */
static bool refresh_alone(struct perf_refresh *r, const struct perf_stamp *stamp, HRESULT *hr)
{
    bool all = true;
    for (size_t i = 0; i < r->single_count; i++) {
        struct single *s = r->singles[i];
        struct instance *x = &s->instance;
        s->found = false;
        if (r->object->again && x->thing[0] != UINT64_MAX) {
            r->item.id[0] = x->thing[0];
            r->item.id[1] = x->thing[1];
            strcpy(r->item.name, x->name);
            s->found = r->object->again(r->reader, &r->item);
        }
        if (s->found) {
            HRESULT hr_one = update(r->object, &s->binding, x, stamp, &r->item);
            *hr = FAILED(hr_one) ? hr_one : *hr;
        }
        all = all && s->found;
    }
    return all;
}

/* Without again() by what it is; else, its thing being gone, by name. */
static HRESULT singles_take(struct perf_refresh *r, const struct perf_stamp *stamp)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; i < r->single_count && SUCCEEDED(hr); i++) {
        struct single *s = r->singles[i];
        if (!s->found && (r->object->singleton || strcmp(s->instance.name, r->item.name) == 0)) {
            s->found = true;
            hr = update(r->object, &s->binding, &s->instance, stamp, &r->item);
        }
    }
    return hr;
}

/* ---- the set ----------------------------------------------------------------------------------
 */

static void names_done(struct names *n)
{
    free(n->items);
    *n = (struct names){0};
}

static HRESULT sample_all(struct perf_refresh *r)
{
    struct perf_pass pass;
    HRESULT hr = perf_pass_begin(&pass, r->object, r->reader, ~UINT64_C(0));
    for (size_t i = 0; i < r->many_count; i++) {
        many_begin(r->manies[i]);
    }
    while (SUCCEEDED(hr) && perf_pass_next(&pass, &r->item)) {
        hr = singles_take(r, &pass.stamp);
        for (size_t i = 0; i < r->many_count && SUCCEEDED(hr); i++) {
            hr = many_take(r, r->manies[i], &pass.stamp);
        }
    }
    for (size_t i = 0; i < r->many_count; i++) {
        if (SUCCEEDED(hr)) {
            many_end(r->manies[i]);
        } else {
            (void)many_keep(r->manies[i]);
        }
    }
    return hr;
}

static HRESULT refresh(struct refresh_set *set, LONG flags)
{
    (void)flags; /* there is no connection that could be lost */
    struct perf_refresh *r = of(set);
    HRESULT hr = WBEM_S_NO_ERROR;
    struct perf_stamp stamp = perf_now();
    names_done(&r->names);
    bool all = refresh_alone(r, &stamp, &hr);
    if (SUCCEEDED(hr) && (!all || r->many_count > 0)) {
        hr = sample_all(r);
    }
    for (size_t i = 0; i < r->single_count && SUCCEEDED(hr); i++) {
        if (!r->singles[i]->found) {
            hr = WBEM_S_PARTIAL_RESULTS;
        }
    }
    return hr;
}

static HRESULT name_of(IWbemClassObject *template, char **ret)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(template, L"Name", 0, &v, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&v) != VT_BSTR) {
        hr = WBEM_E_INVALID_OBJECT_PATH;
    }
    if (SUCCEEDED(hr)) {
        *ret = com_utf8_from_wide(V_BSTR(&v));
        hr = *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    (void)VariantClear(&v);
    return hr;
}

static HRESULT names_read(struct perf_refresh *r)
{
    struct perf_pass pass;
    struct names *n = &r->names;
    HRESULT hr = perf_pass_begin(&pass, r->object, r->reader, 0);
    n->count = 0;
    n->until = pass.stamp.perf_time + PERF_TIME_FREQUENCY;
    while (SUCCEEDED(hr) && perf_pass_next(&pass, &r->item)) {
        if (n->count == n->capacity) {
            size_t capacity = n->capacity ? 2 * n->capacity : 64;
            struct named *items = reallocarray(n->items, capacity, sizeof *items);
            if (!items) {
                return WBEM_E_OUT_OF_MEMORY;
            }
            n->items = items;
            n->capacity = capacity;
        }
        struct named *one = &n->items[n->count++];
        memcpy(one->thing, r->item.id, sizeof one->thing);
        strcpy(one->name, r->item.name);
    }
    return hr;
}

static const struct named *names_find(const struct names *n, const char *name)
{
    for (size_t i = 0; i < n->count; i++) {
        if (strcasecmp(n->items[i].name, name) == 0) {
            return &n->items[i];
        }
    }
    return NULL;
}

/* By a list of names that is a second old at most. */
static HRESULT fill_by_list(struct perf_refresh *r, struct single *s, const char *name)
{
    struct perf_stamp now = perf_now();
    for (unsigned turn = 0; turn < 2; turn++) {
        bool fresh = now.perf_time >= r->names.until;
        HRESULT hr = fresh ? names_read(r) : WBEM_S_NO_ERROR;
        if (FAILED(hr)) {
            return hr;
        }
        const struct named *found = names_find(&r->names, name);
        if (found && found->thing[0] == UINT64_MAX) {
            return WBEM_S_FALSE; /* _Total is of all */
        }
        if (found) {
            memcpy(r->item.id, found->thing, sizeof r->item.id);
            strcpy(r->item.name, found->name);
            if (r->object->again(r->reader, &r->item)) {
                return update(r->object, &s->binding, &s->instance, &now, &r->item);
            }
        }
        r->names.until = 0; /* it was an old list, or one process has ended just now */
        if (fresh && !found) {
            break;
        }
    }
    return WBEM_E_NOT_FOUND;
}

static HRESULT fill_by_pass(struct perf_refresh *r, struct single *s, const char *name)
{
    struct perf_pass pass;
    HRESULT hr = perf_pass_begin(&pass, r->object, r->reader, ~UINT64_C(0));
    if (FAILED(hr)) {
        return hr;
    }
    while (perf_pass_next(&pass, &r->item)) {
        if (r->object->singleton || strcasecmp(name, r->item.name) == 0) {
            return update(r->object, &s->binding, &s->instance, &pass.stamp, &r->item);
        }
    }
    return WBEM_E_NOT_FOUND;
}

/* Finds the instance called s->instance.name, or the only one, and fills it. Names are compared
 * without regard to case, as keys are; from then on with the instance's own spelling. */
static HRESULT single_fill(struct perf_refresh *r, struct single *s)
{
    CLEANUP(com_cleanup_free) char *name = TAKE(s->instance.name);
    HRESULT hr = r->object->again ? fill_by_list(r, s, name) : WBEM_S_FALSE;
    return hr == WBEM_S_FALSE ? fill_by_pass(r, s, name) : hr;
}

static HRESULT single_create(struct perf_refresh *r, IWbemClassObject *template,
                             struct single **ret)
{
    struct single *s = calloc(1, sizeof *s);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = bind(r->object, template, &s->binding);
    if (SUCCEEDED(hr) && !r->object->singleton) {
        hr = name_of(template, &s->instance.name);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Clone(template, &s->instance.object);
    }
    if (SUCCEEDED(hr)) {
        hr = single_fill(r, s);
    }
    if (FAILED(hr)) {
        single_destroy(s);
        return hr;
    }
    *ret = s;
    return WBEM_S_NO_ERROR;
}

static HRESULT add_object(struct refresh_set *set, IWbemClassObject *template,
                          IWbemContext *context, IWbemClassObject **ret, LONG *ret_id)
{
    struct perf_refresh *r = of(set);
    struct single **larger = reallocarray(r->singles, r->single_count + 1, sizeof(struct single *));
    if (!larger) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->singles = larger;
    struct single *s;
    HRESULT hr = single_create(r, template, &s);
    if (FAILED(hr)) {
        return hr;
    }
    s->instance.id = *ret_id = ++r->last_id;
    r->singles[r->single_count++] = s;
    IWbemClassObject_AddRef(s->instance.object);
    *ret = s->instance.object;
    return WBEM_S_NO_ERROR;
}

static HRESULT add_enum(struct refresh_set *set, IWbemClassObject *cls, IWbemContext *context,
                        IWbemHiPerfEnum *to, LONG *ret_id)
{
    struct perf_refresh *r = of(set);
    struct many **larger = reallocarray(r->manies, r->many_count + 1, sizeof(struct many *));
    if (!larger) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->manies = larger;
    struct many *m = calloc(1, sizeof *m);
    if (!m) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = bind(r->object, cls, &m->binding);
    if (FAILED(hr)) {
        free(m);
        return hr;
    }
    IWbemHiPerfEnum_AddRef(to);
    m->to = to;
    m->id = *ret_id = ++r->last_id;
    r->manies[r->many_count++] = m;
    return WBEM_S_NO_ERROR;
}

static void remove_one(struct refresh_set *set, LONG id)
{
    struct perf_refresh *r = of(set);
    for (size_t i = 0; i < r->single_count; i++) {
        if (r->singles[i]->instance.id == id) {
            single_destroy(r->singles[i]);
            r->singles[i] = r->singles[--r->single_count];
            return;
        }
    }
    for (size_t i = 0; i < r->many_count; i++) {
        if (r->manies[i]->id == id) {
            many_destroy(r->manies[i]);
            r->manies[i] = r->manies[--r->many_count];
            return;
        }
    }
}

static void destroy(struct refresh_set *set)
{
    struct perf_refresh *r = of(set);
    while (r->single_count > 0) {
        single_destroy(r->singles[--r->single_count]);
    }
    while (r->many_count > 0) {
        many_destroy(r->manies[--r->many_count]);
    }
    free(r->singles);
    free(r->manies);
    names_done(&r->names);
    r->object->close(r->reader);
    free(r);
}

static const struct refresh_ops ops = {
    .add_object = add_object,
    .add_enum = add_enum,
    .remove = remove_one,
    .refresh = refresh,
    .destroy = destroy,
};

HRESULT perf_refresh_create(const struct perf_object *object, struct refresh_set **ret)
{
    struct perf_refresh *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->set.ops = &ops;
    r->object = object;
    HRESULT hr = object->open(&r->reader);
    if (FAILED(hr)) {
        free(r);
        return hr;
    }
    *ret = &r->set;
    return WBEM_S_NO_ERROR;
}
