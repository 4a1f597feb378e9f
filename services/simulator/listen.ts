import type { AddressInfo, Server } from 'node:net';
import { SimulatorError } from './simulator-error.ts';

/**
 * Binds a server.
 * @param port 0 for any free one
 * @returns the port it got
 * @throws SimulatorError ADDRESS_IN_USE
 */
export function listen(server: Server, host: string, port: number, purpose: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new SimulatorError(
              'ADDRESS_IN_USE',
              `Port ${port} on ${host} (${purpose}) is taken. Stop what uses it, or configure another port; 0 takes any free one.`,
              { cause },
            )
          : cause,
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
