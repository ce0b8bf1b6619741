/** Running builds: slots, workspaces, leases, the recipe. */
package dev.slipway.worker;
