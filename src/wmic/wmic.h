/*
 * The wmic program: the command line and the output of the WMI client that
 * monitoring plugins on Linux have called for years, over the public API.
 */
#ifndef WBEM_WMIC_WMIC_H
#define WBEM_WMIC_WMIC_H

#include <stdbool.h>
#include <stdio.h>
#include <wbemcli.h>

#include "cli.h"

/* Of the exit codes of cli.h EXIT_OK and EXIT_FAILED: plugins tell only 0 from the rest. */

struct settings {
    char *host; /* without slashes; owned, as all texts here */
    char *query;
    char *name_space, *delimiter;
    char *domain, *user;
    char *password; /* wiped by settings_done() */
    bool no_password, hash, trace;
    double timeout; /* seconds of each step; 0: the library's own */
};

/* False: end with *ret_exit, everything has been said. Takes the password out of argv. */
bool settings_parse(struct settings *s, int argc, char **argv, int *ret_exit);
void settings_done(struct settings *s);

/* Rows below the line of their class and the line of its properties. */
struct rows {
    FILE *to;
    const char *delimiter;
    wchar_t *class_name; /* of the header that was printed last */
};
HRESULT rows_put(struct rows *r, IWbemClassObject *object);
void rows_done(struct rows *r);

/* What plugins look for on the standard error, and below it what the library says. EXIT_FAILED. */
int say_failure(const char *what, HRESULT hr);

#endif
