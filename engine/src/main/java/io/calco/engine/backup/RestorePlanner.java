package io.calco.engine.backup;

import io.calco.backup.InstalledSystem;
import io.calco.backup.PartitionFacts;
import io.calco.backup.RestorePoint;
import io.calco.backup.layout.Layout;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageLock;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.Restores.Place;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What restoring a point does to a target, and whether it can be done. Writes nothing. Confined.
final class RestorePlanner {
  /// Where partitions lie on a target, and what of it is worth a line.
  private record Laid(List<String> steps, List<Place> places) {}

  private final RestorePoint point;
  private final Disk source;

  /// What was laid out already: looking for the least size of a file system takes its time.
  private final Map<Wanted, TargetLayout> layouts = new HashMap<>();

  private record Wanted(long size, Layout layout) {}

  /// @param source the point's disk, which stays the caller's to close
  RestorePlanner(RestorePoint point, Disk source) {
    this.point = point;
    this.source = source;
  }

  /// Looks at the target and refuses what cannot be done; writes nothing.
  ///
  /// @throws OperationException REFUSED when the target is in use, or too small: it says the
  ///   smallest that would do
  Restores.Plan plan(RestoreRequest request) throws IOException {
    requireKept(request);
    if (request.guest().changes() && !request.partitions().isEmpty()) {
      throw new OperationException(
          Kind.USAGE,
          "a single partition goes among others, whose disk stays as it is",
          "leave out --new-ids, --personalise and --efi-fallback, or --partition");
    }
    Path target = request.target();
    if (!Files.exists(target)) {
      if (!request.partitions().isEmpty()) {
        throw new OperationException(
            Kind.NOT_FOUND,
            target + ": there is no such disk",
            "partitions are restored into the table of a disk that is there; the whole disk makes one");
      }
      long size = request.size().orElse(point.disk().size());
      List<String> steps = new ArrayList<>();
      steps.add("a new %s image of %d bytes".formatted(RestoreTarget.format(request), size));
      Laid laid = layOut(request, size);
      steps.addAll(laid.steps());
      addBooting(request, steps);
      return new Restores.Plan(target, true, "a new image", "", size, steps, laid.places());
    }
    if (request.size().isPresent()) {
      throw new OperationException(
          Kind.USAGE, target + ": is there, and keeps its size", "--size goes with a new image");
    }
    ImageLock.requireUnused(target);
    Optional<HostDevice> device = HostDevice.find(target);
    try (Image image = Image.open(target, RestoreTarget.options(request, Access.READ))) {
      long size = image.disk().size();
      List<String> steps = new ArrayList<>();
      List<Place> places = new ArrayList<>();
      if (request.partitions().isEmpty()) {
        requireSectors(device);
        steps.add("all of %s, %d bytes".formatted(target, Math.min(size, point.disk().size())));
        Laid laid = layOut(request, size);
        steps.addAll(laid.steps());
        places.addAll(laid.places());
        addBooting(request, steps);
      } else {
        List<Pair> pairs = pairs(request, image.disk());
        for (Pair pair : pairs) {
          steps.add(
              "partition %d over partition %d".formatted(pair.from.number(), pair.to.number()));
        }
        places.addAll(places(image.disk(), pairs));
      }
      return new Restores.Plan(
          target,
          false,
          describe(image, device),
          device.map(HostDevice::word).orElse(String.valueOf(target.getFileName())),
          size,
          steps,
          places);
    }
  }

  /// The target's own partitions, which stay where they are.
  private static List<Place> places(Disk target, List<Pair> pairs) throws IOException {
    return PartitionTable.find(target).orElseThrow().partitions().stream()
        .filter(partition -> !partition.extended())
        .map(partition ->
            new Place(
                partition.number(),
                partition.start(),
                partition.length(),
                pairs.stream()
                    .filter(pair -> pair.to.number() == partition.number())
                    .map(pair -> pair.from.number())
                    .findFirst()))
        .toList();
  }

  /// Where partitions would lie elsewhere.
  private Laid layOut(RestoreRequest request, long size) throws IOException {
    if (!isRelaid(request, size)) {
      requireSize(request.target(), size, point.disk().size());
      return new Laid(
          List.of(),
          point.disk().partitions().stream()
              .filter(partition -> !partition.extended())
              .map(partition ->
                  new Place(
                      partition.number(),
                      partition.start(),
                      partition.length(),
                      Optional.of(partition.number())))
              .toList());
    }
    TargetLayout layout = layout(request, size);
    return new Laid(layout.steps(), layout.places());
  }

  /// How a target's partitions will lie, where [#isRelaid].
  ///
  /// @param size the target's, in bytes
  TargetLayout layout(RestoreRequest request, long size) throws IOException {
    Wanted wanted = new Wanted(size, request.layout());
    TargetLayout layout = layouts.get(wanted);
    if (layout == null) {
      layout = TargetLayout.of(request.target(), source, point.disk(), size, request.layout());
      layouts.put(wanted, layout);
    }
    return layout;
  }

