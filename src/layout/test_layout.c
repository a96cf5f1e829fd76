/*
 * Bytes to JSON and back to the same bytes: the worked examples of [MS-WMIO], objects
 * of every type, images laid out as no encoder of ours would, and JSON that is wrong.
 */
#include "object/test_support.h"
#include "object/test_examples.h"

#include "layout/layout.h"
#include "wire/wire.h"
#include <math.h>
#include <stdio.h>

static json_t *dissect(const void *bytes, size_t size)
{
    struct layout_error e = {{0}};
    json_t *o = layout_dissect(bytes, size, &e);
    if (!o) {
        fail_msg("%s", e.text);
    }
    return o;
}

/* By way of text, as it goes through a file. */
static void assert_round_trip(const void *bytes, size_t size)
{
    struct layout_error e = {{0}};
    struct buffer out = {0};
    json_t *made = dissect(bytes, size);
    char *text = json_dumps(made, JSON_COMPACT);
    json_error_t where;
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    assert_non_null(read);
    if (!layout_assemble(read, &out, &e)) {
        fail_msg("%s", e.text);
    }
    assert_int_equal(size, out.size);
    assert_memory_equal(bytes, out.bytes, size);
    buffer_done(&out);
    json_decref(read);
    json_decref(made);
    free(text);
}

static void assert_object_round_trip(IWbemClassObject *o)
{
    const uint8_t *bytes;
    uint32_t size;
    assert_ok(object_encoding(o, &bytes, &size));
    assert_round_trip(bytes, size);
    uint8_t *unit;
    assert_ok(wire_object_write(o, &unit, &size));
    assert_round_trip(unit, size);
    free(unit);
}

static void examples(void **state)
{
    (void)state;
    assert_round_trip(example_base, sizeof example_base);
    assert_round_trip(example_my_class, sizeof example_my_class);
    assert_round_trip(example_instance, sizeof example_instance);
}

/* ---- every type ---------------------------------------------------------------------------------
 */

static const CIMTYPE types[] = {CIM_SINT8,  CIM_UINT8,  CIM_SINT16,   CIM_UINT16,    CIM_SINT32,
                                CIM_UINT32, CIM_SINT64, CIM_UINT64,   CIM_REAL32,    CIM_REAL64,
                                CIM_STRING, CIM_CHAR16, CIM_DATETIME, CIM_REFERENCE, CIM_BOOLEAN};
#define TYPES (sizeof types / sizeof types[0])

static const wchar_t *text_of(CIMTYPE type, unsigned i)
{
    static const wchar_t *const texts[] = {L"",       L"plain",          L"Größe",
                                           L"другой", L"\U0001F600 key", L"key"};
    static const wchar_t *const numbers[] = {L"0", L"1", L"127", L"77", L"18", L"100"};
    return type == CIM_DATETIME  ? L"20240229123456.000001+060"
           : cim_is_string(type) ? texts[i % 6]
           : type == CIM_BOOLEAN ? (i % 2 ? L"TRUE" : L"FALSE")
                                 : numbers[i % 6];
}

static IWbemClassObject *class_of_all(void)
{
    IWbemClassObject *cls;
    wchar_t name[16];
    assert_ok(object_create_class(&cls));
    put_text(cls, L"__CLASS", L"Test_All");
    for (unsigned i = 0; i < TYPES; i++) {
        swprintf(name, 16, L"P%u", i);
        put(cls, name, NULL, types[i]);
        swprintf(name, 16, L"A%u", i);
        put(cls, name, NULL, types[i] | CIM_FLAG_ARRAY);
    }
    put(cls, L"O", NULL, CIM_OBJECT);
    put(cls, L"OA", NULL, CIM_OBJECT | CIM_FLAG_ARRAY);
    return cls;
}

static bool value_of(CIMTYPE type, unsigned i, struct value *ret)
{
    const wchar_t *text = text_of(type, i);
    struct value v = {0};
    assert_ok(value_from_wide(CIM_STRING, text, wcslen(text), &v));
    bool good = SUCCEEDED(value_convert(&v.v, type, ret));
    value_done(&v);
    return good;
}

