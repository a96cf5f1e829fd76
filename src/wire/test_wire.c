/*
 * [MS-WMI]'s own data: batches of objects and contexts, there and back, and
 * what damage does.
 */
#include "object/test_support.h"
#include "services/services.h"
#include "com/com.h"
#include "wire/marshal.h"
#include "wire/wire.h"

#include <objbase.h>

/* A class of that name with a key, a text and an array. */
static IWbemClassObject *make_class(const wchar_t *name)
{
    IWbemClassObject *cls;
    IWbemQualifierSet *set;
    VARIANT v;
    assert_ok(object_create_class(&cls));
    put_text(cls, L"__CLASS", name);
    assert_ok(IWbemClassObject_Put(cls, L"Id", 0, NULL, CIM_UINT32));
    assert_ok(IWbemClassObject_Put(cls, L"Text", 0, NULL, CIM_STRING));
    assert_ok(IWbemClassObject_GetPropertyQualifierSet(cls, L"Id", &set));
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_ok(IWbemQualifierSet_Put(set, L"key", &v, 0));
    IWbemQualifierSet_Release(set);
    return cls;
}

static IWbemClassObject *make_instance(IWbemClassObject *cls, LONG id)
{
    IWbemClassObject *o;
    wchar_t text[32];
    swprintf(text, 32, L"text %d \U0001f600", (int)id);
    assert_ok(IWbemClassObject_SpawnInstance(cls, 0, &o));
    put_long(o, L"Id", id);
    put_text(o, L"Text", text);
    return o;
}

static void release_all(IWbemClassObject **objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
}

static void assert_same_objects(IWbemClassObject **a, IWbemClassObject **b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *first, *second;
        uint32_t first_size, second_size;
        assert_ok(object_encoding(a[i], &first, &first_size));
        assert_ok(object_encoding(b[i], &second, &second_size));
        assert_int_equal(first_size, second_size);
        assert_memory_equal(first, second, first_size);
    }
}

/* Instances of two classes, mixed, and a class; in two packets. */
static void classes_travel_once(void **state)
{
    (void)state;
    struct wire_encoder *e;
    struct wire_decoder *d;
    IWbemClassObject *one = make_class(L"One"), *two = make_class(L"Two"), *objects[9], **back;
    uint8_t *bytes, *more;
    uint32_t size, more_size, count;
    for (LONG i = 0; i < 8; i++) {
        objects[i] = make_instance(i % 3 ? one : two, i);
    }
    objects[8] = one;
    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    assert_ok(wire_decoder_create(&d));
    assert_ok(wire_encoder_write(e, objects, 9, &bytes, &size));
    assert_ok(wire_encoder_write(e, objects, 8, &more, &more_size));
    assert_true(more_size < size);

    assert_ok(wire_decoder_read(d, bytes, size, &back, &count));
    assert_int_equal(count, 9);
    assert_same_objects(objects, back, 9);
    release_all(back, 9);
    free(back);
    assert_ok(wire_decoder_read(d, more, more_size, &back, &count));
    assert_int_equal(count, 8);
    assert_same_objects(objects, back, 8);
    release_all(back, 8);
    free(back);

    /* A receiver that has not seen the first packet can't know the classes. */
    wire_decoder_destroy(d);
    assert_ok(wire_decoder_create(&d));
    assert_hr(wire_decoder_read(d, more, more_size, &back, &count), WBEM_E_INVALID_STREAM);
    assert_null(back);
    wire_decoder_destroy(d);
    wire_encoder_destroy(e);
    free(more);
    free(bytes);
    release_all(objects, 8);
    IWbemClassObject_Release(one);
    IWbemClassObject_Release(two);
}

/* Packets of instances each of a class of its own: more of them than a receiver keeps. One packet
 * fails on the way, of which the receiver hears nothing. */
