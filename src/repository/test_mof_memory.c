/*
 * MOF while memory runs out: every allocation of a compilation is made to fail
 * once, and each time the repository is as it was. Allocations are caught by
 * standing before the C library's, so a sanitizer, which does the same, skips this.
 */
#include "repository/test_support.h"

#include <errno.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int main(void)
{
    return 77;
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static long countdown; /* allocations until one fails; 0: none does */
static bool has_failed;

static bool refuse(void)
{
    if (countdown == 0 || --countdown != 0) {
        return false;
    }
    has_failed = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refuse() ? NULL : __libc_realloc(old, size);
}

static const char first_text[] =
    "Qualifier Units : string = null, Scope(property), Flavor(ToSubclass);\n"
    "#pragma amendment(\"MS_407\")\n"
    "[Description(\"Ding\") : Amended] class First { [key, Description(\"N\") : Amended] string "
    "K;\n"
    "  [Units(\"bytes\")] uint64 Sizes[]; object Inside; First ref Other;\n"
    "  [Static] uint32 Do([in] string What[], [in, out] First ref Which); };\n"
    "instance of First as $a { K = \"a\"; Sizes = {1, 2}; Other = $b; };\n"
    "instance of First as $b { K = \"b\"; Inside = instance of First { K = \"\\x263a\"; }; };\n";
static const char second_text[] = "#pragma namespace(\"\\\\\\\\.\\\\root\\\\later\\\\still\")\n"
                                  "class Second { [key] string K; };\n"
                                  "instance of Second { K = \"x\"; };\n";

static void expect_nothing(void)
{
    struct repository_namespace *later;
    IWbemClassObject *cls;
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"First", false, &cls));
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, repository_open(repository, L"root\\later", &later));
}

static void expect_everything(void)
{
    struct repository_namespace *later;
    IWbemClassObject *cls;
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(cimv2, L"First", false, &cls));
    IWbemClassObject_Release(cls);
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\later\\still", &later));
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
}

static void test_every_allocation_fails_once(void **state)
{
    const struct mof_input inputs[] = {{"first.mof", first_text, sizeof first_text - 1},
                                       {"second.mof", second_text, sizeof second_text - 1}};
    const struct repository_mof mof = {.inputs = inputs, .count = 2, .name_space = CIMV2};
    long round = 0;
    assert_int_equal(0, open_repository(state));
    do {
        SetErrorInfo(0, NULL);
        has_failed = false;
        countdown = ++round;
        HRESULT hr = repository_compile_mof(repository, &mof, NULL, NULL);
        countdown = 0;
        if (FAILED(hr)) {
            assert_true(has_failed);
            expect_nothing();
            continue;
        }
        expect_everything();
        if (has_failed) { /* a cache, or what else can do without memory */
            assert_int_equal(0, close_repository(state));
            assert_int_equal(0, open_repository(state));
        }
    } while (has_failed);
    assert_true(round > 100);
    assert_int_equal(0, close_repository(state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
