package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Guests whose root is a subvolume, as distributions arrange them.
class SubvolumesTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  /// Something to do with the guest's files.
  @FunctionalInterface
  private interface Work {
    void on(GuestTree tree) throws IOException;
  }

  /// @param script in the top level; `$UUID` is the file system's
  private void guest(String script, Work work) throws IOException {
    Path path = directory.resolve("disk.img");
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(120 << 20);
    }
    String uuid = "c0ffee00-0000-4000-8000-000000000001";
    Oracle.named("mkfs.btrfs").run("-q", "-f", "-U", uuid, path).succeeds();
    try (Mounted mounted = Mounted.of(path, "btrfs", "rw")) {
      mounted.shell("UUID=" + uuid + "\nsub() { btrfs -q subvolume create \"$1\"; }\n" + script);
    }
    try (Disk disk = FileDisk.readOnly(path);
        GuestDisk guest = GuestDisk.openReadOnly(disk)) {
      work.on(guest.requireTree());
    }
  }

  @Test
  void ubuntusRootIsAt() throws IOException {
    guest(
        """
        sub timeshift; sub @; sub @home; sub @log; mkdir -p @/etc @/home @/var/log @/usr/bin @/mnt/all
        echo ID=ubuntu > @/etc/os-release; echo ana > @home/file; echo log > @log/syslog
        btrfs -q subvolume snapshot @ timeshift/old; echo ID=old > timeshift/old/etc/os-release
        cat > @/etc/fstab <<F
        UUID=$UUID / btrfs defaults,subvol=@ 0 1
        UUID=$UUID /home btrfs defaults,subvol=@home 0 2
        UUID=$UUID /var/log btrfs subvolid=$(btrfs inspect-internal rootid @log) 0 2
        UUID=$UUID /mnt/all btrfs noatime,subvol=/ 0 2
        UUID=$UUID /srv btrfs subvol=@gone 0 2
        F
        """,
        tree -> {
          assertThat(tree.readText("/etc/os-release")).contains("ID=ubuntu\n");
          assertThat(tree.mounts().keySet()).containsExactly("/", "/home", "/mnt/all", "/var/log");
          assertThat(tree.readText("/home/file")).contains("ana\n");
          assertThat(tree.readText("/var/log/syslog")).contains("log\n");
          assertThat(tree.readText("/mnt/all/@home/file")).contains("ana\n");
          assertThat(tree.unmounted())
              .singleElement()
              .satisfies(left -> assertThat(left.reason()).contains("subvolume"));
          List<String> walked = new ArrayList<>();
          tree.walk("/", (path, _) -> walked.add(path));
          assertThat(walked)
              .doesNotHaveDuplicates()
              .contains("/mnt/all/timeshift/old/etc/os-release");
        });
  }

  @Test
  void fedorasRootIsRoot() throws IOException {
    guest(
        """
        sub home; sub root; mkdir -p root/etc root/home; echo ID=fedora > root/etc/os-release
        echo "UUID=$UUID /home btrfs subvol=home,compress=zstd:1 0 0" > root/etc/fstab; echo x > home/x
        """,
        tree -> {
          assertThat(tree.readText("/etc/os-release")).contains("ID=fedora\n");
          assertThat(tree.readText("/home/x")).contains("x\n");
        });
  }

  @Test
  void susesRootIsTheDefaultSubvolume() throws IOException {
    guest(
        """
        sub @; sub @/var; mkdir -p @/.snapshots/1; sub @/.snapshots/1/snapshot; cd @/.snapshots/1/snapshot
        mkdir -p etc var; echo ID=sles > etc/os-release; echo "UUID=$UUID /var btrfs subvol=/@/var 0 0" > etc/fstab
        btrfs subvolume set-default .; echo v > ../../../var/file
        mkdir ../../../etc; echo ID=wrong > ../../../etc/os-release
        """,
        tree -> {
          assertThat(tree.readText("/etc/os-release")).contains("ID=sles\n");
          assertThat(tree.readText("/var/file")).contains("v\n");
        });
  }

  @Test
  void aRootOfAnotherNameIsFound() throws IOException {
    guest(
        """
        sub data; sub systems; sub systems/mine; mkdir -p systems/mine/etc
        echo ID=arch > systems/mine/etc/os-release
        btrfs -q subvolume snapshot -r systems/mine data/kept
        """,
        tree -> assertThat(tree.readText("/etc/os-release")).contains("ID=arch\n"));
  }
}
