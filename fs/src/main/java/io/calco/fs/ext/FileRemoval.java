package io.calco.fs.ext;

import java.io.IOException;

/// Takes names from inodes, and inodes without names from the file system.
final class FileRemoval {
  private final Volume volume;

  FileRemoval(Volume volume) {
    this.volume = volume;
  }

  /// Takes one name from a file that is no directory; the last one takes the file with it.
  void unlink(Inode inode) throws IOException {
    if (inode.links() > 1) {
      inode.putLinks(inode.links() - 1);
      inode.touchChange(volume.now());
      volume.inodes.write(inode);
    } else {
      release(inode);
    }
  }

  /// Gives back an inode and all its blocks.
  void release(Inode inode) throws IOException {
    new FileData(volume, inode).free();
    new ExtendedAttributes(volume, inode).release();
    volume.inodeAllocator.free(inode);
  }
}
