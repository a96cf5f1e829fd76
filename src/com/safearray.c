/*
 * SAFEARRAY: arrays that know their bounds, element type and lock count. In memory as
 * [MS-OAUT] 2.2.30 names the fields; sixteen bytes before the descriptor hold the elements' IID
 * or, in their last four, the element type. Elements: safearray_elements.c.
 */
#include "com/safearray.h"

#include <string.h>

#define HIDDEN_BYTES sizeof(GUID)
#define MAX_DIMS 65535

/* ---- bounds and indices -------------------------------------------------------- */

/* The bounds of dimension `dim`, from 1, the leftmost first; NULL when there is no such. */
static SAFEARRAYBOUND *bound_of(SAFEARRAY *a, UINT dim)
{
    return dim >= 1 && dim <= a->cDims ? &a->rgsabound[a->cDims - dim] : NULL;
}

/* False when the count of elements, or their size, is more than there can be. */
static bool count_of_bounds(const SAFEARRAYBOUND *bounds, UINT dims, size_t element_size,
                            size_t *ret)
{
    size_t count = 1;
    for (UINT i = 0; i < dims; i++) {
        /* The greatest index must be a LONG. */
        if ((int64_t)bounds[i].lLbound + bounds[i].cElements - 1 > INT32_MAX ||
            __builtin_mul_overflow(count, (size_t)bounds[i].cElements, &count)) {
            return false;
        }
    }
    size_t bytes;
    *ret = count;
    return !__builtin_mul_overflow(count, element_size, &bytes) && bytes <= PTRDIFF_MAX;
}

size_t safearray_count(const SAFEARRAY *a)
{
    size_t count = 0;
    return count_of_bounds(a->rgsabound, a->cDims, a->cbElements, &count) ? count : 0;
}

UINT SafeArrayGetDim(SAFEARRAY *a)
{
    return a ? a->cDims : 0;
}

UINT SafeArrayGetElemsize(SAFEARRAY *a)
{
    return a ? a->cbElements : 0;
}

HRESULT SafeArrayGetLBound(SAFEARRAY *a, UINT dim, LONG *ret)
{
    if (!a || !ret) {
        return E_INVALIDARG;
    }

    SAFEARRAYBOUND *bound = bound_of(a, dim);
    if (!bound) {
        return DISP_E_BADINDEX;
    }
    *ret = bound->lLbound;
    return S_OK;
}

HRESULT SafeArrayGetUBound(SAFEARRAY *a, UINT dim, LONG *ret)
{
    if (!a || !ret) {
        return E_INVALIDARG;
    }

    SAFEARRAYBOUND *bound = bound_of(a, dim);
    if (!bound) {
        return DISP_E_BADINDEX;
    }
    *ret = (LONG)((int64_t)bound->lLbound + bound->cElements - 1);
    return S_OK;
}

/* ---- descriptor and data ---------------------------------------------------------- */

HRESULT SafeArrayAllocDescriptor(UINT dims, SAFEARRAY **ret)
{
    if (!ret) {
        return E_POINTER;
    }

    *ret = NULL;
    if (dims == 0 || dims > MAX_DIMS) {
        return E_INVALIDARG;
    }
    char *block = calloc(1, HIDDEN_BYTES + sizeof(SAFEARRAY) + (dims - 1) * sizeof(SAFEARRAYBOUND));
    if (!block) {
        return E_OUTOFMEMORY;
    }
    *ret = (SAFEARRAY *)(void *)(block + HIDDEN_BYTES);
    (*ret)->cDims = (USHORT)dims;
    return S_OK;
}

static void set_vartype(SAFEARRAY *a, VARTYPE vt)
{
    uint32_t word = vt;
    memcpy((char *)a - sizeof word, &word, sizeof word);
}

HRESULT SafeArrayAllocDescriptorEx(VARTYPE vt, UINT dims, SAFEARRAY **ret)
{
    if (!ret) {
        return E_POINTER;
    }

    *ret = NULL;
    ULONG size = safearray_element_size(vt);
    if (size == 0) {
        return E_INVALIDARG;
    }
    HRESULT hr = SafeArrayAllocDescriptor(dims, ret);
    if (FAILED(hr)) {
        return hr;
    }

    SAFEARRAY *a = *ret;
    a->cbElements = size;
    a->fFeatures = safearray_features(vt);
    if (a->fFeatures & FADF_HAVEIID) {
        const GUID *iid = vt == VT_DISPATCH ? &IID_IDispatch : &IID_IUnknown;
        memcpy((char *)a - sizeof *iid, iid, sizeof *iid);
    } else {
        set_vartype(a, vt);
    }
    return S_OK;
}

