/*
 * __SecurityDescriptor, __ACE and __Trustee: a security descriptor as objects
 * that a program can read and make without knowing its bytes.
 */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "com/com.h"
#include "object/bytes.h"
#include "providers/method.h"
#include "services/access.h"

/* [MS-DTYP] 2.4.6 */
#define SE_DACL_PRESENT 0x0004u
#define SE_DACL_PROTECTED 0x1000u
#define SE_SELF_RELATIVE 0x8000u

#define ENTRIES_MAX 1024u

/* ---- to objects ------------------------------------------------------------------- */

static HRESULT new_instance(struct repository_namespace *n, const wchar_t *class_name,
                            IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = repository_get_class(n, class_name, false, &cls);
    return SUCCEEDED(hr) ? IWbemClassObject_SpawnInstance(cls, 0, ret) : hr;
}

static HRESULT put_uint(IWbemClassObject *o, const wchar_t *name, uint32_t number)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = (LONG)number;
    return IWbemClassObject_Put(o, name, 0, &v, 0);
}

static HRESULT put_text(IWbemClassObject *o, const wchar_t *name, const char *text)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(text);
    VariantInit(&v);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = wide ? SysAllocString(wide) : NULL;
    return V_BSTR(&v) ? IWbemClassObject_Put(o, name, 0, &v, 0) : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT put_object(IWbemClassObject *o, const wchar_t *name, IWbemClassObject *value)
{
    VARIANT v;
    V_VT(&v) = VT_UNKNOWN;
    V_UNKNOWN(&v) = (IUnknown *)value;
    return IWbemClassObject_Put(o, name, 0, &v, 0);
}

static HRESULT put_sid_bytes(IWbemClassObject *o, const struct sid *sid)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    void *data;
    VariantInit(&v);
    V_ARRAY(&v) = SafeArrayCreateVector(VT_UI1, 0, sid->size);
    if (!V_ARRAY(&v)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    V_VT(&v) = VT_ARRAY | VT_UI1;
    HRESULT hr = SafeArrayAccessData(V_ARRAY(&v), &data);
    if (SUCCEEDED(hr)) {
        memcpy(data, sid->bytes, sid->size);
        SafeArrayUnaccessData(V_ARRAY(&v));
        hr = IWbemClassObject_Put(o, L"SID", 0, &v, 0);
    }
    return hr;
}

/* What the account is called here; false: nobody knows. */
static bool account_name(const struct sid *sid, char *out, size_t room)
{
    struct sid other;
    char buffer[16384];
    uint32_t number = sid->size >= 4 ? get_u32(sid->bytes + sid->size - 4) : 0;
    const char *name = NULL;
    struct passwd user, *found_user = NULL;
    struct group group, *found_group = NULL;
    sid_of_user(number, &other);
    if (sid_equal(sid, &other)) {
        (void)getpwuid_r(number, &user, buffer, sizeof(buffer), &found_user);
        name = found_user ? found_user->pw_name : NULL;
    }
    sid_of_group(number, &other);
    if (sid_equal(sid, &other)) {
        (void)getgrgid_r(number, &group, buffer, sizeof(buffer), &found_group);
        name = found_group ? found_group->gr_name : NULL;
    }
    name = sid_equal(sid, &sid_everyone)              ? "Everyone"
           : sid_equal(sid, &sid_administrators)      ? "Administrators"
           : sid_equal(sid, &sid_authenticated_users) ? "Authenticated Users"
           : sid_equal(sid, &sid_network)             ? "NETWORK"
                                                      : name;
    if (!name || strlen(name) >= room) {
        return false;
    }
    strcpy(out, name);
    return true;
}

