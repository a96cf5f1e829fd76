/*
 * NDR, version 2 of the transfer syntax (C706 chapter 14): a growing writer and
 * a reader that checks every length against the bytes that are left.
 *
 * Both keep their first failure: calls after it do nothing (and read zeroes), so a structure is
 * written or read as a whole and `status` looked at once. Neither is for two threads at a time.
 */
#ifndef WBEM_RPC_NDR_H
#define WBEM_RPC_NDR_H

#include <guiddef.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

/* Data representation label (C706 14.1), its four octets as a little-endian number: integers
 * little-endian, characters ASCII, floats IEEE. What we write. */
#define NDR_DREP 0x00000010u
/* What a reader fails with. */
#define NDR_E_BAD_DATA HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA)

/* ---- writing --------------------------------------------------------------- */

struct ndr_deferred;

/* Zeroed but for `packed` is ready for use. */
struct ndr_writer {
    uint8_t *data; /* owned */
    size_t size;
    size_t capacity;
    size_t base;        /* where alignment is counted from */
    uint32_t referents; /* pointers written so far */
    bool packed;        /* no alignment: for structures that are little-endian but not NDR */
    HRESULT status;     /* S_OK, E_OUTOFMEMORY; what the caller's ndr_write_fail() said */
    struct ndr_deferred *first, *last; /* pointees still to be written; owned */
};

/* Frees the bytes and what is still deferred; the writer is as new. */
void ndr_writer_done(struct ndr_writer *w);
static inline void ndr_cleanup_writer(struct ndr_writer *w) /* for CLEANUP */
{
    ndr_writer_done(w);
}
/* The bytes, to be freed with free(); the writer is as new. *ret is never NULL on success. */
HRESULT ndr_writer_take(struct ndr_writer *w, uint8_t **ret, size_t *size);
/* Fail by hand, when what is to be written can't be. The first failure stays. */
void ndr_write_fail(struct ndr_writer *w, HRESULT hr);

/* Zeroes up to the next multiple of `alignment` (a power of two). */
void ndr_write_align(struct ndr_writer *w, size_t alignment);
/* `size` zeroes, no alignment; returns their offset, for ndr_put_*(). */
size_t ndr_write_space(struct ndr_writer *w, size_t size);
/* Bytes as they are, no alignment. */
void ndr_write_bytes(struct ndr_writer *w, const void *bytes, size_t size);

/* Aligned to their size (but when packed). */
void ndr_write_u8(struct ndr_writer *w, uint8_t value);
void ndr_write_u16(struct ndr_writer *w, uint16_t value);
void ndr_write_u32(struct ndr_writer *w, uint32_t value);
void ndr_write_u64(struct ndr_writer *w, uint64_t value);
void ndr_write_double(struct ndr_writer *w, double value);
void ndr_write_guid(struct ndr_writer *w, const GUID *value);
/* A number of elements or bytes: fails with E_INVALIDARG when 32 bits can't hold it. */
void ndr_write_count(struct ndr_writer *w, size_t count);

/* Over what is already written: lengths that are known afterwards. */
void ndr_put_u32(struct ndr_writer *w, size_t offset, uint32_t value);

/* A unique pointer: a referent id, or 0 when there is no pointee. Returns `present`; the pointee
 * follows at once when the pointer is a parameter's own, and after the structure otherwise. */
bool ndr_write_pointer(struct ndr_writer *w, bool present);

/* A unique pointer inside a structure or an array: the referent id now, the pointee by
 * ndr_write_deferred() at the end of the outermost structure, by `write` (C706 14.3.12.3). Pointers
 * inside a pointee come right behind that pointee. `pointee` is borrowed until then; NULL: a null
 * pointer. */
typedef void ndr_write_fn(struct ndr_writer *w, const void *pointee);
void ndr_write_defer(struct ndr_writer *w, ndr_write_fn *write, const void *pointee);
void ndr_write_deferred(struct ndr_writer *w);

