package dev.slipway.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The strong ETag (RFC 9110) of a representation. */
public record EntityTag(String value) {
    private static final Pattern TAG = Pattern.compile("(?:W/)?(\"[\\x21\\x23-\\x7e\\x80-\\xff]*+\")");
    private static final int BYTES = 18;

    /** The tag of these bytes, and as good as certainly of no others. */
    public static EntityTag of(byte[] representation) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(representation);
            byte[] start = Arrays.copyOf(hash, BYTES);
            return new EntityTag('"' + Base64.getUrlEncoder().encodeToString(start) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the fields of an {@code If-None-Match} name it, compared weakly, or name any by {@code *}. */
    public boolean isNamedBy(Collection<String> ifNoneMatch) {
        for (String field : ifNoneMatch) {
            if (field.strip().equals("*")) {
                return true;
            }
            Matcher tag = TAG.matcher(field);
            while (tag.find()) {
                if (tag.group(1).equals(value)) {
                    return true;
                }
            }
        }
        return false;
    }
}