static void set_array(struct row *r, uint32_t at, CIMTYPE type, uint32_t count)
{
    struct buffer b = {0};
    struct value array = {0};
    array_begin(&b, type, count);
    for (uint32_t i = 0; i < count; i++) {
        struct value item = {0};
        assert_true(value_of(type, at + i, &item));
        array_set(&b, type, i, &item.v);
        value_done(&item);
    }
    assert_ok(array_end(&b, type, count, &array));
    assert_ok(row_set_value(r, at, &array.v));
    value_done(&array);
}

static void fill(struct row *r, unsigned seed)
{
    for (uint32_t i = 0; i < 2 * TYPES; i++) {
        struct value v = {0};
        if ((seed + i) % 5 == 0) {
            continue;
        }
        if (i % 2) {
            set_array(r, i, types[i / 2], seed % 4);
        } else {
            assert_true(value_of(types[i / 2], seed + i, &v));
            assert_ok(row_set_value(r, i, &v.v));
            value_done(&v);
        }
    }
}

static void generated(void **state)
{
    (void)state;
    IWbemClassObject *cls = class_of_all(), *outer = NULL;
    struct schema *s;
    struct row *r;
    VARIANT v;
    assert_object_round_trip(cls);
    assert_ok(schema_of(cls, &s));
    assert_ok(row_create(s, &r));
    for (unsigned seed = 0; seed < 60; seed++) {
        IWbemClassObject *o;
        row_clear(r);
        fill(r, seed);
        assert_ok(row_encode(r, s, NULL, NULL, &o));
        V_VT(&v) = VT_UNKNOWN;
        V_UNKNOWN(&v) = (IUnknown *)outer;
        if (outer) {
            assert_ok(IWbemClassObject_Put(o, L"O", 0, &v, 0));
        }
        if (outer) {
            IWbemClassObject_Release(outer);
        }
        assert_object_round_trip(o);
        if (seed % 4 == 0) {
            IWbemClassObject_Release(o);
            o = NULL;
        }
        outer = o;
    }
    row_destroy(r);
    if (outer) {
        IWbemClassObject_Release(outer);
    }
    IWbemClassObject_Release(cls);
}

/* Inherited, overridden, amended; defaults; methods. */
static void class_trees(void **state)
{
    (void)state;
    IWbemClassObject *base, *derived, *in, *o;
    LONG number = 7;
    VARIANT_BOOL yes = VARIANT_TRUE;
    assert_ok(object_create_class(&base));
    put_text(base, L"__CLASS", L"Test_Base");
    put(base, L"Id", NULL, CIM_UINT32);
    put_text(base, L"Größe", L"другой");
    assert_ok(try_qualify(base, L"Id", L"key", VT_BOOL, &yes,
                          WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS));
    assert_ok(try_qualify(base, NULL, L"Description", VT_BSTR, L"текст",
                          WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_AMENDED));
    assert_ok(
        try_qualify(base, NULL, L"Locale", VT_I4, &number, WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE));
    assert_ok(IWbemClassObject_SpawnDerivedClass(base, 0, &derived));
    put_text(derived, L"__CLASS", L"Test_Derived");
    put_text(derived, L"Größe", L"другая");
    put_text(derived, L"Own", L"");
    assert_ok(object_create_class(&in));
    put_text(in, L"__CLASS", L"__PARAMETERS");
    put(in, L"Argument", NULL, CIM_SINT8 | CIM_FLAG_ARRAY);
    assert_ok(try_qualify(in, L"Argument", L"ID", VT_I4, &(LONG){0}, 0));
    assert_ok(IWbemClassObject_PutMethod(derived, L"Call", 0, in, NULL));
    assert_ok(IWbemClassObject_PutMethod(derived, L"Empty", 0, NULL, NULL));
    assert_object_round_trip(base);
    assert_object_round_trip(derived);
    assert_ok(IWbemClassObject_SpawnInstance(derived, 0, &o));
    put_long(o, L"Id", 3);
    assert_object_round_trip(o);
    struct decoration *where;
    assert_ok(decoration_create(L"сервер", L"root\\cimv2", &where));
    assert_ok(object_decorate(o, where));
    decoration_unref(where);
    assert_object_round_trip(o);
    IWbemClassObject *all[] = {base, derived, in, o};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        IWbemClassObject_Release(all[i]);
    }
}

