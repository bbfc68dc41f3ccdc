// Whether this build pays for every access (sanitizers). Tests only.
#pragma once

namespace pdr {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PDR_SLOW_BUILD 1
#endif
#endif
#ifdef PDR_SLOW_BUILD
inline constexpr bool kSlowBuild = true;
#else
inline constexpr bool kSlowBuild = false;
#endif

}  // namespace pdr
