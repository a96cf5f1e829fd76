/*
 * Installed packages: dpkg's status file, or what rpm prints, one at a time.
 */
#ifndef WBEM_PROVIDERS_LINUX_PACKAGES_H
#define WBEM_PROVIDERS_LINUX_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct package_field {
    const char *text; /* not terminated; NULL when the package lacks it */
    size_t size;
};

struct package {
    struct package_field name, version, architecture, vendor, home_page, summary;
    bool broken;       /* not installed to the end */
    int64_t installed; /* seconds since 1970; 0 when not known */
};

/* The next installed package of dpkg's status file; *at moves behind it. What was removed but for
 * its configuration is passed over. `installed` is not set. */
bool dpkg_next(const char **at, struct package *ret);
/* When the package was last installed or upgraded, as dpkg-query's db-fsys:Last-Modified tells. */
bool dpkg_time(const struct package *p, int64_t *ret);

/* What rpm -qa is asked to print, and the next package of it. */
extern const char rpm_format[];
bool rpm_next(const char **at, struct package *ret);

#endif
