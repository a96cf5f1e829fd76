/*
 * Starting a program that is nobody's child of ours: Win32_Process.Create.
 */
#ifndef WBEM_PROVIDERS_LINUX_LAUNCH_H
#define WBEM_PROVIDERS_LINUX_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct launch {
    char **words;          /* the program and its arguments, ends with NULL */
    char **environment;    /* "name=value"…, ends with NULL; NULL: ours */
    const char *directory; /* to start in; NULL: ours */
    bool has_nice;
    int nice; /* the process's nice value when has_nice */
};

/* What could not be done. */
enum launch_stage {
    LAUNCH_FORK,
    LAUNCH_DIRECTORY,
    LAUNCH_NICE,
    LAUNCH_EXECUTE
};

/* Splits a command line as docs/classes.md says of Win32_Process.Create: blanks separate words,
 * '…' and "…" hold them together, a backslash takes the next character as it is (in "…" only
 * before " and \). No shell: nothing is expanded. 0; -EINVAL for a quotation that does not end,
 * -ENOMEM. Words are freed by launch_words_free(). */
int launch_split(const char *line, char ***ret);
void launch_words_free(char **words);

/* Starts the program in a session of its own, without our descriptors, its input and output
 * /dev/null, signals as at birth; init, or whoever reaps orphans, is its parent. The process's
 * identifier when it executes the program; otherwise -errno and in *ret_stage what failed. */
pid_t launch_run(const struct launch *l, enum launch_stage *ret_stage);

#endif
