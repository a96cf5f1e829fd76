/*
 * The arena that a tree's nodes live in, and where and how a mistake is
 * reported.
 */
#include "mof/mof_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK_SIZE ((size_t)64 * 1024)

struct mof_arena_block {
    struct mof_arena_block *next;
    size_t used;
    _Alignas(max_align_t) char bytes[ARENA_BLOCK_SIZE];
};

void *mof_tree_take(struct mof_tree *tree, size_t size)
{
    struct mof_arena_block *block = tree->blocks;
    size = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
    if (block == NULL || sizeof block->bytes - block->used < size) {
        block = malloc(sizeof *block);
        if (block == NULL) {
            return NULL;
        }
        block->next = tree->blocks;
        block->used = 0;
        tree->blocks = block;
    }
    void *taken = block->bytes + block->used;
    block->used += size;
    return memset(taken, 0, size);
}

void mof_tree_destroy(struct mof_tree *tree)
{
    if (tree == NULL) {
        return;
    }
    while (tree->blocks != NULL) {
        struct mof_arena_block *next = tree->blocks->next;
        free(tree->blocks);
        tree->blocks = next;
    }
    free(tree);
}

/* As many whole characters as fit. */
static void copy_token(char *out, size_t room, struct mof_slice token)
{
    size_t length = token.length < room - 1 ? token.length : room - 1;
    while (length > 0 && length < token.length && ((uint8_t)token.start[length] & 0xc0) == 0x80) {
        length--;
    }
    memcpy(out, token.start, length);
    out[length] = '\0';
}

/* The line around `at`: of a long one, the part that has room. */
static void copy_line(struct mof_error *error, const char *text, size_t size, const char *at)
{
    const size_t room = sizeof error->source - 1;
    const char *start = at, *end = at;
    while (start > text && start[-1] != '\n' && start[-1] != '\r') {
        start--;
    }
    while (end < text + size && *end != '\n' && *end != '\r') {
        end++;
    }
    if ((size_t)(end - start) > room) {
        const char *from = (size_t)(at - start) > room / 2 ? at - room / 2 : start;
        while (from < at && (*from & 0xc0) == 0x80) {
            from++; /* not within a character */
        }
        start = from;
        end = (size_t)(end - start) > room ? start + room : end;
        while (end > start && end < text + size && (*end & 0xc0) == 0x80) {
            end--;
        }
    }
    size_t length = (size_t)(end - start);
    error->caret = 0;
    for (size_t i = 0; i < length; i++) {
        error->source[i] = (unsigned char)start[i] < ' ' ? ' ' : start[i];
        error->caret += start + i < at && (start[i] & 0xc0) != 0x80;
    }
    error->source[length] = '\0';
}

void mof_error_at_v(struct mof_error *error, const char *text, size_t size, const char *at,
                    HRESULT status, const char *format, va_list arguments)
{
    struct mof_lexer lexer;
    struct mof_token token;
    mof_lexer_init(&lexer, at, (size_t)(text + size - at));
    mof_lexer_next(&lexer, &token);
    copy_token(error->token, sizeof error->token,
               token.text.start == at ? token.text : (struct mof_slice){at, 0});
    mof_position(text, at, &error->line, &error->column);
    copy_line(error, text, size, at);
    error->status = status;
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
}

void mof_error_at(struct mof_error *error, const char *text, size_t size, const char *at,
                  HRESULT status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    mof_error_at_v(error, text, size, at, status, format, arguments);
    va_end(arguments);
}
