/*
 * C++: _bstr_t and _variant_t, which own a BSTR and a VARIANT. Failures are thrown as _com_error.
 *
 * Where the SDK has a constructor for `long`, the type is 32 bits wide; here `int` is LONG and
 * gives VT_I4 (not VT_INT), `long` gives VT_I4 when the value fits and VT_I8 when not; likewise
 * unsigned.
 */
/* comdef.h includes this at the right place, and has _com_error, which is thrown here. */
#ifndef WBEM_COMDEF_H
#include "comdef.h"
#endif

#ifndef WBEM_COMUTIL_H
#define WBEM_COMUTIL_H

#ifndef __cplusplus
#error comutil.h is for C++
#endif

#include <atomic>
#include <climits>
#include <new>
#include "ole2.h"
#include "winnls.h"

class _com_error;
class _variant_t;

/* Throws _com_error, or does what _set_com_error_handler() said. */
inline void _com_issue_error(HRESULT hr);

namespace _com_util
{

inline void CheckError(HRESULT hr)
{
    if (FAILED(hr)) {
        _com_issue_error(hr);
    }
}

/* From UTF-8; free with SysFreeString. */
inline BSTR ConvertStringToBSTR(const char *text)
{
    if (!text) {
        return nullptr;
    }
    int room = MultiByteToWideChar(CP_UTF8, 0, text, -1, nullptr, 0);
    BSTR result = room > 0 ? SysAllocStringLen(nullptr, static_cast<UINT>(room - 1)) : nullptr;
    if (!result) {
        _com_issue_error(E_OUTOFMEMORY);
        return nullptr;
    }
    MultiByteToWideChar(CP_UTF8, 0, text, -1, result, room);
    return result;
}

/* To UTF-8; free with delete[]. */
inline char *ConvertBSTRToString(BSTR text)
{
    if (!text) {
        return nullptr;
    }
    /* By its length, with the terminator: what lies behind a NUL is kept. */
    int length = static_cast<int>(SysStringLen(text)) + 1;
    int room = WideCharToMultiByte(CP_UTF8, 0, text, length, nullptr, 0, nullptr, nullptr);
    char *result = room > 0 ? new (std::nothrow) char[static_cast<size_t>(room)] : nullptr;
    if (!result) {
        _com_issue_error(E_OUTOFMEMORY);
        return nullptr;
    }
    WideCharToMultiByte(CP_UTF8, 0, text, length, result, room, nullptr, nullptr);
    return result;
}

} // namespace _com_util

/* ---- _bstr_t ----------------------------------------------------------------------- */

/* Copies share one counted BSTR; what changes a string makes a new one. */
class _bstr_t
{
  public:
    _bstr_t() noexcept : data_(nullptr)
    {
    }

    _bstr_t(const _bstr_t &other) noexcept : data_(other.data_)
    {
        add_ref();
    }

    _bstr_t(_bstr_t &&other) noexcept : data_(other.data_)
    {
        other.data_ = nullptr;
    }

    _bstr_t(const char *text) : data_(make(_com_util::ConvertStringToBSTR(text)))
    {
    }

    _bstr_t(const wchar_t *text) : data_(make(allocate(text)))
    {
    }

    explicit _bstr_t(const _variant_t &value);

    /* With `copy` false it takes the BSTR. */
    _bstr_t(BSTR text, bool copy) : data_(make(copy ? duplicate(text) : text))
    {
    }

    ~_bstr_t() noexcept
    {
        release();
    }

    _bstr_t &operator=(const _bstr_t &other) noexcept
    {
        _bstr_t copy(other);
        swap(copy);
        return *this;
    }

    _bstr_t &operator=(_bstr_t &&other) noexcept
    {
        swap(other);
        return *this;
    }

    _bstr_t &operator=(const char *text)
    {
        _bstr_t copy(text);
        swap(copy);
        return *this;
    }

    _bstr_t &operator=(const wchar_t *text)
    {
        _bstr_t copy(text);
        swap(copy);
        return *this;
    }

    _bstr_t &operator=(const _variant_t &value);

    _bstr_t &operator+=(const _bstr_t &other)
    {
        _bstr_t sum = *this + other;
        swap(sum);
        return *this;
    }

