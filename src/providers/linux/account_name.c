/*
 * The name of the user with a number: from /etc/passwd, then from whoever else
 * the name service switch asks.
 */
#include "providers/linux/account_name.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/account_file.h"
#include "providers/linux/procfs.h"

enum {
    PASSWD_ID = 2,
    FIRST_SIZE = 1024,
    LAST_SIZE = 16 << 20
};

static char *name_in_file(uint32_t uid)
{
    struct account_file f;
    struct account_record record;
    char *name = NULL;
    if (account_file_open("/etc/passwd", &f) < 0) {
        return NULL;
    }
    while (!name && account_file_next(&f, &record)) {
        int64_t id;
        if (account_number(&record, PASSWD_ID, &id) && id == uid) {
            name = strndup(record.fields[0].text, record.fields[0].size);
        }
    }
    account_file_close(&f);
    return name;
}

static char *name_elsewhere(uint32_t uid)
{
    char *name = NULL;
    for (size_t size = FIRST_SIZE; size <= LAST_SIZE; size *= 2) {
        struct passwd entry, *found = NULL;
        char *buffer = malloc(size);
        int result = buffer ? getpwuid_r(uid, &entry, buffer, size, &found) : ENOMEM;
        if (result == 0 && found) {
            name = strdup(entry.pw_name);
        }
        free(buffer);
        if (result != ERANGE) {
            break;
        }
    }
    return name;
}

char *account_user_name(uint32_t uid)
{
    char *name = name_in_file(uid);
    if (!name && linux_is_live()) {
        name = name_elsewhere(uid);
    }
    if (!name && asprintf(&name, "%u", (unsigned)uid) < 0) {
        return NULL;
    }
    return name;
}
