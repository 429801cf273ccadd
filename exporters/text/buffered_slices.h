/// Slices cut from a buffer that is filled a turn at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "exporters/slices.h"
#include "exporters/text/text_buffer.h"

namespace sounder::exporters::text {

/// Whoever derives appends to out() in render_turn(), a little more than a slice at most; what is too much for one
/// slice begins the next.
class BufferedSlices : public Slices {
 public:
  [[nodiscard]] bool next(std::string_view& slice) final {
    out_.drop_front(handed_out_);
    handed_out_ = 0;
    slice = {};
    if (rendered_all() && out_.size() == 0) return false;
    if (!rendered_all()) render_turn();
    handed_out_ = std::min(out_.size(), kSliceBytes);
    slice = out_.view().substr(0, handed_out_);
    return true;
  }

 protected:
  /// `spare`: what a turn usually appends beyond a slice.
  explicit BufferedSlices(std::size_t spare) : out_(kSliceBytes + spare) {}

  /// Bounded work; ends soon after out() has reached kSliceBytes.
  virtual void render_turn() = 0;
  [[nodiscard]] virtual bool rendered_all() const = 0;

  [[nodiscard]] TextBuffer& out() { return out_; }

 private:
  TextBuffer out_;
  std::size_t handed_out_ = 0;  ///< characters at the front that the last slice was made of
};

}  // namespace sounder::exporters::text
