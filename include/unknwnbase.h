/*
 * See unknwn.h, which holds all of it here.
 */
#include "unknwn.h"
