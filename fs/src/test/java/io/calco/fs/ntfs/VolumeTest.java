package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Windows leaves in volumes, and what is refused.
class VolumeTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  @Test
  void tellsAndChangesItsIdentity() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8, "-L", "Volume Ä");
    image.read(fs -> {
      assertThat(fs.facts().label()).contains("Volume Ä");
      String serial = fs.facts().uuid().orElseThrow();
      Oracle.named("blkid").run("-p", image.path()).succeeds().says("UUID=\"" + serial + "\"");
    });
    UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    image.write(fs -> {
      fs.setUuid(uuid);
      assertThat(fs.facts().uuid()).contains("8899AABBCCDDEEFF");
    });
    Oracle.named("blkid").run("-p", image.path()).succeeds().says("UUID=\"8899AABBCCDDEEFF\"");
    image.check();
  }

  @Test
  void readsWhatIsInManyRecords() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 40, "-c", "512");
    image.shell(
        """
        head -c 20000 /dev/urandom > linked
        for i in $(seq 60); do ln linked "another quite long name of the same file $i"; done
        for i in $(seq 1 3000); do head -c 512 /dev/zero > f$i; done
        """);
    image.shell("for i in $(seq 1 2 3000); do rm f$i; done; head -c 600000 /dev/urandom > pieces");
    image.shell("df . >&2; head -c 25000000 /dev/urandom > large; rm f*; echo x > last");
    image.compare();
    image.write(fs -> {
      fs.delete("/pieces");
      fs.write("/large", new byte[100_000], ATTRIBUTES);
    });
    image.check();
    image.compare();
  }

  @Test
  void refusesAVolumeInUse() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    Oracle.named("ntfsfix").run(image.path()).succeeds(); // leaves the volume dirty for chkdsk
    image.read(fs -> assertThat(fs.facts().clean()).isFalse());
    assertThatThrownBy(() -> image.write(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("chkdsk");
    Oracle.named("ntfsfix").run("-d", image.path()).succeeds();
    image.write(fs ->
        fs.write("/hiberfil.sys", "hibr and more".getBytes(StandardCharsets.UTF_8), ATTRIBUTES));
    assertThatThrownBy(() -> image.write(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("hibernated");
  }

  @Test
  void keepsShortNamesAndLinksTogether() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    image.shell(
        """
        mkdir dir; echo one > dir/LongFileName.txt
        setfattr -n system.ntfs_dos_name -v LONGFI~1.TXT dir/LongFileName.txt
        echo two > dir/OtherLongName.txt
        setfattr -n system.ntfs_dos_name -v OTHERL~1.TXT dir/OtherLongName.txt
        ln dir/OtherLongName.txt link
        """);
    image.read(fs -> {
      assertThat(fs.list("/dir")).hasSize(2);
      assertThat(fs.find("/dir/LONGFI~1.TXT").map(FileStatus::inode))
          .isEqualTo(fs.find("/DIR/longfilename.TXT").map(FileStatus::inode));
    });
    image.write(fs -> {
      fs.write("/dir/LongFileName.txt", new byte[5000], ATTRIBUTES);
      fs.delete("/dir/longfilename.txt");
      fs.delete("/DIR/OTHERL~1.TXT");
      assertThat(fs.list("/dir")).isEmpty();
      assertThat(fs.find("/link").orElseThrow().links()).isEqualTo(1);
      fs.delete("/dir");
    });
    image.check();
    image.compare();
  }

  @Test
  void followsWindowsLinksByTheirText() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    image.write(fs -> {
      fs.createDirectory("/Users", ATTRIBUTES);
      fs.write("/Users/file", new byte[] {1}, ATTRIBUTES);
      fs.createLink("/relative", "Users/file", ATTRIBUTES);
      fs.createLink("/absolute", "C:/Users", ATTRIBUTES);
      assertThat(fs.readLink("/absolute")).isEqualTo("C:/Users");
      assertThat(fs.find("/relative").map(FileStatus::type)).contains(FileType.SYMBOLIC_LINK);
    });
    image.check();
    image.write(fs -> fs.delete("/absolute")); // ntfs-3g tells its target by where it is mounted
    image.compare();
    image.shell("grep -q . relative && rm relative && test -e Users/file");
    image.check();
  }

  @Test
  void refusesWhatItCannotRead() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    image.shell(
        """
        echo x > packed
        setfattr -n user.WofCompressedData -v abc packed
        setfattr -n system.ntfs_reparse_data \\
          -v 0x170000801000000001000000020000000100000000000000 packed
        """);
    image.read(fs -> {
      assertThat(fs.extendedAttributes("/packed")).containsKey("system.ntfs_reparse_data");
      assertThatThrownBy(() -> fs.read("/packed", 0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("compact");
    });
    image.write(fs -> {
      fs.write("/packed", new byte[] {5, 6}, ATTRIBUTES);
      byte[] read = new byte[2];
      fs.read("/packed", 0, MemorySegment.ofArray(read));
      assertThat(read).containsExactly(5, 6);
      assertThat(fs.extendedAttributes("/packed")).doesNotContainKey("user.WofCompressedData");
      assertThatThrownBy(() -> fs.write("/a:b", new byte[0], ATTRIBUTES))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("Windows");
      assertThatThrownBy(() -> fs.delete("/$Extend/$Reparse"))
          .isInstanceOf(FileSystemException.class);
      fs.setExtendedAttribute("/packed", "user.mark", Optional.of(new byte[] {1}));
    });
    image.check();
    image.compare();
  }

  @Test
  void trimWipesWhatWasDeleted() throws IOException {
    NtfsImage image = NtfsImage.make(directory, 8);
    image.write(fs -> {
      fs.write(
          "/secret",
          "the secret content".repeat(1000).getBytes(StandardCharsets.UTF_8),
          ATTRIBUTES);
      fs.write("/small", "the secret content".getBytes(StandardCharsets.UTF_8), ATTRIBUTES);
      fs.sync();
      fs.delete("/secret");
      fs.delete("/small");
      assertThat(fs.trim()).isPositive();
    });
    image.check();
    assertThat(Oracle.named("grep").run("-c", "secret", image.path()).exit()).isEqualTo(1);
  }
}
