package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.GuestDisk;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.luks.Luks;
import io.calco.volume.luks.Reencryption;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A LUKS volume in a guest's disk.
///
/// @param name for a person: `partition 3`
/// @param uuid its name for itself; empty when its header cannot be used
/// @param open a passphrase that was given opened it
/// @param reencryption what giving it another master key did; empty when it has its own
public record EncryptedVolume(
    String name, Optional<String> uuid, boolean open, Optional<Reencryption> reencryption) {
  private static final String CONTAINER = "crypto_LUKS";

  /// As cryptsetup has it: how long a try of a new passphrase takes.
  private static final Duration TRY = Duration.ofSeconds(2);

  /// Those of a guest.
  static List<EncryptedVolume> of(GuestDisk guest) {
    return guest.volumes().stream()
        .filter(volume -> volume.content().equals(Optional.of(CONTAINER)))
        .map(volume ->
            new EncryptedVolume(
                volume.describe(),
                volume.place().uuid(),
                volume.unreadable().isEmpty(),
                Optional.empty()))
        .toList();
  }

  /// What to tell the owner of a template with this volume; empty when it is closed.
  public Optional<String> warning() {
    if (!open) {
      return Optional.of(
          "%s is encrypted and was not opened: nothing in it was generalised, and clones share it"
              .formatted(name));
    }
    String shared =
        "%s is encrypted: all clones share its master key and passphrases".formatted(name);
    return Optional.of(
        reencryption.isPresent()
            ? shared + " with each other, not with the machine it comes from"
            : shared + " with each other and with the machine it comes from");
  }

  /// Gives each LUKS volume of a disk another master key; see [Luks#reencrypt]. Of volumes in each
  /// other it is the outer one's that changes.
  ///
  /// @return what was done, in the disk's order
  /// @param disk a copy: after a failure its volumes may be lost
  /// @throws OperationException when there is none, or one that no passphrase opens
  static List<EncryptedVolume> reencrypt(Disk disk, VolumeKeys keys, JobContext job)
      throws IOException {
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      List<Volume> holders = holders(volumes);
      for (Volume holder : holders) {
        requireKey(holder, keys);
      }
      List<EncryptedVolume> done = new ArrayList<>();
      for (Volume holder : holders) {
        try {
          Reencryption renewed = Luks.reencrypt(holder.disk().orElseThrow(), keys.of(holder), job);
          done.add(new EncryptedVolume(holder.name(), holder.uuid(), true, Optional.of(renewed)));
        } catch (PassphraseException e) {
          throw closed(holder);
        }
      }
      return done;
    }
  }

  /// Has the LUKS volumes of a disk opened by this passphrase and no other.
  ///
  /// @throws OperationException when there is none, or one that no passphrase opens
  static void changePassphrase(Disk disk, VolumeKeys keys, Passphrase passphrase)
      throws IOException {
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      for (Volume holder : holders(volumes)) {
        requireKey(holder, keys);
        changePassphrase(holder, keys, passphrase);
      }
    }
  }

  private static void changePassphrase(Volume holder, VolumeKeys keys, Passphrase passphrase)
      throws IOException {
    Disk disk = holder.disk().orElseThrow();
    List<String> old = new ArrayList<>(Luks.inspect(disk).slots().sequencedKeySet());
    PassphraseSlots slots = Luks.passphraseSlots(disk);
    for (Passphrase existing : keys.of(holder)) {
      try {
        slots.add(existing, passphrase, TRY, OptionalInt.empty());
        for (String slot : old) {
          slots.remove(Integer.parseInt(slot));
        }
        return;
      } catch (PassphraseException another) {
        // the next one, perhaps
      }
    }
    throw closed(holder);
  }

  private static List<Volume> holders(Volumes volumes) {
    List<Volume> holders =
        volumes.all().stream()
            .filter(volume -> volume.container().equals(Optional.of(CONTAINER)))
            .toList();
    if (holders.isEmpty()) {
      throw new OperationException(
          Kind.UNSUPPORTED, "there is no encrypted volume (LUKS) in this disk");
    }
    return holders;
  }

  private static void requireKey(Volume holder, VolumeKeys keys) {
    if (keys.of(holder).isEmpty() || holder.uuid().isEmpty()) {
      throw closed(holder);
    }
  }

  private static OperationException closed(Volume holder) {
    return new OperationException(
        Kind.DENIED,
        "%s: no passphrase that was given opens it".formatted(holder.name()),
        "give its passphrase with --passphrase-file FILE");
  }
}
