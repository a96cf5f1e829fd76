/*
 * What libwbem offers beyond Microsoft's API. Windows has no such header: a
 * program that is to compile there as well does without it.
 */
#ifndef WBEM_H
#define WBEM_H

#include <stddef.h>
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

/**
 * What a compilation of MOF has done so far, and after a failure where it ended.
 */
typedef struct wbem_mof_result {
    ULONG files, classes, instances, qualifiers; /* included files too */
    ULONG deleted;
    char file[256];     /* UTF-8; "" when the failure is not of a place in a file */
    ULONG line, column; /* from 1; columns count characters */
    char token[64];     /* what stands there */
    char message[256];  /* what was expected or is wrong */
    char source[160];   /* the line, or of a long one what is around the place */
    ULONG caret;        /* where in `source`, in characters from 0 */
} wbem_mof_result;

typedef struct wbem_mof_options {
    const WCHAR *name_space;          /* where each file begins; NULL: root\\default */
    LONG class_flags, instance_flags; /* WBEM_CHANGE_FLAG_TYPE */
    int check_only;                   /* not 0: everything is done, and then taken back */
    const char *const *folders;       /* where included files may be, besides beside the file */
    size_t folder_count;
    /* Called now and then; a failure ends the compilation with it. May be NULL. */
    HRESULT (*progress)(void *closure, const wbem_mof_result *so_far);
    void *closure;
} wbem_mof_options;

/**
 * Compile MOF files into the repository, all of them or nothing: as if they were one, in their
 * order. "-" is the standard input. See docs/mof.md.
 * @options may be NULL. @result may be NULL; it is filled in any case.
 * @return WBEM_S_NO_ERROR; WBEMMOF_E_* for mistakes of the text; what refused an object, such as
 *         WBEM_E_ALREADY_EXISTS; HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), WBEM_E_ACCESS_DENIED.
 *         GetErrorInfo tells more. The repository is then as it was before.
 */
HRESULT wbem_mof_compile(const char *const *files, size_t count, const wbem_mof_options *options,
                         wbem_mof_result *result);

typedef struct wbem_subscriptions wbem_subscriptions;

/**
 * Run the permanent subscriptions of this process's repository (docs/events.md) until
 * wbem_subscriptions_stop(): events that match its filters are handed to its consumers, as the user
 * of this process. There is no service that would do so otherwise.
 * @log is told what goes on and, with @is_problem other than 0, what goes wrong: one line of UTF-8,
 *      borrowed for the call, on any thread. May be NULL.
 * @return WBEM_E_ACCESS_DENIED when the repository belongs to another user or others may write it.
 */
HRESULT wbem_subscriptions_start(void (*log)(void *closure, int is_problem, const char *line),
                                 void *closure, wbem_subscriptions **ret);

/**
 * Waits for consumers that are at work; programs that they have started go on. NULL is allowed. Not
 * from within @log.
 */
void wbem_subscriptions_stop(wbem_subscriptions *s);

/**
 * The objects in bytes that were recorded or received: an EncodingUnit ([MS-WMIO] 2.2.1), an object
 * block (2.2.2), a reference that carries an object ([MS-DCOM] 2.2.18.6), as it stands in a call
 * too (2.2.14), or an ObjectArray ([MS-WMI] 2.2.14).
 * @ret an array to free(), each object for Release. Nothing is lost: wbem_object_encode() gives the
 *      same EncodingUnit again.
 * @return WBEM_E_INVALID_OBJECT; GetErrorInfo tells what the bytes were taken for.
 */
HRESULT wbem_objects_decode(const void *bytes, size_t size, IWbemClassObject ***ret,
                            size_t *ret_count);

/**
 * An object of this library as an EncodingUnit ([MS-WMIO] 2.2.1), what its bytes on the wire are.
 * @ret to free().
 */
HRESULT wbem_object_encode(IWbemClassObject *object, void **ret, size_t *ret_size);

/**
 * Be told what goes over the network to other hosts: a line of UTF-8 for each connection,
 * negotiation and call, with its interface and method, sizes, time and result; never any content.
 * Counts for connections that are opened afterwards.
 * @line is called on the network's thread, which waits: be quick. NULL ends it. The text is
 * borrowed for the call. It may be called for a moment after it was replaced.
 */
void wbem_set_trace(void (*line)(void *closure, const char *text), void *closure);

#ifdef __cplusplus
}
#endif

#endif
