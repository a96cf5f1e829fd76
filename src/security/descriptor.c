/*
 * Security descriptors in their self-relative form, [MS-DTYP] 2.4.6:
 *
 *   revision 1 | 1 | control 2 | offsets of owner, group, auditing list, list 4 each
 *   list (2.4.5): revision 1 | 1 | size 2 | entries 2 | 2
 *   entry (2.4.4): type 1 | flags 1 | size 2 | mask 4 | identifier
 */
#include <stdlib.h>

#include "object/bytes.h"
#include "object/object.h"
#include "security/security.h"

#define REVISION 1u
#define HEADER_SIZE 20u
#define ACL_REVISION 2u
#define ACL_REVISION_DS 4u
#define ACL_HEADER_SIZE 8u
#define ACE_HEADER_SIZE 8u

/* 2.4.6, Control */
#define SE_DACL_PRESENT 0x0004u
#define SE_DACL_PROTECTED 0x1000u
#define SE_SELF_RELATIVE 0x8000u

void descriptor_done(struct descriptor *d)
{
    free(d->aces);
    *d = (struct descriptor){.has_dacl = false};
}

HRESULT descriptor_add(struct descriptor *d, uint8_t type, uint8_t flags, uint32_t mask,
                       const struct sid *sid)
{
    if (d->count == d->capacity) {
        uint32_t capacity = d->capacity ? d->capacity * 2 : 8;
        struct ace *aces = realloc(d->aces, capacity * sizeof(*aces));
        if (!aces) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        d->aces = aces;
        d->capacity = capacity;
    }
    d->aces[d->count++] = (struct ace){type, flags, mask, *sid};
    d->has_dacl = true;
    return WBEM_S_NO_ERROR;
}

/* ---- reading -------------------------------------------------------------------- */

static HRESULT refuse(const char *why, size_t at)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, "SetSD", "sd",
                       "the security descriptor is not valid: %s (byte %zu)", why, at);
}

/* Owner or group; no offset: none. */
static HRESULT read_principal(const uint8_t *bytes, size_t size, uint32_t at, struct sid *ret)
{
    if (at == 0) {
        return WBEM_S_NO_ERROR;
    }
    return at >= HEADER_SIZE && at <= size && sid_read(bytes + at, size - at, ret)
               ? WBEM_S_NO_ERROR
               : refuse("owner or group is no security identifier", at);
}

static HRESULT read_ace(const uint8_t *bytes, size_t size, size_t at, struct descriptor *ret,
                        size_t *ret_size)
{
    struct sid sid;
    size_t left = size - at;
    if (left < ACE_HEADER_SIZE) {
        return refuse("an entry of the list is cut short", at);
    }
    *ret_size = get_u16(bytes + at + 2);
    if (*ret_size < ACE_HEADER_SIZE || *ret_size > left) {
        return refuse("an entry of the list has a wrong size", at);
    }
    if (bytes[at] != ACE_ALLOWED && bytes[at] != ACE_DENIED) {
        return refuse("an entry of the list neither allows nor denies", at);
    }
    if (!sid_read(bytes + at + ACE_HEADER_SIZE, *ret_size - ACE_HEADER_SIZE, &sid)) {
        return refuse("an entry of the list is for no security identifier", at);
    }
    return descriptor_add(ret, bytes[at], bytes[at + 1], get_u32(bytes + at + 4), &sid);
}

static HRESULT read_list(const uint8_t *bytes, size_t size, size_t at, struct descriptor *ret)
{
    if (at < HEADER_SIZE || at > size || size - at < ACL_HEADER_SIZE) {
        return refuse("the list stands outside of it", at);
    }
    uint8_t revision = bytes[at];
    size_t list = get_u16(bytes + at + 2);
    uint32_t count = get_u16(bytes + at + 4);
    if ((revision != ACL_REVISION && revision != ACL_REVISION_DS) || list < ACL_HEADER_SIZE ||
        list > size - at) {
        return refuse("the list has a wrong revision or size", at);
    }
    size_t end = at + list;
    HRESULT hr = WBEM_S_NO_ERROR;
    at += ACL_HEADER_SIZE;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        size_t ace = 0;
        hr = read_ace(bytes, end, at, ret, &ace);
        at += ace;
    }
    return hr;
}

