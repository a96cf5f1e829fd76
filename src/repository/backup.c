/*
 * Copies of the whole repository: one file in LMDB's own form, made while the
 * repository is in use; and back, as one change.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/repository_private.h"

static HRESULT raise_file(int error, const char *file, const char *doing)
{
    HRESULT hr = error == ENOSPC || error == EDQUOT || error == EFBIG  ? WBEM_E_OUT_OF_DISK_SPACE
                 : error == EACCES || error == EPERM || error == EROFS ? WBEM_E_ACCESS_DENIED
                 : error == ENOENT                                     ? WBEM_E_NOT_FOUND
                                                                       : WBEM_E_FAILED;
    return error_raise(hr, "Backup", file, "%s: %s: %s", file, doing, strerror(error));
}

/* ---- making one ------------------------------------------------------------------- */

HRESULT repository_backup(struct repository *r, const char *file)
{
    CLEANUP(com_cleanup_free) char *temporary = NULL;
    if (asprintf(&temporary, "%s.XXXXXX", file) < 0) {
        temporary = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    int fd = mkostemp(temporary, O_CLOEXEC); /* for the owner alone */
    if (fd < 0) {
        return raise_file(errno, file, "the backup can't be made");
    }
    int rc = mdb_env_copyfd2(r->env, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) != 0) {
        rc = errno;
    }
    if (close(fd) != 0 && rc == 0) {
        rc = errno;
    }
    if (rc == 0 && rename(temporary, file) != 0) {
        rc = errno;
    }
    if (rc != 0) {
        (void)unlink(temporary);
        return rc > 0 ? raise_file(rc, file, "the backup can't be written")
                      : store_error(r, rc, "the backup can't be made");
    }
    return WBEM_S_NO_ERROR;
}

/* ---- back ---------------------------------------------------------------------------- */

/* All records of one database, in order. */
static HRESULT copy_database(struct repository *to, MDB_txn *to_txn, MDB_dbi to_db,
                             struct repository *from, MDB_txn *from_txn, MDB_dbi from_db)
{
    static const struct key all = {.size = 0};
    struct walk w;
    int rc = mdb_drop(to_txn, to_db, 0);
    if (rc != 0) {
        return store_error(to, rc, "it can't be written");
    }
    HRESULT hr = walk_open(from, from_txn, from_db, &all, &w);
    while (SUCCEEDED(hr) && (hr = walk_next(from, &w)) == WBEM_S_NO_ERROR) {
        rc = mdb_put(to_txn, to_db, &w.key, &w.value, 0);
        if (rc != 0) {
            hr = store_error(to, rc, "it can't be written");
        }
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* Readers tell by a class's version whether they know it, so none may come again. */
static HRESULT renumber_versions(struct repository_change *c, uint64_t used)
{
    static const struct key all = {.size = 0};
    struct repository *r = c->repository;
    struct walk w;
    uint64_t counter = 0;
    HRESULT hr = store_get_number(r, c->txn, "version", &counter);
    if (SUCCEEDED(hr)) {
        hr = store_put_number(r, c->txn, "version", counter + used);
    }
    if (SUCCEEDED(hr)) {
        hr = walk_open(r, c->txn, r->classes, &all, &w);
    }
    if (FAILED(hr)) {
        return hr;
    }
    while ((hr = walk_next(r, &w)) == WBEM_S_NO_ERROR) {
        CLEANUP(com_cleanup_free) uint8_t *copy = malloc(w.value.mv_size);
        if (!copy || w.value.mv_size < 8) {
            hr = copy ? WBEM_E_CRITICAL_ERROR : WBEM_E_OUT_OF_MEMORY;
            break;
        }
        memcpy(copy, w.value.mv_data, w.value.mv_size);
        put_u64(copy, get_u64(copy) + used);
        MDB_val value = {.mv_size = w.value.mv_size, .mv_data = copy};
        int rc = mdb_cursor_put(w.cursor, &w.key, &value, MDB_CURRENT);
        if (rc != 0) {
            hr = store_error(r, rc, "it can't be written");
            break;
        }
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT replace_all(struct repository *r, struct repository *backup)
{
    struct repository_change *c;
    struct repository_snapshot *at;
    uint64_t used = 0;
    HRESULT hr = repository_change_begin(r, &c);
    if (FAILED(hr)) {
        return hr;
    }
    hr = repository_snapshot_take(backup, &at);
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    hr = store_get_number(r, c->txn, "version", &used);
    const struct {
        MDB_dbi to, from;
    } databases[] = {
        {r->meta, backup->meta},           {r->namespaces, backup->namespaces},
        {r->classes, backup->classes},     {r->children, backup->children},
        {r->instances, backup->instances}, {r->indexes, backup->indexes},
    };
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(databases) / sizeof(databases[0]); i++) {
        hr = copy_database(r, c->txn, databases[i].to, backup, at->txn, databases[i].from);
    }
    repository_snapshot_unref(at);
    if (SUCCEEDED(hr)) {
        hr = renumber_versions(c, used);
    }
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}

HRESULT repository_restore(struct repository *r, const char *file)
{
    struct stat st;
    struct repository *backup = NULL;
    if (stat(file, &st) != 0) {
        return raise_file(errno, file, "the backup can't be read");
    }
    if (!S_ISREG(st.st_mode)) {
        return raise_file(EINVAL, file, "a backup is a regular file");
    }
    HRESULT hr = repository_open_backup(file, &backup);
    if (SUCCEEDED(hr)) {
        hr = repository_check(backup);
    }
    if (SUCCEEDED(hr)) {
        hr = replace_all(r, backup);
    }
    repository_destroy(backup);
    return hr;
}
