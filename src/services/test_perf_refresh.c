/*
 * A refresh of 1,000 processes takes no memory, and shows what has changed; and
 * each allocation of a small refresher is made to fail once. Allocations are caught by standing
 * before the C library's, so a sanitizer, which does the same, does not count them.
 */
#include "providers/linux/test_machine.h"

#include <errno.h>
#include <stdatomic.h>

#include "providers/linux/linux.h"
#include "providers/refresh.h"
#include "services/refresh_private.h"

enum {
    PROCESSES = 1000,
    FIRST = 100, /* process identifier */
    FIRST_TICKS = 100
};

static atomic_bool counting;
static atomic_ulong allocations;
static atomic_ulong fails; /* the number of the allocation that does; 0: none */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

/* False: this one is to fail. */
static bool count(void)
{
    if (atomic_load_explicit(&counting, memory_order_relaxed)) {
        unsigned long number = atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed) + 1;
        if (number == atomic_load(&fails)) {
            errno = ENOMEM;
            return false;
        }
    }
    return true;
}

void *malloc(size_t size)
{
    return count() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t n, size_t size)
{
    return count() ? __libc_calloc(n, size) : NULL;
}

void *realloc(void *old, size_t size)
{
    return count() ? __libc_realloc(old, size) : NULL;
}

#define COUNTS_ALLOCATIONS 1
#else
#define COUNTS_ALLOCATIONS 0
#endif

static void write_process(unsigned pid, const char *name, unsigned ticks)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    snprintf(text, sizeof text,
             "%u (%s) S 7 42 40 0 -1 4194560 100 5 20 6 %u 0 9 9 25 5 3 0 1000 8192000 25 "
             "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             pid, name, ticks);
    test_root_file(path, text);
    if (ticks != FIRST_TICKS) {
        return; /* the rest is there */
    }
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    test_root_file(path, "Name:\tx\nVmPeak:\t    9000 kB\nVmSize:\t    8000 kB\nVmHWM:\t     120 "
                         "kB\nVmRSS:\t     100 kB\nRssAnon:\t      60 kB\nVmSwap:\t       4 kB\n");
    if (pid % 50) {
        return; /* files take their time to make */
    }
    snprintf(path, sizeof path, "/proc/%u/io", pid);
    test_root_file(path, "rchar: 1000\nwchar: 2000\nsyscr: 10\nsyscw: 20\n");
    snprintf(path, sizeof path, "/proc/%u/fd/0", pid);
    test_root_file(path, "");
}

/* One tree for all tests: so many files take their time. */
static int make_processes(void **state)
{
    test_machine_compile(state);
    test_root_create();
    test_root_file("/proc/stat", "cpu  1 2\nbtime 1000000000\n");
    for (unsigned i = 0; i < PROCESSES; i++) {
        write_process(FIRST + i, "worker", FIRST_TICKS);
    }
    return 0;
}

static int remove_processes(void **state)
{
    test_root_destroy();
    return test_machine_forget(state);
}

/* Every tenth process has worked since. */
static void work(unsigned ticks)
{
    for (unsigned i = 0; i < PROCESSES; i += 10) {
        write_process(FIRST + i, "worker", ticks);
    }
}

static unsigned long refresh_counted(struct refresh_set *set, HRESULT expected)
{
    atomic_store(&allocations, 0);
    atomic_store(&counting, true);
    HRESULT hr = set->ops->refresh(set, 0);
    atomic_store(&counting, false);
    assert_int_equal(hr, expected);
    return atomic_load(&allocations);
}

/* The instances of an enumeration; their references are given back at once, the set has its own. */
static ULONG instances(IWbemHiPerfEnum *e, IWbemObjectAccess **ret)
{
    ULONG n = 0;
    assert_int_equal(IWbemHiPerfEnum_GetObjects(e, 0, 2 * PROCESSES, ret, &n), WBEM_S_NO_ERROR);
    for (ULONG i = 0; i < n; i++) {
        IWbemObjectAccess_Release(ret[i]);
    }
    return n;
}

static uint64_t user_time(IWbemObjectAccess *o)
{
    LONG handle;
    UINT64 v = 0;
    assert_int_equal(IWbemObjectAccess_GetPropertyHandle(o, L"PercentUserTime", NULL, &handle),
                     S_OK);
    assert_int_equal(IWbemObjectAccess_ReadQWORD(o, handle, &v), WBEM_S_NO_ERROR);
    return v;
}

/* Of all but _Total. */
static uint64_t sum(IWbemObjectAccess *const *objects)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < PROCESSES; i++) {
        v += user_time(objects[i]);
    }
    return v;
}

