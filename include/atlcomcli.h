/*
 * C++: the smart types of ATL that COM clients use: CComPtr, CComQIPtr, CComBSTR, CComVariant.
 * Where a constructor or operator can't say that it failed, it throws CAtlException.
 */
#ifndef WBEM_ATLCOMCLI_H
#define WBEM_ATLCOMCLI_H

#ifndef __cplusplus
#error atlcomcli.h is for C++
#endif

#include "windows.h"

#include <cassert>

#ifndef ATLASSERT
#define ATLASSERT(expression) assert(expression)
#endif

namespace ATL
{

class CAtlException
{
  public:
    HRESULT m_hr;

    explicit CAtlException(HRESULT hr = E_FAIL) noexcept : m_hr(hr)
    {
    }

    operator HRESULT() const noexcept
    {
        return m_hr;
    }
};

[[noreturn]] inline void AtlThrow(HRESULT hr)
{
    throw CAtlException(hr);
}

/* ---- CComPtr ---------------------------------------------------------------------- */

template <class T> class CComPtr
{
  public:
    T *p;

    CComPtr() noexcept : p(nullptr)
    {
    }

    CComPtr(T *pointer) noexcept : p(pointer)
    {
        if (p) {
            p->AddRef();
        }
    }

    CComPtr(const CComPtr &other) noexcept : CComPtr(other.p)
    {
    }

    CComPtr(CComPtr &&other) noexcept : p(other.p)
    {
        other.p = nullptr;
    }

    ~CComPtr() noexcept
    {
        if (p) {
            p->Release();
        }
    }

    T *operator=(T *pointer) noexcept
    {
        CComPtr(pointer).Swap(*this);
        return p;
    }

    T *operator=(const CComPtr &other) noexcept
    {
        CComPtr(other).Swap(*this);
        return p;
    }

    T *operator=(CComPtr &&other) noexcept
    {
        CComPtr(static_cast<CComPtr &&>(other)).Swap(*this);
        return p;
    }

    /* Of another interface: null when the object lacks ours. */
    template <class Q> T *operator=(const CComPtr<Q> &other) noexcept
    {
        CComPtr fresh;
        if (other.p) {
            other.p->QueryInterface(__uuidof(T), reinterpret_cast<void **>(&fresh.p));
        }
        fresh.Swap(*this);
        return p;
    }

    operator T *() const noexcept
    {
        return p;
    }

    T &operator*() const noexcept
    {
        ATLASSERT(p);
        return *p;
    }

    T *operator->() const noexcept
    {
        ATLASSERT(p);
        return p;
    }

    /* For a function that puts a pointer there: it must be null now. */
    T **operator&() noexcept
    {
        ATLASSERT(!p);
        return &p;
    }

    bool operator!() const noexcept
    {
        return !p;
    }

    void Release() noexcept
    {
        CComPtr().Swap(*this);
    }

    void Attach(T *pointer) noexcept
    {
        if (p) {
            p->Release();
        }
        p = pointer;
    }

    T *Detach() noexcept
    {
        T *pointer = p;
        p = nullptr;
        return pointer;
    }

    HRESULT CopyTo(T **out) noexcept
    {
        if (!out) {
            return E_POINTER;
        }
        *out = p;
        if (p) {
            p->AddRef();
        }
        return S_OK;
    }

    bool IsEqualObject(IUnknown *other) noexcept
    {
        CComPtr<IUnknown> mine;
        CComPtr<IUnknown> theirs;
        if (!p || !other) {
            return !p && !other;
        }
        p->QueryInterface(IID_IUnknown, reinterpret_cast<void **>(&mine.p));
        other->QueryInterface(IID_IUnknown, reinterpret_cast<void **>(&theirs.p));
        return mine.p == theirs.p;
    }

    HRESULT CoCreateInstance(REFCLSID clsid, IUnknown *outer = nullptr,
                             DWORD context = CLSCTX_ALL) noexcept
    {
        ATLASSERT(!p);
        return ::CoCreateInstance(clsid, outer, context, __uuidof(T),
                                  reinterpret_cast<void **>(&p));
    }

    template <class Q> HRESULT QueryInterface(Q **out) const noexcept
    {
        ATLASSERT(p && out);
        return p->QueryInterface(__uuidof(Q), reinterpret_cast<void **>(out));
    }

    void Swap(CComPtr &other) noexcept
    {
        T *pointer = p;
        p = other.p;
        other.p = pointer;
    }
};

/* Asks any object for the interface. */
template <class T> class CComQIPtr : public CComPtr<T>
{
  public:
    CComQIPtr() noexcept
    {
    }

    CComQIPtr(T *pointer) noexcept : CComPtr<T>(pointer)
    {
    }

    CComQIPtr(IUnknown *object) noexcept
    {
        if (object) {
            object->QueryInterface(__uuidof(T), reinterpret_cast<void **>(&this->p));
        }
    }

    T *operator=(IUnknown *object) noexcept
    {
        CComQIPtr(object).Swap(*this);
        return this->p;
    }
};

template <> class CComQIPtr<IUnknown> : public CComPtr<IUnknown>
{
  public:
    CComQIPtr() noexcept
    {
    }

    CComQIPtr(IUnknown *object) noexcept
    {
        if (object) {
            object->QueryInterface(IID_IUnknown, reinterpret_cast<void **>(&p));
        }
    }
};

/* ---- CComBSTR ------------------------------------------------------------------------- */

class CComBSTR
{
  public:
    BSTR m_str;

