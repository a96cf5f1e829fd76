/* wbem call: what its files share. */
#ifndef WBEM_CLI_CALL_H
#define WBEM_CLI_CALL_H

#include "cli.h"

/* A class with its descriptions, and one of its methods. */
struct method {
    IWbemClassObject *cls;
    BSTR name;
    IWbemClassObject *in;  /* the in-signature; NULL: it takes nothing */
    IWbemClassObject *out; /* the out-signature; NULL: it answers nothing */
    IWbemQualifierSet *qualifiers;
};

/* ---- methods (call_methods.c) ------------------------------------------------------- */

/* EXIT_OK, or the exit code after saying what is wrong; an unknown method brings near names. Takes
 * a reference to `cls`. */
int method_find(IWbemClassObject *cls, const char *name, struct method *ret);
void method_done(struct method *m);
/* What a return value means by the method's ValueMap and Values; malloc'd, NULL: not told. */
char *method_meaning(const struct method *m, long value);
/* Prints the methods of a class with their parameters. */
void methods_list(IWbemClassObject *cls);

/* ---- parameters (call_values.c) -------------------------------------------------------- */

/* Builds the in-parameters from "name=value" texts. EXIT_OK, or EXIT_USAGE and the like after
 * saying what is wrong. *ret NULL: there are none. */
int parameters_build(IWbemServices *services, const struct method *m, char *const *texts, int count,
                     IWbemClassObject **ret);

/* The name that is nearest to a mistyped one among those that `next` gives until NULL; "" when
 * none is near. Static storage. */
const char *nearest_name(const char *wrong, const char *(*next)(void *closure), void *closure);

#endif
