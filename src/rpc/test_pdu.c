/*
 * PDUs, NDR and verification trailers byte for byte: C706 chapters 12 and 14,
 * [MS-RPCE] 2.2.2.
 */
#include "object/bytes.h"
#include "rpc/pdu.h"
#include "rpc/test_support.h"

/* A bind as Windows sends it: one interface with NDR, and the features. */
static const uint8_t bind_bytes[] = {
    5, 0, 11, 3, 0x10, 0, 0, 0, 116, 0, 0, 0, 1, 0, 0, 0, 0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, 2, 0,
    0, 0, 0, 0, 1, 0,
    /* IObjectExporter 0.0 */
    0xc4, 0xfe, 0xfc, 0x99, 0x60, 0x52, 0x1b, 0x10, 0xbb, 0xcb, 0x00, 0xaa, 0x00, 0x21, 0x34, 0x7a,
    0, 0, 0, 0,
    /* NDR 2.0 */
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60,
    2, 0, 0, 0, 1, 0, 1, 0,
    /* IObjectExporter again, and the features */
    0xc4, 0xfe, 0xfc, 0x99, 0x60, 0x52, 0x1b, 0x10, 0xbb, 0xcb, 0x00, 0xaa, 0x00, 0x21, 0x34, 0x7a,
    0, 0, 0, 0, 0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};

static const struct rpc_syntax exporter = {
    {0x99fcfec4, 0x5260, 0x101b, {0xbb, 0xcb, 0x00, 0xaa, 0x00, 0x21, 0x34, 0x7a}}, 0, 0};

static void a_bind_is_written_as_windows_does(void **state)
{
    struct ndr_writer w = {0};
    pdu_write_header(&w, PDU_BIND, PFC_FIRST | PFC_LAST, 1);
    pdu_write_bind(&w, 0, 0, &exporter, true);
    pdu_finish(&w, 0);
    assert_int_equal(w.status, S_OK);
    assert_int_equal(w.size, sizeof bind_bytes);
    assert_memory_equal(w.data, bind_bytes, sizeof bind_bytes);
    ndr_writer_done(&w);
}

static void a_bind_is_read(void **state)
{
    uint8_t bytes[sizeof bind_bytes];
    struct pdu p;
    struct pdu_bind bind;
    struct pdu_context c;
    memcpy(bytes, bind_bytes, sizeof bytes);
    assert_int_equal(pdu_read(bytes, sizeof bytes, &p), S_OK);
    assert_int_equal(p.type, PDU_BIND);
    assert_int_equal(pdu_read_bind(&p, &bind), S_OK);
    assert_int_equal(bind.max_receive, 5840);
    assert_int_equal(bind.count, 2);
    assert_int_equal(pdu_read_context(&bind, &c), S_OK);
    assert_true(c.ndr && !c.features && rpc_syntax_equal(&c.abstract, &exporter));
    assert_int_equal(pdu_read_context(&bind, &c), S_OK);
    assert_true(!c.ndr && c.features);
    assert_int_equal(c.bits, PDU_FEATURES);
    assert_true(FAILED(pdu_read_context(&bind, &c)));
}

/* Every cut and every length that lies is refused, without a read past the end. */
static void what_is_cut_is_refused(void **state)
{
    for (size_t size = 0; size < sizeof bind_bytes; size++) {
        struct pdu p;
        uint8_t *bytes = malloc(size + 1);
        memcpy(bytes, bind_bytes, size);
        assert_true(FAILED(pdu_read(bytes, size, &p)));
        if (size >= PDU_HEADER_SIZE) {
            put_u16(bytes + 8, (uint16_t)size);
            struct pdu_bind bind;
            HRESULT hr = pdu_read(bytes, size, &p);
            hr = SUCCEEDED(hr) ? pdu_read_bind(&p, &bind) : hr;
            for (unsigned i = 0; SUCCEEDED(hr) && i < bind.count; i++) {
                struct pdu_context c;
                hr = pdu_read_context(&bind, &c);
            }
            assert_true(FAILED(hr));
        }
        free(bytes);
    }
}

