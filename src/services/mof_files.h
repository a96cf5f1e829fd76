/* Files of MOF, read whole. */
#ifndef WBEM_SERVICES_MOF_FILES_H
#define WBEM_SERVICES_MOF_FILES_H

#include <stddef.h>
#include <wbemcli.h>

/* The text, to free(). "-" is the standard input. Failures leave an error object that names the
 * file. */
HRESULT mof_file_read(const char *name, const char *operation, char **ret, size_t *ret_size);

#endif
