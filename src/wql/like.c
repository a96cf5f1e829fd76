/*
 * LIKE: % any run of characters, _ any one, [abc] and [a-f] one of a set,
 * [^abc] one of none ([WmiSdk] "LIKE Operator"). Matching goes back to the
 * last % only, so that no pattern takes more than length times length steps.
 */
#include <stdlib.h>
#include <unicase.h>
#include <wchar.h>

#include "wql/wql_private.h"

enum element_kind {
    ELEMENT_ONE,  /* this character */
    ELEMENT_ANY,  /* _ */
    ELEMENT_RUN,  /* % */
    ELEMENT_SET,  /* [] */
    ELEMENT_NONE, /* [^] */
};

struct element {
    enum element_kind kind;
    uint32_t c;         /* ELEMENT_ONE, folded */
    const wchar_t *set; /* ELEMENT_SET and ELEMENT_NONE: between the brackets */
    const wchar_t *set_end;
};

struct pattern {
    wchar_t *text; /* folded copy */
    size_t count;
    struct element elements[];
};

static uint32_t fold(uint32_t c)
{
    if (c < 0x80) {
        return c - 'A' < 26u ? c + 32 : c;
    }
    return uc_tolower(c);
}

/* The set's end when one begins here; a [ that is never closed stands for itself. */
static const wchar_t *set_end(const wchar_t *at)
{
    return *at == L'[' && at[1] && at[1] != L']' ? wcschr(at + 1, L']') : NULL;
}

static struct element parse_element(const wchar_t **at)
{
    const wchar_t *p = *at;
    const wchar_t *end = set_end(p);
    *at = end ? end + 1 : p + 1;
    if (end) {
        bool none = p[1] == L'^' && p + 2 < end;
        return (struct element){
            .kind = none ? ELEMENT_NONE : ELEMENT_SET, .set = p + (none ? 2 : 1), .set_end = end};
    }
    switch (*p) {
    case L'%':
        return (struct element){.kind = ELEMENT_RUN};
    case L'_':
        return (struct element){.kind = ELEMENT_ANY};
    default:
        return (struct element){.kind = ELEMENT_ONE, .c = (uint32_t)*p};
    }
}

HRESULT pattern_create(const wchar_t *text, struct pattern **ret)
{
    size_t length = wcslen(text);
    struct pattern *p = calloc(1, sizeof(*p) + length * sizeof(p->elements[0]));
    if (p) {
        p->text = wcsdup(text);
    }
    if (!p || !p->text) {
        free(p);
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (wchar_t *c = p->text; *c; c++) {
        *c = (wchar_t)fold((uint32_t)*c);
    }
    for (const wchar_t *at = p->text; *at;) {
        struct element e = parse_element(&at);
        bool again = e.kind == ELEMENT_RUN && p->count &&
                     p->elements[p->count - 1].kind == ELEMENT_RUN; /* %% is % */
        if (!again) {
            p->elements[p->count++] = e;
        }
    }
    *ret = p;
    return S_OK;
}

void pattern_destroy(struct pattern *p)
{
    if (p) {
        free(p->text);
        free(p);
    }
}

static bool in_set(const struct element *e, uint32_t c)
{
    for (const wchar_t *at = e->set; at < e->set_end; at++) {
        if (at + 2 < e->set_end && at[1] == L'-') {
            if (c >= (uint32_t)at[0] && c <= (uint32_t)at[2]) {
                return true;
            }
            at += 2;
        } else if (c == (uint32_t)*at) {
            return true;
        }
    }
    return false;
}

static bool element_matches(const struct element *e, uint32_t c)
{
    switch (e->kind) {
    case ELEMENT_ONE:
        return e->c == c;
    case ELEMENT_ANY:
        return true;
    case ELEMENT_SET:
        return in_set(e, c);
    case ELEMENT_NONE:
        return !in_set(e, c);
    case ELEMENT_RUN:
        break;
    }
    return false;
}

static uint32_t unit_at(const struct cim_string *s, uint32_t i)
{
    return s->wide ? (uint32_t)(s->bytes[2 * (size_t)i] | s->bytes[2 * (size_t)i + 1] << 8)
                   : s->bytes[i];
}

/* The folded character at *at, which moves behind it; a pair of surrogates is one. */
static uint32_t next_char(const struct cim_string *s, uint32_t *at)
{
    uint32_t c = unit_at(s, (*at)++);
    if (c - 0xd800 < 0x400 && *at < s->length) {
        uint32_t low = unit_at(s, *at);
        if (low - 0xdc00 < 0x400) {
            ++*at;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return fold(c);
}

bool pattern_matches(const struct pattern *p, const struct cim_string *s)
{
    size_t element = 0;
    uint32_t at = 0;
    size_t run = SIZE_MAX; /* the last % seen */
    uint32_t run_at = 0;   /* where what follows it is tried */
    while (at < s->length || element < p->count) {
        if (element < p->count && p->elements[element].kind == ELEMENT_RUN) {
            run = element++;
            run_at = at;
            continue;
        }
        if (element < p->count && at < s->length) {
            uint32_t behind = at;
            if (element_matches(&p->elements[element], next_char(s, &behind))) {
                element++;
                at = behind;
                continue;
            }
        }
        if (run == SIZE_MAX || run_at >= s->length) {
            return false;
        }
        next_char(s, &run_at); /* the % takes one more */
        at = run_at;
        element = run + 1;
    }
    return true;
}
