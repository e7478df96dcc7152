package io.calco.volume.luks;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.luks.LuksVolume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What a volume's header says.
///
/// @param version 1 or 2
/// @param uuid the volume's name for itself
/// @param label what its owner named it; empty in version 1
/// @param cipher as cryptsetup writes it: `aes-xts-plain64`
/// @param sectorSize bytes that are encrypted together
/// @param payloadOffset where the encrypted bytes begin, in bytes from the volume's start
/// @param slots the numbers of the slots that hold its key, with the way from passphrase to key
public record LuksFacts(
    int version,
    String uuid,
    String label,
    String cipher,
    int sectorSize,
    long payloadOffset,
    SequencedMap<String, String> slots) {

  /// Copies the slots.
  public LuksFacts {
    slots = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(slots));
  }

  static LuksFacts of(Luks2Volume volume) throws CorruptImageException {
    SequencedMap<String, String> slots = new LinkedHashMap<>();
    for (String name : volume.boundSlots()) {
      String derivation;
      try {
        derivation = volume.slot(name).derivation().describe();
      } catch (DiskException e) {
        derivation = String.valueOf(e.getMessage());
      }
      slots.put(JsonFields.printable(name), derivation);
    }
    Payload payload = volume.payload();
    return new LuksFacts(
        2,
        volume.header().uuid(),
        volume.header().label(),
        volume.cipher(),
        payload.sectorSize(),
        payload.offset(),
        slots);
  }

  static LuksFacts of(LuksVolume volume) {
    SequencedMap<String, String> slots = new LinkedHashMap<>();
    List<Integer> rounds = new ArrayList<>(volume.slotRounds());
    for (int i = 0; i < rounds.size(); i++) {
      if (rounds.get(i) > 0) {
        slots.put(
            Integer.toString(i), "pbkdf2, %d rounds of %s".formatted(rounds.get(i), volume.hash()));
      }
    }
    return new LuksFacts(1, volume.uuid(), "", volume.cipher(), 512, volume.payloadOffset(), slots);
  }
}
