/* Objects by path: a hash table beside an array that keeps their order. */
#include "events/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"

void snapshot_done(struct snapshot *s)
{
    for (size_t i = 0; i < s->count; i++) {
        SysFreeString(s->entries[i].path);
        IWbemClassObject_Release(s->entries[i].object);
    }
    free(s->entries);
    free(s->index);
    *s = (struct snapshot){0};
}

/* FNV-1a. Paths are compared as they are: files that differ in case only are two. */
static uint32_t hash_of(const wchar_t *path)
{
    uint32_t h = 2166136261u;
    for (; *path; path++) {
        h = (h ^ (uint32_t)*path) * 16777619u;
    }
    return h;
}

static struct snapshot_entry *find(const struct snapshot *s, const wchar_t *path, uint32_t hash)
{
    for (size_t i = hash; s->index_size > 0; i++) {
        uint32_t number = s->index[i & (s->index_size - 1)];
        if (number == 0) {
            return NULL;
        }
        struct snapshot_entry *e = &s->entries[number - 1];
        if (e->hash == hash && wcscmp(e->path, path) == 0) {
            return e;
        }
    }
    return NULL;
}

static void enter(struct snapshot *s, size_t number)
{
    size_t i = s->entries[number].hash;
    while (s->index[i & (s->index_size - 1)] != 0) {
        i++;
    }
    s->index[i & (s->index_size - 1)] = (uint32_t)number + 1;
}

/* The index is kept at most half full. */
static bool reserve(struct snapshot *s)
{
    if (s->count < s->capacity) {
        return true;
    }
    size_t capacity = s->capacity ? 2 * s->capacity : 64;
    struct snapshot_entry *entries = realloc(s->entries, capacity * sizeof(*entries));
    if (!entries) {
        return false;
    }
    s->entries = entries;
    uint32_t *index = calloc(2 * capacity, sizeof(*index));
    if (!index) {
        return false;
    }
    free(s->index);
    s->index = index;
    s->index_size = 2 * capacity;
    s->capacity = capacity;
    for (size_t i = 0; i < s->count; i++) {
        enter(s, i);
    }
    return true;
}

HRESULT snapshot_add(struct snapshot *s, IWbemClassObject *object, const wchar_t *key)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(object, key, 0, &v, NULL, NULL);
    if (FAILED(hr) || V_VT(&v) != VT_BSTR) {
        VariantClear(&v);
        IWbemClassObject_Release(object);
        return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
    }
    uint32_t hash = hash_of(V_BSTR(&v));
    if (s->count >= SNAPSHOT_MOST) {
        hr = WBEM_E_QUOTA_VIOLATION;
    } else if (find(s, V_BSTR(&v), hash)) {
        hr = WBEM_S_FALSE;
    } else if (!reserve(s)) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (hr != WBEM_S_NO_ERROR) {
        VariantClear(&v);
        IWbemClassObject_Release(object);
        return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
    }
    s->entries[s->count] =
        (struct snapshot_entry){.path = V_BSTR(&v), .hash = hash, .object = object};
    enter(s, s->count++);
    return WBEM_S_NO_ERROR;
}

/* The same bytes mean the same values; other bytes may, so then values are compared. */
static bool is_same(IWbemClassObject *a, IWbemClassObject *b)
{
    const uint8_t *bytes_a;
    const uint8_t *bytes_b;
    uint32_t size_a;
    uint32_t size_b;
    if (SUCCEEDED(object_encoding(a, &bytes_a, &size_a)) &&
        SUCCEEDED(object_encoding(b, &bytes_b, &size_b)) && size_a == size_b &&
        memcmp(bytes_a, bytes_b, size_a) == 0) {
        return true;
    }
    return IWbemClassObject_CompareTo(a, WBEM_FLAG_IGNORE_OBJECT_SOURCE, b) == WBEM_S_SAME;
}

HRESULT snapshot_compare(struct snapshot *was, struct snapshot *now,
                         HRESULT (*changed)(void *closure, IWbemClassObject *before,
                                            IWbemClassObject *after),
                         void *closure)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < was->count; i++) {
        const struct snapshot_entry *e = &was->entries[i];
        if (!find(now, e->path, e->hash)) {
            hr = changed(closure, e->object, NULL);
        }
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < now->count; i++) {
        const struct snapshot_entry *e = &now->entries[i];
        const struct snapshot_entry *before = find(was, e->path, e->hash);
        if (!before || !is_same(before->object, e->object)) {
            hr = changed(closure, before ? before->object : NULL, e->object);
        }
    }
    return hr;
}
