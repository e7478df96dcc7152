package io.calco.disk.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A LUKS volume whose header was read: what it says of itself, and the key to its sectors.
///
/// Thread rule: safe for several threads at once, except for what changes passphrases.
public final class LuksVolume {
  private static final int PREFIX = 8;

  private final HostFile file;
  private final long start;
  private volatile Luks1Header header;

  private LuksVolume(HostFile file, long start, Luks1Header header) {
    this.file = file;
    this.start = start;
    this.header = header;
  }

  /// True when the mark of a volume, of whatever version, stands at `start`.
  public static boolean probe(HostFile file, long start) throws IOException {
    if (file.size() - start < PREFIX) {
      return false;
    }
    byte[] prefix = new byte[PREFIX];
    file.read(start, MemorySegment.ofArray(prefix));
    int magic = Luks1Layout.MAGIC_BYTES.length;
    int version = prefix[magic] << 8 | prefix[magic + 1];
    return Arrays.equals(prefix, 0, magic, Luks1Layout.MAGIC_BYTES, 0, magic)
        && (version == 1 || version == 2);
  }

  /// Reads the header of the volume that begins at `start`, and judges it whole.
  ///
  /// @param file stays the caller's; must be open as long as [#unlock] may be called
  /// @param length bytes that the volume may have
  /// @throws io.calco.disk.DiskException when the header cannot be used
  public static LuksVolume read(HostFile file, long start, long length) throws IOException {
    long present = Math.clamp(file.size() - start, 0, length);
    byte[] prefix = new byte[PREFIX];
    if (present >= PREFIX) {
      file.read(start, MemorySegment.ofArray(prefix));
    }
    int magic = Luks1Layout.MAGIC_BYTES.length;
    if (!Arrays.equals(prefix, 0, magic, Luks1Layout.MAGIC_BYTES, 0, magic)) {
      throw CorruptImageException.at(
          file.name(), "LUKS magic", start, "something else", "\"LUKS\\xba\\xbe\"");
    }
    int version = Byte.toUnsignedInt(prefix[magic]) << 8 | Byte.toUnsignedInt(prefix[magic + 1]);
    if (version != 1) {
      throw new FormatVersionException(
          "%s: LUKS version %d; known is 1".formatted(file.name(), version));
    }
    return new LuksVolume(file, start, Luks1Header.read(file, start, present));
  }

  /// Where the guest's sectors begin, in bytes from the volume's start.
  public long payloadOffset() {
    return header.payloadOffset();
  }

  /// The volume's name for itself.
  public String uuid() {
    return header.uuid();
  }

  /// Cipher, mode and initial values as cryptsetup writes them: `aes-xts-plain64`.
  public String cipher() {
    return header.cipher().cipherName() + "-" + header.cipher().cipherMode();
  }

  /// The hash of PBKDF2 and the splitter.
  public String hash() {
    return header.hash().label();
  }

  /// The rounds of PBKDF2 of each key slot, by number; 0 where it is free.
  public List<Integer> slotRounds() {
    return header.slots().stream().map(slot -> slot.active() ? slot.rounds() : 0).toList();
  }

  /// What the header says, under qemu-img's names and in its order.
  public Map<String, Object> facts() {
    CipherSpec cipher = header.cipher();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("ivgen-alg", cipher.iv().label());
    facts.put("hash-alg", header.hash().label());
    facts.put("cipher-alg", cipher.algorithm());
    facts.put("uuid", header.uuid());
    if (cipher.hasIvHash()) {
      facts.put("ivgen-hash-alg", CipherSpec.ESSIV_HASH);
    }
    facts.put("cipher-mode", cipher.mode().label());
    facts.put("slots", header.slots().stream().map(LuksVolume::facts).toList());
    facts.put("payload-offset", header.payloadOffset());
    facts.put("master-key-iters", header.digestRounds());
    return facts;
  }

