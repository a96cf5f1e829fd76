/* What wbemd is made of: its parts in the order of their use. */
#ifndef WBEM_WBEMD_WBEMD_H
#define WBEM_WBEMD_WBEMD_H

#include <signal.h>
#include <stdbool.h>

#include "wbemd/settings.h"

#define EXIT_USAGE 2

/* `wbemd passwd …`, the arguments from "passwd" on. */
int passwd_main(int argc, char **argv);

struct accounts;

/* content.c: what is served. Each returns an exit status and has logged what went wrong. */
int content_open(const struct settings *s);
/* Compiles the files of MOF (again); when one fails the repository stays as it was. */
int content_compile(const struct settings *s);
/* Can the files of MOF be read and parsed? For --check. */
int content_check(const struct settings *s);

/* serve.c: until a signal says stop. `argv` is read again with the file of settings at SIGHUP. */
int serve(struct settings *s, struct accounts *a, const sigset_t *signals, int argc, char **argv);

/* check.c: --check. */
int check(const struct settings *s);

#endif
