package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Lays out new images.
final class VmdkCreator {
  /// VMware's: 2 GiB less 1 MiB, so that an extent's file stays below 2 GiB.
  private static final long SPLIT_SECTORS = 4_192_256;

  private final HostFile file;
  private final VmdkCreateOptions layout;
  private final Companions companions;

  private VmdkCreator(HostFile file, VmdkCreateOptions layout, Companions companions) {
    this.file = file;
    this.layout = layout;
    this.companions = companions;
  }

  static void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    VmdkCreateOptions layout = VmdkCreateOptions.of(options, parent(options, companions));
    new VmdkCreator(file, layout, companions).create();
  }

  /// A delta records what its parent calls itself.
  private static Optional<VmdkCreateOptions.Parent> parent(
      CreateOptions options, Companions companions) throws IOException {
    if (options.backing().isEmpty()) {
      return Optional.empty();
    }
    BackingReference reference = options.backing().get();
    if (!reference.format().orElse("vmdk").equals("vmdk")) {
      throw new UnsupportedFeatureException(
          "a vmdk's backing image is a vmdk, not %s".formatted(reference.format().orElseThrow()));
    }
    return Optional.of(recorded(reference, companions));
  }

  /// A backing image as a descriptor records it; its content id is read from it unless it is known.
  static VmdkCreateOptions.Parent recorded(BackingReference reference, Companions companions)
      throws IOException {
    String name = reference.name();
    if (name.indexOf('"') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
      throw new UnsupportedFeatureException(
          "a descriptor cannot hold the backing image's name \"%s\""
              .formatted(Descriptor.printable(name)));
    }
    if (reference.identity().isPresent()) {
      try {
        return new VmdkCreateOptions.Parent(
            name, Integer.toUnsignedLong(Integer.parseUnsignedInt(reference.identity().get(), 16)));
      } catch (NumberFormatException notHex) {
        throw new UnsupportedFeatureException(
            "a vmdk calls itself by eight hexadecimal digits, not \"%s\""
                .formatted(Descriptor.printable(reference.identity().get())));
      }
    }
    try (HostFile below = companions.open("backing image", name, Companions.Access.READ)) {
      return new VmdkCreateOptions.Parent(name, ImageFiles.readDescriptor(below).cid());
    }
  }

  private void create() throws IOException {
    file.truncate(0);
    List<ExtentLine> extents = extents();
    Descriptor descriptor = layout.descriptor(newContentId(), extents);
    switch (layout.subformat()) {
      case MONOLITHIC_SPARSE -> {
        SparsePlan plan =
            SparsePlan.of(layout.sectors(), SparsePlan.DESCRIPTOR_SECTORS, layout.zeroGrains());
        writeSparse(file, plan);
        writeEmbedded(descriptor);
      }
      case STREAM_OPTIMIZED -> {
        SparseHeader header = SparsePlan.streamHeader(layout.sectors());
        file.write(0, StreamWriter.head(file.name(), header, descriptor));
        new StreamWriter(file.name(), file::write, header).finish();
      }
      case MONOLITHIC_FLAT, TWO_GB_MAX_EXTENT_SPARSE, TWO_GB_MAX_EXTENT_FLAT -> {
        for (ExtentLine extent : extents) {
          createExtent(extent);
        }
        file.write(0, MemorySegment.ofArray(descriptor.encode()));
      }
    }
  }

  /// Content ids are random; one of them means that there is no parent.
  static long newContentId() {
    return ThreadLocalRandom.current().nextLong(1, Descriptor.NO_PARENT - 1);
  }

  private List<ExtentLine> extents() throws LimitExceededException {
    return extents(layout, companions.imageName());
  }

  /// The extents of a new image, their files named after the image's as VMware and QEMU do:
  /// `disk-flat.vmdk`, `disk-s001.vmdk`, `disk-f001.vmdk`.
  static List<ExtentLine> extents(VmdkCreateOptions layout, String imageName)
      throws LimitExceededException {
    String type = layout.subformat().flat() ? "FLAT" : "SPARSE";
    String safe = imageName.replace('"', '_');
    if (!layout.subformat().separate()) {
      return List.of(ExtentLine.of(layout.sectors(), type, safe));
    }
    int dot = safe.lastIndexOf('.');
    String stem = dot < 0 ? safe : safe.substring(0, dot);
    String suffix = dot < 0 ? "" : safe.substring(dot);
    if (!layout.subformat().split()) {
      return List.of(ExtentLine.of(layout.sectors(), type, stem + "-flat" + suffix));
    }
    long count = Math.max(1, Math.ceilDiv(layout.sectors(), SPLIT_SECTORS));
    if (count > Descriptor.EXTENT_LIMIT) {
      throw new LimitExceededException(
          "%d extents; our limit is %d".formatted(count, Descriptor.EXTENT_LIMIT));
    }
    List<ExtentLine> extents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long sectors = Math.min(SPLIT_SECTORS, layout.sectors() - i * SPLIT_SECTORS);
      char kind = layout.subformat().flat() ? 'f' : 's';
      extents.add(ExtentLine.of(sectors, type, "%s-%c%03d%s".formatted(stem, kind, i + 1, suffix)));
    }
    return extents;
  }

  private void createExtent(ExtentLine extent) throws IOException {
    try (HostFile part = companions.create(extent.name())) {
      if (layout.subformat().flat()) {
        part.truncate(extent.sectors() * SECTOR);
      } else {
        writeSparse(part, SparsePlan.of(extent.sectors(), 0, layout.zeroGrains()));
      }
    }
  }

  /// Lays out an empty sparse extent.
  static void writeSparse(HostFile extent, SparsePlan plan) throws IOException {
    SparseHeader header = plan.header();
    if (header.overhead() >= 1L << 32) {
      throw new LimitExceededException(
          "%s: the grain tables of %d sectors do not fit"
              .formatted(extent.name(), header.capacity()));
    }
    extent.truncate(header.overhead() * SECTOR);
    for (long place : new long[] {header.redundantDirectory(), header.directory()}) {
      GrainDirectory.writeEntries(extent, place * SECTOR, plan.directory(place), 0, plan.tables());
    }
    extent.write(0, header.encode());
  }

  private void writeEmbedded(Descriptor descriptor) throws IOException {
    file.write(SECTOR, embedded(file.name(), descriptor));
  }

  /// A descriptor in the room there is for it.
  static MemorySegment embedded(String file, Descriptor descriptor) throws LimitExceededException {
    byte[] text = descriptor.encode();
    int room = SparsePlan.DESCRIPTOR_SECTORS * SECTOR;
    if (text.length >= room) {
      throw new LimitExceededException(
          "%s: a descriptor of %d bytes does not fit into %d".formatted(file, text.length, room));
    }
    return MemorySegment.ofArray(java.util.Arrays.copyOf(text, room));
  }
}
