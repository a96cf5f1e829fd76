/*
 * Standard string templates: texts with the values of an event's properties
 * between percent signs (WmiSdk "Using Standard String Templates").
 */
#ifndef WBEM_SUBSCRIPTIONS_TEMPLATE_H
#define WBEM_SUBSCRIPTIONS_TEMPLATE_H

#include <stddef.h>
#include <wbemcli.h>

enum {
    TEMPLATE_MOST = 1 << 20 /* characters that a text may grow to */
};

/* %Name% and %TargetInstance.Name% become values, %% a percent sign; between double quotes nothing
 * is replaced. What the event does not have, or has no value, is nothing. free() the result.
 * WBEM_E_QUOTA_VIOLATION when it gets too long. */
HRESULT template_expand(const wchar_t *text, IWbemClassObject *event, wchar_t **ret);

/* The same for a command line, as UTF-8 words: it is split first, as Win32_Process.Create does it,
 * so that a value stays within its word whatever is in it. The first word, which says what is run,
 * must not hold any: WBEM_E_INVALID_PARAMETER, also for a quotation that does not end.
 * launch_words_free() the result. */
HRESULT template_words(const wchar_t *text, IWbemClassObject *event, char ***ret);

#endif
