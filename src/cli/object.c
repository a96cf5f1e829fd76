/*
 * wbem object: objects as they are on the wire, from a capture to something
 * that can be read, and back to bytes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wbem.h>

#include "cli.h"
#include "layout/layout.h"

enum {
    BYTES_MAX = 64 << 20,
};

static int complain(const char *file, const char *why)
{
    fprintf(stderr, "wbem: %s: %s\n", file, why);
    return EXIT_FAILED;
}

/* ---- bytes ------------------------------------------------------------------------------- */

static unsigned char *read_all(const char *file, size_t *ret_size)
{
    bool standard = strcmp(file, "-") == 0;
    FILE *from = standard ? stdin : fopen(file, "re");
    unsigned char *bytes = NULL;
    size_t size = 0, room = 0;
    if (!from) {
        complain(file, strerror(errno));
        return NULL;
    }
    do {
        if (size == room) {
            room = room ? 2 * room : 65536;
            unsigned char *more = room <= BYTES_MAX ? realloc(bytes, room) : NULL;
            if (!more) {
                complain(file, room <= BYTES_MAX ? strerror(errno) : "it is too large");
                free(bytes);
                bytes = NULL;
                break;
            }
            bytes = more;
        }
        size += fread(bytes + size, 1, room - size, from);
    } while (!feof(from) && !ferror(from));
    if (bytes && ferror(from)) {
        complain(file, strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    if (!standard) {
        fclose(from);
    }
    *ret_size = size;
    return bytes;
}

static bool is_separator(unsigned char c)
{
    return isspace(c) || c == ':' || c == ',' || c == '-';
}

/* Hexadecimal digits and what people put between them, and nothing else? */
static bool is_hex(const unsigned char *text, size_t size)
{
    size_t digits = 0;
    for (size_t i = 0; i < size; i++) {
        bool prefix = text[i] == '0' && i + 1 < size && (text[i + 1] | 0x20) == 'x';
        i += prefix;
        digits += !prefix && isxdigit(text[i]);
        if (!prefix && !isxdigit(text[i]) && !is_separator(text[i])) {
            return false;
        }
    }
    return digits >= 2 && digits % 2 == 0;
}

static unsigned digit(unsigned char c)
{
    return c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u;
}

/* In place. */
static size_t from_hex(unsigned char *text, size_t size)
{
    size_t digits = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '0' && i + 1 < size && (text[i + 1] | 0x20) == 'x') {
            i++;
        } else if (isxdigit(text[i])) {
            unsigned char *to = text + digits / 2;
            unsigned d = digit(text[i]);
            *to = (unsigned char)(digits % 2 ? (unsigned)*to | d : d << 4);
            digits++;
        }
    }
    return digits / 2;
}

/* ---- decode ------------------------------------------------------------------------------ */

static void release_all(IWbemClassObject **objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
    free(objects);
}

/* What stands between MOF and the bytes that it came from, as comments of MOF. */
static const char bytes_follow[] =
    "// The bytes of these objects. wbem object encode gives them back while "
    "the MOF above is unchanged.\n";
static const char bytes_line[] = "// ";

enum {
    BYTES_IN_A_LINE = 48,
};

static bool put_objects(const struct options *o, enum output_format format,
                        IWbemClassObject *const *objects, size_t count, FILE *to)
{
    struct columns none = {0};
    struct options shown = *o;
    shown.format = format;
    struct output *out = output_create(&shown, &none, to);
    if (!out) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = output_object(out, objects[i]);
    }
    return output_destroy(out) && good;
}

static int show(const struct options *o, IWbemClassObject *const *objects, size_t count)
{
    enum output_format format = o->format == FORMAT_AUTO ? FORMAT_MOF : o->format;
    return put_objects(o, format, objects, count, stdout) ? EXIT_OK : fail_output();
}

/* MOF says what objects mean, not how they were laid out: the bytes come with it. */
static int show_mof(const struct options *o, IWbemClassObject *const *objects, size_t count,
                    const unsigned char *bytes, size_t size)
{
    if (!put_objects(o, FORMAT_MOF, objects, count, stdout)) {
        return fail_output();
    }
    fputs(bytes_follow, stdout);
    for (size_t i = 0; i < size; i++) {
        printf("%s%02x%s", i % BYTES_IN_A_LINE == 0 ? bytes_line : "", bytes[i],
               i % BYTES_IN_A_LINE == BYTES_IN_A_LINE - 1 || i + 1 == size ? "\n" : "");
    }
    return finish_output();
}

