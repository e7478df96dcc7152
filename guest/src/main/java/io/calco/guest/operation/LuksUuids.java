package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.PrintableText;
import io.calco.guest.boot.BootImages;
import io.calco.guest.boot.UuidMentions;
import io.calco.volume.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// Gives the LUKS volumes that are open new UUIDs, and writes those wherever the guest's files name
/// the old ones: crypttab, fstab's `/dev/mapper/luks-…`, the kernel's command line.
///
/// A volume that must be open before the root is found is named in the initial RAM file system
/// (Debian's copy of crypttab, dracut's command line) or in GRUB's own image; it keeps its UUID.
final class LuksUuids extends Operation {
  LuksUuids() {
    super(
        "luks-uuids",
        Default.OFF,
        "Change the UUIDs of LUKS volumes, and mend crypttab and the boot loader");
  }

  @Override
  public boolean applies(GuestTree tree) {
    return !tree.encrypted().isEmpty();
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    List<String> olds = new ArrayList<>();
    for (Volume volume : draft.tree().encrypted()) {
      if (volume.readOnly().isPresent()) {
        draft.note("%s keeps its UUID: %s".formatted(volume.name(), volume.readOnly().get()));
      } else {
        olds.add(volume.uuid().orElseThrow());
      }
    }
    spareNamed(draft, olds);
    Map<String, String> renamed = new TreeMap<>();
    for (String old : olds) {
      UUID uuid = UUID.randomUUID();
      draft.setLuksUuid(old, uuid);
      renamed.put(old, uuid.toString());
      renamed.put("luks-" + old, "luks-" + uuid);
      renamed.put(old.replace("-", ""), uuid.toString().replace("-", "")); // GRUB's way
    }
    List<String> mended = UuidMentions.mend(draft, renamed);
    if (!mended.isEmpty()) {
      draft.note("names the new UUIDs: " + PrintableText.of(String.join(", ", mended)));
    }
  }

  /// GRUB writes a UUID without its hyphens where it opens a volume itself.
  private static void spareNamed(Draft draft, List<String> olds) throws IOException {
    Map<String, String> forms = new TreeMap<>();
    olds.forEach(old -> {
      forms.put(old, old);
      forms.put(old.replace("-", ""), old);
    });
    BootImages.Mentions mentions = BootImages.mentions(draft.tree(), forms.keySet());
    mentions
        .texts()
        .forEach((image, texts) ->
            texts.stream()
                .map(forms::get)
                .distinct()
                .forEach(old -> {
                  if (olds.remove(old)) {
                    draft.note(
                        "%s keeps its UUID: %s names it; rebuild that in the running guest"
                            .formatted(old, PrintableText.of(image)));
                  }
                }));
    for (String image : mentions.unreadable()) {
      draft.note(
          PrintableText.of(image)
              + " cannot be looked into: if it names a UUID, it must be rebuilt");
    }
  }
}
