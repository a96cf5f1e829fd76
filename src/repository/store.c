/*
 * LMDB: opening the environment, reading, writing and walking, with errors
 * that name the place. Snapshots are LMDB's read transactions, and a commit is
 * durable when it returns, so nothing else is needed against a crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/repository_private.h"

/* Address space, not disk or memory: how large the file may ever grow. */
#define MAP_SIZE ((size_t)64 << 30)
#define MAP_SIZE_IN_MEMORY ((size_t)8 << 30)
/* Room for READERS_MOST readers, each a cache line, behind LMDB's own header. */
#define LOCK_FILE_SIZE ((READERS_MOST + 4) * 64)

/* ---- errors ---------------------------------------------------------------- */

static HRESULT store_status(int rc)
{
    switch (rc) {
    case MDB_NOTFOUND:
        return WBEM_E_NOT_FOUND;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return WBEM_E_OUT_OF_DISK_SPACE;
    case ENOMEM:
        return WBEM_E_OUT_OF_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
        return WBEM_E_ACCESS_DENIED;
    case MDB_READERS_FULL:
        return WBEM_E_SERVER_TOO_BUSY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return WBEM_E_CRITICAL_ERROR;
    default:
        return WBEM_E_FAILED;
    }
}

HRESULT store_error(struct repository *r, int rc, const char *doing)
{
    return error_raise(store_status(rc), "Repository", repository_place(r),
                       "the repository in %s: %s: %s", repository_place(r), doing,
                       mdb_strerror(rc));
}

/* ---- opening ----------------------------------------------------------------- */

/* The folder and those above it, as mkdir -p does it; new ones are the owner's alone. */
static HRESULT make_folders(struct repository *r, const char *place)
{
    CLEANUP(com_cleanup_free) char *path = strdup(place);
    if (!path) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (char *at = path + 1;; at++) {
        char was = *at;
        if (was != '/' && was != '\0') {
            continue;
        }
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return store_error(r, errno, "its folder can't be made");
        }
        if (was == '\0') {
            return WBEM_S_NO_ERROR;
        }
        *at = was;
    }
}

/* A folder without a name for a repository in memory: the files live on in their mapping. */
static HRESULT make_nameless(struct repository *r, char *ret_path, size_t size)
{
    const char *temporary = getenv("TMPDIR");
    const char *folders[] = {"/dev/shm", temporary && *temporary ? temporary : "/tmp"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(ret_path, size, "%s/wbem-XXXXXX", folders[i]);
        if (mkdtemp(ret_path)) {
            return WBEM_S_NO_ERROR;
        }
    }
    return store_error(r, errno, "a folder for a repository in memory can't be made");
}

static void remove_folder(const char *path)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    char file[512];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(file, sizeof(file), "%s/%s", path, names[i]);
        (void)unlink(file);
    }
    (void)rmdir(path);
}

/* Under a read transaction where they exist already: no waiting for a writer then. */
static int open_handles(struct repository *r, unsigned transaction, unsigned create)
{
    const struct {
        const char *name;
        MDB_dbi *handle;
        unsigned flags;
    } databases[] = {
        {"meta", &r->meta, 0},           {"namespaces", &r->namespaces, 0},
        {"classes", &r->classes, 0},     {"children", &r->children, 0},
        {"instances", &r->instances, 0}, {"indexes", &r->indexes, MDB_DUPSORT},
    };
    MDB_txn *txn;
    int rc = mdb_txn_begin(r->env, NULL, transaction, &txn);
    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; rc == 0 && i < sizeof(databases) / sizeof(databases[0]); i++) {
        rc = mdb_dbi_open(txn, databases[i].name, databases[i].flags | create, databases[i].handle);
    }
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn);
}

static HRESULT open_databases(struct repository *r)
{
    int rc = open_handles(r, MDB_RDONLY, 0);
    if (rc == MDB_NOTFOUND && !r->read_only) {
        rc = open_handles(r, 0, MDB_CREATE);
    }
    if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE) {
        return store_error(r, rc, "it has not the form of a repository");
    }
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be opened");
}

static HRESULT read_format(struct repository *r, uint64_t *ret)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(r->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        return store_error(r, rc, "it can't be read");
    }
    HRESULT hr = store_get_number(r, txn, "format", ret);
    mdb_txn_abort(txn);
    return hr;
}