static void enumerates_without_allocating(const wchar_t *class_name)
{
    static IWbemObjectAccess *first[2 * PROCESSES], *second[2 * PROCESSES];
    struct refresh_set *set;
    IWbemHiPerfEnum *e;
    LONG id;
    work(1000);
    assert_int_equal(perf_refresh_create(linux_perf_process_raw.object, &set), S_OK);
    assert_int_equal(hiperf_enum_create(&e), S_OK);
    assert_int_equal(set->ops->add_enum(set, test_class(class_name), NULL, e, &id), S_OK);
    assert_int_equal(set->ops->refresh(set, 0), S_OK); /* makes the objects */
    assert_int_equal(set->ops->refresh(set, 0), S_OK); /* and has both buffers */
    assert_int_equal(instances(e, first), PROCESSES + 1);
    uint64_t before = sum(first);
    work(3000000);
    if (COUNTS_ALLOCATIONS) {
        assert_int_equal(refresh_counted(set, WBEM_S_NO_ERROR), 0);
    } else {
        assert_int_equal(set->ops->refresh(set, 0), WBEM_S_NO_ERROR);
    }
    assert_int_equal(instances(e, second), PROCESSES + 1);
    assert_memory_equal(first, second, (PROCESSES + 1) * sizeof *first); /* the same objects */
    assert_true(sum(second) > before);
    set->ops->remove(set, id);
    set->ops->destroy(set);
    assert_int_equal(IWbemHiPerfEnum_Release(e), 0);
}

static void enumerates_raw(void **state)
{
    (void)state;
    enumerates_without_allocating(L"Win32_PerfRawData_PerfProc_Process");
}

static void enumerates_formatted(void **state)
{
    (void)state;
    enumerates_without_allocating(L"Win32_PerfFormattedData_PerfProc_Process");
}

static IWbemClassObject *template(const wchar_t *class_name, const wchar_t *name)
{
    IWbemClassObject *o = NULL;
    VARIANT v = {0};
    assert_int_equal(IWbemClassObject_SpawnInstance(test_class(class_name), 0, &o), S_OK);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(name);
    assert_int_equal(IWbemClassObject_Put(o, L"Name", 0, &v, 0), S_OK);
    VariantClear(&v);
    return o;
}

static IWbemClassObject *add(struct refresh_set *set, const wchar_t *class_name,
                             const wchar_t *name, LONG *ret_id)
{
    IWbemClassObject *t = template(class_name, name), *object = NULL;
    assert_int_equal(set->ops->add_object(set, t, NULL, &object, ret_id), S_OK);
    IWbemClassObject_Release(t);
    return object;
}

static void refreshes_objects_without_allocating(void **state)
{
    (void)state;
    static const wchar_t raw[] = L"Win32_PerfRawData_PerfProc_Process";
    static const wchar_t formatted[] = L"Win32_PerfFormattedData_PerfProc_Process";
    enum {
        OBJECTS = 60 /* adding one looks for its name among all */
    };
    IWbemClassObject *objects[OBJECTS];
    struct refresh_set *set;
    LONG id;
    work(1000);
    assert_int_equal(perf_refresh_create(linux_perf_process_raw.object, &set), S_OK);
    for (unsigned i = 0; i < OBJECTS; i++) {
        wchar_t name[32];
        swprintf(name, 32, L"Worker#%u", i + 1); /* keys have no case */
        objects[i] = add(set, i % 2 ? raw : formatted, name, &id);
    }
    assert_value(objects[1], "Name", "worker#2");
    assert_value(objects[0], "PercentUserTime", "0"); /* formatted, of one sample */
    assert_value(objects[0], "ThreadCount", "3");
    work(3000000);
    if (COUNTS_ALLOCATIONS) {
        assert_int_equal(refresh_counted(set, WBEM_S_NO_ERROR), 0);
    } else {
        assert_int_equal(set->ops->refresh(set, 0), WBEM_S_NO_ERROR);
    }
    unsigned worked = 0;
    for (unsigned i = 0; i < OBJECTS; i++) {
        bool first = atoi(test_value(objects[i], "IDProcess")) % 10 == 0;
        bool some = atof(test_value(objects[i], "PercentUserTime")) > (i % 2 ? 1e11 : 0);
        assert_int_equal(first, some);
        worked += some;
    }
    assert_in_range(worked, 1, OBJECTS - 1);
    set->ops->destroy(set);
    for (unsigned i = 0; i < OBJECTS; i++) {
        assert_int_equal(IWbemClassObject_Release(objects[i]), 0);
    }
}

