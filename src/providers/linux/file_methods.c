/*
 * The methods of CIM_DataFile and Win32_Directory (WmiSdk/cimwin32prov "Copy
 * method of the CIM_DataFile class" and its neighbours).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/file_copy.h"
#include "providers/linux/linux.h"

/* Return codes of all of the methods. */
enum {
    FILE_SUCCESS = 0,
    FILE_ACCESS_DENIED = 2,
    FILE_UNSPECIFIED_FAILURE = 8,
    FILE_INVALID_OBJECT = 9,
    FILE_EXISTS = 10,
    FILE_OTHER_DRIVE = 13,
    FILE_NOT_EMPTY = 14,
    FILE_IN_USE = 15,
    FILE_INVALID_PARAMETER = 21
};

static uint32_t code_of(int result)
{
    switch (-result) {
    case 0:
        return FILE_SUCCESS;
    case EACCES:
    case EPERM:
    case EROFS:
        return FILE_ACCESS_DENIED;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
        return FILE_INVALID_OBJECT;
    case EEXIST:
        return FILE_EXISTS;
    case EXDEV:
        return FILE_OTHER_DRIVE;
    case ENOTEMPTY:
        return FILE_NOT_EMPTY;
    case EBUSY:
    case ETXTBSY:
        return FILE_IN_USE;
    case EINVAL:
    case ENAMETOOLONG:
        return FILE_INVALID_PARAMETER;
    default:
        return FILE_UNSPECIFIED_FAILURE;
    }
}

/* From the root, and no part of it empty or made of dots, so that it says where it leads. */
static bool is_plain(const char *path)
{
    if (!path || path[0] != '/' || !path[1]) {
        return false;
    }
    for (const char *part = path + 1;; part++) {
        size_t size = strcspn(part, "/");
        if (size == 0 || (size == 1 && part[0] == '.') ||
            (size == 2 && part[0] == '.' && part[1] == '.')) {
            return false;
        }
        part += size;
        if (!*part) {
            return true;
        }
    }
}

/* Calls `work` with the object's path and the parameter FileName. */
static HRESULT with_target(struct provider_call *c, const char *method,
                           int (*work)(const char *from, const char *to))
{
    HRESULT hr = linux_check_live(method);
    if (FAILED(hr)) {
        return hr;
    }
    char *from = method_get_string(c->instance, L"Name");
    char *to = method_get_string(c->in, L"FileName");
    if (!from || !to) {
        hr = WBEM_E_OUT_OF_MEMORY;
    } else {
        int result = !is_plain(to) ? -EINVAL : is_plain(from) ? work(from, to) : -ENOENT;
        hr = result == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : method_return(c, code_of(result));
    }
    free(from);
    free(to);
    return hr;
}

static HRESULT copy(struct provider_call *c)
{
    return with_target(c, "Copy", file_copy);
}

static HRESULT copy_folder(struct provider_call *c)
{
    return with_target(c, "Copy", file_copy_folder);
}

static HRESULT rename_to(struct provider_call *c)
{
    return with_target(c, "Rename", file_rename);
}

static HRESULT delete_by(struct provider_call *c, int (*work)(const char *path))
{
    HRESULT hr = linux_check_live("Delete");
    if (FAILED(hr)) {
        return hr;
    }
    char *path = method_get_string(c->instance, L"Name");
    if (!path) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    int result = is_plain(path) ? work(path) : -ENOENT;
    free(path);
    return result == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : method_return(c, code_of(result));
}

static HRESULT delete_file(struct provider_call *c)
{
    return delete_by(c, file_delete);
}

static HRESULT delete_folder(struct provider_call *c)
{
    return delete_by(c, file_delete_folder);
}

const struct provider_method linux_data_file_methods[] = {
    {"Copy", copy},
    {"Delete", delete_file},
    {"Rename", rename_to},
    {NULL, NULL},
};

const struct provider_method linux_directory_methods[] = {
    {"Copy", copy_folder},
    {"Delete", delete_folder},
    {"Rename", rename_to},
    {NULL, NULL},
};
