/*
 * Identifiers: making, printing and reading them, and those of COM's own interfaces.
 */
#include "com/com.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define GUID_TEXT_LENGTH 38 /* {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx} */

const GUID GUID_NULL;

/* Those that differ in their first word only: the ones of COM itself. */
#define COM_IID(name, first) const IID name = {first, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}}
COM_IID(IID_IUnknown, 0x00000000);
COM_IID(IID_IClassFactory, 0x00000001);
COM_IID(IID_IMalloc, 0x00000002);
COM_IID(IID_IMarshal, 0x00000003);
COM_IID(IID_IStream, 0x0000000C);
COM_IID(IID_IEnumUnknown, 0x00000100);
COM_IID(IID_IPersist, 0x0000010C);
COM_IID(IID_IClientSecurity, 0x0000013D);
COM_IID(IID_IServerSecurity, 0x0000013E);
COM_IID(IID_IDispatch, 0x00020400);
COM_IID(IID_ITypeInfo, 0x00020401);
COM_IID(IID_IEnumVARIANT, 0x00020404);

const IID IID_ISequentialStream = {
    0x0C733A30, 0x2A1C, 0x11CE, {0xAD, 0xE5, 0x00, 0xAA, 0x00, 0x44, 0x77, 0x3D}};
const IID IID_IErrorInfo = {
    0x1CF2B120, 0x547D, 0x101B, {0x8E, 0x65, 0x08, 0x00, 0x2B, 0x2B, 0xD1, 0x19}};
const IID IID_ICreateErrorInfo = {
    0x22F03340, 0x547D, 0x101B, {0x8E, 0x65, 0x08, 0x00, 0x2B, 0x2B, 0xD1, 0x19}};
const IID IID_ISupportErrorInfo = {
    0xDF0B3D60, 0x548F, 0x101B, {0x8E, 0x65, 0x08, 0x00, 0x2B, 0x2B, 0xD1, 0x19}};

HRESULT CoCreateGuid(GUID *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    GUID fresh;
    if (getrandom(&fresh, sizeof fresh, 0) != (ssize_t)sizeof fresh) {
        return com_hresult_from_errno(errno);
    }
    /* RFC 4122 4.4: version 4, random, and the variant's bits. */
    fresh.Data3 = (uint16_t)((fresh.Data3 & 0x0FFF) | 0x4000);
    fresh.Data4[0] = (uint8_t)((fresh.Data4[0] & 0x3F) | 0x80);
    *ret = fresh;
    return S_OK;
}

static OLECHAR *put_hex(OLECHAR *out, uint32_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        *out++ = (OLECHAR) "0123456789ABCDEF"[(value >> (4 * i)) & 0xF];
    }
    return out;
}

int StringFromGUID2(REFGUID guid, LPOLESTR out, int room)
{
    if (!out || room <= GUID_TEXT_LENGTH) {
        return 0;
    }

    *out++ = '{';
    out = put_hex(out, guid->Data1, 8);
    *out++ = '-';
    out = put_hex(out, guid->Data2, 4);
    *out++ = '-';
    out = put_hex(out, guid->Data3, 4);
    *out++ = '-';
    for (int i = 0; i < 8; i++) {
        if (i == 2) {
            *out++ = '-';
        }
        out = put_hex(out, guid->Data4[i], 2);
    }
    *out++ = '}';
    *out = 0;
    return GUID_TEXT_LENGTH + 1;
}

HRESULT StringFromCLSID(REFCLSID clsid, LPOLESTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = CoTaskMemAlloc((GUID_TEXT_LENGTH + 1) * sizeof(OLECHAR));
    if (!*ret) {
        return E_OUTOFMEMORY;
    }
    (void)StringFromGUID2(clsid, *ret, GUID_TEXT_LENGTH + 1);
    return S_OK;
}

HRESULT StringFromIID(REFIID iid, LPOLESTR *ret)
{
    return StringFromCLSID(iid, ret);
}

static int hex_digit(OLECHAR c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(const OLECHAR **in, int digits, uint32_t *ret)
{
    uint32_t value = 0;
    for (int i = 0; i < digits; i++) {
        int d = hex_digit(**in);
        if (d < 0) {
            return false;
        }
        value = value * 16 + (uint32_t)d;
        ++*in;
    }
    *ret = value;
    return true;
}

static bool take(const OLECHAR **in, OLECHAR c)
{
    if (**in != c) {
        return false;
    }
    ++*in;
    return true;
}

static bool guid_parse(const OLECHAR *in, GUID *ret)
{
    uint32_t d1;
    uint32_t d2;
    uint32_t d3;
    if (!take(&in, '{') || !take_hex(&in, 8, &d1) || !take(&in, '-') || !take_hex(&in, 4, &d2) ||
        !take(&in, '-') || !take_hex(&in, 4, &d3) || !take(&in, '-')) {
        return false;
    }

    GUID guid = {d1, (uint16_t)d2, (uint16_t)d3, {0}};
    for (int i = 0; i < 8; i++) {
        uint32_t b;
        if ((i == 2 && !take(&in, '-')) || !take_hex(&in, 2, &b)) {
            return false;
        }
        guid.Data4[i] = (uint8_t)b;
    }
    if (!take(&in, '}') || *in) {
        return false;
    }
    *ret = guid;
    return true;
}

static HRESULT guid_from_string(LPCOLESTR text, GUID *ret, HRESULT malformed)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = GUID_NULL;
    if (!text) {
        return S_OK;
    }
    return guid_parse(text, ret) ? S_OK : malformed;
}

HRESULT CLSIDFromString(LPCOLESTR text, CLSID *ret)
{
    return guid_from_string(text, ret, CO_E_CLASSSTRING);
}

HRESULT IIDFromString(LPCOLESTR text, IID *ret)
{
    return guid_from_string(text, ret, CO_E_IIDSTRING);
}
