/*
 * The object model: CIM classes and instances held as their [MS-WMIO]
 * encoding, and the COM objects (IWbemClassObject, IWbemQualifierSet) over it.
 *
 * struct schema   what one class says of its instances: the shared, immutable,
 *                 reference-counted class part, parsed once.
 * struct row      one instance being made, a value for each property, before it
 *                 is encoded; what providers fill and what conditions look at.
 * IWbemClassObject  what the API hands out, for classes and instances alike.
 */
#ifndef WBEM_OBJECT_OBJECT_H
#define WBEM_OBJECT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wbemcli.h>

/* ---- values ---------------------------------------------------------- */

/* [MS-WMIO] 2.2.78 Encoded-String without its flag and terminator: borrowed bytes. */
struct cim_string {
    const uint8_t *bytes;
    uint32_t length; /* in characters: bytes when narrow, UTF-16 code units when wide */
    bool wide;       /* false: one byte a character, U+0000 to U+00FF; true: UTF-16LE, unaligned */
};

/* A borrowed view of one value. Valid as long as what it was taken from. */
struct cim_value {
    CIMTYPE type; /* CIM_SINT8 … CIM_OBJECT, with CIM_FLAG_ARRAY for an array */
    bool null;
    union {
        int64_t sint;             /* CIM_SINT8 … CIM_SINT64, CIM_BOOLEAN (0 or 1), CIM_CHAR16 */
        uint64_t uint;            /* CIM_UINT8 … CIM_UINT64 */
        double real;              /* CIM_REAL32, CIM_REAL64 */
        struct cim_string string; /* CIM_STRING, CIM_DATETIME, CIM_REFERENCE */
        struct {
            const uint8_t *bytes; /* the object's encoding, [MS-WMIO] 2.2.10 */
            uint32_t size;
        } object;
        struct {
            const uint8_t *items; /* the encoded array, [MS-WMIO] 2.2.72 and on */
            const uint8_t *heap;  /* what string items point into */
            uint32_t heap_size;
            uint32_t count;
        } array;
    };
};

/* The type of VARIANT that holds a value of a type, which is none of arrays. */
VARTYPE cim_variant_type(CIMTYPE base);
/* The i-th element of an array value, checked. WBEM_E_INVALID_PARAMETER when out of range. */
HRESULT cim_array_get(const struct cim_value *array, uint32_t i, struct cim_value *ret);

/* <0, 0, >0 in *ret_order; strings without regard to case, datetimes as points in time.
 * WBEM_E_TYPE_MISMATCH when the two can't be compared. NULLs are the caller's affair. */
HRESULT cim_compare(const struct cim_value *a, const struct cim_value *b, int *ret_order);

/* Strings compared as WMI does: without regard to case (simple case folding). */
int cim_string_compare(const struct cim_string *a, const struct cim_string *b);

/* Its characters as wide text; NULL when out of memory; free() it. */
wchar_t *cim_string_wide(const struct cim_string *s);

/* ---- schemas ---------------------------------------------------------- */

struct schema;

struct schema *schema_ref(struct schema *s);
void schema_unref(struct schema *s); /* NULL is fine */

/* The schema of a class or instance; borrowed, or a new reference with schema_ref().
 * For a class object still being edited this encodes it first. */
HRESULT schema_of(IWbemClassObject *object, struct schema **ret);

const wchar_t *schema_class_name(const struct schema *s);
/* Number of non-system properties, inherited ones included. Ordinals run from 0. */
uint32_t schema_property_count(const struct schema *s);
/* WBEM_E_NOT_FOUND. Names without regard to case. */
HRESULT schema_find(const struct schema *s, const wchar_t *name, uint32_t *ret_ordinal);
const wchar_t *schema_property_name(const struct schema *s, uint32_t ordinal);
CIMTYPE schema_property_type(const struct schema *s, uint32_t ordinal);
bool schema_property_is_key(const struct schema *s, uint32_t ordinal);
/* The qualifiers of these names, when they are true. */
bool schema_property_is_indexed(const struct schema *s, uint32_t ordinal);
bool schema_property_is_not_null(const struct schema *s, uint32_t ordinal);
/* True when the class has a boolean qualifier of that name whose value is true. */
bool schema_has_true(const struct schema *s, const wchar_t *name);
/* The i-th superclass, the immediate one first; NULL when there is none. */
const wchar_t *schema_ancestor(const struct schema *s, uint32_t i);
/* True when the class is `ancestor` or is derived from it. */
bool schema_is_a(const struct schema *s, const wchar_t *ancestor);

