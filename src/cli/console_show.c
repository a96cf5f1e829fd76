/*
 * The formats of wbem wmic. Columns stand in alphabetical order, as WMIC's style
 * sheets sort them; a table's column is as wide as its widest value and two spaces.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console.h"

/* What the text formats show: for each object the text of each column; NULL: it has none. */
struct grid {
    const struct results *results;
    struct words columns;
    char **cells;
    bool nodes; /* a column tells which node it was */
};

/* ---- values --------------------------------------------------------------------------------- */

/* {"a", "b"} or {1, 2}; `between` by format. */
static char *array_text(const VARIANT *v, CIMTYPE type, const char *between, bool quote)
{
    LONG last = -1;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        return NULL;
    }
    (void)SafeArrayGetUBound(V_ARRAY(v), 1, &last);
    fputc('{', to);
    for (LONG i = 0; i <= last; i++) {
        VARIANT element;
        if (SUCCEEDED(array_element(V_ARRAY(v), V_VT(v) & VT_TYPEMASK, i, &element))) {
            char *item = value_text(&element, type & ~CIM_FLAG_ARRAY);
            const char *mark = quote && V_VT(&element) == VT_BSTR ? "\"" : "";
            fprintf(to, "%s%s%s%s", i > 0 ? between : "", mark, item ? item : "", mark);
            free(item);
        }
        VariantClear(&element);
    }
    fputc('}', to);
    if (fclose(to) != 0) {
        free(text);
        text = NULL;
    }
    return text;
}

static char *cell_text(IWbemClassObject *object, const char *name, enum style style)
{
    VARIANT v;
    CIMTYPE type = CIM_EMPTY;
    char *text = NULL;
    BSTR wide = bstr_from_utf8(name);
    VariantInit(&v);
    if (wide && SUCCEEDED(IWbemClassObject_Get(object, wide, 0, &v, &type, NULL)) &&
        V_VT(&v) != VT_NULL) {
        text = V_ISARRAY(&v) ? array_text(&v, type,
                                          style == STYLE_CSV     ? ";"
                                          : style == STYLE_TABLE ? ", "
                                                                 : ",",
                                          style != STYLE_CSV)
                             : value_text(&v, type);
    }
    VariantClear(&v);
    SysFreeString(wide);
    return text;
}

/* ---- the grid ---------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    return strcasecmp(*(char *const *)a, *(char *const *)b);
}

/* The object's own names, as the class spells them, if they are wanted and not there yet. */
static bool add_names(struct grid *g, IWbemClassObject *object, const struct words *wanted)
{
    BSTR name = NULL;
    bool fine = SUCCEEDED(IWbemClassObject_BeginEnumeration(object, 0));
    while (fine && IWbemClassObject_Next(object, 0, &name, NULL, NULL, NULL) == WBEM_S_NO_ERROR) {
        char *text = utf8_from_wide(name, SysStringLen(name));
        bool system = wcsncmp(name, L"__", 2) == 0;
        SysFreeString(name);
        fine = text;
        if (text && (wanted->count ? words_have(wanted, text) : !system) &&
            !words_have(&g->columns, text)) {
            fine = words_add(&g->columns, text, strlen(text));
        }
        free(text);
    }
    (void)IWbemClassObject_EndEnumeration(object);
    return fine;
}

static void grid_done(struct grid *g)
{
    for (size_t i = 0; g->cells && i < g->results->count * g->columns.count; i++) {
        free(g->cells[i]);
    }
    free(g->cells);
    words_done(&g->columns);
}

static bool grid_fill(struct grid *g, const struct results *r, enum style style)
{
    *g = (struct grid){.results = r, .nodes = r->nodes.count > 1 || style == STYLE_CSV};
    for (size_t i = 0; i < r->count; i++) {
        if (!add_names(g, r->items[i].object, &r->columns)) {
            return false;
        }
    }
    if (g->columns.count > 0) {
        qsort(g->columns.items, g->columns.count, sizeof(char *), by_name);
    }
    g->cells = calloc(r->count * g->columns.count + 1, sizeof(*g->cells));
    for (size_t i = 0; g->cells && i < r->count; i++) {
        for (size_t c = 0; c < g->columns.count; c++) {
            g->cells[i * g->columns.count + c] =
                cell_text(r->items[i].object, g->columns.items[c], style);
        }
    }
    return g->cells;
}

static const char *cell(const struct grid *g, size_t row, size_t column)
{
    const char *text = g->cells[row * g->columns.count + column];
    return text ? text : "";
}

static const char *node_of(const struct grid *g, size_t row)
{
    return g->results->nodes.items[g->results->items[row].node];
}

/* ---- tables -------------------------------------------------------------------------------------
 */

static void put_padded(FILE *to, const char *text, size_t width)
{
    put_visible(to, text);
    for (size_t i = visible_width(text); i < width + 2; i++) {
        fputc(' ', to);
    }
}

static void widen(size_t *width, const char *text)
{
    size_t needed = visible_width(text);
    *width = needed > *width ? needed : *width;
}

