/*
 * See winbase.h, which holds all of it here.
 */
#include "winbase.h"
