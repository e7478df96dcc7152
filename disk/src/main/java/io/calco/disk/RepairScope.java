package io.calco.disk;

/// How much a repair may change, as in `qemu-img check -r`.
public enum RepairScope {
  /// Only host space that nothing uses is given back.
  LEAKS,
  /// Everything that can be mended is.
  ALL
}
