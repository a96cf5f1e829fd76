/*
 * What the files of DCOM share: GUIDs of what only travels.
 */
#ifndef WBEM_DCOM_DCOM_PRIVATE_H
#define WBEM_DCOM_DCOM_PRIVATE_H

#include "com/com.h"
#include "dcom/dcom.h"

extern const CLSID dcom_clsid_error_object;
extern const CLSID dcom_clsid_properties_in;
extern const CLSID dcom_clsid_properties_out; /* PropsOutInfo's too */
extern const IID dcom_iid_properties_in;
extern const IID dcom_iid_properties_out;
extern const CLSID dcom_clsid_context_marshaler;
extern const IID dcom_iid_context;

extern const CLSID dcom_clsid_instantiation_info;
extern const CLSID dcom_clsid_activation_context_info;
extern const CLSID dcom_clsid_server_location_info;
extern const CLSID dcom_clsid_scm_request_info;
extern const CLSID dcom_clsid_special_properties;
extern const CLSID dcom_clsid_instance_info;
extern const CLSID dcom_clsid_security_info;
extern const CLSID dcom_clsid_scm_reply_info;

/* Is this thread inside a callback of ours, and so must not wait for a thread of ours? */
extern _Thread_local unsigned dcom_callback_depth;

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t dcom_now(void);

/* Codes of the object resolver ([MS-DCOM] 2.2.28; Win32 errors). */
#define OR_INVALID_OXID 1910u
#define OR_INVALID_OID 1911u
#define OR_INVALID_SET 1912u

#endif
