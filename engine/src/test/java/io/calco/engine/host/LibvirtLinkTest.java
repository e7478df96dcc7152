package io.calco.engine.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.Machines;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.testkit.LibvirtServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A libvirt that is not there, one that says nothing, and one that has gone meanwhile.
@Timeout(300)
class LibvirtLinkTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @TempDir private Path directory;
  private Calco calco;

  @BeforeEach
  void open() throws IOException {
    calco = Calco.open(new Home(directory.resolve("home")));
  }

  @AfterEach
  void close() throws IOException {
    calco.close();
  }

  private LibvirtLink link(Path socket) {
    return new LibvirtLink(
        calco,
        LibvirtUri.parse("qemu+unix:///system?socket=" + socket, Map.of()),
        new HostEvents());
  }

  private static Kind kind(Throwable failure) {
    return ((OperationException) failure).kind();
  }

  @Test
  void oneThatIsNotThereIsToldAtOnce() {
    try (LibvirtLink link = link(directory.resolve("none"))) {
      assertThatThrownBy(() -> link.ask(LONG, Machines::list))
          .hasMessageContaining("no libvirt listens at " + directory.resolve("none"))
          .satisfies(failure -> assertThat(kind(failure)).isEqualTo(Kind.BUSY));
    }
  }

  @Test
  void oneThatSaysNothingKeepsNobody() throws IOException {
    Path socket = directory.resolve("silent");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        LibvirtLink link = link(socket)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> link.ask(Duration.ofMillis(300), Machines::list))
          .hasMessageContaining("does not answer")
          .satisfies(failure -> assertThat(kind(failure)).isEqualTo(Kind.BUSY));
      // The next ones do not even try, or this test would not end in time.
      assertThatThrownBy(() -> link.ask(LONG, Machines::list))
          .hasMessageContaining("does not answer");
      assertThatThrownBy(() -> link.open(LONG, machines -> machines))
          .hasMessageContaining("does not answer");
    }
  }

  @Test
  void aConnectionThatBrokeIsMadeAnew() throws IOException {
    Path place = Files.createDirectory(directory.resolve("libvirt"));
    try (LibvirtServer server = LibvirtServer.start(place);
        LibvirtLink link = link(server.socket())) {
      assertThat(link.ask(LONG, Machines::list)).isEmpty();
      assertThatThrownBy(() ->
              link.ask(
                  LONG,
                  machines -> {
                    machines.hangUp();
                    return machines.list();
                  }))
          .isInstanceOf(IOException.class);
      assertThat(link.ask(LONG, Machines::list)).isEmpty();
      assertThatThrownBy(() -> link.ask(LONG, machines -> machines.show("nobody")))
          .satisfies(failure -> assertThat(kind(failure)).isEqualTo(Kind.NOT_FOUND));
    }
  }
}