    _bstr_t operator+(const _bstr_t &other) const
    {
        BSTR sum = nullptr;
        _com_util::CheckError(VarBstrCat(raw(), other.raw(), &sum));
        return _bstr_t(sum, false);
    }

    _bstr_t operator+(const char *text) const
    {
        return *this + _bstr_t(text);
    }

    _bstr_t operator+(const wchar_t *text) const
    {
        return *this + _bstr_t(text);
    }

    operator const wchar_t *() const noexcept
    {
        return raw();
    }

    operator wchar_t *() const noexcept
    {
        return raw();
    }

    /* UTF-8, kept as long as the string. */
    operator const char *() const
    {
        return narrow();
    }

    operator char *() const
    {
        return narrow();
    }

    bool operator!() const noexcept
    {
        return raw() == nullptr;
    }

    bool operator==(const _bstr_t &other) const noexcept
    {
        return compare(other) == 0;
    }

    bool operator!=(const _bstr_t &other) const noexcept
    {
        return compare(other) != 0;
    }

    bool operator<(const _bstr_t &other) const noexcept
    {
        return compare(other) < 0;
    }

    bool operator>(const _bstr_t &other) const noexcept
    {
        return compare(other) > 0;
    }

    bool operator<=(const _bstr_t &other) const noexcept
    {
        return compare(other) <= 0;
    }

    bool operator>=(const _bstr_t &other) const noexcept
    {
        return compare(other) >= 0;
    }

    unsigned int length() const noexcept
    {
        return SysStringLen(raw());
    }

    /* A BSTR of the caller's; with `duplicate_it` false the one inside, which stays ours. */
    BSTR copy(bool duplicate_it = true) const
    {
        return duplicate_it ? duplicate(raw()) : raw();
    }

    /* The BSTR itself, not shared, for a function that may change it in place. */
    BSTR &GetBSTR()
    {
        unshare();
        return data_->text;
    }

    /* For a function that puts a new BSTR there: the old one is freed first. */
    BSTR *GetAddress()
    {
        Attach(nullptr);
        return &data_->text;
    }

    void Assign(BSTR text)
    {
        _bstr_t fresh(text, true);
        swap(fresh);
    }

    /* Takes the BSTR. */
    void Attach(BSTR text)
    {
        Data *fresh = make_always(text);
        release();
        data_ = fresh;
    }

    /* Gives the BSTR up: the caller frees it. */
    BSTR Detach()
    {
        if (!data_) {
            return nullptr;
        }
        unshare();
        BSTR text = data_->text;
        data_->text = nullptr;
        release();
        data_ = nullptr;
        return text;
    }

  private:
    struct Data {
        std::atomic<unsigned long> refs;
        BSTR text;
        std::atomic<char *> utf8; /* made when asked for */
    };

    Data *data_;

    static BSTR allocate(const wchar_t *text)
    {
        BSTR result = SysAllocString(text);
        if (text && !result) {
            _com_issue_error(E_OUTOFMEMORY);
        }
        return result;
    }

    static BSTR duplicate(BSTR text)
    {
        BSTR result = text ? SysAllocStringByteLen(reinterpret_cast<const char *>(text),
                                                   SysStringByteLen(text))
                           : nullptr;
        if (text && !result) {
            _com_issue_error(E_OUTOFMEMORY);
        }
        return result;
    }

    static Data *make_always(BSTR text)
    {
        Data *data = new (std::nothrow) Data;
        if (!data) {
            SysFreeString(text);
            _com_issue_error(E_OUTOFMEMORY);
            return nullptr;
        }
        data->refs = 1;
        data->text = text;
        data->utf8 = nullptr;
        return data;
    }

    static Data *make(BSTR text)
    {
        return text ? make_always(text) : nullptr;
    }

    BSTR raw() const noexcept
    {
        return data_ ? data_->text : nullptr;
    }

    char *narrow() const
    {
        if (!raw()) {
            return nullptr;
        }
        char *utf8 = data_->utf8;
        if (!utf8) {
            char *fresh = _com_util::ConvertBSTRToString(raw());
            if (data_->utf8.compare_exchange_strong(utf8, fresh)) {
                utf8 = fresh;
            } else {
                delete[] fresh; /* another thread was first */
            }
        }
        return utf8;
    }

