package io.calco.store.smb;

import com.hierynomus.msdtyp.AccessMask;
import com.hierynomus.mserref.NtStatus;
import com.hierynomus.msfscc.FileAttributes;
import com.hierynomus.msfscc.fileinformation.FileIdBothDirectoryInformation;
import com.hierynomus.msfscc.fileinformation.FileStandardInformation;
import com.hierynomus.mssmb2.SMB2CreateDisposition;
import com.hierynomus.mssmb2.SMB2CreateOptions;
import com.hierynomus.mssmb2.SMB2ShareAccess;
import com.hierynomus.mssmb2.SMBApiException;
import com.hierynomus.smbj.share.Directory;
import com.hierynomus.smbj.share.DiskEntry;
import com.hierynomus.smbj.share.DiskShare;
import com.hierynomus.smbj.share.File;
import io.calco.disk.RateLimit;
import io.calco.store.backend.ObjectNames;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Files and directories of a share, by their paths with backslashes. Confined.
final class ShareFiles {
  private static final int STEP = 1 << 20;

  /// How long a file may be held open by its readers before it is replaced.
  private static final int REPLACING_ATTEMPTS = 400;

  private static final int REPLACING_PAUSE = 25;

  private static final Set<NtStatus> NOT_THERE =
      EnumSet.of(
          NtStatus.STATUS_OBJECT_NAME_NOT_FOUND,
          NtStatus.STATUS_OBJECT_PATH_NOT_FOUND,
          NtStatus.STATUS_NO_SUCH_FILE,
          NtStatus.STATUS_DELETE_PENDING);
  private static final Set<NtStatus> HELD_OPEN =
      EnumSet.of(NtStatus.STATUS_ACCESS_DENIED, NtStatus.STATUS_SHARING_VIOLATION);

  private final DiskShare share;
  private final RateLimit rate;

  ShareFiles(DiskShare share, RateLimit rate) {
    this.share = share;
    this.rate = rate;
  }

  static boolean isNotThere(SMBApiException e) {
    return NOT_THERE.contains(e.getStatus());
  }

  File openToRead(String path) {
    return share.openFile(
        path,
        EnumSet.of(AccessMask.GENERIC_READ),
        EnumSet.of(FileAttributes.FILE_ATTRIBUTE_NORMAL),
        SMB2ShareAccess.ALL,
        SMB2CreateDisposition.FILE_OPEN,
        EnumSet.of(SMB2CreateOptions.FILE_NON_DIRECTORY_FILE));
  }

  private File make(String path) {
    return share.openFile(
        path,
        EnumSet.of(AccessMask.GENERIC_READ, AccessMask.GENERIC_WRITE, AccessMask.DELETE),
        EnumSet.of(FileAttributes.FILE_ATTRIBUTE_NORMAL),
        SMB2ShareAccess.ALL,
        SMB2CreateDisposition.FILE_CREATE,
        EnumSet.of(SMB2CreateOptions.FILE_NON_DIRECTORY_FILE));
  }

  /// Makes a file that is not there, and the directories that lead to it.
  File makeIn(String path) throws IOException {
    try {
      return make(path);
    } catch (SMBApiException e) {
      if (!isNotThere(e)) {
        throw e;
      }
      makeDirectories(directoryOf(path));
      return make(path);
    }
  }

