package io.calco.fs.xfs;

/// Marks of operations in the log.
final class LogOperation {
  /// Bytes of an operation's header.
  static final int HEADER = 12;

  static final int START = 1;
  static final int COMMIT = 2;
  static final int CONTINUES = 4;
  static final int WAS_CONTINUED = 8;
  static final int END = 0x10;
  static final int UNMOUNT = 0x20;
  static final int CLIENT_TRANSACTION = 0x69;
  static final int CLIENT_LOG = 0xAA;

  static final int ITEM_INODE = 0x123B;
  static final int ITEM_BUFFER = 0x123C;
  static final int ITEM_DQUOT = 0x123D;
  static final int ITEM_QUOTA_OFF = 0x123E;
  static final int ITEM_INODES_CREATED = 0x123F;

  /// Bytes that a bit of a buffer's map stands for.
  static final int CHUNK = 128;

  static final int TYPE_SHIFT = 11;
  static final int FLAG_INODES = 1;
  static final int FLAG_CANCEL = 2;
  static final int FLAG_DQUOTS = 0x1C;

  private LogOperation() {}
}
