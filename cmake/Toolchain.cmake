# Compiler, linker and sanitizer choices shared by everything we build.
option(NAV_TESTS "Build the unit tests" ON)
option(NAV_FUZZERS "Build the libFuzzer targets (needs clang)" OFF)
set(NAV_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT NAV_FUZZERS)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror -fvisibility=hidden)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Designated initializers leave out what has a default on purpose; the others g++ 12 reports wrongly at -O2.
  add_compile_options(-Wno-missing-field-initializers -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
  if(CMAKE_UNITY_BUILD)
    add_compile_options(-Wno-subobject-linkage)  # of files that are not headers, which it takes them for
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wno-missing-field-initializers)
  if(CMAKE_UNITY_BUILD)
    add_compile_options(-Wno-shadow)  # by names of another file of the same unit
  endif()
endif()
if(NAV_SANITIZE)
  add_compile_options(-fsanitize=${NAV_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NAV_SANITIZE})
  if(NAV_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A quarter of the time to compile, for what the address sanitizer finds as well or this code does not do.
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr)
  endif()
  if(NAV_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences are not seen by the thread sanitizer. What they order is ordered by its queues' mutexes too.
    add_compile_options(-Wno-tsan)
  endif()
endif()
