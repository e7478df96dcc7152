package io.calco.sys;

/// The file systems of this host that matter to us, by the magic number of `statfs(2)`.
public enum FileSystemKind {
  /// ext2, ext3 or ext4: holes, no reflinks.
  EXT(0xef53),
  /// XFS: holes, and reflinks unless made without.
  XFS(0x5846_5342),
  /// btrfs: holes and reflinks.
  BTRFS(0x9123_683eL),
  /// bcachefs: holes and reflinks.
  BCACHEFS(0xca45_1a4eL),
  /// ZFS.
  ZFS(0x2fc1_2fc1L),
  /// Memory.
  TMPFS(0x0102_1994),
  /// A container's overlay.
  OVERLAY(0x794c_7630),
  /// A server elsewhere, NFS.
  NFS(0x6969),
  /// A server elsewhere, SMB.
  SMB(0xff53_4d42L),
  /// A user's program.
  FUSE(0x6573_5546),
  /// Any other, or unknown.
  OTHER(0);

  private final long magic;

  FileSystemKind(long magic) {
    this.magic = magic;
  }

  static FileSystemKind of(long magic) {
    for (FileSystemKind kind : values()) {
      if (kind != OTHER && kind.magic == (magic & 0xffff_ffffL)) {
        return kind;
      }
    }
    return OTHER;
  }

  /// True when other machines may use the same files at the same time.
  public boolean shared() {
    return this == NFS || this == SMB || this == FUSE;
  }
}
