/* How a command line becomes words; starting programs is tested from end to end (tests/). */
#include "providers/linux/launch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* The words between bars. */
static void assert_words(const char *line, const char *expected)
{
    char **words = NULL;
    char all[256] = "|";
    assert_int_equal(launch_split(line, &words), 0);
    for (char **p = words; *p; p++) {
        size_t size = strlen(all);
        snprintf(all + size, sizeof all - size, "%s|", *p);
    }
    assert_string_equal(all, expected);
    launch_words_free(words);
}

static void splits_at_blanks(void **state)
{
    (void)state;
    assert_words("", "|");
    assert_words(" \t\r\n", "|");
    assert_words("sleep 10", "|sleep|10|");
    assert_words("\t a  b\nc ", "|a|b|c|");
}

static void joins_what_is_quoted(void **state)
{
    (void)state;
    assert_words("'a b' \"c d\"", "|a b|c d|");
    assert_words("a'b c'd", "|ab cd|");
    assert_words("'' \"\"", "|||");
    assert_words("'\"' \"'\"", "|\"|'|");
}

static void takes_backslashes(void **state)
{
    (void)state;
    assert_words("a\\ b \\' \\\\", "|a b|'|\\|");
    assert_words("'a\\b' \"a\\b\\\"\\\\\"", "|a\\b|a\\b\"\\|");
    assert_words("end\\", "|end\\|"); /* nothing follows it */
}

static void expands_nothing(void **state)
{
    (void)state;
    assert_words("$HOME * ~ a|b >c `d` ; # e", "|$HOME|*|~|a|b|>c|`d`|;|#|e|");
}

static void refuses_an_open_quotation(void **state)
{
    (void)state;
    char **words = NULL;
    assert_int_equal(launch_split("a 'b", &words), -EINVAL);
    assert_int_equal(launch_split("\"", &words), -EINVAL);
    assert_int_equal(launch_split("\"\\\"", &words), -EINVAL);
    assert_null(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_blanks),          cmocka_unit_test(joins_what_is_quoted),
        cmocka_unit_test(takes_backslashes),         cmocka_unit_test(expands_nothing),
        cmocka_unit_test(refuses_an_open_quotation),
    };
    return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
