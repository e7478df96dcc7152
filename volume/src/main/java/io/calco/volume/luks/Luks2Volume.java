package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.CipherSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A version 2 volume whose header was read. Confined.
final class Luks2Volume {
  private static final int MAX_SEGMENTS = 32; // ours; a volume at rest has one

  /// Ours: milliseconds on a plain machine that all slots together may ask for.
  private static final long ALL_EFFORT_MAX = 5 * Keyslot.EFFORT_MAX;

  private static final long MAX_FIRST_SECTOR = 1L << 50; // ours

  private final Luks2Header header;
  private final JsonFields fields;
  private final String segment;
  private final Payload payload;
  private final KeyDigest digest;

  private Luks2Volume(
      Luks2Header header, JsonFields fields, String segment, Payload payload, KeyDigest digest) {
    this.header = header;
    this.fields = fields;
    this.segment = segment;
    this.payload = payload;
    this.digest = digest;
  }

  /// Reads and judges all but the keyslots, which are judged one by one when they are tried.
  static Luks2Volume read(HostFile file) throws IOException {
    return of(Luks2Header.read(file));
  }

  private static Luks2Volume of(Luks2Header header) throws IOException {
    JsonFields fields = new JsonFields(header.file().name(), "", header.json());
    refuseRequirements(fields);
    String segment = segment(fields);
    Payload payload = payload(header, fields.object("segments").object(segment));
    return new Luks2Volume(header, fields, segment, payload, digest(fields, segment));
  }

  private static void refuseRequirements(JsonFields fields) throws DiskException {
    JsonFields config = fields.object("config");
    if (!config.has("requirements")) {
      return;
    }
    JsonFields requirements = config.object("requirements");
    if (!requirements.has("mandatory")) {
      return;
    }
    for (String name : requirements.texts("mandatory", MAX_SEGMENTS)) {
      throw new UnsupportedFeatureException(
          name.startsWith("online-reencrypt")
              ? "%s: its re-encryption was begun and not finished: cryptsetup reencrypt does that"
                  .formatted(fields.file())
              : "%s: LUKS2 requires \"%s\", which is not supported"
                  .formatted(fields.file(), JsonFields.printable(name)));
    }
  }