    void unshare()
    {
        if (!data_) {
            data_ = make_always(nullptr);
        } else if (data_->refs > 1) {
            Data *fresh = make_always(duplicate(data_->text));
            release();
            data_ = fresh;
        } else {
            delete[] data_->utf8.exchange(nullptr); /* the text is about to change */
        }
    }

    int compare(const _bstr_t &other) const noexcept
    {
        return static_cast<int>(VarBstrCmp(raw(), other.raw(), LOCALE_INVARIANT, 0)) - VARCMP_EQ;
    }

    void swap(_bstr_t &other) noexcept
    {
        Data *data = data_;
        data_ = other.data_;
        other.data_ = data;
    }

    void add_ref() const noexcept
    {
        if (data_) {
            ++data_->refs;
        }
    }

    void release() noexcept
    {
        if (data_ && --data_->refs == 0) {
            SysFreeString(data_->text);
            delete[] data_->utf8.load();
            delete data_;
        }
    }
};

inline _bstr_t operator+(const char *left, const _bstr_t &right)
{
    return _bstr_t(left) + right;
}

inline _bstr_t operator+(const wchar_t *left, const _bstr_t &right)
{
    return _bstr_t(left) + right;
}

/* ---- _variant_t ------------------------------------------------------------------------ */

class _variant_t : public ::tagVARIANT
{
  public:
    _variant_t() noexcept
    {
        VariantInit(this);
    }

    _variant_t(const VARIANT &value)
    {
        VariantInit(this);
        _com_util::CheckError(VariantCopy(this, &value));
    }

    _variant_t(const VARIANT *value)
    {
        VariantInit(this);
        _com_util::CheckError(value ? VariantCopy(this, value) : E_POINTER);
    }

    _variant_t(const _variant_t &value) : ::tagVARIANT()
    {
        VariantInit(this);
        _com_util::CheckError(VariantCopy(this, &value));
    }

    _variant_t(_variant_t &&value) noexcept : ::tagVARIANT()
    {
        take(value);
    }

    /* With `copy` false it takes what the value owns. */
    _variant_t(VARIANT &value, bool copy)
    {
        VariantInit(this);
        if (copy) {
            _com_util::CheckError(VariantCopy(this, &value));
        } else {
            take(value);
        }
    }

    _variant_t(short value, VARTYPE type = VT_I2)
    {
        begin(type, type == VT_I2 || type == VT_BOOL);
        if (type == VT_BOOL) {
            V_BOOL(this) = value ? VARIANT_TRUE : VARIANT_FALSE;
        } else {
            V_I2(this) = value;
        }
    }

    _variant_t(int value, VARTYPE type = VT_I4)
    {
        begin(type, type == VT_I4 || type == VT_INT || type == VT_ERROR || type == VT_BOOL);
        if (type == VT_BOOL) {
            V_BOOL(this) = value ? VARIANT_TRUE : VARIANT_FALSE;
        } else {
            V_I4(this) = value;
        }
    }

    _variant_t(unsigned int value, VARTYPE type = VT_UI4)
    {
        begin(type, type == VT_UI4 || type == VT_UINT);
        V_UI4(this) = value;
    }

    _variant_t(long value)
    {
        begin(value >= INT_MIN && value <= INT_MAX ? VT_I4 : VT_I8, true);
        put_signed(value);
    }

    _variant_t(long value, VARTYPE type)
    {
        begin(type, type == VT_I4 || type == VT_ERROR || type == VT_BOOL || type == VT_I8);
        if (type == VT_BOOL) {
            V_BOOL(this) = value ? VARIANT_TRUE : VARIANT_FALSE;
        } else {
            put_signed(value);
        }
    }

    _variant_t(unsigned long value)
    {
        begin(value <= UINT_MAX ? VT_UI4 : VT_UI8, true);
        V_UI8(this) = value;
    }

    _variant_t(long long value)
    {
        begin(VT_I8, true);
        V_I8(this) = value;
    }

    _variant_t(unsigned long long value)
    {
        begin(VT_UI8, true);
        V_UI8(this) = value;
    }

    _variant_t(char value)
    {
        begin(VT_I1, true);
        V_I1(this) = value;
    }

    _variant_t(BYTE value)
    {
        begin(VT_UI1, true);
        V_UI1(this) = value;
    }

    _variant_t(unsigned short value)
    {
        begin(VT_UI2, true);
        V_UI2(this) = value;
    }