static void there_may_be_any_number_of_classes(void **state)
{
    (void)state;
    enum {
        CLASSES = 9000,
        PACKET = 500
    };
    struct wire_encoder *e;
    struct wire_decoder *d;
    IWbemClassObject **objects = calloc(CLASSES + 1, sizeof(*objects)), **back;
    uint8_t *bytes;
    uint32_t size, count;
    for (LONG i = 0; i < CLASSES; i++) {
        wchar_t name[32];
        swprintf(name, 32, L"Class_%d", (int)i);
        IWbemClassObject *cls = make_class(name);
        objects[i] = make_instance(cls, i);
        IWbemClassObject_Release(cls);
    }
    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    assert_ok(wire_decoder_create(&d));
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < CLASSES; i += PACKET) {
            if (i == 6000) {
                IWbemClassObject foreign = {0};
                IWbemClassObject *whole[PACKET + 1];
                memcpy(whole, objects + i + PACKET, PACKET * sizeof(*whole));
                whole[PACKET] = &foreign;
                assert_hr(wire_encoder_write(e, whole, PACKET + 1, &bytes, &size),
                          WBEM_E_INVALID_PARAMETER);
            }
            assert_ok(wire_encoder_write(e, objects + i, PACKET, &bytes, &size));
            assert_ok(wire_decoder_read(d, bytes, size, &back, &count));
            assert_int_equal(count, PACKET);
            assert_same_objects(objects + i, back, PACKET);
            release_all(back, PACKET);
            free(back);
            free(bytes);
        }
    }
    wire_decoder_destroy(d);
    wire_encoder_destroy(e);
    release_all(objects, CLASSES);
    free(objects);
}

/* The fields that 2.2.14 fixes. */
static void headers_are_as_specified(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        0, 0, 0, 0, 'W', 'B', 'E', 'M', 'D', 'A', 'T', 'A', 26, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 8, 0,   0,   0,   12,  0,   0,   0,   12,  0,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0};
    struct wire_encoder *e;
    struct wire_decoder *d;
    IWbemClassObject **back;
    uint8_t *bytes;
    uint32_t size, count;
    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    assert_ok(wire_encoder_write(e, NULL, 0, &bytes, &size));
    assert_int_equal(size, sizeof expected);
    assert_memory_equal(bytes, expected, size);
    assert_ok(wire_decoder_create(&d));
    assert_ok(wire_decoder_read(d, bytes, size, &back, &count));
    assert_int_equal(count, 0);
    wire_decoder_destroy(d);
    wire_encoder_destroy(e);
    free(bytes);
}

/* What can't be sent takes nothing with it. */
static void a_failed_packet_leaves_no_class_behind(void **state)
{
    (void)state;
    struct wire_encoder *e;
    struct wire_decoder *d;
    IWbemClassObject *cls = make_class(L"One"), *o = make_instance(cls, 1), *pair[2], **back;
    IWbemClassObject foreign = {0};
    uint8_t *bytes;
    uint32_t size, count;
    pair[0] = o;
    pair[1] = &foreign; /* not this library's */
    assert_ok(wire_encoder_create(WIRE_PACKET_INDICATE, &e));
    assert_ok(wire_decoder_create(&d));
    assert_hr(wire_encoder_write(e, pair, 2, &bytes, &size), WBEM_E_INVALID_PARAMETER);
    assert_ok(wire_encoder_write(e, pair, 1, &bytes, &size));
    assert_ok(wire_decoder_read(d, bytes, size, &back, &count));
    assert_int_equal(count, 1);
    release_all(back, 1);
    free(back);
    free(bytes);
    wire_decoder_destroy(d);
    wire_encoder_destroy(e);
    IWbemClassObject_Release(o);
    IWbemClassObject_Release(cls);
}

/* Every octet with other values, and every length: refused, or objects that can be read. */
static void damaged_packets_do_no_harm(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 3, 0x7f, 0x80, 0xff};
    struct wire_encoder *e;
    IWbemClassObject *cls = make_class(L"One"), *pair[2], **back;
    uint8_t *bytes;
    uint32_t size, count;
    pair[0] = make_instance(cls, 1);
    pair[1] = make_instance(cls, 2);
    assert_ok(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e));
    assert_ok(wire_encoder_write(e, pair, 2, &bytes, &size));
    for (uint32_t at = 0; at < size; at++) {
        for (size_t i = 0; i <= sizeof values; i++) {
            struct wire_decoder *d;
            size_t length = i < sizeof values ? size : at; /* the last turn cuts */
            uint8_t *copy = malloc(length + !length);
            memcpy(copy, bytes, length);
            if (i < sizeof values) {
                copy[at] = values[i];
            }
            assert_ok(wire_decoder_create(&d));
            HRESULT hr = wire_decoder_read(d, copy, length, &back, &count);
            assert_true(FAILED(hr) || i < sizeof values);
            if (SUCCEEDED(hr)) {
                release_all(back, count);
                free(back);
            }
            wire_decoder_destroy(d);
            free(copy);
        }
    }
    wire_encoder_destroy(e);
    free(bytes);
    release_all(pair, 2);
    IWbemClassObject_Release(cls);
}

