/*
 * Included before other headers, this makes DEFINE_GUID define identifiers.
 * Those of WMI and COM need it not: the library has them.
 */
#ifndef INITGUID
#define INITGUID
#endif
#include "guiddef.h"
