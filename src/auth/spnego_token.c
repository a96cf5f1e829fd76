/*
 * NegTokenInit, NegTokenInit2 and NegTokenResp, read and written.
 */
#include "auth/spnego.h"

#include <string.h>

static const struct {
    enum spnego_mech mech;
    uint8_t size;
    const char *oid;
} mech_oids[] = {
    {SPNEGO_KERBEROS_MS, 9, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"},
    {SPNEGO_KERBEROS, 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"},
    {SPNEGO_NTLM, 10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"},
};

/* Nobody has a hundred of them. */
#define MECH_LIST_MOST 1024
#define SPNEGO_OID "\x2b\x06\x01\x05\x05\x02"
#define SPNEGO_OID_SIZE 6

HRESULT spnego_bad_token(const char *what)
{
    return error_raise(SEC_E_INVALID_TOKEN, "SPNEGO", NULL, "The peer's token is not valid: %s.",
                       what);
}

static enum spnego_mech mech_of_oid(struct der oid)
{
    for (size_t i = 0; i < ARRAYSIZE(mech_oids); i++) {
        if (oid.size == mech_oids[i].size && memcmp(oid.at, mech_oids[i].oid, oid.size) == 0) {
            return mech_oids[i].mech;
        }
    }
    return SPNEGO_UNKNOWN;
}

static bool read_mechs(struct der field, struct spnego_init *ret)
{
    struct der list, oid;
    ret->mech_list = field; /* kept for its MIC */
    if (field.size > MECH_LIST_MOST || !der_take(&field, DER_SEQUENCE, &list) || field.size > 0) {
        return false;
    }
    while (list.size > 0) {
        if (!der_take(&list, DER_OID, &oid) || ret->mech_count == SPNEGO_MECHS_MAX) {
            return false;
        }
        ret->mechs[ret->mech_count++] = mech_of_oid(oid);
    }
    return true;
}

static bool read_octets(struct der field, struct der *ret)
{
    return der_take(&field, DER_OCTET_STRING, ret) && field.size == 0;
}

/* Field 3 is the MIC of RFC 4178 or the hints of [MS-SPNG] 2.2.1, field 4 the latter's MIC. */
static bool read_init_field(unsigned number, struct der field, struct spnego_init *ret)
{
    struct der ignored;
    switch (number) {
    case 0:
        return ret->mech_list.at == NULL && read_mechs(field, ret);
    case 1:
        return der_take(&field, DER_BIT_STRING, &ignored);
    case 2:
        return read_octets(field, &ret->token);
    case 3:
        return field.size > 0 && field.at[0] == DER_SEQUENCE ? true : read_octets(field, &ret->mic);
    case 4:
        return read_octets(field, &ret->mic);
    default:
        return false;
    }
}

HRESULT spnego_read_init(const uint8_t *in, size_t size, struct spnego_init *ret)
{
    struct der all = {in, size}, token, oid, choice, fields, field;
    uint8_t tag;
    *ret = (struct spnego_init){0};
    if (!der_take(&all, DER_APPLICATION_0, &token) || !der_take(&token, DER_OID, &oid) ||
        oid.size != SPNEGO_OID_SIZE || memcmp(oid.at, SPNEGO_OID, SPNEGO_OID_SIZE) != 0) {
        return spnego_bad_token("it is not SPNEGO's first one");
    }
    if (!der_take(&token, DER_CONTEXT(0), &choice) || !der_take(&choice, DER_SEQUENCE, &fields)) {
        return spnego_bad_token("it has no NegTokenInit");
    }
    while (fields.size > 0) {
        if (!der_next(&fields, &tag, &field) || tag < DER_CONTEXT(0) || tag > DER_CONTEXT(4) ||
            !read_init_field((unsigned)tag - DER_CONTEXT(0), field, ret)) {
            return spnego_bad_token("a field of its NegTokenInit is damaged");
        }
    }
    return ret->mech_count > 0 ? S_OK : spnego_bad_token("it names no mechanism");
}

static bool read_response_field(unsigned number, struct der field, struct spnego_response *ret)
{
    struct der value;
    switch (number) {
    case 0:
        if (!der_take(&field, DER_ENUMERATED, &value) || value.size != 1 ||
            value.at[0] > SPNEGO_REQUEST_MIC) {
            return false;
        }
        ret->state = (enum spnego_state)value.at[0];
        return true;
    case 1:
        if (!der_take(&field, DER_OID, &value)) {
            return false;
        }
        ret->has_mech = true;
        ret->mech = mech_of_oid(value);
        return true;
    case 2:
        return read_octets(field, &ret->token);
    case 3:
        return read_octets(field, &ret->mic);
    default:
        return false;
    }
}

HRESULT spnego_read_response(const uint8_t *in, size_t size, struct spnego_response *ret)
{
    struct der all = {in, size}, choice, fields, field;
    uint8_t tag;
    *ret = (struct spnego_response){.state = SPNEGO_NO_STATE};
    if (!der_take(&all, DER_CONTEXT(1), &choice) || !der_take(&choice, DER_SEQUENCE, &fields)) {
        return spnego_bad_token("it has no NegTokenResp");
    }
    while (fields.size > 0) {
        if (!der_next(&fields, &tag, &field) || tag < DER_CONTEXT(0) || tag > DER_CONTEXT(3) ||
            !read_response_field((unsigned)tag - DER_CONTEXT(0), field, ret)) {
            return spnego_bad_token("a field of its NegTokenResp is damaged");
        }
    }
    return S_OK;
}

/* ---- writing -------------------------------------------------------------------- */

/* Wraps what is in *b in an element. */
static void wrap(struct buffer *b, uint8_t tag)
{
    struct buffer outer = {0};
    der_put(&outer, tag, b->bytes, b->size);
    outer.failed |= b->failed;
    buffer_done(b);
    *b = outer;
}

static void put_all(struct buffer *out, struct buffer *b)
{
    buffer_put(out, b->bytes, b->size);
    out->failed |= b->failed;
    buffer_done(b);
}

/* Field [number] of type tag. */
static void put_field(struct buffer *out, unsigned number, uint8_t tag, struct der value)
{
    struct buffer b = {0};
    der_put(&b, tag, value.at, value.size);
    wrap(&b, (uint8_t)DER_CONTEXT(number));
    put_all(out, &b);
}

static struct der oid_of_mech(enum spnego_mech mech)
{
    for (size_t i = 0; i < ARRAYSIZE(mech_oids); i++) {
        if (mech_oids[i].mech == mech) {
            return (struct der){(const uint8_t *)mech_oids[i].oid, mech_oids[i].size};
        }
    }
    return (struct der){NULL, 0};
}

void spnego_write_mechs(struct buffer *out, const enum spnego_mech *mechs, size_t count)
{
    struct buffer list = {0};
    for (size_t i = 0; i < count; i++) {
        struct der oid = oid_of_mech(mechs[i]);
        der_put(&list, DER_OID, oid.at, oid.size);
    }
    wrap(&list, DER_SEQUENCE);
    put_all(out, &list);
}

void spnego_write_init(struct buffer *out, const struct spnego_init *m, bool hint)
{
    static const char ignore[] = "not_defined_in_RFC4178@please_ignore";
    struct buffer body = {0}, all = {0};
    der_put(&body, DER_CONTEXT(0), m->mech_list.at, m->mech_list.size);
    if (m->token.at) {
        put_field(&body, 2, DER_OCTET_STRING, m->token);
    }
    if (hint) {
        struct buffer hints = {0};
        put_field(&hints, 0, DER_GENERAL_STRING,
                  (struct der){(const uint8_t *)ignore, sizeof ignore - 1});
        wrap(&hints, DER_SEQUENCE);
        wrap(&hints, DER_CONTEXT(3));
        put_all(&body, &hints);
    }
    wrap(&body, DER_SEQUENCE);
    wrap(&body, DER_CONTEXT(0));
    der_put(&all, DER_OID, SPNEGO_OID, SPNEGO_OID_SIZE);
    put_all(&all, &body);
    wrap(&all, DER_APPLICATION_0);
    put_all(out, &all);
}

void spnego_write_response(struct buffer *out, const struct spnego_response *m)
{
    struct buffer body = {0};
    if (m->state != SPNEGO_NO_STATE) {
        const uint8_t state = (uint8_t)m->state;
        put_field(&body, 0, DER_ENUMERATED, (struct der){&state, 1});
    }
    if (m->has_mech) {
        put_field(&body, 1, DER_OID, oid_of_mech(m->mech));
    }
    if (m->token.at) {
        put_field(&body, 2, DER_OCTET_STRING, m->token);
    }
    if (m->mic.at) {
        put_field(&body, 3, DER_OCTET_STRING, m->mic);
    }
    wrap(&body, DER_SEQUENCE);
    wrap(&body, DER_CONTEXT(1));
    put_all(out, &body);
}
