/*
 * The repository against SQLite, the same rows in one run: writing in batches
 * and one by one durably, a scan with a condition, a query by an index. Both on
 * the same file system, both syncing what they call written.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "bench.h"
#include "repository/repository.h"
#include "services/services.h"

#define GROUPS 1000u
#define BATCH 1000u

static const char mof[] =
    "class Bench_Row { [key] uint32 Id; string Name; uint32 Size; boolean Ready;"
    " [indexed] uint32 GroupNumber; string Description; real64 Load; };\n";

struct stores {
    char folder[64];
    struct repository *repository;
    struct repository_namespace *cimv2;
    IWbemServices *services;
    IWbemClassObject *cls;
    sqlite3 *db;
    size_t rows;
};

/* ---- both ------------------------------------------------------------------- */

static void sql(sqlite3 *db, const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "wbem-bench: %s: %s\n", text, message);
        exit(1);
    }
}

static void open_stores(struct stores *s)
{
    char path[96];
    strcpy(s->folder, "/var/tmp/wbem-bench-XXXXXX");
    if (!mkdtemp(s->folder)) {
        perror("wbem-bench: /var/tmp");
        exit(1);
    }
    snprintf(path, sizeof path, "%s/wbem", s->folder);
    bench_check("make a repository", repository_create(path, &s->repository));
    bench_check("open root\\cimv2", repository_open(s->repository, L"root\\cimv2", &s->cimv2));
    bench_check("define the class",
                repository_load_mof(s->repository, "bench.mof", mof, strlen(mof), L"root\\cimv2"));
    bench_check("open its services", services_create(s->cimv2, NULL, &s->services));
    bench_check("get the class", repository_get_class(s->cimv2, L"Bench_Row", false, &s->cls));

    snprintf(path, sizeof path, "%s/sqlite", s->folder);
    if (sqlite3_open(path, &s->db) != SQLITE_OK) {
        fprintf(stderr, "wbem-bench: %s: %s\n", path, sqlite3_errmsg(s->db));
        exit(1);
    }
    sql(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
               "CREATE TABLE row (id INTEGER PRIMARY KEY, name TEXT, size INTEGER, ready INTEGER,"
               " group_number INTEGER, description TEXT, load REAL);"
               "CREATE INDEX by_group ON row (group_number);");
}

static void close_stores(struct stores *s)
{
    char command[96];
    IWbemClassObject_Release(s->cls);
    IWbemServices_Release(s->services);
    repository_destroy(s->repository);
    sqlite3_close(s->db);
    snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
    if (system(command) != 0) {
        fprintf(stderr, "wbem-bench: %s stays behind\n", s->folder);
    }
}

static void row_texts(size_t id, char name[32], char description[64])
{
    snprintf(name, 32, "row %zu", id);
    snprintf(description, 64, "one of the rows of this table, namely %zu", id * 7919 % 100000);
}

/* ---- writing ---------------------------------------------------------------- */

static void put_one(struct stores *s, struct repository_change *c, struct row *row, size_t id)
{
    char name[32], description[64];
    IWbemClassObject *o;
    row_texts(id, name, description);
    row_clear(row);
    bench_check("Id", row_set_uint(row, 0, id));
    bench_check("Name", row_set_string(row, 1, name));
    bench_check("Size", row_set_uint(row, 2, id * 31 % 1000000));
    bench_check("Ready", row_set_bool(row, 3, id % 2));
    bench_check("GroupNumber", row_set_uint(row, 4, id % GROUPS));
    bench_check("Description", row_set_string(row, 5, description));
    bench_check("Load", row_set_real(row, 6, (double)id / 3));
    bench_check("encode", row_encode(row, row_schema(row), NULL, NULL, &o));
    bench_check("PutInstance",
                repository_change_put_instance(c, L"root\\cimv2", o, WBEM_FLAG_CREATE_ONLY, NULL));
    IWbemClassObject_Release(o);
}

static double wbem_write(struct stores *s, size_t first, size_t count, size_t batch)
{
    struct schema *schema;
    struct row *row;
    bench_check("schema", schema_of(s->cls, &schema));
    bench_check("row", row_create(schema, &row));
    double start = bench_seconds();
    for (size_t done = 0; done < count; done += batch) {
        struct repository_change *c;
        bench_check("begin", repository_change_begin(s->repository, &c));
        for (size_t i = done; i < done + batch && i < count; i++) {
            put_one(s, c, row, first + i);
        }
        bench_check("commit", repository_change_commit(c));
    }
    double seconds = bench_seconds() - start;
    row_destroy(row);
    return seconds;
}