/* [size_is(size)] byte *: the conformance count and the bytes. */
void ndr_write_byte_array(struct ndr_writer *w, const void *bytes, size_t size);
/* [string] wchar_t *: maximum count, offset, actual count with the terminator, UTF-16LE. */
void ndr_write_string(struct ndr_writer *w, const wchar_t *text);
/* UTF-16LE of the text as it is, no counts, no terminator. */
void ndr_write_utf16(struct ndr_writer *w, const wchar_t *text, size_t length);

/* Type serialization version 1 ([MS-RPCE] 2.2.6): the common header and the private header of one
 * top-level type, which then follows, aligned from here; _end() pads it to 8 and fills in its
 * length. Not nested. */
size_t ndr_write_type_begin(struct ndr_writer *w);
void ndr_write_type_end(struct ndr_writer *w, size_t begun);

/* ---- reading ---------------------------------------------------------------- */

/* Borrows the bytes. */
struct ndr_reader {
    const uint8_t *data;
    size_t size;
    size_t offset;
    size_t base; /* where alignment is counted from */
    bool big_endian;
    bool packed;    /* no alignment */
    unsigned depth; /* of deferred pointees being read */
    HRESULT status; /* S_OK, NDR_E_BAD_DATA, E_OUTOFMEMORY, or what ndr_read_fail() said */
    struct ndr_deferred *first, *last; /* pointees still to be read; owned */
};

/* drep: the label that came with the bytes (NDR_DREP for structures fixed as little-endian). One
 * whose characters or floats we don't know is a failure from the start. */
void ndr_reader_init(struct ndr_reader *r, const void *data, size_t size, uint32_t drep);
/* Only needed when something was deferred. */
void ndr_reader_done(struct ndr_reader *r);
static inline void ndr_cleanup_reader(struct ndr_reader *r) /* for CLEANUP */
{
    ndr_reader_done(r);
}
/* Fail by hand, for values that mean nothing. The first failure stays. */
void ndr_read_fail(struct ndr_reader *r, HRESULT hr);
/* What is left; 0 after a failure. */
size_t ndr_read_left(const struct ndr_reader *r);

void ndr_read_align(struct ndr_reader *r, size_t alignment);
uint8_t ndr_read_u8(struct ndr_reader *r);
uint16_t ndr_read_u16(struct ndr_reader *r);
uint32_t ndr_read_u32(struct ndr_reader *r);
uint64_t ndr_read_u64(struct ndr_reader *r);
double ndr_read_double(struct ndr_reader *r);
void ndr_read_guid(struct ndr_reader *r, GUID *ret);
/* `size` bytes of the input, borrowed from it, no alignment; NULL when there are not so many. */
const uint8_t *ndr_read_bytes(struct ndr_reader *r, size_t size);

/* A count of elements that take at least `element_size` bytes each (1 when unknown): one that the
 * rest of the input can't hold is a failure and reads as 0. */
uint32_t ndr_read_count(struct ndr_reader *r, size_t element_size);
/* A pointer's referent id: true unless null. */
bool ndr_read_pointer(struct ndr_reader *r);

/* The reading side of ndr_write_defer(): true unless null, and then `read` is called with `target`
 * by ndr_read_deferred(). Pointees may nest 64 deep. */
typedef void ndr_read_fn(struct ndr_reader *r, void *target);
bool ndr_read_defer(struct ndr_reader *r, ndr_read_fn *read, void *target);
void ndr_read_deferred(struct ndr_reader *r);

/* Count and bytes; borrowed from the input. */
const uint8_t *ndr_read_byte_array(struct ndr_reader *r, uint32_t *count);
/* A conformant and varying string, with its terminator or not, to free(); NULL after a failure. A
 * zero within ends it. */
wchar_t *ndr_read_string(struct ndr_reader *r);
/* Code units of UTF-16 in the reader's byte order, no counts; terminated, to free(). */
wchar_t *ndr_read_utf16(struct ndr_reader *r, size_t units);

/* Checks both headers of type serialization version 1 and gives a reader of the one top-level type
 * behind them, in its own byte order; the outer one goes on after it. */
void ndr_read_type(struct ndr_reader *r, struct ndr_reader *inner);

#endif
