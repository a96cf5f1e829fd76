/*
 * Intrinsic events of files: which folders have to be watched for a query, and
 * what is to be asked when one of them changes.
 */
#ifndef WBEM_EVENTS_FILES_H
#define WBEM_EVENTS_FILES_H

#include "wql/wql.h"

struct file_look {
    wchar_t *query; /* for the instances meant */
    char *folder;
};

struct file_looks {
    struct file_look *items;
    size_t count; /* 0: the query does not say which folders */
};

/* For the instances of the class `target` that the event query is about. WBEM_E_OUT_OF_MEMORY. */
HRESULT file_looks_find(const struct wql_query *q, const wchar_t *target, struct file_looks *ret);
void file_looks_done(struct file_looks *l);

#endif
