# The client in Python (client/examples/python) for the tests that run it: the interpreter, and what flatc makes of the
# schema. Link sounder_python_client for SOUNDER_PYTHON and SOUNDER_PYTHONPATH.
include_guard(GLOBAL)

# Debian's, since the module flatbuffers is a package of Debian.
find_program(SOUNDER_PYTHON python3 HINTS /usr/bin)
if(NOT SOUNDER_PYTHON)
  set(SOUNDER_PYTHON python3)
endif()
set(generated_python ${PROJECT_BINARY_DIR}/generated/python)
add_custom_command(
  OUTPUT ${generated_python}/broker_generated.py
  COMMAND ${SOUNDER_FLATC} --python --gen-onefile -o ${generated_python} ${PROJECT_SOURCE_DIR}/engine/broker/broker.fbs
  DEPENDS ${PROJECT_SOURCE_DIR}/engine/broker/broker.fbs
  VERBATIM)
add_custom_target(sounder_python_schema DEPENDS ${generated_python}/broker_generated.py)
add_library(sounder_python_client INTERFACE)
add_dependencies(sounder_python_client sounder_python_schema)
target_compile_definitions(
  sounder_python_client
  INTERFACE SOUNDER_PYTHON="${SOUNDER_PYTHON}"
            SOUNDER_PYTHONPATH="PYTHONPATH=${generated_python}:${PROJECT_SOURCE_DIR}/client/examples/python")
