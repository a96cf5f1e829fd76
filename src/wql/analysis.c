/*
 * Queries as the structures of wmiutils.h: conditions in reverse Polish
 * notation (SWbemRpnEncodedQuery), ASSOCIATORS OF and REFERENCES OF as
 * SWbemAssocQueryInf. Pages: wmiutils/ns-wmiutils-swbemrpnencodedquery,
 * -swbemrpnquerytoken, -swbemqueryqualifiedname, -swbemassocqueryinf.
 */
#include "wql/analysis.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"

/* ---- memory --------------------------------------------------------------------------------- */

struct analysis_piece {
    struct analysis_piece *next;
    max_align_t bytes[];
};

void *analysis_take(struct analysis *a, size_t count, size_t size)
{
    struct analysis_piece *p = NULL;
    size_t bytes;
    if (!a->failed && !__builtin_mul_overflow(count, size, &bytes)) {
        p = calloc(1, sizeof(*p) + bytes);
    }
    if (!p) {
        a->failed = true;
        return NULL;
    }
    p->next = a->pieces;
    a->pieces = p;
    return p->bytes;
}

wchar_t *analysis_text(struct analysis *a, const wchar_t *text)
{
    size_t length = text ? wcslen(text) + 1 : 0;
    wchar_t *copy = text ? analysis_take(a, length, sizeof(*copy)) : NULL;
    return copy ? wmemcpy(copy, text, length) : NULL;
}

HRESULT analysis_create(struct analysis **ret)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

