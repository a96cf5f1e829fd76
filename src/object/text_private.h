/*
 * Object text in the making: what text.c (objects) and text_value.c (values)
 * share.
 */
#ifndef WBEM_OBJECT_TEXT_PRIVATE_H
#define WBEM_OBJECT_TEXT_PRIVATE_H

#include "object/object.h"

#include <oleauto.h>

/* Objects within objects; the MOF compiler has the same bound. */
#define TEXT_MAX_DEPTH 30

struct text {
    wchar_t *characters;
    size_t length, room;
    LONG flags; /* WBEM_FLAG_NO_FLAVORS */
    int depth;  /* of the object being printed */
    HRESULT hr; /* the first failure of text_put…; those after it do nothing */
};

void text_put(struct text *t, const wchar_t *text);
void text_indent(struct text *t, int depth);

/* A value as MOF writes it; `type` decides the sign of integers; CIM_EMPTY for qualifiers, whose
 * integers are sint32. `depth`: of the property, for objects. */
void text_put_value(struct text *t, const VARIANT *value, CIMTYPE type, int depth);

/* A blank line, then the object; no final ';' for one within another. */
HRESULT text_put_object(struct text *t, IWbemClassObject *object, int depth);

#endif
