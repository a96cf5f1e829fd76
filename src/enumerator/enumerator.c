/*
 * IEnumWbemClassObject: parameters, access and error objects. What it does
 * stands in call.c (order), delivery.c (NextAsync) and result_set.c (objects).
 *
 * A face is one COM object; CopyProxy makes another before the same enumerator
 * with security settings of its own. When the last face is released the
 * enumerator is closed. A method may block while another thread drops the last
 * reference, so it holds the enumerator and does not look at its face again.
 */
#include "enumerator/enumerator_private.h"
#include "object/object.h"

#include <stdlib.h>

struct face {
    IEnumWbemClassObject enumeration;
    atomic_uint refs;
    struct enumerator *e; /* held */
    struct com_blanket blanket;
};

static const IEnumWbemClassObjectVtbl enumeration_vtbl;

static struct face *face_of(IEnumWbemClassObject *iface)
{
    return COM_CONTAINER(iface, struct face, enumeration);
}

struct enumerator *enumerator_behind(IEnumWbemClassObject *iface)
{
    return face_of(iface)->e;
}

static HRESULT face_copy(struct com_blanket *blanket, IUnknown **ret);

/* With the settings of `like`, or (NULL) with those an enumerator starts with. */
static HRESULT face_create(struct enumerator *e, struct com_blanket *like, struct face **ret)
{
    struct face *f = calloc(1, sizeof(*f));
    if (!f) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_blanket_init(&f->blanket, (IUnknown *)&f->enumeration);
    f->blanket.authn_level = starting_level();
    f->blanket.copy = face_copy;
    HRESULT hr = like ? com_blanket_copy(like, &f->blanket) : WBEM_S_NO_ERROR;
    if (FAILED(hr)) {
        com_blanket_done(&f->blanket);
        free(f);
        return hr;
    }
    f->enumeration.lpVtbl = (IEnumWbemClassObjectVtbl *)&enumeration_vtbl;
    atomic_init(&f->refs, 1);
    f->e = e;
    enumerator_hold(e);
    atomic_fetch_add_explicit(&e->faces, 1, memory_order_relaxed);
    *ret = f;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE enumeration_query(IEnumWbemClassObject *iface, REFIID riid,
                                                   void **ppv)
{
    struct face *f = face_of(iface);
    if (!ppv) {
        return E_POINTER;
    }
    *ppv = NULL;
    if (IsEqualIID(riid, &IID_IClientSecurity)) {
        return com_blanket_query(&f->blanket, (IClientSecurity **)ppv);
    }
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IEnumWbemClassObject)) {
        return E_NOINTERFACE;
    }
    IEnumWbemClassObject_AddRef(iface);
    *ppv = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE enumeration_add_ref(IEnumWbemClassObject *iface)
{
    return atomic_fetch_add_explicit(&face_of(iface)->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE enumeration_release(IEnumWbemClassObject *iface)
{
    struct face *f = face_of(iface);
    ULONG left = atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        struct enumerator *e = f->e;
        if (atomic_fetch_sub_explicit(&e->faces, 1, memory_order_acq_rel) == 1) {
            enumerator_close(e);
        }
        com_blanket_done(&f->blanket);
        free(f);
        enumerator_unhold(e);
    }
    return left;
}

void enumerator_cancel(IEnumWbemClassObject *e)
{
    enumerator_close(face_of(e)->e);
}

static DWORD face_level(struct face *f)
{
    pthread_mutex_lock(&f->blanket.lock);
    DWORD level = f->blanket.authn_level;
    pthread_mutex_unlock(&f->blanket.lock);
    return level;
}

/* CoCopyProxy: another face of the enumerator, with a blanket of its own from then on. */
static HRESULT face_copy(struct com_blanket *blanket, IUnknown **ret)
{
    struct face *f = COM_CONTAINER(blanket, struct face, blanket);
    struct face *copy;
    HRESULT hr = face_create(f->e, blanket, &copy);
    if (SUCCEEDED(hr)) {
        *ret = (IUnknown *)&copy->enumeration;
    }
    return hr;
}

/* ---- what the methods share --------------------------------------------------- */

/* The enumerator, held, if this caller may use it (N23); else NULL and why. */
static struct enumerator *method_begin(IEnumWbemClassObject *iface, const char *operation,
                                       HRESULT *ret)
{
    struct enumerator *e = face_of(iface)->e;
    SetErrorInfo(0, NULL);
    *ret = e->internal ? WBEM_S_NO_ERROR : principal_check(e->principal);
    if (FAILED(*ret)) {
        (void)error_raise(*ret, operation, NULL,
                          "The enumerator was created by another security principal.");
        return NULL;
    }
    enumerator_hold(e);
    return e;
}

static HRESULT bad_parameter(const char *operation, const char *parameter, const char *why)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter, "%s", why);
}

