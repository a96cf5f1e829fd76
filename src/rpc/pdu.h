/*
 * The PDUs of connection-oriented RPC as bytes: C706 12.6 and [MS-RPCE] 2.2.2.
 * Knows no socket and no state; nothing is allocated for what is read.
 */
#ifndef WBEM_RPC_PDU_H
#define WBEM_RPC_PDU_H

#include "rpc/ndr.h"
#include "rpc/rpc.h"

enum pdu_type {
    PDU_REQUEST = 0,
    PDU_RESPONSE = 2,
    PDU_FAULT = 3,
    PDU_BIND = 11,
    PDU_BIND_ACK = 12,
    PDU_BIND_NAK = 13,
    PDU_ALTER_CONTEXT = 14,
    PDU_ALTER_CONTEXT_RESP = 15,
    PDU_AUTH3 = 16,
    PDU_SHUTDOWN = 17,
    PDU_CO_CANCEL = 18,
    PDU_ORPHANED = 19,
};

/* pfc_flags */
#define PFC_FIRST 0x01
#define PFC_LAST 0x02
#define PFC_HEADER_SIGN 0x04 /* in bind, alter_context and their answers: [MS-RPCE] 2.2.2.3 */
#define PFC_CONCURRENT 0x10
#define PFC_DID_NOT_EXECUTE 0x20
#define PFC_MAYBE 0x40
#define PFC_OBJECT 0x80

#define PDU_HEADER_SIZE 16
#define PDU_REQUEST_SIZE 24  /* its header, without an object */
#define PDU_RESPONSE_SIZE 24 /* its header */
#define PDU_TRAILER_SIZE 8   /* sec_trailer without its token */
/* What we offer, and the most that we take: Windows' own on TCP. */
#define PDU_FRAGMENT_SIZE 5840
/* C706 12.6.3.1 MustRecvFragSize: what everybody takes. */
#define PDU_FRAGMENT_LEAST 1432

/* Results of a presentation context (C706 12.6.3.1, [MS-RPCE] 2.2.2.4) and reasons. */
enum {
    PDU_ACCEPTED = 0,
    PDU_PROVIDER_REJECTION = 2,
    PDU_NEGOTIATE_ACK = 3
};
enum {
    PDU_ABSTRACT_UNKNOWN = 1,
    PDU_TRANSFER_UNKNOWN = 2,
    PDU_TOO_MANY = 3
};
/* Reasons of a bind_nak: C706 12.6.3.1, [MS-RPCE] 2.2.2.5. */
enum {
    PDU_NAK_REASON_NONE = 0,
    PDU_NAK_CONGESTION = 1,
    PDU_NAK_VERSION = 4
};
enum {
    PDU_NAK_AUTH_TYPE = 8,
    PDU_NAK_CHECKSUM = 9
};

/* Bits of bind time feature negotiation, [MS-RPCE] 2.2.2.14. */
#define PDU_FEATURE_SECURITY_MULTIPLEXING 0x1
#define PDU_FEATURE_KEEP_ON_ORPHAN 0x2
#define PDU_FEATURES (PDU_FEATURE_SECURITY_MULTIPLEXING | PDU_FEATURE_KEEP_ON_ORPHAN)

extern const struct rpc_syntax pdu_ndr;   /* the transfer syntax we speak */
extern const struct rpc_syntax pdu_ndr64; /* the one we refuse */

/* One PDU, borrowed from the bytes of its fragment. */
struct pdu {
    enum pdu_type type;
    uint8_t flags;
    uint32_t drep;
    uint16_t length; /* of the fragment */
    uint16_t auth_length;
    uint32_t call_id;
    uint8_t *bytes;  /* of the fragment; may be decrypted in place */
    size_t body_end; /* where sec_trailer begins, or the end */
    /* sec_trailer, when auth_length > 0 */
    uint8_t auth_type, auth_level, auth_pad;
    uint32_t auth_context_id;
    const uint8_t *token; /* auth_length bytes */
};

/* The first 16 bytes: how long is the fragment? Refuses other versions, lengths that can't be,
 * types that are none: HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR), for everything here. */
HRESULT pdu_read_header(const uint8_t bytes[PDU_HEADER_SIZE], struct pdu *ret);
/* The whole fragment, of ret->length bytes. */
HRESULT pdu_read(uint8_t *bytes, size_t size, struct pdu *ret);

