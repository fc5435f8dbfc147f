import net from 'node:net';
import {tidyAfterEach} from './tidy.ts';

const closers: (() => void)[] = [];
tidyAfterEach(() => {
  for (const close of closers.splice(0)) close();
});

export type SlowLink = {
  /** Where to connect to, on loopback. */
  port: number;
  /** The connection is lost: neither side is told by the other. */
  cut(): void;
};

/** A port that no one listens to. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });

/**
 * A relay to a port of this machine. All that goes through it is late, in both directions, and in order.
 * @param delay in milliseconds, each way
 */
export async function openSlowLink(to: number, delay: number): Promise<SlowLink> {
  const sockets = new Set<net.Socket>();
  const carry = (from: net.Socket, into: net.Socket): void => {
    sockets.add(from);
    from.on('data', (data) => setTimeout(() => into.writable && into.write(data), delay));
    from.on('end', () => setTimeout(() => into.end(), delay));
    from.on('error', () => into.destroy());
    from.on('close', () => sockets.delete(from));
  };
  const server = net.createServer({allowHalfOpen: true}, (client) => {
    const behind = net.connect({port: to, host: '127.0.0.1', allowHalfOpen: true});
    carry(client, behind);
    carry(behind, client);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    cut();
    server.close();
  });
  return {port: (server.address() as net.AddressInfo).port, cut};
}
