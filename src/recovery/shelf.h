// Large values, one for each container: in memory as long as all of them fit (Scratch), written
// aside otherwise. So the memory is bounded by what is worked on, not by the whole cluster.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/status.h"
#include "recovery/scratch.h"

namespace pdr {

// A place for one value. What is written aside goes there in slices, so that its bytes are not in
// memory beside it, all at once. `Codec` has, as static functions: Bytes(value), about how much
// memory it takes; Cut(value), which takes a slice of limited size out of it; IsEmpty(value), when
// nothing is left to be cut; Join(value, slice), slices in the order in which they were cut;
// Encode(value); and Decode(bytes, container).
template <typename T, typename Codec>
class ShelfPlace {
 public:
  ShelfPlace() = default;
  ShelfPlace(ShelfPlace&& other) noexcept { *this = std::move(other); }
  ShelfPlace& operator=(ShelfPlace&& other) noexcept {
    Clear();
    scratch_ = std::move(other.scratch_);
    value_ = std::move(other.value_);
    bytes_ = std::exchange(other.bytes_, 0);
    aside_ = std::exchange(other.aside_, {});
    return *this;
  }
  ~ShelfPlace() { Clear(); }

  Status Put(std::shared_ptr<Scratch> scratch, T value) {
    Clear();
    scratch_ = std::move(scratch);
    bytes_ = Codec::Bytes(value);
    if (scratch_->Keep(bytes_)) {
      value_ = std::make_unique<T>(std::move(value));
      return OkStatus();
    }
    do {
      StatusOr<Scratch::Extent> slice = scratch_->Write(Codec::Encode(Codec::Cut(value)));
      if (!slice.ok()) {
        Clear();  // a part must not pass for the whole
        return slice.status();
      }
      aside_.push_back(*slice);
    } while (!Codec::IsEmpty(value));
    return OkStatus();
  }

  // `look` is given the value, and says how that went.
  template <typename Look>
  Status LookAt(size_t container, const Look& look) const {
    if (value_) return look(std::as_const(*value_));
    ASSIGN_OR_RETURN(const T value, Read(container));
    return look(value);
  }

  StatusOr<T> Take(size_t container) {
    if (value_) {
      T value = std::move(*value_);
      Clear();
      return value;
    }
    StatusOr<T> value = Read(container);
    if (value.ok()) Clear();
    return value;
  }

  uint64_t bytes() const { return bytes_; }

 private:
  StatusOr<T> Read(size_t container) const {
    if (aside_.empty()) return Internal("nothing is kept of container {}", container);
    T value;
    for (const Scratch::Extent& extent : aside_) {
      ASSIGN_OR_RETURN(const std::string bytes, scratch_->Read(extent));
      StatusOr<T> slice = Codec::Decode(bytes, container);
      if (!slice.ok()) return scratch_->Unreadable(Message(slice.status()));
      Codec::Join(value, *std::move(slice));
    }
    return value;
  }

  void Clear() {
    if (value_) scratch_->GiveBack(bytes_);
    for (const Scratch::Extent& extent : aside_) scratch_->Forget(extent);
    value_.reset();
    aside_.clear();
    bytes_ = 0;
  }

  std::shared_ptr<Scratch> scratch_;
  std::unique_ptr<T> value_;
  uint64_t bytes_ = 0;
  std::vector<Scratch::Extent> aside_;
};

// Different containers may be worked on at the same time.
template <typename T, typename Codec>
class Shelf {
 public:
  Shelf() = default;
  Shelf(size_t containers, std::shared_ptr<Scratch> scratch)
      : scratch_(std::move(scratch)), places_(containers) {}

  size_t size() const { return places_.size(); }
  Status Put(size_t container, T value) {
    return places_[container].Put(scratch_, std::move(value));
  }
  template <typename Look>
  Status LookAt(size_t container, const Look& look) const {
    return places_[container].LookAt(container, look);
  }
  // One after another.
  template <typename Look>
  Status LookAtAll(const Look& look) const {
    for (size_t c = 0; c < size(); ++c) RETURN_IF_ERROR(LookAt(c, look));
    return OkStatus();
  }
  // The value is no longer there.
  StatusOr<T> Take(size_t container) { return places_[container].Take(container); }

  // How many of the values that are here to work on side by side, up to `threads`.
  size_t AtOnce(size_t threads) const {
    uint64_t largest = 0;
    for (const auto& place : places_) largest = std::max(largest, place.bytes());
    // What is made of a value takes as much again.
    return FitAtOnce(threads, scratch_->at_work(), 2 * largest);
  }

 private:
  std::shared_ptr<Scratch> scratch_ = Scratch::None();
  std::vector<ShelfPlace<T, Codec>> places_;
};

}  // namespace pdr
