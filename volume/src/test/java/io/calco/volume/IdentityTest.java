package io.calco.volume;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables that get new identities, looked at by sfdisk and sgdisk.
class IdentityTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "dos"})
  void onlyIdentitiesChange(String label) throws IOException {
    Path disk = TableTools.resize(dir.resolve("disk.raw"), 40 * MIB);
    TableTools.sfdisk(disk, "label: " + label + "\n,8M,,*\n,10M\n");
    String before = dump(disk);
    PartitionTable renewed;
    try (Image image = TableTools.open(disk, ImageOptions.Access.WRITE)) {
      renewed = PartitionTable.find(image.disk()).orElseThrow().renewIdentity(image.disk());
    }
    String after = dump(disk);
    assertThat(plain(after)).isEqualTo(plain(before));
    assertThat(after).isNotEqualTo(before);
    for (Partition partition : renewed.partitions()) {
      String uuid = partition.uuid().orElseThrow();
      assertThat(before.toLowerCase(java.util.Locale.ROOT)).doesNotContain(uuid);
      if (label.equals("gpt")) {
        assertThat(after.toLowerCase(java.util.Locale.ROOT)).contains("uuid=" + uuid);
      }
    }
    assertThat(after.toLowerCase(java.util.Locale.ROOT)).contains(renewed.uuid().orElseThrow());
    if (label.equals("gpt")) {
      Oracle.named("sgdisk").run("-v", disk).succeeds().says("No problems found");
    }
  }

  private static String dump(Path disk) {
    return Oracle.named("sfdisk").run("-d", disk).succeeds().out();
  }

  private static String plain(String dump) {
    return dump.replaceAll("label-id: .*", "").replaceAll(", uuid=[0-9A-F-]+", "");
  }
}
