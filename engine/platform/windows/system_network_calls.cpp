#include "engine/platform/windows/system_network_calls.h"

#include <map>
#include <optional>
#include <span>
#include <utility>

#include "engine/platform/windows/address_list_change.h"
#include "engine/platform/windows/change_registration.h"
#include "engine/platform/windows/mib_rows.h"
#include "engine/platform/windows/winsock.h"

namespace sounder::platform::windows {

namespace {

/// What rows there are, for as long as this lives; the table's memory is the system's.
template <class Table>
class MibTable {
 public:
  MibTable() = default;
  ~MibTable() {
    if (table_ != nullptr) FreeMibTable(table_);
  }
  MibTable(const MibTable&) = delete;
  MibTable& operator=(const MibTable&) = delete;

  Table** out() { return &table_; }
  [[nodiscard]] auto rows() const {
    using Row = std::remove_reference_t<decltype(table_->Table[0])>;
    if (table_ == nullptr) return std::span<const Row>();
    return std::span<const Row>(static_cast<const Row*>(table_->Table), table_->NumEntries);
  }

 private:
  Table* table_ = nullptr;
};

/// That there is nothing to list is an error to some of these calls.
std::uint32_t unless_empty(NETIO_STATUS status) { return status == ERROR_NOT_FOUND ? NO_ERROR : status; }

void WINAPI on_interface_change(void* context, PMIB_IPINTERFACE_ROW /*row*/, MIB_NOTIFICATION_TYPE /*type*/) {
  static_cast<ChangeContext*>(context)->notify();
}
void WINAPI on_address_change(void* context, PMIB_UNICASTIPADDRESS_ROW /*row*/, MIB_NOTIFICATION_TYPE /*type*/) {
  static_cast<ChangeContext*>(context)->notify();
}
void WINAPI on_route_change(void* context, PMIB_IPFORWARD_ROW2 /*row*/, MIB_NOTIFICATION_TYPE /*type*/) {
  static_cast<ChangeContext*>(context)->notify();
}

/// Of an interface in one family.
using InterfaceMetrics = std::map<std::pair<ADDRESS_FAMILY, NET_IFINDEX>, ULONG>;

/// Routes are compared by these too. A system that does not tell them (Wine) has none.
InterfaceMetrics read_interface_metrics() {
  InterfaceMetrics metrics;
  MibTable<MIB_IPINTERFACE_TABLE> table;
  if (GetIpInterfaceTable(AF_UNSPEC, table.out()) != NO_ERROR) return metrics;
  for (const MIB_IPINTERFACE_ROW& row : table.rows()) metrics[{row.Family, row.InterfaceIndex}] = row.Metric;
  return metrics;
}

std::uint32_t read_interfaces(NetworkTables& tables) {
  MibTable<MIB_IF_TABLE2> table;
  const std::uint32_t error = unless_empty(GetIfTable2(table.out()));
  for (const MIB_IF_ROW2& row : table.rows()) {
    if (auto interface = from_row(row)) tables.interfaces.push_back(std::move(*interface));
  }
  return error;
}

std::uint32_t read_addresses(NetworkTables& tables) {
  MibTable<MIB_UNICASTIPADDRESS_TABLE> table;
  const std::uint32_t error = unless_empty(GetUnicastIpAddressTable(AF_UNSPEC, table.out()));
  for (const MIB_UNICASTIPADDRESS_ROW& row : table.rows()) {
    if (const auto address = from_row(row)) tables.addresses.push_back(*address);
  }
  return error;
}

std::uint32_t read_routes(NetworkTables& tables) {
  const InterfaceMetrics metrics = read_interface_metrics();
  MibTable<MIB_IPFORWARD_TABLE2> table;
  const std::uint32_t error = unless_empty(GetIpForwardTable2(AF_UNSPEC, table.out()));
  for (const MIB_IPFORWARD_ROW2& row : table.rows()) {
    const auto metric = metrics.find({row.DestinationPrefix.Prefix.si_family, row.InterfaceIndex});
    if (const auto route = from_row(row, metric == metrics.end() ? 0 : metric->second)) tables.routes.push_back(*route);
  }
  return error;
}

class SystemNetworkCalls final : public NetworkCalls {
 public:
  explicit SystemNetworkCalls(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  Subscription subscribe(NetworkTopic topic, ChangeContext& context) override {
    // No initial notice is asked for: it tells nothing.
    HANDLE handle = nullptr;
    NETIO_STATUS error = NO_ERROR;
    switch (topic) {
      case NetworkTopic::kInterfaces:
        error = NotifyIpInterfaceChange(AF_UNSPEC, &on_interface_change, &context, FALSE, &handle);
        break;
      case NetworkTopic::kAddresses:
        error = NotifyUnicastIpAddressChange(AF_UNSPEC, &on_address_change, &context, FALSE, &handle);
        break;
      case NetworkTopic::kRoutes:
        error = NotifyRouteChange2(AF_UNSPEC, &on_route_change, &context, FALSE, &handle);
        break;
    }
    return {error, handle};
  }

  std::uint32_t cancel(void* handle) override { return CancelMibChangeNotify2(handle); }

  std::uint32_t read(NetworkTables& tables) override {
    if (const std::uint32_t error = read_interfaces(tables); error != NO_ERROR) return error;
    if (const std::uint32_t error = read_addresses(tables); error != NO_ERROR) return error;
    return read_routes(tables);
  }

  void await_address_change(const std::function<void()>& ring) override {
    if (!v4_) v4_.emplace(executor_, base::Family::kIpv4);
    if (!v6_) v6_.emplace(executor_, base::Family::kIpv6);
    v4_->await(ring);
    v6_->await(ring);
  }

 private:
  Winsock winsock_;
  boost::asio::any_io_executor executor_;
  std::optional<AddressListChange> v4_;  ///< from the first wait on
  std::optional<AddressListChange> v6_;
};

}  // namespace

std::unique_ptr<NetworkCalls> make_system_network_calls(const boost::asio::any_io_executor& executor) {
  return std::make_unique<SystemNetworkCalls>(executor);
}

}  // namespace sounder::platform::windows
