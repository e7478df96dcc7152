package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageOrigin.Verified;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePool;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageTaking;
import io.calco.engine.images.ImportProof;
import io.calco.engine.images.ImportSource;
import io.calco.engine.images.MachineParts;
import io.calco.engine.images.SignatureFiles;
import io.calco.engine.published.Checksum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `calco image import`.
final class ImageImportCommand extends ImagesCommand {
  private static final String STANDARD = "-";

  private final Values<String> source =
      words.parameters(
          0,
          "FILE|URL|-",
          String.class,
          "An image of any format, packed or not; - is standard input. With --from-pool, names of"
              + " its disks (default: all).");
  private final Value<String> name =
      words.option(
          "--name",
          "NAME",
          String.class,
          "What to call it, such as debian:12 (default: the file's name).");
  private final Value<String> format =
      words.option(
          "--format",
          "FORMAT",
          String.class,
          "What it is, out of all packing: qcow2, raw, iso, vmdk, vhd, vhdx, vdi, ova, aki, ari or"
              + " ami; it must be that (default: found out).");
  private final Value<ImageListCommand.VisibilityName> visibility =
      words.option(
          "--visibility",
          "WHO",
          ImageListCommand.VisibilityName.class,
          "private",
          "Who sees it: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).");
  private final Values<String> properties =
      words.options("--property", "KEY=VALUE", String.class, "A property; may be repeated.");
  private final Values<String> tags =
      words.options("--tag", "TAG", String.class, "A tag; may be repeated.");
  private final Flag protect = words.flag("--protect", "It cannot be deleted.");
  private final Value<String> kernel =
      words.option("--kernel", "IMAGE", String.class, "Of an ami: the image (aki) of its kernel.");
  private final Value<String> ramdisk =
      words.option(
          "--ramdisk", "IMAGE", String.class, "Of an ami: the image (ari) of its RAM disk.");
  private final Value<String> checksum =
      words.option(
          "--checksum",
          "sha256:HEX",
          String.class,
          "What the file as it is published must have, packed perhaps.");
  private final Value<String> sums =
      words.option(
          "--sums",
          "SHA256SUMS",
          String.class,
          "The publisher's list of checksums, a file or a URL, that names the file.");
  private final Value<String> signature =
      words.option(
          "--sums-signature",
          "FILE",
          String.class,
          "The list's OpenPGP signature, a file or a URL; not for a list that holds it in itself.");
  private final Value<Path> keyring =
      words.option(
          "--keyring",
          "FILE",
          Path.class,
          "The publisher's keys, as gpg --export writes them: the list must be signed by one.");
  private final Value<Path> imageSignature =
      words.option(
          "--signature",
          "FILE",
          Path.class,
          "The signature of the image itself, out of all packing; it is kept with the image as"
              + " OpenStack's img_signature properties.");
  private final Value<Path> certificate =
      words.option(
          "--certificate",
          "UUID.pem",
          Path.class,
          "The signer's certificate (X.509); clients know it by the UUID that the file is called.");
  private final Value<String> signatureHash =
      words.option(
          "--signature-hash",
          "METHOD",
          String.class,
          "SHA-256",
          "SHA-224, SHA-256, SHA-384 or SHA-512 (default: ${DEFAULT-VALUE}).");
  private final Value<String> signatureKey =
      words.option(
          "--signature-key",
          "TYPE",
          String.class,
          "RSA-PSS",
          "RSA-PSS, DSA, or ECC_SECP384R1 and others of Glance's (default: ${DEFAULT-VALUE}).");
  private final Flag fromPool =
      words.flag(
          "--from-pool",
          "Take the disks of a hypervisor's pool; an overlay with all below it, as one image.");
  private final Value<Path> pool =
      words.option(
          "--pool",
          "DIR",
          Path.class,
          ImagePool.LIBVIRT,
          "The pool's directory (default: ${DEFAULT-VALUE}).");

