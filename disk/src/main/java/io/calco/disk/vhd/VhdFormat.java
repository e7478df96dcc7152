package io.calco.disk.vhd;

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

/// VHD images of Virtual PC, Hyper-V and Azure: fixed, dynamic and differencing disks.
public final class VhdFormat implements ImageFormat {
  /// For [java.util.ServiceLoader].
  public VhdFormat() {}

  @Override
  public String name() {
    return "vpc";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Footers.marked(file);
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      Footers footers = Footers.read(file, options.forRepair());
      return footers.footer().isSparse()
          ? new SparseVhd(file, footers, options)
          : new FixedVhd(file, footers, options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    NewVhd.create(file, options, companions);
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    return NewVhd.layOut("VHD image", disk, options);
  }

  @Override
  public Map<String, String> createOptions() {
    return VhdCreateOptions.HELP;
  }
}
