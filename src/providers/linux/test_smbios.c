#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/linux/smbios.h"
#include "providers/linux/test_root.h"

/* A system, a board without strings, and the end (DSP0134 7.2, 7.3, 7.46). */
static const uint8_t table[] = {
    /* type 1 */ 1,
    8,
    0x34,
    0x12,
    1,
    2,
    0,
    9,
    'A',
    'c',
    'm',
    'e',
    0,
    ' ',
    'B',
    'o',
    'x',
    ' ',
    ' ',
    0,
    0,
    /* type 2 */ 2,
    12,
    0x02,
    0x00,
    0x11,
    0x22,
    0x33,
    0x44,
    0x55,
    0x66,
    0x77,
    0x88,
    0,
    0,
    /* type 127 */ 127,
    4,
    0xff,
    0xff,
    0,
    0,
    /* beyond the end: not to be seen */ 2,
    4,
    0,
    0,
    0,
    0,
};

static void walks_structures(void **state)
{
    (void)state;
    struct smbios s = {.bytes = (uint8_t *)table, .size = sizeof table};
    struct smbios_structure e;
    size_t offset = 0;
    assert_true(smbios_next(&s, &offset, &e));
    assert_int_equal(e.type, SMBIOS_SYSTEM);
    assert_int_equal(e.handle, 0x1234);
    assert_true(smbios_next(&s, &offset, &e));
    assert_int_equal(e.type, SMBIOS_BASE_BOARD);
    assert_false(smbios_next(&s, &offset, &e));
    assert_false(smbios_next(&s, &offset, &e));

    offset = 0;
    assert_true(smbios_find(&s, &offset, SMBIOS_BASE_BOARD, &e));
    assert_false(smbios_find(&s, &offset, SMBIOS_BASE_BOARD, &e));
}

static void reads_fields(void **state)
{
    (void)state;
    struct smbios s = {.bytes = (uint8_t *)table, .size = sizeof table};
    struct smbios_structure e;
    size_t offset = 0;
    uint8_t b = 0;
    uint16_t w = 0;
    uint32_t d = 0;
    uint64_t q = 0;
    assert_true(smbios_find(&s, &offset, SMBIOS_BASE_BOARD, &e));
    assert_true(smbios_u8(&e, 11, &b));
    assert_int_equal(b, 0x88);
    assert_false(smbios_u8(&e, 12, &b));
    assert_true(smbios_u16(&e, 10, &w));
    assert_int_equal(w, 0x8877);
    assert_false(smbios_u16(&e, 11, &w));
    assert_true(smbios_u32(&e, 8, &d));
    assert_true(d == 0x88776655);
    assert_false(smbios_u32(&e, 9, &d));
    assert_true(smbios_u64(&e, 4, &q));
    assert_true(q == UINT64_C(0x8877665544332211));
    assert_false(smbios_u64(&e, 5, &q));
}

static void reads_strings(void **state)
{
    (void)state;
    struct smbios s = {.bytes = (uint8_t *)table, .size = sizeof table};
    struct smbios_structure e;
    size_t offset = 0, size = 0;
    assert_true(smbios_find(&s, &offset, SMBIOS_SYSTEM, &e));
    assert_memory_equal(smbios_text(&e, 4, &size), "Acme", 4);
    assert_int_equal(size, 4);
    /* Padding goes. */
    assert_memory_equal(smbios_text(&e, 5, &size), "Box", 3);
    assert_int_equal(size, 3);
    assert_null(smbios_text(&e, 6, &size)); /* number 0 */
    assert_null(smbios_text(&e, 7, &size)); /* number 9 */
    assert_null(smbios_text(&e, 8, &size)); /* no such field */
    assert_true(smbios_find(&s, &offset, SMBIOS_BASE_BOARD, &e));
    assert_null(smbios_string(&e, 1, &size));
}

/* Whatever is cut off: nothing beyond the end is read (the sanitizer watches a copy). */
static void survives_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size <= sizeof table; size++) {
        struct smbios s = {.bytes = malloc(size ? size : 1), .size = size};
        struct smbios_structure e;
        size_t offset = 0, length;
        memcpy(s.bytes, table, size);
        unsigned count = 0;
        while (smbios_next(&s, &offset, &e)) {
            for (unsigned n = 0; n < 4; n++) {
                (void)smbios_string(&e, n, &length);
            }
            count++;
        }
        assert_true(count <= 2);
        assert_true(offset <= size);
        smbios_close(&s);
    }
}

static void refuses_short_lengths(void **state)
{
    (void)state;
    uint8_t bytes[] = {1, 3, 0, 0, 0, 0};
    struct smbios s = {.bytes = bytes, .size = sizeof bytes};
    struct smbios_structure e;
    size_t offset = 0;
    assert_false(smbios_next(&s, &offset, &e));
    bytes[1] = 200;
    assert_false(smbios_next(&s, &offset, &e));
}

static void reads_versions(void **state)
{
    (void)state;
    uint8_t major = 0, minor = 0;
    uint8_t wide[24] = "_SM3_", narrow[31] = "_SM_";
    wide[7] = 3;
    wide[8] = 7;
    narrow[6] = 2;
    narrow[7] = 8;
    assert_true(smbios_parse_entry(wide, sizeof wide, &major, &minor));
    assert_int_equal(major * 10 + minor, 37);
    assert_true(smbios_parse_entry(narrow, sizeof narrow, &major, &minor));
    assert_int_equal(major * 10 + minor, 28);
    assert_false(smbios_parse_entry(wide, 23, &major, &minor));
    assert_false(smbios_parse_entry(narrow, 30, &major, &minor));
    assert_false(smbios_parse_entry((const uint8_t *)"", 0, &major, &minor));
}

static void opens_the_kernels_files(void **state)
{
    (void)state;
    struct smbios s;
    struct smbios_structure e;
    uint8_t entry[24] = "_SM3_";
    size_t offset = 0;
    entry[7] = 3;
    test_root_create();
    assert_int_equal(smbios_open(&s), -ENOENT);
    test_root_bytes("/sys/firmware/dmi/tables/DMI", table, sizeof table);
    test_root_bytes("/sys/firmware/dmi/tables/smbios_entry_point", entry, sizeof entry);
    assert_int_equal(smbios_open(&s), 0);
    assert_int_equal(s.major, 3);
    assert_true(smbios_next(&s, &offset, &e));
    smbios_close(&s);
    test_root_destroy();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_structures),        cmocka_unit_test(reads_fields),
        cmocka_unit_test(reads_strings),           cmocka_unit_test(survives_truncation),
        cmocka_unit_test(refuses_short_lengths),   cmocka_unit_test(reads_versions),
        cmocka_unit_test(opens_the_kernels_files),
    };
    return cmocka_run_group_tests_name("smbios", tests, NULL, NULL);
}
