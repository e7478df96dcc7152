package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Changes of an image's attributes, in order; all or none are made.
///
/// @param changes each of one attribute
public record ImagePatch(List<Change> changes) {
  /// Copies the list.
  public ImagePatch {
    changes = List.copyOf(changes);
  }

  /// A change of one attribute.
  public sealed interface Change {
    /// The attribute's name.
    String name();

    /// Sets it, whether or not it is there.
    ///
    /// @param name the attribute's
    /// @param value a String, Boolean, Number, List of Strings, or null
    record Add(String name, @Nullable Object value) implements Change {}

    /// Sets it; REFUSED when it is there. What every image has always is.
    ///
    /// @param name the attribute's
    /// @param value as in [Add]
    record AddNew(String name, @Nullable Object value) implements Change {}

    /// Sets it; REFUSED when it is not there.
    ///
    /// @param name the attribute's
    /// @param value as in [Add]
    record Replace(String name, @Nullable Object value) implements Change {}

    /// Removes it; REFUSED when it is not there.
    ///
    /// @param name the attribute's
    record Remove(String name) implements Change {}

    /// Says that the content is at one more place.
    ///
    /// @param position among the others; empty for the last
    /// @param location where
    record AddLocation(OptionalInt position, NewLocation location) implements Change {
      @Override
      public String name() {
        return LOCATIONS;
      }
    }

    /// Says something else of all places, or of their order; or where they are, if there are none.
    ///
    /// @param locations all of them
    record ReplaceLocations(List<NewLocation> locations) implements Change {
      /// Copies the list.
      public ReplaceLocations {
        locations = List.copyOf(locations);
      }

      @Override
      public String name() {
        return LOCATIONS;
      }
    }

    /// Says that the content is not at a place any more.
    ///
    /// @param position among the others; empty for the last
    record RemoveLocation(OptionalInt position) implements Change {
      @Override
      public String name() {
        return LOCATIONS;
      }
    }
  }

  private static final String LOCATIONS = "locations";

  boolean touchesLocations() {
    return changes.stream().anyMatch(change -> change.name().equals(LOCATIONS));
  }

  /// @param limit how many locations an image may have
  ImageEntry apply(ImageEntry image, Caller caller, LocationChanges locations, int limit) {
    ImageEntry changed = image;
    for (Change change : changes) {
      changed =
          switch (change) {
            case Change.AddLocation add ->
                locations.add(changed, add.position(), add.location(), limit);
            case Change.ReplaceLocations replace ->
                locations.replace(changed, replace.locations(), limit);
            case Change.RemoveLocation remove ->
                locations.remove(changed, remove.position(), caller);
            case Change.Add _, Change.AddNew _, Change.Replace _, Change.Remove _ ->
                apply(changed, change, caller);
          };
    }
    return changed;
  }

  private static ImageEntry apply(ImageEntry image, Change change, Caller caller) {
    String name = change.name();
    ImageAttributes.requireSettable(name);
    boolean base = ImageAttributes.isBase(name);
    boolean there = base || image.properties().containsKey(name);
    return switch (change) {
      case Change.Add add -> ImageAttributes.set(image, name, add.value(), caller);
      case Change.AddNew add -> {
        if (there) {
          throw refused("Property %s already present.".formatted(name));
        }
        yield ImageAttributes.set(image, name, add.value(), caller);
      }
      case Change.Replace replace -> {
        if (!there) {
          throw refused("Property %s does not exist.".formatted(name));
        }
        yield ImageAttributes.set(image, name, replace.value(), caller);
      }
      case Change.Remove _ -> {
        if (base) {
          throw ImagePolicy.denied("Property %s may not be removed.".formatted(name));
        }
        if (!there) {
          throw refused("Property %s does not exist.".formatted(name));
        }
        yield ImageAttributes.withoutProperty(image, name);
      }
      case Change.AddLocation _, Change.ReplaceLocations _, Change.RemoveLocation _ ->
          throw new IllegalStateException("is no attribute");
    };
  }

  private static OperationException refused(String message) {
    return new OperationException(Kind.REFUSED, message);
  }
}
