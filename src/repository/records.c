/*
 * What stands in a class's record: version 8 | class id 4 | the class's object
 * block without decoration. A version is never used twice, so that whoever
 * keeps a class can tell whether it is still the one.
 */
#include <stdlib.h>

#include "repository/repository_private.h"

enum {
    CLASS_RECORD_HEADER = 12,
};

void class_key(struct key *k, uint32_t name_space, const wchar_t *name)
{
    k->size = 0;
    key_u32(k, name_space);
    key_text(k, name, KEY_TEXT_MOST);
}

HRESULT class_record_get_folded(struct repository *r, MDB_txn *txn, const struct key *k,
                                struct class_record *ret)
{
    MDB_val v;
    HRESULT hr = store_get(r, txn, r->classes, k, &v);
    if (FAILED(hr)) {
        return hr;
    }
    if (v.mv_size <= CLASS_RECORD_HEADER || v.mv_size > ENCODING_SIZE_MAX) {
        return error_raise(WBEM_E_CRITICAL_ERROR, "Repository", repository_place(r),
                           "the repository in %s is damaged: the record of a class is cut short",
                           repository_place(r));
    }
    const uint8_t *bytes = v.mv_data;
    ret->version = get_u64(bytes);
    ret->id = get_u32(bytes + 8);
    ret->key.size = k->size;
    memcpy(ret->key.bytes, k->bytes, k->size);
    ret->block = bytes + CLASS_RECORD_HEADER;
    ret->block_size = (uint32_t)(v.mv_size - CLASS_RECORD_HEADER);
    return WBEM_S_NO_ERROR;
}

HRESULT class_record_get(struct repository *r, MDB_txn *txn, uint32_t name_space,
                         const wchar_t *name, struct class_record *ret)
{
    struct key k;
    class_key(&k, name_space, name);
    return class_record_get_folded(r, txn, &k, ret);
}

HRESULT class_record_put(struct repository_change *c, const struct key *k, uint32_t id,
                         IWbemClassObject *cls)
{
    struct repository *r = c->repository;
    const uint8_t *block;
    uint32_t size;
    uint64_t version;
    c->classes_changed = true;
    HRESULT hr = object_encoding(cls, &block, &size);
    if (SUCCEEDED(hr)) {
        hr = store_next_number(r, c->txn, "version", &version);
    }
    if (FAILED(hr)) {
        return hr;
    }
    MDB_val key = key_val(k);
    MDB_val value = {.mv_size = CLASS_RECORD_HEADER + (size_t)size};
    int rc = mdb_put(c->txn, r->classes, &key, &value, MDB_RESERVE);
    if (rc != 0) {
        return store_error(r, rc, "it can't be written");
    }
    uint8_t *bytes = value.mv_data;
    put_u64(bytes, version);
    put_u32(bytes + 8, id);
    memcpy(bytes + CLASS_RECORD_HEADER, block, size);
    return WBEM_S_NO_ERROR;
}
