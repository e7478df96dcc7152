package io.calco.volume;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.tukaani.xz.XZInputStream;

/// Disks that came from elsewhere, kept compressed beside the tests.
public final class SampleDisk {
  private SampleDisk() {}

  /// The bytes of a sample; `name` is relative to the class.
  public static byte[] bytes(Class<?> beside, String name) throws IOException {
    try (InputStream raw = Objects.requireNonNull(beside.getResourceAsStream(name), name);
        XZInputStream plain = new XZInputStream(raw)) {
      return plain.readAllBytes();
    }
  }

  /// A disk over a sample, in memory.
  public static Disk open(Class<?> beside, String name) throws IOException {
    return Disk.owning(new MemoryDriver(bytes(beside, name)));
  }

  /// The SHA-256 of all of a disk.
  public static String sha256(Disk disk) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      int step = 1 << 20;
      for (long at = 0; at < disk.size(); at += step) {
        digest.update(disk.readBytes(at, (int) Math.min(step, disk.size() - at)));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
