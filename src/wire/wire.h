/*
 * What [MS-WMI] puts on the wire beyond its methods' parameters: batches of
 * objects with each class sent once, and the context of a call. Shared by the
 * client (src/remote) and the server (src/server).
 *
 * All decoders take bytes from anyone: each length is checked against what is left before memory is
 * asked for.
 */
#ifndef WBEM_WIRE_WIRE_H
#define WBEM_WIRE_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <wbemcli.h>

/* ---- ObjectArray, 2.2.14 ---------------------------------------------------- */

/* 2.2.14: what the bytes answer. */
enum wire_packet {
    WIRE_PACKET_INDICATE = 0,   /* IWbemObjectSink::Indicate */
    WIRE_PACKET_SMART_ENUM = 1, /* IWbemWCOSmartEnum::Next */
};

/* The classes that the receiver at the other end of one enumeration has. For one thread at a time.
 */
struct wire_encoder;

HRESULT wire_encoder_create(enum wire_packet packet, struct wire_encoder **ret);
void wire_encoder_destroy(struct wire_encoder *e); /* NULL is fine */
/* The bytes, to free(). Objects must be this library's. A class is sent once, with its first
 * instance; when it fails, nothing is taken for sent. */
HRESULT wire_encoder_write(struct wire_encoder *e, IWbemClassObject *const *objects, uint32_t count,
                           uint8_t **ret, uint32_t *ret_size);

struct wire_decoder;

HRESULT wire_decoder_create(struct wire_decoder **ret);
void wire_decoder_destroy(struct wire_decoder *d); /* NULL is fine */
/* Objects (a reference each) in an array to free(); *ret is NULL for none. All or nothing.
 * WBEM_E_INVALID_OBJECT; WBEM_E_INVALID_STREAM: instances of a class that was never sent. */
HRESULT wire_decoder_read(struct wire_decoder *d, const uint8_t *bytes, size_t size,
                          IWbemClassObject ***ret, uint32_t *ret_count);

/* ---- single objects: EncodingUnit, [MS-WMIO] 2.2.1 -------------------------- */

/* The bytes of an object reference's custom data ([MS-WMI] 2.2.4), to free(). */
HRESULT wire_object_write(IWbemClassObject *object, uint8_t **ret, uint32_t *ret_size);
HRESULT wire_object_read(const uint8_t *bytes, size_t size, IWbemClassObject **ret);

/* ---- values of instances alone, 2.2.16 to 2.2.19 ------------------------------- */

struct buffer;
struct schema;
struct decoration;

/* RefreshedSingleInstance, appended; the instance must be this library's. */
HRESULT wire_refreshed_write(IWbemClassObject *instance, struct buffer *out);
/* WBEM_INSTANCE_BLOB, appended. */
HRESULT wire_refreshed_write_many(IWbemClassObject *const *instances, uint32_t count,
                                  struct buffer *out);
/* An instance of `s` with those values. WBEM_E_INVALID_OBJECT. */
HRESULT wire_refreshed_read(struct schema *s, struct decoration *where, const uint8_t *bytes,
                            size_t size, IWbemClassObject **ret);
/* Objects (a reference each) in an array to free(). All or nothing. */
HRESULT wire_refreshed_read_many(struct schema *s, struct decoration *where, const uint8_t *bytes,
                                 size_t size, IWbemClassObject ***ret, uint32_t *ret_count);

/* ---- contexts: IWbemContextBuffer, 2.2.13 ----------------------------------- */

HRESULT wire_context_write(IWbemContext *context, uint8_t **ret, uint32_t *ret_size);
/* A context of this library. WBEM_E_INVALID_CONTEXT. */
HRESULT wire_context_read(const uint8_t *bytes, size_t size, IWbemContext **ret);

#endif