/* Explain why call_enter() has refused. */
static HRESULT raise_refusal(HRESULT hr, const char *operation)
{
    if (hr == WBEM_E_INVALID_OPERATION) {
        return error_raise(hr, operation, NULL,
                           "Called from a callback of the same enumerator, whose delivery it "
                           "would have to wait for. Call it in SetStatus with no call queued "
                           "behind, or on another thread, or use NextAsync.");
    }
    if (hr == WBEM_E_CALL_CANCELLED) {
        return error_raise(hr, operation, NULL, "The enumerator was released during the call.");
    }
    if (FAILED(hr)) {
        return error_raise(hr, operation, NULL, "Out of memory.");
    }
    return hr;
}

static HRESULT raise_failure(struct enumerator *e)
{
    IErrorInfo *error;
    HRESULT hr = result_set_failure(e->reader.set, &error);
    e->failure_reported = true;
    SetErrorInfo(0, error);
    if (error) {
        IErrorInfo_Release(error);
    }
    return hr;
}

/* What Next and Skip return once they have read what they could. [wbemcli Next]: NO_ERROR only for
 * the full count, FALSE at the end, TIMEDOUT for fewer that are not the end. The last is also how
 * the objects before a failure are given (N21); the following call then tells the failure. */
static HRESULT read_result(struct enumerator *e, enum read_outcome outcome, ULONG got, ULONG wanted)
{
    if (got == wanted) {
        return WBEM_S_NO_ERROR;
    }
    switch (outcome) {
    case READ_END:
        return WBEM_S_FALSE;
    case READ_FAILED:
        return got > 0 ? WBEM_S_TIMEDOUT : raise_failure(e);
    case READ_STOPPED:
        return WBEM_E_CALL_CANCELLED;
    default:
        return WBEM_S_TIMEDOUT;
    }
}

static void release_range(IWbemClassObject **objects, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
}

/* ---- Next, Skip -------------------------------------------------------------------- */

static HRESULT next_objects(struct enumerator *e, const struct timespec *deadline, ULONG count,
                            IWbemClassObject **objects, ULONG *ret_got)
{
    bool owned = result_set_is_forward_only(e->reader.set);
    enum read_outcome outcome = READ_MORE;
    ULONG got = 0;
    while (got < count && outcome == READ_MORE) {
        ULONG left = count - got;
        struct read_request q = {.most = left,
                                 .least = left < DELIVERY_BATCH / 2 ? left : DELIVERY_BATCH / 2,
                                 .wanted = left,
                                 .stop = &e->closed,
                                 .deadline = deadline,
                                 .objects = objects + got};
        outcome = reader_read(&e->reader, &q);
        for (ULONG i = 0; i < q.count && !owned; i++) {
            IWbemClassObject_AddRef(objects[got + i]);
        }
        got += q.count;
    }
    if (outcome == READ_STOPPED) {
        release_range(objects, got);
        got = 0;
    }
    *ret_got = got;
    return read_result(e, outcome, got, count);
}

static HRESULT STDMETHODCALLTYPE enumeration_next(IEnumWbemClassObject *iface, LONG lTimeout,
                                                  ULONG uCount, IWbemClassObject **apObjects,
                                                  ULONG *puReturned)
{
    if (puReturned) {
        *puReturned = 0;
    }
    HRESULT hr;
    struct enumerator *e = method_begin(iface, "Next", &hr);
    if (!e) {
        return hr;
    }
    if (lTimeout < 0 && lTimeout != (LONG)WBEM_INFINITE) {
        hr = bad_parameter("Next", "lTimeout", "A timeout is WBEM_INFINITE, 0 or more.");
    } else if (!apObjects || !puReturned) {
        hr = bad_parameter("Next", apObjects ? "puReturned" : "apObjects", "The pointer is null.");
    } else if (uCount == 0) {
        hr = WBEM_S_FALSE;
    }
    if (hr != WBEM_S_NO_ERROR) {
        enumerator_unhold(e);
        return hr;
    }

    struct timespec until = deadline_after(lTimeout > 0 ? lTimeout : 0);
    const struct timespec *deadline = lTimeout == (LONG)WBEM_INFINITE ? NULL : &until;
    struct call c = {0};
    hr = call_enter(e, &c, deadline);
    if (hr == WBEM_S_NO_ERROR) {
        hr = next_objects(e, deadline, uCount, apObjects, puReturned);
        call_leave(e, &c);
        if (hr == WBEM_E_CALL_CANCELLED && *puReturned == 0 && e->closed) {
            raise_refusal(hr, "Next");
        }
    } else {
        raise_refusal(hr, "Next");
    }
    enumerator_unhold(e);
    return hr;
}

