package dev.slipway.facade.upload;

import dev.slipway.http.WireFormat;
import jakarta.inject.Singleton;

/** Format A's place at the edge; its errors are problem+json, as ours are. */
@Singleton
class UploadFormat implements WireFormat {
    @Override
    public String name() {
        return "upload";
    }

    @Override
    public boolean handles(String path) {
        return path.equals("/build");
    }
}
