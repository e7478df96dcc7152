package io.calco.backup.clonezilla;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A disk that other programs made, saved and restored by the commands that Clonezilla's scripts
/// run.
///
/// @param dir where its files lie: `disk.img`, and `p1`, `p2` … with what is in its partitions
/// @param parts in the order of their numbers
record SampleMachine(Path dir, List<Part> parts) {

  /// partclone sleeps for two seconds whatever it has to do: all of them side by side.
  private static final String WAIT = "for j in $J; do wait $j; done\n";

  /// A partition.
  ///
  /// @param number Linux's
  /// @param program partclone's for it, `dd`, or `swap`
  record Part(int number, String program) {}

  /// A shell's words, with the tools that they need.
  static Oracle.Run shell(Path dir, String script) {
    return Oracle.named("bash")
        .run("-c", "set -eo pipefail; cd '" + dir + "'\n" + script)
        .succeeds();
  }

  private static void need(String... tools) {
    for (String tool : tools) {
      Oracle.named(tool);
    }
  }

  /// A GPT with the usual partitions.
  static SampleMachine gpt(Path dir) throws IOException {
    need("sfdisk", "sgdisk", "parted", "mkfs.vfat", "mkfs.ext4", "mkswap", "mkfs.ntfs");
    need("partclone.ext4", "zstd");
    tree(dir.resolve("tree"));
    shell(
        dir,
        """
        truncate -s 120M disk.img
        printf 'label: gpt\\nsize=20M, type=U, name="EFI, \\\\x22system"\\nsize=40M, type=L\\nsize=10M, type=S\\nsize=1M, type=21686148-6449-6E6F-744E-656564454649\\nsize=30M, type=L, attrs="LegacyBIOSBootable GUID:60,63"\\n' | sfdisk -q disk.img
        truncate -s 20M p1; mkfs.vfat -n ESP p1 >&2
        truncate -s 40M p2; mkfs.ext4 -q -d tree -L root p2
        truncate -s 10M p3; mkswap -q -L swp -U 11111111-2222-3333-4444-555555555555 p3
        truncate -s 1M p4; head -c 700000 /dev/urandom | dd of=p4 conv=notrunc status=none
        truncate -s 30M p5; mkfs.ntfs -q -F -L data p5 2>&1
        """);
    SampleMachine machine =
        new SampleMachine(
            dir,
            List.of(
                new Part(1, "vfat"),
                new Part(2, "ext4"),
                new Part(3, "swap"),
                new Part(4, "dd"),
                new Part(5, "ntfs")));
    machine.fill();
    return machine;
  }

  /// An MBR with logical partitions; all that is in it is saved byte for byte.
  static SampleMachine mbr(Path dir) throws IOException {
    need("sfdisk", "parted", "mkfs.ext4", "mkswap", "partclone.dd", "zstd");
    tree(dir.resolve("tree"));
    shell(
        dir,
        """
        truncate -s 60M disk.img
        printf 'label: dos\\nlabel-id: 0xcafe1234\\nd1: size=12M, type=83, bootable\\nd2: size=40M, type=5\\nd5: size=5M, type=83\\nd6: size=6M, type=82\\nd7: size=7M, type=7\\nd8: size=4M, type=83\\n' | sfdisk -q disk.img
        head -c 440 /dev/urandom | dd of=disk.img conv=notrunc status=none
        head -c 60000 /dev/urandom | dd of=disk.img bs=512 seek=1 conv=notrunc status=none
        truncate -s 12M p1; mkfs.ext4 -q -d tree p1
        truncate -s 5M p5; mkfs.ext2 -q p5
        truncate -s 6M p6; mkswap -q -U 22222222-2222-3333-4444-555555555555 p6
        head -c 7M /dev/urandom > p7
        truncate -s 4M p8; mkfs.ext4 -q p8
        """);
    SampleMachine machine =
        new SampleMachine(
            dir,
            List.of(
                new Part(1, "dd"),
                new Part(5, "dd"),
                new Part(6, "swap"),
                new Part(7, "dd"),
                new Part(8, "dd")));
    machine.fill();
    return machine;
  }

