/* Messages of the protocol with provider processes, there and back, and what must be refused. */
#include "com/test_support.h"
#include "hosting/wire.h"
#include "object/bytes.h"
#include "services/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wbemidl.h>

static void corpus(const char *name, const uint8_t *frame, size_t size)
{
    const char *folder = getenv("WIRE_CORPUS"); /* to make seeds for the fuzzer */
    char path[256];
    if (!folder) {
        return;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(size, fwrite(frame, 1, size, f));
    assert_int_equal(0, fclose(f));
}

static IWbemClassObject *make_instance(void)
{
    IErrorInfo *info;
    IWbemClassObject *object = NULL;
    assert_int_equal(S_OK, error_create(WBEM_E_FAILED, "Op", "Param", "Prov", "words", &info));
    assert_int_equal(S_OK,
                     IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&object));
    IErrorInfo_Release(info);
    return object;
}

static IWbemContext *make_context(void)
{
    IWbemContext *context = NULL;
    VARIANT v;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemContext, (void **)&context));
    V_VT(&v) = VT_I4;
    V_I4(&v) = 7;
    assert_int_equal(S_OK, IWbemContext_SetValue(context, L"Seven", 0, &v));
    return context;
}

static void test_round_trip(void **state)
{
    struct wire_classes sent = {0}, received = {0};
    IWbemClassObject *objects[] = {make_instance(), NULL, make_instance()};
    struct wire_message m = {
        .type = WIRE_CALL,
        .call = 5,
        .target = 6,
        .method = METHOD_QUERY,
        .flags = -1,
        .number = 9,
        .status = WBEM_E_FAILED,
        .text = {SysAllocString(L"grüße \U0001F600"), NULL, SysAllocString(L"")},
        .context = make_context(),
        .objects = objects,
        .object_count = 3};
    V_VT(&m.value) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&m.value) = SafeArrayCreateVector(VT_BSTR, 0, 2);
    for (int round = 0; round < 2; round++) { /* the second goes without the class */
        uint8_t *frame;
        size_t size;
        struct wire_message got;
        assert_int_equal(S_OK, wire_encode(&m, &sent, &frame, &size));
        corpus(round ? "again" : "full", frame, size);
        assert_int_equal(size - 4, get_u32(frame));
        HRESULT hr = wire_decode(frame + 4, size - 4, &received, &got);
        assert_int_equal(S_OK, hr);
        assert_int_equal(5, got.call);
        assert_int_equal(6, got.target);
        assert_int_equal(METHOD_QUERY, got.method);
        assert_int_equal(-1, got.flags);
        assert_int_equal(9, got.number);
        assert_int_equal(WBEM_E_FAILED, got.status);
        assert_int_equal(0, wcscmp(got.text[0], m.text[0]));
        assert_null(got.text[1]);
        assert_int_equal(0, SysStringLen(got.text[2]));
        assert_int_equal(VT_ARRAY | VT_BSTR, V_VT(&got.value));
        assert_non_null(got.context);
        assert_int_equal(3, got.object_count);
        assert_null(got.objects[1]);
        assert_int_equal(WBEM_S_SAME, IWbemClassObject_CompareTo(got.objects[2], 0, objects[2]));
        wire_message_done(&got);
        /* Every shorter frame is refused. */
        for (size_t cut = 4; round && cut < size; cut++) {
            assert_true(FAILED(wire_decode(frame + 4, cut - 4, &received, &got)));
        }
        free(frame);
    }
    IWbemClassObject_Release(objects[0]);
    IWbemClassObject_Release(objects[2]);
    m.objects = NULL;
    m.object_count = 0;
    wire_message_done(&m);
    wire_classes_done(&sent);
    wire_classes_done(&received);
}

static void refuse(const void *bytes, size_t size)
{
    struct wire_classes received = {0};
    struct wire_message m;
    assert_int_equal(WBEM_E_INVALID_OBJECT, wire_decode(bytes, size, &received, &m));
    wire_classes_done(&received);
}

#define REFUSE(text) refuse(text, sizeof(text) - 1)

static void test_refused(void **state)
{
    REFUSE("");
    REFUSE("\x00\x00\x00\x00\x01\x00\x00\x00");                   /* type 0 */
    REFUSE("\x7f\x00\x00\x00\x01\x00\x00\x00");                   /* type 127 */
    REFUSE("\x01\x00\x80\x00\x01\x00\x00\x00");                   /* an unknown field */
    REFUSE("\x01\x00\x00\x00\x01\x00\x00\x00more");               /* bytes left over */
    REFUSE("\x01\x02\x00\x00\x01\x00\x00\x00\xff\x00\x00\x00");   /* an unknown method */
    REFUSE("\x01\x20\x00\x00\x01\x00\x00\x00\xfe\xff\xff\xff");   /* a text of 16 GB */
    REFUSE("\x02\x00\x10\x00\x01\x00\x00\x00\xff\xff\xff\xff");   /* 4 thousand million objects */
    REFUSE("\x02\x00\x10\x00\x01\x00\x00\x00\x01\x00\x00\x00\x03" /* of a class never defined */
           "\x05\x00\x00\x00\x01\x00\x00\x00x");
    REFUSE("\x01\x00\x04\x00\x01\x00\x00\x00\x03\x20\xff\xff\xff\x7f"); /* a huge array */
}

/* The static library's own table is linked only where its services are. */
static const struct com_class contexts[] = {{&CLSID_WbemContext, context_create}};
static struct com_class_table table = {contexts, ARRAYSIZE(contexts), NULL};

int main(void)
{
    com_register_classes(&table);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_refused)};
    assert_int_equal(S_OK, CoInitializeEx(NULL, COINIT_MULTITHREADED));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    CoUninitialize();
    return failed;
}
