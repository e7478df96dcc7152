package io.calco.disk;

import java.io.IOException;

/// A kind of file that holds another: compressed, or an archive of several. Found by
/// [java.util.ServiceLoader]. Stateless.
public interface Wrapper {

  /// The name: `gz`, `xz`, `tar` …
  String name();

  /// True when the file's first bytes are this wrapper's marks. Asks neither for the file's end nor
  /// for its size, which may be dear to know.
  boolean probe(HostFile file) throws IOException;

  /// The file inside, to be read anywhere. Takes `file` over: it is closed with the result, and
  /// also when opening fails.
  ///
  /// Little is unpacked at first; damage is found when a read comes to it, a missing end when
  /// [HostFile#size] is asked or the end read.
  ///
  /// @throws DiskException when the content cannot be used, or exceeds the budget
  HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException;
}
