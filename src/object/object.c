/*
 * The object behind IWbemClassObject: its life, its two lazily made forms (a
 * class as draft and as schema), and which of its methods is where.
 *
 * Changing one object from two threads is the callers' mistake, but a class that
 * nobody changes is shared between threads: what readers make on first use is
 * therefore installed with compare-and-swap, the loser throwing its own away.
 */
#include "object/object_private.h"

#include <stdalign.h>

/* ---- life ------------------------------------------------------------------------- */

static void object_init(struct object *o)
{
    /* In two parts, each small enough to become plain stores: for the whole, compilers choose a
     * string instruction that takes longer than all the rest of making an instance. */
    const size_t half = offsetof(struct object, slab);
    memset(o, 0, half);
    memset((char *)o + half, 0, sizeof *o - half);
    o->iface.lpVtbl = &object_vtable;
    o->access.lpVtbl = &object_access_vtable;
    atomic_init(&o->refs, 1);
}

struct object *object_alloc(size_t size)
{
    struct object *o = malloc(sizeof *o + size);
    if (o) {
        object_init(o);
    }
    return o;
}

static void extras_destroy(struct object_extras *e)
{
    if (e) {
        free(atomic_load_explicit(&e->block, memory_order_relaxed));
        instance_qualifiers_destroy(atomic_load_explicit(&e->qualifiers, memory_order_relaxed));
        free(e);
    }
}

static void slab_release(struct slab *slab)
{
    /* As in object_release(): the last one is alone. */
    if (atomic_load_explicit(&slab->live, memory_order_acquire) == 1 ||
        atomic_fetch_sub_explicit(&slab->live, 1, memory_order_acq_rel) == 1) {
        schema_unref(slab->schema);
        decoration_unref(slab->where);
        free(slab);
    }
}

static void object_destroy(struct object *o)
{
    extras_destroy(atomic_load_explicit(&o->extras, memory_order_relaxed));
    if (o->part_capacity > 0) {
        free(o->part);
    }
    if (o->slab) {
        if (o->where != o->slab->where) {
            decoration_unref(o->where);
        }
        slab_release(o->slab);
        return;
    }
    schema_unref(atomic_load_explicit(&o->schema, memory_order_relaxed));
    draft_destroy(atomic_load_explicit(&o->draft, memory_order_relaxed));
    decoration_unref(o->where);
    free(o);
}

ULONG object_release(struct object *o)
{
    /* The only reference is ours: nobody else can be adding one, so no locked instruction. */
    if (atomic_load_explicit(&o->refs, memory_order_acquire) == 1) {
        object_destroy(o);
        return 0;
    }
    ULONG left = (ULONG)(atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) - 1);
    if (left == 0) {
        object_destroy(o);
    }
    return left;
}

bool object_is_ours(IWbemClassObject *object)
{
    return object && object->lpVtbl == &object_vtable;
}

size_t object_memory(IWbemClassObject *object)
{
    if (!object_is_ours(object)) {
        return sizeof(struct object); /* somebody else's, who counts it */
    }
    const struct object *o = object_of(object);
    const struct schema *s = atomic_load_explicit(&o->schema, memory_order_acquire);
    if (o->is_class) {
        return sizeof *o + (s ? (size_t)s->class_part_size + s->methods_part_size : 0);
    }
    return sizeof *o + (o->part_capacity   ? o->part_capacity
                        : o->wire_size > 0 ? o->wire_size
                                           : o->part_size);
}

HRESULT object_is_class(IWbemClassObject *object, bool *ret)
{
    VARIANT genus;
    if (object_is_ours(object)) {
        *ret = object_of(object)->is_class;
        return WBEM_S_NO_ERROR;
    }
    VariantInit(&genus);
    HRESULT hr = IWbemClassObject_Get(object, L"__GENUS", 0, &genus, NULL, NULL);
    *ret = SUCCEEDED(hr) && V_VT(&genus) == VT_I4 && V_I4(&genus) == WBEM_GENUS_CLASS;
    VariantClear(&genus);
    return hr;
}

