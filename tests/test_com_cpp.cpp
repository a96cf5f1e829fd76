/*
 * The C++ side of COM as a client program sees it: _bstr_t, _variant_t, _com_error, _com_ptr_t,
 * __uuidof. Plain C++11, with the shared library only.
 */
#include <ComDef.h>
#include <AtlBase.h>

#include <cstdio>
#include <cstring>
#include <string>

#pragma comment(lib, "comsuppw.lib")

static int failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                   \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

/* The code that an expression throws as _com_error, or S_OK. */
#define THROWN(expression)                                                                         \
    [&]() -> HRESULT {                                                                             \
        try {                                                                                      \
            (void)(expression);                                                                    \
            return S_OK;                                                                           \
        } catch (const _com_error &e) {                                                            \
            return e.Error();                                                                      \
        }                                                                                          \
    }()

/* An object with two interfaces, that says when it goes. */
DECLARE_INTERFACE_IID_(IFirst, IUnknown, "8E1A2F0C-5B7D-4C3E-9A10-2B3C4D5E6F70")
{
    STDMETHOD_(int, First)(THIS) PURE;
};

MIDL_INTERFACE("8E1A2F0C-5B7D-4C3E-9A10-2B3C4D5E6F71")
ISecond : public IUnknown
{
  public:
    virtual int STDMETHODCALLTYPE Second() = 0;
};
WBEM_UUID_DECL(ISecond, "8E1A2F0C-5B7D-4C3E-9A10-2B3C4D5E6F71")

static int alive;

class Thing : public IFirst, public ISecond
{
    LONG refs;

  public:
    Thing() : refs(1)
    {
        alive++;
    }
    virtual ~Thing()
    {
        alive--;
    }
    ULONG STDMETHODCALLTYPE AddRef() override
    {
        return static_cast<ULONG>(InterlockedIncrement(&refs));
    }
    ULONG STDMETHODCALLTYPE Release() override
    {
        LONG left = InterlockedDecrement(&refs);
        if (left == 0) {
            delete this;
        }
        return static_cast<ULONG>(left);
    }
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppv) override
    {
        if (riid == IID_IUnknown || riid == __uuidof(IFirst)) {
            *ppv = static_cast<IFirst *>(this);
        } else if (riid == __uuidof(ISecond)) {
            *ppv = static_cast<ISecond *>(this);
        } else {
            *ppv = NULL;
            return E_NOINTERFACE;
        }
        AddRef();
        return S_OK;
    }
    int STDMETHODCALLTYPE First() override
    {
        return 1;
    }
    int STDMETHODCALLTYPE Second() override
    {
        return 2;
    }
};

_COM_SMARTPTR_TYPEDEF(IFirst, __uuidof(IFirst));
_COM_SMARTPTR_TYPEDEF(ISecond, __uuidof(ISecond));

static void test_uuidof()
{
    const GUID expected = {
        0x8E1A2F0C, 0x5B7D, 0x4C3E, {0x9A, 0x10, 0x2B, 0x3C, 0x4D, 0x5E, 0x6F, 0x70}};
    CHECK(__uuidof(IFirst) == expected);
    CHECK(__uuidof(IFirst) != __uuidof(ISecond));
    CHECK(__uuidof(IUnknown) == IID_IUnknown);
    CHECK(__uuidof(IClientSecurity) == IID_IClientSecurity);
    CHECK(__uuidof(IErrorInfo) == IID_IErrorInfo);
    IErrorInfo *pointer = NULL;
    CHECK(__uuidof(pointer) == IID_IErrorInfo);
    CHECK(__uuidof(*pointer) == IID_IErrorInfo);
}

