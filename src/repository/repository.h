/*
 * The repository: namespaces, the classes in them and their static instances,
 * kept in one LMDB environment. Readers see snapshots, writers are one at a
 * time and all or nothing; several processes may share one folder.
 */
#ifndef WBEM_REPOSITORY_REPOSITORY_H
#define WBEM_REPOSITORY_REPOSITORY_H

#include "mof/mof.h"
#include "object/object.h"

struct repository;
struct source;
struct wql_plan;

/* ---- opening ------------------------------------------------------------- */

/* The process's repository, opened at first use; borrowed, never closed. Which folder it is:
 * repository_set_default_place(), else $WBEM_REPOSITORY, else the user's data folder (XDG), for
 * root /var/lib/wbem. Where that folder can be neither made nor read, the library's own classes
 * are there all the same, in memory, and changes are refused with the reason. */
HRESULT repository_default(struct repository **ret);
/* The same for a service, before anything else asks: fails where the repository cannot be changed,
 * instead of going on with what there is. */
HRESULT repository_default_to_change(struct repository **ret);
/* Before the first repository_default() only; ":memory:" is a place too. WBEM_E_INVALID_OPERATION
 * afterwards. */
HRESULT repository_set_default_place(const char *place);

/* A repository of its own with the library's classes; `place` is a folder, made if missing, or
 * NULL: in memory, gone when destroyed. */
HRESULT repository_create(const char *place, struct repository **ret);
/* No snapshot, source or namespace of it may be in use any more. */
void repository_destroy(struct repository *r);
/* Where it is kept, for messages; ":memory:" in memory. */
const char *repository_place(const struct repository *r);

/* What was read at one moment is still so at an equal one: no other process has committed anything
 * since either. Cheap. */
struct repository_moment {
    uint64_t repository; /* which, of all that this process opened */
    uint64_t transaction;
};
struct repository_moment repository_now(const struct repository *r);
struct repository_snapshot;
/* The moment that a snapshot shows, under which to keep what is read from it or later. While a
 * commit is being written repository_now() is ahead of the snapshots that are taken. */
struct repository_moment repository_moment_of(const struct repository_snapshot *s);

/* ---- namespaces ------------------------------------------------------------ */

struct repository_namespace;

/* WBEM_E_INVALID_NAMESPACE. Names such as root\cimv2, without regard to case, / taken as \. What
 * is returned is borrowed and stays valid, also when the namespace is deleted; using it then gives
 * WBEM_E_INVALID_NAMESPACE. */
HRESULT repository_open(struct repository *r, const wchar_t *name,
                        struct repository_namespace **ret);
struct repository *repository_of(const struct repository_namespace *n);
const wchar_t *repository_namespace_name(const struct repository_namespace *n);
/* Borrowed. */
struct decoration *repository_namespace_decoration(const struct repository_namespace *n);
/* Direct child namespaces' names. */
HRESULT repository_visit_namespaces(struct repository_namespace *n,
                                    HRESULT (*visit)(void *closure, const wchar_t *name),
                                    void *closure);

/* The security descriptor that the namespace of this full name was given, to free(); WBEM_S_FALSE
 * and NULL: none. WBEM_E_INVALID_NAMESPACE. */
HRESULT repository_get_security(const struct repository_snapshot *at, const wchar_t *name,
                                uint8_t **ret, uint32_t *ret_size);

/* ---- snapshots --------------------------------------------------------------- */

/* The state at one moment. Functions that take one accept NULL: the state now. A snapshot serves
 * one thread at a time. Holding one keeps old pages from being used again: don't idle on it. */
HRESULT repository_snapshot_take(struct repository *r, struct repository_snapshot **ret);
struct repository_snapshot *repository_snapshot_ref(struct repository_snapshot *s);
void repository_snapshot_unref(struct repository_snapshot *s); /* NULL is fine */

/* ---- classes ------------------------------------------------------------------ */

/* With which texts a class is read: its qualifiers of flavor Amended, such as Description. Of a
 * client's locales ([MS-WMI] 2.2.29) the first counts that has some for the class. */
typedef uint64_t class_texts;
#define TEXTS_NONE ((class_texts)0)
#define TEXTS_OWN ((class_texts)1) /* those of its definition */
/* "MS_40C,MS_409", the most wanted first (3.1.4.1.4); NULL, and what is no such name: TEXTS_OWN. */
class_texts class_texts_of_locales(const wchar_t *locales);

/* A class; a new reference to an immutable shared object (clone before changing it).
 * WBEM_E_NOT_FOUND. */
HRESULT repository_get_class(struct repository_namespace *n, const wchar_t *name,
                             class_texts amended, IWbemClassObject **ret);
HRESULT repository_get_class_at(struct repository_snapshot *at, struct repository_namespace *n,
                                const wchar_t *name, class_texts amended, IWbemClassObject **ret);
/* Visit the direct subclasses of `name` (NULL or "": top-level classes) in the order of
 * definition; deep: descendants too, parents before children. A failing visit ends it. The visitor
 * may call anything. WBEM_E_NOT_FOUND: no such class. */
HRESULT repository_visit_classes(struct repository_namespace *n, const wchar_t *name, bool deep,
                                 class_texts amended,
                                 HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                 void *closure);
HRESULT repository_visit_classes_at(struct repository_snapshot *at, struct repository_namespace *n,
                                    const wchar_t *name, bool deep, class_texts amended,
                                    HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                    void *closure);

/* ---- static instances ----------------------------------------------------------- */

/* The class's own stored instances that match `plan` (NULL: all), projected as it selects. By key
 * or index where the plan's points allow it, otherwise a scan over the encodings. The plan must be
 * for the schema of `cls` and is taken, also on failure. Takes a reference to `at`. */
