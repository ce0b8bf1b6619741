package dev.slipway.intake;

import dev.slipway.build.BuildOptions;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.IdempotencyKey;
import dev.slipway.error.SlipwayException;
import dev.slipway.fetch.SourceUrl;
import dev.slipway.fetch.UrlPolicy;
import dev.slipway.image.ImageReference;
import dev.slipway.image.Registries;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.source.Layout;
import dev.slipway.source.Platform;
import dev.slipway.source.SourceDraft;
import dev.slipway.source.StoredSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A build that is being handed in: its fields and its source, judged as a whole at the end. Its methods block, and are
 * for one thread. What is not accepted leaves nothing behind once this is closed.
 */
public final class Submission implements AutoCloseable {
    /** The longest field, in bytes. */
    public static final int MAX_FIELD = 64 * 1024;

    /** What it is judged by. */
    record Rules(Registries registries, UrlPolicy urls, Spelling spelling) {}

    private final UUID id;
    private final SourceDraft draft;
    private final Registries registries;
    private BuildRequest.Origin origin;
    private final UrlPolicy urls;
    private final Fields fields;
    private String sourceField;
    private boolean hasFiles;
    private boolean alsoLatest;
    private Optional<IdempotencyKey> key = Optional.empty();
    private Optional<BuildRequest.Remote> remote = Optional.empty();
    private Optional<Credentials> beside = Optional.empty();
    private String besideName;

    Submission(UUID id, SourceDraft draft, BuildRequest.Origin origin, Rules rules) {
        this.id = id;
        this.draft = draft;
        this.registries = rules.registries();
        this.origin = origin;
        this.urls = rules.urls();
        this.fields = new Fields(rules.spelling());
    }

    /** Whether our own API has a field of this name. */
    public static boolean isField(String name) {
        return Fields.isKnown(name);
    }

    /** Hands in a field by the name that our own API gives it; unknown names are refused. */
    public void field(String name, String value) {
        draft.remember(2L * (name.length() + value.length()));
        fields.add(name, value);
    }

    /** Hands in a pair of a field that has pairs, for example {@code build_arg}. */
    public void field(String name, String key, String value) {
        draft.remember(2L * (name.length() + key.length() + value.length()));
        fields.add(name, key, value);
    }

    /** Hands in credentials that came beside the fields, in {@code header}; the fields must not have any then. */
    public void credentials(String header, Credentials credentials) {
        beside = Optional.of(credentials);
        besideName = header;
    }

    /** Hands in the source as an archive. */
    public void archive(String field, InputStream content) throws IOException {
        claimSource(field);
        checkFiles();
        draft.archive(content);
    }

    /** Hands in the source as a Dockerfile, to which files may be added. */
    public void dockerfile(String field, InputStream content) throws IOException {
        claimSource(field);
        draft.dockerfile(content);
    }

    /**
     * Hands in the source as the URL of an archive.
     *
     * @param stripRoot whether the only directory at the archive's top is the source's root
     */
    public void url(String field, String text, boolean stripRoot) {
        claimSource(field);
        checkFiles();
        SourceUrl url = urls.judge(field, text);
        remote = Optional.of(new BuildRequest.Remote(
                url.toString(),
                url.isPrivate() ? Optional.of(url.whole()) : Optional.empty(),
                url.identity(),
                stripRoot));
    }

    /** Adds a file that stands beside the Dockerfile. */
    public void file(String name, InputStream content) throws IOException {
        hasFiles = true;
        checkFiles();
        draft.file(name, content);
    }

    /** Before the draft sees them: it takes one kind of source only. */
    private void checkFiles() {
        if (hasFiles && sourceField != null && !sourceField.equals("dockerfile")) {
            throw SlipwayException.invalidField(
                    "files",
                    "tried to find the source but `files` go with a `dockerfile`, not with `" + sourceField + "`");
        }
    }

    /** Gives the request the caller's name for it, where it has one. */
    public void idempotencyKey(Optional<IdempotencyKey> given) {
        key = given;
    }

    /** Pushes the images under the tag {@code latest} as well. */
    public void alsoLatest() {
        alsoLatest = true;
    }

    /** Keeps fields of the wire format's own with the build, as a JSON object; never secrets. */
    public void originFields(String json) {
        origin = new BuildRequest.Origin(origin.name(), json);
    }

    /** Whether a source was handed in. */
    public boolean hasSource() {
        return sourceField != null;
    }

    private void claimSource(String field) {
        if (sourceField != null) {
            throw SlipwayException.invalidField(
                    field,
                    sourceField.equals(field)
                            ? "tried to read the field `" + field + "` but it is given twice"
                            : "tried to find the source but both `" + sourceField + "` and `" + field + "` are given");
        }
        sourceField = field;
    }

    /** Judges the whole; from then on the source is kept, and the caller has to {@link Intake#queue} the result. */
    public BuildRequest accept() throws IOException {
        List<ImageReference> targets = targets();
        BuildOptions options = fields.options();
        Optional<RegistryCredentials> credentials =
                credentials(targets.getFirst().registry());
        if (sourceField == null) {
            throw SlipwayException.invalidField(
                    "file",
                    hasFiles
                            ? "tried to find the source but there are `files` without a `dockerfile`"
                            : "tried to find the source but there is none: send an archive as `file`, a `dockerfile`, or a `tar_url`");
        }
        BuildRequest.Source source = remote.isPresent() ? remote.get() : stored(options);
        return new BuildRequest(id, targets, source, options, credentials, key, origin);
    }

    private BuildRequest.Source stored(BuildOptions options) throws IOException {
        StoredSource source = draft.finish(new Layout(options.context(), options.dockerfilePath()));
        // refuses what may not be built, while somebody is there to be told
        source.dockerfile()
                .images(options.buildArgs(), options.target(), Platform.of(options.platform()))
                .forEach(ImageReference::base);
        draft.keep();
        return new BuildRequest.Stored(source.kind().name(), source.size(), source.sha256());
    }

    private List<ImageReference> targets() {
        List<ImageReference> named = fields.images(registries.home());
        return alsoLatest
                ? Stream.concat(named.stream(), named.stream().map(image -> image.withTag("latest")))
                        .distinct()
                        .toList()
                : named;
    }

    private Optional<RegistryCredentials> credentials(String registry) {
        Optional<Credentials> own = fields.credentials();
        if (own.isPresent() && beside.isPresent()) {
            throw SlipwayException.invalidField(
                    besideName, "tried to read the credentials but both `" + besideName + "` and the fields have some");
        }
        return own.or(() -> beside).map(given -> new RegistryCredentials(registry, given.username(), given.password()));
    }

    @Override
    public void close() throws IOException {
        draft.close();
    }
}
