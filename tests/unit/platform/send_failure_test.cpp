#include "engine/platform/linux/send_failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace sounder::platform {

namespace {

using wire::SendFailure;

TEST(SendFailure, NamesWhatTheKernelMeant) {
  EXPECT_EQ(to_send_failure(ENETUNREACH), SendFailure::kNoRoute);
  EXPECT_EQ(to_send_failure(EHOSTUNREACH), SendFailure::kNoRoute);
  EXPECT_EQ(to_send_failure(ENOBUFS), SendFailure::kNoBuffer);
  EXPECT_EQ(to_send_failure(ENOMEM), SendFailure::kNoBuffer);
  EXPECT_EQ(to_send_failure(EAGAIN), SendFailure::kNoBuffer);
  EXPECT_EQ(to_send_failure(EPERM), SendFailure::kNotPermitted);
  EXPECT_EQ(to_send_failure(EACCES), SendFailure::kAccessDenied);
  EXPECT_EQ(to_send_failure(EMSGSIZE), SendFailure::kMessageTooBig);
  EXPECT_EQ(to_send_failure(ENODEV), SendFailure::kNoDevice);
  EXPECT_EQ(to_send_failure(ENXIO), SendFailure::kNoDevice);
  EXPECT_EQ(to_send_failure(EIO), SendFailure::kOther);
}

TEST(SendFailure, EinvalIsABlackhole) { EXPECT_EQ(to_send_failure(EINVAL), SendFailure::kNoRoute); }

}  // namespace

}  // namespace sounder::platform
