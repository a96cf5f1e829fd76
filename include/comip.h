/*
 * C++: _com_ptr_t, a pointer to an interface that counts. Failures other than E_NOINTERFACE are
 * thrown as _com_error; use of a null pointer is E_POINTER.
 */
/* comdef.h includes this at the right place, and has _com_error, which is thrown here. */
#ifndef WBEM_COMDEF_H
#include "comdef.h"
#endif

#ifndef WBEM_COMIP_H
#define WBEM_COMIP_H

#ifndef __cplusplus
#error comip.h is for C++
#endif

/* An interface and its identifier. */
template <typename I, const IID *Id> class _com_IIID
{
  public:
    typedef I Interface;

    static I *GetInterfacePtr() noexcept
    {
        return nullptr;
    }

    static I &GetInterface() noexcept
    {
        return *GetInterfacePtr();
    }

    static const IID &GetIID() noexcept
    {
        return *Id;
    }
};

template <typename T> class _com_ptr_t
{
  public:
    typedef T ThisIIID;
    typedef typename T::Interface Interface;

    static const IID &GetIID() noexcept
    {
        return T::GetIID();
    }

    _com_ptr_t() noexcept : pointer_(nullptr)
    {
    }

    _com_ptr_t(const _com_ptr_t &other) noexcept : pointer_(other.pointer_)
    {
        add_ref();
    }

    _com_ptr_t(_com_ptr_t &&other) noexcept : pointer_(other.pointer_)
    {
        other.pointer_ = nullptr;
    }

    /* Also for 0, NULL and nullptr, as wherever an Interface * is taken. */
    _com_ptr_t(Interface *pointer) noexcept : pointer_(pointer)
    {
        add_ref();
    }

    /* With `count` false it takes the reference. */
    _com_ptr_t(Interface *pointer, bool count) noexcept : pointer_(pointer)
    {
        if (count) {
            add_ref();
        }
    }

    /* Of another interface, by QueryInterface; null when the object lacks ours. */
    template <typename Q> _com_ptr_t(const _com_ptr_t<Q> &other) : pointer_(nullptr)
    {
        query(other.GetInterfacePtr());
    }

    template <typename Q> _com_ptr_t(Q *other) : pointer_(nullptr)
    {
        query(other);
    }

    _com_ptr_t(const _variant_t &value) : pointer_(nullptr)
    {
        query_variant(value);
    }

    /* A new object. */
    explicit _com_ptr_t(const CLSID &clsid, IUnknown *outer = nullptr, DWORD context = CLSCTX_ALL)
        : pointer_(nullptr)
    {
        HRESULT hr = CreateInstance(clsid, outer, context);
        if (FAILED(hr) && hr != E_NOINTERFACE) {
            _com_issue_error(hr);
        }
    }

    ~_com_ptr_t() noexcept
    {
        release();
    }

    _com_ptr_t &operator=(const _com_ptr_t &other) noexcept
    {
        _com_ptr_t copy(other);
        swap(copy);
        return *this;
    }

    _com_ptr_t &operator=(_com_ptr_t &&other) noexcept
    {
        swap(other);
        return *this;
    }

    _com_ptr_t &operator=(Interface *pointer) noexcept
    {
        _com_ptr_t copy(pointer);
        swap(copy);
        return *this;
    }

    template <typename Q> _com_ptr_t &operator=(const _com_ptr_t<Q> &other)
    {
        _com_ptr_t copy(other);
        swap(copy);
        return *this;
    }

    template <typename Q> _com_ptr_t &operator=(Q *other)
    {
        _com_ptr_t copy(other);
        swap(copy);
        return *this;
    }

    _com_ptr_t &operator=(const _variant_t &value)
    {
        _com_ptr_t copy(value);
        swap(copy);
        return *this;
    }

    void Attach(Interface *pointer) noexcept
    {
        release();
        pointer_ = pointer;
    }

    void Attach(Interface *pointer, bool count) noexcept
    {
        _com_ptr_t fresh(pointer, count);
        swap(fresh);
    }

    Interface *Detach() noexcept
    {
        Interface *pointer = pointer_;
        pointer_ = nullptr;
        return pointer;
    }

    operator Interface *() const noexcept
    {
        return pointer_;
    }

    operator Interface &() const
    {
        return *checked();
    }

    Interface &operator*() const
    {
        return *checked();
    }

    /* For a function that puts a pointer there: the old one is released. */
    Interface **operator&() noexcept
    {
        release();
        pointer_ = nullptr;
        return &pointer_;
    }

    Interface *operator->() const
    {
        return checked();
    }

    explicit operator bool() const noexcept
    {
        return pointer_ != nullptr;
    }

    bool operator!() const noexcept
    {
        return pointer_ == nullptr;
    }

    /* Two pointers are equal when they lead to the same object, whatever interface they are of. */
    template <typename Q> bool operator==(const _com_ptr_t<Q> &other) const
    {
        return same_object(other.GetInterfacePtr());
    }

    template <typename Q> bool operator!=(const _com_ptr_t<Q> &other) const
    {
        return !same_object(other.GetInterfacePtr());
    }

    template <typename Q> bool operator==(Q *other) const
    {
        return same_object(other);
    }

    template <typename Q> bool operator!=(Q *other) const
    {
        return !same_object(other);
    }

    bool operator==(Interface *other) const
    {
        return same_object(other);
    }

    bool operator!=(Interface *other) const
    {
        return !same_object(other);
    }

    void Release()
    {
        if (!pointer_) {
            _com_issue_error(E_POINTER);
        }
        Interface *pointer = pointer_;
        pointer_ = nullptr;
        pointer->Release();
    }

    void AddRef()
    {
        checked()->AddRef();
    }

    Interface *GetInterfacePtr() const noexcept
    {
        return pointer_;
    }

    Interface *&GetInterfacePtr() noexcept
    {
        return pointer_;
    }

    HRESULT CreateInstance(const CLSID &clsid, IUnknown *outer = nullptr,
                           DWORD context = CLSCTX_ALL) noexcept
    {
        release();
        pointer_ = nullptr;
        return CoCreateInstance(clsid, outer, context, GetIID(),
                                reinterpret_cast<void **>(&pointer_));
    }

    /* "{…}": an identifier as text. */
    HRESULT CreateInstance(LPCWSTR text, IUnknown *outer = nullptr,
                           DWORD context = CLSCTX_ALL) noexcept
    {
        CLSID clsid;
        HRESULT hr = text ? CLSIDFromString(text, &clsid) : E_INVALIDARG;
        return FAILED(hr) ? hr : CreateInstance(clsid, outer, context);
    }

    template <typename Q> HRESULT QueryInterface(const IID &iid, Q *&other)
    {
        return checked()->QueryInterface(iid, reinterpret_cast<void **>(&other));
    }

    template <typename Q> HRESULT QueryInterface(const IID &iid, Q **other)
    {
        return checked()->QueryInterface(iid, reinterpret_cast<void **>(other));
    }

  private:
    Interface *pointer_;

    void add_ref() const noexcept
    {
        if (pointer_) {
            pointer_->AddRef();
        }
    }

    void release() noexcept
    {
        if (pointer_) {
            pointer_->Release();
        }
    }

    void swap(_com_ptr_t &other) noexcept
    {
        Interface *pointer = pointer_;
        pointer_ = other.pointer_;
        other.pointer_ = pointer;
    }

    Interface *checked() const
    {
        if (!pointer_) {
            _com_issue_error(E_POINTER);
        }
        return pointer_;
    }

    void query(IUnknown *other)
    {
        if (!other) {
            return;
        }
        HRESULT hr = other->QueryInterface(GetIID(), reinterpret_cast<void **>(&pointer_));
        if (FAILED(hr)) {
            pointer_ = nullptr;
            if (hr != E_NOINTERFACE) {
                _com_issue_error(hr);
            }
        }
    }

    void query_variant(const _variant_t &value)
    {
        if (V_VT(&value) != VT_UNKNOWN && V_VT(&value) != VT_DISPATCH) {
            _com_issue_error(DISP_E_TYPEMISMATCH);
            return;
        }
        query(V_UNKNOWN(&value));
    }

    bool same_object(IUnknown *other) const
    {
        if (!pointer_ || !other) {
            return static_cast<IUnknown *>(pointer_) == other;
        }
        IUnknown *mine = nullptr;
        IUnknown *theirs = nullptr;
        pointer_->QueryInterface(IID_IUnknown, reinterpret_cast<void **>(&mine));
        other->QueryInterface(IID_IUnknown, reinterpret_cast<void **>(&theirs));
        bool same = mine == theirs;
        if (mine) {
            mine->Release();
        }
        if (theirs) {
            theirs->Release();
        }
        return same;
    }
};

/* A type of smart pointer for an interface: _COM_SMARTPTR_TYPEDEF(IThing, __uuidof(IThing)) makes
 * IThingPtr. */
#define _COM_SMARTPTR _com_ptr_t
#define _COM_SMARTPTR_LEVEL2 _com_IIID
#define _COM_SMARTPTR_TYPEDEF(Interface, IID)                                                      \
    typedef _com_ptr_t<_com_IIID<Interface, &IID>> Interface##Ptr

#endif
