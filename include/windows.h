/*
 * The Windows API as far as a WMI program goes: base types, status codes,
 * waiting and locking, COM and automation.
 */
#ifndef WBEM_WINDOWS_H
#define WBEM_WINDOWS_H
#define _INC_WINDOWS
#define _WINDOWS_

#include <stdarg.h>
#include <string.h>
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winuser.h"
#include "crt.h"
#include "wbemstream.h"
#include "ole2.h"

#endif
