package io.calco.disk.ami;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.Optional;

/// A file of which machines are made.
///
/// @param name the file's name
/// @param kind what it is in a machine
/// @param what what it is in itself, such as `bzImage 6.1.0-18-amd64` or `gz cpio`; safe to print
/// @param fileSize its length, in bytes
public record MachineFile(String name, Kind kind, String what, long fileSize) {

  /// What a file is in a machine, in Amazon's words.
  public enum Kind {
    /// The file system a machine starts with.
    AMI,
    /// A Linux kernel.
    AKI,
    /// An initial RAM disk.
    ARI
  }

  /// What a file is, by its content; empty when it is none of the three. Takes `file` over: it is
  /// closed.
  ///
  /// @param name the file's name
  public static Optional<MachineFile> recogniseOwning(String name, HostFile file)
      throws IOException {
    return new Recognition(name).ofOwning(file);
  }
}
