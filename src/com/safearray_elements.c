/*
 * The elements of a SAFEARRAY: which types there are, and who owns what in them.
 */
#include "com/safearray.h"

#include <string.h>

ULONG safearray_element_size(VARTYPE vt)
{
    switch (vt) {
    case VT_I1:
    case VT_UI1:
        return 1;
    case VT_I2:
    case VT_UI2:
    case VT_BOOL:
        return 2;
    case VT_I4:
    case VT_UI4:
    case VT_INT:
    case VT_UINT:
    case VT_R4:
    case VT_ERROR:
        return 4;
    case VT_I8:
    case VT_UI8:
    case VT_R8:
    case VT_CY:
    case VT_DATE:
        return 8;
    case VT_BSTR:
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return sizeof(void *);
    case VT_DECIMAL:
        return sizeof(DECIMAL);
    case VT_VARIANT:
        return sizeof(VARIANT);
    default:
        return 0;
    }
}

USHORT safearray_features(VARTYPE vt)
{
    switch (vt) {
    case VT_BSTR:
        return FADF_BSTR | FADF_HAVEVARTYPE;
    case VT_VARIANT:
        return FADF_VARIANT | FADF_HAVEVARTYPE;
    case VT_UNKNOWN:
        return FADF_UNKNOWN | FADF_HAVEIID;
    case VT_DISPATCH:
        return FADF_DISPATCH | FADF_HAVEIID;
    default:
        return FADF_HAVEVARTYPE;
    }
}

static bool holds_objects(const SAFEARRAY *a)
{
    return a->fFeatures & (FADF_UNKNOWN | FADF_DISPATCH);
}

static bool owns_nothing(const SAFEARRAY *a)
{
    return !(a->fFeatures & (FADF_BSTR | FADF_UNKNOWN | FADF_DISPATCH | FADF_VARIANT));
}

static void clear_element(const SAFEARRAY *a, void *element)
{
    if (a->fFeatures & FADF_BSTR) {
        SysFreeString(*(BSTR *)element);
        *(BSTR *)element = NULL;
    } else if (holds_objects(a)) {
        com_release(*(void **)element);
        *(void **)element = NULL;
    } else if (a->fFeatures & FADF_VARIANT) {
        (void)VariantClear(element);
    }
}

void safearray_clear_elements(SAFEARRAY *a, size_t first, size_t count)
{
    char *data = (char *)a->pvData + first * a->cbElements;
    if (!owns_nothing(a)) {
        for (size_t i = 0; i < count; i++) {
            clear_element(a, data + i * a->cbElements);
        }
    }
    memset(data, 0, count * a->cbElements);
}

/* A BSTR of any content, the count taken in bytes. */
static HRESULT copy_bstr(BSTR s, BSTR *ret)
{
    *ret = s ? SysAllocStringByteLen((LPCSTR)(void *)s, SysStringByteLen(s)) : NULL;
    return s && !*ret ? E_OUTOFMEMORY : S_OK;
}

HRESULT safearray_copy_element(const SAFEARRAY *a, const void *from, void *to)
{
    if (a->fFeatures & FADF_BSTR) {
        return copy_bstr(*(BSTR const *)from, to);
    }
    if (holds_objects(a)) {
        *(void **)to = *(void *const *)from;
        com_addref(*(void **)to);
        return S_OK;
    }
    if (a->fFeatures & FADF_VARIANT) {
        VariantInit(to);
        return VariantCopy(to, from);
    }
    memcpy(to, from, a->cbElements);
    return S_OK;
}

HRESULT safearray_assign_element(const SAFEARRAY *a, void *element, void *in)
{
    if (a->fFeatures & FADF_BSTR) {
        BSTR copy;
        HRESULT hr = copy_bstr(in, &copy);
        if (FAILED(hr)) {
            return hr;
        }
        SysFreeString(*(BSTR *)element);
        *(BSTR *)element = copy;
        return S_OK;
    }
    if (holds_objects(a)) {
        void *old = *(void **)element;
        com_addref(in);
        *(void **)element = in;
        com_release(old);
        return S_OK;
    }
    if (a->fFeatures & FADF_VARIANT) {
        return VariantCopy(element, in);
    }
    memcpy(element, in, a->cbElements);
    return S_OK;
}

HRESULT safearray_copy_elements(const SAFEARRAY *from, SAFEARRAY *to, size_t count)
{
    size_t size = from->cbElements;
    if (owns_nothing(from)) {
        memcpy(to->pvData, from->pvData, count * size);
        return S_OK;
    }

    char *copies = calloc(count ? count : 1, size);
    if (!copies) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = S_OK;
    size_t done = 0;
    while (done < count && SUCCEEDED(hr)) {
        hr = safearray_copy_element(from, (const char *)from->pvData + done * size,
                                    copies + done * size);
        done += SUCCEEDED(hr);
    }
    if (FAILED(hr)) {
        while (done > 0) {
            clear_element(from, copies + --done * size);
        }
    } else {
        safearray_clear_elements(to, 0, count);
        memcpy(to->pvData, copies, count * size);
    }
    free(copies);
    return hr;
}
