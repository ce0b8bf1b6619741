/** What every HTTP edge shares: streamed bodies, errors as problem+json. */
package dev.slipway.http;
