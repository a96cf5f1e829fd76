/*
 * DUALSTRINGARRAY, [MS-DCOM] 2.2.19: string bindings (where) and security
 * bindings (how), in the order of the sender's preference.
 */
#include "com/com.h"
#include "dcom/dcom_data.h"

#include <string.h>

#define NO_AUTHZ 0xFFFF /* 2.2.19.4: the reserved field */

void dcom_bindings_done(struct dcom_bindings *b)
{
    for (size_t i = 0; i < b->string_count; i++) {
        free(b->strings[i].address);
    }
    for (size_t i = 0; i < b->security_count; i++) {
        free(b->securities[i].principal);
    }
    free(b->strings);
    free(b->securities);
    *b = (struct dcom_bindings){0};
}

/* Takes address. */
static HRESULT add_string(struct dcom_bindings *b, uint16_t tower, char *address)
{
    struct dcom_string_binding *strings =
        address ? reallocarray(b->strings, b->string_count + 1, sizeof *strings) : NULL;
    if (!strings) {
        free(address);
        return E_OUTOFMEMORY;
    }
    b->strings = strings;
    b->strings[b->string_count++] = (struct dcom_string_binding){tower, address};
    return S_OK;
}

/* Takes principal. */
static HRESULT add_security(struct dcom_bindings *b, uint16_t authn, uint16_t authz,
                            char *principal)
{
    struct dcom_security_binding *securities =
        principal ? reallocarray(b->securities, b->security_count + 1, sizeof *securities) : NULL;
    if (!securities) {
        free(principal);
        return E_OUTOFMEMORY;
    }
    b->securities = securities;
    b->securities[b->security_count++] = (struct dcom_security_binding){authn, authz, principal};
    return S_OK;
}

HRESULT dcom_bindings_add_string(struct dcom_bindings *b, uint16_t tower, const char *address)
{
    return add_string(b, tower, strdup(address));
}

HRESULT dcom_bindings_add_security(struct dcom_bindings *b, uint16_t authn_service,
                                   const char *principal)
{
    return add_security(b, authn_service, NO_AUTHZ, strdup(principal));
}

HRESULT dcom_bindings_copy(const struct dcom_bindings *b, struct dcom_bindings *ret)
{
    struct dcom_bindings copy = {0};
    HRESULT hr = S_OK;
    for (size_t i = 0; i < b->string_count && SUCCEEDED(hr); i++) {
        hr = dcom_bindings_add_string(&copy, b->strings[i].tower, b->strings[i].address);
    }
    for (size_t i = 0; i < b->security_count && SUCCEEDED(hr); i++) {
        const struct dcom_security_binding *s = &b->securities[i];
        hr = add_security(&copy, s->authn_service, s->authz_service, strdup(s->principal));
    }
    if (FAILED(hr)) {
        dcom_bindings_done(&copy);
        return hr;
    }
    *ret = copy;
    return S_OK;
}

/* ---- writing ------------------------------------------------------------------ */

static void write_text(struct ndr_writer *w, const char *utf8)
{
    CLEANUP(com_cleanup_free) wchar_t *text = com_wide_from_utf8(utf8);
    if (!text) {
        ndr_write_fail(w, E_OUTOFMEMORY);
        return;
    }
    ndr_write_utf16(w, text, wcslen(text));
    ndr_write_u16(w, 0);
}

/* aStringArray; returns the security offset. Both parts end with a zero, and a part without
 * elements is two of them: the smallest array has four (2.2.19.1). */
static size_t write_entries(struct ndr_writer *w, const struct dcom_bindings *b)
{
    for (size_t i = 0; i < b->string_count; i++) {
        ndr_write_u16(w, b->strings[i].tower);
        write_text(w, b->strings[i].address);
    }
    (void)ndr_write_space(w, b->string_count > 0 ? 2 : 4);
    size_t security = w->size / 2;
    for (size_t i = 0; i < b->security_count; i++) {
        ndr_write_u16(w, b->securities[i].authn_service);
        ndr_write_u16(w, b->securities[i].authz_service);
        write_text(w, b->securities[i].principal);
    }
    (void)ndr_write_space(w, b->security_count > 0 ? 2 : 4);
    return security;
}

static void write_bindings(struct ndr_writer *w, const struct dcom_bindings *b, bool conformance)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer entries = {.packed = true};
    size_t security = write_entries(&entries, b);
    size_t units = entries.size / 2;
    if (FAILED(entries.status)) {
        ndr_write_fail(w, entries.status);
        return;
    }
    if (units > UINT16_MAX) {
        ndr_write_fail(w, E_INVALIDARG);
        return;
    }
    if (conformance) {
        ndr_write_u32(w, (uint32_t)units);
    }
    ndr_write_u16(w, (uint16_t)units);
    ndr_write_u16(w, (uint16_t)security);
    ndr_write_bytes(w, entries.data, entries.size);
}

