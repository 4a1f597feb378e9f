import { createServer, type Server } from 'node:net';
import { listen } from '../listen.ts';
import { RtspConnection } from './rtsp-connection.ts';
import type { RtspMount } from './rtsp-mount.ts';

/**
 * A small RTSP 1.0 server (RFC 2326) as cameras have one: H.264 over TCP interleaved, digest authentication, RTCP sender
 * reports. Whatever a client sends, the others keep their pictures.
 */
export class RtspServer {
  readonly #server: Server;
  readonly #connections = new Set<RtspConnection>();
  readonly #mounts = new Map<string, RtspMount>();

  constructor() {
    this.#server = createServer((socket) => {
      const connection = new RtspConnection(socket, (path) => this.#mounts.get(path));
      this.#connections.add(connection);
      socket.on('close', () => this.#connections.delete(connection));
    });
  }

  mount(mount: RtspMount): void {
    this.#mounts.set(mount.stream.path, mount);
  }

  get mounts(): Iterable<RtspMount> {
    return this.#mounts.values();
  }

  /** @returns the port. @throws SimulatorError ADDRESS_IN_USE */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port, 'RTSP');
  }

  /** Drops every connection to a device's streams, as pulling its plug does. */
  cut(deviceId: string): void {
    for (const connection of this.#connections) if (connection.deviceId === deviceId) connection.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}
