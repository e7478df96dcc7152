package io.calco.sys.fuse;

import io.calco.sys.FuseMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers the kernel's questions, one at a time. Each thread has one; the nodes they share.
final class FuseSession {
  private static final int IN_HEADER_BYTES = 40;
  private static final int QUESTION_BYTES = 64 << 10;
  private static final int READ_MAX_BYTES = 1 << 20;
  private static final int NAME_MAX = 255;

  private static final int LOOKUP = 1;
  private static final int FORGET = 2;
  private static final int GETATTR = 3;
  private static final int READLINK = 5;
  private static final int READ = 15;
  private static final int STATFS = 17;
  private static final int GETXATTR = 22;
  private static final int LISTXATTR = 23;
  private static final int INIT = 26;
  private static final int READDIR = 28;
  private static final int ACCESS = 34;
  private static final int INTERRUPT = 36;
  private static final int DESTROY = 38;
  private static final int BATCH_FORGET = 42;

  private static final int ENOENT = 2;
  private static final int EIO = 5;
  private static final int EACCES = 13;
  private static final int ENOTDIR = 20;
  private static final int EINVAL = 22;
  private static final int ERANGE = 34;
  private static final int ENOSYS = 38;
  private static final int ENODATA = 61;
  private static final int EPROTO = 71;
  private static final int ESTALE = 116;

  private static final int W_OK = 2;
  private static final int MAJOR = 7;
  private static final int MINOR = 31;
  private static final int MINOR_LEAST = 28; // max_pages

  /// FUSE_ASYNC_READ, FUSE_PARALLEL_DIROPS, FUSE_MAX_PAGES, FUSE_CACHE_SYMLINKS.
  private static final int INIT_FLAGS = 1 | 1 << 18 | 1 << 22 | 1 << 23;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final System.Logger LOG = System.getLogger("io.calco.sys.fuse");

  private final FuseMount mount;
  private final FuseNodes nodes;
  private final MemorySegment question;
  private final FuseAnswer answer;

  FuseSession(FuseMount mount, FuseNodes nodes) {
    this.mount = mount;
    this.nodes = nodes;
    Arena arena = Arena.ofAuto();
    question = arena.allocate(QUESTION_BYTES, 8);
    answer = new FuseAnswer(arena.allocate(FuseAnswer.HEADER_BYTES + READ_MAX_BYTES, 8));
  }

