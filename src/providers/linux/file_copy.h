/*
 * Copying, renaming and deleting files, whole or not at all: what the methods
 * of CIM_DataFile and Win32_Directory do. Never onto something that is there,
 * and of a symbolic link always the link itself. All give 0 or -errno.
 */
#ifndef WBEM_PROVIDERS_LINUX_FILE_COPY_H
#define WBEM_PROVIDERS_LINUX_FILE_COPY_H

/* A regular file or symbolic link; -EINVAL for another. The new file appears under its name when
 * it is complete and on disk; a failure leaves nothing behind. Rights and times go with it, the
 * owner does not. */
int file_copy(const char *from, const char *to);
/* A folder with all that is in it, links as links; -EINVAL into itself, -EOPNOTSUPP with a device,
 * pipe or socket in it. Likewise whole or not at all. */
int file_copy_folder(const char *from, const char *to);
/* -EEXIST when there is a `to`, -EXDEV on another file system. */
int file_rename(const char *from, const char *to);
/* A file or link; -EISDIR for a folder. */
int file_delete(const char *path);
/* An empty folder; -ENOTDIR for a link to one. */
int file_delete_folder(const char *path);

#endif
