/*
 * See objidl.h, which holds all of it here.
 */
#include "objidl.h"
