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


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_within(address: str, networks: Sequence[_Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)