  private static Map<String, Object> facts(KeySlot slot) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("active", slot.active());
    if (slot.active()) {
      facts.put("iters", slot.rounds());
    }
    facts.put("key-offset", slot.materialOffset());
    if (slot.active()) {
      facts.put("stripes", Luks1Layout.STRIPES);
    }
    return facts;
  }

  /// Finds the key slot that the passphrase opens; takes as long as the volume's maker wanted, for
  /// each slot that it does not.
  ///
  /// @return the caller's to close
  /// @throws PassphraseException when it opens none
  public SectorEncryption unlock(Passphrase passphrase) throws IOException {
    byte[] key = masterKey(passphrase);
    try {
      return header.cipher().with(key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /// As [#unlock], the key itself; the caller wipes it.
  byte[] masterKey(Passphrase passphrase) throws IOException {
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      Optional<byte[]> key = open(i, passphrase);
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw PassphraseException.wrong(file.name());
  }

  /// The master key, if the slot of that number is in use and the passphrase opens it; the caller
  /// wipes it.
  Optional<byte[]> open(int index, Passphrase passphrase) throws IOException {
    KeySlot slot = header.slots().get(index);
    if (!slot.active()) {
      return Optional.empty();
    }
    LuksHash hash = header.hash();
    int keyLength = header.cipher().keyLength();
    byte[] secret = passphrase.bytes();
    byte[] slotKey = Pbkdf2.derive(hash, secret, array(slot.salt()), slot.rounds(), keyLength);
    byte[] material = new byte[header.cipher().materialLength()];
    file.read(start + slot.materialOffset(), MemorySegment.ofArray(material));
    try (SectorEncryption encryption = header.cipher().with(slotKey)) {
      encryption.decrypt(MemorySegment.ofArray(material), 0);
    }
    byte[] key = AntiForensic.merge(material, keyLength, Luks1Layout.STRIPES, hash);
    byte[] digest =
        Pbkdf2.derive(
            hash,
            key,
            array(header.digestSalt()),
            header.digestRounds(),
            Luks1Layout.DIGEST_LENGTH);
    Arrays.fill(secret, (byte) 0);
    Arrays.fill(slotKey, (byte) 0);
    Arrays.fill(material, (byte) 0);
    if (MessageDigest.isEqual(digest, array(header.digest()))) {
      return Optional.of(key);
    }
    Arrays.fill(key, (byte) 0);
    return Optional.empty();
  }

  private static byte[] array(MemorySegment bytes) {
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  /// The passphrases, to be changed where the file is open for writing.
  public PassphraseSlots passphraseSlots() {
    return new LuksPassphraseSlots(this);
  }

  /// Another master key for the volume. Nothing is written yet.
  ///
  /// @param kept passphrases whose slots stay; those that open none are left out of account
  /// @throws PassphraseException when none opens the volume
  public KeyChange changeKey(List<Passphrase> kept) throws IOException {
    checkWritable();
    return Luks1KeyChange.of(this, kept);
  }

  /// Gives the volume another name for itself; it is on the medium when this returns.
  public void setUuid(UUID uuid) throws IOException {
    checkWritable();
    byte[] text = uuid.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] field = Arrays.copyOf(text, Luks1Layout.UUID_LENGTH);
    file.write(start + Luks1Layout.UUID, MemorySegment.ofArray(field));
    file.sync();
    header = header.withUuid(uuid.toString());
  }

  /// Writes a whole header whose key material lies there already.
  void replace(Luks1Header other) throws IOException {
    file.write(start, other.encode());
    file.sync();
    header = other;
  }

  /// Writes key material, which means nothing until the header says so.
  void writeMaterial(long offset, MemorySegment material) throws IOException {
    file.write(start + offset, material);
  }

  Luks1Header header() {
    return header;
  }

  /// Changes a key slot and its material, so that a crash leaves the slot as it was, or useless.
  void replace(int index, KeySlot slot, MemorySegment material) throws IOException {
    MemorySegment fields = slot.encode();
    long place = start + KeySlot.place(index);
    file.write(start + slot.materialOffset(), material);
    if (slot.active()) {
      file.write(place + Integer.BYTES, fields.asSlice(Integer.BYTES));
    }
    file.sync();
    file.write(place, slot.active() ? fields.asSlice(0, Integer.BYTES) : fields);
    file.sync();
    header = header.with(index, slot);
  }

  void checkWritable() throws IOException {
    if (!file.writable()) {
      throw new UnsupportedFeatureException(file.name() + ": is open for reading only");
    }
  }

  String name() {
    return file.name();
  }
}
