package dev.slipway.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are dialled for somebody else. */
class AddressPolicyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "140.82.121.3",
                "168.63.129.15",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450:4001::1",
                "2001:200::1",
                "3ffe::1",
                "2001:4860::8888",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "::ffff:8.8.8.8"
            })
    void public_addresses_are_dialled(String address) {
        assertThat(AddressPolicy.objection(InetAddress.ofLiteral(address))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.0",
                "10.255.255.255",
                "100.64.0.0",
                "100.100.100.200",
                "100.127.255.255",
                "127.0.0.1",
                "127.0.0.2",
                "127.255.255.255",
                "168.63.129.16",
                "169.254.0.0",
                "169.254.169.254",
                "169.254.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.0",
                "192.0.0.192",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.0.0",
                "192.168.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.254",
                "255.255.255.255"
            })
    void other_ipv4_addresses_are_not_in_whatever_form(String address) {
        byte[] four = InetAddress.ofLiteral(address).getAddress();
        String hex = HexFormat.of().formatHex(four);

        assertThat(AddressPolicy.objection(four)).isPresent();
        for (String form : new String[] {
            "00000000000000000000ffff" + hex, // mapped
            "000000000000000000000000" + hex, // compatible
            "0064ff9b0000000000000000" + hex, // NAT64
            "2002" + hex + "00000000000000000001", // 6to4
            "20010000" + hex + "0000000000000000", // Teredo, the server's place
            "200100000000000000000000" + hex
        }) {
            assertThat(AddressPolicy.objection(HexFormat.of().parseHex(form)))
                    .as(form)
                    .isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::",
                "::1",
                "::2",
                "100::1",
                "64:ff9b:1::1",
                "2001::1",
                "2001:10::1",
                "2001:1ff:ffff::",
                "2001:db8::1",
                "3fff::1",
                "3fff:fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fdff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1",
                "ffff::1",
                "4000::1",
                "::ffff:0:127.0.0.1"
            })
    void other_ipv6_addresses_are_not(String address) {
        assertThat(AddressPolicy.objection(InetAddress.ofLiteral(address))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2606:4700::1111"})
    void the_machine_s_own_addresses_are_not_however_public(String address) {
        Set<InetAddress> own = Set.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("2606:4700::1111"));

        assertThat(AddressPolicy.objection(InetAddress.ofLiteral(address), own)).contains("this machine's own");
        assertThat(AddressPolicy.objection(InetAddress.ofLiteral("8.8.4.4"), own))
                .isEmpty();
        assertThat(AddressPolicy.objection(InetAddress.ofLiteral("10.0.0.1"), own))
                .contains("private");
    }

    @Test
    void the_machine_s_own_addresses_are_known() throws Exception {
        List<InetAddress> bound = new ArrayList<>();
        for (NetworkInterface one : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            bound.addAll(Collections.list(one.getInetAddresses()));
        }

        assertThat(UrlPolicy.ownAddresses())
                .contains(InetAddress.ofLiteral("127.0.0.1"))
                .containsAll(bound);
    }
}
