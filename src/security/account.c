/*
 * The numbers of the users and groups of this machine, from the name service
 * switch. A database that cannot answer is no answer: an account that were
 * taken to be missing for it would escape what is denied to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "com/com.h"
#include "object/object.h"
#include "security/security.h"

enum {
    FIRST_SIZE = 1024,
    LAST_SIZE = 16 << 20
};

/* A getXXnam_r(). */
typedef int lookup(const char *name, void *entry, char *buffer, size_t size, void **ret);

/* getpwnam_r(3) lists what else than 0 stands for "no such name". */
static bool says_missing(int error)
{
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

static HRESULT no_answer(const char *name, int error)
{
    return error == ENOMEM ? WBEM_E_OUT_OF_MEMORY
                           : error_raise(WBEM_E_FAILED, "accounts", name,
                                         "The databases of users and groups do not answer: %s.",
                                         strerror(error));
}

/* A source that cannot open its files or sockets may pass as one that has no such name, and the
 * list of an account's groups ends early by it: ask whether they could be opened. */
static HRESULT check_could_open(const char *name)
{
    int fd = open("/", O_PATH | O_CLOEXEC);
    int error = errno;
    if (fd >= 0) {
        (void)close(fd);
        return WBEM_S_NO_ERROR;
    }
    return error == EMFILE || error == ENFILE || error == ENOMEM ? no_answer(name, error)
                                                                 : WBEM_S_NO_ERROR;
}

/* *buffer, which holds what the entry points to, is the caller's to free(). */
static HRESULT look_up(lookup *call, const char *name, void *entry, char **buffer)
{
    void *found = NULL;
    int error = ERANGE;
    for (size_t size = FIRST_SIZE; error == ERANGE && size <= LAST_SIZE; size *= 2) {
        char *larger = realloc(*buffer, size);
        if (!larger) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        *buffer = larger;
        do {
            error = call(name, entry, larger, size, &found);
        } while (error == EINTR);
    }
    if (error == 0 && found) {
        return WBEM_S_NO_ERROR;
    }
    if (!says_missing(error)) {
        return no_answer(name, error);
    }
    HRESULT hr = check_could_open(name);
    return SUCCEEDED(hr) ? WBEM_E_NOT_FOUND : hr;
}

static int look_up_user(const char *name, void *entry, char *buffer, size_t size, void **ret)
{
    return getpwnam_r(name, entry, buffer, size, (struct passwd **)ret);
}

static int look_up_group(const char *name, void *entry, char *buffer, size_t size, void **ret)
{
    return getgrnam_r(name, entry, buffer, size, (struct group **)ret);
}

HRESULT account_find_user(const char *name, uid_t *ret_user, gid_t *ret_group)
{
    CLEANUP(com_cleanup_free) char *buffer = NULL;
    struct passwd entry;
    HRESULT hr = look_up(look_up_user, name, &entry, &buffer);
    if (SUCCEEDED(hr)) {
        *ret_user = entry.pw_uid;
        *ret_group = entry.pw_gid;
    }
    return hr;
}

HRESULT account_find_group(const char *name, gid_t *ret)
{
    CLEANUP(com_cleanup_free) char *buffer = NULL;
    struct group entry;
    HRESULT hr = look_up(look_up_group, name, &entry, &buffer);
    if (SUCCEEDED(hr)) {
        *ret = entry.gr_gid;
    }
    return hr;
}

HRESULT account_groups(const char *name, gid_t primary, gid_t **ret, size_t *ret_count)
{
    int count = 64;
    for (int tries = 0; tries < 8; tries++) { /* it may join more between two of them */
        gid_t *groups = calloc((size_t)count, sizeof(*groups));
        if (!groups) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        int room = count;
        if (getgrouplist(name, primary, groups, &count) >= 0) {
            HRESULT hr = check_could_open(name);
            *ret = SUCCEEDED(hr) ? groups : NULL;
            *ret_count = (size_t)count;
            if (FAILED(hr)) {
                free(groups);
            }
            return hr;
        }
        free(groups);
        count = count > room ? count : 2 * room;
    }
    return no_answer(name, EAGAIN);
}
