import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLiveRelay } from '../../../../../services/hub/live/live-relay.ts';
import { createFakeSocket } from '../../../../support/fake-socket.ts';

it('asks the edge once for each form of a stream that somebody wants, however many watch', () => {
  const asked: unknown[] = [];
  const relay = createLiveRelay({
    openUplink: (_, action) => {
      asked.push(action({ uplinkUrl: 'ws://hub/uplink', ticket: 'once' }));
      return new Promise<void>(() => undefined);
    },
    logger: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  const source = { estate: 'lanting', agent: 'lanting-edge-1', device: 'camera', stream: 'main' } as const;
  const forms = [undefined, 'any-browser', undefined, 'any-browser', 'any-browser'] as const;
  const viewers = forms.map((form) => {
    const socket = createFakeSocket();
    relay.watch({ ...source, form }, socket);
    return socket;
  });
  const uplink = { uplinkUrl: 'ws://hub/uplink', ticket: 'once' };
  expect(asked).toEqual([
    { name: 'live.start', device: 'camera', stream: 'main', ...uplink },
    { name: 'live.start', device: 'camera', stream: 'main', form: 'any-browser', ...uplink },
  ]);
  relay.stop();
  expect(viewers.every(({ closed }) => closed !== undefined)).toBe(true);
});