/* The relative path of an instance with these values, or NULL when a key is null or the class has
 * none; free() it. */
HRESULT schema_relpath(const struct schema *s,
                       void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                       const void *from, wchar_t **ret);

/* The class reduced to the properties of `wanted` (by ordinal), as WQL's select list asks;
 * *ret_map[i] is the ordinal in `s` of the i-th property of *ret (free() it; may be NULL). */
HRESULT schema_project(struct schema *s, const bool *wanted, struct schema **ret,
                       uint32_t **ret_map);

/* ---- rows -------------------------------------------------------------- */

struct row;

/* A row of null values (or of the class's defaults). Reusable: row_clear() between instances. */
HRESULT row_create(struct schema *s, struct row **ret);
void row_destroy(struct row *r);
void row_clear(struct row *r);
struct schema *row_schema(const struct row *r);

/* Setters copy. A value of another type than the property's is converted when it fits,
 * otherwise WBEM_E_TYPE_MISMATCH. Strings are UTF-8; bytes that are not UTF-8 are kept
 * (as U+DC80 to U+DCFF). */
HRESULT row_set_null(struct row *r, uint32_t ordinal);
HRESULT row_set_sint(struct row *r, uint32_t ordinal, int64_t v);
HRESULT row_set_uint(struct row *r, uint32_t ordinal, uint64_t v);
HRESULT row_set_bool(struct row *r, uint32_t ordinal, bool v);
HRESULT row_set_real(struct row *r, uint32_t ordinal, double v);
HRESULT row_set_string(struct row *r, uint32_t ordinal, const char *utf8);
HRESULT row_set_string_n(struct row *r, uint32_t ordinal, const char *utf8, size_t size);
HRESULT row_set_wide(struct row *r, uint32_t ordinal, const wchar_t *text);
HRESULT row_set_uint_array(struct row *r, uint32_t ordinal, const uint64_t *v, uint32_t count);
HRESULT row_set_string_array(struct row *r, uint32_t ordinal, const char *const *utf8,
                             uint32_t count);
HRESULT row_set_value(struct row *r, uint32_t ordinal, const struct cim_value *v);
/* A moment, in microseconds since 1970-01-01 UTC, written in local time with its offset. */
HRESULT row_set_datetime(struct row *r, uint32_t ordinal, int64_t microseconds);
/* A length of time in microseconds. */
HRESULT row_set_interval(struct row *r, uint32_t ordinal, uint64_t microseconds);

/* Borrowed until the row is changed. */
void row_get(const struct row *r, uint32_t ordinal, struct cim_value *ret);

/* Where objects come from: shared by all objects of one answer; gives __SERVER, __NAMESPACE and
 * the long form of __PATH. */
struct decoration;
HRESULT decoration_create(const wchar_t *server, const wchar_t *name_space,
                          struct decoration **ret);
struct decoration *decoration_ref(struct decoration *d);
void decoration_unref(struct decoration *d);
/* Borrowed; "" where not known. */
void decoration_names(const struct decoration *d, const wchar_t **ret_server,
                      const wchar_t **ret_name_space);

/* Encode the row as one instance. `as` is the row's schema or a projection of it, with `map` as
 * schema_project() gave it (NULL when `as` is the row's own). */
HRESULT row_encode(const struct row *r, struct schema *as, const uint32_t *map,
                   struct decoration *where, IWbemClassObject **ret);

