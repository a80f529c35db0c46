# Each src/LIBRARY/NAME_fuzz.cc becomes a program fuzz_NAME: `cmake --preset fuzz && ninja -C build/fuzz fuzzers && build/fuzz/bin/fuzz_NAME`.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "the fuzzers need clang: use the preset \"fuzz\"")
endif()

# The libraries are instrumented too: a fuzzer that cannot see where its input leads finds nothing.
get_property(nav_targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
foreach(target ${nav_targets})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endforeach()

# What clang 14 puts before a function for this check cannot stand before the parts of a coroutine.
set_property(SOURCE ${PROJECT_SOURCE_DIR}/src/http/connection.cc ${PROJECT_SOURCE_DIR}/src/http/connection_pipe.cc
             APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=function)

add_custom_target(fuzzers)
file(GLOB nav_fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*_fuzz.cc)
foreach(source ${nav_fuzzers})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  get_filename_component(library ${source} DIRECTORY)
  get_filename_component(library ${library} NAME)
  nav_program(fuzz_${name} ${source} ${library})
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer-no-link)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
endforeach()