/* ---- contexts --------------------------------------------------------------- */

static IWbemContext *make_context(void)
{
    IWbemContext *c;
    assert_ok(context_create(NULL, &IID_IWbemContext, (void **)&c));
    return c;
}

static void set(IWbemContext *c, const wchar_t *name, VARTYPE type, const void *value, size_t size)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = type;
    memcpy(&V_UI1(&v), value, size);
    assert_ok(IWbemContext_SetValue(c, name, 0, &v));
}

static void assert_context_value(IWbemContext *a, IWbemContext *b, const wchar_t *name)
{
    VARIANT first, second;
    assert_ok(IWbemContext_GetValue(a, name, 0, &first));
    assert_ok(IWbemContext_GetValue(b, name, 0, &second));
    assert_int_equal(V_VT(&first), V_VT(&second));
    if (V_VT(&first) == VT_UNKNOWN) {
        IWbemClassObject *one, *other;
        assert_ok(IUnknown_QueryInterface(V_UNKNOWN(&first), &IID_IWbemClassObject, (void **)&one));
        assert_ok(
            IUnknown_QueryInterface(V_UNKNOWN(&second), &IID_IWbemClassObject, (void **)&other));
        assert_ok(IWbemClassObject_CompareTo(one, 0, other));
        IWbemClassObject_Release(one);
        IWbemClassObject_Release(other);
    } else if (V_VT(&first) & VT_ARRAY) {
        BSTR x, y;
        LONG i = 1;
        assert_ok(SafeArrayGetElement(V_ARRAY(&first), &i, &x));
        assert_ok(SafeArrayGetElement(V_ARRAY(&second), &i, &y));
        assert_int_equal(wcscmp(x, y), 0);
        SysFreeString(x);
        SysFreeString(y);
    } else if (V_VT(&first) == VT_BSTR) {
        assert_int_equal(SysStringLen(V_BSTR(&first)), SysStringLen(V_BSTR(&second)));
        assert_memory_equal(V_BSTR(&first), V_BSTR(&second), SysStringByteLen(V_BSTR(&first)));
    } else if (V_VT(&first) != VT_NULL) {
        assert_int_equal(VarCmp(&first, &second, 0, 0), VARCMP_EQ);
    }
    VariantClear(&first);
    VariantClear(&second);
}

static const wchar_t *const context_names[] = {L"bool", L"i2",   L"i4",   L"ui1",   L"r4",
                                               L"r8",   L"null", L"text", L"array", L"object"};

static IWbemContext *full_context(void)
{
    IWbemContext *c = make_context();
    VARIANT_BOOL yes = VARIANT_TRUE;
    int16_t i2 = -2;
    int32_t i4 = -70000;
    uint8_t ui1 = 200;
    float r4 = 1.5F;
    double r8 = -2.25;
    BSTR text = SysAllocString(L"h\x00e9 \U0001f600 \xd800");
    IWbemClassObject *o = make_class(L"Inside");
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, 2);
    for (LONG i = 0; i < 2; i++) {
        assert_ok(SafeArrayPutElement(array, &i, text));
    }
    set(c, L"bool", VT_BOOL, &yes, sizeof yes);
    set(c, L"i2", VT_I2, &i2, sizeof i2);
    set(c, L"i4", VT_I4, &i4, sizeof i4);
    set(c, L"ui1", VT_UI1, &ui1, sizeof ui1);
    set(c, L"r4", VT_R4, &r4, sizeof r4);
    set(c, L"r8", VT_R8, &r8, sizeof r8);
    set(c, L"null", VT_NULL, "", 0);
    set(c, L"text", VT_BSTR, &text, sizeof text);
    set(c, L"array", VT_BSTR | VT_ARRAY, &array, sizeof array);
    set(c, L"object", VT_UNKNOWN, &o, sizeof o);
    SafeArrayDestroy(array);
    SysFreeString(text);
    IWbemClassObject_Release(o);
    return c;
}

