/*
 * DATE: days since 1899-12-30 with the time of day as the fraction, which counts forward from
 * midnight for days before that too ([MS-OAUT] 2.2.25). Text form: that of LOCALE_INVARIANT.
 */
#include "com/variant.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIRST_DAY (-657434) /* 0100-01-01 */
#define LAST_DAY 2958465    /* 9999-12-31 */
#define UNIX_EPOCH_DAY 25569
#define MICROSECONDS_A_DAY INT64_C(86400000000)
#define SECONDS_A_DAY 86400

bool date_in_range(double date)
{
    return date > FIRST_DAY - 1 && date < LAST_DAY + 1;
}

/* ---- civil days --------------------------------------------------------------- */

/* Days since 1899-12-30 of a date in the proleptic Gregorian calendar: years counted from March,
 * in cycles of 400. */
static int day_from_civil(int year, int month, int day)
{
    year -= month <= 2;
    int cycle = (year >= 0 ? year : year - 399) / 400;
    int year_of_cycle = year - cycle * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * 146097 + day_of_cycle - 719468 + UNIX_EPOCH_DAY;
}

static void civil_from_day(int day, SYSTEMTIME *ret)
{
    int z = day - UNIX_EPOCH_DAY + 719468;
    int cycle = z / 146097; /* never negative: the year 100 comes after the year 0 */
    int day_of_cycle = z - cycle * 146097;
    int year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int shifted = (5 * day_of_year + 2) / 153;
    int month = shifted + (shifted < 10 ? 3 : -9);
    ret->wDay = (WORD)(day_of_year - (153 * shifted + 2) / 5 + 1);
    ret->wMonth = (WORD)month;
    ret->wYear = (WORD)(year_of_cycle + cycle * 400 + (month <= 2));
    ret->wDayOfWeek = (WORD)(((day + 6) % 7 + 7) % 7); /* day 0 was a Saturday */
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* ---- days and time of day ------------------------------------------------------- */

/* A whole day and a part in [0, unit) of it, in `unit`ths, rounded. */
static void date_split(DATE date, int64_t unit, int *ret_day, int64_t *ret_part)
{
    double whole = trunc(date);
    int day = (int)whole;
    int64_t part = (int64_t)llround(fabs(date - whole) * (double)unit);
    if (part == unit) {
        part = 0;
        day++;
    }
    *ret_day = day;
    *ret_part = part;
}

static DATE date_join(int day, int64_t part, int64_t unit)
{
    double fraction = (double)part / (double)unit;
    return day < 0 ? day - fraction : day + fraction;
}

INT SystemTimeToVariantTime(LPSYSTEMTIME t, DOUBLE *ret)
{
    if (!t || !ret || t->wYear < 100 || t->wYear > 9999 || t->wMonth < 1 || t->wMonth > 12 ||
        t->wDay < 1 || t->wDay > days_of_month(t->wYear, t->wMonth) || t->wHour > 23 ||
        t->wMinute > 59 || t->wSecond > 59) {
        return FALSE;
    }

    int seconds = t->wHour * 3600 + t->wMinute * 60 + t->wSecond;
    *ret = date_join(day_from_civil(t->wYear, t->wMonth, t->wDay), seconds, SECONDS_A_DAY);
    return TRUE;
}

INT VariantTimeToSystemTime(DOUBLE date, LPSYSTEMTIME ret)
{
    if (!ret || !date_in_range(date)) {
        return FALSE;
    }

    int day;
    int64_t seconds;
    date_split(date, SECONDS_A_DAY, &day, &seconds);
    if (day > LAST_DAY) {
        return FALSE;
    }
    memset(ret, 0, sizeof *ret);
    civil_from_day(day, ret);
    ret->wHour = (WORD)(seconds / 3600);
    ret->wMinute = (WORD)(seconds / 60 % 60);
    ret->wSecond = (WORD)(seconds % 60);
    return TRUE;
}

/* Years from 1980, seconds in twos. */
INT DosDateTimeToVariantTime(USHORT date, USHORT time, DOUBLE *ret)
{
    SYSTEMTIME t = {.wYear = (WORD)(1980 + (date >> 9)),
                    .wMonth = (WORD)((date >> 5) & 0xF),
                    .wDay = (WORD)(date & 0x1F),
                    .wHour = (WORD)(time >> 11),
                    .wMinute = (WORD)((time >> 5) & 0x3F),
                    .wSecond = (WORD)((time & 0x1F) * 2)};
    return SystemTimeToVariantTime(&t, ret);
}

INT VariantTimeToDosDateTime(DOUBLE vtime, USHORT *date, USHORT *time)
{
    SYSTEMTIME t;
    if (!date || !time || !VariantTimeToSystemTime(vtime, &t) || t.wYear < 1980 || t.wYear > 2099) {
        return FALSE;
    }

    *date = (USHORT)(((t.wYear - 1980) << 9) | (t.wMonth << 5) | t.wDay);
    *time = (USHORT)((t.wHour << 11) | (t.wMinute << 5) | (t.wSecond / 2));
    return TRUE;
}

HRESULT com_date_from_microseconds(int64_t microseconds, DATE *ret)
{
    int64_t days = microseconds / MICROSECONDS_A_DAY;
    int64_t part = microseconds % MICROSECONDS_A_DAY;
    if (part < 0) {
        part += MICROSECONDS_A_DAY;
        days--;
    }
    days += UNIX_EPOCH_DAY;
    if (days < FIRST_DAY || days > LAST_DAY) {
        return DISP_E_OVERFLOW;
    }
    *ret = date_join((int)days, part, MICROSECONDS_A_DAY);
    return S_OK;
}

HRESULT com_microseconds_from_date(DATE date, int64_t *ret)
{
    if (!date_in_range(date)) {
        return DISP_E_OVERFLOW;
    }

    int day;
    int64_t part;
    date_split(date, MICROSECONDS_A_DAY, &day, &part);
    *ret = (int64_t)(day - UNIX_EPOCH_DAY) * MICROSECONDS_A_DAY + part;
    return S_OK;
}

/* ---- text ---------------------------------------------------------------------------- */

HRESULT date_print(DATE date, ULONG flags, char out[DATE_TEXT_SIZE])
{
    SYSTEMTIME t;
    if (!VariantTimeToSystemTime(date, &t)) {
        return E_INVALIDARG;
    }

    bool has_day = fabs(date) >= 1;
    bool has_time = t.wHour || t.wMinute || t.wSecond;
    bool with_day = !(flags & VAR_TIMEVALUEONLY) && (has_day || (flags & VAR_DATEVALUEONLY));
    bool with_time = !(flags & VAR_DATEVALUEONLY) && (has_time || !with_day);
    char *p = out;
    *p = 0;
    if (with_day) {
        p += sprintf(p, "%02u/%02u/%04u", t.wMonth, t.wDay, t.wYear);
    }
    if (with_time) {
        (void)sprintf(p, "%s%02u:%02u:%02u", with_day ? " " : "", t.wHour, t.wMinute, t.wSecond);
    }
    return S_OK;
}

struct scanner {
    const OLECHAR *at;
};

static void skip_blanks(struct scanner *s)
{
    while (*s->at == ' ' || (*s->at >= '\t' && *s->at <= '\r')) {
        s->at++;
    }
}

/* One to four digits; how many there were tells a year from a month. */
static int take_number(struct scanner *s, int *ret)
{
    int digits = 0;
    int value = 0;
    while (*s->at >= '0' && *s->at <= '9' && digits < 5) {
        value = value * 10 + (int)(*s->at - '0');
        s->at++;
        digits++;
    }
    *ret = value;
    return digits >= 1 && digits <= 4 ? digits : 0;
}

static bool take_char(struct scanner *s, OLECHAR c)
{
    if (*s->at != c) {
        return false;
    }
    s->at++;
    return true;
}

/* Automation's window for two digits: 1930 to 2029. */
static int full_year(int year, int digits)
{
    return digits > 2 ? year : year + (year < 30 ? 2000 : 1900);
}

/* MM/DD/YYYY, YYYY-MM-DD or YYYY/MM/DD, after the first number was taken. */
static bool scan_day(struct scanner *s, int first, int digits, SYSTEMTIME *t)
{
    OLECHAR separator = *s->at++;
    int second;
    int third;
    if (!take_number(s, &second) || !take_char(s, separator)) {
        return false;
    }
    int third_digits = take_number(s, &third);
    if (!third_digits) {
        return false;
    }
    if (digits > 2) {
        t->wYear = (WORD)first;
        t->wMonth = (WORD)second;
        t->wDay = (WORD)third;
    } else {
        t->wYear = (WORD)full_year(third, third_digits);
        t->wMonth = (WORD)first;
        t->wDay = (WORD)second;
    }
    return true;
}

/* AM, PM, A.M. and so on are not all taken: the two letters in either case. */
static bool scan_half_day(struct scanner *s, int *hour)
{
    skip_blanks(s);
    OLECHAR letter = *s->at | 0x20;
    if ((letter != 'a' && letter != 'p') || (s->at[1] | 0x20) != 'm') {
        return true;
    }

    s->at += 2;
    if (*hour < 1 || *hour > 12) {
        return false;
    }
    *hour = *hour % 12 + (letter == 'p' ? 12 : 0);
    return true;
}

/* HH:MM[:SS] [AM|PM], after the hour was taken. */
static bool scan_time(struct scanner *s, int hour, SYSTEMTIME *t)
{
    int minute;
    int second = 0;
    if (!take_char(s, ':') || !take_number(s, &minute) ||
        (take_char(s, ':') && !take_number(s, &second)) || !scan_half_day(s, &hour)) {
        return false;
    }
    t->wHour = (WORD)hour;
    t->wMinute = (WORD)minute;
    t->wSecond = (WORD)second;
    return true;
}

HRESULT date_parse(const OLECHAR *text, ULONG flags, DATE *ret)
{
    if (!text) {
        return DISP_E_TYPEMISMATCH;
    }

    struct scanner s = {text};
    SYSTEMTIME t = {.wYear = 1899, .wMonth = 12, .wDay = 30}; /* day 0: a time alone */
    skip_blanks(&s);
    int number;
    int digits = take_number(&s, &number);
    if (digits && (*s.at == '/' || *s.at == '-')) {
        if (!scan_day(&s, number, digits, &t)) {
            return DISP_E_TYPEMISMATCH;
        }
        if (!take_char(&s, 'T')) {
            skip_blanks(&s);
        }
        digits = *s.at ? take_number(&s, &number) : 0;
    } else if (!digits) {
        return DISP_E_TYPEMISMATCH;
    }
    if (digits && !scan_time(&s, number, &t)) {
        return DISP_E_TYPEMISMATCH;
    }
    skip_blanks(&s);
    DATE date;
    if (*s.at || !SystemTimeToVariantTime(&t, &date)) {
        return DISP_E_TYPEMISMATCH;
    }
    if (flags & VAR_DATEVALUEONLY) {
        date = trunc(date);
    } else if (flags & VAR_TIMEVALUEONLY) {
        date = fabs(date - trunc(date));
    }
    *ret = date;
    return S_OK;
}
