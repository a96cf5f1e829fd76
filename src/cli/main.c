/* Finds the command, parses its options, runs it. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#ifndef WBEM_VERSION
#define WBEM_VERSION "unknown"
#endif

const struct command commands[] = {
    {"query", "QUERY", "run a WQL query and show the objects as they arrive", 1, 1, command_query},
    {"watch", "QUERY", "run a WQL event query and show the events as they come", 1, 1,
     command_watch},
    {"events", "run", "run the permanent subscriptions of the repository until Ctrl-C", 1, 1,
     command_events},
    {"classes", "[PATTERN]", "list the classes of a namespace", 0, 1, command_classes},
    {"class", "NAME", "describe a class", 1, 1, command_class},
    {"get", "PATH", "show one object by its path, such as Win32_Process.Handle=\"1\"", 1, 1,
     command_get},
    {"call", "PATH [METHOD [NAME=VALUE ...]]",
     "call a method of a class or an object, or list them", 1, INT_MAX, command_call},
    {"mof", "compile FILE ...|check FILE ...|dump [CLASS ...]",
     "compile MOF into the repository, check it, or print a namespace as MOF", 1, INT_MAX,
     command_mof},
    {"repository", "backup FILE|restore FILE|check|where",
     "keep the repository, check it, or say where it is", 1, 2, command_repository},
    {"wmic", "[COMMAND ...]",
     "the language of Windows' WMIC, such as process get name,processid /format:csv", 0, INT_MAX,
     command_wmic},
    {"object", "decode [FILE ...]|encode PATH",
     "show the objects in bytes of a capture, or print the bytes of one", 1, INT_MAX,
     command_object},
    {"complete", "KIND [NAME ...]", NULL, 1, 3, command_complete},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int run(const struct command *c, const struct options *o)
{
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (FAILED(hr)) {
        return fail("initialize COM", hr);
    }
    int code = c->run(o);
    CoUninitialize();
    return code;
}

int main(int argc, char **argv)
{
    use_locale();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write */

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        const struct command *about = argc > 2 ? find_command(argv[2]) : NULL;
        if (about) {
            print_command_help(about, stdout);
        } else {
            print_help(stdout);
        }
        return finish_output();
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("wbem " WBEM_VERSION);
        return finish_output();
    }
    const struct command *c = find_command(name);
    if (!c) {
        fprintf(stderr, "wbem: '%s' is not a command; see wbem --help\n", name);
        return EXIT_USAGE;
    }
    struct options o;
    if (!options_parse(c, argc - 1, argv + 1, &o)) {
        return EXIT_USAGE;
    }
    int code = run(c, &o);
    free(o.folders);
    return code;
}
