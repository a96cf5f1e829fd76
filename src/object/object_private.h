/*
 * What the files of the object model share: strings and values on the heap of
 * an encoding, parsed classes, classes being edited, and the object itself.
 */
#ifndef WBEM_OBJECT_OBJECT_PRIVATE_H
#define WBEM_OBJECT_OBJECT_PRIVATE_H

#include "object/bytes.h"
#include "object/object.h"

#include <stdatomic.h>
#include <wchar.h>

/* [MS-WMIO] 2.2.69: no item. */
#define HEAP_REF_NULL 0xffffffffu
/* [MS-WMIO] 2.2.80: what follows is the ordinal of a well-known string. */
#define HEAP_REF_DICTIONARY 0x80000000u

/* The bytes that references of one block point into. */
struct heap {
    const uint8_t *bytes;
    uint32_t size;
};

struct object;

/* ---- strings (encoded_string.c) ------------------------------------------ */

uint32_t fold_beyond_ascii(uint32_t c);

/* Simple case folding, as names and WQL comparisons use it. */
static inline uint32_t fold(uint32_t c)
{
    if (c < 0x80) {
        return c - 'A' < 26 ? c + ('a' - 'A') : c;
    }
    return fold_beyond_ascii(c);
}

bool name_equal(const wchar_t *a, const wchar_t *b); /* without regard to case */
int name_compare(const wchar_t *a, const wchar_t *b);
uint32_t name_hash(const wchar_t *name, uint32_t *ret_length);
wchar_t *name_copy(const wchar_t *name); /* NULL when out of memory; free() it */

/* The string at `ref`: bounded by the heap, or of the dictionary. WBEM_E_INVALID_OBJECT. */
HRESULT string_at(struct heap heap, uint32_t ref, struct cim_string *ret);
/* An Encoded-String at the start of `bytes`; *ret_size with flag and terminator. */
HRESULT string_parse(const uint8_t *bytes, size_t size, struct cim_string *ret, size_t *ret_size);
/* The next character and the offset after it, both in units of the string. */
uint32_t string_next(const struct cim_string *s, uint32_t *at);
uint32_t string_wide_length(const struct cim_string *s);       /* in wchar_t, without terminator */
void string_to_wide(const struct cim_string *s, wchar_t *out); /* terminator included */
wchar_t *string_wide_copy(const struct cim_string *s);         /* NULL when out of memory */
BSTR string_to_bstr(const struct cim_string *s);               /* NULL when out of memory */
bool string_is(const struct cim_string *s, const wchar_t *name); /* without regard to case */
bool string_identical(const struct cim_string *a, const struct cim_string *b);
bool string_is_latin1(const struct cim_string *s);
/* Size of the Encoded-String that string_write() makes, flag and terminator included. */
uint32_t string_encoded_size(const struct cim_string *s);
uint8_t *string_write(const struct cim_string *s, uint8_t *to); /* returns the end */

/* Size and bytes of the characters alone (no flag, no terminator) for text from outside;
 * *ret_wide tells which form is needed. Text ends at its first NUL. */
uint32_t text_encoded_size(const wchar_t *text, size_t length, bool *ret_wide);
void text_write(const wchar_t *text, size_t length, bool wide, uint8_t *to);
uint32_t utf8_encoded_size(const char *utf8, size_t size, bool *ret_wide);
void utf8_write(const char *utf8, size_t size, bool wide, uint8_t *to);

/* -1, or the ordinal in the dictionary of [MS-WMIO] 2.2.80. Names of qualifiers are the same in
 * capitals and small letters; peers look for the dictionary's. */
int dictionary_find(const struct cim_string *s);

/* ---- values (cim_value.c) --------------------------------------------------- */

#define CIM_BASE(type) ((type) & ~CIM_FLAG_ARRAY)

static inline bool cim_is_array(CIMTYPE type)
{
    return (type & CIM_FLAG_ARRAY) != 0;
}

static inline bool cim_is_string(CIMTYPE base)
{
    return base == CIM_STRING || base == CIM_DATETIME || base == CIM_REFERENCE;
}

/* Size of a value in a value table, an array or a qualifier: [MS-WMIO] 2.2.71. 0: no such type. */
uint32_t cim_size(CIMTYPE type);
bool cim_is_signed(CIMTYPE base);
bool cim_is_unsigned(CIMTYPE base);