static HRESULT skip_objects(struct enumerator *e, const struct timespec *deadline, ULONG count)
{
    bool owned = result_set_is_forward_only(e->reader.set);
    IWbemClassObject *scratch[DELIVERY_BATCH];
    enum read_outcome outcome = READ_MORE;
    ULONG got = 0;
    while (got < count && outcome == READ_MORE) {
        ULONG left = count - got;
        ULONG step = left < DELIVERY_BATCH ? left : DELIVERY_BATCH;
        struct read_request q = {.most = step,
                                 .least = step,
                                 .wanted = left,
                                 .stop = &e->closed,
                                 .deadline = deadline,
                                 .objects = owned ? scratch : NULL};
        outcome = reader_read(&e->reader, &q);
        if (owned) {
            release_range(scratch, q.count);
        }
        got += q.count;
    }
    return read_result(e, outcome, got, count);
}

static HRESULT STDMETHODCALLTYPE enumeration_skip(IEnumWbemClassObject *iface, LONG lTimeout,
                                                  ULONG nCount)
{
    HRESULT hr;
    struct enumerator *e = method_begin(iface, "Skip", &hr);
    if (!e) {
        return hr;
    }
    if (lTimeout < 0 && lTimeout != (LONG)WBEM_INFINITE) {
        hr = bad_parameter("Skip", "lTimeout", "A timeout is WBEM_INFINITE, 0 or more.");
        enumerator_unhold(e);
        return hr;
    }
    struct timespec until = deadline_after(lTimeout > 0 ? lTimeout : 0);
    const struct timespec *deadline = lTimeout == (LONG)WBEM_INFINITE ? NULL : &until;
    struct call c = {0};
    hr = call_enter(e, &c, deadline);
    if (hr == WBEM_S_NO_ERROR) {
        hr = skip_objects(e, deadline, nCount);
        call_leave(e, &c);
    } else {
        raise_refusal(hr, "Skip");
    }
    enumerator_unhold(e);
    return hr;
}

/* ---- NextAsync, Reset, Clone -------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE enumeration_next_async(IEnumWbemClassObject *iface, ULONG uCount,
                                                        IWbemObjectSink *pSink)
{
    HRESULT hr;
    struct enumerator *e = method_begin(iface, "NextAsync", &hr);
    if (!e) {
        return hr;
    }
    if (!pSink) {
        hr = bad_parameter("NextAsync", "pSink", "There is no sink to deliver to.");
    } else if (uCount == 0) {
        hr = WBEM_S_FALSE; /* [MS-WMI] 3.1.4.4.3 */
    } else {
        hr = delivery_next_async(e, uCount, pSink, face_level(face_of(iface)));
    }
    enumerator_unhold(e);
    return hr;
}

static HRESULT refuse_forward_only(const char *operation)
{
    return error_raise(WBEM_E_INVALID_OPERATION, operation, NULL,
                       "The enumerator was made with WBEM_FLAG_FORWARD_ONLY and does not keep what "
                       "it has delivered.");
}

static HRESULT STDMETHODCALLTYPE enumeration_reset(IEnumWbemClassObject *iface)
{
    HRESULT hr;
    struct enumerator *e = method_begin(iface, "Reset", &hr);
    if (!e) {
        return hr;
    }
    if (result_set_is_forward_only(e->reader.set)) {
        hr = refuse_forward_only("Reset");
    } else {
        call_rewind(e);
    }
    enumerator_unhold(e);
    return hr;
}

