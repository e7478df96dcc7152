package io.calco.engine;

import io.calco.disk.Disk;
import io.calco.disk.DiskFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.engine.OperationException.Kind;
import io.calco.nbd.NbdAddress;
import io.calco.nbd.NbdDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Images that a user names to be read: a file's path, or the address of a disk that an NBD server
/// serves. The one place where such an address is followed: what stands inside an image never comes
/// here. Stateless.
public final class RemoteImages {
  private RemoteImages() {}

  /// The address, where a name is one. As a path it has lost some of its slashes.
  public static Optional<String> address(Path named) {
    String text = named.toString();
    return NbdAddress.isAddress(text)
        ? Optional.of(
            text.replaceFirst("^(nbds?):/+", "$1://").replaceFirst("^(nbds?\\+unix):/+", "$1:///"))
        : Optional.empty();
  }

  /// Opens what a user named for reading. What a server serves is raw unless its format is stated:
  /// it is a disk, whose guest could forge what would be found.
  ///
  /// @throws OperationException USAGE for an address that is none
  public static Image open(Path named, ImageOptions options) throws IOException {
    Optional<String> address = address(named);
    return address.isPresent() ? openRemote(address.get(), options) : Image.open(named, options);
  }

  private static Image openRemote(String text, ImageOptions options) throws IOException {
    NbdAddress address;
    try {
      address = NbdAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new OperationException(
          Kind.USAGE,
          String.valueOf(e.getMessage()),
          "such as nbd://HOST:PORT/EXPORT or nbd+unix:///EXPORT?socket=PATH; ./%s is a file"
              .formatted(text));
    }
    NbdDisk.Options how = NbdDisk.Options.to(NbdDisk.Access.READ);
    if (address.certificates().isPresent()) {
      how = how.with(trust(address.certificates().get()));
    }
    Disk disk = NbdDisk.open(address, how);
    ImageOptions stated = options.format().isPresent() ? options : options.withFormat("raw");
    return Image.openOwning(DiskFile.owning(text, disk), stated);
  }

  /// The directory as libnbd and QEMU have it.
  private static SSLContext trust(Path directory) throws IOException {
    Path own = directory.resolve("client-cert.pem");
    Optional<KeyStore> keys =
        Files.exists(own)
            ? Optional.of(PemFiles.read(own, directory.resolve("client-key.pem")))
            : Optional.empty();
    return PemFiles.context(keys, Optional.of(PemFiles.trusted(directory.resolve("ca-cert.pem"))));
  }
}
