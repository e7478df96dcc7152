package io.calco.disk.luks;

import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A version 1 volume's change of key. Confined.
final class Luks1KeyChange implements KeyChange {
  private final LuksVolume volume;
  private final SortedMap<Integer, Passphrase> kept;
  private final SectorEncryption before;
  private final byte[] key;
  private final SectorEncryption after;

  private Luks1KeyChange(
      LuksVolume volume, SortedMap<Integer, Passphrase> kept, SectorEncryption before) {
    this.volume = volume;
    this.kept = kept;
    this.before = before;
    this.key = new byte[volume.header().cipher().keyLength()];
    new SecureRandom().nextBytes(key);
    this.after = volume.header().cipher().with(key);
  }

  /// @param passphrases those that open a slot keep it
  /// @throws PassphraseException when there is none such
  static Luks1KeyChange of(LuksVolume volume, List<Passphrase> passphrases) throws IOException {
    SortedMap<Integer, Passphrase> kept = new TreeMap<>();
    Optional<SectorEncryption> before = Optional.empty();
    for (Passphrase passphrase : passphrases) {
      for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
        Optional<byte[]> opened = volume.open(i, passphrase);
        if (opened.isPresent()) {
          kept.put(i, passphrase);
          if (before.isEmpty()) {
            before = Optional.of(volume.header().cipher().with(opened.get()));
          }
          Arrays.fill(opened.get(), (byte) 0);
          break;
        }
      }
    }
    return new Luks1KeyChange(
        volume, kept, before.orElseThrow(() -> PassphraseException.wrong(volume.name())));
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
    return List.copyOf(kept.keySet());
  }

  @Override
  public List<Integer> removed() {
    List<Integer> removed = new ArrayList<>();
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      if (volume.header().slots().get(i).active() && !kept.containsKey(i)) {
        removed.add(i);
      }
    }
    return removed;
  }

  @Override
  public void finish() throws IOException {
    Luks1Header header = volume.header();
    SecureRandom random = new SecureRandom();
    List<KeySlot> slots = new ArrayList<>();
    for (int i = 0; i < Luks1Layout.SLOT_COUNT; i++) {
      KeySlot slot = header.slots().get(i);
      Passphrase passphrase = kept.get(i);
      if (passphrase != null) {
        SealedKey sealed =
            SealedKey.of(header.cipher(), header.hash(), key, passphrase, slot.rounds());
        volume.writeMaterial(slot.materialOffset(), sealed.material());
        slots.add(new KeySlot(true, sealed.rounds(), sealed.salt(), slot.materialOffset()));
      } else {
        if (slot.active()) {
          byte[] noise = new byte[header.cipher().materialLength()];
          random.nextBytes(noise);
          volume.writeMaterial(slot.materialOffset(), MemorySegment.ofArray(noise));
        }
        slots.add(KeySlot.free(slot.materialOffset()));
      }
    }
    volume.replace(header.withKey(key, slots));
  }

  @Override
  public void close() {
    Arrays.fill(key, (byte) 0);
    before.close();
    after.close();
  }
}
