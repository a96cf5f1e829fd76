/*
 * Numbers of any kind as digits and a power of ten, so that integers, CY, DECIMAL and text convert
 * into each other without passing through floating point. No locale is looked at.
 */
#include "com/variant.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DECIMAL_MAX_SCALE 28
#define CY_SCALE 4
#define MAX_DIGITS 38 /* 10^38 is below 2^127 */
#define REAL_DIGITS 15
#define SINGLE_DIGITS 7
#define MAX_EXPONENT 100000 /* of a text; beyond it the value is 0 or too large for anything */

typedef unsigned __int128 u128;

struct number number_from_uint(uint64_t v)
{
    return (struct number){.digits = v};
}

struct number number_from_int(int64_t v)
{
    return (struct number){.digits = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, .negative = v < 0};
}

struct number number_from_cy(CY v)
{
    struct number n = number_from_int(v.int64);
    n.scale = CY_SCALE;
    return n;
}

HRESULT number_from_decimal(const DECIMAL *v, struct number *ret)
{
    if (v->scale > DECIMAL_MAX_SCALE || (v->sign & ~DECIMAL_NEG)) {
        return E_INVALIDARG;
    }

    *ret = (struct number){
        .digits = ((u128)v->Hi32 << 64) | v->Lo64, .scale = v->scale, .negative = v->sign != 0};
    return S_OK;
}

/* Digits and exponent as the C library prints them, whatever the locale's decimal point is. */
static void real_digits(double v, int count, char digits[32], int *ret_exponent)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*e", count - 1, fabs(v));
    int n = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9') {
            digits[n++] = *p;
        }
    }
    digits[n] = 0;
    *ret_exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
}

HRESULT number_from_real(double v, bool single, struct number *ret)
{
    if (!isfinite(v)) {
        return DISP_E_OVERFLOW;
    }

    int count = single ? SINGLE_DIGITS : REAL_DIGITS;
    char digits[32];
    int exponent;
    real_digits(v, count, digits, &exponent);
    *ret = (struct number){
        .digits = strtoull(digits, NULL, 10), .scale = count - 1 - exponent, .negative = v < 0};
    return S_OK;
}

bool number_is_zero(struct number n)
{
    return n.digits == 0 && !n.rest;
}

/* ---- reading ------------------------------------------------------------------- */

static bool is_blank(OLECHAR c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0;
}

static bool is_digit(OLECHAR c)
{
    return c >= '0' && c <= '9';
}

static const OLECHAR *skip_blanks(const OLECHAR *p)
{
    while (is_blank(*p)) {
        p++;
    }
    return p;
}

/* &H1F and &O17, as Basic writes them. */
static HRESULT parse_radix(const OLECHAR *p, struct number *ret)
{
    unsigned shift = (*p | 0x20) == 'h' ? 4 : (*p | 0x20) == 'o' ? 3 : 0;
    if (shift == 0) {
        return DISP_E_TYPEMISMATCH;
    }

    uint64_t value = 0;
    const OLECHAR *start = ++p;
    for (;; p++) {
        unsigned digit = is_digit(*p) ? (unsigned)(*p - '0')
                         : (*p | 0x20) >= 'a' && (*p | 0x20) <= 'f'
                             ? (unsigned)((*p | 0x20) - 'a') + 10
                             : 16;
        if (digit >> shift) {
            break;
        }
        if (value >> (64 - shift)) {
            return DISP_E_OVERFLOW;
        }
        value = (value << shift) | digit;
    }
    if (p == start || *skip_blanks(p)) {
        return DISP_E_TYPEMISMATCH;
    }
    *ret = number_from_uint(value);
    return S_OK;
}

/* One digit more; those after the 38th only count for rounding. */
static void push_digit(struct number *n, unsigned digit, bool after_point)
{
    static const u128 room = ((u128)1 << 127) / 16;
    if (n->digits < room) {
        n->digits = n->digits * 10 + digit;
        n->scale += after_point;
    } else {
        n->rest |= digit != 0;
        n->scale -= !after_point;
    }
}

