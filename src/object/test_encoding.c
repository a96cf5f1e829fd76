/*
 * The encoding against the worked examples of [MS-WMIO] 3, and against bytes
 * that mean harm.
 */
#include "object/test_support.h"
#include "object/test_examples.h"

static void assert_encodes_as(IWbemClassObject *o, const uint8_t *bytes, size_t size)
{
    const uint8_t *made;
    uint32_t made_size;
    assert_ok(object_encoding(o, &made, &made_size));
    assert_int_equal(made_size, size);
    assert_memory_equal(made, bytes, size);
}

static IWbemClassObject *decode(const uint8_t *bytes, size_t size)
{
    IWbemClassObject *o = NULL;
    assert_ok(object_decode(bytes, size, &o));
    assert_encodes_as(o, bytes, size);
    return o;
}

static void base_decodes(void **state)
{
    (void)state;
    IWbemClassObject *o = decode(example_base, sizeof example_base);
    assert_long(o, L"__GENUS", 1);
    assert_text(o, L"__CLASS", L"Base");
    assert_text(o, L"__SUPERCLASS", NULL);
    assert_text(o, L"__DYNASTY", L"Base");
    assert_text(o, L"__SERVER", L"DPRAVAT-DEV");
    assert_text(o, L"__NAMESPACE", L"ROOT");
    assert_text(o, L"__PATH", L"\\\\DPRAVAT-DEV\\ROOT:Base");
    assert_long(o, L"__PROPERTY_COUNT", 1);
    assert_text(o, L"Id", NULL);
    IWbemClassObject_Release(o);
}

static void my_class_decodes(void **state)
{
    (void)state;
    BSTR origin;
    IWbemClassObject *o = decode(example_my_class, sizeof example_my_class);
    assert_text(o, L"__SUPERCLASS", L"Base");
    assert_text(o, L"data2", L"defaultValue");
    assert_text(o, L"Data1", NULL);
    assert_int_equal(flavor_of(o, L"Id"), WBEM_FLAVOR_ORIGIN_PROPAGATED);
    assert_int_equal(flavor_of(o, L"Data1"), WBEM_FLAVOR_ORIGIN_LOCAL);
    assert_ok(IWbemClassObject_GetPropertyOrigin(o, L"Id", &origin));
    assert_int_equal(wcscmp(origin, L"Base"), 0);
    SysFreeString(origin);
    IWbemClassObject_Release(o);
}

static void my_class_2_part_parses(void **state)
{
    (void)state;
    struct check check = {.budget = 100000};
    struct schema *s;
    struct cim_value v;
    uint32_t ordinal;
    assert_ok(schema_parse(example_my_class_2_part, sizeof example_my_class_2_part, NULL, 0, NULL,
                           &check, &s));
    assert_int_equal(wcscmp(schema_class_name(s), L"MyClass2"), 0);
    assert_true(schema_is_a(s, L"BASE"));
    assert_false(schema_is_a(s, L"Bas"));
    assert_int_equal(s->ancestor_count, 2);
    assert_ok(schema_find(s, L"DATA2", &ordinal));
    assert_int_equal(ordinal, 2);
    assert_ok(schema_default(s, ordinal, &v));
    assert_true(string_is(&v.string, L"defaultvalue"));
    assert_hr(schema_find(s, L"Data3", &ordinal), WBEM_E_NOT_FOUND);
    assert_true(schema_property_is_key(s, 0));
    schema_unref(s);
}

static void instance_decodes(void **state)
{
    (void)state;
    IWbemClassObject *o = decode(example_instance, sizeof example_instance);
    VARIANT v;
    LONG *data;
    assert_long(o, L"__GENUS", 2);
    assert_long(o, L"Id", 123);
    assert_text(o, L"Data1", L"StringField");
    assert_text(o, L"Data2", L"defaultValue");
    assert_int_equal(flavor_of(o, L"Data2"), WBEM_FLAVOR_ORIGIN_PROPAGATED);
    assert_text(o, L"__PATH", L"\\\\DPRAVAT-DEV\\ROOT:MyClass.Id=123");
    VariantInit(&v);
    assert_ok(IWbemClassObject_Get(o, L"Array", 0, &v, NULL, NULL));
    assert_int_equal(V_VT(&v), VT_ARRAY | VT_I4);
    assert_ok(SafeArrayAccessData(V_ARRAY(&v), (void **)&data));
    assert_int_equal(data[0], 1);
    assert_int_equal(data[2], 3);
    SafeArrayUnaccessData(V_ARRAY(&v));
    VariantClear(&v);
    IWbemClassObject_Release(o);
}

