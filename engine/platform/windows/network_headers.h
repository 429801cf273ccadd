/// The headers of Windows' network tables and their notices.
#pragma once

#include "engine/platform/windows/system_headers.h"
// After the headers of Windows, whose types they use.
#include <iphlpapi.h>
#include <netioapi.h>

// COM's word for `struct`, which comes along with the tables of the routing protocols. Routes of ours have one.
#undef interface
