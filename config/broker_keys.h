/// `broker:`, what local programs may connect to.
#pragma once

#include "config/diagnostics.h"
#include "config/settings.h"
#include "config/yaml_document.h"

namespace sounder::config {

void read_broker(Node map, BrokerSettings& broker, Diagnostics& diagnostics);

}  // namespace sounder::config
