/* A repository in memory with one event of every kind of property, for the tests of this folder. */
#ifndef WBEM_SUBSCRIPTIONS_TEST_H
#define WBEM_SUBSCRIPTIONS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "enumerator/enumerator.h"
#include "object/object.h"
#include "repository/repository.h"

static struct repository *test_repository;

static inline void test_load(const char *text)
{
    HRESULT hr =
        repository_load_mof(test_repository, "test.mof", text, strlen(text), L"root\\subscription");
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
        CLEANUP(com_cleanup_bstr) BSTR why = NULL;
        if (GetErrorInfo(0, &error) == S_OK) {
            (void)IErrorInfo_GetDescription(error, &why);
        }
        print_message("%08x: %ls\n", (unsigned)hr, why ? why : L"?");
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
}

static inline struct repository_namespace *test_namespace(const wchar_t *name)
{
    struct repository_namespace *n;
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(test_repository, name, &n));
    return n;
}

static inline IWbemClassObject *test_get(const wchar_t *path_text)
{
    struct object_path *path;
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(path_text, &path, NULL));
    assert_int_equal(WBEM_S_NO_ERROR,
                     repository_get_instance(test_namespace(L"root\\subscription"), path, &object));
    object_path_destroy(path);
    return object;
}

static inline int test_begin(void **state)
{
    (void)state;
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(NULL, &test_repository));
    test_load(
        "class Inner { [key] string Name; uint32 Number; string Drives[]; };\n"
        "class Test_Event : __ExtrinsicEvent { [key] string Name; uint32 Large; sint8 Small; "
        "uint64 Huge; boolean Yes; real64 Real; char16 Letter; datetime When; "
        "uint16 Numbers[]; uint8 One[]; string None[]; string Texts[]; string Nothing; "
        "object Target; uint8 Data[]; };\n"
        "instance of Test_Event { Name = \"a name\"; Large = 4294967295; Small = -5; "
        "Huge = 18446744073709551615; Yes = TRUE; Real = 0.5; Letter = 'x'; "
        "When = \"20260102030405.000000+000\"; Numbers = {1, 5, 10, 1024}; One = {7}; "
        "None = {}; Texts = {\"C:\", \"D:\"}; Data = {1, 10, 0};"
        "Target = instance of Inner { Name = \"inside\"; Number = 90; Drives = {\"E:\"}; }; };");
    return 0;
}

static inline int test_end(void **state)
{
    (void)state;
    delivery_drain();
    repository_destroy(test_repository);
    return 0;
}

#define TEST_EVENT L"Test_Event.Name=\"a name\""

#endif
