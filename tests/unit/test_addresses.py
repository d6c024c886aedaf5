"""Where webhooks may go, as a table: all by which this machine or a private network could be meant is refused."""

from ipaddress import ip_address

import pytest

from activities.webhooks.addresses import check_url, permitted
from domain.errors import Malformed

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:2800:220:1:248:1893:25c8:1946"]
REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",  # shared by carriers, RFC 6598
    "127.0.0.1",
    "127.255.255.254",
    "192.0.0.192",
    "168.63.129.16",
    "3fff::1",
    "169.254.169.254",  # where clouds tell a machine its credentials
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "::ffff:127.0.0.1",  # and these by a roundabout name
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "2001:0:5ef5:79fb:0:0:f5ff:fffe",  # Teredo, of 10.0.0.1
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_net_may_be_called(address: str) -> None:
    assert permitted(ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_nothing_else_may(address: str) -> None:
    assert not permitted(ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_development_allows_this_machine_and_no_network(address: str) -> None:
    own = address in ("127.0.0.1", "127.255.255.254", "::1")
    assert permitted(ip_address(address), loopback=True) is own


@pytest.mark.parametrize("url", ["https://hooks.example/x", "https://hooks.example:8443/x?y=z", "https://8.8.8.8/"])
def test_an_address_of_a_webhook(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://user:secret@hooks.example/",
        "https://hooks.example@10.0.0.1/",
        "https://hooks.example/#x",
        "https://hooks.example\\@10.0.0.1/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nx: y",
        "https://hooks.exämple/",
        "https://hooks.example/" + "x" * 2000,
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::1/",
        "",
    ],
)
def test_what_is_none_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        check_url(url)


def test_development_allows_http_and_this_machine_only() -> None:
    check_url("http://127.0.0.1:8000/hook", development=True)
    check_url("http://localhost:8000/hook", development=True)
    for url in ("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "ftp://127.0.0.1/"):
        with pytest.raises(Malformed):
            check_url(url, development=True)