static void test_bstr()
{
    _bstr_t empty;
    CHECK(!empty && empty.length() == 0 && static_cast<wchar_t *>(empty) == NULL);

    _bstr_t a("gr\xC3\xBC\xC3\x9F");
    CHECK(a.length() == 4);
    CHECK(std::wcscmp(a, L"gr\u00FC\u00DF") == 0);
    CHECK(std::strcmp(a, "gr\xC3\xBC\xC3\x9F") == 0);

    _bstr_t b = a;
    b += L"!";
    CHECK(b == _bstr_t(L"gr\u00FC\u00DF!") && a.length() == 4);
    CHECK(a < b && b > a && a != b && a <= b);
    CHECK(std::wcscmp(L"<" + a + ">", L"<gr\u00FC\u00DF>") == 0);

    BSTR whole = SysAllocStringLen(L"a\0b", 3);
    _bstr_t taken(whole, false);
    CHECK(taken.length() == 3 && taken.copy(false) == whole);
    _bstr_t shared = taken;
    BSTR given = taken.Detach();
    CHECK(SysStringLen(given) == 3 && given[2] == L'b');
    CHECK(shared.length() == 3 && shared.copy(false) != given);
    SysFreeString(given);

    _bstr_t out("old");
    *out.GetAddress() = SysAllocString(L"new");
    CHECK(out == _bstr_t("new"));
    out.Assign(NULL);
    CHECK(!out);
    _bstr_t self("self");
    self = *&self;
    CHECK(self == _bstr_t("self"));
}

static void test_bstr_of_variant()
{
    _variant_t number(42);
    CHECK(_bstr_t(number) == _bstr_t("42"));
    _bstr_t text;
    text = number;
    CHECK(text == _bstr_t("42"));
    _variant_t null;
    V_VT(&null) = VT_NULL;
    CHECK(THROWN(_bstr_t(null)) == DISP_E_TYPEMISMATCH);
}

static void test_variant_types()
{
    CHECK(V_VT(&static_cast<const VARIANT &>(_variant_t())) == VT_EMPTY);
    CHECK(_variant_t(static_cast<short>(1)).vt == VT_I2);
    CHECK(_variant_t(1).vt == VT_I4);
    CHECK(_variant_t(1L).vt == VT_I4);
    CHECK(_variant_t(1L << 40).vt == VT_I8);
    CHECK(_variant_t(1U).vt == VT_UI4);
    CHECK(_variant_t(1UL).vt == VT_UI4);
    CHECK(_variant_t(1LL).vt == VT_I8);
    CHECK(_variant_t(1ULL).vt == VT_UI8);
    CHECK(_variant_t(1.0F).vt == VT_R4);
    CHECK(_variant_t(1.0).vt == VT_R8);
    CHECK(_variant_t(1.0, VT_DATE).vt == VT_DATE);
    CHECK(_variant_t(true).vt == VT_BOOL && _variant_t(true).boolVal == VARIANT_TRUE);
    CHECK(_variant_t("text").vt == VT_BSTR);
    CHECK(_variant_t(L"text").vt == VT_BSTR);
    CHECK(_variant_t(_bstr_t("text")).vt == VT_BSTR);
    CHECK(_variant_t(static_cast<BYTE>(1)).vt == VT_UI1);
    CHECK(vtMissing.vt == VT_ERROR && vtMissing.scode == DISP_E_PARAMNOTFOUND);
    CHECK(THROWN(_variant_t(1, VT_BSTR)) == E_INVALIDARG);
    CHECK(_variant_t(static_cast<short>(5), VT_BOOL).boolVal == VARIANT_TRUE);
}

