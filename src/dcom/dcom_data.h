/*
 * The structures of [MS-DCOM] 2.2 and their bytes: object references, bindings,
 * ORPCTHIS and ORPCTHAT with their extensions, activation properties, towers.
 *
 * Readers take bytes from anyone: each length is checked against what is left before memory is
 * asked for. They fail in the reader's status or as HRESULT; nothing is to be freed then. Writers
 * fail in the writer's status.
 */
#ifndef WBEM_DCOM_DCOM_DATA_H
#define WBEM_DCOM_DCOM_DATA_H

#include "rpc/ndr.h"

#include <oaidl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

typedef GUID IPID;

/* 2.2.11. We speak 5.7, as Windows since XP SP2. */
struct dcom_version {
    uint16_t major;
    uint16_t minor;
};
#define DCOM_VERSION_MAJOR 5
#define DCOM_VERSION_MINOR 7

/* 1.9 */
extern const IID dcom_iid_object_exporter; /* IObjectExporter */
extern const IID dcom_iid_activation;      /* IActivation */
extern const IID dcom_iid_scm_activator;   /* IRemoteSCMActivator, ISystemActivator */
extern const IID dcom_iid_rem_unknown;
extern const IID dcom_iid_rem_unknown2;
extern const IID dcom_iid_endpoint_mapper; /* C706 appendix O; version 3.0 */

/* ---- bindings, 2.2.19 ----------------------------------------------------------- */

#define DCOM_TOWER_TCP 7 /* ncacn_ip_tcp */

/* Where: "host" or "host[port]". UTF-8. */
struct dcom_string_binding {
    uint16_t tower;
    char *address; /* owned */
};
/* How: an RPC_C_AUTHN_* and a principal's name, maybe "". */
struct dcom_security_binding {
    uint16_t authn_service;
    uint16_t authz_service; /* 0xFFFF: none */
    char *principal;        /* owned */
};
struct dcom_bindings {
    struct dcom_string_binding *strings; /* owned; the best one first */
    size_t string_count;
    struct dcom_security_binding *securities; /* owned */
    size_t security_count;
};
void dcom_bindings_done(struct dcom_bindings *b);
HRESULT dcom_bindings_copy(const struct dcom_bindings *b, struct dcom_bindings *ret);
HRESULT dcom_bindings_add_string(struct dcom_bindings *b, uint16_t tower, const char *address);
HRESULT dcom_bindings_add_security(struct dcom_bindings *b, uint16_t authn_service,
                                   const char *principal);
/* DUALSTRINGARRAY as it stands in an OBJREF (2.2.19.1) and as NDR (2.2.19.2). */
void dcom_bindings_write_packed(struct ndr_writer *w, const struct dcom_bindings *b);
void dcom_bindings_read_packed(struct ndr_reader *r, struct dcom_bindings *ret);
void dcom_bindings_write(struct ndr_writer *w, const struct dcom_bindings *b);
void dcom_bindings_read(struct ndr_reader *r, struct dcom_bindings *ret);
/* "host[port]" taken apart: the host, to free(); the port, 0 when there is none.
 * RPC_E_INVALID_DATA when it is neither. */
HRESULT dcom_address_split(const char *address, char **ret_host, uint16_t *ret_port);

/* ---- object references, 2.2.18 ---------------------------------------------------- */

#define DCOM_OBJREF_STANDARD 1
#define DCOM_OBJREF_HANDLER 2
#define DCOM_OBJREF_CUSTOM 4
#define DCOM_OBJREF_EXTENDED 8

#define DCOM_SORF_NOPING 0x1000

/* STDOBJREF */
struct dcom_stdobjref {
    uint32_t flags; /* DCOM_SORF_NOPING or 0 */
    uint32_t public_refs;
    uint64_t oxid;
    uint64_t oid;
    IPID ipid;
};
struct dcom_objref {
    uint32_t kind; /* one of DCOM_OBJREF_* */
    IID iid;
    struct dcom_stdobjref std;     /* but of custom ones */
    struct dcom_bindings resolver; /* but of custom ones; owned */
    CLSID clsid;                   /* of the handler, or of the unmarshaler of a custom one */
    uint8_t *data;                 /* of custom ones, or the envoy context of extended; owned */
    size_t data_size;
};
void dcom_objref_done(struct dcom_objref *ref);
static inline void dcom_cleanup_objref(struct dcom_objref *ref) /* for CLEANUP */
{
    dcom_objref_done(ref);
}
/* RPC_E_INVALID_OBJREF, as 3.2.4.1.2 has it. */
HRESULT dcom_objref_read(const void *bytes, size_t size, struct dcom_objref *ret);
/* The bytes, to free(). */
HRESULT dcom_objref_write(const struct dcom_objref *ref, uint8_t **ret, size_t *ret_size);

/* MInterfacePointer (2.2.14), what is behind the pointer: for ndr_write_defer() too. The first
 * takes a struct dcom_objref, the second bytes that are a reference already. */
struct dcom_bytes {
    const uint8_t *bytes; /* borrowed */
    size_t size;
};
void dcom_write_objref(struct ndr_writer *w, const void *objref);
void dcom_write_interface_bytes(struct ndr_writer *w, const void *dcom_bytes);
/* Bytes borrowed from the input. */
void dcom_read_interface_bytes(struct ndr_reader *r, void *dcom_bytes);
/* Reads a unique pointer and its pointee, and the reference in it: *ret_null when there is none.
 * What is wrong with it stands in the reader's status. */
