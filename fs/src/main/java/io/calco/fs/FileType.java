package io.calco.fs;

/// Kinds of files.
public enum FileType {
  REGULAR,
  DIRECTORY,
  SYMBOLIC_LINK,
  CHARACTER_DEVICE,
  BLOCK_DEVICE,
  FIFO,
  SOCKET,
  /// A type this file system does not define.
  UNKNOWN
}
