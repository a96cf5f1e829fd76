/* What the tests of events share. */
#ifndef WBEM_TESTS_LOCAL_EVENTS_H
#define WBEM_TESTS_LOCAL_EVENTS_H

#include "local.h"

enum {
    SEMISYNC = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY
};

/* root\\cimv2, between events_connect() and events_disconnect(). */
extern IWbemServices *event_services;
void events_connect(void);
void events_disconnect(void);

HRESULT try_subscribe(const wchar_t *query, LONG flags, IEnumWbemClassObject **ret);
/* It must succeed. */
IEnumWbemClassObject *subscribe(const wchar_t *query);
/* The next one, for which it waits; WBEM_S_TIMEDOUT and none at once. */
IWbemClassObject *next_event(IEnumWbemClassObject *e);
void expect_nothing(IEnumWbemClassObject *e);

IWbemObjectSink *raise_sink(void);
IWbemClassObject *new_instance(const wchar_t *class_name);
/* Raise one Win32_VolumeChangeEvent. */
void raise_event(const wchar_t *drive, LONG type);

void put_string(IWbemClassObject *object, const wchar_t *name, const wchar_t *text);
void put_long(IWbemClassObject *object, const wchar_t *name, LONG number);
void expect_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *expected);
/* The embedded object; the caller releases. */
IWbemClassObject *embedded(IWbemClassObject *object, const wchar_t *name);

#endif
