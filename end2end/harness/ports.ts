import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems give to connections going out (from 32768 on Linux, from 49152 elsewhere): nobody gets one of
// these by chance between the look and its use.
const FROM = 10_000;
const TO = 32_000;

/** Ports of the loopback that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FROM, TO);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((tell) => {
    const server = createServer();
    server.once("error", () => tell(false));
    server.listen(port, "127.0.0.1", () => server.close(() => tell(true)));
  });
}
