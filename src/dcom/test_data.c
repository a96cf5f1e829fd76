/*
 * The structures of DCOM: bytes that the specification gives, what is written is
 * read back the same, and what is cut or wrong is refused.
 */
#include "dcom/dcom_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const GUID some_iid = {
    0xF309AD18, 0xD86A, 0x11D0, {0xA0, 0x75, 0x00, 0xC0, 0x4F, 0xB6, 0x88, 0x20}};
static const GUID some_clsid = {
    0x8BC3F05E, 0xD86B, 0x11D0, {0xA0, 0x75, 0x00, 0xC0, 0x4F, 0xB6, 0x88, 0x20}};

/* ---- bindings ---------------------------------------------------------------------------- */

static void make_bindings(struct dcom_bindings *b)
{
    *b = (struct dcom_bindings){0};
    assert_int_equal(S_OK, dcom_bindings_add_string(b, DCOM_TOWER_TCP, "server[49152]"));
    assert_int_equal(S_OK, dcom_bindings_add_string(b, DCOM_TOWER_TCP, "192.0.2.7[49152]"));
    assert_int_equal(S_OK, dcom_bindings_add_security(b, RPC_C_AUTHN_WINNT, ""));
    assert_int_equal(S_OK, dcom_bindings_add_security(b, RPC_C_AUTHN_GSS_KERBEROS, "host/s"));
}

static void assert_same_bindings(const struct dcom_bindings *a, const struct dcom_bindings *b)
{
    assert_int_equal(a->string_count, b->string_count);
    for (size_t i = 0; i < a->string_count; i++) {
        assert_int_equal(a->strings[i].tower, b->strings[i].tower);
        assert_string_equal(a->strings[i].address, b->strings[i].address);
    }
    assert_int_equal(a->security_count, b->security_count);
    for (size_t i = 0; i < a->security_count; i++) {
        assert_int_equal(a->securities[i].authn_service, b->securities[i].authn_service);
        assert_int_equal(a->securities[i].authz_service, b->securities[i].authz_service);
        assert_string_equal(a->securities[i].principal, b->securities[i].principal);
    }
}

static void bindings_have_the_documented_layout(void **state)
{
    /* [MS-DCOM] 2.2.19.1, 2.2.19.3, 2.2.19.4: tower 7 "a"; NTLM, no authorization, no name. */
    static const uint8_t packed[] = {
        9,  0, 4,    0,                      /* wNumEntries, wSecurityOffset */
        7,  0, 'a',  0,    0, 0, 0, 0,       /* a string binding, nullterm1 */
        10, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, /* a security binding, nullterm2, one more zero */
    };
    struct dcom_bindings b;
    struct ndr_reader r;
    ndr_reader_init(&r, packed, sizeof packed, NDR_DREP);
    r.packed = true;
    dcom_bindings_read_packed(&r, &b);
    assert_int_equal(S_OK, r.status);
    assert_int_equal(1, b.string_count);
    assert_string_equal("a", b.strings[0].address);
    assert_int_equal(1, b.security_count);
    assert_int_equal(10, b.securities[0].authn_service);
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    dcom_bindings_write_packed(&w, &b);
    assert_int_equal(S_OK, w.status);
    assert_int_equal(sizeof packed - 2, w.size); /* ours has no zero to spare */
    assert_int_equal(8, w.data[0]);
    assert_memory_equal(packed + 2, w.data + 2, sizeof packed - 4);
    dcom_bindings_done(&b);
}

