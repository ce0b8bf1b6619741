package dev.slipway.secret;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives the application its one vault. */
final class VaultProducer {
    @Produces
    @Singleton
    Vault vault(SecretConfig config) {
        return config.keyFile()
                .map(Vault::withKeyIn)
                .orElseThrow(() -> new SlipwayException(
                        ErrorCode.UNAVAILABLE,
                        "tried to open the vault but slipway.secret.key-file is not set; " + Vault.HOW_TO_MAKE_A_KEY));
    }
}
