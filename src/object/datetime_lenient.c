/*
 * Dates and times as people write them in a WQL condition ([WmiSdk]
 * "WQL-Supported Date Formats" and "WQL-Supported Time Formats"), with the
 * order month, day, year where figures alone leave a doubt, and ISO 8601.
 */
#include "object/datetime_private.h"

#include <string.h>
#include <strings.h>

/* A date has at most three parts. */
#define DATE_PARTS 3

struct reader {
    const char *at, *end;
};

struct number {
    int value;
    int digits;
};

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) {
        r->at++;
    }
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* At least one digit; further ones than `most_digits` are left. */
static bool take_number(struct reader *r, int most_digits, struct number *ret)
{
    struct number n = {0};
    while (r->at < r->end && is_digit(*r->at) && n.digits < most_digits) {
        n.value = n.value * 10 + (*r->at++ - '0');
        n.digits++;
    }
    if (n.digits == 0) {
        return false;
    }
    *ret = n;
    return true;
}

static size_t word_length(const struct reader *r)
{
    size_t length = 0;
    while (r->at + length < r->end && is_letter(r->at[length])) {
        length++;
    }
    return length;
}

static bool take_word(struct reader *r, const char *word)
{
    size_t length = strlen(word);
    if (word_length(r) != length || strncasecmp(r->at, word, length) != 0) {
        return false;
    }
    r->at += length;
    return true;
}

/* A month's name, whole or its first three letters. */
static bool take_month(struct reader *r, int *ret)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    size_t length = word_length(r);
    for (int i = 0; i < 12; i++) {
        if ((length == 3 || length == strlen(months[i])) &&
            strncasecmp(r->at, months[i], length) == 0) {
            r->at += length;
            *ret = i + 1;
            return true;
        }
    }
    return false;
}

/* [WmiSdk] gives "January 21, 32" for 1932: the window of automation's dates, 1930 to 2029. */
static int whole_year(struct number n)
{
    if (n.digits > 2) {
        return n.value;
    }
    return n.value < 30 ? 2000 + n.value : 1900 + n.value;
}

/* Day and year beside a month's name, in the order written. */
static void assign_day_and_year(const struct number *n, int count, struct civil_time *t)
{
    if (count == 1) {
        t->year = whole_year(n[0]);
        t->day = 1;
    } else if (n[0].digits > 2 || n[0].value > 31) {
        t->year = whole_year(n[0]);
        t->day = n[1].value;
    } else {
        t->day = n[0].value;
        t->year = whole_year(n[1]);
    }
}

static bool parse_figures_date(struct reader *r, struct number first, char separator,
                               struct civil_time *t)
{
    struct number second, third;
    r->at++;
    if (!take_number(r, 4, &second) || !take(r, separator) || !take_number(r, 4, &third)) {
        return false;
    }
    if (first.digits > 2) {
        t->year = first.value;
        t->month = second.value;
        t->day = third.value;
    } else {
        t->month = first.value;
        t->day = second.value;
        t->year = whole_year(third);
    }
    return true;
}

static bool parse_date(struct reader *r, struct civil_time *t)
{
    struct number n[DATE_PARTS - 1];
    int count = 0, month = 0;
    for (int part = 0; part < DATE_PARTS; part++) {
        skip_blanks(r);
        const char *start = r->at;
        if (month == 0 && take_month(r, &month)) {
            (void)take(r, ',');
            continue;
        }
        if (count == DATE_PARTS - 1 || !take_number(r, 4, &n[count])) {
            break;
        }
        char next = r->at < r->end ? *r->at : '\0';
        if (part == 0 && (next == '/' || next == '-' || next == '.')) {
            return parse_figures_date(r, n[0], next, t);
        }
        if (next == ':') { /* an hour: the date was "January 1932" */
            r->at = start;
            break;
        }
        count++;
        (void)take(r, ',');
    }
    if (month == 0 || count == 0) {
        return false;
    }
    t->month = month;
    assign_day_and_year(n, count, t);
    return true;
}