static const OLECHAR *parse_digits(const OLECHAR *p, struct number *n, bool *ret_any)
{
    bool after_point = false;
    for (;; p++) {
        if (is_digit(*p)) {
            push_digit(n, (unsigned)(*p - '0'), after_point);
            *ret_any = true;
        } else if (*p == '.' && !after_point) {
            after_point = true;
        } else if (*p != ',' || after_point || !*ret_any) {
            return p;
        }
    }
}

/* NULL: there is none though the letter stands there. */
static const OLECHAR *parse_exponent(const OLECHAR *p, struct number *n)
{
    OLECHAR letter = *p | 0x20;
    if (letter != 'e' && letter != 'd') {
        return p;
    }

    p++;
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    if (!is_digit(*p)) {
        return NULL;
    }
    int exponent = 0;
    for (; is_digit(*p); p++) {
        exponent = exponent < MAX_EXPONENT ? exponent * 10 + (int)(*p - '0') : exponent;
    }
    n->scale -= negative ? -exponent : exponent;
    return p;
}

HRESULT number_parse(const OLECHAR *text, struct number *ret)
{
    if (!text) {
        return DISP_E_TYPEMISMATCH;
    }

    const OLECHAR *p = skip_blanks(text);
    if (*p == '&') {
        return parse_radix(p + 1, ret);
    }
    struct number n = {.negative = *p == '-'};
    if (*p == '-' || *p == '+') {
        p = skip_blanks(p + 1);
    }
    bool any = false;
    p = parse_digits(p, &n, &any);
    if (any) {
        p = parse_exponent(p, &n);
    }
    if (!any || !p || *skip_blanks(p)) {
        return DISP_E_TYPEMISMATCH;
    }
    *ret = n;
    return S_OK;
}

/* ---- rescaling -------------------------------------------------------------------- */

/* digits / 10^drop, halves to even. */
static void round_off(struct number *n, int drop)
{
    u128 divisor = 1;
    for (; drop > 0; drop--) {
        if (divisor > (~(u128)0) / 10) {
            /* What is cut is more digits than the number has: nothing but a rest remains. */
            n->rest |= n->digits != 0;
            n->digits = 0;
            return;
        }
        divisor *= 10;
    }

    u128 cut = n->digits % divisor;
    u128 half = divisor / 2; /* divisor is even unless it is 1, where nothing is cut */
    n->digits /= divisor;
    bool up = divisor > 1 && (cut > half || (cut == half && (n->rest || (n->digits & 1))));
    n->rest |= cut != 0;
    n->digits += up;
}

/* The digits at this scale, rounded. DISP_E_OVERFLOW above `limit`. */
static HRESULT digits_at_scale(struct number n, int scale, u128 limit, u128 *ret)
{
    if (n.scale > scale) {
        round_off(&n, n.scale - scale);
    }
    for (int i = n.scale; i < scale && n.digits != 0; i++) {
        if (n.digits > limit / 10) {
            return DISP_E_OVERFLOW;
        }
        n.digits *= 10;
    }
    if (n.digits > limit) {
        return DISP_E_OVERFLOW;
    }
    *ret = n.digits;
    return S_OK;
}

HRESULT number_to_int(struct number n, int64_t low, int64_t high, int64_t *ret)
{
    u128 limit = n.negative ? 0 - (uint64_t)low : (uint64_t)high;
    u128 digits;
    if (n.negative && low >= 0) {
        limit = 0;
    }
    HRESULT hr = digits_at_scale(n, 0, limit, &digits);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = n.negative ? (int64_t)(0 - (uint64_t)digits) : (int64_t)digits;
    return S_OK;
}

HRESULT number_to_uint(struct number n, uint64_t high, uint64_t *ret)
{
    u128 digits;
    HRESULT hr = digits_at_scale(n, 0, n.negative ? 0 : high, &digits);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (uint64_t)digits;
    return S_OK;
}

