/// Lists and trees through their own elements: being in one takes no memory, leaving it no search, and whatever ends is
/// out of all of them.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

namespace sounder::broker {

using ListHook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
template <class T, ListHook T::*kHook>
using List = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListHook, kHook>,
                                    boost::intrusive::constant_time_size<false>>;

using TreeHook = boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
/// Ordered by `Compare`; of equal ones, the one that came first is first.
template <class T, TreeHook T::*kHook, class Compare>
using Tree =
    boost::intrusive::multiset<T, boost::intrusive::member_hook<T, TreeHook, kHook>, boost::intrusive::compare<Compare>,
                               boost::intrusive::constant_time_size<false>>;

}  // namespace sounder::broker
