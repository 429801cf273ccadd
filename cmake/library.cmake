# sounder_library(NAME SOURCES ... DEPENDS ...): one static library a folder, with the project's options.
function(sounder_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(sounder_${name} STATIC ${ARG_SOURCES})
  add_library(sounder::${name} ALIAS sounder_${name})
  target_link_libraries(
    sounder_${name}
    PUBLIC ${ARG_DEPENDS}
    PRIVATE sounder_options ${ARG_PRIVATE_DEPENDS})
  target_include_directories(sounder_${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# sounder_test(NAME LABEL [SERIAL] SOURCES ... DEPENDS ...): one GoogleTest program, every test of it known to ctest, or
# the program as one test where SOUNDER_WHOLE_TEST_PROGRAMS says so.
# SERIAL: nothing runs beside its tests, since they measure. The target tests_LABEL builds all programs of a label.
function(sounder_test name label)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE sounder_options ${ARG_DEPENDS} GTest::gmock_main)
  set(properties LABELS ${label} TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL})
  # What is built for another system can't be asked for its tests while building: ctest asks, through its emulator.
  set(discovery POST_BUILD)
  if(CMAKE_CROSSCOMPILING)
    set(discovery PRE_TEST)
  endif()
  if(SOUNDER_WHOLE_TEST_PROGRAMS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE ${discovery} DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
  endif()
  set_property(GLOBAL APPEND PROPERTY SOUNDER_TEST_PROGRAMS "gtest $<TARGET_FILE:${name}>")
  if(NOT TARGET tests_${label})
    add_custom_target(tests_${label})
  endif()
  add_dependencies(tests_${label} ${name})
endfunction()
