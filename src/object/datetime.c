/*
 * DMTF datetimes: a moment with its offset from UTC, or an interval, each in 25
 * characters (DSP0004 5.2.4). The calendar arithmetic is done here, so neither
 * locale nor the C library's limits on years matter.
 */
#include "object/datetime_private.h"

#include <string.h>
#include <time.h>

#define DATETIME_LENGTH 25
#define LENIENT_LENGTH 64 /* the longest lenient form with some blanks */

/* Days from 1970-01-01; years begin in March, so that the leap day is the last of its year. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    if (month <= 2) {
        year--;
    }
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct civil_time *ret)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    ret->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    ret->month = (int)(month < 10 ? month + 3 : month - 9);
    ret->year = (int)(year_of_era + era * 400 + (ret->month <= 2 ? 1 : 0));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool civil_time_is_valid(const struct civil_time *t)
{
    return t->year >= 0 && t->year <= 9999 && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= days_in_month(t->year, t->month) && t->hour >= 0 && t->hour <= 23 &&
           t->minute >= 0 && t->minute <= 59 && t->second >= 0 && t->second <= 59 &&
           t->microsecond >= 0 && t->microsecond <= 999999;
}

int64_t civil_time_to_microseconds(const struct civil_time *t)
{
    int64_t seconds = days_from_civil(t->year, t->month, t->day) * 86400 + (int64_t)t->hour * 3600 +
                      (int64_t)t->minute * 60 + t->second;
    return seconds * MICROSECONDS_A_SECOND + t->microsecond;
}

/* ---- the 25 characters ------------------------------------------------ */

/* A field is digits, or asterisks throughout: "does not matter". Asterisks leave *value alone. */
static bool parse_field(const char *text, int width, int *value, bool *wildcard)
{
    if (text[0] == '*') {
        for (int i = 0; i < width; i++) {
            if (text[i] != '*') {
                return false;
            }
        }
        *wildcard = true;
        return true;
    }

    int number = 0;
    for (int i = 0; i < width; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (text[i] - '0');
    }
    *value = number;
    return true;
}

/* DSP0004 5.2.4: only of the microseconds may the last digits alone be asterisks, which says how
 * precise the value is. */
static bool parse_microseconds(const char *text, int *value, bool *wildcard)
{
    int number = 0;
    for (int i = 0; i < 6; i++) {
        bool star = text[i] == '*';
        bool digit = text[i] >= '0' && text[i] <= '9';
        bool after_star = i > 0 && text[i - 1] == '*';
        if (!star && (!digit || after_star)) {
            return false;
        }
        *wildcard = *wildcard || star;
        number = number * 10 + (star ? 0 : text[i] - '0');
    }
    *value = number;
    return true;
}

static HRESULT parse_interval(const char *text, struct cim_datetime *ret)
{
    int days = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0, zero = 0;
    bool wildcard = false, zero_wildcard = false;
    if (!parse_field(text, 8, &days, &wildcard) || !parse_field(text + 8, 2, &hours, &wildcard) ||
        !parse_field(text + 10, 2, &minutes, &wildcard) ||
        !parse_field(text + 12, 2, &seconds, &wildcard) ||
        !parse_microseconds(text + 15, &microseconds, &wildcard) ||
        !parse_field(text + 22, 3, &zero, &zero_wildcard) || zero != 0 || hours > 23 ||
        minutes > 59 || seconds > 59) {
        return WBEM_E_INVALID_PARAMETER;
    }

    int64_t length = (int64_t)days * 86400 + hours * 3600 + minutes * 60 + seconds;
    *ret = (struct cim_datetime){.interval = true,
                                 .wildcard = wildcard,
                                 .microseconds = length * MICROSECONDS_A_SECOND + microseconds};
    return WBEM_S_NO_ERROR;
}

static HRESULT parse_moment(const char *text, struct cim_datetime *ret)
{
    struct civil_time t = {.month = 1, .day = 1};
    int offset = 0;
    bool wildcard = false;
    if (!parse_field(text, 4, &t.year, &wildcard) ||
        !parse_field(text + 4, 2, &t.month, &wildcard) ||
        !parse_field(text + 6, 2, &t.day, &wildcard) ||
        !parse_field(text + 8, 2, &t.hour, &wildcard) ||
        !parse_field(text + 10, 2, &t.minute, &wildcard) ||
        !parse_field(text + 12, 2, &t.second, &wildcard) ||
        !parse_microseconds(text + 15, &t.microsecond, &wildcard) ||
        !parse_field(text + 22, 3, &offset, &wildcard) || !civil_time_is_valid(&t)) {
        return WBEM_E_INVALID_PARAMETER;
    }

    if (text[21] == '-') {
        offset = -offset;
    }
    *ret = (struct cim_datetime){.wildcard = wildcard,
                                 .microseconds = civil_time_to_microseconds(&t) -
                                                 offset * MICROSECONDS_A_MINUTE,
                                 .utc_offset = (int16_t)offset};
    return WBEM_S_NO_ERROR;
}

