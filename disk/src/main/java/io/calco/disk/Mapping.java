package io.calco.disk;

/// Where a run of guest bytes lies, as a [FormatDriver] answers it. Every run begins at the guest
/// offset that was asked for.
public sealed interface Mapping {

  /// Bytes in the run; at least 1.
  long length();

  /// The bytes lie as they are in a host file. A part beyond the end of the file reads as zeroes.
  ///
  /// @param file the file they lie in
  /// @param hostOffset the first byte there
  /// @param length bytes in the run
  /// @param inPlace the run belongs to this image alone, so that writing there changes nothing else
  record Data(HostFile file, long hostOffset, long length, boolean inPlace) implements Mapping {}

  /// The bytes read as zeroes.
  ///
  /// @param length bytes in the run
  /// @param allocated host space is set aside for them
  record Zero(long length, boolean allocated) implements Mapping {}

  /// This image says nothing of the bytes: they are the backing image's, or zeroes without one.
  ///
  /// @param length bytes in the run
  record Unallocated(long length) implements Mapping {}

  /// The bytes lie in a compressed unit that [FormatDriver#decompress] unpacks as a whole.
  ///
  /// @param unitOffset guest offset of the unit's first byte
  /// @param unitLength guest bytes in the whole unit
  /// @param length bytes in the run, which lies within the unit
  /// @param hostOffset where the packed bytes begin; names the unit
  /// @param hostLength packed bytes, an upper bound
  record Compressed(long unitOffset, int unitLength, long length, long hostOffset, int hostLength)
      implements Mapping {}
}
