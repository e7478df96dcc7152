package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Marks of what cannot be opened are those that blkid goes by.
class DiskSignatureTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  private Path path;

  @BeforeEach
  void blank() throws Exception {
    path = directory.resolve("disk.img");
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(64 << 20);
    }
  }

  private void compare(String name) throws Exception {
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", path).succeeds().out();
    assertThat(blkid).contains(" TYPE=\"" + name + "\"");
    try (Disk disk = FileDisk.readOnly(path)) {
      assertThat(DiskSignature.probe(disk)).contains(name);
    }
  }

  @Test
  void f2fs() throws Exception {
    Oracle.named("mkfs.f2fs").run("-q", path).succeeds();
    compare("f2fs");
  }

  @Test
  void refs() throws Exception {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(3);
      file.write("ReFS".getBytes(StandardCharsets.US_ASCII));
    }
    compare("ReFS");
  }
}
