"""How news of each hub come: asked for, or posted by the hub, and to which address."""

from collections.abc import Iterator, Mapping

from dispatcher.hub import Hub
from muara.config import Config
from muara.finding import Finding


def address(config: Config, name: str) -> str:
    """Where a hub posts its changes, for the hub's people."""
    outside = config.connectors.webhook.public_url or f"http://{config.http.host}:{config.http.port}"
    return f"{outside}/hubs/{name}/changes"


def findings(config: Config, hubs: Mapping[str, Hub], *, offers: bool = False) -> Iterator[Finding]:
    """What is to be done about news. `offers`: also what a hub could do that is not asked of it."""
    for name, hub in hubs.items():
        what, secret = f"hub {name} news", hub.profile.model.push_secret
        if hub.pushes:
            asked = "it is asked as well" if hub.polled else "it is not asked"
            words = f"its changes are taken at {address(config, name)} (give that to the hub's people); {asked}"
            if config.connectors.webhook.public_url is None:
                words += "; `connectors.webhook.public_url` names the address outside"
            yield Finding(what, ok=True, words=words)
        elif not hub.polled and (secret or hub.profile.polled):
            remedies = [f'its secret "{secret}"'] if secret else []
            remedies += ["`poll_every`"] if hub.profile.polled else []
            words = f"it is not asked, and nothing is taken from it: set {' or '.join(remedies)}"
            yield Finding(what, ok=False, words=words)
        elif secret and offers:
            words = f'it is asked for changes; it may post them, too, once it has the secret "{secret}"'
            yield Finding(what, ok=True, words=words)
