package io.calco.engine;

import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormats;
import io.calco.disk.ImageIdentity;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// A disk as an image of some format that is made as it is read: of known size, read anywhere, the
/// same bytes each time that it is laid out so.
///
/// @param format `qcow2`, `vmdk` …; `ova` for an appliance with this disk
/// @param options the format's own
/// @param name what an appliance's machine is called
/// @param identity what makes the image itself
public record DiskLayOut(
    String format, Map<String, String> options, String name, ImageIdentity identity) {

  /// Copies the options.
  public DiskLayOut {
    options = Map.copyOf(options);
  }

  /// The image's file.
  ///
  /// @param disk must not change as long as the file is read, and stays open when it is closed
  /// @return for reading only, by several threads at once
  /// @throws io.calco.disk.UnsupportedFeatureException when the format cannot be laid out so, or
  ///   does not know an option
  public HostFile of(Disk disk, JobContext job) throws IOException {
    return format.equals(Appliance.FORMAT)
        ? new Appliance(disk, options, name).layOut(identity.created(), job)
        : ImageFormats.get(format)
            .layOut(
                disk,
                new CreateOptions(
                    disk.size(), Optional.empty(), options, Optional.empty(), identity));
  }
}