void analysis_destroy(struct analysis *a)
{
    for (struct analysis_piece *p = a->pieces, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    com_release(a->path);
    free(a);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The names between the dots; an index stays with the last, for the structure has no use for it. */
static SWbemQueryQualifiedName *qualified_name(struct analysis *a, const wchar_t *name,
                                               const struct operand *indexed)
{
    ULONG count = 1;
    for (const wchar_t *c = name; *c; c++) {
        count += *c == L'.';
    }
    SWbemQueryQualifiedName *n = analysis_take(a, 1, sizeof(*n));
    LPCWSTR *names = analysis_take(a, count, sizeof(LPCWSTR));
    for (ULONG i = 0; i < count && !a->failed; i++) {
        size_t length = wcscspn(name, L".");
        wchar_t *part = analysis_take(a, length + 16, sizeof(*part));
        if (part) {
            wmemcpy(part, name, length);
        }
        if (part && indexed && indexed->indexed && i + 1 == count) {
            swprintf(part + length, 16, L"[%u]", indexed->index);
        }
        names[i] = part;
        name += length + 1;
    }
    if (!a->failed) {
        *n = (SWbemQueryQualifiedName){
            .m_uVersion = 1, .m_uTokenType = 1, .m_uNameListSize = count, .m_ppszNameList = names};
    }
    return n;
}

/* ---- the condition ----------------------------------------------------------------------------
 */

/* Tokens that the tree under n makes: a chain of k parts has k - 1 operators. */
static ULONG count_tokens(const struct node *n)
{
    if (n->kind == NODE_COMPARE) {
        return n->op == OP_NOT_LIKE ? 2 : 1;
    }
    ULONG count = n->kind == NODE_NOT ? 1 : 0;
    for (const struct node *c = n->first_child; c; c = c->next) {
        count += count_tokens(c) + (c != n->first_child);
    }
    return count;
}

/* The narrowest type of those that the page lists. */
static void set_integer(SWbemRpnQueryToken *t, const struct operand *o)
{
    int64_t value = (int64_t)(o->negative ? 0 - o->integer : o->integer);
    if (o->negative ? value >= INT32_MIN : o->integer <= INT32_MAX) {
        t->m_uConstApparentType = VT_I4;
        t->m_Const.m_lLongVal = (LONG)value;
    } else if (!o->negative && o->integer <= UINT32_MAX) {
        t->m_uConstApparentType = VT_UI4;
        t->m_Const.m_uLongVal = (ULONG)o->integer;
    } else {
        t->m_uConstApparentType = o->negative || o->integer <= INT64_MAX ? VT_I8 : VT_UI8;
        t->m_Const.m_lVal64 = value;
    }
}

static void set_constant(struct analysis *a, SWbemRpnQueryToken *t, const struct operand *o)
{
    t->m_uSubexpressionShape |= WMIQ_RPN_CONST;
    switch (o->kind) {
    case OPERAND_INTEGER:
        set_integer(t, o);
        break;
    case OPERAND_REAL:
        t->m_uConstApparentType = VT_R8;
        t->m_Const.m_dblVal = o->real;
        break;
    case OPERAND_BOOLEAN:
        t->m_uConstApparentType = VT_BOOL;
        t->m_Const.m_bBoolVal = o->boolean;
        break;
    default:
        t->m_uConstApparentType = VT_LPWSTR;
        t->m_Const.m_pszStrVal = analysis_text(a, o->text);
        break;
    }
}

static ULONG operator_of(enum operator_kind op, bool mirrored)
{
    static const struct {
        ULONG plain, mirrored;
    } operators[] = {
        [OP_EQUAL] = {WMIQ_RPN_OP_EQ, WMIQ_RPN_OP_EQ},
        [OP_NOT_EQUAL] = {WMIQ_RPN_OP_NE, WMIQ_RPN_OP_NE},
        [OP_LESS] = {WMIQ_RPN_OP_LT, WMIQ_RPN_OP_GT},
        [OP_LESS_EQUAL] = {WMIQ_RPN_OP_LE, WMIQ_RPN_OP_GE},
        [OP_GREATER] = {WMIQ_RPN_OP_GT, WMIQ_RPN_OP_LT},
        [OP_GREATER_EQUAL] = {WMIQ_RPN_OP_GE, WMIQ_RPN_OP_LE},
        [OP_LIKE] = {WMIQ_RPN_OP_LIKE, WMIQ_RPN_OP_LIKE},
        [OP_NOT_LIKE] = {WMIQ_RPN_OP_LIKE, WMIQ_RPN_OP_LIKE}, /* and a NOT */
        [OP_ISA] = {WMIQ_RPN_OP_ISA, WMIQ_RPN_OP_ISA},
        [OP_IS_NULL] = {WMIQ_RPN_OP_ISNULL, WMIQ_RPN_OP_ISNULL},
        [OP_IS_NOT_NULL] = {WMIQ_RPN_OP_ISNOTNULL, WMIQ_RPN_OP_ISNOTNULL},
    };
    return mirrored ? operators[op].mirrored : operators[op].plain;
}

static void put_token(struct analysis *a, SWbemRpnQueryToken ***at, SWbemRpnQueryToken what)
{
    SWbemRpnQueryToken *t = analysis_take(a, 1, sizeof(*t));
    if (t) {
        what.m_uVersion = 1;
        *t = what;
        *(*at)++ = t;
    }
}

/* "If only one property name is present", it is the left one. */
static void put_comparison(struct analysis *a, SWbemRpnQueryToken ***at, const struct node *n)
{
    bool mirrored = n->left.kind != OPERAND_PROPERTY;
    const struct operand *left = mirrored ? &n->right : &n->left;
    const struct operand *right = mirrored ? &n->left : &n->right;
    SWbemRpnQueryToken t = {.m_uTokenType = WMIQ_RPN_TOKEN_EXPRESSION,
                            .m_uSubexpressionShape = WMIQ_RPN_LEFT_PROPERTY_NAME | WMIQ_RPN_RELOP,
                            .m_uOperator = operator_of(n->op, mirrored)};
    t.m_pLeftIdent = qualified_name(a, left->text, left);
    if (n->op != OP_IS_NULL && n->op != OP_IS_NOT_NULL) {
        if (right->kind == OPERAND_PROPERTY) {
            t.m_uSubexpressionShape |= WMIQ_RPN_RIGHT_PROPERTY_NAME;
            t.m_pRightIdent = qualified_name(a, right->text, right);
        } else {
            set_constant(a, &t, right);
        }
    }
    put_token(a, at, t);
    if (n->op == OP_NOT_LIKE) {
        put_token(a, at, (SWbemRpnQueryToken){.m_uTokenType = WMIQ_RPN_TOKEN_NOT});
    }
}

/* Operands first, then their operator. The depth is bounded by the parser. */
static void put_node(struct analysis *a, SWbemRpnQueryToken ***at, const struct node *n)
{
    if (n->kind == NODE_COMPARE) {
        put_comparison(a, at, n);
        return;
    }
    ULONG type = n->kind == NODE_AND  ? WMIQ_RPN_TOKEN_AND
                 : n->kind == NODE_OR ? WMIQ_RPN_TOKEN_OR
                                      : WMIQ_RPN_TOKEN_NOT;
    for (const struct node *c = n->first_child; c && !a->failed; c = c->next) {
        put_node(a, at, c);
        if (c != n->first_child || n->kind == NODE_NOT) {
            put_token(a, at, (SWbemRpnQueryToken){.m_uTokenType = type});
        }
    }
}

/* ---- the whole ----------------------------------------------------------------------------------
 */

static void put_select_list(struct analysis *a, const struct wql_query *q, SWbemRpnEncodedQuery *r)
{
    r->m_uSelectListSize = q->column_count ? (ULONG)q->column_count : 1;
    r->m_ppSelectList = analysis_take(a, r->m_uSelectListSize, sizeof(SWbemQueryQualifiedName *));
    if (!a->failed && q->column_count == 0) {
        r->m_ppSelectList[0] = qualified_name(a, q->kind == WQL_COUNT ? L"COUNT(*)" : L"*", NULL);
    }
    for (size_t i = 0; i < q->column_count && !a->failed; i++) {
        r->m_ppSelectList[i] = qualified_name(a, q->columns[i].name, NULL);
    }
}

void analyse_select(struct analysis *a, const struct wql_query *q)
{
    SWbemRpnEncodedQuery *r = analysis_take(a, 1, sizeof(*r));
    LPCWSTR *from = analysis_take(a, 1, sizeof(LPCWSTR));
    if (a->failed) {
        return;
    }
    *r = (SWbemRpnEncodedQuery){.m_uVersion = 1,
                                .m_uFromTargetType = WMIQ_RPN_FROM_UNARY,
                                .m_uFromListSize = 1,
                                .m_ppszFromList = from,
                                .m_dblWithinPolling = q->event.within,
                                .m_dblWithinWindow = q->event.group_within};
    from[0] = analysis_text(a, q->class_name);
    put_select_list(a, q, r);
    if (q->where) {
        r->m_uWhereClauseSize = count_tokens(q->where);
        r->m_ppRpnWhereClause =
            analysis_take(a, r->m_uWhereClauseSize, sizeof(SWbemRpnQueryToken *));
        SWbemRpnQueryToken **at = r->m_ppRpnWhereClause;
        if (at) {
            put_node(a, &at, q->where);
        }
    }
    a->result = r;
}

static ULONG features_of(const struct wql_query *q)
{
    const struct wql_association *s = &q->association;
    const struct {
        bool there;
        ULONG feature;
    } features[] = {
        {q->kind == WQL_ASSOCIATORS, WMIQ_ASSOCQ_ASSOCIATORS},
        {q->kind == WQL_REFERENCES, WMIQ_ASSOCQ_REFERENCES},
        {s->result_class, WMIQ_ASSOCQ_RESULTCLASS},
        {s->assoc_class, WMIQ_ASSOCQ_ASSOCCLASS},
        {s->role, WMIQ_ASSOCQ_ROLE},
        {s->result_role, WMIQ_ASSOCQ_RESULTROLE},
        {s->required_qualifier, WMIQ_ASSOCQ_REQUIREDQUALIFIER},
        {s->required_assoc_qualifier, WMIQ_ASSOCQ_REQUIREDASSOCQUALIFIER},
        {s->class_defs_only, WMIQ_ASSOCQ_CLASSDEFSONLY},
        {s->keys_only, WMIQ_ASSOCQ_KEYSONLY},
        {s->schema_only, WMIQ_ASSOCQ_SCHEMAONLY},
    };
    ULONG mask = 0;
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        mask |= features[i].there ? features[i].feature : 0;
    }
    return mask;
}

void analyse_association(struct analysis *a, const struct wql_query *q, const wchar_t *text)
{
    const struct wql_association *s = &q->association;
    SWbemAssocQueryInf *r = analysis_take(a, 1, sizeof(*r));
    if (!r) {
        return;
    }
    /* "Value must be 2", both of them. */
    *r = (SWbemAssocQueryInf){.m_uVersion = 2,
                              .m_uAnalysisType = WMIQ_ANALYSIS_ASSOC_QUERY,
                              .m_uFeatureMask = features_of(q),
                              .m_pPath = a->path,
                              .m_pszPath = analysis_text(a, s->path_text),
                              .m_pszQueryText = analysis_text(a, text),
                              .m_pszResultClass = analysis_text(a, s->result_class),
                              .m_pszAssocClass = analysis_text(a, s->assoc_class),
                              .m_pszRole = analysis_text(a, s->role),
                              .m_pszResultRole = analysis_text(a, s->result_role),
                              .m_pszRequiredQualifier = analysis_text(a, s->required_qualifier),
                              .m_pszRequiredAssocQualifier =
                                  analysis_text(a, s->required_assoc_qualifier)};
    a->result = r;
}
