/*
 * What a failed system call is as an HRESULT. The names and meanings of codes are in
 * status_text.c.
 */
#include "com/com.h"

#include <errno.h>

/* The Win32 code that says the same, or 0. */
static DWORD win32_from_errno(int error)
{
    switch (error) {
    case EPERM:
    case EACCES:
        return ERROR_ACCESS_DENIED;
    case ENOENT:
        return ERROR_FILE_NOT_FOUND;
    case ENOTDIR:
        return ERROR_PATH_NOT_FOUND;
    case EMFILE:
    case ENFILE:
        return ERROR_TOO_MANY_OPEN_FILES;
    case EBADF:
        return ERROR_INVALID_HANDLE;
    case EXDEV:
        return ERROR_NOT_SAME_DEVICE;
    case EROFS:
        return ERROR_WRITE_PROTECT;
    case ENODEV:
    case ENXIO:
        return ERROR_DEV_NOT_EXIST;
    case EIO:
        return ERROR_GEN_FAILURE;
    case ENOSPC:
    case EDQUOT:
        return ERROR_DISK_FULL;
    case EEXIST:
        return ERROR_FILE_EXISTS;
    case EISDIR:
        return ERROR_DIRECTORY;
    case ENOTEMPTY:
        return ERROR_DIR_NOT_EMPTY;
    case ENAMETOOLONG:
        return ERROR_FILENAME_EXCED_RANGE;
    case EFBIG:
        return ERROR_FILE_TOO_LARGE;
    case ERANGE:
    case EOVERFLOW:
        return ERROR_ARITHMETIC_OVERFLOW;
    case EAGAIN:
        return ERROR_RETRY;
    case EBUSY:
        return ERROR_BUSY;
    case EPIPE:
        return ERROR_BROKEN_PIPE;
    case ENODATA:
        return ERROR_NO_DATA;
    case ESRCH:
        return ERROR_NOT_FOUND;
    case EDEADLK:
        return ERROR_POSSIBLE_DEADLOCK;
    case EINTR:
    case ECANCELED:
        return ERROR_OPERATION_ABORTED;
    case ETIMEDOUT:
        return ERROR_TIMEOUT;
    case ECONNREFUSED:
        return ERROR_CONNECTION_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case ENETRESET:
        return ERROR_CONNECTION_ABORTED;
    case ENOTCONN:
        return ERROR_CONNECTION_UNAVAIL;
    case ENETUNREACH:
    case ENETDOWN:
        return ERROR_NETWORK_UNREACHABLE;
    case EHOSTUNREACH:
    case EHOSTDOWN:
        return ERROR_HOST_UNREACHABLE;
    case EADDRINUSE:
        return WSAEADDRINUSE;
    case EPROTO:
    case EBADMSG:
    case EILSEQ:
        return ERROR_INVALID_DATA;
    case ELOOP:
    case EMLINK:
        return ERROR_TOO_MANY_LINKS;
    case ENOSYS:
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
        return ERROR_NOT_SUPPORTED;
    default:
        return 0;
    }
}

HRESULT com_hresult_from_errno(int error)
{
    switch (error) {
    case ENOMEM:
        return E_OUTOFMEMORY;
    case EINVAL:
        return E_INVALIDARG;
    case EFAULT:
        return E_POINTER;
    default:
        break;
    }

    DWORD code = win32_from_errno(error);
    return code ? HRESULT_FROM_WIN32(code) : E_FAIL;
}
