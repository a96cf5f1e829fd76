/*
 * What the files of the repository share. The record formats are in records.c.
 *
 * Databases of the environment (all keys compare as bytes):
 *   meta        name → a number, or the digest of the library's own MOF
 *   namespaces  folded full name → id, name as given
 *   classes     namespace id, folded name → struct class_record
 *   children    namespace id, class id of the superclass (0: none), class id → folded name
 *   instances   class id, canonical key → the instance part ([MS-WMIO] 2.2.53)
 *   indexes     class id, property, value → canonical keys (sorted duplicates)
 */
#ifndef WBEM_REPOSITORY_REPOSITORY_PRIVATE_H
#define WBEM_REPOSITORY_REPOSITORY_PRIVATE_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "com/com.h"
#include "object/bytes.h"
#include "repository/repository.h"

enum {
    /* LMDB's own limit on a key, and on a value among sorted duplicates. */
    KEY_MOST = 511,
    /* Longer texts in keys are cut there, and a digest of all of them follows. */
    KEY_TEXT_MOST = 400,
    /* The value in an index key; longer ones share a key, and the condition tells them apart. */
    KEY_INDEX_MOST = 100,
    DIGEST_SIZE = 32,
    /* A repository's format: another number is refused. */
    REPOSITORY_FORMAT = 1,
    READERS_MOST = 2048,
};

struct repository_namespace {
    struct repository_namespace *next;
    struct repository *repository; /* upwards */
    wchar_t *name; /* such as root\cimv2, as given when it was made; its id is namespace_id() */
    struct decoration *decoration;
};

/* A class with the texts of locales. */
struct class_localized {
    class_texts texts;
    uint64_t stamp; /* of these texts */
    IWbemClassObject *object;
};

/* A class as it was last read. Entries live as long as the repository. */
struct class_entry {
    struct class_entry *next;
    uint32_t name_space;
    uint64_t version;                 /* of the record that the objects were made from */
    size_t name_size;                 /* folded */
    uint8_t *name;                    /* follows the entry */
    IWbemClassObject *full;           /* with amended qualifiers; owned */
    IWbemClassObject *plain;          /* without; owned; made when first asked for */
    struct class_localized localized; /* as it was last asked for, if ever; owned */
};

enum {
    CLASS_BUCKETS = 1024,
};

struct repository {
    char *place; /* NULL in memory */
    MDB_env *env;
    uint64_t serial; /* for repository_moment */
    bool read_only;
    char *why_read_only; /* for messages; may be NULL */
    MDB_dbi meta, namespaces, classes, children, instances, indexes;
    wchar_t *server;

    pthread_mutex_t lock; /* guards what follows; never held while foreign code runs */
    struct repository_namespace *handles;
    struct class_entry *buckets[CLASS_BUCKETS];
    struct repository_observer *observers;
    pthread_cond_t told; /* a commit has told its observers */
    bool is_telling;
    uint64_t next_ticket, now_served; /* commits, in their order */
};

struct repository_snapshot {
    atomic_uint refs;
    struct repository *repository;
    MDB_txn *txn;
};

struct change_event {
    struct change_event *next;
    enum repository_event_kind kind;
    bool is_class;
    wchar_t *name_space;
    IWbemClassObject *before, *after;
};

struct repository_change {
    struct repository *repository;
    MDB_txn *txn;
    bool internal;        /* the library's own classes: system names are allowed */
    bool classes_changed; /* so the cache does not know what this change sees */
    struct change_event *events, **last_event;
};

/* ---- keys (key.c) ---------------------------------------------------------------- */

/* A key being made. Too long a key never happens: texts are cut. */
struct key {
    uint8_t bytes[KEY_MOST];
    size_t size;
};

MDB_val key_val(const struct key *k);
void key_u32(struct key *k, uint32_t v); /* big-endian, so that order is kept */
/* Folded, as UTF-8 generalised to every code point; cut at `most` bytes plus a digest. */
void key_text(struct key *k, const wchar_t *text, size_t most);
/* A value such that equal values (as WQL compares them) give equal bytes and ordered ones ordered
 * bytes. */
