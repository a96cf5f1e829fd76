/* wbemd --check: would it start with these settings? Opens what it would read, and changes nothing.
 */
#include "wbemd/wbemd.h"

#include <stdio.h>
#include <stdlib.h>

#include "wbemd/accounts.h"
#include "wbemd/log.h"

int check(const struct settings *s)
{
    struct accounts *a;
    if (FAILED(accounts_new(s, NULL, &a))) {
        return EXIT_FAILURE;
    }
    int code = content_check(s);
    if (accounts_is_empty(a)) {
        log_line(LOG_ERR, "nobody could log in: there is no password file and no keytab");
        code = EXIT_FAILURE;
    }
    accounts_destroy(a);
    if (code == EXIT_SUCCESS) {
        (void)printf("%s: good\n", s->file ? s->file : "the settings");
    }
    return code;
}
