/// Objects of one type in chunks that go back to the system when they are empty. (An allocator keeps what it was given
/// back: after hundreds of thousands of registrations a daemon would stay as large as it was.) What of a chunk was
/// never used is never touched either, so it takes no memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/strong_id.h"

namespace sounder::broker {

/// A place: the low half is its slot, the high half the generation of what is there. Never zero. The same one comes
/// again after 2^32 others at the earliest.
using SlabId = base::StrongId<struct SlabIdTag, std::uint64_t>;

/// An object never moves. Making one takes constant time, so does ending one, but for the system's work on a chunk. One
/// thread.
template <class T>
class Slab {
 public:
  /// Whoever gives pages back waits for every core on which the process runs (the kernel's TLB shootdown): in a virtual
  /// machine a third of a millisecond was measured beside other load. So large that a slice of reclaim (kReclaimSlice)
  /// gives back one chunk of registrations at most.
  static constexpr std::size_t kChunkBytes = std::size_t{512} << 10U;

  explicit Slab(std::pmr::memory_resource& memory) : memory_(memory) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  /// All objects must have been erased (checked).
  ~Slab() {
    SOUNDER_CHECK(size_ == 0);
    if (spare_ != nullptr) give_back(*spare_);
  }

  /// Throws what T's constructor throws, and std::bad_alloc; nothing has changed then.
  template <class... Args>
  T& emplace(Args&&... args) {
    if (with_room_ == nullptr) add_chunk();
    Chunk& chunk = *with_room_;
    const bool is_fresh = chunk.free_head == kSlots;
    const std::uint32_t offset = is_fresh ? chunk.touched : chunk.free_head;
    Slot& slot = chunk.slots[offset];
    const std::uint32_t next = is_fresh ? chunk.free_head : slot.place;
    T* object = std::construct_at(slot.object(), std::forward<Args>(args)...);
    if (is_fresh) ++chunk.touched;
    take(chunk, next);
    slot.generation = next_generation();
    slot.place = static_cast<std::uint32_t>(chunk.index * kSlots + offset);
    ++size_;
    return *object;
  }

  /// `object` is one of this slab's; it is gone afterwards.
  void erase(T& object) {
    Slot& slot = slot_of(object);
    SOUNDER_CHECK(slot.generation != 0);
    Chunk& chunk = *chunks_[slot.place / kSlots];
    const auto offset = static_cast<std::uint32_t>(slot.place % kSlots);
    SOUNDER_CHECK(&chunk.slots[offset] == &slot);
    std::destroy_at(&object);
    slot.generation = 0;
    slot.place = std::exchange(chunk.free_head, offset);
    if (chunk.used == kSlots) link(chunk);
    --chunk.used;
    --size_;
    if (chunk.used == 0) retire(chunk);
  }

  /// The object of that id; null, if it has been erased or never was.
  [[nodiscard]] T* find(SlabId id) const {
    const auto place = static_cast<std::uint32_t>(id.value());
    const auto generation = static_cast<std::uint32_t>(id.value() >> 32U);
    if (place / kSlots >= chunks_.size() || chunks_[place / kSlots] == nullptr || generation == 0) return nullptr;
    Chunk& chunk = *chunks_[place / kSlots];
    if (place % kSlots >= chunk.touched) return nullptr;
    Slot& slot = chunk.slots[place % kSlots];
    return slot.generation == generation ? slot.object() : nullptr;
  }

  [[nodiscard]] SlabId id_of(const T& object) const {
    const Slot& slot = slot_of(object);
    return SlabId(std::uint64_t{slot.generation} << 32U | slot.place);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Of one object, all in.
  [[nodiscard]] static constexpr std::size_t slot_bytes() { return sizeof(Slot); }
  [[nodiscard]] std::size_t chunks() const { return chunks_.size() - vacant_.size(); }

  /// For tests: the generation that the next object has.
  void set_next_generation(std::uint32_t generation) { generation_ = generation; }

 private:
  struct Slot {
    alignas(T) std::array<std::byte, sizeof(T)> storage;
    std::uint32_t generation;  ///< 0: free
    std::uint32_t place;       ///< of an object: its number; of a free slot: the next free one's offset, or kSlots

    [[nodiscard]] T* object() { return std::launder(reinterpret_cast<T*>(storage.data())); }
  };
  static_assert(std::is_standard_layout_v<Slot>, "slot_of() takes an object's address for its slot's");
  struct Chunk;
  struct Head {
    Chunk* previous = nullptr;  ///< of those with room
    Chunk* next = nullptr;
    std::size_t index = 0;
    std::uint32_t used = 0;
    std::uint32_t touched = 0;    ///< slots from here on were never used, and are not initialised
    std::uint32_t free_head = 0;  ///< of those before; kSlots: there is none
  };
  static constexpr std::size_t kSlots = (kChunkBytes - sizeof(Head)) / sizeof(Slot);
  static_assert(kSlots > 0);
  struct Chunk : Head {
    std::array<Slot, kSlots> slots;
  };
  static_assert(sizeof(Chunk) <= kChunkBytes);

  [[nodiscard]] static Slot& slot_of(T& object) { return reinterpret_cast<Slot&>(object); }
  [[nodiscard]] static const Slot& slot_of(const T& object) { return reinterpret_cast<const Slot&>(object); }

  [[nodiscard]] std::uint32_t next_generation() {
    if (generation_ == 0) generation_ = 1;
    return generation_++;
  }

  void add_chunk() {
    if (vacant_.empty()) {
      SOUNDER_CHECK((chunks_.size() + 1) * kSlots <= std::numeric_limits<std::uint32_t>::max());
      vacant_.reserve(chunks_.size() + 1);  // give_back() needs no memory
      chunks_.push_back(nullptr);
      vacant_.push_back(chunks_.size() - 1);
    }
    auto* chunk = ::new (memory_.allocate(kChunkBytes, alignof(Chunk))) Chunk;
    chunk->index = vacant_.back();
    vacant_.pop_back();
    chunk->free_head = static_cast<std::uint32_t>(kSlots);
    chunks_[chunk->index] = chunk;
    link(*chunk);
    spare_ = chunk;
  }

  void take(Chunk& chunk, std::uint32_t next_free) {
    chunk.free_head = next_free;
    if (spare_ == &chunk) spare_ = nullptr;
    if (++chunk.used == kSlots) unlink(chunk);
  }

  void link(Chunk& chunk) {
    chunk.previous = nullptr;
    chunk.next = with_room_;
    if (with_room_ != nullptr) with_room_->previous = &chunk;
    with_room_ = &chunk;
  }

  void unlink(Chunk& chunk) {
    (chunk.previous == nullptr ? with_room_ : chunk.previous->next) = chunk.next;
    if (chunk.next != nullptr) chunk.next->previous = chunk.previous;
  }

  /// An empty chunk: one is kept, so that a client that registers and unregisters does not go to the system each time.
  void retire(Chunk& chunk) {
    if (spare_ == nullptr) {
      spare_ = &chunk;
    } else {
      give_back(chunk);
    }
  }

  void give_back(Chunk& chunk) {
    unlink(chunk);
    chunks_[chunk.index] = nullptr;
    vacant_.push_back(chunk.index);
    std::destroy_at(&chunk);
    memory_.deallocate(&chunk, kChunkBytes, alignof(Chunk));
  }

  std::pmr::memory_resource& memory_;
  std::vector<Chunk*> chunks_;
  std::vector<std::size_t> vacant_;
  Chunk* with_room_ = nullptr;
  Chunk* spare_ = nullptr;
  std::size_t size_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace sounder::broker
