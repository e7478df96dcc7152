package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the headers of a tar, in the forms of v7, ustar, pax and GNU, sparse files of all kinds
/// included. Thread rule: confined.
final class TarReader {
  static final int BLOCK = 512;

  private static final String HEADER = "tar header";

  /// Ours.
  private static final int HEADER_LIMIT = 100_000;

  /// Ours: of a long name or pax header, in bytes.
  private static final int TEXT_LIMIT = 4 << 20;

  private final HostFile file;
  private final PackedInput in;
  private final PaxHeader global = new PaxHeader();
  private int count;
  private boolean ended;

  TarReader(HostFile file) {
    this.file = file;
    this.in = new PackedInput(file, 0, 4 * BLOCK);
  }

  /// True when the file begins with a tar header.
  static boolean startsWithHeader(HostFile file) throws IOException {
    if (!Marks.at(file, 257, 'u', 's', 't', 'a', 'r')) {
      return false;
    }
    byte[] block = new byte[BLOCK];
    return new PackedInput(file, 0, BLOCK).readNBytes(block, 0, BLOCK) == BLOCK
        && new TarHeader(file.name(), 0, block).checksumFits();
  }

  /// All plain files.
  List<TarMember> readAll() throws IOException {
    List<TarMember> members = new ArrayList<>();
    for (var member = next(); member.isPresent(); member = next()) {
      members.add(member.get());
    }
    return members;
  }

  /// The next plain file, or empty at the end.
  Optional<TarMember> next() throws IOException {
    PaxHeader pax = new PaxHeader(global);
    Optional<String> longName = Optional.empty();
    for (var next = header(); next.isPresent(); next = header()) {
      TarHeader header = next.get();
      long at = in.position();
      switch (header.type()) {
        case 'L' -> longName = Optional.of(name(text(header)));
        case 'K' -> text(header);
        case 'x', 'X' -> pax.parse(file.name(), at, text(header));
        case 'g' -> {
          global.parse(file.name(), at, text(header));
          pax = new PaxHeader(global);
        }
        case '0', '\0', '7', 'S' -> {
          String name = pax.name().orElse(longName.isPresent() ? longName.get() : header.name());
          return Optional.of(member(name, header, pax));
        }
        default -> {
          skip(in.position(), pax.size(file.name()).orElse(linkless(header)));
          pax = new PaxHeader(global);
          longName = Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /// Links and directories have no data, whatever their size says.
  private static long linkless(TarHeader header) throws CorruptImageException {
    return header.type() >= '1' && header.type() <= '6' ? 0 : header.size();
  }

  /// The next header, or empty at the end: a block of zeroes, or the file's.
  private Optional<TarHeader> header() throws IOException {
    long offset = in.position();
    byte[] block = new byte[BLOCK];
    int n = ended ? 0 : in.readNBytes(block, 0, BLOCK);
    if (n == 0 || zero(block, n)) {
      ended = true;
      return Optional.empty();
    }
    if (n < BLOCK) {
      throw in.truncated(HEADER);
    }
    if (++count > HEADER_LIMIT) {
      throw new LimitExceededException(
          "%s: more than %d files in a tar (our limit)".formatted(file.name(), HEADER_LIMIT));
    }
    TarHeader header = new TarHeader(file.name(), offset, block);
    if (!header.checksumFits()) {
      throw in.corrupt(HEADER, offset, "a wrong checksum", "the sum of its bytes");
    }
    return Optional.of(header);
  }

  private static boolean zero(byte[] block, int length) {
    for (int i = 0; i < length; i++) {
      if (block[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private byte[] text(TarHeader header) throws IOException {
    long size = header.size();
    if (size > TEXT_LIMIT) {
      throw new LimitExceededException(
          "%s: %d bytes of names in a tar, more than %d (our limit)"
              .formatted(file.name(), size, TEXT_LIMIT));
    }
    byte[] text = new byte[(int) size];
    long at = in.position();
    in.readAll(text, 0, text.length, HEADER);
    skip(at, size);
    return text;
  }

  private static String name(byte[] text) {
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  private TarMember member(String name, TarHeader header, PaxHeader pax) throws IOException {
    long length = pax.size(file.name()).orElse(header.size());
    SparseMap map = new SparseMap(file.name());
    if (header.type() == 'S') {
      readMap(header, map);
      return member(name, map, in.position(), length, header.realSize());
    }
    long data = in.position();
    if (pax.mapInData()) {
      long skipped = readMapInData(map, length);
      long realSize = pax.realSize(file.name()).orElse(length);
      skip(data, length);
      return sparse(name, map, data + skipped, length - skipped, realSize);
    }
    if (pax.sparseMap().isPresent()) {
      readMap(pax.sparseMap().get(), map);
      return member(name, map, data, length, pax.realSize(file.name()).orElse(length));
    }
    map.add(0, length, data);
    return member(name, map, data, length, length);
  }

  private TarMember member(String name, SparseMap map, long data, long length, long realSize)
      throws IOException {
    skip(data, length);
    return sparse(name, map, data, length, realSize);
  }

  private static TarMember sparse(String name, SparseMap map, long data, long length, long realSize)
      throws CorruptImageException {
    return new TarMember(name, realSize, map.runs(data, length, realSize));
  }

  /// The map in a GNU header, and in the blocks that follow it.
  private void readMap(TarHeader header, SparseMap map) throws IOException {
    header.readSparse(map);
    boolean more = header.sparseExtended();
    while (more) {
      map.expect(map.count());
      long at = in.position();
      byte[] block = new byte[BLOCK];
      in.readAll(block, 0, BLOCK, "sparse map");
      new TarHeader(file.name(), at, block).readSparse(map, 0, 21);
      more = block[504] != 0;
    }
  }

  /// The map in pax records: offsets and lengths by turns.
  private void readMap(String text, SparseMap map) throws IOException {
    String[] numbers = text.split(",", -1);
    map.expect(numbers.length / 2);
    for (int i = 0; i + 1 < numbers.length; i += 2) {
      map.add(
          PaxHeader.number(file.name(), "sparse map", numbers[i]),
          PaxHeader.number(file.name(), "sparse map", numbers[i + 1]),
          in.position());
    }
  }

  /// The map in front of the data: lines of one number each, the first their count.
  ///
  /// @return the bytes that it takes
  private long readMapInData(SparseMap map, long length) throws IOException {
    long start = in.position();
    long entries = line();
    map.expect(entries);
    for (long i = 0; i < entries; i++) {
      long at = in.position();
      map.add(line(), line(), at);
    }
    long taken = roundUp(in.position() - start);
    if (taken > length) {
      throw in.corrupt("sparse map", start, taken + " bytes", "at most " + length);
    }
    return taken;
  }

  private long line() throws IOException {
    StringBuilder digits = new StringBuilder();
    int next = in.u8("sparse map");
    while (next != '\n' && digits.length() < 20) {
      digits.append((char) next);
      next = in.u8("sparse map");
    }
    return PaxHeader.number(file.name(), "sparse map", digits.toString());
  }

  /// Goes to the header behind `length` bytes of data, which must be there.
  private void skip(long data, long length) throws IOException {
    if (length > Long.MAX_VALUE - data - BLOCK || !file.reaches(data + length)) {
      throw CorruptImageException.at(
          file.name(), "tar member", data, "the end of the file", length + " bytes");
    }
    in.seek(data + roundUp(length));
  }

  private static long roundUp(long length) {
    return length + BLOCK - 1 & -BLOCK;
  }
}
