/*
 * The protocol between the library and a provider in another process: frames
 * on a stream socket of this machine. Both ends are this library, so numbers
 * are in the machine's order; what comes is nevertheless input from outside.
 *
 *     frame     size:u32  type:u8  has:u8[3]  call:u32  fields…
 *
 * `size` counts what follows it. `has` says which fields are there, in the
 * order of enum wire_field. Strings are their length in characters and the
 * characters; objects are [MS-WMIO] encodings, of which the class part goes
 * over only with the first instance of a class (see wire_classes).
 */
#ifndef WBEM_HOSTING_WIRE_H
#define WBEM_HOSTING_WIRE_H

#include <wbemcli.h>

#include "object/object.h"

enum {
    WIRE_VERSION = 1,
    /* No more than an object's encoding may be ([MS-WMIO] lengths are 31 bits), far less in fact:
     * what a class with its methods or a large embedded object needs. */
    WIRE_FRAME_MAX = 32 << 20,
    /* Classes whose instances go without it; of further ones each instance carries its own. */
    WIRE_CLASSES = 256,
    WIRE_TEXTS = 5,
    WIRE_CLIENT = 4, /* the text that says for whom a call of IWbemServices is, and .number at which
                        authentication level; none: for the process that sends it */
    WIRE_OBJECTS_MAX = 65536,
};

enum wire_type {
    WIRE_CALL = 1, /* of a method of a target, under a number that the caller gives it */
    WIRE_OBJECTS,  /* some of a call's objects */
    WIRE_END,      /* its status; nothing follows */
    WIRE_CREDIT,   /* so many objects more may come */
    WIRE_CANCEL,   /* end the call soon */
    WIRE_RELEASE,  /* a target is no longer needed */
    WIRE_TYPE_END,
};

enum wire_method {
    METHOD_LOAD = 1,
    METHOD_GET_OBJECT,
    METHOD_PUT_CLASS,
    METHOD_DELETE_CLASS,
    METHOD_CLASS_ENUM,
    METHOD_PUT_INSTANCE,
    METHOD_DELETE_INSTANCE,
    METHOD_INSTANCE_ENUM,
    METHOD_QUERY,
    METHOD_NOTIFICATION_QUERY,
    METHOD_EXECUTE,
    METHOD_OPEN_NAMESPACE,
    METHOD_GET_PROPERTY,
    METHOD_PUT_PROPERTY,
    METHOD_PROVIDE_EVENTS,
    METHOD_NEW_QUERY,
    METHOD_CANCEL_QUERY,
    METHOD_ACCESS_CHECK,
    METHOD_FIND_CONSUMER,
    METHOD_INDICATE_TO_CONSUMER,
    METHOD_END,
};

/* Which fields of a message are there. */
enum wire_field {
    FIELD_TARGET = 1 << 0,
    FIELD_METHOD = 1 << 1,
    FIELD_FLAGS = 1 << 2,
    FIELD_NUMBER = 1 << 3,
    FIELD_STATUS = 1 << 4,
    FIELD_TEXT = 1 << 5, /* and the four after it */
    FIELD_VALUE = 1 << 10,
    FIELD_CONTEXT = 1 << 11,
    FIELD_OBJECTS = 1 << 12,
    FIELD_ALL = (1 << 13) - 1,
};

/* A frame taken apart. What it has is owned. */
struct wire_message {
    enum wire_type type;
    uint32_t call;
    uint32_t target;
    enum wire_method method;
    LONG flags;
    uint32_t number;
    HRESULT status;
    BSTR text[WIRE_TEXTS];
    VARIANT value; /* VT_EMPTY: none */
    IWbemContext *context;
    IWbemClassObject **objects; /* an element may be NULL */
    uint32_t object_count;
};
void wire_message_done(struct wire_message *m);

/* The classes that one end has sent, or has been sent: what stands for each in the frames is its
 * place here. */
struct wire_classes {
    struct {
        struct schema *schema;    /* a reference */
        struct decoration *where; /* a reference; may be NULL */
    } entry[WIRE_CLASSES];
    unsigned count, last;
};
void wire_classes_done(struct wire_classes *c);

/* The frame of a message; free() it. Nothing of the message is taken. WBEM_E_INVALID_OBJECT: an
 * object that is not of this library. WBEM_E_TYPE_MISMATCH: a value that no property has.
 * WBEM_E_BUFFER_TOO_SMALL: it would be too large. A failure leaves `sent` as it was. */
HRESULT wire_encode(const struct wire_message *m, struct wire_classes *sent, uint8_t **ret,
                    size_t *ret_size);
/* The reverse, of what follows the size. WBEM_E_INVALID_OBJECT. */
HRESULT wire_decode(const uint8_t *bytes, size_t size, struct wire_classes *received,
                    struct wire_message *ret);

#endif
