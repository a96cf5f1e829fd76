/*
 * MOF tokens to a tree: recursive descent, one function for each production of
 * DSP0004 annex A, named as there, with WMI's additions ([WmiSdk] "Managed
 * Object Format"). The first mistake ends the parse and is the one reported.
 */
#include "mof/mof_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *text;
    size_t size;
    struct mof_lexer lexer;
    struct mof_token token; /* the one looked at */
    struct mof_token after; /* the one after it: a type's second word may be REF */
    const char *after_problem;
    const char *problem;  /* of token, when it is broken */
    const char *last_end; /* where the token before ended */
    struct mof_tree *tree;
    ULONG object; /* which class or instance, from 1 */
    int depth;
    struct mof_error *error;
    HRESULT hr;
};

static void *arena_take(struct parser *p, size_t size)
{
    void *taken = mof_tree_take(p->tree, size);
    if (taken == NULL) {
        p->hr = WBEM_E_OUT_OF_MEMORY;
    }
    return taken;
}

/* ---- errors ------------------------------------------------------------------ */

/* Always false, so that productions can end with it. */
__attribute__((format(printf, 4, 5))) static bool fail(struct parser *p, const char *at,
                                                       HRESULT status, const char *format, ...)
{
    if (FAILED(p->hr)) {
        return false;
    }
    p->hr = status;
    va_list arguments;
    va_start(arguments, format);
    mof_error_at_v(p->error, p->text, p->size, at, status, format, arguments);
    va_end(arguments);
    p->error->object = p->object;
    return false;
}

static bool expected(struct parser *p, const char *what, HRESULT status)
{
    const char *at = p->token.text.start;
    if (p->token.kind == MOF_TOKEN_BROKEN) {
        return fail(p, at, WBEMMOF_E_UNRECOGNIZED_TOKEN, "%s", p->problem);
    }
    if (p->token.kind == MOF_TOKEN_END) {
        return fail(p, at, status, "expected %s; the text ends here", what);
    }
    return fail(p, at, status, "expected %s", what);
}

/* ---- tokens --------------------------------------------------------------------- */

static void advance(struct parser *p)
{
    p->last_end = p->token.text.start + p->token.text.length;
    p->token = p->after;
    p->problem = p->after_problem;
    mof_lexer_next(&p->lexer, &p->after);
    p->after_problem = p->lexer.problem;
}

static bool at_mark(const struct parser *p, char mark)
{
    return p->token.kind == MOF_TOKEN_PUNCTUATION && *p->token.text.start == mark;
}

static bool accept_mark(struct parser *p, char mark)
{
    if (!at_mark(p, mark)) {
        return false;
    }
    advance(p);
    return true;
}

static bool expect_mark(struct parser *p, char mark, HRESULT status)
{
    char what[] = "'?'";
    what[1] = mark;
    return accept_mark(p, mark) || expected(p, what, status);
}

static bool is_word(const struct mof_token *token, const char *word)
{
    return token->kind == MOF_TOKEN_WORD && mof_slice_is(token->text, word);
}

static bool accept_word(struct parser *p, const char *word)
{
    if (!is_word(&p->token, word)) {
        return false;
    }
    advance(p);
    return true;
}

static bool expect_name(struct parser *p, const char *what, HRESULT status, struct mof_slice *ret)
{
    if (p->token.kind != MOF_TOKEN_WORD) {
        return expected(p, what, status);
    }
    *ret = p->token.text;
    advance(p);
    return true;
}

/* ---- values --------------------------------------------------------------------- */

static bool parse_instance_declaration(struct parser *p, struct mof_qualifier *qualifiers,
                                       struct mof_instance *ret);
static bool parse_initializer(struct parser *p, struct mof_value *ret);

/* stringValue = 1*(""" *stringChar """) */
static bool parse_string_value(struct parser *p, struct mof_value *ret)
{
    const char *start = p->token.text.start;
    while (p->token.kind == MOF_TOKEN_STRING) {
        advance(p);
    }
    ret->kind = MOF_VALUE_STRING;
    ret->text = (struct mof_slice){start, (size_t)(p->last_end - start)};
    return true;
}

