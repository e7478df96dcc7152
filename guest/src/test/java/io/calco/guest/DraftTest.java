package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.fs.FileAttributes;
import java.time.Instant;
import java.util.List;
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
}