static void empty_bindings_are_four_zeros(void **state)
{
    static const uint8_t smallest[] = {4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct dcom_bindings b = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    dcom_bindings_write_packed(&w, &b);
    assert_int_equal(sizeof smallest, w.size);
    assert_memory_equal(smallest, w.data, w.size);
    struct ndr_reader r;
    ndr_reader_init(&r, smallest, sizeof smallest, NDR_DREP);
    dcom_bindings_read_packed(&r, &b);
    assert_int_equal(S_OK, r.status);
    assert_int_equal(0, b.string_count + b.security_count);
}

static void bindings_come_back_in_their_order(void **state)
{
    struct dcom_bindings b, copy, again;
    make_bindings(&b);
    assert_int_equal(S_OK, dcom_bindings_copy(&b, &copy));
    assert_same_bindings(&b, &copy);
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    dcom_bindings_write(&w, &b);
    assert_int_equal(S_OK, w.status);
    for (size_t size = 0; size < w.size; size++) { /* cut anywhere: refused */
        struct ndr_reader cut;
        ndr_reader_init(&cut, w.data, size, NDR_DREP);
        dcom_bindings_read(&cut, &again);
        assert_true(FAILED(cut.status));
    }
    struct ndr_reader r;
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    dcom_bindings_read(&r, &again);
    assert_int_equal(S_OK, r.status);
    assert_int_equal(0, ndr_read_left(&r));
    assert_same_bindings(&b, &again);
    dcom_bindings_done(&b);
    dcom_bindings_done(&copy);
    dcom_bindings_done(&again);
}

static void addresses_are_taken_apart(void **state)
{
    static const char *const wrong[] = {"",         "[1]",   "a[",    "a[]",  "a[0]",
                                        "a[65536]", "a[1]x", "a[-1]", "a[ 1]"};
    char *host;
    uint16_t port;
    assert_int_equal(S_OK, dcom_address_split("host", &host, &port));
    assert_string_equal("host", host);
    assert_int_equal(0, port);
    free(host);
    assert_int_equal(S_OK, dcom_address_split("fe80::1[49152]", &host, &port));
    assert_string_equal("fe80::1", host);
    assert_int_equal(49152, port);
    free(host);
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        assert_int_equal(RPC_E_INVALID_DATA, dcom_address_split(wrong[i], &host, &port));
    }
}

/* ---- object references ---------------------------------------------------------------------- */

static void make_objref(uint32_t kind, struct dcom_objref *ref)
{
    static const char data[] = "custom data";
    *ref = (struct dcom_objref){.kind = kind, .iid = some_iid, .clsid = some_clsid};
    if (kind != DCOM_OBJREF_CUSTOM) {
        ref->std = (struct dcom_stdobjref){DCOM_SORF_NOPING, 5, 0x1122334455667788, 42, some_iid};
        make_bindings(&ref->resolver);
    }
    if (kind == DCOM_OBJREF_STANDARD || kind == DCOM_OBJREF_HANDLER) {
        return;
    }
    ref->data = malloc(sizeof data);
    assert_non_null(ref->data);
    memcpy(ref->data, data, sizeof data);
    ref->data_size = sizeof data;
}

static void references_of_every_kind_come_back(void **state)
{
    for (uint32_t kind = 1; kind <= 8; kind *= 2) {
        struct dcom_objref ref, again;
        uint8_t *bytes;
        size_t size;
        make_objref(kind, &ref);
        assert_int_equal(S_OK, dcom_objref_write(&ref, &bytes, &size));
        for (size_t cut = 0; cut < size; cut++) {
            HRESULT hr = dcom_objref_read(bytes, cut, &again);
            if (SUCCEEDED(hr)) { /* custom data and rounding may end anywhere */
                assert_true(kind == DCOM_OBJREF_CUSTOM || kind == DCOM_OBJREF_EXTENDED);
                dcom_objref_done(&again);
            } else {
                assert_int_equal(RPC_E_INVALID_OBJREF, hr);
            }
        }
        assert_int_equal(S_OK, dcom_objref_read(bytes, size, &again));
        assert_int_equal(kind, again.kind);
        assert_memory_equal(&ref.iid, &again.iid, sizeof ref.iid);
        assert_same_bindings(&ref.resolver, &again.resolver);
        assert_int_equal(ref.data_size, again.data_size);
        if (ref.data_size > 0) {
            assert_memory_equal(ref.data, again.data, ref.data_size);
        }
        assert_int_equal(ref.std.oxid, again.std.oxid);
        assert_int_equal(ref.std.oid, again.std.oid);
        assert_int_equal(ref.std.flags, again.std.flags);
        assert_int_equal(ref.std.public_refs, again.std.public_refs);
        dcom_objref_done(&ref);
        dcom_objref_done(&again);
        free(bytes);
    }
}

static void a_standard_reference_has_the_documented_layout(void **state)
{
    /* [MS-DCOM] 2.2.18, 2.2.18.1, 2.2.18.4, put together by hand. */
    static const uint8_t bytes[] = {
        'M',  'E',  'O',  'W',  1,    0,    0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0xC0, 0,    0,    0,    0,    0,    0,    0x46, /* IID_IUnknown */
        0,    0x10, 0,    0,    5,    0,    0,    0,                            /* flags, refs */
        1,    2,    3,    4,    5,    6,    7,    8,                            /* oxid */
        9,    0,    0,    0,    0,    0,    0,    0,                            /* oid */
        0x18, 0xAD, 0x09, 0xF3, 0x6A, 0xD8, 0xD0, 0x11, 0xA0, 0x75, 0x00, 0xC0,
        0x4F, 0xB6, 0x88, 0x20, /* ipid */
        4,    0,    2,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    };
    struct dcom_objref ref;
    uint8_t *again;
    size_t size;
    assert_int_equal(S_OK, dcom_objref_read(bytes, sizeof bytes, &ref));
    assert_int_equal(DCOM_OBJREF_STANDARD, ref.kind);
    assert_true(IsEqualIID(&ref.iid, &IID_IUnknown));
    assert_int_equal(DCOM_SORF_NOPING, ref.std.flags);
    assert_int_equal(5, ref.std.public_refs);
    assert_true(ref.std.oxid == 0x0807060504030201);
    assert_int_equal(9, ref.std.oid);
    assert_true(IsEqualGUID(&ref.std.ipid, &some_iid));
    assert_int_equal(S_OK, dcom_objref_write(&ref, &again, &size));
    assert_int_equal(sizeof bytes, size);
    assert_memory_equal(bytes, again, size);
    free(again);
    dcom_objref_done(&ref);
}