void dcom_bindings_write_packed(struct ndr_writer *w, const struct dcom_bindings *b)
{
    write_bindings(w, b, false);
}

void dcom_bindings_write(struct ndr_writer *w, const struct dcom_bindings *b)
{
    write_bindings(w, b, true);
}

/* ---- reading -------------------------------------------------------------------- */

/* Text up to a zero, or to the end, which Windows tolerates too. */
static char *read_text(struct ndr_reader *r)
{
    size_t units = 0, left = ndr_read_left(r) / 2;
    const uint8_t *at = r->data + r->offset;
    while (units < left && (at[2 * units] != 0 || at[2 * units + 1] != 0)) {
        units++;
    }
    CLEANUP(com_cleanup_free) wchar_t *text = ndr_read_utf16(r, units);
    if (units < left) {
        (void)ndr_read_u16(r);
    }
    char *utf8 = text ? com_utf8_from_wide(text) : NULL;
    if (!utf8) {
        ndr_read_fail(r, E_OUTOFMEMORY);
    }
    return utf8;
}

/* A reader of some units of another one, which moves past them. */
static struct ndr_reader part(struct ndr_reader *r, size_t units)
{
    struct ndr_reader ret = {.status = NDR_E_BAD_DATA};
    const uint8_t *bytes = ndr_read_bytes(r, 2 * units);
    if (bytes) {
        ret = (struct ndr_reader){
            .data = bytes, .size = 2 * units, .big_endian = r->big_endian, .packed = true};
    }
    return ret;
}

static void read_strings(struct ndr_reader *r, struct dcom_bindings *b)
{
    while (ndr_read_left(r) >= 2) {
        uint16_t tower = ndr_read_u16(r);
        if (tower == 0) {
            return;
        }
        char *address = read_text(r);
        if (address && FAILED(add_string(b, tower, address))) {
            ndr_read_fail(r, E_OUTOFMEMORY);
        }
    }
}

static void read_securities(struct ndr_reader *r, struct dcom_bindings *b)
{
    while (ndr_read_left(r) >= 2) {
        uint16_t authn = ndr_read_u16(r);
        if (authn == 0) {
            return;
        }
        uint16_t authz = ndr_read_u16(r);
        char *principal = SUCCEEDED(r->status) ? read_text(r) : NULL;
        if (principal && FAILED(add_security(b, authn, authz, principal))) {
            ndr_read_fail(r, E_OUTOFMEMORY);
        }
    }
}

void dcom_bindings_read_packed(struct ndr_reader *r, struct dcom_bindings *ret)
{
    *ret = (struct dcom_bindings){0};
    uint16_t units = ndr_read_u16(r);
    uint16_t security = ndr_read_u16(r);
    if (security > units) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    struct ndr_reader strings = part(r, security);
    struct ndr_reader securities = part(r, (size_t)units - security);
    if (FAILED(r->status)) {
        return;
    }
    read_strings(&strings, ret);
    read_securities(&securities, ret);
    ndr_read_fail(r, FAILED(strings.status) ? strings.status : securities.status);
    if (FAILED(r->status)) {
        dcom_bindings_done(ret);
    }
}

void dcom_bindings_read(struct ndr_reader *r, struct dcom_bindings *ret)
{
    uint32_t conformance = ndr_read_count(r, 2);
    size_t at = r->offset;
    if (ndr_read_left(r) >= 2 && ndr_read_u16(r) != conformance) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    r->offset = at;
    dcom_bindings_read_packed(r, ret);
}

HRESULT dcom_address_split(const char *address, char **ret_host, uint16_t *ret_port)
{
    const char *open = strrchr(address, '[');
    size_t length = open ? (size_t)(open - address) : strlen(address);
    unsigned long port = 0;
    if (open) {
        char *end;
        port = strtoul(open + 1, &end, 10);
        if (end == open + 1 || strcmp(end, "]") != 0 || port == 0 || port > UINT16_MAX ||
            open[1] < '0' || open[1] > '9') {
            return RPC_E_INVALID_DATA;
        }
    }
    if (length == 0) {
        return RPC_E_INVALID_DATA;
    }
    char *host = strndup(address, length);
    if (!host) {
        return E_OUTOFMEMORY;
    }
    *ret_host = host;
    *ret_port = (uint16_t)port;
    return S_OK;
}
