/* A password from a person or a file, for the programs that log in. */
#ifndef WBEM_CLI_SECRET_H
#define WBEM_CLI_SECRET_H

#include <stdbool.h>

#define SECRET_MAX 1024

enum secret_answer {
    SECRET_GIVEN,
    SECRET_REFUSED,     /* the end of the input */
    SECRET_NO_TERMINAL, /* nobody to ask */
};

/* Asks on the terminal, not echoing. Wipe what it gave: explicit_bzero(). */
enum secret_answer secret_ask(const char *prompt, char secret[SECRET_MAX]);
/* One line, without its end; false: there is none, or it is too long. */
bool secret_read_line(int fd, char line[SECRET_MAX]);

#endif
