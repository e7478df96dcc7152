package io.calco.disk.luks;

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
import java.util.Optional;
import java.util.OptionalInt;

/// The key slots of a volume. Confined.
final class LuksPassphraseSlots implements PassphraseSlots {
  private final LuksVolume volume;

  LuksPassphraseSlots(LuksVolume volume) {
    this.volume = volume;
  }

  @Override
  public int add(Passphrase existing, Passphrase added, Duration time, OptionalInt slot)
      throws IOException {
    if (time.toMillis() < 1 || time.toMillis() > LuksOptions.ITER_TIME_MAX) {
      throw new IllegalArgumentException("time " + time);
    }
    volume.checkWritable();
    int index = slot.isPresent() ? slot.getAsInt() : firstFree();
    KeySlot free = slot(index);
    if (free.active()) {
      throw new UnsupportedFeatureException(
          "%s: key slot %d is in use".formatted(volume.name(), index));
    }
    byte[] key = volume.masterKey(existing);
    Luks1Header header = volume.header();
    SealedKey sealed = SealedKey.of(header.cipher(), header.hash(), key, added, time);
    Arrays.fill(key, (byte) 0);
    volume.replace(
        index,
        new KeySlot(true, sealed.rounds(), sealed.salt(), free.materialOffset()),
        sealed.material());
    return index;
  }

  private KeySlot slot(int index) throws IOException {
    List<KeySlot> slots = volume.header().slots();
    if (index < 0 || index >= slots.size()) {
      throw new UnsupportedFeatureException(
          "%s: key slot %d; there are 0 to %d".formatted(volume.name(), index, slots.size() - 1));
    }
    return slots.get(index);
  }

  private int firstFree() throws IOException {
    List<KeySlot> slots = volume.header().slots();
    for (int i = 0; i < slots.size(); i++) {
      if (!slots.get(i).active()) {
        return i;
      }
    }
    throw new LimitExceededException(
        "%s: all %d key slots are in use".formatted(volume.name(), slots.size()));
  }

  @Override
  public void remove(int slot) throws IOException {
    if (!slot(slot).active()) {
      throw new UnsupportedFeatureException(
          "%s: key slot %d is not in use".formatted(volume.name(), slot));
    }
    erase(List.of(slot));
  }

  @Override
  public int remove(Passphrase passphrase) throws IOException {
    List<Integer> opened = new ArrayList<>();
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      Optional<byte[]> key = volume.open(i, passphrase);
      if (key.isPresent()) {
        Arrays.fill(key.get(), (byte) 0);
        opened.add(i);
      }
    }
    if (opened.isEmpty()) {
      throw PassphraseException.wrong(volume.name());
    }
    erase(opened);
    return opened.size();
  }

  private void erase(List<Integer> indexes) throws IOException {
    volume.checkWritable();
    long active = volume.header().slots().stream().filter(KeySlot::active).count();
    if (indexes.size() >= active) {
      throw new UnsupportedFeatureException(
          volume.name() + ": no other passphrase would be left to open it");
    }
    for (int index : indexes) {
      byte[] noise = new byte[volume.header().cipher().materialLength()];
      new SecureRandom().nextBytes(noise);
      volume.replace(
          index, KeySlot.free(slot(index).materialOffset()), MemorySegment.ofArray(noise));
    }
  }
}
