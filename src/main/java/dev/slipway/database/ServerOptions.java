package dev.slipway.database;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the embedded server is started: durable, small, on loopback only. */
final class ServerOptions {
    private ServerOptions() {}

    static List<String> argv(String program, Path data, int port) {
        List<String> argv = new ArrayList<>(List.of(program, "-D", data.toString()));
        for (String setting : settings(port)) {
            argv.add("-c");
            argv.add(setting);
        }
        return argv;
    }

    private static List<String> settings(int port) {
        return List.of(
                "listen_addresses=127.0.0.1",
                "port=" + port,
                "unix_socket_directories=",
                "max_connections=100",
                // durable: what was answered with a 202 is there after a power cut
                "fsync=on",
                "synchronous_commit=on",
                "full_page_writes=on",
                "shared_buffers=128MB",
                // a small disk stays alive, and a recovery short
                "max_wal_size=512MB",
                // in files, not in /dev/shm: that is tiny in containers, and logind empties it when its user logs out
                "dynamic_shared_memory_type=mmap",
                "jit=off",
                "timezone=UTC",
                "log_timezone=UTC",
                // to our log by stderr; without statements, which hold people's data
                "logging_collector=off",
                "log_destination=stderr",
                "log_line_prefix=",
                "log_checkpoints=off",
                "log_min_messages=warning",
                "log_min_error_statement=panic");
    }
}
