package io.calco.nbd;

/// Numbers of the protocol, under the names of `doc/proto.md`.
final class Nbd {
  static final long NBDMAGIC = 0x4e42444d41474943L;
  static final long IHAVEOPT = 0x49484156454f5054L;
  static final long REPLY_MAGIC = 0x3e889045565a9L;
  static final int REQUEST_MAGIC = 0x25609513;
  static final int EXTENDED_REQUEST_MAGIC = 0x21e41c71;
  static final int SIMPLE_REPLY_MAGIC = 0x67446698;
  static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;
  static final int EXTENDED_REPLY_MAGIC = 0x6e8a278c;

  static final int FLAG_FIXED_NEWSTYLE = 1;
  static final int FLAG_NO_ZEROES = 1 << 1;

  static final int OPT_EXPORT_NAME = 1;
  static final int OPT_ABORT = 2;
  static final int OPT_LIST = 3;
  static final int OPT_STARTTLS = 5;
  static final int OPT_INFO = 6;
  static final int OPT_GO = 7;
  static final int OPT_STRUCTURED_REPLY = 8;
  static final int OPT_LIST_META_CONTEXT = 9;
  static final int OPT_SET_META_CONTEXT = 10;
  static final int OPT_EXTENDED_HEADERS = 11;

  static final int REP_ACK = 1;
  static final int REP_SERVER = 2;
  static final int REP_INFO = 3;
  static final int REP_META_CONTEXT = 4;
  static final int REP_ERR_UNSUP = (1 << 31) + 1;
  static final int REP_ERR_POLICY = (1 << 31) + 2;
  static final int REP_ERR_INVALID = (1 << 31) + 3;
  static final int REP_ERR_TLS_REQD = (1 << 31) + 5;
  static final int REP_ERR_UNKNOWN = (1 << 31) + 6;
  static final int REP_ERR_TOO_BIG = (1 << 31) + 9;
  static final int REP_ERR_EXT_HEADER_REQD = (1 << 31) + 10;

  static final int INFO_EXPORT = 0;
  static final int INFO_BLOCK_SIZE = 3;

  // Transmission flags.
  static final int HAS_FLAGS = 1;
  static final int READ_ONLY = 1 << 1;
  static final int SEND_FLUSH = 1 << 2;
  static final int SEND_FUA = 1 << 3;
  static final int SEND_TRIM = 1 << 5;
  static final int SEND_WRITE_ZEROES = 1 << 6;
  static final int SEND_DF = 1 << 7;
  static final int CAN_MULTI_CONN = 1 << 8;
  static final int SEND_FAST_ZERO = 1 << 11;
  static final int BLOCK_STATUS_PAYLOAD = 1 << 12;

  static final int CMD_READ = 0;
  static final int CMD_WRITE = 1;
  static final int CMD_DISC = 2;
  static final int CMD_FLUSH = 3;
  static final int CMD_TRIM = 4;
  static final int CMD_WRITE_ZEROES = 6;
  static final int CMD_BLOCK_STATUS = 7;

  static final int CMD_FLAG_FUA = 1;
  static final int CMD_FLAG_NO_HOLE = 1 << 1;
  static final int CMD_FLAG_DF = 1 << 2;
  static final int CMD_FLAG_REQ_ONE = 1 << 3;
  static final int CMD_FLAG_FAST_ZERO = 1 << 4;
  static final int CMD_FLAG_PAYLOAD_LEN = 1 << 5;

  static final int REPLY_FLAG_DONE = 1;

  static final int REPLY_TYPE_NONE = 0;
  static final int REPLY_TYPE_OFFSET_DATA = 1;
  static final int REPLY_TYPE_OFFSET_HOLE = 2;
  static final int REPLY_TYPE_BLOCK_STATUS = 5;
  static final int REPLY_TYPE_BLOCK_STATUS_EXT = 6;
  static final int REPLY_TYPE_ERROR = (1 << 15) + 1;

  /// `base:allocation`.
  static final int STATE_HOLE = 1;

  static final int STATE_ZERO = 1 << 1;

  /// `qemu:dirty-bitmap:NAME`, QEMU's `docs/interop/nbd.txt`.
  static final int STATE_DIRTY = 1;

  static final String BASE_ALLOCATION = "base:allocation";
  static final String DIRTY_BITMAP = "qemu:dirty-bitmap:";

  static final int EPERM = 1;
  static final int EIO = 5;
  static final int ENOMEM = 12;
  static final int EINVAL = 22;
  static final int ENOSPC = 28;
  static final int EOVERFLOW = 75;
  static final int ENOTSUP = 95;
  static final int ESHUTDOWN = 108;

  /// Longest name or message, in bytes.
  static final int STRING_MAX_BYTES = 4096; // spec

  /// Most that is read or written by one request: what the specification has everybody take.
  static final int PAYLOAD_MAX_BYTES = 32 << 20; // spec

  private Nbd() {}
}
