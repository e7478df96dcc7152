package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.SshServer;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `calco machine`, and what makes machines of clones and templates of machines: each step is seen
/// by virsh.
@Timeout(600)
class MachineCommandTest extends WithLibvirt {
  @TempDir private Path dir;

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  /// Words at the home of this test and its libvirt.
  private Command.Answer at(Object... words) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--home", dir.resolve("home"), "--connect", server().uri()));
    return calco(all.toArray());
  }

  private Command.Answer define(Path disk, String name) {
    return at(
        "machine",
        "define",
        disk,
        "--name",
        name,
        "--memory",
        "64M",
        "--network",
        "user",
        "--accelerator",
        "tcg");
  }

  private Path empty(String name) {
    Path disk = dir.resolve(name);
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", disk, "64M").succeeds();
    return disk;
  }

  private static String found(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return matcher.group(1);
  }

  private static String mac(String machine) throws IOException {
    return found("mac address='([^']+)'", server().stored(machine));
  }

  private static String uuid(String machine) throws IOException {
    return found("<uuid>([^<]+)<", server().stored(machine));
  }

  /// What is there is another host's, whatever files of ours have the same names.
  @Test
  void machinesOfAnotherHostAreReachedBySsh() throws IOException {
    Path disk = empty("vm.qcow2");
    define(disk, "vm").exits(0);
    Path keys = Files.createDirectory(dir.resolve("ssh"));
    try (SshServer ssh = SshServer.start(keys)) {
      String fingerprint =
          Oracle.named("ssh-keygen")
              .run("-l", "-f", keys.resolve("host_ed25519.pub"))
              .succeeds()
              .out()
              .split(" ")[1];
      String uri =
          "qemu+ssh://%s@127.0.0.1:%d/system?socket=%s&keyfile=%s&fingerprint=%s"
              .formatted(
                  ssh.user(),
                  ssh.port(),
                  server().socket(),
                  keys.resolve("id_ed25519"),
                  fingerprint);
      Object[] there = {"--home", dir.resolve("home"), "--connect", uri};
      assertThat(words("machine", "list", there).exits(0).out()).contains("vm", "shut off");
      words("machine", "start", "vm", there).exits(0);
      assertThat(server().virsh("domstate", "vm").out()).contains("running");
      words("machine", "stop", "vm", "--force", "--wait", there).exits(0);
      assertThat(words("machine", "delete", "vm", "--yes", there).exits(ExitCode.UNSUPPORTED).err())
          .contains("the disks of these machines are on another host");
      words("machine", "define", disk, "--name", "x", there).exits(ExitCode.UNSUPPORTED);
      words("machine", "delete", "vm", "--keep-disk", "--yes", there).exits(0);
      assertThat(machines()).isEmpty();
      assertThat(disk).exists();
    }
  }

  private static Command.Answer words(Object... words) {
    List<Object> all = new ArrayList<>();
    for (Object word : words) {
      if (word instanceof Object[] more) {
        all.addAll(Arrays.asList(more));
      } else {
        all.add(word);
      }
    }
    return calco(all.toArray());
  }

  @Test
  void descriptionsAreEdited() throws IOException {
    define(empty("vm.qcow2"), "vm").exits(0);
    String before = server().stored("vm");
    String xml = at("machine", "show", "vm", "--xml").exits(0).out();
    Path changed = dir.resolve("changed.xml");
    Files.writeString(changed, xml.replaceAll(">65536<", ">98304<"));
    assertThat(at("machine", "edit", "vm", "--file", changed).exits(0).err())
        .contains("vm was changed");
    assertThat(server().virsh("dominfo", "vm").out()).containsPattern("Max memory: +98304 KiB");
    assertThat(uuid("vm")).isEqualTo(found("<uuid>([^<]+)<", before));
    Files.writeString(changed, at("machine", "show", "vm", "--xml").exits(0).out());
    assertThat(at("machine", "edit", "vm", "--file", changed).exits(0).err())
        .contains("nothing was changed");

    String now = server().stored("vm");
    for (String wrong :
        List.of(
            "",
            "<domain",
            "<network/>",
            xml.replace("<name>vm<", "<name>other<"),
            xml.replaceAll("<uuid>[^<]*<", "<uuid>no<"),
            xml.replaceAll("<uuid>[^<]*</uuid>", ""),
            xml.replaceAll("<uuid>[^<]*<", "<uuid>6b29fc40-ca47-1067-b31d-00dd010662da<"),
            xml.replace("<devices>", "<devices><nonsense/>"))) {
      Files.writeString(changed, wrong);
      assertThat(at("machine", "edit", "vm", "--file", changed).exit()).as(wrong).isNotZero();
      assertThat(server().stored("vm")).as(wrong).isEqualTo(now);
    }
    assertThat(machines()).containsExactly("vm");
    at("machine", "edit", "none", "--file", changed).exits(ExitCode.NOT_FOUND);
  }

  @Test
  void anEditorChangesADescription() throws IOException, InterruptedException {
    define(empty("vm.qcow2"), "vm").exits(0);
    Path editor = dir.resolve("editor");
    Files.writeString(editor, "#!/bin/sh\nsed -i s/65536/98304/ \"$2\"\necho \"$1 $2\" >&2\n");
    assertThat(editor.toFile().setExecutable(true)).isTrue();
    Path remarks = dir.resolve("remarks");
    Process edit =
        Command.listening(
            remarks,
            Map.of("VISUAL", editor + " -x"),
            "machine",
            "edit",
            "vm",
            "--home",
            dir.resolve("home"),
            "--connect",
            server().uri());
    assertThat(edit.waitFor()).isZero();
    assertThat(remarks).content().contains("vm was changed").containsPattern("-x /.*/vm\\.xml");
    assertThat(server().virsh("dominfo", "vm").out()).containsPattern("Max memory: +98304 KiB");
  }

  @Test
  void aMachineBecomesATemplateAndItsClonesMachines() throws IOException {
    Path disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    define(disk, "vm").exits(0);
    server().virsh("autostart", "vm").succeeds();
    Path pool = Files.createDirectories(dir.resolve("home/pool"));
    server().virsh("pool-create-as", "pool", "dir", "--target", pool).succeeds();

    assertThat(at("template", "create", "--machine", "vm", "--name", "t").exits(0).err())
        .contains("machine vm is now vm-template");
    assertThat(machines()).containsExactly("vm-template");
    assertThat(server().virsh("dominfo", "vm-template").out())
        .containsPattern("Autostart: +disable");
    assertThat(at("machine", "start", "vm-template").exits(4).err())
        .contains("sealed disk of template t v1", "calco clone create t NAME");
    assertThat(at("template", "create", "--machine", "nobody", "--name", "u").exits(3).err())
        .contains("there is no machine nobody");

    at("clone", "create", "t", "a{1..3}", "--define", "--memory", "96M").exits(0);
    assertThat(machines()).containsExactlyInAnyOrder("a1", "a2", "a3", "vm-template");
    assertThat(server().virsh("vol-list", "pool").out())
        .contains("a1.qcow2", "a2.qcow2", "a3.qcow2");
    assertThat(List.of(mac("a1"), mac("a2"), mac("a3"))).doesNotHaveDuplicates();
    assertThat(server().stored("a1"))
        .contains("<memory unit='KiB'>98304<", pool.resolve("a1.qcow2").toString())
        .contains("org.qemu.guest_agent.0");
    assertThat(at("machine", "list").exits(0).out())
        .containsPattern("a1 +shut off +qemu +96 MiB +1 +clone a1 +" + pool)
        .containsPattern("vm-template +shut off +qemu +64 MiB +1 +template t v1 +" + disk);

    at("machine", "start", "a1").exits(0);
    assertThat(server().virsh("domstate", "a1").out()).startsWith("running");
    assertThat(at("machine", "delete", "a1", "-y").exits(4).err()).contains("is running");
    at("machine", "stop", "a1").exits(0);
    at("machine", "stop", "a1", "--force").exits(0);
    assertThat(server().virsh("domstate", "a1").out()).startsWith("shut off");

    String uuid = uuid("a2");
    String mac = mac("a2");
    Path second = pool.resolve("a2.qcow2");
    at("machine", "delete", "a2", "--keep-disk", "-y").exits(0);
    assertThat(second).exists();
    at("machine", "define", second, "--name", "seat2", "--like", "vm-template").exits(0);
    assertThat(uuid("seat2")).isEqualTo(uuid);
    assertThat(mac("seat2")).isEqualTo(mac);

    at("machine", "delete", "a1", "-y").exits(0);
    assertThat(pool.resolve("a1.qcow2")).doesNotExist();
    assertThat(calco("clone", "list", "--names", "--home", dir.resolve("home")).out())
        .isEqualTo("a2\na3\n");
    assertThat(server().virsh("vol-list", "pool").out()).doesNotContain("a1.qcow2");
    assertThat(at("machine", "delete", "vm-template", "-y").exits(4).err())
        .contains("sealed disk of template t v1", "--keep-disk");
    at("machine", "delete", "vm-template", "-y", "--keep-disk").exits(0);
    assertThat(disk).exists();

    at("clone", "create", "t", "b1", "--define", "--network", "none", "--accelerator", "tcg")
        .exits(0);
    assertThat(server().stored("b1")).contains("machine='pc-q35").doesNotContain("<interface");
    assertThat(at("clone", "create", "t", "b1", "b2", "--define").exits(4).err())
        .contains("there is a machine b1 already");
    assertThat(at("clone", "create", "t", "c1").exits(2).err()).contains("go with --define");
    assertThat(machines()).containsExactlyInAnyOrder("a3", "b1", "seat2");
  }

  @Test
  void whatIsNeededStays() throws IOException {
    Path disk = empty("d.qcow2");
    define(disk, "one").exits(0);
    assertThat(define(disk, "two").exits(4).err()).contains("machine one has it already");
    assertThat(define(empty("e.qcow2"), "one").exits(4).err())
        .contains("there is a machine one already");
    Path child = dir.resolve("child.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", "d.qcow2", "-F", "qcow2", child)
        .succeeds();
    assertThat(at("machine", "delete", "one", "-y").exits(4).err())
        .contains("1 disk rests on it", "child.qcow2");
    Files.delete(child);

    server()
        .define(
            server()
                .stored("one")
                .replaceAll("<uuid>.*</uuid>", "")
                .replace("<name>one<", "<name>other<"));
    assertThat(at("machine", "delete", "one", "-y").exits(4).err())
        .contains("machine other has it");
    server().virsh("undefine", "other").succeeds();
    assertThat(at("machine", "delete", "one").exits(4).err()).contains("--yes");
    assertThat(at("machine", "delete", "one", "--dry-run").exits(0).err())
        .contains("would be deleted: " + disk);
    assertThat(machines()).containsExactly("one");
    assertThat(disk).exists();
    at("machine", "delete", "one", "-y").exits(0);
    assertThat(machines()).isEmpty();
    assertThat(disk).doesNotExist();
  }

  @Test
  void namesAndPictures() throws IOException {
    define(empty("d.qcow2"), "one").exits(0);
    at("machine", "rename", "one", "uno").exits(0);
    assertThat(machines()).containsExactly("uno");
    Path picture = dir.resolve("uno.png");
    assertThat(at("machine", "screenshot", "uno", picture).exits(4).err()).contains("is off");
    assertThat(at("machine", "console", "uno").exits(4).err()).contains("is off");
    at("machine", "start", "uno").exits(0);
    at("machine", "screenshot", "uno", picture).exits(0);
    assertThat(Oracle.named("file").run(picture).out()).contains("PNG image data");
    assertThat(at("machine", "show", "uno", "--output", "json").exits(0).out())
        .contains("\"state\": \"running\"", "\"target\": \"vda\"", "\"type\": \"vnc\"");
    assertThat(at("machine", "show", "uno", "--xml").exits(0).out()).contains("<name>uno</name>");
    assertThat(at("machine", "show", "one").exits(3).err()).contains("there is no machine one");
    assertThat(
            calco("machine", "list", "--home", dir.resolve("home"), "--connect", "x:/y")
                .exits(2)
                .err())
        .contains("expected qemu:///system");
    Path stale = dir.resolve("stale");
    try (ServerSocketChannel ended = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      ended.bind(UnixDomainSocketAddress.of(stale));
    }
    for (Path socket : List.of(dir.resolve("none"), stale)) {
      String uri = "qemu+unix:///system?socket=" + socket;
      assertThat(
              calco("machine", "list", "--home", dir.resolve("home"), "--connect", uri)
                  .exits(8)
                  .err())
          .contains("no libvirt listens at " + socket);
    }
  }
}
