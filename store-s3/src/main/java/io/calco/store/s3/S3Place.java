package io.calco.store.s3;

import java.net.URI;
import java.util.Optional;

/// The objects of a bucket whose keys begin with a prefix.
///
/// @param bucket its name
/// @param prefix without `/` at either end; empty for the whole bucket
/// @param endpoint of a service that is not Amazon's
/// @param region empty for the one that the settings of the AWS tools name
/// @param profile of these settings, whose credentials are used; empty for the environment's, or
///   those of the usual profile
/// @param lock how objects are locked; empty for not at all, or by the bucket's own rule
public record S3Place(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<String> profile,
    Optional<ObjectLock> lock) {

  /// Its address.
  @Override
  public String toString() {
    return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
  }
}
