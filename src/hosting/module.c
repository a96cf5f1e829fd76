/*
 * CLSIDs of others: which shared object has the class, and its
 * DllGetClassObject. What the registry's InprocServer32 is on Windows are files
 * *.conf in the provider folders here; see docs/providers.md.
 *
 * `modules.lock` guards the list and the counts. It is not held while code of a
 * shared object runs.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosting/hosting_private.h"

#ifndef WBEM_PROVIDER_FOLDERS
#define WBEM_PROVIDER_FOLDERS "/etc/wbem/providers.d:/usr/lib/wbem/providers"
#endif

#define CONF_SIZE_MAX 65536

typedef HRESULT (*get_class_object_fn)(REFCLSID clsid, REFIID riid, LPVOID *ret);
typedef HRESULT (*can_unload_now_fn)(void);

struct module {
    struct module *next;
    char *path;
    void *handle;
    get_class_object_fn get_class_object;
    can_unload_now_fn can_unload_now;
    unsigned busy; /* under modules.lock: calls that run in it */
};

static struct {
    pthread_mutex_t lock;
    struct module *first;
} modules = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the provider folders ------------------------------------------------------------- */

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1])) {
        text[--length] = '\0';
    }
    return text;
}

/* Who else may write it is who says what code is loaded. For root no group but its own may either.
 */
static bool is_ours(const struct stat *st)
{
    bool by_group = (st->st_mode & S_IWGRP) && st->st_gid != 0 && geteuid() == 0;
    return !(st->st_mode & S_IWOTH) && !by_group && (st->st_uid == 0 || st->st_uid == geteuid());
}

static bool is_trusted(const struct stat *st)
{
    return S_ISREG(st->st_mode) && is_ours(st);
}

/* Whoever may write a folder can put another file in a file's place; but for a sticky one (/tmp).
 */
static bool folder_is_trusted(const char *path)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(com_cleanup_free)
    char *folder = slash && slash != path ? strndup(path, (size_t)(slash - path)) : strdup("/");
    struct stat st;
    return folder && stat(folder, &st) == 0 && (is_ours(&st) || (st.st_mode & S_ISVTX));
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        return NULL;
    }
    struct stat st;
    char *text = NULL;
    if (fstat(fileno(f), &st) == 0 && is_trusted(&st) && st.st_size < CONF_SIZE_MAX) {
        text = calloc(1, (size_t)st.st_size + 1);
        if (text && fread(text, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
            free(TAKE(text));
        }
    }
    (void)fclose(f);
    return text;
}

/* The path in the section of this CLSID: [{guid}] and Path=file, as in an ini file. */
static const char *find_in_text(char *text, REFCLSID clsid)
{
    bool here = false;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        line = trim(line);
        size_t length = strlen(line);
        if (line[0] == '[' && length > 2 && line[length - 1] == ']') {
            line[length - 1] = '\0';
            CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(trim(line + 1));
            CLSID found;
            here = wide && SUCCEEDED(CLSIDFromString(wide, &found)) && IsEqualCLSID(&found, clsid);
        } else if (here && line[0] != '#' && line[0] != ';') {
            char *value = strchr(line, '=');
            if (value) {
                *value++ = '\0';
            }
            if (value && strcasecmp(trim(line), "Path") == 0) {
                return trim(value);
            }
        }
    }
    return NULL;
}

/* *ret_path: relative to the folder of the file unless it begins with a slash. */
static bool find_in_file(const char *folder, const char *name, REFCLSID clsid, char **ret_path)
{
    CLEANUP(com_cleanup_free) char *file = NULL;
    if (asprintf(&file, "%s/%s", folder, name) < 0) {
        file = NULL;
        return false;
    }
    CLEANUP(com_cleanup_free) char *text = read_file(file);
    const char *path = text ? find_in_text(text, clsid) : NULL;
    if (!path || !*path) {
        return false;
    }
    if (path[0] == '/') {
        *ret_path = strdup(path);
    } else if (asprintf(ret_path, "%s/%s", folder, path) < 0) {
        *ret_path = NULL;
    }
    return *ret_path != NULL;
}

static int is_conf(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');
    return e->d_name[0] != '.' && dot && strcmp(dot, ".conf") == 0;
}

/* The files of a folder in the order of their names; the first that knows the class counts. */
static bool find_in_folder(const char *folder, REFCLSID clsid, char **ret_path)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_conf, alphasort);
    bool found = false;
    for (int i = 0; i < count; i++) {
        found = found || find_in_file(folder, files[i]->d_name, clsid, ret_path);
        free(files[i]);
    }
    free(files);
    return found;
}

static bool find_in_folders(const char *folders, REFCLSID clsid, char **ret_path)
{
    CLEANUP(com_cleanup_free) char *copy = folders ? strdup(folders) : NULL;
    char *rest = copy;
    for (char *folder; rest && (folder = strsep(&rest, ":")) != NULL;) {
        if (*folder && find_in_folder(folder, clsid, ret_path)) {
            return true;
        }
    }
    return false;
}

/* The user's own: $XDG_DATA_HOME/wbem/providers.d. */
static char *user_folder(void)
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    const char *home = secure_getenv("HOME");
    char *folder = NULL;
    int length = -1;
    if (data && data[0] == '/') {
        length = asprintf(&folder, "%s/wbem/providers.d", data);
    } else if (home && home[0] == '/') {
        length = asprintf(&folder, "%s/.local/share/wbem/providers.d", home);
    }
    return length < 0 ? NULL : folder;
}

