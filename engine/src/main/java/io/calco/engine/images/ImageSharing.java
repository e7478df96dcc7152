package io.calco.engine.images;

import io.calco.catalog.CatalogException;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageMember;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.util.List;

/// With whom images are shared: an owner offers, the other project accepts.
///
/// Thread rule: safe for several threads.
public final class ImageSharing {
  private static final int MEMBER_MAX = 255;

  private final ImageCatalog catalog;
  private final Images images;
  private final ImageLimits limits;

  ImageSharing(ImageCatalog catalog, Images images, ImageLimits limits) {
    this.catalog = catalog;
    this.images = images;
    this.limits = limits;
  }

  /// Offers an image to a project.
  ///
  /// @throws OperationException REFUSED when it is offered to it already
  public ImageMember add(Caller caller, String id, String member) throws IOException {
    ImageEntry image = shared(caller, id);
    return images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_SHARE, image).with(member),
            () -> add(caller, image, member),
            added -> Images.target(image));
  }

  private ImageMember add(Caller caller, ImageEntry image, String member) throws IOException {
    String id = image.id();
    ImagePolicy.requireOwner(caller, image, "share");
    if (member.isEmpty() || member.length() > MEMBER_MAX) {
      throw ImageAttributes.usage("Member can't be empty");
    }
    if (catalog.members(id).size() >= limits.members()) {
      throw Images.limit(
          "Image member limit exceeded for image %s: maximum: %d".formatted(id, limits.members()));
    }
    try {
      return catalog.addMember(id, member);
    } catch (CatalogException.Taken e) {
      throw new OperationException(
          Kind.REFUSED, "Member %s is duplicated for image %s".formatted(member, id));
    } catch (CatalogException.Gone e) {
      throw Images.notFound(id);
    }
  }

  /// The members that the caller may know of: all for the owner, itself for a member.
  public List<ImageMember> list(Caller caller, String id) throws IOException {
    ImageEntry image = shared(caller, id);
    return catalog.members(id).stream()
        .filter(member -> sees(caller, image, member.member()))
        .toList();
  }

  /// One member.
  ///
  /// @throws OperationException NOT_FOUND when it is none, or the caller may not know of it
  public ImageMember get(Caller caller, String id, String member) throws IOException {
    ImageEntry image = images.get(caller, id);
    if (image.facts().visibility() != Visibility.SHARED || !sees(caller, image, member)) {
      throw notFound(id, member);
    }
    return catalog.findMember(id, member).orElseThrow(() -> notFound(id, member));
  }

  /// Accepts or rejects an image, which only the member itself and an admin may.
  public ImageMember update(Caller caller, String id, String member, ImageMember.Status status)
      throws IOException {
    ImageEntry image = shared(caller, id);
    return images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_MEMBERSHIP, image).with(member + ": " + status),
            () -> update(caller, image, member, status),
            updated -> Images.target(image));
  }

  private ImageMember update(
      Caller caller, ImageEntry image, String member, ImageMember.Status status)
      throws IOException {
    String id = image.id();
    boolean itself = isItself(caller, member) && caller.has(Caller.MEMBER);
    if (sees(caller, image, member) && catalog.findMember(id, member).isEmpty()) {
      throw notFound(id, member);
    }
    if (!caller.isAdmin() && !itself) {
      throw ImagePolicy.denied("Not allowed to update members for image %s.".formatted(id));
    }
    try {
      return catalog.updateMember(id, member, status);
    } catch (CatalogException.Gone e) {
      throw notFound(id, member);
    }
  }

  /// Takes an offer back.
  public void delete(Caller caller, String id, String member) throws IOException {
    ImageEntry image = shared(caller, id);
    images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_UNSHARE, image).with(member),
            () -> delete(caller, image, member));
  }

  private void delete(Caller caller, ImageEntry image, String member) throws IOException {
    String id = image.id();
    ImagePolicy.requireOwner(caller, image, "delete members of");
    try {
      catalog.deleteMember(id, member);
    } catch (CatalogException.Gone e) {
      throw notFound(id, member);
    }
  }

  private ImageEntry shared(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    if (image.facts().visibility() != Visibility.SHARED) {
      throw ImagePolicy.denied("Only shared images have members.");
    }
    return image;
  }

  private static boolean sees(Caller caller, ImageEntry image, String member) {
    return caller.isAdmin() || ImagePolicy.owns(caller, image) || isItself(caller, member);
  }

  private static boolean isItself(Caller caller, String member) {
    return caller.projectId().map(member::equals).orElse(false);
  }

  private static OperationException notFound(String id, String member) {
    return new OperationException(
        Kind.NOT_FOUND, "%s not found in the member list of the image %s.".formatted(member, id));
  }
}