void dcom_read_objref(struct ndr_reader *r, struct dcom_objref *ret, bool *ret_null);

/* ---- calls, 2.2.13 and 2.2.21 ------------------------------------------------------ */

/* ORPC_EXTENT */
struct dcom_extent {
    GUID id;
    const uint8_t *data; /* borrowed from the input */
    uint32_t size;
};
#define DCOM_EXTENTS 16 /* more than anybody sends; the rest is read and left out */

/* ORPCTHIS */
struct dcom_this {
    struct dcom_version version;
    uint32_t flags;
    GUID causality;
    struct dcom_extent extents[DCOM_EXTENTS];
    size_t extent_count;
};
/* ORPCTHAT */
struct dcom_that {
    uint32_t flags;
    struct dcom_extent extents[DCOM_EXTENTS];
    size_t extent_count;
};
#define DCOM_THIS_SIZE 32 /* without extensions */
void dcom_this_write(struct ndr_writer *w, const struct dcom_this *value);
void dcom_this_read(struct ndr_reader *r, struct dcom_this *ret);
void dcom_that_write(struct ndr_writer *w, const struct dcom_that *value);
void dcom_that_read(struct ndr_reader *r, struct dcom_that *ret);

/* Both versions can talk: the same major, and *ret is the lower one (3.1.1.5.4). Otherwise
 * RPC_E_VERSION_MISMATCH. */
HRESULT dcom_version_agree(struct dcom_version theirs, struct dcom_version *ret);

/* The error object in the extensions: S_FALSE and NULL when there is none. An object that can't be
 * read is none. */
HRESULT dcom_error_from_extents(const struct dcom_extent *extents, size_t count, IErrorInfo **ret);
/* The extension's data for an error object: bytes to free(), iid of the interface that failed. */
HRESULT dcom_error_write(IErrorInfo *error, REFIID iid, uint8_t **ret, size_t *ret_size);
extern const GUID dcom_error_extension; /* CLSID_ERROR_EXTENSION, the id of its extent */

/* ---- activation, 2.2.22 -------------------------------------------------------------- */

#define DCOM_ACTIVATION_INTERFACES 64 /* of one activation; 0x8000 by the IDL */
#define DCOM_ACTIVATION_PROTSEQS 32

/* What the client asks: InstantiationInfo, ActivationContextInfo, ServerLocationInfo,
 * ScmRequestInfo, SpecialSystemProperties, InstanceInfo, SecurityInfo. */
struct dcom_activation_request {
    CLSID clsid;
    uint32_t class_context; /* CLSCTX_* */
    uint32_t flags;         /* ACTVFLAGS_* */
    IID iids[DCOM_ACTIVATION_INTERFACES];
    uint32_t iid_count;
    struct dcom_version client_version;
    uint32_t imp_level;
    uint16_t protseqs[DCOM_ACTIVATION_PROTSEQS];
    uint16_t protseq_count;
    bool has_instance_info; /* of a persistent object: a file, a storage */
    wchar_t *server;        /* SecurityInfo's name of the host; owned; may be NULL */
    uint32_t default_authn_level;
};
void dcom_activation_request_done(struct dcom_activation_request *r);
/* The OBJREF_CUSTOM of CLSID_ActivationPropertiesIn. Bytes to free(). */
HRESULT dcom_activation_request_write(const struct dcom_activation_request *request, REFIID iid,
                                      uint8_t **ret, size_t *ret_size);
/* RPC_E_INVALID_OBJREF, E_INVALIDARG for properties that must be there and are not. */
HRESULT dcom_activation_request_read(const void *bytes, size_t size,
                                     struct dcom_activation_request *ret);

/* One interface of the answer. */
struct dcom_activation_result {
    IID iid;
    HRESULT hr;
    uint8_t *objref; /* owned; NULL for none */
    size_t objref_size;
};
/* PropsOutInfo and ScmReplyInfo. */
struct dcom_activation_reply {
    struct dcom_activation_result *results; /* owned */
    uint32_t result_count;
    uint64_t oxid;
    struct dcom_bindings bindings; /* of the exporter; owned */
    IPID rem_unknown;
    uint32_t authn_hint; /* the least level that the exporter takes */
    struct dcom_version version;
};
void dcom_activation_reply_done(struct dcom_activation_reply *r);
/* The OBJREF_CUSTOM of CLSID_ActivationPropertiesOut. */
HRESULT dcom_activation_reply_write(const struct dcom_activation_reply *reply, uint8_t **ret,
                                    size_t *ret_size);
HRESULT dcom_activation_reply_read(const void *bytes, size_t size,
                                   struct dcom_activation_reply *ret);

/* ---- endpoint mapper: protocol towers, C706 appendices I and L ----------------------- */

struct dcom_tower {
    GUID iid; /* of the interface */
    uint16_t version_major;
    uint16_t version_minor;
    bool tcp; /* ncacn_ip_tcp over IPv4: port and address count */
    uint16_t port;
    uint8_t address[4];
};
/* The octets of a tower for NDR 2.0 over TCP; to free(). */
HRESULT dcom_tower_write(const struct dcom_tower *tower, uint8_t **ret, size_t *ret_size);
HRESULT dcom_tower_read(const uint8_t *bytes, size_t size, struct dcom_tower *ret);

#endif
