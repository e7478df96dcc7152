package io.calco.sys.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel makes of a tree that exists in memory alone. Needs root and `/dev/fuse`.
@Timeout(60)
class FuseServerTest {
  private static final Instant TIME = Instant.parse("2026-11-20T10:11:12.123456789Z");
  private static final int MANY = 3000;

  @TempDir private Path work;
  private final SequencedMap<String, FuseNode> members = new LinkedHashMap<>();
  private Path mount = Path.of(".");
  private FuseServer server;

  @BeforeEach
  void mount() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "no /dev/fuse here");
    mount = Files.createDirectory(work.resolve("mount"));
    server = FuseServer.start(mount, new Directory(members));
  }

  @AfterEach
  void unmount() throws IOException {
    if (server != null) {
      server.close();
      Oracle.named("mountpoint").run("-q", mount).exits(1, 32);
    }
  }

  @Test
  void contentIsWhatItIs() throws IOException {
    byte[] content = new byte[(5 << 20) + 77];
    new Random(3).nextBytes(content);
    members.put("big", new Content(content, false));
    Path same = Files.write(work.resolve("same"), content);
    Oracle.named("cmp").run(same, mount.resolve("big")).succeeds();
    Oracle.named("stat")
        .run("-c", "%s %a %h %U %F %y", mount.resolve("big"))
        .succeeds()
        .says("5242957 644 1 root regular file 2026-11-20 ")
        .says(":11:12.123456789");
    Oracle.named("dd")
        .run("if=" + mount.resolve("big"), "of=" + work.resolve("part"), "bs=1000", "skip=5000")
        .succeeds();
    assertThat(work.resolve("part")).hasSize(content.length - 5_000_000L);
  }

  @Test
  void directoriesOfAnySizeAreListedWhole() throws IOException {
    SequencedMap<String, FuseNode> many = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      many.put("file-" + "x".repeat(i % 200) + i, new Content(new byte[i % 7], false));
    }
    members.put("many", new Directory(many));
    Oracle.Run find = Oracle.named("find").run(mount.resolve("many"), "-type", "f").succeeds();
    assertThat(find.out().lines()).hasSize(MANY).doesNotHaveDuplicates();
  }

  @Test
  void namesThatAreNoneAreNotThere() throws IOException {
    Path outside = Files.writeString(work.resolve("outside"), "untouched");
    for (String name : List.of("..", ".", "", "../outside", "a/b", "a\0b", "n".repeat(256))) {
      members.put(name, new Content("evil".getBytes(StandardCharsets.UTF_8), false));
    }
    members.put("good", new Content("good".getBytes(StandardCharsets.UTF_8), false));
    members.put("new\nline \u0001\u00ff", new Content(new byte[3], false));
    Oracle.Run list = Oracle.named("ls").run("-A", "--quoting-style=c", mount).succeeds();
    assertThat(list.out().lines())
        .containsExactlyInAnyOrder("\"good\"", "\"new\\nline \\001\\377\"");
    assertThat(outside).hasContent("untouched");
  }

  @Test
  void linksAndAttributesShowWhatTheyHold() throws IOException {
    members.put("link", new Link("../../etc/passwd"));
    members.put("file", new Content(new byte[1], false));
    assertThat(Files.readSymbolicLink(mount.resolve("link"))).hasToString("../../etc/passwd");
    Oracle.find("getfattr")
        .ifPresent(
            getfattr -> getfattr.run("-d", mount.resolve("file")).says("user.note=\"hello\""));
  }

  @Test
  void failuresAreTheReadersAndNothingIsWritten() throws IOException {
    members.put("torn", new Content(new byte[100], true));
    Oracle.named("cat").run(mount.resolve("torn")).exits(1).says("Input/output error");
    Oracle.named("touch").run(mount.resolve("new")).exits(1).says("Read-only file system");
    assertThatThrownBy(() -> Files.delete(mount.resolve("torn"))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Files.size(mount.resolve("nothing")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void anybodyMayUnmount() throws Exception {
    assertThat(server.awaitUnmount(10)).isFalse();
    Oracle.named("umount").run(mount).succeeds();
    assertThat(server.awaitUnmount(10_000)).isTrue();
  }

  private record Directory(SequencedMap<String, FuseNode> members) implements FuseNode {
    @Override
    public Status status() {
      return new Status(9, Kind.DIRECTORY, 0755, 0, 0, 2, 0, 0, TIME);
    }

    @Override
    public Optional<FuseNode> child(String name) {
      return Optional.ofNullable(members.get(name));
    }

    @Override
    public List<Entry> entries() throws IOException {
      List<Entry> entries = new ArrayList<>();
      for (Map.Entry<String, FuseNode> member : members.entrySet()) {
        entries.add(
            new Entry(member.getKey(), 10 + entries.size(), member.getValue().status().kind()));
      }
      return entries;
    }
  }

  /// @param torn it cannot be read
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(byte[] bytes, boolean torn) implements FuseNode {
    @Override
    public Status status() {
      return new Status(7, Kind.FILE, 0644, bytes.length, bytes.length, 1, 0, 0, TIME);
    }

    @Override
    public int read(long offset, MemorySegment dst) throws IOException {
      if (torn) {
        throw new IOException("torn");
      }
      int count = Math.toIntExact(Math.min(dst.byteSize(), Math.max(0, bytes.length - offset)));
      MemorySegment.copy(
          MemorySegment.ofArray(bytes), Math.min(offset, bytes.length), dst, 0, count);
      return count;
    }

    @Override
    public SequencedMap<String, byte[]> extendedAttributes() {
      SequencedMap<String, byte[]> attributes = new LinkedHashMap<>();
      attributes.put("user.note", "hello".getBytes(StandardCharsets.UTF_8));
      return attributes;
    }
  }

  private record Link(String target) implements FuseNode {
    @Override
    public Status status() {
      return new Status(8, Kind.LINK, 0777, target.length(), 0, 1, 0, 0, TIME);
    }

    @Override
    public String link() {
      return target;
    }
  }
}
