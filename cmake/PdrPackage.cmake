# cmake --install, and a Debian package made by cpack.
include(GNUInstallDirs)
install(TARGETS pravega-dr RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR}
        PATTERN made EXCLUDE)
# As they lie here, so that the links between them hold.
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documents)
install(DIRECTORY docs deploy DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documents)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # Debian's name for it
if(PDR_TESTS)
  set(installed ${CMAKE_BINARY_DIR}/installed)
  add_test(NAME package.Documents  # afresh: a document that is gone must not be found
           COMMAND sh -ec "rm -rf '${installed}'; '${CMAKE_COMMAND}' --install '${CMAKE_BINARY_DIR}' \
                           --component documents --prefix '${installed}'")
  set_tests_properties(package.Documents PROPERTIES FIXTURES_SETUP documents)
  add_test(NAME package.LinksLeadSomewhere
           COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/.ci/links.py
                   ${installed}/${CMAKE_INSTALL_DOCDIR})
  set_tests_properties(package.LinksLeadSomewhere PROPERTIES FIXTURES_REQUIRED documents)
endif()

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
