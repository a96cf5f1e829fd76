/*
 * Objects from the wire: class and instance, as one stream and each by itself, and
 * instances whose class is known, against a memcpy of the same bytes; and against
 * impacket on the same bytes. One core, processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
    COUNT = 100000, /* more bytes than the caches hold */
    FOR_IMPACKET = 500,
};

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct blocks {
    uint8_t *bytes;
    size_t *offsets; /* count + 1 */
    size_t count, capacity;
};

static void blocks_add(struct blocks *b, size_t i, const void *bytes, size_t size)
{
    size_t at = b->offsets[i];
    if (at + size > b->capacity) {
        b->capacity = 2 * b->capacity + size;
        b->bytes = realloc(b->bytes, b->capacity);
        bench_check("hold the blocks", b->bytes ? S_OK : E_OUTOFMEMORY);
    }
    memcpy(b->bytes + at, bytes, size);
    b->offsets[i + 1] = at + size;
}

static void blocks_create(struct blocks *b, size_t count)
{
    *b = (struct blocks){.offsets = calloc(count + 1, sizeof *b->offsets), .count = count};
    bench_check("hold the blocks", b->offsets ? S_OK : E_OUTOFMEMORY);
}

static void blocks_destroy(struct blocks *b)
{
    free(b->bytes);
    free(b->offsets);
}

/* The sample's objects as others send them: whole, and without their class. */
static void make(const struct sample *s, struct blocks *whole, struct blocks *alone)
{
    blocks_create(whole, s->count);
    blocks_create(alone, s->count);
    for (size_t i = 0; i < s->count; i++) {
        struct object_bytes part = {s->bytes + s->offsets[i], s->offsets[i + 1] - s->offsets[i]};
        struct object_no_class n;
        IWbemClassObject *o;
        const uint8_t *bytes;
        uint32_t size;
        bench_check("make", objects_from_instance_bytes(s->schema, s->where, &part, 1, &o));
        bench_check("encode", object_encoding(o, &bytes, &size));
        blocks_add(whole, i, bytes, size);
        bench_check("encode", object_no_class(o, &n));
        uint8_t *copy = malloc(1 + n.decoration_size + n.part_size);
        bench_check("hold a block", copy ? S_OK : E_OUTOFMEMORY);
        copy[0] = n.flags;
        memcpy(copy + 1, n.decoration, n.decoration_size);
        memcpy(copy + 1 + n.decoration_size, n.part, n.part_size);
        blocks_add(alone, i, copy, 1 + n.decoration_size + n.part_size);
        free(copy);
        IWbemClassObject_Release(o);
    }
}

enum how {
    STREAM,
    EACH_ANEW,
    CLASS_KNOWN,
    COPY,
};

static HRESULT decode(struct object_decoder *d, struct schema *s, enum how how,
                      const uint8_t *bytes, size_t size)
{
    IWbemClassObject *o;
    HRESULT hr = how == STREAM        ? object_decoder_read(d, bytes, size, &o)
                 : how == CLASS_KNOWN ? object_decoder_read_no_class(d, s, bytes, size, &o)
                                      : object_decode(bytes, size, &o);
    if (SUCCEEDED(hr)) {
        IWbemClassObject_Release(o);
    }
    return hr;
}

/* Nanoseconds of the processor for each. */
static double measure(const struct blocks *b, struct schema *s, enum how how, size_t total)
{
    struct object_decoder d = {0};
    uint8_t *to = how == COPY ? malloc(b->offsets[b->count]) : NULL;
    if (how == COPY) {
        bench_check("hold the copy", to ? S_OK : E_OUTOFMEMORY);
        memset(to, 1, b->offsets[b->count]);
    }
    double begun = processor_seconds();
    for (size_t i = 0; i < total; i++) {
        size_t k = i % b->count, size = b->offsets[k + 1] - b->offsets[k];
        if (how == COPY) {
            memcpy(to + b->offsets[k], b->bytes + b->offsets[k], size);
            __asm__ volatile("" : : "r"(to) : "memory"); /* each copy is made */
        } else {
            bench_check("decode", decode(&d, s, how, b->bytes + b->offsets[k], size));
        }
    }
    double taken = processor_seconds() - begun;
    object_decoder_done(&d);
    free(to);
    return taken * 1e9 / (double)total;
}

/* Objects a second, or 0 where there is no impacket. */
static double impacket(const struct blocks *b)
{
    char path[] = "/tmp/wbem-bench-XXXXXX", command[512];
    double rate = 0;
    FILE *file = fdopen(mkstemp(path), "w");
    bench_check("make a file", file ? S_OK : E_FAIL);
    for (size_t i = 0; i < b->count && i < FOR_IMPACKET; i++) {
        uint32_t size = (uint32_t)(b->offsets[i + 1] - b->offsets[i]);
        uint32_t header[] = {8 + size, 0x12345678, size};
        fwrite(header, sizeof header, 1, file);
        fwrite(b->bytes + b->offsets[i], size, 1, file);
    }
    bench_check("write a file", fclose(file) == 0 ? S_OK : E_FAIL);
    snprintf(command, sizeof command, "/usr/bin/python3 -W ignore '%s' %s", DECODE_IMPACKET, path);
    FILE *said = popen(command, "r");
    if (!said || fscanf(said, "%lf", &rate) != 1) {
        rate = 0;
    }
    if (said) {
        pclose(said);
    }
    unlink(path);
    return rate;
}

static void row(const char *what, double ns, size_t bytes, const char *rival, const char *target)
{
    bench_row(what, bench_format("%.2f million/s, %.0f ns, %zu bytes", 1e3 / ns, ns, bytes), rival,
              target);
}

void bench_decode(const struct bench_size *size)
{
    static const enum how order[] = {STREAM, EACH_ANEW, CLASS_KNOWN, COPY};
    struct sample s;
    struct blocks whole, alone;
    double ns[4][16], ratio[16], middle[4];
    sample_create(size->objects < COUNT ? size->objects : COUNT, &s);
    make(&s, &whole, &alone);
    bench_heading("decoding");
    for (unsigned i = 0; i < size->repeats && i < 16; i++) {
        for (size_t k = 0; k < 4; k++) {
            enum how how = order[k];
            ns[how][i] = measure(how < CLASS_KNOWN ? &whole : &alone, s.schema, how,
                                 how == EACH_ANEW ? size->objects / 4 : size->objects);
        }
        ratio[i] = ns[CLASS_KNOWN][i] / ns[COPY][i];
    }
    for (size_t k = 0; k < 4; k++) {
        middle[k] = bench_median(ns[k], size->repeats);
    }
    double rival = impacket(&whole);
    char *against =
        rival > 0 ? bench_format("impacket: %.0f/s, %.0f x", rival, 1e9 / middle[STREAM] / rival)
                  : bench_format("impacket is not installed");
    size_t whole_bytes = whole.offsets[whole.count] / whole.count;
    row("class and instance, of one class", middle[STREAM], whole_bytes, against,
        "1 million objects/s");
    against = rival > 0 ? bench_format("impacket: %.0f x", 1e9 / middle[EACH_ANEW] / rival) : NULL;
    row("class and instance, the class parsed each time", middle[EACH_ANEW], whole_bytes, against,
        NULL);
    row("instance, its class known", middle[CLASS_KNOWN], alone.offsets[alone.count] / alone.count,
        bench_format("memcpy: %.1f ns, %.1f x", middle[COPY], bench_median(ratio, size->repeats)),
        "within 4 x");
    blocks_destroy(&whole);
    blocks_destroy(&alone);
    sample_destroy(&s);
}
