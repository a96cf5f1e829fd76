/*
 * C++: _com_error, thrown where an HRESULT fails, and the smart types for BSTR, VARIANT and
 * interface pointers.
 */
#ifndef WBEM_COMDEF_H
#define WBEM_COMDEF_H

#ifndef __cplusplus
#error comdef.h is for C++
#endif

#include "windows.h"
#include "comutil.h"
#include "comip.h"

/* A failed HRESULT, with the thread's error object where there was one. */
class _com_error
{
  public:
    static const HRESULT WCODE_HRESULT_FIRST = MAKE_HRESULT(SEVERITY_ERROR, FACILITY_ITF, 0x200);
    static const HRESULT WCODE_HRESULT_LAST = MAKE_HRESULT(SEVERITY_ERROR, FACILITY_ITF + 1, 0) - 1;

    _com_error(HRESULT hr, IErrorInfo *info = nullptr, bool add_ref = false) noexcept
        : hr_(hr), info_(info), message_(nullptr)
    {
        if (info_ && add_ref) {
            info_->AddRef();
        }
    }

    _com_error(const _com_error &other) noexcept
        : hr_(other.hr_), info_(other.info_), message_(nullptr)
    {
        if (info_) {
            info_->AddRef();
        }
    }

    virtual ~_com_error() noexcept
    {
        if (info_) {
            info_->Release();
        }
        LocalFree(message_);
    }

    _com_error &operator=(const _com_error &other) noexcept
    {
        if (this != &other) {
            if (other.info_) {
                other.info_->AddRef();
            }
            if (info_) {
                info_->Release();
            }
            LocalFree(message_);
            hr_ = other.hr_;
            info_ = other.info_;
            message_ = nullptr;
        }
        return *this;
    }

    HRESULT Error() const noexcept
    {
        return hr_;
    }

    /* 16-bit codes of older interfaces. */
    WORD WCode() const noexcept
    {
        return HRESULTToWCode(hr_);
    }

    static HRESULT WCodeToHRESULT(WORD code) noexcept
    {
        return code >= 0xFE00 ? WCODE_HRESULT_LAST
                              : static_cast<HRESULT>(WCODE_HRESULT_FIRST + code);
    }

    static WORD HRESULTToWCode(HRESULT hr) noexcept
    {
        return hr >= WCODE_HRESULT_FIRST && hr <= WCODE_HRESULT_LAST
                   ? static_cast<WORD>(hr - WCODE_HRESULT_FIRST)
                   : static_cast<WORD>(0);
    }

    /* A counted reference for the caller, or null. */
    IErrorInfo *ErrorInfo() const noexcept
    {
        if (info_) {
            info_->AddRef();
        }
        return info_;
    }

    _bstr_t Description() const
    {
        return text_of(&IErrorInfo::GetDescription);
    }

    _bstr_t Source() const
    {
        return text_of(&IErrorInfo::GetSource);
    }

    _bstr_t HelpFile() const
    {
        return text_of(&IErrorInfo::GetHelpFile);
    }

    DWORD HelpContext() const noexcept
    {
        DWORD context = 0;
        if (info_) {
            info_->GetHelpContext(&context);
        }
        return context;
    }

    ::GUID GUID() const noexcept
    {
        ::GUID guid = GUID_NULL;
        if (info_) {
            info_->GetGUID(&guid);
        }
        return guid;
    }

    /* What the code means; kept as long as the error. */
    const TCHAR *ErrorMessage() const noexcept
    {
        if (!message_) {
            FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                              FORMAT_MESSAGE_IGNORE_INSERTS,
                          nullptr, static_cast<DWORD>(hr_), 0, reinterpret_cast<TCHAR *>(&message_),
                          64, nullptr);
            if (message_) {
                cut_line_end();
            } else {
                message_ = static_cast<TCHAR *>(LocalAlloc(LPTR, 32 * sizeof(TCHAR)));
                if (message_) {
                    wsprintf(message_, TEXT("Unknown error 0x%0lX"), hr_);
                }
            }
        }
        return message_ ? message_ : TEXT("");
    }

  private:
    HRESULT hr_;
    IErrorInfo *info_;
    mutable TCHAR *message_;

    void cut_line_end() const noexcept
    {
        size_t length = static_cast<size_t>(lstrlen(message_));
        while (length > 0 && (message_[length - 1] == '\n' || message_[length - 1] == '\r')) {
            message_[--length] = 0;
        }
    }

    _bstr_t text_of(HRESULT (STDMETHODCALLTYPE IErrorInfo::*get)(BSTR *)) const
    {
        BSTR text = nullptr;
        if (info_ && FAILED((info_->*get)(&text))) {
            text = nullptr;
        }
        return _bstr_t(text, false);
    }
};

/* ---- throwing ------------------------------------------------------------------------ */

typedef void(__stdcall *_com_error_handler)(HRESULT hr, IErrorInfo *info);

/* Takes the error object. */
inline void __stdcall _com_raise_error(HRESULT hr, IErrorInfo *info = nullptr)
{
    throw _com_error(hr, info);
}

inline _com_error_handler &wbem_com_error_handler()
{
    static _com_error_handler handler = &_com_raise_error;
    return handler;
}

/* What is called instead of throwing; null: throw again. Set it before there are threads. */
inline void __stdcall _set_com_error_handler(_com_error_handler handler)
{
    wbem_com_error_handler() = handler ? handler : &_com_raise_error;
}

inline void _com_issue_error(HRESULT hr)
{
    wbem_com_error_handler()(hr, nullptr);
}

/* With the thread's error object, when the object says that it sets one for this interface. */
inline void __stdcall _com_issue_errorex(HRESULT hr, IUnknown *object, REFIID riid)
{
    IErrorInfo *info = nullptr;
    ISupportErrorInfo *support = nullptr;
    if (object && SUCCEEDED(object->QueryInterface(IID_ISupportErrorInfo,
                                                   reinterpret_cast<void **>(&support)))) {
        if (support->InterfaceSupportsErrorInfo(riid) == S_OK) {
            GetErrorInfo(0, &info);
        }
        support->Release();
    }
    wbem_com_error_handler()(hr, info);
}

#include "comdefsp.h"

#endif
