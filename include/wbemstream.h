/*
 * C++: std::wcout, std::wcerr and std::wclog as on Windows, where they mix with std::cout and
 * printf on one stream and know every character. Here the first output would decide which kind a
 * stream takes, and outside a UTF-8 locale the first character that is not ASCII would be the last.
 * So their text is written as UTF-8 to the narrow stream; manipulators and formatting are
 * untouched. Define WBEM_NO_WIDE_STDIO before the first include to leave them alone.
 */
#ifndef WBEM_WBEMSTREAM_H
#define WBEM_WBEMSTREAM_H

#if defined(__cplusplus) && !defined(WBEM_NO_WIDE_STDIO)

#include <cstdio>
#include <iostream>
#include <streambuf>
#include "crt.h"

class wbem_wide_buffer : public std::wstreambuf
{
  public:
    explicit wbem_wide_buffer(std::FILE *file) : file_(file)
    {
    }

  protected:
    int_type overflow(int_type c = traits_type::eof()) override
    {
        if (traits_type::eq_int_type(c, traits_type::eof())) {
            return traits_type::not_eof(c);
        }
        wchar_t character = traits_type::to_char_type(c);
        return wbem_write_wide(&character, 1, file_) ? c : traits_type::eof();
    }

    std::streamsize xsputn(const wchar_t *text, std::streamsize length) override
    {
        return wbem_write_wide(text, static_cast<size_t>(length), file_) ? length : 0;
    }

    int sync() override
    {
        return std::fflush(file_) == 0 ? 0 : -1;
    }

  private:
    std::FILE *file_;
};

/* Once in a program, by whichever file comes first. The buffers live as long as the program, which
 * may print until its very end. */
inline bool wbem_use_wide_buffers()
{
    std::wcout.rdbuf(new wbem_wide_buffer(stdout));
    std::wcerr.rdbuf(new wbem_wide_buffer(stderr));
    std::wclog.rdbuf(new wbem_wide_buffer(stderr));
    return true;
}

struct wbem_wide_streams {
    wbem_wide_streams()
    {
        static const bool done = wbem_use_wide_buffers();
        (void)done;
    }
};

static const wbem_wide_streams wbem_wide_streams_in_this_file;

#endif

#endif