static void references_with_several_kinds_are_refused(void **state)
{
    struct dcom_objref ref;
    uint8_t *bytes;
    size_t size;
    make_objref(DCOM_OBJREF_STANDARD, &ref);
    assert_int_equal(S_OK, dcom_objref_write(&ref, &bytes, &size));
    dcom_objref_done(&ref);
    for (unsigned kind = 0; kind < 256; kind++) {
        bytes[4] = (uint8_t)kind;
        if (kind != 1 && kind != 2 && kind != 4 && kind != 8) {
            assert_int_equal(RPC_E_INVALID_OBJREF, dcom_objref_read(bytes, size, &ref));
        }
    }
    bytes[4] = 1;
    bytes[0] = 'W';
    assert_int_equal(RPC_E_INVALID_OBJREF, dcom_objref_read(bytes, size, &ref));
    free(bytes);
}

static void interface_pointers_may_be_null(void **state)
{
    struct dcom_objref ref, again;
    bool null;
    make_objref(DCOM_OBJREF_STANDARD, &ref);
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    (void)ndr_write_pointer(&w, false);
    (void)ndr_write_pointer(&w, true);
    dcom_write_objref(&w, &ref);
    ndr_write_u32(&w, 0x11223344);
    assert_int_equal(S_OK, w.status);
    struct ndr_reader r;
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    dcom_read_objref(&r, &again, &null);
    assert_true(null);
    dcom_read_objref(&r, &again, &null);
    assert_false(null);
    assert_int_equal(ref.std.oid, again.std.oid);
    assert_int_equal(0x11223344, ndr_read_u32(&r));
    assert_int_equal(S_OK, r.status);
    dcom_objref_done(&ref);
    dcom_objref_done(&again);
}

/* ---- calls -------------------------------------------------------------------------------------
 */

static void this_is_32_bytes(void **state)
{
    static const uint8_t bytes[DCOM_THIS_SIZE] = {
        5,    0,    7,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x18, 0xAD,
        0x09, 0xF3, 0x6A, 0xD8, 0xD0, 0x11, 0xA0, 0x75, 0x00, 0xC0, 0x4F, 0xB6, 0x88, 0x20,
    };
    struct dcom_this value = {{5, 7}, 0, some_iid, {{{0}}}, 0}, again;
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    dcom_this_write(&w, &value);
    assert_int_equal(DCOM_THIS_SIZE, w.size);
    assert_memory_equal(bytes, w.data, w.size);
    struct ndr_reader r;
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    dcom_this_read(&r, &again);
    assert_int_equal(S_OK, r.status);
    assert_int_equal(0, ndr_read_left(&r));
    assert_int_equal(7, again.version.minor);
    assert_true(IsEqualGUID(&again.causality, &some_iid));
}

static void extensions_come_back(void **state)
{
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    struct dcom_that value = {0}, again;
    for (size_t count = 0; count <= 3; count++) {
        value.extent_count = count;
        for (size_t i = 0; i < count; i++) {
            value.extents[i] = (struct dcom_extent){some_iid, data, (uint32_t)(9 - i)};
        }
        CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
        dcom_that_write(&w, &value);
        ndr_write_u64(&w, 77);
        struct ndr_reader r;
        for (size_t cut = 0; cut < w.size - 8; cut++) {
            ndr_reader_init(&r, w.data, cut, NDR_DREP);
            dcom_that_read(&r, &again);
            assert_true(FAILED(r.status));
            assert_int_equal(0, again.extent_count);
        }
        ndr_reader_init(&r, w.data, w.size, NDR_DREP);
        dcom_that_read(&r, &again);
        assert_int_equal(77, ndr_read_u64(&r));
        assert_int_equal(S_OK, r.status);
        assert_int_equal(count, again.extent_count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(9 - i, again.extents[i].size);
            assert_memory_equal(data, again.extents[i].data, 9 - i);
        }
    }
}