static HRESULT parse_strict(const char *text, size_t length, struct cim_datetime *ret)
{
    if (length != DATETIME_LENGTH || text[14] != '.') {
        return WBEM_E_INVALID_PARAMETER;
    }
    switch (text[21]) {
    case ':':
        return parse_interval(text, ret);
    case '+':
    case '-':
        return parse_moment(text, ret);
    default:
        return WBEM_E_INVALID_PARAMETER;
    }
}

HRESULT cim_datetime_parse(const struct cim_string *text, bool lenient, struct cim_datetime *ret)
{
    char plain[LENIENT_LENGTH];
    if (text->length > sizeof plain) {
        return WBEM_E_INVALID_PARAMETER;
    }
    for (uint32_t i = 0; i < text->length; i++) {
        if (text->wide && text->bytes[2 * i + 1] != 0) {
            return WBEM_E_INVALID_PARAMETER;
        }
        plain[i] = (char)text->bytes[text->wide ? 2 * i : i];
    }

    HRESULT hr = parse_strict(plain, text->length, ret);
    if (FAILED(hr) && lenient) {
        hr = datetime_parse_lenient(plain, text->length, ret);
    }
    return hr;
}

/* ---- printing ------------------------------------------------------------ */

static char *put_digits(char *out, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

static char *put_clock(char *out, int64_t time_of_day)
{
    int64_t seconds = time_of_day / MICROSECONDS_A_SECOND;
    out = put_digits(out, seconds / 3600, 2);
    out = put_digits(out, seconds / 60 % 60, 2);
    out = put_digits(out, seconds % 60, 2);
    *out++ = '.';
    return put_digits(out, time_of_day % MICROSECONDS_A_SECOND, 6);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void print_interval(int64_t length, char out[26])
{
    /* DSP0004 5.2.4 has eight digits for the days. */
    length = clamp(length, 0, INT64_C(100000000) * MICROSECONDS_A_DAY - 1);
    out = put_digits(out, length / MICROSECONDS_A_DAY, 8);
    out = put_clock(out, length % MICROSECONDS_A_DAY);
    memcpy(out, ":000", 5);
}

static void print_moment(int64_t microseconds, int offset, char out[26])
{
    static const struct civil_time first = {.year = 0, .month = 1, .day = 1};
    static const struct civil_time last = {.year = 9999,
                                           .month = 12,
                                           .day = 31,
                                           .hour = 23,
                                           .minute = 59,
                                           .second = 59,
                                           .microsecond = 999999};
    int64_t low = civil_time_to_microseconds(&first), high = civil_time_to_microseconds(&last);
    int64_t shift = offset * MICROSECONDS_A_MINUTE;
    int64_t local = clamp(microseconds, low - shift, high - shift) + shift;
    int64_t time_of_day = (local % MICROSECONDS_A_DAY + MICROSECONDS_A_DAY) % MICROSECONDS_A_DAY;

    struct civil_time t;
    civil_from_days((local - time_of_day) / MICROSECONDS_A_DAY, &t);
    out = put_digits(out, t.year, 4);
    out = put_digits(out, t.month, 2);
    out = put_digits(out, t.day, 2);
    out = put_clock(out, time_of_day);
    *out++ = offset < 0 ? '-' : '+';
    out = put_digits(out, offset < 0 ? -offset : offset, 3);
    *out = '\0';
}

void cim_datetime_print(const struct cim_datetime *d, char out[26])
{
    if (d->interval) {
        print_interval(d->microseconds, out);
    } else {
        print_moment(d->microseconds, (int)clamp(d->utc_offset, -999, 999), out);
    }
}

int16_t cim_datetime_local_offset(int64_t microseconds)
{
    /* localtime_r() takes the zone's rules under a lock of its own and reads TZ only the first
     * time, so it is safe from any thread. */
    int64_t seconds = microseconds / MICROSECONDS_A_SECOND;
    if (microseconds % MICROSECONDS_A_SECOND < 0) {
        seconds--;
    }
    time_t moment = (time_t)seconds;
    struct tm local;
    if (localtime_r(&moment, &local) == NULL) {
        return 0;
    }
    return (int16_t)(local.tm_gmtoff / 60);
}
