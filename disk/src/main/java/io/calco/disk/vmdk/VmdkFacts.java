package io.calco.disk.vmdk;

import io.calco.disk.BackingReference;
import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `qemu-img info` says of an image, in its words and order.
final class VmdkFacts {
  private VmdkFacts() {}

  static FormatInfo of(ImageFiles files) throws CorruptImageException {
    Descriptor descriptor = files.descriptor();
    Map<String, Object> specific = new LinkedHashMap<>();
    specific.put("cid", descriptor.cid());
    specific.put("parent-cid", descriptor.parentCid());
    specific.put("create-type", Descriptor.printable(descriptor.createType()));
    specific.put("extents", files.parts().stream().map(part -> extent(files, part)).toList());
    boolean unclean =
        files.parts().stream()
            .flatMap(part -> part.header().stream())
            .anyMatch(SparseHeader::uncleanShutdown);
    boolean compressed =
        files.parts().stream()
            .flatMap(part -> part.header().stream())
            .anyMatch(SparseHeader::compressed);
    return new FormatInfo(
        grainSize(files),
        backing(files),
        unclean,
        false,
        false,
        compressed,
        Optional.of(Descriptor.spelled(descriptor.cid())),
        List.of(),
        specific);
  }

  private static Map<String, Object> extent(ImageFiles files, ImageFiles.Part part) {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (part.header().map(SparseHeader::compressed).orElse(false)) {
      facts.put("compressed", true);
    }
    facts.put("virtual-size", part.extent().size());
    facts.put("filename", fileName(files, part));
    part.extent().grainBytes().ifPresent(bytes -> facts.put("cluster-size", bytes));
    facts.put("format", files.isOneFile() ? "" : part.line().type());
    return facts;
  }

  /// A file beside the image is named as the image was.
  private static String fileName(ImageFiles files, ImageFiles.Part part) {
    String own = files.own().name();
    String name = part.line().name();
    if (part.file().isEmpty()) {
      return "";
    }
    boolean beside = !files.isOneFile() && name.indexOf('/') < 0 && name.indexOf('\\') < 0;
    return beside
        ? own.substring(0, own.lastIndexOf('/') + 1) + Descriptor.printable(name)
        : part.file().get().name();
  }

  /// Of all extents, when they agree.
  private static Optional<Integer> grainSize(ImageFiles files) {
    List<Optional<Integer>> sizes = new ArrayList<>();
    files.parts().forEach(part -> sizes.add(part.extent().grainBytes()));
    boolean same = sizes.stream().allMatch(sizes.getFirst()::equals);
    return same ? sizes.getFirst() : Optional.empty();
  }

  /// The parent, which must have the content id that the delta was made on.
  static Optional<BackingReference> backing(ImageFiles files) throws CorruptImageException {
    Descriptor descriptor = files.descriptor();
    Optional<String> hint = descriptor.parentHint();
    boolean rests = descriptor.parentCid() != Descriptor.NO_PARENT;
    if (rests != hint.isPresent()) {
      throw new CorruptImageException(
          "%s: descriptor's parentCID is %s, but it %s"
              .formatted(
                  files.own().name(),
                  Descriptor.spelled(descriptor.parentCid()),
                  rests ? "names no parent" : "names a parent"));
    }
    return hint.map(name ->
        new BackingReference(
            ParentName.local(name),
            Optional.of("vmdk"),
            Optional.of(Descriptor.spelled(descriptor.parentCid()))));
  }
}
