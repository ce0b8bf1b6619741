package dev.slipway.facade.upload;

import dev.slipway.http.WireFormat;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;

/** Format A's place at the edge; its errors are problem+json, as ours are, and so those of a form that is nobody's. */
@Singleton
@Priority(UploadFormat.BEFORE_WHO_SHARES_THE_PATH)
class UploadFormat implements WireFormat {
    static final String NAME = "upload";
    static final int BEFORE_WHO_SHARES_THE_PATH = 10;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handles(String path) {
        return path.replaceFirst("/+$", "").equals("/build");
    }
}
