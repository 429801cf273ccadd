#include <pthread.h>

#include <string>

#include "engine/platform/platform.h"

namespace sounder::platform {

void set_thread_name(const char* name) {
  // pthread_setname_np(3) refuses more than 15 bytes instead of cutting.
  static_cast<void>(pthread_setname_np(pthread_self(), std::string(name).substr(0, 15).c_str()));
}

}  // namespace sounder::platform
