/* Asking for a password on the terminal. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

bool secret_read_line(int fd, char line[SECRET_MAX])
{
    size_t length = 0;
    for (;;) {
        char c;
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 || (n == 0 && length == 0)) {
            return false;
        }
        if (n == 0 || c == '\n' || c == '\r') {
            line[length] = '\0';
            return true;
        }
        if (length == SECRET_MAX - 1) {
            return false;
        }
        line[length++] = c;
    }
}

enum secret_answer secret_ask(const char *prompt, char secret[SECRET_MAX])
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return SECRET_NO_TERMINAL;
    }
    dprintf(fd, "%s", prompt);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    tcsetattr(fd, TCSAFLUSH, &quiet);
    bool there = secret_read_line(fd, secret);
    tcsetattr(fd, TCSAFLUSH, &before);
    dprintf(fd, "\n");
    close(fd);
    return there ? SECRET_GIVEN : SECRET_REFUSED;
}
