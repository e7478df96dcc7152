package io.calco.engine;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// A version of a template.
///
/// @param name the template's
/// @param version from 1
/// @param disk its sealed disk
/// @param format of that disk
/// @param virtualSize bytes that a guest sees
/// @param allocatedSize host blocks that the disk takes, in bytes; 0 when it is missing
/// @param seal how firmly it is sealed now
/// @param sha256 of the disk file, when it was sealed
/// @param sealedAt when
/// @param source what it was made from
/// @param os the system in it, for a person
/// @param clones names of the clones made from this version
public record TemplateReport(
    String name,
    int version,
    Path disk,
    String format,
    long virtualSize,
    long allocatedSize,
    Seal seal,
    String sha256,
    Instant sealedAt,
    String source,
    String os,
    List<String> clones) {

  /// Copies the list.
  public TemplateReport {
    clones = List.copyOf(clones);
  }

  /// True when nobody can write the disk by its mode.
  public boolean sealed() {
    return seal != Seal.BROKEN;
  }
}