/* The value in `slot`. Bounded by the heap: safe on bytes of any origin. WBEM_E_INVALID_OBJECT. */
HRESULT value_at(CIMTYPE type, const uint8_t *slot, struct heap heap, struct cim_value *ret);

/* How much of a decoded object's bytes may still be looked at. Items of a heap may not be shared
 * ([MS-WMIO] 2.2.66), so honest bytes are looked at once; this stops those that refer to one item
 * from everywhere. */
struct check {
    size_t budget;
    unsigned depth; /* of embedded objects: at most WBEM_MAX_OBJECT_NESTING */
};

/* value_at() in full depth: every element, every embedded object. */
HRESULT value_check(CIMTYPE type, const uint8_t *slot, struct heap heap, struct check *check);

/* What a value needs on a heap, and writing it: `slot` gets the inline value or the reference. */
uint32_t value_heap_size(const struct cim_value *v);
void value_write(const struct cim_value *v, uint8_t *slot, uint8_t *heap, uint32_t *heap_used);
/* The same at the end of a heap that grows. */
void value_append(const struct cim_value *v, uint8_t *slot, struct buffer *heap);
void string_append(const struct cim_string *s, bool dictionary, uint8_t *slot, struct buffer *heap);

/* A value with its own storage. */
struct value {
    struct cim_value v;
    uint8_t *storage;
};

void value_done(struct value *v);
HRESULT value_copy(const struct cim_value *from, struct value *ret);
HRESULT value_from_wide(CIMTYPE type, const wchar_t *text, size_t length, struct value *ret);
/* *ret must be empty; converts when it fits without loss, else WBEM_E_TYPE_MISMATCH. */
HRESULT value_convert(const struct cim_value *from, CIMTYPE type, struct value *ret);
/* Same type and content; strings by case unless told otherwise. */
bool value_equal(const struct cim_value *a, const struct cim_value *b, bool ignore_case);

/* An array made element by element; *b must be empty before, and is empty after array_end(). */
void array_begin(struct buffer *b, CIMTYPE base, uint32_t count);
void array_set(struct buffer *b, CIMTYPE base, uint32_t i, const struct cim_value *item);
HRESULT array_end(struct buffer *b, CIMTYPE base, uint32_t count, struct value *ret);

static inline struct cim_value value_null(CIMTYPE type)
{
    return (struct cim_value){.type = type, .null = true};
}

/* variant.c: between VARIANTs and values ([WmiSdk] "Numbers", IWbemClassObject::Get). */
HRESULT value_to_variant(const struct cim_value *v, VARIANT *ret);
/* type 0: what the VARIANT suggests. */
HRESULT value_from_variant(const VARIANT *from, CIMTYPE type, struct value *ret);

/* ---- qualifiers (qualifiers.c) ------------------------------------------------ */

struct qualifier_view {
    struct cim_string name;
    uint8_t flavor;
    struct cim_value value;
};

/* Walks a QualifierSet, [MS-WMIO] 2.2.59. */
struct qualifier_cursor {
    const uint8_t *at, *end;
    struct heap heap;
};

/* `set` is where the set's EncodingLength stands and `limit` the end of what may be read.
 * WBEM_E_INVALID_OBJECT. */
HRESULT qualifier_open(const uint8_t *set, const uint8_t *limit, struct heap heap,
                       struct qualifier_cursor *ret);
/* WBEM_S_FALSE after the last. */
HRESULT qualifier_next(struct qualifier_cursor *c, struct qualifier_view *ret);
/* Every name and value of the set, in full depth; *ret_end is where it ends. */
HRESULT qualifier_set_check(const uint8_t *set, const uint8_t *limit, struct heap heap,
                            struct check *check, const uint8_t **ret_end);
/* Of a set that was checked: bit i is set when it has a boolean qualifier names[i] whose value is
 * true. */
unsigned qualifier_set_trues(const uint8_t *set, const uint8_t *limit, struct heap heap,
                             const wchar_t *const *names, unsigned count);

struct qualifier {
    wchar_t *name;
    uint8_t flavor;
    struct value value;
};

struct qualifier_list {
    struct qualifier *items;
    uint32_t count, capacity;
};

void qualifier_list_done(struct qualifier_list *l);
struct qualifier *qualifier_list_find(const struct qualifier_list *l, const wchar_t *name);
/* Set or add; the value is copied. */
HRESULT qualifier_list_put(struct qualifier_list *l, const wchar_t *name,
                           const struct cim_value *value, uint8_t flavor);
