"""mail_sink.py PORT FOLDER: an SMTP server on the loopback that writes each message to FOLDER/N.eml."""

import asyncio
import os
import sys

from aiosmtpd.controller import Controller


class Sink:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count:06}.eml")
        with open(path + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(path + ".part", path)
        return "250 OK"


Controller(Sink(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
asyncio.new_event_loop().run_forever()
