package io.calco.guest.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.DiskException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HiveTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir private Path dir;

  private static Hive empty() throws IOException {
    return Hive.create("ROOT", NOW);
  }

  private static Hive again(Hive hive) throws IOException {
    return Hive.of("again", hive.bytes(), List.of()).edit(NOW);
  }

  private Path write(Hive hive) throws IOException {
    return Files.write(dir.resolve("hive"), hive.bytes());
  }

  private static NavigableMap<String, NavigableMap<String, String>> hivex(Path file) {
    String out = Oracle.named("hivexregedit").run("--export", file, "\\").succeeds().out();
    return HiveModel.ofExport(out);
  }

  @Test
  void whatIsWrittenIsWhatHivexReads() throws Exception {
    Seeds.run(
        3,
        random -> {
          Hive hive = empty();
          NavigableMap<String, NavigableMap<String, String>> model = new TreeMap<>();
          model.put("", new TreeMap<>());
          for (int i = 0; i < 300; i++) {
            step(random, hive, model);
            hive = i % 100 == 50 ? again(hive) : hive;
          }
          assertThat(HiveModel.of(again(hive))).isEqualTo(model);
          Path file = write(hive);
          assertThat(hivex(file)).isEqualTo(model);
          Oracle.named("hivexml").run(file).succeeds();
        });
  }

  private static void step(
      Random random, Hive hive, NavigableMap<String, NavigableMap<String, String>> model)
      throws IOException {
    List<String> paths = new ArrayList<>(model.keySet());
    String path = paths.get(random.nextInt(paths.size()));
    RegistryKey key = hive.find(path).orElseThrow();
    NavigableMap<String, String> values = model.get(path);
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        String name = "Key%d".formatted(random.nextInt(60));
        key.create(name.toUpperCase(java.util.Locale.ROOT));
        model.computeIfAbsent(
            path + "\\" + name.toUpperCase(java.util.Locale.ROOT), _ -> new TreeMap<>());
      }
      case 3 -> {
        if (!path.isEmpty()) {
          int slash = path.lastIndexOf('\\');
          hive.find(path.substring(0, slash)).orElseThrow().deleteSubkey(path.substring(slash + 1));
          model.keySet().removeIf(p -> p.equals(path) || p.startsWith(path + "\\"));
        }
      }
      case 4 -> {
        String name = "v" + random.nextInt(8);
        assertThat(key.deleteValue(name)).isEqualTo(values.remove(name) != null);
      }
      default -> {
        String name = random.nextInt(9) == 0 ? "" : "v" + random.nextInt(8);
        RegistryData data = HiveModel.anyData(random);
        key.setValue(name, data);
        values.put(name, HiveModel.text(data));
      }
    }
  }

  @Test
  void whatHivexWritesIsRead() throws Exception {
    Path file = write(empty());
    StringBuilder reg =
        new StringBuilder("Windows Registry Editor Version 5.00\n\n[\\Software]\n\n");
    for (int i = 0; i < 40; i++) {
      reg.append("[\\Software\\Key%d]\n\"Text\"=str(1):\"value %d\"\n".formatted(i, i));
      reg.append("\"Number\"=dword:0000%04x\n@=hex(3):01,02,03,04,05,06\n\n".formatted(i));
    }
    Path merge = Files.writeString(dir.resolve("merge.reg"), reg);
    Oracle.named("hivexregedit").run("--merge", file, merge).succeeds();
    Hive hive = Hive.of("hive", Files.readAllBytes(file), List.of());
    assertThat(HiveModel.of(hive)).isEqualTo(hivex(file));
    RegistryKey key = hive.find("software\\KEY39").orElseThrow();
    assertThat(key.text("text")).contains("value 39");
    assertThat(key.number("NUMBER")).contains(39);
  }

  @Test
  void manyKeysAreDividedAndSortedAndRegedReadsThem() throws Exception {
    Hive hive = empty();
    RegistryKey parent = hive.root().create("Many");
    for (int i = 0; i < 1300; i++) {
      parent.create("key" + i * 7 % 1300);
    }
    parent.deleteSubkey("KEY77");
    hive = again(hive);
    List<String> names =
        hive.find("Many").orElseThrow().subkeys().stream().map(RegistryKey::name).toList();
    assertThat(names).hasSize(1299).doesNotContain("key77").isSortedAccordingTo(Names.ORDER);
    Path file = write(hive);
    assertThat(hivex(file)).hasSize(1301);
    Path out = dir.resolve("out.reg");
    Oracle.named("reged").run("-x", file, "HKEY_LOCAL_MACHINE\\X", "\\Many", out);
    assertThat(Files.readString(out)).contains("\\Many\\key76]").doesNotContain("\\key77]");
  }

  @Test
  void spaceOfWhatIsDeletedIsUsedAgain() throws Exception {
    Hive hive = empty();
    hive.root().create("Stays");
    for (int i = 0; i < 50; i++) {
      RegistryKey key = hive.root().create("Temporary\\Deeper");
      key.setValue("big", new RegistryData.Binary(io.calco.guest.Content.of(new byte[40_000])));
      key.setValue("big", new RegistryData.Binary(io.calco.guest.Content.of(new byte[50_000])));
      hive.root().deleteSubkey("temporary");
    }
    assertThat(hive.bytes()).hasSizeLessThan(200_000);
    assertThat(HiveModel.of(again(hive)).keySet()).containsExactly("", "\\Stays");
  }

  /// The vectors of the sum's own publication.
  @Test
  void marvin() {
    long seed = 0x004F_B61A_001B_DBCCL;
    assertThat(Marvin32.sum(new byte[0], 0, 0, seed)).isEqualTo(0x30ED_35C1_00CD_3C7DL);
    byte[] some = HexFormat.of().parseHex("00AF00");
    assertThat(Marvin32.sum(some, 1, 1, seed)).isEqualTo(0x48E7_3FC7_7D75_DDC1L);
  }

  private static byte[] log(byte[] before, byte[] after, int sequence) {
    List<Integer> pages = new ArrayList<>();
    for (int at = 4096; at < after.length; at += 512) {
      boolean same =
          at + 512 <= before.length && Arrays.equals(before, at, at + 512, after, at, at + 512);
      if (!same) {
        pages.add(at);
      }
    }
    int size = (40 + 8 * pages.size() + 512 * pages.size() + 511) & ~511;
    byte[] log = Arrays.copyOf(before, 512 + size);
    Arrays.fill(log, 512, log.length, (byte) 0);
    LittleEndian.put32(log, 512, 0x454C7648);
    LittleEndian.put32(log, 516, size);
    LittleEndian.put32(log, 524, sequence);
    LittleEndian.put32(log, 528, after.length - 4096);
    LittleEndian.put32(log, 532, pages.size());
    for (int i = 0; i < pages.size(); i++) {
      LittleEndian.put32(log, 552 + 8 * i, pages.get(i) - 4096);
      LittleEndian.put32(log, 556 + 8 * i, 512);
      System.arraycopy(after, pages.get(i), log, 552 + 8 * pages.size() + 512 * i, 512);
    }
    long seed = Marvin32.REGISTRY_SEED;
    LittleEndian.put64(log, 536, Marvin32.sum(log, 552, size - 40, seed));
    LittleEndian.put64(log, 544, Marvin32.sum(log, 512, 32, seed));
    return log;
  }

  @Test
  void logsAreAppliedToADirtyHiveOnly() throws Exception {
    Hive hive = empty();
    byte[] first = hive.bytes();
    hive = again(hive);
    hive.root().create("Second").setValue("x", new RegistryData.Text("y".repeat(3000)));
    byte[] second = hive.bytes();
    hive = again(hive);
    hive.root().create("Third");
    byte[] third = hive.bytes();
    byte[] log1 = log(first, second, 2);
    byte[] log2 = log(second, third, 3);

    assertThat(Hive.of("h", first, List.of(log1)).recovery()).isEqualTo(Recovery.CLEAN);
    byte[] dirty = first.clone();
    LittleEndian.put32(dirty, 4, 2);
    int sum = LittleEndian.s32(dirty, 508) ^ 1 ^ 2;
    LittleEndian.put32(dirty, 508, sum);
    Hive replayed = Hive.of("h", dirty, List.of(log2, log1)).edit(NOW);
    assertThat(replayed.recovery()).isEqualTo(Recovery.REPLAYED);
    assertThat(HiveModel.of(replayed).keySet()).containsExactly("", "\\Second", "\\Third");
    assertThat(hivex(write(replayed)).keySet()).containsExactly("", "\\Second", "\\Third");

    log2[700] ^= 1;
    replayed = Hive.of("h", dirty, List.of(log1, log2));
    assertThat(HiveModel.of(replayed).keySet()).containsExactly("", "\\Second");
    assertThat(Hive.of("h", dirty, List.of()).recovery()).isEqualTo(Recovery.DIRTY);
    dirty[20] = 77;
    assertThatThrownBy(() -> Hive.of("h", dirty, List.of())).isInstanceOf(DiskException.class);
    assertThat(Hive.of("h", dirty, List.of(log1)).recovery()).isEqualTo(Recovery.REPLAYED);
  }

  @Test
  void hostileHivesGiveOurExceptions() throws Exception {
    Hive hive = empty();
    NavigableMap<String, NavigableMap<String, String>> model = new TreeMap<>();
    model.put("", new TreeMap<>());
    Random fixed = new Random(1);
    for (int i = 0; i < 60; i++) {
      step(fixed, hive, model);
    }
    byte[] good = hive.bytes();
    Seeds.run(
        400,
        random -> {
          byte[] bad = good.clone();
          for (int i = random.nextInt(30); i >= 0; i--) {
            int at = 4096 + random.nextInt(random.nextBoolean() ? 3000 : bad.length - 4100);
            if (random.nextBoolean()) {
              bad[at] = (byte) random.nextInt();
            } else {
              LittleEndian.put32(bad, at & ~3, random.nextInt(bad.length) & ~7);
            }
          }
          try {
            Hive read = Hive.of("bad", bad, List.of()).edit(NOW);
            walk(read.root(), 0);
            read.root().create("New\\Key").setValue("v", HiveModel.anyData(random));
            for (RegistryKey key : read.root().subkeys()) {
              read.root().deleteSubkey(key.name());
            }
            read.bytes();
          } catch (DiskException e) {
            assertThat(e.getMessage()).contains("bad");
          }
        });
  }

  private static void walk(RegistryKey key, int depth) throws IOException {
    key.values();
    key.className();
    for (RegistryKey subkey : depth > 6 ? List.<RegistryKey>of() : key.subkeys()) {
      walk(subkey, depth + 1);
    }
  }
}
