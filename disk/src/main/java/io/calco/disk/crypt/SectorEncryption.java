package io.calco.disk.crypt;

import io.calco.disk.Passphrase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;

/// A key, and the scheme by which it encrypts sectors: of 512 bytes, or of a larger power of two.
/// Their numbers count units of 512 bytes all the same, as dm-crypt's do.
///
/// Thread rule: safe for several threads at once; [#close] excludes other calls.
public final class SectorEncryption implements AutoCloseable {
  /// Bytes in the smallest sector, and in the unit that sectors are numbered by.
  public static final int SECTOR = 512;

  /// Stations kept for the next caller; ours. One has 300 KiB of buffers.
  private static final int KEPT = 16;

  /// Bytes in the largest sector: dm-crypt's limit.
  public static final int SECTOR_MAX = 4096;

  private static final int QCOW_KEY = 16;

  private final Mode mode;
  private final IvScheme scheme;
  private final byte[] key;
  private final int sectorSize;
  private final ArrayBlockingQueue<Station> idle = new ArrayBlockingQueue<>(KEPT);
  private volatile boolean closed;

  /// How AES is used on the blocks of a sector.
  public enum Mode {
    /// IEEE 1619; keys are of twice AES's length.
    XTS("xts", 2),

    /// Cipher block chaining within the sector.
    CBC("cbc", 1);

    private final String label;
    private final int keys;

    Mode(String label, int keys) {
      this.label = label;
      this.keys = keys;
    }

    /// The name that dm-crypt and QEMU have for it.
    public String label() {
      return label;
    }

    /// How many AES keys make up its key.
    public int keys() {
      return keys;
    }
  }

  /// AES by `mode` with this key.
  ///
  /// @param key copied; of 16, 24 or 32 bytes, twice that for [Mode#XTS]
  public SectorEncryption(Mode mode, IvScheme scheme, byte[] key) {
    this(mode, scheme, key, SECTOR);
  }

  /// AES by `mode` with this key, in sectors of another size.
  ///
  /// @param key copied; of 16, 24 or 32 bytes, twice that for [Mode#XTS]
  /// @param sectorSize in bytes, a power of two, 512 to 4096
  public SectorEncryption(Mode mode, IvScheme scheme, byte[] key, int sectorSize) {
    if (sectorSize < SECTOR || sectorSize > SECTOR_MAX || Integer.bitCount(sectorSize) != 1) {
      throw new IllegalArgumentException("sectors of %d bytes".formatted(sectorSize));
    }
    int length = key.length / mode.keys();
    if (key.length % mode.keys() != 0 || length != 16 && length != 24 && length != 32) {
      throw new IllegalArgumentException("key of %d bytes".formatted(key.length));
    }
    this.mode = mode;
    this.scheme = scheme;
    this.key = key.clone();
    this.sectorSize = sectorSize;
  }

  /// The method of qcow, and of qcow2 once: AES-128 in CBC, sectors numbered as the guest sees
  /// them, under the passphrase's first 16 bytes, or what there is of them and zeroes. Nothing
  /// tells whether a passphrase is the right one.
  public static SectorEncryption ofQcow(Passphrase passphrase) {
    byte[] secret = passphrase.bytes();
    byte[] key = Arrays.copyOf(secret, QCOW_KEY);
    try {
      return new SectorEncryption(Mode.CBC, IvScheme.PLAIN64, key);
    } finally {
      Arrays.fill(secret, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  /// Bytes in a sector.
  public int sectorSize() {
    return sectorSize;
  }

  /// Decrypts whole sectors in place.
  ///
  /// @param firstSector the number of the first, in units of 512 bytes
  public void decrypt(MemorySegment bytes, long firstSector) {
    Station station = borrow();
    station.decrypt(bytes, firstSector);
    giveBack(station);
  }

  /// Encrypts whole sectors of `src` into `dst`, which has as many bytes, and may be the same.
  ///
  /// @param firstSector the number of the first, in units of 512 bytes
  public void encrypt(MemorySegment src, MemorySegment dst, long firstSector) {
    Station station = borrow();
    station.encrypt(src, dst, firstSector);
    giveBack(station);
  }

  /// A cipher with its buffers, for one thread. One that is not given back is forgotten.
  Station borrow() {
    if (closed) {
      throw new IllegalStateException("the key was wiped");
    }
    Station station = idle.poll();
    return station != null ? station : new Station(newCipher());
  }

  void giveBack(Station station) {
    if (!closed) {
      idle.offer(station);
    }
  }

  private SectorCipher newCipher() {
    return switch (mode) {
      case XTS -> new XtsCipher(key, scheme, sectorSize);
      case CBC -> new CbcCipher(key, scheme, sectorSize);
    };
  }

  /// Wipes the key; nothing more can be encrypted or decrypted.
  @Override
  public void close() {
    closed = true;
    idle.clear();
    Arrays.fill(key, (byte) 0);
  }

  @Override
  public String toString() {
    return "SectorEncryption[aes-%d, %s, %s]"
        .formatted(key.length / mode.keys() * 8, mode.label(), scheme.label());
  }

  /// A cipher with its buffers. Confined.
  static final class Station {
    /// Bytes that [#output] has.
    static final int OUTPUT = 256 << 10;

    private final SectorCipher cipher;
    private final byte[] batch = new byte[SectorCipher.BATCH];
    private final MemorySegment output = Arena.ofAuto().allocate(OUTPUT, 4096);

    Station(SectorCipher cipher) {
      this.cipher = cipher;
    }

    /// Native memory to encrypt into, for a write to the host.
    MemorySegment output() {
      return output;
    }

    void decrypt(MemorySegment bytes, long firstSector) {
      for (long done = 0; done < bytes.byteSize(); done += batch.length) {
        int length = (int) Math.min(batch.length, bytes.byteSize() - done);
        load(bytes, done, length);
        cipher.decrypt(batch, length, firstSector + done / SECTOR);
        store(bytes, done, length);
      }
    }

    void encrypt(MemorySegment src, MemorySegment dst, long firstSector) {
      for (long done = 0; done < src.byteSize(); done += batch.length) {
        int length = (int) Math.min(batch.length, src.byteSize() - done);
        load(src, done, length);
        cipher.encrypt(batch, length, firstSector + done / SECTOR);
        store(dst, done, length);
      }
    }

    private void load(MemorySegment src, long offset, int length) {
      MemorySegment.copy(src, ValueLayout.JAVA_BYTE, offset, batch, 0, length);
    }

    private void store(MemorySegment dst, long offset, int length) {
      MemorySegment.copy(batch, 0, dst, ValueLayout.JAVA_BYTE, offset, length);
    }
  }
}
