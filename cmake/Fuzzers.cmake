# Each src/LIBRARY/NAME_fuzz.cc becomes a program fuzz_NAME: `cmake --preset fuzz && ninja -C build/fuzz && build/fuzz/bin/fuzz_NAME`.
# Needs clang. The libraries are instrumented too, so that the fuzzer sees where its input leads.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "the fuzzers need clang: use the preset \"fuzz\"")
endif()
file(GLOB nav_fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*_fuzz.cc)
foreach(source ${nav_fuzzers})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  get_filename_component(library ${source} DIRECTORY)
  get_filename_component(library ${library} NAME)
  nav_program(fuzz_${name} ${source} ${library})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()