static void versions_agree_on_the_lower_one(void **state)
{
    struct dcom_version v;
    assert_int_equal(S_OK, dcom_version_agree((struct dcom_version){5, 1}, &v));
    assert_int_equal(1, v.minor);
    assert_int_equal(S_OK, dcom_version_agree((struct dcom_version){5, 9}, &v));
    assert_int_equal(DCOM_VERSION_MINOR, v.minor);
    assert_int_equal(RPC_E_VERSION_MISMATCH, dcom_version_agree((struct dcom_version){4, 7}, &v));
    assert_int_equal(RPC_E_VERSION_MISMATCH, dcom_version_agree((struct dcom_version){6, 0}, &v));
}

static void error_objects_travel(void **state)
{
    CLEANUP(com_cleanup_release) ICreateErrorInfo *create = NULL;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_release) IErrorInfo *again = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    wchar_t description[] = L"no such class: \x00FC", source[] = L"services";
    assert_int_equal(S_OK, CreateErrorInfo(&create));
    assert_int_equal(S_OK, ICreateErrorInfo_SetDescription(create, description));
    assert_int_equal(S_OK, ICreateErrorInfo_SetSource(create, source));
    assert_int_equal(S_OK,
                     ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&error));
    uint8_t *bytes;
    size_t size;
    assert_int_equal(S_OK, dcom_error_write(error, &some_iid, &bytes, &size));
    struct dcom_extent extent = {dcom_error_extension, bytes, (uint32_t)size};
    assert_int_equal(S_OK, dcom_error_from_extents(&extent, 1, &again));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(again, &text));
    assert_memory_equal(description, text, sizeof description);
    GUID guid;
    assert_int_equal(S_OK, IErrorInfo_GetGUID(again, &guid));
    assert_true(IsEqualGUID(&guid, &some_iid));
    SysFreeString(TAKE(text));
    assert_int_equal(S_OK, IErrorInfo_GetHelpFile(again, &text));
    assert_null(text);

    /* With the counts of an MInterfacePointer before it; cut; of another kind. */
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    dcom_write_interface_bytes(&w, &(struct dcom_bytes){bytes, size});
    extent = (struct dcom_extent){dcom_error_extension, w.data, (uint32_t)w.size};
    com_release(TAKE(again));
    assert_int_equal(S_OK, dcom_error_from_extents(&extent, 1, &again));
    com_release(TAKE(again));
    extent = (struct dcom_extent){dcom_error_extension, bytes, (uint32_t)size - 8};
    assert_int_equal(S_FALSE, dcom_error_from_extents(&extent, 1, &again));
    extent = (struct dcom_extent){some_iid, bytes, (uint32_t)size};
    assert_int_equal(S_FALSE, dcom_error_from_extents(&extent, 1, &again));
    assert_null(again);
    free(bytes);
}

/* ---- activation
 * ----------------------------------------------------------------------------------- */

static void requests_come_back(void **state)
{
    wchar_t server[] = L"server";
    struct dcom_activation_request q = {.clsid = some_clsid,
                                        .class_context = 0x14,
                                        .iids = {some_iid, IID_IUnknown},
                                        .iid_count = 2,
                                        .client_version = {5, 7},
                                        .imp_level = 3,
                                        .protseqs = {7},
                                        .protseq_count = 1,
                                        .server = server,
                                        .default_authn_level = 5};
    struct dcom_activation_request again;
    uint8_t *bytes;
    size_t size;
    assert_int_equal(S_OK, dcom_activation_request_write(&q, &some_iid, &bytes, &size));
    for (size_t cut = 0; cut < size; cut++) {
        assert_true(FAILED(dcom_activation_request_read(bytes, cut, &again)));
    }
    assert_int_equal(S_OK, dcom_activation_request_read(bytes, size, &again));
    assert_true(IsEqualCLSID(&again.clsid, &some_clsid));
    assert_int_equal(2, again.iid_count);
    assert_true(IsEqualIID(&again.iids[1], &IID_IUnknown));
    assert_int_equal(7, again.client_version.minor);
    assert_int_equal(3, again.imp_level);
    assert_int_equal(1, again.protseq_count);
    assert_int_equal(7, again.protseqs[0]);
    assert_int_equal(5, again.default_authn_level);
    assert_false(again.has_instance_info);
    assert_int_equal(0, wcscmp(server, again.server));
    dcom_activation_request_done(&again);
    struct dcom_activation_reply reply; /* the other kind */
    assert_int_equal(RPC_E_INVALID_OBJREF, dcom_activation_reply_read(bytes, size, &reply));
    free(bytes);
    q.iid_count = 0;
    assert_int_equal(E_INVALIDARG, dcom_activation_request_write(&q, &some_iid, &bytes, &size));
}

