// Many small texts that live and die together, without an allocation for each.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace pdr {

class TextArena {
 public:
  // Room for n bytes, for as long as the arena lives. From any thread.
  char* Allocate(size_t n) {
    std::lock_guard lock(mutex_);
    if (n > left_) {
      const size_t size = n > kBlock / 4 ? n : kBlock;
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      if (size == n) return blocks_.back().get();  // the block before goes on being filled
      next_ = blocks_.back().get();
      left_ = size;
    }
    char* out = next_;
    next_ += n;
    left_ -= n;
    return out;
  }

  std::string_view Keep(std::string_view text) {
    if (text.empty()) return {};  // there may be no block yet to point into
    char* kept = Allocate(text.size());
    std::memcpy(kept, text.data(), text.size());
    return {kept, text.size()};
  }

 private:
  static constexpr size_t kBlock = size_t{256} << 10;
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace pdr
