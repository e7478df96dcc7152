package io.calco.guest.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.bytes.LittleEndian;
import io.calco.guest.MemoryFileSystem;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivityTest {
  private static final String WTMP = "/var/log/wtmp";

  /// As `utmpdump` prints a machine that was started twice.
  private static final String RECORDS =
      """
      [2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-37-amd64      ] [0.0.0.0        ] \
      [2025-10-08T07:00:00,000000+00:00]
      [7] [00812] [tty1] [ana     ] [tty1        ] [                    ] [0.0.0.0        ] \
      [2025-10-08T07:10:00,000000+00:00]
      [1] [00000] [~~  ] [shutdown] [~           ] [6.1.0-37-amd64      ] [0.0.0.0        ] \
      [2025-10-08T08:00:00,000000+00:00]
      [2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-37-amd64      ] [0.0.0.0        ] \
      [2025-10-09T08:53:21,000000+00:00]
      [8] [00812] [tty1] [        ] [tty1        ] [                    ] [0.0.0.0        ] \
      [2025-10-09T09:10:00,000000+00:00]
      """;

  /// The header of a journal that systemd-journal-remote wrote. journalctl says of it: tail
  /// realtime timestamp 2025-10-09 08:55:00 UTC, tail monotonic timestamp 1min 40s.
  private static final String JOURNAL =
      "4c504b5348485248000000001c0000000000000000000000eab802718f03428da8a5ed5958783f5b3d1219c7"
          + "c4c5404aaa1f6d2a48adfda4aaaaaaaabbbbccccddddeeeeeeeeeeeeeab802718f03428da8a5ed595878"
          + "3f5b0801000000000000f8fe7f0000000000f81500000000000080e33800000000001801000000000000"
          + "d014000000000000f0fb3800000000000b00000000000000020000000000000002000000000000000100"
          + "000000000000f8fa38000000000000401e18240a060000e1c3f4b540060000e1f50500000000";

  @TempDir private Path directory;

  private byte[] wtmp() throws IOException {
    Path text = directory.resolve("text");
    Path binary = directory.resolve("wtmp");
    Files.writeString(text, RECORDS);
    Oracle.named("utmpdump").run("-r", "-o", binary, text).succeeds();
    return Files.readAllBytes(binary);
  }

  @Test
  void wtmpTellsTheLastBoot() throws IOException {
    byte[] wtmp = wtmp();
    assertThat(wtmp).hasSize(5 * 384);
    assertThat(new Activity(new MemoryFileSystem().bytes(WTMP, wtmp).tree()).lastBoot())
        .contains(Instant.parse("2025-10-09T08:53:21Z"));
  }

  @Test
  void wtmpOfOtherProcessorsHasLongerRecords() throws IOException {
    byte[] wtmp = new byte[24 * 400];
    for (int i = 0; i < 24; i++) {
      LittleEndian.put16(wtmp, i * 400, i == 3 ? 2 : 7);
      LittleEndian.put64(wtmp, i * 400 + 344, 1_700_000_000L + i);
    }
    assertThat(wtmp.length % 384).isZero();
    assertThat(new Activity(new MemoryFileSystem().bytes(WTMP, wtmp).tree()).lastBoot())
        .contains(Instant.ofEpochSecond(1_700_000_003));
  }

  @Test
  void theJournalsHeaderTellsWhenItsMachineStarted() throws IOException {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .bytes("/var/log/journal/0123/system.journal", HexFormat.of().parseHex(JOURNAL));
    assertThat(new Activity(fs.tree()).lastBoot()).contains(Instant.parse("2025-10-09T08:53:20Z"));
    fs.bytes(WTMP, wtmp());
    assertThat(new Activity(fs.tree()).lastBoot()).contains(Instant.parse("2025-10-09T08:53:21Z"));
    assertThat(new Activity(fs.tree()).lastUsed()).isPresent();
  }

  @Test
  void damageGivesNothingOrATime() throws IOException {
    byte[] wtmp = wtmp();
    byte[] journal = HexFormat.of().parseHex(JOURNAL);
    Seeds.run(
        300,
        random -> {
          byte[] one = wtmp.clone();
          byte[] other = journal.clone();
          for (int i = 0; i < 4; i++) {
            one[random.nextInt(one.length)] = (byte) random.nextInt();
            other[random.nextInt(other.length)] = (byte) random.nextInt();
          }
          MemoryFileSystem fs =
              new MemoryFileSystem()
                  .bytes(WTMP, one)
                  .bytes("/var/log/journal/0123/system.journal", other);
          new Activity(fs.tree())
              .lastBoot()
              .ifPresent(time -> assertThat(time).isAfterOrEqualTo(Instant.EPOCH));
        });
  }
}