static void contexts_travel(void **state)
{
    (void)state;
    IWbemContext *c = full_context(), *back;
    uint8_t *bytes;
    uint32_t size;
    assert_ok(wire_context_write(c, &bytes, &size));
    assert_ok(wire_context_read(bytes, size, &back));
    for (size_t i = 0; i < sizeof context_names / sizeof *context_names; i++) {
        assert_context_value(c, back, context_names[i]);
    }
    IWbemContext_Release(back);
    for (uint32_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + !cut);
        memcpy(copy, bytes, cut);
        assert_true(FAILED(wire_context_read(copy, cut, &back)));
        free(copy);
    }
    free(bytes);
    IWbemContext_Release(c);
}

static void a_context_that_cannot_travel_says_so(void **state)
{
    (void)state;
    IWbemContext *c = make_context(), *back;
    uint8_t *bytes;
    uint32_t size;
    int64_t big = 1;
    set(c, L"big", VT_I8, &big, sizeof big);
    assert_hr(wire_context_write(c, &bytes, &size), WBEM_E_INVALID_CONTEXT);
    /* More properties than there are bytes. */
    static const uint8_t hostile[] = {1, 0, 0, 0, 1, 2, 3, 4, 5,    6,    7,    8,
                                      9, 0, 1, 2, 3, 4, 5, 6, 0xff, 0xff, 0xff, 0xff};
    assert_hr(wire_context_read(hostile, sizeof hostile, &back), WBEM_E_INVALID_CONTEXT);
    IWbemContext_Release(c);
}

/* A single object as the custom data of its reference. */
/* More values than anybody has are refused before they are searched one by one. */
static void a_context_of_too_many_values_is_refused(void **state)
{
    struct buffer b = {0};
    IWbemContext *got = NULL;
    static const uint8_t id[16];
    buffer_u32(&b, 1);
    buffer_put(&b, id, sizeof id);
    buffer_u32(&b, 1025);
    for (uint32_t i = 0; i < 1025; i++) { /* a name of one letter, flags, VT_NULL */
        buffer_u32(&b, 1);
        buffer_u8(&b, (uint8_t)i);
        buffer_u8(&b, (uint8_t)(1 + i / 256));
        buffer_u32(&b, 0);
        buffer_u8(&b, VT_NULL);
        buffer_u8(&b, 0);
    }
    assert_int_equal(WBEM_E_INVALID_CONTEXT, wire_context_read(b.bytes, b.size, &got));
    put_u32(b.bytes + 4 + sizeof id, 1024); /* what follows is not looked at */
    assert_ok(wire_context_read(b.bytes, b.size, &got));
    IWbemContext_Release(got);
    buffer_done(&b);
}

static void single_objects_travel(void **state)
{
    (void)state;
    IWbemClassObject *cls = make_class(L"One"), *back;
    uint8_t *bytes;
    uint32_t size;
    assert_ok(wire_object_write(cls, &bytes, &size));
    assert_int_equal(get_u32(bytes), 0x12345678);
    assert_ok(wire_object_read(bytes, size, &back));
    assert_ok(IWbemClassObject_CompareTo(cls, 0, back));
    IWbemClassObject_Release(back);
    assert_hr(wire_object_read(bytes, size - 1, &back), WBEM_E_INVALID_OBJECT);
    bytes[0]++;
    assert_hr(wire_object_read(bytes, size, &back), WBEM_E_INVALID_OBJECT);
    free(bytes);
    IWbemClassObject_Release(cls);
}

/* ---- the same in NDR -------------------------------------------------------- */

static void assert_text_travels(const wchar_t *text)
{
    struct ndr_writer w = {0};
    struct ndr_reader r;
    wire_write_bstr(&w, text);
    wire_write_string_pointer(&w, text);
    ndr_write_u32(&w, 77);
    assert_int_equal(w.status, S_OK);
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    BSTR back = wire_read_bstr(&r);
    wchar_t *other = wire_read_string_pointer(&r);
    assert_int_equal(ndr_read_u32(&r), 77);
    assert_int_equal(r.status, S_OK);
    assert_true(text ? wcscmp(back, text) == 0 && wcscmp(other, text) == 0 : !back && !other);
    free(other);
    SysFreeString(back);
    ndr_writer_done(&w);
}