HRESULT object_name_class(IWbemClassObject *cls, const wchar_t *name)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(name);
    HRESULT hr =
        V_BSTR(&value) ? IWbemClassObject_Put(cls, L"__CLASS", 0, &value, 0) : WBEM_E_OUT_OF_MEMORY;
    VariantClear(&value);
    return hr;
}

bool object_find_value(IWbemClassObject *object, const wchar_t *name, struct cim_value *ret)
{
    struct schema *s;
    uint32_t ordinal;
    return SUCCEEDED(schema_of(object, &s)) && SUCCEEDED(schema_find(s, name, &ordinal)) &&
           SUCCEEDED(object_get_value(object, ordinal, ret)) && !ret->null;
}

HRESULT object_class_from_schema(struct schema *s, struct decoration *where, struct object **ret)
{
    struct object *o = object_alloc(0);
    if (!o) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    o->is_class = true;
    atomic_init(&o->schema, schema_ref(s));
    o->where = decoration_ref(where);
    *ret = o;
    return WBEM_S_NO_ERROR;
}

/* Takes the draft, also on failure. */
HRESULT object_class_from_draft(struct draft *d, struct decoration *where, struct object **ret)
{
    struct object *o = object_alloc(0);
    if (!o) {
        draft_destroy(d);
        return WBEM_E_OUT_OF_MEMORY;
    }
    o->is_class = true;
    atomic_init(&o->draft, d);
    o->where = decoration_ref(where);
    *ret = o;
    return WBEM_S_NO_ERROR;
}

HRESULT object_create_class(IWbemClassObject **ret)
{
    struct draft *d;
    struct object *o;
    HRESULT hr = draft_create(&d);
    if (SUCCEEDED(hr)) {
        hr = object_class_from_draft(d, NULL, &o);
    }
    if (SUCCEEDED(hr)) {
        *ret = &o->iface;
    }
    return hr;
}

static void instance_init(struct object *o, struct schema *s, struct decoration *where,
                          const uint8_t *part, uint32_t size, const struct instance_layout *layout)
{
    memcpy(o->bytes, part, size);
    atomic_init(&o->schema, s);
    o->where = where;
    o->part = o->bytes;
    o->part_size = size;
    o->layout = *layout;
}

HRESULT object_instance_from_part(struct schema *s, struct decoration *where, const uint8_t *part,
                                  uint32_t size, const struct instance_layout *layout,
                                  struct object **ret)
{
    struct object *o = object_alloc(size);
    if (!o) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    instance_init(o, schema_ref(s), decoration_ref(where), part, size, layout);
    *ret = o;
    return WBEM_S_NO_ERROR;
}

HRESULT object_from_instance_bytes(struct schema *s, struct decoration *where, const void *bytes,
                                   size_t size, IWbemClassObject **ret)
{
    struct instance_layout layout;
    struct object *o;
    HRESULT hr = instance_layout(s, bytes, size, &layout);
    if (SUCCEEDED(hr)) {
        hr = object_instance_from_part(s, where, bytes, (uint32_t)size, &layout, &o);
    }
    if (SUCCEEDED(hr)) {
        *ret = &o->iface;
    }
    return hr;
}

/* ---- many instances at once ------------------------------------------------------------ */

/* How many instances ahead, and the size of what is fetched at a time. */
#define PREFETCH_AHEAD 8u
#define CACHE_LINE 64u

/* The bytes mostly come from memory that nobody has looked at lately. */
static inline void prefetch_part(const struct object_bytes *part)
{
    const char *bytes = part->bytes;
    for (size_t at = 0; at < part->size && at < (size_t)4 * CACHE_LINE; at += CACHE_LINE) {
        __builtin_prefetch(bytes + at);
    }
}

/* An object that a client keeps holds the memory of its whole slab, hence not more. */
#define SLAB_OBJECTS 32u

