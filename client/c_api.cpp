// The functions of sounder.h. No exception leaves one.
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <sounder/session.h>
#include <sounder/sounder.h>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>

#include "client/c_types.h"

struct sounder_session {
  sounder::client::Session session;
};

struct sounder_registration {
  sounder::client::Registration registration;
};

namespace {

namespace client = sounder::client;

template <class Function>
int guarded(const Function& function) noexcept {
  try {
    return function();
  } catch (const boost::system::system_error& error) {
    return client::to_c(error.code());
  } catch (const std::bad_alloc&) {
    return SOUNDER_NO_MEMORY;
  } catch (const std::exception&) {
    return SOUNDER_INVALID;
  }
}

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

/// What all batches have in common.
template <class To, class From>
To batch_head(const From& from) {
  To to{};
  to.kind = static_cast<std::uint8_t>(from.kind);
  to.error = client::to_c(from.failure.error);
  to.text = from.failure.text.c_str();
  to.missed = from.missed;
  to.first = from.first;
  to.count = from.outcomes.size();
  return to;
}

template <class Made>
void hand_over(Made made, sounder_registration** registration) {
  *registration = new sounder_registration{std::move(made)};
}

}  // namespace

extern "C" {

const char* sounder_error_text(int error) {
  thread_local std::string text;
  try {
    if (error == 0) {
      text = "success";
    } else if (error < 0) {
      text = boost::system::error_code(-error, boost::system::system_category()).message();
    } else if (error == SOUNDER_ABORTED) {
      text = "the session has ended";
    } else if (error == SOUNDER_NO_MEMORY) {
      text = "no memory";
    } else {
      text = client::make_error_code(static_cast<client::Errc>(error)).message();
    }
  } catch (const std::exception&) {
    return "no memory";
  }
  return text.c_str();
}

int sounder_address_parse(const char* text, sounder_address* address) {
  return guarded([&]() -> int {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(text_or_empty(text), error);
    if (error) return SOUNDER_INVALID;
    *address = client::to_c(parsed);
    return 0;
  });
}

size_t sounder_address_format(const sounder_address* address, char* text, size_t size) {
  std::string formatted;
  static_cast<void>(guarded([&] {
    if (const auto from = client::from_c(*address)) formatted = from->to_string();
    return 0;
  }));
  if (size != 0) {
    const size_t length = formatted.size() < size ? formatted.size() : size - 1;
    std::memcpy(text, formatted.data(), length);
    text[length] = '\0';
  }
  return formatted.size();
}

int sounder_open(const char* path, const char* program, sounder_session** session) {
  return guarded([&] {
    client::SessionOptions options;
    options.path = text_or_empty(path);
    options.program = text_or_empty(program);
    *session = new sounder_session{client::Session::open(std::move(options))};
    return 0;
  });
}

int sounder_ready(sounder_session* session) {
  return guarded([&] {
    boost::system::error_code error;
    static_cast<void>(session->session.ready(error));
    return client::to_c(error);
  });
}

void sounder_close(sounder_session* session) { delete session; }

const char* sounder_outcome_name(uint8_t kind) { return client::to_string(static_cast<client::OutcomeKind>(kind)); }

void sounder_echo_defaults(sounder_echo_request* request) {
  const client::EchoRequest defaults;
  *request = {};
  request->timeout_us = static_cast<std::uint32_t>(defaults.timeout.count());
  request->size = defaults.size;
  request->ttl = defaults.ttl;
}

int sounder_echo(sounder_session* session, const sounder_echo_request* request, sounder_outcome* outcome) {
  return guarded([&] {
    boost::system::error_code error;
    *outcome = client::to_c(session->session.echo(client::from_c(*request), error));
    return client::to_c(error);
  });
}

int sounder_echo_start(sounder_session* session, const sounder_echo_request* request, sounder_echo_callback callback,
                       void* context) {
  return guarded([&] {
    session->session.echo(client::from_c(*request),
                          [callback, context](const boost::system::error_code& error, const client::Outcome& told) {
                            const sounder_outcome outcome = client::to_c(told);
                            callback(context, client::to_c(error), &outcome);
                          });
    return 0;
  });
}

void sounder_cancel(sounder_registration* registration) { delete registration; }

int sounder_watch(sounder_session* session, unsigned objects, int edge, sounder_watch_callback callback, void* context,
                  sounder_registration** registration) {
  return guarded([&]() -> int {
    constexpr unsigned kAll = SOUNDER_INTERFACE | SOUNDER_ADDRESS | SOUNDER_ROUTE;
    if (objects == 0 || (objects & ~kAll) != 0) return SOUNDER_INVALID;
    hand_over(session->session.watch(static_cast<client::ObjectKinds>(objects),
                                     edge != 0 ? client::WatchMode::kEdge : client::WatchMode::kLevel,
                                     [callback, context](const client::WatchEvent& told) {
                                       const sounder_watch_event event = client::to_c(told);
                                       callback(context, &event);
                                     }),
              registration);
    return 0;
  });
}

int sounder_monitor(sounder_session* session, const sounder_echo_request* request, uint32_t every_us, uint8_t keep,
                    sounder_monitor_callback callback, void* context, sounder_registration** registration) {
  return guarded([&] {
    client::MonitorOptions options;
    options.request = client::from_c(*request);
    options.every = std::chrono::microseconds(every_us);
    options.keep = keep;
    hand_over(session->session.monitor(options,
                                       [callback, context](const client::MonitorBatch& told) {
                                         auto batch = batch_head<sounder_monitor_batch>(told);
                                         std::vector<sounder_outcome> outcomes;
                                         for (const auto& outcome : told.outcomes) {
                                           outcomes.push_back(client::to_c(outcome));
                                         }
                                         batch.outcomes = outcomes.data();
                                         batch.totals = client::to_c(told.totals);
                                         callback(context, &batch);
                                       }),
              registration);
    return 0;
  });
}

int sounder_outcomes(sounder_session* session, const char* group, const char* target,
                     sounder_outcomes_callback callback, void* context, sounder_registration** registration) {
  return guarded([&] {
    hand_over(
        session->session.outcomes({.group = text_or_empty(group), .target = text_or_empty(target)},
                                  [callback, context](const client::OutcomesBatch& told) {
                                    auto batch = batch_head<sounder_outcomes_batch>(told);
                                    std::vector<sounder_target_outcome> outcomes;
                                    for (const auto& one : told.outcomes) {
                                      outcomes.push_back({one.group.c_str(), one.target.c_str(), one.address.c_str(),
                                                          one.sequence, client::to_c(one.outcome)});
                                    }
                                    batch.outcomes = outcomes.data();
                                    callback(context, &batch);
                                  }),
        registration);
    return 0;
  });
}

}  // extern "C"
