package io.calco.disk.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A LUKS volume whose header was read: what it says of itself, and the key to its sectors.
///
/// Thread rule: safe for several threads at once.
public final class LuksVolume {
  private static final int PREFIX = 8;

  private final HostFile file;
  private final long start;
  private final Luks1Header header;

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
    byte[] secret = passphrase.bytes();
    try {
      for (KeySlot slot : header.slots()) {
        Optional<byte[]> key = slot.active() ? open(slot, secret) : Optional.empty();
        if (key.isPresent()) {
          SectorEncryption encryption = header.cipher().with(key.get());
          Arrays.fill(key.get(), (byte) 0);
          return encryption;
        }
      }
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
    throw PassphraseException.wrong(file.name());
  }

  private Optional<byte[]> open(KeySlot slot, byte[] secret) throws IOException {
    byte[] material = new byte[header.materialLength()];
    file.read(start + slot.materialOffset(), MemorySegment.ofArray(material));
    int keyLength = header.cipher().keyLength();
    byte[] slotKey =
        Pbkdf2.derive(header.hash(), secret, array(slot.salt()), slot.rounds(), keyLength);
    try (SectorEncryption encryption = header.cipher().with(slotKey)) {
      encryption.decrypt(MemorySegment.ofArray(material), 0);
    }
    byte[] key = AntiForensic.merge(material, keyLength, Luks1Layout.STRIPES, header.hash());
    byte[] digest = digest(header.hash(), key, header.digestSalt(), header.digestRounds());
    Arrays.fill(slotKey, (byte) 0);
    Arrays.fill(material, (byte) 0);
    if (MessageDigest.isEqual(digest, array(header.digest()))) {
      return Optional.of(key);
    }
    Arrays.fill(key, (byte) 0);
    return Optional.empty();
  }

  static byte[] digest(LuksHash hash, byte[] key, MemorySegment salt, int rounds) {
    return Pbkdf2.derive(hash, key, array(salt), rounds, Luks1Layout.DIGEST_LENGTH);
  }

  static byte[] array(MemorySegment bytes) {
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }
}
