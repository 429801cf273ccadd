/// The seam to where local clients connect: a name of this machine, and who it was that came.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/local_stream.h"
#include "engine/io/process_watch.h"

namespace sounder::io {

/// Who connected, as the system says; nothing of it is the client's own word.
struct Credentials {
  std::string user;                 ///< Linux: the user id in decimal; Windows: the SID. What is charged and allowed
  std::vector<std::string> groups;  ///< ids of the same kind, the primary one included
  bool administrator = false;       ///< root; a member of Administrators
  std::uint64_t process = 0;        ///< its number, for people and logs; 0: not known (another PID namespace)
};

/// A client that was let in.
struct LocalClient {
  Credentials credentials;
  std::unique_ptr<LocalStream> stream;
};

struct ListenerNumbers {
  std::uint64_t accept_errors = 0;  ///< the system refused, or the client had gone before it could be asked who it is
};

class LocalListener {
 public:
  using Handler = std::function<void(LocalClient)>;

  LocalListener() = default;
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;
  /// Gives the name back. No handler runs afterwards.
  virtual ~LocalListener() = default;

  /// Accepts from now on, at most kAcceptsPerTurn in one turn of the loop. A want of descriptors or memory ends
  /// nothing: clients wait until there are some again. Once.
  virtual void start(Handler handler) = 0;
  /// Has `exited` called once, on the loop, when the process that connected `stream` (one of this listener's) has
  /// ended; at once if it has already. An error where the system can't tell: then the stream's end must do.
  [[nodiscard]] virtual base::Result<std::unique_ptr<ProcessWatch>> watch_process(const LocalStream& stream,
                                                                                  std::function<void()> exited) = 0;
  [[nodiscard]] virtual ListenerNumbers numbers() const = 0;
};

}  // namespace sounder::io