/* ---- objects ------------------------------------------------------------ */

/* An empty class without a name, to be filled through IWbemClassObject. */
HRESULT object_create_class(IWbemClassObject **ret);
/* Give a class or instance its __SERVER and __NAMESPACE. */
HRESULT object_decorate(IWbemClassObject *object, struct decoration *where);
/* A copy of the class or instance without qualifiers of flavor WBEM_FLAVOR_AMENDED. */
HRESULT object_without_amended(IWbemClassObject *object, IWbemClassObject **ret);
/* A view of property `ordinal`, borrowed from the object until it is changed or released. */
HRESULT object_get_value(IWbemClassObject *object, uint32_t ordinal, struct cim_value *ret);
/* The same instance with only the properties of a projected schema. */
HRESULT object_project(IWbemClassObject *object, struct schema *as, const uint32_t *map,
                       IWbemClassObject **ret);
/* The class with only the properties of `wanted` (by ordinal): what schema_project() makes, as an
 * object. */
HRESULT object_project_class(IWbemClassObject *cls, const bool *wanted, IWbemClassObject **ret);
/* An instance from its instance part ([MS-WMIO] 2.2.53 after CurrentClass) as it was stored:
 * copied, and not validated again beyond its outline. For repository scans. WBEM_E_INVALID_OBJECT.
 */
HRESULT object_from_instance_bytes(struct schema *s, struct decoration *where, const void *bytes,
                                   size_t size, IWbemClassObject **ret);
/* The same for many instances of one class, which then share memory: several times as fast, and
 * the right way for whoever has a batch. All or nothing: on failure no object is made. */
struct object_bytes {
    const void *bytes;
    size_t size;
};
HRESULT objects_from_instance_bytes(struct schema *s, struct decoration *where,
                                    const struct object_bytes *parts, uint32_t count,
                                    IWbemClassObject **ret);
/* Numbers put into an instance in place, without allocating: for each i whose bit is set in `which`
 * property ordinals[i], an unsigned integer, becomes values[i], or null when the bit is not set in
 * `known`. A value that the property is too small for loses its upper bits. Readers of the object
 * must stay away meanwhile. */
HRESULT object_put_uints(IWbemClassObject *instance, uint64_t which, const uint32_t *ordinals,
                         const uint64_t *values, uint64_t known);
/* Gives an instance the values of another one of the same class, in place.
 * WBEM_E_INVALID_CLASS: the class is another, or has changed. */
HRESULT object_assign(IWbemClassObject *instance, IWbemClassObject *from);
/* Is it a class, or an instance? Anybody's implementation. */
HRESULT object_is_class(IWbemClassObject *object, bool *ret);
/* Gives a class its name. */
HRESULT object_name_class(IWbemClassObject *cls, const wchar_t *name);
/* Has the set a boolean qualifier of that name whose value is true? */
bool qualifier_set_is_true(IWbemQualifierSet *set, const wchar_t *name);
/* The value of the property of that name, borrowed as object_get_value()'s. False: there is none,
 * or it is null. */
bool object_find_value(IWbemClassObject *object, const wchar_t *name, struct cim_value *ret);
/* True for an IWbemClassObject of this library (as against a caller's own implementation). */
bool object_is_ours(IWbemClassObject *object);
/* About the bytes that it takes: its own, not its class's, which instances share. */
size_t object_memory(IWbemClassObject *object);

/* The bytes of one object block ([MS-WMIO] 2.2.2 without the unit's header), borrowed until the
 * object changes. */
HRESULT object_encoding(IWbemClassObject *object, const uint8_t **ret, uint32_t *ret_size);
/* An instance's part alone ([MS-WMIO] 2.2.53), borrowed likewise; what
 * object_from_instance_bytes() takes. */
