#include "config/listen.h"

#include <charconv>

#include <fmt/format.h>

#include "config/text.h"
#include "engine/base/ip_address.h"

namespace sounder::config {

tl::expected<ListenAddress, std::string> parse_listen(std::string_view text) {
  const auto refusal = [text](std::string_view why) {
    return tl::unexpected<std::string>(
        fmt::format("{} {}; allowed is an address and a port, such as 127.0.0.1:19719, 0.0.0.0:19719 or [::1]:19719",
                    shown(text), why));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refusal("has no port");
  auto host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  const auto address = base::IpAddress::parse(host);
  if (!address) return refusal("has no address before the port");
  if (address->is_v4() == in_brackets)
    return refusal(in_brackets ? "has brackets around IPv4" : "has no brackets around IPv6");
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return refusal("has a wrong port (0 to 65535)");
  return ListenAddress{std::string(host), port};
}

}  // namespace sounder::config
