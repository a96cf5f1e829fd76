/*
 * Asking a request's condition, before a row is made, whether one with a
 * certain value can match: what it refuses is never looked at closely.
 */
#ifndef WBEM_PROVIDERS_LINUX_MATCH_H
#define WBEM_PROVIDERS_LINUX_MATCH_H

#include "providers/provider.h"

/* True unless the condition limits the column to values that are all others. */
bool linux_may_be_string(const struct provider_request *q, unsigned column, const char *value);
bool linux_may_be_uint(const struct provider_request *q, unsigned column, uint64_t value);
/* The number of values that the condition limits the column to, or -1 when it does not. */
int64_t linux_point_count(const struct provider_request *q, unsigned column);

#endif
