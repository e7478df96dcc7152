package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.Rearranged;
import io.calco.guest.GuestDisk;
import io.calco.guest.personalise.CloneIdentity;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.PersonalisationPlan;
import io.calco.guest.personalise.Personaliser;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is changed in a disk after it was restored.
///
/// @param personal who the machine becomes; empty to leave it who it was
/// @param identifiers whether disk and partitions keep their UUIDs
/// @param loader whether a firmware that does not know the disk is helped
/// @param keys of encrypted volumes in it
public record RestoredGuest(
    Optional<Personalisation> personal, Identifiers identifiers, Loader loader, VolumeKeys keys) {

  private static final int PAGE_BITS = 12;

  /// PTUUID and PARTUUIDs.
  public enum Identifiers {
    KEPT,
    /// New ones, mended in the guest's files; refused where that cannot be.
    RENEWED
  }

  /// The loader at `\EFI\BOOT`.
  public enum Loader {
    KEPT,
    /// Copied there from the system's own, when there is none.
    FALLBACK
  }

  /// Nothing is changed.
  public static RestoredGuest asSaved() {
    return new RestoredGuest(Optional.empty(), Identifiers.KEPT, Loader.KEPT, VolumeKeys.none());
  }

  /// True when something is.
  boolean changes() {
    return personal.isPresent() || identifiers == Identifiers.RENEWED || loader == Loader.FALLBACK;
  }

  /// Changes a disk.
  ///
  /// @return what was done, and what is left to do, a line each
  List<String> apply(Disk disk, JobContext job) throws IOException {
    List<String> told = new ArrayList<>();
    if (loader == Loader.FALLBACK) {
      Optional<EfiSystem> efi = EfiSystem.find(disk);
      told.add(efi.isPresent() ? efi.get().copyLoader(disk) : "there is no EFI system partition");
    }
    if (identifiers == Identifiers.RENEWED) {
      told.addAll(NewIdentities.apply(disk, keys, job));
    }
    if (personal.isPresent()) {
      told.addAll(personalise(disk, personal.get(), job));
    }
    disk.sync();
    return told;
  }

  /// What would become of a disk, for a person; refuses what it cannot become, a guest that cannot
  /// be written among it.
  ///
  /// @param disk the point's, which is only read
  String becoming(Disk disk) throws IOException {
    // Written in memory: journals are replayed.
    try (Disk throwAway = Disk.owning(new Rearranged(disk, PAGE_BITS));
        GuestDisk guest = GuestDisk.openWritable(throwAway, keys)) {
      CloneIdentity identity =
          Personaliser.plan(guest.requireTree(), personal.orElseThrow()).identity();
      return "becomes %s, with keys of its own".formatted(identity.hostname());
    }
  }

  private List<String> personalise(Disk disk, Personalisation wanted, JobContext job)
      throws IOException {
    try (GuestDisk guest = GuestDisk.openWritable(disk, keys)) {
      PersonalisationPlan plan = Personaliser.plan(guest.requireTree(), wanted);
      plan.apply(guest.requireTree(), job);
      CloneIdentity identity = plan.identity();
      List<String> told = new ArrayList<>();
      told.add("is now " + identity.hostname());
      identity.sshHostKeys().forEach(key -> told.add("host key " + key.fingerprint()));
      told.addAll(plan.notes());
      return told;
    }
  }
}