  private static void tree(Path tree) throws IOException {
    Files.createDirectories(tree.resolve("etc/deep/er"));
    Files.writeString(tree.resolve("etc/hostname"), "sample\n");
    byte[] noise = new byte[3_000_000];
    new java.util.Random(7).nextBytes(noise);
    Files.write(tree.resolve("etc/deep/er/noise"), noise);
  }

  Path disk() {
    return dir.resolve("disk.img");
  }

  /// Puts the partitions at their places.
  private void fill() {
    for (Part part : parts) {
      shell(
          dir,
          "dd if=p%1$d of=disk.img conv=notrunc,sparse bs=1M oflag=seek_bytes seek=$((512 * $(sfdisk -d disk.img | sed -n 's/^disk.img%1$d *: start= *\\([0-9]*\\).*/\\1/p'))) status=none"
              .formatted(part.number()));
    }
  }

  private static String packer(String ending) {
    return switch (ending) {
      case "gz" -> "gzip -c";
      case "zst" -> "zstd -q -c";
      case "xz" -> "xz -0 -c";
      case "bz2" -> "bzip2 -c";
      case "lz4" -> "lz4 -q -c";
      case "lzo" -> "lzop -c";
      default -> "cat";
    };
  }

  /// Saves the disk as `ocs-sr savedisk` does, by its commands.
  ///
  /// @param image the new directory
  /// @param ending how it is packed: `gz`, `uncomp` …
  /// @param megabytes where it is cut; 0 for nowhere
  void save(Path image, String ending, int megabytes) throws IOException {
    Files.createDirectory(image);
    boolean gpt = Files.readString(image.getParent().resolve("disk.label")).strip().equals("gpt");
    List<String> data = new ArrayList<>();
    StringBuilder script = new StringBuilder("D=" + dir + "\n");
    script.append(
        """
        sfdisk -d $D/disk.img | sed "s|$D/disk.img|/dev/sda|g" > sda-pt.sf
        parted -s $D/disk.img unit s print | sed "s|$D/disk.img|/dev/sda|g" > sda-pt.parted
        dd if=$D/disk.img of=sda-mbr bs=512 count=1 status=none
        """);
    if (gpt) {
      script.append(
          """
          dd if=$D/disk.img of=sda-gpt-1st bs=512 count=34 status=none
          S=$(sed -n 's|^Disk /dev/sda: \\([0-9]*\\)s|\\1|p' sda-pt.parted)
          dd if=$D/disk.img of=sda-gpt-2nd skip=$((S - 33 + 1)) bs=512 count=33 status=none
          sgdisk -b sda-gpt.gdisk $D/disk.img > /dev/null
          """);
    } else {
      script.append(
          """
          F=$(sed -n 's/.*start= *\\([0-9]*\\).*/\\1/p' sda-pt.sf | sort -n | head -1)
          dd if=$D/disk.img of=sda-hidden-data-after-mbr skip=1 bs=512 count=$((F - 1)) status=none
          E=$(sed -n 's|^/dev/sda2 *: start= *\\([0-9]*\\).*|\\1|p' sda-pt.sf)
          dd if=$D/disk.img of=sda2-ebr skip=$E bs=512 count=1 status=none
          """);
    }
    for (Part part : parts) {
      if (part.program().equals("swap")) {
        script.append(
            """
            blkid -o export -c /dev/null $D/p%1$d > swap.info
            echo "UUID=\\"$(sed -n 's/^UUID=//p' swap.info)\\"" > swappt-sda%1$d.info
            echo "LABEL=\\"$(sed -n 's/^LABEL=//p' swap.info)\\"" >> swappt-sda%1$d.info
            rm swap.info
            """
                .formatted(part.number()));
      } else {
        data.add("sda" + part.number());
        String save =
            part.program().equals("dd")
                ? "partclone.dd -z 10485760 --buffer_size 1048576"
                : "partclone.%s -z 10485760 -c".formatted(part.program());
        String stem = "sda%d.%s-ptcl-img.%s".formatted(part.number(), part.program(), ending);
        script.append(
            "(%s -L /dev/null -s $D/p%d --output - 2>/dev/null | %s | %s) & J=\"$J $!\"\n"
                .formatted(
                    save,
                    part.number(),
                    packer(ending),
                    megabytes == 0
                        ? "cat > " + stem
                        : "split -a 2 -b %dMB - %s.".formatted(megabytes, stem)));
      }
    }
    script
        .append(WAIT)
        .append("echo sda > disk\necho ")
        .append(String.join(" ", data))
        .append(" > parts\n");
    script.append(
        "echo 'This image was saved by Clonezilla at 2026-11-21 21:56:30 UTC.' > clonezilla-img\n");
    script.append("echo '### Image created time: 2026-1121-2156' >> clonezilla-img\n");
    shell(image, script.toString());
  }