static void headers_that_lie_are_refused(void **state)
{
    static const struct {
        uint8_t at, value;
    } lies[] = {{0, 4},    {0, 6},    {1, 2}, {2, 1},    {2, 20},   {2, 255},
                {4, 0x20}, {4, 0x11}, {5, 1}, {10, 200}, {11, 255}, {8, 15}};
    for (size_t i = 0; i < ARRAYSIZE(lies); i++) {
        uint8_t bytes[PDU_HEADER_SIZE];
        struct pdu p;
        memcpy(bytes, bind_bytes, sizeof bytes);
        bytes[lies[i].at] = lies[i].value;
        assert_int_equal(pdu_read_header(bytes, &p), HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR));
    }
}

/* A request in the other byte order. */
static void big_endian_is_understood(void **state)
{
    uint8_t bytes[] = {5,    0,    0,    0x83, 0, 0, 0, 0, 0, 42, 0,    0,    0,    0,
                       0,    7,    0,    0,    0, 2, 0, 1, 0, 3,  0x12, 0x34, 0x56, 0x78,
                       0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6,  7,    8,    0xab, 0xcd};
    static const GUID object = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 8}};
    struct pdu p;
    struct pdu_request q;
    assert_int_equal(pdu_read(bytes, sizeof bytes, &p), S_OK);
    assert_int_equal(p.call_id, 7);
    assert_int_equal(pdu_read_request(&p, &q), S_OK);
    assert_int_equal(q.context_id, 1);
    assert_int_equal(q.opnum, 3);
    assert_true(q.has_object && IsEqualGUID(&q.object, &object));
    assert_int_equal(q.header_size, 40);
    struct ndr_reader r;
    ndr_reader_init(&r, bytes + 40, 2, p.drep);
    assert_int_equal(ndr_read_u16(&r), 0xabcd);
}

static void verification_trailers_are_found_and_checked(void **state)
{
    struct pdu_verified v = {.abstract = &exporter,
                             .drep = NDR_DREP,
                             .call_id = 5,
                             .context_id = 2,
                             .opnum = 9,
                             .header_sign = true};
    for (size_t stub = 0; stub < 40; stub++) {
        struct ndr_writer w = {0};
        (void)ndr_write_space(&w, stub);
        pdu_write_verification(&w, &v);
        size_t size = w.size;
        assert_int_equal(pdu_check_verification(w.data, &size, &v), S_OK);
        assert_int_equal(size, (stub + 3) & ~(size_t)3);
        size = w.size;
        struct pdu_verified other = v;
        other.opnum = 8;
        assert_int_equal(pdu_check_verification(w.data, &size, &other), E_ACCESSDENIED);
        other = v;
        other.abstract = &pdu_ndr;
        size = w.size;
        assert_int_equal(pdu_check_verification(w.data, &size, &other), E_ACCESSDENIED);
        size = w.size - 1; /* cut: then it is stub like any other */
        assert_int_equal(pdu_check_verification(w.data, &size, &v), S_FALSE);
        assert_int_equal(size, w.size - 1);
        ndr_writer_done(&w);
    }
}

/* ---- NDR ---------------------------------------------------------------------------------------
 */

static void numbers_are_aligned(void **state)
{
    static const uint8_t expected[] = {1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
                                       5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0};
    struct ndr_writer w = {0};
    ndr_write_u8(&w, 1);
    ndr_write_u16(&w, 2);
    ndr_write_u32(&w, 3);
    ndr_write_u8(&w, 4);
    ndr_write_u64(&w, 5);
    ndr_write_u8(&w, 6);
    ndr_write_align(&w, 8);
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(w.data, expected, sizeof expected);
    struct ndr_reader r;
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    assert_int_equal(ndr_read_u8(&r), 1);
    assert_int_equal(ndr_read_u16(&r), 2);
    assert_int_equal(ndr_read_u32(&r), 3);
    assert_int_equal(ndr_read_u8(&r), 4);
    assert_int_equal(ndr_read_u64(&r), 5);
    assert_int_equal(ndr_read_u8(&r), 6);
    assert_int_equal(ndr_read_left(&r), 7);
    assert_int_equal(r.status, S_OK);
    ndr_writer_done(&w);
}

static void strings_have_three_counts(void **state)
{
    static const uint8_t expected[] = {3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 'a', 0, 0xe4, 0, 0, 0};
    struct ndr_writer w = {0};
    ndr_write_string(&w, L"a\u00e4");
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(w.data, expected, sizeof expected);
    struct ndr_reader r;
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    wchar_t *text = ndr_read_string(&r);
    assert_non_null(text);
    assert_int_equal(wcscmp(text, L"a\u00e4"), 0);
    free(text);
    for (size_t size = 0; size < sizeof expected; size++) {
        ndr_reader_init(&r, expected, size, NDR_DREP);
        assert_null(ndr_read_string(&r));
        assert_int_equal(r.status, NDR_E_BAD_DATA);
    }
    w.data[0] = 2; /* more than the maximum */
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    assert_null(ndr_read_string(&r));
    ndr_writer_done(&w);
}