HRESULT SafeArrayAllocData(SAFEARRAY *a)
{
    if (!a) {
        return E_INVALIDARG;
    }

    size_t count;
    if (!count_of_bounds(a->rgsabound, a->cDims, a->cbElements, &count)) {
        return E_OUTOFMEMORY;
    }
    size_t bytes = count * a->cbElements;
    a->pvData = calloc(1, bytes ? bytes : 1);
    return a->pvData ? S_OK : E_OUTOFMEMORY;
}

SAFEARRAY *SafeArrayCreateEx(VARTYPE vt, UINT dims, SAFEARRAYBOUND *bounds, PVOID extra)
{
    SAFEARRAY *a;
    if (!bounds || FAILED(SafeArrayAllocDescriptorEx(vt, dims, &a))) {
        return NULL;
    }

    for (UINT i = 0; i < dims; i++) {
        *bound_of(a, i + 1) = bounds[i];
    }
    if (FAILED(SafeArrayAllocData(a))) {
        (void)SafeArrayDestroyDescriptor(a);
        return NULL;
    }
    if (extra && (a->fFeatures & FADF_HAVEIID)) {
        (void)SafeArraySetIID(a, extra);
    }
    return a;
}

SAFEARRAY *SafeArrayCreate(VARTYPE vt, UINT dims, SAFEARRAYBOUND *bounds)
{
    return SafeArrayCreateEx(vt, dims, bounds, NULL);
}

SAFEARRAY *SafeArrayCreateVectorEx(VARTYPE vt, LONG lower, ULONG count, PVOID extra)
{
    SAFEARRAYBOUND bound = {count, lower};
    return SafeArrayCreateEx(vt, 1, &bound, extra);
}

SAFEARRAY *SafeArrayCreateVector(VARTYPE vt, LONG lower, ULONG count)
{
    return SafeArrayCreateVectorEx(vt, lower, count, NULL);
}

HRESULT SafeArrayDestroyDescriptor(SAFEARRAY *a)
{
    if (!a) {
        return S_OK;
    }
    if (a->cLocks > 0) {
        return DISP_E_ARRAYISLOCKED;
    }
    if (!(a->fFeatures & (FADF_AUTO | FADF_STATIC | FADF_EMBEDDED))) {
        free((char *)a - HIDDEN_BYTES);
    }
    return S_OK;
}

HRESULT SafeArrayDestroyData(SAFEARRAY *a)
{
    if (!a) {
        return E_INVALIDARG;
    }
    if (a->cLocks > 0) {
        return DISP_E_ARRAYISLOCKED;
    }
    if (!a->pvData) {
        return S_OK;
    }

    safearray_clear_elements(a, 0, safearray_count(a));
    if (!(a->fFeatures & (FADF_AUTO | FADF_STATIC | FADF_EMBEDDED))) {
        free(a->pvData);
        a->pvData = NULL;
    }
    return S_OK;
}

HRESULT SafeArrayDestroy(SAFEARRAY *a)
{
    if (!a) {
        return S_OK;
    }

    HRESULT hr = SafeArrayDestroyData(a);
    return FAILED(hr) ? hr : SafeArrayDestroyDescriptor(a);
}

/* ---- locking ------------------------------------------------------------------------- */

HRESULT SafeArrayLock(SAFEARRAY *a)
{
    if (!a) {
        return E_INVALIDARG;
    }

    if (__atomic_add_fetch(&a->cLocks, 1, __ATOMIC_ACQUIRE) > UINT16_MAX) {
        (void)__atomic_sub_fetch(&a->cLocks, 1, __ATOMIC_RELAXED);
        return E_UNEXPECTED;
    }
    return S_OK;
}

