package io.calco.disk.qcow2;

import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `qemu-img info` says of an image, in its words and order.
final class ImageFacts {
  private ImageFacts() {}

  static FormatInfo of(HostFile file, Qcow2Header header) throws IOException {
    Map<String, Object> specific = new LinkedHashMap<>();
    boolean version2 = header.geometry().version() == 2;
    specific.put("compat", version2 ? "0.10" : "1.1");
    specific.put(
        "compression-type",
        header.compressionType() == Qcow2Layout.COMPRESSION_ZLIB ? "zlib" : "zstd");
    if (version2) {
      specific.put("refcount-bits", header.geometry().refcountBits());
      putEncryption(specific, file, header);
    } else {
      specific.put("lazy-refcounts", header.lazyRefcounts());
      List<Map<String, Object>> bitmaps = bitmaps(Bitmaps.read(file, header));
      if (!bitmaps.isEmpty()) {
        specific.put("bitmaps", bitmaps);
      }
      specific.put("refcount-bits", header.geometry().refcountBits());
      putEncryption(specific, file, header);
      if (header.hasDataFile()) {
        specific.put("data-file", header.printableDataFileName());
        specific.put("data-file-raw", header.rawDataFile());
      }
      specific.put("corrupt", header.corrupt());
      specific.put("extended-l2", header.geometry().extendedL2());
    }
    return new FormatInfo(
        Optional.of(header.geometry().clusterSize()),
        header.backing(),
        header.dirty(),
        header.corrupt(),
        header.cryptMethod() != Qcow2Layout.CRYPT_NONE,
        false,
        snapshots(file, header),
        specific);
  }

  static List<FormatInfo.Snapshot> snapshots(HostFile file, Qcow2Header header) throws IOException {
    return SnapshotTable.read(file, header).snapshots().stream().map(Snapshot::facts).toList();
  }

  private static void putEncryption(Map<String, Object> specific, HostFile file, Qcow2Header header)
      throws IOException {
    Map<String, Object> encrypt = new LinkedHashMap<>();
    switch (header.cryptMethod()) {
      case Qcow2Layout.CRYPT_NONE -> {
        return;
      }
      case Qcow2Layout.CRYPT_AES -> encrypt.put("format", "aes");
      default ->
          header
              .cryptoHeader()
              .read(file)
              .facts()
              .forEach((name, value) -> {
                if (name.equals("cipher-mode")) {
                  encrypt.put("format", "luks");
                }
                encrypt.put(name, value);
              });
    }
    specific.put("encrypt", encrypt);
  }

  private static List<Map<String, Object>> bitmaps(Bitmaps all) {
    return all.bitmaps().stream()
        .map(bitmap -> {
          Map<String, Object> facts = new LinkedHashMap<>();
          facts.put("flags", bitmap.flagNames());
          facts.put("name", bitmap.name());
          facts.put("granularity", 1L << bitmap.granularityBits());
          return facts;
        })
        .toList();
  }
}
