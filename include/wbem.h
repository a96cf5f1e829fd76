/*
 * What libwbem offers beyond Microsoft's API. Windows has no such header: a
 * program that is to compile there as well does without it.
 */
#ifndef WBEM_H
#define WBEM_H

#include <wbemcli.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The symbolic name of a status code, such as "WBEM_E_INVALID_CLASS".
 * @return a constant string, or NULL for a code that wbemcli.h and the COM headers do not name.
 *         Any thread.
 */
const char *wbem_status_name(HRESULT status);

/**
 * What a status code means, in one English sentence, such as "The class does not exist."
 * @return a constant string, or NULL as above. Any thread.
 */
const char *wbem_status_meaning(HRESULT status);

#ifdef __cplusplus
}
#endif

#endif