static void replies_come_back(void **state)
{
    uint8_t objref[] = "reference";
    struct dcom_activation_result results[] = {{some_iid, S_OK, objref, sizeof objref},
                                               {IID_IUnknown, E_NOINTERFACE, NULL, 0}};
    struct dcom_activation_reply y = {.results = results,
                                      .result_count = 2,
                                      .oxid = 0x1234567890ABCDEF,
                                      .rem_unknown = some_clsid,
                                      .authn_hint = 5,
                                      .version = {5, 7}};
    make_bindings(&y.bindings);
    struct dcom_activation_reply again;
    uint8_t *bytes;
    size_t size;
    assert_int_equal(S_OK, dcom_activation_reply_write(&y, &bytes, &size));
    for (size_t cut = 0; cut < size; cut++) {
        assert_true(FAILED(dcom_activation_reply_read(bytes, cut, &again)));
    }
    assert_int_equal(S_OK, dcom_activation_reply_read(bytes, size, &again));
    assert_int_equal(2, again.result_count);
    assert_int_equal(sizeof objref, again.results[0].objref_size);
    assert_memory_equal(objref, again.results[0].objref, sizeof objref);
    assert_int_equal(E_NOINTERFACE, again.results[1].hr);
    assert_null(again.results[1].objref);
    assert_true(again.oxid == y.oxid);
    assert_same_bindings(&y.bindings, &again.bindings);
    assert_true(IsEqualGUID(&again.rem_unknown, &some_clsid));
    assert_int_equal(5, again.authn_hint);
    assert_int_equal(7, again.version.minor);
    dcom_activation_reply_done(&again);
    dcom_bindings_done(&y.bindings);
    free(bytes);
}

static void towers_have_the_documented_layout(void **state)
{
    /* C706 appendix I, appendix L: five floors. */
    static const uint8_t bytes[] = {
        5,    0, /* floors */
        19,   0,    0x0D, 0xC4, 0xFE, 0xFC, 0x99, 0x60, 0x52, 0x1B, 0x10, 0xBB, 0xCB,
        0x00, 0xAA, 0x00, 0x21, 0x34, 0x7A, 0,    0,    2,    0,    0,    0, /* interface */
        19,   0,    0x0D, 0x04, 0x5D, 0x88, 0x8A, 0xEB, 0x1C, 0xC9, 0x11, 0x9F, 0xE8,
        0x08, 0x00, 0x2B, 0x10, 0x48, 0x60, 2,    0,    2,    0,    0,    0, /* NDR */
        1,    0,    0x0B, 2,    0,    0,    0,                               /* RPC */
        1,    0,    0x07, 2,    0,    0,    135,                             /* TCP */
        1,    0,    0x09, 4,    0,    192,  0,    2,    7,                   /* IP */
    };
    struct dcom_tower t;
    uint8_t *again;
    size_t size;
    assert_int_equal(S_OK, dcom_tower_read(bytes, sizeof bytes, &t));
    assert_true(IsEqualGUID(&t.iid, &dcom_iid_object_exporter));
    assert_true(t.tcp);
    assert_int_equal(135, t.port);
    assert_int_equal(192, t.address[0]);
    assert_int_equal(S_OK, dcom_tower_write(&t, &again, &size));
    assert_int_equal(sizeof bytes, size);
    assert_memory_equal(bytes, again, size);
    for (size_t cut = 0; cut < size; cut++) {
        assert_true(FAILED(dcom_tower_read(bytes, cut, &t)) || !t.tcp);
    }
    free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bindings_have_the_documented_layout),
        cmocka_unit_test(empty_bindings_are_four_zeros),
        cmocka_unit_test(bindings_come_back_in_their_order),
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(references_of_every_kind_come_back),
        cmocka_unit_test(a_standard_reference_has_the_documented_layout),
        cmocka_unit_test(references_with_several_kinds_are_refused),
        cmocka_unit_test(interface_pointers_may_be_null),
        cmocka_unit_test(this_is_32_bytes),
        cmocka_unit_test(extensions_come_back),
        cmocka_unit_test(versions_agree_on_the_lower_one),
        cmocka_unit_test(error_objects_travel),
        cmocka_unit_test(requests_come_back),
        cmocka_unit_test(replies_come_back),
        cmocka_unit_test(towers_have_the_documented_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
