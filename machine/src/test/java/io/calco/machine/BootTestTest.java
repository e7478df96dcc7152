package io.calco.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.testkit.Oracle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With boot programs of a few bytes, so that an emulated machine has them through in seconds.
@Timeout(180)
class BootTestTest {
  private static final int SECTOR = 512;

  @TempDir private Path directory;

  private BootOutcome boot(byte[] bootSector, String expectation, int seconds) throws IOException {
    return boot(bootSector, Expectation.parse(expectation), seconds);
  }

  private BootOutcome boot(byte[] bootSector, Expectation expectation, int seconds)
      throws IOException {
    Oracle.named(BootTest.PROGRAM);
    Path raw = Files.write(directory.resolve("disk.raw"), Arrays.copyOf(bootSector, 1 << 20));
    try (Image image = Image.open(raw, ImageOptions.reading().withFormat("raw"))) {
      return BootTest.run(image.disk(), plan(expectation, seconds), JobContext.SILENT);
    }
  }

  private static BootPlan plan(Expectation expectation, int seconds) {
    MachineSettings settings =
        new MachineSettings(Accelerator.TCG, Firmware.BIOS, MachineSettings.Bus.SATA, 64, 1);
    return new BootPlan(
        settings, expectation, Duration.ofSeconds(seconds), BootPlan.Network.ISOLATED);
  }

  @Test
  void emptyDiskHasNothingToBoot() throws IOException {
    BootOutcome outcome = boot(new byte[SECTOR], "login", 60);

    assertThat(outcome.reached()).isFalse();
    assertThat(outcome.what()).isEqualTo("the guest says: No bootable device");
    assertThat(outcome.console()).contains("SeaBIOS");
    Path png = directory.resolve("screen.png");
    outcome.screen().orElseThrow().write(png);
    BufferedImage picture = ImageIO.read(png.toFile());
    assertThat(picture.getWidth()).isEqualTo(720);
    assertThat(picture.getHeight()).isEqualTo(400);
  }

  @Test
  void textOnTheScreenAndOnTheSerialPortIsSeen() throws IOException {
    BootOutcome screen = boot(printing("Calco was here: 42", false), "text:here: [0-9]+", 60);
    assertThat(screen.what()).startsWith("the text \"here: [0-9]+\" in ");
    assertThat(screen.reached()).isTrue();

    BootOutcome serial = boot(printing("debian login: ", true), "login", 60);
    assertThat(serial.reached()).isTrue();
    assertThat(serial.console()).contains("debian login:");
  }

  /// The first run's picture is waited for in the second, and in one that shows something else.
  @Test
  void pictureOfTheScreenIsWaitedFor() throws IOException {
    BootOutcome first = boot(printing("Calco was here", false), "text:Calco was here", 60);
    Path seen = directory.resolve("seen.png");
    first.screen().orElseThrow().write(seen);

    Expectation picture = Expectation.Picture.read(seen);
    BootOutcome again = boot(printing("Calco was here", false), picture, 60);
    assertThat(again.what()).startsWith("a screen like " + seen + " in ");
    assertThat(again.reached()).isTrue();
    BootOutcome other = boot(printing("somebody else was", false), picture, 8);
    assertThat(other.what()).isEqualTo("no screen like " + seen + " in 8 s");
    assertThat(other.reached()).isFalse();
  }

  @Test
  void whatDoesNotComeIsToldWhenTimeIsUp() throws IOException {
    BootOutcome outcome = boot(printing("nothing more", true), "agent", 8);
    assertThat(outcome.reached()).isFalse();
    assertThat(outcome.what()).isEqualTo("no answer of the guest agent in 8 s");
    assertThat(outcome.console()).contains("nothing more");
    assertThat(boot(printing("nothing more", true), "port:22", 8).what())
        .isEqualTo("no connection to port 22 in 8 s");
  }

  @Test
  void cancelledMachineIsGone() {
    Oracle.named(BootTest.PROGRAM);
    JobContext impatient =
        new JobContext() {
          private int asked;

          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            if (++asked > 5) {
              throw new CancellationException();
            }
          }
        };
    try (Disk blank = Disk.blank(1 << 20)) {
      assertThatThrownBy(() -> BootTest.run(blank, plan(new Expectation.Login(), 60), impatient))
          .isInstanceOf(CancellationException.class);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
        .noneMatch(one -> one.info().command().orElse("").contains("qemu-system"));
  }

  /// A boot sector that prints, by the BIOS's teletype or to the first serial port, and halts.
  private static byte[] printing(String text, boolean serial) {
    byte[] letters = (text + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] sector = new byte[SECTOR];
    byte[] program =
        serial
            ? hex("31c08ed8be207cfcac84c07409b401ba0000cd14ebf2f4ebfd")
            : hex("31c08ed8be207cfcac84c07409b40ebb0700cd10ebf2f4ebfd");
    System.arraycopy(program, 0, sector, 0, program.length);
    System.arraycopy(letters, 0, sector, 32, letters.length);
    sector[510] = 0x55;
    sector[511] = (byte) 0xaa;
    return sector;
  }

  private static byte[] hex(String text) {
    return java.util.HexFormat.of().parseHex(text);
  }
}