static HRESULT trustee(struct repository_namespace *n, const struct sid *sid,
                       IWbemClassObject **ret)
{
    char text[SID_TEXT_MAX], name[256];
    CLEANUP(com_cleanup_release) IWbemClassObject *o = NULL;
    HRESULT hr = new_instance(n, L"__Trustee", &o);
    if (SUCCEEDED(hr)) {
        hr = put_sid_bytes(o, sid);
    }
    if (SUCCEEDED(hr)) {
        hr = put_uint(o, L"SidLength", sid->size);
    }
    if (SUCCEEDED(hr)) {
        sid_print(sid, text);
        hr = put_text(o, L"SIDString", text);
    }
    if (SUCCEEDED(hr) && account_name(sid, name, sizeof(name))) {
        hr = put_text(o, L"Name", name);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(o);
    }
    return hr;
}

static HRESULT put_trustee(struct repository_namespace *n, IWbemClassObject *o, const wchar_t *name,
                           const struct sid *sid)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *value = NULL;
    if (sid->size == 0) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = trustee(n, sid, &value);
    return SUCCEEDED(hr) ? put_object(o, name, value) : hr;
}

static HRESULT entry(struct repository_namespace *n, const struct ace *a, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *o = NULL;
    HRESULT hr = new_instance(n, L"__ACE", &o);
    if (SUCCEEDED(hr)) {
        hr = put_uint(o, L"AccessMask", a->mask);
    }
    if (SUCCEEDED(hr)) {
        hr = put_uint(o, L"AceFlags", a->flags);
    }
    if (SUCCEEDED(hr)) {
        hr = put_uint(o, L"AceType", a->type);
    }
    if (SUCCEEDED(hr)) {
        hr = put_trustee(n, o, L"Trustee", &a->sid);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(o);
    }
    return hr;
}

static HRESULT put_list(struct repository_namespace *n, IWbemClassObject *o,
                        const struct descriptor *d)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    V_ARRAY(&v) = SafeArrayCreateVector(VT_UNKNOWN, 0, d->count);
    if (!V_ARRAY(&v)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    V_VT(&v) = VT_ARRAY | VT_UNKNOWN;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < d->count; i++) {
        CLEANUP(com_cleanup_release) IWbemClassObject *a = NULL;
        LONG at = (LONG)i;
        hr = entry(n, &d->aces[i], &a);
        if (SUCCEEDED(hr)) {
            hr = SafeArrayPutElement(V_ARRAY(&v), &at, a);
        }
    }
    return SUCCEEDED(hr) ? IWbemClassObject_Put(o, L"DACL", 0, &v, 0) : hr;
}

HRESULT descriptor_to_object(struct repository_namespace *n, const struct descriptor *d,
                             IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *o = NULL;
    HRESULT hr = new_instance(n, L"__SecurityDescriptor", &o);
    if (SUCCEEDED(hr)) {
        hr = put_uint(o, L"ControlFlags",
                      SE_SELF_RELATIVE | (d->has_dacl ? SE_DACL_PRESENT : 0) |
                          (d->protected_dacl ? SE_DACL_PROTECTED : 0));
    }
    if (SUCCEEDED(hr)) {
        hr = put_trustee(n, o, L"Owner", &d->owner);
    }
    if (SUCCEEDED(hr)) {
        hr = put_trustee(n, o, L"Group", &d->group);
    }
    if (SUCCEEDED(hr) && d->has_dacl) {
        hr = put_list(n, o, d);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(o);
    }
    return hr;
}

/* ---- from objects ----------------------------------------------------------------- */

static HRESULT refuse(const char *parameter, const char *why)
{
    return error_raise(WBEM_E_INVALID_METHOD_PARAMETERS, "ExecMethod", parameter, "%s", why);
}

