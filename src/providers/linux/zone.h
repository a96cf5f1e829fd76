/*
 * The rule of the machine's time zone, from the last line of its TZif file
 * (RFC 8536) or from TZ itself: the form of POSIX, such as
 * CET-1CEST,M3.5.0,M10.5.0/3.
 */
#ifndef WBEM_PROVIDERS_LINUX_ZONE_H
#define WBEM_PROVIDERS_LINUX_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* When the clock changes: in local time as it is before. */
struct zone_change {
    unsigned month;       /* from 1; 0: the rule is not of the kind month, week, day */
    unsigned week;        /* 1 to 5, 5 being the last */
    unsigned day_of_week; /* 0 is Sunday */
    int32_t seconds;      /* after midnight; may be negative or beyond a day */
};

struct zone {
    char id[64];           /* such as "Europe/Berlin"; "" when not known */
    char standard[32];     /* abbreviations */
    char daylight[32];     /* "" without daylight saving time */
    int32_t standard_east; /* seconds to add to UTC */
    int32_t daylight_east;
    bool has_daylight;
    struct zone_change to_daylight, to_standard;
};

bool zone_parse(const char *rule, struct zone *ret);
/* The zone of TZ, else of /etc/localtime, else UTC. False: what they say is not to be read. */
bool zone_read(struct zone *ret);

#endif
