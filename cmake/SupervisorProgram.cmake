# nav-supervisor stays in memory beside every job, so it is linked statically and against nothing but the lean half of
# src/supervisor: taking the archive alone, without what `base` needs, makes the link fail as soon as that half grows fat.
set_target_properties(supervisor PROPERTIES UNITY_BUILD OFF)  # or all of it is taken for a part of it
add_executable(nav-supervisor src/supervisor/program.cc)
target_link_libraries(nav-supervisor PRIVATE $<TARGET_FILE:supervisor>)
add_dependencies(nav-supervisor supervisor)
target_include_directories(nav-supervisor PRIVATE $<TARGET_PROPERTY:supervisor,INTERFACE_INCLUDE_DIRECTORIES>)
set_target_properties(nav-supervisor PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin LINK_DEPENDS $<TARGET_FILE:supervisor>)
if(NOT NAV_SANITIZE)
  target_link_options(nav-supervisor PRIVATE -static -Wl,--gc-sections)
endif()
# Tests that start real attempts.
foreach(test supervisor_test adapters_test)
  if(TARGET ${test})
    add_dependencies(${test} nav-supervisor)
  endif()
endforeach()
