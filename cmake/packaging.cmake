# `cmake --install` and, with cpack, the .deb.
include(GNUInstallDirs)

# What is installed is the executable alone: tests need not be built for it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

install(TARGETS sounder RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md LICENSE config/example.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sounder)

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
                                       ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm)
include(CPack)