static void strings_travel_in_ndr(void **state)
{
    (void)state;
    assert_text_travels(NULL);
    assert_text_travels(L"");
    assert_text_travels(L"odd");
    assert_text_travels(L"even");
    assert_text_travels(L"beyond \U0001f600 the plane \xd800");

    /* The bytes of [MS-OAUT] 2.2.23: counts of words, bytes and words, then the words. */
    static const uint8_t expected[] = {0, 0, 2, 0, 2, 0, 0,   0, 4,   0,
                                       0, 0, 2, 0, 0, 0, 'a', 0, 'b', 0};
    struct ndr_writer w = {0};
    wire_write_bstr(&w, L"ab");
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(w.data + 4, expected + 4, sizeof expected - 4);
    ndr_writer_done(&w);
}

static void objects_travel_in_ndr(void **state)
{
    (void)state;
    IWbemClassObject *cls = make_class(L"One"), *objects[3], **back, *single, *none;
    struct ndr_writer w = {0};
    struct ndr_reader r;
    uint32_t count;
    for (LONG i = 0; i < 3; i++) {
        objects[i] = make_instance(cls, i);
    }
    wire_write_object(&w, cls);
    wire_write_object(&w, NULL);
    wire_write_objects(&w, objects, 3, 3, false);
    wire_write_objects(&w, objects, 2, 10, true);
    ndr_write_u32(&w, 77);
    assert_int_equal(w.status, S_OK);
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    single = wire_read_object(&r);
    none = wire_read_object(&r);
    assert_non_null(single);
    assert_null(none);
    assert_ok(IWbemClassObject_CompareTo(single, 0, cls));
    IWbemClassObject_Release(single);
    for (int varying = 0; varying < 2; varying++) {
        back = wire_read_objects(&r, varying, &count);
        assert_int_equal(count, varying ? 2 : 3);
        assert_same_objects(objects, back, count);
        release_all(back, count);
        free(back);
    }
    assert_int_equal(ndr_read_u32(&r), 77);
    assert_int_equal(r.status, S_OK);
    ndr_reader_done(&r);

    /* Cut anywhere, it is refused or the cut is behind what is read. */
    for (size_t cut = 0; cut < w.size; cut += 3) {
        uint8_t *copy = malloc(cut + !cut);
        memcpy(copy, w.data, cut);
        ndr_reader_init(&r, copy, cut, NDR_DREP);
        com_release(wire_read_object(&r));
        com_release(wire_read_object(&r));
        back = wire_read_objects(&r, false, &count);
        release_all(back, count);
        free(back);
        ndr_reader_done(&r);
        free(copy);
    }
    ndr_writer_done(&w);
    release_all(objects, 3);
    IWbemClassObject_Release(cls);
}

static void contexts_travel_in_ndr(void **state)
{
    (void)state;
    IWbemContext *c = full_context(), *back;
    struct ndr_writer w = {0};
    struct ndr_reader r;
    wire_write_context(&w, c);
    wire_write_context(&w, NULL);
    assert_int_equal(w.status, S_OK);
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    back = wire_read_context(&r);
    assert_non_null(back);
    assert_null(wire_read_context(&r));
    assert_int_equal(r.status, S_OK);
    assert_context_value(c, back, L"text");
    IWbemContext_Release(back);
    IWbemContext_Release(c);
    ndr_writer_done(&w);
}

/* ---- what a remote refresher sends ----------------------------------------------------- */

static struct decoration *open_class(IWbemClassObject *cls, IWbemClassObject *any,
                                     struct schema **ret)
{
    assert_ok(schema_of(cls, ret));
    return object_decoration(any);
}

static void refreshed_values_travel(void **state)
{
    IWbemClassObject *cls = make_class(L"Refreshed"), *now = make_instance(cls, 7), *got;
    struct schema *s;
    struct decoration *where = open_class(cls, now, &s);
    struct buffer b = {0};
    assert_ok(wire_refreshed_write(now, &b));
    assert_ok(wire_refreshed_read(s, where, b.bytes, b.size, &got));
    assert_same_objects(&now, &got, 1);
    IWbemClassObject_Release(got);
    /* The heap may also bring its length along, as in an instance ([MS-WMIO] 2.2.66). */
    uint32_t heap = get_u32(b.bytes);
    struct buffer with = {0};
    buffer_put(&with, b.bytes, b.size - heap);
    buffer_u32(&with, heap | 0x80000000u);
    buffer_put(&with, b.bytes + b.size - heap, heap);
    assert_ok(wire_refreshed_read(s, where, with.bytes, with.size, &got));
    assert_same_objects(&now, &got, 1);
    IWbemClassObject_Release(got);
    buffer_done(&with);
    /* A class without a name, which only a hostile host would send along. */
    IWbemClassObject *nameless;
    assert_ok(object_create_class(&nameless));
    assert_ok(IWbemClassObject_Put(nameless, L"Id", 0, NULL, CIM_UINT32));
    assert_ok(IWbemClassObject_Put(nameless, L"Text", 0, NULL, CIM_STRING));
    assert_ok(schema_of(nameless, &s));
    assert_ok(wire_refreshed_read(s, where, b.bytes, b.size, &got));
    IWbemClassObject_Release(got);
    IWbemClassObject_Release(nameless);
    buffer_done(&b);
    IWbemClassObject_Release(now);
    IWbemClassObject_Release(cls);
}

