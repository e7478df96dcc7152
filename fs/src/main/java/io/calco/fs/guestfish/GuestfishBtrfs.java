package io.calco.fs.guestfish;

import io.calco.fs.FileSystem;
import io.calco.fs.GuestNames;
import io.calco.fs.SubvolumeFileSystem;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A btrfs of the machine's. Its subvolumes are mounted beside it, and are written too.
final class GuestfishBtrfs extends GuestfishFileSystem implements SubvolumeFileSystem {
  private static final long TOP_LEVEL = 5;
  private static final int SUBVOLUMES_MAX = 10_000; // ours
  private static final Pattern LISTED =
      Pattern.compile(
          "btrfssubvolume_id: ([0-9]{1,18})\n  btrfssubvolume_top_level_id: [0-9]+\n"
              + "  btrfssubvolume_path: (.*?)\n\\}",
          Pattern.DOTALL);

  private final long shown;
  private final List<FileSystem> opened = new ArrayList<>();

  GuestfishBtrfs(Guestfish machine, String device, String mount, String options)
      throws IOException {
    super(machine, device, mount, options);
    String number = machine.line(Command.of("btrfs-subvolume-get-default").word(mount));
    this.shown = number.matches("[0-9]{1,18}") ? Long.parseLong(number) : TOP_LEVEL;
  }

  /// Which of them are for reading only is not told.
  @Override
  public List<Subvolume> subvolumes() throws IOException {
    List<Subvolume> subvolumes = new ArrayList<>();
    subvolumes.add(new Subvolume(TOP_LEVEL, "/", false));
    byte[] listed = machine().run(Command.of("btrfs-subvolume-list").word(mountPoint()));
    Matcher found = LISTED.matcher(GuestNames.decode(listed));
    while (found.find() && subvolumes.size() < SUBVOLUMES_MAX) {
      long id = Long.parseLong(found.group(1));
      subvolumes.add(new Subvolume(id, "/" + found.group(2), false));
    }
    return subvolumes;
  }

  @Override
  public long shownSubvolume() {
    return shown;
  }

  @Override
  public FileSystem openSubvolume(long id) throws IOException {
    if (subvolumes().stream().noneMatch(subvolume -> subvolume.id() == id)) {
      throw new NoSuchFileException("subvolume " + id);
    }
    FileSystem subvolume =
        new GuestfishFileSystem(
            machine(), device(), machine().newMountPoint(), Guestfish.OPTIONS + ",subvolid=" + id);
    opened.add(subvolume);
    return subvolume;
  }

  @Override
  public void close() throws IOException {
    for (FileSystem subvolume : opened) {
      subvolume.close();
    }
    opened.clear();
    super.close();
  }
}
