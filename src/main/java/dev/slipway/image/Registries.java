package dev.slipway.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.secret.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The registries of the configuration: the default one, those that are not secure, and the passwords for them. */
@ApplicationScoped
public class Registries {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How Docker writes its own hub in an auth file. */
    private static final Set<String> HUB_ALIASES = Set.of(
            "https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1");

    private final ImageReference.Home home;
    private final Set<String> insecure;
    private final Map<String, RegistryCredentials> credentials;

    /**
     * Reads the configuration.
     *
     * @throws IllegalArgumentException if the auth file cannot be read or the default registry is no host
     */
    public Registries(RegistryConfig config) {
        this.home = new ImageReference.Home(config.defaultHost(), config.namespace());
        this.insecure = Set.copyOf(config.insecure().orElse(Set.of()));
        this.credentials = config.authFile().map(Registries::read).orElse(Map.of());
        if (config.defaultHost().isPresent()) {
            ImageReference.target("probe", home);
        }
    }

    private static Map<String, RegistryCredentials> read(Path file) {
        Map<String, RegistryCredentials> found = new HashMap<>();
        try {
            JsonNode auths = JSON.readTree(Files.readAllBytes(file)).path("auths");
            auths.properties().forEach(entry -> {
                String host = HUB_ALIASES.contains(entry.getKey()) ? ImageReference.DOCKER_HUB : entry.getKey();
                found.put(host, decode(host, entry.getValue().path("auth").asText(), file));
            });
        } catch (IOException e) {
            // the message of a JSON error quotes the file, and with it a password
            throw new IllegalArgumentException("tried to read the registry passwords in " + file
                    + " (slipway.registry.auth-file) but it is not there, not readable or not JSON ("
                    + e.getClass().getSimpleName() + ")");
        }
        return found;
    }

    private static RegistryCredentials decode(String host, String auth, Path file) {
        try {
            String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon > 0) {
                return new RegistryCredentials(host, pair.substring(0, colon), Secret.of(pair.substring(colon + 1)));
            }
        } catch (IllegalArgumentException e) {
            // said below, without what it quotes
        }
        throw new IllegalArgumentException("tried to read the registry passwords in " + file + " but \"auth\" of "
                + host + " is not the base64 of user:password");
    }

    /** Where an image without a host goes. */
    public ImageReference.Home home() {
        return home;
    }

    /** The registries with plain http or a certificate nobody vouches for. */
    public Set<String> insecure() {
        return insecure;
    }

    /** The configured user and password for a registry host. */
    public Optional<RegistryCredentials> credentialsFor(String host) {
        return Optional.ofNullable(credentials.get(host));
    }
}
