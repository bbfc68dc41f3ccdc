# pdr_compile_as(TARGET common|fuzzed|test): headers that nearly every file includes are compiled once for
# all rooms, and once more for all tests. A build without PDR_PRECOMPILE shows that each file names what it
# uses. What the fuzzers run is compiled for them, if they are built: with coverage, and with a little
# optimisation, which makes them six times as fast. All else would only take longer to compile.
option(PDR_PRECOMPILE "Compile common headers once" OFF)

# With PDR_UNITY six files are compiled as one, in half of the time when everything has to be compiled. Within a room,
# unnamed namespaces then share their names.
option(PDR_UNITY "Compile several files of a room as one" OFF)
set(unity_batch 6)

set(fuzzed_options -O1 -fsanitize=fuzzer-no-link)
file(WRITE ${CMAKE_BINARY_DIR}/precompile.cc "")
set(common <algorithm> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <string>
    <string_view> <utility> <variant> <vector> <absl/container/flat_hash_map.h>
    <absl/status/status.h> <absl/status/statusor.h> <fmt/format.h>)
set(test <fstream> <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp> <rapidcheck/gtest.h>)

function(pdr_precompiled which headers)
  add_library(pdr_precompiled_${which} STATIC ${CMAKE_BINARY_DIR}/precompile.cc)
  target_link_libraries(pdr_precompiled_${which} PUBLIC absl::statusor absl::flat_hash_map fmt::fmt)
  target_precompile_headers(pdr_precompiled_${which} PRIVATE ${headers})
endfunction()

if(PDR_PRECOMPILE)
  pdr_precompiled(common "${common}")
  if(PDR_FUZZ)
    pdr_precompiled(fuzzed "${common}")
    target_compile_options(pdr_precompiled_fuzzed PRIVATE ${fuzzed_options})
  endif()
  if(PDR_TESTS)
    pdr_precompiled(test "${common};${test}")
    target_link_libraries(pdr_precompiled_test PUBLIC GTest::gmock nlohmann_json::nlohmann_json
                          rapidcheck)
  endif()
endif()

function(pdr_compile_as target which)
  if(which STREQUAL "fuzzed" AND PDR_FUZZ)
    target_compile_options(${target} PRIVATE ${fuzzed_options})
  elseif(which STREQUAL "fuzzed")
    set(which common)
  endif()
  if(PDR_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${unity_batch})
  endif()
  if(PDR_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM pdr_precompiled_${which})
  endif()
endfunction()
