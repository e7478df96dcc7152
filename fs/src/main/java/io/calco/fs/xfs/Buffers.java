package io.calco.fs.xfs;

/// Kinds of buffers as the log names them to the one who recovers it.
final class Buffers {
  /// Not a kind of the log: the headers of a group, which are a buffer each.
  static final int HEADERS = 0;

  static final int BTREE = 4;
  static final int AGF = 5;
  static final int AGI = 7;
  static final int INODES = 8;
  static final int LINK = 9;
  static final int DIRECTORY_BLOCK = 10;
  static final int DIRECTORY_DATA = 11;
  static final int DIRECTORY_FREE = 12;
  static final int DIRECTORY_LEAF = 13;
  static final int DIRECTORY_LEAVES = 14;
  static final int NODE = 15;
  static final int ATTRIBUTES = 16;
  static final int SUPERBLOCK = 18;

  private Buffers() {}
}
