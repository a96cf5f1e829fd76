/* A static class of 10 properties and its instances' bytes, as a repository would hold them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum {
    PROPERTIES = 10,
    CHUNK = 64, /* objects handed over at a time */
};

static const struct {
    const wchar_t *name;
    CIMTYPE type;
} properties[PROPERTIES] = {
    {L"Id", CIM_UINT32},       {L"Name", CIM_STRING},      {L"Caption", CIM_STRING},
    {L"State", CIM_STRING},    {L"Size", CIM_UINT64},      {L"Free", CIM_UINT64},
    {L"Started", CIM_BOOLEAN}, {L"Created", CIM_DATETIME}, {L"Load", CIM_UINT64},
    {L"Owner", CIM_STRING},
};

static void create_class(struct sample *s)
{
    bench_check("make a class", object_create_class(&s->cls));
    VARIANT name;
    V_VT(&name) = VT_BSTR;
    V_BSTR(&name) = SysAllocString(L"Bench_Sample");
    bench_check("name the class", IWbemClassObject_Put(s->cls, L"__CLASS", 0, &name, 0));
    VariantClear(&name);
    for (size_t i = 0; i < PROPERTIES; i++) {
        bench_check("add a property",
                    IWbemClassObject_Put(s->cls, properties[i].name, 0, NULL, properties[i].type));
    }
    bench_check("encode the class", schema_of(s->cls, &s->schema));
}

static void fill_row(struct row *r, size_t i)
{
    char text[64];
    row_clear(r);
    bench_check("set Id", row_set_uint(r, 0, (uint32_t)i));
    snprintf(text, sizeof(text), "object %zu", i);
    bench_check("set Name", row_set_string(r, 1, text));
    bench_check("set Caption", row_set_string(r, 2, "an object of the benchmark"));
    bench_check("set State", row_set_string(r, 3, "Running"));
    bench_check("set Size", row_set_uint(r, 4, i * 4096));
    bench_check("set Free", row_set_uint(r, 5, i * 1024));
    bench_check("set Started", row_set_bool(r, 6, true));
    bench_check("set Created", row_set_datetime(r, 7, 1700000000000000 + (int64_t)i));
    bench_check("set Load", row_set_uint(r, 8, i % 100));
    bench_check("set Owner", row_set_string(r, 9, "root"));
}

void sample_create(size_t count, struct sample *ret)
{
    *ret = (struct sample){.count = count};
    create_class(ret);
    bench_check("name the place", decoration_create(L"BENCH", L"root\\bench", &ret->where));
    struct row *r;
    bench_check("make a row", row_create(ret->schema, &r));
    size_t capacity = count * 512;
    size_t used = 0;
    ret->bytes = malloc(capacity);
    ret->offsets = calloc(count + 1, sizeof(*ret->offsets));
    bench_check("hold the bytes", ret->bytes && ret->offsets ? S_OK : E_OUTOFMEMORY);
    for (size_t i = 0; i < count; i++) {
        IWbemClassObject *object;
        fill_row(r, i);
        bench_check("encode", row_encode(r, ret->schema, NULL, ret->where, &object));
        const uint8_t *bytes;
        uint32_t size;
        bench_check("see the bytes", object_instance_bytes(object, &bytes, &size));
        bench_check("hold the bytes", used + size <= capacity ? S_OK : E_OUTOFMEMORY);
        memcpy(ret->bytes + used, bytes, size);
        used += size;
        ret->offsets[i + 1] = (uint32_t)used;
        IWbemClassObject_Release(object);
    }
    row_destroy(r);
}

void sample_destroy(struct sample *s)
{
    IWbemClassObject_Release(s->cls);
    decoration_unref(s->where);
    free(s->bytes);
    free(s->offsets);
}

struct sample_source {
    struct source base;
    const struct sample *sample;
    size_t next;
    size_t total;
};

static HRESULT sample_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct sample_source *s = (struct sample_source *)source;
    const struct sample *from = s->sample;
    while (demand > 0 && s->next < s->total) {
        IWbemClassObject *objects[CHUNK];
        struct object_bytes parts[CHUNK];
        ULONG count = 0;
        while (count < CHUNK && count < demand && s->next < s->total) {
            size_t i = s->next++ % from->count;
            parts[count++] = (struct object_bytes){from->bytes + from->offsets[i],
                                                   from->offsets[i + 1] - from->offsets[i]};
        }
        bench_check("make objects",
                    objects_from_instance_bytes(from->schema, from->where, parts, count, objects));
        demand -= count;
        HRESULT hr = result_set_put_many(out, objects, count);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return s->next < s->total ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static void sample_source_destroy(struct source *source)
{
    free(source);
}

/* In memory, as a repository scan is. */
static BOOL sample_is_prompt(struct source *source)
{
    return TRUE;
}

static const struct source_ops sample_ops = {
    .pull = sample_pull, .destroy = sample_source_destroy, .is_prompt = sample_is_prompt};

struct source *sample_source(const struct sample *s, size_t total)
{
    struct sample_source *source = calloc(1, sizeof(*source));
    bench_check("make a source", source ? S_OK : E_OUTOFMEMORY);
    source->base.ops = &sample_ops;
    source->sample = s;
    source->total = total;
    return &source->base;
}
