/** buildah in its sandbox: arguments as pure functions, namespaces as data. */
package dev.slipway.buildah;