/* As JSON that goes back to these bytes, which is made sure of here and now. */
static int show_layout(const char *file, const unsigned char *bytes, size_t size)
{
    struct layout_error error = {{0}};
    struct buffer again = {0};
    json_t *document = layout_dissect(bytes, size, &error);
    if (!document) {
        return complain(file, error.text);
    }
    bool good = layout_assemble(document, &again, &error);
    if (good && (again.size != size || memcmp(again.bytes, bytes, size) != 0)) {
        good = false;
        (void)snprintf(error.text, sizeof error.text, "the bytes can't be kept in JSON");
    }
    int code = good ? EXIT_OK : complain(file, error.text);
    if (good) {
        good = json_dumpf(document, stdout, JSON_INDENT(1)) == 0 && putchar('\n') != EOF;
        code = good && fflush(stdout) == 0 ? EXIT_OK : fail_output();
    }
    buffer_done(&again);
    json_decref(document);
    return code;
}

static int decode_file(const struct options *o, const char *file)
{
    IWbemClassObject **objects = NULL;
    size_t size, count = 0;
    unsigned char *bytes = read_all(file, &size);
    if (!bytes) {
        return EXIT_FAILED;
    }
    if (is_hex(bytes, size)) {
        size = from_hex(bytes, size);
    }
    HRESULT hr = wbem_objects_decode(bytes, size, &objects, &count);
    int code = FAILED(hr)                 ? fail("decode the bytes", hr)
               : o->format == FORMAT_JSON ? show_layout(file, bytes, size)
               : o->format == FORMAT_MOF  ? show_mof(o, objects, count, bytes, size)
                                          : show(o, objects, count);
    free(bytes);
    release_all(objects, count);
    return code;
}

/* ---- encode -------------------------------------------------------------------------------- */

static bool put_hex(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        printf("%02x%s", bytes[i], i % 32 == 31 || i + 1 == size ? "\n" : "");
    }
    return !ferror(stdout);
}

static int encode_document(const char *file, const json_t *document)
{
    struct layout_error error = {{0}};
    struct buffer out = {0};
    IWbemClassObject **objects = NULL;
    size_t count = 0;
    int code = EXIT_OK;
    if (!layout_assemble(document, &out, &error)) {
        code = complain(file, error.text);
    } else {
        /* What the document says must be objects, too, before somebody relies on the bytes. */
        HRESULT hr = wbem_objects_decode(out.bytes, out.size, &objects, &count);
        code = FAILED(hr)                                            ? fail("encode it", hr)
               : put_hex(out.bytes, out.size) && fflush(stdout) == 0 ? EXIT_OK
                                                                     : fail_output();
    }
    release_all(objects, count);
    buffer_done(&out);
    return code;
}

/* Says where `text` is not what the bytes stand for: they would not be its encoding. */
static int compare_mof(const struct options *o, const char *file, int line,
                       const unsigned char *text, size_t size, const unsigned char *bytes,
                       size_t count)
{
    IWbemClassObject **objects = NULL;
    size_t object_count = 0, made_size = 0, at = 0;
    char *made = NULL;
    HRESULT hr = wbem_objects_decode(bytes, count, &objects, &object_count);
    if (FAILED(hr)) {
        return fail("decode the bytes behind the MOF", hr);
    }
    FILE *to = open_memstream(&made, &made_size);
    bool good = to && put_objects(o, FORMAT_MOF, objects, object_count, to);
    good = to && fclose(to) == 0 && good;
    release_all(objects, object_count);
    if (!good) {
        free(made);
        return fail("show the objects", WBEM_E_OUT_OF_MEMORY);
    }
    while (at < size && at < made_size && text[at] == (unsigned char)made[at]) {
        line += text[at++] == '\n';
    }
    good = at == size && at == made_size;
    free(made);
    if (!good) {
        fprintf(stderr,
                "wbem: %s:%d: the MOF was changed and is no longer what the bytes behind it say; "
                "change the JSON of --format json instead, or put the MOF into a repository "
                "(wbem mof compile) and encode the object's path\n",
                file, line + 1);
    }
    return good ? EXIT_OK : EXIT_FAILED;
}

/* The comment's lines to bytes, in place; *ret_end is what follows them. */
static size_t read_lines(unsigned char *at, const unsigned char *end, unsigned char **ret_end)
{
    unsigned char *to = at, *begin = at;
    size_t mark = strlen(bytes_line);
    while ((size_t)(end - at) > mark && memcmp(at, bytes_line, mark) == 0) {
        unsigned char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at) - mark;
        if (!is_hex(at + mark, length)) {
            break;
        }
        memmove(to, at + mark, length);
        to += length;
        at += mark + length + (stop != NULL);
    }
    *ret_end = at;
    return from_hex(begin, (size_t)(to - begin));
}

