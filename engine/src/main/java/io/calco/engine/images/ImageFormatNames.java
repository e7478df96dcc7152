package io.calco.engine.images;

import java.util.List;

/// The formats that an image may be said to have, as the Image API v2 names them.
public final class ImageFormatNames {
  /// Of the disk, or the part of one.
  public static final List<String> DISK =
      List.of(
          "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt");

  /// What the disk is packed in.
  public static final List<String> CONTAINER =
      List.of("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed");

  private ImageFormatNames() {}
}