void key_value(struct key *k, const struct cim_value *v, size_t most);
/* Namespaces: / is \, and no \ at the ends. */
void key_namespace(struct key *k, const wchar_t *name);
/* The canonical form of an instance's keys. WBEM_E_ILLEGAL_NULL with the name of the key. */
HRESULT key_of_instance(struct key *k, const struct schema *s,
                        void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                        const void *from);
/* The same from an object path. WBEM_E_INVALID_OBJECT_PATH. */
HRESULT key_of_path(struct key *k, struct schema *s, const struct object_path *path);
void getter_of_object(const void *object, uint32_t ordinal, struct cim_value *ret);

/* ---- the environment (store.c) ------------------------------------------------------- */

HRESULT store_open(struct repository *r, const char *place, bool read_only);
/* A backup: one file that nobody else writes. */
HRESULT store_open_file(struct repository *r, const char *file);
void store_close(struct repository *r);
HRESULT store_error(struct repository *r, int rc, const char *doing);
/* WBEM_E_NOT_FOUND without an error object. */
HRESULT store_get(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k,
                  MDB_val *ret);
HRESULT store_put(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k,
                  const void *bytes, size_t size);
HRESULT store_delete(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k);
/* Counters and stamps. An absent one is 0. */
HRESULT store_get_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t *ret);
HRESULT store_put_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t v);
/* The next number of a sequence, from 1. */
HRESULT store_next_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t *ret);

/* Walks the records whose keys begin with a prefix. */
struct walk {
    MDB_cursor *cursor;
    struct key prefix;
    MDB_val key, value;
    bool started;
};
HRESULT walk_open(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix,
                  struct walk *ret);
/* WBEM_S_FALSE after the last. */
HRESULT walk_next(struct repository *r, struct walk *w);
void walk_close(struct walk *w);
/* Does any record begin with the prefix? */
HRESULT walk_any(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix,
                 bool *ret);
HRESULT walk_delete(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix);

/* ---- records (records.c) --------------------------------------------------------------- */

struct class_record {
    uint64_t version;
    uint32_t id;
    const uint8_t *block; /* the class, [MS-WMIO] 2.2.5; borrowed from the transaction */
    uint32_t block_size;
    struct key key; /* that it stands under */
};

HRESULT class_record_get(struct repository *r, MDB_txn *txn, uint32_t name_space,
                         const wchar_t *name, struct class_record *ret);
HRESULT class_record_get_folded(struct repository *r, MDB_txn *txn, const struct key *k,
                                struct class_record *ret);
HRESULT class_record_put(struct repository_change *c, const struct key *k, uint32_t id,
                         IWbemClassObject *cls);
void class_key(struct key *k, uint32_t name_space, const wchar_t *name);

/* ---- namespaces (namespace.c) ------------------------------------------------------------ */

/* WBEM_E_INVALID_NAMESPACE. */
HRESULT namespace_id(struct repository *r, MDB_txn *txn, const wchar_t *name, uint32_t *ret);
HRESULT namespace_create(struct repository_change *c, const wchar_t *name);
HRESULT namespace_delete(struct repository_change *c, const wchar_t *name);
/* The descriptor of a namespace that is being deleted (security.c). */
HRESULT security_forget(struct repository_change *c, uint32_t name_space);
/* The handle for a name; made if need be. */
HRESULT namespace_handle(struct repository *r, MDB_txn *txn, const wchar_t *name,
                         struct repository_namespace **ret);
/* Child namespaces as the transaction sees them. */
HRESULT namespace_children(struct repository *r, MDB_txn *txn, const wchar_t *name,
                           HRESULT (*visit)(void *closure, const wchar_t *name), void *closure);
/* An instance of __NAMESPACE for the namespace `name`. */
HRESULT namespace_object(struct repository *r, MDB_txn *txn, const wchar_t *name,
                         IWbemClassObject **ret);

/* ---- classes (class_cache.c, class_change.c) ------------------------------------------------ */

/* From a snapshot: shared objects. */
HRESULT class_read(struct repository_namespace *n, MDB_txn *txn, const struct key *k,
                   class_texts amended, IWbemClassObject **ret);
/* class_texts.c: `defined`, of that record, with texts of locales, if they have any. */
HRESULT class_with_texts(struct repository_namespace *n, MDB_txn *txn,
                         const struct class_record *record, class_texts texts,
                         IWbemClassObject *defined, IWbemClassObject **ret);
