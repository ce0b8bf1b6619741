package dev.slipway.http;

import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The foreign wire formats, those that are switched off left out. Where none is responsible, our own rules hold. */
@Singleton
public class WireFormats {
    private final List<WireFormat> all;
    private final Set<String> off;

    @Inject
    WireFormats(@All List<WireFormat> all, FacadeConfig config) {
        this.all = all;
        this.off = config.off().orElse(Set.of());
        Set<String> known = all.stream().map(WireFormat::name).collect(Collectors.toCollection(TreeSet::new));
        off.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalStateException("tried to switch off the wire format `" + name
                    + "` but there is none of that name, only " + known + " (SLIPWAY_FACADE_OFF)");
        });
    }

    /** Whether a format is served here. */
    public boolean isOn(String name) {
        return !off.contains(name);
    }

    /** Whether a path belongs to formats that are all switched off. */
    boolean isOff(String path) {
        List<WireFormat> owners =
                all.stream().filter(format -> format.handles(path)).toList();
        return !owners.isEmpty() && owners.stream().noneMatch(format -> isOn(format.name()));
    }

    /** A problem as it is told under a path. */
    ErrorAnswer answer(Problem problem, String path) {
        return all.stream()
                .filter(format -> isOn(format.name()) && format.handles(path))
                .findFirst()
                .map(format -> format.render(problem))
                .orElseGet(problem::toAnswer);
    }
}
