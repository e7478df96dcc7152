package io.calco.engine.mount;

/// What of a disk is shown.
public sealed interface MountView {

  /// `disk.raw`; of each partition N `pN.raw` and, where its files can be read, `pN/`; of each
  /// logical or encrypted volume its files under its device's name.
  record Everything() implements MountView {}

  /// The files of a partition.
  ///
  /// @param number Linux's
  record Partition(int number) implements MountView {}

  /// The files as the system that is installed mounts them: its root, and what its `/etc/fstab`
  /// names.
  record SystemFiles() implements MountView {}
}
