/*
 * A tree back to MOF text, laid out as GetObjectText does. Parsing what is
 * printed gives an equal tree, which tests and the fuzzer hold it to.
 */
#include "mof/mof_private.h"

#include <stdlib.h>
#include <string.h>

struct printer {
    char *text;
    size_t length, room;
    bool failed; /* out of memory */
};

static void put_bytes(struct printer *p, const char *bytes, size_t count)
{
    if (p->failed) {
        return;
    }
    if (p->room - p->length < count + 1) {
        size_t room = (p->room + count + 1) * 2;
        char *grown = realloc(p->text, room);
        if (grown == NULL) {
            p->failed = true;
            return;
        }
        p->text = grown;
        p->room = room;
    }
    memcpy(p->text + p->length, bytes, count);
    p->length += count;
    p->text[p->length] = '\0';
}

static void put(struct printer *p, const char *text)
{
    put_bytes(p, text, strlen(text));
}

static void put_slice(struct printer *p, struct mof_slice slice)
{
    if (slice.start != NULL) {
        put_bytes(p, slice.start, slice.length);
    }
}

static void put_instance_body(struct printer *p, const struct mof_instance *instance, int depth);

static void indent(struct printer *p, int depth)
{
    for (int i = 0; i < depth; i++) {
        put(p, "\t");
    }
}

/* The literals of one string, without the blanks and comments between them. */
static void put_string(struct printer *p, struct mof_slice literals)
{
    struct mof_lexer lexer;
    struct mof_token token;
    const char *gap = "";
    mof_lexer_init(&lexer, literals.start, literals.length);
    for (mof_lexer_next(&lexer, &token); token.kind == MOF_TOKEN_STRING;
         mof_lexer_next(&lexer, &token)) {
        put(p, gap);
        put_slice(p, token.text);
        gap = " ";
    }
}

static void put_value(struct printer *p, const struct mof_value *value, int depth)
{
    const char *gap = "";
    switch (value->kind) {
    case MOF_VALUE_STRING:
        put_string(p, value->text);
        break;
    case MOF_VALUE_ARRAY:
        put(p, "{");
        for (const struct mof_value *item = value->array.items; item != NULL; item = item->next) {
            put(p, gap);
            put_value(p, item, depth);
            gap = ", ";
        }
        put(p, "}");
        break;
    case MOF_VALUE_OBJECT:
        put(p, "\n");
        indent(p, depth);
        put_instance_body(p, value->object, depth);
        break;
    default:
        put_slice(p, value->text);
        break;
    }
}

static void put_flavors(struct printer *p, const struct mof_flavors *flavors)
{
    static const struct {
        LONG flag;
        bool set;
        const char *word;
    } words[] = {
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE, true, "ToInstance"},
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, true, "ToSubclass"},
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE, false, "NotToInstance"},
        {WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, false, "NotToSubclass"},
        {WBEM_FLAVOR_NOT_OVERRIDABLE, true, "DisableOverride"},
        {WBEM_FLAVOR_NOT_OVERRIDABLE, false, "EnableOverride"},
        {WBEM_FLAVOR_AMENDED, true, "Amended"},
    };
    const char *gap = "";
    if (flavors->set == 0 && flavors->cleared == 0) {
        put(p, "Translatable"); /* all that can be left */
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (((words[i].set ? flavors->set : flavors->cleared) & words[i].flag) != 0) {
            put(p, gap);
            put(p, words[i].word);
            gap = " ";
        }
    }
}

static void put_qualifiers(struct printer *p, const struct mof_qualifier *first, const char *after)
{
    if (first == NULL) {
        return;
    }
    put(p, "[");
    for (const struct mof_qualifier *q = first; q != NULL; q = q->next) {
        put(p, q == first ? "" : ", ");
        put_slice(p, q->name);
        if (q->value.kind == MOF_VALUE_ARRAY) {
            put_value(p, &q->value, 0);
        } else if (q->value.kind != MOF_VALUE_ABSENT) {
            put(p, "(");
            put_value(p, &q->value, 0);
            put(p, ")");
        }
        if (q->flavors.given) {
            put(p, ": ");
            put_flavors(p, &q->flavors);
        }
    }
    put(p, "]");
    put(p, after);
}

static void put_type(struct printer *p, const struct mof_type *type)
{
    if (type->type == CIM_REFERENCE) {
        if (type->class_name.start == NULL) {
            put(p, "object");
        }
        put_slice(p, type->class_name);
        put(p, " ref");
    } else if (type->type == CIM_OBJECT) {
        put(p, "object");
        if (type->class_name.start != NULL) {
            put(p, ":");
            put_slice(p, type->class_name);
        }
    } else if (type->type == CIM_EMPTY) {
        put(p, "void");
    } else {
        put_slice(p, type->text);
    }
}