void qualifier_list_remove(struct qualifier_list *l, struct qualifier *q);
HRESULT qualifier_list_read(struct qualifier_cursor *c, struct qualifier_list *ret);
HRESULT qualifier_list_copy(const struct qualifier_list *from, struct qualifier_list *ret);
/* Those that have `flavor` (a WBEM_FLAVOR_FLAG_PROPAGATE_ bit), marked as propagated. */
HRESULT qualifier_list_propagate(const struct qualifier_list *from, uint8_t flavor,
                                 struct qualifier_list *ret);
void qualifier_list_drop_amended(struct qualifier_list *l);
bool qualifier_list_equal(const struct qualifier_list *a, const struct qualifier_list *b,
                          bool ignore_case, bool ignore_flavor);
/* The set at the end of `out`; strings go to `heap`. */
void qualifier_list_write(const struct qualifier_list *l, struct buffer *out, struct buffer *heap);
/* The set as an item of the heap itself: at the reference come its bytes, then its strings. */
void qualifier_list_write_on_heap(const struct qualifier_list *l, struct buffer *heap);

/* ---- schemas (class_part.c, schema.c) ------------------------------------------- */

struct schema_property {
    wchar_t *name;
    uint32_t name_length, hash;
    CIMTYPE type;
    bool inherited, key, indexed, not_null;
    uint32_t value_size, value_offset; /* in the value table */
    uint32_t origin; /* whose: 0 the top-most class … schema->ancestor_count the class itself */
    uint32_t qualifiers; /* heap offset of the QualifierSet */
};

struct schema {
    atomic_uint refs;
    uint8_t *class_part; /* [MS-WMIO] 2.2.15, owned */
    uint32_t class_part_size;
    uint8_t *methods_part; /* 2.2.38, owned; NULL where only an instance's class came */
    uint32_t methods_part_size;
    struct schema *parent;          /* a reference; NULL when there is none or it is not known */
    void *tables;                   /* owned: all names and tables below are in it */
    wchar_t *name;                  /* NULL for a class without a name yet */
    struct cim_string encoded_name; /* the same in class_part */
    wchar_t **ancestors;            /* the immediate superclass first */
    uint32_t ancestor_count;
    struct schema_property *properties; /* by declaration order */
    uint32_t property_count;
    /* Of those whose values are more than a number: what an instance's check looks at. */
    struct schema_check {
        uint32_t value_offset;
        uint16_t ordinal;
        bool text; /* a string, a date or a reference, one of it */
    } * checks;
    uint32_t check_count;
    uint32_t *lookup; /* ordinals in the order of the PropertyLookupTable */
    uint16_t *slots;  /* hash table: ordinal + 1 */
    uint32_t slot_mask;
    uint32_t key_count;
    bool singleton;
    bool keys_missing; /* a projection that left out a key */
    /* Offsets in class_part. */
    uint32_t class_qualifiers, nd_table, nd_size, values, values_size;
    struct heap heap;
    /* The ordinal found last for the name at an address: callers pass literals, so it mostly hits.
     * Relaxed: any value is only a guess that is checked. */
    _Atomic uint16_t hints[64];
};

/* Copies the bytes. `methods` may be NULL. Takes no reference to `parent` but adds one. */
HRESULT schema_parse(const uint8_t *class_part, size_t class_part_size, const uint8_t *methods,
                     size_t methods_size, struct schema *parent, struct check *check,
                     struct schema **ret);
/* The size of the ClassPart or MethodsPart (both begin with their EncodingLength) at `bytes`. */
HRESULT part_size(const uint8_t *bytes, size_t size, size_t minimum, size_t *ret);
/* The class's own default for a property. */
HRESULT schema_default(const struct schema *s, uint32_t ordinal, struct cim_value *ret);
HRESULT schema_qualifiers(const struct schema *s, struct qualifier_cursor *ret);
HRESULT schema_property_qualifiers(const struct schema *s, uint32_t ordinal,
                                   struct qualifier_cursor *ret);
/* 2 bits: [MS-WMIO] 2.2.27 */
#define ND_NULL 1u
#define ND_INHERITED 2u

