#include "engine/probe/events.h"