/* ---- laid out otherwise
 * ---------------------------------------------------------------------------- */

static uint32_t add_string(struct buffer *heap, const char *bytes, size_t size)
{
    uint32_t at = heap->size;
    buffer_put(heap, bytes, size);
    return at;
}

/* class Odd { string A, B; uint8 C[]; real64 D; }, whose instances are built by hand. */
static void begin_odd(struct buffer *out, struct schema **ret, IWbemClassObject **ret_class)
{
    assert_ok(object_create_class(ret_class));
    put_text(*ret_class, L"__CLASS", L"Odd");
    put(*ret_class, L"A", NULL, CIM_STRING);
    put(*ret_class, L"B", NULL, CIM_STRING);
    put(*ret_class, L"C", NULL, CIM_UINT8 | CIM_FLAG_ARRAY);
    put(*ret_class, L"D", NULL, CIM_REAL64);
    assert_ok(schema_of(*ret_class, ret));
    buffer_u8(out, 0x42); /* an instance, and a bit of 2.2.6 that others set */
    buffer_put(out, (*ret)->class_part, (*ret)->class_part_size);
}

struct odd {
    uint32_t name, a, b, c;
    uint64_t d;
    uint8_t nd;
    bool unmarked;
    size_t rest;
};

static void put_odd(struct buffer *out, const struct odd *odd, const struct buffer *heap)
{
    uint32_t begin = out->size;
    uint8_t real[8];
    put_u64(real, odd->d);
    buffer_u32(out, 0);
    buffer_u8(out, 0x5a);
    buffer_u32(out, odd->name);
    buffer_u8(out, odd->nd);
    buffer_u32(out, odd->a);
    buffer_u32(out, odd->b);
    buffer_u32(out, odd->c);
    buffer_put(out, real, sizeof real);
    buffer_u32(out, 4); /* no qualifiers */
    buffer_u8(out, 2);
    for (int i = 0; i < 4; i++) {
        buffer_u32(out, 4);
    }
    buffer_u32(out, heap->size | (odd->unmarked ? 0 : 0x80000000u));
    buffer_put(out, heap->bytes, heap->size);
    for (size_t i = 0; i < odd->rest; i++) {
        buffer_u8(out, (uint8_t)(0xe0 + i));
    }
    buffer_set_u32(out, begin, out->size - begin);
}

static void check_odd(const struct odd *odd, const struct buffer *heap, size_t behind)
{
    struct buffer out = {0};
    IWbemClassObject *cls, *o;
    struct schema *s;
    begin_odd(&out, &s, &cls);
    put_odd(&out, odd, heap);
    for (size_t i = 0; i < behind; i++) {
        buffer_u8(&out, (uint8_t)i);
    }
    assert_ok(object_decode(out.bytes, out.size, &o));
    assert_round_trip(out.bytes, out.size);
    assert_object_round_trip(o);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
    buffer_done(&out);
}