static inline unsigned nd_get(const uint8_t *table, uint32_t i)
{
    return (unsigned)(table[i / 4] >> (i % 4 * 2)) & 3u;
}

static inline void nd_set(uint8_t *table, uint32_t i, unsigned bits)
{
    unsigned shift = i % 4 * 2;
    table[i / 4] = (uint8_t)((table[i / 4] & ~(3u << shift)) | (bits << shift));
}

/* 2.2.26 */
static inline uint32_t nd_table_size(uint32_t property_count)
{
    return property_count ? (property_count - 1) / 4 + 1 : 0;
}

/* methods_part.c */
struct method_view {
    struct cim_string name;
    uint8_t flags;
    uint32_t origin;
    struct qualifier_cursor qualifiers;
    const uint8_t *in, *out; /* object blocks; NULL: none */
    uint32_t in_size, out_size;
};

HRESULT methods_check(const uint8_t *part, size_t size, struct check *check);
uint32_t methods_count(const uint8_t *part);
HRESULT methods_get(const uint8_t *part, size_t size, uint32_t i, struct method_view *ret);

/* ---- decoration (decoration.c) --------------------------------------------------- */

struct decoration {
    atomic_uint refs;
    wchar_t *server, *name_space;
    uint32_t encoded_size;
    uint8_t *encoded; /* [MS-WMIO] 2.2.7 */
};

HRESULT decoration_parse(const uint8_t *bytes, size_t size, struct decoration **ret,
                         size_t *ret_size);

/* ---- classes being edited (class_draft.c, class_encode.c) --------------------------- */

struct draft_property {
    wchar_t *name;
    uint32_t hash;
    CIMTYPE type;
    bool inherited;
    bool default_inherited; /* the value is the parent's */
    uint32_t origin;
    struct value value;
    struct qualifier_list qualifiers;
};

struct draft_method {
    wchar_t *name;
    bool inherited;
    uint32_t origin;
    struct qualifier_list qualifiers;
    uint8_t *in, *out; /* object blocks, or NULL */
    uint32_t in_size, out_size;
};

struct draft {
    wchar_t *name; /* NULL or "": not yet named */
    wchar_t **ancestors;
    uint32_t ancestor_count;
    struct schema *parent;
    struct qualifier_list qualifiers;
    struct draft_property *properties;
    uint32_t property_count, property_capacity;
    struct draft_method *methods;
    uint32_t method_count, method_capacity;
    bool keys_missing;
};

HRESULT draft_create(struct draft **ret);
void draft_destroy(struct draft *d);
HRESULT draft_from_schema(struct schema *s, struct draft **ret);
/* A draft of a class that derives from s: what propagates, marked as such. */
HRESULT draft_derive(struct schema *s, struct draft **ret);
struct draft_property *draft_find(const struct draft *d, const wchar_t *name);
HRESULT draft_add_property(struct draft *d, const wchar_t *name, CIMTYPE type,
                           struct draft_property **ret);
void draft_remove_property(struct draft *d, struct draft_property *p);
struct draft_method *draft_find_method(const struct draft *d, const wchar_t *name);
HRESULT draft_add_method(struct draft *d, const wchar_t *name, struct draft_method **ret);
void draft_remove_method(struct draft *d, struct draft_method *m);
/* An inherited property that this class gives another default or qualifiers of its own. */
bool draft_property_overrides(const struct draft_property *p);
bool draft_method_overrides(const struct draft_method *m);
HRESULT draft_encode(const struct draft *d, struct schema **ret);
/* "uint32", "ref", … as the CIMTYPE qualifier says it. */
const wchar_t *cim_type_name(CIMTYPE type);

extern const uint8_t empty_methods_part[12];

/* ---- instances (instance_part.c) ----------------------------------------------------- */

/* The offsets of one instance part, [MS-WMIO] 2.2.53 without CurrentClass. */
struct instance_layout {
    uint32_t nd_table, values, qualifiers; /* qualifiers: the set's EncodingLength */
    uint32_t property_qualifiers;          /* the InstPropQualSetFlag */
    uint32_t heap;                         /* the heap's first byte, after its length */
    uint32_t heap_size;
};

HRESULT instance_layout(const struct schema *s, const uint8_t *part, size_t size,
                        struct instance_layout *ret);
HRESULT instance_check(const struct schema *s, const uint8_t *part, size_t size,
                       struct check *check, struct instance_layout *ret);

