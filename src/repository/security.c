/*
 * The security descriptor that was given to a namespace: bytes beside its
 * record, which whoever checks access makes sense of.
 */
#include <stdlib.h>

#include "repository/repository_private.h"

static void security_key(struct key *k, uint32_t name_space)
{
    static const char prefix[] = "security";
    memcpy(k->bytes, prefix, sizeof(prefix));
    k->size = sizeof(prefix);
    key_u32(k, name_space);
}

HRESULT repository_get_security(const struct repository_snapshot *at, const wchar_t *name,
                                uint8_t **ret, uint32_t *ret_size)
{
    struct repository *r = at->repository;
    struct key k;
    uint32_t id;
    MDB_val v;
    *ret = NULL;
    *ret_size = 0;
    HRESULT hr = namespace_id(r, at->txn, name, &id);
    if (SUCCEEDED(hr)) {
        security_key(&k, id);
        hr = store_get(r, at->txn, r->meta, &k, &v);
    }
    if (SUCCEEDED(hr)) {
        *ret = v.mv_size <= UINT32_MAX ? malloc(v.mv_size + 1) : NULL;
        hr = *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        memcpy(*ret, v.mv_data, v.mv_size);
        *ret_size = (uint32_t)v.mv_size;
    }
    return hr == WBEM_E_NOT_FOUND ? WBEM_S_FALSE : hr;
}

HRESULT repository_change_set_security(struct repository_change *c, const wchar_t *name_space,
                                       const void *bytes, size_t size)
{
    struct repository *r = c->repository;
    struct key k;
    uint32_t id;
    HRESULT hr = namespace_id(r, c->txn, name_space, &id);
    if (SUCCEEDED(hr)) {
        security_key(&k, id);
        hr = store_put(r, c->txn, r->meta, &k, bytes, size);
    }
    return hr;
}

HRESULT security_forget(struct repository_change *c, uint32_t name_space)
{
    struct key k;
    security_key(&k, name_space);
    HRESULT hr = store_delete(c->repository, c->txn, c->repository->meta, &k);
    return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
}