static bool parse_integer_value(struct parser *p, struct mof_value *ret)
{
    ret->kind = MOF_VALUE_INTEGER;
    if (!mof_decode_integer(p->token.text, &ret->integer.magnitude, &ret->integer.negative)) {
        return fail(p, p->token.text.start, WBEMMOF_E_OUT_OF_RANGE,
                    "the number does not fit in 64 bits");
    }
    advance(p);
    return true;
}

/* integerValue / realValue / charValue / stringValue / booleanValue / nullValue, and as
 * referenceInitializer an alias */
static bool parse_constant_value(struct parser *p, struct mof_value *ret)
{
    ret->text = p->token.text;
    switch (p->token.kind) {
    case MOF_TOKEN_STRING:
        return parse_string_value(p, ret);
    case MOF_TOKEN_INTEGER:
        return parse_integer_value(p, ret);
    case MOF_TOKEN_REAL:
        ret->kind = MOF_VALUE_REAL;
        ret->real = mof_decode_real(p->token.text);
        break;
    case MOF_TOKEN_CHAR:
        ret->kind = MOF_VALUE_CHAR;
        break;
    case MOF_TOKEN_ALIAS:
        ret->kind = MOF_VALUE_ALIAS;
        break;
    case MOF_TOKEN_WORD:
        if (is_word(&p->token, "NULL")) {
            ret->kind = MOF_VALUE_NULL;
            break;
        }
        if (is_word(&p->token, "TRUE") || is_word(&p->token, "FALSE")) {
            ret->kind = MOF_VALUE_BOOLEAN;
            ret->boolean = is_word(&p->token, "TRUE");
            break;
        }
        return expected(p, "a value", WBEMMOF_E_ILLEGAL_CONSTANT_VALUE);
    default:
        return expected(p, "a value", WBEMMOF_E_ILLEGAL_CONSTANT_VALUE);
    }
    advance(p);
    return true;
}

/* arrayInitializer = "{" [value *("," value)] "}"; an empty one is WMI's */
static bool parse_array_initializer(struct parser *p, struct mof_value *ret)
{
    struct mof_value **tail = &ret->array.items;
    ret->kind = MOF_VALUE_ARRAY;
    ret->text = p->token.text;
    ret->array.items = NULL;
    ret->array.count = 0;
    advance(p);
    if (accept_mark(p, '}')) {
        return true;
    }
    do {
        struct mof_value *item = arena_take(p, sizeof *item);
        if (item == NULL) {
            return false;
        }
        if (at_mark(p, '{')) {
            return fail(p, p->token.text.start, WBEMMOF_E_UNEXPECTED_ARRAY_INIT,
                        "an array holds no arrays");
        }
        if (!parse_initializer(p, item)) {
            return false;
        }
        *tail = item;
        tail = &item->next;
        ret->array.count++;
    } while (accept_mark(p, ','));
    return expect_mark(p, '}', WBEMMOF_E_EXPECTED_CLOSE_BRACE);
}

/* instance of C { … } where a value stands: WMI's embedded objects */
static bool parse_object_value(struct parser *p, struct mof_value *ret)
{
    ret->kind = MOF_VALUE_OBJECT;
    ret->text = p->token.text;
    ret->object = arena_take(p, sizeof *ret->object);
    if (ret->object == NULL || !parse_instance_declaration(p, NULL, ret->object)) {
        return false;
    }
    return ret->object->alias.start == NULL ||
           fail(p, ret->object->alias.start, WBEMMOF_E_ALIASES_IN_EMBEDDED,
                "an embedded object has no alias");
}

/* initializer = constantValue / arrayInitializer / referenceInitializer */
static bool parse_initializer(struct parser *p, struct mof_value *ret)
{
    if (p->depth >= MOF_MAX_DEPTH) {
        return fail(p, p->token.text.start, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE,
                    "values nested more than %d deep", MOF_MAX_DEPTH);
    }
    p->depth++;
    bool done;
    if (at_mark(p, '{')) {
        done = parse_array_initializer(p, ret);
    } else if (is_word(&p->token, "instance") && is_word(&p->after, "of")) {
        done = parse_object_value(p, ret);
    } else {
        done = parse_constant_value(p, ret);
    }
    p->depth--;
    return done;
}