static bool parse_fraction(struct reader *r, struct civil_time *t)
{
    struct number n;
    if (!take_number(r, 6, &n)) {
        return false;
    }
    for (; n.digits < 6; n.digits++) {
        n.value *= 10;
    }
    while (r->at < r->end && is_digit(*r->at)) {
        r->at++;
    }
    t->microsecond = n.value;
    return true;
}

/* ":uuu" after the seconds, "Z", "GMT", "UTC", or ISO 8601's "+hh[:]mm". */
static bool parse_zone(struct reader *r, bool *ret_given, int *ret_offset)
{
    struct number hours, minutes;
    *ret_given = true;
    *ret_offset = 0;
    if (take_word(r, "Z") || take_word(r, "GMT") || take_word(r, "UTC")) {
        return true;
    }
    int sign = take(r, '+') ? 1 : take(r, '-') ? -1 : 0;
    if (sign == 0) {
        *ret_given = false;
        return true;
    }
    if (!take_number(r, 2, &hours)) {
        return false;
    }
    (void)take(r, ':');
    if (!take_number(r, 2, &minutes) || hours.value > 14 || minutes.value > 59) {
        return false;
    }
    *ret_offset = sign * (hours.value * 60 + minutes.value);
    return true;
}

static bool parse_half_of_day(struct reader *r, struct civil_time *t, bool *ret_given)
{
    skip_blanks(r);
    bool morning = take_word(r, "AM");
    *ret_given = morning || take_word(r, "PM");
    if (!*ret_given) {
        return true;
    }
    if (t->hour < 1 || t->hour > 12) {
        return false;
    }
    t->hour = t->hour % 12 + (morning ? 0 : 12);
    return true;
}

static bool parse_time(struct reader *r, struct civil_time *t, bool *ret_zone, int *ret_offset)
{
    struct number n, zone = {0};
    bool half_given;
    if (!take_number(r, 2, &n)) {
        return false;
    }
    t->hour = n.value;
    bool minutes_given = take(r, ':');
    if (minutes_given) {
        if (!take_number(r, 2, &n)) {
            return false;
        }
        t->minute = n.value;
        if (take(r, ':')) {
            if (!take_number(r, 2, &n)) {
                return false;
            }
            t->second = n.value;
            if (take(r, '.') && !parse_fraction(r, t)) {
                return false;
            }
            if (take(r, ':') && !take_number(r, 3, &zone)) {
                return false;
            }
        }
    }
    if (!parse_half_of_day(r, t, &half_given) || (!minutes_given && !half_given)) {
        return false;
    }
    skip_blanks(r);
    if (zone.digits > 0) {
        *ret_zone = true;
        *ret_offset = zone.value;
        return true;
    }
    return parse_zone(r, ret_zone, ret_offset);
}

/* The offset that makes a local clock show this. Around a change of the clocks the second guess
 * settles it; an hour that the change leaves out or repeats gets one of the two offsets. */
static int local_offset_of(int64_t shown)
{
    int offset = cim_datetime_local_offset(shown);
    return cim_datetime_local_offset(shown - offset * MICROSECONDS_A_MINUTE);
}

HRESULT datetime_parse_lenient(const char *text, size_t length, struct cim_datetime *ret)
{
    struct reader r = {text, text + length};
    struct civil_time t = {.month = 1, .day = 1};
    bool zone_given = false;
    int offset = 0;
    if (!parse_date(&r, &t)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (r.at < r.end && (*r.at == 'T' || *r.at == 't')) {
        r.at++;
    }
    skip_blanks(&r);
    if (r.at < r.end && !parse_time(&r, &t, &zone_given, &offset)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    skip_blanks(&r);
    if (r.at < r.end || !civil_time_is_valid(&t)) {
        return WBEM_E_INVALID_PARAMETER;
    }

    int64_t shown = civil_time_to_microseconds(&t);
    if (!zone_given) {
        offset = local_offset_of(shown);
    }
    *ret = (struct cim_datetime){.microseconds = shown - offset * MICROSECONDS_A_MINUTE,
                                 .utc_offset = (int16_t)offset};
    return WBEM_S_NO_ERROR;
}
