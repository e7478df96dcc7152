package io.calco.guest.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.guest.GuestTree;
import io.calco.guest.MemoryFileSystem;
import io.calco.guest.generalise.GeneralisationPlan;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.generalise.OperationSelection;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FsUuidsTest {
  private static final String ROOT = "0a1b2c3d-aaaa-4bbb-8ccc-123456789abc";
  private static final String HOME = "1a1b2c3d-aaaa-4bbb-8ccc-123456789abc";

  private final MemoryFileSystem root =
      new MemoryFileSystem(ROOT)
          .file("/etc/os-release", "ID=debian\n")
          .dir("/home")
          .file(
              "/etc/fstab",
              "UUID=%s / ext4 defaults 0 1\nUUID=\"%s\" /home ext4 defaults 0 2\n"
                  .formatted(ROOT, HOME.toUpperCase(java.util.Locale.ROOT)))
          .file("/boot/grub/grub.cfg", "linux /vmlinuz root=UUID=" + ROOT + " ro\n")
          .file("/boot/loader/entries/1.conf", "options root=UUID=" + ROOT + "-not\n");
  private final MemoryFileSystem home = new MemoryFileSystem(HOME);

  private GeneralisationPlan run() throws IOException {
    GuestTree tree = GuestTree.assemble(List.of(root.volume(1), home.volume(2))).orElseThrow();
    GeneralisationPlan plan =
        Generaliser.plan(
            tree, GeneraliseOptions.defaults().with(OperationSelection.parse("fs-uuids")));
    plan.apply(tree, JobContext.SILENT);
    return plan;
  }

  @Test
  void everyFileThatNamesAnOldOneNamesTheNew() throws IOException {
    run();
    String newRoot = root.facts().uuid().orElseThrow();
    String newHome = home.facts().uuid().orElseThrow();
    assertThat(newRoot).isNotEqualTo(ROOT);
    assertThat(newHome).isNotEqualTo(HOME).isNotEqualTo(newRoot);
    assertThat(root.text("/etc/fstab"))
        .contains(
            "UUID=%s / ext4 defaults 0 1\nUUID=\"%s\" /home ext4 defaults 0 2\n"
                .formatted(newRoot, newHome));
    assertThat(root.text("/boot/grub/grub.cfg")).contains("root=UUID=" + newRoot + " ro");
    assertThat(root.text("/boot/loader/entries/1.conf")).contains(ROOT + "-not");
  }

  @Test
  void whatAnInitialRamFileSystemNamesStays() throws IOException {
    root.file("/boot/initramfs-6.1.img", "wait_for_dev /dev/disk/by-uuid/" + ROOT);
    GeneralisationPlan plan = run();
    assertThat(root.facts().uuid()).contains(ROOT);
    assertThat(home.facts().uuid()).isNotEqualTo(java.util.Optional.of(HOME));
    assertThat(plan.operations().getFirst().notes())
        .anySatisfy(note -> assertThat(note).contains("/boot/initramfs-6.1.img", ROOT));
  }

  @Test
  void whatIsBuiltIntoTheBootLoaderStays() throws IOException {
    root.file("/boot/grub/i386-pc/load.cfg", "search.fs_uuid " + ROOT + " root\n");
    run();
    assertThat(root.facts().uuid()).contains(ROOT);
  }
}
