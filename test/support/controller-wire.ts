import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Stands between an edge and a gate's controller, and tells of commands on their way. */
export interface ControllerWire extends AsyncDisposable {
  /** Where the edge finds the controller. */
  addressOf(controller: URL): URL;
}

/** @param told.command a relay is being told; `answered`: the controller has said yes, so the relay has moved */
export async function startControllerWire(told: {
  readonly command?: () => void;
  readonly answered?: () => void;
}): Promise<ControllerWire> {
  let target = new URL('http://127.0.0.1');
  const server = createServer((client) => {
    const controller = connect(Number(target.port), target.hostname);
    client.on('data', (data) => {
      if (data.includes('<SetRelayOutputState')) told.command?.();
    });
    controller.on('data', (data) => {
      if (data.includes('SetRelayOutputStateResponse')) told.answered?.();
    });
    client.pipe(controller).pipe(client);
    for (const socket of [client, controller]) {
      socket.setNoDelay(true);
      socket.on('error', () => {
        client.destroy();
        controller.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    addressOf(controller) {
      target = controller;
      return new URL(controller.pathname, `http://127.0.0.1:${port}`);
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
