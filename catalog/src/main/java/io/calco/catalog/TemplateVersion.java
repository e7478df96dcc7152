package io.calco.catalog;

import java.nio.file.Path;
import java.time.Instant;

/// A sealed disk, and how to tell that it is untouched.
///
/// @param id never changes and never comes again
/// @param templateId its template's
/// @param version from 1, unique in its template
/// @param disk the file, absolute; unique
/// @param format of that file
/// @param virtualSize bytes that a guest sees
/// @param fileSize bytes in the file when it was sealed
/// @param modifiedNanos its modification time then, nanoseconds since 1970
/// @param sha256 of all its bytes, hexadecimal
/// @param sealedAt when
/// @param source what it was made from
/// @param os the system in it, for a person
public record TemplateVersion(
    String id,
    String templateId,
    int version,
    Path disk,
    String format,
    long virtualSize,
    long fileSize,
    long modifiedNanos,
    String sha256,
    Instant sealedAt,
    String source,
    String os) {}
