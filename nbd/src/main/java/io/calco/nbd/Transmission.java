package io.calco.nbd;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// The rest of a connection: requests and their answers, in order. "Transmission" of
/// `doc/proto.md`. Confined.
final class Transmission {
  /// From this length on a read is answered by holes where there are some: for less, looking for
  /// them costs more than it saves.
  private static final int SPARSE_MIN_BYTES = 64 << 10; // ours

  private static final System.Logger LOG = System.getLogger("io.calco.nbd");

  private final Wire wire;
  private final Agreed agreed;
  private final Disk disk;
  private final Replies replies;

  Transmission(Wire wire, Agreed agreed) {
    this.wire = wire;
    this.agreed = agreed;
    this.disk = agreed.export().disk();
    this.replies = new Replies(wire, agreed.framing());
  }

  /// The flags of an export, as they are told to clients.
  static int flags(NbdExport export, Framing framing, boolean contexts) {
    DiskCapabilities can = export.disk().capabilities();
    int flags = Nbd.HAS_FLAGS | Nbd.CAN_MULTI_CONN;
    if (can.writable()) {
      flags |= Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.SEND_WRITE_ZEROES | Nbd.SEND_FAST_ZERO;
      flags |= can.discard() ? Nbd.SEND_TRIM : 0;
    } else {
      flags |= Nbd.READ_ONLY;
    }
    flags |= framing == Framing.SIMPLE ? 0 : Nbd.SEND_DF;
    return flags | (framing == Framing.EXTENDED && contexts ? Nbd.BLOCK_STATUS_PAYLOAD : 0);
  }

  /// Serves until the client has enough.
  void run() throws IOException {
    while (true) {
      Request request = Request.take(wire, agreed.framing());
      long payload = payload(request);
      if (payload > Nbd.PAYLOAD_MAX_BYTES) {
        throw new ProtocolException("the client sends " + payload + " bytes at once");
      }
      switch (request.type()) {
        case Nbd.CMD_DISC -> {
          return;
        }
        case Nbd.CMD_READ -> read(request, payload);
        case Nbd.CMD_WRITE -> write(request, payload);
        case Nbd.CMD_BLOCK_STATUS -> new StatusReply(wire, agreed, replies).run(request, payload);
        case Nbd.CMD_FLUSH, Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES -> change(request, payload);
        default -> refuse(request, payload, Nbd.EINVAL, "there is no such command");
      }
    }
  }

  /// Bytes that follow a request.
  private long payload(Request request) {
    boolean some =
        agreed.framing() == Framing.EXTENDED
            ? request.has(Nbd.CMD_FLAG_PAYLOAD_LEN)
            : request.type() == Nbd.CMD_WRITE;
    return !some ? 0 : request.length() < 0 ? Long.MAX_VALUE : request.length();
  }

  private void refuse(Request request, long payload, int error, String message) throws IOException {
    wire.skip(payload);
    replies.error(request, error, message);
  }

  private void fail(Request request, IOException cause) throws IOException {
    LOG.log(
        System.Logger.Level.WARNING,
        "export \"{0}\", request {1} at 0x{2}: {3}",
        agreed.export().name(),
        request.type(),
        Long.toHexString(request.offset()),
        cause);
    boolean full = String.valueOf(cause.getMessage()).contains("No space left on device");
    replies.error(
        request, full ? Nbd.ENOSPC : Nbd.EIO, full ? "no space is left" : "the disk fails there");
  }

  private void read(Request request, long payload) throws IOException {
    boolean plain = agreed.framing() == Framing.SIMPLE;
    if (payload > 0
        || (request.flags() & ~(Nbd.CMD_FLAG_FUA | (plain ? 0 : Nbd.CMD_FLAG_DF))) != 0) {
      refuse(request, payload, Nbd.EINVAL, "reads have no such flag");
    } else if (!request.liesIn(disk.size())) {
      refuse(request, 0, Nbd.EINVAL, "that is not in the disk");
    } else if (request.length() > Nbd.PAYLOAD_MAX_BYTES) {
      refuse(request, 0, Nbd.EOVERFLOW, "that is too much at once");
    } else if (plain) {
      readPlain(request);
    } else if (!request.has(Nbd.CMD_FLAG_DF)) {
      readInChunks(request);
    } else if (request.length() <= Wire.PIECE_BYTES) {
      data(request, request.offset(), (int) request.length(), true);
    } else {
      refuse(request, 0, Nbd.EOVERFLOW, "that is too much in one piece");
    }
  }

  /// Once the header is gone there is no way to tell of a failure but to hang up.
  private void readPlain(Request request) throws IOException {
    long end = request.offset() + request.length();
    for (long at = request.offset(); at < end; ) {
      int count = (int) Math.min(end - at, Wire.PIECE_BYTES);
      ByteBuffer out = replies.room(count);
      int before = out.position();
      boolean first = at == request.offset();
      if (first) {
        replies.simple(request, 0);
      }
      try {
        readInto(out, at, count);
      } catch (IOException e) {
        if (!first) {
          throw e;
        }
        out.position(before);
        fail(request, e);
        return;
      }
      at += count;
    }
  }

  private void readInto(ByteBuffer out, long at, int count) throws IOException {
    disk.read(at, MemorySegment.ofBuffer(out.slice(out.position(), count)));
    out.position(out.position() + count);
  }

