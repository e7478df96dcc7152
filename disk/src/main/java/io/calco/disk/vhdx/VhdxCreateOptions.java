package io.calco.disk.vhdx;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// How a new image is laid out.
///
/// @param blockSize bytes in a block
/// @param logLength bytes of the log
/// @param fixed every block has its place from the start
/// @param sector bytes in a logical sector
record VhdxCreateOptions(int blockSize, long logLength, boolean fixed, int sector) {
  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put("subformat", "dynamic (default) or fixed");
    help.put("block_size", "bytes in a block, 1M to 256M; by the disk's size if not given");
    help.put("log_size", "bytes of the log, whole MiB (1M)");
    help.put("block_state_zero", "accepted for qemu-img's sake: absent blocks read as zeroes");
    help.put("logical_sector_size", "512 (default) or 4096");
    return help;
  }

  static VhdxCreateOptions of(CreateOptions options) throws UnsupportedFeatureException {
    for (String name : options.options().keySet()) {
      if (!HELP.containsKey(name)) {
        throw new UnsupportedFeatureException(
            "VHDX images have no option \"%s\"; known: %s"
                .formatted(name, String.join(", ", HELP.keySet())));
      }
    }
    long block = bytes(options, "block_size", 0);
    if (block == 0) {
      block = defaultBlock(options.size());
    }
    long log = bytes(options, "log_size", VhdxLayout.MIB);
    long sector = bytes(options, "logical_sector_size", 512);
    String subformat = options.options().getOrDefault("subformat", "dynamic");
    if (block < VhdxLayout.BLOCK_MIN || block > VhdxLayout.BLOCK_MAX || Long.bitCount(block) != 1) {
      throw refuse("block_size", block, "a power of two from 1M to 256M");
    }
    if (log < VhdxLayout.MIB || log % VhdxLayout.MIB != 0 || log > 64 * VhdxLayout.MIB) {
      throw refuse("log_size", log, "whole MiB, at most 64M");
    }
    if (sector != 512 && sector != 4096) {
      throw refuse("logical_sector_size", sector, "512 or 4096");
    }
    if (!subformat.equals("dynamic") && !subformat.equals("fixed")) {
      throw new UnsupportedFeatureException(
          "subformat=%s: dynamic or fixed is expected".formatted(subformat));
    }
    if (options.size() > VhdxLayout.DISK_SIZE_MAX) {
      throw new UnsupportedFeatureException(
          "a VHDX disk has at most 64 TiB, not %d bytes".formatted(options.size()));
    }
    return new VhdxCreateOptions((int) block, log, subformat.equals("fixed"), (int) sector);
  }

  /// As QEMU chooses.
  private static long defaultBlock(long size) {
    if (size > 32L << 40) {
      return 64 * VhdxLayout.MIB;
    }
    if (size > 100L << 30) {
      return 32 * VhdxLayout.MIB;
    }
    return size > 1L << 30 ? 16 * VhdxLayout.MIB : 8 * VhdxLayout.MIB;
  }

  private static UnsupportedFeatureException refuse(String name, long value, String expected) {
    return new UnsupportedFeatureException(
        "%s=%d: %s is expected".formatted(name, value, expected));
  }

  private static long bytes(CreateOptions options, String name, long otherwise)
      throws UnsupportedFeatureException {
    String text = options.options().get(name);
    if (text == null) {
      return otherwise;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    int shift = 10 * (1 + "kmgt".indexOf(lower.isEmpty() ? ' ' : lower.charAt(lower.length() - 1)));
    String digits = shift > 0 ? lower.substring(0, lower.length() - 1) : lower;
    try {
      return Math.multiplyExact(Long.parseLong(digits), 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new UnsupportedFeatureException("%s=%s: is no size".formatted(name, text));
    }
  }
}
