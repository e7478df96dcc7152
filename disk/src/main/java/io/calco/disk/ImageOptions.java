package io.calco.disk;

import java.util.Optional;

/// How an image file is opened.
///
/// @param format the format's name when it is known; probing is for first import only
/// @param access what it is opened for
/// @param policy which other files the image may refer to
/// @param snapshot read as this internal snapshot left it
/// @param passphrase what opens the encrypted images of the chain
/// @param member which file of an archive is meant, where several could be
/// @param locking whether somebody else may write what is only read
public record ImageOptions(
    Optional<String> format,
    Access access,
    OpenPolicy policy,
    Optional<String> snapshot,
    Optional<Passphrase> passphrase,
    Optional<String> member,
    Locking locking) {

  /// For images that are not encrypted.
  public ImageOptions(
      Optional<String> format, Access access, OpenPolicy policy, Optional<String> snapshot) {
    this(format, access, policy, snapshot, Optional.empty());
  }

  /// For images that may be encrypted.
  public ImageOptions(
      Optional<String> format,
      Access access,
      OpenPolicy policy,
      Optional<String> snapshot,
      Optional<Passphrase> passphrase) {
    this(format, access, policy, snapshot, passphrase, Optional.empty(), Locking.ALL);
  }

  /// Which files are locked while they are open.
  public enum Locking {
    /// All whose guest bytes are used, as QEMU locks them: nobody else writes what is read.
    ALL,
    /// Those that are written. What is only read may be changing, and what is read of it may be
    /// torn.
    WRITTEN
  }

  /// What an image is opened for.
  public enum Access {
    /// The header and metadata alone: references to other files are not followed; the disk must not
    /// be read.
    METADATA,
    /// As METADATA, and nobody may write meanwhile: what is compared must belong together.
    VERIFY,
    /// Guest bytes are read.
    READ,
    /// Guest bytes are read and written; images below are only read.
    WRITE,
    /// As METADATA, and it is changed.
    EDIT,
    /// As METADATA, also when the image is unfit for use, and it may be mended.
    REPAIR;

    /// True when the image's file is opened for writing.
    boolean writes() {
      return this == WRITE || this == EDIT || this == REPAIR;
    }
  }

  /// For reading, format probed, references within the image's own directory.
  public static ImageOptions reading() {
    return new ImageOptions(
        Optional.empty(), Access.READ, OpenPolicy.ownDirectory(), Optional.empty());
  }

  /// The same with another access.
  public ImageOptions with(Access other) {
    return new ImageOptions(format, other, policy, snapshot, passphrase, member, locking);
  }

  /// The same with a stated format.
  public ImageOptions withFormat(String name) {
    return new ImageOptions(
        Optional.of(name), access, policy, snapshot, passphrase, member, locking);
  }

  /// The same with another policy.
  public ImageOptions with(OpenPolicy other) {
    return new ImageOptions(format, access, other, snapshot, passphrase, member, locking);
  }

  /// The same, read as an internal snapshot left it.
  public ImageOptions withSnapshot(String idOrName) {
    return new ImageOptions(
        format, access, policy, Optional.of(idOrName), passphrase, member, locking);
  }

  /// The same, opened with a passphrase.
  public ImageOptions with(Passphrase secret) {
    return new ImageOptions(format, access, policy, snapshot, Optional.of(secret), member, locking);
  }

  /// The same with one file of an archive chosen.
  public ImageOptions withMember(String name) {
    return new ImageOptions(
        format, access, policy, snapshot, passphrase, Optional.of(name), locking);
  }

  /// The same with other locks.
  public ImageOptions with(Locking other) {
    return new ImageOptions(format, access, policy, snapshot, passphrase, member, other);
  }

  /// True when the image and its companions are locked.
  boolean locks() {
    boolean reads = access == Access.READ || access == Access.VERIFY;
    return access.writes() || reads && locking == Locking.ALL;
  }
}