static void test_variant_values()
{
    _variant_t v("17");
    CHECK(static_cast<int>(v) == 17);
    CHECK(static_cast<unsigned long long>(v) == 17);
    CHECK(static_cast<double>(v) == 17);
    CHECK(static_cast<bool>(v));
    CHECK(THROWN(static_cast<BYTE>(_variant_t(256))) == DISP_E_OVERFLOW);
    CHECK(THROWN(static_cast<int>(_variant_t("x"))) == DISP_E_TYPEMISMATCH);

    v = 5;
    CHECK(v.vt == VT_I4 && v == _variant_t(5) && v != _variant_t(6) && v != _variant_t("5"));
    v.ChangeType(VT_BSTR);
    CHECK(v == _variant_t("5"));
    v = L"wide";
    _variant_t copy = v;
    CHECK(copy == v && copy.bstrVal != v.bstrVal);
    VARIANT raw = copy.Detach();
    CHECK(copy.vt == VT_EMPTY && raw.vt == VT_BSTR);
    _variant_t back(raw, false);
    CHECK(raw.vt == VT_EMPTY && back == v);
    back = v;
    back.Clear();
    CHECK(back.vt == VT_EMPTY);
    v.SetString("narrow");
    CHECK(static_cast<_bstr_t>(v) == _bstr_t("narrow"));
    _variant_t moved = std::move(v);
    CHECK(moved.vt == VT_BSTR && v.vt == VT_EMPTY);
}

static void test_smart_pointer()
{
    {
        IFirstPtr first(new Thing, false);
        CHECK(alive == 1 && first->First() == 1);
        ISecondPtr second = first;
        CHECK(second != NULL && second->Second() == 2);
        CHECK(first == second);
        IUnknownPtr unknown(second);
        CHECK(unknown == first);
        IDispatchPtr none = first;
        CHECK(none == NULL && !none);
        _variant_t value(static_cast<IUnknown *>(unknown));
        ISecondPtr from_variant(value);
        CHECK(from_variant == second);
        IFirst *raw = first.Detach();
        CHECK(!first);
        first.Attach(raw);
        ISecond **out = &second;
        CHECK(*out == NULL);
        CHECK(SUCCEEDED(first->QueryInterface(out)) && second);
        second = NULL;
        IFirstPtr &alias = first;
        first = alias;
        IFirstPtr copy;
        copy = first;
        copy.Release();
        CHECK(!copy);
        CHECK(THROWN(copy.Release()) == E_POINTER);
        CHECK(THROWN(copy->First()) == E_POINTER);
        CHECK(alive == 1);
    }
    CHECK(alive == 0);
    IFirstPtr created;
    CHECK(created.CreateInstance(__uuidof(IFirst)) == CO_E_NOTINITIALIZED);
    CHECK(created.CreateInstance(L"no identifier") == CO_E_CLASSSTRING);
    CHECK(SUCCEEDED(CoInitializeEx(0, COINIT_MULTITHREADED)));
    CHECK(created.CreateInstance(__uuidof(IFirst)) == REGDB_E_CLASSNOTREG);
    CHECK(THROWN(IFirstPtr(__uuidof(IFirst))) == REGDB_E_CLASSNOTREG);
    CoUninitialize();
}

static void test_error()
{
    ICreateErrorInfoPtr create;
    CHECK(SUCCEEDED(CreateErrorInfo(&create)));
    wchar_t description[] = L"what went wrong";
    wchar_t source[] = L"who says so";
    create->SetDescription(description);
    create->SetSource(source);
    create->SetHelpContext(7);
    IErrorInfoPtr info = create;

    _com_error e(E_ACCESSDENIED, info, true);
    _com_error copy(e);
    _com_error assigned(E_FAIL);
    assigned = copy;
    CHECK(assigned.Error() == E_ACCESSDENIED);
    CHECK(assigned.Description() == _bstr_t("what went wrong"));
    CHECK(assigned.Source() == _bstr_t("who says so"));
    CHECK(!assigned.HelpFile());
    CHECK(assigned.HelpContext() == 7);
    CHECK(assigned.GUID() == GUID_NULL);
    IErrorInfo *raw = assigned.ErrorInfo();
    CHECK(raw == info.GetInterfacePtr());
    raw->Release();

    CHECK(std::string(e.ErrorMessage()) == "Access is denied.");
    CHECK(std::string(_com_error(static_cast<HRESULT>(0x8ABCDEF0)).ErrorMessage()) ==
          "Unknown error 0x8ABCDEF0");
    CHECK(THROWN(_com_util::CheckError(E_FAIL)) == E_FAIL);
    CHECK(_com_error::HRESULTToWCode(_com_error::WCodeToHRESULT(5)) == 5);
}

