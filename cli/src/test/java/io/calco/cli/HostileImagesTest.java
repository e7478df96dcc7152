package io.calco.cli;

import static io.calco.cli.Command.calco;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Images that an import from outside must refuse, rule by rule: each is broken by an image made
/// here. `disk check --untrusted` names the reason; commands that trust the image no more than they
/// must refuse it too, or stay within its directory and their bounds.
///
/// Rule 8, of addresses to import from, has nothing to break yet: no command takes one. What images
/// name is held to it.
class HostileImagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SECRET = "a secret of the host";

  /// Of a VMDK whose bytes lie in another file.
  private static final String DESCRIPTOR =
      """
      # Disk DescriptorFile
      version=1
      CID=12345678
      parentCID=ffffffff
      createType="%s"
      RW 2 %s "%s" 0
      """;

  @TempDir private Path dir;

  /// Where a stranger's image lies.
  private Path inbox;

  private Path secret;

  @BeforeEach
  void makeSecret() throws IOException {
    inbox = Files.createDirectory(dir.resolve("inbox"));
    secret = dir.resolve("secret");
    Files.writeString(secret, SECRET + "\n".repeat(1024 - SECRET.length()));
  }

  // What is asked of each.

  /// The check names the reason.
  private static void named(Path image, String reason, Object... declared) {
    JsonNode verdict = verdict(2, image, declared);
    assertThat(verdict.get("safe").asBoolean()).isFalse();
    assertThat(verdict.get("risks").toString().replace("\\\"", "\"")).contains(reason);
  }

  private static void safe(Path image, Object... declared) {
    assertThat(verdict(0, image, declared).get("risks")).isEmpty();
  }

  private static JsonNode verdict(int exit, Path image, Object... declared) {
    List<Object> words = new ArrayList<>(List.of("disk", "check", "--untrusted", "--output"));
    words.add("json");
    words.addAll(List.of(declared));
    words.add(image);
    return JSON.readTree(calco(words.toArray()).exits(exit).out());
  }

  /// Reading it fails, with a reason, and nothing is made.
  private void refused(Path image, int exit) {
    Path copy = dir.resolve("copy");
    assertThat(calco("disk", "convert", "-O", "raw", image, copy).exits(exit).err()).isNotBlank();
    assertThat(copy).doesNotExist();
  }

  /// Reading it gives nothing of the host.
  private void givesNoSecret(Path image, Object... words) throws IOException {
    Path copy = dir.resolve("copy");
    List<Object> all = new ArrayList<>(List.of("disk", "convert", "-O", "raw"));
    all.addAll(List.of(words));
    all.addAll(List.of(image, copy));
    if (calco(all.toArray()).exit() == 0) {
      assertThat(Files.readString(copy, ISO_8859_1)).doesNotContain(SECRET);
      Files.delete(copy);
    }
  }

  // How they are made.

  private Path created(String format, String options, String size) throws IOException {
    Path image = inbox.resolve("image." + format);
    List<Object> words = new ArrayList<>(List.of("create", "-q", "-f", format));
    if (!options.isEmpty()) {
      words.addAll(List.of("-o", options));
    }
    words.addAll(List.of(image, size));
    Oracle.named("qemu-img").run(words.toArray()).succeeds();
    return image;
  }

  private static Path changed(Path image, Consumer<ByteBuffer> change) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    change.accept(ByteBuffer.wrap(bytes));
    return Files.write(image, bytes);
  }

  /// Replaces text by text that is as long, where it stands first.
  private static Path reworded(Path image, String from, String to) throws IOException {
    String text = Files.readString(image, ISO_8859_1);
    assertThat(text).contains(from);
    String padded = to + " ".repeat(from.length() - to.length());
    int at = text.indexOf(from);
    String after = text.substring(at + from.length());
    return Files.writeString(image, text.substring(0, at) + padded + after, ISO_8859_1);
  }

  private static void put(ByteBuffer bytes, int at, String text) {
    bytes.put(at, text.getBytes(ISO_8859_1));
  }

  private Path overlay(String backing) throws IOException {
    Path image = inbox.resolve("overlay.qcow2");
    Files.deleteIfExists(image);
    Oracle.named("qemu-img")
        .run("create", "-q", "-u", "-f", "qcow2", "-b", backing, "-F", "raw", image, "1M")
        .succeeds();
    return image;
  }

  // 1. qcow2

  @Test
  void rule1Qcow2WithABackingImage() throws IOException {
    for (String name : List.of(secret.toString(), "../secret", "file:" + secret)) {
      Path image = overlay(name);
      named(image, "rests on another image");
      refused(image, ExitCode.DENIED);
    }
    Path link = Files.createSymbolicLink(inbox.resolve("link"), secret);
    refused(overlay(link.getFileName().toString()), ExitCode.DENIED);
  }

  @Test
  void rule1Qcow2WithADataFile() throws IOException {
    Path place = inbox.resolve("data-file");
    Path image = created("qcow2", "data_file_raw=on,data_file=" + place, "1M");
    Files.delete(place);
    reworded(image, place.toString(), inbox.resolve("../secret").toString());
    named(image, "data file");
    refused(image, ExitCode.DENIED);
  }

  @Test
  void rule1Qcow2WithUnknownFeatures() throws IOException {
    Path image = changed(created("qcow2", "", "1M"), bytes -> bytes.put(74, (byte) 1));
    named(image, "unknown incompatible features");
    refused(image, ExitCode.UNSUPPORTED);
  }

  @Test
  void rule1Qcow2OfAnotherVersion() throws IOException {
    Path image = changed(created("qcow2", "", "1M"), bytes -> bytes.putInt(4, 4));
    named(image, "qcow2 version 4");
    refused(image, ExitCode.UNSUPPORTED);
  }

  @Test
  void rule1Qcow2WithExtendedL2IsSafe() throws IOException {
    safe(created("qcow2", "extended_l2=on", "1M"), "-f", "qcow2");
  }

  // 2. VMDK

  private Path vmdk() throws IOException {
    Path image = created("vmdk", "", "1M");
    safe(image);
    return image;
  }

  /// Ended by a footer, which QEMU does not write.
  private Path stream() throws IOException {
    Path image = inbox.resolve("stream.vmdk");
    calco("disk", "convert", "-O", "vmdk", "-o", "subformat=streamOptimized", secret, image)
        .exits(0);
    assertThat(ByteBuffer.wrap(Files.readAllBytes(image)).getLong(56)).isEqualTo(-1);
    safe(image);
    return image;
  }

  /// CVE-2022-47951.
  @Test
  void rule2VmdkInSeveralFiles() throws IOException {
    for (String type : List.of("monolithicFlat", "vmfs", "twoGbMaxExtentFlat", "custom")) {
      Path image = inbox.resolve("disk.vmdk");
      String extent = type.equals("vmfs") ? "VMFS" : "FLAT";
      Files.writeString(image, DESCRIPTOR.formatted(type, extent, secret));
      named(image, "secret");
      refused(image, ExitCode.DENIED);
    }
  }

  /// One that reaches for no file, but is none of the two that may come.
  @Test
  void rule2VmdkOfAnotherType() throws IOException {
    Path image = reworded(vmdk(), "monolithicSparse", "monolithicFlat\" ");
    named(image, "monolithicFlat");
    refused(image, ExitCode.UNSUPPORTED);
    Path empty = inbox.resolve("empty.vmdk");
    Files.writeString(
        empty,
        """
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="custom"
        RW 2048 ZERO
        """);
    named(empty, "createType is \"custom\"");
  }

  @Test
  void rule2VmdkWhoseDescriptorLiesElsewhere() throws IOException {
    Path image = changed(vmdk(), bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(28, 2));
    named(image, "does not begin with \"# Disk DescriptorFile\"");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule2VmdkWithAnUnknownLine() throws IOException {
    Path line = reworded(vmdk(), "# Extent description", "LOAD \"/etc/passwd\"");
    named(line, "descriptor line");
    refused(line, ExitCode.CORRUPT);
    Files.delete(line);
    named(reworded(vmdk(), "# Extent description", "extra=\"/etc/passwd\""), "unknown entry");
  }

  @Test
  void rule2VmdkWhoseExtentLiesElsewhere() throws IOException {
    Path image = reworded(vmdk(), "\"image.vmdk\"", "\"/dev/sda\"");
    named(image, "\"/dev/sda\"");
    givesNoSecret(image);
  }

  @Test
  void rule2VmdkWithoutAnExtent() throws IOException {
    Path image = reworded(vmdk(), "RW 2048 SPARSE \"image.vmdk\"", "#");
    named(image, "names no extent");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule2VmdkOfAnotherVersion() throws IOException {
    Path image = changed(vmdk(), bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(4, 4));
    named(image, "VMDK version 4");
    refused(image, ExitCode.UNSUPPORTED);
  }

  @Test
  void rule2VmdkWithAnotherFooter() throws IOException {
    Path image =
        changed(
            stream(),
            bytes -> bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.capacity() - 1024 + 12, 9));
    named(image, "footer");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule2VmdkWhoseFooterPointsToAnother() throws IOException {
    Path image =
        changed(
            stream(),
            bytes ->
                bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.capacity() - 1024 + 56, -1));
    named(image, "footer's grain directory");
    refused(image, ExitCode.CORRUPT);
  }

  // 3. QED and LUKS

  @Test
  void rule3Qed() throws IOException {
    named(created("qed", "", "1M"), "is a QED image");
  }

  /// A header as the specification of version 1 has it.
  private Path luks() throws IOException {
    ByteBuffer volume = ByteBuffer.allocate(3 << 20);
    put(volume, 0, "LUKS\u00ba\u00be\0\1");
    put(volume, 8, "aes");
    put(volume, 40, "xts-plain64");
    put(volume, 72, "sha256");
    volume.putInt(104, 4096).putInt(108, 64).putInt(164, 1000);
    put(volume, 168, "5e3c4a2e-0f4b-4f0e-9d7a-0123456789ab");
    for (int slot = 0; slot < 8; slot++) {
      int at = 208 + 48 * slot;
      volume.putInt(at, slot == 0 ? 0x00ac71f3 : 0x0000dead).putInt(at + 4, 1000);
      volume.putInt(at + 40, 8 + 504 * slot).putInt(at + 44, 4000);
    }
    Path image = Files.write(inbox.resolve("image.luks"), volume.array());
    safe(image);
    Oracle.named("qemu-img").run("info", "-f", "luks", image).succeeds();
    return image;
  }

  @Test
  void rule3LuksOfAnotherVersion() throws IOException {
    Path image = changed(luks(), bytes -> bytes.putShort(6, (short) 3));
    named(image, "a LUKS volume of a version other than 1 and 2");
    named(changed(image, bytes -> bytes.putShort(6, (short) 2)), "LUKS version 2; known is 1");
    refused(image, ExitCode.UNSUPPORTED);
  }

  @Test
  void rule3LuksWithTooManyIterations() throws IOException {
    Path image = luks();
    for (int field : new int[] {164, 212}) {
      changed(image, bytes -> bytes.putInt(field, 12_000_001));
      named(image, "12000001 rounds of PBKDF2");
      refused(image, ExitCode.CORRUPT);
      changed(image, bytes -> bytes.putInt(field, 1000));
    }
  }

  // 4. Partition tables

  /// A disk with a boot record of one partition.
  private Path disk() throws IOException {
    Path disk = inbox.resolve("disk.raw");
    byte[] bytes = new byte[4 << 20];
    Files.write(disk, bytes);
    return changed(
        disk,
        all -> {
          all.put(510, (byte) 0x55).put(511, (byte) 0xaa);
          entry(all, 0, 0x83, 2048, 2048);
        });
  }

  private static void entry(ByteBuffer disk, int index, int type, int start, int count) {
    int at = 446 + 16 * index;
    disk.order(ByteOrder.LITTLE_ENDIAN).put(at + 4, (byte) type).putInt(at + 8, start);
    disk.putInt(at + 12, count);
  }

  private Path gpt() throws IOException {
    Path disk = inbox.resolve("gpt.raw");
    Files.write(disk, new byte[4 << 20]);
    String script = "echo 2048,2048 | sfdisk -q --no-tell-kernel -X gpt " + disk;
    Oracle.named("sh").run("-c", script).succeeds();
    safe(disk);
    return disk;
  }

  @Test
  void rule4BootFlagOfAnotherValue() throws IOException {
    safe(disk());
    named(changed(disk(), bytes -> bytes.put(446, (byte) 0x81)), "boot flag 0x81");
  }

  @Test
  void rule4ProtectivePartitionElsewhere() throws IOException {
    named(changed(gpt(), bytes -> bytes.put(446 + 8, (byte) 2)), "begins at sector 2 instead of 1");
  }

  @Test
  void rule4PartitionsBesideTheProtectiveOne() throws IOException {
    named(changed(gpt(), bytes -> entry(bytes, 1, 0x83, 2048, 2048)), "a hybrid MBR");
  }

  @Test
  void rule4FileSystemWithPartitions() throws IOException {
    Path disk = inbox.resolve("fat.raw");
    Files.write(disk, new byte[4 << 20]);
    Oracle.named("mkfs.vfat").run(disk).succeeds();
    changed(disk, bytes -> put(bytes, 62, "\0".repeat(448)));
    safe(disk);
    named(changed(disk, bytes -> entry(bytes, 0, 0x83, 2048, 2048)), "a file system's boot sector");
  }

  @Test
  void rule4GptWithAbsurdEntries() throws IOException {
    Map<Integer, Integer> absurd = Map.of(80, 0x4000_0000, 84, 100);
    for (Map.Entry<Integer, Integer> field : absurd.entrySet()) {
      Path image =
          changed(
              gpt(),
              bytes -> {
                bytes.order(ByteOrder.LITTLE_ENDIAN);
                for (int header : new int[] {512, bytes.capacity() - 512}) {
                  bytes.putInt(header + field.getKey(), field.getValue()).putInt(header + 16, 0);
                  CRC32 sum = new CRC32();
                  sum.update(bytes.slice(header, 92));
                  bytes.putInt(header + 16, (int) sum.getValue());
                }
              });
      named(image, "GPT");
      Files.delete(image);
    }
  }

  // 5. More than one format

  private byte[] disc(String... options) throws IOException {
    Path tree = Files.createDirectories(dir.resolve("tree"));
    Files.write(tree.resolve("boot.img"), new byte[2048]);
    List<Object> words = new ArrayList<>(List.of("-as", "mkisofs", "-quiet"));
    words.addAll(List.of(options));
    words.addAll(List.of("-o", dir.resolve("disc.iso"), tree));
    Oracle.named("xorriso").run(words.toArray()).succeeds();
    return Files.readAllBytes(dir.resolve("disc.iso"));
  }

  /// A disc with something else in the 32 KiB before its first descriptor.
  private Path discWith(byte[] start) throws IOException {
    byte[] disc = disc();
    System.arraycopy(start, 0, disc, 0, start.length);
    return Files.write(inbox.resolve("disc.iso"), disc);
  }

  @Test
  void rule5DiscThatIsAQcow2() throws IOException {
    Path qcow2 = created("qcow2", "cluster_size=512", "64k");
    Path image = discWith(Files.readAllBytes(qcow2));
    named(image, "carries the marks of iso 9660 disc as well");
    named(image, "is qcow2, not iso as declared", "-f", "iso");
    named(image, "is qcow2, not raw as declared", "-f", "raw");
    Path rests = discWith(Files.readAllBytes(overlay(secret.toString())));
    refused(rests, ExitCode.DENIED);
  }

  @Test
  void rule5DiscThatIsAVmdkDescriptor() throws IOException {
    Path image =
        discWith(DESCRIPTOR.formatted("monolithicFlat", "FLAT", secret).getBytes(ISO_8859_1));
    named(image, "secret", "-f", "iso");
    refused(image, ExitCode.DENIED);
  }

  @Test
  void rule5DiscWithAPartitionTableUndeclared() throws IOException {
    Path image = inbox.resolve("hybrid.iso");
    Path part = Files.write(dir.resolve("part"), new byte[65_536]);
    Files.write(image, disc("-append_partition", "2", "0xef", part.toString()));
    named(image, "an ISO 9660 disc with a partition table beside it");
    safe(image, "-f", "iso");
    Path plain = Files.write(inbox.resolve("plain.iso"), disc());
    safe(plain);
    safe(plain, "-f", "iso");
    named(disk(), "is raw, not iso as declared", "-f", "iso");
  }

  /// What tar unpacks as a file, QEMU opens as an image.
  @Test
  void rule5TarThatIsAQcow2() throws IOException {
    Path image =
        changed(
            created("qcow2", "compat=0.10", "1M"),
            bytes -> {
              put(bytes, 124, "00000000000\0");
              put(bytes, 257, "ustar\00000");
              put(bytes, 156, "0");
              put(bytes, 148, "        ");
              int sum = 0;
              for (int i = 0; i < 512; i++) {
                sum += Byte.toUnsignedInt(bytes.get(i));
              }
              put(bytes, 148, "%06o\0 ".formatted(sum));
            });
    named(image, "marks of several formats (tar, qcow2)");
    refused(image, ExitCode.CORRUPT);
    calco("disk", "info", "-f", "qcow2", image).exits(0);
  }

  @Test
  void rule5Qcow2ThatEndsAsADmg() throws IOException {
    Path image = created("qcow2", "", "1M");
    byte[] both = Arrays.copyOf(Files.readAllBytes(image), (int) Files.size(image) + 512);
    ByteBuffer trailer = ByteBuffer.wrap(both, both.length - 512, 512).slice();
    put(trailer, 0, "koly");
    trailer.putInt(4, 4).putInt(8, 512);
    Files.write(image, both);
    named(image, "marks of several formats");
    refused(image, ExitCode.CORRUPT);
  }

  // 6. Content that is not what was declared

  /// CVE-2024-40767.
  @Test
  void rule6OtherThanDeclared() throws IOException {
    named(overlay(secret.toString()), "is qcow2, not raw as declared", "-f", "raw");
    named(created("vmdk", "", "1M"), "is vmdk, not qcow2 as declared", "-f", "qcow2");
    Path packed = disk();
    Oracle.named("gzip").run(packed).succeeds();
    Path gz = inbox.resolve("disk.raw.gz");
    named(gz, "is raw.gz, not raw as declared", "-f", "raw");
    safe(gz, "-f", "raw.gz");
  }

  /// CVE-2026-24708: a guest wrote the header of an image into its own disk.
  @Test
  void rule6DiskThatBeginsAsAnImage() throws IOException {
    byte[] header = Files.readAllBytes(overlay(secret.toString()));
    Path disk = Files.write(inbox.resolve("guest.raw"), Arrays.copyOf(header, 1 << 20));
    named(disk, "is qcow2, not raw as declared", "-f", "raw");
    givesNoSecret(disk, "-f", "raw");
    refused(disk, ExitCode.DENIED);
    Path image = inbox.resolve("guest.qcow2");
    Oracle.named("qemu-img").run("convert", "-f", "raw", "-O", "qcow2", disk, image).succeeds();
    named(image, "the disk in it carries the marks of qcow2", "-f", "qcow2");
    givesNoSecret(image, "-f", "qcow2");
  }

  // 7. VHDX regions, headers cut short

  private Path withRegions(Consumer<ByteBuffer> change) throws IOException {
    return changed(
        created("vhdx", "", "1M"),
        bytes -> {
          bytes.order(ByteOrder.LITTLE_ENDIAN);
          for (int table : new int[] {192 << 10, 256 << 10}) {
            ByteBuffer region =
                bytes.slice(table, 64 << 10).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 0);
            change.accept(region);
            CRC32C sum = new CRC32C();
            sum.update(region.duplicate());
            region.putInt(4, (int) sum.getValue());
          }
        });
  }

  @Test
  void rule7VhdxWithAnotherRegionSignature() throws IOException {
    Path image = withRegions(table -> put(table, 0, "rege"));
    named(image, "region table");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule7VhdxWithTooManyRegions() throws IOException {
    Path image = withRegions(table -> table.putInt(8, 2048));
    named(image, "2048");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule7HeadersCutShort() throws IOException {
    Map<String, Integer> lengths =
        Map.of(
            "qcow2",
            50,
            "qed",
            40,
            "vmdk",
            300,
            "vhdx",
            200_000,
            "vpc",
            700,
            "parallels",
            40,
            "qcow",
            30,
            "vdi",
            200);
    for (Map.Entry<String, Integer> each : lengths.entrySet()) {
      Path image = created(each.getKey(), "", "8M");
      Files.write(image, Arrays.copyOf(Files.readAllBytes(image), each.getValue()));
      named(image, "");
      assertThat(calco("disk", "info", image).exit()).as(each.getKey()).isNotZero();
    }
    Path luks = luks();
    Files.write(luks, Arrays.copyOf(Files.readAllBytes(luks), 500));
    named(luks, "LUKS header");
    refused(luks, ExitCode.CORRUPT);
  }

  // 8. Addresses

  @Test
  void rule8AddressesInImages() throws IOException {
    List<String> names =
        List.of(
            "http://169.254.169.254/latest/meta-data",
            "https://2130706433/",
            "ftp://0x7f000001/x",
            "nbd://localhost/x",
            "nbd:unix:/run/x",
            "ssh://root@localhost/etc/shadow",
            "json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}",
            "fat:rw:/etc",
            "host_device:/dev/sda",
            "/dev/zero",
            "/proc/self/environ");
    for (String name : names) {
      Path image = overlay(name);
      named(image, "rests on another image");
      refused(image, ExitCode.DENIED);
    }
  }

  // 9. Wrappers

  /// 17 GiB of zeroes in a fraction of a megabyte.
  @Test
  void rule9TooMuchForItsSize() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    int blocks = 8192;
    ByteBuffer frame = ByteBuffer.allocate(10 + 4 * blocks).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(0xFD2FB528).put((byte) 0x80).put((byte) 0x50).putInt(1 << 30);
    for (int i = 0; i < blocks; i++) {
      int header = (128 << 10) << 3 | 1 << 1 | (i == blocks - 1 ? 1 : 0);
      frame.put((byte) header).put((byte) (header >> 8)).put((byte) (header >> 16)).put((byte) 0);
    }
    for (int i = 0; i < 17; i++) {
      bomb.write(frame.array());
    }
    Path image = Files.write(inbox.resolve("bomb.zst"), bomb.toByteArray());
    named(image, "times its size");
  }

  @Test
  void rule9TooManyLayers() throws IOException {
    Path image = disk();
    for (int i = 0; i < 4; i++) {
      Oracle.named("gzip").run("-S", ".z", image).succeeds();
      image = image.resolveSibling(image.getFileName() + ".z");
      Path next = image.resolveSibling("layer-" + i);
      image = Files.move(image, next);
    }
    named(image, "wrapped more than 3 times");
    refused(image, ExitCode.CORRUPT);
  }

  @Test
  void rule9PathsInArchives() throws IOException {
    Path tar = inbox.resolve("disk.tar");
    Oracle.named("tar").run("-P", "-C", inbox, "-cf", tar, "../secret").succeeds();
    Files.move(secret, dir.resolve("was-secret"));
    calco("disk", "convert", tar, dir.resolve("copy")).exits(0);
    assertThat(secret).doesNotExist();
    Files.move(dir.resolve("was-secret"), secret);
    Files.createSymbolicLink(inbox.resolve("disk.img"), secret);
    Oracle.named("tar").run("-C", inbox, "-cf", tar, "disk.img").succeeds();
    Files.delete(dir.resolve("copy"));
    named(tar, "");
    givesNoSecret(tar);
  }

  @Test
  void rule9PathsInAppliances() throws IOException {
    Path descriptor = inbox.resolve("x.ovf");
    for (String href : List.of("../../secret", secret.toString(), "http://localhost/x.vmdk")) {
      Files.writeString(
          descriptor,
          """
          <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1">
          <References><File id="f" href="%s"/></References>
          <DiskSection><Disk diskId="d" capacity="512" fileRef="f"/></DiskSection>
          </Envelope>
          """
              .formatted(href));
      Path ova = inbox.resolve("x.ova");
      Oracle.named("tar").run("-C", inbox, "-cf", ova, "x.ovf").succeeds();
      named(ova, href.contains("://") ? "is not fetched" : "is not in it");
      givesNoSecret(ova);
    }
  }
}
