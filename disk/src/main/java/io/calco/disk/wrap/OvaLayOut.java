package io.calco.disk.wrap;

import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LaidOutFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Puts an appliance together as it is read.
final class OvaLayOut {
  private static final String SHA_256 = "SHA-256";

  private OvaLayOut() {}

  static HostFile of(Ovf machine, List<HostFile> disks, long seconds, JobContext job)
      throws IOException {
    if (disks.size() != machine.disks().size() || disks.isEmpty()) {
      throw new IllegalArgumentException(
          "%d disks, %d files".formatted(machine.disks().size(), disks.size()));
    }
    OvaPlan plan = new OvaPlan(machine);
    List<Long> sizes = new ArrayList<>();
    List<String> digests = new ArrayList<>();
    for (HostFile disk : disks) {
      String step = "hashing " + plan.disk(sizes.size());
      sizes.add(disk.size());
      digests.add(MemberDigest.ofAll(SHA_256, disk, step, job));
    }
    byte[] descriptor = plan.descriptor(sizes);
    String own = MemberDigest.of(SHA_256, MemorySegment.ofArray(descriptor));
    LaidOutFile.Builder ova = LaidOutFile.of("ova", Disk.blank(0));
    member(ova, plan.descriptorName(), descriptor, seconds);
    member(ova, plan.manifestName(), plan.manifest(own, digests), seconds);
    for (int i = 0; i < disks.size(); i++) {
      HostFile disk = disks.get(i);
      ova.bytes(TarWriter.block(plan.disk(i), disk.size(), seconds));
      long end = TarWriter.behind(ova.size() - TarReader.BLOCK, disk.size());
      ova.generated(disk.size(), disk::read);
      ova.zeroesTo(end);
    }
    return ova.zeroes(2L * TarReader.BLOCK).build();
  }

  private static void member(LaidOutFile.Builder ova, String name, byte[] content, long seconds) {
    long end = TarWriter.behind(ova.size(), content.length);
    ova.bytes(TarWriter.block(name, content.length, seconds)).bytes(content).zeroesTo(end);
  }
}
