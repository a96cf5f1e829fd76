/*
 * A program as Windows has them: it begins with wmain, mixes narrow and wide output on one stream,
 * and prints BSTRs with %s. What it prints is compared with what Windows would have printed, as
 * UTF-8, in the "C" locale, where the C library's own wide functions would print nothing of it.
 */
#include <iostream>
#include <Windows.h>
#include <ComDef.h>
#include <tchar.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

#pragma comment(lib, "wbemuuid.lib")
#pragma warning(disable : 4996)

using std::cout;
using std::endl;
using std::wcout;

static std::string contents(std::FILE *file)
{
    std::string text;
    std::rewind(file);
    for (int c; (c = std::fgetc(file)) != EOF;) {
        text += static_cast<char>(c);
    }
    return text;
}

int __cdecl wmain(int argc, wchar_t *argv[])
{
    if (argc < 2 || std::wcscmp(argv[1], L"gr\u00FC\u00DFe") != 0) {
        std::fprintf(stderr, "argument\n");
        return 1;
    }

    /* Standard output is a file of ours from here on. */
    std::FILE *capture = std::tmpfile();
    if (!capture || !std::freopen("/dev/null", "w", stdout)) {
        return 1;
    }
    int saved = dup(fileno(stdout));
    dup2(fileno(capture), fileno(stdout));

    _bstr_t name(L"\u010Cesk\u00E1 po\u0161ta");
    cout << "a ";
    wcout << L"b " << static_cast<wchar_t *>(name) << endl;
    printf("c ");
    wprintf(L"d %s %S %hs %ls %c|%-3s|\n", argv[1], "narrow", "hs", L"ls", L'\u00FC', L"x");
    std::wprintf(L"e %I64d %ld %lu %08lx\n", 1LL << 40, static_cast<LONG>(-1),
                 static_cast<ULONG>(7), static_cast<ULONG>(0x80041001));
    wcout << std::hex << 255 << L" " << true << endl;
    std::fputws(L"f \U0001F600\n", stdout);
    _putws(L"g");
    wcout << L"h" << std::endl;
    std::fflush(stdout);

    dup2(saved, fileno(stdout));
    const std::string expected = "a b \xC4\x8C"
                                 "esk\xC3\xA1 po\xC5\xA1ta\n"
                                 "c d gr\xC3\xBC\xC3\x9F"
                                 "e narrow hs ls \xC3\xBC|x  |\n"
                                 "e 1099511627776 -1 7 80041001\n"
                                 "ff 1\n"
                                 "f \xF0\x9F\x98\x80\n"
                                 "g\nh\n";
    std::string printed = contents(capture);
    if (printed != expected) {
        std::fprintf(stderr, "printed:\n%s\nexpected:\n%s\n", printed.c_str(), expected.c_str());
        return 1;
    }
    return 0;
}
