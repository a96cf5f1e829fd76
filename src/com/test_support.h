/*
 * What the tests of this folder share: cmocka's includes, and an object that counts.
 */
#ifndef WBEM_COM_TEST_SUPPORT_H
#define WBEM_COM_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "com/com.h"

static inline void assert_wide_equal(const wchar_t *a, const wchar_t *b)
{
    if (wcscmp(a, b) != 0) {
        fail_msg("\"%ls\" is not \"%ls\"", a, b);
    }
}

/* An IUnknown on the stack of a test, whose references the test looks at. */
struct counted {
    IUnknown iface;
    atomic_int refs;
};

static inline HRESULT STDMETHODCALLTYPE counted_query(IUnknown *iface, REFIID riid, void **ret)
{
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown)) {
        return E_NOINTERFACE;
    }
    IUnknown_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static inline ULONG STDMETHODCALLTYPE counted_addref(IUnknown *iface)
{
    return (ULONG)atomic_fetch_add(&((struct counted *)iface)->refs, 1) + 1;
}

static inline ULONG STDMETHODCALLTYPE counted_release(IUnknown *iface)
{
    return (ULONG)atomic_fetch_sub(&((struct counted *)iface)->refs, 1) - 1;
}

static const IUnknownVtbl counted_vtbl = {counted_query, counted_addref, counted_release};

#define COUNTED                                                                                    \
    {                                                                                              \
        {&counted_vtbl}, 1                                                                         \
    }

#endif