static bool put_table(FILE *to, const struct grid *g)
{
    size_t columns = g->columns.count, node_width = strlen("Node");
    size_t *widths = calloc(columns + 1, sizeof(*widths));
    if (!widths) {
        return false;
    }
    for (size_t c = 0; c < columns; c++) {
        widen(&widths[c], g->columns.items[c]);
        for (size_t i = 0; i < g->results->count; i++) {
            widen(&widths[c], cell(g, i, c));
        }
    }
    for (size_t i = 0; i < g->results->count; i++) {
        widen(&node_width, node_of(g, i));
    }
    for (size_t i = 0; i <= g->results->count; i++) { /* the first line is the header */
        if (g->nodes) {
            put_padded(to, i ? node_of(g, i - 1) : "Node", node_width);
        }
        for (size_t c = 0; c < columns; c++) {
            put_padded(to, i ? cell(g, i - 1, c) : g->columns.items[c], widths[c]);
        }
        fputc('\n', to);
    }
    fputc('\n', to);
    free(widths);
    return true;
}

/* Two empty lines before the first and after each. */
static void put_list(FILE *to, const struct grid *g)
{
    fputs("\n\n", to);
    for (size_t i = 0; i < g->results->count; i++) {
        if (g->nodes) {
            fprintf(to, "Node=%s\n", node_of(g, i));
        }
        for (size_t c = 0; c < g->columns.count; c++) {
            fprintf(to, "%s=", g->columns.items[c]);
            put_visible(to, cell(g, i, c));
            fputc('\n', to);
        }
        fputs("\n\n", to);
    }
}

/* WMIC leaves commas and line ends as they are, which nobody can read back: such are quoted. */
static void put_csv_text(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        fputs(*text == '"' ? "\"" : "", to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void put_csv(FILE *to, const struct grid *g)
{
    fputs("\nNode", to);
    for (size_t c = 0; c < g->columns.count; c++) {
        fprintf(to, ",%s", g->columns.items[c]);
    }
    fputc('\n', to);
    for (size_t i = 0; i < g->results->count; i++) {
        put_csv_text(to, node_of(g, i));
        for (size_t c = 0; c < g->columns.count; c++) {
            fputc(',', to);
            put_csv_text(to, cell(g, i, c));
        }
        fputc('\n', to);
    }
}

static int show_grid(FILE *to, const struct results *r, enum style style)
{
    struct grid g;
    bool fine = grid_fill(&g, r, style);
    if (fine && style == STYLE_TABLE) {
        fine = put_table(to, &g);
    } else if (fine && style == STYLE_LIST) {
        put_list(to, &g);
    } else if (fine) {
        put_csv(to, &g);
    }
    grid_done(&g);
    return fine ? EXIT_OK : fail("show the objects", WBEM_E_OUT_OF_MEMORY);
}

/* ---- whole objects ----------------------------------------------------------------------------
 */

static void put_bstr(FILE *to, BSTR text)
{
    char *utf8 = text ? utf8_from_wide(text, SysStringLen(text)) : NULL;
    fputs(utf8 ? utf8 : "", to);
    free(utf8);
}

static HRESULT put_mof(FILE *to, const struct results *r)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < r->count; i++) {
        BSTR text = NULL;
        hr = IWbemClassObject_GetObjectText(r->items[i].object, 0, &text);
        put_bstr(to, text);
        SysFreeString(text);
    }
    return hr;
}

static void put_escaped(FILE *to, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            fputc(*text, to);
        }
    }
}

/* The objects of each node within <RESULTS NODE="..."><CIM>, as DSP0201 writes objects. */
static HRESULT put_xml(FILE *to, const struct results *r)
{
    IWbemObjectTextSrc *source = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_WbemObjectTextSrc, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_IWbemObjectTextSrc, (void **)&source);
    size_t at = 0;
    fputs("<COMMAND>\n", to);
    for (size_t node = 0; node < r->nodes.count; node++) {
        fputs("<RESULTS NODE=\"", to);
        put_escaped(to, r->nodes.items[node]);
        fputs("\">\n<CIM>\n", to);
        for (; SUCCEEDED(hr) && at < r->count && r->items[at].node == node; at++) {
            BSTR text = NULL;
            hr = IWbemObjectTextSrc_GetText(source, 0, r->items[at].object,
                                            WMI_OBJ_TEXT_CIM_DTD_2_0, NULL, &text);
            put_bstr(to, text);
            fputc('\n', to);
            SysFreeString(text);
        }
        fputs("</CIM>\n</RESULTS>\n", to);
    }
    fputs("</COMMAND>\n", to);
    if (source) {
        IWbemObjectTextSrc_Release(source);
    }
    return hr;
}

static int show_json(const struct session *s, const struct results *r)
{
    struct options o = s->options;
    o.format = FORMAT_JSON;
    struct columns columns = {.names = r->columns.items, .count = r->columns.count};
    struct output *out = output_create(&o, &columns, s->to);
    if (!out) {
        return fail("show the objects", WBEM_E_OUT_OF_MEMORY);
    }
    bool fine = true;
    for (size_t i = 0; fine && i < r->count; i++) {
        fine = output_object(out, r->items[i].object);
    }
    return output_destroy(out) && fine ? EXIT_OK : fail_output();
}

int results_show(const struct session *s, const struct results *r, enum style style)
{
    HRESULT hr = S_OK;
    int code = EXIT_OK;
    switch (style) {
    case STYLE_TABLE:
    case STYLE_LIST:
    case STYLE_CSV:
        code = show_grid(s->to, r, style);
        break;
    case STYLE_MOF:
        hr = put_mof(s->to, r);
        break;
    case STYLE_XML:
        hr = put_xml(s->to, r);
        break;
    case STYLE_JSON:
        code = show_json(s, r);
        break;
    }
    if (FAILED(hr)) {
        code = fail("show the objects", hr);
    }
    if (code == EXIT_OK && (fflush(s->to) != 0 || ferror(s->to))) {
        code = fail_output();
    }
    return code;
}
