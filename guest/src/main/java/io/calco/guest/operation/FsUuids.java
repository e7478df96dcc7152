package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestVolume;
import io.calco.guest.PrintableText;
import io.calco.guest.boot.BootImages;
import io.calco.guest.boot.UuidMentions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// Gives the file systems new UUIDs, and writes those wherever the guest's files name the old ones.
/// One that an initial RAM file system or an EFI program names keeps its own: only the guest could
/// build that anew.
final class FsUuids extends Operation {
  FsUuids() {
    super(
        "fs-uuids",
        Default.OFF,
        "Change the UUIDs of the file systems, and mend fstab, crypttab and the boot loader");
  }

  /// What a file system gets.
  private record Renewal(String old, UUID uuid, String text) {}

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    Map<String, Renewal> renewals = new TreeMap<>();
    for (Map.Entry<String, GuestVolume> mount : draft.tree().mounts().entrySet()) {
      Optional<Renewal> renewal = renewal(mount.getValue());
      if (renewal.isPresent()) {
        renewals.put(mount.getKey(), renewal.get());
      } else {
        draft.note(
            "%s (%s) keeps its UUID: Calco cannot change it"
                .formatted(PrintableText.of(mount.getKey()), mount.getValue().facts().type()));
      }
    }
    spareNamed(draft, renewals);
    Map<String, String> renamed = new TreeMap<>();
    renewals.forEach((mountPoint, renewal) -> {
      draft.setUuid(mountPoint, renewal.uuid(), renewal.text());
      renamed.put(renewal.old(), renewal.text());
    });
    List<String> mended = UuidMentions.mend(draft, renamed);
    if (!mended.isEmpty()) {
      draft.note("names the new UUIDs: " + PrintableText.of(String.join(", ", mended)));
    }
  }

  private static Optional<Renewal> renewal(GuestVolume volume) throws IOException {
    UUID uuid = UUID.randomUUID();
    Optional<String> old = volume.facts().uuid();
    Optional<String> text = volume.fileSystem().uuidFrom(uuid);
    return old.isPresent() && text.isPresent()
        ? Optional.of(new Renewal(old.get(), uuid, text.get()))
        : Optional.empty();
  }

  private static void spareNamed(Draft draft, Map<String, Renewal> renewals) throws IOException {
    List<String> olds = renewals.values().stream().map(Renewal::old).toList();
    BootImages.Mentions mentions = BootImages.mentions(draft.tree(), olds);
    mentions
        .texts()
        .forEach((image, texts) -> {
          if (renewals.values().removeIf(renewal -> texts.contains(renewal.old()))) {
            draft.note(
                "%s keeps its UUID: %s names it; rebuild that in the running guest"
                    .formatted(String.join(", ", texts), PrintableText.of(image)));
          }
        });
    for (String image : mentions.unreadable()) {
      draft.note(
          PrintableText.of(image)
              + " cannot be looked into: if it names a UUID, it must be rebuilt");
    }
  }
}
