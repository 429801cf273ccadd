# FlatBuffers: headers, and flatc, which writes the header of a schema. flatc runs where the build does, also when that is
# for another system.
find_path(SOUNDER_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)
find_program(SOUNDER_FLATC flatc REQUIRED)
add_library(sounder_flatbuffers INTERFACE)
add_library(sounder::flatbuffers ALIAS sounder_flatbuffers)
target_include_directories(sounder_flatbuffers SYSTEM INTERFACE ${SOUNDER_FLATBUFFERS_INCLUDE})

# sounder_schema(NAME SCHEMA): the target NAME, for those who include the header that flatc makes of SCHEMA. FOLDER/X.fbs
# of this tree is included as "FOLDER/X_generated.h".
function(sounder_schema name schema)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  get_filename_component(stem ${schema} NAME_WE)
  set(generated ${PROJECT_BINARY_DIR}/generated)
  set(header ${generated}/${folder}/${stem}_generated.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${SOUNDER_FLATC} --cpp --cpp-std c++17 --scoped-enums -o ${generated}/${folder}
            ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
    VERBATIM)
  add_custom_target(${name}_header DEPENDS ${header})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_header)
  target_include_directories(${name} SYSTEM INTERFACE ${generated})
  target_link_libraries(${name} INTERFACE sounder::flatbuffers)
endfunction()
