package dev.slipway.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encryption of small secrets at rest (AES-256-GCM). A sealed secret is {@code version (1) | key id (4) | nonce (12) |
 * ciphertext and tag}; all before the ciphertext, and the context it was sealed in, is authenticated with it.
 */
public final class Vault {
    /** How a key is made, for messages. */
    public static final String HOW_TO_MAKE_A_KEY = "make one with: (umask 077; openssl rand -base64 32 > FILE)";

    private static final byte VERSION = 1;
    private static final int KEY_BYTES = 32;
    private static final int KEY_ID_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEADER_BYTES = 1 + KEY_ID_BYTES;

    private final SecretKey key;
    private final byte[] header;
    private final SecureRandom random = new SecureRandom();

    private Vault(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        this.header = ByteBuffer.allocate(HEADER_BYTES)
                .put(VERSION)
                .put(sha256(key), 0, KEY_ID_BYTES)
                .array();
    }

    /** A vault under the key in a file: 32 bytes in base64. */
    public static Vault withKeyIn(Path file) {
        return of(PrivateFile.read(file), file);
    }

    /** The same; where there is no file yet, a key is made. */
    public static Vault withOwnKeyIn(Path file) {
        return of(PrivateFile.readOrCreateRandom(file), file);
    }

    private static Vault of(String text, Path file) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            key = new byte[0];
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("tried to read the secret key in " + file
                    + " but it is not 32 bytes in base64; " + HOW_TO_MAKE_A_KEY);
        }
        return new Vault(key);
    }

    /** Encrypts a secret so that it opens in the same context only (the row it belongs to). */
    public byte[] seal(Secret secret, byte[] context) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, context);
            byte[] hidden = cipher.doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(HEADER_BYTES + NONCE_BYTES + hidden.length)
                    .put(header)
                    .put(nonce)
                    .put(hidden)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("tried to encrypt a secret but the JDK could not", e);
        }
    }

    /**
     * Decrypts what {@link #seal} made.
     *
     * @throws UnsealableException if it was sealed under another key or in another context, or was changed
     */
    public Secret open(byte[] sealed, byte[] context) {
        if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BITS / 8 || sealed[0] != VERSION) {
            throw new UnsealableException("it is not one of ours");
        }
        if (!Arrays.equals(sealed, 0, HEADER_BYTES, header, 0, HEADER_BYTES)) {
            throw new UnsealableException("it was encrypted under another key");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, nonce, context);
            int start = HEADER_BYTES + NONCE_BYTES;
            byte[] shown = cipher.doFinal(sealed, start, sealed.length - start);
            return Secret.of(new String(shown, StandardCharsets.UTF_8));
        } catch (AEADBadTagException e) {
            throw new UnsealableException("it was changed or belongs elsewhere");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("tried to decrypt a secret but the JDK could not", e);
        }
    }

    /** A text that two secrets share only if they are the same, and that tells nothing else without the key. */
    public String mark(Secret secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(sha256(key.getEncoded()), "HmacSHA256")); // no key serves two algorithms
            return HexFormat.of().formatHex(mac.doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(context);
        return cipher;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
