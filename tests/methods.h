/* What the tests of methods share: parameters from names and values, one call. */
#ifndef WBEM_TESTS_METHODS_H
#define WBEM_TESTS_METHODS_H

#include "local.h"

/* An instance of the in-signature of a method; the test fails if there is none. */
IWbemClassObject *methods_in(IWbemServices *services, const wchar_t *cls, const wchar_t *method);
void methods_put_string(IWbemClassObject *in, const wchar_t *name, const wchar_t *value);
void methods_put_long(IWbemClassObject *in, const wchar_t *name, LONG value);
/* Takes `in`, which may be NULL. */
HRESULT methods_call(IWbemServices *services, const wchar_t *path, const wchar_t *method,
                     IWbemClassObject *in, IWbemClassObject **ret_out);
/* A call that WMI makes: its ReturnValue. Takes `in`. */
LONG methods_result(IWbemServices *services, const wchar_t *path, const wchar_t *method,
                    IWbemClassObject *in);

#endif
