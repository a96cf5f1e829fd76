/*
 * Security of namespaces through the public headers: what __SystemSecurity
 * tells and sets, and that each operation needs its right.
 */
#include "local.h"

#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define ACE_INHERITED 0x10

static IWbemServices *services; /* root\cimv2 */
static unsigned next_name;

static void assert_reason(const char *word)
{
    const char *text = local_error();
    if (!strstr(text, word)) {
        fail_msg("'%s' does not name %s", text, word);
    }
}

static IWbemServices *open_child(IWbemServices *parent, const wchar_t *name)
{
    IWbemServices *child = NULL;
    BSTR text = SysAllocString(name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_OpenNamespace(parent, text, 0, NULL, &child, NULL));
    SysFreeString(text);
    return child;
}

static HRESULT get_object(IWbemServices *s, const wchar_t *path, IWbemClassObject **ret)
{
    BSTR text = path ? SysAllocString(path) : NULL;
    HRESULT hr = IWbemServices_GetObject(s, text, 0, NULL, ret, NULL);
    SysFreeString(text);
    return hr;
}

static void put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
    VariantClear(&v);
}

/* A namespace of its own below `parent`. */
static IWbemServices *make_namespace(IWbemServices *parent)
{
    IWbemClassObject *cls, *instance;
    wchar_t name[32];
    swprintf(name, 32, L"security%u", next_name++);
    assert_int_equal(WBEM_S_NO_ERROR, get_object(parent, L"__NAMESPACE", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    put_text(instance, L"Name", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(parent, instance, 0, NULL, NULL));
    IWbemClassObject_Release(instance);
    IWbemClassObject_Release(cls);
    return open_child(parent, name);
}

static HRESULT call(IWbemServices *s, const wchar_t *method, IWbemClassObject *in,
                    IWbemClassObject **out)
{
    BSTR path = SysAllocString(L"__SystemSecurity=@"), name = SysAllocString(method);
    HRESULT hr = IWbemServices_ExecMethod(s, path, name, 0, NULL, in, out, NULL);
    SysFreeString(path);
    SysFreeString(name);
    return hr;
}

static IWbemClassObject *in_parameters(IWbemServices *s, const wchar_t *method)
{
    IWbemClassObject *cls, *signature, *in;
    assert_int_equal(WBEM_S_NO_ERROR, get_object(s, L"__SystemSecurity", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetMethod(cls, method, 0, &signature, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(signature, 0, &in));
    IWbemClassObject_Release(signature);
    IWbemClassObject_Release(cls);
    return in;
}

static LONG number_of(IWbemClassObject *o, const wchar_t *name)
{
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(o, name, 0, &v, NULL, NULL));
    assert_int_equal(VT_I4, V_VT(&v));
    return V_I4(&v);
}

static LONG caller_rights(IWbemServices *s)
{
    IWbemClassObject *out;
    assert_int_equal(WBEM_S_NO_ERROR, call(s, L"GetCallerAccessRights", NULL, &out));
    assert_int_equal(0, number_of(out, L"ReturnValue"));
    LONG rights = number_of(out, L"Rights");
    IWbemClassObject_Release(out);
    return rights;
}

static size_t number(unsigned char *to, unsigned v, int size)
{
    for (int i = 0; i < size; i++) {
        to[i] = (unsigned char)(v >> (8 * i));
    }
    return (size_t)size;
}

/* A descriptor, byte by byte as [MS-DTYP] 2.4.6 says: owner Administrators, nothing inherited, one
 * entry that allows everyone `mask`. */
static size_t make_sd(unsigned char *to, unsigned mask)
{
    static const unsigned char everyone[] = {1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    static const unsigned char owner[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0};
    size_t at = 0;
    to[at++] = 1;
    to[at++] = 0;
    at += number(to + at, 0x9004, 2); /* self-relative, protected, with a list */
    at += number(to + at, 20, 4);
    at += number(to + at, 0, 4);
    at += number(to + at, 0, 4);
    at += number(to + at, 36, 4);
    memcpy(to + at, owner, sizeof(owner));
    at += sizeof(owner);
    at += number(to + at, 2, 2);
    at += number(to + at, 28, 2);
    at += number(to + at, 1, 4);
    at += number(to + at, 0, 2);
    at += number(to + at, 20, 2);
    at += number(to + at, mask, 4);
    memcpy(to + at, everyone, sizeof(everyone));
    return at + sizeof(everyone);
}

static HRESULT set_sd(IWbemServices *s, const unsigned char *bytes, size_t size)
{
    IWbemClassObject *in = in_parameters(s, L"SetSD"), *out = NULL;
    VARIANT v;
    void *data;
    V_VT(&v) = VT_ARRAY | VT_UI1;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_UI1, 0, (ULONG)size);
    assert_int_equal(S_OK, SafeArrayAccessData(V_ARRAY(&v), &data));
    memcpy(data, bytes, size);
    SafeArrayUnaccessData(V_ARRAY(&v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(in, L"SD", 0, &v, 0));
    VariantClear(&v);
    HRESULT hr = call(s, L"SetSD", in, &out);
    IWbemClassObject_Release(in);
    if (out) {
        IWbemClassObject_Release(out);
    }
    return hr;
}

static void allow(IWbemServices *s, unsigned mask)
{
    unsigned char sd[128];
    assert_int_equal(WBEM_S_NO_ERROR, set_sd(s, sd, make_sd(sd, mask)));
}

static HRESULT query(IWbemServices *s, const wchar_t *text)
{
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL"), words = SysAllocString(text);
    HRESULT hr = IWbemServices_ExecQuery(s, language, words, 0, NULL, &e);
    SysFreeString(language);
    SysFreeString(words);
    if (e) {
        IEnumWbemClassObject_Release(e);
    }
    return hr;
}

static HRESULT put_class(IWbemServices *s, const wchar_t *name)
{
    IWbemClassObject *cls;
    IWbemQualifierSet *set;
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, get_object(s, NULL, &cls));
    put_text(cls, L"__CLASS", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"Id", 0, NULL, CIM_STRING));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetPropertyQualifierSet(cls, L"Id", &set));
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQualifierSet_Put(set, L"key", &v, 0));
    IWbemQualifierSet_Release(set);
    HRESULT hr = IWbemServices_PutClass(s, cls, 0, NULL, NULL);
    IWbemClassObject_Release(cls);
    return hr;
}

