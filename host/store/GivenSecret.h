#pragma once

#include <cstddef>
#include <string>

/// Secrets that are given out once, to whoever is to come back with them; only a digest is kept.
namespace muster::store {

/// Random, as text that fits into an address. Throws ConfigError when libsodium cannot be used.
std::string newSecret(size_t bytes);

/// What is kept of one. It is random, so a plain digest does: there is nothing to guess.
std::string digestOf(const std::string& secret);

/// In a time that says nothing about where they differ.
bool isSameDigest(const std::string& left, const std::string& right);

} // namespace muster::store