static HRESULT write_format(struct repository *r)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(r->env, NULL, 0, &txn);
    if (rc != 0) {
        return store_error(r, rc, "it can't be written");
    }
    HRESULT hr = store_put_number(r, txn, "format", REPOSITORY_FORMAT);
    if (FAILED(hr)) {
        mdb_txn_abort(txn);
        return hr;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be written");
}

/* A new one gets our format's number; any other number is another version's. */
static HRESULT check_format(struct repository *r)
{
    uint64_t format = 0;
    HRESULT hr = read_format(r, &format);
    if (FAILED(hr) || format == REPOSITORY_FORMAT) {
        return hr;
    }
    if (format == 0 && !r->read_only) {
        return write_format(r);
    }
    return error_raise(WBEM_E_CRITICAL_ERROR, "Repository", repository_place(r),
                       "the repository in %s has format %llu; this version of libwbem reads %d",
                       repository_place(r), (unsigned long long)format, REPOSITORY_FORMAT);
}

/* A file that was cut off would end the process when its missing pages are touched; pages of
 * zeros are found to be wrong instead. */
static void fill_up(struct repository *r)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat st;
    int fd;
    if (mdb_env_info(r->env, &info) != 0 || mdb_env_stat(r->env, &stat) != 0 ||
        mdb_env_get_fd(r->env, &fd) != 0 || fstat(fd, &st) != 0) {
        return;
    }
    off_t wanted = (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
    if (st.st_size < wanted && wanted <= (off_t)info.me_mapsize) {
        (void)!ftruncate(fd, wanted);
    }
}

/* LMDB writes its table of readers by a mapping; on a full disk a hole in that file would end the
 * process (SIGBUS), so its blocks are asked for before. An existing file keeps its size, which says
 * to others how long the table is. */
static int reserve_lock_file(const char *path)
{
    char file[PATH_MAX];
    struct stat st;
    if (snprintf(file, sizeof(file), "%s/lock.mdb", path) >= (int)sizeof(file)) {
        return ENAMETOOLONG;
    }
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return error;
    }
    off_t wanted = st.st_size ? st.st_size : (off_t)LOCK_FILE_SIZE;
    int error = posix_fallocate(fd, 0, wanted);
    (void)close(fd);
    return error;
}

static HRESULT open_environment(struct repository *r, const char *path, size_t map, unsigned flags)
{
    int rc = mdb_env_create(&r->env);
    if (rc == 0) {
        rc = mdb_env_set_mapsize(r->env, map);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxdbs(r->env, 8);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxreaders(r->env, READERS_MOST);
    }
    if (rc == 0 && !(flags & (MDB_NOLOCK | MDB_RDONLY))) {
        rc = reserve_lock_file(path);
    }
    if (rc == 0) {
        rc = mdb_env_open(r->env, path, flags, 0600);
    }
    if (rc != 0) {
        return store_error(r, rc, "it can't be opened");
    }
    if (!(flags & MDB_RDONLY)) {
        fill_up(r);
    }
    if (!(flags & MDB_NOLOCK)) {
        int dead;
        (void)mdb_reader_check(r->env, &dead); /* slots of processes that were killed */
    }
    return WBEM_S_NO_ERROR;
}

HRESULT store_open(struct repository *r, const char *place, bool read_only)
{
    HRESULT hr;
    r->read_only = read_only;
    if (place) {
        r->place = strdup(place);
        hr = !r->place   ? WBEM_E_OUT_OF_MEMORY
             : read_only ? WBEM_S_NO_ERROR
                         : make_folders(r, place);
        if (SUCCEEDED(hr)) {
            hr = open_environment(r, place, MAP_SIZE, MDB_NOTLS | (read_only ? MDB_RDONLY : 0u));
        }
    } else {
        char folder[256];
        hr = make_nameless(r, folder, sizeof(folder));
        if (SUCCEEDED(hr)) {
            hr = open_environment(r, folder, MAP_SIZE_IN_MEMORY, MDB_NOTLS | MDB_NOSYNC);
            remove_folder(folder);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = open_databases(r);
    }
    return SUCCEEDED(hr) ? check_format(r) : hr;
}

HRESULT store_open_file(struct repository *r, const char *file)
{
    r->read_only = true;
    r->place = strdup(file);
    HRESULT hr = r->place ? open_environment(r, file, MAP_SIZE,
                                             MDB_NOTLS | MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK)
                          : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = open_databases(r);
    }
    return SUCCEEDED(hr) ? check_format(r) : hr;
}