/* ---- qualifiers ------------------------------------------------------------------- */

static const struct {
    const char *word;
    LONG set, cleared;
} flavors[] = {
    {"tosubclass", WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, 0},
    {"toinstance", WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE, 0},
    {"enableoverride", 0, WBEM_FLAVOR_NOT_OVERRIDABLE},
    {"disableoverride", WBEM_FLAVOR_NOT_OVERRIDABLE, 0},
    {"amended", WBEM_FLAVOR_AMENDED, 0},
    {"restricted", 0,
     WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE},
    {"nottosubclass", 0, WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS},
    {"nottoinstance", 0, WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE},
    {"translatable", 0, 0}, /* DSP0004's; says nothing to WMI, which has amended */
};

/* flavor = ENABLEOVERRIDE / DISABLEOVERRIDE / RESTRICTED / TOSUBCLASS / TRANSLATABLE, and WMI's */
static bool parse_flavor(struct parser *p, struct mof_flavors *ret)
{
    for (size_t i = 0; i < sizeof flavors / sizeof flavors[0]; i++) {
        if (is_word(&p->token, flavors[i].word)) {
            ret->given = true;
            ret->set |= flavors[i].set;
            ret->cleared |= flavors[i].cleared;
            if ((ret->set & ret->cleared) != 0) {
                return fail(p, p->token.text.start, WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES,
                            "the flavors contradict each other");
            }
            advance(p);
            return true;
        }
    }
    return expected(p, "a flavor", WBEMMOF_E_EXPECTED_FLAVOR_TYPE);
}

/* 1*flavor, with or without commas between, up to a token that is no word */
static bool parse_flavors(struct parser *p, struct mof_flavors *ret)
{
    do {
        if (!parse_flavor(p, ret)) {
            return false;
        }
    } while (p->token.kind == MOF_TOKEN_WORD);
    return true;
}

/* qualifier = qualifierName [qualifierParameter] [":" 1*flavor] */
static bool parse_qualifier(struct parser *p, struct mof_qualifier *ret)
{
    if (!expect_name(p, "a qualifier's name", WBEMMOF_E_EXPECTED_QUALIFIER_NAME, &ret->name)) {
        return false;
    }
    if (accept_mark(p, '(')) {
        bool parsed = at_mark(p, '{') ? parse_array_initializer(p, &ret->value)
                                      : parse_constant_value(p, &ret->value);
        if (!parsed || !expect_mark(p, ')', WBEMMOF_E_EXPECTED_CLOSE_PAREN)) {
            return false;
        }
    } else if (at_mark(p, '{') && !parse_array_initializer(p, &ret->value)) {
        return false;
    }
    return !accept_mark(p, ':') || parse_flavors(p, &ret->flavors);
}

/* qualifierList = "[" qualifier *("," qualifier) "]"; WMI also knows an empty one */
static bool parse_qualifier_list(struct parser *p, struct mof_qualifier **ret)
{
    struct mof_qualifier **tail = ret;
    *ret = NULL;
    if (!accept_mark(p, '[') || accept_mark(p, ']')) {
        return true;
    }
    do {
        struct mof_qualifier *qualifier = arena_take(p, sizeof *qualifier);
        if (qualifier == NULL || !parse_qualifier(p, qualifier)) {
            return false;
        }
        *tail = qualifier;
        tail = &qualifier->next;
    } while (accept_mark(p, ','));
    return expect_mark(p, ']', WBEMMOF_E_EXPECTED_CLOSE_BRACKET);
}

/* ---- types ---------------------------------------------------------------------------- */

static const struct {
    const char *word;
    CIMTYPE type;
} types[] = {
    {"string", CIM_STRING},     {"uint32", CIM_UINT32}, {"uint16", CIM_UINT16},
    {"uint8", CIM_UINT8},       {"uint64", CIM_UINT64}, {"boolean", CIM_BOOLEAN},
    {"datetime", CIM_DATETIME}, {"sint32", CIM_SINT32}, {"sint16", CIM_SINT16},
    {"sint8", CIM_SINT8},       {"sint64", CIM_SINT64}, {"real32", CIM_REAL32},
    {"real64", CIM_REAL64},     {"char16", CIM_CHAR16}, {"object", CIM_OBJECT},
};

