package io.calco.cli;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageUse;
import io.calco.engine.images.ImageNames;
import java.util.List;
import java.util.Optional;

/// Images of the catalogue, for people and for scripts.
final class ImageText {
  private ImageText() {}

  static Json.Fields json(ImageEntry image) {
    Optional<ImageData> data = image.data();
    return Json.object()
        .put("id", image.id())
        .put("name", image.facts().name())
        .put("family", ImageNames.family(image))
        .put("status", image.status().text())
        .put("visibility", image.facts().visibility().text())
        .put("owner", image.owner())
        .put("protected", image.facts().isProtected())
        .put("hidden", image.facts().hidden())
        .put("disk-format", image.facts().diskFormat())
        .put("container-format", image.facts().containerFormat())
        .put("size", data.map(ImageData::size))
        .put("virtual-size", data.flatMap(each -> Boxed.of(each.virtualSize())))
        .put("md5", data.map(ImageData::md5))
        .put("sha256", data.map(ImageData::sha256))
        .put("sha512", data.map(ImageData::sha512))
        .put("min-disk", image.facts().minDisk())
        .put("min-ram", image.facts().minRam())
        .put("tags", image.tags())
        .put("properties", image.properties())
        .put("created-at", image.createdAt())
        .put("updated-at", image.updatedAt());
  }

  static Json.Fields json(ImageInspection found) {
    return Json.object()
        .put("format", found.format())
        .put("partition-table", found.partitionTable())
        .put("boot-mode", found.bootMode().text())
        .put("system", found.system().kind())
        .put("os-id", found.system().id())
        .put("os-version", found.system().version())
        .put("os-name", found.system().name())
        .put("architecture", found.system().architecture())
        .put("volumes", found.volumes().stream().map(ImageText::json).toList())
        .put("problem", found.problem())
        .put("inspected-at", found.inspectedAt());
  }

  private static Json.Fields json(ImageInspection.Volume volume) {
    return Json.object()
        .put("number", Boxed.of(volume.number()))
        .put("device", volume.device())
        .put("start", Boxed.of(volume.start()))
        .put("size", volume.size())
        .put("used", Boxed.of(volume.used()))
        .put("type", volume.type())
        .put("content", volume.content())
        .put("label", volume.label())
        .put("mount-point", volume.mountPoint())
        .put("problem", volume.problem());
  }

  static Json.Fields json(ImageOrigin origin) {
    ImageOrigin.Verified verified = origin.verified();
    return Json.object()
        .put("kind", origin.kind().text())
        .put("place", origin.place())
        .put("taken-by", origin.takenBy())
        .put("taken-at", origin.takenAt())
        .put("checksum", verified.checksum())
        .put("checksum-list", verified.checksumList())
        .put("key-fingerprint", verified.keyFingerprint())
        .put("signer", verified.signer())
        .put("signed-at", verified.signedAt());
  }

  static Json.Fields json(ImageUse use) {
    return Json.object()
        .put("template", use.template())
        .put("version", use.version())
        .put("clones", use.cloneNames());
  }

  static String format(ImageEntry image) {
    String container = image.facts().containerFormat();
    return container.isEmpty()
            || container.equals("bare")
            || container.equals(image.facts().diskFormat())
        ? image.facts().diskFormat()
        : container;
  }

  static String size(ImageEntry image) {
    return image.data().map(data -> Text.size(data.size())).orElse("-");
  }

  /// The system in an image, in a few words.
  static String system(Optional<ImageInspection> found) {
    return found
        .map(facts -> facts.system().name().isEmpty() ? facts.system().id() : facts.system().name())
        .filter(name -> !name.isEmpty())
        .orElse("-");
  }

  /// To the minute.
  static String moment(java.time.Instant moment) {
    return moment
        .truncatedTo(java.time.temporal.ChronoUnit.MINUTES)
        .toString()
        .replace("T", " ")
        .replace(":00Z", "");
  }

  static String uses(List<ImageUse> uses) {
    return String.join(
        "; ",
        uses.stream()
            .map(use ->
                "template %s, version %d%s"
                    .formatted(
                        use.template(),
                        use.version(),
                        use.clones().isEmpty()
                            ? ""
                            : " (clones " + String.join(", ", use.cloneNames()) + ")"))
            .toList());
  }
}
