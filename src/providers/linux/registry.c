/*
 * Which built-in provider stands behind which class.
 */
#include "providers/linux/linux.h"

/* Ends with NULL. */
static const struct provider_class *const providers[] = {
    &linux_process,
    &linux_thread,
    NULL,
};

static wchar_t lower(wchar_t c)
{
    return c >= L'A' && c <= L'Z' ? c + (L'a' - L'A') : c;
}

static bool same_name(const char *ascii, const wchar_t *wide)
{
    while (*ascii && lower((wchar_t)*ascii) == lower(*wide)) {
        ascii++;
        wide++;
    }
    return !*ascii && !*wide;
}

const struct provider_class *provider_find(const wchar_t *class_name)
{
    for (size_t i = 0; providers[i]; i++) {
        if (same_name(providers[i]->name, class_name)) {
            return providers[i];
        }
    }
    return NULL;
}
