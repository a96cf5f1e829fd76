#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/linux/test_root.h"
#include "providers/linux/topology.h"

static int set_up(void **state)
{
    (void)state;
    test_root_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_root_destroy();
    return 0;
}

static void cpu_file(unsigned cpu, const char *file, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/%s", cpu, file);
    test_root_file(path, text);
}

static void cache(unsigned cpu, unsigned index, const char *level, const char *size,
                  const char *shared)
{
    char file[64];
    snprintf(file, sizeof file, "cache/index%u/level", index);
    cpu_file(cpu, file, level);
    snprintf(file, sizeof file, "cache/index%u/size", index);
    cpu_file(cpu, file, size);
    snprintf(file, sizeof file, "cache/index%u/shared_cpu_list", index);
    cpu_file(cpu, file, shared);
}

/* Two packages of two cores of two threads: 0,2 | 1,3 in one, 4,6 | 5,7 in the other; the last
 * thread is offline. */
static void make_server(void)
{
    static const char *const siblings[] = {"0,2\n", "1,3\n", "0,2\n", "1,3\n",
                                           "4,6\n", "5\n",   "4,6\n"};
    test_root_file("/sys/devices/system/cpu/online", "0-6\n");
    for (unsigned cpu = 0; cpu < 7; cpu++) {
        cpu_file(cpu, "topology/physical_package_id", cpu < 4 ? "0\n" : "1\n");
        cpu_file(cpu, "topology/thread_siblings_list", siblings[cpu]);
        cache(cpu, 0, "1\n", "32K\n", siblings[cpu]);
        cache(cpu, 1, "2\n", "512K\n", siblings[cpu]);
        cache(cpu, 2, "3\n", "16384K\n", cpu < 4 ? "0-3\n" : "4-6\n");
    }
}

static void counts_packages_cores_and_threads(void **state)
{
    (void)state;
    struct topology t;
    make_server();
    assert_true(topology_read(&t));
    assert_int_equal(t.package_count, 2);
    assert_int_equal(t.threads, 7);
    assert_int_equal(t.packages[0].cores, 2);
    assert_int_equal(t.packages[0].threads, 4);
    assert_int_equal(t.packages[1].first_cpu, 4);
    assert_int_equal(t.packages[1].cores, 2);
    assert_int_equal(t.packages[1].threads, 3);
    assert_int_equal(t.package_of[6], 1);
    topology_done(&t);
}

static void adds_each_cache_once(void **state)
{
    (void)state;
    struct topology t;
    make_server();
    assert_true(topology_read(&t));
    assert_int_equal(t.packages[0].l2_kilobytes, 0);
    topology_read_caches(&t);
    assert_int_equal(t.packages[0].l2_kilobytes, 1024);
    assert_int_equal(t.packages[0].l3_kilobytes, 16384);
    assert_int_equal(t.packages[1].l2_kilobytes, 1024);
    assert_int_equal(t.packages[1].l3_kilobytes, 16384);
    topology_done(&t);
}

static void takes_cpuinfo_when_sysfs_is_missing(void **state)
{
    (void)state;
    struct topology t;
    test_root_file("/proc/cpuinfo", "processor\t: 0\nphysical id\t: 3\n\n"
                                    "processor\t: 1\nphysical id\t: 5\n\n");
    assert_true(topology_read(&t));
    assert_int_equal(t.package_count, 2);
    assert_int_equal(t.packages[0].id, 3);
    assert_int_equal(t.packages[1].first_cpu, 1);
    topology_done(&t);
}

static void takes_unknown_packages_as_one(void **state)
{
    (void)state;
    struct topology t;
    test_root_file("/sys/devices/system/cpu/online", "0-1\n");
    cpu_file(0, "topology/physical_package_id", "-1\n");
    cpu_file(1, "topology/physical_package_id", "-1\n");
    assert_true(topology_read(&t));
    assert_int_equal(t.package_count, 1);
    assert_int_equal(t.packages[0].threads, 2);
    topology_done(&t);
}

static void says_when_nothing_is_known(void **state)
{
    (void)state;
    struct topology t;
    assert_false(topology_read(&t));
}

static void finds_the_part_on_a_processor(void **state)
{
    (void)state;
    struct topology t;
    uint64_t v;
    test_root_file("/proc/cpuinfo", "processor\t: 0\nmodel\t\t: 7\nflags\t\t: fpu vmx\n\n"
                                    "processor\t: 1\nmodel\t\t: 8\nflags\t\t: fpu vmxx\n\n");
    assert_true(topology_read(&t));
    assert_true(linux_key_u64(topology_cpuinfo(&t, 1), "model", &v));
    assert_int_equal(v, 8);
    assert_true(linux_key_u64(topology_cpuinfo(&t, 9), "model", &v));
    assert_int_equal(v, 7);
    assert_true(topology_has_flag(topology_cpuinfo(&t, 0), "flags", "vmx"));
    assert_true(topology_has_flag(topology_cpuinfo(&t, 0), "flags", "fpu"));
    assert_false(topology_has_flag(topology_cpuinfo(&t, 1), "flags", "vmx"));
    assert_false(topology_has_flag(topology_cpuinfo(&t, 1), "Features", "vmx"));
    topology_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_packages_cores_and_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(adds_each_cache_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_cpuinfo_when_sysfs_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_unknown_packages_as_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_when_nothing_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_the_part_on_a_processor, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