/* Another enumerator over the same set, where this one stands. */
static HRESULT clone_here(struct enumerator *e, struct com_blanket *blanket,
                          IEnumWbemClassObject **ret)
{
    struct enumerator *copy;
    HRESULT hr = enumerator_new(result_set_ref(e->reader.set), reader_position(&e->reader), &copy);
    if (FAILED(hr)) {
        return hr;
    }
    copy->failure_reported = e->failure_reported;
    copy->internal = e->internal;
    struct face *f = NULL;
    hr = principal_copy(e->principal, &copy->principal);
    if (SUCCEEDED(hr)) {
        hr = face_create(copy, blanket, &f);
    }
    if (FAILED(hr)) {
        enumerator_close(copy);
    } else {
        *ret = &f->enumeration;
    }
    enumerator_unhold(copy);
    return hr;
}

static HRESULT STDMETHODCALLTYPE enumeration_clone(IEnumWbemClassObject *iface,
                                                   IEnumWbemClassObject **ppEnum)
{
    if (ppEnum) {
        *ppEnum = NULL;
    }
    HRESULT hr;
    struct enumerator *e = method_begin(iface, "Clone", &hr);
    if (!e) {
        return hr;
    }
    struct com_blanket blanket; /* the face may be gone after a wait */
    com_blanket_init(&blanket, NULL);
    hr = com_blanket_copy(&face_of(iface)->blanket, &blanket);
    if (FAILED(hr)) {
        /* out of memory */
    } else if (!ppEnum) {
        hr = bad_parameter("Clone", "ppEnum", "The pointer is null.");
    } else if (result_set_is_forward_only(e->reader.set)) {
        hr = refuse_forward_only("Clone");
    } else if (callback_of(e)) {
        /* The courier, which alone moves the position, is busy with this very callback. */
        hr = clone_here(e, &blanket, ppEnum);
    } else {
        struct call c = {0};
        hr = call_enter(e, &c, NULL);
        if (SUCCEEDED(hr)) {
            hr = clone_here(e, &blanket, ppEnum);
            call_leave(e, &c);
        }
        raise_refusal(hr, "Clone");
    }
    com_blanket_done(&blanket);
    enumerator_unhold(e);
    return hr;
}

static const IEnumWbemClassObjectVtbl enumeration_vtbl = {
    .QueryInterface = enumeration_query,
    .AddRef = enumeration_add_ref,
    .Release = enumeration_release,
    .Reset = enumeration_reset,
    .Next = enumeration_next,
    .NextAsync = enumeration_next_async,
    .Clone = enumeration_clone,
    .Skip = enumeration_skip,
};

/* ---- making one
 * ---------------------------------------------------------------------------------- */

/* Without WBEM_FLAG_RETURN_IMMEDIATELY the operation's own failure is the caller's. */
static HRESULT wait_for_result(struct enumerator *e)
{
    if (reader_wait(&e->reader, &e->closed) != READ_FAILED) {
        return WBEM_S_NO_ERROR;
    }
    IErrorInfo *error;
    HRESULT hr = result_set_failure(e->reader.set, &error);
    SetErrorInfo(0, error);
    if (error) {
        IErrorInfo_Release(error);
    }
    return hr;
}

HRESULT enumerator_create(struct source *source, const struct enumerator_options *options,
                          IEnumWbemClassObject **ret)
{
    LONG flags = options ? options->flags : WBEM_FLAG_RETURN_IMMEDIATELY;
    struct result_set *set;
    HRESULT hr = result_set_create(source, flags, options ? options->read_ahead : 0, &set);
    if (FAILED(hr)) {
        return hr;
    }
    struct enumerator *e;
    hr = enumerator_new(set, 0, &e);
    if (FAILED(hr)) {
        return hr;
    }
    struct face *f = NULL;
    e->internal = options && options->internal;
    hr = principal_capture(&e->principal);
    if (SUCCEEDED(hr)) {
        hr = face_create(e, NULL, &f);
    }
    if (SUCCEEDED(hr)) {
        if (flags & WBEM_FLAG_RETURN_IMMEDIATELY) {
            result_set_prefetch(set);
        } else {
            hr = wait_for_result(e);
        }
    }
    if (SUCCEEDED(hr)) {
        *ret = &f->enumeration;
    } else if (f) {
        IEnumWbemClassObject_Release(&f->enumeration);
    } else {
        enumerator_close(e);
    }
    enumerator_unhold(e);
    return hr;
}