/* objectRef = className REF */
static bool parse_object_ref(struct parser *p, struct mof_type *ret)
{
    ret->type = CIM_REFERENCE;
    if (!is_word(&p->token, "object")) { /* WMI's "object ref": to anything */
        ret->class_name = p->token.text;
    }
    advance(p);
    advance(p);
    return true;
}

/* WMI's embedded objects: object, object:Class, or the class's name alone. The last is believed
 * only of a schema's class ("Schema_Class"); anything else is more likely a misspelt type. */
static bool parse_object_type(struct parser *p, struct mof_type *ret)
{
    ret->type = CIM_OBJECT;
    if (accept_word(p, "object")) {
        return !accept_mark(p, ':') ||
               expect_name(p, "a class's name", WBEMMOF_E_EXPECTED_CLASS_NAME, &ret->class_name);
    }
    if (p->token.kind == MOF_TOKEN_WORD && p->after.kind == MOF_TOKEN_WORD &&
        memchr(p->token.text.start, '_', p->token.text.length) != NULL) {
        ret->class_name = p->token.text;
        advance(p);
        return true;
    }
    return p->token.kind == MOF_TOKEN_WORD
               ? expected(p, "a type", WBEMMOF_E_UNRECOGNIZED_TYPE)
               : expected(p, "a type", WBEMMOF_E_EXPECTED_TYPE_IDENTIFIER);
}

/* dataType / objectRef */
static bool parse_type(struct parser *p, struct mof_type *ret)
{
    ret->text = p->token.text;
    for (size_t i = 0; i + 1 < sizeof types / sizeof types[0]; i++) {
        if (accept_word(p, types[i].word)) {
            ret->type = types[i].type;
            return true;
        }
    }
    if (p->token.kind == MOF_TOKEN_WORD && is_word(&p->after, "ref")) {
        return parse_object_ref(p, ret);
    }
    return parse_object_type(p, ret);
}

/* array = "[" [positiveDecimalValue] "]" */
static bool parse_array(struct parser *p, struct mof_type *ret)
{
    if (!accept_mark(p, '[')) {
        return true;
    }
    ret->array = true;
    if (p->token.kind == MOF_TOKEN_INTEGER) {
        uint64_t size;
        bool negative;
        if (!mof_decode_integer(p->token.text, &size, &negative) || negative || size == 0 ||
            size > INT32_MAX) {
            return fail(p, p->token.text.start, WBEMMOF_E_OUT_OF_RANGE,
                        "an array's size is at least 1");
        }
        ret->array_size = p->token.text;
        advance(p);
    }
    return expect_mark(p, ']', WBEMMOF_E_EXPECTED_CLOSE_BRACKET);
}

/* ---- classes ---------------------------------------------------------------------------- */

/* parameter = [qualifierList] (dataType / objectRef) parameterName [array] */
static bool parse_parameter(struct parser *p, struct mof_feature *ret)
{
    return parse_qualifier_list(p, &ret->qualifiers) && parse_type(p, &ret->type) &&
           expect_name(p, "a parameter's name", WBEMMOF_E_EXPECTED_PROPERTY_NAME, &ret->name) &&
           parse_array(p, &ret->type);
}

/* parameterList = parameter *("," parameter) */
static bool parse_parameter_list(struct parser *p, struct mof_feature **ret)
{
    struct mof_feature **tail = ret;
    if (accept_mark(p, ')')) {
        return true;
    }
    if (is_word(&p->token, "void") && p->after.text.length == 1 && *p->after.text.start == ')') {
        advance(p);
        advance(p);
        return true;
    }
    do {
        struct mof_feature *parameter = arena_take(p, sizeof *parameter);
        if (parameter == NULL || !parse_parameter(p, parameter)) {
            return false;
        }
        *tail = parameter;
        tail = &parameter->next;
    } while (accept_mark(p, ','));
    return expect_mark(p, ')', WBEMMOF_E_EXPECTED_CLOSE_PAREN);
}

