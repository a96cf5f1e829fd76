/*
 * The name of the user with a number.
 */
#ifndef WBEM_PROVIDERS_LINUX_ACCOUNT_NAME_H
#define WBEM_PROVIDERS_LINUX_ACCOUNT_NAME_H

#include <stdint.h>

/* For free(); the number itself where no account has it, as ps shows such a user. NULL when memory
 * runs out. */
char *account_user_name(uint32_t uid);

#endif
