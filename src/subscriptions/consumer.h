/*
 * What permanent subscriptions do with an event: the standard consumers.
 */
#ifndef WBEM_SUBSCRIPTIONS_CONSUMER_H
#define WBEM_SUBSCRIPTIONS_CONSUMER_H

#include <stdbool.h>
#include <stdint.h>
#include <wbemcli.h>

/* Deliver one event to one consumer, an instance of the class. Any thread. A failure leaves its
 * error object. */
typedef HRESULT consumer_run(IWbemClassObject *consumer, IWbemClassObject *event);

consumer_run consumer_log_file, consumer_command_line, consumer_journal;

/* The consumer of that instance's class, or of a class that it is derived from; NULL: none. */
consumer_run *consumer_find(IWbemClassObject *consumer);

/* ---- the consumers' properties: null is absence ----------------------------------------- */

/* free() it; NULL with WBEM_S_FALSE when it is null. */
HRESULT consumer_text(IWbemClassObject *consumer, const wchar_t *name, wchar_t **ret);
uint64_t consumer_number(IWbemClassObject *consumer, const wchar_t *name, uint64_t otherwise);

#endif
