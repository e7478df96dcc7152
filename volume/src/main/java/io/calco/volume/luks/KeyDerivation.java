package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.luks.LuksHash;
import io.calco.disk.luks.Pbkdf2;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import tools.jackson.databind.node.ObjectNode;

/// How a passphrase becomes the key of a keyslot's area.
sealed interface KeyDerivation {
  /// Bytes of a new salt: cryptsetup's.
  int SALT_LENGTH = 32;

  /// Derives `length` bytes; the caller wipes them.
  ///
  /// @throws LimitExceededException when there is not the memory for it
  byte[] derive(byte[] passphrase, int length) throws LimitExceededException;

  /// About how long a derivation takes on a plain machine, in milliseconds.
  long effort(int length);

  /// The same method under a fresh salt, so that a derivation takes `time` on this machine.
  ///
  /// @param took how long this one took
  KeyDerivation renewed(Duration time, Duration took, int length);

  /// The same method, as dear, under a fresh salt.
  KeyDerivation resalted();

  /// As the metadata has it.
  ObjectNode encode();

  /// For a person: `argon2id, 4 passes over 1024 MiB`.
  String describe();

  private static MemorySegment newSalt() {
    byte[] salt = new byte[SALT_LENGTH];
    new SecureRandom().nextBytes(salt);
    return MemorySegment.ofArray(salt).asReadOnly();
  }

