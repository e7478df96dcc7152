package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Security descriptors: each file names one of those that $Secure keeps, or has its own.
final class SecurityDescriptors {
  private static final String STREAM = "$SDS";
  private static final String BY_ID = "$SII";
  private static final int HEADER = 0x14;
  private static final int MAX_SIZE = 1 << 16; // the specification's: bytes in a descriptor
  private static final int MAX_KNOWN = 256; // ours

  private final Volume volume;
  private final Map<Integer, byte[]> known = new LinkedHashMap<>();

  SecurityDescriptors(Volume volume) {
    this.volume = volume;
  }

  /// The file's, in its self-relative form.
  Optional<byte[]> of(NtfsFile file) throws IOException {
    int id = file.standard(StandardInformation.SECURITY_ID);
    if (id != 0) {
      return byId(id);
    }
    Optional<Content> own = file.find(AttributeType.SECURITY_DESCRIPTOR, "");
    return own.isEmpty()
        ? Optional.empty()
        : Optional.of(volume.reader.readAll(own.get(), MAX_SIZE, "security descriptor"));
  }

  private Optional<byte[]> byId(int id) throws IOException {
    byte[] descriptor = known.get(id);
    if (descriptor != null) {
      return Optional.of(descriptor);
    }
    NtfsFile secure = volume.file(Volume.SECURE);
    Optional<Content> stream = secure.find(AttributeType.DATA, STREAM);
    if (stream.isEmpty()) {
      return Optional.empty();
    }
    byte[] key = new byte[4];
    LittleEndian.put32(key, 0, id);
    Optional<byte[]> entry = FileIndex.load(secure, BY_ID).findEntry(key, Collation::numbers);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    int at = LittleEndian.u16(entry.get(), 0);
    if (at + HEADER > entry.get().length) {
      throw Volume.corrupt(BY_ID, Volume.SECURE, at, "data within its entry");
    }
    long offset = LittleEndian.s64(entry.get(), at + 8);
    long size = LittleEndian.u32(entry.get(), at + 0x10);
    if (size < HEADER || size > MAX_SIZE + HEADER || offset < 0 || offset > stream.get().size()) {
      throw CorruptImageException.at("NTFS", STREAM, offset, size, "a descriptor's size");
    }
    byte[] found = new byte[(int) size - HEADER];
    int read = volume.reader.read(stream.get(), offset + HEADER, MemorySegment.ofArray(found));
    if (read < found.length) {
      throw CorruptImageException.at("NTFS", STREAM, offset, read, size);
    }
    if (known.size() < MAX_KNOWN) {
      known.put(id, found);
    }
    return Optional.of(found);
  }
}
