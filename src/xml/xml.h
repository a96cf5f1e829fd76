/*
 * Objects as XML after DSP0201 and WMI's extensions of it, and back.
 */
#ifndef WBEM_XML_XML_H
#define WBEM_XML_XML_H

#include <wbemcli.h>

/* Creator for CoCreateInstance(CLSID_WbemObjectTextSrc). */
HRESULT object_text_src_create(IUnknown *outer, REFIID riid, void **ret);

#endif