static void refreshed_instances_travel(void **state)
{
    IWbemClassObject *cls = make_class(L"Refreshed"), *now[3], **got;
    struct buffer b = {0};
    struct schema *s;
    uint32_t count;
    for (LONG i = 0; i < 3; i++) {
        now[i] = make_instance(cls, i);
    }
    struct decoration *where = open_class(cls, now[0], &s);
    assert_ok(wire_refreshed_write_many(now, 3, &b));
    assert_ok(wire_refreshed_read_many(s, where, b.bytes, b.size, &got, &count));
    assert_int_equal(3, count);
    assert_same_objects(now, got, 3);
    release_all(got, count);
    free(got);
    buffer_done(&b);
    assert_ok(wire_refreshed_write_many(NULL, 0, &b));
    assert_ok(wire_refreshed_read_many(s, where, b.bytes, b.size, &got, &count));
    assert_int_equal(0, count);
    free(got);
    buffer_done(&b);
    release_all(now, 3);
    IWbemClassObject_Release(cls);
}

/* Cut anywhere, or with any byte changed: refused, or read within its bounds. */
static void damaged_refreshed_instances_do_no_harm(void **state)
{
    IWbemClassObject *cls = make_class(L"Refreshed"), *now[2], **got;
    struct buffer b = {0};
    struct schema *s;
    uint32_t count;
    now[0] = make_instance(cls, 1);
    now[1] = make_instance(cls, 2);
    struct decoration *where = open_class(cls, now[0], &s);
    assert_ok(wire_refreshed_write_many(now, 2, &b));
    for (size_t size = 0; size < b.size; size++) {
        uint8_t *cut = malloc(size ? size : 1);
        memcpy(cut, b.bytes, size);
        assert_int_equal(WBEM_E_INVALID_OBJECT,
                         wire_refreshed_read_many(s, where, cut, size, &got, &count));
        free(cut);
    }
    for (size_t i = 0; i < b.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            b.bytes[i] ^= (uint8_t)(1u << bit);
            if (SUCCEEDED(wire_refreshed_read_many(s, where, b.bytes, b.size, &got, &count))) {
                release_all(got, count);
                free(got);
            }
            b.bytes[i] ^= (uint8_t)(1u << bit);
        }
    }
    buffer_done(&b);
    release_all(now, 2);
    IWbemClassObject_Release(cls);
}

static int set_up(void **state)
{
    (void)state;
    return FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED));
}

static int tear_down(void **state)
{
    (void)state;
    CoUninitialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_travel_once),
        cmocka_unit_test(there_may_be_any_number_of_classes),
        cmocka_unit_test(headers_are_as_specified),
        cmocka_unit_test(a_failed_packet_leaves_no_class_behind),
        cmocka_unit_test(damaged_packets_do_no_harm),
        cmocka_unit_test(contexts_travel),
        cmocka_unit_test(a_context_that_cannot_travel_says_so),
        cmocka_unit_test(a_context_of_too_many_values_is_refused),
        cmocka_unit_test(single_objects_travel),
        cmocka_unit_test(strings_travel_in_ndr),
        cmocka_unit_test(objects_travel_in_ndr),
        cmocka_unit_test(refreshed_values_travel),
        cmocka_unit_test(refreshed_instances_travel),
        cmocka_unit_test(damaged_refreshed_instances_do_no_harm),
        cmocka_unit_test(contexts_travel_in_ndr),
    };
    return cmocka_run_group_tests_name("wire", tests, set_up, tear_down);
}