  private static String base64(MemorySegment bytes) {
    return Base64.getEncoder().encodeToString(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /// Reads the `kdf` object of a keyslot.
  static KeyDerivation read(JsonFields fields)
      throws CorruptImageException, UnsupportedFeatureException, LimitExceededException {
    String type = fields.text("type");
    return switch (type) {
      case "pbkdf2" ->
          new Rounds(
              Keyslot.hash(fields, "hash"),
              rounds(fields),
              MemorySegment.ofArray(fields.bytes("salt", 1, 128)));
      case "argon2i", "argon2id" ->
          new Argon2(
              type.equals("argon2id"),
              fields.number("time", 1, Integer.MAX_VALUE),
              memory(fields),
              fields.number("cpus", 1, Argon2.LANES_MAX),
              MemorySegment.ofArray(fields.bytes("salt", 8, 128)));
      default ->
          throw new UnsupportedFeatureException(
              "%s: LUKS2 %s derives its key by \"%s\", which is not supported"
                  .formatted(fields.file(), fields.path(), JsonFields.printable(type)));
    };
  }

  /// The rounds of PBKDF2 in `iterations`.
  static int rounds(JsonFields fields) throws CorruptImageException, LimitExceededException {
    int rounds = fields.number("iterations", 1, Integer.MAX_VALUE);
    if (rounds > Pbkdf2.ROUNDS_MAX) {
      throw new LimitExceededException(
          "%s: LUKS2 %s asks for %d rounds of PBKDF2; at most %d are allowed"
              .formatted(fields.file(), fields.path(), rounds, Pbkdf2.ROUNDS_MAX));
    }
    return rounds;
  }

  private static int memory(JsonFields fields)
      throws CorruptImageException, LimitExceededException {
    int memory = fields.number("memory", 8, Integer.MAX_VALUE);
    if (memory > Argon2.MEMORY_MAX) {
      throw new LimitExceededException(
          "%s: LUKS2 %s asks for %d KiB of memory for Argon2; at most %d are allowed"
              .formatted(fields.file(), fields.path(), memory, Argon2.MEMORY_MAX));
    }
    return memory;
  }

  /// PBKDF2 (RFC 8018, 5.2).
  ///
  /// @param salt read-only
  record Rounds(LuksHash hash, int rounds, MemorySegment salt) implements KeyDerivation {
    private static final int ROUNDS_PER_MILLISECOND = 2500;

    public Rounds {
      salt = salt.asReadOnly();
    }

    @Override
    public byte[] derive(byte[] passphrase, int length) {
      return Pbkdf2.derive(hash, passphrase, salt.toArray(ValueLayout.JAVA_BYTE), rounds, length);
    }

    @Override
    public long effort(int length) {
      return (long) rounds * Math.ceilDiv(length, hash.length()) / ROUNDS_PER_MILLISECOND;
    }

    @Override
    public KeyDerivation renewed(Duration time, Duration took, int length) {
      return new Rounds(hash, Pbkdf2.roundsFor(hash, length, time), newSalt());
    }

    @Override
    public KeyDerivation resalted() {
      return new Rounds(hash, rounds, newSalt());
    }

    @Override
    public ObjectNode encode() {
      return Luks2Json.object()
          .put("type", "pbkdf2")
          .put("hash", hash.label())
          .put("iterations", rounds)
          .put("salt", base64(salt));
    }

    @Override
    public String describe() {
      return "pbkdf2, %d rounds of %s".formatted(rounds, hash.label());
    }
  }

  /// Argon2 version 1.3 (RFC 9106).
  ///
  /// @param id Argon2id; otherwise Argon2i
  /// @param passes over the memory
  /// @param memory in KiB
  /// @param lanes that it is filled by
  /// @param salt read-only
  record Argon2(boolean id, int passes, int memory, int lanes, MemorySegment salt)
      implements KeyDerivation {
    /// cryptsetup's.
    static final int LANES_MAX = 4;

    /// cryptsetup's: 4 GiB.
    static final int MEMORY_MAX = 4 << 20;

    /// cryptsetup's.
    private static final int PASSES_MIN = 4;

    private static final int KIB_PER_MILLISECOND = 1000;

    /// What else the program may need, in KiB.
    private static final long MEMORY_LEFT = 32 << 10;

    public Argon2 {
      salt = salt.asReadOnly();
    }

    @Override
    public byte[] derive(byte[] passphrase, int length) throws LimitExceededException {
      checkMemory();
      Argon2Parameters parameters =
          new Argon2Parameters.Builder(id ? Argon2Parameters.ARGON2_id : Argon2Parameters.ARGON2_i)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withIterations(passes)
              .withMemoryAsKB(memory)
              .withParallelism(lanes)
              .withSalt(salt.toArray(ValueLayout.JAVA_BYTE))
              .build();
      byte[] derived = new byte[length];
      try {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(parameters);
        generator.generateBytes(passphrase, derived);
      } catch (OutOfMemoryError e) {
        throw tooLittleMemory();
      }
      return derived;
    }

    /// Its memory is allocated in pieces of 1 KiB, each an object: a sixteenth more.
    private void checkMemory() throws LimitExceededException {
      long heap = Runtime.getRuntime().maxMemory() >> 10;
      if (memory + memory / 16L + MEMORY_LEFT > heap) {
        throw tooLittleMemory();
      }
    }

    private LimitExceededException tooLittleMemory() {
      return new LimitExceededException(
          "Argon2 needs %d MiB of memory for this passphrase, more than Java's heap of %d MiB has"
                  .formatted(memory >> 10, Runtime.getRuntime().maxMemory() >> 20)
              + " free; give it more: CALCO_JAVA_OPTS=-Xmx%dm"
                  .formatted((memory >> 10) + (memory >> 13) + 256));
    }

    @Override
    public long effort(int length) {
      return (long) passes * memory / KIB_PER_MILLISECOND;
    }

    @Override
    public KeyDerivation renewed(Duration time, Duration took, int length) {
      double wanted = passes * ((double) time.toNanos() / Math.max(1, took.toNanos()));
      double affordable = (double) Keyslot.EFFORT_MAX * KIB_PER_MILLISECOND / memory;
      int most = (int) Math.max(PASSES_MIN, Math.min(affordable, Integer.MAX_VALUE));
      return new Argon2(id, (int) Math.clamp(wanted, PASSES_MIN, most), memory, lanes, newSalt());
    }

    @Override
    public KeyDerivation resalted() {
      return new Argon2(id, passes, memory, lanes, newSalt());
    }

    @Override
    public ObjectNode encode() {
      return Luks2Json.object()
          .put("type", id ? "argon2id" : "argon2i")
          .put("time", passes)
          .put("memory", memory)
          .put("cpus", lanes)
          .put("salt", base64(salt));
    }

    @Override
    public String describe() {
      return "%s, %d passes over %d KiB".formatted(id ? "argon2id" : "argon2i", passes, memory);
    }
  }
}
