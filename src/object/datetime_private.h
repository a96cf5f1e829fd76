/*
 * What the strict DMTF form (datetime.c) and the forms that people write in
 * WQL (datetime_lenient.c) share.
 */
#ifndef WBEM_OBJECT_DATETIME_PRIVATE_H
#define WBEM_OBJECT_DATETIME_PRIVATE_H

#include "object/object.h"

#define MICROSECONDS_A_SECOND INT64_C(1000000)
#define MICROSECONDS_A_MINUTE (INT64_C(60) * MICROSECONDS_A_SECOND)
#define MICROSECONDS_A_DAY (INT64_C(86400) * MICROSECONDS_A_SECOND)

/* A moment as a calendar and a clock show it, in the proleptic Gregorian calendar. */
struct civil_time {
    int year, month, day; /* 0 to 9999, 1 to 12, 1 to 31 */
    int hour, minute, second, microsecond;
};

bool civil_time_is_valid(const struct civil_time *t);
/* As if the clock showed UTC. */
int64_t civil_time_to_microseconds(const struct civil_time *t);

/* `text` of `length` characters, not terminated. */
HRESULT datetime_parse_lenient(const char *text, size_t length, struct cim_datetime *ret);

#endif
