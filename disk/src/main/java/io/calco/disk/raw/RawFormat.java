package io.calco.disk.raw;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.LaidOutFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// Raw images. Never found by probing: raw is what is left when nothing else matches.
public final class RawFormat implements ImageFormat {
  private static final String PREALLOCATION = "preallocation";
  private static final long ZERO_PIECE = 1 << 20;

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public boolean probe(HostFile file) {
    return false;
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    return new RawDriver(file, options.writable());
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    for (String option : options.options().keySet()) {
      if (!option.equals(PREALLOCATION)) {
        throw new UnsupportedFeatureException(
            "%s: raw images have no option \"%s\"".formatted(file.name(), option));
      }
    }
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          file.name() + ": raw images cannot have a backing image; use qcow2");
    }
    file.truncate(0);
    file.truncate(options.size());
    String preallocation = options.options().getOrDefault(PREALLOCATION, "off");
    switch (preallocation) {
      case "off" -> {}
      case "falloc" -> file.allocate(0, options.size());
      case "full" -> writeZeroes(file, options.size());
      default ->
          throw new UnsupportedFeatureException(
              "raw option %s: found \"%s\", expected off, falloc or full"
                  .formatted(PREALLOCATION, preallocation));
    }
  }

  private static void writeZeroes(HostFile file, long size) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeroes = arena.allocate(Math.min(ZERO_PIECE, Math.max(1, size)), 4096);
      for (long at = 0; at < size; at += ZERO_PIECE) {
        file.write(at, zeroes.asSlice(0, Math.min(ZERO_PIECE, size - at)));
      }
    }
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) {
    return LaidOutFile.of("raw image", disk).guest(0, disk.size()).zeroesTo(options.size()).build();
  }

  @Override
  public Map<String, String> createOptions() {
    return Map.of(PREALLOCATION, "off, falloc or full (off)");
  }
}
