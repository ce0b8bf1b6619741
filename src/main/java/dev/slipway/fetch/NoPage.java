package dev.slipway.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A body that is refused as soon as it begins like a web page: what many servers say instead of 404. */
final class NoPage extends FilterInputStream {
    private static final int BEGINNING = 512;
    /** No tar begins like that: it has NULs behind its first name. */
    private static final Pattern PAGE = Pattern.compile("\\s*<[!?A-Za-z][^\\x00]*", Pattern.DOTALL);

    private boolean judged;

    NoPage(InputStream body) {
        super(new PushbackInputStream(body, BEGINNING));
    }

    @Override
    public int read() throws IOException {
        judge();
        return in.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        judge();
        return in.read(target, offset, length);
    }

    private void judge() throws IOException {
        if (!judged) {
            judged = true;
            byte[] beginning = in.readNBytes(BEGINNING);
            if (PAGE.matcher(new String(beginning, StandardCharsets.ISO_8859_1)).matches()) {
                throw TransferException.lasting("it is a web page, no archive");
            }
            ((PushbackInputStream) in).unread(beginning);
        }
    }
}
