package dev.slipway.image;

import dev.slipway.secret.Secret;

/** A user and a password for one registry host. */
public record RegistryCredentials(String registry, String username, Secret password) {}
