/*
 * Enumerating another host: a wbemd on the loopback at each level, and over links of 50 ms there
 * and back, slow ones and such as lose packets, against a plain TCP stream.
 */
#include "bench.h"
#include "remote/link.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_DELAY_S 0.025

/* ---- a plain stream over the link ----------------------------------------------------------- */

struct stream {
    int listener, client;
    size_t size; /* of each answer */
    pthread_t server;
};

/* On the far host: for each byte that comes, `size` of them. */
static void *answer(void *arg)
{
    const struct stream *s = arg;
    static const char zeros[65536];
    char request;
    int client = accept(s->listener, NULL, NULL);
    while (recv(client, &request, 1, 0) == 1) {
        for (size_t left = s->size; left > 0;) {
            ssize_t sent = send(client, zeros, left < sizeof(zeros) ? left : sizeof(zeros), 0);
            bench_must(sent > 0, "send");
            left -= (size_t)sent;
        }
    }
    close(client);
    return NULL;
}

static void open_stream(struct stream *s, size_t size)
{
    struct sockaddr_in there = {.sin_family = AF_INET};
    socklen_t length = sizeof(there);
    inet_pton(AF_INET, LINK_FAR, &there.sin_addr);
    s->size = size;
    link_go_far();
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    link_go_near();
    s->client = socket(AF_INET, SOCK_STREAM, 0);
    bench_must(bind(s->listener, (struct sockaddr *)&there, sizeof(there)) == 0 &&
                   listen(s->listener, 1) == 0 &&
                   getsockname(s->listener, (struct sockaddr *)&there, &length) == 0,
               "listen");
    bench_must(pthread_create(&s->server, NULL, answer, s) == 0, "thread");
    bench_must(connect(s->client, (struct sockaddr *)&there, sizeof(there)) == 0, "connect");
}

/* Seconds from the request to the last byte of the answer. */
static double take_stream(struct stream *s)
{
    static char bytes[65536];
    double begun = bench_seconds();
    bench_must(send(s->client, "", 1, 0) == 1, "send");
    for (size_t got = 0; got < s->size;) {
        ssize_t n = recv(s->client, bytes, sizeof(bytes), 0);
        bench_must(n > 0, "recv");
        got += (size_t)n;
    }
    return bench_seconds() - begun;
}

static void close_stream(struct stream *s)
{
    shutdown(s->client, SHUT_WR);
    pthread_join(s->server, NULL);
    close(s->client);
    close(s->listener);
}

/* ---- the client ----------------------------------------------------------------------------- */

/* Seconds for all objects, from the query to the last. */
static double enumerate(IWbemServices *services, size_t count)
{
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(L"SELECT * FROM Sample");
    IEnumWbemClassObject *e;
    double begun = bench_seconds();
    bench_check("ExecQuery", IWbemServices_ExecQuery(
                                 services, language, query,
                                 WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    size_t got = drain_with_sink(e, 100);
    double took = bench_seconds() - begun;
    if (got != count) {
        fprintf(stderr, "wbem-bench: %zu objects instead of %zu\n", got, count);
        exit(1);
    }
    IEnumWbemClassObject_Release(e);
    SysFreeString(language);
    SysFreeString(query);
    return took;
}

static double median_of(IWbemServices *services, size_t count, unsigned repeats)
{
    double times[16];
    repeats = repeats > 16 ? 16 : repeats;
    (void)enumerate(services, count); /* everything is there now */
    for (unsigned i = 0; i < repeats; i++) {
        times[i] = enumerate(services, count);
    }
    return bench_median(times, repeats);
}

static void run_levels(const struct bench_size *size, size_t count)
{
    static const struct {
        const char *name;
        DWORD level;
    } levels[] = {
        {"remote, loopback, packet integrity", RPC_C_AUTHN_LEVEL_PKT_INTEGRITY},
        {"remote, loopback, packet privacy", RPC_C_AUTHN_LEVEL_PKT_PRIVACY},
    };
    struct bench_server s;
    bench_server_start(&s, "127.0.0.1", count, NULL);
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        IWbemServices *services = bench_log_in("127.0.0.1", s.port, levels[i].level);
        double took = median_of(services, count, size->repeats);
        bench_row(levels[i].name, bench_format("%.0f objects/s", (double)count / took),
                  bench_format("%zu objects, both ends on this machine", count), NULL);
        IWbemServices_Release(services);
    }
    bench_server_end(&s);
}

/* Beside it a plain TCP stream of as many bytes over the same link, its window grown as ours. */
static void run_link(const char *name, const struct link_shape *shape, size_t count,
                     unsigned repeats)
{
    static const char *const there[] = {"--listen", LINK_FAR, NULL};
    struct bench_server s;
    struct stream stream;
    double ours[16], streams[16];
    repeats = repeats > 16 ? 16 : repeats;
    link_set(&(struct link_shape){0});
    link_go_far();
    bench_server_start(&s, LINK_FAR, count, there);
    link_go_near();
    IWbemServices *services = bench_log_in(LINK_FAR, s.port, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    uint64_t before = link_to_near().bytes;
    (void)enumerate(services, count);
    open_stream(&stream, (size_t)(link_to_near().bytes - before));
    link_set(shape);
    (void)enumerate(services, count);
    (void)take_stream(&stream);
    for (unsigned i = 0; i < repeats; i++) {
        ours[i] = enumerate(services, count);
        streams[i] = take_stream(&stream);
    }
    double took = bench_median(ours, repeats), plain = bench_median(streams, repeats);
    bench_row(name, bench_format("%.0f objects/s", (double)count / took),
              bench_format("%.2f s, a TCP stream of the same size %.2f s: %.2fx", took, plain,
                           took / plain),
              "within 1.2x");
    link_set(&(struct link_shape){0});
    close_stream(&stream);
    IWbemServices_Release(services);
    bench_server_end(&s);
}

/* A link's queue holds what it carries in a round trip. */
static struct link_shape shape_of(double megabits)
{
    double rate = megabits * 1e6 / 8;
    return (struct link_shape){
        .delay = LINK_DELAY_S, .rate = rate, .queue = (size_t)(rate * 2 * LINK_DELAY_S)};
}

static void run_links(const struct bench_size *size)
{
    static const struct link_shape lossy = {.delay = LINK_DELAY_S, .loss = 0.01};
    const struct link_shape slow = shape_of(20), fast = shape_of(100);
    bool small = size->repeats == 1;
    unsigned repeats = small ? 1 : 3;
    run_link("remote, 20 Mbit/s, 50 ms there and back", &slow, small ? 2000 : 50000, repeats);
    run_link("remote, 100 Mbit/s, 50 ms there and back", &fast, small ? 2000 : 150000, repeats);
    run_link("the same, an enumeration of about a second", &fast, small ? 2000 : 45000, repeats);
    run_link("remote, 50 ms there and back, 1 % lost each way", &lossy, small ? 1000 : 15000,
             repeats);
}

void bench_remote(const struct bench_size *size)
{
    const char *why;
    /* Here the loopback is that of a network of our own: the library's threads stay in it. */
    bool linked = link_open(&(struct link_shape){0}, &why);
    run_levels(size, size->repeats == 1 ? 2000 : 50000);
    if (linked) {
        run_links(size);
        link_close();
    } else {
        bench_row("remote, links of 50 ms", "not measured", why, NULL);
    }
}
