package io.calco.disk.wrap;

import io.calco.disk.BulkInput;
import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.tukaani.xz.SeekableXZInputStream;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/// Takes an xz file's pieces from its index. A file with a block that is too long for a piece, as
/// xz makes on one thread, goes through a scratch file.
final class XzSource implements PieceSource {
  /// Blocks are gathered until they make so many plain bytes.
  private static final int PIECE = 1 << 20;

  /// A longer block is no piece; `xz -6 -T0` makes blocks of 24 MiB.
  private static final int BLOCK_MAX = 32 << 20;

  private final HostFile file;
  private final UnwrapBudget budget;
  private final long size;

  /// Readers that nobody uses at the moment.
  private final ConcurrentLinkedDeque<SeekableXZInputStream> idle = new ConcurrentLinkedDeque<>();

  private int block;
  private long offset;

  private XzSource(HostFile file, UnwrapBudget budget) throws IOException {
    this.file = file;
    this.budget = budget;
    SeekableXZInputStream blocks = XzInput.blocks(file);
    this.size = blocks.length();
    idle.push(blocks);
  }

  /// The blocks of `file`, which is closed with the source.
  static XzSource owning(HostFile file, UnwrapBudget budget) throws IOException {
    return new XzSource(file, budget);
  }

  @Override
  public OptionalLong knownSize() {
    return OptionalLong.of(size);
  }

  @Override
  public Next next() throws IOException {
    SeekableXZInputStream blocks = take();
    try {
      if (block == 0 && blocks.getLargestBlockSize() > BLOCK_MAX) {
        return new Rest(StreamedFile.owning(file.name(), new Whole(file), budget, this::knownSize));
      }
      long length = 0;
      while (block < blocks.getBlockCount() && length < PIECE) {
        length += blocks.getBlockSize(block++);
      }
      if (length == 0) {
        return new End();
      }
      Piece piece = new Blocks(offset, Math.toIntExact(length));
      offset += length;
      return new Found(piece, Optional.empty());
    } finally {
      idle.push(blocks);
    }
  }

  private SeekableXZInputStream take() throws IOException {
    SeekableXZInputStream one = idle.poll();
    return one == null ? XzInput.blocks(file) : one;
  }

  private final class Blocks extends Piece {
    Blocks(long offset, int length) {
      super(offset, length);
    }

    @Override
    MemorySegment unpack() throws IOException {
      byte[] bytes = new byte[length()];
      SeekableXZInputStream blocks = take();
      try {
        blocks.seek(offset());
        if (blocks.readNBytes(bytes, 0, bytes.length) < bytes.length) {
          throw new EOFException();
        }
      } catch (XZIOException | EOFException e) {
        throw XzInput.told(file, e);
      }
      idle.push(blocks);
      return MemorySegment.ofArray(bytes);
    }
  }

  /// The whole file from front to end.
  private static final class Whole extends BulkInput {
    private final HostFile file;
    private final XZInputStream plain;

    Whole(HostFile file) throws IOException {
      this.file = file;
      try {
        this.plain = new XZInputStream(new PackedInput(file, 0), XzInput.MEMORY_KIB);
      } catch (XZIOException | EOFException e) {
        throw XzInput.told(file, e);
      }
    }

    @Override
    public int read(byte[] dst, int from, int length) throws IOException {
      try {
        return plain.read(dst, from, length);
      } catch (XZIOException | EOFException e) {
        throw XzInput.told(file, e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    idle.clear();
    file.close();
  }
}
