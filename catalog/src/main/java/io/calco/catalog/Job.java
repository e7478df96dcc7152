package io.calco.catalog;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// Files that are about to come or go, so that what a killed process leaves can be told from what
/// is recorded.
///
/// @param id never comes again
/// @param what in a few words, for a person
/// @param process who does it, as the caller marks processes
/// @param files absolute
/// @param begunAt when
public record Job(String id, String what, String process, List<Path> files, Instant begunAt) {
  /// Copies the list.
  public Job {
    files = List.copyOf(files);
  }
}
