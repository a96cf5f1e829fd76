/*
 * A source yields objects on demand: a repository scan, a provider, a remote
 * host, events. Everything behind an enumerator is one of these.
 *
 * Contract: one thread at a time pulls, never two; cancel may come from any
 * thread at any time, destroy only when no pull runs. No lock of ours is held
 * during any of these calls.
 */
#ifndef WBEM_ENUMERATOR_SOURCE_H
#define WBEM_ENUMERATOR_SOURCE_H

#include <wbemcli.h>

struct result_set;

struct source {
    const struct source_ops *ops;
};

struct source_ops {
    /* Produce at most `demand` objects (> 0), each handed over with result_set_put() as soon as it
     * exists. May block while there is nothing to give.
     * WBEM_S_NO_ERROR: asked again when more is wanted (it may have given fewer, even none).
     * WBEM_S_FALSE: the sequence has ended. An error ends it too; the source then leaves the
     * details as this thread's error object (error_raise()). */
    HRESULT (*pull)(struct source *s, ULONG demand, struct result_set *out);
    /* Make a running or later pull return soon (with whatever status). May be NULL when pulls
     * never block for long: result_set_put() refuses after a cancellation anyway. */
    void (*cancel)(struct source *s);
    void (*destroy)(struct source *s);
    /* True when a pull neither blocks nor computes for long: some ten microseconds an object at
     * most, as for objects that are in memory. The reading thread then pulls for itself, which
     * saves two changes of threads, and what one pull puts becomes visible when it returns. Such
     * a source puts from within pull only. Asked once; may be NULL: no. */
    BOOL (*is_prompt)(struct source *s);
};

/* Hand over one object: takes the reference, also on failure.
 * WBEM_E_CALL_CANCELLED: nobody wants more; return from pull. */
HRESULT result_set_put(struct result_set *r, IWbemClassObject *object);
/* The same for a run of them. */
HRESULT result_set_put_many(struct result_set *r, IWbemClassObject **objects, ULONG count);
/* True once the operation was cancelled: for sources that work long between two objects. */
BOOL result_set_cancelled(struct result_set *r);

static inline void source_destroy(struct source *s)
{
    if (s) {
        s->ops->destroy(s);
    }
}

/* A source that ends at once; one over an array (takes its references); several, one after another
 * (takes the sources). The creators take what they are given, also on failure. */
HRESULT source_empty(struct source **ret);
HRESULT source_from_objects(IWbemClassObject **objects, ULONG count, struct source **ret);
HRESULT source_concat(struct source **sources, ULONG count, struct source **ret);

#endif