static HRESULT handled;

static void __stdcall remember(HRESULT hr, IErrorInfo *)
{
    handled = hr;
}

static void test_handler()
{
    _set_com_error_handler(remember);
    _com_issue_error(E_ABORT);
    CHECK(handled == E_ABORT);
    _set_com_error_handler(NULL);
    CHECK(THROWN(_com_issue_error(E_ABORT)) == E_ABORT);
}

/* `long` where the documentation says it. */
static void test_long_indices()
{
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, 2);
    long lower = -1;
    long upper = -1;
    CHECK(SUCCEEDED(SafeArrayGetLBound(names, 1, &lower)) && lower == 0);
    CHECK(SUCCEEDED(SafeArrayGetUBound(names, 1, &upper)) && upper == 1);
    BSTR text = SysAllocString(L"x");
    CHECK(SUCCEEDED(SafeArrayPutElement(names, &upper, text)));
    SysFreeString(text);
    CHECK(SUCCEEDED(SafeArrayGetElement(names, &upper, &text)));
    CHECK(std::wcscmp(text, L"x") == 0);
    SysFreeString(text);
    long outside = 1L << 32;
    CHECK(SafeArrayGetElement(names, &outside, &text) == DISP_E_BADINDEX);
    SafeArrayDestroy(names);
}

static void test_atl()
{
    {
        CComPtr<IFirst> first;
        first.Attach(new Thing);
        CComQIPtr<ISecond> second(first);
        CHECK(second && second->Second() == 2 && second.IsEqualObject(first));
        CComPtr<IUnknown> unknown;
        unknown = second;
        CHECK(unknown.IsEqualObject(first));
        CComPtr<ISecond> other;
        CHECK(SUCCEEDED(first.QueryInterface(&other)) && other == second);
        CComPtr<IDispatch> none;
        none = first;
        CHECK(!none);
        CComPtr<IFirst> moved(static_cast<CComPtr<IFirst> &&>(first));
        CHECK(!first && moved && alive == 1);
    }
    CHECK(alive == 0);

    CComBSTR text(L"wide");
    text += L" and ";
    text += CComBSTR("narrow \xC3\xA9");
    CHECK(text == L"wide and narrow \u00E9" && text.Length() == 17);
    BSTR copy = text.Copy();
    text.Empty();
    CHECK(!text);
    text.Attach(copy);
    CHECK(text != L"x" && wcsncmp(text, L"wide", 4) == 0);
    CHECK(CComBSTR(IID_IUnknown) == L"{00000000-0000-0000-C000-000000000046}");

    CComVariant value(42);
    CHECK(value.vt == VT_I4 && SUCCEEDED(value.ChangeType(VT_BSTR)));
    CHECK(value == CComVariant(L"42") && value != CComVariant(42));
    value = 1.5;
    CHECK(value.vt == VT_R8);
    value = L"text";
    VARIANT raw;
    VariantInit(&raw);
    CHECK(SUCCEEDED(value.Detach(&raw)) && value.vt == VT_EMPTY && raw.vt == VT_BSTR);
    CHECK(SUCCEEDED(value.Attach(&raw)) && value == CComVariant("text"));
    CComVariant again(value);
    CHECK(again == value && again.bstrVal != value.bstrVal);
}

int main()
{
    test_uuidof();
    test_bstr();
    test_bstr_of_variant();
    test_variant_types();
    test_variant_values();
    test_smart_pointer();
    test_error();
    test_handler();
    test_long_indices();
    test_atl();
    return failures == 0 ? 0 : 1;
}