static double sqlite_write(struct stores *s, size_t first, size_t count, size_t batch)
{
    sqlite3_stmt *insert;
    sqlite3_prepare_v2(s->db, "INSERT INTO row VALUES (?,?,?,?,?,?,?)", -1, &insert, NULL);
    double start = bench_seconds();
    for (size_t done = 0; done < count; done += batch) {
        sql(s->db, "BEGIN IMMEDIATE");
        for (size_t i = done; i < done + batch && i < count; i++) {
            size_t id = first + i;
            char name[32], description[64];
            row_texts(id, name, description);
            sqlite3_bind_int64(insert, 1, (sqlite3_int64)id);
            sqlite3_bind_text(insert, 2, name, -1, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 3, (sqlite3_int64)(id * 31 % 1000000));
            sqlite3_bind_int(insert, 4, (int)(id % 2));
            sqlite3_bind_int(insert, 5, (int)(id % GROUPS));
            sqlite3_bind_text(insert, 6, description, -1, SQLITE_STATIC);
            sqlite3_bind_double(insert, 7, (double)id / 3);
            if (sqlite3_step(insert) != SQLITE_DONE) {
                fprintf(stderr, "wbem-bench: SQLite: %s\n", sqlite3_errmsg(s->db));
                exit(1);
            }
            sqlite3_reset(insert);
        }
        sql(s->db, "COMMIT");
    }
    double seconds = bench_seconds() - start;
    sqlite3_finalize(insert);
    return seconds;
}

static void compare_writing(struct stores *s, const char *what, size_t count, size_t batch)
{
    double ours = wbem_write(s, s->rows, count, batch);
    double theirs = sqlite_write(s, s->rows, count, batch);
    s->rows += count;
    char *figure = bench_format("%.0f/s", (double)count / ours);
    char *rival =
        bench_format("SQLite %.0f/s: %.2f x its time", (double)count / theirs, ours / theirs);
    bench_row(what, figure, rival, NULL);
}

/* ---- reading ---------------------------------------------------------------- */

/* Through the whole API: ExecQuery, Next by 100, two properties read of each object. */
static size_t wbem_query(struct stores *s, const wchar_t *text)
{
    IEnumWbemClassObject *e;
    IWbemClassObject *objects[100];
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(text);
    size_t count = 0;
    ULONG got;
    bench_check("ExecQuery", IWbemServices_ExecQuery(
                                 s->services, language, query,
                                 WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    SysFreeString(language);
    SysFreeString(query);
    do {
        bench_check("Next", IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got));
        for (ULONG i = 0; i < got; i++) {
            VARIANT id, name;
            bench_check("Get", IWbemClassObject_Get(objects[i], L"Id", 0, &id, NULL, NULL));
            bench_check("Get", IWbemClassObject_Get(objects[i], L"Name", 0, &name, NULL, NULL));
            VariantClear(&name);
            IWbemClassObject_Release(objects[i]);
        }
        count += got;
    } while (got == 100);
    IEnumWbemClassObject_Release(e);
    return count;
}

static size_t sqlite_query(struct stores *s, const char *text)
{
    sqlite3_stmt *select;
    size_t count = 0;
    if (sqlite3_prepare_v2(s->db, text, -1, &select, NULL) != SQLITE_OK) {
        fprintf(stderr, "wbem-bench: %s: %s\n", text, sqlite3_errmsg(s->db));
        exit(1);
    }
    while (sqlite3_step(select) == SQLITE_ROW) {
        volatile sqlite3_int64 id = sqlite3_column_int64(select, 0);
        char *volatile name = strdup((const char *)sqlite3_column_text(select, 1));
        (void)id;
        free(name);
        count++;
    }
    sqlite3_finalize(select);
    return count;
}

static void compare_reading(struct stores *s, const char *what, const wchar_t *wql,
                            const char *text, unsigned times, unsigned repeats)
{
    double ours[16], theirs[16];
    size_t count = 0;
    for (unsigned r = 0; r < repeats; r++) {
        double start = bench_seconds();
        for (unsigned i = 0; i < times; i++) {
            count = wbem_query(s, wql);
        }
        double middle = bench_seconds();
        for (unsigned i = 0; i < times; i++) {
            if (sqlite_query(s, text) != count) {
                fprintf(stderr, "wbem-bench: not the same rows: %s\n", text);
                exit(1);
            }
        }
        ours[r] = middle - start;
        theirs[r] = bench_seconds() - middle;
    }
    double mine = bench_median(ours, repeats) / times;
    double its = bench_median(theirs, repeats) / times;
    char *figure = bench_format("%.3f ms, %zu of %zu rows", mine * 1e3, count, s->rows);
    char *rival = bench_format("SQLite %.3f ms: %.2f x its time", its * 1e3, mine / its);
    bench_row(what, figure, rival, NULL);
}

void bench_repository(const struct bench_size *size)
{
    struct stores s = {.rows = 0};
    size_t many = size->objects / 10, single = size->objects / 1000;
    bench_heading("repository");
    open_stores(&s);
    compare_writing(&s, "PutInstance, 1,000 a commit", many, BATCH);
    compare_writing(&s, "PutInstance, each durable by itself", single < 20 ? 20 : single, 1);
    compare_reading(&s, "all instances", L"SELECT * FROM Bench_Row", "SELECT * FROM row", 1,
                    size->repeats);
    compare_reading(&s, "scan with a condition that 1 of 1,000 meets",
                    L"SELECT * FROM Bench_Row WHERE Size < 1000",
                    "SELECT * FROM row WHERE size < 1000", 1, size->repeats);
    compare_reading(&s, "by index, 1 of 1,000", L"SELECT * FROM Bench_Row WHERE GroupNumber = 77",
                    "SELECT * FROM row WHERE group_number = 77", 20, size->repeats);
    compare_reading(&s, "by key", L"SELECT * FROM Bench_Row WHERE Id = 1234",
                    "SELECT * FROM row WHERE id = 1234", 200, size->repeats);
    close_stores(&s);
}
