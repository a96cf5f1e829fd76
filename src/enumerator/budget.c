/* How many objects somebody's enumerators may keep; see budget.h. */
#include "enumerator/budget.h"

#include <stddef.h>

static _Thread_local struct result_budget *in_use;

void result_budget_init(struct result_budget *b, void (*destroy)(struct result_budget *self))
{
    atomic_init(&b->refs, 1);
    atomic_init(&b->kept, 0);
    atomic_init(&b->most, UINT64_MAX);
    atomic_init(&b->bytes, 0);
    atomic_init(&b->most_bytes, UINT64_MAX);
    atomic_init(&b->works, 0);
    atomic_init(&b->most_works, UINT64_MAX);
    b->destroy = destroy;
}

struct result_budget *result_budget_ref(struct result_budget *b)
{
    if (b) {
        atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    }
    return b;
}

void result_budget_unref(struct result_budget *b)
{
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) {
        b->destroy(b);
    }
}

struct result_budget *result_budget_use(struct result_budget *b)
{
    struct result_budget *before = in_use;
    in_use = b;
    return before;
}

struct result_budget *result_budget_in_use(void)
{
    return in_use;
}

static bool take(atomic_uint_fast64_t *what, atomic_uint_fast64_t *most, uint64_t count)
{
    if (atomic_fetch_add(what, count) + count <= atomic_load(most)) {
        return true;
    }
    atomic_fetch_sub(what, count);
    return false;
}

bool result_budget_take(struct result_budget *b, uint64_t count, uint64_t bytes)
{
    if (!take(&b->kept, &b->most, count)) {
        return false;
    }
    if (!take(&b->bytes, &b->most_bytes, bytes)) {
        atomic_fetch_sub(&b->kept, count);
        return false;
    }
    return true;
}

void result_budget_give(struct result_budget *b, uint64_t count, uint64_t bytes)
{
    atomic_fetch_sub(&b->kept, count);
    atomic_fetch_sub(&b->bytes, bytes);
}

bool result_budget_begin_work(struct result_budget *b)
{
    return take(&b->works, &b->most_works, 1);
}

void result_budget_end_work(struct result_budget *b)
{
    atomic_fetch_sub(&b->works, 1);
}
