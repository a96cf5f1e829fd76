/*
 * How many objects somebody's enumerators may keep, and how many calls may go on for him in the
 * background: a server has one of these for each user.
 */
#ifndef WBEM_ENUMERATOR_BUDGET_H
#define WBEM_ENUMERATOR_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Embedded in what its owner has for a user. Counted: each enumerator's result holds one
 * reference; `destroy` is called after the last. */
struct result_budget {
    atomic_uint refs;
    atomic_uint_fast64_t kept, most; /* objects */
    atomic_uint_fast64_t bytes, most_bytes;
    atomic_uint_fast64_t works, most_works;
    void (*destroy)(struct result_budget *self);
};

/* Without limits: set `most…` to have some, at any time. */
void result_budget_init(struct result_budget *b, void (*destroy)(struct result_budget *self));
struct result_budget *result_budget_ref(struct result_budget *b); /* NULL is fine */
void result_budget_unref(struct result_budget *b);                /* NULL is fine */

/* Results of enumerators that this thread makes from now on count here (NULL: nowhere); gives what
 * was set before, to be set again. The budget is borrowed meanwhile. */
struct result_budget *result_budget_use(struct result_budget *b);
struct result_budget *result_budget_in_use(void);

/* False: it would be too many, and nothing was taken. */
bool result_budget_take(struct result_budget *b, uint64_t count, uint64_t bytes);
void result_budget_give(struct result_budget *b, uint64_t count, uint64_t bytes);
/* The same of one call in the background. */
bool result_budget_begin_work(struct result_budget *b);
void result_budget_end_work(struct result_budget *b);

#endif
