# pdr_precompile(TARGET common|test): headers that nearly every file includes are compiled once for all
# rooms, and once more for all tests. A build without PDR_PRECOMPILE shows that each file names what it uses.
option(PDR_PRECOMPILE "Compile common headers once" OFF)

# Fuzzers, and what they run, are six times as fast with little optimisation. The tests around them would take
# longer to compile than they save.
function(pdr_optimise_for_fuzzers target which)
  if(PDR_FUZZ AND which STREQUAL "common")
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()

file(WRITE ${CMAKE_BINARY_DIR}/precompile.cc "")
set(common <algorithm> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <string>
    <string_view> <utility> <variant> <vector> <absl/container/flat_hash_map.h>
    <absl/status/status.h> <absl/status/statusor.h> <fmt/format.h>)
set(test <fstream> <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp> <rapidcheck/gtest.h>)

if(PDR_PRECOMPILE)
  add_library(pdr_precompiled_common STATIC ${CMAKE_BINARY_DIR}/precompile.cc)
  target_link_libraries(pdr_precompiled_common PUBLIC absl::statusor absl::flat_hash_map fmt::fmt)
  target_precompile_headers(pdr_precompiled_common PRIVATE ${common})
  pdr_optimise_for_fuzzers(pdr_precompiled_common common)
  if(PDR_TESTS)
    add_library(pdr_precompiled_test STATIC ${CMAKE_BINARY_DIR}/precompile.cc)
    target_link_libraries(pdr_precompiled_test PUBLIC pdr_precompiled_common GTest::gmock
                          nlohmann_json::nlohmann_json rapidcheck)
    target_precompile_headers(pdr_precompiled_test PRIVATE ${common} ${test})
  endif()
endif()

function(pdr_precompile target which)
  pdr_optimise_for_fuzzers(${target} ${which})
  if(PDR_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM pdr_precompiled_${which})
  endif()
endfunction()
