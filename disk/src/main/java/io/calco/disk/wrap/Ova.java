package io.calco.disk.wrap;

import io.calco.disk.Closing;
import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An appliance in one file: a tar of an OVF descriptor, disks, and perhaps a manifest of their
/// digests. Its disks are read where they lie.
///
/// Thread rule: confined; the disks as [HostFile].
public final class Ova implements AutoCloseable {
  private static final int DESCRIPTOR_LIMIT = 4 << 20;
  private static final Pattern DIGEST =
      Pattern.compile("(SHA1|SHA256|SHA512)\\s*\\((.+)\\)\\s*=\\s*([0-9a-fA-F]+)");

  private final HostFile file;
  private final List<TarMember> members;
  private final Ovf descriptor;

  private Ova(HostFile file, List<TarMember> members) throws IOException {
    this.file = file;
    this.members = members;
    if (members.isEmpty() || !isDescriptor(members.getFirst())) {
      throw new CorruptImageException(
          file.name() + ": begins with no .ovf file, as an appliance does");
    }
    this.descriptor = OvfReader.read(file.name(), text(members.getFirst()));
  }

  /// Opens an appliance. Takes `file` over: it is closed with the appliance, and when this fails.
  public static Ova openOwning(HostFile file) throws IOException {
    try {
      return new Ova(file, new TarReader(file).readAll());
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  /// Makes a disk's file in an appliance in the making.
  public interface DiskContent {
    /// Writes a streamOptimized VMDK to `file`, which is empty; closing it has no effect.
    void writeTo(HostFile file) throws IOException;
  }

  /// Writes an appliance: a descriptor, a manifest with SHA-256, and the disks.
  ///
  /// Of the machine's disks count the sizes and controllers; ids and file names are given anew.
  /// After a failure the target holds a part.
  ///
  /// @param target empty, and open for writing
  /// @param contents one for each disk of the machine
  /// @param time that the files in it bear
  public static void write(
      HostFile target, Ovf machine, List<DiskContent> contents, Instant time, JobContext job)
      throws IOException {
    OvaWriter.write(target, machine, contents, time.getEpochSecond(), job);
  }

  /// An appliance that is made as it is read: a file of known size with random access that lies
  /// nowhere. Its disks are read once beforehand, for the manifest.
  ///
  /// @param machine as for [#write]
  /// @param disks the disks' files, streamOptimized VMDKs, which must stay open and not change;
  ///   they stay open when the appliance is closed
  /// @param time that the files in it bear
  /// @return for reading only, by several threads at once
  public static HostFile layOut(Ovf machine, List<HostFile> disks, Instant time, JobContext job)
      throws IOException {
    return OvaLayOut.of(machine, disks, time.getEpochSecond(), job);
  }

  static boolean isDescriptor(TarMember member) {
    return member.name().toLowerCase(Locale.ROOT).endsWith(".ovf");
  }

  /// What the descriptor says.
  public Ovf descriptor() {
    return descriptor;
  }

  /// The content of a disk, to be read where it lies; the appliance must stay open for it.
  ///
  /// @param disk of this appliance's descriptor
  /// @throws UnsupportedFeatureException when it only holds changes of another, or lies elsewhere
  public HostFile open(Ovf.VirtualDisk disk) throws IOException {
    return contentOf(disk);
  }

  RunsFile contentOf(Ovf.VirtualDisk disk) throws IOException {
    Ovf.File content =
        disk.file()
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "%s: the disk %s is blank, it has no file"
                        .formatted(file.name(), OpenPolicy.printable(disk.id()))));
    if (disk.parent().isPresent()) {
      throw new UnsupportedFeatureException(
          "%s: the disk %s holds only changes of the disk %s"
              .formatted(
                  file.name(),
                  OpenPolicy.printable(disk.id()),
                  OpenPolicy.printable(disk.parent().get())));
    }
    if (content.chunkBytes().isEmpty()) {
      return get(content.href()).in(file);
    }
    return joined(content.href());
  }

