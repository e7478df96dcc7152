package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// The master key, wrapped by passphrases: a key derived by Argon2id (RFC 9106) seals it with
/// AES-256-GCM. Confined.
final class KeySlots {
  static final String PREFIX = "keys/";

  private static final int MEMORY_KIB = 64 << 10;
  private static final int PASSES = 3;
  private static final int LANES = 1;
  private static final int MEMORY_KIB_MAX = 1 << 20;
  private static final int PASSES_MAX = 64;
  private static final int WRAPPED = StoreCipher.MASTER_KEY + 16;
  private static final int LABEL_MAX = 200;

  private final Backend backend;
  private final StoreConfig config;

  KeySlots(Backend backend, StoreConfig config) {
    this.backend = backend;
    this.config = config;
  }

  private record Derivation(int memoryKib, int passes, int lanes, ChunkId salt) {
    byte[] derive(Passphrase passphrase) throws LimitExceededException {
      if (memoryKib < 8 * lanes
          || memoryKib > MEMORY_KIB_MAX
          || passes < 1
          || passes > PASSES_MAX
          || lanes < 1
          || lanes > 16) {
        throw new LimitExceededException(
            "Argon2 with %d KiB, %d passes and %d lanes; at most %d KiB, %d and 16 are done"
                .formatted(memoryKib, passes, lanes, MEMORY_KIB_MAX, PASSES_MAX));
      }
      byte[] saltBytes = new byte[ChunkId.BYTES];
      salt.write(saltBytes, 0);
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(memoryKib)
              .withIterations(passes)
              .withParallelism(lanes)
              .withSalt(saltBytes)
              .build());
      byte[] secret = passphrase.bytes();
      byte[] key = new byte[32];
      generator.generateBytes(secret, key);
      Arrays.fill(secret, (byte) 0);
      return key;
    }
  }

  private static final class Slot {
    final KeySlot shown;
    final Derivation derivation;
    final byte[] wrapped;

    Slot(KeySlot shown, Derivation derivation, byte[] wrapped) {
      this.shown = shown;
      this.derivation = derivation;
      this.wrapped = wrapped;
    }
  }

  /// Adds a passphrase.
  KeySlot add(StoreCipher cipher, Passphrase passphrase, String label) throws IOException {
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    if (name.length > LABEL_MAX) {
      throw new IllegalArgumentException("label of " + name.length + " bytes");
    }
    byte[] salt = StoreCipher.random(ChunkId.BYTES);
    Derivation derivation = new Derivation(MEMORY_KIB, PASSES, LANES, ChunkId.read(salt, 0));
    byte[] wrapped =
        new StoreCipher.Seal(derivation.derive(passphrase)).close(0, cipher.masterKey());
    KeySlot slot =
        new KeySlot(
            UUID.randomUUID().toString(), label, Instant.ofEpochMilli(System.currentTimeMillis()));
    ByteBuffer body = Envelope.body(2 + name.length + 8 + 12 + salt.length + wrapped.length);
    Root.putText(body, label);
    body.putLong(slot.created().toEpochMilli());
    body.putInt(MEMORY_KIB).putInt(PASSES).putInt(LANES).put(salt).put(wrapped);
    Envelope.KEY.put(backend, StoreCipher.plain(), PREFIX + slot.id(), body);
    return slot;
  }

  private static Slot decode(String object, ByteBuffer body) {
    String label = Root.getText(body, body.getShort() & 0xffff);
    Instant created = Instant.ofEpochMilli(body.getLong());
    int memory = body.getInt();
    int passes = body.getInt();
    int lanes = body.getInt();
    byte[] salt = new byte[ChunkId.BYTES];
    body.get(salt);
    byte[] wrapped = new byte[WRAPPED];
    body.get(wrapped);
    return new Slot(
        new KeySlot(object.substring(PREFIX.length()), label, created),
        new Derivation(memory, passes, lanes, ChunkId.read(salt, 0)),
        wrapped);
  }

  /// What is there.
  ///
  /// @param slots that can be read
  /// @param damages the others
  private record Found(List<Slot> slots, List<StoreReport.Damage> damages) {}

  private Found read() throws IOException {
    Found found = new Found(new ArrayList<>(), new ArrayList<>());
    for (StoredObject object : backend.list(PREFIX)) {
      try {
        found.slots.add(
            Envelope.KEY.read(
                backend, StoreCipher.plain(), object.name(), body -> decode(object.name(), body)));
      } catch (NoSuchFileException removedMeanwhile) {
        // It opens nothing any more.
      } catch (DiskException e) {
        found.damages.add(new StoreReport.Damage(object.name(), String.valueOf(e.getMessage())));
      }
    }
    return found;
  }

  List<KeySlot> list() throws IOException {
    return read().slots.stream().map(slot -> slot.shown).toList();
  }

  /// Slots that open nothing, since they are not as they were written.
  List<StoreReport.Damage> listDamages() throws IOException {
    return read().damages;
  }

  /// Removes a passphrase, but never the last that can be read; or what is left of one.
  void remove(String id) throws IOException {
    Found found = read();
    boolean sound = found.slots.stream().anyMatch(slot -> slot.shown.id().equals(id));
    if (!sound && found.damages.stream().noneMatch(one -> one.object().equals(PREFIX + id))) {
      throw new NoSuchFileException(id, null, "no such key");
    }
    if (sound && found.slots.size() == 1) {
      throw new IOException(backend.place() + ": the last key stays");
    }
    backend.delete(PREFIX + id);
  }

  /// The cipher that a passphrase opens. What one slot has suffered keeps no other from opening.
  StoreCipher open(Passphrase passphrase) throws IOException {
    Found found = read();
    List<String> wrongs = new ArrayList<>();
    found.damages.forEach(damage -> wrongs.add(damage.what()));
    for (Slot slot : found.slots) {
      try {
        byte[] derived = slot.derivation.derive(passphrase);
        StoreCipher cipher = StoreCipher.of(new StoreCipher.Seal(derived).open(0, slot.wrapped));
        if (config.fits(cipher)) {
          return cipher;
        }
      } catch (GeneralSecurityException another) {
        // Another's slot.
      } catch (LimitExceededException e) {
        wrongs.add(String.valueOf(e.getMessage()));
      }
    }
    if (!wrongs.isEmpty()) {
      throw new CorruptImageException(
          "%s: the passphrase opens none of the keys that can be read, and %d cannot: %s; the"
                  .formatted(backend.place(), wrongs.size(), wrongs.getFirst())
              + " recovery key opens it all the same");
    }
    if (found.slots.isEmpty()) {
      throw new CorruptImageException(
          backend.place() + ": no key is left that a passphrase opens; the recovery key opens it");
    }
    throw PassphraseException.wrong(backend.place());
  }
}