static HRESULT put_instance(IWbemServices *s, const wchar_t *class_name, const wchar_t *id)
{
    IWbemClassObject *cls, *instance;
    assert_int_equal(WBEM_S_NO_ERROR, get_object(s, class_name, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    put_text(instance, L"Id", id);
    HRESULT hr = IWbemServices_PutInstance(s, instance, 0, NULL, NULL);
    IWbemClassObject_Release(instance);
    IWbemClassObject_Release(cls);
    return hr;
}

/* ---- tests ----------------------------------------------------------------------- */

static void test_owner_may_everything(void **state)
{
    IWbemServices *s = make_namespace(services);
    assert_int_equal(0x6003f, caller_rights(s));
    IWbemServices_Release(s);
}

static void test_each_right_counts(void **state)
{
    IWbemServices *s = make_namespace(services);
    assert_int_equal(WBEM_S_NO_ERROR, put_class(s, L"Thing"));

    allow(s, WBEM_ENABLE);
    assert_int_equal(WBEM_ENABLE | (geteuid() == 0 ? READ_CONTROL | WRITE_DAC : 0),
                     caller_rights(s));
    if (geteuid() != 0) {
        IWbemServices_Release(s);
        return; /* who is not among the owners can't go on from here */
    }
    assert_int_equal(WBEM_S_NO_ERROR, query(s, L"SELECT * FROM Thing"));
    assert_int_equal(WBEM_E_ACCESS_DENIED, put_class(s, L"Other"));
    assert_reason("WBEM_FULL_WRITE_REP");
    assert_int_equal(WBEM_E_ACCESS_DENIED, put_instance(s, L"Thing", L"a"));
    assert_reason("WBEM_PARTIAL_WRITE_REP");
    BSTR name = SysAllocString(L"Thing");
    assert_int_equal(WBEM_E_ACCESS_DENIED, IWbemServices_DeleteClass(s, name, 0, NULL, NULL));
    SysFreeString(name);

    /* Instances, but not classes, nor instances of system classes. */
    allow(s, WBEM_ENABLE | WBEM_PARTIAL_WRITE_REP);
    assert_int_equal(WBEM_S_NO_ERROR, put_instance(s, L"Thing", L"a"));
    assert_int_equal(WBEM_E_ACCESS_DENIED, put_class(s, L"Other"));
    IWbemClassObject *cls, *child;
    assert_int_equal(WBEM_S_NO_ERROR, get_object(s, L"__NAMESPACE", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &child));
    put_text(child, L"Name", L"below");
    assert_int_equal(WBEM_E_ACCESS_DENIED, IWbemServices_PutInstance(s, child, 0, NULL, NULL));
    IWbemClassObject_Release(child);
    IWbemClassObject_Release(cls);
    BSTR path = SysAllocString(L"Thing=\"a\"");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_DeleteInstance(s, path, 0, NULL, NULL));
    SysFreeString(path);

    allow(s, WBEM_ENABLE | WBEM_FULL_WRITE_REP);
    assert_int_equal(WBEM_S_NO_ERROR, put_class(s, L"Other"));

    /* Nothing at all: refused at every entry, also to who was connected before. */
    IWbemClassObject *thing;
    assert_int_equal(WBEM_S_NO_ERROR, get_object(s, L"Thing", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &thing));
    IWbemClassObject_Release(cls);
    put_text(thing, L"Id", L"b");
    allow(s, 0);
    assert_int_equal(WBEM_E_ACCESS_DENIED, query(s, L"SELECT * FROM Thing"));
    assert_reason("WBEM_ENABLE");
    assert_int_equal(WBEM_E_ACCESS_DENIED, get_object(s, L"Thing", &cls));
    assert_int_equal(WBEM_E_ACCESS_DENIED, IWbemServices_PutInstance(s, thing, 0, NULL, NULL));
    assert_int_equal(WBEM_E_ACCESS_DENIED, call(s, L"GetSD", NULL, &cls));
    IWbemClassObject_Release(thing);
    IWbemServices_Release(s);
}

/* ExecMethod, where a method is: of root\cimv2, whose descriptor is put back. */
static void test_methods_need_the_right(void **state)
{
    if (geteuid() != 0) {
        skip();
    }
    IWbemServices *cimv2 = services;
    IWbemClassObject *out = NULL;
    BSTR path = SysAllocString(L"Win32_Process.Handle=\"1\""), method = SysAllocString(L"GetOwner");
    IWbemClassObject *before, *in = in_parameters(cimv2, L"SetSD");
    VARIANT sd;
    assert_int_equal(WBEM_S_NO_ERROR, call(cimv2, L"GetSD", NULL, &before));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(before, L"SD", 0, &sd, NULL, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(in, L"SD", 0, &sd, 0));
    VariantClear(&sd);
    IWbemClassObject_Release(before);
    allow(cimv2, WBEM_ENABLE);
    assert_int_equal(WBEM_E_ACCESS_DENIED,
                     IWbemServices_ExecMethod(cimv2, path, method, 0, NULL, NULL, &out, NULL));
    assert_reason("WBEM_METHOD_EXECUTE");
    assert_int_equal(WBEM_S_NO_ERROR, call(cimv2, L"SetSD", in, &out));
    IWbemClassObject_Release(out);
    IWbemClassObject_Release(in);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecMethod(cimv2, path, method, 0, NULL, NULL, &out, NULL));
    IWbemClassObject_Release(out);
    SysFreeString(path);
    SysFreeString(method);
}

