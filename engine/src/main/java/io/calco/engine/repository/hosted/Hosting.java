package io.calco.engine.repository.hosted;

import java.nio.file.Path;
import java.util.OptionalLong;

/// How repositories are kept for others.
///
/// @param directory where they lie; made if it is not there
/// @param deleting who may delete and replace in repositories that do not only grow anyway
/// @param reserve bytes of the file system that stay free; empty for
///   [io.calco.engine.store.FreeRoom]'s own choice
/// @param quota bytes that the repositories of a project may have together; empty for any number
public record Hosting(Path directory, Deleting deleting, OptionalLong reserve, OptionalLong quota) {
  /// Who may.
  public enum Deleting {
    /// Members of the project.
    MEMBERS,
    /// Administrators alone.
    ADMINS
  }
}
