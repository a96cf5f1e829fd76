/*
 * What the files of VARIANT share: types, numbers of any kind as one structure, dates.
 */
#ifndef WBEM_COM_VARIANT_H
#define WBEM_COM_VARIANT_H

#include "com/com.h"
#include "com/safearray.h"

bool variant_type_is_valid(VARTYPE vt);
/* The value behind VT_BYREF, as a VARIANT that owns nothing. E_INVALIDARG, DISP_E_BADVARTYPE. */
HRESULT variant_dereference(const VARIANT *v, VARIANT *ret);

/* ---- exact numbers -------------------------------------------------------------- */

/* digits / 10^scale, negative if so; `rest` when digits that would follow were dropped. Holds every
 * integer, CY and DECIMAL exactly, and a text's first 38 digits. */
struct number {
    unsigned __int128 digits;
    int scale;
    bool negative;
    bool rest;
};

struct number number_from_int(int64_t v);
struct number number_from_uint(uint64_t v);
struct number number_from_cy(CY v);
HRESULT number_from_decimal(const DECIMAL *v, struct number *ret);
/* To 15 significant digits (7 when `single`), as automation does. DISP_E_OVERFLOW: not finite. */
HRESULT number_from_real(double v, bool single, struct number *ret);
/* A decimal number with blanks around it, sign, thousands commas, point, exponent; or &H1F and
 * &O17. DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW. */
HRESULT number_parse(const OLECHAR *text, struct number *ret);

/* Rounded to the nearest integer, halves to the even one. DISP_E_OVERFLOW outside [low, high]. */
HRESULT number_to_int(struct number n, int64_t low, int64_t high, int64_t *ret);
HRESULT number_to_uint(struct number n, uint64_t high, uint64_t *ret);
/* The nearest double. */
HRESULT number_to_real(struct number n, double *ret);
HRESULT number_to_cy(struct number n, CY *ret);
HRESULT number_to_decimal(struct number n, DECIMAL *ret);
bool number_is_zero(struct number n);
/* Decimal digits without trailing zeros after the point. */
#define NUMBER_TEXT_SIZE 128
void number_print(struct number n, char out[NUMBER_TEXT_SIZE]);
/* 15 (7) significant digits, "1E+20" when the exponent is beyond them or under -4. */
void real_print(double v, bool single, char out[NUMBER_TEXT_SIZE]);

/* ---- dates ------------------------------------------------------------------------- */

/* "MM/DD/YYYY HH:MM:SS", either half alone when the other is zero. DISP_E_OVERFLOW. */
#define DATE_TEXT_SIZE 32
HRESULT date_print(DATE date, ULONG flags, char out[DATE_TEXT_SIZE]);
/* That, or YYYY-MM-DD, the time with or without seconds, with or without AM or PM.
 * DISP_E_TYPEMISMATCH. */
HRESULT date_parse(const OLECHAR *text, ULONG flags, DATE *ret);
bool date_in_range(double date);

#endif
