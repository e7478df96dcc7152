package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.JobContext;
import io.calco.disk.MeasuredSize;
import io.calco.disk.OpenedFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// VMware's images.
public final class VmdkFormat implements ImageFormat {
  /// For [java.util.ServiceLoader].
  public VmdkFormat() {}

  @Override
  public String name() {
    return "vmdk";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    int length = Descriptor.MARK.length();
    if (file.size() < length) {
      return false;
    }
    MemorySegment start = MemorySegment.ofArray(new byte[length]);
    file.read(0, start);
    int magic = start.get(U32, 0);
    return magic == SparseLayout.MAGIC_NUMBER
        || magic == CowdHeader.MAGIC_NUMBER
        || Descriptor.marked(
            new String(start.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1));
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      return VmdkDriver.open(file, options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    VmdkCreator.create(file, options, companions);
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    return VmdkLayOut.of(disk, options);
  }

  @Override
  public void send(Disk disk, CreateOptions options, WritableByteChannel target, JobContext job)
      throws IOException {
    VmdkCreateOptions layout = VmdkLayOut.layout(options);
    if (layout.subformat() == VmdkCreateOptions.Subformat.STREAM_OPTIMIZED) {
      StreamWriter.send(disk, layout, target, job);
    } else {
      ImageFormat.super.send(disk, options, target, job);
    }
  }

  @Override
  public MeasuredSize measure(Disk disk, CreateOptions options) throws IOException {
    VmdkCreateOptions layout = VmdkLayOut.layout(options);
    if (layout.subformat() != VmdkCreateOptions.Subformat.STREAM_OPTIMIZED) {
      return ImageFormat.super.measure(disk, options);
    }
    try (HostFile required = layOut(disk, options)) {
      return new MeasuredSize(required.size(), StreamLayOut.fullSize(layout));
    }
  }

  @Override
  public Map<String, String> createOptions() {
    return VmdkCreateOptions.HELP;
  }
}
