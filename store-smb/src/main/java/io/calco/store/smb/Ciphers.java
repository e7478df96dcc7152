package io.calco.store.smb;

import com.hierynomus.security.AEADBlockCipher;
import com.hierynomus.security.Cipher;
import com.hierynomus.security.DerivationFunction;
import com.hierynomus.security.Mac;
import com.hierynomus.security.MessageDigest;
import com.hierynomus.security.SecurityException;
import com.hierynomus.security.SecurityProvider;
import com.hierynomus.security.bc.BCSecurityProvider;
import com.hierynomus.security.jce.JceSecurityProvider;

/// What every byte goes through is the JDK's, which has the processor do it; what the JDK does not
/// have (MD4, AES-CMAC, RC4 of the login) is Bouncy Castle's.
final class Ciphers implements SecurityProvider {
  private final SecurityProvider jdk = new JceSecurityProvider();
  private final SecurityProvider other = new BCSecurityProvider();

  @Override
  public MessageDigest getDigest(String name) throws SecurityException {
    return other.getDigest(name);
  }

  @Override
  public Mac getMac(String name) throws SecurityException {
    return other.getMac(name);
  }

  @Override
  public Cipher getCipher(String name) throws SecurityException {
    return other.getCipher(name);
  }

  @Override
  public AEADBlockCipher getAEADBlockCipher(String name) throws SecurityException {
    return jdk.getAEADBlockCipher(name);
  }

  @Override
  public DerivationFunction getDerivationFunction(String name) throws SecurityException {
    return other.getDerivationFunction(name);
  }
}
