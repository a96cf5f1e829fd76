/*
 * C++: what COM clients use of ATL. See atlcomcli.h.
 */
#include "atlcomcli.h"
