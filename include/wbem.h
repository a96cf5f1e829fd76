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

/**
 * Which repository this process uses: a folder, made if it is missing, or ":memory:". To be called
 * before anything else of the library is; otherwise it is the one that the environment variable
 * WBEM_REPOSITORY names, or the user's own (wbem(1)).
 * @return WBEM_E_INVALID_OPERATION once a repository is in use, WBEM_E_INVALID_PARAMETER.
 */
HRESULT wbem_set_repository(const char *place);

/**
 * The folder of this process's repository, which is opened if need be, or ":memory:".
 * @return a constant string, or NULL when it can't be opened (GetErrorInfo tells why).
 */
const char *wbem_repository_place(void);

/**
 * Check every record of the repository and every link between them; takes time.
 * @return WBEM_E_CRITICAL_ERROR when something is damaged: GetErrorInfo tells what.
 */
HRESULT wbem_repository_check(void);

#ifdef __cplusplus
}
#endif

#endif
