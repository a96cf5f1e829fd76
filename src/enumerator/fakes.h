/*
 * Fakes for the enumerator's tests: numbered objects, sources that yield them
 * at the test's command, sinks that record what they are told.
 */
#ifndef WBEM_ENUMERATOR_FAKES_H
#define WBEM_ENUMERATOR_FAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>

#include "enumerator/enumerator_private.h"

/* ---- objects: IUnknown and a number --------------------------------------- */

/* NULL when memory runs out. */
IWbemClassObject *fake_object(unsigned number);
unsigned fake_number(IWbemClassObject *object);
/* Objects that exist. */
long fake_objects_alive(void);

/* ---- sources ----------------------------------------------------------------- */

struct fake_source {
    struct source source;
    unsigned first, total; /* yields objects first .. total - 1 */
    HRESULT end;           /* how it ends: WBEM_S_FALSE or a failure */
    bool silent;           /* fails without an error object */
    bool gated;            /* each object, and the end, waits for fake_source_allow() */
    bool prompt;
    bool endless;
    bool yielding; /* gives up the processor now and then */
    sem_t gate;
    atomic_uint next;
    atomic_uint pulls, running, cancels, destroyed;
    atomic_bool stop;
    atomic_bool overlapped;
};

void fake_source_init(struct fake_source *s, unsigned total);
void fake_source_allow(struct fake_source *s, unsigned objects);
void fake_source_done(struct fake_source *s);

/* ---- sinks --------------------------------------------------------------------- */

#define FAKE_SINK_OBJECTS 4096
#define FAKE_SINK_STATUSES 256

struct fake_sink {
    IWbemObjectSink iface;
    IClientSecurity security;
    atomic_uint refs; /* the test's own not counted */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned count, indicates, statuses, progress;
    unsigned largest; /* Indicate */
    unsigned numbers[FAKE_SINK_OBJECTS];
    HRESULT status[FAKE_SINK_STATUSES];
    unsigned objects_at[FAKE_SINK_STATUSES]; /* count when the status came */
    bool had_error_object;                   /* an __ExtendedStatus with the status as its code */
    pthread_t thread;
    DWORD seen_level, demanded_level;
    atomic_uint inside;
    atomic_bool overlapped;

    HRESULT indicate_result;
    sem_t *entered, *proceed; /* Indicate posts the one and waits for the other */
    sem_t *status_entered, *status_proceed;
    HRESULT (*on_indicate)(struct fake_sink *s);
    void (*on_status)(struct fake_sink *s, HRESULT hr);
    void *context;
};

void fake_sink_init(struct fake_sink *s);
void fake_sink_done(struct fake_sink *s);
/* Wait until there have been so many final statuses, or so many objects. */
void fake_sink_wait_statuses(struct fake_sink *s, unsigned statuses);
void fake_sink_wait_objects(struct fake_sink *s, unsigned objects);
/* Wait until nobody holds a reference any more. */
void fake_sink_wait_released(struct fake_sink *s);
void fake_sink_expect(struct fake_sink *s, unsigned first, unsigned count, HRESULT last_status);

/* sem_wait() that no signal interrupts. */
void fake_wait(sem_t *sem);
/* For cmocka's teardown: no object is left. */
int fake_no_leaks(void **state);

/* ---- enumerators ----------------------------------------------------------------- */

IEnumWbemClassObject *make_enumerator(struct fake_source *s, LONG flags);
/* Wait until so many calls stand in the queue. */
void wait_queued(IEnumWbemClassObject *e, unsigned calls);

/* Next: the result, and objects in order from number `first` on. How many. */
ULONG expect_next(IEnumWbemClassObject *e, LONG timeout, ULONG count, HRESULT expected,
                  unsigned first);

/* A source and an enumerator over it, with a sink whose Indicate stops at the test's will. */
struct scene {
    struct fake_source source;
    IEnumWbemClassObject *e;
    struct fake_sink sink;
    sem_t entered, proceed;
};

void scene_init(struct scene *s, unsigned total, LONG flags);
void scene_hold_indicate(struct scene *s);
void scene_done(struct scene *s);

/* NextAsync on a thread of its own. */
struct async_caller {
    pthread_t thread;
    IEnumWbemClassObject *e;
    ULONG count;
    IWbemObjectSink *sink;
    HRESULT result;
    atomic_bool returned;
};

void async_caller_start(struct async_caller *a, IEnumWbemClassObject *e, ULONG count,
                        struct fake_sink *sink);
HRESULT async_caller_join(struct async_caller *a);

#endif
