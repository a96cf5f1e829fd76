/*
 * The structures of [MS-DCOM]: refused, or written again and read the same. The
 * first octet of the input chooses which: an OBJREF, a DUALSTRINGARRAY, activation
 * properties of a request or an answer, ORPCTHAT with its extensions, a tower.
 */
#include "fuzz.h"

#include <string.h>

#include "dcom/dcom_private.h"

static void objref(const uint8_t *bytes, size_t size)
{
    struct dcom_objref ref, back;
    uint8_t *again, *third;
    size_t again_size, third_size;
    if (FAILED(dcom_objref_read(bytes, size, &ref))) {
        return;
    }
    HRESULT hr = dcom_objref_write(&ref, &again, &again_size);
    dcom_objref_done(&ref);
    if (FAILED(hr)) { /* text that grows over the 65,535 units of an array when written right */
        FUZZ_ASSERT(hr == E_INVALIDARG);
        return;
    }
    FUZZ_ASSERT(SUCCEEDED(dcom_objref_read(again, again_size, &back)));
    FUZZ_ASSERT(SUCCEEDED(dcom_objref_write(&back, &third, &third_size)));
    FUZZ_ASSERT(third_size == again_size && memcmp(third, again, third_size) == 0);
    dcom_objref_done(&back);
    free(again);
    free(third);
}

static void bindings(const uint8_t *bytes, size_t size)
{
    struct dcom_bindings b, back;
    struct ndr_reader r;
    struct ndr_writer w = {0};
    ndr_reader_init(&r, bytes, size, NDR_DREP);
    dcom_bindings_read(&r, &b);
    if (FAILED(r.status)) {
        return;
    }
    for (size_t i = 0; i < b.string_count; i++) {
        char *host;
        uint16_t port;
        if (SUCCEEDED(dcom_address_split(b.strings[i].address, &host, &port))) {
            free(host);
        }
    }
    dcom_bindings_write(&w, &b);
    if (SUCCEEDED(w.status)) {
        ndr_reader_init(&r, w.data, w.size, NDR_DREP);
        dcom_bindings_read(&r, &back);
        FUZZ_ASSERT(SUCCEEDED(r.status) && ndr_read_left(&r) == 0);
        FUZZ_ASSERT(back.string_count == b.string_count);
        FUZZ_ASSERT(back.security_count == b.security_count);
        dcom_bindings_done(&back);
    }
    ndr_writer_done(&w);
    dcom_bindings_done(&b);
}

static void request(const uint8_t *bytes, size_t size)
{
    struct dcom_activation_request q, back;
    uint8_t *again;
    size_t again_size;
    if (FAILED(dcom_activation_request_read(bytes, size, &q))) {
        return;
    }
    FUZZ_ASSERT(
        SUCCEEDED(dcom_activation_request_write(&q, &dcom_iid_properties_in, &again, &again_size)));
    FUZZ_ASSERT(SUCCEEDED(dcom_activation_request_read(again, again_size, &back)));
    FUZZ_ASSERT(back.iid_count == q.iid_count && back.protseq_count == q.protseq_count);
    dcom_activation_request_done(&back);
    dcom_activation_request_done(&q);
    free(again);
}

static void reply(const uint8_t *bytes, size_t size)
{
    struct dcom_activation_reply y, back;
    uint8_t *again;
    size_t again_size;
    if (FAILED(dcom_activation_reply_read(bytes, size, &y))) {
        return;
    }
    if (SUCCEEDED(dcom_activation_reply_write(&y, &again, &again_size))) {
        FUZZ_ASSERT(SUCCEEDED(dcom_activation_reply_read(again, again_size, &back)));
        FUZZ_ASSERT(back.result_count == y.result_count);
        dcom_activation_reply_done(&back);
        free(again);
    }
    dcom_activation_reply_done(&y);
}

static void that(const uint8_t *bytes, size_t size)
{
    struct dcom_that value, back;
    struct ndr_reader r;
    struct ndr_writer w = {0};
    IErrorInfo *error;
    ndr_reader_init(&r, bytes, size, NDR_DREP);
    dcom_that_read(&r, &value);
    if (dcom_error_from_extents(value.extents, value.extent_count, &error) == S_OK) {
        uint8_t *again;
        size_t again_size;
        FUZZ_ASSERT(SUCCEEDED(dcom_error_write(error, &IID_NULL, &again, &again_size)));
        free(again);
        IErrorInfo_Release(error);
    }
    dcom_that_write(&w, &value);
    FUZZ_ASSERT(SUCCEEDED(w.status));
    ndr_reader_init(&r, w.data, w.size, NDR_DREP);
    dcom_that_read(&r, &back);
    FUZZ_ASSERT(SUCCEEDED(r.status) && back.extent_count == value.extent_count);
    ndr_writer_done(&w);
}

static void tower(const uint8_t *bytes, size_t size)
{
    struct dcom_tower t, back;
    uint8_t *again;
    size_t again_size;
    if (FAILED(dcom_tower_read(bytes, size, &t)) || !t.tcp) {
        return;
    }
    FUZZ_ASSERT(SUCCEEDED(dcom_tower_write(&t, &again, &again_size)));
    FUZZ_ASSERT(SUCCEEDED(dcom_tower_read(again, again_size, &back)));
    FUZZ_ASSERT(back.tcp && back.port == t.port && IsEqualGUID(&back.iid, &t.iid));
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const kinds[])(const uint8_t *bytes, size_t size) = {
        objref, bindings, request, reply, that, tower,
    };
    if (size > 0) {
        kinds[bytes[0] % ARRAYSIZE(kinds)](bytes + 1, size - 1);
    }
    return 0;
}
