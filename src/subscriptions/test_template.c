/* Standard string templates: values of every type, quotations, command lines. */
#include "subscriptions/test_subscriptions.h"

#include "providers/linux/launch.h"
#include "subscriptions/template.h"

static IWbemClassObject *event, *hostile;

static int begin(void **state)
{
    test_begin(state);
    event = test_get(TEST_EVENT);
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(test_namespace(L"root\\subscription"),
                                                           L"Test_Event", false, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &hostile));
    VARIANT v = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"two\nlines; rm -rf \"x\" 'y' \\")};
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(hostile, L"Name", 0, &v, 0));
    VariantClear(&v);
    return 0;
}

static int end(void **state)
{
    IWbemClassObject_Release(event);
    IWbemClassObject_Release(hostile);
    return test_end(state);
}

static void expect(const wchar_t *template, const wchar_t *expected)
{
    wchar_t *text;
    assert_int_equal(WBEM_S_NO_ERROR, template_expand(template, event, &text));
    if (wcscmp(expected, text) != 0) {
        print_message("'%ls' gave '%ls', not '%ls'\n", template, text, expected);
    }
    assert_true(wcscmp(expected, text) == 0);
    free(text);
}

static void test_values(void **state)
{
    expect(L"Some text here", L"Some text here");
    expect(L"", L"");
    expect(L"%Name%", L"a name");
    expect(L"%name% and %NAME%", L"a name and a name");
    expect(L"%Large% %Small% %Huge%", L"4294967295 -5 18446744073709551615");
    expect(L"%Yes% %Real% %Letter%", L"TRUE 0.5 x");
    expect(L"%When%", L"20260102030405.000000+000");
    expect(L"%__CLASS%", L"Test_Event");
    expect(L"[%Nothing%][%NoSuchProperty%][%Name.Of.Text%]", L"[][][]");
    expect(L"100%%", L"100%");
    expect(L"100%", L"100%");
    expect(L"%%%Name%%%", L"%a name%");
}

static void test_arrays(void **state)
{
    expect(L"%Numbers%", L"(1,5,10,1024)");
    expect(L"%One%", L"7");
    expect(L"%None%", L"()");
    expect(L"%Texts%", L"(\"C:\",\"D:\")");
}

static void test_embedded(void **state)
{
    expect(L"%Target.Number%%%", L"90%");
    expect(L"%Target.Name% %Target.Drives%", L"inside E:");
    wchar_t *text;
    assert_int_equal(WBEM_S_NO_ERROR, template_expand(L"%Target%", event, &text));
    assert_non_null(wcsstr(text, L"instance of Inner"));
    free(text);
}

static void test_quotations(void **state)
{
    expect(L"is \"%Name%\" or %Name%", L"is \"%Name%\" or a name");
    expect(L"\"100%% sure\"", L"\"100%% sure\"");
    expect(L"\"open %Name%", L"\"open %Name%");
}

static void test_too_long(void **state)
{
    wchar_t *text = NULL;
    size_t count = TEMPLATE_MOST / 6 + 2;
    wchar_t *template = calloc(6 * count + 1, sizeof(*template));
    for (size_t i = 0; i < count; i++) {
        wmemcpy(template + 6 * i, L"%Name%", 6);
    }
    assert_int_equal(WBEM_E_QUOTA_VIOLATION, template_expand(template, event, &text));
    assert_null(text);
    free(template);
}

static void expect_words(IWbemClassObject *of, const wchar_t *template, const char *const *expected)
{
    char **words = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, template_words(template, of, &words));
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(words[i]);
        assert_string_equal(expected[i], words[i]);
    }
    assert_null(words[i]);
    launch_words_free(words);
}

/* A value stays in its word: neither blanks nor quotes nor commands in it count. */
static void test_words(void **state)
{
    expect_words(event, L"prog --name=%Name% '%Name%' \"%Name%\" %Target.Number%",
                 (const char *[]){"prog", "--name=a name", "a name", "%Name%", "90", NULL});
    expect_words(hostile, L"'/bin/a b' %Name% end",
                 (const char *[]){"/bin/a b", "two\nlines; rm -rf \"x\" 'y' \\", "end", NULL});
    expect_words(event, L"prog %Nothing% %%", (const char *[]){"prog", "", "%", NULL});
}

static void test_words_refused(void **state)
{
    char **words = NULL;
    assert_int_equal(WBEM_E_INVALID_PARAMETER, template_words(L"%Name% x", event, &words));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, template_words(L"run%Name% x", event, &words));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, template_words(L"prog 'open", event, &words));
    assert_null(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_embedded),      cmocka_unit_test(test_quotations),
        cmocka_unit_test(test_too_long),      cmocka_unit_test(test_words),
        cmocka_unit_test(test_words_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
