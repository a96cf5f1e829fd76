/*
 * Reading the machine's own small files: /proc, /sys and /etc, bounded, without
 * stdio, from any thread. All paths are absolute and looked up under the root
 * that tests may set, so that a directory of snapshots can stand in for them.
 */
#ifndef WBEM_PROVIDERS_LINUX_PROCFS_H
#define WBEM_PROVIDERS_LINUX_PROCFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A directory that stands for "/"; NULL or "" is the real one. Not while others read. Without a
 * call, the environment's WBEM_LINUX_ROOT decides (ignored in setuid programs). */
void linux_set_root(const char *directory);
/* "" or the directory, without a slash at its end. */
const char *linux_root(void);
/* True when the machine itself is read, not a snapshot: then system calls such as uname() belong
 * to what the files say. */
bool linux_is_live(void);

/* A descriptor, or -errno. O_CLOEXEC is added. */
int linux_open(const char *path, int flags);
int linux_open_at(int dir, const char *name, int flags);
/* NULL with errno set. */
DIR *linux_opendir(const char *path);
DIR *linux_opendir_at(int dir, const char *name);
bool linux_exists(const char *path);

/* At most size - 1 bytes of the file and a terminator; what does not fit is left out. The number
 * of bytes, or -errno (then the buffer holds ""). */
ssize_t linux_read(const char *path, char *buffer, size_t size);
ssize_t linux_read_at(int dir, const char *name, char *buffer, size_t size);
/* The same with one read(): for files that the kernel makes whole, such as /proc/<pid>/stat. */
ssize_t linux_read_once_at(int dir, const char *name, char *buffer, size_t size);
/* The whole file with a terminator, for free(); -EFBIG beyond `limit` bytes. */
ssize_t linux_read_all(const char *path, size_t limit, char **ret);
ssize_t linux_read_all_at(int dir, const char *name, size_t limit, char **ret);
/* The same for a descriptor that is open, from where it stands; it stays open. */
ssize_t linux_read_all_fd(int fd, size_t limit, char **ret);
/* The first line without blanks around it. False: no file, or nothing in it. */
bool linux_read_line(const char *path, char *buffer, size_t size);
bool linux_read_u64(const char *path, uint64_t *ret);
/* A link's target with a terminator; its length, or -errno. */
ssize_t linux_read_link(const char *path, char *buffer, size_t size);
ssize_t linux_read_link_at(int dir, const char *name, char *buffer, size_t size);

/* The number in decimal at *at, after blanks; *at moves behind it. */
bool linux_parse_u64(const char **at, uint64_t *ret);
bool linux_parse_i64(const char **at, int64_t *ret);
/* The same for hexadecimal digits without a prefix. */
bool linux_parse_hex(const char **at, uint64_t *ret);
/* True when all of `text` is one decimal number. */
bool linux_is_number(const char *text, uint64_t *ret);

/* In text of lines "key<blanks><separator><blanks>value": the value of the first such key, up to
 * the line's end, which *ret_size does not include. NULL when there is none. */
const char *linux_find_key(const char *text, const char *key, char separator, size_t *ret_size);
/* The same, copied with a terminator; false when there is none. */
bool linux_copy_key(const char *text, const char *key, char separator, char *buffer, size_t size);
/* The number that the value of "key:" starts with. */
bool linux_key_u64(const char *text, const char *key, uint64_t *ret);
/* The same from *at on, which moves behind the number; it stays when the key is not there. */
bool linux_next_key_u64(const char **at, const char *key, uint64_t *ret);

/* A set of processor or node numbers such as "0-3,8", as /sys prints it: the count of members;
 * those below 64 * words are set in `bits` (may be NULL). */
unsigned linux_parse_cpu_list(const char *text, uint64_t *bits, size_t words);

#endif
