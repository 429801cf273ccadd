# What every target of the project is compiled with.
option(SOUNDER_TESTS "Build tests and benchmarks" ON)
option(SOUNDER_WHOLE_TEST_PROGRAMS "Let ctest run each test program as one test" OFF)
option(SOUNDER_CANARIES "Build the swarm with faults that it must find (tests/sim)" ON)
option(SOUNDER_FUZZERS "Build the libFuzzer targets (needs clang)" OFF)
set(SOUNDER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Compiling a dozen files as one takes a quarter of the time: what is built from nothing as a whole sets
# CMAKE_UNITY_BUILD. The preset dev does not, so that each file is seen to include what it uses.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

find_program(SOUNDER_CCACHE ccache)
if(SOUNDER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SOUNDER_CCACHE})
endif()

add_library(sounder_options INTERFACE)
target_include_directories(sounder_options INTERFACE ${PROJECT_SOURCE_DIR})

if(WIN32)
  # Windows 10 1809 and Server 2019 and later; no macros named min and max; only what windows.h must bring.
  add_compile_definitions(_WIN32_WINNT=0x0A00 WINVER=0x0A00 NTDDI_VERSION=0x0A000006 WIN32_LEAN_AND_MEAN NOMINMAX)
endif()

if(MSVC)
  # No /WX: nobody has seen yet what this compiler has to say. The run-time library is linked in, as it is by g++.
  set(CMAKE_MSVC_RUNTIME_LIBRARY "MultiThreaded$<$<CONFIG:Debug>:Debug>")
  add_compile_options(/guard:cf /utf-8 /permissive- /Zc:__cplusplus /Zc:preprocessor /EHsc /bigobj)
  add_link_options(/guard:cf)
  target_compile_options(sounder_options INTERFACE /W4 /external:anglebrackets /external:W0)
else()
  if(CMAKE_UNITY_BUILD)
    # What belongs to one file alone seems to be a header's, once that file is included by another.
    target_compile_options(sounder_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  target_compile_options(
    sounder_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wconversion
              -Wshadow
              -Wold-style-cast
              -Wnon-virtual-dtor
              -Woverloaded-virtual
              -Werror
              # clang means it by -Wconversion, g++ does not
              $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
endif()
if(SOUNDER_SANITIZE)
  # g++ 12 with a sanitizer takes std::function inside std::regex for uninitialised (GCC bug 105562).
  target_compile_options(sounder_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_options(sounder_options INTERFACE -fsanitize=${SOUNDER_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(sounder_options INTERFACE -fsanitize=${SOUNDER_SANITIZE})
  # What is smaller or laxer in tests, since they take ten times as long.
  target_compile_definitions(sounder_options INTERFACE SOUNDER_SANITIZED)
  if(SOUNDER_SANITIZE MATCHES "thread")
    # The thread sanitizer does not know the fence with which Asio counts down the references to an executor.
    target_compile_options(sounder_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
  if(SOUNDER_SANITIZE MATCHES "undefined")
    # vptr asks by a pipe what memory may be read, and takes objects for bad ones where no descriptor is left for that.
    # function, in clang 14, makes of coroutines what no assembler takes ("a difference across sections").
    target_compile_options(sounder_options INTERFACE -fno-sanitize=vptr
                                                     $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  endif()
endif()
if(SOUNDER_FUZZERS)
  # The libraries are instrumented too: libFuzzer steers by what their code does with an input.
  target_compile_options(sounder_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                                   -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sounder_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
endif()
