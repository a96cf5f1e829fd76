/*
 * Included by some programs; what WMI clients use of it is in ole2.h and winerror.h.
 */
#include "ole2.h"
