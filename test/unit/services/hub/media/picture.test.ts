import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { receivePicture } from '../../../../../services/hub/media/picture.ts';
import { createFakeSocket } from '../../../../support/fake-socket.ts';

const ref = randomUUID();
const available = (bytes: number): string =>
  JSON.stringify({ kind: 'media', ref, status: 'available', mime: 'image/jpeg', bytes });

describe('a picture from an edge', () => {
  it('streams exactly what was announced, and hangs up', async () => {
    const socket = createFakeSocket();
    const promise = receivePicture(socket.asWebSocket(), ref);
    socket.receive(available(6));
    const picture = await promise;
    expect(picture).toMatchObject({ mime: 'image/jpeg', bytes: 6 });
    socket.receive(Buffer.from('abc'));
    socket.receive(Buffer.from('def'));
    expect(String(await buffer(picture.body))).toBe('abcdef');
    expect(socket.closed?.code).toBe(1000);
  });

  it.each([
    ['expired', 'MEDIA_EXPIRED'],
    ['erased', 'MEDIA_ERASED'],
    ['unknown', 'MEDIA_UNKNOWN'],
    ['corrupt', 'MEDIA_CORRUPT'],
  ])('that is %s is %s', async (status, code) => {
    const socket = createFakeSocket();
    const promise = receivePicture(socket.asWebSocket(), ref);
    socket.receive(JSON.stringify({ kind: 'media', ref, status }));
    await expect(promise).rejects.toMatchObject({ code });
    expect(socket.closed).toBeDefined();
  });

  it('of another reference, without a size, or that is none is refused', async () => {
    const foreign = available(3).replace(ref, randomUUID());
    const sizeless = JSON.stringify({ kind: 'media', ref, status: 'available' });
    for (const nonsense of [foreign, sizeless, '{', Buffer.from('jpeg'), available(17 * 1024 * 1024)]) {
      const socket = createFakeSocket();
      const promise = receivePicture(socket.asWebSocket(), ref);
      socket.receive(nonsense);
      await expect(promise).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });
    }
  });

  it('that is longer or shorter than announced breaks off instead of passing for whole', async () => {
    const longer = createFakeSocket();
    const first = receivePicture(longer.asWebSocket(), ref);
    longer.receive(available(2));
    const tooLong = buffer((await first).body);
    longer.receive(Buffer.from('abc'));
    await expect(tooLong).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });

    const shorter = createFakeSocket();
    const second = receivePicture(shorter.asWebSocket(), ref);
    shorter.receive(available(3));
    const tooShort = buffer((await second).body);
    shorter.receive(Buffer.from('ab'));
    shorter.close(1000);
    await expect(tooShort).rejects.toMatchObject({ code: 'AGENT_OFFLINE' });
  });

  it('waits for its reader: memory holds no more than the reader is behind', async () => {
    const socket = createFakeSocket();
    const promise = receivePicture(socket.asWebSocket(), ref);
    socket.receive(available(300_000));
    const { body } = await promise;
    for (let sent = 0; sent < 3; sent += 1) socket.receive(Buffer.alloc(100_000));
    expect(socket.paused).toBe(true);
    expect((await buffer(body)).byteLength).toBe(300_000);
  });
});
