package io.calco.store.backend;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Keeps objects by name: bytes that are put whole, read in ranges, and never changed but by
/// putting another whole in their place.
///
/// Names are parts of `a`–`z`, `0`–`9`, `-`, `_` and `.`, joined by `/`; no part is empty or begins
/// with a full stop; at most 200 characters in all.
///
/// Thread rule: safe for several threads and several processes at once.
public interface Backend extends AutoCloseable {

  /// Where the objects lie, for messages.
  String place();

  /// Puts an object. Durable, and seen by everybody, when it returns; when it fails the name leads
  /// to what it led to before, or to the new object.
  ///
  /// @param content its bytes, one part after the other; not changed meanwhile
  void put(String name, List<MemorySegment> content) throws IOException;

  /// Reads an object whole: as one put left it, also when it is replaced meanwhile.
  ///
  /// @param max the most bytes that it may have
  /// @throws java.nio.file.NoSuchFileException when there is no such object
  /// @throws io.calco.disk.LimitExceededException when it is longer
  byte[] get(String name, int max) throws IOException;

  /// Reads exactly `dst.byteSize()` bytes of an object.
  ///
  /// @param offset first byte, 0 or more
  /// @throws java.nio.file.NoSuchFileException when there is no such object
  /// @throws java.io.EOFException when it ends before
  void get(String name, long offset, MemorySegment dst) throws IOException;

  /// The object's length in bytes.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is no such object
  long size(String name) throws IOException;

  /// Every object whose name begins with `prefix`, in no order. May be slow.
  ///
  /// @param prefix empty, or whole parts of a name with a `/` at the end
  List<StoredObject> list(String prefix) throws IOException;

  /// Deletes an object; does nothing when there is none.
  void delete(String name) throws IOException;

  /// Deletes objects, in no order; those that are not there are passed over. When it fails some are
  /// there still.
  default void deleteAll(Collection<String> names) throws IOException {
    for (String name : names) {
      delete(name);
    }
  }

  /// Keeps an object from being deleted or replaced for as long as one that is put now would be,
  /// where the place locks objects and this is not the case already.
  ///
  /// @return false when the place locks none
  /// @throws java.nio.file.NoSuchFileException when there is no such object, and the place locks
  default boolean keep(String name) throws IOException {
    return false;
  }

  /// Whether each call goes over a network: one costs as much as many bytes then, and several side
  /// by side little more.
  default boolean isElsewhere() {
    return true;
  }

  /// What may be kept here, as the place says itself.
  ///
  /// @param limit in bytes
  /// @param used of them, also by what else counts there
  record Quota(long limit, long used) {}

  /// What may be kept here; empty where the place does not say.
  default Optional<Quota> quota() throws IOException {
    return Optional.empty();
  }

  /// Deletes what puts that were cut off have left, as far as it can be known and is safe.
  void sweep() throws IOException;

  @Override
  void close() throws IOException;
}
