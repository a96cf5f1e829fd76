/*
 * The packets that one end's kernel sends come out of its TUN device; one thread keeps them for as
 * long as the link takes, drops some, and puts the others into the device of the other end.
 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500

enum end {
    NEAR,
    FAR,
    ENDS
};

struct packet {
    struct packet *next;
    double due;
    size_t size;
    uint8_t bytes[MTU];
};

/* One direction. The forwarding thread's own, but for `count`. */
struct way {
    struct packet *first, **last;
    size_t queued;
    double free_at; /* when the packet before has been put on the line */
    struct link_count count;
};

static struct {
    int origin, spaces[ENDS], devices[ENDS];
    int stop;
    pthread_t thread;
    pthread_mutex_t lock; /* of the shape and the counts */
    struct link_shape shape;
    struct way ways[ENDS]; /* by the end that they lead to */
    unsigned short random[3];
} l = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the ends ------------------------------------------------------------------------------ */

static void set_address(struct ifreq *r, const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    inet_pton(AF_INET, address, &in.sin_addr);
    memcpy(&r->ifr_addr, &in, sizeof in);
}

static bool bring_up(int s, const char *device)
{
    struct ifreq r = {.ifr_flags = IFF_UP};
    strcpy(r.ifr_name, device);
    return ioctl(s, SIOCSIFFLAGS, &r) == 0;
}

static bool configure(const char *device, const char *address)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq r = {.ifr_flags = 0};
    strcpy(r.ifr_name, device);
    set_address(&r, address);
    bool good = s >= 0 && ioctl(s, SIOCSIFADDR, &r) == 0;
    set_address(&r, "255.255.255.0");
    good = good && ioctl(s, SIOCSIFNETMASK, &r) == 0 && bring_up(s, device) && bring_up(s, "lo");
    if (s >= 0) {
        close(s);
    }
    return good;
}

/* The calling thread in a network namespace of its own, with one device. */
static const char *make_end(enum end end, const char *address)
{
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    if (unshare(CLONE_NEWNET) != 0) {
        return "no network namespace can be made";
    }
    l.spaces[end] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    l.devices[end] = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (l.spaces[end] < 0 || l.devices[end] < 0) {
        return "/dev/net/tun can't be opened";
    }
    strcpy(r.ifr_name, "wan0");
    if (ioctl(l.devices[end], TUNSETIFF, &r) != 0) {
        return "no TUN device can be made";
    }
    return configure(r.ifr_name, address) ? NULL : "the TUN device can't be set up";
}

static void go(int space)
{
    if (setns(space, CLONE_NEWNET) != 0) {
        abort(); /* it was possible once */
    }
}

void link_go_far(void)
{
    go(l.spaces[FAR]);
}

void link_go_near(void)
{
    go(l.spaces[NEAR]);
}

/* ---- what is between them ------------------------------------------------------------------- */

static struct link_shape shape_now(void)
{
    pthread_mutex_lock(&l.lock);
    struct link_shape shape = l.shape;
    pthread_mutex_unlock(&l.lock);
    return shape;
}

static void count(struct way *w, size_t size, bool lost)
{
    pthread_mutex_lock(&l.lock);
    w->count.packets++;
    w->count.bytes += size;
    w->count.lost += lost;
    pthread_mutex_unlock(&l.lock);
}

/* Takes what an end has sent. IPv6's own talk of routers is none of ours. */
static void take(enum end from, const struct link_shape *shape)
{
    struct way *w = &l.ways[from == NEAR ? FAR : NEAR];
    for (;;) {
        struct packet *p = malloc(sizeof *p);
        ssize_t got = p ? read(l.devices[from], p->bytes, sizeof p->bytes) : -1;
        if (got <= 0) {
            free(p);
            return;
        }
        p->size = (size_t)got;
        bool ours = p->bytes[0] >> 4 == 4;
        bool lost = erand48(l.random) < shape->loss ||
                    (shape->queue > 0 && w->queued + p->size > shape->queue);
        if (ours) {
            count(w, p->size, lost);
        }
        if (!ours || lost) {
            free(p);
            continue;
        }
        double begins = w->free_at > now() ? w->free_at : now();
        w->free_at = begins + (shape->rate > 0 ? (double)p->size / shape->rate : 0);
        p->due = w->free_at + shape->delay;
        p->next = NULL;
        w->queued += p->size;
        *w->last = p;
        w->last = &p->next;
    }
}

/* Puts in what has arrived; in order, so that a shorter delay overtakes nothing. */
static void give(enum end to)
{
    struct way *w = &l.ways[to];
    while (w->first && w->first->due <= now()) {
        struct packet *p = w->first;
        w->first = p->next;
        w->last = w->first ? w->last : &w->first;
        w->queued -= p->size;
        (void)!write(l.devices[to], p->bytes, p->size);
        free(p);
    }
}

static void *forward(void *unused)
{
    struct pollfd fds[] = {{.fd = l.devices[NEAR], .events = POLLIN},
                           {.fd = l.devices[FAR], .events = POLLIN},
                           {.fd = l.stop, .events = POLLIN}};
    while (!(fds[2].revents & POLLIN)) {
        double wait = 3600;
        for (enum end end = NEAR; end < ENDS; end++) {
            give(end);
            const struct packet *p = l.ways[end].first;
            const double left = p ? p->due - now() : wait;
            wait = left < 0 ? 0 : left < wait ? left : wait;
        }
        const struct timespec t = {.tv_sec = (time_t)wait,
                                   .tv_nsec = (long)((wait - (double)(time_t)wait) * 1e9)};
        if (ppoll(fds, 3, &t, NULL) < 0 && errno != EINTR) {
            abort();
        }
        const struct link_shape shape = shape_now();
        take(NEAR, &shape);
        take(FAR, &shape);
    }
    return NULL;
}

/* ---- all of it ---------------------------------------------------------------------------- */

bool link_open(const struct link_shape *shape, const char **ret_why)
{
    memset(l.random, 0, sizeof l.random); /* the same packets are lost each time, or nearly */
    l.shape = *shape;
    l.devices[NEAR] = l.devices[FAR] = l.spaces[NEAR] = l.spaces[FAR] = -1;
    for (enum end end = NEAR; end < ENDS; end++) {
        l.ways[end] = (struct way){.last = &l.ways[end].first};
    }
    l.origin = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    l.stop = eventfd(0, EFD_CLOEXEC);
    *ret_why = make_end(FAR, LINK_FAR);
    if (!*ret_why) {
        *ret_why = make_end(NEAR, LINK_NEAR);
    }
    return !*ret_why && pthread_create(&l.thread, NULL, forward, NULL) == 0;
}

void link_set(const struct link_shape *shape)
{
    pthread_mutex_lock(&l.lock);
    l.shape = *shape;
    pthread_mutex_unlock(&l.lock);
}

static struct link_count counted(enum end to)
{
    pthread_mutex_lock(&l.lock);
    struct link_count c = l.ways[to].count;
    pthread_mutex_unlock(&l.lock);
    return c;
}

struct link_count link_to_near(void)
{
    return counted(NEAR);
}

struct link_count link_to_far(void)
{
    return counted(FAR);
}

void link_close(void)
{
    const uint64_t one = 1;
    (void)!write(l.stop, &one, sizeof one);
    pthread_join(l.thread, NULL);
    go(l.origin);
    for (enum end end = NEAR; end < ENDS; end++) {
        for (struct packet *p; (p = l.ways[end].first);) {
            l.ways[end].first = p->next;
            free(p);
        }
        close(l.devices[end]);
        close(l.spaces[end]);
    }
    close(l.stop);
    close(l.origin);
}
