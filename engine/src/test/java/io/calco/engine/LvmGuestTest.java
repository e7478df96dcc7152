package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Clone;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.UniqueFact;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import io.calco.volume.Partition;
import io.calco.volume.lvm.VolumeGroup;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Debian whose root lies on a logical volume, judged by lvm and e2fsck.
class LvmGuestTest {
  private static final long LARGER = 6L << 30;
  private static final long FIRST_EXTENT = 1 << 20;

  @TempDir Path directory;

  @Test
  void becomesATemplateAndALargerClone() throws Exception {
    Path original = Shared.guest("--fs", "lvm-ext4");
    try (TestHome home = new TestHome(directory)) {
      lives(home, original);
    }
  }

  private static void lives(TestHome home, Path original) throws Exception {
    home.calco
        .templates()
        .create(
            "debian",
            home.request(original, TemplateRequest.Placement.POOL_COPY),
            JobContext.SILENT);
    home.calco
        .clones()
        .create(
            TestHome.withSize(TestHome.clones("debian", Clone.Kind.FULL, "web1"), LARGER),
            JobContext.SILENT);
    Path clone = home.pool().resolve("web1.raw");

    GuestFacts before = Inspection.of(original, GuestOptions.of(raw())).guest();
    GuestFacts after = Inspection.of(clone, GuestOptions.of(raw())).guest();
    assertThat(after.volumes())
        .anyMatch(volume ->
            volume.device().filter("/dev/vg0/root"::equals).isPresent()
                && volume.mountPoint().filter("/"::equals).isPresent()
                && volume.size() > LARGER - (100L << 20));
    assertThat(lvmUuids(after)).hasSize(2).doesNotContainAnyElementsOf(lvmUuids(before));
    check(clone);
  }

  private static List<String> lvmUuids(GuestFacts facts) {
    return facts.uniques().stream()
        .filter(unique -> unique.kind().equals("lvm-uuid"))
        .map(UniqueFact::value)
        .map(value -> value.orElseThrow())
        .toList();
  }

  private static ImageOptions raw() {
    return ImageOptions.reading().withFormat("raw");
  }

  private static void check(Path disk) throws Exception {
    Partition partition;
    long size;
    try (Image image = Image.open(disk, raw());
        GuestDisk guest = GuestDisk.openReadOnly(image.disk())) {
      partition = guest.table().orElseThrow().last().orElseThrow();
      VolumeGroup group = guest.volumeGroups().getFirst();
      size = group.find("root").orElseThrow().size();
    }
    String loop =
        Oracle.named("losetup")
            .run(
                "--find",
                "--show",
                "--read-only",
                "--offset",
                partition.start(),
                "--sizelimit",
                partition.length(),
                disk)
            .succeeds()
            .out()
            .strip();
    try {
      String config =
          "devices{use_devicesfile=0 filter=[\"a|^%s$|\",\"r|.*|\"]} activation{udev_sync=0 udev_rules=0}"
              .formatted(loop);
      for (String check : List.of("vgs", "pvs", "lvs")) {
        Oracle.named("lvm")
            .run(check, "--driverloaded", "n", "--readonly", "--config", config)
            .succeeds();
      }
      Oracle.named("lvm")
          .run(
              "lvs",
              "--driverloaded",
              "n",
              "--readonly",
              "--config",
              config,
              "--noheadings",
              "--nosuffix",
              "--units",
              "b",
              "-o",
              "lv_size")
          .succeeds()
          .says(Long.toString(size));
    } finally {
      Oracle.named("losetup").run("--detach", loop).succeeds();
    }
    Oracle.named("e2fsck")
        .run("-fn", disk + "?offset=" + (partition.start() + FIRST_EXTENT))
        .succeeds();
  }
}
