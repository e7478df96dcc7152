package io.calco.disk.parallels;

import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.MappedRun;
import io.calco.disk.Mapping;
import io.calco.disk.ReadOnlyImage;
import io.calco.disk.TableSlices;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An open Parallels image of one file.
final class ParallelsImage extends ReadOnlyImage {
  private final ParallelsHeader header;
  private final TableSlices bat;

  ParallelsImage(HostFile file) throws IOException {
    super(file);
    this.header = ParallelsHeader.read(file);
    this.bat = TableSlices.of(file, "BAT", ParallelsHeader.U32);
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public int unitLength() {
    return header.clusterSize();
  }

  /// One answer looks through one slice of the BAT. What the BAT is too short for is unallocated,
  /// as in QEMU.
  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = Math.min(Math.addExact(offset, maxLength), header.size());
    MappedRun run = new MappedRun(file());
    int cluster = header.clusterSize();
    long index = offset / cluster;
    if (index >= header.batEntries()) {
      run.extendUnallocated(end - offset);
      return run.toMapping();
    }
    long[] slice = bat.slice(ParallelsHeader.LENGTH, header.batEntries(), index);
    long at = offset;
    for (int word = (int) (index % TableSlices.WORDS); at < end && word < slice.length; word++) {
      long next = Math.min(end - at, cluster - at % cluster) + at;
      boolean extended =
          slice[word] == 0
              ? run.extendUnallocated(next - at)
              : run.extendData(slice[word] * header.entryUnit() + at % cluster, next - at);
      if (!extended) {
        break;
      }
      at = next;
    }
    return run.toMapping();
  }

  @Override
  public FormatInfo info() throws IOException {
    return new FormatInfo(
        Optional.of(header.clusterSize()),
        Optional.empty(),
        header.inUse(),
        false,
        false,
        false,
        List.of(),
        FormatExtension.facts(file(), header));
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return new ParallelsVerification(file(), header, bat, job).run();
  }
}
