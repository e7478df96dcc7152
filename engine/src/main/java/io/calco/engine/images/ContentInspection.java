package io.calco.engine.images;

import io.calco.catalog.ImageFacts;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageInspection.BootMode;
import io.calco.catalog.ImageInspection.OperatingSystem;
import io.calco.catalog.ImageInspection.Volume;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.engine.OperationException;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.GuestFacts.VolumeFacts;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Looks into content, and says in short what is there.
final class ContentInspection {
  private static final int TEXT_MAX = 255;
  private static final int VOLUMES_MAX = 256;

  private ContentInspection() {}

  /// What is in content. That something cannot be read is a fact too, and no failure.
  ///
  /// @param content is closed
  static ImageInspection ofOwning(HostFile content, ImageFacts facts) throws IOException {
    if (!ImageDisks.isDisk(facts)) {
      try (content) {
        return nothing(facts.diskFormat(), "");
      }
    }
    String format = ImageDisks.declared(facts).orElse("");
    try (Image image = ImageDisks.openOwning(content, facts)) {
      format = format(image);
      try (GuestDisk guest = GuestDisk.openReadOnly(image.disk(), VolumeKeys.none())) {
        return found(format, Inspector.identify(guest, image.disk().size()));
      }
    } catch (IOException | RuntimeException e) {
      return nothing(format, reason(e));
    }
  }

  /// Said of the content: where it lies is nothing that anybody should read.
  private static String reason(Exception failure) {
    String message = String.valueOf(OperationException.of(failure).getMessage());
    return text(Optional.of(message.replaceFirst("^image/[0-9a-f-]{36}: ", "")));
  }

  private static String format(Image image) {
    List<String> all = new ArrayList<>(List.of(image.format()));
    all.addAll(image.wrappers().reversed());
    return String.join(".", all);
  }

  private static ImageInspection nothing(String format, String problem) {
    return new ImageInspection(
        format, "", BootMode.NONE, OperatingSystem.NONE, List.of(), problem, now());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static ImageInspection found(String format, GuestFacts guest) {
    return new ImageInspection(
        format,
        guest.partitionTable().orElse(""),
        switch (guest.bootMode()) {
          case NONE -> BootMode.NONE;
          case BIOS -> BootMode.BIOS;
          case UEFI -> BootMode.UEFI;
          case BIOS_AND_UEFI -> BootMode.BIOS_AND_UEFI;
        },
        guest
            .windows()
            .map(ContentInspection::system)
            .or(() -> guest.system().map(ContentInspection::system))
            .orElse(OperatingSystem.NONE),
        guest.volumes().stream().limit(VOLUMES_MAX).map(ContentInspection::volume).toList(),
        text(guest.warnings().stream().findFirst()),
        now());
  }

  private static OperatingSystem system(SystemFacts linux) {
    return new OperatingSystem(
        "linux",
        text(Optional.of(linux.id())),
        text(linux.version()),
        text(linux.prettyName()),
        text(linux.architecture()));
  }

  private static OperatingSystem system(WindowsFacts windows) {
    return new OperatingSystem(
        "windows",
        "windows",
        text(windows.displayVersion().or(windows::version)),
        text(windows.product()),
        text(windows.architecture()));
  }

  private static Volume volume(VolumeFacts volume) {
    return new Volume(
        volume.number().map(OptionalInt::of).orElse(OptionalInt.empty()),
        text(volume.device()),
        volume.start(),
        volume.size(),
        volume.used(),
        text(volume.type()),
        text(volume.content()),
        text(volume.label()),
        text(volume.mountPoint()),
        text(volume.unreadable()));
  }

  /// At most so much of it, without characters that databases lack.
  private static String text(Optional<String> text) {
    String whole = text.orElse("").replace('\0', ' ');
    int end =
        whole.offsetByCodePoints(0, Math.min(TEXT_MAX, whole.codePointCount(0, whole.length())));
    return whole.substring(0, end);
  }
}
