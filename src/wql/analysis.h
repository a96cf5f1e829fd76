/*
 * What IWbemQuery::GetAnalysis gives: a query as the structures of wmiutils.h,
 * with everything they point to in one analysis.
 */
#ifndef WBEM_WQL_ANALYSIS_H
#define WBEM_WQL_ANALYSIS_H

#include <wmiutils.h>

#include "wql/wql_private.h"

/* Memory that goes all at once; a failed allocation sticks. */
struct analysis_piece;
struct analysis {
    struct analysis_piece *pieces;
    IWbemPath *path; /* owned; of an association query */
    bool failed;
    void *result; /* one of the pieces: what the caller gets */
};

HRESULT analysis_create(struct analysis **ret);
void analysis_destroy(struct analysis *a);
/* Zeroed; NULL once an allocation has failed. */
void *analysis_take(struct analysis *a, size_t count, size_t size);
/* A copy; NULL for NULL. */
wchar_t *analysis_text(struct analysis *a, const wchar_t *text);

/* WMIQ_ANALYSIS_RPN_SEQUENCE of a SELECT, WMIQ_ANALYSIS_ASSOC_QUERY of the other statements; both
 * set a->result. */
void analyse_select(struct analysis *a, const struct wql_query *q);
void analyse_association(struct analysis *a, const struct wql_query *q, const wchar_t *text);

#endif