static size_t slab_align(size_t size)
{
    return (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

static void release_made(IWbemClassObject **made, uint32_t count)
{
    while (count-- > 0) {
        object_release(object_of(made[count]));
        made[count] = NULL;
    }
}

static HRESULT slab_make(struct schema *s, struct decoration *where,
                         const struct object_bytes *parts, uint32_t count, IWbemClassObject **ret)
{
    struct instance_layout layouts[SLAB_OBJECTS];
    size_t size = slab_align(sizeof(struct slab));
    for (uint32_t i = 0; i < count; i++) {
        if (i + PREFETCH_AHEAD < count) {
            prefetch_part(&parts[i + PREFETCH_AHEAD]);
        }
        HRESULT hr = instance_layout(s, parts[i].bytes, parts[i].size, &layouts[i]);
        if (FAILED(hr)) {
            return hr;
        }
        size += slab_align(sizeof(struct object) + parts[i].size);
    }
    char *at = malloc(size);
    if (!at) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    struct slab *slab = (struct slab *)(void *)at;
    atomic_init(&slab->live, count);
    slab->schema = schema_ref(s);
    slab->where = decoration_ref(where);
    at += slab_align(sizeof *slab);
    for (uint32_t i = 0; i < count; i++) {
        struct object *o = (struct object *)(void *)at;
        object_init(o);
        instance_init(o, s, where, parts[i].bytes, (uint32_t)parts[i].size, &layouts[i]);
        o->slab = slab;
        ret[i] = &o->iface;
        at += slab_align(sizeof *o + parts[i].size);
    }
    return WBEM_S_NO_ERROR;
}

HRESULT objects_from_instance_bytes(struct schema *s, struct decoration *where,
                                    const struct object_bytes *parts, uint32_t count,
                                    IWbemClassObject **ret)
{
    for (uint32_t done = 0; done < count;) {
        uint32_t some = count - done < SLAB_OBJECTS ? count - done : SLAB_OBJECTS;
        HRESULT hr = slab_make(s, where, parts + done, some, ret + done);
        if (FAILED(hr)) {
            release_made(ret, done);
            return hr;
        }
        done += some;
    }
    return WBEM_S_NO_ERROR;
}

/* ---- the two forms of a class -------------------------------------------------------- */

HRESULT object_draft(struct object *o, struct draft **ret)
{
    struct draft *d = atomic_load_explicit(&o->draft, memory_order_acquire), *none = NULL;
    if (d) {
        *ret = d;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = draft_from_schema(atomic_load_explicit(&o->schema, memory_order_acquire), &d);
    if (FAILED(hr)) {
        return hr;
    }
    if (!atomic_compare_exchange_strong_explicit(&o->draft, &none, d, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        draft_destroy(d);
        d = none;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

HRESULT object_schema(struct object *o, struct schema **ret)
{
    struct schema *s = atomic_load_explicit(&o->schema, memory_order_acquire), *none = NULL;
    if (s) {
        *ret = s;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = draft_encode(atomic_load_explicit(&o->draft, memory_order_acquire), &s);
    if (FAILED(hr)) {
        return hr;
    }
    if (!atomic_compare_exchange_strong_explicit(&o->schema, &none, s, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        schema_unref(s);
        s = none;
    }
    *ret = s;
    return WBEM_S_NO_ERROR;
}

HRESULT schema_of(IWbemClassObject *object, struct schema **ret)
{
    return object_is_ours(object) ? object_schema(object_of(object), ret)
                                  : WBEM_E_INVALID_PARAMETER;
}

HRESULT object_extras(struct object *o, struct object_extras **ret)
{
    struct object_extras *e = atomic_load_explicit(&o->extras, memory_order_acquire), *none = NULL;
    if (!e) {
        e = calloc(1, sizeof *e);
        if (!e) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        if (!atomic_compare_exchange_strong_explicit(&o->extras, &none, e, memory_order_acq_rel,
                                                     memory_order_acquire)) {
            free(e);
            e = none;
        }
    }
    *ret = e;
    return WBEM_S_NO_ERROR;
}

void object_changing(struct object *o)
{
    struct object_extras *e = atomic_load_explicit(&o->extras, memory_order_relaxed);
    o->wire_size = 0;
    if (e) {
        free(atomic_exchange_explicit(&e->block, NULL, memory_order_relaxed));
    }
    if (o->is_class) {
        schema_unref(atomic_exchange_explicit(&o->schema, NULL, memory_order_relaxed));
    }
}

HRESULT object_decorate(IWbemClassObject *object, struct decoration *where)
{
    if (!object_is_ours(object)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct object *o = object_of(object);
    struct object_extras *e = atomic_load_explicit(&o->extras, memory_order_relaxed);
    o->wire_size = 0;
    if (e) {
        free(atomic_exchange_explicit(&e->block, NULL, memory_order_relaxed));
    }
    struct decoration *old = o->where;
    if (o->slab && where == o->slab->where) { /* the slab has the reference */
        o->where = where;
    } else {
        o->where = decoration_ref(where);
    }
    if (!o->slab || old != o->slab->where) {
        decoration_unref(old);
    }
    return WBEM_S_NO_ERROR;
}

HRESULT object_get_value(IWbemClassObject *object, uint32_t ordinal, struct cim_value *ret)
{
    struct schema *s;
    HRESULT hr = schema_of(object, &s);
    if (FAILED(hr)) {
        return hr;
    }
    if (ordinal >= s->property_count) {
        return WBEM_E_NOT_FOUND;
    }
    struct object *o = object_of(object);
    return o->is_class ? schema_default(s, ordinal, ret) : instance_get(o, ordinal, ret);
}

/* ---- IUnknown ------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE query_interface(IWbemClassObject *iface, REFIID iid, void **ret)
{
    struct object *o = object_of(iface);
    if (!ret) {
        return E_POINTER;
    }
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IWbemClassObject)) {
        *ret = &o->iface;
    } else if (IsEqualIID(iid, &IID_IWbemObjectAccess)) {
        *ret = &o->access;
    } else {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE add_ref(IWbemClassObject *iface)
{
    return (ULONG)(atomic_fetch_add_explicit(&object_of(iface)->refs, 1, memory_order_relaxed) + 1);
}

static ULONG STDMETHODCALLTYPE release(IWbemClassObject *iface)
{
    return object_release(object_of(iface));
}

/* ---- the vtable: each method stands in the file of its subject --------------------------- */

static HRESULT STDMETHODCALLTYPE get_qualifier_set(IWbemClassObject *iface, IWbemQualifierSet **ret)
{
    return qualifier_set_create(object_of(iface), QUALIFIERS_OF_OBJECT, NULL, ret);
}

static HRESULT STDMETHODCALLTYPE get(IWbemClassObject *iface, LPCWSTR name, LONG flags,
                                     VARIANT *value, CIMTYPE *type, LONG *flavor)
{
    return object_get(object_of(iface), name, flags, value, type, flavor);
}

static HRESULT STDMETHODCALLTYPE put(IWbemClassObject *iface, LPCWSTR name, LONG flags,
                                     VARIANT *value, CIMTYPE type)
{
    return object_put(object_of(iface), name, flags, value, type);
}

static HRESULT STDMETHODCALLTYPE delete_property(IWbemClassObject *iface, LPCWSTR name)
{
    return object_delete(object_of(iface), name);
}

static HRESULT STDMETHODCALLTYPE get_names(IWbemClassObject *iface, LPCWSTR qualifier, LONG flags,
                                           VARIANT *value, SAFEARRAY **ret)
{
    return object_get_names(object_of(iface), qualifier, flags, value, ret);
}

static HRESULT STDMETHODCALLTYPE begin_enumeration(IWbemClassObject *iface, LONG flags)
{
    return object_begin_enumeration(object_of(iface), flags);
}

static HRESULT STDMETHODCALLTYPE next(IWbemClassObject *iface, LONG flags, BSTR *name,
                                      VARIANT *value, CIMTYPE *type, LONG *flavor)
{
    return object_next(object_of(iface), flags, name, value, type, flavor);
}

static HRESULT STDMETHODCALLTYPE end_enumeration(IWbemClassObject *iface)
{
    return object_end_enumeration(object_of(iface));
}

static HRESULT STDMETHODCALLTYPE get_property_qualifier_set(IWbemClassObject *iface, LPCWSTR name,
                                                            IWbemQualifierSet **ret)
{
    return qualifier_set_create(object_of(iface), QUALIFIERS_OF_PROPERTY, name, ret);
}

static HRESULT STDMETHODCALLTYPE clone(IWbemClassObject *iface, IWbemClassObject **ret)
{
    return object_clone(object_of(iface), ret);
}

static HRESULT STDMETHODCALLTYPE get_object_text(IWbemClassObject *iface, LONG flags, BSTR *ret)
{
    if (!ret || (flags & ~WBEM_FLAG_NO_FLAVORS) != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    return object_text(iface, flags, ret);
}

static HRESULT STDMETHODCALLTYPE spawn_derived_class(IWbemClassObject *iface, LONG flags,
                                                     IWbemClassObject **ret)
{
    return object_spawn_derived(object_of(iface), flags, ret);
}

static HRESULT STDMETHODCALLTYPE spawn_instance(IWbemClassObject *iface, LONG flags,
                                                IWbemClassObject **ret)
{
    return object_spawn_instance(object_of(iface), flags, ret);
}

static HRESULT STDMETHODCALLTYPE compare_to(IWbemClassObject *iface, LONG flags,
                                            IWbemClassObject *other)
{
    return object_compare_to(object_of(iface), flags, other);
}

static HRESULT STDMETHODCALLTYPE get_property_origin(IWbemClassObject *iface, LPCWSTR name,
                                                     BSTR *ret)
{
    return object_property_origin(object_of(iface), name, ret);
}

static HRESULT STDMETHODCALLTYPE inherits_from(IWbemClassObject *iface, LPCWSTR ancestor)
{
    return object_inherits_from(object_of(iface), ancestor);
}

static HRESULT STDMETHODCALLTYPE get_method(IWbemClassObject *iface, LPCWSTR name, LONG flags,
                                            IWbemClassObject **in, IWbemClassObject **out)
{
    return object_get_method(object_of(iface), name, flags, in, out);
}

static HRESULT STDMETHODCALLTYPE put_method(IWbemClassObject *iface, LPCWSTR name, LONG flags,
                                            IWbemClassObject *in, IWbemClassObject *out)
{
    return object_put_method(object_of(iface), name, flags, in, out);
}

static HRESULT STDMETHODCALLTYPE delete_method(IWbemClassObject *iface, LPCWSTR name)
{
    return object_delete_method(object_of(iface), name);
}

static HRESULT STDMETHODCALLTYPE begin_method_enumeration(IWbemClassObject *iface, LONG flags)
{
    return object_begin_methods(object_of(iface), flags);
}

static HRESULT STDMETHODCALLTYPE next_method(IWbemClassObject *iface, LONG flags, BSTR *name,
                                             IWbemClassObject **in, IWbemClassObject **out)
{
    return object_next_method(object_of(iface), flags, name, in, out);
}

static HRESULT STDMETHODCALLTYPE end_method_enumeration(IWbemClassObject *iface)
{
    return object_end_methods(object_of(iface));
}

static HRESULT STDMETHODCALLTYPE get_method_qualifier_set(IWbemClassObject *iface, LPCWSTR name,
                                                          IWbemQualifierSet **ret)
{
    return qualifier_set_create(object_of(iface), QUALIFIERS_OF_METHOD, name, ret);
}

static HRESULT STDMETHODCALLTYPE get_method_origin(IWbemClassObject *iface, LPCWSTR name, BSTR *ret)
{
    return object_method_origin(object_of(iface), name, ret);
}

const IWbemClassObjectVtbl object_vtable = {
    .QueryInterface = query_interface,
    .AddRef = add_ref,
    .Release = release,
    .GetQualifierSet = get_qualifier_set,
    .Get = get,
    .Put = put,
    .Delete = delete_property,
    .GetNames = get_names,
    .BeginEnumeration = begin_enumeration,
    .Next = next,
    .EndEnumeration = end_enumeration,
    .GetPropertyQualifierSet = get_property_qualifier_set,
    .Clone = clone,
    .GetObjectText = get_object_text,
    .SpawnDerivedClass = spawn_derived_class,
    .SpawnInstance = spawn_instance,
    .CompareTo = compare_to,
    .GetPropertyOrigin = get_property_origin,
    .InheritsFrom = inherits_from,
    .GetMethod = get_method,
    .PutMethod = put_method,
    .DeleteMethod = delete_method,
    .BeginMethodEnumeration = begin_method_enumeration,
    .NextMethod = next_method,
    .EndMethodEnumeration = end_method_enumeration,
    .GetMethodQualifierSet = get_method_qualifier_set,
    .GetMethodOrigin = get_method_origin,
};
