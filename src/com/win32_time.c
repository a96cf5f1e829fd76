/*
 * Clocks, and dates between FILETIME (100-nanosecond steps since 1601-01-01) and fields.
 */
#include "com/com.h"

#include <string.h>
#include <time.h>

#define TICKS_A_SECOND INT64_C(10000000)
#define SECONDS_FROM_1601_TO_1970 INT64_C(11644473600)

static uint64_t milliseconds_since_boot(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

ULONGLONG GetTickCount64(void)
{
    return milliseconds_since_boot();
}

DWORD GetTickCount(void)
{
    return (DWORD)milliseconds_since_boot();
}

/* 10 MHz, as Windows has it since version 10: the 32-bit counters of time in the performance
 * classes (AvgDiskSecPerRead) are in these ticks, and finer ones would overflow within seconds. */
#define TICKS_PER_SECOND 10000000

BOOL QueryPerformanceCounter(LARGE_INTEGER *ret)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    ret->QuadPart =
        (LONGLONG)t.tv_sec * TICKS_PER_SECOND + t.tv_nsec / (1000000000 / TICKS_PER_SECOND);
    return TRUE;
}

BOOL QueryPerformanceFrequency(LARGE_INTEGER *ret)
{
    ret->QuadPart = TICKS_PER_SECOND;
    return TRUE;
}

static void fields_of(const struct tm *tm, long nanoseconds, LPSYSTEMTIME ret)
{
    ret->wYear = (WORD)(tm->tm_year + 1900);
    ret->wMonth = (WORD)(tm->tm_mon + 1);
    ret->wDayOfWeek = (WORD)tm->tm_wday;
    ret->wDay = (WORD)tm->tm_mday;
    ret->wHour = (WORD)tm->tm_hour;
    ret->wMinute = (WORD)tm->tm_min;
    ret->wSecond = (WORD)tm->tm_sec;
    ret->wMilliseconds = (WORD)(nanoseconds / 1000000);
}

void GetSystemTime(LPSYSTEMTIME ret)
{
    struct timespec t;
    struct tm tm;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    (void)gmtime_r(&t.tv_sec, &tm);
    fields_of(&tm, t.tv_nsec, ret);
}

void GetLocalTime(LPSYSTEMTIME ret)
{
    struct timespec t;
    struct tm tm;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    (void)localtime_r(&t.tv_sec, &tm);
    fields_of(&tm, t.tv_nsec, ret);
}

static void put_ticks(int64_t ticks, LPFILETIME ret)
{
    ret->dwLowDateTime = (DWORD)((uint64_t)ticks & 0xFFFFFFFF);
    ret->dwHighDateTime = (DWORD)((uint64_t)ticks >> 32);
}

void GetSystemTimeAsFileTime(LPFILETIME ret)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    put_ticks((t.tv_sec + SECONDS_FROM_1601_TO_1970) * TICKS_A_SECOND + t.tv_nsec / 100, ret);
}

BOOL SystemTimeToFileTime(const SYSTEMTIME *t, LPFILETIME ret)
{
    struct tm tm = {.tm_year = t->wYear - 1900,
                    .tm_mon = t->wMonth - 1,
                    .tm_mday = t->wDay,
                    .tm_hour = t->wHour,
                    .tm_min = t->wMinute,
                    .tm_sec = t->wSecond};
    struct tm normal = tm;
    time_t seconds = timegm(&normal);
    bool valid = t->wYear >= 1601 && t->wMilliseconds < 1000 && normal.tm_mon == tm.tm_mon &&
                 normal.tm_mday == tm.tm_mday && normal.tm_hour == tm.tm_hour &&
                 normal.tm_min == tm.tm_min && normal.tm_sec == tm.tm_sec;
    if (!valid) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    put_ticks((seconds + SECONDS_FROM_1601_TO_1970) * TICKS_A_SECOND +
                  t->wMilliseconds * (TICKS_A_SECOND / 1000),
              ret);
    return TRUE;
}

BOOL FileTimeToSystemTime(const FILETIME *t, LPSYSTEMTIME ret)
{
    int64_t ticks = (int64_t)(((uint64_t)t->dwHighDateTime << 32) | t->dwLowDateTime);
    if (ticks < 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }

    time_t seconds = ticks / TICKS_A_SECOND - SECONDS_FROM_1601_TO_1970;
    struct tm tm;
    (void)gmtime_r(&seconds, &tm);
    fields_of(&tm, (long)(ticks % TICKS_A_SECOND) * 100, ret);
    return TRUE;
}
