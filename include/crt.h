/*
 * What programs expect of Microsoft's C library beyond the standard.
 */
#ifndef WBEM_CRT_H
#define WBEM_CRT_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include "basetsd.h"

#endif
