/* What the end-to-end tests share: a connection to this machine, a sink that remembers. */
#ifndef WBEM_TESTS_LOCAL_H
#define WBEM_TESTS_LOCAL_H

#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <wbemidl.h>

/* root\cimv2 of this machine; the test fails if that can't be had. */
IWbemServices *local_services(void);
IEnumWbemClassObject *local_query(IWbemServices *services, const wchar_t *query, LONG flags);
/* The query's status; its enumerator, if there is one, is released. */
HRESULT local_query_status(IWbemServices *services, const wchar_t *query, LONG flags);
/* A property as a BSTR or NULL; the caller frees. */
BSTR local_string(IWbemClassObject *object, const wchar_t *name);
LONG local_long(IWbemClassObject *object, const wchar_t *name);
/* The error object's Description on this thread, UTF-8 in a static buffer; "" when there is none.
 */
const char *local_error(void);

/* Remembers what it got; AddRefs the objects. Lives on the caller's stack. */
struct memory_sink {
    IWbemObjectSink sink;
    atomic_int refs;
    IWbemClassObject *objects[4096];
    atomic_size_t count;
    atomic_int indicates, statuses, late_calls;
    HRESULT status;
    IWbemClassObject *detail;
    sem_t released; /* the library has let go, which is the last it does with a sink */
};
void memory_sink_init(struct memory_sink *s);
void memory_sink_wait(struct memory_sink *s);
void memory_sink_done(struct memory_sink *s);

#endif