HRESULT descriptor_read(const uint8_t *bytes, size_t size, struct descriptor *ret)
{
    struct descriptor d = {.has_dacl = false};
    if (size < HEADER_SIZE || size > SECURITY_DESCRIPTOR_SIZE_MAX || bytes[0] != REVISION) {
        return refuse("it is cut short, too long or of an unknown revision", 0);
    }
    uint16_t control = get_u16(bytes + 2);
    if (!(control & SE_SELF_RELATIVE)) {
        return refuse("it is not self-relative", 2);
    }
    HRESULT hr = read_principal(bytes, size, get_u32(bytes + 4), &d.owner);
    if (SUCCEEDED(hr)) {
        hr = read_principal(bytes, size, get_u32(bytes + 8), &d.group);
    }
    uint32_t list = get_u32(bytes + 16);
    if (SUCCEEDED(hr) && (control & SE_DACL_PRESENT) && list != 0) {
        d.has_dacl = true;
        d.protected_dacl = (control & SE_DACL_PROTECTED) != 0;
        hr = read_list(bytes, size, list, &d);
    }
    if (FAILED(hr)) {
        descriptor_done(&d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

/* ---- writing -------------------------------------------------------------------- */

static void write_list(const struct descriptor *d, struct buffer *out)
{
    uint32_t at = out->size, size = ACL_HEADER_SIZE;
    for (uint32_t i = 0; i < d->count; i++) {
        size += ACE_HEADER_SIZE + d->aces[i].sid.size;
    }
    buffer_set_u32(out, 16, at);
    buffer_u16(out, ACL_REVISION);
    buffer_u16(out, (uint16_t)size);
    buffer_u16(out, (uint16_t)d->count);
    buffer_u16(out, 0);
    for (uint32_t i = 0; i < d->count; i++) {
        const struct ace *a = &d->aces[i];
        buffer_u8(out, a->type);
        buffer_u8(out, a->flags);
        buffer_u16(out, (uint16_t)(ACE_HEADER_SIZE + a->sid.size));
        buffer_u32(out, a->mask);
        buffer_put(out, a->sid.bytes, a->sid.size);
    }
}

HRESULT descriptor_write(const struct descriptor *d, uint8_t **ret, uint32_t *ret_size)
{
    struct buffer out = {0};
    buffer_u16(&out, REVISION);
    buffer_u16(&out, (uint16_t)(SE_SELF_RELATIVE | (d->has_dacl ? SE_DACL_PRESENT : 0) |
                                (d->protected_dacl ? SE_DACL_PROTECTED : 0)));
    for (int i = 0; i < 4; i++) {
        buffer_u32(&out, 0); /* offsets, later */
    }
    if (d->owner.size) {
        buffer_set_u32(&out, 4, out.size);
        buffer_put(&out, d->owner.bytes, d->owner.size);
    }
    if (d->group.size) {
        buffer_set_u32(&out, 8, out.size);
        buffer_put(&out, d->group.bytes, d->group.size);
    }
    if (d->has_dacl) {
        write_list(d, &out);
    }
    if (out.failed || out.size > SECURITY_DESCRIPTOR_SIZE_MAX) {
        bool failed = out.failed;
        buffer_done(&out);
        return failed ? WBEM_E_OUT_OF_MEMORY : refuse("it is too long", 0);
    }
    *ret = out.bytes;
    *ret_size = out.size;
    return WBEM_S_NO_ERROR;
}

HRESULT descriptor_inherit(const struct descriptor *parent, struct descriptor *child)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < parent->count; i++) {
        const struct ace *a = &parent->aces[i];
        if (!(a->flags & ACE_CONTAINER_INHERIT)) {
            continue;
        }
        uint8_t flags = (uint8_t)((a->flags & ~ACE_INHERIT_ONLY) | ACE_INHERITED);
        if (a->flags & ACE_NO_PROPAGATE_INHERIT) {
            flags &=
                (uint8_t) ~(ACE_CONTAINER_INHERIT | ACE_OBJECT_INHERIT | ACE_NO_PROPAGATE_INHERIT);
        }
        hr = descriptor_add(child, a->type, flags, a->mask, &a->sid);
    }
    return hr;
}
