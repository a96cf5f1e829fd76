/*
 * What the files of IWbemObjectTextSrc share: objects as XML after the DMTF's
 * DSP0201 ("Representation of CIM in XML", DTD 2.0) and WMI's extensions of it,
 * and the tree that the reader makes of a text before it looks at it.
 */
#ifndef WBEM_XML_XML_PRIVATE_H
#define WBEM_XML_XML_PRIVATE_H

#include <stdio.h>
#include <wbemcli.h>

#include "com/com.h"
#include "object/object.h"

/* Objects within objects; the MOF compiler and GetObjectText have the same bound. */
#define XML_MAX_OBJECTS 30
/* Bounds of what is read: nested elements (each object within another takes up to four), elements
 * in all, attributes of one, characters of the text. */
#define XML_MAX_DEPTH (4 * XML_MAX_OBJECTS + 40)
#define XML_MAX_ELEMENTS 1000000
#define XML_MAX_ATTRIBUTES 16
#define XML_MAX_TEXT (64 * 1024 * 1024)

/* The values that a context may have ([WmiSdk] IWbemObjectTextSrc::GetText). */
struct xml_options {
    bool wmi; /* WMI_OBJ_TEXT_WMI_DTD_2_0 */
    bool local_only;
    bool qualifiers;
    bool no_system;
    bool class_origin;
    LONG path_level;
};

/* *ret: UTF-8, free() it. */
HRESULT xml_write(IWbemClassObject *object, const struct xml_options *options, char **ret);
/* Failures are explained by error_raise() for `operation`. WBEM_E_INVALID_SYNTAX. */
HRESULT xml_read(const char *operation, const char *utf8, size_t size, IWbemClassObject **ret);

/* ---- types (xml_value.c) ---------------------------------------------------------- */

/* "uint8" and so on; NULL, or false, for references, objects and what is none. */
const char *xml_type_name(CIMTYPE type);
bool xml_type_from_name(const char *name, CIMTYPE *ret);

/* ---- writing ------------------------------------------------------------------------ */

struct xml_writer {
    FILE *out;
    const struct xml_options *options;
    int depth;   /* of elements, for their indentation */
    int objects; /* of objects within objects */
};

/* What XML has no way to write stands as _xHHHH_ (as .NET's XmlConvert has it), and so does the
 * underscore of what would read as such. */
void xml_put_text(struct xml_writer *w, const wchar_t *text, size_t length, bool attribute);
void xml_put_bstr(struct xml_writer *w, BSTR text);
/* <NAME, and its attributes, and > or />. Elements that hold elements stand on lines of their own;
 * those that hold text are written by xml_put_text_element(). */
void xml_begin(struct xml_writer *w, const char *name);
void xml_attribute(struct xml_writer *w, const char *name, const wchar_t *value);
void xml_attribute_ascii(struct xml_writer *w, const char *name, const char *value);
void xml_content(struct xml_writer *w);
void xml_end_empty(struct xml_writer *w);
void xml_end(struct xml_writer *w, const char *name);

/* VALUE, VALUE.ARRAY, VALUE.REFERENCE, VALUE.OBJECT and their arrays; nothing for NULL. */
HRESULT xml_put_value(struct xml_writer *w, const VARIANT *value, CIMTYPE type);
/* CLASS or INSTANCE (xml_write.c). */
HRESULT xml_put_object(struct xml_writer *w, IWbemClassObject *object);
/* xml_write_path.c: VALUE.REFERENCE with what the text says; and INSTANCENAME or CLASSNAME within
 * as much of the path as `level` (PathLevel) asks for. */
HRESULT xml_put_reference(struct xml_writer *w, const wchar_t *text);
HRESULT xml_put_path(struct xml_writer *w, const struct object_path *path, LONG level);
/* xml_write_method.c */
HRESULT xml_put_methods(struct xml_writer *w, IWbemClassObject *cls);
/* QUALIFIERs, if they are asked for (xml_write.c). */
HRESULT xml_put_qualifiers(struct xml_writer *w, IWbemQualifierSet *set);
/* The class that CIMTYPE names behind "ref:" or "object:", as REFERENCECLASS. */
void xml_reference_class(struct xml_writer *w, IWbemQualifierSet *set);
/* PROPERTY and PARAMETER have a form for each kind of type: which, after the name's first word. */
const char *xml_form_of_type(const struct xml_writer *w, CIMTYPE type);
/* TYPE, for the forms that have it. */
void xml_put_type(struct xml_writer *w, CIMTYPE type);

/* ---- reading --------------------------------------------------------------------------- */

struct xml_attribute {
    char *name, *value; /* UTF-8 */
};

struct xml_element {
    char *name;
    struct xml_attribute *attributes;
    unsigned attribute_count;
    char *text; /* all of its text, NULL: none */
    size_t text_size;
    unsigned long line;
    struct xml_element *parent, *first, *last, *next;
};

struct xml_reader {
    const char *operation;
    int objects; /* of objects within objects */
};

/* xml_tree.c */
HRESULT xml_parse(const char *operation, const char *utf8, size_t size, struct xml_element **ret);
void xml_element_destroy(struct xml_element *e);
bool xml_is(const struct xml_element *e, const char *name);
/* The first child of this name, or NULL. */
const struct xml_element *xml_child(const struct xml_element *e, const char *name);
/* NULL when it is missing. */
const char *xml_get(const struct xml_element *e, const char *name);
bool xml_get_flag(const struct xml_element *e, const char *name, bool missing);
/* Unescaped; free() it. WBEM_E_INVALID_SYNTAX when the attribute is missing. */
HRESULT xml_get_wide(struct xml_reader *r, const struct xml_element *e, const char *name,
                     wchar_t **ret);
HRESULT xml_text_bstr(const struct xml_element *e, BSTR *ret);
HRESULT xml_fail(struct xml_reader *r, const struct xml_element *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* xml_read_value.c: the value in an element of the kind that `type` has; VT_NULL for NULL. */
HRESULT xml_read_value(struct xml_reader *r, const struct xml_element *holder, CIMTYPE type,
                       VARIANT *ret);
/* The type of a property, parameter or qualifier. */
HRESULT xml_read_type(struct xml_reader *r, const struct xml_element *e, CIMTYPE *ret);
/* xml_read_path.c: the path in VALUE.REFERENCE. */
HRESULT xml_read_reference(struct xml_reader *r, const struct xml_element *e, BSTR *ret);
/* CLASS, INSTANCE, or one of these with its path around it (xml_read.c). */
HRESULT xml_read_object(struct xml_reader *r, const struct xml_element *e, IWbemClassObject **ret);
/* xml_read_method.c */
HRESULT xml_read_method(struct xml_reader *r, const struct xml_element *e, int propagated,
                        IWbemClassObject *cls);
/* xml_read_feature.c: a property's type and qualifiers; `propagated`: -1 all qualifiers, 0 those
 * that say they are the object's own, 1 the others. */
HRESULT xml_read_qualifiers(struct xml_reader *r, const struct xml_element *e, int propagated,
                            IWbemQualifierSet *set);
HRESULT xml_read_property(struct xml_reader *r, const struct xml_element *e, const wchar_t *name,
                          int propagated, bool with_value, IWbemClassObject *cls);
bool xml_is_property(const struct xml_element *e);

#endif