  /// A file that is cut into parts: their names end in nine digits.
  private RunsFile joined(String href) throws IOException {
    List<RunsFile.Run> runs = new ArrayList<>();
    long size = 0;
    for (int i = 0; ; i++) {
      Optional<TarMember> part = find("%s.%09d".formatted(href, i));
      if (part.isEmpty()) {
        break;
      }
      for (RunsFile.Run run : part.get().runs()) {
        runs.add(new RunsFile.Run(size + run.offset(), run.length(), run.source()));
      }
      size = Math.addExact(size, part.get().size());
    }
    if (runs.isEmpty()) {
      throw missing(href);
    }
    String name = file.name() + ": " + OpenPolicy.printable(href);
    return RunsFile.of(name, file, runs, size);
  }

  private TarMember get(String href) throws IOException {
    if (href.contains("://")) {
      throw new UnsupportedFeatureException(
          "%s: the file \"%s\" lies elsewhere, and is not fetched"
              .formatted(file.name(), OpenPolicy.printable(href)));
    }
    return find(href).orElseThrow(() -> missing(href));
  }

  private CorruptImageException missing(String href) {
    return new CorruptImageException(
        "%s: the file \"%s\" that its descriptor names is not in it"
            .formatted(file.name(), OpenPolicy.printable(href)));
  }

  private Optional<TarMember> find(String name) throws CorruptImageException {
    List<TarMember> found =
        members.stream()
            .filter(member -> member.name().equals(name) || member.name().equals("./" + name))
            .toList();
    if (found.size() > 1) {
      throw new CorruptImageException(
          "%s: holds \"%s\" more than once".formatted(file.name(), OpenPolicy.printable(name)));
    }
    return found.stream().findFirst();
  }

  private byte[] text(TarMember member) throws IOException {
    if (member.size() > DESCRIPTOR_LIMIT) {
      throw new LimitExceededException(
          "%s: \"%s\" has %d bytes, more than %d (our limit)"
              .formatted(
                  file.name(),
                  OpenPolicy.printable(member.name()),
                  member.size(),
                  DESCRIPTOR_LIMIT));
    }
    byte[] bytes = new byte[(int) member.size()];
    member.in(file).read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Compares all files with the manifest.
  ///
  /// @return how many files the manifest vouches for; 0 when there is no manifest
  /// @throws CorruptImageException when a digest differs, or a file is missing
  public int verifyManifest(JobContext job) throws IOException {
    List<TarMember> manifests =
        members.stream()
            .filter(member -> member.name().toLowerCase(Locale.ROOT).endsWith(".mf"))
            .toList();
    if (manifests.isEmpty()) {
      return 0;
    }
    int verified = 0;
    String manifest = new String(text(manifests.getFirst()), StandardCharsets.UTF_8);
    for (String line : manifest.lines().filter(line -> !line.isBlank()).toList()) {
      Matcher digest = DIGEST.matcher(line.strip());
      if (!digest.matches()) {
        throw new CorruptImageException(
            "%s: the manifest says \"%s\", expected ALGORITHM(FILE)= DIGEST"
                .formatted(file.name(), OpenPolicy.printable(line)));
      }
      TarMember member = get(digest.group(2));
      String found =
          MemberDigest.of(
              digest.group(1).replace("SHA", "SHA-"),
              member.in(file),
              0,
              member.size(),
              "verifying " + OpenPolicy.printable(member.name()),
              job);
      if (!found.equalsIgnoreCase(digest.group(3))) {
        throw new CorruptImageException(
            "%s: \"%s\" has the %s digest %s, the manifest says %s"
                .formatted(
                    file.name(),
                    OpenPolicy.printable(member.name()),
                    digest.group(1),
                    found,
                    digest.group(3)));
      }
      verified++;
    }
    return verified;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
