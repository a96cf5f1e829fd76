/*
 * The framework between providers and sources, with a provider made for the
 * test: Test_Thing, of which number 1 to 9 exist.
 */
#include "providers/test_query.h"

#define COLUMNS(X)                                                                                 \
    X(Id), X(Name), X(Costly), X(Real), X(Flag), X(When), X(Long), X(Numbers), X(Texts), X(NotThere)
#define NUMBER(name) COLUMN_##name
#define NAME(name) #name

enum {
    COLUMNS(NUMBER)
};

static const char *const columns[] = {COLUMNS(NAME), NULL};

static const char mof[] = "class Test_Thing\n"
                          "{\n"
                          "    [Key] uint32 Id;\n"
                          "    string Name;\n"
                          "    sint64 Costly;\n"
                          "    real64 Real;\n"
                          "    boolean Flag;\n"
                          "    datetime When;\n"
                          "    datetime Long;\n"
                          "    uint16 Numbers[];\n"
                          "    string Texts[];\n"
                          "};\n";

/* What the provider saw and is to do. */
static struct {
    unsigned opened, closed, rows;
    unsigned costly_wanted;
    bool limited;
    uint64_t points[8];
    char *names[8];
    uint32_t point_count;
    bool deep;
    HRESULT open_result;
    unsigned fail_after; /* rows; 0: never */
    bool bad_value;
    const struct provider_request *request;
    struct source *cancel_at_row_2;
    bool saw_cancel;
} seen;

static HRESULT thing_open(const struct provider_request *q, void **ret)
{
    const struct cim_value *values;
    seen.opened++;
    seen.request = q;
    seen.deep = provider_request_is_deep(q);
    seen.limited = provider_points(q, COLUMN_Id, &values, &seen.point_count);
    for (uint32_t i = 0; i < seen.point_count && i < 8; i++) {
        assert_true(provider_point_uint(q, COLUMN_Id, i, &seen.points[i]));
    }
    uint32_t count;
    if (provider_points(q, COLUMN_Name, &values, &count)) {
        for (uint32_t i = 0; i < count && i < 8; i++) {
            seen.names[i] = provider_point_string(q, COLUMN_Name, i);
        }
    }
    if (seen.open_result != WBEM_S_NO_ERROR) {
        return FAILED(seen.open_result)
                   ? error_raise(seen.open_result, "Test_Thing", NULL, "told to fail")
                   : seen.open_result;
    }
    *ret = calloc(1, sizeof(unsigned));
    return WBEM_S_NO_ERROR;
}

static HRESULT thing_next(void *cursor, struct provider_row *row)
{
    unsigned *number = cursor;
    if (++*number > 9) {
        return WBEM_S_FALSE;
    }
    if (seen.fail_after && *number > seen.fail_after) {
        return error_raise(WBEM_E_PROVIDER_FAILURE, "Test_Thing", NULL, "told to fail");
    }
    if (seen.cancel_at_row_2 && *number == 2) {
        seen.cancel_at_row_2->ops->cancel(seen.cancel_at_row_2);
        seen.saw_cancel = provider_request_cancelled(seen.request);
    }
    seen.rows++;
    seen.costly_wanted += provider_wants(row, COLUMN_Costly);
    provider_set_uint(row, COLUMN_Id, *number);
    provider_set_format(row, COLUMN_Name, "thing %u", *number);
    provider_set_sint(row, COLUMN_Costly, -(int64_t)*number);
    provider_set_real(row, COLUMN_Real, *number / 2.0);
    provider_set_bool(row, COLUMN_Flag, *number % 2);
    provider_set_datetime(row, COLUMN_When, 0);
    provider_set_interval(row, COLUMN_Long, (uint64_t)*number * 86400 * 1000000);
    provider_set_uints(row, COLUMN_Numbers, (const uint64_t[]){*number, 500}, 2);
    provider_set_strings(row, COLUMN_Texts, (const char *const[]){"a", "b"}, 2);
    provider_set_string(row, COLUMN_NotThere, "of no consequence");
    if (seen.bad_value) {
        provider_set_string(row, COLUMN_Id, "no number");
    }
    return WBEM_S_NO_ERROR;
}

static void thing_close(void *cursor)
{
    seen.closed++;
    free(cursor);
}

static const struct provider_class thing = {
    .name = "Test_Thing",
    .columns = columns,
    .open = thing_open,
    .next = thing_next,
    .close = thing_close,
};

static int set_up(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        free(seen.names[i]);
    }
    return 0;
}

static void fetch(const wchar_t *text, struct test_rows *ret)
{
    test_fetch(test_source(&thing, text, false), ret);
}