void store_close(struct repository *r)
{
    if (r->env) {
        mdb_env_close(r->env);
    }
    free(r->place);
    r->env = NULL;
    r->place = NULL;
}

/* ---- records --------------------------------------------------------------------- */

HRESULT store_get(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k, MDB_val *ret)
{
    MDB_val key = key_val(k);
    int rc = mdb_get(txn, db, &key, ret);
    if (rc == MDB_NOTFOUND) {
        return WBEM_E_NOT_FOUND;
    }
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be read");
}

HRESULT store_put(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k,
                  const void *bytes, size_t size)
{
    MDB_val key = key_val(k);
    MDB_val value = {.mv_size = size, .mv_data = (void *)(uintptr_t)bytes};
    int rc = mdb_put(txn, db, &key, &value, 0);
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be written");
}

HRESULT store_delete(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *k)
{
    MDB_val key = key_val(k);
    int rc = mdb_del(txn, db, &key, NULL);
    if (rc == MDB_NOTFOUND) {
        return WBEM_E_NOT_FOUND;
    }
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be written");
}

static void number_key(struct key *k, const char *name)
{
    k->size = strnlen(name, KEY_TEXT_MOST);
    memcpy(k->bytes, name, k->size);
}

HRESULT store_get_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t *ret)
{
    struct key k;
    MDB_val v;
    number_key(&k, name);
    *ret = 0;
    HRESULT hr = store_get(r, txn, r->meta, &k, &v);
    if (SUCCEEDED(hr) && v.mv_size == 8) {
        *ret = get_u64(v.mv_data);
    }
    return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
}

HRESULT store_put_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t v)
{
    struct key k;
    uint8_t bytes[8];
    number_key(&k, name);
    put_u64(bytes, v);
    return store_put(r, txn, r->meta, &k, bytes, sizeof(bytes));
}

HRESULT store_next_number(struct repository *r, MDB_txn *txn, const char *name, uint64_t *ret)
{
    HRESULT hr = store_get_number(r, txn, name, ret);
    if (SUCCEEDED(hr)) {
        ++*ret;
        hr = store_put_number(r, txn, name, *ret);
    }
    return hr;
}

/* ---- walks -------------------------------------------------------------------------- */

HRESULT walk_open(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix,
                  struct walk *ret)
{
    ret->prefix = *prefix;
    ret->started = false;
    ret->cursor = NULL;
    int rc = mdb_cursor_open(txn, db, &ret->cursor);
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be read");
}

HRESULT walk_next(struct repository *r, struct walk *w)
{
    MDB_cursor_op op = w->started ? MDB_NEXT : w->prefix.size ? MDB_SET_RANGE : MDB_FIRST;
    if (!w->started) {
        w->key = key_val(&w->prefix);
    }
    int rc = mdb_cursor_get(w->cursor, &w->key, &w->value, op);
    w->started = true;
    if (rc == MDB_NOTFOUND ||
        (rc == 0 && (w->key.mv_size < w->prefix.size ||
                     memcmp(w->key.mv_data, w->prefix.bytes, w->prefix.size) != 0))) {
        return WBEM_S_FALSE;
    }
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "it can't be read");
}

void walk_close(struct walk *w)
{
    if (w->cursor) {
        mdb_cursor_close(w->cursor);
        w->cursor = NULL;
    }
}

HRESULT walk_any(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix,
                 bool *ret)
{
    struct walk w;
    *ret = false;
    HRESULT hr = walk_open(r, txn, db, prefix, &w);
    if (SUCCEEDED(hr)) {
        hr = walk_next(r, &w);
        *ret = hr == WBEM_S_NO_ERROR;
        walk_close(&w);
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

HRESULT walk_delete(struct repository *r, MDB_txn *txn, MDB_dbi db, const struct key *prefix)
{
    struct walk w;
    HRESULT hr = walk_open(r, txn, db, prefix, &w);
    if (FAILED(hr)) {
        return hr;
    }
    while ((hr = walk_next(r, &w)) == WBEM_S_NO_ERROR) {
        /* Deleting moves the next record to the cursor's place: search again. */
        int rc = mdb_cursor_del(w.cursor, 0);
        if (rc != 0) {
            hr = store_error(r, rc, "it can't be written");
            break;
        }
        w.started = false;
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}