HRESULT number_to_cy(struct number n, CY *ret)
{
    u128 limit = n.negative ? (u128)1 << 63 : INT64_MAX;
    u128 digits;
    HRESULT hr = digits_at_scale(n, CY_SCALE, limit, &digits);
    if (FAILED(hr)) {
        return hr;
    }
    ret->int64 = n.negative ? (int64_t)(0 - (uint64_t)digits) : (int64_t)digits;
    return S_OK;
}

HRESULT number_to_decimal(struct number n, DECIMAL *ret)
{
    const u128 limit = ((u128)1 << 96) - 1;
    int scale = n.scale < 0 ? 0 : n.scale > DECIMAL_MAX_SCALE ? DECIMAL_MAX_SCALE : n.scale;
    u128 digits;
    /* As many places as fit. */
    while (FAILED(digits_at_scale(n, scale, limit, &digits))) {
        if (scale == 0) {
            return DISP_E_OVERFLOW;
        }
        scale--;
    }
    *ret = (DECIMAL){.wReserved = ret->wReserved};
    ret->Hi32 = (ULONG)(digits >> 64);
    ret->Lo64 = (ULONGLONG)digits;
    ret->scale = (BYTE)scale;
    ret->sign = n.negative && digits != 0 ? DECIMAL_NEG : 0;
    return S_OK;
}

/* ---- printing ---------------------------------------------------------------------- */

/* Decimal digits of an integer, at least one. Returns how many. */
static int print_digits(u128 v, char out[40])
{
    char reversed[40];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v != 0);
    for (int i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    out[n] = 0;
    return n;
}

HRESULT number_to_real(struct number n, double *ret)
{
    /* strtod() rounds correctly; without a point in it no locale matters. */
    char text[64];
    int length = print_digits(n.digits, text);
    (void)snprintf(text + length, sizeof text - (size_t)length, "%se%d", n.rest ? "1" : "",
                   -(n.rest ? n.scale + 1 : n.scale));
    double v = strtod(text, NULL);
    if (!isfinite(v)) {
        return DISP_E_OVERFLOW;
    }
    *ret = n.negative ? -v : v;
    return S_OK;
}

void number_print(struct number n, char out[NUMBER_TEXT_SIZE])
{
    /* Only integers, CY and DECIMAL are printed this way: scales from 0 to 28. */
    while (n.scale > 0 && n.digits % 10 == 0) {
        n.digits /= 10;
        n.scale--;
    }
    char digits[40];
    int count = print_digits(n.digits, digits);
    char *p = out;
    if (n.negative && n.digits != 0) {
        *p++ = '-';
    }
    if (n.scale == 0) {
        memcpy(p, digits, (size_t)count + 1);
        return;
    }
    if (count <= n.scale) {
        *p++ = '0';
        *p++ = '.';
        for (int i = count; i < n.scale; i++) {
            *p++ = '0';
        }
        memcpy(p, digits, (size_t)count + 1);
        return;
    }
    size_t whole = (size_t)(count - n.scale);
    memcpy(p, digits, whole);
    p[whole] = '.';
    memcpy(p + whole + 1, digits + whole, (size_t)n.scale + 1);
}

/* d.dddE+XX without trailing zeros. */
static void print_scientific(const char *digits, int count, int exponent, char *p)
{
    *p++ = digits[0];
    if (count > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)count - 1);
        p += count - 1;
    }
    (void)sprintf(p, "E%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

void real_print(double v, bool single, char out[NUMBER_TEXT_SIZE])
{
    if (!isfinite(v)) {
        (void)sprintf(out, "%s1.#%s", signbit(v) ? "-" : "", isnan(v) ? "QNAN" : "INF");
        return;
    }

    int count = single ? SINGLE_DIGITS : REAL_DIGITS;
    char digits[32] = "";
    int exponent;
    real_digits(v, count, digits, &exponent);
    int significant = count;
    while (significant > 1 && digits[significant - 1] == '0') {
        significant--;
    }
    char *p = out;
    if (v < 0) {
        *p++ = '-';
    }
    if (exponent < -4 || exponent >= count) {
        print_scientific(digits, significant, exponent, p);
        return;
    }
    struct number n = {.digits = strtoull(digits, NULL, 10), .scale = count - 1 - exponent};
    number_print(n, p);
}
