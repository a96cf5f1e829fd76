/* Shows what an enumerator yields: NextAsync after NextAsync to a sink. */
#ifndef WBEM_CLI_DELIVERY_H
#define WBEM_CLI_DELIVERY_H

#include "cli.h"

/* Delivers until the sequence, the limit or the patience ends; takes the enumerator's reference.
 * Ctrl-C and a closed pipe end the program by their signal after everything is cancelled.
 * Returns the exit code; *ret_shown objects were written. */
int deliver(const struct options *o, IEnumWbemClassObject *e, struct output *out, const char *what,
            size_t *ret_shown);

/* The same for the answer to a query, in the form that the options ask for. */
int show_answer(const struct options *o, const char *query, IEnumWbemClassObject *e,
                const char *what);

#endif
