/*
 * The well-known GUIDs of DCOM ([MS-DCOM] 1.9) and of the endpoint mapper.
 */
#include "dcom/dcom_private.h"

#define COM_GUID(n)                                                                                \
    {                                                                                              \
        (n), 0, 0,                                                                                 \
        {                                                                                          \
            0xC0, 0, 0, 0, 0, 0, 0, 0x46                                                           \
        }                                                                                          \
    }

const IID dcom_iid_object_exporter = {
    0x99FCFEC4, 0x5260, 0x101B, {0xBB, 0xCB, 0x00, 0xAA, 0x00, 0x21, 0x34, 0x7A}};
const IID dcom_iid_activation = {
    0x4D9F4AB8, 0x7D1C, 0x11CF, {0x86, 0x1E, 0x00, 0x20, 0xAF, 0x6E, 0x7C, 0x57}};
const IID dcom_iid_scm_activator = COM_GUID(0x000001A0);
const IID dcom_iid_rem_unknown = COM_GUID(0x00000131);
const IID dcom_iid_rem_unknown2 = COM_GUID(0x00000143);
const IID dcom_iid_endpoint_mapper = {
    0xE1AF8308, 0x5D1F, 0x11C9, {0x91, 0xA4, 0x08, 0x00, 0x2B, 0x14, 0xA0, 0xFA}};

const GUID dcom_error_extension = COM_GUID(0x0000031C);
const CLSID dcom_clsid_error_object = COM_GUID(0x0000031B);
const CLSID dcom_clsid_properties_in = COM_GUID(0x00000338);
const CLSID dcom_clsid_properties_out = COM_GUID(0x00000339);
const IID dcom_iid_properties_in = COM_GUID(0x000001A2);
const IID dcom_iid_properties_out = COM_GUID(0x000001A3);
const CLSID dcom_clsid_context_marshaler = COM_GUID(0x0000033B);
const IID dcom_iid_context = COM_GUID(0x000001C0);

const CLSID dcom_clsid_instantiation_info = COM_GUID(0x000001AB);
const CLSID dcom_clsid_activation_context_info = COM_GUID(0x000001A5);
const CLSID dcom_clsid_server_location_info = COM_GUID(0x000001A4);
const CLSID dcom_clsid_scm_request_info = COM_GUID(0x000001AA);
const CLSID dcom_clsid_special_properties = COM_GUID(0x000001B9);
const CLSID dcom_clsid_instance_info = COM_GUID(0x000001AD);
const CLSID dcom_clsid_security_info = COM_GUID(0x000001A6);
const CLSID dcom_clsid_scm_reply_info = COM_GUID(0x000001B6);
