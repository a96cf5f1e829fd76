/*
 * MOF: a schema of the DMTF's shape, in as many files as it has classes, into a
 * repository on disk: reading, parsing, compiling and storing together, and the
 * parsing alone beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "repository/repository.h"

/* `check`: all of it is done, and then not kept. */
static HRESULT compile_schema(struct repository *r, const struct mof_input *input, bool check,
                              struct mof_counts *counts)
{
    const struct repository_mof m = {
        .inputs = input, .count = 1, .name_space = L"root\\default", .check_only = check};
    return repository_compile_mof(r, &m, counts, NULL);
}

static void run(const char *command)
{
    if (system(command) != 0) {
        fprintf(stderr, "wbem-bench: failed: %s\n", command);
        exit(1);
    }
}

void bench_mof(const struct bench_size *size)
{
    char folder[] = "/var/tmp/wbem-bench-XXXXXX", command[512], main_file[96], text[128];
    size_t classes = size->objects / 1000 < 100 ? 100 : size->objects / 1000;
    struct mof_counts counts = {0};
    double whole[16], checked[16];
    if (!mkdtemp(folder)) {
        perror("wbem-bench: /var/tmp");
        exit(1);
    }
    bench_heading("MOF");
    snprintf(command, sizeof command, "python3 '%s' %s/schema %zu", MAKE_SCHEMA, folder, classes);
    run(command);
    snprintf(main_file, sizeof main_file, "%s/main.mof", folder);
    snprintf(text, sizeof text, "#pragma include(\"schema/cim_schema.mof\")\n");
    const struct mof_input input = {main_file, text, strlen(text)};
    for (unsigned i = 0; i < size->repeats; i++) {
        struct repository *r;
        char place[96];
        snprintf(place, sizeof place, "%s/repository%u", folder, i);
        bench_check("make a repository", repository_create(place, &r));
        double start = bench_seconds();
        bench_check("check", compile_schema(r, &input, true, &counts));
        double middle = bench_seconds();
        bench_check("compile", compile_schema(r, &input, false, &counts));
        whole[i] = bench_seconds() - middle;
        checked[i] = middle - start;
        repository_destroy(r);
    }
    double seconds = bench_median(whole, size->repeats);
    double aside = bench_median(checked, size->repeats);
    bench_row("a schema of the DMTF's shape into a repository",
              bench_format("%.0f classes/s, %u in %.2f s", counts.classes / seconds, counts.classes,
                           seconds),
              bench_format("checked without keeping it: %.2f s", aside), NULL);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    run(command);
}