    CComBSTR() noexcept : m_str(nullptr)
    {
    }

    CComBSTR(LPCOLESTR text) : m_str(checked(SysAllocString(text), text))
    {
    }

    CComBSTR(LPCSTR text) : m_str(nullptr)
    {
        if (text) {
            int room = MultiByteToWideChar(CP_UTF8, 0, text, -1, nullptr, 0);
            m_str = checked(SysAllocStringLen(nullptr, static_cast<UINT>(room - 1)), text);
            MultiByteToWideChar(CP_UTF8, 0, text, -1, m_str, room);
        }
    }

    explicit CComBSTR(int length) : m_str(allocate(length, nullptr))
    {
    }

    CComBSTR(int length, LPCOLESTR text) : m_str(allocate(length, text))
    {
    }

    CComBSTR(REFGUID guid) : m_str(nullptr)
    {
        OLECHAR text[64];
        StringFromGUID2(guid, text, 64);
        m_str = checked(SysAllocString(text), text);
    }

    CComBSTR(const CComBSTR &other) : m_str(other.Copy())
    {
        if (other.m_str && !m_str) {
            AtlThrow(E_OUTOFMEMORY);
        }
    }

    CComBSTR(CComBSTR &&other) noexcept : m_str(other.m_str)
    {
        other.m_str = nullptr;
    }

    ~CComBSTR()
    {
        SysFreeString(m_str);
    }

    CComBSTR &operator=(const CComBSTR &other)
    {
        CComBSTR fresh(other);
        swap(fresh);
        return *this;
    }

    CComBSTR &operator=(CComBSTR &&other) noexcept
    {
        swap(other);
        return *this;
    }

    CComBSTR &operator=(LPCOLESTR text)
    {
        CComBSTR fresh(text);
        swap(fresh);
        return *this;
    }

    CComBSTR &operator=(LPCSTR text)
    {
        CComBSTR fresh(text);
        swap(fresh);
        return *this;
    }

    operator BSTR() const noexcept
    {
        return m_str;
    }

    BSTR *operator&() noexcept
    {
        ATLASSERT(!m_str);
        return &m_str;
    }

    bool operator!() const noexcept
    {
        return !m_str;
    }

    unsigned int Length() const noexcept
    {
        return SysStringLen(m_str);
    }

    unsigned int ByteLength() const noexcept
    {
        return SysStringByteLen(m_str);
    }

    BSTR Copy() const noexcept
    {
        return m_str ? SysAllocStringByteLen(reinterpret_cast<LPCSTR>(m_str), ByteLength())
                     : nullptr;
    }

    HRESULT CopyTo(BSTR *out) const noexcept
    {
        if (!out) {
            return E_POINTER;
        }
        *out = Copy();
        return m_str && !*out ? E_OUTOFMEMORY : S_OK;
    }

    void Attach(BSTR text) noexcept
    {
        if (m_str != text) {
            SysFreeString(m_str);
            m_str = text;
        }
    }

    BSTR Detach() noexcept
    {
        BSTR text = m_str;
        m_str = nullptr;
        return text;
    }

    void Empty() noexcept
    {
        Attach(nullptr);
    }

