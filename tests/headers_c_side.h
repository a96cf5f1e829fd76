/* What the C and the C++ half of the header test share. */
#ifndef HEADERS_C_SIDE_H
#define HEADERS_C_SIDE_H

#include <wbemidl.h>

EXTERN_C IEnumWbemClassObject *c_enumerator(void);
EXTERN_C IWbemObjectSink *c_last_sink(void);

#endif
