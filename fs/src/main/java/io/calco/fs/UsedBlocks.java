package io.calco.fs;

import java.io.IOException;

/// How full a file system is, and where: enough to copy one without what is free in it. Families
/// whose files are read give it with them ([FileSystem]); others alone.
///
/// Thread rule: confined to one thread at a time.
public interface UsedBlocks {

  /// What kind, how large, how full.
  FileSystemFacts facts() throws IOException;

  /// Calls `run` for every run of blocks in use, ascending, in bytes from the start of the file
  /// system.
  void usedRuns(FileSystem.RunConsumer run) throws IOException;

  /// True when [#usedRuns] tells of all that is needed: of a file system that was not unmounted in
  /// order, only where the family replays what the map does not know yet, or needs no replay.
  default boolean tellsAll() throws IOException {
    return facts().clean();
  }
}
