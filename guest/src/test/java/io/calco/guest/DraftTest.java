package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.fs.FileAttributes;
import io.calco.testkit.Seeds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DraftTest {
  private final MemoryFileSystem fs = DebianGuest.make();
  private final GuestTree tree = fs.tree();
  private final Draft draft =
      new Draft(tree, List.of(PathPattern.of("/var/log/keep/**")), Instant.EPOCH);

  private List<String> apply() throws Exception {
    List<Change> changes = draft.takeSection().changes();
    new ChangeApplier(tree, JobContext.SILENT).apply(changes);
    return changes.stream().map(Change::describe).toList();
  }

  @Test
  void nothingIsWrittenBeforeItIsApplied() throws Exception {
    draft.remove("/home/ana");
    draft.putText("/etc/hostname", "new\n", 0644);
    assertThat(fs.changes()).isZero();
    assertThat(draft.exists("/home/ana/notes.txt")).isFalse();
    assertThat(draft.text("/etc/hostname")).contains("new\n");
    apply();
    assertThat(fs.text("/etc/hostname")).isEqualTo("new\n");
    assertThat(fs.has("/home/ana")).isFalse();
  }

  @Test
  void editsOfOneFileBecomeOneChange() throws Exception {
    draft.edit("/etc/group", text -> text + "x:x:5:\n");
    draft.edit("/etc/group", text -> text + "y:x:6:\n");
    draft.edit("/etc/group", text -> text);
    draft.putText("/etc/fresh", "1", 0600);
    draft.putText("/etc/fresh", "2", 0600);
    assertThat(apply()).containsExactly("replace /etc/group", "create /etc/fresh");
    assertThat(fs.text("/etc/group")).endsWith("ana:x:1000:\nx:x:5:\ny:x:6:\n");
    assertThat(fs.text("/etc/fresh")).isEqualTo("2");
  }

  @Test
  void replacedFilesKeepTheirOwnerAndMode() throws Exception {
    draft.edit("/etc/shadow", text -> text + "b:*:1::::::\n");
    draft.putText("/home/ana/notes.txt", "other\n", 0600);
    apply();
    assertThat(fs.owner("/etc/shadow")).isEqualTo("0640 0:0");
    assertThat(fs.owner("/home/ana/notes.txt")).isEqualTo("0644 1000:1000");
  }

  @Test
  void writingThroughALinkChangesItsTarget() throws Exception {
    draft.putText("/etc/os-release", "ID=other\n", 0644);
    fs.symlink("/etc/dangling", "/nowhere");
    draft.putText("/etc/dangling", "now a file", 0644);
    apply();
    assertThat(fs.text("/usr/lib/os-release")).isEqualTo("ID=other\n");
    assertThat(tree.readLink("/etc/os-release")).isPresent();
    assertThat(fs.text("/etc/dangling")).isEqualTo("now a file");
    assertThat(fs.has("/nowhere")).isFalse();
  }

  @Test
  void whatIsToBeKeptStaysWithItsDirectories() throws Exception {
    fs.file("/var/log/keep/a/b", "keep").file("/var/log/other/a", "go");
    draft.removeTrees("/var/log/*");
    draft.putText("/var/log/keep/a/b", "changed", 0600);
    apply();
    assertThat(fs.text("/var/log/keep/a/b")).isEqualTo("keep");
    assertThat(fs.has("/var/log/other")).isFalse();
    assertThat(draft.kept()).contains("/var/log/keep");
  }

  @Test
  void aDirectoryThatIsKeptKeepsWhatIsInIt() throws Exception {
    Draft careful = new Draft(tree, List.of(PathPattern.of("/home/ana/.s*")), Instant.EPOCH);
    careful.remove("/home/ana");
    new ChangeApplier(tree, JobContext.SILENT).apply(careful.takeSection().changes());
    assertThat(fs.paths())
        .filteredOn(path -> path.startsWith("/home"))
        .containsExactly("/home", "/home/ana", "/home/ana/.ssh", "/home/ana/.ssh/authorized_keys");
  }

  @Test
  void aDirectoryCanComeBack() throws Exception {
    draft.remove("/root/.ssh");
    draft.directory("/root/.ssh", FileAttributes.root(0700, Instant.EPOCH));
    draft.putText("/root/.ssh/authorized_keys", "key\n", 0600);
    assertThat(apply())
        .containsExactly(
            "remove /root/.ssh/authorized_keys",
            "remove /root/.ssh",
            "create-directory /root/.ssh",
            "create /root/.ssh/authorized_keys");
    assertThat(fs.text("/root/.ssh/authorized_keys")).isEqualTo("key\n");
  }

  @Test
  void newFilesGetTheLabelOfTheirKind() throws Exception {
    fs.label("/etc/ssh", "system_u:object_r:etc_t:s0")
        .label("/etc/ssh/sshd_config", "system_u:object_r:etc_t:s0")
        .label("/root", "system_u:object_r:admin_home_t:s0");
    draft.putText("/etc/ssh/extra", "", 0644);
    draft.putText("/etc/ssh/ssh_host_new_key", "", 0600);
    draft.putText("/root/new/file", "", 0600);
    draft.putText("/etc/unlabelled", "", 0600);
    apply();
    assertThat(label("/etc/ssh/extra")).isEqualTo("system_u:object_r:etc_t:s0\0");
    assertThat(label("/etc/ssh/ssh_host_new_key")).isEqualTo("system_u:object_r:sshd_key_t:s0\0");
    assertThat(label("/root/new/file")).isEqualTo("system_u:object_r:admin_home_t:s0\0");
    assertThat(tree.extendedAttributes("/etc/unlabelled")).isEmpty();
  }

  private String label(String path) throws Exception {
    return new String(
        tree.extendedAttributes(path).get("security.selinux"),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  /// What a draft shows is what its changes make, whatever was drafted.
  @Test
  void theDraftShowsWhatWillBe() {
    Seeds.run(
        1000,
        random -> {
          MemoryFileSystem files = new MemoryFileSystem();
          for (int i = 0; i < 8; i++) {
            if (random.nextInt(4) > 0) {
              files.file(path(random) + "/x", "old " + i);
            } else if (!files.has("/l" + i)) {
              files.symlink("/l" + i, path(random));
            }
          }
          GuestTree guest = files.tree();
          Draft planned = new Draft(guest, List.of(), Instant.EPOCH);
          List<Change> changes = new ArrayList<>();
          for (int i = 0; i < 12; i++) {
            step(planned, random, i);
            if (random.nextInt(3) == 0) {
              changes.addAll(planned.takeSection().changes());
            }
          }
          changes.addAll(planned.takeSection().changes());
          Map<String, String> shown = state(planned);
          new ChangeApplier(guest, JobContext.SILENT).apply(changes);
          assertThat(state(new Draft(guest, List.of(), Instant.EPOCH))).isEqualTo(shown);
        });
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      path.append('/').append((char) ('a' + random.nextInt(2)));
    }
    return path.toString();
  }

  private static void step(Draft draft, Random random, int i) throws Exception {
    String path = random.nextInt(3) == 0 ? "/l" + random.nextInt(8) : path(random);
    String file = path + (random.nextInt(2) == 0 ? "/x" : "");
    switch (random.nextInt(7)) {
      case 0, 1 -> draft.remove(file);
      case 2 -> draft.putText(file, "new " + i, 0644);
      case 3 -> draft.edit(file, text -> text + "+");
      case 4 -> draft.empty(file);
      case 5 -> draft.link(file, path(random));
      default -> draft.directory(file, FileAttributes.root(0755, Instant.EPOCH));
    }
  }

  /// Every path that the steps can name, with what is there.
  private static Map<String, String> state(Draft draft) throws Exception {
    List<String> paths = new ArrayList<>();
    for (String one : List.of("/a", "/b")) {
      paths.add(one);
      for (String two : List.of("/a", "/b")) {
        paths.add(one + two);
        paths.add(one + two + "/a");
        paths.add(one + two + "/b");
      }
    }
    for (int i = 0; i < 8; i++) {
      paths.add("/l" + i);
    }
    Map<String, String> state = new TreeMap<>();
    for (String path : paths) {
      for (String each : List.of(path, path + "/x")) {
        state.put(
            each,
            "%s %s %s %s"
                .formatted(
                    draft.exists(each),
                    draft.isDirectory(each),
                    draft.readLink(each).orElse("-"),
                    draft.text(each).orElse("-")));
      }
    }
    return state;
  }
}
