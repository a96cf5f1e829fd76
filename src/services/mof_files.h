/* What compilations of MOF share: files, read whole, and where they go. */
#ifndef WBEM_SERVICES_MOF_FILES_H
#define WBEM_SERVICES_MOF_FILES_H

#include <stddef.h>
#include <wbemcli.h>

struct repository;

/* The text, to free(). "-" is the standard input. Failures leave an error object that names the
 * file. */
HRESULT mof_file_read(const char *name, const char *operation, char **ret, size_t *ret_size);

/* The repository of this process, when the namespace is in it and the caller may define classes
 * there. */
HRESULT mof_target_repository(const wchar_t *name_space, const char *operation,
                              struct repository **ret);

#endif
