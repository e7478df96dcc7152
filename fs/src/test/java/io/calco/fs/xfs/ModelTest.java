package io.calco.fs.xfs;

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

/// Random operations against a model in memory; xfs_repair judges the end.
class ModelTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m crc=1",
        "-m reflink=0,finobt=0,inobtcount=0 -i sparse=0 -d agcount=1",
        "-b size=1024 -i nrext64=1",
        "-s size=4096 -i size=1024 -n size=8192 -m bigtime=0"
      })
  void behavesAsItsModel(String options) {
    Seeds.run(
        1,
        random -> {
          XfsImage image = XfsImage.make(directory, 36, options.split(" "));
          TreeModel model = new TreeModel(120, length -> length % 3 == 0 ? 40_000 : 400);
          for (int round = 0; round < 4; round++) {
            try (Disk disk = FileDisk.writable(image.path());
                FileSystem fs = new XfsFileSystemType().openWritable(disk)) {
              for (int i = 0; i < 250; i++) {
                model.step(fs, random);
              }
              model.compare(fs);
            }
            image.check();
          }
          image.read(fs -> model.compare(fs));
        });
  }
}