/* bind and alter_context. Presentation contexts are read one by one. */
struct pdu_bind {
    uint16_t max_send, max_receive; /* of the sender */
    uint32_t group;
    unsigned count; /* of contexts */
    struct ndr_reader reader;
};
struct pdu_context {
    uint16_t id;
    struct rpc_syntax abstract;
    unsigned count; /* of transfer syntaxes */
    bool ndr;       /* ours is among them */
    bool features;  /* it is no context but a set of features */
    uint8_t bits;   /* which */
};
HRESULT pdu_read_bind(const struct pdu *p, struct pdu_bind *ret);
HRESULT pdu_read_context(struct pdu_bind *bind, struct pdu_context *ret);

/* bind_ack and alter_context_resp. */
struct pdu_result {
    uint16_t result, reason;
    struct rpc_syntax transfer;
};
HRESULT pdu_read_bind_ack(const struct pdu *p, struct pdu_bind *ret);
HRESULT pdu_read_result(struct pdu_bind *ack, struct pdu_result *ret);
HRESULT pdu_read_bind_nak(const struct pdu *p, uint16_t *reason);

struct pdu_request {
    uint32_t alloc_hint;
    uint16_t context_id, opnum;
    bool has_object;
    GUID object;
    size_t header_size; /* where the stub begins */
};
HRESULT pdu_read_request(const struct pdu *p, struct pdu_request *ret);
struct pdu_response {
    uint32_t alloc_hint;
    uint16_t context_id;
    uint8_t cancel_count;
    uint32_t status; /* of a fault */
};
HRESULT pdu_read_response(const struct pdu *p, struct pdu_response *ret); /* and fault */

/* ---- writing -------------------------------------------------------------------- */

/* Each begins a PDU at the start of an empty writer; pdu_finish() fills in the lengths. */
void pdu_write_header(struct ndr_writer *w, enum pdu_type type, uint8_t flags, uint32_t call_id);
/* A trailer with its token behind what is there, aligned to 4. */
void pdu_write_auth(struct ndr_writer *w, uint8_t type, uint8_t level, uint32_t context_id,
                    const void *token, size_t size);
void pdu_finish(struct ndr_writer *w, size_t auth_length);

/* bind, or alter_context, of one interface; `features` adds the features (bind only). */
void pdu_write_bind(struct ndr_writer *w, uint32_t group, uint16_t context_id,
                    const struct rpc_syntax *abstract, bool features);
void pdu_write_bind_ack(struct ndr_writer *w, uint16_t max_send, uint16_t max_receive,
                        uint32_t group, const char *address, const struct pdu_result *results,
                        unsigned count);
void pdu_write_bind_nak(struct ndr_writer *w, uint16_t reason);
/* Headers of 24 bytes (40 with an object), into memory, for fragments that are protected. */
size_t pdu_put_request(uint8_t *at, uint8_t flags, uint32_t call_id, uint32_t alloc_hint,
                       uint16_t context_id, uint16_t opnum, const GUID *object);
size_t pdu_put_response(uint8_t *at, uint8_t flags, uint32_t call_id, uint32_t alloc_hint,
                        uint16_t context_id);
/* 32 bytes, with the status. */
size_t pdu_put_fault(uint8_t *at, uint8_t flags, uint32_t call_id, uint16_t context_id,
                     uint32_t status);
void pdu_put_lengths(uint8_t *at, size_t length, size_t auth_length);

/* ---- verification trailer, [MS-RPCE] 2.2.2.13 ------------------------------------- */

struct pdu_verified {
    const struct rpc_syntax *abstract;
    uint32_t drep, call_id;
    uint16_t context_id, opnum;
    bool header_sign; /* written: we could have signed headers; read: the bind said so */
};
/* Behind a stub. */
void pdu_write_verification(struct ndr_writer *w, const struct pdu_verified *v);
/* Finds it at the end of a stub and takes it off *size. S_FALSE: there is none; E_ACCESSDENIED: it
 * says otherwise than the headers did. */
HRESULT pdu_check_verification(const uint8_t *stub, size_t *size, const struct pdu_verified *v);

#endif
