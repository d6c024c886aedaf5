"""Where webhooks may go: not to this machine, not into private networks, and not by a roundabout name for these.

A subscriber's address is told by a person, and what it resolves to by whoever runs its name server: without this the
engine could be made to ask services that trust it because it stands beside them (server-side request forgery).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from domain.errors import Malformed

__all__ = ["check_url", "permitted"]

Address = IPv4Address | IPv6Address

# IPv6 addresses that hold an IPv4 address, from which bit on; Python itself knows ::ffff:0:0/96, 6to4 and Teredo.
EMBEDDING = (
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("64:ff9b:1::/48"), 0),  # NAT64 of a local network, RFC 8215
    (IPv6Network("::/96"), 0),  # IPv4-compatible, RFC 4291, withdrawn
    (IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated, RFC 2765
)
# What the tables of Python 3.11 take for public and is not: it may grow here, and an address in it twice does no harm.
NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments, RFC 6890; one cloud has its metadata there
    IPv4Network("168.63.129.16/32"),  # the platform of another cloud, reached from its machines alone
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
    IPv6Network("5f00::/16"),  # segment routing, RFC 9602
)
LONGEST = 2000
WORST = 0x20  # below it, and at 0x7f, are control characters


def permitted(address: Address, *, loopback: bool = False) -> bool:
    """Whether the engine may connect to this address; `loopback`: also to this machine, for development only."""
    if loopback and address.is_loopback and getattr(address, "ipv4_mapped", None) is None:
        return True
    return all(_public(each) for each in (address, *_within(address)))


def _public(address: Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    special = any(address in net for net in NOT_PUBLIC)
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local or special)


def _within(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    found += [IPv4Address(int(address) >> shift & 0xFFFFFFFF) for net, shift in EMBEDDING if address in net]
    return [each for each in found if each is not None]


def check_url(url: str, *, development: bool = False) -> None:
    """Refuse as `Malformed` what is no address of a webhook; what its name resolves to is checked with each call.

    `development`: http too, and this machine.
    """
    if len(url) > LONGEST or not url.isascii() or any(ord(each) <= WORST or ord(each) == 0x7F for each in url):
        raise Malformed("The address is plain ASCII without spaces, and at most 2,000 characters long.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Malformed("The address cannot be read.") from None
    if parts.scheme != "https" and not (development and parts.scheme == "http"):
        raise Malformed("The address has to begin with https:// (http:// only in development, docs/webhooks.md).")
    if not host or port == 0 or "@" in parts.netloc or "#" in url or "\\" in url:
        raise Malformed("The address is https://host/path, without a user, a password or a fragment.")
    _check_host(host, loopback=development)


def _check_host(host: str, *, loopback: bool) -> None:
    try:
        literal = ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not permitted(literal, loopback=loopback):
        raise Malformed("The address is of this machine or of a private network, where webhooks do not go.")
