#pragma once

namespace muster::testing {

/// True in a build with a sanitizer that makes everything many times slower: tests that take their
/// time, or measure it, ask for less.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

} // namespace muster::testing