static void remove_process(unsigned pid)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/proc/%u", test_root_path, pid);
    nftw(path, test_root_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- without memory -------------------------------------------------------------------- */

static char small_root[96];
static IWbemClassObject *templates[2], *template_classes[2];

static void make_small_root(void)
{
    snprintf(small_root, sizeof small_root, "%s/small", test_root_path);
    for (unsigned pid = 1; pid < 25; pid++) {
        char path[64], text[256];
        snprintf(path, sizeof path, "/small/proc/%u/stat", pid);
        snprintf(text, sizeof text,
                 "%u (p) S 7 42 40 0 -1 2129984 100 5 20 6 1 0 9 9 25 5 3 0 1000 8192000 25 1 1 1 "
                 "0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
                 pid);
        test_root_file(path, text);
    }
    linux_set_root(small_root);
    template_classes[0] = test_class(L"Win32_PerfRawData_PerfProc_Process");
    template_classes[1] = test_class(L"Win32_PerfFormattedData_PerfProc_Process");
    templates[0] = template(L"Win32_PerfRawData_PerfProc_Process", L"p#3");
    templates[1] = template(L"Win32_PerfFormattedData_PerfProc_Process", L"_Total");
}

/* The process 9 goes, or comes. */
static void change_small_root(bool there)
{
    char a[PATH_MAX], b[PATH_MAX];
    snprintf(a, sizeof a, "%s/proc/9", small_root);
    snprintf(b, sizeof b, "%s/proc/away", small_root);
    (void)rename(there ? b : a, there ? a : b);
}

/* Some processes in a root of their own, an object and an enumeration of each class, three
 * refreshes between which a process goes and comes again. */
static HRESULT use_small(void)
{
    struct refresh_set *set;
    IWbemHiPerfEnum *e[2] = {NULL, NULL};
    IWbemClassObject *o[2] = {NULL, NULL};
    LONG id;
    HRESULT hr = perf_refresh_create(linux_perf_process_raw.object, &set);
    if (FAILED(hr)) {
        return hr;
    }
    for (unsigned i = 0; i < 2 && SUCCEEDED(hr); i++) {
        IWbemClassObject *t = templates[i];
        hr = set->ops->add_object(set, t, NULL, &o[i], &id);
        if (SUCCEEDED(hr)) {
            hr = hiperf_enum_create(&e[i]);
        }
        if (SUCCEEDED(hr)) {
            hr = set->ops->add_enum(set, template_classes[i], NULL, e[i], &id);
        }
    }
    for (unsigned turn = 0; turn < 3 && SUCCEEDED(hr); turn++) {
        change_small_root(turn % 2 == 0);
        hr = set->ops->refresh(set, 0);
    }
    change_small_root(true);
    set->ops->destroy(set);
    for (unsigned i = 0; i < 2; i++) {
        if (e[i]) {
            IWbemHiPerfEnum_Release(e[i]);
        }
        if (o[i]) {
            IWbemClassObject_Release(o[i]);
        }
    }
    return hr;
}

static void fails_without_memory(void **state)
{
    (void)state;
    if (!COUNTS_ALLOCATIONS) {
        skip();
    }
    make_small_root();
    unsigned long failed = 0, number = 1;
    for (;; number++) {
        atomic_store(&allocations, 0);
        atomic_store(&fails, number);
        atomic_store(&counting, true);
        HRESULT hr = use_small();
        atomic_store(&counting, false);
        (void)SetErrorInfo(0, NULL);
        if (atomic_load(&allocations) < number) {
            assert_int_equal(hr, WBEM_S_NO_ERROR);
            break; /* all have had their turn */
        }
        failed += FAILED(hr);
    }
    atomic_store(&fails, 0);
    assert_true(failed > 50);
    linux_set_root(test_root_path);
    for (unsigned i = 0; i < 2; i++) {
        IWbemClassObject_Release(templates[i]);
    }
}

/* An object follows its process; that gone, whichever has its name. */
static void follows_the_process(void **state)
{
    (void)state;
    static const wchar_t raw[] = L"Win32_PerfRawData_PerfProc_Process";
    struct refresh_set *set;
    LONG id;
    write_process(5000, "server", FIRST_TICKS);
    assert_int_equal(perf_refresh_create(linux_perf_process_raw.object, &set), S_OK);
    IWbemClassObject *o = add(set, raw, L"server", &id);
    assert_value(o, "IDProcess", "5000");
    remove_process(5000);
    assert_int_equal(set->ops->refresh(set, 0), WBEM_S_PARTIAL_RESULTS);
    assert_value(o, "IDProcess", "5000");
    write_process(6000, "server", FIRST_TICKS);
    assert_int_equal(set->ops->refresh(set, 0), WBEM_S_NO_ERROR);
    assert_value(o, "IDProcess", "6000");
    IWbemClassObject *t = template(raw, L"nothing"), *none = NULL;
    assert_int_equal(set->ops->add_object(set, t, NULL, &none, &id), WBEM_E_NOT_FOUND);
    IWbemClassObject_Release(t);
    remove_process(6000);
    set->ops->destroy(set);
    IWbemClassObject_Release(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enumerates_raw),
        cmocka_unit_test(enumerates_formatted),
        cmocka_unit_test(refreshes_objects_without_allocating),
        cmocka_unit_test(follows_the_process),
        cmocka_unit_test(fails_without_memory),
    };
    return cmocka_run_group_tests_name("perf-refresh", tests, make_processes, remove_processes);
}