  static String directoryOf(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('\\')));
  }

  /// Makes a directory and those above it, unless they are there.
  void makeDirectories(String path) throws IOException {
    if (path.isEmpty()) {
      return;
    }
    try {
      share.mkdir(path);
    } catch (SMBApiException e) {
      if (e.getStatus() == NtStatus.STATUS_OBJECT_NAME_COLLISION) {
        return;
      }
      if (!isNotThere(e)) {
        throw e;
      }
      makeDirectories(directoryOf(path));
      try {
        share.mkdir(path);
      } catch (SMBApiException again) {
        if (again.getStatus() != NtStatus.STATUS_OBJECT_NAME_COLLISION) {
          throw again;
        }
      }
    }
  }

  /// Writes a file and gives it its name, in place of the one that has it.
  ///
  /// @param part where it is written first
  void putWhole(String part, String target, List<MemorySegment> content) throws IOException {
    try (File file = makeIn(part)) {
      try {
        long length = write(file, content);
        long written = length(file);
        if (written != length) {
          throw new StreamCorruptedException(
              "a file of %d bytes, where %d were written".formatted(written, length));
        }
        file.flush();
        replace(file, target);
        file.flush();
      } catch (IOException | RuntimeException e) {
        deleteUnnamed(file, e);
        throw e;
      }
    }
  }

  private static void deleteUnnamed(File file, Exception failure) {
    try {
      file.deleteOnClose();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private long write(File file, List<MemorySegment> content) throws IOException {
    byte[] step = new byte[STEP];
    long at = 0;
    for (MemorySegment bytes : content) {
      for (long from = 0; from < bytes.byteSize(); ) {
        int length = (int) Math.min(step.length, bytes.byteSize() - from);
        rate.pass(length);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, step, 0, length);
        file.write(step, at, 0, length);
        from += length;
        at += length;
      }
    }
    return at;
  }

  long length(DiskEntry file) {
    return file.getFileInformation(FileStandardInformation.class).getEndOfFile();
  }

  /// Servers refuse to replace a file that somebody has open: readers hold them for moments only.
  private void replace(File file, String target) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        file.rename(target, true);
        return;
      } catch (SMBApiException e) {
        if (e.getStatus() == NtStatus.STATUS_OBJECT_PATH_NOT_FOUND && attempt == 1) {
          makeDirectories(directoryOf(target));
        } else if (HELD_OPEN.contains(e.getStatus()) && attempt < REPLACING_ATTEMPTS) {
          rest();
        } else {
          throw e;
        }
      }
    }
  }

  private static void rest() throws InterruptedIOException {
    try {
      Thread.sleep(REPLACING_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before a file could be replaced");
    }
  }

  /// Reads exactly `dst.byteSize()` bytes.
  ///
  /// @throws EOFException when the file ends before
  void read(File file, long offset, MemorySegment dst) throws IOException {
    byte[] step = new byte[(int) Math.min(STEP, dst.byteSize())];
    long done = 0;
    while (done < dst.byteSize()) {
      int wanted = (int) Math.min(step.length, dst.byteSize() - done);
      rate.pass(wanted);
      int read = file.read(step, offset + done, 0, wanted);
      if (read <= 0) {
        throw new EOFException();
      }
      if (read > wanted) {
        throw new StreamCorruptedException(
            "%d bytes where %d were asked for".formatted(read, wanted));
      }
      MemorySegment.copy(step, 0, dst, ValueLayout.JAVA_BYTE, done, read);
      done += read;
    }
  }

  /// Deletes a file; does nothing when there is none. Its name is free at once, also when others
  /// read the file still: it is given another first.
  ///
  /// @param part the other
  void delete(String path, String part) throws IOException {
    try (File file =
        share.openFile(
            path,
            EnumSet.of(AccessMask.DELETE, AccessMask.FILE_READ_ATTRIBUTES),
            EnumSet.of(FileAttributes.FILE_ATTRIBUTE_NORMAL),
            SMB2ShareAccess.ALL,
            SMB2CreateDisposition.FILE_OPEN,
            EnumSet.of(SMB2CreateOptions.FILE_NON_DIRECTORY_FILE))) {
      try {
        file.rename(part, false);
      } catch (SMBApiException e) {
        if (e.getStatus() != NtStatus.STATUS_OBJECT_PATH_NOT_FOUND) {
          throw e;
        }
        makeDirectories(directoryOf(part));
        file.rename(part, false);
      }
      file.deleteOnClose();
    } catch (SMBApiException e) {
      if (!isNotThere(e)) {
        throw e;
      }
    }
  }

  /// What lies in a directory; nothing when it is not there.
  List<FileIdBothDirectoryInformation> read(String path, String place) throws IOException {
    List<FileIdBothDirectoryInformation> entries = new ArrayList<>();
    try (Directory directory =
        share.openDirectory(
            path,
            EnumSet.of(AccessMask.FILE_LIST_DIRECTORY, AccessMask.FILE_READ_ATTRIBUTES),
            EnumSet.of(FileAttributes.FILE_ATTRIBUTE_DIRECTORY),
            SMB2ShareAccess.ALL,
            SMB2CreateDisposition.FILE_OPEN,
            EnumSet.of(SMB2CreateOptions.FILE_DIRECTORY_FILE))) {
      for (FileIdBothDirectoryInformation entry : directory) {
        if (!entry.getFileName().equals(".") && !entry.getFileName().equals("..")) {
          entries.add(entry);
          ObjectNames.checkListed(place, entries.size());
        }
      }
    } catch (SMBApiException e) {
      if (!isNotThere(e)) {
        throw e;
      }
    }
    return entries;
  }
}
