package io.calco.catalog;

import java.nio.file.Path;

/// A sealed disk to be recorded; see [TemplateVersion].
///
/// @param version from 1
/// @param disk absolute
/// @param format of the disk file
/// @param virtualSize bytes that a guest sees
/// @param fingerprint how to tell that the file is untouched
/// @param source what it was made from, for a person
/// @param guest what is installed in it
/// @param report what generalising did, JSON
public record NewVersion(
    int version,
    Path disk,
    String format,
    long virtualSize,
    Fingerprint fingerprint,
    String source,
    GuestSummary guest,
    String report) {}