  ImageImportCommand() {
    super(
        "import",
        "Take an image into the catalogue.",
        "It is unpacked (gz, xz, zst, bz2, zip, tar), checked, hashed and stored in one pass. What"
            + " is dangerous, or is not what it is said to be, is refused, and nothing is kept.");
    words.examples(
        "calco image import vm.qcow2 --name web:1",
        "calco image import https://…/debian-12-genericcloud-amd64.qcow2 --name debian:12 \\",
        "    --sums https://…/SHA512SUMS --sums-signature https://…/SHA512SUMS.sign --keyring debian.gpg",
        "calco image import vm.qcow2 --signature vm.sig \\",
        "    --certificate 0b9a8c66-4f0e-4c7b-9a55-7a1f7a0c1d2e.pem",
        "xzcat disk.img.xz | calco image import - --name disk --format raw",
        "calco image import --from-pool vm1.qcow2");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImportProof proof =
        new ImportProof(
            checksum.optional().map(Checksum::parse),
            sums.optional(),
            signature.optional(),
            keyring.optional());
    Map<String, Object> attributes = attributes();
    MachineParts.addParts(
        images, caller, format.optional(), kernel.optional(), ramdisk.optional(), attributes);
    Optional<SignatureFiles> signed =
        SignatureFiles.of(
            imageSignature.optional(),
            certificate.optional(),
            signatureHash.get(),
            signatureKey.get());
    List<ImportSource> sources = sources();
    if (sources.size() > 1 && (name.given() || signed.isPresent())) {
      throw new OperationException(
          Kind.USAGE,
          "%s is for one image, and these are %d"
              .formatted(name.given() ? "--name" : "--signature", sources.size()));
    }
    List<ImageTaking.Taken> all = new ArrayList<>();
    for (ImportSource each : sources) {
      try (Progress progress = progress()) {
        all.add(
            images
                .taking()
                .take(
                    caller,
                    each,
                    new ImageTaking.Wanted(attributes, format.optional(), signed),
                    proof,
                    progress));
      }
      if (!json()) {
        print(all.getLast());
      }
    }
    if (json()) {
      List<Json.Fields> fields = all.stream().map(ImageImportCommand::json).toList();
      Json.print(out(), fromPool.given() ? fields : fields.getFirst());
    }
    return ExitCode.DONE;
  }

  private List<ImportSource> sources() throws IOException {
    if (fromPool.given()) {
      return ImagePool.disks(pool.get(), source.all());
    }
    if (source.all().size() != 1) {
      throw new OperationException(Kind.USAGE, "one file, URL or - is needed");
    }
    String place = source.all().getFirst();
    if (place.equals(STANDARD)) {
      return List.of(new ImportSource.Input(System.in));
    }
    return List.of(
        ImportProof.isAddress(place)
            ? new ImportSource.Web(place)
            : new ImportSource.File(Path.of(place)));
  }

  private Map<String, Object> attributes() {
    Map<String, Object> attributes = new HashMap<>(Properties.parse(properties.all()));
    name.optional().ifPresent(text -> attributes.put("name", text));
    attributes.put("visibility", visibility.get().visibility().text());
    attributes.put("protected", protect.given());
    attributes.put("tags", tags.all());
    return attributes;
  }

  private static Json.Fields json(ImageTaking.Taken taken) {
    return ImageText.json(taken.image())
        .put("origin", ImageText.json(taken.origin()))
        .put("inspection", ImageText.json(taken.inspection()));
  }

  private void print(ImageTaking.Taken taken) {
    ImageEntry image = taken.image();
    Verified verified = taken.origin().verified();
    String signer = image.properties().containsKey("img_signature") ? ", signature verified" : "";
    String proof =
        !verified.keyFingerprint().isEmpty()
            ? ", signed by " + verified.signer()
            : verified.checksum().isEmpty() ? "" : ", checksum verified";
    say(
        Text.safe(
            "%s: %s, %s, %s%s%s"
                .formatted(
                    image.facts().name(),
                    ImageText.format(image),
                    ImageText.size(image),
                    ImageText.system(Optional.of(taken.inspection()))
                        .replaceAll("^-$", "no system found"),
                    proof,
                    signer)));
    out().println(image.id());
  }
}
