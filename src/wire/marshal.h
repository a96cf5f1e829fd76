/*
 * The types of [MS-WMI]'s methods in NDR: BSTRs, class objects, contexts. For
 * the client's proxies and the server's stubs, which have the same methods from
 * their two ends.
 */
#ifndef WBEM_WIRE_MARSHAL_H
#define WBEM_WIRE_MARSHAL_H

#include <wbemcli.h>

#include "rpc/ndr.h"

/* All writers fail in the writer's status, all readers in the reader's; what a reader gave before
 * its failure is the caller's to free all the same. */

/* BSTR, [MS-OAUT] 2.2.23.2: a unique pointer to its characters in UTF-16. NULL is a null pointer.
 */
void wire_write_bstr(struct ndr_writer *w, const wchar_t *text);
/* SysFreeString() it; NULL for a null pointer. */
BSTR wire_read_bstr(struct ndr_reader *r);

/* [in, unique, string] wchar_t *; NULL is a null pointer. */
void wire_write_string_pointer(struct ndr_writer *w, const wchar_t *text);
wchar_t *wire_read_string_pointer(struct ndr_reader *r); /* free() it */

/* A class object by value, [MS-WMI] 2.2.4: a unique pointer to an MInterfacePointer with an
 * OBJREF_CUSTOM. Objects must be this library's. NULL is a null pointer. */
void wire_write_object(struct ndr_writer *w, IWbemClassObject *object);
/* What is behind that pointer, when it stands elsewhere: for ndr_write_defer(). */
void wire_write_object_pointee(struct ndr_writer *w, const void *object);
/* A new reference; NULL for a null pointer. */
IWbemClassObject *wire_read_object(struct ndr_reader *r);

/* One whose pointee was read by dcom_read_interface_bytes(). */
struct dcom_bytes;
HRESULT wire_object_of_bytes(const struct dcom_bytes *bytes, IWbemClassObject **ret);

/* [size_is(count)] arrays of such pointers (Indicate; [length_is] too with `varying`: Next). */
void wire_write_objects(struct ndr_writer *w, IWbemClassObject *const *objects, uint32_t count,
                        uint32_t room, bool varying);
/* An array of *ret_count to free(); NULL with 0 for none, and after a failure. */
IWbemClassObject **wire_read_objects(struct ndr_reader *r, bool varying, uint32_t *ret_count);

/* A context by value, [MS-WMI] 2.2.13. NULL is a null pointer. */
void wire_write_context(struct ndr_writer *w, IWbemContext *context);
IWbemContext *wire_read_context(struct ndr_reader *r);

#endif
