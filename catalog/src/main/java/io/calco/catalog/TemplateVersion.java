package io.calco.catalog;

import java.nio.file.Path;
import java.time.Instant;

/// A sealed disk of a template. It never changes; a template gets another version.
///
/// @param id never changes and never comes again
/// @param templateId its template's
/// @param version from 1, unique in its template
/// @param disk the file, absolute; unique
/// @param format of that file
/// @param virtualSize bytes that a guest sees
/// @param fingerprint how to tell that the file is untouched
/// @param sealedAt when
/// @param source what it was made from, for a person
/// @param guest what is installed in it
/// @param report what generalising did, JSON
public record TemplateVersion(
    String id,
    String templateId,
    int version,
    Path disk,
    String format,
    long virtualSize,
    Fingerprint fingerprint,
    Instant sealedAt,
    String source,
    GuestSummary guest,
    String report) {}