/* propertyDeclaration / referenceDeclaration / methodDeclaration: which, shows after the name */
static bool parse_class_feature(struct parser *p, struct mof_feature *ret)
{
    if (!parse_qualifier_list(p, &ret->qualifiers)) {
        return false;
    }
    ret->method = accept_word(p, "void"); /* WMI's: a method that returns nothing */
    if ((!ret->method && !parse_type(p, &ret->type)) ||
        !expect_name(p, "a property's or method's name", WBEMMOF_E_EXPECTED_PROPERTY_NAME,
                     &ret->name)) {
        return false;
    }
    if (accept_mark(p, '(')) {
        ret->method = true;
        return parse_parameter_list(p, &ret->parameters) &&
               expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
    }
    if (ret->method) {
        return expected(p, "'(': void is for methods", WBEMMOF_E_EXPECTED_OPEN_PAREN);
    }
    if (!parse_array(p, &ret->type)) {
        return false;
    }
    if (ret->type.array && at_mark(p, '(')) {
        return fail(p, p->token.text.start, WBEMMOF_E_NO_ARRAYS_RETURNED,
                    "a method returns no array");
    }
    if (accept_mark(p, '=') && !parse_initializer(p, &ret->initial)) {
        return false;
    }
    return expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
}

static bool parse_class_features(struct parser *p, struct mof_feature **ret)
{
    struct mof_feature **tail = ret;
    while (!accept_mark(p, '}')) {
        if (p->token.kind != MOF_TOKEN_WORD && !at_mark(p, '[')) {
            return expected(p, "a property, a method or '}'", WBEMMOF_E_EXPECTED_CLOSE_BRACE);
        }
        struct mof_feature *feature = arena_take(p, sizeof *feature);
        if (feature == NULL || !parse_class_feature(p, feature)) {
            return false;
        }
        *tail = feature;
        tail = &feature->next;
    }
    return true;
}

/* alias = AS aliasIdentifier */
static bool parse_alias(struct parser *p, struct mof_slice *ret)
{
    if (!accept_word(p, "as")) {
        return true;
    }
    if (p->token.kind != MOF_TOKEN_ALIAS) {
        return expected(p, "an alias, such as $Name", WBEMMOF_E_EXPECTED_DOLLAR);
    }
    *ret = p->token.text;
    advance(p);
    return true;
}

/* classDeclaration = [qualifierList] CLASS className [alias] [superClass]
 *                    "{" *classFeature "}" ";"
 * assocDeclaration and indicDeclaration differ by qualifiers only. */
static bool parse_class_declaration(struct parser *p, struct mof_class *ret)
{
    advance(p);
    if (!expect_name(p, "the class's name", WBEMMOF_E_EXPECTED_CLASS_NAME, &ret->name) ||
        !parse_alias(p, &ret->alias)) {
        return false;
    }
    if (accept_mark(p, ':') &&
        !expect_name(p, "the superclass's name", WBEMMOF_E_EXPECTED_CLASS_NAME, &ret->superclass)) {
        return false;
    }
    return expect_mark(p, '{', WBEMMOF_E_EXPECTED_OPEN_BRACE) &&
           parse_class_features(p, &ret->features) && expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
}

/* ---- instances ------------------------------------------------------------------------------ */

/* valueInitializer = [qualifierList] (propertyName / referenceName) "=" initializer ";" */
static bool parse_value_initializer(struct parser *p, struct mof_assignment *ret)
{
    return parse_qualifier_list(p, &ret->qualifiers) &&
           expect_name(p, "a property's name", WBEMMOF_E_EXPECTED_PROPERTY_NAME, &ret->name) &&
           expect_mark(p, '=', WBEMMOF_E_INVALID_INSTANCE_DECLARATION) &&
           parse_initializer(p, &ret->value) && expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
}

