// The compiled half of Boost.Asio, Boost.Beast and Boost.JSON, once for all libraries: their headers are then
// declarations, which halves the time of every other translation unit that includes them.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
#include <boost/json/src.hpp>
