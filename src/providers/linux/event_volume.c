/*
 * Win32_VolumeChangeEvent: file systems that are mounted and unmounted. The
 * kernel wakes whoever polls mountinfo when the table of mounts changes
 * (proc(5)); what has changed is found by comparing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "object/object.h"
#include "providers/linux/events.h"
#include "providers/linux/mounts.h"
#include "providers/linux/procfs.h"

enum {
    COLUMN_EventType,
    COLUMN_DriveName
};

/* Win32_DeviceChangeEvent.EventType */
enum {
    ARRIVAL = 2,
    REMOVAL = 3
};

static const char *const columns[] = {"EventType", "DriveName", NULL};
static const struct event_class classes[] = {{"Win32_VolumeChangeEvent", columns}};

struct volume_events {
    struct event_feed *feed;
    int fd;
    struct mounts known; /* those that Win32_LogicalDisk lists */
};

static bool has(const struct mounts *m, const struct mount *wanted)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct mount *one = &m->items[i];
        if (!one->hidden && strcmp(one->point, wanted->point) == 0 &&
            strcmp(one->source, wanted->source) == 0 && one->major == wanted->major &&
            one->minor == wanted->minor) {
            return true;
        }
    }
    return false;
}

/* Tell of what is in `these` and not in `those`. */
static void tell(struct event_feed *f, const struct mounts *these, const struct mounts *those,
                 unsigned type)
{
    for (size_t i = 0; i < these->count; i++) {
        const struct mount *m = &these->items[i];
        if (!m->hidden && !has(those, m) && event_feed_row(f, 0)) {
            event_feed_uint(f, COLUMN_EventType, type);
            event_feed_string(f, COLUMN_DriveName, m->point);
            event_feed_put(f, 0);
        }
    }
}

static HRESULT volume_ready(void *state)
{
    struct volume_events *e = state;
    struct mounts now;
    if (!mounts_read(false, &now)) {
        return WBEM_S_NO_ERROR; /* out of memory: the next change shows this one as well */
    }
    tell(e->feed, &e->known, &now, REMOVAL);
    tell(e->feed, &now, &e->known, ARRIVAL);
    mounts_done(&e->known);
    e->known = now;
    return WBEM_S_NO_ERROR;
}

static void volume_close(void *state)
{
    struct volume_events *e = state;
    mounts_done(&e->known);
    if (e->fd >= 0) {
        close(e->fd);
    }
    free(e);
}

static HRESULT volume_open(struct event_feed *f, void **ret, int *ret_fd, uint32_t *ret_events)
{
    struct volume_events *e = calloc(1, sizeof(*e));
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->feed = f;
    e->fd = linux_open("/proc/self/mountinfo", O_RDONLY);
    if (e->fd < 0) {
        int error = -e->fd;
        volume_close(e);
        return error_raise(WBEM_E_PROVIDER_FAILURE, "ExecNotificationQuery", "/proc/self/mountinfo",
                           "the table of mounts can't be read: %s", strerror(error));
    }
    if (!mounts_read(false, &e->known)) { /* after opening: what changes from then on wakes us */
        volume_close(e);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = e;
    *ret_fd = e->fd;
    *ret_events = EPOLLPRI;
    return WBEM_S_NO_ERROR;
}

const struct event_provider linux_volume_events = {
    .classes = classes,
    .class_count = 1,
    .open = volume_open,
    .ready = volume_ready,
    .close = volume_close,
};
