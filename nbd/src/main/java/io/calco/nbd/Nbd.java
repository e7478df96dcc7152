package io.calco.nbd;

/// Numbers of the protocol, under the names of `doc/proto.md`.
final class Nbd {
  static final long NBDMAGIC = 0x4e42444d41474943L;
  static final long IHAVEOPT = 0x49484156454f5054L;
  static final long REPLY_MAGIC = 0x3e889045565a9L;
  static final int REQUEST_MAGIC = 0x25609513;
  static final int SIMPLE_REPLY_MAGIC = 0x67446698;

  static final int FLAG_FIXED_NEWSTYLE = 1;
  static final int FLAG_NO_ZEROES = 1 << 1;

  static final int OPT_EXPORT_NAME = 1;
  static final int OPT_ABORT = 2;
  static final int OPT_LIST = 3;
  static final int OPT_INFO = 6;
  static final int OPT_GO = 7;

  static final int REP_ACK = 1;
  static final int REP_SERVER = 2;
  static final int REP_INFO = 3;
  static final int REP_ERR_UNSUP = (1 << 31) + 1;
  static final int REP_ERR_INVALID = (1 << 31) + 3;
  static final int REP_ERR_UNKNOWN = (1 << 31) + 6;

  static final int INFO_EXPORT = 0;
  static final int INFO_BLOCK_SIZE = 3;

  /// Transmission flags: has flags, read only, may be read over several connections at once.
  static final int TRANSMISSION_FLAGS = 1 | 1 << 1 | 1 << 8;

  static final int CMD_READ = 0;
  static final int CMD_WRITE = 1;
  static final int CMD_DISC = 2;
  static final int CMD_TRIM = 4;
  static final int CMD_WRITE_ZEROES = 6;

  static final int EPERM = 1;
  static final int EIO = 5;
  static final int EINVAL = 22;
  static final int EOVERFLOW = 75;

  private Nbd() {}
}
