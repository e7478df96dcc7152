package io.calco.disk.vhdx;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;

/// The newer of the two headers (MS-VHDX 2.2.2).
///
/// @param place which of the two places it lies in, 0 or 1
/// @param sequence the newer header has the greater one
/// @param fileWrite changes when anything in the file does
/// @param dataWrite changes when what the guest sees does
/// @param log the log's entries carry it; [Guids#NONE] when there is nothing to replay
/// @param logLength bytes of the log
/// @param logOffset where the log lies
record VhdxHeader(
    int place,
    long sequence,
    UUID fileWrite,
    UUID dataWrite,
    UUID log,
    long logLength,
    long logOffset) {
  private static final int BYTES = 4096;
  private static final int CHECKSUM = 4;
  private static final int SEQUENCE = 8;
  private static final int FILE_WRITE = 16;
  private static final int DATA_WRITE = 32;
  private static final int LOG = 48;
  private static final int LOG_VERSION = 64;
  private static final int VERSION = 66;
  private static final int LOG_LENGTH = 68;
  private static final int LOG_OFFSET = 72;

  /// Reads the header that counts.
  static VhdxHeader read(HostFile file) throws IOException {
    Optional<VhdxHeader> newest = Optional.empty();
    for (int place = 0; place < 2; place++) {
      Optional<VhdxHeader> found = read(file, place);
      if (found.isPresent()
          && (newest.isEmpty()
              || Long.compareUnsigned(found.get().sequence, newest.get().sequence) > 0)) {
        newest = found;
      }
    }
    VhdxHeader header =
        newest.orElseThrow(() ->
            CorruptImageException.at(
                file.name(),
                "header",
                VhdxLayout.HEADERS[0],
                "no sound header, here or at 0x20000",
                "one with the mark \"head\" and its right checksum"));
    header.checkLog(file);
    return header;
  }

  private static Optional<VhdxHeader> read(HostFile file, int place) throws IOException {
    long at = VhdxLayout.HEADERS[place];
    if (file.size() < at + BYTES) {
      return Optional.empty();
    }
    MemorySegment bytes = VhdxLayout.read(file, "header", at, BYTES);
    if (bytes.get(VhdxLayout.U32, 0) != VhdxLayout.HEADER_MARK
        || bytes.get(VhdxLayout.U32, CHECKSUM) != VhdxLayout.checksum(bytes, CHECKSUM)) {
      return Optional.empty();
    }
    int version = Short.toUnsignedInt(bytes.get(VhdxLayout.U16, VERSION));
    int logVersion = Short.toUnsignedInt(bytes.get(VhdxLayout.U16, LOG_VERSION));
    if (version != 1 || logVersion != 0) {
      throw new FormatVersionException(
          "%s: VHDX version %d with log version %d; 1 with 0 is known"
              .formatted(file.name(), version, logVersion));
    }
    return Optional.of(
        new VhdxHeader(
            place,
            bytes.get(VhdxLayout.U64, SEQUENCE),
            Guids.get(bytes, FILE_WRITE),
            Guids.get(bytes, DATA_WRITE),
            Guids.get(bytes, LOG),
            Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, LOG_LENGTH)),
            bytes.get(VhdxLayout.U64, LOG_OFFSET)));
  }

  private void checkLog(HostFile file) throws IOException {
    if (logOffset < VhdxLayout.MIB
        || logOffset % VhdxLayout.MIB != 0
        || logLength % VhdxLayout.MIB != 0
        || logLength == 0
        || logOffset > Long.MAX_VALUE - logLength) {
      throw CorruptImageException.at(
          file.name(),
          "header, log",
          VhdxLayout.HEADERS[place] + LOG_LENGTH,
          "%d bytes at 0x%x".formatted(logLength, logOffset),
          "multiples of 1 MiB after the headers");
    }
  }

  /// The next header: in the other place, with the next number.
  VhdxHeader next(UUID newFileWrite, UUID newDataWrite, UUID newLog) {
    return new VhdxHeader(
        1 - place, sequence + 1, newFileWrite, newDataWrite, newLog, logLength, logOffset);
  }

  /// True when the log must be replayed.
  boolean dirty() {
    return !log.equals(Guids.NONE);
  }

  void write(VhdxLayout.Sink file) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[BYTES]);
    bytes.set(VhdxLayout.U32, 0, VhdxLayout.HEADER_MARK);
    bytes.set(VhdxLayout.U64, SEQUENCE, sequence);
    Guids.put(bytes, FILE_WRITE, fileWrite);
    Guids.put(bytes, DATA_WRITE, dataWrite);
    Guids.put(bytes, LOG, log);
    bytes.set(VhdxLayout.U16, VERSION, (short) 1);
    bytes.set(VhdxLayout.U32, LOG_LENGTH, (int) logLength);
    bytes.set(VhdxLayout.U64, LOG_OFFSET, logOffset);
    bytes.set(VhdxLayout.U32, CHECKSUM, VhdxLayout.checksum(bytes, CHECKSUM));
    file.write(VhdxLayout.HEADERS[place], bytes);
  }
}
