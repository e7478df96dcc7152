package io.calco.engine.backup;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A backup of a machine that somebody wants.
///
/// @param name the machine's
/// @param quiesce whether its file systems are held still for the instant
/// @param scratch a directory where QEMU keeps what a running machine overwrites meanwhile; empty
///   for beside each disk
/// @param how what is kept and said: its source is the machine, for messages; use, partitions and
///   rescue are not looked at
public record MachineBackupRequest(
    String name, Quiesce quiesce, Optional<Path> scratch, BackupRequest how) {

  /// Whether the guest's agent holds the file systems still for the instant that the disks are of.
  public enum Quiesce {
    /// When it cannot, nothing is backed up.
    REQUIRE,
    /// When it can.
    AUTO,
    /// It is not asked.
    NO;

    /// As it is written: `require`.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The one that is written so.
    public static Optional<Quiesce> named(String text) {
      return Arrays.stream(values()).filter(one -> one.text().equals(text)).findFirst();
    }
  }
}
