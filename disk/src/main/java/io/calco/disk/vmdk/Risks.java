package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reasons not to take an image in from a stranger. A VMDK is told by a text what it consists of,
/// and other readers look for words in that text, wherever they stand, and believe it where this
/// one believes the header (CVE-2022-47951).
///
/// Thread rule: confined.
final class Risks {
  /// What an image in one file calls itself.
  private static final Set<String> ONE_FILE = Set.of("monolithicsparse", "streamoptimized");

  /// Entries that name no file and change no reader's view of the disk, in small letters.
  private static final Set<String> HARMLESS =
      Set.of("version", "encoding", "cid", "parentcid", "createtype", "isnativesnapshot");

  /// Words that QEMU looks for anywhere in the text.
  private static final List<String> WORDS =
      List.of("createType", "parentCID", "parentFileNameHint");

  private static final Pattern CID = Pattern.compile("(?i)(?<![a-z])cid\\s*=");

  private final ImageFiles files;
  private final Descriptor descriptor;
  private final List<String> found = new ArrayList<>();

  Risks(ImageFiles files) {
    this.files = files;
    this.descriptor = files.descriptor();
  }

  List<String> find() throws IOException {
    String type = descriptor.createType();
    if (!files.isOneFile() || !ONE_FILE.contains(type.toLowerCase(Locale.ROOT))) {
      found.add(
          "createType is \"%s\": is not an image in one file"
              .formatted(Descriptor.printable(type)));
    }
    VmdkFacts.backing(files)
        .ifPresent(below ->
            found.add(
                "rests on another image, \"%s\"".formatted(Descriptor.printable(below.name()))));
    for (ImageFiles.Part part : files.parts()) {
      judgeExtent(part);
    }
    descriptor.entries().forEach(this::judgeEntry);
    judgeWords(String.join("\n", descriptor.lines()));
    return found;
  }

  private void judgeExtent(ImageFiles.Part part) throws IOException {
    ExtentLine line = part.line();
    String name = Descriptor.printable(line.name());
    if (line.name().indexOf('/') >= 0 || line.name().indexOf('\\') >= 0) {
      found.add("descriptor names an extent in another place, \"%s\"".formatted(name));
    } else if (!files.isOneFile()) {
      found.add("descriptor names another file, \"%s\"".formatted(name));
    }
    if (part.header().isPresent() && files.isOneFile()) {
      judgeHeader(line, part.header().get());
    }
  }

  private void judgeHeader(ExtentLine line, SparseHeader header) throws IOException {
    if (header.descriptorOffset() != 1) {
      found.add(
          "descriptor lies at sector %d, not behind the header"
              .formatted(header.descriptorOffset()));
    }
    if (header.capacity() == 0) {
      found.add("extent of no sectors: QEMU opens the files that the descriptor names instead");
    }
    if (header.capacity() != line.sectors()) {
      found.add(
          "descriptor says %d sectors, the header %d".formatted(line.sectors(), header.capacity()));
    }
    HostFile file = files.own();
    if (header.compressed() && SparseHeader.endsInFooter(file) && !endsAfterFooter(file)) {
      found.add("no end-of-stream marker follows the footer");
    }
  }

  private static boolean endsAfterFooter(HostFile file) throws IOException {
    java.lang.foreign.MemorySegment end = java.lang.foreign.MemorySegment.ofArray(new byte[SECTOR]);
    file.read(file.size() - SECTOR, end);
    return end.get(SparseLayout.U64, SparseLayout.MARKER_VALUE) == 0
        && end.get(SparseLayout.U32, SparseLayout.MARKER_SIZE) == 0
        && end.get(SparseLayout.U32, SparseLayout.MARKER_TYPE) == SparseLayout.MARKER_END;
  }

  private void judgeEntry(String key) {
    String small = key.toLowerCase(Locale.ROOT);
    if (small.equals("changetrackpath")) {
      found.add("descriptor names another file in its changeTrackPath");
    } else if (!HARMLESS.contains(small)
        && !small.startsWith("ddb.")
        && !small.equals("parentfilenamehint")) {
      found.add("unknown entry in descriptor, \"%s\"".formatted(Descriptor.printable(key)));
    }
  }

  /// A word that stands a second time, in a comment or behind another entry, is what another reader
  /// may take for the entry.
  private void judgeWords(String text) {
    for (String word : WORDS) {
      judgeWord(word, Pattern.compile(word, Pattern.CASE_INSENSITIVE | Pattern.LITERAL), text);
    }
    judgeWord("CID", CID, text);
  }

  private void judgeWord(String word, Pattern pattern, String text) {
    Matcher places = pattern.matcher(text);
    long expected = descriptor.value(word).isPresent() ? 1 : 0;
    if (places.results().count() > expected) {
      found.add("descriptor says %s in more than one place".formatted(word));
    }
  }
}
