package io.calco.guest;

/// What was asked of a guest needs what is in an encrypted volume, which no key opened.
public final class EncryptedGuestException extends GuestRequestException {
  private static final long serialVersionUID = 1L;

  /// With a sentence for a person.
  public EncryptedGuestException(String message) {
    super(message);
  }
}
