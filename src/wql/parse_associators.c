/*
 * ASSOCIATORS OF {path} and REFERENCES OF {path} ([WmiSdk] pages of those
 * names): keywords in any order, each at most once, with nothing between them.
 */
#include <stdlib.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/wql_private.h"

/* The path between the braces, without the white space around it. */
static HRESULT parse_path(struct parser *p, struct wql_query *q)
{
    if (p->token.kind != TOKEN_PATH) {
        return parser_fail(p, "an object path in braces");
    }
    const wchar_t *start = p->token.start + 1;
    const wchar_t *end = p->token.start + p->token.length - 1;
    while (start < end && wcschr(L" \t\r\n", *start)) {
        start++;
    }
    while (start < end && wcschr(L" \t\r\n", end[-1])) {
        end--;
    }
    struct wql_association *a = &q->association;
    a->path_text = com_wide_copy_n(start, (size_t)(end - start));
    if (!a->path_text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = object_path_parse(a->path_text, &a->path, NULL);
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY ? hr : parser_fail(p, "a valid object path in braces");
    }
    if (!a->path->class_name) {
        return parser_fail(p, "an object path that names a class");
    }
    q->class_at = p->token.at;
    q->class_name = com_wide_copy(a->path->class_name);
    parser_next(p);
    return q->class_name ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

/* ---- keywords ------------------------------------------------------------------------------ */

struct keyword {
    const wchar_t *word;
    bool associators_only;
    wchar_t **value; /* of Word = Name */
    bool *flag;      /* of a word alone */
    struct wql_position *at;
};

static HRESULT parse_value(struct parser *p, const struct keyword *k)
{
    if (!parser_accept(p, TOKEN_EQUAL)) {
        return parser_fail(p, "=");
    }
    if (p->token.kind != TOKEN_NAME) {
        return parser_fail(p, "a name");
    }
    if (k->at) {
        *k->at = p->token.at;
    }
    *k->value = com_wide_copy_n(p->token.start, p->token.length);
    parser_next(p);
    return *k->value ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

static const char *expected_keyword(const struct wql_query *q)
{
    return q->kind == WQL_REFERENCES
               ? "ResultClass, Role, RequiredQualifier, ClassDefsOnly, KeysOnly or SchemaOnly"
               : "AssocClass, ResultClass, ResultRole, Role, RequiredQualifier, "
                 "RequiredAssocQualifier, ClassDefsOnly, KeysOnly or SchemaOnly";
}

static HRESULT parse_keyword(struct parser *p, struct wql_query *q)
{
    struct wql_association *a = &q->association;
    const struct keyword keywords[] = {
        {L"ASSOCCLASS", true, &a->assoc_class, NULL, &a->assoc_class_at},
        {L"RESULTROLE", true, &a->result_role, NULL, NULL},
        {L"REQUIREDASSOCQUALIFIER", true, &a->required_assoc_qualifier, NULL, NULL},
        {L"RESULTCLASS", false, &a->result_class, NULL, &a->result_class_at},
        {L"ROLE", false, &a->role, NULL, NULL},
        {L"REQUIREDQUALIFIER", false, &a->required_qualifier, NULL, NULL},
        {L"CLASSDEFSONLY", false, NULL, &a->class_defs_only, NULL},
        {L"KEYSONLY", false, NULL, &a->keys_only, NULL},
        {L"SCHEMAONLY", false, NULL, &a->schema_only, NULL},
    };
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        const struct keyword *k = &keywords[i];
        if (!token_is_word(&p->token, k->word) ||
            (k->associators_only && q->kind == WQL_REFERENCES)) {
            continue;
        }
        if (k->value ? *k->value != NULL : *k->flag) {
            return parser_fail(p, "each keyword at most once");
        }
        /* "The ClassDefsOnly and ResultClass keywords are mutually exclusive." */
        if ((k->value == &a->result_class && a->class_defs_only) ||
            (k->flag == &a->class_defs_only && a->result_class)) {
            return parser_fail(p, "only one of ClassDefsOnly and ResultClass");
        }
        parser_next(p);
        if (k->value) {
            return parse_value(p, k);
        }
        *k->flag = true;
        return S_OK;
    }
    return parser_fail(p, expected_keyword(q));
}

HRESULT parse_association_query(struct parser *p, struct wql_query *q)
{
    q->kind = token_is_word(&p->token, L"REFERENCES") ? WQL_REFERENCES : WQL_ASSOCIATORS;
    parser_next(p);
    if (!parser_accept_word(p, L"OF")) {
        return parser_fail(p, "OF");
    }
    struct token path = p->token;
    HRESULT hr = parse_path(p, q);
    if (FAILED(hr)) {
        return hr;
    }
    if (parser_accept_word(p, L"WHERE")) {
        do {
            hr = parse_keyword(p, q);
        } while (SUCCEEDED(hr) && p->token.kind != TOKEN_END);
    } else if (p->token.kind != TOKEN_END) {
        hr = parser_fail(p, "WHERE or the end");
    }
    if (FAILED(hr)) {
        return hr;
    }
    /* Instances are associated with instances, classes with classes. */
    if (q->association.schema_only == q->association.path->is_instance) {
        return wql_fail(p->error, path.at, path.start, path.length,
                        q->association.schema_only
                            ? "the path of a class, as SchemaOnly needs it"
                            : "the path of an instance; for a class say WHERE SchemaOnly");
    }
    return S_OK;
}
