/*
 * What the files of IWbemPath share: the object, its key list, and how they give text.
 *
 * A path's class part is a class name and a key list. The list is a COM object
 * of its own that the path and whoever called GetKeyList hold: what is done to
 * it is done to the path, until the path gets another class part.
 */
#ifndef WBEM_PATH_PATH_PRIVATE_H
#define WBEM_PATH_PATH_PRIVATE_H

#include <pthread.h>
#include <wmiutils.h>

#include "com/com.h"
#include "object/object.h"

/* ---- text in the making (path_text.c) ------------------------------------------ */

struct path_text {
    wchar_t *characters; /* free() it */
    size_t length, room;
    bool failed; /* memory ran out: what was put after that is lost */
};

void path_text_put(struct path_text *t, const wchar_t *text);
void path_text_put_quoted(struct path_text *t, const wchar_t *text);
/* The finished text, never NULL on success; frees it on failure. WBEM_E_OUT_OF_MEMORY. */
HRESULT path_text_done(struct path_text *t, wchar_t **ret);

/* Text into a caller's buffer by the contract that wmiutils.h has at its top. */
HRESULT path_give_text(const char *operation, const wchar_t *text, ULONG *size, wchar_t *buffer);

/* Is `part` what the parser finds between `before` and `after`: one server, namespace, class or
 * key name and nothing else? */
enum path_part {
    PATH_SERVER,
    PATH_NAMESPACE,
    PATH_CLASS,
    PATH_KEY
};
HRESULT path_check_part(const char *operation, const char *parameter, enum path_part kind,
                        const wchar_t *part);

/* ---- keys (key_value.c) --------------------------------------------------------- */

/* A key's value, in type, text and number; the name is the caller's affair. Types as CIMTYPE has
 * them; datetimes count as strings. */
HRESULT key_from_data(const char *operation, CIMTYPE type, const void *data,
                      struct object_path_key *ret);
HRESULT key_from_variant(const char *operation, CIMTYPE type, const VARIANT *value,
                         struct object_path_key *ret);
HRESULT key_to_variant(const struct object_path_key *key, VARIANT *ret);
/* Text counts in characters, a number in bytes of its type. */
HRESULT key_to_data(const char *operation, const struct object_path_key *key, ULONG *size,
                    void *buffer);
bool key_is_text(const struct object_path_key *key);
HRESULT key_copy(const struct object_path_key *key, struct object_path_key *ret);
void key_clear(struct object_path_key *key);

/* ---- key lists (key_list.c) ------------------------------------------------------ */

struct key_list {
    IWbemPathKeyList iface;
    struct com_refs refs;
    pthread_mutex_t lock;
    struct object_path_key *keys; /* under lock, as all that follows */
    ULONG count;
    bool singleton;
};

HRESULT key_list_create(struct key_list **ret);
/* Takes over the keys of a path that was just parsed. */
HRESULT key_list_from_path(struct object_path *path, struct key_list **ret);
/* The keys as they stand in a path behind the class, with what parts them from it. */
void key_list_put(struct key_list *list, struct path_text *t);
/* Bits of tag_WBEM_PATH_STATUS_FLAG that the keys decide; *ret_is_instance: there are any. */
ULONGLONG key_list_info(struct key_list *list, bool *ret_is_instance);

/* ---- paths (wbem_path.c, path_info.c) --------------------------------------------- */

struct wbem_path {
    IWbemPath iface;
    struct com_refs refs;
    pthread_mutex_t lock;
    wchar_t *server; /* under lock, as all that follows; NULL: none */
    wchar_t **namespaces;
    ULONG namespace_count;
    wchar_t *class_name;   /* NULL: no class part */
    struct key_list *keys; /* there with a class part only */
    wchar_t *original;     /* what SetText was given; NULL: parts were set one by one */
    bool is_parent;        /* ".." */
};

static inline struct wbem_path *path_of(IWbemPath *iface)
{
    return COM_CONTAINER(iface, struct wbem_path, iface);
}

/* Creator for CoCreateInstance. */
HRESULT wbem_path_create(IUnknown *outer, REFIID riid, void **ret);

/* path_parts.c: all with p->lock held. */
void path_clear(struct wbem_path *p);
HRESULT path_set_text(struct wbem_path *p, ULONG mode, const wchar_t *text);
HRESULT path_set_class(struct wbem_path *p, const wchar_t *name, struct key_list *keys);
HRESULT path_insert_namespace(struct wbem_path *p, ULONG index, const wchar_t *name);
void path_remove_namespace(struct wbem_path *p, ULONG index);
void path_put_namespaces(const struct wbem_path *p, struct path_text *t);
void path_put_class_part(const struct wbem_path *p, struct path_text *t);

/* path_info.c */
ULONGLONG path_info(const struct wbem_path *p);
bool path_is_local(const struct wbem_path *p, const wchar_t *machine);
bool path_is_relative(const struct wbem_path *p, const wchar_t *machine, const wchar_t *name_space,
                      bool or_child);

#endif
