# Boost from Debian is headers; what of it can be compiled is compiled here, once.
find_package(Boost 1.81 REQUIRED)
add_library(sounder_boost STATIC ${CMAKE_CURRENT_LIST_DIR}/boost.cpp)
add_library(sounder::boost ALIAS sounder_boost)
target_compile_features(sounder_boost PUBLIC cxx_std_20)
target_compile_definitions(
  sounder_boost PUBLIC BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                       BOOST_JSON_STATIC_LINK=1 BOOST_JSON_NO_LIB=1)
target_link_libraries(sounder_boost PUBLIC Boost::headers Threads::Threads)
if(WIN32)
  target_link_libraries(sounder_boost PUBLIC ws2_32 mswsock bcrypt)
endif()
if(SOUNDER_SANITIZE)
  target_compile_options(sounder_boost PRIVATE -fsanitize=${SOUNDER_SANITIZE} -fno-omit-frame-pointer)
endif()
if(SOUNDER_SANITIZE MATCHES "undefined")
  target_compile_options(sounder_boost PRIVATE -fno-sanitize=vptr)  # as in options.cmake
endif()
if(SOUNDER_SANITIZE MATCHES "thread")
  # The thread sanitizer does not know fences. Handlers are handed from thread to thread under a mutex, which it does
  # know, so nothing is hidden by leaving them out.
  target_compile_definitions(sounder_boost PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
