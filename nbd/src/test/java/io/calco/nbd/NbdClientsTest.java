package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Others' clients on our server: what they write is what `qemu-img` finds in the image afterwards.
@Timeout(300)
class NbdClientsTest {
  private static final int SIZE = 8 << 20;

  @TempDir private Path directory;
  private Path file = Path.of("disk.qcow2");
  private Path socket = Path.of("nbd.sock");

  @BeforeEach
  void name() throws IOException {
    file = directory.resolve("disk.qcow2");
    socket = directory.resolve("nbd.sock");
    Image.create(file, "qcow2", CreateOptions.ofSize(SIZE));
  }

  @AfterEach
  void isSound() {
    Oracle.named("qemu-img").run("check", "-f", "qcow2", file).succeeds();
    assertThat(socket).doesNotExist();
  }

  private interface Work {
    void on(String address) throws IOException;
  }

  private void serving(Access access, Work work) throws IOException {
    ImageOptions options = ImageOptions.reading().withFormat("qcow2").with(access);
    try (Image image = Image.open(file, options);
        NbdServer _ =
            NbdServer.onUnixSocket(
                socket, List.of(NbdExport.unnamed(image.disk())), NbdServer.Options.defaults())) {
      work.on("nbd+unix:///?socket=" + socket);
    }
  }

  @Test
  void qemuIoWrites() throws IOException {
    serving(
        Access.WRITE,
        address -> {
          Oracle qemuIo = Oracle.named("qemu-io");
          qemuIo
              .run(
                  "-f",
                  "raw",
                  "-c",
                  "write -P 7 1000 300000",
                  "-c",
                  "write -f -P 8 2M 1M",
                  "-c",
                  "write -z 2200k 100k",
                  "-c",
                  "write -z -u 2400k 64k",
                  "-c",
                  "flush",
                  "-c",
                  "discard 2944k 64k",
                  "-c",
                  "read -P 7 1000 300000",
                  address)
              .succeeds();
          qemuIo.run("-f", "raw", "-c", "write -z -u -n 3M 64k", address).succeeds();
          qemuIo
              .run("-f", "raw", "-c", "write -z -n 3M 64k", address)
              .exits(1)
              .says("not supported");
        });
    Oracle qemuIo = Oracle.named("qemu-io");
    qemuIo
        .run(
            "-r",
            "-f",
            "qcow2",
            "-c",
            "read -P 7 1000 300000",
            "-c",
            "read -P 8 2M 152k",
            "-c",
            "read -P 0 2200k 100k",
            "-c",
            "read -P 0 2400k 64k",
            "-c",
            "read -P 0 4M 4M",
            file)
        .succeeds();
    assertThat(qemuIo.run("-r", "-f", "qcow2", "-c", "read -P 9 2M 4k", file).out())
        .contains("Pattern verification failed");
  }

  @Test
  void nbdcopyCopiesInAndOut() throws IOException {
    byte[] content = new byte[SIZE];
    new Random(11).nextBytes(content);
    java.util.Arrays.fill(content, 1 << 20, 5 << 20, (byte) 0);
    Path source = directory.resolve("source.raw");
    Path back = directory.resolve("back.raw");
    Files.write(source, content);
    serving(
        Access.WRITE,
        address -> {
          Oracle.named("nbdcopy").run("--flush", source, address).succeeds();
          Oracle.named("nbdcopy").run(address, back).succeeds();
        });
    assertThat(Files.mismatch(source, back)).isEqualTo(-1);
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", source, file).succeeds();
  }

  @Test
  void nbdinfoSeesRunsAsQemuNbdTellsThem() throws IOException {
    Oracle.named("qemu-io")
        .run(
            "-f",
            "qcow2",
            "-c",
            "write 64k 192k",
            "-c",
            "write 3M 64k",
            "-c",
            "write -z 5M 64k",
            file)
        .succeeds();
    String[] ours = new String[1];
    serving(Access.READ, address -> ours[0] = map(address));
    Path other = directory.resolve("qemu.sock");
    try (ForeignServer server = ForeignServer.qemuNbd(other, file, "qcow2", "-r")) {
      assertThat(ours[0]).isEqualTo(map(server.address().toString()));
    }
    assertThat(ours[0]).contains("hole,zero").contains("data");
  }

  private static String map(String address) {
    return Oracle.named("nbdinfo").run("--map", address).succeeds().out();
  }

  @Test
  void nbdinfoSeesDirtyBitmaps() throws IOException {
    Oracle.named("qemu-img").run("bitmap", "--add", file, "monday").succeeds();
    Oracle.named("qemu-io")
        .run("-f", "qcow2", "-c", "write 64k 192k", "-c", "write 3M 64k", file)
        .succeeds();
    try (Image image = Image.open(file, ImageOptions.reading().withFormat("qcow2"))) {
      DirtyRuns monday = DirtyRuns.read(image.bitmaps().orElseThrow(), "monday");
      NbdExport export = new NbdExport("", image.disk(), List.of(monday));
      try (NbdServer _ =
          NbdServer.onUnixSocket(socket, List.of(export), NbdServer.Options.defaults())) {
        String address = "nbd+unix:///?socket=" + socket;
        Oracle.named("nbdinfo").run(address).succeeds().says("qemu:dirty-bitmap:monday");
        List<String> lines =
            Oracle.named("nbdinfo")
                .run("--map=qemu:dirty-bitmap:monday", address)
                .succeeds()
                .out()
                .lines()
                .toList();
        assertThat(lines)
            .extracting(line -> line.strip().replaceAll("\\s+", " "))
            .containsExactly(
                "0 65536 0 clean",
                "65536 196608 1 dirty",
                "262144 2883584 0 clean",
                "3145728 65536 1 dirty",
                "3211264 5177344 0 clean");
      }
    }
  }

  @Test
  void nbdkitReadsThroughUs() throws IOException {
    Oracle.named("qemu-io").run("-f", "qcow2", "-c", "write -P 5 1M 1M", file).succeeds();
    serving(
        Access.READ,
        address -> {
          Path other = directory.resolve("kit.sock");
          try (ForeignServer kit = ForeignServer.nbdkit(other, "nbd", address)) {
            Oracle.named("qemu-io")
                .run("-r", "-f", "raw", "-c", "read -P 5 1M 1M", kit.address().toString())
                .succeeds();
          }
        });
  }

  @Test
  void servesByTcp() throws IOException {
    try (Image image = Image.open(file, ImageOptions.reading().withFormat("qcow2"));
        NbdServer server =
            NbdServer.onTcp(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                List.of(new NbdExport("a b", image.disk(), List.of())),
                NbdServer.Options.defaults())) {
      int port = ((InetSocketAddress) server.address()).getPort();
      Oracle.named("nbdinfo")
          .run("--size", "nbd://127.0.0.1:%d/a%%20b".formatted(port))
          .succeeds()
          .says(String.valueOf(SIZE));
      Oracle.named("nbdinfo").run("--list", "nbd://127.0.0.1:" + port).succeeds().says("a b");
    }
  }
}
