package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import io.calco.sys.Cryptography;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/// Reads packs from end to end, and compares every piece with its sum and its identity, in memory
/// outside the heap that is used again.
///
/// Confined.
final class PackReading {
  private static final long PACK_MAX = 256L << 20;

  /// Bytes that are asked for at once; the longest piece fits.
  private static final int WINDOW = PackTable.PLAIN_MAX + Cryptography.TAG;

  /// Bytes of a pack's end that are read first: most tables are shorter.
  private static final int TAIL = 64 << 10;

  private static final ByteBuffer NONE = ByteBuffer.allocateDirect(0);

  private final Backend backend;
  private final StoreCipher cipher;
  private final PieceReader reader;

  /// The pack's bytes from `windowAt` on.
  private ByteBuffer window = NONE;

  private long windowAt;
  private ByteBuffer room = NONE;

  PackReading(Backend backend, StoreCipher cipher, PieceReader reader) {
    this.backend = backend;
    this.cipher = cipher;
    this.reader = reader;
  }

  /// @return empty of everything when a collection has deleted it meanwhile
  PackFinding verify(StoredObject object) throws IOException {
    PackFinding finding = new PackFinding(object.name(), object.size());
    ChunkId name;
    try {
      name = ChunkId.parse(object.name().substring(object.name().lastIndexOf('/') + 1));
    } catch (IllegalArgumentException e) {
      finding.wrongs.add("is not named like a pack");
      return finding;
    }
    if (object.size() > PACK_MAX) {
      finding.wrongs.add(object.size() + " bytes are too many for a pack");
      return finding;
    }
    if (object.size() < PackFormat.HEAD + PackFormat.FOOT) {
      finding.wrongs.add(object.size() + " bytes are too few for a pack");
      return finding;
    }
    try {
      verifyPieces(finding, name);
    } catch (NoSuchFileException collectedMeanwhile) {
      return new PackFinding(object.name(), object.size());
    } catch (EOFException e) {
      finding.wrongs.add("ends early");
    } catch (DiskException e) {
      finding.wrongs.add(String.valueOf(e.getMessage()));
    }
    return finding;
  }

  private void verifyPieces(PackFinding finding, ChunkId name) throws IOException {
    String file = backend.place() + "/" + finding.object;
    long length = finding.length;
    byte[] end = readEnd(finding, (int) Math.min(length, TAIL));
    byte[] foot = Arrays.copyOfRange(end, end.length - PackFormat.FOOT, end.length);
    int tailLength = PackFormat.tableLength(file, foot, length, cipher) + PackFormat.FOOT;
    byte[] tail =
        tailLength <= end.length
            ? Arrays.copyOfRange(end, end.length - tailLength, end.length)
            : readEnd(finding, tailLength);
    load(finding, 0, PackFormat.HEAD, length - tailLength);
    byte[] bytesOfHead = new byte[PackFormat.HEAD];
    window.get(0, bytesOfHead);
    PackFormat.Head head = PackFormat.head(file, bytesOfHead);
    byte[] sealed = Arrays.copyOf(tail, tailLength - PackFormat.FOOT);
    PackTable table = PackFormat.table(file, cipher, head, sealed, foot, length);
    if (!PackFormat.name(head, tail).equals(name)) {
      finding.wrongs.add("the SHA-256 of its head and table is not its name");
    }
    Pack pack = new Pack(name, length, head.writer(), table.count());
    for (int slot = 0; slot < table.count(); slot++) {
      load(finding, table.offset(slot), table.storedLength(slot), length - tailLength);
      try {
        verifyPiece(new Inventory.Place(pack, table, slot));
      } catch (DiskException e) {
        finding.slots.set(slot);
        finding.wrongs.add(String.valueOf(e.getMessage()));
      }
    }
    finding.line = new IndexObject.Line(pack, table.prefixes());
  }

  private byte[] readEnd(PackFinding finding, int count) throws IOException {
    byte[] bytes = new byte[count];
    backend.get(finding.object, finding.length - count, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Has `[at, at + count)` in the window, and as much of what follows as there is room for.
  ///
  /// @param end where the pieces end
  private void load(PackFinding finding, long at, int count, long end) throws IOException {
    if (at > 0 && at + count <= windowAt + window.limit()) {
      return;
    }
    int length = (int) Math.min(WINDOW, end - at);
    window = atLeast(window, length).clear().limit(length);
    windowAt = at;
    backend.get(finding.object, at, MemorySegment.ofBuffer(window));
  }

  private static ByteBuffer atLeast(ByteBuffer memory, int length) {
    return memory.capacity() < length ? ByteBuffer.allocateDirect(length) : memory;
  }

  private void verifyPiece(Inventory.Place place) throws DiskException {
    PackTable table = place.table();
    int slot = place.slot();
    int at = (int) (table.offset(slot) - windowAt);
    int plain = table.plainLength(slot);
    room = atLeast(room, plain).clear().limit(plain);
    reader.compare(
        Kind.of(table.kind(slot)),
        table.id(slot),
        place,
        window.slice(at, table.storedLength(slot)),
        room);
  }
}