static void counts_are_held_against_what_is_left(void **state)
{
    static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4};
    struct ndr_reader r;
    uint32_t count;
    ndr_reader_init(&r, bytes, sizeof bytes, NDR_DREP);
    assert_int_equal(ndr_read_count(&r, 16), 0);
    assert_int_equal(r.status, NDR_E_BAD_DATA);
    ndr_reader_init(&r, bytes, sizeof bytes, NDR_DREP);
    assert_null(ndr_read_byte_array(&r, &count));
    assert_int_equal(count, 0);
}

struct node {
    uint32_t value;
    const struct node *left, *right;
};

static void write_node(struct ndr_writer *w, const void *pointee)
{
    const struct node *n = pointee;
    ndr_write_u32(w, n->value);
    ndr_write_defer(w, write_node, n->left);
    ndr_write_defer(w, write_node, n->right);
}

/* Pointees come after what points to them, each with its own behind it: C706 14.3.12.3. */
static void pointees_are_deferred(void **state)
{
    static const struct node leaf = {3, NULL, NULL}, left = {2, &leaf, NULL},
                             right = {4, NULL, NULL}, root = {1, &left, &right};
    static const uint32_t order[] = {1, 2, 3, 4};
    struct ndr_writer w = {0};
    write_node(&w, &root);
    ndr_write_deferred(&w);
    assert_int_equal(w.status, S_OK);
    assert_int_equal(w.size, 4 * 12);
    for (size_t i = 0; i < ARRAYSIZE(order); i++) {
        assert_int_equal(get_u32(w.data + 12 * i), order[i]);
    }
    ndr_writer_done(&w);
}

static void read_endless(struct ndr_reader *r, void *target)
{
    ++*(unsigned *)target;
    (void)ndr_read_defer(r, read_endless, target);
}

static void pointees_nest_so_deep_and_no_deeper(void **state)
{
    uint8_t bytes[4000];
    unsigned depth = 0;
    struct ndr_reader r;
    memset(bytes, 1, sizeof bytes);
    ndr_reader_init(&r, bytes, sizeof bytes, NDR_DREP);
    assert_true(ndr_read_defer(&r, read_endless, &depth));
    ndr_read_deferred(&r);
    assert_int_equal(r.status, NDR_E_BAD_DATA);
    assert_int_equal(depth, 64);
    ndr_reader_done(&r);
}

static void types_are_serialized_with_their_headers(void **state)
{
    static const uint8_t expected[] = {1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc, 8, 0, 0, 0,
                                       0, 0,    0, 0, 7,    0,    0,    0,    0, 0, 0, 0};
    struct ndr_writer w = {0};
    size_t begun = ndr_write_type_begin(&w);
    ndr_write_u32(&w, 7);
    ndr_write_type_end(&w, begun);
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(w.data, expected, sizeof expected);
    struct ndr_reader r, inner;
    for (size_t size = 0; size <= sizeof expected; size++) {
        ndr_reader_init(&r, expected, size, NDR_DREP);
        ndr_read_type(&r, &inner);
        assert_int_equal(SUCCEEDED(r.status), size == sizeof expected);
        assert_int_equal(ndr_read_u32(&inner), size == sizeof expected ? 7 : 0);
    }
    ndr_writer_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bind_is_written_as_windows_does),
        cmocka_unit_test(a_bind_is_read),
        cmocka_unit_test(what_is_cut_is_refused),
        cmocka_unit_test(headers_that_lie_are_refused),
        cmocka_unit_test(big_endian_is_understood),
        cmocka_unit_test(verification_trailers_are_found_and_checked),
        cmocka_unit_test(numbers_are_aligned),
        cmocka_unit_test(strings_have_three_counts),
        cmocka_unit_test(counts_are_held_against_what_is_left),
        cmocka_unit_test(pointees_are_deferred),
        cmocka_unit_test(pointees_nest_so_deep_and_no_deeper),
        cmocka_unit_test(types_are_serialized_with_their_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
