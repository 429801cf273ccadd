/// How an operation ends whose completion token nobody but its caller knows. Part of session.h.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace sounder::client::detail {

/// The caller's end of one operation. complete() is called once, or never if the executor goes first.
template <class Result>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;

  virtual void complete(boost::system::error_code error, Result result) = 0;
};

/// Calls a handler on its own executor, or on `fallback` where it has none, and keeps that in work until then.
template <class Handler, class Result>
class HandlerCompletion final : public Completion<Result> {
 public:
  HandlerCompletion(Handler handler, const boost::asio::any_io_executor& fallback)
      : work_(boost::asio::prefer(boost::asio::get_associated_executor(handler, fallback),
                                  boost::asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  void complete(boost::system::error_code error, Result result) override {
    boost::asio::dispatch(work_, [handler = std::move(handler_), error, result = std::move(result)]() mutable {
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(error, std::move(result));
    });
  }

 private:
  using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
  using Work = std::decay_t<decltype(boost::asio::prefer(std::declval<Executor>(),
                                                         boost::asio::execution::outstanding_work.tracked))>;
  Work work_;
  Handler handler_;
};

}  // namespace sounder::client::detail
