package io.calco.disk.qcow2;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What is to be changed of an image, read from qemu-img's options; what is empty stays.
///
/// @param all the options as they were given, for those that must stay as they are
record AmendOptions(
    OptionalInt version,
    OptionalInt refcountOrder,
    Optional<Boolean> lazyRefcounts,
    Optional<String> dataFile,
    Optional<Boolean> rawDataFile,
    Map<String, String> all) {

  /// What can be changed, with a line of help each.
  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put("compat", "version: 0.10 (v2) or 1.1 (v3)");
    help.put("data_file", "the name of the file beside the image that keeps the guest bytes");
    help.put("data_file_raw", "off: the data file need not stay the guest's disk by itself");
    help.put("lazy_refcounts", "refcounts may be written late: on or off");
    help.put("refcount_bits", "bits in a refcount: 1, 2, 4 … 64");
    return java.util.Collections.unmodifiableMap(help);
  }

  static AmendOptions of(Map<String, String> options) throws UnsupportedFeatureException {
    Map<String, String> known = new LinkedHashMap<>(options);
    known.keySet().removeIf(name -> name.startsWith("data_file"));
    known.remove("compat");
    known.remove("lazy_refcounts");
    Qcow2CreateOptions created =
        Qcow2CreateOptions.of(new CreateOptions(0, Optional.empty(), known));
    return new AmendOptions(
        options.containsKey("compat")
            ? OptionalInt.of(Qcow2CreateOptions.version(options.get("compat")))
            : OptionalInt.empty(),
        options.containsKey("refcount_bits")
            ? OptionalInt.of(created.geometry().refcountOrder())
            : OptionalInt.empty(),
        flag(options, "lazy_refcounts"),
        Optional.ofNullable(options.get("data_file")),
        flag(options, "data_file_raw"),
        options);
  }

  private static Optional<Boolean> flag(Map<String, String> options, String name)
      throws UnsupportedFeatureException {
    return options.containsKey(name)
        ? Optional.of(Qcow2CreateOptions.flag(options, name))
        : Optional.empty();
  }

  /// Refuses, before anything is changed, what cannot be.
  void check(Qcow2Header header) throws IOException {
    Geometry geometry = header.geometry();
    Map<String, String> fixed = new LinkedHashMap<>(all);
    fixed
        .keySet()
        .retainAll(
            java.util.Set.of("cluster_size", "extended_l2", "compression_type", "preallocation"));
    Qcow2CreateOptions stays = Qcow2CreateOptions.of(new CreateOptions(0, Optional.empty(), fixed));
    expect(
        !all.containsKey("cluster_size")
            || stays.geometry().clusterBits() == geometry.clusterBits(),
        "cluster_size");
    expect(
        !all.containsKey("extended_l2") || stays.geometry().extendedL2() == geometry.extendedL2(),
        "extended_l2");
    expect(
        !all.containsKey("compression_type") || stays.compressionType() == header.compressionType(),
        "compression_type");
    expect(!all.containsKey("preallocation"), "preallocation");
    expect(all.keySet().stream().noneMatch(name -> name.startsWith("encrypt.")), "encryption");
    expect(dataFile.isEmpty() || header.hasDataFile(), "data_file of an image without one");
    expect(
        rawDataFile.isEmpty() || !rawDataFile.get() || header.rawDataFile(),
        "data_file_raw, which can only be switched off,");
    int becomes = version.orElse(geometry.version());
    if (becomes == 2) {
      checkVersion2(header);
    }
  }

  private void checkVersion2(Qcow2Header header) throws IOException {
    expect(refcountOrder.orElse(header.geometry().refcountOrder()) == 4, "other than 16 bits");
    expect(!lazyRefcounts.orElse(false), "lazy_refcounts=on");
    if (header.geometry().version() == 2) {
      return;
    }
    long needed =
        Qcow2Layout.INCOMPATIBLE_DATA_FILE
            | Qcow2Layout.INCOMPATIBLE_COMPRESSION
            | Qcow2Layout.INCOMPATIBLE_EXTENDED_L2;
    expect((header.incompatible() & needed) == 0, "a feature that only version 3 has");
    expect(header.cryptMethod() == Qcow2Layout.CRYPT_NONE, "encryption");
    expect(header.snapshotCount() == 0, "version 3 with internal snapshots");
    expect(Bitmaps.read(header.file(), header).bitmaps().isEmpty(), "version 3 with dirty bitmaps");
  }

  private static void expect(boolean holds, String what) throws UnsupportedFeatureException {
    if (!holds) {
      throw new UnsupportedFeatureException("qcow2: %s cannot be amended".formatted(what));
    }
  }
}