    _variant_t(float value)
    {
        begin(VT_R4, true);
        V_R4(this) = value;
    }

    _variant_t(double value, VARTYPE type = VT_R8)
    {
        begin(type, type == VT_R8 || type == VT_DATE);
        V_R8(this) = value;
    }

    _variant_t(const CY &value)
    {
        begin(VT_CY, true);
        V_CY(this) = value;
    }

    _variant_t(const DECIMAL &value)
    {
        VariantInit(this);
        V_DECIMAL(this) = value;
        V_VT(this) = VT_DECIMAL;
    }

    _variant_t(bool value)
    {
        begin(VT_BOOL, true);
        V_BOOL(this) = value ? VARIANT_TRUE : VARIANT_FALSE;
    }

    _variant_t(const _bstr_t &value)
    {
        BSTR text = value.copy();
        begin(VT_BSTR, true);
        V_BSTR(this) = text;
    }

    _variant_t(const wchar_t *value)
    {
        BSTR text = _bstr_t(value).copy();
        begin(VT_BSTR, true);
        V_BSTR(this) = text;
    }

    _variant_t(const char *value)
    {
        BSTR text = _com_util::ConvertStringToBSTR(value);
        begin(VT_BSTR, true);
        V_BSTR(this) = text;
    }

    _variant_t(IUnknown *value, bool add_ref = true)
    {
        begin(VT_UNKNOWN, true);
        V_UNKNOWN(this) = value;
        if (value && add_ref) {
            value->AddRef();
        }
    }

    _variant_t(IDispatch *value, bool add_ref = true)
    {
        begin(VT_DISPATCH, true);
        V_DISPATCH(this) = value;
        if (value && add_ref) {
            value->AddRef();
        }
    }

    ~_variant_t() noexcept
    {
        VariantClear(this);
    }

    /* Whatever a constructor takes can be assigned. */
    _variant_t &operator=(const _variant_t &value)
    {
        _com_util::CheckError(VariantCopy(this, &value));
        return *this;
    }

    _variant_t &operator=(_variant_t &&value)
    {
        if (this != &value) {
            Clear();
            take(value);
        }
        return *this;
    }

    _variant_t &operator=(const VARIANT &value)
    {
        _com_util::CheckError(VariantCopy(this, &value));
        return *this;
    }

    _variant_t &operator=(const VARIANT *value)
    {
        _com_util::CheckError(value ? VariantCopy(this, value) : E_POINTER);
        return *this;
    }

    template <class T> _variant_t &operator=(const T &value)
    {
        return *this = _variant_t(value);
    }

    _variant_t &operator=(const wchar_t *value)
    {
        return *this = _variant_t(value);
    }

    _variant_t &operator=(const char *value)
    {
        return *this = _variant_t(value);
    }

    operator short() const
    {
        return V_I2(Converted(*this, VT_I2).get());
    }

    operator unsigned short() const
    {
        return V_UI2(Converted(*this, VT_UI2).get());
    }

    operator int() const
    {
        return V_I4(Converted(*this, VT_I4).get());
    }

    operator unsigned int() const
    {
        return V_UI4(Converted(*this, VT_UI4).get());
    }

    operator long() const
    {
        return static_cast<long>(V_I8(Converted(*this, VT_I8).get()));
    }

    operator unsigned long() const
    {
        return static_cast<unsigned long>(V_UI8(Converted(*this, VT_UI8).get()));
    }

    operator long long() const
    {
        return V_I8(Converted(*this, VT_I8).get());
    }

    operator unsigned long long() const
    {
        return V_UI8(Converted(*this, VT_UI8).get());
    }

    operator char() const
    {
        return V_I1(Converted(*this, VT_I1).get());
    }

    operator BYTE() const
    {
        return V_UI1(Converted(*this, VT_UI1).get());
    }

    operator float() const
    {
        return V_R4(Converted(*this, VT_R4).get());
    }

    operator double() const
    {
        return V_R8(Converted(*this, VT_R8).get());
    }

    operator CY() const
    {
        return V_CY(Converted(*this, VT_CY).get());
    }

    operator DECIMAL() const
    {
        return V_DECIMAL(Converted(*this, VT_DECIMAL).get());
    }

    operator bool() const
    {
        return V_BOOL(Converted(*this, VT_BOOL).get()) != VARIANT_FALSE;
    }