  /// Answers until the mount is gone.
  void run() {
    try {
      while (true) {
        Optional<Long> length = mount.receive(question);
        if (length.isEmpty()) {
          return;
        }
        if (length.get() >= IN_HEADER_BYTES) {
          turn(question.asSlice(0, length.get()));
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "a mount is not answered any more", e);
    }
  }

  private void turn(MemorySegment in) throws IOException {
    int operation = in.get(INT, 4);
    long unique = in.get(LONG, 8);
    MemorySegment body = in.asSlice(IN_HEADER_BYTES);
    answer.begin();
    int error;
    switch (operation) {
      case FORGET -> {
        nodes.forget(in.get(LONG, 16), body.get(LONG, 0));
        return;
      }
      case BATCH_FORGET -> {
        forgetAll(body);
        return;
      }
      case INTERRUPT -> {
        return; // a read is short enough to end by itself
      }
      default -> {
        try {
          error = reply(operation, in.get(LONG, 16), body);
        } catch (IOException | RuntimeException e) {
          LOG.log(System.Logger.Level.DEBUG, "a question was answered with EIO", e);
          error = EIO;
        }
      }
    }
    mount.answer(answer.finish(unique, error));
  }

  private void forgetAll(MemorySegment body) {
    long count = Math.min(Integer.toUnsignedLong(body.get(INT, 0)), (body.byteSize() - 8) / 16);
    for (long i = 0; i < count; i++) {
      nodes.forget(body.get(LONG, 8 + i * 16), body.get(LONG, 16 + i * 16));
    }
  }

  private int reply(int operation, long nodeId, MemorySegment body) throws IOException {
    if (operation == INIT) {
      return init(body);
    }
    if (operation == DESTROY) {
      return 0;
    }
    Optional<FuseNodes.Known> known = nodes.find(nodeId);
    if (known.isEmpty()) {
      return ESTALE;
    }
    FuseNode node = known.get().node();
    return switch (operation) {
      case LOOKUP -> lookup(known.get(), body);
      case GETATTR -> {
        answer.putStatus(node.status());
        yield 0;
      }
      case READLINK -> {
        answer.putBytes(node.link().getBytes(StandardCharsets.ISO_8859_1));
        yield 0;
      }
      case READ -> read(node, body);
      case READDIR -> readDirectory(known.get(), body);
      case STATFS -> {
        answer.putLong(0).putLong(0).putLong(0).putLong(0).putLong(0);
        answer.putInt(4096).putInt(NAME_MAX).putInt(4096).putInt(0);
        answer.putLong(0).putLong(0).putLong(0);
        yield 0;
      }
      case ACCESS -> (body.get(INT, 0) & W_OK) != 0 ? EACCES : 0;
      case GETXATTR -> attribute(node, body);
      case LISTXATTR -> attributes(node, body);
      default -> ENOSYS;
    };
  }

  private int init(MemorySegment body) {
    int major = body.get(INT, 0);
    int minor = body.get(INT, 4);
    if (major < MAJOR || major == MAJOR && minor < MINOR_LEAST) {
      return EPROTO; // Linux before 4.20
    }
    answer.putInt(MAJOR).putInt(MINOR).putInt(READ_MAX_BYTES);
    answer.putInt(body.get(INT, 12) & INIT_FLAGS);
    answer.putShort(64).putShort(48); // questions in the background; when that is many
    answer.putInt(4096).putInt(1); // longest write; granularity of times
    answer.putShort(READ_MAX_BYTES / 4096).putShort(0).putInt(0);
    for (int i = 0; i < 7; i++) {
      answer.putInt(0);
    }
    return 0;
  }

  private int lookup(FuseNodes.Known parent, MemorySegment body) throws IOException {
    String name = name(body, 0);
    if (!isName(name)) {
      return ENOENT;
    }
    Optional<FuseNodes.Known> child = nodes.look(parent, name);
    if (child.isEmpty()) {
      return ENOENT;
    }
    try {
      answer.putEntry(child.get().id(), child.get().node().status());
    } catch (IOException | RuntimeException e) {
      nodes.forget(child.get().id(), 1);
      throw e;
    }
    return 0;
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= NAME_MAX
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().allMatch(c -> c != '/' && c != 0 && c <= 0xff);
  }

  /// A text that ends with a zero.
  private static String name(MemorySegment body, long at) {
    long end = at;
    while (end < body.byteSize() && body.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    byte[] bytes = body.asSlice(at, end - at).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private int read(FuseNode node, MemorySegment body) throws IOException {
    long offset = body.get(LONG, 8);
    long size = Integer.toUnsignedLong(body.get(INT, 16));
    if (offset < 0) {
      return EINVAL;
    }
    answer.used(node.read(offset, answer.room(size)));
    return 0;
  }

  private int readDirectory(FuseNodes.Known directory, MemorySegment body) throws IOException {
    if (directory.node().status().kind() != FuseNode.Kind.DIRECTORY) {
      return ENOTDIR;
    }
    long from = body.get(LONG, 8);
    long limit = Math.min(Integer.toUnsignedLong(body.get(INT, 16)), READ_MAX_BYTES);
    List<FuseNode.Entry> entries = directory.listing(from);
    for (long i = from; i >= 0 && i < entries.size() + 2L; i++) {
      FuseNode.Entry entry =
          i < 2
              ? new FuseNode.Entry(i == 0 ? "." : "..", directory.id(), FuseNode.Kind.DIRECTORY)
              : entries.get(Math.toIntExact(i - 2));
      if (i >= 2 && !isName(entry.name())) {
        continue;
      }
      if (!answer.putDirent(entry, i + 1, limit)) {
        return 0;
      }
    }
    if (from >= entries.size() + 2L) {
      directory.forgetListing();
    }
    return 0;
  }

  private int attribute(FuseNode node, MemorySegment body) throws IOException {
    byte[] value = node.extendedAttributes().get(name(body, 8));
    return value == null ? ENODATA : sized(value, body.get(INT, 0));
  }

  private int attributes(FuseNode node, MemorySegment body) throws IOException {
    StringBuilder names = new StringBuilder();
    for (Map.Entry<String, byte[]> attribute : node.extendedAttributes().entrySet()) {
      names.append(attribute.getKey()).append('\0');
    }
    return sized(names.toString().getBytes(StandardCharsets.ISO_8859_1), body.get(INT, 0));
  }

  /// Attributes are asked for twice: how long, and then for as much.
  private int sized(byte[] value, int size) {
    if (size == 0) {
      answer.putInt(value.length).putInt(0);
      return 0;
    }
    if (value.length > Integer.toUnsignedLong(size) || value.length > READ_MAX_BYTES) {
      return ERANGE;
    }
    answer.putBytes(value);
    return 0;
  }
}
