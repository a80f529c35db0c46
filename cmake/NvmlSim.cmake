# The simulated driver, named as the real one so that any NVML program takes it. It carries its C++ runtime and uses no
# library of ours or others at run time, since it is loaded into programs that nobody here built: it is nvmlsim without its
# commands, linked with nothing.
set(nvmlsim_dir ${PROJECT_SOURCE_DIR}/src/nvmlsim)
set_target_properties(nvmlsim PROPERTIES UNITY_BUILD OFF)
add_library(nvidia-ml SHARED $<FILTER:$<TARGET_OBJECTS:nvmlsim>,EXCLUDE,/\(control|command\)\.cc\.o$>)
set_target_properties(nvidia-ml PROPERTIES LINKER_LANGUAGE CXX)
set_target_properties(nvidia-ml PROPERTIES
  VERSION 1 SOVERSION 1
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin/nvmlsim
  LINK_DEPENDS ${nvmlsim_dir}/nvmlsim.map)
target_link_options(nvidia-ml PRIVATE -Wl,--version-script=${nvmlsim_dir}/nvmlsim.map)
if(NOT NAV_SANITIZE)
  target_link_options(nvidia-ml PRIVATE -static-libstdc++ -static-libgcc -Wl,--no-undefined)
endif()

nav_program(nav-nvmlsim ${nvmlsim_dir}/program.cc nvmlsim)
add_dependencies(nav-nvmlsim nvidia-ml)
