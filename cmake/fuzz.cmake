# sounder_fuzz_target(NAME [DEFECTIVE] SOURCES ... DEPENDS ...): one LLVMFuzzerTestOneInput, twice.
#
# In every build it is linked with a small main() that replays the committed inputs of tests/fuzz/corpus/NAME, as the
# test fuzz.replay.NAME. With SOUNDER_FUZZERS (preset fuzz) it is linked with libFuzzer too:
#   build/fuzz/tests/fuzz/NAME tests/fuzz/corpus/NAME
#
# DEFECTIVE turns the test round: the replay must die of a failed check. A signal is no failure that ctest's WILL_FAIL
# turns round, so a shell looks at the status (128 + SIGABRT).
function(sounder_fuzz_target name)
  cmake_parse_arguments(ARG "DEFECTIVE" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name}_replay ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  target_link_libraries(${name}_replay PRIVATE sounder_options ${ARG_DEPENDS})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(ARG_DEFECTIVE)
    add_test(NAME fuzz.replay.${name} COMMAND sh -c "\"$1\" \"$2\"; test $? -eq 134" sh $<TARGET_FILE:${name}_replay>
                                              ${corpus})
  else()
    add_test(NAME fuzz.replay.${name} COMMAND ${name}_replay ${corpus})
    set_property(GLOBAL APPEND PROPERTY SOUNDER_TEST_PROGRAMS
                                        "plain fuzz.replay.${name} $<TARGET_FILE:${name}_replay> ${corpus}")
  endif()
  set_tests_properties(fuzz.replay.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  if(SOUNDER_FUZZERS)
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE sounder_options ${ARG_DEPENDS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
