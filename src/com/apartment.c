/*
 * CoInitializeEx and its pair, counted for each thread. Objects of this library may be called from
 * any thread, so an apartment changes nothing but these answers.
 */
#include "com/thread.h"

#include <pthread.h>

/* Threads of the process that have COM initialized: of any kind, and of the multithreaded one.
 * Under `lock`, so that the last to leave and a new one keep apart. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ULONG threads;
static ULONG multithreaded_threads;

static void apartment_enter(struct com_thread *self, bool multithreaded)
{
    pthread_mutex_lock(&lock);
    threads++;
    multithreaded_threads += multithreaded;
    pthread_mutex_unlock(&lock);
    self->multithreaded = multithreaded;
    self->initialized = 1;
}

void com_apartment_leave(struct com_thread *self)
{
    if (self->initialized == 0) {
        return;
    }

    self->initialized = 0;
    pthread_mutex_lock(&lock);
    multithreaded_threads -= self->multithreaded;
    if (--threads == 0) {
        com_security_reset();
    }
    pthread_mutex_unlock(&lock);
}

bool com_is_initialized(void)
{
    if (com_thread_self()->initialized > 0) {
        return true;
    }

    pthread_mutex_lock(&lock);
    bool implicit = multithreaded_threads > 0;
    pthread_mutex_unlock(&lock);
    return implicit;
}

HRESULT CoInitializeEx(LPVOID reserved, DWORD mode)
{
    const DWORD known =
        COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE | COINIT_SPEED_OVER_MEMORY;
    if (reserved || (mode & ~known)) {
        return E_INVALIDARG;
    }

    struct com_thread *self = com_thread_self();
    bool multithreaded = !(mode & COINIT_APARTMENTTHREADED);
    if (self->initialized > 0) {
        if (self->multithreaded != multithreaded) {
            return RPC_E_CHANGED_MODE;
        }
        self->initialized++;
        return S_FALSE;
    }

    HRESULT hr = com_thread_arm(self);
    if (FAILED(hr)) {
        return hr;
    }
    apartment_enter(self, multithreaded);
    return S_OK;
}

HRESULT CoInitialize(LPVOID reserved)
{
    return CoInitializeEx(reserved, COINIT_APARTMENTTHREADED);
}

void CoUninitialize(void)
{
    struct com_thread *self = com_thread_self();
    if (self->initialized > 1) {
        self->initialized--;
    } else {
        com_apartment_leave(self);
    }
}

HRESULT OleInitialize(LPVOID reserved)
{
    return CoInitialize(reserved);
}

void OleUninitialize(void)
{
    CoUninitialize();
}

void CoFreeUnusedLibraries(void)
{
    com_free_unused_classes();
}

DWORD CoGetCurrentProcess(void)
{
    return GetCurrentProcessId();
}
