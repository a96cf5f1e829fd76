/*
 * The texts of locales: the amended qualifiers of a class that is kept under its
 * name in the namespace of a locale, such as root\cimv2\ms_40c, put over those of
 * the definition ([MS-WMI] 2.2.29 and 3.1.4.1.4; [WmiSdk] "Localizing WMI Class
 * Information"). Texts of parameters stay those of the definition.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "repository/repository_private.h"

enum {
    LOCALE_BITS = 20, /* of an LCID, [MS-LCID] 2.1 */
    LOCALES_MAX = 64 / LOCALE_BITS,
};
#define LOCALE_MASK ((1u << LOCALE_BITS) - 1)

/* ---- which -------------------------------------------------------------------------------- */

/* "MS_40C" up to the comma or the end; 0: it is none. */
static uint32_t lcid_of(const wchar_t *name)
{
    wchar_t *end;
    if (wcsncasecmp(name, L"MS_", 3) != 0 || !iswxdigit((wint_t)name[3])) {
        return 0;
    }
    unsigned long lcid = wcstoul(name + 3, &end, 16);
    return (*end == L'\0' || *end == L',' || *end == L' ') && lcid <= LOCALE_MASK ? (uint32_t)lcid
                                                                                  : 0;
}

class_texts class_texts_of_locales(const wchar_t *locales)
{
    class_texts texts = 0;
    unsigned count = 0;
    for (const wchar_t *p = locales; p && *p && count < LOCALES_MAX; p += *p == L',') {
        p += wcsspn(p, L" ");
        uint32_t lcid = lcid_of(p);
        if (lcid > TEXTS_OWN) {
            texts |= (class_texts)lcid << LOCALE_BITS * count++;
        }
        p += wcscspn(p, L",");
    }
    return count ? texts : TEXTS_OWN;
}

/* ---- where -------------------------------------------------------------------------------- */

/* What the first locale has that has something: of the class itself and its ancestors. */
struct stubs {
    struct class_record *items; /* the class's own last */
    bool *own;
    size_t count;
    uint64_t stamp; /* other texts have another */
};

static HRESULT find_stub(struct repository *r, MDB_txn *txn, uint32_t name_space,
                         const wchar_t *name, bool own, struct stubs *ret)
{
    struct class_record record;
    HRESULT hr = class_record_get(r, txn, name_space, name, &record);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_S_FALSE : hr;
    }
    ret->own[ret->count] = own;
    ret->items[ret->count++] = record;
    ret->stamp = (ret->stamp ^ record.id) * 1099511628211u;
    ret->stamp = (ret->stamp ^ record.version) * 1099511628211u;
    return WBEM_S_NO_ERROR;
}

static uint32_t depth_of(const struct schema *s)
{
    uint32_t depth = 0;
    while (schema_ancestor(s, depth)) {
        depth++;
    }
    return depth;
}

static HRESULT find_in_locale(struct repository_namespace *n, MDB_txn *txn, uint32_t lcid,
                              const struct schema *s, uint32_t depth, struct stubs *ret)
{
    struct repository *r = n->repository;
    size_t size = wcslen(n->name) + 16;
    CLEANUP(com_cleanup_free) wchar_t *name = calloc(size, sizeof(*name));
    uint32_t id;
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (void)swprintf(name, size, L"%ls\\ms_%x", n->name, lcid);
    HRESULT hr = namespace_id(r, txn, name, &id);
    if (hr == WBEM_E_INVALID_NAMESPACE) {
        return WBEM_S_FALSE;
    }
    for (uint32_t i = depth; SUCCEEDED(hr) && i-- > 0;) {
        hr = find_stub(r, txn, id, schema_ancestor(s, i), false, ret);
    }
    return SUCCEEDED(hr) ? find_stub(r, txn, id, schema_class_name(s), true, ret) : hr;
}

static HRESULT find_stubs(struct repository_namespace *n, MDB_txn *txn, class_texts texts,
                          const struct schema *s, struct stubs *ret)
{
    uint32_t depth = depth_of(s);
    HRESULT hr = WBEM_S_NO_ERROR;
    *ret = (struct stubs){.items = calloc(depth + 1, sizeof(*ret->items)),
                          .own = calloc(depth + 1, sizeof(*ret->own)),
                          .stamp = 14695981039346656037u};
    if (!ret->items || !ret->own) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (; SUCCEEDED(hr) && ret->count == 0 && texts; texts >>= LOCALE_BITS) {
        hr = find_in_locale(n, txn, (uint32_t)texts & LOCALE_MASK, s, depth, ret);
    }
    return hr;
}

static void stubs_done(struct stubs *s)
{
    free(s->items);
    free(s->own);
}

/* ---- put over ----------------------------------------------------------------------------- */

/* Does the definition itself say something nearer than an ancestor's text? */
static bool is_said_here(IWbemQualifierSet *set, const wchar_t *name)
{
    LONG flavor = 0;
    VARIANT unused;
    VariantInit(&unused);
    HRESULT hr = IWbemQualifierSet_Get(set, name, 0, &unused, &flavor);
    (void)VariantClear(&unused);
    return SUCCEEDED(hr) && (flavor & WBEM_FLAVOR_MASK_ORIGIN) == WBEM_FLAVOR_ORIGIN_LOCAL;
}

/* `defined`: of the definition that `to` is a copy of. `own`: the texts of the class itself, not of
 * an ancestor, of which what goes to subclasses counts. */
