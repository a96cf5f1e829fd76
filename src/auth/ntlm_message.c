/*
 * The three messages of NTLM, [MS-NLMP] 2.2.1, and the pairs within. Nothing of
 * a peer is believed: each part has to lie within its message.
 */
#include "auth/ntlm.h"

#include <string.h>

static const char ntlm_signature[8] = "NTLMSSP";

enum {
    MESSAGE_NEGOTIATE = 1,
    MESSAGE_CHALLENGE = 2,
    MESSAGE_AUTHENTICATE = 3,
};

#define NEGOTIATE_FIXED 32 /* without the version */
#define CHALLENGE_FIXED 48
#define AUTHENTICATE_FIXED 64
#define VERSION_SIZE 8

HRESULT ntlm_bad_token(const char *what)
{
    return error_raise(SEC_E_INVALID_TOKEN, "NTLM", NULL, "The peer's message is not valid: %s.",
                       what);
}

static HRESULT check_head(const uint8_t *in, size_t size, uint32_t type, size_t fixed)
{
    if (size < fixed || memcmp(in, ntlm_signature, sizeof ntlm_signature) != 0) {
        return ntlm_bad_token("it is too short, or not one of NTLM's");
    }
    return get_u32(in + 8) == type ? S_OK : ntlm_bad_token("it is not the one whose turn it is");
}

/* Len, MaxLen (which says nothing) and BufferOffset. The offset of an empty part is not looked at:
 * peers leave anything there. */
static bool get_part(const uint8_t *in, size_t size, size_t at, struct ntlm_bytes *ret)
{
    size_t length = get_u16(in + at), offset = get_u32(in + at + 4);
    if (length == 0) {
        *ret = (struct ntlm_bytes){in, 0};
        return true;
    }
    if (offset > size || length > size - offset) {
        return false;
    }
    *ret = (struct ntlm_bytes){in + offset, length};
    return true;
}

HRESULT ntlm_read_negotiate(const uint8_t *in, size_t size, struct ntlm_negotiate *ret)
{
    /* The names may be left out whole: some clients stop after the flags. */
    HRESULT hr = check_head(in, size, MESSAGE_NEGOTIATE, 16);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (struct ntlm_negotiate){.flags = get_u32(in + 12)};
    if (size < NEGOTIATE_FIXED) {
        return S_OK;
    }
    if (((ret->flags & NTLM_DOMAIN_SUPPLIED) && !get_part(in, size, 16, &ret->domain)) ||
        ((ret->flags & NTLM_WORKSTATION_SUPPLIED) && !get_part(in, size, 24, &ret->workstation))) {
        return ntlm_bad_token("a name lies outside of it");
    }
    return S_OK;
}

HRESULT ntlm_read_challenge(const uint8_t *in, size_t size, struct ntlm_challenge *ret)
{
    HRESULT hr = check_head(in, size, MESSAGE_CHALLENGE, CHALLENGE_FIXED);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (struct ntlm_challenge){.flags = get_u32(in + 20)};
    memcpy(ret->challenge, in + 24, sizeof ret->challenge);
    size_t used;
    if (!get_part(in, size, 12, &ret->target_name) || !get_part(in, size, 40, &ret->target_info)) {
        return ntlm_bad_token("a part lies outside of it");
    }
    if (ret->target_info.size > 0 && !ntlm_av_check(ret->target_info, &used)) {
        return ntlm_bad_token("the target information has no end");
    }
    return S_OK;
}

HRESULT ntlm_read_authenticate(const uint8_t *in, size_t size, struct ntlm_authenticate *ret)
{
    HRESULT hr = check_head(in, size, MESSAGE_AUTHENTICATE, AUTHENTICATE_FIXED);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (struct ntlm_authenticate){.flags = get_u32(in + 60), .payload = size};
    struct ntlm_bytes *parts[] = {&ret->lm,   &ret->nt,          &ret->domain,
                                  &ret->user, &ret->workstation, &ret->key};
    for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
        if (!get_part(in, size, 12 + 8 * i, parts[i])) {
            return ntlm_bad_token("a part lies outside of it");
        }
        size_t at = (size_t)(parts[i]->at - in);
        if (parts[i]->size > 0 && at < ret->payload) {
            ret->payload = at;
        }
    }
    return ret->payload >= AUTHENTICATE_FIXED ? S_OK : ntlm_bad_token("a part lies in its head");
}

static void put_head(struct buffer *out, uint32_t type)
{
    buffer_put(out, ntlm_signature, sizeof ntlm_signature);
    buffer_u32(out, type);
}

static void put_u64_to(struct buffer *out, uint64_t v)
{
    uint8_t *to = buffer_add(out, 8);
    if (to) {
        put_u64(to, v);
    }
}

/* Parts of a message stand one after another; *at is where the next one will. */
static void put_part(struct buffer *out, struct ntlm_bytes part, size_t *at)
{
    buffer_u16(out, (uint16_t)part.size);
    buffer_u16(out, (uint16_t)part.size);
    buffer_u32(out, (uint32_t)*at);
    *at += part.size;
}

void ntlm_write_negotiate(struct buffer *out, const struct ntlm_negotiate *m, uint64_t version)
{
    size_t at = NEGOTIATE_FIXED + VERSION_SIZE;
    put_head(out, MESSAGE_NEGOTIATE);
    buffer_u32(out, m->flags);
    put_part(out, m->domain, &at);
    put_part(out, m->workstation, &at);
    put_u64_to(out, (m->flags & NTLM_VERSION) ? version : 0);
    buffer_put(out, m->domain.at, m->domain.size);
    buffer_put(out, m->workstation.at, m->workstation.size);
}

