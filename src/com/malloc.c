/*
 * The allocator whose memory changes owner between caller and callee: malloc() itself, and
 * IMalloc's view of it.
 */
#include "com/com.h"

#include <malloc.h>

LPVOID CoTaskMemAlloc(SIZE_T size)
{
    return malloc(size ? size : 1);
}

LPVOID CoTaskMemRealloc(LPVOID p, SIZE_T size)
{
    if (size == 0 && p) {
        free(p);
        return NULL;
    }
    return realloc(p, size ? size : 1);
}

void CoTaskMemFree(LPVOID p)
{
    free(p);
}

static HRESULT STDMETHODCALLTYPE task_query_interface(IMalloc *iface, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    if (IsEqualIID(riid, &IID_IUnknown) || IsEqualIID(riid, &IID_IMalloc)) {
        *ret = iface;
        return S_OK;
    }
    *ret = NULL;
    return E_NOINTERFACE;
}

/* There is one, which is never freed. */
static ULONG STDMETHODCALLTYPE task_addref(IMalloc *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE task_release(IMalloc *iface)
{
    return 1;
}

static void *STDMETHODCALLTYPE task_alloc(IMalloc *iface, SIZE_T size)
{
    return CoTaskMemAlloc(size);
}

static void *STDMETHODCALLTYPE task_realloc(IMalloc *iface, void *p, SIZE_T size)
{
    return CoTaskMemRealloc(p, size);
}

static void STDMETHODCALLTYPE task_free(IMalloc *iface, void *p)
{
    free(p);
}

static SIZE_T STDMETHODCALLTYPE task_get_size(IMalloc *iface, void *p)
{
    return p ? malloc_usable_size(p) : (SIZE_T)-1;
}

static int STDMETHODCALLTYPE task_did_alloc(IMalloc *iface, void *p)
{
    return -1; /* can't tell */
}

static void STDMETHODCALLTYPE task_heap_minimize(IMalloc *iface)
{
    (void)malloc_trim(0);
}

static const IMallocVtbl task_vtbl = {task_query_interface, task_addref,    task_release,
                                      task_alloc,           task_realloc,   task_free,
                                      task_get_size,        task_did_alloc, task_heap_minimize};

HRESULT CoGetMalloc(DWORD context, IMalloc **ret)
{
    static IMalloc task = {&task_vtbl};
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    if (context != MEMCTX_TASK) {
        return E_INVALIDARG;
    }
    *ret = &task;
    return S_OK;
}
