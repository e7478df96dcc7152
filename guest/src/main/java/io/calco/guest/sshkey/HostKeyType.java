package io.calco.guest.sshkey;

/// Kinds of host keys that are made.
public enum HostKeyType {
  ED25519("ed25519", "ssh-ed25519", 256),
  ECDSA("ecdsa", "ecdsa-sha2-nistp256", 256),
  RSA("rsa", "ssh-rsa", 3072);

  private final String word;
  private final String algorithm;
  private final int bits;

  HostKeyType(String word, String algorithm, int bits) {
    this.word = word;
    this.algorithm = algorithm;
    this.bits = bits;
  }

  /// As `ssh-keygen -t` has it.
  public String word() {
    return word;
  }

  /// As a public key's line begins.
  public String algorithm() {
    return algorithm;
  }

  /// The key's size as `ssh-keygen -l` prints it.
  public int bits() {
    return bits;
  }

  /// Where sshd looks for it by default.
  public String path() {
    return "/etc/ssh/ssh_host_" + word + "_key";
  }
}
