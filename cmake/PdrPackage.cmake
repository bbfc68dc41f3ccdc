# cmake --install, and a Debian package made by cpack.
include(GNUInstallDirs)
install(TARGETS pravega-dr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR}
        PATTERN made EXCLUDE)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN decisions EXCLUDE
        PATTERN develop.md EXCLUDE)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY deploy/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "pravega-dr maintainers <pravega-dr@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "disaster recovery for Pravega after a loss of Tier-1")
set(CPACK_PACKAGE_DESCRIPTION
    "Rebuilds the segment containers of a Pravega cluster from its Tier-2 files
after a total loss of BookKeeper and ZooKeeper, says what is lost, and checks
the result.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
