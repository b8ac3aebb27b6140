"""Channels told by a process of its own, which a test can kill: `python -m … DATABASE PORT MOMENT SECRETS` (JSON)."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from notifications.channels import deliver_to_channels
from storage.store import open_store
from tests.outbound.byte_server import policy


def main() -> None:
    database, port, moment, secrets = sys.argv[1:]
    store = open_store(database)
    deliver_to_channels(
        store,
        policy=policy(int(port)),
        owner="teller",
        now=lambda: datetime.fromisoformat(moment),
        read=json.loads(secrets).__getitem__,
    )
    store.close()


if __name__ == "__main__":
    main()
