package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom a sandbox reaches, on a machine made of namespaces, so that it has an internet. */
@Timeout(120)
class InternetAccessTest {
    private static final List<String> PUBLIC = List.of("198.51.100.7", "[2600::7]", "public.test");
    private static final List<String> PRIVATE = List.of(
            "10.5.0.1",
            "192.168.7.7",
            "100.64.0.9",
            "169.254.169.254",
            "[fd00:9::9]",
            "[64:ff9b::a05:1]",
            "[::ffff:10.5.0.1]");
    private static final List<String> OWN =
            List.of("203.0.113.2", "203.0.113.3", "10.5.0.2", "[2001:db8:1::2]", "127.0.0.1", "127.0.0.53", "[::1]");

    @TempDir
    Path dir;

    @Test
    void public_addresses_are_reached_and_neither_the_host_nor_what_is_private() throws Exception {
        Set<String> everything = new TreeSet<>(PUBLIC);
        everything.addAll(PRIVATE);
        everything.addAll(OWN);
        List<String> urls = new ArrayList<>(everything);
        // where names are asked for there is nothing else
        urls.addAll(List.of("169.254.1.1", "169.254.1.1:53"));
        String script = asking(urls);

        List<String> said = onTheMachine("public", script, "HOST", "INTERNET", "INTERNET,10.5.0.0/24", "NONE");

        assertThat(reached(said, "HOST")).as("what answers at all: %s", said).isEqualTo(everything);
        assertThat(reached(said, "INTERNET")).isEqualTo(new TreeSet<>(PUBLIC));
        assertThat(reached(said, "INTERNET,10.5.0.0/24"))
                .containsAll(PUBLIC)
                .contains("10.5.0.1")
                .doesNotContainAnyElementsOf(OWN)
                .hasSize(PUBLIC.size() + 2);
        assertThat(reached(said, "NONE")).isEmpty();
    }

    @Test
    void a_machine_behind_private_gateways_reaches_the_same() throws Exception {
        List<String> own = List.of("10.5.0.2", "[fd00:5::2]", "127.0.0.1", "[::1]");
        List<String> gateways = List.of("10.5.0.1", "[fd00:5::1]");
        Set<String> everything = new TreeSet<>(PUBLIC);
        everything.addAll(PRIVATE);
        everything.addAll(own);
        everything.addAll(gateways);

        List<String> said = onTheMachine("private", asking(everything), "HOST", "INTERNET", "INTERNET,10.5.0.1/32");

        assertThat(reached(said, "HOST")).as("what answers at all: %s", said).isEqualTo(everything);
        assertThat(reached(said, "INTERNET")).isEqualTo(new TreeSet<>(PUBLIC));
        assertThat(reached(said, "INTERNET,10.5.0.1/32"))
                .containsAll(PUBLIC)
                .contains("10.5.0.1")
                .doesNotContainAnyElementsOf(own);
    }

    @Test
    void a_machine_without_a_way_out_has_sandboxes_that_reach_nothing() throws Exception {
        List<String> all = new ArrayList<>(PUBLIC);
        all.addAll(PRIVATE);
        all.addAll(List.of("10.5.0.2", "127.0.0.1"));

        List<String> said = onTheMachine("isolated", asking(all) + "; echo opened", "INTERNET", "NONE");

        assertThat(reached(said, "INTERNET")).as("%s", said).containsExactly("opened");
        assertThat(reached(said, "NONE")).containsExactly("opened");
    }

    @Test
    void the_hosts_resolver_is_asked_at_an_address_of_the_sandboxs_own() {
        InternetAccess access = InternetAccess.of(
                "search a.test\nnameserver 127.0.0.53\nnameserver 10.1.1.1\nnameserver ::1\noptions edns0\n",
                List.of(),
                Set.of());

        assertThat(access.resolvConf())
                .isEqualTo("search a.test\nnameserver 169.254.1.1\nnameserver fd53:6c69:7077:6179::1\noptions edns0\n");
        assertThat(access.options())
                .containsExactly("--dns-forward", "169.254.1.1", "--dns-forward", "fd53:6c69:7077:6179::1");
    }

    @Test
    void a_network_is_an_address_with_or_without_a_length() {
        assertThat(Cidr.parse("10.1.2.0/24").in6to4()).isEqualTo("2002:0a01:0200::/40");
        assertThat(Cidr.parse("10.1.2.3").toString()).isEqualTo("10.1.2.3/32");
        assertThat(Cidr.parse("fd12::/64").isV4()).isFalse();
        for (String wrong :
                List.of("", "10.1.2.0/33", "10.1.2.0/-1", "10.1/16/", "name.test/24", "10.0.0.0/8 lookup")) {
            assertThatThrownBy(() -> Cidr.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String asking(Collection<String> urls) {
        return "for at in '" + String.join("' '", urls)
                + "'; do curl -s -m 10 -o /dev/null http://$at/ && echo $at; done";
    }

    private static Set<String> reached(List<String> said, String network) {
        Set<String> reached = new TreeSet<>();
        for (String line : said) {
            String[] words = line.split(" ");
            if (words[0].equals(network)) {
                reached.add(words[1]);
            }
        }
        return reached;
    }

    private List<String> onTheMachine(String kind, String script, String... sandboxes)
            throws IOException, InterruptedException, URISyntaxException {
        Path machine = Path.of(getClass().getResource("machine.sh").toURI());
        List<String> argv = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--map-auto"));
        argv.addAll(List.of("--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--", "bash"));
        argv.addAll(List.of(machine.toString(), dir.toString(), kind));
        argv.addAll(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-cp"));
        argv.addAll(List.of(System.getProperty("java.class.path"), OpenedSandbox.class.getName()));
        argv.addAll(List.of(dir.toString(), script));
        argv.addAll(List.of(sandboxes));
        Path output = dir.resolve("output");
        Process process = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output);
    }
}