static void odd_layouts(void **state)
{
    (void)state;
    struct buffer heap = {0};
    struct odd odd = {.d = 0x7ff8000000000123, .unmarked = true, .rest = 9};
    /* A gap, the strings from last to first, one in UTF-16 though it need not be, more gaps. */
    (void)add_string(&heap, "\xde\xad\xbe\xef", 4);
    odd.b = add_string(&heap, "\1l\0o\0n\0g\0\0\0", 11);
    odd.c = add_string(&heap, "\3\0\0\0\1\2\3", 7);
    (void)add_string(&heap, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    odd.a = add_string(&heap, "\0caf\xe9", 6);
    odd.name = add_string(&heap, "\0Odd", 5);
    (void)add_string(&heap, "old value", 10);
    check_odd(&odd, &heap, 13);

    /* One string for two; a word of the dictionary; a value that is no value, but not empty. */
    odd.b = odd.a;
    check_odd(&odd, &heap, 0);
    odd.name = 0x80000004;
    odd.nd = 2 << 2 | 1 << 6; /* B is the class's, D is null: their slots stay as they are */
    check_odd(&odd, &heap, 0);
    odd.b = 0xffffffff;
    odd.nd = 3 << 4;
    odd.unmarked = false;
    odd.rest = 0;
    check_odd(&odd, &heap, 1);
    /* Half a pair of surrogates, which JSON has no text for; the tail of another string. */
    odd.b = add_string(&heap, "\1\x00\xd8x\0\0\0", 7);
    odd.a = odd.a + 4; /* "\xe9" is no flag */
    heap.bytes[odd.a] = 0;
    odd.nd = 0;
    odd.d = 0x8000000000000000;
    check_odd(&odd, &heap, 0);
    odd.d = 0x0000000000000001;
    check_odd(&odd, &heap, 0);
    buffer_done(&heap);
}

static void batches(void **state)
{
    (void)state;
    struct wire_encoder *e;
    IWbemClassObject *cls = class_of_all(), *one, *two;
    uint8_t *bytes;
    uint32_t size;
    assert_ok(IWbemClassObject_SpawnInstance(cls, 0, &one));
    assert_ok(IWbemClassObject_SpawnInstance(cls, 0, &two));
    put_text(two, L"P10", L"second");
    IWbemClassObject *all[] = {one, cls, two, one};
    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    assert_ok(wire_encoder_write(e, all, 4, &bytes, &size));
    assert_round_trip(bytes, size);
    free(bytes);
    /* Its class went with the batch before: nothing to take it apart by. */
    assert_ok(wire_encoder_write(e, all, 1, &bytes, &size));
    struct layout_error error = {{0}};
    assert_null(layout_dissect(bytes, size, &error));
    assert_non_null(strstr(error.text, "class is not in the batch"));
    free(bytes);
    wire_encoder_destroy(e);
    IWbemClassObject_Release(one);
    IWbemClassObject_Release(two);
    IWbemClassObject_Release(cls);
}

static void reference(void **state)
{
    (void)state;
    uint8_t ref[48 + 8 + sizeof example_instance + 3] = "MEOW\4";
    put_u32(ref + 44, 8 + sizeof example_instance);
    put_u32(ref + 48, 0x12345678);
    put_u32(ref + 52, sizeof example_instance);
    memcpy(ref + 56, example_instance, sizeof example_instance);
    memcpy(ref + sizeof ref - 3, "end", 3);
    assert_round_trip(ref, sizeof ref);
    uint8_t marshaled[8 + sizeof ref] = {1, 2, 3, 4, 5, 6, 7, 8};
    memcpy(marshaled + 8, ref, sizeof ref);
    assert_round_trip(marshaled, sizeof marshaled);
}

/* ---- edited, and wrong
 * ------------------------------------------------------------------------------- */

static json_t *at(json_t *o, const char *path)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s", path);
    for (char *save, *key = strtok_r(text, "/", &save); key; key = strtok_r(NULL, "/", &save)) {
        o = json_is_array(o) ? json_array_get(o, strtoul(key, NULL, 10)) : json_object_get(o, key);
        assert_non_null(o);
    }
    return o;
}

/* Strings of other lengths find a place; the result is an object with them. */
static void edited(void **state)
{
    (void)state;
    struct layout_error e = {{0}};
    struct buffer out = {0};
    IWbemClassObject *o;
    json_t *doc = dissect(example_instance, sizeof example_instance);
    json_t *values = at(doc, "parts/0/object/instance/values"), *v;
    size_t i;
    unsigned changed = 0;
    json_array_foreach(values, i, v)
    {
        if (strcmp(json_string_value(at(v, "property")), "Data1") == 0) {
            json_object_del(at(v, "value"), "at");
            json_object_set_new(at(v, "value"), "text",
                                json_string("a much longer text than before"));
            changed++;
        }
    }
    assert_int_equal(1, changed);
    if (!layout_assemble(doc, &out, &e)) {
        fail_msg("%s", e.text);
    }
    assert_ok(object_decode(out.bytes, out.size, &o));
    assert_text(o, L"Data1", L"a much longer text than before");
    IWbemClassObject_Release(o);
    buffer_done(&out);
    json_decref(doc);
}

