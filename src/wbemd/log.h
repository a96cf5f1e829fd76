/*
 * What wbemd says while it runs, to the standard error: one line each, with its
 * level where the journal reads it. Never a secret, never the content of a call.
 */
#ifndef WBEM_WBEMD_LOG_H
#define WBEM_WBEMD_LOG_H

#include <syslog.h>
#include <windows.h>

/* Lines of a level above this one (LOG_ERR to LOG_DEBUG) are left out. */
void log_set_level(unsigned level);
/* Any thread; never waits: lines that the reader of the standard error does not take are counted
 * and lost. */
void log_line(unsigned level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The failure of something, with what this thread's error object, which is taken, says of it. */
void log_failure(unsigned level, const char *what, HRESULT hr);
/* The same as text, for who has more to say. */
void log_describe(HRESULT hr, char *ret, size_t size);

#endif
