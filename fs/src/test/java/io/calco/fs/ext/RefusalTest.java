package io.calco.fs.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is not handled is refused by name, and the image is left as it was.
class RefusalTest {
  private static final FileAttributes ATTRIBUTES = FileAttributes.root(0644, Instant.EPOCH);

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @CsvSource({
    "bigalloc,bigalloc",
    "ea_inode,ea_inode",
    "large_dir,large_dir",
    "casefold,casefold",
    "quota,quota",
    "'quota,project',project",
    "mmp,mmp"
  })
  void readsButDoesNotWrite(String feature, String name) throws IOException {
    ExtImage image = ExtImage.make(directory, 16, "-t", "ext4", "-O", feature);
    byte[] before = Files.readAllBytes(image.path());
    image.read(fs -> assertThat(fs.list("/")).hasSize(1));
    assertThatThrownBy(() -> image.write(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("cannot be written")
        .hasMessageContaining(name);
    assertThat(Files.readAllBytes(image.path())).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "0x60,0x00010000,encrypt",
    "0x60,0x01000000,unknown incompat bit 0x1000000",
    "0x60,0x00000008,journal_dev",
    "0x60,0x00000001,compression"
  })
  void readsNotWhatItDoesNotKnow(String field, String bit, String name) throws IOException {
    ExtImage image = withBit(Integer.decode(field), Integer.decode(bit));
    assertThatThrownBy(() -> image.read(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining(name);
  }

  @Test
  void writesNotWhatItDoesNotKnow() throws IOException {
    ExtImage image = withBit(0x64, 0x02000000);
    image.read(fs -> assertThat(fs.list("/")).hasSize(1));
    assertThatThrownBy(() -> image.write(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("unknown ro_compat bit 0x2000000");
  }

  private ExtImage withBit(int field, int bit) throws IOException {
    ExtImage image = ExtImage.make(directory, 8, "-t", "ext4", "-O", "^metadata_csum");
    try (var file = new RandomAccessFile(image.path().toFile(), "rw")) {
      file.seek(1024 + field);
      int value = Integer.reverseBytes(file.readInt());
      file.seek(1024 + field);
      file.writeInt(Integer.reverseBytes(value | bit));
    }
    return image;
  }

  @Test
  void doesNotWriteWhatIsNotClean() throws IOException {
    ExtImage image = ExtImage.make(directory, 8, "-t", "ext2");
    Oracle.named("debugfs").run("-w", "-R", "set_super_value state 0", image.path()).succeeds();
    image.read(fs -> assertThat(fs.facts().clean()).isFalse());
    assertThatThrownBy(() -> image.write(fs -> {}))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("not cleanly unmounted");
  }

  @Test
  void namesTheInodeAndThePlaceOfAWrongChecksum() throws IOException {
    ExtImage image = ExtImage.make(directory, 8, "-t", "ext4");
    image.write(fs -> fs.write("/file", new byte[10], ATTRIBUTES));
    String said = image.debugfs("imap /file");
    Oracle.named("debugfs")
        .run("-w", "-R", "set_inode_field /file checksum 0x1234", image.path())
        .succeeds();
    assertThatThrownBy(() -> image.read(fs -> fs.find("/file")))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("inode 12")
        .hasMessageContaining("checksum");
    assertThat(said).contains("Inode 12");
  }
}