/* What an instance says of a property. */
struct instance_value {
    struct cim_value v;
    bool is_default; /* the class's; v is not looked at */
};

struct instance_qualifiers {
    struct qualifier_list own;         /* of the instance */
    struct qualifier_list *properties; /* one list for each property of the schema */
    uint32_t property_count;
};

/* An instance of s. The value of property i is values[map[i]], or values[i] without a map.
 * `qualifiers` may be NULL. */
HRESULT instance_build(struct schema *s, const struct instance_value *values, const uint32_t *map,
                       const struct instance_qualifiers *qualifiers, struct decoration *where,
                       struct object **ret);
/* All values of an instance, for instance_build(); free() them. */
HRESULT instance_values(const struct object *o, struct instance_value **ret);

/* [MS-WMIO] 2.2.6 */
#define FLAG_CLASS 0x01u
#define FLAG_INSTANCE 0x02u
#define FLAG_DECORATED 0x04u
#define FLAGS_PROTOTYPE 0x50u

/* 2.2.15 with the least in every field, and 2.2.53 likewise. */
#define CLASS_PART_MINIMUM 29u
#define INSTANCE_PART_MINIMUM 18u

/* ---- objects (object.c and the object_*.c) -------------------------------------------- */

/* The whole object block, as object_encoding() gave it. */
struct block {
    uint32_t size;
    uint8_t bytes[];
};

/* What few objects need. Readers on several threads may be the first to need it, so the pointers
 * are set once, by whoever comes first, until the object is changed. */
struct object_extras {
    _Atomic(struct block *) block;
    _Atomic(struct instance_qualifiers *) qualifiers; /* an instance's */
    bool qualifiers_dirty;
};

struct object {
    IWbemClassObject iface;
    IWbemObjectAccess access;
    atomic_uint refs;
    bool is_class;
    uint8_t wire_flags; /* bits 0x10 and 0x40 of [MS-WMIO] 2.2.6 */
    bool names_walked;  /* between BeginEnumeration and EndEnumeration */
    bool methods_walked;
    LONG names_flags, methods_flags;
    uint32_t names_at, methods_at;
    struct decoration *where; /* a reference, or NULL */
    struct slab *slab; /* where the object's memory is part of one; it then holds the references to
                          the schema and, while they are the same, to the decoration */
    /* An instance's class. For a class: its encoding, NULL while the draft is newer; set once by
     * whichever reader needs it first, since unchanged classes are shared between threads. */
    _Atomic(struct schema *) schema;
    _Atomic(struct draft *) draft;          /* classes only; made by the first reader */
    _Atomic(struct object_extras *) extras; /* made by the first that needs them */
    /* Instances only: the instance part, in `bytes` or, after growing, in memory of its own. */
    uint8_t *part;
    uint32_t part_size, part_capacity; /* capacity 0: in `bytes` */
    struct instance_layout layout;
    uint32_t garbage; /* bytes of the heap that nothing refers to any more */
    uint32_t
        wire_size; /* `bytes` holds the object block as it came, of this size; 0: it does not */
    uint8_t bytes[];
};

static inline struct object *object_of(IWbemClassObject *iface)
{
    return (struct object *)((char *)iface - offsetof(struct object, iface));
}

/* Instances of one class made together: one allocation, and one reference to what they share. */
struct slab {
    atomic_uint live; /* objects not yet released; the last one frees the slab */
    struct schema *schema;
    struct decoration *where;
};

/* A blank object with room for `size` bytes of instance part; vtables and count set. */
struct object *object_alloc(size_t size);
ULONG object_release(struct object *o);
HRESULT object_class_from_schema(struct schema *s, struct decoration *where, struct object **ret);
HRESULT object_class_from_draft(struct draft *d, struct decoration *where, struct object **ret);
/* An existing instance part, copied. */
HRESULT object_instance_from_part(struct schema *s, struct decoration *where, const uint8_t *part,
                                  uint32_t size, const struct instance_layout *layout,
                                  struct object **ret);
HRESULT object_decode_checked(const uint8_t *bytes, size_t size, struct check *check,
                              struct object **ret);
/* The class's draft, made if need be. */
HRESULT object_draft(struct object *o, struct draft **ret);
/* The class's schema, encoded if need be. Borrowed. */
HRESULT object_schema(struct object *o, struct schema **ret);
HRESULT object_extras(struct object *o, struct object_extras **ret);
/* Call before changing (of a class: after getting its draft): forgets what was encoded from the
 * old state. */