HRESULT repository_instance_source(struct repository_snapshot *at, struct repository_namespace *n,
                                   IWbemClassObject *cls, struct wql_plan *plan,
                                   struct source **ret);
/* Are there any of the class itself? */
HRESULT repository_has_instances(struct repository_snapshot *at, struct repository_namespace *n,
                                 const wchar_t *class_name, bool *ret);
/* One instance by a path without server and namespace, such as A.K="1"; of the class itself or a
 * class derived from it. WBEM_E_NOT_FOUND, WBEM_E_INVALID_CLASS, WBEM_E_INVALID_OBJECT_PATH. */
HRESULT repository_get_instance(struct repository_namespace *n, const struct object_path *path,
                                IWbemClassObject **ret);

/* ---- changes ------------------------------------------------------------------- */

/* A write transaction of the thread that began it. Nobody else sees anything of it before the
 * commit; a second writer waits in repository_change_begin(). All name_space arguments are full
 * names. A function that fails has changed nothing; the change can go on. Details of a failure are
 * left as this thread's error object. */
struct repository_change;

/* WBEM_E_ACCESS_DENIED where the repository can't be written. */
HRESULT repository_change_begin(struct repository *r, struct repository_change **ret);
/* Durable when it returns (but in memory). Takes the change, also on failure, which leaves the
 * repository as it was: WBEM_E_OUT_OF_DISK_SPACE and such. Observers hear of it before this
 * returns. */
HRESULT repository_change_commit(struct repository_change *c);
void repository_change_abort(struct repository_change *c); /* NULL is fine */

HRESULT repository_change_get_class(struct repository_change *c, const wchar_t *name_space,
                                    const wchar_t *name, IWbemClassObject **ret);
/* PutClass: `flags` are WBEM_FLAG_CREATE_OR_UPDATE (0), CREATE_ONLY or UPDATE_ONLY, with
 * UPDATE_COMPATIBLE (0), UPDATE_SAFE_MODE or UPDATE_FORCE_MODE. Subclasses are derived anew. */
HRESULT repository_change_put_class(struct repository_change *c, const wchar_t *name_space,
                                    IWbemClassObject *cls, LONG flags);
/* With its subclasses and all their instances. */
HRESULT repository_change_delete_class(struct repository_change *c, const wchar_t *name_space,
                                       const wchar_t *name);
/* PutInstance of the static instance as it is (a partial update is merged by the caller). An
 * instance of __NAMESPACE makes a namespace. *ret_path (may be NULL): its relative path; free()
 * it. */
HRESULT repository_change_put_instance(struct repository_change *c, const wchar_t *name_space,
                                       IWbemClassObject *instance, LONG flags, wchar_t **ret_path);
HRESULT repository_change_get_instance(struct repository_change *c, const wchar_t *name_space,
                                       const struct object_path *path, IWbemClassObject **ret);
/* An instance of __NAMESPACE is deleted with everything in it. WBEM_E_NOT_FOUND. */
HRESULT repository_change_delete_instance(struct repository_change *c, const wchar_t *name_space,
                                          const struct object_path *path);

/* Bytes that repository_get_security() will give; they are not looked at. */
HRESULT repository_change_set_security(struct repository_change *c, const wchar_t *name_space,
                                       const void *bytes, size_t size);

/* ---- observers -------------------------------------------------------------------- */

enum repository_event_kind {
    REPOSITORY_CREATED,
    REPOSITORY_MODIFIED,
    REPOSITORY_DELETED,
};

/* What one commit of this process did to one object: a class (is_class), a static instance, or a
 * namespace (an instance of __NAMESPACE in the parent). */
struct repository_event {
    enum repository_event_kind kind;
    bool is_class;
    const wchar_t *name_space;
    IWbemClassObject *before, *after; /* NULL where there is none; borrowed */
};

struct repository_observer;

/* `happened` is called on the committing thread, in the order of the changes, no lock held; it
 * must return soon and not write to the repository itself. */
HRESULT repository_observe(struct repository *r,
                           void (*happened)(void *closure, const struct repository_event *e),
                           void *closure, struct repository_observer **ret);
/* When it returns, no call of `happened` is running or will come (but from within that call). */
void repository_unobserve(struct repository_observer *o);

/* ---- MOF --------------------------------------------------------------------------- */

/* Compile MOF text into it as one change: all or nothing. Details of a failure are left as this
 * thread's error object. */
HRESULT repository_load_mof(struct repository *r, const char *file, const char *text, size_t size,
                            const wchar_t *name_space);

/* What is to be compiled, and how. */
struct repository_mof {
    const struct mof_input *inputs;
    size_t count;
    const wchar_t *name_space;         /* where each begins; it must exist, others are made */
    const struct mof_options *options; /* NULL: none */
    bool check_only;                   /* everything is done, and then left as it was before */
};
/* All files as one change. *ret_error and *ret_counts may be NULL. */
HRESULT repository_compile_mof(struct repository *r, const struct repository_mof *m,
                               struct mof_counts *ret_counts, struct mof_error *ret_error);

/* ---- keeping ------------------------------------------------------------------------ */

/* A consistent copy of the repository as one file, while it is in use; and the reverse, which
 * replaces everything in it. A failure leaves the target as it was. */
HRESULT repository_backup(struct repository *r, const char *file);
HRESULT repository_restore(struct repository *r, const char *file);
/* Check every record and every link between them; the first finding is left as the thread's error
 * object. WBEM_E_INVALID_OBJECT. */
HRESULT repository_check(struct repository *r);

#endif