    operator _bstr_t() const
    {
        Converted text(*this, VT_BSTR);
        return _bstr_t(V_BSTR(&text.value), true);
    }

    /* A counted reference for the caller. */
    operator IUnknown *() const
    {
        Converted object(*this, VT_UNKNOWN);
        IUnknown *result = V_UNKNOWN(&object.value);
        V_VT(&object.value) = VT_EMPTY;
        return result;
    }

    operator IDispatch *() const
    {
        Converted object(*this, VT_DISPATCH);
        IDispatch *result = V_DISPATCH(&object.value);
        V_VT(&object.value) = VT_EMPTY;
        return result;
    }

    /* Values of the same type are compared as VarCmp does; others are different. */
    bool operator==(const VARIANT &other) const
    {
        return equals(other);
    }

    bool operator==(const VARIANT *other) const
    {
        return other && equals(*other);
    }

    bool operator!=(const VARIANT &other) const
    {
        return !equals(other);
    }

    bool operator!=(const VARIANT *other) const
    {
        return !other || !equals(*other);
    }

    void Clear()
    {
        _com_util::CheckError(VariantClear(this));
    }

    /* Takes what the value owns. */
    void Attach(VARIANT &value)
    {
        Clear();
        take(value);
    }

    VARIANT Detach()
    {
        VARIANT value = *this;
        V_VT(this) = VT_EMPTY;
        return value;
    }

    VARIANT &GetVARIANT() noexcept
    {
        return *this;
    }

    VARIANT *GetAddress()
    {
        Clear();
        return this;
    }

    void ChangeType(VARTYPE type, const _variant_t *source = nullptr)
    {
        _com_util::CheckError(VariantChangeType(this, source ? source : this, 0, type));
    }

    void SetString(const char *text)
    {
        *this = _variant_t(text);
    }

  private:
    /* The value as another type, freed at the end of the expression. */
    struct Converted {
        VARIANT value;

        Converted(const VARIANT &source, VARTYPE type)
        {
            VariantInit(&value);
            _com_util::CheckError(VariantChangeType(&value, &source, 0, type));
        }

        Converted(const Converted &) = delete;
        Converted &operator=(const Converted &) = delete;

        ~Converted()
        {
            VariantClear(&value);
        }

        VARIANT *get() noexcept
        {
            return &value;
        }
    };

    void begin(VARTYPE type, bool allowed)
    {
        VariantInit(this);
        if (!allowed) {
            _com_issue_error(E_INVALIDARG);
            return;
        }
        V_VT(this) = type;
    }

    void put_signed(long value)
    {
        if (V_VT(this) == VT_I8) {
            V_I8(this) = value;
        } else {
            V_I4(this) = static_cast<LONG>(value);
        }
    }

    void take(VARIANT &value) noexcept
    {
        static_cast<VARIANT &>(*this) = value;
        V_VT(&value) = VT_EMPTY;
    }

    bool equals(const VARIANT &other) const
    {
        if (V_VT(this) != V_VT(&other)) {
            return false;
        }
        switch (V_VT(this)) {
        case VT_EMPTY:
        case VT_NULL:
            return true;
        case VT_UNKNOWN:
        case VT_DISPATCH:
            return V_UNKNOWN(this) == V_UNKNOWN(&other);
        case VT_ERROR:
            return V_ERROR(this) == V_ERROR(&other);
        default:
            break;
        }
        if (V_VT(this) & (VT_ARRAY | VT_BYREF)) {
            return V_BYREF(this) == V_BYREF(&other);
        }
        VARIANT *left = const_cast<VARIANT *>(static_cast<const VARIANT *>(this));
        return VarCmp(left, const_cast<VARIANT *>(&other), LOCALE_INVARIANT, 0) == VARCMP_EQ;
    }
};

inline _bstr_t::_bstr_t(const _variant_t &value) : data_(nullptr)
{
    _bstr_t text = value.operator _bstr_t();
    swap(text);
}

inline _bstr_t &_bstr_t::operator=(const _variant_t &value)
{
    _bstr_t text(value);
    swap(text);
    return *this;
}

/* The optional argument that was left out. */
static const _variant_t vtMissing(DISP_E_PARAMNOTFOUND, VT_ERROR);

typedef _bstr_t bstr_t;
typedef _variant_t variant_t;

#endif
