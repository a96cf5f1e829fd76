/*
 * What the files of SAFEARRAY share: the elements of one, by its features.
 */
#ifndef WBEM_COM_SAFEARRAY_H
#define WBEM_COM_SAFEARRAY_H

#include "com/com.h"

/* Bytes of an element, or 0 for what can't be one; FADF_* flags. */
ULONG safearray_element_size(VARTYPE vt);
USHORT safearray_features(VARTYPE vt);

/* Elements in all dimensions together. */
size_t safearray_count(const SAFEARRAY *a);

/* Free what `count` elements from `first` own and zero them. */
void safearray_clear_elements(SAFEARRAY *a, size_t first, size_t count);
/* A new copy of one element into memory that owns nothing yet. */
HRESULT safearray_copy_element(const SAFEARRAY *a, const void *from, void *to);
/* What SafeArrayPutElement does; the old value is freed only on success. */
HRESULT safearray_assign_element(const SAFEARRAY *a, void *element, void *in);
/* Copies of all; the target's old values are freed only on success. */
HRESULT safearray_copy_elements(const SAFEARRAY *from, SAFEARRAY *to, size_t count);

#endif
