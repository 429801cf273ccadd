# Windows on x86-64, from Debian's mingw-w64 with POSIX threads. The libraries are those that scripts/windows-deps built.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(triplet x86_64-w64-mingw32)
set(CMAKE_C_COMPILER ${triplet}-gcc-posix)
set(CMAKE_CXX_COMPILER ${triplet}-g++-posix)
set(CMAKE_RC_COMPILER ${triplet}-windres)

if(NOT SOUNDER_WINDOWS_DEPS)
  set(SOUNDER_WINDOWS_DEPS $ENV{SOUNDER_WINDOWS_DEPS})
  if(NOT SOUNDER_WINDOWS_DEPS)
    get_filename_component(SOUNDER_WINDOWS_DEPS ${CMAKE_CURRENT_LIST_DIR}/../.cache/windows ABSOLUTE)
  endif()
  set(SOUNDER_WINDOWS_DEPS ${SOUNDER_WINDOWS_DEPS} CACHE PATH "What scripts/windows-deps built")
endif()
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SOUNDER_WINDOWS_DEPS)

set(CMAKE_FIND_ROOT_PATH ${SOUNDER_WINDOWS_DEPS} /usr/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# FindZLIB would take the import library of a DLL.
set(ZLIB_LIBRARY /usr/${triplet}/lib/libz.a CACHE FILEPATH "" FORCE)

# One executable that needs nothing beside it.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
