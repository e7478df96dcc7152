package io.calco.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Answers `NBD_CMD_BLOCK_STATUS`: a chunk for each context. Confined.
final class StatusReply {
  private static final int RUNS_MAX = 8192; // ours: the client asks again for the rest

  private final Wire wire;
  private final Agreed agreed;
  private final Replies replies;
  private final boolean extended;

  StatusReply(Wire wire, Agreed agreed, Replies replies) {
    this.wire = wire;
    this.agreed = agreed;
    this.replies = replies;
    this.extended = agreed.framing() == Framing.EXTENDED;
  }

  void run(Request request, long payload) throws IOException {
    List<Integer> ids = new ArrayList<>();
    Request asked = payload > 0 ? chosen(request, payload, ids) : request;
    if (payload == 0) {
      for (int id = 0; id < agreed.contexts().size(); id++) {
        ids.add(id);
      }
    }
    int known = Nbd.CMD_FLAG_FUA | Nbd.CMD_FLAG_REQ_ONE | (extended ? Nbd.CMD_FLAG_PAYLOAD_LEN : 0);
    if (ids.isEmpty()
        || (request.flags() & ~known) != 0
        || !asked.liesIn(agreed.export().disk().size())) {
      replies.error(request, Nbd.EINVAL, "that cannot be asked");
      return;
    }
    for (int id : ids) {
      boolean last = id == ids.getLast();
      try {
        chunk(asked, id, last);
      } catch (IOException e) {
        replies.error(request, Nbd.EIO, "the disk fails there");
        return;
      }
    }
  }

  /// The request with the length that its payload states; `ids` get what else that states, or
  /// nothing when that is wrong.
  private Request chosen(Request request, long payload, List<Integer> ids) throws IOException {
    int count = Math.toIntExact((payload - Long.BYTES) / Integer.BYTES);
    if (payload % Integer.BYTES != 0 || count < 1 || count > agreed.contexts().size()) {
      wire.skip(payload);
      return request;
    }
    long length = wire.takeLong();
    boolean sound = true;
    for (int i = 0; i < count; i++) {
      int id = wire.takeInt();
      sound &= id >= 0 && id < agreed.contexts().size() && !ids.contains(id);
      ids.add(id);
    }
    if (!sound) {
      ids.clear();
    }
    return new Request(request.flags(), request.type(), request.cookie(), request.offset(), length);
  }

  private void chunk(Request request, int id, boolean last) throws IOException {
    MetaContext context = agreed.contexts().get(id);
    int runBytes = extended ? 2 * Long.BYTES : 2 * Integer.BYTES;
    ByteBuffer out = replies.room(RUNS_MAX * runBytes);
    int begin = out.position();
    // Its length is known when its runs are.
    replies.chunk(request, type(), last ? Nbd.REPLY_FLAG_DONE : 0, 0).putInt(id);
    int headEnd = out.position();
    if (extended) {
      out.putInt(0);
    }
    try {
      int runs = putRuns(request, context, out);
      int length = out.position() - headEnd + Integer.BYTES;
      out.putInt(headEnd - 2 * Integer.BYTES, length);
      if (extended) {
        out.putInt(headEnd, runs);
      }
    } catch (IOException e) {
      out.position(begin);
      throw e;
    }
  }

  private int type() {
    return extended ? Nbd.REPLY_TYPE_BLOCK_STATUS_EXT : Nbd.REPLY_TYPE_BLOCK_STATUS;
  }

  private int putRuns(Request request, MetaContext context, ByteBuffer out) throws IOException {
    long end = request.offset() + request.length();
    int most = request.has(Nbd.CMD_FLAG_REQ_ONE) ? 1 : RUNS_MAX;
    int runs = 0;
    for (long at = request.offset(); at < end && runs < most; runs++) {
      MetaContext.Status status = context.at(at, end - at);
      if (extended) {
        out.putLong(status.length()).putLong(status.flags());
      } else {
        out.putInt((int) status.length()).putInt(status.flags());
      }
      at += status.length();
    }
    return runs;
  }
}
