package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;

/// Unpacks the deflate streams of a file one after the other, from the start or from a place that
/// an earlier pass remembered. Streams that it sees whole are verified. Thread rule: confined.
final class DeflateCursor {
  /// Where unpacking can begin, and what must be known there.
  ///
  /// @param place in a stream; else only its byte counts
  /// @param inStream in a stream, not before one
  /// @param window the bytes before
  record Mark(Inflate.Place place, boolean inStream, Windows.Kept window) {}

  private final HostFile file;
  private final DeflateFraming framing;
  private final Windows windows;
  private final Inflate inflate;
  private final CRC32 crc = new CRC32();

  private boolean first;
  private boolean inStream;

  /// The stream was seen from its start on.
  private boolean whole;

  private long streamLength;

  /// Plain bytes that matches may reach back to.
  private int history;

  private byte[] last = new byte[0];
  private int lastEnd;

  private DeflateCursor(HostFile file, DeflateFraming framing, Windows windows, Mark mark)
      throws IOException {
    this.file = file;
    this.framing = framing;
    this.windows = windows;
    this.inflate = new Inflate(file, mark.place());
    this.inStream = mark.inStream();
    this.history = mark.window().length();
  }

  /// Begins before the first stream, at a byte of the file.
  static DeflateCursor atStart(HostFile file, long offset, DeflateFraming framing, Windows windows)
      throws IOException {
    Mark mark = new Mark(Inflate.Place.atByte(offset), false, Windows.Kept.NONE);
    DeflateCursor cursor = new DeflateCursor(file, framing, windows, mark);
    cursor.first = true;
    return cursor;
  }

  /// Unpacks `length` bytes from a mark on.
  static MemorySegment unpack(
      HostFile file, DeflateFraming framing, Windows windows, Mark mark, int length)
      throws IOException {
    DeflateCursor cursor = new DeflateCursor(file, framing, windows, mark);
    byte[] window = new byte[Inflate.WINDOW];
    windows.restore(mark.window(), window, window.length);
    cursor.last = window;
    cursor.lastEnd = window.length;
    return cursor.unpack(length);
  }

  /// Where it is.
  Mark mark() throws IOException {
    return new Mark(
        inflate.place(), inStream, windows.keep(last, lastEnd - history, inStream ? history : 0));
  }

  /// Unpacks at least `length` bytes, and a few more up to the end of a symbol: fewer only at the
  /// end of the last stream.
  MemorySegment unpack(int length) throws IOException {
    byte[] out = new byte[Inflate.WINDOW + length + Inflate.SLACK];
    System.arraycopy(last, lastEnd - history, out, Inflate.WINDOW - history, history);
    int end = Inflate.WINDOW + length;
    inflate.into(out, Inflate.WINDOW);
    while (inflate.outPosition() < end && (inStream || begin())) {
      int from = inflate.outPosition();
      boolean ended = inflate.unpack(end, from - history);
      int n = inflate.outPosition() - from;
      streamLength += n;
      history = Math.min(Inflate.WINDOW, history + n);
      if (whole) {
        crc.update(out, from, n);
      }
      if (ended) {
        end();
      }
    }
    last = out;
    lastEnd = inflate.outPosition();
    return MemorySegment.ofArray(out).asSlice(Inflate.WINDOW, lastEnd - Inflate.WINDOW);
  }

  private boolean begin() throws IOException {
    long start = framing.begin(file, inflate.alignedPosition(), first);
    if (start == DeflateFraming.NO_STREAM) {
      return false;
    }
    inflate.beginAt(start);
    first = false;
    inStream = true;
    whole = true;
    streamLength = 0;
    history = 0;
    crc.reset();
    return true;
  }

  private void end() throws IOException {
    long offset = inflate.alignedPosition();
    long next =
        whole ? framing.end(file, offset, crc.getValue(), streamLength) : framing.skipEnd(offset);
    inflate.beginAt(next);
    inStream = false;
    history = 0;
  }
}
