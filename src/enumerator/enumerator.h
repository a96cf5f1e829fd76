/*
 * The heart: IEnumWbemClassObject over any source, with controlled
 * asynchronous delivery (NextAsync). See docs/nextasync.md for the behaviour
 * and its clauses N1 to N23.
 */
#ifndef WBEM_ENUMERATOR_ENUMERATOR_H
#define WBEM_ENUMERATOR_ENUMERATOR_H

#include <stdbool.h>

#include "enumerator/source.h"

struct enumerator_options {
    /* WBEM_FLAG_FORWARD_ONLY, WBEM_FLAG_RETURN_IMMEDIATELY, … as given to the operation.
     * Without RETURN_IMMEDIATELY enumerator_create() waits for the complete result (forward-only:
     * for its first objects, its end or its failure) and fails as the source did. */
    LONG flags;
    /* Objects produced ahead of demand; 0: the default. */
    ULONG read_ahead;
    /* Stands inside another operation, whose threads pull from it in nobody's name: it answers
     * all who reach it. */
    bool internal;
};

/* Takes `source`, also on failure, which leaves *ret alone. A failure of the source comes with its
 * error object set on this thread. `options` may be NULL: RETURN_IMMEDIATELY alone. The enumerator
 * answers only the security principal that creates it (N23), and IClientSecurity, whose blanket's
 * level its sinks see. */
HRESULT enumerator_create(struct source *source, const struct enumerator_options *options,
                          IEnumWbemClassObject **ret);

/* Cancels the operation behind an enumerator of ours: calls that wait in it return soon. Any
 * thread, while a reference is held. */
void enumerator_cancel(IEnumWbemClassObject *e);

/* Uncontrolled delivery, what ExecQueryAsync and its kin do: everything the source yields goes to
 * the sink as it comes, then one SetStatus. Takes `source`, also on failure; holds its own
 * reference to the sink until the final SetStatus. WBEM_FLAG_SEND_STATUS in flags adds
 * WBEM_STATUS_PROGRESS. `owner` (may be NULL) is AddRef'd until then, and is whose
 * CancelAsyncCall(sink) finds the call. */
HRESULT delivery_start(struct source *source, LONG flags, IUnknown *owner, IWbemObjectSink *sink);

/* Run `work` in the background for an …Async call that yields at most one object. A failure leaves
 * its error object on the thread (error_raise()). `done` (may be NULL) is called once, whatever
 * happens, when the closure is no longer needed. */
HRESULT delivery_run(HRESULT (*work)(void *closure, IWbemClassObject **ret), void *closure,
                     void (*done)(void *closure), IUnknown *owner, IWbemObjectSink *sink);

/* The same for a call that yields a string, which its final SetStatus carries (PutInstance: the
 * path of what was put). *ret_text is taken. */
HRESULT delivery_run_text(HRESULT (*work)(void *closure, BSTR *ret_text), void *closure,
                          void (*done)(void *closure), IUnknown *owner, IWbemObjectSink *sink);

/* Cancel every call, of enumerators and of delivery_start(), that delivers to this sink: each ends
 * with one SetStatus(WBEM_E_CALL_CANCELLED), in the background; no Indicate begins after this has
 * returned. WBEM_E_NOT_FOUND when there is none. */
HRESULT delivery_cancel(IWbemObjectSink *sink);

/* The innermost callback of a sink that this thread is in; NULL for none. A sink that is called in
 * another process may call back from there: the thread that serves such a call takes the callback
 * over with callback_swap(), which returns what it was in, and swaps back before the thread that is
 * in the callback goes on. */
struct callback;
struct callback *callback_innermost(void);
struct callback *callback_swap(struct callback *other);

/* Wait until all background work has ended and its threads are gone (tests, unloading). Returns at
 * once when called from such a thread. */
void delivery_drain(void);

#endif