/* INSTANCE OF className [alias] "{" *valueInitializer "}" */
static bool parse_instance_declaration(struct parser *p, struct mof_qualifier *qualifiers,
                                       struct mof_instance *ret)
{
    ret->qualifiers = qualifiers;
    advance(p);
    if (!accept_word(p, "of")) {
        return expected(p, "'of'", WBEMMOF_E_INVALID_INSTANCE_DECLARATION);
    }
    if (!expect_name(p, "the class's name", WBEMMOF_E_EXPECTED_CLASS_NAME, &ret->class_name) ||
        !parse_alias(p, &ret->alias) || !expect_mark(p, '{', WBEMMOF_E_EXPECTED_OPEN_BRACE)) {
        return false;
    }
    struct mof_assignment **tail = &ret->assignments;
    while (!accept_mark(p, '}')) {
        if (p->token.kind != MOF_TOKEN_WORD && !at_mark(p, '[')) {
            return expected(p, "a property's name or '}'", WBEMMOF_E_EXPECTED_CLOSE_BRACE);
        }
        struct mof_assignment *assignment = arena_take(p, sizeof *assignment);
        if (assignment == NULL || !parse_value_initializer(p, assignment)) {
            return false;
        }
        *tail = assignment;
        tail = &assignment->next;
    }
    return true;
}

/* ---- qualifier declarations --------------------------------------------------------------------
 */

/* scope = "," SCOPE "(" metaElement *("," metaElement) ")" */
static bool parse_scope(struct parser *p, struct mof_value **ret)
{
    struct mof_value **tail = ret;
    if (!expect_mark(p, '(', WBEMMOF_E_EXPECTED_OPEN_PAREN)) {
        return false;
    }
    do {
        struct mof_value *word = arena_take(p, sizeof *word);
        if (word == NULL || !expect_name(p, "what the qualifier may stand at",
                                         WBEMMOF_E_INVALID_QUALIFIER_SYNTAX, &word->text)) {
            return false;
        }
        *tail = word;
        tail = &word->next;
    } while (accept_mark(p, ','));
    return expect_mark(p, ')', WBEMMOF_E_EXPECTED_CLOSE_PAREN);
}

/* defaultFlavor = "," FLAVOR "(" flavor *("," flavor) ")" */
static bool parse_default_flavor(struct parser *p, struct mof_flavors *ret)
{
    if (!expect_mark(p, '(', WBEMMOF_E_EXPECTED_OPEN_PAREN)) {
        return false;
    }
    do {
        if (!parse_flavors(p, ret)) {
            return false;
        }
    } while (accept_mark(p, ','));
    return expect_mark(p, ')', WBEMMOF_E_EXPECTED_CLOSE_PAREN);
}

/* qualifierType = ":" dataType [array] [defaultValue], or WMI's ":" 1*flavor */
static bool parse_qualifier_type(struct parser *p, struct mof_declaration *ret)
{
    for (size_t i = 0; i < sizeof flavors / sizeof flavors[0]; i++) {
        if (is_word(&p->token, flavors[i].word)) {
            return parse_flavors(p, &ret->flavors);
        }
    }
    ret->typed = true;
    if (!parse_type(p, &ret->type) || !parse_array(p, &ret->type)) {
        return false;
    }
    return !accept_mark(p, '=') || parse_initializer(p, &ret->initial);
}

/* qualifierDeclaration = QUALIFIER qualifierName qualifierType scope [defaultFlavor] ";" */
static bool parse_qualifier_declaration(struct parser *p, struct mof_declaration *ret)
{
    advance(p);
    if (!expect_name(p, "the qualifier's name", WBEMMOF_E_EXPECTED_QUALIFIER_NAME, &ret->name) ||
        !expect_mark(p, ':', WBEMMOF_E_INVALID_QUALIFIER_SYNTAX) || !parse_qualifier_type(p, ret)) {
        return false;
    }
    while (accept_mark(p, ',')) {
        bool parsed;
        if (accept_word(p, "scope")) {
            parsed = parse_scope(p, &ret->scope);
        } else if (accept_word(p, "flavor")) {
            parsed = parse_default_flavor(p, &ret->flavors);
        } else {
            return expected(p, "Scope or Flavor", WBEMMOF_E_INVALID_QUALIFIER_SYNTAX);
        }
        if (!parsed) {
            return false;
        }
    }
    return expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
}

/* ---- directives
 * ----------------------------------------------------------------------------------- */

