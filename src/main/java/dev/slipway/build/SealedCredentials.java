package dev.slipway.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.secret.Secret;
import dev.slipway.secret.Vault;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A request's secrets as they rest in its build's row: encrypted, and bound to that row. */
@ApplicationScoped
class SealedCredentials {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vault vault;

    SealedCredentials(Vault vault) {
        this.vault = vault;
    }

    QueueRepository.Sealed seal(UUID build, RegistryCredentials credentials) {
        String json = JSON.createObjectNode()
                .put("username", credentials.username())
                .put("password", credentials.password().reveal())
                .toString();
        return new QueueRepository.Sealed(credentials.registry(), vault.seal(Secret.of(json), context(build)));
    }

    /** @throws dev.slipway.secret.UnsealableException if the key has changed since */
    RegistryCredentials open(UUID build, QueueRepository.Sealed sealed) {
        try {
            JsonNode json =
                    JSON.readTree(vault.open(sealed.bytes(), context(build)).reveal());
            return new RegistryCredentials(
                    sealed.host(),
                    json.path("username").asText(),
                    Secret.of(json.path("password").asText()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("sealed credentials are not what we sealed"); // e quotes them
        }
    }

    /** The URL of a source, where it holds secrets. */
    byte[] sealUrl(UUID build, Secret url) {
        return vault.seal(url, urlContext(build));
    }

    /** @throws dev.slipway.secret.UnsealableException if the key has changed since */
    Secret openUrl(UUID build, byte[] sealed) {
        return vault.open(sealed, urlContext(build));
    }

    /** What stands for a source where two are compared; a URL's says nothing to who does not have the key. */
    String mark(BuildRequest.Source source) {
        return switch (source) {
            case BuildRequest.Stored stored -> stored.kind() + "\n" + stored.sha256();
            case BuildRequest.Remote remote -> "URL\n" + vault.mark(remote.identity()) + "\n" + remote.stripRoot();
        };
    }

    private static byte[] urlContext(UUID build) {
        return ByteBuffer.allocate(17).put(context(build)).put((byte) 'u').array();
    }

    private static byte[] context(UUID build) {
        return ByteBuffer.allocate(16)
                .putLong(build.getMostSignificantBits())
                .putLong(build.getLeastSignificantBits())
                .array();
    }
}
