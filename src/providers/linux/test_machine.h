/*
 * For tests of the machine's classes: the classes as the library carries them,
 * and a root of files for each test.
 */
#ifndef WBEM_PROVIDERS_LINUX_TEST_MACHINE_H
#define WBEM_PROVIDERS_LINUX_TEST_MACHINE_H

#include "providers/test_query.h"

#include "providers/builtin_mof.h"
#include "providers/linux/test_root.h"

static inline int test_machine_compile(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_mof_count; i++) {
        test_compile(builtin_mofs[i].name, builtin_mofs[i].text, builtin_mofs[i].size);
    }
    return 0;
}

static inline int test_machine_forget(void **state)
{
    (void)state;
    test_forget_classes();
    delivery_drain();
    return 0;
}

static inline int test_machine_set_up(void **state)
{
    (void)state;
    test_root_create();
    return 0;
}

static inline int test_machine_tear_down(void **state)
{
    (void)state;
    test_root_destroy();
    return 0;
}

#define MACHINE_TEST(name)                                                                         \
    cmocka_unit_test_setup_teardown(name, test_machine_set_up, test_machine_tear_down)
#define RUN_MACHINE_TESTS(name, tests)                                                             \
    cmocka_run_group_tests_name(name, tests, test_machine_compile, test_machine_forget)

#endif