    HRESULT Append(LPCOLESTR text) noexcept
    {
        return Append(text, text ? static_cast<int>(wcslen(text)) : 0);
    }

    HRESULT Append(LPCOLESTR text, int length) noexcept
    {
        unsigned int old = Length();
        if (length <= 0) {
            return length == 0 ? S_OK : E_INVALIDARG;
        }
        BSTR sum = SysAllocStringLen(nullptr, old + static_cast<unsigned int>(length));
        if (!sum) {
            return E_OUTOFMEMORY;
        }
        if (old > 0) {
            memcpy(sum, m_str, old * sizeof(OLECHAR));
        }
        memcpy(sum + old, text, static_cast<size_t>(length) * sizeof(OLECHAR));
        Attach(sum);
        return S_OK;
    }

    HRESULT Append(const CComBSTR &other) noexcept
    {
        return Append(other.m_str, static_cast<int>(other.Length()));
    }

    CComBSTR &operator+=(const CComBSTR &other)
    {
        HRESULT hr = Append(other);
        if (FAILED(hr)) {
            AtlThrow(hr);
        }
        return *this;
    }

    CComBSTR &operator+=(LPCOLESTR text)
    {
        HRESULT hr = Append(text);
        if (FAILED(hr)) {
            AtlThrow(hr);
        }
        return *this;
    }

    bool operator==(const CComBSTR &other) const noexcept
    {
        return VarBstrCmp(m_str, other.m_str, LOCALE_INVARIANT, 0) == VARCMP_EQ;
    }

    bool operator==(LPCOLESTR other) const
    {
        return *this == CComBSTR(other);
    }

    bool operator==(LPCSTR other) const
    {
        return *this == CComBSTR(other);
    }

    bool operator!=(const CComBSTR &other) const noexcept
    {
        return !(*this == other);
    }

    bool operator!=(LPCOLESTR other) const
    {
        return !(*this == other);
    }

    bool operator<(const CComBSTR &other) const noexcept
    {
        return VarBstrCmp(m_str, other.m_str, LOCALE_INVARIANT, 0) == VARCMP_LT;
    }

  private:
    static BSTR checked(BSTR text, const void *source)
    {
        if (source && !text) {
            AtlThrow(E_OUTOFMEMORY);
        }
        return text;
    }

    static BSTR allocate(int length, LPCOLESTR text)
    {
        BSTR result = length < 0 ? nullptr : SysAllocStringLen(text, static_cast<UINT>(length));
        if (!result) {
            AtlThrow(length < 0 ? E_INVALIDARG : E_OUTOFMEMORY);
        }
        return result;
    }

    void swap(CComBSTR &other) noexcept
    {
        BSTR text = m_str;
        m_str = other.m_str;
        other.m_str = text;
    }
};

/* ---- CComVariant ---------------------------------------------------------------------------- */

class CComVariant : public ::tagVARIANT
{
  public:
    CComVariant() noexcept
    {
        VariantInit(this);
    }

    CComVariant(const VARIANT &value) : ::tagVARIANT()
    {
        VariantInit(this);
        check(VariantCopy(this, &value));
    }

    CComVariant(const CComVariant &value) : ::tagVARIANT()
    {
        VariantInit(this);
        check(VariantCopy(this, &value));
    }

    CComVariant(LPCOLESTR value)
    {
        VariantInit(this);
        V_VT(this) = VT_BSTR;
        V_BSTR(this) = CComBSTR(value).Detach();
    }

    CComVariant(LPCSTR value)
    {
        VariantInit(this);
        V_VT(this) = VT_BSTR;
        V_BSTR(this) = CComBSTR(value).Detach();
    }

    CComVariant(bool value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_BOOL;
        V_BOOL(this) = value ? VARIANT_TRUE : VARIANT_FALSE;
    }

    CComVariant(int value, VARTYPE type = VT_I4) noexcept
    {
        VariantInit(this);
        V_VT(this) = type;
        V_I4(this) = value;
    }

    CComVariant(unsigned int value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_UI4;
        V_UI4(this) = value;
    }

    CComVariant(short value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_I2;
        V_I2(this) = value;
    }

    CComVariant(unsigned short value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_UI2;
        V_UI2(this) = value;
    }

    CComVariant(BYTE value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_UI1;
        V_UI1(this) = value;
    }

