/*
 * Decoration, [MS-WMIO] 2.2.7: the server and namespace that objects come from,
 * shared by all objects of one answer.
 */
#include "object/object_private.h"

struct decoration *decoration_ref(struct decoration *d)
{
    if (d) {
        atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
    }
    return d;
}

void decoration_unref(struct decoration *d)
{
    if (d && atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) == 1) {
        free(d->server);
        free(d->name_space);
        free(d->encoded);
        free(d);
    }
}

void decoration_names(const struct decoration *d, const wchar_t **ret_server,
                      const wchar_t **ret_name_space)
{
    *ret_server = d->server;
    *ret_name_space = d->name_space;
}

static HRESULT decoration_encode(struct decoration *d)
{
    struct buffer out = {0};
    const wchar_t *texts[] = {d->server, d->name_space};
    for (int i = 0; i < 2; i++) {
        struct value text = {0};
        uint8_t slot[4];
        if (FAILED(value_from_wide(CIM_STRING, texts[i], wcslen(texts[i]), &text))) {
            out.failed = true;
            break;
        }
        string_append(&text.v.string, false, slot, &out);
        value_done(&text);
    }
    if (out.failed) {
        buffer_done(&out);
        return WBEM_E_OUT_OF_MEMORY;
    }
    d->encoded = out.bytes;
    d->encoded_size = out.size;
    return WBEM_S_NO_ERROR;
}

HRESULT decoration_create(const wchar_t *server, const wchar_t *name_space, struct decoration **ret)
{
    struct decoration *d = calloc(1, sizeof *d);
    if (!d) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    atomic_init(&d->refs, 1);
    d->server = name_copy(server ? server : L"");
    d->name_space = name_copy(name_space ? name_space : L"");
    HRESULT hr = d->server && d->name_space ? decoration_encode(d) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        decoration_unref(d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

HRESULT decoration_parse(const uint8_t *bytes, size_t size, struct decoration **ret,
                         size_t *ret_size)
{
    struct cim_string server, name_space;
    size_t first, second;
    HRESULT hr = string_parse(bytes, size, &server, &first);
    if (SUCCEEDED(hr)) {
        hr = string_parse(bytes + first, size - first, &name_space, &second);
    }
    if (FAILED(hr)) {
        return hr;
    }

    wchar_t *server_text = string_wide_copy(&server);
    wchar_t *name_space_text = string_wide_copy(&name_space);
    hr = server_text && name_space_text ? decoration_create(server_text, name_space_text, ret)
                                        : WBEM_E_OUT_OF_MEMORY;
    free(server_text);
    free(name_space_text);
    *ret_size = first + second;
    return hr;
}
