/*
 * See objbase.h, which holds all of it here.
 */
#include "objbase.h"
