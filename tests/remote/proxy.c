/* A thread that moves bytes between pairs of sockets; see proxy.h. */
#include "proxy.h"

#include "remote.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 64
#define PIECE 16384

enum mode {
    PASS,
    STALL,
    CUT,
    CUT_AT,
    CORRUPT,
    SLOW,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum mode mode;    /* under lock */
static size_t at, passed; /* under lock */
static int wake[2], listener = -1;
static unsigned server_port;
static pthread_t thread;
static int pairs[PAIRS][2]; /* the client's and the server's end; -1: none */

static void set_mode(enum mode wanted, size_t place)
{
    pthread_mutex_lock(&lock);
    mode = wanted;
    at = place;
    passed = 0;
    pthread_mutex_unlock(&lock);
    assert_int_equal(1, write(wake[1], "m", 1));
}

void proxy_pass(void)
{
    set_mode(PASS, 0);
}

void proxy_stall(void)
{
    set_mode(STALL, 0);
}

void proxy_cut(void)
{
    set_mode(CUT, 0);
}

void proxy_cut_at(size_t place)
{
    set_mode(CUT_AT, place);
}

void proxy_corrupt(size_t place)
{
    set_mode(CORRUPT, place);
}

void proxy_slow(void)
{
    set_mode(SLOW, 0);
}

size_t proxy_passed(void)
{
    pthread_mutex_lock(&lock);
    size_t bytes = passed;
    pthread_mutex_unlock(&lock);
    return bytes;
}

static enum mode current(void)
{
    pthread_mutex_lock(&lock);
    enum mode m = mode;
    pthread_mutex_unlock(&lock);
    return m;
}

static void drop(int *pair)
{
    /* With a reset, as when a machine has lost its memory of the connection. */
    struct linger hard = {.l_onoff = 1};
    setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(pair[0]);
    close(pair[1]);
    pair[0] = pair[1] = -1;
}

static void take_connection(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)server_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = accept(listener, NULL, NULL);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t i = 0;
    while (i < PAIRS && pairs[i][0] >= 0) {
        i++;
    }
    if (client < 0 || i == PAIRS || current() == CUT ||
        connect(server, (struct sockaddr *)&to, sizeof(to)) != 0) {
        close(client);
        close(server);
        return;
    }
    pairs[i][0] = client;
    pairs[i][1] = server;
}

static int send_all(int to, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(to, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return -1;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return 0;
}

/* Counts, and does to the server's bytes what it is told to; how many to pass on. */
static size_t meddle(char *bytes, size_t size)
{
    pthread_mutex_lock(&lock);
    size_t here = at - passed; /* wraps around when it has gone by */
    size_t give = size;
    if (mode == CORRUPT && here < size) {
        bytes[here] = (char)(bytes[here] ^ 0x41);
    } else if (mode == CUT_AT && (passed >= at || here < size)) {
        give = passed >= at ? 0 : here;
    }
    passed += give;
    pthread_mutex_unlock(&lock);
    return give;
}

static void move(int *pair, int from)
{
    char bytes[PIECE];
    ssize_t got = recv(pair[from], bytes, current() == SLOW ? 200 : sizeof(bytes), 0);
    if (got <= 0) {
        drop(pair);
        return;
    }
    size_t give = from == 1 ? meddle(bytes, (size_t)got) : (size_t)got;
    if (send_all(pair[1 - from], bytes, give) != 0 || give < (size_t)got) {
        drop(pair);
    }
    if (current() == SLOW) {
        usleep(1000);
    }
}

static bool work(void)
{
    struct pollfd ready[2 + 2 * PAIRS];
    enum mode m = current();
    ready[0] = (struct pollfd){.fd = wake[0], .events = POLLIN};
    ready[1] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < PAIRS; i++) {
        if (m == CUT && pairs[i][0] >= 0) {
            drop(pairs[i]);
        }
        for (size_t end = 0; end < 2; end++) {
            ready[2 + 2 * i + end] =
                (struct pollfd){.fd = m == STALL ? -1 : pairs[i][end], .events = POLLIN};
        }
    }
    (void)poll(ready, 2 + 2 * PAIRS, -1);
    if (ready[0].revents) {
        char what;
        return read(wake[0], &what, 1) == 1 && what == 'm';
    }
    for (size_t i = 0; i < PAIRS; i++) {
        for (int end = 0; end < 2; end++) {
            if (pairs[i][0] >= 0 && ready[2 + 2 * i + (size_t)end].revents) {
                move(pairs[i], end);
            }
        }
    }
    if (ready[1].revents) {
        take_connection();
    }
    return true;
}

static void *run(void *arg)
{
    while (work()) {
    }
    return NULL;
}

void proxy_start(unsigned port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1;
    memset(pairs, 0xff, sizeof(pairs));
    server_port = port;
    inet_pton(AF_INET, REMOTE_PROXY, &here.sin_addr);
    assert_int_equal(0, pipe(wake));
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    assert_int_equal(0, bind(listener, (struct sockaddr *)&here, sizeof(here)));
    assert_int_equal(0, listen(listener, 64));
    assert_int_equal(0, pthread_create(&thread, NULL, run, NULL));
}

void proxy_stop(void)
{
    assert_int_equal(1, write(wake[1], "e", 1));
    pthread_join(thread, NULL);
    for (size_t i = 0; i < PAIRS; i++) {
        if (pairs[i][0] >= 0) {
            drop(pairs[i]);
        }
    }
    close(listener);
    close(wake[0]);
    close(wake[1]);
}
