/*
 * Win32_LocalTime and Win32_UTCTime: the moment of the query in its parts.
 */
#include <time.h>

#include "providers/linux/linux.h"

#define COLUMNS(X)                                                                                 \
    X(Day), X(DayOfWeek), X(Hour), X(Minute), X(Month), X(Quarter), X(Second), X(WeekInMonth),     \
        X(Year)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

static void set_parts(struct provider_row *r, const struct tm *t)
{
    /* Weeks begin on Sunday; the first is the one with the first of the month. */
    int first_day_of_week = (t->tm_wday + 35 - (t->tm_mday - 1)) % 7;
    provider_set_sint(r, COLUMN_Day, t->tm_mday);
    provider_set_sint(r, COLUMN_DayOfWeek, t->tm_wday);
    provider_set_sint(r, COLUMN_Hour, t->tm_hour);
    provider_set_sint(r, COLUMN_Minute, t->tm_min);
    provider_set_sint(r, COLUMN_Month, t->tm_mon + 1);
    provider_set_sint(r, COLUMN_Quarter, t->tm_mon / 3 + 1);
    provider_set_sint(r, COLUMN_Second, t->tm_sec);
    provider_set_sint(r, COLUMN_WeekInMonth, (t->tm_mday - 1 + first_day_of_week) / 7 + 1);
    provider_set_sint(r, COLUMN_Year, t->tm_year + 1900);
}

static HRESULT local_time_next(void *cursor, struct provider_row *row)
{
    time_t t = time(NULL);
    struct tm parts;
    if (!linux_single_take(cursor) || !localtime_r(&t, &parts)) {
        return WBEM_S_FALSE;
    }
    set_parts(row, &parts);
    return WBEM_S_NO_ERROR;
}

static HRESULT utc_time_next(void *cursor, struct provider_row *row)
{
    time_t t = time(NULL);
    struct tm parts;
    if (!linux_single_take(cursor) || !gmtime_r(&t, &parts)) {
        return WBEM_S_FALSE;
    }
    set_parts(row, &parts);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_local_time = {
    .name = "Win32_LocalTime",
    .columns = columns,
    .open = linux_single_open,
    .next = local_time_next,
    .close = linux_single_close,
};

const struct provider_class linux_utc_time = {
    .name = "Win32_UTCTime",
    .columns = columns,
    .open = linux_single_open,
    .next = utc_time_next,
    .close = linux_single_close,
};
