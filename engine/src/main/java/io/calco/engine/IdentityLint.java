package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.UniqueFact;
import io.calco.sys.Cryptography;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Proves from disks which identities their machines share. Whether they ran yet does not matter.
public final class IdentityLint {
  private static final int MAX_FILE =
      16 << 20; // ours: what is larger is told by its size and start

  /// What may be the same on two machines that are not in one another's way, unless both disks are
  /// attached to one of them.
  private static final Set<String> TOLERATED =
      Set.of("file-system-uuid", "disk-uuid", "lvm-uuid", "luks-key");

  /// What is personal, but identifies nobody.
  private static final Set<String> PERSONAL =
      Set.of("cron-job", "mail", "passwd-backup", "shell-history", "ssh-user-keys", "journal");

  /// What cloud-init calls every machine that no cloud told who it is.
  private static final String NO_INSTANCE = "iid-datasource-none";

  private IdentityLint() {}

  /// How an identity is spread over the disks.
  public enum State {
    /// Each disk that has one has its own.
    DIFFERS,
    /// Shared, though two machines with it disturb each other or pass for each other.
    SHARED,
    /// Shared, which matters only when both disks are attached to one machine, or not to the
    /// machines at all.
    NOTED
  }

  /// One identity.
  ///
  /// @param what its kind: `machine-id`, `ssh-host-key` …
  /// @param where its path in the guests, or its place on the disks
  /// @param state how it is spread
  /// @param disks those that share it; all that have one where it differs
  public record Finding(String what, String where, State state, List<String> disks) {
    /// Copies the list.
    public Finding {
      disks = List.copyOf(disks);
    }
  }

  private record Identity(String what, String where) implements Comparable<Identity> {
    @Override
    public int compareTo(Identity other) {
      int order = what.compareTo(other.what);
      return order != 0 ? order : where.compareTo(other.where);
    }
  }

  /// Compares the identities of disks.
  ///
  /// @param disks by the name that findings tell, at least two
  /// @return by kind and place
  public static List<Finding> lint(Map<String, Path> disks, GuestOptions options, JobContext job)
      throws IOException {
    if (disks.size() < 2) {
      throw new OperationException(Kind.USAGE, "name two disks at least: one shares nothing");
    }
    Map<Identity, Map<String, List<String>>> owners = new TreeMap<>();
    int done = 0;
    for (Map.Entry<String, Path> disk : disks.entrySet()) {
      job.checkCancelled();
      job.progress("read identities", done++, disks.size());
      identities(disk.getValue(), options)
          .forEach((identity, value) ->
              owners
                  .computeIfAbsent(identity, _ -> new TreeMap<>())
                  .computeIfAbsent(value, _ -> new ArrayList<>())
                  .add(disk.getKey()));
    }
    List<Finding> findings = new ArrayList<>();
    owners.forEach((identity, values) -> findings.addAll(findings(identity, values)));
    return findings;
  }

  private static List<Finding> findings(Identity identity, Map<String, List<String>> values) {
    List<Finding> shared = new ArrayList<>();
    boolean noted = TOLERATED.contains(identity.what()) || PERSONAL.contains(identity.what());
    values.forEach((value, disks) -> {
      if (disks.size() > 1) {
        State state = noted || value.endsWith(NO_INSTANCE) ? State.NOTED : State.SHARED;
        shared.add(new Finding(identity.what(), identity.where(), state, disks));
      }
    });
    if (shared.isEmpty()) {
      List<String> all = values.values().stream().flatMap(List::stream).sorted().toList();
      shared.add(new Finding(identity.what(), identity.where(), State.DIFFERS, all));
    }
    return shared;
  }

  private static Map<Identity, String> identities(Path disk, GuestOptions options)
      throws IOException {
    try (Image image = options.open(disk, Access.READ);
        GuestDisk guest = options.openReadOnly(image)) {
      Map<Identity, String> identities = new TreeMap<>();
      for (UniqueFact fact : Inspector.uniques(guest, image.disk().size())) {
        identities.put(
            new Identity(fact.kind(), fact.path()),
            fact.value().isPresent() ? fact.value().get() : content(guest.tree(), fact.path()));
      }
      return identities;
    }
  }

  /// What tells one file from another: its digest, or that of its beginning and its size.
  private static String content(Optional<GuestTree> tree, String path) throws IOException {
    if (tree.isEmpty() || !tree.get().isFile(path)) {
      return path; // a directory, or a place on the disk: that it is there is all that is known
    }
    byte[] start = tree.get().readStart(path, MAX_FILE).orElse(new byte[0]);
    long size = tree.get().find(tree.get().realPath(path).orElseThrow()).orElseThrow().size();
    return size + " " + HexFormat.of().formatHex(Cryptography.sha256().digest(start));
  }
}
