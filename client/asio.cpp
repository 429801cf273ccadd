// The compiled half of Boost.Asio, for programs that link the installed library (see CMakeLists.txt). Within this
// project cmake/boost.cpp has it.
#include <boost/asio/impl/src.hpp>
