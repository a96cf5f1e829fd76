/*
 * See winnls.h, which holds all of it here.
 */
#include "winnls.h"