static bool find_path(REFCLSID clsid, char **ret_path)
{
    CLEANUP(com_cleanup_free) char *user = user_folder();
    return find_in_folders(secure_getenv("WBEM_PROVIDER_PATH"), clsid, ret_path) ||
           (user && find_in_folder(user, clsid, ret_path)) ||
           find_in_folders(WBEM_PROVIDER_FOLDERS, clsid, ret_path);
}

/* ---- loading --------------------------------------------------------------------------- */

static void *symbol(void *handle, const char *name)
{
    return dlsym(handle, name);
}

static HRESULT raise_load(const char *path, const char *why)
{
    return error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "CoCreateInstance", path,
                       "the shared object can't be loaded: %s", why);
}

static HRESULT open_module(const char *path, struct module **ret)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return raise_load(path, strerror(errno));
    }
    if (!is_trusted(&st) || !folder_is_trusted(path)) {
        return raise_load(path, "it or its folder belongs to neither root nor this user, or others "
                                "may write it");
    }
    struct module *m = calloc(1, sizeof *m);
    if (!m) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    m->path = strdup(path);
    m->handle = m->path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!m->handle) {
        const char *why = m->path ? dlerror() : "out of memory";
        HRESULT hr = raise_load(path, why ? why : "unknown reason");
        free(m->path);
        free(m);
        return hr;
    }
    *(void **)&m->get_class_object = symbol(m->handle, "DllGetClassObject");
    *(void **)&m->can_unload_now = symbol(m->handle, "DllCanUnloadNow");
    if (!m->get_class_object) {
        HRESULT hr = raise_load(path, "it exports no DllGetClassObject");
        (void)dlclose(m->handle);
        free(m->path);
        free(m);
        return hr;
    }
    *ret = m;
    return S_OK;
}

static struct module *find_loaded(const char *path)
{
    struct module *m = modules.first;
    while (m && strcmp(m->path, path) != 0) {
        m = m->next;
    }
    return m;
}

/* The loaded module, with its count of running calls raised. Constructors of a shared object run
 * without the lock; who comes second to load one gives its handle back. */
static HRESULT enter_module(const char *path, struct module **ret)
{
    pthread_mutex_lock(&modules.lock);
    struct module *m = find_loaded(path);
    if (m) {
        m->busy++;
    }
    pthread_mutex_unlock(&modules.lock);
    if (m) {
        *ret = m;
        return S_OK;
    }
    struct module *fresh = NULL;
    HRESULT hr = open_module(path, &fresh);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&modules.lock);
    m = find_loaded(path);
    if (!m) {
        m = TAKE(fresh);
        m->next = modules.first;
        modules.first = m;
    }
    m->busy++;
    pthread_mutex_unlock(&modules.lock);
    if (fresh) {
        (void)dlclose(fresh->handle);
        free(fresh->path);
        free(fresh);
    }
    *ret = m;
    return S_OK;
}

static void leave_module(struct module *m)
{
    pthread_mutex_lock(&modules.lock);
    m->busy--;
    pthread_mutex_unlock(&modules.lock);
}

HRESULT module_get_class_object(REFCLSID clsid, REFIID riid, void **ret)
{
    CLEANUP(com_cleanup_free) char *path = NULL;
    if (!find_path(clsid, &path)) {
        return REGDB_E_CLASSNOTREG;
    }
    struct module *m;
    HRESULT hr = enter_module(path, &m);
    if (FAILED(hr)) {
        return hr;
    }
    hr = m->get_class_object(clsid, riid, ret);
    leave_module(m);
    return hr;
}

/* ---- unloading ---------------------------------------------------------------------------- */

/* The next module that nobody is in and that can be asked, entered; or NULL. */
static struct module *enter_unused(struct module *after)
{
    pthread_mutex_lock(&modules.lock);
    struct module *m = after ? after->next : modules.first;
    while (m && (m->busy || !m->can_unload_now)) {
        m = m->next;
    }
    if (m) {
        m->busy++;
    }
    pthread_mutex_unlock(&modules.lock);
    return m;
}

static bool remove_module(struct module *m)
{
    pthread_mutex_lock(&modules.lock);
    bool alone = m->busy == 1;
    if (alone) {
        struct module **at = &modules.first;
        while (*at != m) {
            at = &(*at)->next;
        }
        *at = m->next;
    }
    pthread_mutex_unlock(&modules.lock);
    return alone;
}

void module_unload_unused(void)
{
    /* One thread at a time, so that `kept` stays in the list from one step to the next. */
    static atomic_flag unloading = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set_explicit(&unloading, memory_order_acquire)) {
        return;
    }
    struct module *kept = NULL;
    for (struct module *m; (m = enter_unused(kept)) != NULL;) {
        if (m->can_unload_now() == S_OK && remove_module(m)) {
            (void)dlclose(m->handle);
            free(m->path);
            free(m);
        } else {
            leave_module(m);
            kept = m;
        }
    }
    atomic_flag_clear_explicit(&unloading, memory_order_release);
}

__attribute__((constructor)) static void offer_modules(void)
{
    com_set_class_source(module_get_class_object, module_unload_unused);
}
