package io.calco.disk.vhd;

import static io.calco.disk.vhd.VhdLayout.U16;
import static io.calco.disk.vhd.VhdLayout.U32;
import static io.calco.disk.vhd.VhdLayout.U64;
import static io.calco.disk.vhd.VhdLayout.U8;

import io.calco.disk.ImageIdentity;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/// A footer's 512 bytes; fields that Calco does not know stay as they were. Immutable.
final class VhdFooter {
  /// What Calco calls itself. Its disks have the size that the footer states.
  private static final String CREATOR = "clco";

  /// Makers whose disks have the size of their geometry.
  private static final Set<String> SIZED_BY_GEOMETRY = Set.of("vpc ", "vs  ", "qemu");

  /// Disk types.
  static final int FIXED = 2;

  static final int DYNAMIC = 3;
  static final int DIFFERENCING = 4;

  private final MemorySegment bytes;

  private VhdFooter(MemorySegment bytes) {
    this.bytes = bytes.asReadOnly();
  }

  /// A footer of a copy of these bytes, 511 or 512 of them; nothing is judged yet.
  static VhdFooter decode(MemorySegment found) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[VhdLayout.FOOTER_LENGTH]);
    MemorySegment.copy(found, 0, bytes, 0, found.byteSize());
    return new VhdFooter(bytes);
  }

  /// The footer of a new disk.
  ///
  /// @param size virtual size, whole sectors
  /// @param dataOffset where the dynamic disk header lies, or -1
  static VhdFooter create(
      int type, long size, VhdGeometry geometry, long dataOffset, ImageIdentity identity) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[VhdLayout.FOOTER_LENGTH]);
    bytes.set(U64, VhdLayout.COOKIE, VhdLayout.FOOTER_COOKIE_VALUE);
    bytes.set(U32, VhdLayout.FEATURES, 2);
    bytes.set(U32, VhdLayout.FILE_FORMAT_VERSION, VhdLayout.VERSION_1_0);
    bytes.set(U64, VhdLayout.DATA_OFFSET, dataOffset);
    bytes.set(U32, VhdLayout.TIME_STAMP, time(identity.created()));
    putText(bytes, VhdLayout.CREATOR_APPLICATION, CREATOR);
    bytes.set(U32, VhdLayout.CREATOR_VERSION, VhdLayout.VERSION_1_0);
    putText(bytes, VhdLayout.CREATOR_HOST_OS, "Wi2k");
    bytes.set(U64, VhdLayout.ORIGINAL_SIZE, size);
    bytes.set(U64, VhdLayout.CURRENT_SIZE, size);
    putGeometry(bytes, geometry);
    bytes.set(U32, VhdLayout.DISK_TYPE, type);
    putId(bytes, VhdLayout.UNIQUE_ID, identity.uuid("disk"));
    return new VhdFooter(sealed(bytes));
  }

  private static int time(Instant moment) {
    return (int) (moment.getEpochSecond() - VhdLayout.EPOCH);
  }

  static void putText(MemorySegment bytes, long at, String text) {
    MemorySegment.copy(
        MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)),
        0,
        bytes,
        at,
        text.length());
  }

  private static void putGeometry(MemorySegment bytes, VhdGeometry geometry) {
    bytes.set(U16, VhdLayout.CYLINDERS, (short) geometry.cylinders());
    bytes.set(U8, VhdLayout.HEADS, (byte) geometry.heads());
    bytes.set(U8, VhdLayout.SECTORS_PER_TRACK, (byte) geometry.sectorsPerTrack());
  }

  static void putId(MemorySegment bytes, long at, UUID id) {
    bytes.set(U64, at, id.getMostSignificantBits());
    bytes.set(U64, at + 8, id.getLeastSignificantBits());
  }

  static UUID id(MemorySegment bytes, long at) {
    return new UUID(bytes.get(U64, at), bytes.get(U64, at + 8));
  }

  private static MemorySegment sealed(MemorySegment bytes) {
    bytes.set(U32, VhdLayout.CHECKSUM, checksum(bytes, VhdLayout.CHECKSUM));
    return bytes;
  }

  /// The ones' complement of the sum of all bytes but the checksum's own.
  static int checksum(MemorySegment bytes, long field) {
    int sum = 0;
    for (long i = 0; i < bytes.byteSize(); i++) {
      if (i < field || i >= field + 4) {
        sum += Byte.toUnsignedInt(bytes.get(U8, i));
      }
    }
    return ~sum;
  }

  /// This footer after a change of size. The size no longer follows from the geometry, unless that
  /// covers it exactly.
  VhdFooter withSize(long size) {
    MemorySegment copy = copy();
    copy.set(U64, VhdLayout.CURRENT_SIZE, size);
    VhdGeometry geometry = VhdGeometry.covering(size / VhdLayout.SECTOR);
    boolean exact = geometry.sectors() * VhdLayout.SECTOR == size;
    putGeometry(copy, exact ? geometry : VhdGeometry.MAX);
    putText(copy, VhdLayout.CREATOR_APPLICATION, CREATOR);
    copy.set(U32, VhdLayout.CREATOR_VERSION, VhdLayout.VERSION_1_0);
    return new VhdFooter(sealed(copy));
  }

  /// This footer with another disk type.
  VhdFooter withType(int type) {
    MemorySegment copy = copy();
    copy.set(U32, VhdLayout.DISK_TYPE, type);
    return new VhdFooter(sealed(copy));
  }

  /// This footer with its right checksum.
  VhdFooter mended() {
    return new VhdFooter(sealed(copy()));
  }

  private MemorySegment copy() {
    return MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /// The bytes as they go to the file; not to be changed.
  MemorySegment bytes() {
    return bytes;
  }

  boolean hasCookie() {
    return bytes.get(U64, VhdLayout.COOKIE) == VhdLayout.FOOTER_COOKIE_VALUE;
  }

  int storedChecksum() {
    return bytes.get(U32, VhdLayout.CHECKSUM);
  }

  int rightChecksum() {
    return checksum(bytes, VhdLayout.CHECKSUM);
  }

  boolean isSound() {
    return hasCookie() && storedChecksum() == rightChecksum();
  }

  boolean sameAs(VhdFooter other) {
    return bytes.mismatch(other.bytes) == -1;
  }

  int version() {
    return bytes.get(U32, VhdLayout.FILE_FORMAT_VERSION);
  }

  int type() {
    return bytes.get(U32, VhdLayout.DISK_TYPE);
  }

  /// True for dynamic and differencing disks.
  boolean isSparse() {
    return type() == DYNAMIC || type() == DIFFERENCING;
  }

  long dataOffset() {
    return bytes.get(U64, VhdLayout.DATA_OFFSET);
  }

  int timeStamp() {
    return bytes.get(U32, VhdLayout.TIME_STAMP);
  }

  UUID uniqueId() {
    return id(bytes, VhdLayout.UNIQUE_ID);
  }

  private String creator() {
    byte[] name = new byte[4];
    MemorySegment.copy(bytes, VhdLayout.CREATOR_APPLICATION, MemorySegment.ofArray(name), 0, 4);
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private VhdGeometry geometry() {
    return new VhdGeometry(
        Short.toUnsignedInt(bytes.get(U16, VhdLayout.CYLINDERS)),
        Byte.toUnsignedInt(bytes.get(U8, VhdLayout.HEADS)),
        Byte.toUnsignedInt(bytes.get(U8, VhdLayout.SECTORS_PER_TRACK)));
  }

  /// The virtual size in bytes: Virtual PC, Virtual Server and QEMU see the geometry's sectors
  /// (unless it is the largest), all others the current size, whole sectors of it. Negative sizes
  /// are the caller's to refuse.
  long virtualSize() {
    long geometric = geometry().sectors();
    boolean byGeometry =
        SIZED_BY_GEOMETRY.contains(creator()) && geometric != VhdGeometry.MAX.sectors();
    return byGeometry
        ? geometric * VhdLayout.SECTOR
        : bytes.get(U64, VhdLayout.CURRENT_SIZE) & -VhdLayout.SECTOR;
  }
}