static void put_array(struct printer *p, const struct mof_type *type)
{
    if (type->array) {
        put(p, "[");
        put_slice(p, type->array_size);
        put(p, "]");
    }
}

static void put_initial(struct printer *p, const struct mof_value *value, int depth)
{
    if (value->kind != MOF_VALUE_ABSENT) {
        put(p, " = ");
        put_value(p, value, depth);
    }
}

static void put_feature(struct printer *p, const struct mof_feature *f)
{
    put_qualifiers(p, f->qualifiers, " ");
    put_type(p, &f->type);
    put(p, " ");
    put_slice(p, f->name);
    if (f->method) {
        put(p, "(");
        for (const struct mof_feature *i = f->parameters; i != NULL; i = i->next) {
            put_feature(p, i);
            put(p, i->next == NULL ? "" : ", ");
        }
        put(p, ")");
    }
    put_array(p, &f->type);
    put_initial(p, &f->initial, 1);
}

static void put_class(struct printer *p, const struct mof_class *cls)
{
    put_qualifiers(p, cls->qualifiers, "\n");
    put(p, "class ");
    put_slice(p, cls->name);
    if (cls->alias.start != NULL) {
        put(p, " as ");
        put_slice(p, cls->alias);
    }
    if (cls->superclass.start != NULL) {
        put(p, " : ");
        put_slice(p, cls->superclass);
    }
    put(p, "\n{\n");
    for (const struct mof_feature *f = cls->features; f != NULL; f = f->next) {
        put(p, "\t");
        put_feature(p, f);
        put(p, ";\n");
    }
    put(p, "};\n");
}

static void put_instance_body(struct printer *p, const struct mof_instance *instance, int depth)
{
    put(p, "instance of ");
    put_slice(p, instance->class_name);
    if (instance->alias.start != NULL) {
        put(p, " as ");
        put_slice(p, instance->alias);
    }
    put(p, "\n");
    indent(p, depth);
    put(p, "{\n");
    for (const struct mof_assignment *a = instance->assignments; a != NULL; a = a->next) {
        indent(p, depth + 1);
        put_qualifiers(p, a->qualifiers, " ");
        put_slice(p, a->name);
        put_initial(p, &a->value, depth + 1);
        put(p, ";\n");
    }
    indent(p, depth);
    put(p, "}");
}

static void put_declaration(struct printer *p, const struct mof_declaration *d)
{
    put(p, "Qualifier ");
    put_slice(p, d->name);
    put(p, " : ");
    if (!d->typed) {
        put_flavors(p, &d->flavors);
    } else {
        put_type(p, &d->type);
        put_array(p, &d->type);
        put_initial(p, &d->initial, 0);
    }
    for (const struct mof_value *word = d->scope; word != NULL; word = word->next) {
        put(p, word == d->scope ? ", Scope(" : ", ");
        put_slice(p, word->text);
        put(p, word->next == NULL ? ")" : "");
    }
    if (d->typed && d->flavors.given) {
        put(p, ", Flavor(");
        put_flavors(p, &d->flavors);
        put(p, ")");
    }
    put(p, ";\n");
}

static void put_pragma(struct printer *p, const struct mof_pragma *pragma)
{
    put(p, "#pragma ");
    put_slice(p, pragma->name);
    put(p, pragma->parenthesised ? "(" : "");
    for (const struct mof_value *i = pragma->parameters; i != NULL; i = i->next) {
        put_value(p, i, 0);
        put(p, i->next == NULL ? "" : ", ");
    }
    put(p, pragma->parenthesised ? ")\n" : "\n");
}

static void put_production(struct printer *p, const struct mof_production *production)
{
    switch (production->kind) {
    case MOF_PRODUCTION_CLASS:
        put_class(p, &production->cls);
        break;
    case MOF_PRODUCTION_INSTANCE:
        put_qualifiers(p, production->instance.qualifiers, "\n");
        put_instance_body(p, &production->instance, 0);
        put(p, ";\n");
        break;
    case MOF_PRODUCTION_DECLARATION:
        put_declaration(p, &production->declaration);
        break;
    case MOF_PRODUCTION_PRAGMA:
        put_pragma(p, &production->pragma);
        break;
    }
}

HRESULT mof_print(const struct mof_tree *tree, char **ret, size_t *ret_size)
{
    struct printer p = {0};
    put(&p, "");
    for (const struct mof_production *i = tree->first; i != NULL; i = i->next) {
        put_production(&p, i);
        put(&p, i->next == NULL ? "" : "\n");
    }
    if (p.failed) {
        free(p.text);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = p.text;
    *ret_size = p.length;
    return WBEM_S_NO_ERROR;
}
