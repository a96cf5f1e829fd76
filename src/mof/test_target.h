/*
 * A target for the compiler's tests: classes and instances in lists, in the
 * order in which they came.
 */
#ifndef WBEM_MOF_TEST_TARGET_H
#define WBEM_MOF_TEST_TARGET_H

#include "mof/mof.h"

#include <oleauto.h>

#define TEST_MAX_OBJECTS 512

struct test_object {
    wchar_t *name_space;
    wchar_t *class_name;
    IWbemClassObject *object;
    LONG flags;
};

struct test_target {
    struct test_object classes[TEST_MAX_OBJECTS], instances[TEST_MAX_OBJECTS];
    size_t class_count, instance_count;
    HRESULT refuse; /* what put_class and put_instance answer when it is a failure */
};

/* The functions for mof_compile(). */
struct mof_target test_target_of(struct test_target *t);
void test_target_done(struct test_target *t);
/* Borrowed; NULL when there is none. */
IWbemClassObject *test_target_class(struct test_target *t, const wchar_t *name);

#endif