static void delivers_every_kind_of_value(void **state)
{
    (void)state;
    struct test_rows rows;
    fetch(L"SELECT * FROM Test_Thing", &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    assert_int_equal(rows.count, 9);
    IWbemClassObject *o = rows.items[2];
    assert_value(o, "Id", "3");
    assert_value(o, "Name", "thing 3");
    assert_value(o, "Costly", "-3");
    assert_value(o, "Real", "1.5");
    assert_value(o, "Flag", "true");
    assert_value(o, "Long", "00000003000000.000000:000");
    assert_value(o, "Numbers", "{3,500}");
    assert_value(o, "Texts", "{a,b}");
    assert_value(o, "__RELPATH", "Test_Thing.Id=3");
    test_rows_done(&rows);
    assert_int_equal(seen.closed, 1);
}

static void opens_only_when_pulled(void **state)
{
    (void)state;
    struct source *s = test_source(&thing, L"SELECT * FROM Test_Thing", true);
    assert_int_equal(seen.opened, 0);
    source_destroy(s);
    assert_int_equal(seen.opened, 0);
    assert_int_equal(seen.closed, 0);
}

static void projects_and_wants_only_what_is_asked(void **state)
{
    (void)state;
    struct test_rows rows;
    fetch(L"SELECT Name FROM Test_Thing WHERE Id > 7", &rows);
    assert_int_equal(rows.count, 2);
    assert_int_equal(seen.costly_wanted, 0);
    assert_value(rows.items[0], "Name", "thing 8");
    assert_value(rows.items[0], "Costly", "absent");
    assert_value(rows.items[0], "Id", "absent");
    test_rows_done(&rows);

    fetch(L"SELECT Name FROM Test_Thing WHERE Costly = -4", &rows);
    assert_int_equal(rows.count, 1);
    assert_int_equal(seen.costly_wanted, 9);
    assert_value(rows.items[0], "Name", "thing 4");
    test_rows_done(&rows);
}

static void tells_the_points_of_a_condition(void **state)
{
    (void)state;
    struct test_rows rows;
    fetch(L"SELECT * FROM Test_Thing WHERE Id = 7 OR Id = 9", &rows);
    assert_true(seen.limited);
    assert_int_equal(seen.point_count, 2);
    assert_int_equal(seen.points[0] + seen.points[1], 16);
    assert_int_equal(rows.count, 2); /* the provider paid no heed: the condition is applied */
    test_rows_done(&rows);
}

static void tells_points_as_text(void **state)
{
    (void)state;
    struct test_rows rows;
    fetch(L"SELECT * FROM Test_Thing WHERE Name = 'z\u00fcg \u20ac \U0001F600'", &rows);
    assert_false(seen.limited);
    assert_string_equal(seen.names[0], "z\u00fcg \u20ac \U0001F600");
    assert_int_equal(rows.count, 0);
    test_rows_done(&rows);
}

static void asks_nobody_when_nothing_can_match(void **state)
{
    (void)state;
    struct test_rows rows;
    fetch(L"SELECT * FROM Test_Thing WHERE Id = 7 AND Id = 9", &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    assert_int_equal(rows.count, 0);
    assert_int_equal(seen.opened, 0);
}

static void passes_failures_after_the_rows_before(void **state)
{
    (void)state;
    struct test_rows rows;
    seen.fail_after = 4;
    fetch(L"SELECT * FROM Test_Thing", &rows);
    assert_int_equal(rows.count, 4);
    assert_int_equal(rows.status, WBEM_E_PROVIDER_FAILURE);
    test_rows_done(&rows);

    seen.open_result = WBEM_E_ACCESS_DENIED;
    fetch(L"SELECT * FROM Test_Thing", &rows);
    assert_int_equal(rows.count, 0);
    assert_int_equal(rows.status, WBEM_E_ACCESS_DENIED);
}

static void takes_an_empty_class(void **state)
{
    (void)state;
    struct test_rows rows;
    seen.open_result = WBEM_S_FALSE;
    fetch(L"SELECT * FROM Test_Thing", &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    assert_int_equal(seen.rows, 0);
    assert_int_equal(seen.closed, 0);
}

static void reports_values_that_do_not_fit(void **state)
{
    (void)state;
    struct test_rows rows;
    seen.bad_value = true;
    fetch(L"SELECT * FROM Test_Thing", &rows);
    assert_int_equal(rows.count, 0);
    assert_int_equal(rows.status, WBEM_E_TYPE_MISMATCH);

    /* Unless nobody asked. */
    fetch(L"SELECT Name FROM Test_Thing", &rows);
    assert_int_equal(rows.count, 9);
    test_rows_done(&rows);
}

static void tells_that_the_caller_has_gone(void **state)
{
    (void)state;
    struct test_rows rows;
    /* No row matches, so that no refused put could end it. */
    struct source *s = test_source(&thing, L"SELECT * FROM Test_Thing WHERE Name = 'none'", true);
    seen.cancel_at_row_2 = s;
    test_fetch(s, &rows);
    assert_true(seen.deep);
    assert_true(seen.saw_cancel);
    assert_int_equal(seen.rows, 2);
    assert_int_equal(rows.status, WBEM_E_CALL_CANCELLED);
}

static int compile(void **state)
{
    (void)state;
    test_compile("test", mof, sizeof mof - 1);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    test_forget_classes();
    delivery_drain();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(delivers_every_kind_of_value),
        TEST(opens_only_when_pulled),
        TEST(projects_and_wants_only_what_is_asked),
        TEST(tells_the_points_of_a_condition),
        TEST(tells_points_as_text),
        TEST(asks_nobody_when_nothing_can_match),
        TEST(passes_failures_after_the_rows_before),
        TEST(takes_an_empty_class),
        TEST(reports_values_that_do_not_fit),
        TEST(tells_that_the_caller_has_gone),
    };
    return cmocka_run_group_tests_name("provider", tests, compile, forget);
}
