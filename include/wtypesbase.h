/*
 * See wtypes.h, which holds all of it here.
 */
#include "wtypes.h"