void ntlm_write_challenge(struct buffer *out, const struct ntlm_challenge *m)
{
    size_t at = CHALLENGE_FIXED + VERSION_SIZE;
    put_head(out, MESSAGE_CHALLENGE);
    put_part(out, m->target_name, &at);
    buffer_u32(out, m->flags);
    buffer_put(out, m->challenge, sizeof m->challenge);
    put_u64_to(out, 0);
    put_part(out, m->target_info, &at);
    put_u64_to(out, (m->flags & NTLM_VERSION) ? m->version : 0);
    buffer_put(out, m->target_name.at, m->target_name.size);
    buffer_put(out, m->target_info.at, m->target_info.size);
}

/* The fields come in one order, the payload in another: that of the examples in [MS-NLMP] 4.2. */
void ntlm_write_authenticate(struct buffer *out, const struct ntlm_authenticate *m)
{
    const struct ntlm_bytes fields[] = {m->lm, m->nt, m->domain, m->user, m->workstation, m->key};
    static const uint8_t payload_order[] = {2, 3, 4, 0, 1, 5};
    size_t at = NTLM_MIC_OFFSET + (m->mic ? NTLM_MIC_SIZE : 0), offsets[ARRAYSIZE(fields)];
    for (size_t i = 0; i < ARRAYSIZE(payload_order); i++) {
        offsets[payload_order[i]] = at;
        at += fields[payload_order[i]].size;
    }
    put_head(out, MESSAGE_AUTHENTICATE);
    for (size_t i = 0; i < ARRAYSIZE(fields); i++) {
        put_part(out, fields[i], &offsets[i]);
    }
    buffer_u32(out, m->flags);
    put_u64_to(out, (m->flags & NTLM_VERSION) ? m->version : 0);
    if (m->mic) {
        put_u64_to(out, 0);
        put_u64_to(out, 0);
    }
    for (size_t i = 0; i < ARRAYSIZE(payload_order); i++) {
        buffer_put(out, fields[payload_order[i]].at, fields[payload_order[i]].size);
    }
}

/* ---- pairs -------------------------------------------------------------------- */

static bool av_next(struct ntlm_bytes list, size_t *at, uint16_t *id, struct ntlm_bytes *value)
{
    if (list.size - *at < 4) {
        return false;
    }
    size_t size = get_u16(list.at + *at + 2);
    if (list.size - *at - 4 < size) {
        return false;
    }
    *id = get_u16(list.at + *at);
    *value = (struct ntlm_bytes){list.at + *at + 4, size};
    *at += 4 + size;
    return true;
}

bool ntlm_av_check(struct ntlm_bytes list, size_t *used)
{
    uint16_t id;
    struct ntlm_bytes value;
    for (size_t at = 0; av_next(list, &at, &id, &value);) {
        if (id == NTLM_AV_EOL) {
            *used = at;
            return true;
        }
    }
    return false;
}

bool ntlm_av_find(struct ntlm_bytes list, enum ntlm_av wanted, struct ntlm_bytes *ret)
{
    uint16_t id;
    struct ntlm_bytes value;
    for (size_t at = 0; av_next(list, &at, &id, &value) && id != NTLM_AV_EOL;) {
        if (id == (uint16_t)wanted) {
            *ret = value;
            return true;
        }
    }
    return false;
}

void ntlm_av_put(struct buffer *out, enum ntlm_av id, const void *value, size_t size)
{
    buffer_u16(out, (uint16_t)id);
    buffer_u16(out, (uint16_t)size);
    buffer_put(out, value, size);
}

/* ---- text ------------------------------------------------------------------------ */

HRESULT ntlm_put_text(struct buffer *out, const char *utf8)
{
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(utf8);
    if (!wide) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a name.");
    }
    size_t length = wcslen(wide), units = com_utf16_length_of_wide(wide, length);
    if (units > UINT16_MAX / 2) {
        return error_raise(E_INVALIDARG, "NTLM", NULL, "A name has more than 32767 characters.");
    }
    uint8_t *to = buffer_add(out, units * 2);
    if (to) {
        (void)com_utf16_put_wide(to, wide, length);
    }
    return S_OK;
}

HRESULT ntlm_get_text(struct ntlm_bytes text, bool unicode, char **ret)
{
    size_t length = unicode ? com_wide_length_of_utf16(text.at, text.size / 2) : text.size;
    if ((unicode && text.size % 2 != 0) || length > AUTH_NAME_MAX) {
        return ntlm_bad_token("a name is too long or has half a character");
    }
    CLEANUP(com_cleanup_free) wchar_t *wide = calloc(length + 1, sizeof *wide);
    if (!wide) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a name.");
    }
    if (unicode) {
        (void)com_wide_put_utf16(wide, text.at, text.size / 2);
    }
    for (size_t i = 0; i < length; i++) {
        /* Which OEM code page the client has nobody tells: ASCII is in all of them. */
        wide[i] = unicode ? wide[i] : (wchar_t)text.at[i];
        if (wide[i] == 0 || (!unicode && wide[i] > 0x7e)) {
            return ntlm_bad_token("a name has a character that no name has");
        }
    }
    *ret = com_utf8_from_wide_n(wide, length);
    return *ret ? S_OK : error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a name.");
}
