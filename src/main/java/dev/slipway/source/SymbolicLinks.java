package dev.slipway.source;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes symbolic links whose target is kept letter by letter; java.nio takes doubled and trailing slashes away. */
final class SymbolicLinks {
    private SymbolicLinks() {}

    /** Makes a new one. */
    static void create(Path link, String target) throws IOException {
        Path plain = Path.of(target);
        if (plain.toString().equals(target)) {
            Files.createSymbolicLink(link, plain);
        } else {
            createAsIs(link, target);
        }
    }

    private static void createAsIs(Path link, String target) throws IOException {
        int result;
        try (Arena arena = Arena.ofConfined()) {
            result = (int) Libc.SYMLINK.invokeExact(arena.allocateFrom(target), arena.allocateFrom(link.toString()));
        } catch (Throwable e) {
            throw new IOException("symlink(2) cannot be called", e);
        }
        if (result != 0) {
            throw new IOException("tried to make the symbolic link " + link + " but the system refused");
        }
    }

    /** The system call, looked up when a link first needs it. */
    private static final class Libc {
        private static final MethodHandle SYMLINK = symlink();

        @SuppressWarnings("restricted") // the C library's symlink(const char *, const char *)
        private static MethodHandle symlink() {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("symlink"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        }
    }
}
