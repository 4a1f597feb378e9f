import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** A WebSocket without a network: keeps what was sent and how it was closed; its backlog is set by the test. */
export interface FakeSocket extends EventEmitter {
  readonly sent: (string | Uint8Array)[];
  bufferedAmount: number;
  paused: boolean;
  closed: { code: number | undefined; reason: string | undefined } | undefined;
  readonly readyState: number;
  readonly OPEN: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  pause(): void;
  resume(): void;
  /** What the other side sends. */
  receive(data: string | Uint8Array): void;
  asWebSocket(): WebSocket;
}

export function createFakeSocket(): FakeSocket {
  const socket = Object.assign(new EventEmitter(), {
    sent: [] as (string | Uint8Array)[],
    bufferedAmount: 0,
    paused: false,
    closed: undefined as FakeSocket['closed'],
    readyState: 1,
    OPEN: 1,
    send(data: string | Uint8Array) {
      socket.sent.push(data);
    },
    close(code?: number, reason?: string) {
      if (socket.closed !== undefined) return;
      socket.closed = { code, reason };
      socket.readyState = 3;
      socket.emit('close', code, Buffer.from(reason ?? ''));
    },
    pause() {
      socket.paused = true;
    },
    resume() {
      socket.paused = false;
    },
    receive(data: string | Uint8Array) {
      socket.emit('message', Buffer.from(data), typeof data !== 'string');
    },
    asWebSocket: () => socket as unknown as WebSocket,
  });
  return socket;
}