  /// What will start from it, and what will be changed.
  private void addBooting(RestoreRequest request, List<String> steps) throws IOException {
    Optional<EfiSystem> efi = EfiSystem.find(source);
    String mode = point.system().map(InstalledSystem::bootMode).orElse("");
    if (mode.equals("uefi")) {
      steps.add("boots by UEFI only: a machine that starts by BIOS finds nothing on it");
    } else if (mode.equals("bios")) {
      steps.add("boots by BIOS only: a firmware without it (CSM) finds nothing on it");
    }
    if (request.guest().loader() == RestoredGuest.Loader.FALLBACK) {
      steps.add("the EFI loader is copied to \\EFI\\BOOT, if it is not there");
    } else {
      efi.flatMap(EfiSystem::warning).filter(_ -> !mode.equals("bios")).ifPresent(steps::add);
    }
    if (request.guest().identifiers() == RestoredGuest.Identifiers.RENEWED) {
      NewIdentities.check(source, request.guest().keys(), request.target());
      steps.add("new identities of the disk and its partitions");
    }
    if (request.guest().personal().isPresent()) {
      try {
        steps.add(request.guest().becoming(source));
      } catch (UnsupportedFeatureException e) {
        throw new OperationException(
            Kind.UNSUPPORTED,
            "%s: --personalise: %s".formatted(request.target(), e.getMessage()),
            "restore it as it is, and change it where it runs");
      }
    }
  }

  /// A smaller target will do when what is in the partitions fits.
  boolean isRelaid(RestoreRequest request, long size) {
    return !(request.layout() instanceof Layout.AsSaved)
        || size < point.disk().size() && point.disk().table().isPresent();
  }

  private static String describe(Image image, Optional<HostDevice> device) {
    return device
        .map(found ->
            "%s%s"
                .formatted(
                    found.model().orElse("a disk"),
                    found.serial().map(serial -> ", serial number " + serial).orElse("")))
        .orElse("an image (%s)".formatted(image.format()));
  }

  private void requireKept(RestoreRequest request) {
    if (request.partitions().isEmpty() && point.disk().partial()) {
      List<Integer> kept =
          point.disk().partitions().stream()
              .filter(PartitionFacts::kept)
              .map(PartitionFacts::number)
              .toList();
      throw new OperationException(
          Kind.REFUSED,
          "%s holds only partition %s of its disk".formatted(BackupRepository.shortId(point), kept),
          "restore that one into a table that is there: --partition " + kept.getFirst());
    }
    for (int number : request.partitions()) {
      if (point.disk().find(number).filter(PartitionFacts::kept).isEmpty()) {
        throw new OperationException(
            Kind.NOT_FOUND,
            "%s has no partition %d".formatted(BackupRepository.shortId(point), number),
            "see: calco backup show " + BackupRepository.shortId(point));
      }
    }
  }

  private static void requireSize(Path target, long size, long needed) {
    if (size < needed) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: has %d bytes, too small: the smallest that would do has %d"
              .formatted(target, size, needed));
    }
  }

  /// A GPT is found by the size of a sector.
  private void requireSectors(Optional<HostDevice> device) {
    Optional<Integer> theirs = device.flatMap(HostDevice::sectorSize);
    Optional<Integer> ours = point.disk().sectorSize();
    if (point.disk().table().equals(Optional.of("gpt"))
        && theirs.isPresent()
        && ours.isPresent()
        && !theirs.equals(ours)) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: has sectors of %d bytes, and the point's partition table is written in sectors of %d:"
                  .formatted(device.get().path(), theirs.get(), ours.get())
              + " nobody would find its partitions");
    }
  }

  /// A partition of the point, and the one that it is written over.
  record Pair(PartitionFacts from, Partition to) {}

  List<Pair> pairs(RestoreRequest request, Disk target) throws IOException {
    PartitionTable table =
        PartitionTable.find(target)
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED, request.target() + ": has no partition table to restore into"));
    List<Pair> pairs = new ArrayList<>();
    for (int number : request.partitions().stream().sorted().toList()) {
      PartitionFacts from = point.disk().find(number).orElseThrow();
      Partition to =
          request.into().isPresent()
              ? request.into().get().find(table, target, request.target())
              : match(from, table, request.target());
      if (to.length() < from.length()) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: partition %d has %d bytes, too small: the smallest that would do has %d"
                .formatted(request.target(), to.number(), to.length(), from.length()));
      }
      if (pairs.stream().anyMatch(pair -> pair.to.number() == to.number())) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: two partitions would be written over partition %d"
                .formatted(request.target(), to.number()));
      }
      pairs.add(new Pair(from, to));
    }
    return pairs;
  }

  /// The target's partition of the same PARTUUID; else the one of the same number, where it is of
  /// the same type and none of the others is the one that is meant.
  private static Partition match(PartitionFacts from, PartitionTable table, Path target) {
    if (from.uuid().isPresent()) {
      List<Partition> same =
          table.partitions().stream().filter(one -> one.uuid().equals(from.uuid())).toList();
      if (same.size() == 1) {
        return same.getFirst();
      }
    }
    Optional<Partition> byNumber = table.find(from.number());
    if (byNumber.isEmpty() || byNumber.get().extended()) {
      throw new OperationException(
          Kind.NOT_FOUND,
          "%s: has no partition with the UUID %s, and none of the number %d"
              .formatted(target, from.uuid().orElse("(none)"), from.number()));
    }
    if (!byNumber.get().type().code().equals(from.type())) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: partition %d is another one: %s, expected %s"
              .formatted(
                  target, from.number(), byNumber.get().type().description(), from.typeName()),
          "give it the type or the UUID of the one that was backed up, if it is meant");
    }
    return byNumber.get();
  }
}
