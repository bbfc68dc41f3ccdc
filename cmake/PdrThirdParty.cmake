# Libraries without a CMake package of their own.

# Standalone Asio is headers only.
find_path(ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(pdr_asio INTERFACE)
target_include_directories(pdr_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
# Without the last one, Asio chooses its allocator by what was included before it, differently in
# different files.
target_compile_definitions(pdr_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED
                           ASIO_DISABLE_STD_ALIGNED_ALLOC)
if(PDR_SANITIZE MATCHES thread)
  # The thread sanitizer does not know fences; our one io thread takes its work through a mutex.
  target_compile_definitions(pdr_asio INTERFACE ASIO_DISABLE_FENCED_BLOCK)
endif()

# ZooKeeper's own C client, the multi-threaded build.
find_path(ZOOKEEPER_INCLUDE_DIR zookeeper/zookeeper.h REQUIRED)
find_library(ZOOKEEPER_LIBRARY zookeeper_mt REQUIRED)
add_library(pdr_zookeeper INTERFACE)
target_include_directories(pdr_zookeeper SYSTEM INTERFACE ${ZOOKEEPER_INCLUDE_DIR})
target_compile_definitions(pdr_zookeeper INTERFACE THREADED)
target_link_libraries(pdr_zookeeper INTERFACE ${ZOOKEEPER_LIBRARY})

# HTTP/2 framing, for the one gRPC call that is made.
find_path(NGHTTP2_INCLUDE_DIR nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(pdr_nghttp2 INTERFACE)
target_include_directories(pdr_nghttp2 SYSTEM INTERFACE ${NGHTTP2_INCLUDE_DIR})
target_link_libraries(pdr_nghttp2 INTERFACE ${NGHTTP2_LIBRARY})