  private void readInChunks(Request request) throws IOException {
    long end = request.offset() + request.length();
    boolean sparse = request.length() >= SPARSE_MIN_BYTES && disk.capabilities().extents();
    long dataEnd = sparse ? request.offset() : end;
    for (long at = request.offset(); at < end; ) {
      if (at == dataEnd) {
        Extent extent;
        try {
          extent = disk.extentAt(at, end - at);
        } catch (IOException e) {
          fail(request, e);
          return;
        }
        dataEnd = extent.end();
        if (extent.readsZero()) {
          replies
              .chunk(request, Nbd.REPLY_TYPE_OFFSET_HOLE, done(dataEnd == end), 12)
              .putLong(at)
              .putInt((int) extent.length());
          at = dataEnd;
          continue;
        }
      }
      int count = (int) Math.min(dataEnd - at, Wire.PIECE_BYTES);
      if (!data(request, at, count, at + count == end)) {
        return;
      }
      at += count;
    }
  }

  private static int done(boolean last) {
    return last ? Nbd.REPLY_FLAG_DONE : 0;
  }

  /// A chunk of data, or the error that ends the answer; false then.
  private boolean data(Request request, long at, int count, boolean last) throws IOException {
    ByteBuffer out = replies.room(count);
    int before = out.position();
    replies.chunk(request, Nbd.REPLY_TYPE_OFFSET_DATA, done(last), Long.BYTES + count).putLong(at);
    try {
      readInto(out, at, count);
      return true;
    } catch (IOException e) {
      out.position(before);
      fail(request, e);
      return false;
    }
  }

  private void write(Request request, long payload) throws IOException {
    boolean framed = agreed.framing() != Framing.EXTENDED || request.has(Nbd.CMD_FLAG_PAYLOAD_LEN);
    if (!disk.capabilities().writable()) {
      refuse(request, payload, Nbd.EPERM, "the disk is served for reading");
    } else if (!framed
        || (request.flags() & ~(Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_PAYLOAD_LEN)) != 0
        || payload == 0) {
      refuse(request, payload, Nbd.EINVAL, "writes are not like that");
    } else if (!request.liesIn(disk.size())) {
      refuse(request, payload, Nbd.ENOSPC, "that is not in the disk");
    } else {
      writeInPieces(request);
    }
  }

  private void writeInPieces(Request request) throws IOException {
    long end = request.offset() + request.length();
    for (long at = request.offset(); at < end; ) {
      int count = (int) Math.min(end - at, Wire.PIECE_BYTES - at % Wire.PIECE_BYTES);
      MemorySegment data = wire.take(count);
      try {
        disk.write(at, data);
      } catch (IOException e) {
        wire.skip(end - at - count);
        fail(request, e);
        return;
      }
      at += count;
    }
    finish(request);
  }

  /// Commands that change the disk and carry nothing, and that which makes changes last.
  private void change(Request request, long payload) throws IOException {
    boolean zeroes = request.type() == Nbd.CMD_WRITE_ZEROES;
    int known = Nbd.CMD_FLAG_FUA | (zeroes ? Nbd.CMD_FLAG_NO_HOLE | Nbd.CMD_FLAG_FAST_ZERO : 0);
    if (payload > 0 || (request.flags() & ~known) != 0) {
      refuse(request, payload, Nbd.EINVAL, "the command has no such flag");
    } else if (request.type() == Nbd.CMD_FLUSH) {
      flush(request);
    } else if (!disk.capabilities().writable()) {
      refuse(request, 0, Nbd.EPERM, "the disk is served for reading");
    } else if (!request.liesIn(disk.size())) {
      refuse(request, 0, zeroes ? Nbd.ENOSPC : Nbd.EINVAL, "that is not in the disk");
    } else if (request.has(Nbd.CMD_FLAG_FAST_ZERO)
        && (request.has(Nbd.CMD_FLAG_NO_HOLE) || !disk.capabilities().fastZero())) {
      refuse(request, 0, Nbd.ENOTSUP, "that would not be fast");
    } else {
      give(request, zeroes);
    }
  }

  private void give(Request request, boolean zeroes) throws IOException {
    try {
      if (zeroes) {
        ZeroMode mode =
            request.has(Nbd.CMD_FLAG_NO_HOLE) ? ZeroMode.KEEP_ALLOCATED : ZeroMode.MAY_UNMAP;
        disk.writeZeroes(request.offset(), request.length(), mode);
      } else {
        disk.discard(request.offset(), request.length());
      }
    } catch (IOException e) {
      fail(request, e);
      return;
    }
    finish(request);
  }

  private void flush(Request request) throws IOException {
    if (request.offset() != 0 || request.length() != 0) {
      refuse(request, 0, Nbd.EINVAL, "a flush is for the whole disk");
      return;
    }
    try {
      disk.sync();
    } catch (IOException e) {
      fail(request, e);
      return;
    }
    replies.done(request);
  }

  private void finish(Request request) throws IOException {
    if (request.has(Nbd.CMD_FLAG_FUA)) {
      try {
        disk.sync();
      } catch (IOException e) {
        fail(request, e);
        return;
      }
    }
    replies.done(request);
  }
}
