/* Security identifiers, [MS-DTYP] 2.4.2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/bytes.h"
#include "security/security.h"

#define REVISION 1u
#define HEADER_SIZE 8u
/* S-1-22: what a Unix user or group has no better identifier for. */
#define AUTHORITY_UNIX 22u
#define UNIX_USERS 1u
#define UNIX_GROUPS 2u

#define NUMBER(v) (uint8_t)(v), (uint8_t)((v) >> 8), 0, 0
const struct sid sid_everyone = {{1, 1, 0, 0, 0, 0, 0, 1, NUMBER(0)}, 12};
const struct sid sid_network = {{1, 1, 0, 0, 0, 0, 0, 5, NUMBER(2)}, 12};
const struct sid sid_authenticated_users = {{1, 1, 0, 0, 0, 0, 0, 5, NUMBER(11)}, 12};
const struct sid sid_administrators = {{1, 2, 0, 0, 0, 0, 0, 5, NUMBER(32), NUMBER(544)}, 16};

static void begin(struct sid *s, uint64_t authority)
{
    *s = (struct sid){.size = HEADER_SIZE};
    s->bytes[0] = REVISION;
    for (int i = 0; i < 6; i++) {
        s->bytes[2 + i] = (uint8_t)(authority >> (8 * (5 - i)));
    }
}

static bool add(struct sid *s, uint32_t sub_authority)
{
    if (s->bytes[1] == SID_SUB_AUTHORITIES_MAX) {
        return false;
    }
    put_u32(s->bytes + s->size, sub_authority);
    s->size += 4;
    s->bytes[1]++;
    return true;
}

void sid_of_user(uid_t uid, struct sid *ret)
{
    begin(ret, AUTHORITY_UNIX);
    add(ret, UNIX_USERS);
    add(ret, uid);
}

void sid_of_group(gid_t gid, struct sid *ret)
{
    begin(ret, AUTHORITY_UNIX);
    add(ret, UNIX_GROUPS);
    add(ret, gid);
}

bool sid_equal(const struct sid *a, const struct sid *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

bool sid_read(const uint8_t *bytes, size_t size, struct sid *ret)
{
    if (size < HEADER_SIZE || bytes[0] != REVISION || bytes[1] > SID_SUB_AUTHORITIES_MAX ||
        size - HEADER_SIZE < 4u * bytes[1]) {
        return false;
    }
    *ret = (struct sid){.size = HEADER_SIZE + 4u * bytes[1]};
    memcpy(ret->bytes, bytes, ret->size);
    return true;
}

void sid_print(const struct sid *s, char *out)
{
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++) {
        authority = authority << 8 | s->bytes[2 + i];
    }
    /* 2.4.2.1: beyond 32 bits the authority is told in hexadecimal. */
    int at = snprintf(out, SID_TEXT_MAX, authority >> 32 ? "S-1-0x%012llx" : "S-1-%llu",
                      (unsigned long long)authority);
    for (uint32_t i = HEADER_SIZE; i + 4 <= s->size; i += 4) {
        at += snprintf(out + at, SID_TEXT_MAX - (size_t)at, "-%u", get_u32(s->bytes + i));
    }
}

/* The number at *at, up to `most`; *at goes behind it. */
static bool read_number(const char **at, uint64_t most, uint64_t *ret)
{
    char *end;
    bool hexadecimal = (*at)[0] == '0' && (*at)[1] == 'x';
    if (**at < '0' || **at > '9') {
        return false;
    }
    unsigned long long v = strtoull(*at, &end, hexadecimal ? 16 : 10);
    *at = end;
    *ret = v;
    return v <= most;
}

bool sid_parse(const char *text, struct sid *ret)
{
    uint64_t number;
    if (strncasecmp(text, "S-1-", 4) != 0) {
        return false;
    }
    const char *at = text + 4;
    if (!read_number(&at, 0xffffffffffffull, &number)) {
        return false;
    }
    begin(ret, number);
    while (*at == '-') {
        at++;
        if (!read_number(&at, UINT32_MAX, &number) || !add(ret, (uint32_t)number)) {
            return false;
        }
    }
    return *at == '\0';
}
