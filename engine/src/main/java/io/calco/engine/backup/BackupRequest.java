package io.calco.engine.backup;

import io.calco.backup.Coverage;
import io.calco.backup.Remarks;
import io.calco.engine.GuestOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// A backup that somebody wants.
///
/// @param source an image file or a block device
/// @param options how that is opened, and keys of volumes in it, for looking at what is installed
/// @param machine whose disk it is; empty to take the host name that is found in it, or the file's
/// @param coverage how much is kept
/// @param partitions which are kept; empty for all
/// @param remarks what is said of it
/// @param use whether it may be in use
/// @param look whether to look for what is installed
/// @param rescue what is done about what cannot be read; empty to stop there
/// @param hooks what runs before and after
/// @param tracking whether the image follows from now on what is written to it
public record BackupRequest(
    Path source,
    GuestOptions options,
    Optional<String> machine,
    Coverage coverage,
    Set<Integer> partitions,
    Remarks remarks,
    Use use,
    Look look,
    Optional<Salvage> rescue,
    Hooks hooks,
    Tracking tracking) {

  /// Copies the set.
  public BackupRequest {
    partitions = Set.copyOf(partitions);
  }

  /// Of all that is in use in an image that nobody writes to, with nothing before and after.
  public static BackupRequest usual(
      Path source, GuestOptions options, Optional<String> machine, Remarks remarks) {
    return new BackupRequest(
        source,
        options,
        machine,
        Coverage.USED,
        Set.of(),
        remarks,
        Use.REFUSED,
        Look.INSPECT,
        Optional.empty(),
        Hooks.none(),
        Tracking.NONE);
  }

  /// Whether an image gets a dirty bitmap, from which the next backup goes on.
  public enum Tracking {
    /// No; one that is there is gone by, and stays as it is.
    NONE,
    /// Yes, in place of the one that was there.
    BITMAP
  }

  /// How a source that fails is read.
  ///
  /// @param map in ddrescue's format; made when it is not there, else continued
  /// @param retries how often bad sectors are tried again, 0 or more
  public record Salvage(Path map, int retries) {}

  /// What is done about a source that somebody writes to.
  public enum Use {
    /// It is refused.
    REFUSED,
    /// It is taken as it is; the point says so.
    ALLOWED,
    /// Its file systems are frozen meanwhile.
    FROZEN
  }

  /// Whether the point tells what is installed.
  public enum Look {
    INSPECT,
    NOTHING
  }
}