/* MOF as show_mof() prints it, one time or several. */
static int encode_mof(const struct options *o, const char *file, unsigned char *text, size_t size)
{
    unsigned char *at = text, *end = text + size;
    int line = 0, code;
    do {
        unsigned char *mark = memmem(at, (size_t)(end - at), bytes_follow, strlen(bytes_follow));
        unsigned char *bytes = mark ? mark + strlen(bytes_follow) : NULL, *next = end;
        if (!mark) {
            return complain(file,
                            "there are no bytes behind the MOF, as decode --format mof puts them; "
                            "put it into a repository (wbem mof compile) and encode the object's "
                            "path");
        }
        size_t count = 0, lines = 0;
        for (unsigned char *c = at; c < bytes; c++) {
            lines += *c == '\n';
        }
        unsigned char *section = at;
        count = read_lines(bytes, end, &next);
        code = compare_mof(o, file, line, section, (size_t)(mark - section), bytes, count);
        if (code == EXIT_OK) {
            code = put_hex(bytes, count) && fflush(stdout) == 0 ? EXIT_OK : fail_output();
        }
        line += (int)(lines + (count + BYTES_IN_A_LINE - 1) / BYTES_IN_A_LINE);
        at = next;
    } while (code == EXIT_OK && at < end);
    return code;
}

static bool is_blank(const unsigned char *text, size_t size)
{
    while (size > 0 && isspace(text[size - 1])) {
        size--;
    }
    return size == 0;
}

/* Documents one after the other, as decode prints them. */
static int encode_json(const char *file, const unsigned char *text, size_t size)
{
    size_t at = 0;
    int line = 0, code = EXIT_OK;
    do {
        json_error_t where;
        json_t *document = json_loadb((const char *)text + at, size - at,
                                      JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &where);
        if (!document) {
            fprintf(stderr, "wbem: %s:%d:%d: %s\n", file, line + where.line, where.column,
                    where.text);
            code = EXIT_FAILED;
        } else {
            code = encode_document(file, document);
            for (int end = where.position; end > 0; end--) {
                line += text[at++] == '\n';
            }
            json_decref(document);
        }
    } while (code == EXIT_OK && !is_blank(text + at, size - at));
    return code;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), ending = strlen(end);
    return length > ending && strcasecmp(text + length - ending, end) == 0;
}

static int encode_file(const struct options *o, const char *file)
{
    size_t size, begin = 0;
    unsigned char *text = read_all(file, &size);
    if (!text) {
        return EXIT_FAILED;
    }
    while (begin < size && isspace(text[begin])) {
        begin++;
    }
    bool standard = strcmp(file, "-") == 0;
    bool is_json = standard ? begin < size && text[begin] == '{' : ends_with(file, ".json");
    int code = is_json ? encode_json(file, text, size) : encode_mof(o, file, text, size);
    free(text);
    return code;
}

/* No path of an object ends so. */
static bool is_file(const char *argument)
{
    return strcmp(argument, "-") == 0 || ends_with(argument, ".json") ||
           ends_with(argument, ".mof");
}

static int encode_path(const struct options *o, const char *path)
{
    IWbemServices *services = NULL;
    IWbemClassObject *object = NULL;
    void *bytes = NULL;
    size_t size = 0;
    int code;
    if (!connect_services(o, &services, &code)) {
        return code;
    }
    BSTR name = bstr_from_utf8(path);
    HRESULT hr = name ? IWbemServices_GetObject(services, name, 0, NULL, &object, NULL)
                      : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = wbem_object_encode(object, &bytes, &size);
        IWbemClassObject_Release(object);
    }
    SysFreeString(name);
    IWbemServices_Release(services);
    if (FAILED(hr)) {
        return fail("encode the object", hr);
    }
    bool good = put_hex(bytes, size) && fflush(stdout) == 0;
    free(bytes);
    return good ? EXIT_OK : fail_output();
}

int command_object(const struct options *o)
{
    const char *what = o->arguments[0];
    bool decode = strcmp(what, "decode") == 0;
    if (!decode && strcmp(what, "encode") != 0) {
        fprintf(stderr, "wbem: object: '%s' is neither decode nor encode\n", what);
        return EXIT_USAGE;
    }
    bool from_file = !decode && o->argument_count > 1 && is_file(o->arguments[1]);
    if ((decode || from_file) && refuse_host(o, decode ? "object decode" : "object encode FILE")) {
        return EXIT_USAGE;
    }
    if (!decode && o->argument_count != 2) {
        fputs("wbem: object encode takes one path or file\n", stderr);
        return EXIT_USAGE;
    }
    if (decode && o->argument_count == 1) {
        return decode_file(o, "-");
    }
    int code = EXIT_OK;
    for (int i = 1; i < o->argument_count && code == EXIT_OK; i++) {
        code = decode      ? decode_file(o, o->arguments[i])
               : from_file ? encode_file(o, o->arguments[i])
                           : encode_path(o, o->arguments[i]);
    }
    return code;
}