void object_changing(struct object *o);

/* Instances. */
HRESULT instance_get(const struct object *o, uint32_t ordinal, struct cim_value *ret);
bool instance_is_default(const struct object *o, uint32_t ordinal);
HRESULT instance_put(struct object *o, uint32_t ordinal, const struct cim_value *v);
HRESULT instance_reset(struct object *o, uint32_t ordinal);
/* object_put_uints() */
HRESULT instance_put_uints(struct object *o, uint64_t which, const uint32_t *ordinals,
                           const uint64_t *values, uint64_t known);
HRESULT instance_qualifiers(struct object *o, struct instance_qualifiers **ret);
void instance_qualifiers_destroy(struct instance_qualifiers *q);
/* Writes edited qualifiers back into the part. */
HRESULT instance_flush(struct object *o);

/* system_properties.c */
#define SYSTEM_PROPERTY_COUNT 10u
extern const wchar_t *const system_property_names[SYSTEM_PROPERTY_COUNT];
/* -1: no system property. */
int system_property_find(const wchar_t *name);
CIMTYPE system_property_type(unsigned i);
HRESULT system_property_get(struct object *o, unsigned i, struct value *ret);
/* What a class or instance is called; borrowed, NULL when it has no name. */
const wchar_t *object_class_name(struct object *o);
HRESULT object_relpath(struct object *o, wchar_t **ret); /* *ret NULL: it has none; free() it */

/* The methods of the interface, in the files of their subject. */
HRESULT object_get(struct object *o, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE *type,
                   LONG *flavor);
HRESULT object_put(struct object *o, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE type);
HRESULT object_delete(struct object *o, LPCWSTR name);
HRESULT object_get_names(struct object *o, LPCWSTR qualifier, LONG flags, VARIANT *value,
                         SAFEARRAY **ret);
HRESULT object_begin_enumeration(struct object *o, LONG flags);
HRESULT object_next(struct object *o, LONG flags, BSTR *name, VARIANT *value, CIMTYPE *type,
                    LONG *flavor);
HRESULT object_end_enumeration(struct object *o);
HRESULT object_clone(struct object *o, IWbemClassObject **ret);
HRESULT object_spawn_derived(struct object *o, LONG flags, IWbemClassObject **ret);
HRESULT object_spawn_instance(struct object *o, LONG flags, IWbemClassObject **ret);
HRESULT object_compare_to(struct object *o, LONG flags, IWbemClassObject *other);
HRESULT object_property_origin(struct object *o, LPCWSTR name, BSTR *ret);
HRESULT object_inherits_from(struct object *o, LPCWSTR ancestor);
HRESULT object_get_method(struct object *o, LPCWSTR name, LONG flags, IWbemClassObject **in,
                          IWbemClassObject **out);
HRESULT object_put_method(struct object *o, LPCWSTR name, LONG flags, IWbemClassObject *in,
                          IWbemClassObject *out);
HRESULT object_delete_method(struct object *o, LPCWSTR name);
HRESULT object_begin_methods(struct object *o, LONG flags);
HRESULT object_next_method(struct object *o, LONG flags, BSTR *name, IWbemClassObject **in,
                           IWbemClassObject **out);
HRESULT object_end_methods(struct object *o);
HRESULT object_method_origin(struct object *o, LPCWSTR name, BSTR *ret);

/* Qualifiers as a reader sees them: own and propagated, one list to be freed by the caller.
 * property NULL: of the object itself. */
HRESULT object_qualifiers(struct object *o, const wchar_t *property, struct qualifier_list *ret);

/* qualifier_set.c */
enum qualifier_owner {
    QUALIFIERS_OF_OBJECT,
    QUALIFIERS_OF_PROPERTY,
    QUALIFIERS_OF_METHOD
};
HRESULT qualifier_set_create(struct object *o, enum qualifier_owner owner, LPCWSTR name,
                             IWbemQualifierSet **ret);

/* object_access.c */
extern const IWbemObjectAccessVtbl object_access_vtable;
extern const IWbemClassObjectVtbl object_vtable;

static inline struct object *object_of_access(IWbemObjectAccess *iface)
{
    return (struct object *)((char *)iface - offsetof(struct object, access));
}

#endif
