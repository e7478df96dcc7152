package io.calco.volume.luks;

import static io.calco.volume.luks.Luks2Layout.BINARY_LENGTH;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.luks.LuksHash;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The header of a version 2 volume, of which there are two copies: the newest whole one is read,
/// both are written. Confined.
final class Luks2Header {
  private final HostFile file;
  private final byte[] binary;
  private final ObjectNode json;

  private Luks2Header(HostFile file, byte[] binary, ObjectNode json) {
    this.file = file;
    this.binary = binary;
    this.json = json;
  }

  /// Reads the newest copy whose checksum holds. Where the primary is damaged, the secondary is
  /// looked for wherever it may lie.
  ///
  /// @throws DiskException telling what is wrong with the primary, when there is no whole copy
  static Luks2Header read(HostFile file) throws IOException {
    Luks2Header primary = null;
    DiskException damage = null;
    try {
      primary = readCopy(file, 0, Luks2Layout.PRIMARY_MAGIC);
    } catch (DiskException e) {
      damage = e;
    }
    Optional<Luks2Header> secondary =
        primary != null ? readSecondary(file, primary.length()) : findSecondary(file);
    if (primary == null) {
      @Nullable DiskException why = damage;
      return secondary.orElseThrow(
          () -> why != null ? why : new CorruptImageException(file.name() + ": no LUKS2 header"));
    }
    Luks2Header first = primary;
    return secondary.filter(other -> other.sequence() > first.sequence()).orElse(first);
  }

