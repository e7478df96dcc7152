package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The keyslots of a version 2 volume. A new one works as the one that was opened, so that it is no
/// weaker. Confined.
///
/// Write order: a new slot's material, then the header; the header of a volume whose slot is erased
/// after the slot's material. A crash leaves the slot as it was, or useless.
final class Luks2PassphraseSlots implements PassphraseSlots {
  private static final Duration TIME_MAX = Duration.ofMinutes(1);
  private static final int NOISE = 1 << 20;

  private final Luks2Volume volume;

  Luks2PassphraseSlots(Luks2Volume volume) {
    this.volume = volume;
  }

  @Override
  public int add(Passphrase existing, Passphrase added, Duration time, OptionalInt slot)
      throws IOException {
    if (time.toMillis() < 1 || time.compareTo(TIME_MAX) > 0) {
      throw new IllegalArgumentException("time " + time);
    }
    checkWritable();
    int number = slot.isPresent() ? free(slot.getAsInt()) : firstFree();
    try (MasterKey key = volume.unlock(existing)) {
      Keyslot opened = volume.slot(key.slot());
      KeyDerivation derivation =
          opened.derivation().renewed(time, key.took(), opened.cipher().keyLength());
      int alignment = Luks2Layout.AREA_ALIGNMENT;
      long size =
          (long) Math.ceilDiv(Keyslot.materialLength(opened.keyLength()), alignment) * alignment;
      Keyslot made = opened.with(room(size), size, derivation);
      byte[] secret = added.bytes();
      made.seal(volume.file(), key.bytes(), secret);
      Arrays.fill(secret, (byte) 0);
      volume.file().sync();
      keyslots().set(Integer.toString(number), made.encode());
      boundSlots().add(Integer.toString(number));
      volume.header().write();
    }
    return number;
  }

  private int free(int number) throws IOException {
    if (number < 0 || number >= Luks2Layout.MAX_KEYSLOTS) {
      throw new UnsupportedFeatureException(
          "%s: keyslot %d; there are 0 to %d"
              .formatted(volume.file().name(), number, Luks2Layout.MAX_KEYSLOTS - 1));
    }
    if (volume.slots().containsKey(Integer.toString(number))) {
      throw new UnsupportedFeatureException(
          "%s: keyslot %d is in use".formatted(volume.file().name(), number));
    }
    return number;
  }

  private int firstFree() throws IOException {
    SequencedMap<String, JsonFields> slots = volume.slots();
    for (int i = 0; i < Luks2Layout.MAX_KEYSLOTS; i++) {
      if (!slots.containsKey(Integer.toString(i))) {
        return i;
      }
    }
    throw new LimitExceededException(
        "%s: all %d keyslots are in use".formatted(volume.file().name(), Luks2Layout.MAX_KEYSLOTS));
  }

  /// The first room among the areas of all slots, whatever their type.
  private long room(long size) throws IOException {
    TreeMap<Long, Long> taken = new TreeMap<>();
    for (JsonFields slot : volume.slots().values()) {
      JsonFields area = slot.object("area");
      taken.merge(area.size("offset"), area.size("size"), Math::max);
    }
    long at = 2L * volume.header().length();
    for (Map.Entry<Long, Long> area : taken.entrySet()) {
      if (area.getKey() - at >= size) {
        break;
      }
      long end = Math.addExact(area.getKey(), area.getValue());
      int alignment = Luks2Layout.AREA_ALIGNMENT;
      at = Math.max(at, Math.ceilDiv(end, alignment) * alignment);
    }
    if (volume.areasEnd() - at < size) {
      throw new LimitExceededException(
          "%s: no room for another keyslot; remove one first".formatted(volume.file().name()));
    }
    return at;
  }

  @Override
  public void remove(int slot) throws IOException {
    String name = Integer.toString(slot);
    if (!volume.boundSlots().contains(name)) {
      throw new UnsupportedFeatureException(
          "%s: keyslot %d is not in use".formatted(volume.file().name(), slot));
    }
    erase(List.of(name));
  }

  @Override
  public int remove(Passphrase passphrase) throws IOException {
    List<String> opened = new ArrayList<>();
    for (String name : volume.boundSlots()) {
      try {
        volume
            .open(name, volume.slot(name), passphrase)
            .ifPresent(key -> {
              key.close();
              opened.add(name);
            });
      } catch (DiskException cannotBeTried) {
        // not opened by this passphrase, as far as anyone here can tell
      }
    }
    if (opened.isEmpty()) {
      throw PassphraseException.wrong(volume.file().name());
    }
    erase(opened);
    return opened.size();
  }

  private void erase(List<String> names) throws IOException {
    checkWritable();
    if (names.size() >= volume.boundSlots().size()) {
      throw new UnsupportedFeatureException(
          volume.file().name() + ": no other passphrase would be left to open it");
    }
    for (String name : names) {
      Keyslot slot = volume.slot(name);
      overwrite(slot.areaOffset(), slot.areaSize());
    }
    volume.file().sync();
    for (String name : names) {
      keyslots().remove(name);
      drop(name);
    }
    volume.header().write();
  }

  /// Forgets the slot wherever it is named.
  private void drop(String name) {
    for (String holders : List.of("digests", "tokens")) {
      if (volume.header().json().get(holders) instanceof ObjectNode all) {
        all.forEach(holder -> {
          if (holder.get("keyslots") instanceof ArrayNode named) {
            named.removeIf(node -> node.isString() && node.stringValue().equals(name));
          }
        });
      }
    }
  }

  private void overwrite(long offset, long length) throws IOException {
    byte[] noise = new byte[(int) Math.min(NOISE, length)];
    SecureRandom random = new SecureRandom();
    for (long done = 0; done < length; done += noise.length) {
      random.nextBytes(noise);
      int part = (int) Math.min(noise.length, length - done);
      volume.file().write(offset + done, MemorySegment.ofArray(noise).asSlice(0, part));
    }
  }

  private ObjectNode keyslots() throws CorruptImageException {
    return volume.fields().object("keyslots").node();
  }

  private ArrayNode boundSlots() throws CorruptImageException {
    JsonFields digest = volume.fields().object("digests").object(volume.digest().name());
    if (digest.node().get("keyslots") instanceof ArrayNode slots) {
      return slots;
    }
    throw new CorruptImageException(volume.file().name() + ": LUKS2 digest without keyslots");
  }

  private void checkWritable() throws IOException {
    if (!volume.file().writable()) {
      throw new UnsupportedFeatureException(volume.file().name() + ": is open for reading only");
    }
  }
}
