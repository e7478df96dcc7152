package io.calco.server.web.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Projects;
import io.calco.engine.identity.Role;
import io.calco.engine.identity.Users;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.web.machine.PageClient.Socket;
import io.calco.testkit.LibvirtServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Consoles over real websockets, with a libvirtd and machines that run.
@Timeout(600)
class ConsoleTest {
  private static final String PASSWORD = "una contraseña larga";
  private static final String VNC = "<graphics type='vnc' port='-1' autoport='yes'/>";

  @TempDir private static Path place;
  @TempDir private static Path home;
  private static LibvirtServer libvirt;
  private static Served served;

  private PageClient admin;

  @BeforeAll
  static void start() throws IOException {
    libvirt = LibvirtServer.start(place);
    served =
        new Served(
            home,
            ServerSettings.at(new ListenAddress("127.0.0.1", 0))
                .withFirstPassword(Served.PASSWORD)
                .with(LibvirtUri.parse(libvirt.uri(), Map.of())));
    try (Calco calco = Calco.open(new Home(home))) {
      Identity identity = new Identity(calco.catalog());
      var project = identity.projects().create(Projects.Wanted.named("aula"));
      for (Role role : new Role[] {Role.ADMIN, Role.MEMBER}) {
        var user =
            identity
                .users()
                .create(
                    new Users.Wanted(
                        "other-" + role.text(), "", "", true, Optional.of(project.id())),
                    Optional.of(PASSWORD));
        identity.projects().assign(project, user, role);
      }
    }
    Path disk = EchoMachine.disk(place.resolve("echo.raw"));
    EchoMachine.define(libvirt, "echo", disk, VNC);
    libvirt.virsh("start", "echo").succeeds();
  }

  @AfterAll
  static void stop() throws IOException {
    try (LibvirtServer _ = libvirt) {
      if (served != null) {
        served.close();
      }
    }
  }

  @BeforeEach
  void login() throws Exception {
    admin = new PageClient(served, "admin", Served.PASSWORD);
  }

  @AfterEach
  void logout() {
    admin.close();
  }

