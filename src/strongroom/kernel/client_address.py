"""Where a request comes from, as far as it can be believed."""

import ipaddress
from collections.abc import Sequence

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(peer: str, forwarded_for: str, *, proxies: Sequence[str]) -> str:
    """The IP address of the client.

    ``peer`` is who opened the connection. ``forwarded_for`` (the ``X-Forwarded-For`` header) is believed only where the
    peer is one of our ``proxies`` (networks): then the client is the last hop that is not one of them. Every earlier
    hop is the client's own claim (RL-04).
    """
    networks = [ipaddress.ip_network(network) for network in proxies]
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        if not _is_within(client, networks) or not _is_address(hop.strip()):
            break
        client = hop.strip()
    return client


def household(address: str) -> str:
    """What an IP address is counted as: itself, or its IPv6 /64, which one household has (RL-05). What is no address stays."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _is_address(text: str) -> bool:
    """Without a zone (RFC 4007 §11), which means nothing elsewhere and may be any text."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_within(address: str, networks: Sequence[_Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)
