/*
 * One namespace: its classes by name, and the tree that inheritance makes of
 * them. The caller holds the repository's lock.
 */
#include <stdlib.h>
#include <unicase.h>
#include <wchar.h>

#include "com/com.h"
#include "repository/repository_private.h"

static ucs4_t fold(wchar_t c)
{
    return c == L'/' ? L'\\' : uc_tolower((ucs4_t)c);
}

int namespace_name_compare_n(const wchar_t *a, const wchar_t *b, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        ucs4_t x = fold(a[i]);
        ucs4_t y = fold(b[i]);
        if (x != y || !a[i]) {
            return (x > y) - (x < y);
        }
    }
    return 0;
}

int namespace_name_compare(const wchar_t *a, const wchar_t *b)
{
    return namespace_name_compare_n(a, b, SIZE_MAX);
}

/* FNV-1a over the folded characters. */
static size_t bucket_of(const wchar_t *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++) {
        h = (h ^ fold(*name)) * 16777619u;
    }
    return h % CLASS_BUCKETS;
}

struct repository_namespace *namespace_find(struct repository *r, const wchar_t *name)
{
    for (struct repository_namespace *n = r->namespaces; n; n = n->next) {
        if (namespace_name_compare(n->name, name) == 0) {
            return n;
        }
    }
    return NULL;
}

struct class_entry *namespace_find_class(const struct repository_namespace *n, const wchar_t *name)
{
    for (struct class_entry *e = n->buckets[bucket_of(name)]; e; e = e->next_in_bucket) {
        if (namespace_name_compare(e->name, name) == 0) {
            return e;
        }
    }
    return NULL;
}

static void class_entry_destroy(struct class_entry *e)
{
    if (!e) {
        return;
    }
    if (e->full) {
        IWbemClassObject_Release(e->full);
    }
    if (e->plain) {
        IWbemClassObject_Release(e->plain);
    }
    free(e->name);
    free(e);
}

void namespace_destroy(struct repository_namespace *n)
{
    if (!n) {
        return;
    }
    for (size_t i = 0; i < CLASS_BUCKETS; i++) {
        for (struct class_entry *e = n->buckets[i], *next; e; e = next) {
            next = e->next_in_bucket;
            class_entry_destroy(e);
        }
    }
    decoration_unref(n->decoration);
    free(n->name);
    free(n);
}

/* A string property of the class; *ret is NULL when it is null. */
static HRESULT get_string(IWbemClassObject *cls, const wchar_t *name, BSTR *ret)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(cls, name, 0, &v, NULL, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = V_VT(&v) == VT_BSTR ? V_BSTR(&v) : NULL;
    return WBEM_S_NO_ERROR;
}

static void link_class(struct repository_namespace *n, struct class_entry *e)
{
    struct class_entry **first = e->parent ? &e->parent->first_child : &n->first_top;
    struct class_entry **last = e->parent ? &e->parent->last_child : &n->last_top;
    if (*last) {
        (*last)->next_sibling = e;
    } else {
        *first = e;
    }
    *last = e;
    size_t b = bucket_of(e->name);
    e->next_in_bucket = n->buckets[b];
    n->buckets[b] = e;
}

static HRESULT put_named(struct repository_namespace *n, IWbemClassObject *cls, const wchar_t *name,
                         const wchar_t *superclass)
{
    if (namespace_find_class(n, name)) {
        return WBEM_E_ALREADY_EXISTS;
    }

    struct class_entry *parent = NULL;
    if (superclass && *superclass) {
        parent = namespace_find_class(n, superclass);
        if (!parent) {
            return WBEM_E_INVALID_SUPERCLASS;
        }
    }

    struct class_entry *e = calloc(1, sizeof(*e));
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->name = wcsdup(name);
    e->parent = parent;
    HRESULT hr = e->name ? IWbemClassObject_Clone(cls, &e->full) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = object_decorate(e->full, n->decoration);
    }
    if (FAILED(hr)) {
        class_entry_destroy(e);
        return hr;
    }
    link_class(n, e);
    return WBEM_S_NO_ERROR;
}

HRESULT namespace_put_class(struct repository_namespace *n, IWbemClassObject *cls)
{
    BSTR name = NULL;
    BSTR superclass = NULL;
    HRESULT hr = get_string(cls, L"__CLASS", &name);
    if (SUCCEEDED(hr)) {
        hr = get_string(cls, L"__SUPERCLASS", &superclass);
    }
    if (SUCCEEDED(hr) && !name) {
        hr = WBEM_E_INVALID_OBJECT;
    }
    if (SUCCEEDED(hr)) {
        hr = put_named(n, cls, name, superclass);
    }
    SysFreeString(name);
    SysFreeString(superclass);
    return hr;
}