/* What we make of the same class is the example's, but for bits that may have any value. */
static void base_encodes_as_the_example(void **state)
{
    (void)state;
    uint8_t expected[sizeof example_base];
    struct decoration *where;
    IWbemClassObject *o = make_base();
    assert_ok(decoration_create(L"DPRAVAT-DEV", L"ROOT", &where));
    assert_ok(object_decorate(o, where));
    decoration_unref(where);
    memcpy(expected, example_base, sizeof expected);
    assert_int_equal(expected[94], 0x05);
    expected[94] = 0x01; /* NdTable: the bits of a property that is not there */
    assert_int_equal(expected[sizeof expected - 6], 0x34);
    expected[sizeof expected - 6] = 0; /* MethodCountPadding */
    assert_encodes_as(o, expected, sizeof expected);
    IWbemClassObject_Release(o);
}

/* The example's heap has six octets of refuse at its end; ours has none. */
static void my_class_encodes_like_the_example(void **state)
{
    (void)state;
    IWbemClassObject *ours = make_my_class(make_base());
    IWbemClassObject *theirs = decode(example_my_class, sizeof example_my_class);
    struct schema *a, *b;
    assert_ok(schema_of(ours, &a));
    assert_ok(schema_of(theirs, &b));
    assert_int_equal(a->class_part_size, b->class_part_size - 6);
    uint8_t expected[512];
    memcpy(expected, b->class_part, a->class_part_size);
    put_u32(expected, a->class_part_size);
    put_u32(expected + (a->heap.bytes - a->class_part) - 4, a->heap.size | 0x80000000u);
    assert_memory_equal(a->class_part, expected, a->class_part_size);
    assert_hr(IWbemClassObject_CompareTo(ours, WBEM_FLAG_IGNORE_OBJECT_SOURCE, theirs),
              WBEM_S_SAME);
    assert_hr(IWbemClassObject_CompareTo(ours, 0, theirs), WBEM_S_DIFFERENT);
    IWbemClassObject_Release(ours);
    IWbemClassObject_Release(theirs);
}

static void instance_encodes_as_the_example(void **state)
{
    (void)state;
    static const LONG numbers[] = {1, 2, 3};
    IWbemClassObject *theirs = decode(example_instance, sizeof example_instance);
    struct schema *s;
    IWbemClassObject *cls = make_my_class(make_base());
    IWbemClassObject *o = spawn(cls);
    put_long(o, L"Id", 123);
    put_array(o, L"Array", numbers, 3);
    put_text(o, L"Data1", L"StringField");
    assert_ok(schema_of(theirs, &s));
    const struct object *a = object_of(o), *b = object_of(theirs);
    assert_int_equal(a->part_size, b->part_size);
    assert_memory_equal(a->part, b->part, a->part_size);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
    IWbemClassObject_Release(theirs);
}

/* [MS-WMIO] 3.1, the special case: a qualifier on a property of the instance. */
static void instance_with_property_qualifier(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x04, 0,    0, 0, 2, 4, 0, 0,    0, 0x0f, 0,
                                       0,    0,    0, 0, 0, 0, 0, 0x0b, 0, 0,    0,
                                       0xff, 0xff, 4, 0, 0, 0, 4, 0,    0, 0};
    IWbemClassObject *o = NULL, *again = NULL;
    const uint8_t *bytes;
    uint32_t size;
    assert_ok(object_decode(example_instance, sizeof example_instance, &o));
    qualify(o, L"Data1", L"test");
    assert_ok(object_encoding(o, &bytes, &size));
    const struct object *p = object_of(o);
    assert_memory_equal(p->part + p->layout.qualifiers, expected, sizeof expected);
    assert_text(o, L"Data1", L"StringField");

    assert_ok(object_decode(bytes, size, &again));
    VARIANT_BOOL no = VARIANT_FALSE;
    assert_ok(try_qualify(again, L"Data1", L"TEST", VT_BOOL, &no, 0));
    assert_hr(IWbemClassObject_CompareTo(o, 0, again), WBEM_S_DIFFERENT);
    assert_hr(IWbemClassObject_CompareTo(o, WBEM_FLAG_IGNORE_QUALIFIERS, again), WBEM_S_SAME);
    IWbemClassObject_Release(again);
    IWbemClassObject_Release(o);
}

