package dev.slipway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import dev.slipway.process.Polling;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages, held by a machine: rules that are only written down get broken. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.slipway");

    /** What anybody may use. */
    private static final Set<String> COMMON = Set.of("error", "image", "secret");

    /** What each package may use beyond {@link #COMMON} and itself. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("error", Set.of()),
            Map.entry("secret", Set.of()),
            Map.entry("image", Set.of()),
            Map.entry("process", Set.of()),
            Map.entry("notification", Set.of()),
            Map.entry("build", Set.of("notification")),
            Map.entry("source", Set.of()),
            Map.entry("fetch", Set.of()),
            Map.entry("joblog", Set.of("notification")),
            Map.entry("buildah", Set.of("process")),
            Map.entry("intake", Set.of("source", "fetch", "build")),
            Map.entry("worker", Set.of("build", "source", "fetch", "joblog", "buildah", "process")),
            Map.entry("retention", Set.of("build", "source")),
            Map.entry("database", Set.of("process")),
            Map.entry("http", Set.of()),
            Map.entry("api", Set.of("http", "intake", "build", "joblog", "source")),
            Map.entry("facade", Set.of("http", "intake", "build", "joblog", "source")),
            Map.entry("ops", Set.of("build", "worker", "buildah", "database", "source", "retention")));

    static Set<String> packages() {
        return MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void a_package_uses_only_what_the_design_allows(String name) {
        Set<String> forbidden = new TreeSet<>(MAY_USE.keySet());
        forbidden.removeAll(MAY_USE.get(name));
        forbidden.removeAll(COMMON);
        forbidden.remove(name);
        String[] packages =
                forbidden.stream().map(p -> "dev.slipway." + p + "..").toArray(String[]::new);
        check(noClasses()
                .that()
                .resideInAPackage("dev.slipway." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages));
    }

    @Test
    void every_package_has_its_rule() {
        Set<String> found = new TreeSet<>();
        CLASSES.forEach(type -> {
            String[] parts = type.getPackageName().split("\\.");
            if (parts.length > 2) {
                found.add(parts[2]);
            }
        });
        assertThat(found).isEqualTo(new TreeSet<>(MAY_USE.keySet()));
    }

    @Test
    void there_are_no_cycles() {
        check(slices().matching("dev.slipway.(*)..").should().beFreeOfCycles());
    }

    @Test
    void facades_know_nothing_of_each_other_but_for_the_owner_of_the_path_they_share() {
        check(slices().matching("dev.slipway.facade.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        resideInAnyPackage("dev.slipway.facade.build"),
                        resideInAnyPackage("dev.slipway.facade.upload", "dev.slipway.facade.task")));
    }

    @Test
    void only_process_starts_processes() {
        check(noClasses()
                .that(resideOutsideOfPackages("dev.slipway.process.."))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class, Process.class)
                .because("only dev.slipway.process starts and holds processes"));
        check(noClasses().should().callMethod(Runtime.class, "exec", String[].class));
    }

    @Test
    void only_the_edges_know_http() {
        check(noClasses()
                .that(resideOutsideOfPackages(
                        "dev.slipway.http..",
                        "dev.slipway.fetch..",
                        "dev.slipway.api..",
                        "dev.slipway.facade..",
                        "dev.slipway.ui.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "jakarta.ws.rs..", "io.vertx.core.http..", "io.vertx.ext.web..", "org.jboss.resteasy..")));
    }

    @Test
    void only_repositories_know_sql() {
        check(noClasses()
                .that()
                .haveNameNotMatching(".*Repository(\\$.*)?")
                .and(resideOutsideOfPackages("dev.slipway.database.."))
                .and()
                .doNotHaveSimpleName("Transition")
                .and()
                .doNotHaveSimpleName("BuildSignals")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.vertx.mutiny.sqlclient..",
                        "io.vertx.sqlclient..",
                        "java.sql..",
                        "org.hibernate.reactive..")));
    }

    @Test
    void repositories_are_nobody_elses_business() {
        check(ArchRuleDefinition.classes()
                .that()
                .haveSimpleNameEndingWith("Repository")
                .should()
                .notHaveModifier(JavaModifier.PUBLIC));
    }

    @Test
    void names_say_what_things_are() {
        for (String vague : List.of("Manager", "Helper", "Util", "Utils", "Impl", "Base", "Common")) {
            check(noClasses().should().haveSimpleNameEndingWith(vague));
        }
    }

    /** A replica's clock may be wrong by an hour: what others see of a build, and who owns it, must not show that. */
    @Test
    void times_are_the_databases() {
        for (Class<?> clock : List.of(
                java.time.Instant.class,
                java.time.OffsetDateTime.class,
                java.time.ZonedDateTime.class,
                java.time.LocalDateTime.class)) {
            check(byTheWallClock().callMethod(clock, "now"));
        }
        check(byTheWallClock().callMethod(System.class, "currentTimeMillis"));
        check(byTheWallClock().callConstructor(java.util.Date.class));
    }

    /**
     * But for an id, which only has to be new, the log's clock, which is set by the database's, and what is compared with
     * the times of this machine's own files and images.
     */
    private static ClassesShould byTheWallClock() {
        return noClasses()
                .that(resideInAnyPackage("dev.slipway.build..", "dev.slipway.worker..", "dev.slipway.joblog.."))
                .and()
                .doNotHaveSimpleName("Ids")
                .and()
                .doNotHaveSimpleName("JobLog")
                .and()
                .doNotHaveSimpleName("ImageUses")
                .and()
                .doNotHaveSimpleName("RunningAttempt")
                .should();
    }

    @Test
    void nothing_sleeps_but_who_waits_for_an_absent_database() {
        check(noClasses()
                .that()
                .doNotHaveSimpleName("AttemptRunner")
                .and(resideOutsideOfPackages("dev.slipway.database..", "dev.slipway.process..", "dev.slipway.joblog.."))
                .should()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Polling.class));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
