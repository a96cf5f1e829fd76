/*
 * What is served: a repository, and the files of MOF that are compiled into it.
 */
#include "wbemd/wbemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "com/com.h"
#include "repository/repository.h"
#include "security/security.h"
#include "services/access.h"
#include "services/mof_files.h"
#include "wbemd/log.h"

#define MEMORY ":memory:"

static const char *place_of(const struct settings *s)
{
    return s->repository && *s->repository ? s->repository : s->mof.count ? MEMORY : NULL;
}

/* A repository that is gone with us has nothing to protect from who may connect. */
static HRESULT open_to_users(struct repository *r)
{
    struct descriptor d = {
        .owner = sid_administrators, .group = sid_administrators, .has_dacl = true};
    struct repository_namespace *n;
    HRESULT hr = repository_open(r, L"root", &n);
    if (SUCCEEDED(hr)) {
        hr = descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL,
                            &sid_administrators);
    }
    if (SUCCEEDED(hr)) {
        hr = descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL,
                            &sid_authenticated_users);
    }
    if (SUCCEEDED(hr)) {
        hr = access_set_descriptor(n, &d);
    }
    descriptor_done(&d);
    return hr;
}

/* One wbemd for a repository: two would each run its subscriptions. The lock goes with the process.
 */
static int lock_place(const char *place)
{
    CLEANUP(com_cleanup_free) char *path = NULL;
    if (asprintf(&path, "%s/wbemd.lock", place) < 0) {
        path = NULL;
        return EXIT_FAILURE;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return EXIT_SUCCESS;
    }
    if (errno == EWOULDBLOCK) {
        log_line(LOG_ERR, "the repository %s is in use by another wbemd", place);
    } else {
        log_line(LOG_ERR, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return EXIT_FAILURE;
}

int content_open(const struct settings *s)
{
    const char *place = place_of(s);
    struct repository *r;
    HRESULT hr = place ? repository_set_default_place(place) : S_OK;
    if (SUCCEEDED(hr)) {
        hr = repository_default_to_change(&r);
    }
    bool memory = SUCCEEDED(hr) && strcmp(repository_place(r), MEMORY) == 0;
    if (memory) {
        hr = open_to_users(r);
    }
    if (FAILED(hr)) {
        char what[300];
        (void)snprintf(what, sizeof what, "the repository %s", place ? place : "");
        log_failure(LOG_ERR, what, hr);
        return EXIT_FAILURE;
    }
    int code = memory ? EXIT_SUCCESS : lock_place(repository_place(r));
    return code == EXIT_SUCCESS ? content_compile(s) : code;
}

/* ---- MOF -------------------------------------------------------------------------- */

struct texts {
    struct mof_input *inputs;
    size_t count;
};

static void texts_done(struct texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free((void *)(uintptr_t)t->inputs[i].text);
    }
    free(t->inputs);
}

static HRESULT read_files(const struct settings *s, struct texts *ret)
{
    HRESULT hr = S_OK;
    ret->inputs = calloc(s->mof.count + 1, sizeof *ret->inputs);
    if (!ret->inputs) {
        return E_OUTOFMEMORY;
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < s->mof.count; i++) {
        char *text = NULL;
        size_t size = 0;
        hr = mof_file_read(s->mof.items[i], "wbemd", &text, &size);
        if (SUCCEEDED(hr)) {
            ret->inputs[ret->count++] = (struct mof_input){s->mof.items[i], text, size};
        } else {
            log_failure(LOG_ERR, s->mof.items[i], hr);
        }
    }
    return hr;
}

/* All files are one change. */
static int compile(struct repository *r, const struct settings *s, bool check_only)
{
    CLEANUP(texts_done) struct texts t = {0};
    if (FAILED(read_files(s, &t))) {
        return EXIT_FAILURE;
    }
    const struct mof_options options = {0};
    struct repository_mof m = {.inputs = t.inputs,
                               .count = t.count,
                               .options = &options,
                               .name_space = L"root\\cimv2",
                               .check_only = check_only};
    struct mof_counts counts = {0};
    struct mof_error e = {0};
    HRESULT hr = repository_compile_mof(r, &m, &counts, &e);
    if (FAILED(hr) && e.file[0]) {
        log_line(LOG_ERR, "%s:%u:%u: %s", e.file, (unsigned)e.line, (unsigned)e.column, e.message);
    } else if (FAILED(hr)) {
        log_failure(LOG_ERR, "MOF", hr);
    } else if (!check_only) {
        log_line(LOG_INFO, "%u classes and %u instances from %u files of MOF",
                 (unsigned)counts.classes, (unsigned)counts.instances, (unsigned)counts.files);
    }
    return SUCCEEDED(hr) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int content_compile(const struct settings *s)
{
    struct repository *r;
    return s->mof.count == 0                ? EXIT_SUCCESS
           : FAILED(repository_default(&r)) ? EXIT_FAILURE
                                            : compile(r, s, false);
}

int content_check(const struct settings *s)
{
    struct repository *r;
    if (s->mof.count == 0) {
        return EXIT_SUCCESS;
    }
    /* In one of its own: the one that is served may be another's, and in use. */
    HRESULT hr = repository_create(NULL, &r);
    if (FAILED(hr)) {
        log_failure(LOG_ERR, "a repository in memory", hr);
        return EXIT_FAILURE;
    }
    int code = compile(r, s, true);
    repository_destroy(r);
    return code;
}
