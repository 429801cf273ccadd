/// Whom the shell is to ask for output, first come first served. A session whose stream is full is not among them.
#pragma once

#include "engine/broker/session.h"

namespace sounder::broker {

class ReadyList {
 public:
  /// The session may have something to be written.
  void wake(Session& session) {
    if (session.is_over() || session.readiness != Readiness::kIdle) return;
    session.readiness = Readiness::kQueued;
    sessions_.push_back(session);
  }
  /// Null: there is none. Gives each once.
  [[nodiscard]] Session* pop() {
    if (sessions_.empty()) return nullptr;
    Session& session = sessions_.front();
    session.ready.unlink();
    session.readiness = Readiness::kHanded;
    return &session;
  }
  /// The session is no more among them, whatever it was.
  static void set(Session& session, Readiness readiness) {
    if (session.ready.is_linked()) session.ready.unlink();
    session.readiness = readiness;
  }

 private:
  List<Session, &Session::ready> sessions_;
};

}  // namespace sounder::broker