HRESULT object_instance_bytes(IWbemClassObject *instance, const uint8_t **ret, uint32_t *ret_size);
/* The reverse: `bytes` is validated once and copied. WBEM_E_INVALID_OBJECT. */
HRESULT object_decode(const uint8_t *bytes, size_t size, IWbemClassObject **ret);
/* The same of an instance's part alone, of a class that is known; `where` may be NULL. */
HRESULT object_decode_instance(struct schema *s, struct decoration *where, const uint8_t *bytes,
                               size_t size, IWbemClassObject **ret);
/* Where the object comes from; borrowed, NULL when it doesn't say. */
struct decoration *object_decoration(IWbemClassObject *object);

/* ---- for whoever receives and sends many objects ----------------------------- */

/* Objects of one sender mostly have the class and the decoration of those before: what is the same,
 * byte for byte, is shared instead of parsed anew. All zeroes to begin with; for one thread at a
 * time. */
struct object_decoder {
    struct schema *schema;
    struct decoration *where;
};

void object_decoder_done(struct object_decoder *d);
/* As object_decode(). */
HRESULT object_decoder_read(struct object_decoder *d, const uint8_t *bytes, size_t size,
                            IWbemClassObject **ret);
/* An instance that came without its class, which is `s`: [MS-WMIO] 2.2.3. WBEM_E_INVALID_OBJECT. */
HRESULT object_decoder_read_no_class(struct object_decoder *d, struct schema *s,
                                     const uint8_t *bytes, size_t size, IWbemClassObject **ret);
/* The reverse: what such bytes are put together from, borrowed until the instance changes. */
struct object_no_class {
    uint8_t flags;             /* 2.2.6 */
    const uint8_t *decoration; /* 2.2.7; NULL: none */
    uint32_t decoration_size;
    const uint8_t *part;
    uint32_t part_size;
};
HRESULT object_no_class(IWbemClassObject *instance, struct object_no_class *ret);
/* The same class, byte for byte, without its methods: may instances of the one be sent as such of
 * the other? */
bool schema_identical(const struct schema *a, const struct schema *b);

/* ---- for whoever stores classes and instances -------------------------------- */

/* A name's or string's character as comparisons see it: without regard to case. */
wchar_t cim_fold(wchar_t c);
/* The class derived anew from `parent` (NULL: a top-level class) with what it defines itself;
 * amended qualifiers that only `old` (may be NULL), its definition so far, has are kept. What
 * conflicts with the superclass is WBEM_E_UPDATE_TYPE_MISMATCH or WBEM_E_OVERRIDE_NOT_ALLOWED, or
 * given up with `force`. */
HRESULT object_rebase_class(IWbemClassObject *cls, struct schema *parent, struct schema *old,
                            bool force, IWbemClassObject **ret);
/* True when instance bytes made for the one can be read with the other. */
bool schema_same_layout(const struct schema *a, const struct schema *b);
/* Do the two forms of a class differ in more than texts: layout, keys, indexes, provider …? */
HRESULT schema_compare_important(struct schema *a, struct schema *b, bool *ret_differ);
/* The instance as one of `to`, a newer form of its class: values by name, converted where they fit.
 */
HRESULT object_convert_instance(IWbemClassObject *instance, struct schema *to,
                                struct decoration *where, IWbemClassObject **ret);

/* Properties read straight from stored instance bytes, which are borrowed. The offsets are checked
 * against the size, every value when it is read. */
struct instance_view {
    const struct schema *schema;
    const uint8_t *part;
    uint32_t nd_table, values, heap, heap_size;
};
HRESULT instance_view_open(const struct schema *s, const void *bytes, size_t size,
                           struct instance_view *ret);
/* Give a part whose InstanceClassName is unknown that name, if its heap begins with it: so an
 * instance's heap is laid out here. Otherwise nothing is changed. */
void instance_bytes_put_name(const struct schema *s, void *bytes, size_t size);
/* Everything in them, in full depth. WBEM_E_INVALID_OBJECT. */
HRESULT instance_bytes_check(const struct schema *s, const void *bytes, size_t size);
/* `view` is a struct instance_view: what wql_plan_matches() calls. */
void instance_view_get(const void *view, uint32_t ordinal, struct cim_value *ret);

