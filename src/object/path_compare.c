/*
 * Do two object paths lead to the same object ([WmiSdk] "WMI Object Path
 * Requirements")? Neither case nor the order of keys counts, nor whether the
 * name of an only key, a server or a namespace was written.
 */
#include "object/object.h"

static bool same_text(const wchar_t *a, const wchar_t *b)
{
    while (*a && cim_fold(*a) == cim_fold(*b)) {
        a++;
        b++;
    }
    return cim_fold(*a) == cim_fold(*b);
}

static bool same_when_given(const wchar_t *a, const wchar_t *b)
{
    return !a || !b || same_text(a, b);
}

static bool same_key(const struct object_path_key *a, const struct object_path_key *b, bool only)
{
    bool named = a->name && b->name;
    return (named ? same_text(a->name, b->name) : only) && same_text(a->text, b->text);
}

bool object_path_same(const struct object_path *a, const struct object_path *b)
{
    if (!a->class_name || !b->class_name || !same_text(a->class_name, b->class_name) ||
        !same_when_given(a->name_space, b->name_space) || a->is_instance != b->is_instance ||
        a->is_singleton != b->is_singleton || a->key_count != b->key_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->key_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->key_count && !found; k++) {
            found = same_key(&a->keys[i], &b->keys[k], a->key_count == 1);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}
