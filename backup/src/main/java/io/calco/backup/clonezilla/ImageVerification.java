package io.calco.backup.clonezilla;

import io.calco.backup.clonezilla.ClonezillaReport.Finding;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Reads a whole image and compares it with all the sums that it has. What cannot be read is a
/// finding like what differs.
final class ImageVerification {
  private static final int PIECE = 1 << 20;

  private final ImageDirectory directory;
  private final ClonezillaImage image;
  private final JobContext job;
  private final List<Finding> findings = new ArrayList<>();
  private int files;
  private int contents;

  ImageVerification(ImageDirectory directory, ClonezillaImage image, JobContext job) {
    this.directory = directory;
    this.image = image;
    this.job = job;
  }

  ClonezillaReport run() throws IOException {
    List<String> lists = SumFile.in(directory);
    SequencedMap<String, List<SumFile.Expected>> expected = new LinkedHashMap<>();
    for (String list : lists) {
      SumFile.read(directory, list, expected);
    }
    for (Map.Entry<String, List<SumFile.Expected>> file : expected.entrySet()) {
      try {
        compare(file.getKey(), file.getValue());
      } catch (IOException e) {
        add(file.getKey(), e);
      }
    }
    for (SavedDisk disk : image.disks()) {
      checkTables(disk);
      for (SavedPartition partition : disk.partitions()) {
        check(partition);
      }
    }
    for (SavedPartition volume : image.logicalVolumes()) {
      check(volume);
    }
    return new ClonezillaReport(lists, files, contents, findings);
  }

  private void add(String file, IOException e) {
    String text = String.valueOf(e.getMessage());
    String start = directory.nameOf(file) + ": ";
    findings.add(
        new Finding(
            OpenPolicy.printable(file),
            text.startsWith(start) ? text.substring(start.length()) : text));
  }

  private void compare(String file, List<SumFile.Expected> expected) throws IOException {
    List<SumFile.Sum> sums = expected.stream().map(one -> SumFile.of(one.list())).toList();
    try (HostFile open = directory.open(file)) {
      byte[] buffer = new byte[PIECE];
      long size = open.size();
      for (long at = 0; at < size; ) {
        job.checkCancelled();
        int length = (int) Math.min(PIECE, size - at);
        open.read(at, MemorySegment.ofArray(buffer).asSlice(0, length));
        sums.forEach(sum -> sum.update(buffer, length));
        at += length;
        job.progress("comparing " + OpenPolicy.printable(file), at, size);
      }
    }
    files++;
    for (int i = 0; i < sums.size(); i++) {
      String found = sums.get(i).hex();
      if (!found.equals(expected.get(i).hex())) {
        findings.add(
            new Finding(
                OpenPolicy.printable(file),
                "found the sum %s, %s says %s"
                    .formatted(found, expected.get(i).list(), expected.get(i).hex())));
      }
    }
  }

  /// Puts the disk together, so that tables and contents are compared with each other.
  private void checkTables(SavedDisk disk) throws IOException {
    boolean readable = disk.partitions().stream().allMatch(p -> p.unreadable().isEmpty());
    if (readable) {
      try {
        image.disk(disk.name());
      } catch (DiskException e) {
        findings.add(new Finding(disk.name(), String.valueOf(e.getMessage())));
      }
    }
  }

  private void check(SavedPartition partition) throws IOException {
    if (partition.unreadable().isPresent()) {
      findings.add(new Finding(partition.device(), partition.unreadable().get()));
      return;
    }
    if (partition.files().isEmpty()) {
      return;
    }
    String first = partition.files().getFirst();
    try {
      DeviceName device = DeviceName.of(partition.device(), first);
      SavedStream stream = SavedStream.find(directory, device).orElseThrow();
      switch (stream.kind()) {
        case PARTCLONE -> checkBlocks(first, stream, partition.length());
        case RAW -> checkBytes(stream, partition.length());
      }
      contents++;
    } catch (IOException e) {
      add(first, e);
    }
  }

  private void checkBlocks(String first, SavedStream stream, long length) throws IOException {
    try (Image blocks = StreamOpener.partclone(directory, stream, length)) {
      VerifyReport report = blocks.verify(job);
      report
          .findings()
          .forEach(line -> findings.add(new Finding(first, line.replaceFirst("^ERROR ", ""))));
    }
  }

  private void checkBytes(SavedStream stream, long length) throws IOException {
    HostFile file = StreamOpener.raw(directory, stream, length);
    try (RawStreamDriver bytes = new RawStreamDriver(file, length)) {
      byte[] buffer = new byte[PIECE];
      for (long at = 0; at < length; ) {
        job.checkCancelled();
        int step = (int) Math.min(PIECE, length - at);
        bytes.read(at, MemorySegment.ofArray(buffer).asSlice(0, step));
        at += step;
        job.progress("reading " + stream.files().getFirst(), at, length);
      }
      bytes.requireEnd();
    }
  }
}