  private static Optional<Luks2Header> findSecondary(HostFile file) throws IOException {
    for (int at = Luks2Layout.LENGTH_MIN; at <= Luks2Layout.LENGTH_MAX; at *= 2) {
      Optional<Luks2Header> found = readSecondary(file, at);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Luks2Header> readSecondary(HostFile file, int at) throws IOException {
    try {
      Luks2Header found = readCopy(file, at, Luks2Layout.SECONDARY_MAGIC);
      return found.length() == at ? Optional.of(found) : Optional.empty();
    } catch (DiskException damaged) {
      return Optional.empty();
    }
  }

  private static Luks2Header readCopy(HostFile file, int at, byte[] magic) throws IOException {
    String name = file.name();
    if (file.size() < at + (long) BINARY_LENGTH) {
      throw CorruptImageException.at(
          name, "LUKS2 header", at, file.size() + " bytes in all", "a whole header");
    }
    byte[] binary = new byte[BINARY_LENGTH];
    file.read(at, MemorySegment.ofArray(binary));
    if (!Arrays.equals(binary, 0, magic.length, magic, 0, magic.length)) {
      throw CorruptImageException.at(
          name, "LUKS2 magic", at, "something else", magic[0] == 'L' ? "LUKS" : "SKUL");
    }
    int version = BigEndian.u16(binary, Luks2Layout.VERSION);
    if (version != 2) {
      throw CorruptImageException.at(
          name, "LUKS2 version", at + (long) Luks2Layout.VERSION, version, 2);
    }
    long length = BigEndian.s64(binary, Luks2Layout.HDR_SIZE);
    if (length < Luks2Layout.LENGTH_MIN
        || length > Luks2Layout.LENGTH_MAX
        || Long.bitCount(length) != 1
        || length > file.size() - at) {
      throw CorruptImageException.at(
          name,
          "LUKS2 hdr_size",
          at + (long) Luks2Layout.HDR_SIZE,
          Long.toUnsignedString(length),
          "a power of two, 16384 to 4194304, in the volume");
    }
    long offset = BigEndian.s64(binary, Luks2Layout.HDR_OFFSET);
    if (offset != at) {
      throw CorruptImageException.at(
          name, "LUKS2 hdr_offset", at + (long) Luks2Layout.HDR_OFFSET, offset, at);
    }
    byte[] area = new byte[(int) length - BINARY_LENGTH];
    file.read(at + (long) BINARY_LENGTH, MemorySegment.ofArray(area));
    checkSum(name, at, binary, area);
    return new Luks2Header(file, binary, Luks2Json.parse(name, area));
  }

  private static void checkSum(String name, int at, byte[] binary, byte[] area)
      throws DiskException {
    byte[] stored =
        Arrays.copyOfRange(
            binary, Luks2Layout.CSUM, Luks2Layout.CSUM + hash(name, binary).length());
    if (!MessageDigest.isEqual(stored, sum(name, binary, area))) {
      throw CorruptImageException.at(
          name, "LUKS2 checksum", at + (long) Luks2Layout.CSUM, "another", "the header's");
    }
  }

  private static LuksHash hash(String name, byte[] binary) throws UnsupportedFeatureException {
    String label = text(binary, Luks2Layout.CHECKSUM_ALG, Luks2Layout.CHECKSUM_ALG_LENGTH);
    return LuksHash.find(label)
        .orElseThrow(() ->
            new UnsupportedFeatureException(
                "%s: LUKS2 checksum by \"%s\", which is not supported".formatted(name, label)));
  }

  private static byte[] sum(String name, byte[] binary, byte[] area)
      throws UnsupportedFeatureException {
    byte[] cleared = binary.clone();
    Arrays.fill(cleared, Luks2Layout.CSUM, Luks2Layout.CSUM + Luks2Layout.CSUM_LENGTH, (byte) 0);
    MessageDigest digest = hash(name, binary).digest();
    digest.update(cleared);
    return digest.digest(area);
  }

  /// Bytes of each copy: the secondary lies there, and at twice that the keyslot areas.
  int length() {
    return (int) BigEndian.s64(binary, Luks2Layout.HDR_SIZE);
  }

  private long sequence() {
    return BigEndian.s64(binary, Luks2Layout.SEQID);
  }

  String uuid() {
    return text(binary, Luks2Layout.UUID, Luks2Layout.UUID_LENGTH);
  }

  /// Another UUID, once it is written.
  void setUuid(UUID uuid) {
    byte[] text = uuid.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] field = Arrays.copyOf(text, Luks2Layout.UUID_LENGTH);
    System.arraycopy(field, 0, binary, Luks2Layout.UUID, field.length);
  }

  String label() {
    return text(binary, Luks2Layout.LABEL, Luks2Layout.LABEL_LENGTH);
  }

  HostFile file() {
    return file;
  }

  /// The metadata; the caller's to change before [#write].
  ObjectNode json() {
    return json;
  }

  /// This header for another file: nothing is written yet.
  Luks2Header to(HostFile other) {
    return new Luks2Header(other, binary.clone(), json.deepCopy());
  }

  /// Writes both copies, the primary first, each on the medium before what follows: at any time one
  /// of the two is whole.
  void write() throws IOException {
    byte[] area = new byte[length() - BINARY_LENGTH];
    byte[] text = Luks2Json.encode(file.name(), json, area.length - 1);
    System.arraycopy(text, 0, area, 0, text.length);
    BigEndian.put64(binary, Luks2Layout.SEQID, Math.addExact(sequence(), 1));
    writeCopy(0, Luks2Layout.PRIMARY_MAGIC, area);
    writeCopy(length(), Luks2Layout.SECONDARY_MAGIC, area);
  }

  private void writeCopy(int at, byte[] magic, byte[] area) throws IOException {
    byte[] copy = new byte[length()];
    byte[] salt = new byte[Luks2Layout.SALT_LENGTH];
    new SecureRandom().nextBytes(salt);
    System.arraycopy(magic, 0, binary, 0, magic.length);
    System.arraycopy(salt, 0, binary, Luks2Layout.SALT, salt.length);
    BigEndian.put64(binary, Luks2Layout.HDR_OFFSET, at);
    byte[] sum = sum(file.name(), binary, area);
    Arrays.fill(binary, Luks2Layout.CSUM, Luks2Layout.CSUM + Luks2Layout.CSUM_LENGTH, (byte) 0);
    System.arraycopy(sum, 0, binary, Luks2Layout.CSUM, sum.length);
    System.arraycopy(binary, 0, copy, 0, binary.length);
    System.arraycopy(area, 0, copy, binary.length, area.length);
    file.write(at, MemorySegment.ofArray(copy));
    file.sync();
  }

  /// Up to the first zero byte.
  private static String text(byte[] bytes, int at, int most) {
    int end = at;
    while (end < at + most && bytes[end] != 0) {
      end++;
    }
    return JsonFields.printable(new String(bytes, at, end - at, StandardCharsets.ISO_8859_1));
  }
}
