package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.InMemory;
import io.calco.fs.TreeModel;
import io.calco.testkit.Seeds;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random operations against a model in memory; e2fsck judges the end.
class ModelTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 1024 -N 600",
        "-t ext4 -b 4096 -N 600",
        "-t ext4 -b 1024 -N 600 -O inline_data -I 256",
        "-t ext3 -b 1024 -N 600",
        "-t ext2 -b 2048 -N 600",
        "-t ext4 -b 1024 -g 1024 -N 600"
      })
  void behavesAsItsModel(String options) {
    Seeds.run(
        1,
        random -> {
          ExtImage image = ExtImage.make(directory, 6, options.split(" "));
          TreeModel model = new TreeModel(120, _ -> 700);
          for (int round = 0; round < 4; round++) {
            try (Disk disk = FileDisk.writable(image.path());
                FileSystem fs = new ExtFileSystemType().openWritable(disk)) {
              for (int i = 0; i < 250; i++) {
                model.step(fs, random);
              }
              model.compare(fs, "/lost+found");
            }
            image.check();
          }
          image.read(fs -> model.compare(fs, "/lost+found"));
        });
  }
}
