package io.calco.sys;

import java.nio.file.FileSystemException;

/// A block device that is mounted, part of a volume group or a RAID, or used by another who wants
/// it alone.
public final class FileBusyException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  FileBusyException(String file) {
    super(file, null, Errno.text(Errno.EBUSY));
  }
}
