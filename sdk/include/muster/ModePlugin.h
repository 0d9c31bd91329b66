#pragma once

#include <muster/Mode.h>

#include <Poco/ClassLibrary.h>

/// Exports a class derived from muster::Mode from a shared library of its own, under its name:
///     MUSTER_MODE(ContactsMode)
/// A mode's library is built with hidden visibility; only this is seen of it.
extern "C" __attribute__((visibility("default"))) bool
pocoBuildManifest(Poco::ManifestBase* manifest);

#define MUSTER_MODE(CLASS)                                                                         \
    POCO_BEGIN_MANIFEST(muster::Mode)                                                              \
    POCO_EXPORT_CLASS(CLASS)                                                                       \
    POCO_END_MANIFEST
