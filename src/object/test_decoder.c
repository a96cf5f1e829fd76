/*
 * Objects from another machine, one after the other: shared classes, instances
 * without their class, damaged bytes.
 */
#include "object/test_support.h"
#include "object/test_examples.h"

/* The example's instance as if it came from another server. */
static void decorated(const wchar_t *server, const uint8_t **ret, uint32_t *ret_size,
                      IWbemClassObject **ret_object)
{
    struct decoration *where;
    IWbemClassObject *o;
    assert_ok(decoration_create(server, L"root\\cimv2", &where));
    assert_ok(object_decode(example_instance, sizeof example_instance, &o));
    assert_ok(object_decorate(o, where));
    decoration_unref(where);
    assert_ok(object_encoding(o, ret, ret_size));
    *ret_object = o;
}

static void assert_same_bytes(IWbemClassObject *o, const uint8_t *bytes, uint32_t size)
{
    const uint8_t *made;
    uint32_t made_size;
    assert_ok(object_encoding(o, &made, &made_size));
    assert_int_equal(made_size, size);
    assert_memory_equal(made, bytes, size);
}

static struct schema *schema_in(IWbemClassObject *o)
{
    return atomic_load(&object_of(o)->schema);
}

static void instances_share_the_class(void **state)
{
    (void)state;
    struct object_decoder d = {0};
    IWbemClassObject *source, *first, *second, *plain, *cls, *third;
    const uint8_t *bytes;
    uint32_t size;
    decorated(L"server", &bytes, &size, &source);
    assert_ok(object_decoder_read(&d, bytes, size, &first));
    assert_ok(object_decoder_read(&d, bytes, size, &second));
    assert_ptr_equal(schema_in(first), schema_in(second));
    assert_ptr_equal(object_of(first)->where, object_of(second)->where);
    assert_same_bytes(first, bytes, size);
    assert_same_bytes(second, bytes, size);

    /* Another decoration, a class between: nothing is taken over wrongly. */
    assert_ok(object_decoder_read(&d, example_instance, sizeof example_instance, &plain));
    assert_same_bytes(plain, example_instance, sizeof example_instance);
    assert_ptr_not_equal(object_of(plain)->where, object_of(second)->where);
    assert_ok(object_decoder_read(&d, example_my_class, sizeof example_my_class, &cls));
    assert_true(object_of(cls)->is_class);
    assert_ok(object_decoder_read(&d, bytes, size, &third));
    assert_text(third, L"__SERVER", L"server");
    assert_text(third, L"Data1", L"StringField");

    object_decoder_done(&d);
    IWbemClassObject *all[] = {source, first, second, plain, cls, third};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        IWbemClassObject_Release(all[i]);
    }
}

static uint32_t without_class(IWbemClassObject *o, uint8_t *out, size_t room)
{
    struct object_no_class n;
    assert_ok(object_no_class(o, &n));
    uint32_t size = 1 + n.decoration_size + n.part_size;
    assert_true(size <= room);
    out[0] = n.flags;
    if (n.decoration_size) {
        memcpy(out + 1, n.decoration, n.decoration_size);
    }
    memcpy(out + 1 + n.decoration_size, n.part, n.part_size);
    return size;
}

static void instances_travel_without_their_class(void **state)
{
    (void)state;
    struct object_decoder d = {0};
    IWbemClassObject *source, *again;
    const uint8_t *bytes;
    uint32_t size;
    uint8_t alone[1024];
    decorated(L"другой", &bytes, &size, &source);
    uint32_t alone_size = without_class(source, alone, sizeof alone);
    assert_true(alone_size < size);
    struct schema *s = schema_in(source);
    assert_ok(object_decoder_read_no_class(&d, s, alone, alone_size, &again));
    assert_same_bytes(again, bytes, size);
    assert_text(again, L"__SERVER", L"другой");

    /* Cut anywhere, it is refused. */
    for (uint32_t cut = 0; cut < alone_size; cut++) {
        IWbemClassObject *none = NULL;
        uint8_t *copy = malloc(cut + !cut);
        memcpy(copy, alone, cut);
        assert_hr(object_decoder_read_no_class(&d, s, copy, cut, &none), WBEM_E_INVALID_OBJECT);
        free(copy);
    }
    alone[0] = 1; /* a class */
    assert_hr(object_decoder_read_no_class(&d, s, alone, alone_size, &source),
              WBEM_E_INVALID_OBJECT);
    object_decoder_done(&d);
    IWbemClassObject_Release(again);
    IWbemClassObject_Release(source);
}

/* With a class known, damage behind it is found as without. */
static void damage_is_found_behind_a_known_class(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    struct object_decoder d = {0};
    IWbemClassObject *o;
    assert_ok(object_decoder_read(&d, example_instance, sizeof example_instance, &o));
    IWbemClassObject_Release(o);
    for (size_t at = 0; at < sizeof example_instance; at++) {
        for (size_t i = 0; i < sizeof values; i++) {
            uint8_t *bytes = malloc(sizeof example_instance);
            IWbemClassObject *one = NULL, *other = NULL;
            memcpy(bytes, example_instance, sizeof example_instance);
            bytes[at] = values[i];
            HRESULT expected = object_decode(bytes, sizeof example_instance, &one);
            assert_hr(object_decoder_read(&d, bytes, sizeof example_instance, &other), expected);
            if (SUCCEEDED(expected)) {
                IWbemClassObject_Release(one);
                IWbemClassObject_Release(other);
            }
            free(bytes);
            /* Go back to the whole class. */
            assert_ok(object_decoder_read(&d, example_instance, sizeof example_instance, &o));
            IWbemClassObject_Release(o);
        }
    }
    object_decoder_done(&d);
}

static void only_instances_go_without_class(void **state)
{
    (void)state;
    IWbemClassObject *cls;
    struct object_no_class n;
    assert_ok(object_decode(example_my_class, sizeof example_my_class, &cls));
    assert_hr(object_no_class(cls, &n), WBEM_E_INVALID_PARAMETER);
    IWbemClassObject_Release(cls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_share_the_class),
        cmocka_unit_test(instances_travel_without_their_class),
        cmocka_unit_test(damage_is_found_behind_a_known_class),
        cmocka_unit_test(only_instances_go_without_class),
    };
    return cmocka_run_group_tests_name("object-decoder", tests, NULL, NULL);
}
