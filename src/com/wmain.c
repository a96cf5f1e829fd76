/*
 * The main() of programs whose own is wmain(), as Microsoft's C library has it. In an archive of
 * its own: the linker takes it only for a program without main().
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

/* In C one name serves; in C++ the name tells the parameters (Itanium C++ ABI 5.1). */
#define WMAIN(name, symbol)                                                                        \
    extern int name(int argc, wchar_t **argv, wchar_t **envp) __asm__(symbol) __attribute__((weak));
WMAIN(wmain_c, "wmain")
WMAIN(wmain_cpp, "_Z5wmainiPPw")
WMAIN(wmain_cpp_const, "_Z5wmainiPPKw")
WMAIN(wmain_cpp_none, "_Z5wmainv")
WMAIN(wmain_cpp_envp, "_Z5wmainiPPwS0_")

static wchar_t *widen(const char *text)
{
    int room = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = room > 0 ? malloc((size_t)room * sizeof *wide) : NULL;
    if (wide) {
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, room);
    }
    return wide;
}

static void free_all(wchar_t **wide)
{
    for (size_t i = 0; wide && wide[i]; i++) {
        free(wide[i]);
    }
    free(wide);
}

/* NULL when memory runs out. */
static wchar_t **widen_all(char **texts)
{
    size_t count = 0;
    while (texts[count]) {
        count++;
    }
    wchar_t **wide = calloc(count + 1, sizeof *wide);
    for (size_t i = 0; wide && i < count; i++) {
        wide[i] = widen(texts[i]);
        if (!wide[i]) {
            free_all(wide);
            return NULL;
        }
    }
    return wide;
}

static int call_wmain(int argc, wchar_t **argv, wchar_t **envp)
{
    int (*candidates[])(int, wchar_t **, wchar_t **) = {wmain_c, wmain_cpp, wmain_cpp_const,
                                                        wmain_cpp_none, wmain_cpp_envp};
    for (size_t i = 0; i < ARRAYSIZE(candidates); i++) {
        if (candidates[i]) {
            return candidates[i](argc, argv, envp);
        }
    }
    fputs("this program has neither main() nor wmain()\n", stderr);
    return EXIT_FAILURE;
}

int main(int argc, char **argv, char **envp)
{
    wchar_t **wide_argv = widen_all(argv);
    wchar_t **wide_envp = widen_all(envp);
    int status = EXIT_FAILURE;
    if (wide_argv && wide_envp) {
        status = call_wmain(argc, wide_argv, wide_envp);
    } else {
        fputs("out of memory\n", stderr);
    }
    free_all(wide_argv);
    free_all(wide_envp);
    return status;
}
