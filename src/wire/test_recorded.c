/*
 * Recorded bytes: the worked examples of [MS-WMIO] in each wrapping that the
 * protocols put around objects, there and back to the same bytes, and cut off.
 */
#include "object/test_examples.h"
#include "object/test_support.h"
#include "dcom/dcom_data.h"
#include "object/bytes.h"
#include "wire/marshal.h"
#include "wire/wire.h"

#include "rpc/ndr.h"
#include <string.h>
#include <wbem.h>

static IWbemClassObject *decode_one(const void *bytes, size_t size)
{
    IWbemClassObject **objects, *object;
    size_t count = 0;
    assert_ok(wbem_objects_decode(bytes, size, &objects, &count));
    assert_int_equal(1, count);
    object = objects[0];
    free(objects);
    return object;
}

static uint8_t *unit_of(const uint8_t *block, uint32_t size)
{
    uint8_t *unit = malloc(8 + size);
    assert_non_null(unit);
    memcpy(unit, "\x78\x56\x34\x12", 4);
    unit[4] = (uint8_t)size;
    unit[5] = (uint8_t)(size >> 8);
    unit[6] = unit[7] = 0;
    memcpy(unit + 8, block, size);
    return unit;
}

static void check_example(const uint8_t *block, uint32_t size)
{
    uint8_t *unit = unit_of(block, size);
    IWbemClassObject *object = decode_one(unit, 8 + size);
    IWbemClassObject *bare = decode_one(block, size);
    void *again;
    size_t again_size;
    assert_ok(wbem_object_encode(object, &again, &again_size));
    assert_int_equal(8 + size, again_size);
    assert_memory_equal(unit, again, again_size);
    free(again);
    assert_ok(wbem_object_encode(bare, &again, &again_size));
    assert_int_equal(8 + size, again_size);
    assert_memory_equal(unit, again, again_size);
    free(again);
    IWbemClassObject_Release(bare);
    IWbemClassObject_Release(object);
    free(unit);
}

static void test_examples(void **state)
{
    check_example(example_base, sizeof example_base);
    check_example(example_instance, sizeof example_instance);
}

static void test_wrappings(void **state)
{
    IWbemClassObject *object = decode_one(example_base, sizeof example_base), **many, *same;
    struct ndr_writer w = {0};
    struct wire_encoder *e;
    uint8_t *bytes;
    uint32_t size;
    size_t count;
    /* a call's parameter: pointer, conformance, size, reference */
    wire_write_object(&w, object);
    assert_ok(w.status);
    same = decode_one(w.data + 4, w.size - 4);
    IWbemClassObject_Release(same);
    same = decode_one(w.data + 12, w.size - 12);
    IWbemClassObject_Release(same);
    ndr_writer_done(&w);

    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    IWbemClassObject *two[] = {object, object};
    assert_ok(wire_encoder_write(e, two, 2, &bytes, &size));
    assert_ok(wbem_objects_decode(bytes, size, &many, &count));
    assert_int_equal(2, count);
    IWbemClassObject_Release(many[0]);
    IWbemClassObject_Release(many[1]);
    free(many);
    free(bytes);
    wire_encoder_destroy(e);
    IWbemClassObject_Release(object);
}

/* However much is missing: an error that says what it was taken for. */
static void test_cut_off(void **state)
{
    uint8_t *unit = unit_of(example_instance, sizeof example_instance);
    for (size_t size = 0; size < 8 + sizeof example_instance; size++) {
        IWbemClassObject **objects;
        size_t count;
        assert_int_equal(WBEM_E_INVALID_OBJECT, wbem_objects_decode(unit, size, &objects, &count));
        IErrorInfo *info = NULL;
        BSTR text = NULL;
        assert_int_equal(S_OK, GetErrorInfo(0, &info));
        assert_ok(IErrorInfo_GetDescription(info, &text));
        assert_non_null(wcsstr(text, size < 8 ? L"ObjectBlock" : L"EncodingUnit"));
        SysFreeString(text);
        IErrorInfo_Release(info);
    }
    free(unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_wrappings),
        cmocka_unit_test(test_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
