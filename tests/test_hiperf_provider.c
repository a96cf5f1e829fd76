/*
 * A high-performance provider of others: its instances in queries and in
 * refreshers.
 */
#include "hosting.h"

#include <string.h>
#include <wchar.h>

static IWbemServices *services;
static IWbemRefresher *refresher;
static IWbemConfigureRefresher *configure;

static int prepare(void **state)
{
    services = hosting_namespace(L"fast");
    const struct hosting_registration fast = {.name = L"FastProvider",
                                              .clsid = TEST_CLSID,
                                              .model = L"WmiCore",
                                              .get = true,
                                              .enumerate = true};
    hosting_register(services, &fast);
    hosting_class(services, L"Test_Fast", NULL, L"FastProvider");
    hosting_class(services, L"Test_Slow", NULL, L"FastProvider");
    hosting_class(services, L"Test_Lost", NULL, L"NoSuchProvider");
    return 0;
}

static int finish(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static int make_refresher(void **state)
{
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemRefresher, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemRefresher, (void **)&refresher));
    return IWbemRefresher_QueryInterface(refresher, &IID_IWbemConfigureRefresher,
                                         (void **)&configure);
}

static int end_refresher(void **state)
{
    IWbemConfigureRefresher_Release(configure);
    return (int)IWbemRefresher_Release(refresher);
}

static void is_queried(void **state)
{
    unsigned count;
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_count(services, L"SELECT * FROM Test_Fast", &count));
    assert_int_equal(3, count);
    assert_int_equal(WBEM_S_NO_ERROR,
                     hosting_count(services, L"SELECT * FROM Test_Fast WHERE Id > '0'", &count));
    assert_int_equal(2, count);
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Fast.Id=\"1\"", &object));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_E_NOT_FOUND, hosting_get(services, L"Test_Fast.Id=\"7\"", &object));
}

static void refreshes_objects(void **state)
{
    IWbemClassObject *one = NULL, *two = NULL, *none = NULL;
    LONG id = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(configure, services,
                                                                              L"Test_Fast.Id=\"1\"",
                                                                              0, NULL, &one, &id));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(configure, services,
                                                                              L"Test_Fast.Id=\"2\"",
                                                                              0, NULL, &two, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemConfigureRefresher_AddObjectByPath(
                         configure, services, L"Test_Fast.Id=\"7\"", 0, NULL, &none, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(refresher, 0));
    assert_int_equal(1, local_long(one, L"N"));
    assert_int_equal(1, local_long(two, L"N"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_Remove(configure, id, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(refresher, 0));
    assert_int_equal(1, local_long(one, L"N")); /* no longer */
    assert_int_equal(2, local_long(two, L"N")); /* by one refresher of the provider for both */
    IWbemClassObject_Release(one);
    IWbemClassObject_Release(two);
}

static void refreshes_enumerators(void **state)
{
    static const ULONG counts[] = {3, 3, 2, 3};
    IWbemHiPerfEnum *e = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddEnum(
                                          configure, services, L"Test_Fast", 0, NULL, &e, NULL));
    for (size_t i = 0; i < 4; i++) {
        IWbemObjectAccess *objects[8];
        ULONG count = 0;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(refresher, 0));
        assert_int_equal(WBEM_S_NO_ERROR, IWbemHiPerfEnum_GetObjects(e, 0, 8, objects, &count));
        assert_int_equal(counts[i], count);
        for (ULONG j = 0; j < count; j++) {
            LONG handle;
            DWORD n;
            assert_int_equal(WBEM_S_NO_ERROR,
                             IWbemObjectAccess_GetPropertyHandle(objects[j], L"N", NULL, &handle));
            assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectAccess_ReadDWORD(objects[j], handle, &n));
            assert_int_equal(i + 1, n);
            IWbemObjectAccess_Release(objects[j]);
        }
    }
    IWbemHiPerfEnum_Release(e);
}

static void says_whose_fault_it_is(void **state)
{
    IWbemHiPerfEnum *e = NULL;
    assert_int_equal(
        WBEM_E_PROVIDER_NOT_CAPABLE,
        IWbemConfigureRefresher_AddEnum(configure, services, L"Test_Slow", 0, NULL, &e, NULL));
    assert_null(e);
    assert_non_null(strstr(local_error(), "CreateRefreshableEnum"));
    assert_int_equal(
        WBEM_E_PROVIDER_NOT_FOUND,
        IWbemConfigureRefresher_AddEnum(configure, services, L"Test_Lost", 0, NULL, &e, NULL));
    assert_non_null(strstr(local_error(), "NoSuchProvider"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(refresher, 0));
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return 1;
    }
    hosting_prepare(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_queried),
        cmocka_unit_test_setup_teardown(refreshes_objects, make_refresher, end_refresher),
        cmocka_unit_test_setup_teardown(refreshes_enumerators, make_refresher, end_refresher),
        cmocka_unit_test_setup_teardown(says_whose_fault_it_is, make_refresher, end_refresher),
    };
    int failed = cmocka_run_group_tests_name("hiperf-provider", tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