/* ---- object paths ([WmiSdk] "Describing a WMI Object Path") --------------- */

struct object_path_key {
    wchar_t *name;  /* NULL: the class has one key and the path does not name it */
    CIMTYPE type;   /* CIM_STRING, CIM_SINT64, CIM_UINT64, CIM_BOOLEAN or CIM_REFERENCE */
    wchar_t *text;  /* the value without quotes and escapes; numbers as written, in decimal */
    int64_t number; /* for numbers and booleans */
};

struct object_path {
    wchar_t *server;     /* NULL when not given */
    wchar_t *name_space; /* NULL when not given; separators are backslashes */
    wchar_t *class_name; /* NULL for a path to a namespace alone */
    bool is_instance;    /* has keys, or is a singleton (=@) */
    bool is_singleton;
    struct object_path_key *keys;
    uint32_t key_count;
};

/* *ret_offset (may be NULL): where the first mistake is, in characters from 0.
 * WBEM_E_INVALID_OBJECT_PATH. */
HRESULT object_path_parse(const wchar_t *text, struct object_path **ret, size_t *ret_offset);
void object_path_destroy(struct object_path *p);
/* Do they lead to the same object? Without regard to case, the order of keys and whether quotes
 * surround a value; the name of an only key and a namespace count only where both have them,
 * servers not at all. */
bool object_path_same(const struct object_path *a, const struct object_path *b);
/* The path in its normal form; free() it. */
HRESULT object_path_print(const struct object_path *p, wchar_t **ret);

/* ---- DMTF datetimes (DSP0004 5.2.4) ---------------------------------------- */

struct cim_datetime {
    bool interval;
    bool wildcard;        /* some field was asterisks; those count as their lowest value */
    int64_t microseconds; /* since 1970-01-01 UTC, or the interval's length */
    int16_t utc_offset;   /* minutes; 0 for an interval */
};

/* 25 characters yyyymmddHHMMSS.mmmmmmsUUU or ddddddddHHMMSS.mmmmmm:000; also the "MM/DD/YYYY" and
 * "YYYY-MM-DD HH:MM:SS" forms that WQL takes when `lenient`. WBEM_E_INVALID_PARAMETER. */
HRESULT cim_datetime_parse(const struct cim_string *text, bool lenient, struct cim_datetime *ret);
/* Writes 25 characters and a terminator. */
void cim_datetime_print(const struct cim_datetime *d, char out[26]);
/* The local zone's offset at that moment, in minutes. */
int16_t cim_datetime_local_offset(int64_t microseconds);

/* ---- text -------------------------------------------------------------------- */

/* The flavor of a qualifier that MOF text gives none: for key, association and indication what
 * DSP0004 says of them, 0 for others. Names without regard to case. */
LONG qualifier_default_flavor(const wchar_t *name);

/* MOF of a class or instance, as GetObjectText prints it; BSTR for the caller to free. */
HRESULT object_text(IWbemClassObject *object, LONG flags, BSTR *ret);

/* ---- error objects -------------------------------------------------------------- */

/* Report a failure at the COM boundary: sets this thread's error object (IErrorInfo, which also
 * answers QueryInterface for IWbemClassObject with an __ExtendedStatus instance) and returns hr.
 * operation: what was asked, such as "ExecQuery"; parameter: the argument or text at fault, or
 * NULL; format: what is wrong and where, for people. All UTF-8. */
HRESULT error_raise(HRESULT hr, const char *operation, const char *parameter, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));
/* The same as an object, for one who hands it on instead. */
HRESULT error_create(HRESULT hr, const char *operation, const char *parameter, const char *provider,
                     const char *description, IErrorInfo **ret);

/* An error object over an __ExtendedStatus of ours, as a sink's SetStatus gets one.
 * WBEM_E_INVALID_OBJECT for any other. */
HRESULT error_from_status(IWbemClassObject *status, IErrorInfo **ret);

#endif
