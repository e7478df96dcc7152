package io.calco.fs.ntfs;

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

/// Random operations against a model in memory; ntfs-3g and its tools judge the end.
class ModelTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096", "-c 512", "-c 1024", "-c 65536"})
  void behavesAsItsModel(String options) {
    Seeds.run(
        1,
        random -> {
          NtfsImage image =
              NtfsImage.make(directory, options.endsWith("65536") ? 40 : 8, options.split(" "));
          TreeModel model = new TreeModel(80, _ -> 700);
          for (int round = 0; round < 3; round++) {
            try (Disk disk = FileDisk.writable(image.path());
                FileSystem fs = new NtfsFileSystemType().openWritable(disk)) {
              for (int i = 0; i < 250; i++) {
                model.step(fs, random);
              }
              model.compare(fs);
            }
            image.check();
            image.compare();
          }
          image.read(fs -> model.compare(fs));
        });
  }
}
