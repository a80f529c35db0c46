# Boost is used as headers only (Asio, Beast, Describe). Debian's libboost1.81-dev conflicts with the 1.74 that other
# packages of a user may need, so where it could not be installed the setup script unpacks it into .deps/boost instead.
add_library(nav_boost_headers INTERFACE)
find_path(NAV_BOOST_INCLUDE boost/describe.hpp
          PATHS ${PROJECT_SOURCE_DIR}/.deps/boost/usr/include /usr/include NO_DEFAULT_PATH REQUIRED)
file(STRINGS ${NAV_BOOST_INCLUDE}/boost/version.hpp boost_version REGEX "define BOOST_VERSION [0-9]+")
string(REGEX REPLACE ".* ([0-9]+)$" "\\1" boost_version "${boost_version}")
if(boost_version LESS 108100)
  message(FATAL_ERROR "Boost 1.81 or newer is needed, found ${boost_version} in ${NAV_BOOST_INCLUDE}: run ./quickstart --setup-only")
endif()
target_include_directories(nav_boost_headers SYSTEM INTERFACE ${NAV_BOOST_INCLUDE})
