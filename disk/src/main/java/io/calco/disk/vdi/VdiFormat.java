package io.calco.disk.vdi;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.OpenedFormat;
import java.io.IOException;
import java.util.Map;

/// VDI images of VirtualBox.
public final class VdiFormat implements ImageFormat {
  /// For [java.util.ServiceLoader].
  public VdiFormat() {}

  @Override
  public String name() {
    return "vdi";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return VdiHeader.isMarked(file);
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      return new VdiDriver(file, options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    NewVdi.create(file, options);
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    return NewVdi.layOut(disk, options);
  }

  @Override
  public Map<String, String> createOptions() {
    return VdiCreateOptions.HELP;
  }
}
