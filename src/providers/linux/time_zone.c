/*
 * Win32_TimeZone: the rule of the machine's zone.
 */
#include <stdlib.h>

#include "providers/linux/linux.h"
#include "providers/linux/zone.h"

#define COLUMNS(X)                                                                                 \
    X(Bias), X(Caption), X(DaylightBias), X(DaylightDay), X(DaylightDayOfWeek), X(DaylightHour),   \
        X(DaylightMillisecond), X(DaylightMinute), X(DaylightMonth), X(DaylightName),              \
        X(DaylightSecond), X(DaylightYear), X(Description), X(SettingID), X(StandardBias),         \
        X(StandardDay), X(StandardDayOfWeek), X(StandardHour), X(StandardMillisecond),             \
        X(StandardMinute), X(StandardMonth), X(StandardName), X(StandardSecond), X(StandardYear)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct change_columns {
    unsigned month, day, day_of_week, hour, minute, second, millisecond, year;
};

/* A time beyond the day, as some zones have, moves the change to another day of the month, which
 * "the last Saturday" and the like can't say: those stay null. */
static void set_change(struct provider_row *r, const struct change_columns *to, bool has_daylight,
                       const struct zone_change *c)
{
    if (has_daylight && (c->month == 0 || c->seconds < 0 || c->seconds >= 24 * 3600)) {
        return;
    }
    unsigned seconds = (unsigned)c->seconds;
    provider_set_uint(r, to->month, c->month);
    provider_set_uint(r, to->day, c->week);
    provider_set_uint(r, to->day_of_week, c->day_of_week);
    provider_set_uint(r, to->hour, seconds / 3600);
    provider_set_uint(r, to->minute, seconds / 60 % 60);
    provider_set_uint(r, to->second, seconds % 60);
    provider_set_uint(r, to->millisecond, 0);
    provider_set_uint(r, to->year, 0);
}

static void set_caption(struct provider_row *r, const struct zone *z)
{
    int32_t minutes = abs(z->standard_east) / 60;
    const char *name = z->id[0] ? z->id : z->standard;
    char sign = z->standard_east < 0 ? '-' : '+';
    provider_set_format(r, COLUMN_Caption, "(UTC%c%02d:%02d) %s", sign, minutes / 60, minutes % 60,
                        name);
    provider_set_format(r, COLUMN_Description, "(UTC%c%02d:%02d) %s", sign, minutes / 60,
                        minutes % 60, name);
    provider_set_string(r, COLUMN_SettingID, linux_known(z->id));
}

static HRESULT time_zone_next(void *cursor, struct provider_row *row)
{
    static const struct change_columns daylight = {
        COLUMN_DaylightMonth,       COLUMN_DaylightDay,    COLUMN_DaylightDayOfWeek,
        COLUMN_DaylightHour,        COLUMN_DaylightMinute, COLUMN_DaylightSecond,
        COLUMN_DaylightMillisecond, COLUMN_DaylightYear};
    static const struct change_columns standard = {
        COLUMN_StandardMonth,       COLUMN_StandardDay,    COLUMN_StandardDayOfWeek,
        COLUMN_StandardHour,        COLUMN_StandardMinute, COLUMN_StandardSecond,
        COLUMN_StandardMillisecond, COLUMN_StandardYear};
    struct zone z;
    if (!linux_single_take(cursor) || !zone_read(&z)) {
        return WBEM_S_FALSE;
    }
    set_caption(row, &z);
    provider_set_sint(row, COLUMN_Bias, z.standard_east / 60);
    provider_set_sint(row, COLUMN_StandardBias, 0);
    provider_set_sint(row, COLUMN_DaylightBias, (z.standard_east - z.daylight_east) / 60);
    provider_set_string(row, COLUMN_StandardName, z.standard);
    provider_set_string(row, COLUMN_DaylightName, linux_known(z.daylight));
    set_change(row, &daylight, z.has_daylight, &z.to_daylight);
    set_change(row, &standard, z.has_daylight, &z.to_standard);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_time_zone = {
    .name = "Win32_TimeZone",
    .columns = columns,
    .open = linux_single_open,
    .next = time_zone_next,
    .close = linux_single_close,
};
