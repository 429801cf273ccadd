/// Paths as a test wants them: one answer for everybody, and others for some.
#pragma once

#include <map>

#include "engine/net/paths.h"

namespace sounder::probe::testing {

class FakePaths final : public net::Paths {
 public:
  explicit FakePaths(const net::Path& everybody) : everybody_(everybody) {}

  FakePaths& to(const base::IpAddress& destination, const net::Path& path) {
    paths_.insert_or_assign(destination.to_string(), path);
    return *this;
  }
  [[nodiscard]] net::Path find(const net::PathQuery& query) const override {
    last_query = query;
    const auto found = paths_.find(query.destination.to_string());
    return found == paths_.end() ? everybody_ : found->second;
  }

  mutable net::PathQuery last_query;

 private:
  net::Path everybody_;
  std::map<std::string, net::Path> paths_;
};

inline net::Path path(net::Path::Kind kind, bool carrier = true, std::uint32_t interface = 2) {
  return {kind, net::InterfaceIndex(interface), carrier, {}};
}
inline net::Path on_link(std::uint32_t interface = 2) { return path(net::Path::Kind::kOnLink, true, interface); }
inline net::Path gateway(std::uint32_t interface = 2) { return path(net::Path::Kind::kGateway, true, interface); }
inline net::Path no_carrier() { return path(net::Path::Kind::kGateway, false); }
inline net::Path no_route() { return path(net::Path::Kind::kNone, false, 0); }

}  // namespace sounder::probe::testing
