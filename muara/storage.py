"""Where attachments and large payloads lie: in a folder of the home, or on S3."""

from muara.config import Config
from muara.ground import Ground
from muara.home import Home
from runtime.objects.folder import FolderObjects
from runtime.objects.protocol import Objects
from runtime.objects.s3 import S3Objects
from runtime.sealing.protocol import Sealing


def open_objects(home: Home, config: Config, sealing: Sealing) -> Objects:
    """As the configuration says.

    Raises:
        ObjectsUnavailable: the folder cannot be made, or the address or the credentials cannot be used.
    """
    return S3Objects(config.objects, sealing) if config.objects else FolderObjects(home.objects, sealing)


def objects_of(ground: Ground) -> Objects:
    """Those of a home that is open."""
    return S3Objects(ground.config.objects, ground.sealer) if ground.config.objects else ground.objects
