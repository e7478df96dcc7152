package io.calco.catalog;

import java.nio.file.Path;

/// A sealed disk to be recorded; see [TemplateVersion].
///
/// @param version from 1
/// @param disk absolute
/// @param format of the disk file
/// @param virtualSize bytes that a guest sees
/// @param fileSize bytes in the file
/// @param modifiedNanos its modification time, nanoseconds since 1970
/// @param sha256 hexadecimal
/// @param source what it was made from
/// @param os the system in it
public record NewVersion(
    int version,
    Path disk,
    String format,
    long virtualSize,
    long fileSize,
    long modifiedNanos,
    String sha256,
    String source,
    String os) {}