HRESULT SafeArrayUnlock(SAFEARRAY *a)
{
    if (!a) {
        return E_INVALIDARG;
    }

    ULONG locks = __atomic_load_n(&a->cLocks, __ATOMIC_RELAXED);
    do {
        if (locks == 0) {
            return E_UNEXPECTED;
        }
    } while (!__atomic_compare_exchange_n(&a->cLocks, &locks, locks - 1, true, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    return S_OK;
}

HRESULT SafeArrayAccessData(SAFEARRAY *a, void **ret)
{
    if (!a || !ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    HRESULT hr = SafeArrayLock(a);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = a->pvData;
    return S_OK;
}

HRESULT SafeArrayUnaccessData(SAFEARRAY *a)
{
    return SafeArrayUnlock(a);
}

/* ---- elements --------------------------------------------------------------------------- */

HRESULT SafeArrayPtrOfIndex(SAFEARRAY *a, LONG *indices, void **ret)
{
    if (!a || !indices || !ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    size_t offset = 0;
    size_t stride = 1;
    for (UINT dim = 1; dim <= a->cDims; dim++) {
        const SAFEARRAYBOUND *bound = bound_of(a, dim);
        int64_t index = (int64_t)indices[dim - 1] - bound->lLbound;
        if (index < 0 || index >= (int64_t)bound->cElements) {
            return DISP_E_BADINDEX;
        }
        offset += (size_t)index * stride;
        stride *= bound->cElements;
    }
    if (!a->pvData) {
        return E_INVALIDARG;
    }
    *ret = (char *)a->pvData + offset * a->cbElements;
    return S_OK;
}

HRESULT SafeArrayGetElement(SAFEARRAY *a, LONG *indices, void *out)
{
    if (!out) {
        return E_INVALIDARG;
    }

    void *element;
    HRESULT hr = SafeArrayPtrOfIndex(a, indices, &element);
    if (FAILED(hr)) {
        return hr;
    }
    hr = SafeArrayLock(a);
    if (FAILED(hr)) {
        return hr;
    }
    hr = safearray_copy_element(a, element, out);
    (void)SafeArrayUnlock(a);
    return hr;
}

HRESULT SafeArrayPutElement(SAFEARRAY *a, LONG *indices, void *in)
{
    void *element;
    HRESULT hr = SafeArrayPtrOfIndex(a, indices, &element);
    if (FAILED(hr)) {
        return hr;
    }
    if (!in && !(a->fFeatures & (FADF_BSTR | FADF_UNKNOWN | FADF_DISPATCH))) {
        return E_INVALIDARG;
    }
    hr = SafeArrayLock(a);
    if (FAILED(hr)) {
        return hr;
    }
    hr = safearray_assign_element(a, element, in);
    (void)SafeArrayUnlock(a);
    return hr;
}

/* ---- copying and resizing ------------------------------------------------------------------ */

HRESULT SafeArrayCopy(SAFEARRAY *a, SAFEARRAY **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    if (!a) {
        return S_OK;
    }
    SAFEARRAY *copy;
    HRESULT hr = SafeArrayAllocDescriptor(a->cDims, &copy);
    if (FAILED(hr)) {
        return hr;
    }
    const USHORT placed = FADF_AUTO | FADF_STATIC | FADF_EMBEDDED | FADF_FIXEDSIZE;
    copy->fFeatures = a->fFeatures & (USHORT)~placed;
    copy->cbElements = a->cbElements;
    memcpy(copy->rgsabound, a->rgsabound, a->cDims * sizeof a->rgsabound[0]);
    if (a->fFeatures & (FADF_HAVEIID | FADF_HAVEVARTYPE)) {
        memcpy((char *)copy - HIDDEN_BYTES, (char *)a - HIDDEN_BYTES, HIDDEN_BYTES);
    }
    if (a->pvData) {
        hr = SafeArrayAllocData(copy);
        if (SUCCEEDED(hr)) {
            hr = SafeArrayCopyData(a, copy);
        }
    }
    if (FAILED(hr)) {
        (void)SafeArrayDestroy(copy);
        return hr;
    }
    *ret = copy;
    return S_OK;
}

HRESULT SafeArrayCopyData(SAFEARRAY *from, SAFEARRAY *to)
{
    if (!from || !to || from == to || !from->pvData || !to->pvData ||
        from->cbElements != to->cbElements || from->cDims != to->cDims) {
        return E_INVALIDARG;
    }
    for (UINT i = 0; i < from->cDims; i++) {
        if (from->rgsabound[i].cElements != to->rgsabound[i].cElements) {
            return E_INVALIDARG;
        }
    }

    return safearray_copy_elements(from, to, safearray_count(from));
}

HRESULT SafeArrayRedim(SAFEARRAY *a, SAFEARRAYBOUND *bound)
{
    if (!a || !bound) {
        return E_INVALIDARG;
    }
    if (a->cLocks > 0 || (a->fFeatures & FADF_FIXEDSIZE)) {
        return DISP_E_ARRAYISLOCKED;
    }
    if (a->fFeatures & (FADF_AUTO | FADF_STATIC | FADF_EMBEDDED)) {
        return E_INVALIDARG; /* its memory is not ours to move */
    }

    SAFEARRAYBOUND old = a->rgsabound[0];
    size_t old_count = safearray_count(a);
    a->rgsabound[0] = *bound;
    size_t count;
    if (!count_of_bounds(a->rgsabound, a->cDims, a->cbElements, &count)) {
        a->rgsabound[0] = old;
        return E_OUTOFMEMORY;
    }
    if (!a->pvData) {
        return S_OK;
    }

    /* The rightmost index runs slowest: elements are cut off or added at the end. */
    if (count > old_count) {
        void *data = realloc(a->pvData, count * a->cbElements);
        if (!data) {
            a->rgsabound[0] = old;
            return E_OUTOFMEMORY;
        }
        a->pvData = data;
        memset((char *)data + old_count * a->cbElements, 0, (count - old_count) * a->cbElements);
    } else {
        safearray_clear_elements(a, count, old_count - count);
    }
    return S_OK;
}

/* ---- what the elements are -------------------------------------------------------------- */

HRESULT SafeArrayGetVartype(SAFEARRAY *a, VARTYPE *ret)
{
    if (!a || !ret) {
        return E_INVALIDARG;
    }
    if (a->fFeatures & FADF_HAVEVARTYPE) {
        uint32_t word;
        memcpy(&word, (char *)a - sizeof word, sizeof word);
        *ret = (VARTYPE)word;
    } else if (a->fFeatures & FADF_DISPATCH) {
        *ret = VT_DISPATCH;
    } else if (a->fFeatures & FADF_UNKNOWN) {
        *ret = VT_UNKNOWN;
    } else if (a->fFeatures & FADF_BSTR) {
        *ret = VT_BSTR;
    } else if (a->fFeatures & FADF_VARIANT) {
        *ret = VT_VARIANT;
    } else {
        return E_INVALIDARG;
    }
    return S_OK;
}

HRESULT SafeArraySetIID(SAFEARRAY *a, REFGUID iid)
{
    if (!a || !(a->fFeatures & FADF_HAVEIID)) {
        return E_INVALIDARG;
    }

    memcpy((char *)a - sizeof *iid, iid, sizeof *iid);
    return S_OK;
}

HRESULT SafeArrayGetIID(SAFEARRAY *a, GUID *ret)
{
    if (!a || !ret || !(a->fFeatures & FADF_HAVEIID)) {
        return E_INVALIDARG;
    }

    memcpy(ret, (char *)a - sizeof *ret, sizeof *ret);
    return S_OK;
}

/* Records (VT_RECORD) do not occur in WMI. */
HRESULT SafeArraySetRecordInfo(SAFEARRAY *a, IRecordInfo *info)
{
    return E_INVALIDARG;
}

HRESULT SafeArrayGetRecordInfo(SAFEARRAY *a, IRecordInfo **ret)
{
    if (ret) {
        *ret = NULL;
    }
    return E_INVALIDARG;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

HRESULT VectorFromBstr(BSTR s, SAFEARRAY **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = SafeArrayCreateVector(VT_UI1, 0, SysStringByteLen(s));
    if (!*ret) {
        return E_OUTOFMEMORY;
    }
    if (s) {
        memcpy((*ret)->pvData, s, SysStringByteLen(s));
    }
    return S_OK;
}

HRESULT BstrFromVector(SAFEARRAY *a, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    if (!a || a->cDims != 1) {
        return E_INVALIDARG;
    }
    if (a->cbElements != 1) {
        return DISP_E_TYPEMISMATCH;
    }
    *ret = SysAllocStringByteLen(a->pvData, a->rgsabound[0].cElements);
    return *ret ? S_OK : E_OUTOFMEMORY;
}
