package bench;

import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.nio.file.Files;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** Keeps an upload as one would with the framework: it has spooled the file, we move it to its place on the same disk. */
@Path("/upload")
public class Uploads {
    @ConfigProperty(name = "kept")
    java.nio.file.Path kept;

    /** Answers how many bytes were kept. */
    @POST
    public String keep(@RestForm("file") FileUpload file) throws IOException {
        Files.move(file.uploadedFile(), kept);
        return Long.toString(Files.size(kept));
    }
}