  /// The one segment that is not kept for a change that was begun.
  private static String segment(JsonFields fields) throws DiskException {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, JsonFields> entry :
        fields.objects("segments", MAX_SEGMENTS).entrySet()) {
      List<String> flags =
          entry.getValue().has("flags") ? entry.getValue().texts("flags", MAX_SEGMENTS) : List.of();
      if (flags.stream().noneMatch(flag -> flag.startsWith("backup-"))) {
        found.add(entry.getKey());
      }
    }
    if (found.size() != 1) {
      throw new UnsupportedFeatureException(
          "%s: LUKS2 with %d segments; one is supported".formatted(fields.file(), found.size()));
    }
    return found.getFirst();
  }

  private static Payload payload(Luks2Header header, JsonFields segment) throws IOException {
    String type = segment.text("type");
    if (!type.equals("crypt")) {
      throw new UnsupportedFeatureException(
          "%s: LUKS2 segment of the type \"%s\", which is not supported"
              .formatted(segment.file(), JsonFields.printable(type)));
    }
    if (segment.has("integrity")) {
      throw new UnsupportedFeatureException(
          segment.file() + ": LUKS2 with integrity protection, which is not supported");
    }
    int sectorSize = segment.number("sector_size", SectorEncryption.SECTOR, 1 << 20);
    if (sectorSize > SectorEncryption.SECTOR_MAX || Integer.bitCount(sectorSize) != 1) {
      throw new CorruptImageException(
          "%s: LUKS2 sectors of %d bytes; expected 512 to 4096, a power of two"
              .formatted(segment.file(), sectorSize));
    }
    long offset = segment.size("offset");
    long size = header.file().size();
    boolean dynamic = segment.text("size").equals("dynamic");
    long length = dynamic ? Math.max(0, size - offset) : segment.size("size");
    if (offset < 2L * header.length()
        || offset % SectorEncryption.SECTOR != 0
        || offset > size
        || length > size - offset) {
      throw new CorruptImageException(
          "%s: LUKS2 segment: found %d bytes at 0x%x, expected after the header, within %d bytes"
              .formatted(segment.file(), length, offset, size));
    }
    long firstSector = segment.size("iv_tweak");
    if (firstSector > MAX_FIRST_SECTOR) {
      throw new LimitExceededException(
          "%s: LUKS2 segment: its sectors are numbered from %d; at most %d is allowed"
              .formatted(segment.file(), firstSector, MAX_FIRST_SECTOR));
    }
    return new Payload(offset, length - length % sectorSize, firstSector, sectorSize);
  }

  private static KeyDigest digest(JsonFields fields, String segment) throws DiskException {
    for (Map.Entry<String, JsonFields> entry :
        fields.objects("digests", Luks2Layout.MAX_KEYSLOTS).entrySet()) {
      if (entry.getValue().texts("segments", MAX_SEGMENTS).contains(segment)) {
        return KeyDigest.read(entry.getKey(), entry.getValue());
      }
    }
    throw new CorruptImageException(
        "%s: LUKS2 metadata: no digest for segment %s"
            .formatted(fields.file(), JsonFields.printable(segment)));
  }

  /// The metadata.
  JsonFields fields() {
    return fields;
  }

  Luks2Header header() {
    return header;
  }

  HostFile file() {
    return header.file();
  }

  Payload payload() {
    return payload;
  }

  KeyDigest digest() {
    return digest;
  }

  /// As the metadata has it: `aes-xts-plain64`.
  String cipher() throws CorruptImageException {
    return JsonFields.printable(fields.object("segments").object(segment).text("encryption"));
  }

  /// All slots by number, those of other segments and uses among them.
  SequencedMap<String, JsonFields> slots() throws CorruptImageException {
    return fields.objects("keyslots", Luks2Layout.MAX_KEYSLOTS);
  }

  /// The slots that hold the key of the data.
  List<String> boundSlots() throws CorruptImageException {
    SequencedMap<String, JsonFields> slots = slots();
    return fields
        .object("digests")
        .object(digest.name())
        .texts("keyslots", Luks2Layout.MAX_KEYSLOTS)
        .stream()
        .filter(slots::containsKey)
        .distinct()
        .toList();
  }

  /// The slot of that name, judged.
  Keyslot slot(String name) throws DiskException {
    JsonFields slot = slotFields(name);
    String type = slot.text("type");
    if (!type.equals("luks2")) {
      throw new UnsupportedFeatureException(
          "%s: LUKS2 %s is of the type \"%s\", which is not supported"
              .formatted(slot.file(), slot.path(), JsonFields.printable(type)));
    }
    return Keyslot.read(slot, 2L * header.length(), areasEnd());
  }

  private JsonFields slotFields(String name) throws CorruptImageException {
    return fields.object("keyslots").object(name);
  }

  /// Where the room for keyslots ends, in bytes from the volume's start.
  long areasEnd() throws CorruptImageException {
    JsonFields config = fields.object("config");
    long size = config.size("keyslots_size");
    return Math.min(2L * header.length() + size, payload.offset());
  }

  /// Tries the passphrase on every slot that may hold the key, those of high priority first; takes
  /// as long as the slots' makers wanted.
  ///
  /// @return the caller's to close
  /// @throws PassphraseException when it opens none
  /// @throws DiskException when it opens none, and there are slots that could not be tried
  MasterKey unlock(Passphrase passphrase) throws IOException {
    DiskException untried = null;
    long effort = 0;
    for (String name : byPriority()) {
      try {
        Keyslot slot = slot(name);
        effort += slot.derivation().effort(slot.cipher().keyLength());
        if (effort > ALL_EFFORT_MAX) {
          throw new LimitExceededException(
              "%s: trying all LUKS2 keyslots would take more than %d s"
                  .formatted(file().name(), ALL_EFFORT_MAX / 1000));
        }
        Optional<MasterKey> key = open(name, slot, passphrase);
        if (key.isPresent()) {
          return key.get();
        }
      } catch (DiskException e) {
        untried = untried == null ? e : untried;
      }
    }
    @Nullable DiskException why = untried;
    throw why != null ? why : PassphraseException.wrong(file().name());
  }

  private List<String> byPriority() throws CorruptImageException {
    List<String> high = new ArrayList<>();
    List<String> normal = new ArrayList<>();
    for (String name : boundSlots()) {
      JsonFields slot = slotFields(name);
      int priority = slot.has("priority") ? slot.number("priority", 0, 2) : 1;
      if (priority > 0) {
        (priority == 2 ? high : normal).add(name);
      }
    }
    high.addAll(normal);
    return high;
  }

  /// The key, if the passphrase opens this slot.
  Optional<MasterKey> open(String name, Keyslot slot, Passphrase passphrase) throws IOException {
    byte[] secret = passphrase.bytes();
    long started = System.nanoTime();
    byte[] key = slot.open(file(), secret);
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    Arrays.fill(secret, (byte) 0);
    if (digest.isOf(key)) {
      return Optional.of(new MasterKey(key, name, took));
    }
    Arrays.fill(key, (byte) 0);
    return Optional.empty();
  }

  /// The data's encryption under its key, or one of the same length.
  SectorEncryption encryption(byte[] key) throws DiskException {
    JsonFields data = fields.object("segments").object(segment);
    CipherSpec cipher = Keyslot.cipher(data, key.length);
    return cipher.with(key, payload.sectorSize());
  }
}
