# `cmake --install` and, with cpack, the .deb.
include(GNUInstallDirs)

# What is installed are the executable and the client library: tests need not be built for it. The target sounder builds
# both.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS sounder RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md LICENSE config/example.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sounder)

# For programs that talk to the daemon: headers, libraries, and how CMake and pkg-config find them.
if(TARGET sounder_client_installed)
  add_dependencies(sounder sounder_client_installed sounder_c)
  include(CMakePackageConfigHelpers)
  set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/sounder)
  install(
    TARGETS sounder_client_installed sounder_c
    EXPORT sounderTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    INCLUDES
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT sounderTargets NAMESPACE sounder:: DESTINATION ${package_folder})
  configure_package_config_file(cmake/sounderConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/sounderConfig.cmake
                                INSTALL_DESTINATION ${package_folder})
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/sounderConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sounderConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/sounderConfigVersion.cmake
          DESTINATION ${package_folder})
  foreach(name sounder sounder-client)
    configure_file(cmake/${name}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endforeach()
  install(DIRECTORY client/sounder DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  install(DIRECTORY client/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sounder)
  install(FILES client/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sounder RENAME client.md)
endif()

# The unit names the executable by its full path, which is known when it is installed.
set(installed_unit ${CMAKE_CURRENT_BINARY_DIR}/sounder.service)
install(
  CODE "
  file(READ \"${CMAKE_CURRENT_SOURCE_DIR}/deploy/sounder.service\" unit)
  string(REPLACE \"/usr/bin/sounder\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/sounder\" unit \"\${unit}\")
  file(WRITE \"${installed_unit}\" \"\${unit}\")")
install(FILES ${installed_unit} DESTINATION lib/systemd/system)

# Where `sounder run` looks by default, whatever the prefix. What is there already is somebody's: it stays.
install(
  CODE "
  set(target /etc/sounder/sounder.yaml)
  if(NOT EXISTS \"\$ENV{DESTDIR}\${target}\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${target}\")
    configure_file(\"${CMAKE_CURRENT_SOURCE_DIR}/config/example.yaml\" \"\$ENV{DESTDIR}\${target}\" COPYONLY)
  endif()")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The sounder maintainers <maintainers@sounder.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "high-throughput ICMP monitoring for Prometheus")
# What is installed to absolute paths belongs to the package too.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/conffiles
                                       ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postinst
                                       ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm
                                       ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/triggers)
include(CPack)