  private static String refused(
      PageClient who, String machine, String kind, String ticket, String origin) {
    try {
      who.socket(machine, kind, ticket, origin);
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
      HttpResponse<?> answer = ((WebSocketHandshakeException) e.getCause()).getResponse();
      return answer.statusCode() + " " + answer.body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it was not refused");
  }

  @Test
  void theSerialPortRepeatsWhatItHears() throws Exception {
    Socket socket = admin.socket("echo", "serial");
    byte[] said = "hola, mundo \u0001\u001b[A\r".repeat(40).getBytes(StandardCharsets.UTF_8);
    for (byte each : said) {
      socket.send(new byte[] {each}); // the port holds 16 bytes: faster than it reads is lost
      Thread.sleep(2);
    }
    assertThat(socket.awaitBytes(said.length)).isEqualTo(said);
    assertThat(admin.get("/ui/audit").body()).contains("Open console", "serial");
    socket.close();
  }

  @Test
  void aSecondReaderIsToldAndMayTakeItOver() throws Exception {
    Socket first = admin.socket("echo", "serial");
    first.send("a".getBytes(StandardCharsets.US_ASCII));
    assertThat(first.awaitBytes(1)).asString(StandardCharsets.US_ASCII).isEqualTo("a");
    Socket second = admin.socket("echo", "serial");
    assertThat(second.awaitClose()).startsWith("1013 ").contains("onsole");
    Socket third =
        admin.socket(
            "echo", "serial", admin.ticket("echo", "serial", "?take=yes").body(), admin.address());
    third.send("b".getBytes(StandardCharsets.US_ASCII));
    assertThat(third.awaitBytes(1)).asString(StandardCharsets.US_ASCII).isEqualTo("b");
    assertThat(first.awaitClose()).isEqualTo("1000 ended");
    third.close();
  }

  @Test
  void theScreenSpeaksTheRemoteFramebufferProtocol() throws Exception {
    Socket socket = admin.socket("echo", "screen");
    assertThat(socket.awaitBytes(12))
        .asString(StandardCharsets.US_ASCII)
        .isEqualTo("RFB 003.008\n");
    socket.send("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII));
    byte[] types = socket.awaitBytes(14);
    assertThat(types[12]).as("one way to log in").isEqualTo((byte) 1);
    assertThat(types[13]).as("without a password").isEqualTo((byte) 1);
    socket.send(new byte[] {1});
    socket.awaitBytes(18);
    socket.send(new byte[] {1}); // others may look, too
    byte[] greeted = socket.awaitBytes(18 + 24 + 4);
    assertThat(new String(greeted, StandardCharsets.US_ASCII)).contains("QEMU");
    socket.close();
  }

  @Test
  void aTicketServesOnceAndItsOwnerAlone() throws Exception {
    String ticket = admin.ticket("echo", "screen", "").body();
    assertThat(refused(admin, "echo", "serial", ticket, admin.address())).startsWith("403");
    assertThat(refused(admin, "echo", "screen", ticket, admin.address()))
        .as("it was shown before")
        .startsWith("403");

    String second = admin.ticket("echo", "screen", "").body();
    Socket socket = admin.socket("echo", "screen", second, admin.address());
    assertThat(socket.awaitBytes(12)).hasSize(12);
    assertThat(refused(admin, "echo", "screen", second, admin.address())).startsWith("403");
    socket.close();

    assertThat(refused(admin, "echo", "screen", "", admin.address())).startsWith("403");
    assertThat(refused(admin, "nobody", "screen", "x", admin.address())).startsWith("403");
    try (PageClient other = new PageClient(served, "other-admin", PASSWORD);
        PageClient member = new PageClient(served, "other-member", PASSWORD)) {
      String third = admin.ticket("echo", "screen", "").body();
      assertThat(refused(other, "echo", "screen", third, admin.address())).startsWith("403");
      assertThat(refused(admin, "echo", "screen", third, admin.address())).startsWith("403");
      assertThat(member.ticket("echo", "screen", "").statusCode()).isEqualTo(403);
      assertThat(other.ticket("echo", "screen", "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void pagesOfOthersGetNoConsole() throws Exception {
    String ticket = admin.ticket("echo", "screen", "").body();
    for (String origin :
        new String[] {
          "http://example.org",
          "",
          "null",
          admin.address() + "0",
          admin.address() + ".example.org",
          "http://example.org/" + admin.address()
        }) {
      assertThat(refused(admin, "echo", "screen", ticket, origin)).as(origin).startsWith("403");
    }
    Socket socket = admin.socket("echo", "screen", ticket, admin.address());
    assertThat(socket.awaitBytes(12)).as("the ticket was not touched").hasSize(12);
    socket.close();
  }

  @Test
  void logoutEndsWhatIsOpenAndWhatComesAfter() throws Exception {
    Socket open = admin.socket("echo", "screen");
    open.awaitBytes(12);
    String ticket = admin.ticket("echo", "screen", "").body();
    admin.post("/ui/logout", Map.of());
    assertThat(open.awaitClose()).isEqualTo("1008 logout");
    assertThat(refused(admin, "echo", "screen", ticket, admin.address())).startsWith("401");
    assertThat(admin.ticket("echo", "screen", "").statusCode()).isIn(401, 403);
  }

  @Test
  void aMessageThatIsTooLargeOrTextEndsIt() throws Exception {
    Socket large = admin.socket("echo", "screen");
    large.awaitBytes(12);
    large.send(new byte[(64 << 10) + 1]);
    assertThat(large.awaitClose()).startsWith("1009");
    Socket text = admin.socket("echo", "screen");
    text.awaitBytes(12);
    text.sendText("hello");
    assertThat(text.awaitClose()).startsWith("1003");
  }

  @Test
  void whatCannotBeOpenedIsSaidBefore() throws Exception {
    Path disk = EchoMachine.disk(place.resolve("other.raw"));
    EchoMachine.define(
        libvirt, "dark", disk, "<graphics type='vnc' port='-1' listen='192.0.2.1'/>");
    assertThat(admin.ticket("dark", "serial", "").body()).isEqualTo("machine dark is off");
    assertThat(admin.ticket("nobody", "serial", "").statusCode()).isEqualTo(404);
    assertThat(admin.ticket("echo", "telepathy", "").statusCode()).isEqualTo(404);
    assertThat(admin.get("/ui/machines/dark/console").body()).contains("dark is off");
  }

  @Test
  void aMachineThatEndsEndsItsConsoles() throws Exception {
    Path disk = EchoMachine.disk(place.resolve("short.raw"));
    EchoMachine.define(libvirt, "short", disk, VNC);
    libvirt.virsh("start", "short").succeeds();
    Socket screen = admin.socket("short", "screen");
    Socket serial = admin.socket("short", "serial");
    screen.awaitBytes(12);
    libvirt.virsh("destroy", "short").succeeds();
    assertThat(screen.awaitClose()).isEqualTo("1000 ended");
    assertThat(serial.awaitClose()).isEqualTo("1000 ended");
  }

  @Test
  void thereAreOnlySoManyForOne() throws Exception {
    Socket[] open = new Socket[16];
    for (int i = 0; i < open.length; i++) {
      open[i] = admin.socket("echo", "screen");
      assertThat(open[i].awaitBytes(12)).as("number " + i).hasSize(12);
    }
    HttpResponse<String> more = admin.ticket("echo", "screen", "");
    assertThat(more.statusCode()).isEqualTo(503);
    assertThat(more.body()).contains("close some of your 16");
    for (Socket each : open) {
      each.close();
      each.awaitClose();
    }
    for (int i = 0; admin.ticket("echo", "screen", "").statusCode() != 200; i++) {
      assertThat(i).as("their places are free again").isLessThan(200);
      Thread.sleep(50);
    }
  }

  @Test
  void theWebSocketsPathIsNoPage() throws Exception {
    assertThat(admin.get("/ui/machines/echo/console/screen/socket").statusCode()).isEqualTo(404);
    assertThatThrownBy(() -> admin.socket("echo", "telepathy", "x", admin.address()))
        .isInstanceOf(ExecutionException.class);
  }
}