static HRESULT put_set(IWbemQualifierSet *from, IWbemQualifierSet *defined, IWbemQualifierSet *to,
                       bool own)
{
    HRESULT hr = IWbemQualifierSet_BeginEnumeration(from, WBEM_FLAG_LOCAL_ONLY);
    while (SUCCEEDED(hr)) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        VARIANT value;
        LONG flavor;
        VariantInit(&value);
        hr = IWbemQualifierSet_Next(from, 0, &name, &value, &flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        bool goes = own || ((flavor & WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS) &&
                            !is_said_here(defined, name));
        if ((flavor & WBEM_FLAVOR_AMENDED) && goes) {
            hr = IWbemQualifierSet_Put(to, name, &value, flavor & ~WBEM_FLAVOR_MASK_ORIGIN);
            if (hr == WBEM_E_OVERRIDE_NOT_ALLOWED) {
                (void)SetErrorInfo(0, NULL);
                hr = WBEM_S_NO_ERROR; /* the definition's stays */
            }
        }
        (void)VariantClear(&value);
    }
    (void)IWbemQualifierSet_EndEnumeration(from);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

typedef HRESULT STDMETHODCALLTYPE get_set(IWbemClassObject *o, LPCWSTR name,
                                          IWbemQualifierSet **ret);

static HRESULT get_class_set(IWbemClassObject *o, LPCWSTR unused, IWbemQualifierSet **ret)
{
    (void)unused;
    return IWbemClassObject_GetQualifierSet(o, ret);
}

static HRESULT put_part(IWbemClassObject *stub, IWbemClassObject *defined, IWbemClassObject *to,
                        get_set *get, const wchar_t *name, bool own)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *from_set = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *defined_set = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *to_set = NULL;
    HRESULT hr = get(stub, name, &from_set);
    if (SUCCEEDED(hr)) {
        hr = get(defined, name, &defined_set);
    }
    if (SUCCEEDED(hr)) {
        hr = get(to, name, &to_set);
    }
    if (hr == WBEM_E_NOT_FOUND) { /* a text for what the class has no more */
        (void)SetErrorInfo(0, NULL);
        return WBEM_S_NO_ERROR;
    }
    return FAILED(hr) ? hr : put_set(from_set, defined_set, to_set, own);
}

static HRESULT put_properties(IWbemClassObject *stub, IWbemClassObject *defined,
                              IWbemClassObject *to, bool own)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(stub, WBEM_FLAG_NONSYSTEM_ONLY);
    while (SUCCEEDED(hr)) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        hr = IWbemClassObject_Next(stub, 0, &name, NULL, NULL, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = put_part(stub, defined, to, stub->lpVtbl->GetPropertyQualifierSet, name, own);
    }
    (void)IWbemClassObject_EndEnumeration(stub);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT put_methods(IWbemClassObject *stub, IWbemClassObject *defined, IWbemClassObject *to,
                           bool own)
{
    HRESULT hr = IWbemClassObject_BeginMethodEnumeration(stub, 0);
    while (SUCCEEDED(hr)) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        hr = IWbemClassObject_NextMethod(stub, 0, &name, NULL, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = put_part(stub, defined, to, stub->lpVtbl->GetMethodQualifierSet, name, own);
    }
    (void)IWbemClassObject_EndMethodEnumeration(stub);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT put_stub(struct repository_namespace *n, const struct class_record *record, bool own,
                        IWbemClassObject *defined, IWbemClassObject *to)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *stub = NULL;
    HRESULT hr = class_decode(n, record, &stub);
    if (SUCCEEDED(hr)) {
        hr = put_part(stub, defined, to, get_class_set, NULL, own);
    }
    if (SUCCEEDED(hr)) {
        hr = put_properties(stub, defined, to, own);
    }
    return SUCCEEDED(hr) ? put_methods(stub, defined, to, own) : hr;
}

static HRESULT put_stubs(struct repository_namespace *n, const struct stubs *stubs,
                         IWbemClassObject *defined, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *copy = NULL;
    HRESULT hr = IWbemClassObject_Clone(defined, &copy);
    for (size_t i = 0; SUCCEEDED(hr) && i < stubs->count; i++) {
        hr = put_stub(n, &stubs->items[i], stubs->own[i], defined, copy);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(copy);
    }
    return hr;
}

HRESULT class_with_texts(struct repository_namespace *n, MDB_txn *txn,
                         const struct class_record *record, class_texts texts,
                         IWbemClassObject *defined, IWbemClassObject **ret)
{
    CLEANUP(stubs_done) struct stubs stubs = {0};
    struct schema *s;
    HRESULT hr = schema_of(defined, &s);
    if (SUCCEEDED(hr)) {
        hr = find_stubs(n, txn, texts, s, &stubs);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (stubs.count == 0) {
        IWbemClassObject_AddRef(defined);
        *ret = defined;
        return WBEM_S_NO_ERROR;
    }
    const struct class_localized wanted = {.texts = texts, .stamp = stubs.stamp};
    *ret = class_cache_get_localized(n->repository, record, &wanted);
    if (*ret) {
        return WBEM_S_NO_ERROR;
    }
    hr = put_stubs(n, &stubs, defined, ret);
    if (SUCCEEDED(hr)) {
        class_cache_put_localized(n->repository, record, &wanted, *ret);
    }
    return hr;
}
