/*
 * Runs a fuzzer's function over every file of the folders named, and over the
 * beginnings of each, so that the ordinary tests cover what fuzzing once found.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/* Of longer files only the whole is run. */
#define LONGEST_CUT 4096

/* In memory of its own size, so that a read past the end is seen. */
static void run(const char *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    FUZZ_ASSERT(copy != NULL);
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat status;
    FUZZ_ASSERT(file != NULL && fstat(fileno(file), &status) == 0);
    size_t size = (size_t)status.st_size;
    char *data = malloc(size + 1);
    FUZZ_ASSERT(data != NULL && fread(data, 1, size, file) == size);
    (void)fclose(file);

    run(data, size);
    for (size_t cut = 0; size <= LONGEST_CUT && cut < size; cut++) {
        run(data, cut);
    }
    free(data);
}

static int run_folder(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    FUZZ_ASSERT(dir != NULL);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            run_file(path);
            count++;
        }
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        count += run_folder(argv[i]);
    }
    (void)printf("%d inputs\n", count);
    return count == 0; /* an empty corpus tests nothing */
}