static bool parse_pragma_parameter(struct parser *p, struct mof_value *ret)
{
    if (p->token.kind == MOF_TOKEN_STRING || p->token.kind == MOF_TOKEN_INTEGER) {
        return parse_constant_value(p, ret);
    }
    ret->kind = MOF_VALUE_ALIAS;
    return expect_name(p, "a parameter", WBEMMOF_E_INVALID_PRAGMA, &ret->text);
}

/* compilerDirective = PRAGMA pragmaName "(" pragmaParameter ")"; WMI has some with several
 * parameters, and autorecover with none */
static bool parse_compiler_directive(struct parser *p, struct mof_pragma *ret)
{
    struct mof_value **tail = &ret->parameters;
    advance(p);
    if (!expect_name(p, "the directive's name", WBEMMOF_E_INVALID_PRAGMA, &ret->name)) {
        return false;
    }
    ret->parenthesised = accept_mark(p, '(');
    if (!ret->parenthesised || accept_mark(p, ')')) {
        return true;
    }
    do {
        struct mof_value *parameter = arena_take(p, sizeof *parameter);
        if (parameter == NULL || !parse_pragma_parameter(p, parameter)) {
            return false;
        }
        *tail = parameter;
        tail = &parameter->next;
    } while (accept_mark(p, ','));
    return expect_mark(p, ')', WBEMMOF_E_EXPECTED_CLOSE_PAREN);
}

/* ---- the whole
 * ---------------------------------------------------------------------------------------- */

static bool parse_class_or_instance(struct parser *p, struct mof_production *ret)
{
    struct mof_qualifier *qualifiers;
    p->object++;
    if (!parse_qualifier_list(p, &qualifiers)) {
        return false;
    }
    if (is_word(&p->token, "class")) {
        ret->kind = MOF_PRODUCTION_CLASS;
        ret->cls.qualifiers = qualifiers;
        return parse_class_declaration(p, &ret->cls);
    }
    if (is_word(&p->token, "instance")) {
        ret->kind = MOF_PRODUCTION_INSTANCE;
        return parse_instance_declaration(p, qualifiers, &ret->instance) &&
               expect_mark(p, ';', WBEMMOF_E_EXPECTED_SEMI);
    }
    return expected(p, "class, instance, qualifier or #pragma",
                    WBEMMOF_E_INVALID_CLASS_DECLARATION);
}

/* mofProduction = compilerDirective / classDeclaration / … / instanceDeclaration */
static bool parse_mof_production(struct parser *p, struct mof_production *ret)
{
    if (p->token.kind == MOF_TOKEN_PRAGMA) {
        ret->kind = MOF_PRODUCTION_PRAGMA;
        return parse_compiler_directive(p, &ret->pragma);
    }
    if (is_word(&p->token, "qualifier")) {
        ret->kind = MOF_PRODUCTION_DECLARATION;
        return parse_qualifier_declaration(p, &ret->declaration);
    }
    return parse_class_or_instance(p, ret);
}

/* mofSpecification = *mofProduction */
static bool parse_mof_specification(struct parser *p)
{
    struct mof_production **tail = &p->tree->first;
    while (p->token.kind != MOF_TOKEN_END) {
        struct mof_production *production = arena_take(p, sizeof *production);
        if (production == NULL || !parse_mof_production(p, production)) {
            return false;
        }
        *tail = production;
        tail = &production->next;
    }
    return true;
}

HRESULT mof_parse(const char *text, size_t size, struct mof_tree **ret, struct mof_error *ret_error)
{
    struct parser p = {.text = text, .size = size, .error = ret_error, .hr = WBEM_S_NO_ERROR};
    size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    p.tree = calloc(1, sizeof *p.tree);
    if (p.tree == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    p.text += mark;
    p.size -= mark;
    mof_lexer_init(&p.lexer, p.text, p.size);
    mof_lexer_next(&p.lexer, &p.after);
    p.after_problem = p.lexer.problem;
    p.token = p.after;
    advance(&p);

    if (!parse_mof_specification(&p)) {
        mof_tree_destroy(p.tree);
        if (p.hr == WBEM_E_OUT_OF_MEMORY) {
            ret_error->status = p.hr;
            (void)snprintf(ret_error->message, sizeof ret_error->message, "out of memory");
        }
        return p.hr;
    }
    *ret = p.tree;
    return WBEM_S_NO_ERROR;
}