  /// Notes the kind of table, for [#save].
  SampleMachine labelled(String label) throws IOException {
    Files.writeString(dir.resolve("disk.label"), label);
    return this;
  }

  /// A copy of an uncompressed, uncut directory that is packed and cut otherwise.
  void repack(Path from, Path image, String ending, int megabytes) throws IOException {
    Files.createDirectory(image);
    StringBuilder script = new StringBuilder("cp " + from + "/* .\n");
    script.append("for f in *-ptcl-img.uncomp; do\n  T=${f%uncomp}").append(ending).append('\n');
    script.append("  mv $f plain\n  ").append(packer(ending)).append(" < plain | ");
    script.append(megabytes == 0 ? "cat > $T" : "split -a 2 -b " + megabytes + "MB - $T.");
    script.append("\n  rm plain\ndone\n");
    shell(image, script.toString());
  }

  /// Restores a directory to a blank file by Clonezilla's commands.
  ///
  /// @return the file
  Path restore(Path image) {
    StringBuilder script = new StringBuilder("D=" + image + "\nrm -f restored.img r[0-9]*\n");
    script.append(
        """
        truncate -s $(stat -c %s disk.img) restored.img
        dd if=$D/sda-mbr of=restored.img bs=446 count=1 conv=notrunc status=none
        grep -Ev '^last-lba:' $D/sda-pt.sf | sfdisk -q --force restored.img
        if [ -e $D/sda-hidden-data-after-mbr ]; then
          dd if=$D/sda-hidden-data-after-mbr of=restored.img bs=512 seek=1 conv=notrunc status=none
        fi
        """);
    for (Part part : parts) {
      script.append("truncate -s $(stat -c %%s p%1$d) r%1$d\n".formatted(part.number()));
      if (part.program().equals("swap")) {
        script.append(
            """
            . $D/swappt-sda%1$d.info
            mkswap -q ${LABEL:+-L $LABEL} -U $UUID r%1$d
            """
                .formatted(part.number()));
      } else {
        script.append(
            """
            F=$(ls $D/sda%1$d.*-ptcl-img.* | head -1)
            case $F in
              *.gz*) U='gzip -dc';; *.zst*) U='zstd -dc';; *.lz4*) U='lz4 -dc';; *) U=cat;;
            esac
            case $F in
              *.dd-ptcl-img*) cat $D/sda%1$d.*-ptcl-img.* | $U > r%1$d;;
              *) (cat $D/sda%1$d.*-ptcl-img.* | $U | partclone.restore -C -z 10485760 -L /dev/null -s - -O r%1$d 2>&1) & J="$J $!";;
            esac
            """
                .formatted(part.number()));
      }
    }
    script.append(WAIT);
    for (Part part : parts) {
      script.append(
          "dd if=r%1$d of=restored.img conv=notrunc,sparse bs=1M oflag=seek_bytes seek=$((512 * $(sfdisk -d restored.img | sed -n 's/^restored.img%1$d *: start= *\\([0-9]*\\).*/\\1/p'))) status=none\n"
              .formatted(part.number()));
    }
    shell(dir, script.toString());
    return dir.resolve("restored.img");
  }
}
