package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Puts an appliance together in a file: the disks' files are written to their places in the tar,
/// then the headers before them, then the descriptor and the manifest, for which there is room.
final class OvaWriter {
  private static final String SHA_256 = "SHA-256";

  private final HostFile target;
  private final OvaPlan plan;
  private final TarWriter tar;
  private final List<Long> sizes = new ArrayList<>();

  private OvaWriter(HostFile target, Ovf machine, long seconds) {
    this.target = target;
    this.plan = new OvaPlan(machine);
    this.tar = new TarWriter(target, seconds);
  }

  static void write(
      HostFile target, Ovf machine, List<Ova.DiskContent> contents, long seconds, JobContext job)
      throws IOException {
    if (contents.size() != machine.disks().size() || contents.isEmpty()) {
      throw new IllegalArgumentException(
          "%d disks, %d contents".formatted(machine.disks().size(), contents.size()));
    }
    OvaWriter writer = new OvaWriter(target, machine, seconds);
    writer.disks(contents);
    writer.describe(job);
  }

  private void disks(List<Ova.DiskContent> contents) throws IOException {
    long offset = plan.disksOffset();
    for (int i = 0; i < contents.size(); i++) {
      String href = plan.disk(i);
      WindowFile window =
          new WindowFile(target.name() + ": " + href, target, TarWriter.data(offset));
      contents.get(i).writeTo(window);
      sizes.add(window.size());
      tar.header(offset, href, window.size());
      offset = TarWriter.behind(offset, window.size());
      target.truncate(offset);
    }
    tar.end(offset);
  }

  private void describe(JobContext job) throws IOException {
    byte[] descriptor = plan.descriptor(sizes);
    List<String> digests = new ArrayList<>();
    long at = plan.disksOffset();
    for (int i = 0; i < sizes.size(); i++) {
      String step = "hashing " + plan.disk(i);
      digests.add(MemberDigest.of(SHA_256, target, TarWriter.data(at), sizes.get(i), step, job));
      at = TarWriter.behind(at, sizes.get(i));
    }
    String own = MemberDigest.of(SHA_256, MemorySegment.ofArray(descriptor));
    tar.member(0, plan.descriptorName(), descriptor);
    tar.member(plan.manifestOffset(), plan.manifestName(), plan.manifest(own, digests));
  }
}