    /* VT_I4 where it fits, as `long` gives it on Windows. */
    CComVariant(long value) noexcept
    {
        VariantInit(this);
        if (value >= INT32_MIN && value <= INT32_MAX) {
            V_VT(this) = VT_I4;
            V_I4(this) = static_cast<LONG>(value);
        } else {
            V_VT(this) = VT_I8;
            V_I8(this) = value;
        }
    }

    CComVariant(long long value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_I8;
        V_I8(this) = value;
    }

    CComVariant(unsigned long long value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_UI8;
        V_UI8(this) = value;
    }

    CComVariant(float value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_R4;
        V_R4(this) = value;
    }

    CComVariant(double value, VARTYPE type = VT_R8) noexcept
    {
        VariantInit(this);
        V_VT(this) = type;
        V_R8(this) = value;
    }

    CComVariant(IUnknown *value) noexcept
    {
        VariantInit(this);
        V_VT(this) = VT_UNKNOWN;
        V_UNKNOWN(this) = value;
        if (value) {
            value->AddRef();
        }
    }

    CComVariant(const SAFEARRAY *value)
    {
        VariantInit(this);
        SAFEARRAY *source = const_cast<SAFEARRAY *>(value);
        VARTYPE type = VT_EMPTY;
        check(source ? SafeArrayGetVartype(source, &type) : E_INVALIDARG);
        SAFEARRAY *copy = nullptr;
        check(SafeArrayCopy(source, &copy));
        V_VT(this) = static_cast<VARTYPE>(type | VT_ARRAY);
        V_ARRAY(this) = copy;
    }

    ~CComVariant() noexcept
    {
        VariantClear(this);
    }

    CComVariant &operator=(const CComVariant &value)
    {
        check(VariantCopy(this, &value));
        return *this;
    }

    CComVariant &operator=(const VARIANT &value)
    {
        check(VariantCopy(this, &value));
        return *this;
    }

    template <class T> CComVariant &operator=(const T &value)
    {
        CComVariant fresh(value);
        check(VariantClear(this));
        static_cast<VARIANT &>(*this) = fresh;
        V_VT(&fresh) = VT_EMPTY;
        return *this;
    }

    bool operator==(const VARIANT &other) const
    {
        VARIANT *left = const_cast<VARIANT *>(static_cast<const VARIANT *>(this));
        if (V_VT(left) == VT_NULL && V_VT(&other) == VT_NULL) {
            return true;
        }
        return V_VT(left) == V_VT(&other) &&
               VarCmp(left, const_cast<VARIANT *>(&other), LOCALE_INVARIANT, 0) == VARCMP_EQ;
    }

    bool operator!=(const VARIANT &other) const
    {
        return !(*this == other);
    }

    HRESULT Clear() noexcept
    {
        return VariantClear(this);
    }

    HRESULT Copy(const VARIANT *source) noexcept
    {
        return VariantCopy(this, source);
    }

    HRESULT CopyTo(BSTR *out) const noexcept
    {
        if (!out || V_VT(this) != VT_BSTR) {
            return out ? DISP_E_TYPEMISMATCH : E_POINTER;
        }
        *out = SysAllocStringLen(V_BSTR(this), SysStringLen(V_BSTR(this)));
        return *out ? S_OK : E_OUTOFMEMORY;
    }

    /* Takes what the value owns. */
    HRESULT Attach(VARIANT *source) noexcept
    {
        if (!source) {
            return E_INVALIDARG;
        }
        HRESULT hr = VariantClear(this);
        if (SUCCEEDED(hr)) {
            static_cast<VARIANT &>(*this) = *source;
            V_VT(source) = VT_EMPTY;
        }
        return hr;
    }

    HRESULT Detach(VARIANT *out) noexcept
    {
        HRESULT hr = out ? VariantClear(out) : E_POINTER;
        if (SUCCEEDED(hr)) {
            *out = *this;
            V_VT(this) = VT_EMPTY;
        }
        return hr;
    }

    HRESULT ChangeType(VARTYPE type, const VARIANT *source = nullptr) noexcept
    {
        return VariantChangeType(this, source ? source : this, 0, type);
    }

  private:
    static void check(HRESULT hr)
    {
        if (FAILED(hr)) {
            AtlThrow(hr);
        }
    }
};

} // namespace ATL

#ifndef _ATL_NO_AUTOMATIC_NAMESPACE
using namespace ATL;
#endif

#endif