/* By the bytes, else by the text, else by the name of an account of this machine. */
static HRESULT read_trustee(IWbemClassObject *o, struct sid *ret)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    void *bytes;
    VariantInit(&v);
    if (SUCCEEDED(IWbemClassObject_Get(o, L"SID", 0, &v, NULL, NULL)) &&
        V_VT(&v) == (VT_UI1 | VT_ARRAY) && SUCCEEDED(SafeArrayAccessData(V_ARRAY(&v), &bytes))) {
        bool read = sid_read(bytes, V_ARRAY(&v)->rgsabound[0].cElements, ret);
        SafeArrayUnaccessData(V_ARRAY(&v));
        return read ? WBEM_S_NO_ERROR
                    : refuse("SID", "the bytes of a trustee's SID are no security identifier");
    }
    CLEANUP(com_cleanup_free) char *text = method_get_string(o, L"SIDString");
    if (text) {
        return sid_parse(text, ret)
                   ? WBEM_S_NO_ERROR
                   : refuse("SIDString", "a trustee's SIDString is no security identifier");
    }
    CLEANUP(com_cleanup_free) char *name = method_get_string(o, L"Name");
    uid_t uid;
    gid_t gid;
    HRESULT hr = name ? account_find_user(name, &uid, &gid) : WBEM_E_NOT_FOUND;
    if (hr == WBEM_E_NOT_FOUND) {
        return refuse("Trustee", "a trustee has neither SID nor SIDString, nor the Name of an "
                                 "account of this machine");
    }
    if (SUCCEEDED(hr)) {
        sid_of_user(uid, ret);
    }
    return hr;
}

static HRESULT read_trustee_of(IWbemClassObject *o, const wchar_t *name, struct sid *ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *value = NULL;
    HRESULT hr = method_get_object(o, name, &value);
    return hr == WBEM_S_NO_ERROR ? read_trustee(value, ret) : hr;
}

static HRESULT read_entry(IUnknown *unknown, struct descriptor *ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *o = NULL;
    struct sid sid = {.size = 0};
    uint64_t mask, flags = 0, type;
    if (!unknown || FAILED(IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&o)) ||
        !method_get_uint(o, L"AccessMask", &mask) || !method_get_uint(o, L"AceType", &type)) {
        return refuse("DACL", "an entry of the list has no AccessMask or no AceType");
    }
    (void)method_get_uint(o, L"AceFlags", &flags);
    HRESULT hr = type == ACE_ALLOWED || type == ACE_DENIED
                     ? read_trustee_of(o, L"Trustee", &sid)
                     : refuse("AceType", "an entry of the list neither allows nor denies");
    if (SUCCEEDED(hr) && sid.size == 0) {
        hr = refuse("Trustee", "an entry of the list is for nobody");
    }
    return SUCCEEDED(hr) ? descriptor_add(ret, (uint8_t)type, (uint8_t)flags, (uint32_t)mask, &sid)
                         : hr;
}

static HRESULT read_list(IWbemClassObject *o, struct descriptor *ret)
{
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(o, L"DACL", 0, &v, NULL, NULL);
    if (FAILED(hr) || V_VT(&v) != (VT_UNKNOWN | VT_ARRAY)) {
        return hr;
    }
    ULONG count = V_ARRAY(&v)->rgsabound[0].cElements;
    if (count > ENTRIES_MAX) {
        return refuse("DACL", "the list has too many entries");
    }
    ret->has_dacl = true;
    for (LONG i = 0; SUCCEEDED(hr) && i < (LONG)count; i++) {
        CLEANUP(com_cleanup_release) IUnknown *unknown = NULL;
        hr = SafeArrayGetElement(V_ARRAY(&v), &i, &unknown);
        if (SUCCEEDED(hr)) {
            hr = read_entry(unknown, ret);
        }
    }
    return hr;
}

HRESULT descriptor_from_object(IWbemClassObject *object, struct descriptor *ret)
{
    struct descriptor d = {.has_dacl = false};
    uint64_t control = 0;
    (void)method_get_uint(object, L"ControlFlags", &control);
    d.protected_dacl = (control & SE_DACL_PROTECTED) != 0;
    HRESULT hr = read_trustee_of(object, L"Owner", &d.owner);
    if (SUCCEEDED(hr)) {
        hr = read_trustee_of(object, L"Group", &d.group);
    }
    if (SUCCEEDED(hr)) {
        hr = read_list(object, &d);
    }
    if (FAILED(hr)) {
        descriptor_done(&d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}