/* Cut anywhere, the block is refused, or is whole without its tail. */
static void truncated_blocks_are_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof example_instance; size++) {
        IWbemClassObject *o = NULL;
        uint8_t *copy = malloc(size + !size); /* exact, so that reading past it is noticed */
        memcpy(copy, example_instance, size);
        assert_hr(object_decode(copy, size, &o), WBEM_E_INVALID_OBJECT);
        free(copy);
    }
}

static void read_all(IWbemClassObject *o)
{
    BSTR name;
    VARIANT v;
    VariantInit(&v);
    assert_ok(IWbemClassObject_BeginEnumeration(o, 0));
    while (IWbemClassObject_Next(o, 0, &name, &v, NULL, NULL) == WBEM_S_NO_ERROR) {
        SysFreeString(name);
        VariantClear(&v);
    }
    assert_ok(IWbemClassObject_EndEnumeration(o));
}

/* Every octet with other values: refused, or an object that can be read, copied and changed. */
static void damaged_blocks_do_no_harm(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    const struct {
        const uint8_t *bytes;
        size_t size;
    } all[] = {{example_base, sizeof example_base},
               {example_my_class, sizeof example_my_class},
               {example_instance, sizeof example_instance}};
    for (size_t e = 0; e < 3; e++) {
        for (size_t at = 0; at < all[e].size; at++) {
            for (size_t i = 0; i < sizeof values; i++) {
                IWbemClassObject *o = NULL, *copy = NULL;
                uint8_t *bytes = malloc(all[e].size);
                memcpy(bytes, all[e].bytes, all[e].size);
                bytes[at] = values[i];
                if (SUCCEEDED(object_decode(bytes, all[e].size, &o))) {
                    assert_encodes_as(o, bytes, all[e].size);
                    read_all(o);
                    (void)try_put_text(o, L"Data1", L"something longer than there was before", 0);
                    assert_ok(IWbemClassObject_Clone(o, &copy));
                    IWbemClassObject_Release(copy);
                    IWbemClassObject_Release(o);
                }
                free(bytes);
            }
        }
    }
}

/* 100 properties that all refer to one large array: honest heaps share nothing, and looking at it
 * once for each must not be what a hostile peer can make us do. */
static void shared_items_exhaust_the_budget(void **state)
{
    (void)state;
    IWbemClassObject *cls = NULL, *o;
    struct schema *s;
    wchar_t name[16];
    assert_ok(object_create_class(&cls));
    put_text(cls, L"__CLASS", L"Many");
    for (int i = 0; i < 100; i++) {
        swprintf(name, 16, L"P%d", i);
        put(cls, name, NULL, CIM_STRING | CIM_FLAG_ARRAY);
    }
    o = spawn(cls);
    assert_ok(schema_of(cls, &s));
    const struct object *p = object_of(o);
    uint32_t count = 50000, more = 4 + count * 4;
    uint8_t *part = malloc(p->part_size + more);
    memcpy(part, p->part, p->part_size);
    memset(part + p->layout.nd_table, 0, s->nd_size);
    put_u32(part, p->part_size + more);
    put_u32(part + p->layout.heap - 4, (p->layout.heap_size + more) | 0x80000000u);
    put_u32(part + p->part_size, count);
    for (uint32_t i = 0; i < count; i++) {
        put_u32(part + p->part_size + 4 + i * 4, 0); /* the class's name */
    }
    for (uint32_t i = 0; i < 100; i++) {
        put_u32(part + p->layout.values + i * 4, p->layout.heap_size);
    }
    struct instance_layout layout;
    struct check check = {.budget = (size_t)(p->part_size + more) * 8};
    assert_hr(instance_check(s, part, p->part_size + more, &check, &layout), WBEM_E_INVALID_OBJECT);
    free(part);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_decodes),
        cmocka_unit_test(my_class_decodes),
        cmocka_unit_test(my_class_2_part_parses),
        cmocka_unit_test(instance_decodes),
        cmocka_unit_test(base_encodes_as_the_example),
        cmocka_unit_test(my_class_encodes_like_the_example),
        cmocka_unit_test(instance_encodes_as_the_example),
        cmocka_unit_test(instance_with_property_qualifier),
        cmocka_unit_test(truncated_blocks_are_refused),
        cmocka_unit_test(damaged_blocks_do_no_harm),
        cmocka_unit_test(shared_items_exhaust_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
