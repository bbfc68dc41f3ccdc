# pdr_embed(OUTPUT HEADER NAME FILE ...): a C++ source that defines pdr::NAME, as declared in HEADER, as the text
# of each FILE. A string literal of any length is fine in C++.
function(pdr_embed output header)
  set(text "#include \"${header}\"\n\nnamespace pdr {\n\n")
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs name file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} content)
    string(APPEND text "const std::string_view ${name} = R\"embedded(${content})embedded\";\n")
  endwhile()
  string(APPEND text "\n}  // namespace pdr\n")
  file(GENERATE OUTPUT ${output} CONTENT "${text}")
endfunction()
