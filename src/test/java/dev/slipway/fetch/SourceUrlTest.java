package dev.slipway.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs as they are read, shown and judged. */
class SourceUrlTest {
    private static final UrlPolicy POLICY = new UrlPolicy(TestFetchConfig.allowing());

    @ParameterizedTest
    @CsvSource({
        "http://Example.COM, http://example.com/",
        "HTTPS://example.com:443/a/B.tar, https://example.com/a/B.tar",
        "http://example.com:80/, http://example.com/",
        "http://example.com:/, http://example.com/",
        "http://example.com./x, http://example.com/x",
        "https://example.com:8443/x#part, https://example.com:8443/x",
        "http://134744072/x, http://8.8.8.8/x",
        "http://0x8.010.2056/x, http://8.8.8.8/x",
        "http://[2606:4700::1111]/, http://[2606:4700:0:0:0:0:0:1111]/",
        "http://a_b.example.com/%41?, http://a_b.example.com/%41"
    })
    void a_url_has_one_normal_form(String text, String normal) {
        SourceUrl url = POLICY.judge("tar_url", text);

        assertThat(url).hasToString(normal);
        assertThat(url.whole().reveal()).isEqualTo(normal);
        assertThat(url.isPrivate()).isFalse();
    }

    @Test
    void user_info_and_query_are_kept_and_never_shown() {
        SourceUrl url = POLICY.judge("tar_url", "https://me:s%40cret@Example.com/a.tar?token=abc#x");

        assertThat(url).hasToString("https://example.com/a.tar");
        assertThat(url.isPrivate()).isTrue();
        assertThat(url.whole().reveal()).isEqualTo("https://me:s%40cret@example.com/a.tar?token=abc");
        assertThat(url.identity().reveal()).isEqualTo("https://example.com/a.tar?token=abc");
        assertThat(SourceUrl.parse("x", url.whole().reveal()).whole()).isEqualTo(url.whole());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com/s3cret.tar",
                "//example.com/s3cret",
                "http:/s3cret",
                "http://",
                "http:///s3cret",
                "http://?s3cret",
                "http://s3cret@/",
                "http://a@b@example.com/s3cret",
                "http://example.com\\@127.0.0.1/s3cret",
                "http://127.0.0.1\\s3cret@example.com/",
                "http://exa mple.com/s3cret",
                "http://ex%61mple.com/s3cret",
                "http://example.com:99999/s3cret",
                "http://example.com:0/s3cret",
                "http://example.com:8o/s3cret",
                "http://example.com/s3cret\r\nHost: x",
                "http://example.com/s3cret\0",
                "http://example.com/s3cr\u00e9t",
                "http://ⓛocalhost/s3cret",
                "http://127。0。0。1/s3cret",
                "http://a..example.com/s3cret",
                "http://./s3cret",
                "http://999.1.1.1/s3cret",
                "http://1.2.3.4.5/s3cret",
                "http://0x/s3cret%",
                "http://[::1/s3cret",
                "http://[::1%25lo]/s3cret",
                "http://[v1.x]/s3cret",
                "http://s3cret%zz@example.com/"
            })
    void what_is_no_such_url_is_refused_and_not_repeated(String text) {
        assertThatThrownBy(() -> POLICY.judge("tar_url", text))
                .asInstanceOf(InstanceOfAssertFactories.type(SlipwayException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID);
                    assertThat(e.details()).containsEntry("field", "tar_url");
                    assertThat(e.getMessage())
                            .startsWith("tried to read the field `tar_url` but ")
                            .doesNotContain("s3cret");
                });
    }

    @Test
    void a_url_that_is_too_long_is_refused() {
        String longest = "http://example.com/" + "a".repeat(SourceUrl.MAX_LENGTH - 19);

        assertThat(POLICY.judge("tar_url", longest)).hasToString(longest);
        assertThatThrownBy(() -> POLICY.judge("tar_url", longest + "a")).hasMessageContaining("4096");
        String grows = "http://[::1]/" + "a".repeat(SourceUrl.MAX_LENGTH - 13);
        assertThatThrownBy(() -> SourceUrl.parse("tar_url", grows)).hasMessageContaining("4096");
        String percents = "http://" + "%41".repeat(1300) + "@example.com/";
        assertThat(POLICY.judge("tar_url", percents).isPrivate()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://example.com/a.tar",
                "gopher://example.com/",
                "data:application/x-tar,abc",
                "jar:http://example.com/a.jar!/",
                "http://localhost/",
                "http://LOCALHOST.:8080/",
                "http://a.localhost/",
                "http://127.0.0.1/",
                "http://127.1/",
                "http://2130706433/",
                "http://0x7f.1/",
                "http://0177.0.0.1/",
                "http://0x7f000001/",
                "http://127.0.0.1./",
                "http://0/",
                "http://[::1]/",
                "http://[::ffff:127.0.0.1]/",
                "http://[::ffff:7f00:1]/",
                "http://[::127.0.0.1]/",
                "http://[64:ff9b::169.254.169.254]/",
                "http://[2002:7f00:1::]/",
                "http://[fd00:ec2::254]/",
                "http://169.254.169.254/latest/meta-data/",
                "http://user:password@10.0.0.1/",
                "http://example.com@127.0.0.1/",
                "http://example.com:80@192.168.1.1/"
            })
    void what_may_not_be_asked_is_forbidden_at_once(String text) {
        assertThatThrownBy(() -> POLICY.judge("tar_url", text))
                .asInstanceOf(InstanceOfAssertFactories.type(SlipwayException.class))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.URL_FORBIDDEN);
                    assertThat(e.details()).containsEntry("field", "tar_url");
                });
    }

    @Test
    void a_name_that_has_one_forbidden_address_is_forbidden() throws Exception {
        SourceUrl url = SourceUrl.parse("tar_url", "http://user:hidden@example.com/a?hidden");
        InetAddress fine = InetAddress.ofLiteral("8.8.8.8");

        POLICY.check(url, List.of(fine));
        assertThatThrownBy(() -> POLICY.check(url, List.of(fine, InetAddress.ofLiteral("10.0.0.1"))))
                .isInstanceOf(SlipwayException.class)
                .hasMessage("tried to fetch http://example.com/a but its address 10.0.0.1 is private");
    }

    @ParameterizedTest
    @CsvSource({
        "/b.tar, http://example.com:81/b.tar",
        "b.tar?x=1, http://example.com:81/dir/b.tar",
        "//other.com/b, http://other.com/b",
        "https://example.com/b, https://example.com/b",
        "HTTP://EXAMPLE.com:81/b, http://example.com:81/b"
    })
    void a_redirect_keeps_user_and_password_only_where_they_belong(String location, String to) {
        SourceUrl next = SourceUrl.parse("tar_url", "http://me:pw@example.com:81/dir/a.tar?q=1")
                .redirectedTo(location);

        assertThat(next).hasToString(to);
        assertThat(next.userInfo().isPresent()).isEqualTo(to.startsWith("http://example.com:81/"));
        assertThat(next.whole().reveal()).doesNotContain("q=1");
    }

    /** As RFC 3986 resolves them; the first are its own examples. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "g, http://a/b/c/g",
                "./g, http://a/b/c/g",
                "g/, http://a/b/c/g/",
                "/g, http://a/g",
                "//g, http://g/",
                "?y, http://a/b/c/d;p?y",
                "g?y, http://a/b/c/g?y",
                "#s, http://a/b/c/d;p?q",
                "g#s, http://a/b/c/g",
                "g?y#s, http://a/b/c/g?y",
                ";x, http://a/b/c/;x",
                "g;x?y#s, http://a/b/c/g;x?y",
                "\"\", http://a/b/c/d;p?q",
                "., http://a/b/c/",
                "./, http://a/b/c/",
                ".., http://a/b/",
                "../g, http://a/b/g",
                "../.., http://a/",
                "../../../g, http://a/g",
                "/./g, http://a/g",
                "/../g, http://a/g",
                "g., http://a/b/c/g.",
                "..g, http://a/b/c/..g",
                "./g/., http://a/b/c/g/",
                "g;x=1/../y, http://a/b/c/y",
                "g?y/../x, http://a/b/c/g?y/../x",
                "/a|{b}^`?c|d, http://a/a|{b}^`?c|d",
                "a%20b%2F..%2Fc, http://a/b/c/a%20b%2F..%2Fc",
                "1:2, http://a/b/c/1:2",
                "g//h, http://a/b/c/g//h",
                "//g:81/x/../y?z, http://g:81/y?z",
                "https://g/x/./y, https://g/x/y",
                "http://g?x#s, http://g/?x"
            })
    void a_redirect_leads_where_its_rfc_says(String location, String to) {
        SourceUrl from = SourceUrl.parse("tar_url", "http://a/b/c/d;p?q");

        assertThat(from.redirectedTo(location).whole().reveal()).isEqualTo(to);
    }

    @Test
    void a_redirect_leads_on_from_any_path_that_is_accepted() {
        SourceUrl from = SourceUrl.parse("tar_url", "http://h/{a}|^`/b?x|y");

        assertThat(from.redirectedTo("?x=1").whole().reveal()).isEqualTo("http://h/{a}|^`/b?x=1");
        assertThat(from.redirectedTo("c").whole().reveal()).isEqualTo("http://h/{a}|^`/c");
        assertThat(SourceUrl.parse("tar_url", "http://h?x")
                        .redirectedTo("c")
                        .whole()
                        .reveal())
                .isEqualTo("http://h/c");
    }

    @Test
    void allowed_hosts_are_allowed_by_name_or_with_their_port_alone() {
        UrlPolicy policy =
                new UrlPolicy(TestFetchConfig.allowing("Localhost", "127.0.0.1:8080", "[::1]:81", "10.0.0.1"));

        for (String fine : new String[] {
            "http://localhost:1/",
            "http://127.0.0.1:8080/",
            "http://2130706433:8080/",
            "http://[::1]:81/",
            "http://10.1/"
        }) {
            assertThat(policy.judge("tar_url", fine).host()).isNotEmpty();
        }
        for (String other :
                new String[] {"http://127.0.0.1/", "http://[::1]/", "http://10.0.0.2/", "http://a.localhost/"}) {
            assertThatThrownBy(() -> policy.judge("tar_url", other)).isInstanceOf(SlipwayException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a.com", "a.com/", "a b", "a.com:x", "me@a.com", "::1", "", "*.a.com"})
    void an_allowed_host_that_is_none_stops_the_start(String entry) {
        TestFetchConfig config = new TestFetchConfig(Optional.of(Set.of(entry)));

        assertThatThrownBy(() -> new UrlPolicy(config)).hasMessageContaining("slipway.fetch.allow-hosts");
    }
}
