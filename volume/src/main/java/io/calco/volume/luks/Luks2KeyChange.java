package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.KeyChange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A version 2 volume's change of key. What had to do with another key goes with its slots: digests
/// of keys for nothing on this disk, and tokens that no slot is left for. Confined.
///
/// Write order: the material of the slots that stay, noise over that of the others, the header.
final class Luks2KeyChange implements KeyChange {
  private static final int NOISE = 1 << 20;

  private final Luks2Volume volume;
  private final SortedMap<String, Passphrase> kept;
  private final List<Integer> removed;
  private final SectorEncryption before;
  private final byte[] key;
  private final SectorEncryption after;

  private Luks2KeyChange(
      Luks2Volume volume, SortedMap<String, Passphrase> kept, SectorEncryption before, int length)
      throws DiskException {
    this.volume = volume;
    this.kept = kept;
    this.removed =
        volume.slots().keySet().stream()
            .filter(slot -> !kept.containsKey(slot))
            .map(Luks2KeyChange::number)
            .sorted()
            .toList();
    this.before = before;
    this.key = new byte[length];
    new SecureRandom().nextBytes(key);
    this.after = volume.encryption(key);
  }

  /// @param passphrases those that open a slot keep it
  /// @throws PassphraseException when there is none such
  static Luks2KeyChange of(Luks2Volume volume, List<Passphrase> passphrases) throws IOException {
    if (!volume.file().writable()) {
      throw new UnsupportedFeatureException(volume.file().name() + ": is open for reading only");
    }
    SortedMap<String, Passphrase> kept =
        new TreeMap<>(Comparator.comparingInt(Luks2KeyChange::number));
    Optional<SectorEncryption> before = Optional.empty();
    int length = 0;
    for (Passphrase passphrase : passphrases) {
      try (MasterKey opened = volume.unlock(passphrase)) {
        kept.put(opened.slot(), passphrase);
        length = opened.bytes().length;
        if (before.isEmpty()) {
          before = Optional.of(volume.encryption(opened.bytes()));
        }
      } catch (PassphraseException opensNone) {
        // another volume's
      }
    }
    return new Luks2KeyChange(
        volume,
        kept,
        before.orElseThrow(() -> PassphraseException.wrong(volume.file().name())),
        length);
  }

  /// Slots are named by their numbers; others are none of cryptsetup's.
  private static int number(String slot) {
    return slot.matches("[0-9]{1,2}") ? Integer.parseInt(slot) : Integer.MAX_VALUE;
  }

  @Override
  public SectorEncryption before() {
    return before;
  }

  @Override
  public SectorEncryption after() {
    return after;
  }

  @Override
  public List<Integer> kept() {
    return kept.keySet().stream().map(Luks2KeyChange::number).toList();
  }

  @Override
  public List<Integer> removed() {
    return removed;
  }

  @Override
  public void finish() throws IOException {
    ObjectNode slots = volume.fields().object("keyslots").node();
    for (Map.Entry<String, JsonFields> slot : volume.slots().entrySet()) {
      Optional<Passphrase> passphrase = Optional.ofNullable(kept.get(slot.getKey()));
      if (passphrase.isPresent()) {
        slots.set(slot.getKey(), renewed(slot.getKey(), passphrase.get()));
      } else {
        erase(slot.getValue());
        slots.remove(slot.getKey());
      }
    }
    volume.file().sync();
    ObjectNode digests = volume.fields().object("digests").node();
    ObjectNode digest = volume.digest().encodeOf(key, kept.keySet());
    digests.removeAll();
    digests.set(volume.digest().name(), digest);
    dropTokens();
    volume.header().write();
  }

  private ObjectNode renewed(String name, Passphrase passphrase) throws IOException {
    Keyslot slot = volume.slot(name);
    Keyslot made = slot.with(slot.areaOffset(), slot.areaSize(), slot.derivation().resalted());
    byte[] secret = passphrase.bytes();
    made.seal(volume.file(), key, secret);
    Arrays.fill(secret, (byte) 0);
    ObjectNode old = volume.fields().object("keyslots").object(name).node();
    ObjectNode encoded = made.encode();
    if (old.has("priority")) {
      encoded.set("priority", old.get("priority"));
    }
    return encoded;
  }

  /// Whatever its type, it has an area.
  private void erase(JsonFields slot) throws IOException {
    JsonFields area = slot.object("area");
    long offset = area.size("offset");
    long size = area.size("size");
    long first = 2L * volume.header().length();
    if (offset < first || offset > volume.areasEnd() || size > volume.areasEnd() - offset) {
      throw new CorruptImageException(
          "%s: LUKS2 %s: found %d bytes at 0x%x, expected them from 0x%x to 0x%x"
              .formatted(area.file(), area.path(), size, offset, first, volume.areasEnd()));
    }
    byte[] noise = new byte[(int) Math.min(NOISE, size)];
    SecureRandom random = new SecureRandom();
    for (long done = 0; done < size; done += noise.length) {
      random.nextBytes(noise);
      int part = (int) Math.min(noise.length, size - done);
      volume.file().write(offset + done, MemorySegment.ofArray(noise).asSlice(0, part));
    }
  }

  /// Forgets what is bound to slots that are gone.
  private void dropTokens() throws CorruptImageException {
    if (!volume.fields().has("tokens")) {
      return;
    }
    ObjectNode tokens = volume.fields().object("tokens").node();
    List<String> orphans = new ArrayList<>();
    for (Map.Entry<String, JsonNode> token : tokens.properties()) {
      if (token.getValue().get("keyslots") instanceof ArrayNode named) {
        named.removeIf(node -> !node.isString() || !kept.containsKey(node.stringValue()));
        if (named.isEmpty()) {
          orphans.add(token.getKey());
        }
      }
    }
    tokens.remove(orphans);
  }

  @Override
  public void close() {
    Arrays.fill(key, (byte) 0);
    before.close();
    after.close();
  }
}