static const struct {
    const char *path, *key, *json, *says;
} wrong[] = {
    {"", "wmio", "2", "'wmio' must be a whole number"},
    {"", "parts", "{}", "'parts' must be a list"},
    {"", "more", "1", "there is no member 'more' here"},
    {"parts/0", "size", "7", "those around it count 7"},
    {"parts/0/object", "flags", "\"x\"", "parts[0].object: 'flags'"},
    {"parts/0/object/class", "heap", "5", "parts[0].object.class.heap: an object is needed"},
    {"parts/0/object/class/properties/1", "order", "77", "properties[1]: \"order\" must be below"},
    {"parts/0/object/class/properties/1", "type", "\"sint7\"", "'sint7' is no type"},
    {"parts/0/object/class/properties/1", "state", "\"maybe\"", "\"state\" must be"},
    {"parts/0/object/class/properties/0", "at", "4294967295", "'at' must be a whole number"},
    {"parts/0/object/class/properties/0", "at", "1", "another's already"},
    {"parts/0/object/class/heap", "gaps", "[{\"at\":0,\"bytes\":\"0x\"}]", "even count of digits"},
    {"parts/0/object/class/name", "text", "\"Ж\"", "U+0416 needs \"utf16\""},
    {"parts/0/object/class/name", "word", "\"what\"", "no member"},
    {"parts/0/object/instance", "values", "[]", "there must be 4 values"},
    {"parts/0/object/instance/values/0", "property", "\"Other\"", "is of the property"},
    {"parts/0/object/instance/values/0", "value", "true", "it is no sint32"},
    {"parts/0/object/instance/values/0", "value", "2147483648", "it is no sint32"},
    {"parts/0/object/instance/table", "size", "90000000", "'size' must be a whole number"},
    {"parts/0/object", "class", "null", "an object is needed"},
    {"parts/0/object", "rest", "\"0\"", "even count of digits"},
};

static void wrong_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct layout_error e = {{0}};
        struct buffer out = {0};
        json_t *doc = dissect(example_instance, sizeof example_instance);
        json_t *value = json_loads(wrong[i].json, JSON_DECODE_ANY, NULL);
        json_object_set_new(at(doc, wrong[i].path), wrong[i].key, value);
        assert_false(layout_assemble(doc, &out, &e));
        if (!strstr(e.text, wrong[i].says)) {
            fail_msg("'%s' instead of '%s'", e.text, wrong[i].says);
        }
        buffer_done(&out);
        json_decref(doc);
    }
}

/* Without any one of its members a document is refused, or the member was one that may be absent.
 */
static void walk_without(json_t *doc, json_t *o)
{
    const char *key;
    json_t *v;
    void *next;
    size_t i;
    json_array_foreach(o, i, v)
    {
        walk_without(doc, v);
    }
    if (!json_is_object(o)) {
        return;
    }
    json_t *copy = json_copy(o);
    for (next = json_object_iter(copy); next; next = json_object_iter_next(copy, next)) {
        struct layout_error e = {{0}};
        struct buffer out = {0};
        key = json_object_iter_key(next);
        json_object_del(o, key);
        if (!layout_assemble(doc, &out, &e)) {
            assert_true(e.text[0] != '\0');
        }
        buffer_done(&out);
        json_object_set(o, key, json_object_iter_value(next));
        walk_without(doc, json_object_iter_value(next));
    }
    json_decref(copy);
}

static void missing_members(void **state)
{
    (void)state;
    static const struct {
        const uint8_t *bytes;
        size_t size;
    } examples[] = {{example_my_class, sizeof example_my_class},
                    {example_instance, sizeof example_instance}};
    for (size_t i = 0; i < 2; i++) {
        json_t *doc = dissect(examples[i].bytes, examples[i].size);
        walk_without(doc, doc);
        json_decref(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),        cmocka_unit_test(generated),
        cmocka_unit_test(class_trees),     cmocka_unit_test(odd_layouts),
        cmocka_unit_test(batches),         cmocka_unit_test(reference),
        cmocka_unit_test(edited),          cmocka_unit_test(wrong_documents),
        cmocka_unit_test(missing_members),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
