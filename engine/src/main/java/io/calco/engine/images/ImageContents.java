package io.calco.engine.images;

import io.calco.disk.HostFile;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.Set;

/// Where images' content lies, byte for byte as it came.
///
/// Thread rule: safe for several threads; one [Incoming] is confined.
public interface ImageContents extends AutoCloseable {
  /// Begins to take in content.
  Incoming receive() throws IOException;

  /// Content to read, all of it or parts.
  ///
  /// @param blob the name that [Incoming#finish] gave it
  HostFile open(String blob) throws IOException;

  /// Sends content, or a part of it.
  ///
  /// @param out takes bytes until it has all
  /// @param offset the first byte
  /// @param length in bytes; the part lies in the content
  void writeTo(String blob, WritableByteChannel out, long offset, long length) throws IOException;

  /// Lets go of content that came some time ago and that nobody knows: a killed process left it.
  ///
  /// @param known asked once, after what may have to go was found: an image may get its content
  ///   meanwhile
  void sweep(Known known) throws IOException;

  /// Notes beside content what image it is of, so that it can be recorded anew from there; content
  /// that was let go stays gone.
  ///
  /// @param description text, at most 1 MiB
  default void describe(String blob, String description) throws IOException {}

  /// What was noted beside which content.
  default Map<String, String> descriptions() throws IOException {
    return Map.of();
  }

  /// Lets go of content that no image has any more; what has no such name is let go already.
  void release(String blob) throws IOException;

  @Override
  void close() throws IOException;

  /// Tells the names of all content that images have.
  @FunctionalInterface
  interface Known {
    /// Reads them now.
    Set<String> read() throws IOException;
  }

  /// Content that is coming.
  interface Incoming extends AutoCloseable {
    /// How many bytes make a piece.
    int pieceLength();

    /// Takes the next piece.
    ///
    /// @param bytes hold it
    /// @param length of the piece; less only in the last
    /// @param done is run, by any thread, when the bytes are the caller's again; not when this
    ///   throws
    void write(byte[] bytes, int length, Runnable done) throws IOException;

    /// Ends it; all of it is on the medium when this returns.
    ///
    /// @return the content's name
    String finish() throws IOException;

    /// Forgets all that came, unless it was finished.
    @Override
    void close() throws IOException;
  }

  /// Whoever takes in content.
  @FunctionalInterface
  interface Receiver {
    /// Begins to take in content.
    Incoming receive() throws IOException;
  }
}
