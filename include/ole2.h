/*
 * objbase.h and oleauto.h together.
 */
#ifndef WBEM_OLE2_H
#define WBEM_OLE2_H

#include "winerror.h"
#include "objbase.h"
#include "oleauto.h"

WINOLEAPI OleInitialize(LPVOID pvReserved);
WINOLEAPI_(void) OleUninitialize(void);

#endif
