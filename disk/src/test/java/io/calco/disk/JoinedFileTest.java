package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinedFileTest {
  @TempDir Path dir;

  @Test
  void readsPartsAsOneFile() {
    Seeds.run(
        50,
        random -> {
          byte[] whole = new byte[random.nextInt(1000)];
          random.nextBytes(whole);
          List<HostFile> parts = new ArrayList<>();
          for (int at = 0; at < whole.length || parts.isEmpty(); ) {
            int n = Math.min(whole.length - at, random.nextInt(300));
            parts.add(new MemoryFile(Arrays.copyOfRange(whole, at, at + n)));
            at += n;
          }
          try (JoinedFile joined = JoinedFile.owning("all", parts)) {
            assertThat(joined.size()).isEqualTo(whole.length);
            for (int i = 0; i < 20; i++) {
              int from = random.nextInt(whole.length + 1);
              byte[] read = new byte[random.nextInt(whole.length - from + 1)];
              joined.read(from, MemorySegment.ofArray(read));
              assertThat(read).isEqualTo(Arrays.copyOfRange(whole, from, from + read.length));
            }
            assertThat(joined.nextData(0)).isZero();
            assertThat(joined.nextHole(0)).isEqualTo(whole.length);
          }
          assertThat(parts).allMatch(part -> ((MemoryFile) part).closed());
        });
  }

  @Test
  void knowsTheNamesOfParts() throws IOException {
    Set<String> there = Set.of("d.img.aa", "d.img.ab", "d.img.ad", "d.001", "d.002", "d.000");
    assertThat(JoinedFile.namesOfParts("d.img.aa", there))
        .contains(List.of("d.img.aa", "d.img.ab"));
    assertThat(JoinedFile.namesOfParts("d.001", there)).contains(List.of("d.001", "d.002"));
    assertThat(JoinedFile.namesOfParts("d.000", there))
        .contains(List.of("d.000", "d.001", "d.002"));
    assertThat(JoinedFile.namesOfParts("d.img.ab", there)).isEmpty();
    assertThat(JoinedFile.namesOfParts("e.img.aa", there)).isEmpty();
    assertThat(JoinedFile.namesOfParts("aa", there)).isEmpty();
  }

  @Test
  void findsPartsBesideTheFirst() throws IOException {
    for (String name : List.of("x.gz.aa", "x.gz.ab", "x.gz.ac")) {
      Files.writeString(dir.resolve(name), name.substring(6));
    }
    Path first = dir.resolve("x.gz.aa");
    Companions companions = new LocalCompanions(first, OpenPolicy.ownDirectory(), false);
    try (HostFile all = JoinedFile.owningFirst(LocalFile.open(first, false), companions)) {
      byte[] bytes = new byte[(int) all.size()];
      all.read(0, MemorySegment.ofArray(bytes));
      assertThat(new String(bytes, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("abc");
    }
    Companions denied = new LocalCompanions(first, OpenPolicy.denyAll(), false);
    try (HostFile alone = JoinedFile.owningFirst(LocalFile.open(first, false), denied)) {
      assertThat(alone.size()).isEqualTo(1);
    }
  }
}