static void test_descriptors_come_back(void **state)
{
    IWbemServices *s = make_namespace(services);
    unsigned char sd[128];
    size_t size = make_sd(sd, 0x6003f);
    IWbemClassObject *out;
    VARIANT v;
    void *data;
    assert_int_equal(WBEM_S_NO_ERROR, set_sd(s, sd, size));
    assert_int_equal(WBEM_S_NO_ERROR, call(s, L"GetSD", NULL, &out));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(out, L"SD", 0, &v, NULL, NULL));
    assert_int_equal(VT_ARRAY | VT_UI1, V_VT(&v));
    assert_int_equal(size, V_ARRAY(&v)->rgsabound[0].cElements);
    assert_int_equal(S_OK, SafeArrayAccessData(V_ARRAY(&v), &data));
    assert_memory_equal(sd, data, size);
    SafeArrayUnaccessData(V_ARRAY(&v));
    VariantClear(&v);
    IWbemClassObject_Release(out);

    /* Damaged ones are refused, and nothing changes. */
    sd[0] = 7;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, set_sd(s, sd, size));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, set_sd(s, sd, 3));
    assert_int_equal(0x6003f, caller_rights(s));
    IWbemServices_Release(s);
}

/* The descriptor as an object: read, an entry's mask changed, set. */
static void test_descriptor_objects(void **state)
{
    IWbemServices *s = make_namespace(services), *below;
    IWbemClassObject *out, *in, *entry, *descriptor;
    VARIANT v, list;
    IUnknown *unknown;
    LONG first = 0;
    assert_int_equal(WBEM_S_NO_ERROR, call(s, L"GetSecurityDescriptor", NULL, &out));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(out, L"Descriptor", 0, &v, NULL, NULL));
    assert_int_equal(VT_UNKNOWN, V_VT(&v));
    assert_int_equal(
        S_OK, IUnknown_QueryInterface(V_UNKNOWN(&v), &IID_IWbemClassObject, (void **)&descriptor));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Get(descriptor, L"DACL", 0, &list, NULL, NULL));
    assert_int_equal(VT_ARRAY | VT_UNKNOWN, V_VT(&list));
    assert_true(V_ARRAY(&list)->rgsabound[0].cElements >= 3);
    assert_int_equal(S_OK, SafeArrayGetElement(V_ARRAY(&list), &first, &unknown));
    assert_int_equal(S_OK,
                     IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&entry));
    IUnknown_Release(unknown);
    /* Of the namespaces above. */
    assert_true(number_of(entry, L"AceFlags") & ACE_INHERITED);
    assert_int_equal(0, number_of(entry, L"AceType"));
    IWbemClassObject_Release(entry);
    VariantClear(&list);

    /* Set as it is, with everything inherited: the same rights, here and below. */
    in = in_parameters(s, L"SetSecurityDescriptor");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(in, L"Descriptor", 0, &v, 0));
    VariantClear(&v);
    IWbemClassObject_Release(descriptor);
    IWbemClassObject_Release(out);
    assert_int_equal(WBEM_S_NO_ERROR, call(s, L"SetSecurityDescriptor", in, &out));
    IWbemClassObject_Release(in);
    IWbemClassObject_Release(out);
    assert_int_equal(0x6003f, caller_rights(s));
    below = make_namespace(s);
    assert_int_equal(0x6003f, caller_rights(below));
    IWbemServices_Release(below);
    IWbemServices_Release(s);
}

static void test_old_methods_are_disabled(void **state)
{
    IWbemClassObject *out = NULL;
    assert_int_equal(WBEM_E_METHOD_DISABLED, call(services, L"Get9XUserList", NULL, &out));
}

static int set_up(void **state)
{
    services = local_services();
    return 0;
}

static int tear_down(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner_may_everything),
        cmocka_unit_test(test_each_right_counts),
        cmocka_unit_test(test_methods_need_the_right),
        cmocka_unit_test(test_descriptors_come_back),
        cmocka_unit_test(test_descriptor_objects),
        cmocka_unit_test(test_old_methods_are_disabled),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