/* A new reference, or NULL. */
IWbemClassObject *class_cache_get_localized(struct repository *r, const struct class_record *record,
                                            const struct class_localized *wanted);
void class_cache_put_localized(struct repository *r, const struct class_record *record,
                               const struct class_localized *as, IWbemClassObject *object);
/* The same as a change sees it; with amended qualifiers. */
HRESULT class_fetch(struct repository_change *c, struct repository_namespace *n,
                    const struct key *k, IWbemClassObject **ret);
/* From whatever transaction, also one that may be aborted: an object of its own. */
HRESULT class_decode(struct repository_namespace *n, const struct class_record *record,
                     IWbemClassObject **ret);
void class_cache_clear(struct repository *r);
/* Visit a subtree of `superclass` (0: all top-level classes). */
HRESULT class_visit_ids(struct repository *r, MDB_txn *txn, uint32_t name_space,
                        uint32_t superclass, bool deep,
                        HRESULT (*visit)(void *closure, const struct key *name, uint32_t id),
                        void *closure);
/* Gives a new namespace the system classes of another. */
HRESULT class_copy_system(struct repository_change *c, uint32_t from, uint32_t to);
/* The classes of a namespace with all their instances, without events. */
HRESULT class_delete_all(struct repository_change *c, uint32_t name_space);
void child_key(struct key *k, uint32_t name_space, uint32_t superclass);
/* The id of the class's superclass; 0: it has none. */
HRESULT class_superclass_id(struct repository *r, MDB_txn *txn, uint32_t name_space,
                            const struct schema *s, uint32_t *ret);

/* ---- instances (instance.c, scan.c, index.c) ---------------------------------------------------
 */

void instance_key(struct key *k, uint32_t class_id, const struct key *canonical);
HRESULT instances_any(struct repository *r, MDB_txn *txn, uint32_t class_id, bool *ret);
/* Of one class, with an event for each. */
HRESULT instances_delete(struct repository_change *c, struct repository_namespace *n,
                         const struct class_record *record);
/* After a change of the class: every instance in its new form, the indexes anew. */
HRESULT instances_convert(struct repository_change *c, struct repository_namespace *n,
                          uint32_t class_id, struct schema *from, struct schema *to);
/* One instance as a snapshot sees it. WBEM_E_INVALID_CLASS, WBEM_E_NOT_FOUND. */
HRESULT instance_get_at(struct repository_namespace *n, MDB_txn *txn,
                        const struct object_path *path, IWbemClassObject **ret);

/* Put or remove what the indexes say of one instance. */
HRESULT index_add(struct repository *r, MDB_txn *txn, uint32_t class_id, struct schema *s,
                  const struct key *canonical, const struct instance_view *view);
HRESULT index_remove(struct repository *r, MDB_txn *txn, uint32_t class_id, struct schema *s,
                     const struct key *canonical, const struct instance_view *view);
/* The index key of one value. */
HRESULT index_key(struct key *k, uint32_t class_id, const struct schema *s, uint32_t ordinal,
                  const struct cim_value *v);
bool index_has(const struct schema *s, uint32_t ordinal);

/* ---- events (observe.c) ---------------------------------------------------------------------- */

HRESULT change_note(struct repository_change *c, enum repository_event_kind kind, bool is_class,
                    const wchar_t *name_space, IWbemClassObject *before, IWbemClassObject *after);
void change_forget_events(struct repository_change *c);
void change_tell_observers(const struct repository_change *c, uint64_t ticket);

/* ---- backups (repository.c, backup.c)
 * ------------------------------------------------------------ */

HRESULT repository_open_backup(const char *file, struct repository **ret);

/* ---- the library's own classes (builtin.c) ------------------------------------------------------
 */

/* Once for each version of the library: WBEM_S_NO_ERROR also when they are there already. */
HRESULT builtin_install(struct repository *r);
/* In a repository that can't be written: WBEM_E_NOT_FOUND unless they are there. */
HRESULT builtin_present(struct repository *r);
HRESULT builtin_load(struct repository_change *c, const char *file, const char *text, size_t size,
                     const wchar_t *name_space);

#endif
